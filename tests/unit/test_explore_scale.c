/* SPDX-License-Identifier: MIT */
/*
 * Searches shared by processes: what comes out does not depend on how many
 * there are, and losing one is a finding.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/explore/parallel.h"
#include "tests/test.h"
#include "tests/unit/test_explore_toy.h"
#include "tests/unit/test_explore_triangle.h"

static struct sim_parallel result;

/* The whole of it as text. */
static char *share(const struct sim_host *host, const struct sim_explore_options *search,
                   unsigned workers)
{
	const struct sim_parallel_options options = {.search = *search, .workers = workers};
	struct json_object *object;
	char *text;

	assert_true(sim_parallel_run(host, &options, &result, NULL));
	assert_not_null(result.whole);
	object = sim_part_to_json(result.whole);
	text = g_strdup(json_object_to_json_string(object));
	json_object_put(object);
	return text;
}

struct count {
	const char *name;
	enum triangle variant;
	enum sim_strategy strategy;
	uint64_t mask;
	uint64_t executions;
	bool wrong;
};

/* Facts concurrency.md section 2.2. Bounds: their numbers of interleavings for 0 to 4 are less. */
static const struct count counts[] = {
        {"interleavings", TRIANGLE_RAW_1, SIM_STRATEGY_EXHAUSTIVE, SIM_BARE_SYNC, 14323, false},
        {"bounded", TRIANGLE_RAW_1, SIM_STRATEGY_BOUNDED, SIM_BARE_SYNC, 14323, false},
        {"traces-1", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 70, false},
        {"traces-2", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 1694, false},
        {"traces-3", TRIANGLE_RAW_3, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 26009, false},
        {"traces-3-named", TRIANGLE_NAMED_3, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 26009, false},
        {"traces-early", TRIANGLE_EARLY_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS, 86, true},
        {"traces-late", TRIANGLE_LATE_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS, 51, true},
        {"stateful", TRIANGLE_RAW_1, SIM_STRATEGY_STATEFUL, SIM_BARE_SYNC, 5, false},
        {"random", TRIANGLE_RAW_1, SIM_STRATEGY_RANDOM, SIM_BARE_SYNC, 20000, false},
        {"pct-late", TRIANGLE_LATE_1, SIM_STRATEGY_PCT, SIM_BARE_SYNC, 20000, true},
        {"pos-late", TRIANGLE_LATE_1, SIM_STRATEGY_POS, SIM_BARE_SYNC, 20000, true},
        {"urw-early", TRIANGLE_EARLY_1, SIM_STRATEGY_URW, SIM_BARE_ACCESS, 20000, true},
        {"portfolio", TRIANGLE_RAW_1, SIM_STRATEGY_PORTFOLIO, SIM_BARE_SYNC, 20000, false},
        {"portfolio-early", TRIANGLE_EARLY_1, SIM_STRATEGY_PORTFOLIO, SIM_BARE_SYNC, 20000, true},
};

/* The counts that are right for one process are right for some, and so is all the rest. */
TEST_EACH(explore_scale, triangle, counts)
{
	struct triangle_host triangle = {.variant = c->variant, .mask = c->mask};
	struct sim_host host;
	struct sim_explore_options options;
	g_autofree char *first = NULL;

#ifdef __SANITIZE_ADDRESS__
	return; /* there are no instrumented subjects */
#endif
	triangle_host(&triangle, &host);
	sim_explore_defaults(&options, c->strategy);
	options.max_executions = sim_strategy_samples(c->strategy) ? 20000 : 0;
	for (unsigned workers = 1; workers <= 3; workers++) {
		g_autofree char *text = share(&host, &options, workers);

		assert_eq_int((int64_t)result.whole->executions, (int64_t)c->executions);
		assert_eq_int(result.whole->findings->len > 0, c->wrong);
		if (!first)
			first = g_strdup(text);
		assert_str(text, first);
		sim_parallel_clear(&result);
	}
}

/* A limit on executions is met to the unit, and always at the same ones. */
TEST(explore_scale, limit_of_executions)
{
	struct triangle_host triangle = {.variant = TRIANGLE_EARLY_1, .mask = SIM_BARE_SYNC};
	struct sim_host host;
	struct sim_explore_options options;
	static const enum sim_strategy strategies[] = {SIM_STRATEGY_EXHAUSTIVE,
	                                               SIM_STRATEGY_BOUNDED, SIM_STRATEGY_DPOR};

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	triangle_host(&triangle, &host);
	for (unsigned i = 0; i < G_N_ELEMENTS(strategies); i++) {
		g_autofree char *one = NULL;
		g_autofree char *two = NULL;

		sim_explore_defaults(&options, strategies[i]);
		options.max_executions = 33;
		one = share(&host, &options, 1);
		assert_eq_int(result.whole->end, SIM_EXPLORE_LIMIT_EXECUTIONS);
		assert_eq_int((int64_t)result.whole->numbers, 33);
		sim_parallel_clear(&result);
		two = share(&host, &options, 3);
		sim_parallel_clear(&result);
		assert_str(two, one);
	}
}

/* Workers that share states cannot take anything back: some more is no harm, less would be. */
TEST(explore_scale, limit_of_executions_with_shared_states)
{
	struct triangle_host triangle = {.variant = TRIANGLE_RAW_3, .mask = SIM_BARE_SYNC};
	struct sim_host host;
	struct sim_explore_options options;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	triangle_host(&triangle, &host);
	sim_explore_defaults(&options, SIM_STRATEGY_STATEFUL);
	options.max_executions = 3;
	for (unsigned i = 0; i < 30; i++) {
		unsigned workers = 1 + i % 3;

		g_free(share(&host, &options, workers));
		assert_eq_int(result.whole->end, SIM_EXPLORE_LIMIT_EXECUTIONS);
		assert_true(result.whole->executions >= 3);
		assert_true(result.whole->executions <= 3 * workers);
		sim_parallel_clear(&result);
	}
}

/* Splits a search and joins the parts. */
static char *split_and_join(const struct sim_host *host, const struct sim_explore_options *search,
                            unsigned shards)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)sim_part_free);
	g_autoptr(SimPart) whole = NULL;
	struct json_object *object;
	unsigned jobs = 0;
	char *text;

	for (unsigned shard = 1; shard <= shards; shard++) {
		const struct sim_parallel_options options = {
		        .search = *search, .workers = 1, .shard = shard, .shards = shards};

		assert_true(sim_parallel_run(host, &options, &result, NULL));
		for (guint i = 0; i < result.parts->len; i++)
			g_ptr_array_add(parts, g_ptr_array_index(result.parts, i));
		g_ptr_array_set_free_func(result.parts, NULL);
		jobs = result.jobs;
		sim_parallel_clear(&result);
	}
	whole = sim_parallel_join(parts, jobs, search->strategy, SIM_EXPLORE_COMPLETE);
	object = sim_part_to_json(whole);
	text = g_strdup(json_object_to_json_string(object));
	json_object_put(object);
	return text;
}

/* Put together, the shards of a search are the search. */
TEST_EACH(explore_scale, shards, counts)
{
	struct triangle_host triangle = {.variant = c->variant, .mask = c->mask};
	struct sim_host host;
	struct sim_explore_options options;
	g_autofree char *alone = NULL;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	if (c->strategy == SIM_STRATEGY_STATEFUL)
		return; /* is not split */
	triangle_host(&triangle, &host);
	sim_explore_defaults(&options, c->strategy);
	options.max_executions = sim_strategy_samples(c->strategy) ? 20000 : 0;
	alone = share(&host, &options, 1);
	sim_parallel_clear(&result);
	for (unsigned shards = 2; shards <= 3; shards++) {
		g_autofree char *joined = split_and_join(&host, &options, shards);

		assert_str(joined, alone);
	}
}

/* What does not fit into its memory ends, and says so. */
TEST(explore_scale, memory_is_a_limit)
{
	struct triangle_host triangle = {.variant = TRIANGLE_RAW_3, .mask = SIM_BARE_SYNC};
	struct sim_host host;
	struct sim_explore_options options;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	triangle_host(&triangle, &host);
	sim_explore_defaults(&options, SIM_STRATEGY_STATEFUL);
	options.memory = 64 * 1024;
	g_free(share(&host, &options, 2));
	assert_eq_int(result.whole->end, SIM_EXPLORE_LIMIT_MEMORY);
	/* half of it holds 4096 slots of 8 bytes, two for a state; each worker may be one too many
	 */
	assert_true(result.whole->states > 0 && result.whole->states <= 2050);
	sim_parallel_clear(&result);
	options.memory = 0;
	options.max_states = 100;
	g_free(share(&host, &options, 1));
	assert_eq_int(result.whole->end, SIM_EXPLORE_LIMIT_STATES);
	assert_eq_int((int64_t)result.whole->states, 100);
	sim_parallel_clear(&result);
}

/* Programs drawn at random. */
static void name_number(void *user, uint32_t number, struct sim_part_finding *ret_finding)
{
	static char message[] = "wrong";

	(void)user;
	(void)number;
	ret_finding->verdict = SIM_VERDICT_FAIL;
	ret_finding->source = message;
	ret_finding->message = message;
}

static struct sim_explore_system *open_toy(void *user, GBytes **ret_report)
{
	static struct toy_outcomes outcomes;

	(void)ret_report;
	toy_start(user, &outcomes);
	return &((struct toy *)user)->system;
}

static const char *toy_text(void *user, uint32_t number)
{
	static char text[32];

	g_snprintf(text, sizeof text, "%" G_GINT64_MODIFIER "x",
	           ((struct toy *)user)->outcomes->keys[number]);
	return text;
}

static const struct sim_explore_class *toy_class;

/* Some steps find something, wherever they are. */
static void step_and_find(struct sim_explore_system *system, unsigned c)
{
	toy_class->step(system, c);
	if (((struct toy *)system)->state.words[0] % 4 == 1)
		sim_explore_note(system, 0);
}

static struct sim_explore_system *open_finding_toy(void *user, GBytes **ret_report)
{
	static struct sim_explore_class class;
	struct sim_explore_system *system = open_toy(user, ret_report);

	toy_class = system->class;
	class = *toy_class;
	class.step = step_and_find;
	system->class = &class;
	return system;
}

/* A step that many jobs have in common, or that leads to a state given away, is found once. */
TEST(explore_scale, common_steps_count_once)
{
	static struct toy toy;
	static struct sim_explore_result alone;
	const struct sim_host host = {
	        .open = open_finding_toy,
	        .names = {.finding = name_number, .outcome = toy_text, .user = &toy},
	        .user = &toy};
	struct sim_explore_options options;
	unsigned found = 0;

	for (uint64_t seed = 0; seed < 80; seed++) {
		const struct sim_part_finding *finding;
		bool stateful = seed % 2;

		toy_draw(&toy, seed / 2);
		sim_explore_defaults(&options,
		                     stateful ? SIM_STRATEGY_STATEFUL : SIM_STRATEGY_EXHAUSTIVE);
		sim_explore_run(open_finding_toy(&toy, NULL), &options, &alone);
		g_free(share(&host, &options, 2));
		assert_eq_int(result.whole->findings->len, alone.hits[0].count > 0);
		if (alone.hits[0].count) {
			finding = g_ptr_array_index(result.whole->findings, 0);
			assert_eq_u64(finding->count, alone.hits[0].count);
			assert_eq_u64(finding->first, stateful ? 0 : alone.hits[0].first);
			found++;
		}
		sim_parallel_clear(&result);
	}
	assert_true(found > 5);
}

/* Traces of which a prefix was planned are still taken once each. */
TEST(explore_scale, small_programs)
{
	static struct toy toy;
	static struct toy_outcomes outcomes;
	static struct sim_explore_result alone;
	const struct sim_host host = {
	        .open = open_toy,
	        .names = {.finding = name_number, .outcome = toy_text, .user = &toy},
	        .user = &toy};
	static const enum sim_strategy strategies[] = {SIM_STRATEGY_DPOR, SIM_STRATEGY_EXHAUSTIVE,
	                                               SIM_STRATEGY_STATEFUL};
	struct sim_explore_options options;

	for (uint64_t seed = 0; seed < 60; seed++) {
		toy_draw(&toy, seed);
		toy_start(&toy, &outcomes);
		for (unsigned i = 0; i < G_N_ELEMENTS(strategies); i++) {
			sim_explore_defaults(&options, strategies[i]);
			outcomes.count = 0;
			sim_explore_run(&toy.system, &options, &alone);
			g_free(share(&host, &options, 2));
			assert_eq_u64(result.whole->executions, alone.executions);
			assert_eq_u64(result.whole->states, alone.states);
			assert_eq_u64(result.whole->outcomes->len, outcomes.count);
			sim_parallel_clear(&result);
		}
	}
}
