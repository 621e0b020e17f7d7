/* SPDX-License-Identifier: MIT */
/*
 * Waiting in a loop, in a scenario: a context stopped at an access waits if it
 * would go round and come back to this very state, nothing else running. That
 * is a property of the state, so it holds for every strategy alike, and it is
 * no matter whether the loop exchanges, compares or only loads. A try that goes
 * on elsewhere, or is counted, never comes back to the same state.
 *
 * Looking ahead costs a copy of the state, so it is done only where a loop was
 * seen to come back: places in the code, learned in warm-up runs and frozen
 * before a search begins. A loop that no warm-up run went round is not known; a
 * search that takes its executions one by one cuts it at its depth.
 *
 * Source: facts concurrency.md section 3.4.
 */
#ifndef SIM_EXPLORE_AWAIT_RUN_H
#define SIM_EXPLORE_AWAIT_RUN_H

#include "sim/explore/footprint_run.h"
#include "sim/explore/system.h"

/* Limit. A way back that is longer is no loop that waits. */
#define SIM_AWAIT_STEPS 32u

struct sim_await_run;

/* mask: the points at which a context stops. */
struct sim_await_run *sim_await_run_new(struct sim_run *run, uint64_t mask);
void sim_await_run_free(struct sim_await_run *await); /* accepts NULL */

/*
 * Learns in executions drawn at random; the system ends in the state it was in. context_of: that of
 * the world behind one of the system.
 */
void sim_await_run_learn(struct sim_await_run *await, struct sim_explore_system *system,
                         uint32_t (*context_of)(struct sim_explore_system *system, unsigned c));

/* Whether the context has stopped where a loop is known: only then it can be waiting. */
bool sim_await_run_may_wait(const struct sim_await_run *await, uint32_t context);

/*
 * Whether it waits. watch, if not NULL: *ret_reads is what that depends on. The state is as it was
 * afterwards; no oracle sees any of it.
 */
bool sim_await_run_waits(struct sim_await_run *await, uint32_t context,
                         struct sim_footprint_run *watch, const struct sim_footprint **ret_reads);

/* How many places are known. */
unsigned sim_await_run_sites(const struct sim_await_run *await);

#endif
