/* SPDX-License-Identifier: MIT */
/*
 * An inline subject goes from context to context by itself (sim_explore_class.run); every other
 * one is stepped. Both must come to the same result, to the byte.
 */
#include <glib.h>
#include <string.h>

#include "sim/explore/bare.h"
#include "sim/explore/explore.h"
#include "tests/subjects/bare.h"
#include "tests/subjects/triangle.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"
#include "tests/unit/test_explore_toy.h"

enum { SEEDS = 4, EXECUTIONS = 1000, STEPS = 20, REMAINS = 4096 };

static struct shim_link shim;
static struct sim_bare *bare;
static struct sim_explore_result run_result, step_result;

struct program {
	const char *name;
	const char *subject;
	unsigned count;
	uint32_t run[SIM_BARE_CONTEXTS];
	int check;
	uint64_t mask;
	uint32_t max_depth;
	int until_finding;
	int finding; /* that must be among the results; -1: none is */
};

#define VARIANT(variant)                                      \
	TRIANGLE_CHECK,                                       \
	        {TRIANGLE_##variant * TRIANGLE_CONTEXTS,      \
	         TRIANGLE_##variant * TRIANGLE_CONTEXTS + 1,  \
	         TRIANGLE_##variant * TRIANGLE_CONTEXTS + 2}, \
	        TRIANGLE_##variant *TRIANGLE_CONTEXTS + TRIANGLE_CHECK

static const struct program programs[] = {
        {"raw", "triangle-O2", VARIANT(RAW_2), SIM_BARE_SYNC, 0, -1, -1},
        {"raw-access", "triangle-O0", VARIANT(RAW_1), SIM_BARE_ACCESS, 0, -1, -1},
        {"compare", "triangle-O2", VARIANT(COMPARE_1), SIM_BARE_SYNC, 0, -1, -1},
        {"named", "triangle-O2", VARIANT(NAMED_3), SIM_BARE_SYNC, 0, -1, -1},
        {"defect", "triangle-O2", VARIANT(LATE_1), SIM_BARE_SYNC, 0, -1, TRIANGLE_ASLEEP},
        {"until-finding", "triangle-O2", VARIANT(LATE_1), SIM_BARE_SYNC, 0, TRIANGLE_ASLEEP,
         TRIANGLE_ASLEEP},
        {"cut", "triangle-O2", VARIANT(RAW_3), SIM_BARE_SYNC, 9, -1, -1},
        {"deadlock",
         "bare-plain",
         3,
         {BARE_CORNER_AB, BARE_CORNER_BC, BARE_CORNER_CA},
         -1,
         SIM_BARE_SYNC,
         0,
         -1,
         SIM_BARE_DEADLOCK},
        {"services",
         "bare-plain",
         2,
         {BARE_ALLOC_FREE, BARE_CORNER_AB},
         -1,
         SIM_BARE_SYNC,
         0,
         -1,
         -1},
        {"fault",
         "bare-plain",
         2,
         {BARE_UNLOCK_FOREIGN, BARE_CORNER_AB},
         -1,
         SIM_BARE_SYNC,
         0,
         -1,
         SIM_BARE_CRASH},
        {"one-context", "bare-plain", 1, {BARE_CORNER_AB}, -1, SIM_BARE_SYNC, 0, -1, -1},
};

/* False where there is no such subject, or only one way to run it. */
static bool open_program(const struct program *program)
{
	struct sim_bare_options options = {
	        .count = program->count, .check = program->check, .mask = program->mask};
	g_autoptr(GError) error = NULL;

#ifdef __SANITIZE_ADDRESS__
	return false;
#endif
	emu_open_link(&shim, "inline", "tests/subjects", program->subject);
	memcpy(options.run, program->run, sizeof options.run);
	bare = sim_bare_new(&shim, &options, &error);
	assert_no_error(error);
	return true;
}

static void search_both_ways(const struct program *program, enum sim_strategy strategy,
                             uint64_t seed)
{
	struct sim_explore_system *system = sim_bare_system(bare);
	const struct sim_explore_class *class = system->class;
	struct sim_explore_class stepwise = *class;
	struct sim_explore_options options;

	assert_true(class->run != NULL);
	stepwise.run = NULL;
	sim_explore_defaults(&options, strategy);
	options.seed = seed;
	options.max_executions = EXECUTIONS;
	options.max_depth = program->max_depth;
	options.until_finding = program->until_finding;
	sim_explore_run(system, &options, &run_result);
	system->class = &stepwise;
	sim_explore_run(system, &options, &step_result);
	system->class = class;
}

TEST_EACH(explore_run, comes_to_what_steps_come_to, programs)
{
	if (!open_program(c))
		return;
	for (unsigned strategy = 0; strategy < SIM_STRATEGY_COUNT; strategy++) {
		if (!sim_strategy_samples((enum sim_strategy)strategy))
			continue;
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			search_both_ways(c, (enum sim_strategy)strategy, seed);
			assert_true(toy_same_results(&run_result, &step_result));
		}
		assert_eq_int(run_result.cut > 0, c->max_depth > 0);
		if (c->finding >= 0)
			assert_true(run_result.hits[c->finding].count > 0);
		else
			assert_eq_int(run_result.finding_count, 0);
	}
	sim_bare_free(bare);
	shim_link_close(&shim);
}

static uint32_t steps_to_take;

static uint32_t lowest(void *user)
{
	struct sim_explore_system *system = user;

	if (!system->enabled || steps_to_take == 0)
		return SIM_EXPLORE_NONE;
	steps_to_take--;
	return (uint32_t)__builtin_ctz(system->enabled);
}

static void step_lowest(struct sim_explore_system *system, uint32_t steps)
{
	for (uint32_t i = 0; i < steps && system->enabled; i++)
		system->class->step(system, (unsigned)__builtin_ctz(system->enabled));
}

static void expect_same_next(const struct sim_explore_system *system,
                             const struct sim_explore_system *other)
{
	assert_eq_u64(system->enabled, other->enabled);
	assert_eq_u64(system->unfinished, other->unfinished);
	for (uint32_t left = other->unfinished; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);

		assert_mem(&system->op[c], &other->op[c], sizeof system->op[c]);
	}
}

/* A run may end anywhere; what it leaves is a state like any other, to be stepped and saved. */
TEST(explore_run, stops_in_the_middle)
{
	struct sim_explore_picker picker = {.pick = lowest};
	g_autofree struct sim_explore_system *expected = g_new(struct sim_explore_system, 1);
	g_autofree uint8_t *start = NULL, *middle = NULL;
	struct sim_explore_system *system;

	if (!open_program(&programs[0]))
		return;
	picker.user = system = sim_bare_system(bare);
	start = g_malloc(system->snapshot_max);
	middle = g_malloc(system->snapshot_max);
	system->class->save(system, start);
	for (uint32_t steps = 0; steps < STEPS; steps++) {
		system->class->load(system, start);
		step_lowest(system, steps);
		*expected = *system;
		system->class->load(system, start);
		steps_to_take = steps;
		system->class->run(system, &picker);
		assert_eq_int(steps_to_take, 0);
		expect_same_next(system, expected);
		system->class->save(system, middle);
		step_lowest(system, UINT32_MAX);
		system->class->load(system, middle);
		expect_same_next(system, expected);
		step_lowest(system, UINT32_MAX);
		assert_eq_u64(system->unfinished, 0);
		system->class->judge(system);
		assert_eq_int(system->outcome, TRIANGLE_RIGHT);
	}
	sim_bare_free(bare);
	shim_link_close(&shim);
}

static uint64_t hash_after(struct sim_explore_system *system, uint8_t *bytes, uint32_t steps)
{
	g_autofree uint8_t *start = g_malloc(system->snapshot_max);
	uint64_t hash;

	system->class->save(system, start);
	step_lowest(system, steps);
	hash = system->class->hash(system, bytes, system->class->save(system, bytes));
	system->class->load(system, start);
	return hash;
}

/* What a deep brain would leave where no stack is live. */
static __attribute__((noinline)) uint32_t lowest_and_deep(void *user)
{
	volatile uint8_t remains[REMAINS];

	for (unsigned i = 0; i < REMAINS; i++)
		remains[i] = 0xa5;
	return remains[REMAINS / 2] == 0xa5 ? lowest(user) : SIM_EXPLORE_NONE;
}

/* A run leaves nothing on the stacks that would make other states of those of a later search. */
TEST_EACH(explore_run, leaves_no_remains, programs)
{
	struct sim_explore_picker picker = {.pick = lowest_and_deep};
	struct sim_explore_system *system;
	g_autofree uint8_t *start = NULL, *bytes = NULL;
	uint64_t before[STEPS];

	if (!open_program(c))
		return;
	picker.user = system = sim_bare_system(bare);
	bytes = g_malloc(system->snapshot_max);
	start = g_malloc(system->snapshot_max);
	for (uint32_t steps = 0; steps < STEPS; steps++)
		before[steps] = hash_after(system, bytes, steps);
	system->class->save(system, start);
	steps_to_take = UINT32_MAX;
	system->class->run(system, &picker);
	system->class->load(system, start);
	for (uint32_t steps = 0; steps < STEPS; steps++)
		assert_eq_u64(hash_after(system, bytes, steps), before[steps]);
	sim_bare_free(bare);
	shim_link_close(&shim);
}
