/* SPDX-License-Identifier: MIT */
/* The program of a process subject: maps the shim it inherited, then serves resumes until told to
 * exit. */
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "emu/subject/internal.h"
#include "emu/subject/sanitize.h"

enum { EXIT_USAGE = 2, EXIT_REFUSED = 5 };

static void wait_for(uint32_t *word)
{
	while (!__atomic_exchange_n(word, 0, __ATOMIC_ACQ_REL))
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void post(uint32_t *word)
{
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *map_fd(void *address, size_t size, int fd, int flags)
{
	void *memory = mmap(address, size, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static uint8_t *map_array(void *address, const int *fds, unsigned count, size_t size)
{
	uint8_t *array = mmap(address, count * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (array == MAP_FAILED || (address && array != address))
		return NULL;
	for (unsigned i = 0; i < count; i++)
		if (!map_fd(array + i * size, size, fds[i], MAP_FIXED))
			return NULL;
	return array;
}

/* qemu-user ignores MAP_FIXED_NOREPLACE: addresses are compared instead. */
static int map_all(struct shim_map *map, const int *fds)
{
	map->control = map_fd(NULL, sizeof *map->control, fds[SHIM_FD_CONTROL], 0);
	map->state =
	        map_fd((void *)(uintptr_t)SHIM_STATE_BASE, SHIM_STATE_SIZE, fds[SHIM_FD_STATE], 0);
	map->slots = map_array(NULL, fds + SHIM_FD_SLOT, SHIM_MAX_CONTEXTS, SHIM_PAGE);
	map->memory = map_array((void *)(uintptr_t)SHIM_MEMORY_BASE, fds + SHIM_FD_MEMORY,
	                        SHIM_MAX_ENDPOINTS, SHIM_ENDPOINT_SIZE);
	return map->control && map->state && map->slots && map->memory ? 0 : -1;
}

static int parse_fds(const char *text, int *ret_fds, int count)
{
	for (int i = 0; i < count; i++) {
		char *end;
		long number = strtol(text, &end, 10);

		if (end == text || number < 0 || number > 65535)
			return -1;
		ret_fds[i] = (int)number;
		text = *end == ',' ? end + 1 : end;
	}
	return 0;
}

/* The writable sections move onto the state memfd, so that the brain can copy them too. */
static int share_sections(const struct shim_map *map, int state_fd)
{
	const struct shim_sections *sections = &map->control->sections;
	void *address = (void *)(uintptr_t)sections->address;

	if (sections->size == 0)
		return 0;
	sanitize_copy(map->state + SHIM_SECTION_OFFSET, address, sections->size);
	if (mmap(address, (sections->size + SHIM_PAGE - 1) & ~(size_t)(SHIM_PAGE - 1),
	         PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, state_fd,
	         SHIM_SECTION_OFFSET) != address)
		return -1;
	return 0;
}

static int attach(struct shim_map *map)
{
	const char *text = getenv(SHIM_FDS_VARIABLE);
	int fds[SHIM_FD_COUNT];

	if (!text || parse_fds(text, fds, SHIM_FD_COUNT)) {
		fprintf(stderr, "this program is a subject of ffasim; run it with"
		                " 'ffasim run --subject PROGRAM SCENARIO'\n");
		return EXIT_USAGE;
	}
	errno = 0;
	if (map_all(map, fds))
		return errno == ENOMEM ? SHIM_EXIT_NO_MEMORY : EXIT_REFUSED;
	if (shim_subject.attach(map) || share_sections(map, fds[SHIM_FD_STATE])) {
		post(&map->control->to_brain);
		return EXIT_REFUSED;
	}
	return 0;
}

int main(void)
{
	struct shim_map map = {0};
	int status = attach(&map);

	if (status)
		return status;
	for (;;) {
		post(&map.control->to_brain);
		wait_for(&map.control->to_subject);
		if (map.control->command == SHIM_COMMAND_EXIT)
			return 0;
		shim_subject.resume(map.control->context);
	}
}
