/* SPDX-License-Identifier: MIT */
/*
 * A search shared by processes: its jobs go to workers as these get free, and
 * what they come to is put together in the order of the plan. So the result
 * does not depend on how many workers there are, unless time ended it.
 *
 * A step that ends a worker is a finding with its path; its job begins anew,
 * with that step taken for a failure.
 */
#ifndef SIM_EXPLORE_PARALLEL_H
#define SIM_EXPLORE_PARALLEL_H

#include "sim/explore/crew.h"

struct sim_parallel_options {
	struct sim_explore_options search;
	unsigned workers; /* 0: one */
};

struct sim_parallel {
	struct sim_part *whole; /* NULL: there was nothing to explore */
	GBytes *report;         /* then: what the host says instead, or NULL */
	char *death;            /* or how the process ended in which it should be opened */
	GPtrArray *details;     /* GBytes of the host, one for each finding of whole, or NULL */
};

/* False: no processes can be made. */
bool sim_parallel_run(const struct sim_host *host, const struct sim_parallel_options *options,
                      struct sim_parallel *ret_result, GError **error);
void sim_parallel_clear(struct sim_parallel *result);

#endif
