/* SPDX-License-Identifier: MIT */
/*
 * How fast searches are: usage: bench_explore SUBJECT. A line for each
 * measurement: name, count, seconds, count per second; the best of three runs.
 * See tools/bench.
 */
#include <glib.h>
#include <stdio.h>

#include "sim/explore/bare.h"
#include "sim/explore/explore.h"
#include "tests/subjects/triangle.h"

enum { RUNS = 3 };

struct measurement {
	const char *name;
	enum triangle variant;
	enum sim_strategy strategy;
	uint64_t executions; /* 0: all */
};

static const struct measurement measurements[] = {
        {"random", TRIANGLE_RAW_1, SIM_STRATEGY_RANDOM, 1000000},
        {"pct", TRIANGLE_RAW_1, SIM_STRATEGY_PCT, 1000000},
        {"pos", TRIANGLE_RAW_1, SIM_STRATEGY_POS, 1000000},
        {"urw", TRIANGLE_RAW_1, SIM_STRATEGY_URW, 1000000},
        {"interleavings", TRIANGLE_RAW_2, SIM_STRATEGY_EXHAUSTIVE, 2000000},
        {"traces", TRIANGLE_RAW_3, SIM_STRATEGY_DPOR, 0},
        {"states", TRIANGLE_RAW_20, SIM_STRATEGY_STATEFUL, 0},
};

static struct sim_explore_result result;

static struct sim_bare *open_variant(struct shim_link *shim, enum triangle variant)
{
	struct sim_bare_options options = {.count = TRIANGLE_CHECK, .mask = SIM_BARE_SYNC};
	uint32_t first = (uint32_t)variant * TRIANGLE_CONTEXTS;
	g_autoptr(GError) error = NULL;
	struct sim_bare *bare;

	for (uint32_t i = 0; i < TRIANGLE_CHECK; i++)
		options.run[i] = first + i;
	options.check = (int)first + TRIANGLE_CHECK;
	bare = sim_bare_new(shim, &options, &error);
	if (!bare)
		fprintf(stderr, "bench_explore: %s\n", error->message);
	return bare;
}

static double seconds_of(struct sim_explore_system *system, const struct measurement *measurement)
{
	struct sim_explore_options options;
	double best = 0;

	sim_explore_defaults(&options, measurement->strategy);
	options.max_executions = measurement->executions;
	for (unsigned i = 0; i < RUNS; i++) {
		gint64 start = g_get_monotonic_time();
		double seconds;

		sim_explore_run(system, &options, &result);
		seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
		if (i == 0 || seconds < best)
			best = seconds;
	}
	return best;
}

static bool measure(const char *path, const struct measurement *measurement)
{
	struct shim_link shim;
	struct sim_bare *bare;
	double seconds;
	uint64_t count;

	shim_link_init(&shim, 0);
	if (shim_link_open_inline(&shim, path)) {
		fprintf(stderr, "bench_explore: %s\n", shim.error);
		return false;
	}
	bare = open_variant(&shim, measurement->variant);
	if (!bare)
		return false;
	seconds = seconds_of(sim_bare_system(bare), measurement);
	count = result.states ? result.states : result.executions;
	printf("%-14s %9" G_GUINT64_FORMAT " %8.3f s %10.0f /s\n", measurement->name, count,
	       seconds, (double)count / seconds);
	sim_bare_free(bare);
	shim_link_close(&shim);
	return true;
}

int main(int count, char **arguments)
{
	if (count != 2) {
		fprintf(stderr, "usage: bench_explore SUBJECT\n");
		return 2;
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(measurements); i++)
		if (!measure(arguments[1], &measurements[i]))
			return 1;
	return 0;
}
