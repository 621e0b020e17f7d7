/* SPDX-License-Identifier: MIT */
#include "emu/shim/link.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emu/shim/link_internal.h"

int shim_link_fail(struct shim_link *link, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(link->error, sizeof link->error, format, arguments);
	va_end(arguments);
	return -1;
}

int shim_link_fail_errno(struct shim_link *link, int number, const char *format, ...)
{
	va_list arguments;
	char what[256];

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	link->error_number = number;
	return shim_link_fail(link, "cannot %s: %s", what, strerror(number));
}

void shim_link_init(struct shim_link *link, unsigned timeout)
{
	memset(link, 0, sizeof *link);
	link->timeout = timeout ? timeout : SHIM_ANSWER_TIMEOUT;
	for (unsigned i = 0; i < SHIM_FD_COUNT; i++)
		link->fds[i] = -1;
}

static int make_memory(struct shim_link *link, unsigned index, const char *name, size_t size)
{
	link->fds[index] = memfd_create(name, MFD_CLOEXEC);
	if (link->fds[index] < 0 || ftruncate(link->fds[index], (off_t)size))
		return shim_link_fail_errno(link, errno, "create shared memory '%s'", name);
	return 0;
}

void shim_link_note_path(struct shim_link *link, const char *path)
{
	if (strlen(path) < sizeof link->path)
		memcpy(link->path, path, strlen(path) + 1);
}

static void *map_memory(struct shim_link *link, unsigned index, void *address, size_t size,
                        int flags)
{
	void *memory = mmap(address, size, PROT_READ | PROT_WRITE, MAP_SHARED | flags,
	                    link->fds[index], 0);

	if (memory == MAP_FAILED) {
		shim_link_fail_errno(link, errno, "map shared memory");
		return NULL;
	}
	return memory;
}

/* A run of memfds, each of its own, mapped one after another. */
static uint8_t *make_array(struct shim_link *link, unsigned first, unsigned count, size_t size,
                           const char *name, void *address)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (address ? MAP_FIXED_NOREPLACE : 0);
	uint8_t *array = mmap(address, count * size, PROT_NONE, flags, -1, 0);

	if (array == MAP_FAILED) {
		shim_link_fail_errno(link, errno, "reserve addresses for '%s'", name);
		return NULL;
	}
	for (unsigned i = 0; i < count; i++)
		if (make_memory(link, first + i, name, size) ||
		    !map_memory(link, first + i, array + i * size, size, MAP_FIXED))
			return NULL;
	return array;
}

static int make_arrays(struct shim_link *link, bool fixed)
{
	link->map.slots =
	        make_array(link, SHIM_FD_SLOT, SHIM_MAX_CONTEXTS, SHIM_PAGE, "ffasim-slot", NULL);
	if (!link->map.slots)
		return -1;
	link->map.memory =
	        make_array(link, SHIM_FD_MEMORY, SHIM_MAX_ENDPOINTS, SHIM_ENDPOINT_SIZE,
	                   "ffasim-memory", fixed ? (void *)(uintptr_t)SHIM_MEMORY_BASE : NULL);
	return link->map.memory ? 0 : -1;
}

int shim_link_make_memory(struct shim_link *link, bool fixed)
{
	struct shim_control *control;

	if (make_memory(link, SHIM_FD_CONTROL, "ffasim-control", sizeof *control) ||
	    make_memory(link, SHIM_FD_STATE, "ffasim-state", SHIM_STATE_SIZE))
		return -1;
	control = map_memory(link, SHIM_FD_CONTROL, NULL, sizeof *control, 0);
	if (!control)
		return -1;
	link->map.control = control;
	link->map.state =
	        map_memory(link, SHIM_FD_STATE, fixed ? (void *)(uintptr_t)SHIM_STATE_BASE : NULL,
	                   SHIM_STATE_SIZE, fixed ? MAP_FIXED_NOREPLACE : 0);
	if (!link->map.state || make_arrays(link, fixed))
		return -1;
	control->magic = SHIM_MAGIC;
	control->version = SHIM_VERSION;
	control->size = sizeof *control;
	control->slot_size = sizeof(struct shim_slot);
	control->core_size = sizeof(struct shim_core);
	control->events = ~(SHIM_MASK(LOAD) | SHIM_MASK(STORE) | SHIM_MASK(ATOMIC));
	link->state_base = SHIM_STATE_BASE;
	return 0;
}

int shim_link_check_hello(struct shim_link *link)
{
	const struct shim_control *control = link->map.control;

	if (control->peer_version && control->peer_version != SHIM_VERSION)
		return shim_link_fail(
		        link, "the subject speaks version %u of the shim, this is version %u",
		        control->peer_version, SHIM_VERSION);
	if (control->hello == SHIM_HELLO_REFUSED)
		return shim_link_fail(link, "the subject refused: %.*s", SHIM_ERROR_SIZE - 1,
		                      control->error);
	if (control->hello != SHIM_HELLO_READY)
		return shim_link_fail(link, "the subject did not attach");
	if (control->sections.size > SHIM_SECTION_MAX)
		return shim_link_fail(link, "the subject's sections exceed SHIM_SECTION_MAX");
	link->sections_size = control->sections.size;
	return 0;
}

/* Code of the subject begins, or has ended. */
static void count_entry(const struct shim_link *link)
{
	if (link->entries)
		__atomic_store_n(link->entries, *link->entries + 1, __ATOMIC_RELAXED);
}

/* Its constructors run. */
static int load_library(struct shim_link *link, const char *path)
{
	errno = 0;
	count_entry(link);
	link->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	count_entry(link);
	if (link->library)
		return 0;
	link->error_number = errno;
	return shim_link_fail(link, "cannot load: %s", dlerror());
}

static int attach_library(struct shim_link *link, const char *path)
{
	if (load_library(link, path))
		return -1;
	link->subject = dlsym(link->library, SHIM_SUBJECT_SYMBOL);
	if (!link->subject)
		return shim_link_fail(link, "'%s' is not a subject: it exports no '%s'", path,
		                      SHIM_SUBJECT_SYMBOL);
	if (link->subject->version != SHIM_VERSION)
		return shim_link_fail(
		        link, "the subject speaks version %u of the shim, this is version %u",
		        link->subject->version, SHIM_VERSION);
	if (link->subject->size != sizeof *link->subject)
		return shim_link_fail(link,
		                      "the subject was built with another layout of the shim");
	count_entry(link);
	link->subject->attach(&link->map);
	count_entry(link);
	return 0;
}

int shim_link_open_inline(struct shim_link *link, const char *path)
{
	shim_link_note_path(link, path);
	if (shim_link_make_memory(link, true))
		return -1;
	if (link->map.state != (void *)(uintptr_t)SHIM_STATE_BASE)
		return shim_link_fail(link, "the address of the state is taken");
	if (attach_library(link, path) || shim_link_check_hello(link))
		return -1;
	link->sections = (uint8_t *)(uintptr_t)link->map.control->sections.address;
	return 0;
}

/* Hands out what is in the ring; answers how many events there were. */
static uint32_t drain(struct shim_link *link)
{
	struct shim_control *control = link->map.control;
	uint32_t pending = control->head - control->tail, count;

	/* a subject that scribbles on the ring must not make us read beyond it */
	if (pending > SHIM_RING_EVENTS)
		pending = SHIM_RING_EVENTS;
	count = pending;
	for (; pending; pending--, control->tail++)
		if (link->on_event)
			link->on_event(link->user,
			               &control->ring[control->tail % SHIM_RING_EVENTS]);
	return count;
}

/* The context is left where it is: it would go on for ever. */
static void end_runaway(struct shim_link *link, struct shim_slot *slot)
{
	slot->state = SHIM_SLOT_CRASHED;
	slot->fault = SHIM_FAULT_RUNAWAY;
	link->map.control->crash.context = 0;
	snprintf(link->map.control->error, SHIM_ERROR_SIZE,
	         "more than SHIM_MAX_EVENTS (%u) events without a stop", SHIM_MAX_EVENTS);
}

int shim_link_resume(struct shim_link *link, uint32_t context, uint64_t mask)
{
	struct shim_slot *slot = shim_slot(&link->map, context);
	uint32_t events = 0;

	link->map.control->mask = mask;
	do {
		count_entry(link);
		if (link->subject)
			link->subject->resume(context);
		count_entry(link);
		if (!link->subject && shim_link_hand_over(link, context))
			return -1;
		events += drain(link);
	} while (slot->state == SHIM_SLOT_DRAIN && events <= SHIM_MAX_EVENTS);
	if (slot->state == SHIM_SLOT_DRAIN)
		end_runaway(link, slot);
	return 0;
}

static void unmap(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}

void shim_link_close(struct shim_link *link)
{
	shim_link_end_process(link);
	count_entry(link);
	if (link->library)
		dlclose(link->library);
	count_entry(link);
	unmap(link->map.control, sizeof *link->map.control);
	unmap(link->map.slots, (size_t)SHIM_MAX_CONTEXTS * SHIM_PAGE);
	unmap(link->map.state, SHIM_STATE_SIZE);
	unmap(link->map.memory, SHIM_MEMORY_SIZE);
	for (unsigned i = 0; i < SHIM_FD_COUNT; i++)
		if (link->fds[i] >= 0)
			close(link->fds[i]);
	shim_link_init(link, link->timeout);
}
