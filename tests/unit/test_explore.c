/* SPDX-License-Identifier: MIT */
/* The strategies on small programs, compared with a recursion over all interleavings. */
#include <glib.h>
#include <string.h>

#include "sim/explore/explore.h"
#include "sim/explore/hash.h"
#include "sim/explore/random.h"
#include "tests/test.h"
#include "tests/unit/test_explore_toy.h"

enum { PROGRAMS = 400, MAX_EVENTS = TOY_CONTEXTS * TOY_LENGTH };

static struct toy toy;
static struct toy_outcomes outcomes;
static struct sim_explore_result result;

/* What the recursion finds: interleavings, traces by their order of dependent events, outcomes. */
struct reference {
	uint64_t interleavings;
	GHashTable *traces;
	GHashTable *states;
	uint64_t outcomes[SIM_EXPLORE_OUTCOMES];
	struct sim_explore_op ops[MAX_EVENTS];
	unsigned contexts[MAX_EVENTS];
	uint64_t names[MAX_EVENTS]; /* context and number in it */
};

static void add(GHashTable *set, uint64_t value)
{
	g_hash_table_add(set, g_memdup2(&value, sizeof value));
}

static uint64_t ordered(uint64_t first, uint64_t second)
{
	return sim_hash_word(sim_hash_word(SIM_HASH_SEED, first), second);
}

/* Equal for two interleavings if and only if they order all dependent events alike. */
static uint64_t trace_of(const struct reference *reference, unsigned length)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < length; i++)
		for (unsigned j = i + 1; j < length; j++)
			if (reference->contexts[i] == reference->contexts[j] ||
			    sim_explore_dependent(&reference->ops[i], &reference->ops[j]))
				sum += ordered(reference->names[i], reference->names[j]);
	for (unsigned i = 0; i < length; i++)
		sum += ordered(reference->names[i], 0);
	return sum;
}

static void search_all(struct reference *reference, unsigned depth)
{
	struct toy_state before = toy.state;

	add(reference->states, toy_key(&toy));
	if (!toy.system.enabled) {
		toy.system.class->judge(&toy.system);
		reference->outcomes[toy.system.outcome]++;
		reference->interleavings++;
		add(reference->traces, trace_of(reference, depth));
		return;
	}
	for (uint32_t left = toy.system.enabled; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);

		reference->ops[depth] = toy.system.op[c];
		reference->contexts[depth] = c;
		reference->names[depth] = c * 64 + before.at[c] + 1;
		toy.system.class->step(&toy.system, c);
		search_all(reference, depth + 1);
		toy.system.class->load(&toy.system, (const uint8_t *)&before);
	}
}

static struct reference *make_reference(void)
{
	struct reference *reference = g_new0(struct reference, 1);

	reference->traces = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	reference->states = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	search_all(reference, 0);
	return reference;
}

static void free_reference(struct reference *reference)
{
	g_hash_table_unref(reference->traces);
	g_hash_table_unref(reference->states);
	g_free(reference);
}

static void start(uint64_t seed)
{
	memset(&outcomes, 0, sizeof outcomes);
	toy_draw(&toy, seed);
	toy_start(&toy, &outcomes);
}

static void run(enum sim_strategy strategy)
{
	struct sim_explore_options options;

	sim_explore_defaults(&options, strategy);
	sim_explore_run(&toy.system, &options, &result);
}

static void expect_same_outcomes(const struct reference *reference, uint64_t seed)
{
	for (uint32_t i = 0; i < SIM_EXPLORE_OUTCOMES; i++)
		if (!result.outcomes[i] != !reference->outcomes[i])
			fail_test("program %u: outcome %u: %u times, the recursion %u times",
			          (unsigned)seed, i, (unsigned)result.outcomes[i],
			          (unsigned)reference->outcomes[i]);
}

TEST(explore, dpor_takes_each_trace_once)
{
	for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
		struct reference *reference;

		start(seed);
		reference = make_reference();
		run(SIM_STRATEGY_DPOR);
		assert_eq_int(result.end, SIM_EXPLORE_COMPLETE);
		expect_same_outcomes(reference, seed);
		if (result.executions != g_hash_table_size(reference->traces))
			fail_test("program %u: %u executions for %u traces", (unsigned)seed,
			          (unsigned)result.executions,
			          g_hash_table_size(reference->traces));
		free_reference(reference);
	}
}

TEST(explore, stateful_takes_each_state_once)
{
	for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
		struct reference *reference;

		start(seed);
		reference = make_reference();
		run(SIM_STRATEGY_STATEFUL);
		assert_eq_int(result.end, SIM_EXPLORE_COMPLETE);
		expect_same_outcomes(reference, seed);
		assert_eq_u64(result.states, g_hash_table_size(reference->states));
		free_reference(reference);
	}
}

TEST(explore, exhaustive_takes_each_interleaving_once)
{
	for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
		struct reference *reference;

		start(seed);
		reference = make_reference();
		run(SIM_STRATEGY_EXHAUSTIVE);
		assert_eq_u64(result.executions, reference->interleavings);
		assert_mem(result.outcomes, reference->outcomes, sizeof result.outcomes);
		run(SIM_STRATEGY_BOUNDED);
		assert_eq_int(result.end, SIM_EXPLORE_COMPLETE);
		assert_eq_u64(result.executions, reference->interleavings);
		assert_mem(result.outcomes, reference->outcomes, sizeof result.outcomes);
		free_reference(reference);
	}
}

/* After a search the system is where it was, so that searches can follow each other. */
TEST(explore, search_ends_where_it_began)
{
	for (unsigned strategy = 0; strategy < SIM_STRATEGY_COUNT; strategy++) {
		struct sim_explore_options options;
		struct toy_state before;

		start(7);
		before = toy.state;
		sim_explore_defaults(&options, (enum sim_strategy)strategy);
		options.max_executions = 3;
		sim_explore_run(&toy.system, &options, &result);
		assert_mem(&toy.state, &before, sizeof before);
		assert_true(result.executions <= 3);
	}
}

/* Two contexts of n independent steps each: (2n)! / n!^2 interleavings, one trace, (n+1)^2 states.
 */
TEST(explore, independent_steps)
{
	memset(&outcomes, 0, sizeof outcomes);
	memset(&toy, 0, sizeof toy);
	toy.system.count = 2;
	for (unsigned c = 0; c < 2; c++) {
		toy.length[c] = 4;
		for (unsigned i = 0; i < 4; i++)
			toy.program[c][i] = (struct toy_op){TOY_ADD, (uint8_t)c};
	}
	toy_start(&toy, &outcomes);
	run(SIM_STRATEGY_EXHAUSTIVE);
	assert_eq_u64(result.executions, 70);
	assert_eq_int(result.deepest, 8);
	run(SIM_STRATEGY_DPOR);
	assert_eq_u64(result.executions, 1);
	assert_eq_u64(result.blocked, 0);
	run(SIM_STRATEGY_STATEFUL);
	assert_eq_u64(result.states, 25);
	assert_eq_u64(result.executions, 1);
}

/* A lock that is never given back: who takes it first decides, and the other waits for ever. */
TEST(explore, dpor_reverses_what_waits_for_ever)
{
	memset(&outcomes, 0, sizeof outcomes);
	memset(&toy, 0, sizeof toy);
	toy.system.count = 2;
	for (unsigned c = 0; c < 2; c++) {
		toy.length[c] = 1;
		toy.program[c][0] = (struct toy_op){TOY_LOCK, 0};
	}
	toy_start(&toy, &outcomes);
	run(SIM_STRATEGY_DPOR);
	assert_eq_u64(result.executions, 2);
	assert_eq_int(outcomes.count, 2);
}

static void fail_on_rarest(uint64_t seed)
{
	struct reference *reference;
	uint32_t rarest = 0;

	start(seed);
	reference = make_reference();
	for (uint32_t i = 0; i < outcomes.count; i++)
		if (reference->outcomes[i] < reference->outcomes[rarest])
			rarest = i;
	toy.failing = outcomes.keys[rarest];
	free_reference(reference);
}

/* The path that a hit keeps leads to the finding when it is taken again. */
static void expect_path_leads_there(const struct sim_explore_path *path)
{
	for (uint32_t i = 0; i < path->length; i++) {
		assert_true(toy.system.enabled >> path->step[i] & 1);
		toy.system.class->step(&toy.system, path->step[i]);
	}
	assert_eq_u64(toy_key(&toy), toy.failing);
	toy_start(&toy, &outcomes);
}

TEST(explore, every_strategy_keeps_a_path_to_what_it_found)
{
	for (unsigned strategy = 0; strategy < SIM_STRATEGY_COUNT; strategy++) {
		fail_on_rarest(11);
		run((enum sim_strategy)strategy);
		assert_eq_int(result.finding_count, 1);
		assert_true(result.hits[0].count > 0);
		assert_true(result.hits[0].first > 0);
		expect_path_leads_there(&result.hits[0].path);
	}
}

static unsigned switches(const struct sim_explore_path *path)
{
	unsigned count = 0;

	for (uint32_t i = 1; i < path->length; i++)
		count += path->step[i] != path->step[i - 1];
	return count;
}

TEST(explore, shorten_needs_no_more_switches)
{
	static struct sim_explore_path path;

	fail_on_rarest(11);
	run(SIM_STRATEGY_STATEFUL);
	sim_explore_path_copy(&path, &result.hits[0].path);
	assert_true(sim_explore_shorten(&toy.system, 0, 100000, &path));
	assert_true(switches(&path) <= switches(&result.hits[0].path));
	expect_path_leads_there(&path);
	toy.failing = 1;
	assert_false(sim_explore_shorten(&toy.system, 0, 100000, &path));
}

/* Another seed draws other executions: it meets something at another time, or in another way. */
static bool other_draws(const struct sim_explore_result *a, const struct sim_explore_result *b)
{
	bool differ = a->steps != b->steps;

	for (unsigned i = 0; i < SIM_EXPLORE_FINDINGS; i++)
		differ = differ || !toy_same_hits(&a->hits[i], &b->hits[i]);
	for (unsigned i = 0; i < SIM_EXPLORE_OUTCOMES; i++)
		differ = differ || a->outcomes[i] != b->outcomes[i];
	return differ;
}

/* A program with several outcomes: of one with a single outcome, any execution shows all. */
static void fail_on_several(void)
{
	uint64_t seed = 5;

	do
		fail_on_rarest(seed++);
	while (outcomes.count < 2);
}

TEST(explore, same_seed_same_result)
{
	static struct sim_explore_result other;

	for (unsigned strategy = 0; strategy < SIM_STRATEGY_COUNT; strategy++) {
		struct sim_explore_options options;

		fail_on_several();
		sim_explore_defaults(&options, (enum sim_strategy)strategy);
		options.max_executions = 500;
		sim_explore_run(&toy.system, &options, &result);
		sim_explore_run(&toy.system, &options, &other);
		assert_true(toy_same_results(&result, &other));
		if (!sim_strategy_samples((enum sim_strategy)strategy))
			continue;
		options.seed = 2;
		sim_explore_run(&toy.system, &options, &other);
		assert_true(other_draws(&result, &other));
	}
}

TEST(explore, limits_end_a_search_and_say_so)
{
	struct sim_explore_options options;

	start(3);
	sim_explore_defaults(&options, SIM_STRATEGY_STATEFUL);
	options.max_states = 5;
	sim_explore_run(&toy.system, &options, &result);
	assert_eq_int(result.end, SIM_EXPLORE_LIMIT_STATES);
	assert_eq_u64(result.states, 5);
	sim_explore_defaults(&options, SIM_STRATEGY_EXHAUSTIVE);
	options.max_executions = 4;
	sim_explore_run(&toy.system, &options, &result);
	assert_eq_int(result.end, SIM_EXPLORE_LIMIT_EXECUTIONS);
	assert_eq_u64(result.executions, 4);
	options.max_executions = 0;
	options.max_depth = 2;
	sim_explore_run(&toy.system, &options, &result);
	assert_eq_int(result.end, SIM_EXPLORE_LIMIT_DEPTH);
	assert_eq_u64(result.executions, 0);
	assert_true(result.cut > 0);
	sim_explore_defaults(&options, SIM_STRATEGY_BOUNDED);
	options.only_bound = 0;
	sim_explore_run(&toy.system, &options, &result);
	assert_eq_int(result.end, SIM_EXPLORE_LIMIT_BOUND);
	sim_explore_defaults(&options, SIM_STRATEGY_RANDOM);
	options.max_executions = 100;
	sim_explore_run(&toy.system, &options, &result);
	assert_eq_int(result.end, SIM_EXPLORE_SAMPLED);
	assert_eq_u64(result.executions, 100);
}

/* All enabled contexts alike: after n draws no outcome is far from its share. */
TEST(explore, random_draws_evenly)
{
	struct sim_explore_options options;

	memset(&outcomes, 0, sizeof outcomes);
	memset(&toy, 0, sizeof toy);
	toy.system.count = 4;
	for (unsigned c = 0; c < 4; c++) {
		toy.length[c] = 1;
		toy.program[c][0] = (struct toy_op){TOY_STORE, 0};
	}
	toy_start(&toy, &outcomes);
	sim_explore_defaults(&options, SIM_STRATEGY_RANDOM);
	options.max_executions = 40000;
	sim_explore_run(&toy.system, &options, &result);
	assert_eq_int(outcomes.count, 4); /* who stored last */
	for (unsigned i = 0; i < 4; i++)
		assert_true(result.outcomes[i] > 9500 && result.outcomes[i] < 10500);
}

/* First outputs of PCG32 with state 42 and stream 54, as its author's demo program prints them. */
TEST(explore, random_is_pcg32)
{
	static const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
	                                    0x83d2f293, 0xbfa4784b, 0xcbed606e};
	struct sim_random random;

	sim_random_seed(&random, 42, 54);
	for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++)
		assert_eq_u64(sim_random_next(&random), expected[i]);
}

TEST(explore, collision_bound)
{
	/* facts concurrency.md section 3.4: 5e-7 at 4 million states */
	assert_true(sim_explore_collision(4000000) > 4.3e-7 &&
	            sim_explore_collision(4000000) < 4.4e-7);
}
