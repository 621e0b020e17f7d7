/* SPDX-License-Identifier: MIT */
/* The shim: its layout, the handshake, hand-over and the event ring, over every transport. */
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/shim/link_internal.h"
#include "tests/subjects/bare.h"
#include "tests/unit/test_emu.h"

static const struct emu_transport transports[] = EMU_TRANSPORTS;

/* Layout. A peer built from other numbers would agree on the version and not on the memory. */

TEST(shim_layout, sizes_are_those_of_this_version)
{
	assert_eq_u64(SHIM_VERSION, 5);
	assert_eq_u64(SHIM_MAGIC, 0x4d49485341464646);
	assert_eq_u64(sizeof(struct shim_slot), 280);
	assert_eq_u64(sizeof(struct shim_event), 32);
	assert_eq_u64(sizeof(struct shim_crash), 120);
	assert_eq_u64(sizeof(struct shim_object), 16);
	assert_eq_u64(offsetof(struct shim_core, objects), 144);
	assert_eq_u64(sizeof(struct shim_core), 144 + 96 * 16);
	assert_eq_u64(offsetof(struct shim_control, ring) + 2048 * 32, sizeof(struct shim_control));
}

TEST(shim_layout, areas_do_not_overlap)
{
	assert_true(sizeof(struct shim_core) <= SHIM_HEAP_OFFSET);
	assert_eq_u64(SHIM_STACK_OFFSET % SHIM_PAGE, 0);
	assert_eq_u64(SHIM_SECTION_OFFSET % SHIM_PAGE, 0);
	assert_eq_u64(SHIM_SECTION_OFFSET, 0x4000 + 0x20000 + 24 * 0x10000);
	assert_true(SHIM_STATE_BASE + SHIM_STATE_SIZE <= SHIM_MEMORY_BASE);
	assert_eq_u64(SHIM_MEMORY_SIZE, 14 * 16 * 4096);
	assert_eq_u64(SHIM_FD_COUNT, 2 + 24 + 14);
}

TEST(shim_layout, masks_hold_each_other)
{
	assert_eq_u64(SHIM_MASK_CALL & ~SHIM_MASK_SYNC, 0);
	assert_eq_u64(SHIM_MASK_SYNC & ~SHIM_MASK_ACCESS, 0);
	assert_eq_u64(SHIM_MASK_ACCESS & ~SHIM_MASK_SYNC, SHIM_MASK(LOAD) | SHIM_MASK(STORE));
}

/* Handshake: a subject that finds something else in the control memory refuses, with a text. */

struct hello_case {
	const char *name;
	size_t offset;
	size_t size;
	const char *text;
};

#define FIELD(member) \
	offsetof(struct shim_control, member), sizeof(((struct shim_control *)0)->member)

static const struct hello_case hello_cases[] = {
        {"magic", FIELD(magic), "another magic number"},
        {"version", FIELD(version), "another version of the shim"},
        {"size", FIELD(size), "another layout of the shim"},
        {"slot size", FIELD(slot_size), "another layout of the shim"},
        {"core size", FIELD(core_size), "another layout of the shim"},
};

TEST_EACH(shim_hello, subject_refuses, hello_cases)
{
	g_autofree char *path = emu_path("inline", "tests/subjects", "bare-plain");
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct shim_subject *subject = library ? dlsym(library, SHIM_SUBJECT_SYMBOL) : NULL;
	struct shim_link link;

	assert_not_null(subject);
	shim_link_init(&link, 0);
	assert_eq_int(shim_link_make_memory(&link, true), 0);
	((uint8_t *)link.map.control)[c->offset] ^= 1;
	assert_eq_int(subject->attach(&link.map), -1);
	assert_eq_u64(link.map.control->hello, SHIM_HELLO_REFUSED);
	assert_contains(link.map.control->error, c->text);
	assert_eq_int(shim_link_check_hello(&link), -1);
	assert_contains(link.error, "the subject refused");
	assert_contains(link.error, c->text);
}

TEST_EACH(shim_hello, says_who_it_is, transports)
{
	struct shim_link link;

	emu_open_link(&link, c->name, "tests/subjects", "bare-plain");
	assert_eq_u64(link.map.control->hello, SHIM_HELLO_READY);
	assert_eq_u64(link.map.control->peer_version, SHIM_VERSION);
	assert_str(link.map.control->subject, "bare");
	assert_str(link.map.control->build, "plain");
	assert_true(link.sections_size > 0 && link.sections_size <= SHIM_SECTION_MAX);
	shim_link_close(&link);
}

TEST_EACH(shim_hello, another_version_is_told, transports)
{
	g_autofree char *path = emu_path(c->name, "tests/subjects", "broken-other");
	const char *const argv[] = {"qemu-aarch64", path, NULL};
	bool emulated = strcmp(c->name, "aarch64") == 0;
	struct shim_link link;

	if (emulated && access(path, F_OK) != 0)
		return;
	shim_link_init(&link, 0);
	if (strcmp(c->name, "inline") == 0)
		assert_eq_int(shim_link_open_inline(&link, path), -1);
	else
		assert_eq_int(shim_link_open_process(&link, emulated ? argv : argv + 1), -1);
	assert_contains(link.error, "the subject speaks version 99 of the shim, this is version ");
	shim_link_close(&link);
}

/* Opening what is not a subject. */

TEST(shim_open, one_inline_subject_at_a_time)
{
	g_autofree char *path = emu_path("inline", "tests/subjects", "bare-plain");
	struct shim_link first, second;

	emu_open_link(&first, "inline", "tests/subjects", "bare-plain");
	shim_link_init(&second, 0);
	assert_eq_int(shim_link_open_inline(&second, path), -1);
	assert_contains(second.error, "cannot map shared memory");
	shim_link_close(&second);
	shim_link_close(&first);
	emu_open_link(&second, "inline", "tests/subjects", "bare-plain");
	shim_link_close(&second);
}

TEST(shim_open, processes_beside_each_other)
{
	struct shim_link first, second;

	emu_open_link(&first, "process", "tests/subjects", "bare-plain");
	emu_open_link(&second, "process", "tests/subjects", "bare-plain");
	assert_true(first.pid > 0 && second.pid > 0 && first.pid != second.pid);
	shim_link_close(&first);
	shim_link_close(&second);
	assert_eq_int(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void burn(unsigned milliseconds)
{
	clock_t end = clock() + (clock_t)milliseconds * CLOCKS_PER_SEC / 1000;

	while (clock() < end)
		;
}

/* The SDK's timer and handlers must not outlive the code they point to. */
TEST(shim_open, a_closed_subject_leaves_no_handler)
{
	struct sigaction before, after;
	struct shim_link link;

	sigaction(SIGSEGV, NULL, &before);
	emu_open_link(&link, "inline", "tests/subjects", "bare-plain");
	shim_link_close(&link);
	sigaction(SIGSEGV, NULL, &after);
	assert_ptr(after.sa_sigaction, before.sa_sigaction);
	burn(600); /* two ticks of the watchdog */
}

TEST(shim_open, closing_twice_is_nothing)
{
	struct shim_link link;

	shim_link_init(&link, 3);
	shim_link_close(&link);
	shim_link_close(&link);
	assert_eq_int(link.timeout, 3);
}

/* Hand-over and the ring, below the world: slots by hand. */

static uint32_t next_value;
static unsigned lock_events;
static bool in_order;

static void on_event(void *user, const struct shim_event *event)
{
	(void)user;
	if (event->point == SHIM_POINT_LOG)
		in_order = in_order && event->arg[1] == next_value++;
	if (event->point == SHIM_POINT_LOCKED || event->point == SHIM_POINT_UNLOCKED)
		in_order = in_order && event->point == (lock_events++ % 2 ? SHIM_POINT_UNLOCKED
		                                                          : SHIM_POINT_LOCKED);
}

static void start(struct shim_link *link, uint32_t context, enum shim_entry entry, uint64_t arg)
{
	struct shim_slot *slot = shim_slot(&link->map, context);

	memset(slot, 0, sizeof *slot);
	slot->state = SHIM_SLOT_READY;
	slot->entry = entry;
	slot->entry_arg[0] = arg;
}

static void run(struct shim_link *link, uint32_t context, uint64_t mask)
{
	if (shim_link_resume(link, context, mask))
		fail_test("%s", link->error);
}

static void open_booted(struct shim_link *link, const char *transport)
{
	emu_open_link(link, transport, "tests/subjects", "bare-plain");
	link->on_event = on_event;
	in_order = true;
	start(link, 0, SHIM_ENTRY_BOOT, 0);
	run(link, 0, 0);
	assert_eq_u64(shim_slot(&link->map, 0)->state, SHIM_SLOT_DONE);
}

TEST_EACH(shim_ring, more_events_than_it_holds, transports)
{
	struct shim_link link;

	open_booted(&link, c->name);
	assert_true(BARE_MANY > 2 * SHIM_RING_EVENTS);
	start(&link, 0, SHIM_ENTRY_BARE, BARE_LOG_MANY);
	run(&link, 0, 0);
	assert_eq_u64(shim_slot(&link.map, 0)->state, SHIM_SLOT_DONE);
	assert_eq_u64(next_value, BARE_MANY);
	start(&link, 0, SHIM_ENTRY_BARE, BARE_LOCK_MANY);
	run(&link, 0, 0);
	assert_eq_u64(shim_slot(&link.map, 0)->state, SHIM_SLOT_DONE);
	assert_eq_u64(lock_events, 2 * BARE_MANY);
	assert_true(in_order);
	shim_link_close(&link);
}

/* The ring's position runs over its 32 bits without anything being lost. */
TEST(shim_ring, position_wraps)
{
	struct shim_link link;

	open_booted(&link, "inline");
	link.map.control->head = link.map.control->tail = UINT32_MAX - 100;
	start(&link, 0, SHIM_ENTRY_BARE, BARE_LOG_MANY);
	run(&link, 0, 0);
	assert_eq_u64(next_value, BARE_MANY);
	assert_true(in_order);
	shim_link_close(&link);
}

TEST(shim_ring, a_wild_position_is_not_followed)
{
	struct shim_link link;
	uint32_t tail;

	open_booted(&link, "inline");
	tail = link.map.control->tail;
	link.map.control->head = tail + 3 * SHIM_RING_EVENTS;
	start(&link, 0, SHIM_ENTRY_BARE, BARE_READ);
	run(&link, 0, SHIM_MASK(CALL));
	assert_eq_u64(link.map.control->tail, tail + SHIM_RING_EVENTS);
	shim_link_close(&link);
}

/* Every text arrives with its own event, though there is room for one text only. */
static char texts[64];

static void on_text(void *user, const struct shim_event *event)
{
	struct shim_link *link = user;

	if (event->point == SHIM_POINT_LOG) {
		g_strlcat(texts, link->map.control->log, sizeof texts);
		g_strlcat(texts, " ", sizeof texts);
	}
}

TEST_EACH(shim_ring, every_log_line_has_its_text, transports)
{
	struct shim_link link;

	open_booted(&link, c->name);
	link.on_event = on_text;
	link.user = &link;
	start(&link, 0, SHIM_ENTRY_BARE, BARE_LOG_TEXTS);
	run(&link, 0, 0);
	assert_str(texts, "one two three ");
	shim_link_close(&link);
}

TEST_EACH(shim_resume, stops_where_the_mask_says, transports)
{
	static const enum shim_point want[] = {SHIM_POINT_CALL, SHIM_POINT_LOCK, SHIM_POINT_WINDOW,
	                                       SHIM_POINT_UNLOCK};
	struct shim_link link;

	open_booted(&link, c->name);
	start(&link, 3, SHIM_ENTRY_BARE, BARE_LOCKED_ADD);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		run(&link, 3, SHIM_MASK_SYNC);
		assert_eq_u64(shim_slot(&link.map, 3)->state, SHIM_SLOT_STOPPED);
		assert_eq_u64(shim_slot(&link.map, 3)->point, want[i]);
	}
	run(&link, 3, SHIM_MASK_SYNC);
	assert_eq_u64(shim_slot(&link.map, 3)->state, SHIM_SLOT_DONE);
	assert_eq_u64(shim_slot(&link.map, 3)->point, SHIM_POINT_RETURN);
	shim_link_close(&link);
}

TEST_EACH(shim_resume, every_context_has_its_stack, transports)
{
	struct shim_link link;

	open_booted(&link, c->name);
	for (uint32_t i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		uint64_t size;

		start(&link, i, SHIM_ENTRY_BARE, BARE_DEEP);
		run(&link, i, SHIM_MASK(WINDOW));
		assert_eq_u64(shim_slot(&link.map, i)->state, SHIM_SLOT_STOPPED);
		shim_link_stack(&link, i, &size);
		assert_true(size > 32 * 1024 && size < SHIM_STACK_SIZE - SHIM_PAGE);
	}
	for (uint32_t i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		next_value = 1; /* what DEEP logs when nobody touched its stack */
		run(&link, i, 0);
		assert_true(in_order);
		assert_eq_u64(next_value, 2);
	}
	shim_link_close(&link);
}

TEST_EACH(shim_resume, an_entry_that_does_not_exist_returns, transports)
{
	struct shim_link link;

	open_booted(&link, c->name);
	start(&link, 0, SHIM_ENTRY_BARE, BARE_COUNT);
	run(&link, 0, 0);
	assert_eq_u64(shim_slot(&link.map, 0)->state, SHIM_SLOT_DONE);
	start(&link, 0, SHIM_ENTRY_VM_CREATE, 1); /* "bare" has no such entry point */
	run(&link, 0, 0);
	assert_eq_u64(shim_slot(&link.map, 0)->state, SHIM_SLOT_DONE);
	shim_link_close(&link);
}
