/* SPDX-License-Identifier: MIT */
/*
 * Searches of small programs drawn at random, given up at some execution and gone on with from the
 * position that they told there: the two halves come to what the whole does.
 */
#include <glib.h>
#include <string.h>

#include "sim/explore/search.h"
#include "tests/test.h"
#include "tests/unit/test_explore_toy.h"

enum { PROGRAMS = 400, STATES = 20000 };

static struct toy toy;
static struct toy_outcomes outcomes;
static struct sim_explore_class failing;
static const struct sim_explore_class *plain;

/* Some steps end their execution, by what their context has read: others may wait then. */
static void failing_step(struct sim_explore_system *system, unsigned c)
{
	plain->step(system, c);
	if (toy.state.registers[c] % 5 != 3)
		return;
	sim_explore_note(system, 0);
	system->failed = true;
	system->enabled = 0;
}

static void failing_load(struct sim_explore_system *system, const uint8_t *bytes)
{
	system->failed = false;
	plain->load(system, bytes);
}

static void begin(uint64_t seed)
{
	toy_draw(&toy, seed);
	toy_start(&toy, &outcomes);
	outcomes.count = 0;
	plain = toy.system.class;
	failing = *plain;
	failing.step = failing_step;
	failing.load = failing_load;
	toy.system.class = &failing;
}

/* Where a search was given up. */
struct half {
	unsigned tellings; /* until then */
	bool told;
	struct sim_position position;
};

static void give_up(struct sim_search *search, bool with_gift)
{
	struct half *half = search->user;

	(void)with_gift;
	if (--half->tellings > 0)
		return;
	half->told = true;
	half->position = *search->position;
	sim_search_end(search, SIM_EXPLORE_INTERRUPTED);
}

/* One search; half: given up, or gone on with if it was told where. */
static void search_part(const struct sim_explore_options *options, struct sim_visited *visited,
                        struct half *half, struct sim_explore_result *ret_result)
{
	g_autofree struct sim_search *search = g_new0(struct sim_search, 1);
	g_autofree struct sim_position *position = g_new0(struct sim_position, 1);
	struct sim_search_memory memory = {0};
	struct sim_search_calls calls = {0};

	search->system = &toy.system;
	search->options = options;
	search->result = ret_result;
	search->memory = &memory;
	search->visited = visited;
	search->calls = &calls;
	if (half && half->told) {
		search->resume = &half->position;
	} else if (half) {
		search->position = position;
		search->tell = give_up;
		search->tell_every = 1;
		search->user = half;
	}
	sim_search_run(search);
	sim_search_forget(&memory);
}

static void assert_sum(const struct sim_explore_result *whole, const struct sim_explore_result *one,
                       const struct sim_explore_result *two)
{
	assert_eq_u64(one->executions + two->executions, whole->executions);
	assert_eq_u64(one->blocked + two->blocked, whole->blocked);
	assert_eq_u64(one->states + two->states, whole->states);
	assert_eq_u64(one->hits[0].count + two->hits[0].count, whole->hits[0].count);
	for (uint32_t i = 0; i < outcomes.count; i++)
		assert_eq_u64(one->outcomes[i] + two->outcomes[i], whole->outcomes[i]);
}

struct resume_case {
	const char *name;
	enum sim_strategy strategy;
};

static const struct resume_case resume_cases[] = {
        {"stateful", SIM_STRATEGY_STATEFUL},
        {"dpor", SIM_STRATEGY_DPOR},
        {"exhaustive", SIM_STRATEGY_EXHAUSTIVE},
};

TEST_EACH(explore_resume, halves_are_the_whole, resume_cases)
{
	static struct sim_explore_result whole, one, two;
	struct sim_explore_options options;
	unsigned halved = 0;

	sim_explore_defaults(&options, c->strategy);
	for (uint64_t seed = 0; seed < PROGRAMS; seed++) {
		struct half half = {.tellings = 1 + (unsigned)(seed % 5)};
		struct sim_visited visited;

		begin(seed);
		sim_explore_run(&toy.system, &options, &whole);
		if (whole.executions > 2000)
			continue;
		assert_true(sim_visited_init(&visited, STATES));
		search_part(&options, &visited, &half, &one);
		if (half.told) {
			search_part(&options, &visited, &half, &two);
			assert_sum(&whole, &one, &two);
			halved++;
		}
		sim_visited_fini(&visited);
	}
	assert_true(halved > PROGRAMS / 4);
}
