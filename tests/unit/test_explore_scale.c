/* SPDX-License-Identifier: MIT */
/*
 * Searches shared by processes: what comes out does not depend on how many
 * there are, and losing one is a finding.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/explore/bare.h"
#include "sim/explore/parallel.h"
#include "tests/subjects/triangle.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"
#include "tests/unit/test_explore_toy.h"

/* The triangle as a host. */
struct triangle_host {
	enum triangle variant;
	uint64_t mask;
	struct shim_link link;
	struct sim_bare *bare;
};

static struct sim_explore_system *open_triangle(void *user, GBytes **ret_report)
{
	struct triangle_host *host = user;
	struct sim_bare_options options = {.count = TRIANGLE_CHECK, .mask = host->mask};
	uint32_t first = (uint32_t)host->variant * TRIANGLE_CONTEXTS;

	(void)ret_report;
	emu_open_link(&host->link, "inline", "tests/subjects", "triangle-O2");
	for (uint32_t i = 0; i < TRIANGLE_CHECK; i++)
		options.run[i] = first + i;
	options.check = (int)first + TRIANGLE_CHECK;
	host->bare = sim_bare_new(&host->link, &options, NULL);
	return sim_bare_system(host->bare);
}

static void name_number(void *user, uint32_t number, struct sim_part_finding *ret_finding)
{
	static char message[32];

	(void)user;
	g_snprintf(message, sizeof message, "%u", number);
	ret_finding->verdict = SIM_VERDICT_FAIL;
	ret_finding->source = message;
	ret_finding->message = message;
}

static const char *number_text(void *user, uint32_t number)
{
	static char text[32];

	(void)user;
	g_snprintf(text, sizeof text, "%u", number);
	return text;
}

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
};

/* The counts that are right for one process are right for some, and so is all the rest. */
TEST_EACH(explore_scale, triangle, counts)
{
	struct triangle_host triangle = {.variant = c->variant, .mask = c->mask};
	const struct sim_host host = {.open = open_triangle,
	                              .names = {.finding = name_number, .outcome = number_text},
	                              .user = &triangle};
	struct sim_explore_options options;
	g_autofree char *first = NULL;

#ifdef __SANITIZE_ADDRESS__
	return; /* there are no instrumented subjects */
#endif
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
	const struct sim_host host = {.open = open_triangle,
	                              .names = {.finding = name_number, .outcome = number_text},
	                              .user = &triangle};
	struct sim_explore_options options;
	static const enum sim_strategy strategies[] = {SIM_STRATEGY_EXHAUSTIVE,
	                                               SIM_STRATEGY_BOUNDED, SIM_STRATEGY_DPOR};

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
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

/* Programs drawn at random. */
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
			g_autofree char *text = NULL;

			sim_explore_defaults(&options, strategies[i]);
			outcomes.count = 0;
			sim_explore_run(&toy.system, &options, &alone);
			text = share(&host, &options, 2);
			assert_eq_u64(result.whole->executions, alone.executions);
			assert_eq_u64(result.whole->states, alone.states);
			assert_eq_u64(result.whole->outcomes->len, outcomes.count);
			sim_parallel_clear(&result);
		}
	}
}
