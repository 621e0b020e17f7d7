/* SPDX-License-Identifier: MIT */
/* How the executions of a search that draws them are spread over jobs and shards. */
#include <glib.h>

#include "sim/explore/search.h"
#include "tests/test.h"
#include "tests/unit/test_explore_toy.h"

enum { MOST_SHARDS = 9 };

static struct toy toy;
static struct toy_outcomes outcomes;
static struct sim_explore_result result;

static GArray *plan(enum sim_strategy strategy, uint64_t executions, unsigned shards)
{
	GArray *jobs = g_array_new(FALSE, FALSE, sizeof(struct sim_explore_job));
	g_autofree struct sim_search *search = g_new0(struct sim_search, 1);
	struct sim_search_memory memory = {0};
	struct sim_explore_options options;

	toy_draw(&toy, 1);
	toy_start(&toy, &outcomes);
	sim_explore_defaults(&options, strategy);
	options.max_executions = executions;
	options.shards = shards;
	search->system = &toy.system;
	search->options = &options;
	search->result = &result;
	search->memory = &memory;
	sim_search_plan(search, jobs);
	sim_search_forget(&memory);
	return jobs;
}

/* The jobs follow each other without a gap; what each shard has. */
static void count(const GArray *jobs, uint64_t executions, unsigned shards,
                  uint64_t ret_all[static MOST_SHARDS], uint64_t ret_drawn[static MOST_SHARDS])
{
	uint64_t next = 0;

	for (guint i = 0; i < jobs->len; i++) {
		const struct sim_explore_job *job = &g_array_index(jobs, struct sim_explore_job, i);

		assert_eq_u64(job->first, next);
		assert_true(job->limit > 0);
		assert_true(job->shard < shards);
		next += job->limit;
		ret_all[job->shard] += job->limit;
		ret_drawn[job->shard] += job->end ? 0 : job->limit;
	}
	assert_eq_u64(next, executions);
}

struct plan_case {
	const char *name;
	enum sim_strategy strategy;
};

static const struct plan_case plan_cases[] = {
        {"random", SIM_STRATEGY_RANDOM},
        {"pct", SIM_STRATEGY_PCT},
        {"pos", SIM_STRATEGY_POS},
        {"urw", SIM_STRATEGY_URW},
        {"portfolio", SIM_STRATEGY_PORTFOLIO},
};

/* Each number once; no shard has two more than another, unless it has its part of the opening
 * alone. */
TEST_EACH(explore_plan, is_even, plan_cases)
{
	static const uint64_t executions[] = {
	        1, 2, 5, 100, 511, 512, 513, 999, 1024, 4001, 100000, 1000007, SIM_EXPLORE_TIMED};

	for (unsigned i = 0; i < G_N_ELEMENTS(executions); i++)
		for (unsigned shards = 1; shards <= MOST_SHARDS; shards++) {
			g_autoptr(GArray) jobs = plan(c->strategy, executions[i], shards);
			uint64_t all[MOST_SHARDS] = {0}, drawn[MOST_SHARDS] = {0},
			         least = UINT64_MAX;

			count(jobs, executions[i], shards, all, drawn);
			for (unsigned shard = 0; shard < shards; shard++)
				least = MIN(least, all[shard]);
			for (unsigned shard = 0; shard < shards; shard++)
				assert_true(all[shard] <= least + 1 || drawn[shard] == 0);
			assert_true(jobs->len <= SIM_JOBS + 3 * shards + SIM_PORTFOLIO_BOUNDS);
		}
}

/* A tree's parts are dealt out. */
TEST(explore_plan, of_a_tree)
{
	g_autoptr(GArray) jobs = plan(SIM_STRATEGY_EXHAUSTIVE, 0, 3);

	assert_true(jobs->len > 3);
	for (guint i = 0; i < jobs->len; i++)
		assert_eq_u64(g_array_index(jobs, struct sim_explore_job, i).shard, i % 3);
}
