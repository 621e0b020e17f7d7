/* SPDX-License-Identifier: MIT */
/* Instrumented subjects: which accesses become points, and that the builds mean the same. */
#include <string.h>
#include <unistd.h>

#include "tests/subjects/access.h"
#include "tests/unit/test_emu.h"

enum { MAX_STOPS = 1000 };

struct build_case {
	const char *name;
	const char *subject;
	bool instrumented;
};

static const struct build_case builds[] = {
        {"plain", "access-plain", false}, {"O2", "access-O2", true}, {"O0", "access-O0", true}};

/* What one context announced at the finest granularity. */
static struct {
	unsigned count[SHIM_POINT_COUNT];
	unsigned total;
	struct {
		enum shim_point point;
		uint64_t address, size;
	} accesses[MAX_STOPS];
} seen;

/* A build with a sanitizer has no instrumented subjects. */
static bool open_build(const struct build_case *c)
{
	g_autofree char *path = emu_path("inline", "tests/subjects", c->subject);

	if (c->instrumented && access(path, F_OK) != 0)
		return false;
	emu_open("inline", c->subject, NULL);
	assert_str(emu.link.map.control->build, c->name);
	return true;
}

static bool is_access(uint32_t point)
{
	return point == SHIM_POINT_LOAD || point == SHIM_POINT_STORE || point == SHIM_POINT_ATOMIC;
}

static void watch(uint32_t index)
{
	const struct shim_slot *slot = emu_slot(0);

	memset(&seen, 0, sizeof seen);
	emu_bare(0, index);
	while (emu_run(0, SHIM_MASK_ACCESS) == WORLD_STOP_POINT) {
		seen.count[slot->point]++;
		if (!is_access(slot->point))
			continue;
		assert_true(seen.total < MAX_STOPS);
		seen.accesses[seen.total].point = (enum shim_point)slot->point;
		seen.accesses[seen.total].address = slot->arg[0];
		seen.accesses[seen.total++].size = slot->arg[1];
	}
	assert_eq_u64(slot->state, SHIM_SLOT_DONE);
	world_collect(&emu.world, 0, NULL);
}

static void expect_accesses(const struct build_case *c, unsigned loads, unsigned stores,
                            unsigned atomics)
{
	const struct shim_sections *sections = &emu.link.map.control->sections;

	assert_eq_u64(seen.count[SHIM_POINT_LOAD], c->instrumented ? loads : 0);
	assert_eq_u64(seen.count[SHIM_POINT_STORE], c->instrumented ? stores : 0);
	assert_eq_u64(seen.count[SHIM_POINT_ATOMIC], c->instrumented ? atomics : 0);
	for (unsigned i = 0; i < seen.total; i++)
		assert_true(seen.accesses[i].address >= sections->address &&
		            seen.accesses[i].address + seen.accesses[i].size <=
		                    sections->address + sections->size);
}

TEST_EACH(access, volatile_accesses_are_all_points, builds)
{
	if (!open_build(c))
		return;
	watch(ACCESS_VOLATILE);
	expect_accesses(c, 0, 0, 3 + 2);
	emu_close();
}

TEST_EACH(access, atomics_are_points_and_right, builds)
{
	if (!open_build(c))
		return;
	watch(ACCESS_ATOMICS);
	expect_accesses(c, 0, 0, ACCESS_ATOMIC_COUNT);
	assert_eq_u64(emu_last(), ACCESS_ATOMIC_RESULT);
	emu_close();
}

TEST_EACH(access, plain_accesses_are_points, builds)
{
	if (!open_build(c))
		return;
	watch(ACCESS_PLAIN);
	expect_accesses(c, 1, 1, 0);
	if (c->instrumented) {
		assert_eq_u64(seen.accesses[0].point, SHIM_POINT_LOAD);
		assert_eq_u64(seen.accesses[0].size, 4);
		assert_eq_u64(seen.accesses[1].point, SHIM_POINT_STORE);
		assert_true(seen.accesses[0].address != seen.accesses[1].address);
	}
	emu_close();
}

TEST_EACH(access, the_own_stack_is_left_out, builds)
{
	if (!open_build(c))
		return;
	watch(ACCESS_OWN);
	expect_accesses(c, 0, 0, 0);
	assert_eq_u64(emu_last(), 0 + 1 + 2 + 3);
	emu_close();
}

TEST_EACH(access, copies_are_announced_whole, builds)
{
	if (!open_build(c))
		return;
	watch(ACCESS_COPY);
	expect_accesses(c, 1, 2, 0);
	for (unsigned i = 0; i < seen.total; i++)
		assert_eq_u64(seen.accesses[i].size, ACCESS_COPY_SIZE);
	emu_close();
}

TEST_EACH(access, coarser_masks_pass_over_them, builds)
{
	if (!open_build(c))
		return;
	emu_bare(0, ACCESS_VOLATILE);
	assert_eq_int(emu_run(0, SHIM_MASK_CALL & ~SHIM_MASK(CALL)), WORLD_STOP_DONE);
	world_collect(&emu.world, 0, NULL);
	assert_eq_u64(emu.counts[WORLD_EVENT_ACCESS], 0);
	emu_close();
}

/* Somebody else writes between the two sections: a value kept in a register would be 1 + 1. */
TEST_EACH(access, variables_are_read_anew_under_a_lock, builds)
{
	if (!open_build(c))
		return;
	emu_bare(0, ACCESS_REREAD);
	for (unsigned i = 0; i < 2; i++)
		assert_eq_int(emu_run(0, SHIM_MASK(LOCK)), WORLD_STOP_POINT);
	emu_bare(1, ACCESS_CHANGE);
	emu_finish(1);
	emu_finish(0);
	assert_eq_u64(emu_last(), 1 + 40);
	emu_close();
}

/* The write must have happened when the unlock is announced. */
TEST_EACH(access, variables_are_written_before_the_unlock, builds)
{
	if (!open_build(c))
		return;
	emu_bare(0, ACCESS_CHANGE);
	assert_eq_int(emu_run(0, SHIM_MASK(UNLOCK)), WORLD_STOP_POINT);
	emu_finish(0);
	emu_do(ACCESS_REREAD);
	assert_eq_u64(emu_last(), 40 + 40);
	emu_close();
}

/* At a mask that leaves accesses out nothing is announced: the CPU time tells. */
TEST_EACH(access, an_unseen_spin_is_a_runaway, builds)
{
	if (!c->instrumented || !open_build(c))
		return;
	emu_bare(0, ACCESS_AWAIT);
	assert_eq_int(emu_run(0, SHIM_MASK_CALL & ~SHIM_MASK(CALL)), WORLD_STOP_CRASH);
	assert_eq_u64(emu_slot(0)->fault, SHIM_FAULT_RUNAWAY);
	emu_close();
}

/* Spinning on a flag is a stop at each look: somebody else gets to raise it. */
TEST_EACH(access, a_spinning_context_can_be_left, builds)
{
	if (!c->instrumented || !open_build(c))
		return;
	emu_bare(0, ACCESS_AWAIT);
	for (unsigned i = 0; i < 100; i++)
		assert_eq_int(emu_run(0, SHIM_MASK(ATOMIC)), WORLD_STOP_POINT);
	emu_bare(1, ACCESS_RAISE);
	emu_finish(1);
	emu_finish(0);
	assert_eq_u64(emu_last(), 1);
	emu_close();
}

/* Events of accesses, as the world tells them. */
static struct {
	struct world_event all[MAX_STOPS];
	unsigned count;
} heard;

static void hear(void *user, const struct world_event *event)
{
	(void)user;
	if (event->kind != WORLD_EVENT_ACCESS)
		return;
	assert_true(heard.count < MAX_STOPS);
	heard.all[heard.count++] = *event;
}

static void listen_for_accesses(void)
{
	heard.count = 0;
	emu.world.on_event = hear;
	world_watch_accesses(&emu.world, true);
}

static void expect_event(unsigned i, enum shim_access kind, int order, bool is_write)
{
	const struct world_event *event = &heard.all[i];

	assert_true(i < heard.count);
	assert_eq_u64(event->access.kind, kind);
	assert_eq_u64(event->access.order, (uint64_t)order);
	assert_eq_int((int)event->result, is_write);
	assert_true(event->access.pc != 0);
}

TEST_EACH(access, events_tell_kind_and_order, builds)
{
	static const struct {
		enum shim_access kind;
		int order;
	} expected[] = {
	        {SHIM_ACCESS_STORE, __ATOMIC_SEQ_CST},    {SHIM_ACCESS_LOAD, __ATOMIC_SEQ_CST},
	        {SHIM_ACCESS_ADD, __ATOMIC_SEQ_CST},      {SHIM_ACCESS_SUB, __ATOMIC_SEQ_CST},
	        {SHIM_ACCESS_AND, __ATOMIC_SEQ_CST},      {SHIM_ACCESS_OR, __ATOMIC_SEQ_CST},
	        {SHIM_ACCESS_XOR, __ATOMIC_SEQ_CST},      {SHIM_ACCESS_EXCHANGE, __ATOMIC_SEQ_CST},
	        {SHIM_ACCESS_LOAD, __ATOMIC_SEQ_CST}, /* a comparison that found another value */
	        {SHIM_ACCESS_COMPARE, __ATOMIC_SEQ_CST},  {SHIM_ACCESS_STORE, __ATOMIC_RELEASE},
	        {SHIM_ACCESS_ADD, __ATOMIC_RELAXED},      {SHIM_ACCESS_LOAD, __ATOMIC_ACQUIRE},
	        {SHIM_ACCESS_EXCHANGE, __ATOMIC_SEQ_CST}, {SHIM_ACCESS_STORE, __ATOMIC_SEQ_CST},
	        {SHIM_ACCESS_FENCE, __ATOMIC_SEQ_CST},
	};

	if (!open_build(c))
		return;
	listen_for_accesses();
	assert_eq_int(world_sees_accesses(&emu.world), c->instrumented);
	emu_bare(0, ACCESS_ATOMICS);
	emu_finish(0);
	assert_eq_u64(heard.count, c->instrumented ? G_N_ELEMENTS(expected) : 0);
	for (unsigned i = 0; i < heard.count; i++) {
		expect_event(i, expected[i].kind, expected[i].order,
		             expected[i].kind != SHIM_ACCESS_LOAD &&
		                     expected[i].kind != SHIM_ACCESS_FENCE);
		assert_true(heard.all[i].access.is_atomic && !heard.all[i].access.is_volatile);
	}
	emu_close();
}

TEST_EACH(access, events_tell_plain_from_volatile, builds)
{
	if (!c->instrumented || !open_build(c))
		return;
	listen_for_accesses();
	emu_bare(0, ACCESS_PLAIN);
	emu_finish(0);
	assert_eq_u64(heard.count, 2);
	expect_event(0, SHIM_ACCESS_LOAD, 0, false);
	expect_event(1, SHIM_ACCESS_STORE, 0, true);
	assert_true(!heard.all[0].access.is_atomic && !heard.all[1].access.is_atomic);
	assert_eq_u64(heard.all[0].arg[1], 4);
	assert_true(heard.all[0].access.pc != heard.all[1].access.pc);
	emu_bare(0, ACCESS_VOLATILE);
	emu_finish(0);
	assert_eq_u64(heard.count, 2 + 3 + 2);
	expect_event(2, SHIM_ACCESS_LOAD, __ATOMIC_RELAXED, false);
	expect_event(5, SHIM_ACCESS_STORE, __ATOMIC_RELAXED, true);
	assert_true(heard.all[2].access.is_atomic && heard.all[2].access.is_volatile);
	emu_close();
}

/* Somebody else may run between the stop and the access: what is told is what happened. */
TEST_EACH(access, events_come_behind_the_stop, builds)
{
	if (!c->instrumented || !open_build(c))
		return;
	listen_for_accesses();
	emu_bare(0, ACCESS_ATOMICS);
	assert_eq_int(emu_run(0, SHIM_MASK(ATOMIC)), WORLD_STOP_POINT);
	emu_bare(1, ACCESS_PLAIN);
	emu_finish(1);
	assert_eq_u64(heard.count, 2);
	assert_eq_u64(heard.all[0].context, 1);
	assert_eq_int(emu_run(0, SHIM_MASK(ATOMIC)), WORLD_STOP_POINT);
	assert_eq_u64(heard.count, 3);
	assert_eq_u64(heard.all[2].context, 0);
	world_watch_accesses(&emu.world, false);
	emu_finish(0);
	assert_eq_u64(heard.count, 3);
	emu_close();
}
