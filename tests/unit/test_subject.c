/* SPDX-License-Identifier: MIT */
/* The subject SDK: bare contexts, locks, heap, crashes, runaways, over every transport. */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "tests/subjects/bare.h"
#include "tests/unit/test_emu.h"

static const struct emu_transport transports[] = EMU_TRANSPORTS;

static uint64_t counter(void)
{
	emu_bare(SHIM_MAX_CONTEXTS - 2, BARE_READ);
	emu_finish(SHIM_MAX_CONTEXTS - 2);
	return emu_last();
}

static void run_to(uint32_t context, enum shim_point point)
{
	assert_eq_int(emu_run(context, 1ull << point), WORLD_STOP_POINT);
	assert_eq_u64(emu_slot(context)->point, point);
}

/* Contexts and locks */

TEST_EACH(sdk_lock, without_one_an_update_is_lost, transports)
{
	emu_open(c->name, "bare-plain", NULL);
	emu_bare(0, BARE_UNLOCKED_ADD);
	run_to(0, SHIM_POINT_WINDOW);
	emu_bare(1, BARE_UNLOCKED_ADD);
	emu_finish(1);
	emu_finish(0);
	assert_eq_u64(counter(), 1);
	emu_close();
}

TEST_EACH(sdk_lock, a_held_lock_blocks_until_it_is_released, transports)
{
	struct world_object object;
	uint32_t holder;

	emu_open(c->name, "bare-plain", NULL);
	emu_bare(4, BARE_LOCKED_ADD);
	run_to(4, SHIM_POINT_WINDOW);
	emu_bare(9, BARE_LOCKED_ADD);
	for (unsigned i = 0; i < 3; i++) { /* to ask again changes nothing */
		assert_eq_int(emu_run(9, 0), WORLD_STOP_BLOCKED);
		assert_false(world_enabled(&emu.world, 9));
	}
	assert_eq_u64(emu.counts[WORLD_EVENT_WAIT], 1);
	assert_true(world_object(&emu.world, 9, &object, &holder));
	assert_str(object.class_name, "a");
	assert_eq_u64(holder, 4 + 1);
	emu_finish(4);
	assert_true(world_enabled(&emu.world, 9));
	emu_finish(9);
	assert_eq_u64(counter(), 2);
	emu_close();
}

TEST_EACH(sdk_lock, a_triangle_is_a_deadlock, transports)
{
	static const char *const wanted[] = {"b", "c", "a"};

	emu_open(c->name, "bare-plain", NULL);
	for (uint32_t i = 0; i < 3; i++) {
		emu_bare(i, BARE_CORNER_AB + i);
		run_to(i, SHIM_POINT_LOCK); /* the first */
		run_to(i, SHIM_POINT_LOCK); /* the second: the first is held now */
	}
	for (uint32_t i = 0; i < 3; i++)
		assert_eq_int(emu_run(i, 0), WORLD_STOP_BLOCKED);
	for (uint32_t i = 0; i < 3; i++) {
		struct world_object object;
		uint32_t holder;

		assert_false(world_enabled(&emu.world, i));
		assert_true(world_object(&emu.world, i, &object, &holder));
		assert_str(object.class_name, wanted[i]);
		assert_eq_u64(object.owner.v, i == 1 ? 7 : 0);
		assert_eq_u64(holder, (i + 1) % 3 + 1);
	}
	emu_close();
}

TEST_EACH(sdk_lock, trylock_answers_at_once, transports)
{
	emu_open(c->name, "bare-plain", NULL);
	emu_do(BARE_TRY_A);
	assert_eq_u64(emu_last(), 1);
	emu_bare(1, BARE_LOCKED_ADD);
	run_to(1, SHIM_POINT_WINDOW);
	emu_do(BARE_TRY_A);
	assert_eq_u64(emu_last(), 0);
	assert_eq_u64(emu.counts[WORLD_EVENT_LOCK_FAILED], 1);
	emu_finish(1);
	emu_do(BARE_TRY_TWICE); /* of its own: no finding, but no second lock */
	assert_eq_u64(emu.values[emu.value_count - 2], 1);
	assert_eq_u64(emu.values[emu.value_count - 1], 0);
	emu_do(BARE_TRY_A);
	assert_eq_u64(emu_last(), 1);
	emu_close();
}

/* Findings: a fault of its kind, and everybody else goes on. */

enum where { ANYWHERE, NOT_ON_AARCH64, ONLY_ON_AARCH64 };

struct fault_case {
	const char *name;
	enum bare_context index;
	enum shim_fault fault;
	int signal;
	const char *text; /* in control.error */
	enum where where;
};

static const struct fault_case fault_cases[] = {
        {"lock taken twice", BARE_RELOCK, SHIM_FAULT_RELOCK},
        {"unlock of a free lock", BARE_UNLOCK_FREE, SHIM_FAULT_UNLOCK},
        {"unlock of another's lock", BARE_UNLOCK_FOREIGN, SHIM_FAULT_UNLOCK},
        {"end of a held lock", BARE_FINI_HELD, SHIM_FAULT_OBJECT, 0, "finished while it was held"},
        {"lock never initialised", BARE_LOCK_ZERO, SHIM_FAULT_OBJECT},
        {"lock that is finished", BARE_LOCK_FINISHED, SHIM_FAULT_OBJECT},
        {"class name too long", BARE_LOCK_LONG_NAME, SHIM_FAULT_LIMIT, 0, "SHIM_CLASS_SIZE"},
        {"too many locks", BARE_LOCK_TOO_MANY, SHIM_FAULT_LIMIT, 0, "SHIM_MAX_OBJECTS"},
        {"work number too high", BARE_DEFER_TOO_HIGH, SHIM_FAULT_LIMIT, 0, "SHIM_MAX_WORK"},
        {"timer number too high", BARE_TIMER_TOO_HIGH, SHIM_FAULT_LIMIT, 0, "SHIM_MAX_WORK"},
        {"double free", BARE_FREE_TWICE, SHIM_FAULT_HEAP},
        {"free inside", BARE_FREE_INSIDE, SHIM_FAULT_HEAP},
        {"free of the stack", BARE_FREE_STACK, SHIM_FAULT_HEAP},
        {"write to null", BARE_WRITE_NULL, SHIM_FAULT_SIGNAL, SIGSEGV},
        {"abort", BARE_ABORT, SHIM_FAULT_SIGNAL, SIGABRT},
        {"division by zero", BARE_DIVIDE, SHIM_FAULT_SIGNAL, SIGFPE, NULL, NOT_ON_AARCH64},
        {"stack overflow", BARE_OVERFLOW, SHIM_FAULT_SIGNAL, SIGSEGV},
        {"jump to nowhere", BARE_JUMP, SHIM_FAULT_SIGNAL, SIGSEGV},
        {"illegal instruction", BARE_ILLEGAL, SHIM_FAULT_SIGNAL, SIGILL},
        {"smc with an immediate", BARE_SMC_5, SHIM_FAULT_INSTRUCTION, SIGILL, NULL,
         ONLY_ON_AARCH64},
        {"hvc", BARE_HVC, SHIM_FAULT_INSTRUCTION, SIGILL, NULL, ONLY_ON_AARCH64},
};

static void expect_fault(const struct fault_case *c)
{
	const struct shim_slot *slot = emu_slot(0);

	if (c->index == BARE_UNLOCK_FOREIGN) {
		emu_bare(1, BARE_LOCKED_ADD);
		run_to(1, SHIM_POINT_WINDOW);
	}
	emu_bare(0, c->index);
	assert_eq_int(emu_run(0, 0), WORLD_STOP_CRASH);
	assert_eq_u64(slot->fault, c->fault);
	if (c->fault == SHIM_FAULT_SIGNAL)
		assert_eq_int(slot->signal, c->signal);
	if (c->text)
		assert_contains(emu.link.map.control->error, c->text);
	assert_eq_u64(counter(), 0); /* the other contexts do not notice */
}

static void expect_fault_over(const char *transport, const struct fault_case *c)
{
	bool aarch64 = strcmp(transport, "aarch64") == 0;

	if (c->where == (aarch64 ? NOT_ON_AARCH64 : ONLY_ON_AARCH64))
		return;
	emu_open(transport, "bare-plain", NULL);
	for (unsigned i = 0; i < 3; i++) {
		expect_fault(c);
		emu_boot_again(NULL);
		emu_do(BARE_LOCKED_ADD);
		assert_eq_u64(counter(), 1);
		emu_boot_again(NULL);
	}
	emu_close();
}

TEST_EACH(sdk_fault, inline, fault_cases)
{
	expect_fault_over("inline", c);
}

TEST_EACH(sdk_fault, process, fault_cases)
{
	expect_fault_over("process", c);
}

TEST_EACH(sdk_fault, aarch64, fault_cases)
{
	expect_fault_over("aarch64", c);
}

TEST_EACH(sdk_fault, tells_where, transports)
{
	const struct shim_slot *slot;
	uint64_t guard = SHIM_STATE_BASE + SHIM_STACK_OFFSET;

	emu_open(c->name, "bare-plain", NULL);
	slot = emu_slot(0);
	emu_bare(0, BARE_WRITE_NULL);
	assert_eq_int(emu_run(0, 0), WORLD_STOP_CRASH);
	assert_eq_u64(slot->address, 0);
	assert_true(slot->pc > 0x1000);
	emu_bare(0, BARE_JUMP);
	assert_eq_int(emu_run(0, 0), WORLD_STOP_CRASH);
	assert_eq_u64(slot->pc, 0x10);
	emu_bare(0, BARE_OVERFLOW);
	assert_eq_int(emu_run(0, 0), WORLD_STOP_CRASH);
	assert_true(slot->address >= guard && slot->address < guard + SHIM_PAGE);
	emu_close();
}

/* Found by the CPU time it takes, or by the points it passes without stopping at one. */
static void expect_runaway(const char *transport, enum bare_context index)
{
	emu_open(transport, "bare-plain", NULL);
	emu_bare(0, index);
	assert_eq_int(emu_run(0, 0), WORLD_STOP_CRASH);
	assert_eq_u64(emu_slot(0)->fault, SHIM_FAULT_RUNAWAY);
	emu_clear();
	emu_boot_again(NULL);
	emu_do(BARE_LOCKED_ADD);
	assert_eq_u64(counter(), 1);
	emu_close();
}

TEST_EACH(sdk_runaway, without_points, transports)
{
	expect_runaway(c->name, BARE_SPIN);
}

TEST_EACH(sdk_runaway, with_points, transports)
{
	expect_runaway(c->name, BARE_SPIN_TRY);
}

/* Many short resumes are no runaway, however long they take together. */
TEST(sdk_runaway, not_for_work_that_stops)
{
	clock_t end;

	emu_open("inline", "bare-plain", NULL);
	end = clock() + 3 * CLOCKS_PER_SEC / 2;
	while (clock() < end) {
		emu_do(BARE_LOCKED_ADD);
		emu_clear();
	}
	emu_close();
}

/* The heap */

static const struct shim_core *core(void)
{
	return shim_core(&emu.link.map);
}

/* As it was before the first allocation, byte for byte. */
static void expect_empty_heap(void)
{
	const uint8_t *heap = emu.link.map.state + SHIM_HEAP_OFFSET;

	assert_eq_u64(core()->alloc_live, 0);
	assert_eq_u64(core()->heap_top, 0);
	for (size_t i = 0; i < sizeof core()->sdk / sizeof core()->sdk[0]; i++)
		assert_eq_u64(core()->sdk[i], 0);
	for (size_t i = 0; i < SHIM_HEAP_SIZE; i++)
		if (heap[i])
			fail_test("byte %zu of the heap is 0x%02x", i, heap[i]);
}

TEST_EACH(sdk_heap, allocations_are_zeroed_and_apart, transports)
{
	emu_open(c->name, "bare-plain", NULL);
	emu_do(BARE_ALLOC_FREE);
	assert_eq_u64(emu_last(), 1);
	expect_empty_heap();
	emu_do(BARE_FREE_NULL);
	assert_eq_u64(emu_last(), 1);
	emu_close();
}

TEST_EACH(sdk_heap, is_canonical_when_empty, transports)
{
	emu_open(c->name, "bare-plain", NULL);
	expect_empty_heap();
	emu_do(BARE_ALLOC_KEEP);
	assert_eq_u64(core()->alloc_live, 1);
	assert_true(core()->heap_top >= 100);
	emu_do(BARE_FREE_KEPT);
	expect_empty_heap();
	emu_close();
}

TEST_EACH(sdk_heap, has_an_end, transports)
{
	emu_open(c->name, "bare-plain", NULL);
	emu_do(BARE_ALLOC_ALL);
	/* 128 KiB in blocks of 4 KiB and a header of 16 bytes */
	assert_eq_u64(emu_last(), 131072 / (4096 + 16));
	expect_empty_heap();
	emu_do(BARE_ALLOC_HUGE);
	assert_eq_u64(emu_last(), 0);
	expect_empty_heap();
	emu_close();
}

TEST_EACH(sdk_heap, an_allocation_can_be_made_to_fail, transports)
{
	emu_open(c->name, "bare-plain", NULL);
	emu_bare(0, BARE_ALLOC_KEEP);
	emu.world.state.contexts[0].fail_alloc = 1;
	emu_finish(0);
	assert_eq_u64(emu_last(), 0);
	expect_empty_heap();
	emu_do(BARE_ALLOC_KEEP);
	assert_eq_u64(emu_last(), 1);
	emu_close();
}
