/* SPDX-License-Identifier: MIT */
/*
 * Orders of locks over all executions of a search. Two executions that each work
 * may show together that a third deadlocks, and they may lie in different
 * processes, shards or lives of a search. So every part of it has the orders that
 * were met in it, each with the execution that came first, and the whole is judged
 * when it is put together: the findings depend on the parts alone.
 *
 * An order of the set-up is in every part; it has no steps.
 */
#ifndef SIM_EXPLORE_ORDERS_H
#define SIM_EXPLORE_ORDERS_H

#include "sim/explore/part.h"
#include "sim/explore/path.h"
#include "sim/run.h"

/* What one process has met of a job. */
struct sim_orders_met;

/* The run's oracle hands orders out from here on; *learnt is set when there is a new one. */
struct sim_orders_met *sim_orders_met_new(struct sim_run *run, bool *learnt);
void sim_orders_met_free(struct sim_orders_met *met); /* accepts NULL */

/* The new ones were met behind these steps, in the execution with this number. */
void sim_orders_met_keep(struct sim_orders_met *met, const uint8_t *steps, uint32_t length,
                         uint64_t number);

/* Another job begins. */
void sim_orders_met_forget(struct sim_orders_met *met);

/* Those of the set-up, and what was kept since. */
void sim_orders_met_tell(const struct sim_orders_met *met, struct sim_part *part);

/*
 * Locks in no order, in each other's order, and in an interrupt and elsewhere become findings of
 * the whole, unless it has them by then.
 */
void sim_orders_judge(struct sim_part *whole);

/* The orders that a finding rests on, a line each; NULL if it is no such finding. Caller frees. */
char *sim_orders_detail(const struct sim_part_finding *finding, const struct sim_path_head *head);

#endif
