/* SPDX-License-Identifier: MIT */
/*
 * How fast searches are: usage: bench_explore SUBJECT NAME. Makes the measurement of that name once
 * and prints how many executions or states it took, and seconds. bench_explore.py makes the tables.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "sim/explore/bare.h"
#include "sim/explore/explore.h"
#include "tests/subjects/triangle.h"

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
        {"random-long", TRIANGLE_RAW_18, SIM_STRATEGY_RANDOM, 100000},
        {"pct-long", TRIANGLE_RAW_18, SIM_STRATEGY_PCT, 100000},
        {"pos-long", TRIANGLE_RAW_18, SIM_STRATEGY_POS, 100000},
        {"urw-long", TRIANGLE_RAW_18, SIM_STRATEGY_URW, 100000},
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
	gint64 start;

	sim_explore_defaults(&options, measurement->strategy);
	options.max_executions = measurement->executions;
	start = g_get_monotonic_time();
	sim_explore_run(system, &options, &result);
	return (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

static bool measure(const char *path, const struct measurement *measurement)
{
	struct shim_link shim;
	struct sim_bare *bare;
	double seconds;

	shim_link_init(&shim, 0);
	if (shim_link_open_inline(&shim, path)) {
		fprintf(stderr, "bench_explore: %s\n", shim.error);
		return false;
	}
	bare = open_variant(&shim, measurement->variant);
	if (!bare)
		return false;
	seconds = seconds_of(sim_bare_system(bare), measurement);
	printf("%" G_GUINT64_FORMAT " %.6f\n", result.states ? result.states : result.executions,
	       seconds);
	sim_bare_free(bare);
	shim_link_close(&shim);
	return true;
}

int main(int count, char **arguments)
{
	for (unsigned i = 0; count == 3 && i < G_N_ELEMENTS(measurements); i++)
		if (strcmp(measurements[i].name, arguments[2]) == 0)
			return !measure(arguments[1], &measurements[i]);
	fprintf(stderr, "usage: bench_explore SUBJECT NAME\n");
	return 2;
}
