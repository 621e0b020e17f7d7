/* SPDX-License-Identifier: MIT */
/*
 * A scenario to be searched in this process, as one search from its first state: no plan of jobs
 * that goes through the first steps by itself.
 */
#ifndef TESTS_UNIT_TEST_EXPLORE_LAB_H
#define TESTS_UNIT_TEST_EXPLORE_LAB_H

#include "sim/explore/explore.h"
#include "sim/explore/scenario.h"
#include "sim/subject.h"

struct explore_lab {
	struct sim_scenario *scenario;
	struct shim_link link;
	struct world world;
	struct sim_run run;
	struct sim_oracle_levels levels;
	struct sim_report *report;
	struct sim_explored_run *explored;
	struct sim_explore_result result;
};

/* subject: a path, or NULL for the mediator that the scenario names. Fails the test if anything
 * does. */
struct explore_lab *explore_lab_open(const char *text, const char *subject, const char *build,
                                     enum sim_granularity granularity,
                                     const struct sim_oracle_levels *levels);
void explore_lab_close(struct explore_lab *lab);

/* One search; the result is in the lab. Answers whether it came to its end. */
bool explore_lab_search(struct explore_lab *lab, const struct sim_explore_options *options);

/* The outcomes and findings of the last search without their counts, sorted, a line each. */
char *explore_lab_told(const struct explore_lab *lab);

#endif
