/* SPDX-License-Identifier: MIT */
/*
 * What a step of a scenario touches, found out by watching it.
 *
 *  - The mediator's accesses: the instrumented builds announce each. Without
 *    that there are no footprints (sim_footprint_run_new() answers NULL).
 *  - Locks, by object, from the SDK's events.
 *  - The world and the oracles: the ranges of struct world_state and struct
 *    sim_run_state that an event reads are told here by hand; what it writes is
 *    found by comparing before and after, so that nothing written is missed.
 *  - Memory that changed without an announced store was written by the port or
 *    the SDK, which are not instrumented and whose loads are not seen either:
 *    such a step conflicts with every step that runs in the subject. The heap's
 *    own bookkeeping is apart: two allocations or frees conflict.
 *  - A question asked on a copy of the state (world_settle) reads what it
 *    touches. One that could not be answered is dropped if nothing that the step
 *    did could have made a difference: then it was asked in vain before, too.
 *
 * Left out, because the order cannot matter: counters that are only summed up,
 * what belongs to one context alone, and results, which are written once. An
 * oracle whose memory depends on the order of otherwise independent events
 * needs a line in footprint_run.c: the names of calls (abi), of NPIs (wake-up),
 * and the order of calls and returns in real time (model) have theirs.
 *
 * Source: facts concurrency.md sections 0 and 3; emu/world/world.h.
 */
#ifndef SIM_EXPLORE_FOOTPRINT_RUN_H
#define SIM_EXPLORE_FOOTPRINT_RUN_H

#include "sim/explore/footprint.h"
#include "sim/run.h"

/* Places of what is no memory of the subject. */
#define SIM_FOOTPRINT_LOCKS (1ull << 62) /* + number of the object */
#define SIM_FOOTPRINT_NAMES (1ull << 61)
#define SIM_FOOTPRINT_WORLD (1ull << 60)              /* + offset in struct world_state */
#define SIM_FOOTPRINT_RUN   (1ull << 60 | 1ull << 59) /* + offset in struct sim_run_state */

struct sim_footprint_run;

/*
 * Stands between the world and the run from here to sim_footprint_run_free(): the run listens, and
 * goes on doing so. NULL if the subject announces no accesses.
 */
struct sim_footprint_run *sim_footprint_run_new(struct sim_run *run);
void sim_footprint_run_free(struct sim_footprint_run *watch); /* accepts NULL */

/* Around one step of an actor. on: whose CPU a beginning interrupt takes, -1: nobody's. */
void sim_footprint_run_begin(struct sim_footprint_run *watch, unsigned actor, int on);
const struct sim_footprint *sim_footprint_run_end(struct sim_footprint_run *watch);

/* Around steps on a copy of the state, between which the world is quiet: all they touch, as read.
 */
void sim_footprint_run_look(struct sim_footprint_run *watch);
const struct sim_footprint *sim_footprint_run_looked(struct sim_footprint_run *watch);

/* The step that has begun reads this, too. */
void sim_footprint_run_reads(struct sim_footprint_run *watch, const struct sim_footprint *reads);

/* What decides whether an actor that is not under way can begin; on: as above. */
const struct sim_footprint *sim_footprint_run_condition(struct sim_footprint_run *watch,
                                                        unsigned actor, int on);

#endif
