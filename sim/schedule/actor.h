/* SPDX-License-Identifier: MIT */
/*
 * Actors: how the steps of a thread become entries of the world. One go takes
 * an actor to its next stop; who goes is decided elsewhere.
 */
#ifndef SIM_SCHEDULE_ACTOR_H
#define SIM_SCHEDULE_ACTOR_H

#include "sim/run.h"

enum sim_stop {
	SIM_STOP_POINT, /* about to do something; the point is in its slot (CALL: about to enter) */
	SIM_STOP_BLOCKED, /* waits for a held lock */
	SIM_STOP_STEP,    /* the step has returned */
	SIM_STOP_CRASHED, /* the finding is made */
};

/* The points at which a scripted actor stops. The same on every build, so atomics are not among
 * them. */
#define SIM_SCRIPT_MASK                                                                    \
	(SHIM_MASK(SMC) | SHIM_MASK(SMC_DONE) | SHIM_MASK(LOCK) | SHIM_MASK(TRYLOCK) |     \
	 SHIM_MASK(UNLOCK) | SHIM_MASK(UNLOCKED) | SHIM_MASK(INJECT) | SHIM_MASK(ONLINE) | \
	 SHIM_MASK(ALLOC))

/*
 * An actor is the index of a thread or an enum sim_system_actor. Those of the
 * system are never finished: they can go while the world has something for them.
 */
bool sim_actor_finished(const struct sim_run *run, unsigned actor);

/* Whether it can go now. If not and ret_why is given: the reason, in words; freed by the caller. */
bool sim_actor_enabled(const struct sim_run *run, unsigned actor, char **ret_why);

/* To the next stop. The actor must be enabled. on: whose CPU an "sri" interrupts, -1: nobody's. */
enum sim_stop sim_actor_go(struct sim_run *run, unsigned actor, int on, uint64_t mask);

/* Runs one step of an actor to its end, nobody else running; false if it could not end. */
bool sim_actor_do_step(struct sim_run *run, unsigned actor, const struct sim_step *step);

/* Runs an entry that is ready in a context to its end; false if it could not end. */
bool sim_context_finish(struct sim_run *run, uint32_t context);

#endif
