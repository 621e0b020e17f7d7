/* SPDX-License-Identifier: MIT */
/*
 * A scenario as a system to explore: its actors, and those of the system, in
 * every order that the world allows. The schedules of the file play no part.
 *
 * The contexts are the threads in file order, then the actors of the system. A
 * step takes an actor to its next stop; about to enter the mediator is no stop,
 * because nothing happens there. An actor about to take a held lock is not
 * enabled.
 *
 * An interrupt is taken on a CPU of its own, or on top of an actor that is inside
 * the mediator: one more context for each such actor, behind all others, where
 * the SPMC has an interrupt. The interrupted actor is disabled meanwhile. Actors
 * beyond SIM_EXPLORE_CONTEXTS are not interrupted.
 *
 * The state is the world's snapshot, where each actor is in its steps, the
 * answers that have names, and the memory of the oracles. Counters that only
 * bound a run are left out.
 *
 * A terminal state is judged like rest in a scripted schedule: oracles,
 * "always" and "never", then the machine is taken down. "sometimes" is noted
 * over the whole search. A step that can never begin, a wait for an interrupt
 * included, is part of an outcome and no finding: whether somebody should have
 * been woken is the wake-up oracle's question. Waiting inside the mediator is.
 *
 * Operations name what a step does first, not all that it does. Strategies that
 * rely on independence (dpor) need sim_explored_run_watch(), by which a step
 * that was done has the footprint of all that it touched (footprint_run.h).
 */
#ifndef SIM_EXPLORE_SCENARIO_H
#define SIM_EXPLORE_SCENARIO_H

#include "sim/cause.h"
#include "sim/explore/granularity.h"
#include "sim/explore/system.h"
#include "sim/run.h"
#include "sim/schedule/actor.h"

/* SIM_MAX_STOPS where accesses, or atomic ones, are stops. */
#define SIM_EXPLORED_MAX_ACCESSES (10 * SIM_MAX_STOPS)

struct sim_explored_run;

/*
 * run: filled in but for its state, and begun (sim_run_begin() answered true) and listening. It
 * stays the caller's, as does its report, which is empty after every step.
 */
struct sim_explored_run *sim_explored_run_new(struct sim_run *run,
                                              enum sim_granularity granularity);
void sim_explored_run_free(struct sim_explored_run *explored); /* accepts NULL */

/* From here on steps have footprints. False: this build of the subject does not announce accesses.
 */
bool sim_explored_run_watch(struct sim_explored_run *explored);

struct sim_explore_system *sim_explored_run_system(struct sim_explored_run *explored);

struct sim_part;

/* Adds the orders of locks that were met to a part; see orders.h. */
void sim_explored_run_orders(const struct sim_explored_run *explored, struct sim_part *part);

/* The findings and outcomes so far are forgotten, and with them their numbers; orders, too. */
void sim_explored_run_forget(struct sim_explored_run *explored);

/* The finding with this number, as a run would report it. */
const struct sim_finding *sim_explored_run_finding(const struct sim_explored_run *explored,
                                                   uint32_t number);

const struct sim_variants *sim_explored_run_variants(const struct sim_explored_run *explored,
                                                     uint32_t number);

/* How much of the run's trace there was when the finding was noted for the last time. */
gsize sim_explored_run_told_at(const struct sim_explored_run *explored, uint32_t number);

/* The labels of an outcome: "set=SUCCESS get=DENIED late=-"; "" if the scenario has none. */
const char *sim_explored_run_outcome(const struct sim_explored_run *explored, uint32_t number);

/* For every outcome of the scenario, whether it held somewhere ("sometimes" only). */
bool *sim_explored_run_seen(struct sim_explored_run *explored);

/* The actor behind a context of the system, and the one whose CPU it takes, or -1. */
unsigned sim_explored_run_actor(const struct sim_explored_run *explored, unsigned c);
int sim_explored_run_on(const struct sim_explored_run *explored, unsigned c);

/* What the last step came to. */
enum sim_stop sim_explored_run_stop(const struct sim_explored_run *explored);

const struct sim_run *sim_explored_run_scenario_run(const struct sim_explored_run *explored);

/* A scripted schedule from the state the system is in, to its end and judged; findings are noted.
 */
void sim_explored_run_play(struct sim_explored_run *explored, const struct sim_schedule *schedule);

#endif
