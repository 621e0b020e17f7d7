/* SPDX-License-Identifier: MIT */
/* Several strategies in one search: who draws what, and what each of them hits. */
#include <glib.h>
#include <string.h>

#include "sim/explore/parallel.h"
#include "tests/test.h"
#include "tests/unit/test_explore_triangle.h"

enum { EXECUTIONS = 20000, FEW = 3000 };

static struct triangle_host triangle;
static struct sim_host host;
static struct sim_parallel result;

static void share(enum triangle variant, const struct sim_explore_options *search, unsigned workers)
{
	const struct sim_parallel_options options = {.search = *search, .workers = workers};
	g_autoptr(GError) error = NULL;

	triangle = (struct triangle_host){.variant = variant, .mask = SIM_BARE_SYNC};
	triangle_host(&triangle, &host);
	sim_parallel_run(&host, &options, &result, &error);
	assert_no_error(error);
	assert_not_null(result.whole);
}

static void share_portfolio(enum triangle variant, uint64_t executions)
{
	struct sim_explore_options options;

	sim_explore_defaults(&options, SIM_STRATEGY_PORTFOLIO);
	options.max_executions = executions;
	share(variant, &options, 2);
}

static uint64_t sum(const uint64_t *by)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < SIM_MEMBER_COUNT; i++)
		all += by[i];
	return all;
}

/*
 * The rule of portfolio.h for 20000 executions: stretches of 512, in which there are 6, 68 and 393
 * interleavings with at most 0, 1, 2 preemptions (facts concurrency.md section 2.2), and all other
 * numbers in turn, 16 for each.
 */
static void expect_turns(const uint64_t *drawn)
{
	static const uint64_t interleavings[] = {6, 68, 393};
	static const enum sim_member order[] = {SIM_MEMBER_RANDOM, SIM_MEMBER_PCT_2,
	                                        SIM_MEMBER_PCT_3, SIM_MEMBER_POS, SIM_MEMBER_URW};
	uint64_t expected[SIM_MEMBER_COUNT] = {0};

	for (uint64_t n = 0; n < EXECUTIONS; n++) {
		if (n / 512 < 3 && n % 512 < interleavings[n / 512])
			expected[SIM_MEMBER_BOUNDED]++;
		else
			expected[order[n / 16 % 5]]++;
	}
	for (unsigned i = 0; i < SIM_MEMBER_COUNT; i++)
		assert_eq_u64(drawn[i], expected[i]);
}

TEST(explore_portfolio, turns)
{
#ifdef __SANITIZE_ADDRESS__
	return; /* there are no instrumented subjects */
#endif
	share_portfolio(TRIANGLE_RAW_1, EXECUTIONS);
	assert_eq_u64(result.whole->executions, EXECUTIONS);
	assert_eq_int(result.whole->end, SIM_EXPLORE_SAMPLED);
	assert_eq_int(result.whole->findings->len, 0);
	expect_turns(result.whole->drawn);
	sim_parallel_clear(&result);
}

/* A search that nobody planned draws the same executions. */
TEST(explore_portfolio, in_one_process)
{
	static struct sim_explore_result alone;
	struct sim_explore_options options;
	const struct sim_part_finding *finding;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	sim_explore_defaults(&options, SIM_STRATEGY_PORTFOLIO);
	options.max_executions = EXECUTIONS;
	share(TRIANGLE_EARLY_1, &options, 1);
	sim_explore_run(host.open(host.user, NULL), &options, &alone);
	assert_eq_int(alone.end, SIM_EXPLORE_SAMPLED);
	assert_eq_u64(alone.executions, EXECUTIONS);
	assert_mem(alone.drawn, result.whole->drawn, sizeof alone.drawn);
	assert_eq_int(result.whole->findings->len, 1);
	finding = g_ptr_array_index(result.whole->findings, 0);
	assert_eq_u64(alone.hits[TRIANGLE_STRAY].count, finding->count);
	assert_eq_u64(alone.hits[TRIANGLE_STRAY].first, finding->first);
	assert_mem(alone.hits[TRIANGLE_STRAY].by, finding->by, sizeof finding->by);
	sim_bare_free(triangle.bare);
	shim_link_close(&triangle.link);
	sim_parallel_clear(&result);
}

struct rate_case {
	const char *name;
	enum triangle variant;
};

static const struct rate_case rate_cases[] = {
        {"early", TRIANGLE_EARLY_1},
        {"late", TRIANGLE_LATE_1},
};

/* What the members are when they are alone. */
static const struct {
	enum sim_member member;
	enum sim_strategy strategy;
	uint32_t pct_depth;
} members[] = {
        {SIM_MEMBER_RANDOM, SIM_STRATEGY_RANDOM, 0}, {SIM_MEMBER_PCT_2, SIM_STRATEGY_PCT, 2},
        {SIM_MEMBER_PCT_3, SIM_STRATEGY_PCT, 3},     {SIM_MEMBER_POS, SIM_STRATEGY_POS, 0},
        {SIM_MEMBER_URW, SIM_STRATEGY_URW, 0},
};

/* Executions with a finding among EXECUTIONS of a strategy alone. */
static uint64_t hits_alone(enum triangle variant, enum sim_strategy strategy, uint32_t pct_depth)
{
	struct sim_explore_options options;
	uint64_t hits = 0;

	sim_explore_defaults(&options, strategy);
	options.pct_depth = pct_depth;
	options.max_executions = EXECUTIONS;
	share(variant, &options, 2);
	assert_eq_u64(result.whole->executions, EXECUTIONS);
	for (guint i = 0; i < result.whole->findings->len; i++)
		hits += ((struct sim_part_finding *)g_ptr_array_index(result.whole->findings, i))
		                ->count;
	sim_parallel_clear(&result);
	return hits;
}

/* Each member hits about as often as its strategy does alone, so each draws as its name says. */
TEST_EACH(explore_portfolio, rates, rate_cases)
{
	uint64_t by[SIM_MEMBER_COUNT] = {0}, drawn[SIM_MEMBER_COUNT];

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	share_portfolio(c->variant, EXECUTIONS);
	for (guint i = 0; i < result.whole->findings->len; i++) {
		const struct sim_part_finding *finding =
		        g_ptr_array_index(result.whole->findings, i);

		assert_eq_u64(sum(finding->by), finding->count);
		for (unsigned m = 0; m < SIM_MEMBER_COUNT; m++)
			by[m] += finding->by[m];
	}
	memcpy(drawn, result.whole->drawn, sizeof drawn);
	sim_parallel_clear(&result);
	assert_eq_u64(sum(drawn), EXECUTIONS);
	for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
		enum sim_member m = members[i].member;
		double expected =
		        (double)hits_alone(c->variant, members[i].strategy, members[i].pct_depth) /
		        EXECUTIONS * (double)drawn[m];

		assert_true((double)by[m] >= 0.75 * expected && (double)by[m] <= 1.25 * expected);
	}
}

/* Executions that are given up at their depth use numbers, too: no more are drawn for them. */
TEST(explore_portfolio, cut)
{
	struct sim_explore_options options;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	sim_explore_defaults(&options, SIM_STRATEGY_PORTFOLIO);
	options.max_executions = EXECUTIONS;
	options.max_depth = 8; /* each takes more steps */
	share(TRIANGLE_EARLY_1, &options, 1);
	assert_true(result.whole->cut > 0);
	assert_eq_u64(result.whole->executions + result.whole->cut, EXECUTIONS);
	assert_eq_u64(sum(result.whole->drawn), EXECUTIONS);
	assert_eq_int(result.whole->end, SIM_EXPLORE_SAMPLED);
	sim_parallel_clear(&result);
}

/* What one of them alone never finds, all of them do, and soon. */
TEST(explore_portfolio, finds_what_one_alone_does_not)
{
	struct sim_explore_options options;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	sim_explore_defaults(&options, SIM_STRATEGY_PCT);
	options.pct_depth = 2;
	options.max_executions = FEW;
	share(TRIANGLE_EARLY_1, &options, 1);
	assert_eq_int(result.whole->findings->len, 0);
	sim_parallel_clear(&result);
	share_portfolio(TRIANGLE_EARLY_1, FEW);
	assert_true(result.whole->findings->len > 0);
	sim_parallel_clear(&result);
	share_portfolio(TRIANGLE_LATE_1, FEW);
	assert_true(result.whole->findings->len > 0);
	sim_parallel_clear(&result);
}
