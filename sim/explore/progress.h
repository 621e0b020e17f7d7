/* SPDX-License-Identifier: MIT */
/* How far a shared search has come, for people who wait. */
#ifndef SIM_EXPLORE_PROGRESS_H
#define SIM_EXPLORE_PROGRESS_H

#include <stdint.h>

struct sim_progress {
	uint64_t executions;
	uint64_t states; /* stateful */
	uint64_t steps;
	uint32_t depth; /* of the deepest path under way */
	uint32_t findings;
	double done;    /* estimated part of the search that is done, 0 to 1; below 0: unknown */
	double seconds; /* since it began */
	int round;      /* bounded; -1: has none */
};

typedef void sim_progress_fn(void *user, const struct sim_progress *progress);

#endif
