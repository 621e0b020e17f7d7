/* SPDX-License-Identifier: MIT */
/*
 * A function that answers once, in a process of its own: whatever it does to
 * that process, a crash or sleep of a subject included, is an answer and not
 * the end of the caller.
 */
#ifndef SIM_EXPLORE_APART_H
#define SIM_EXPLORE_APART_H

#include "sim/base/process.h"

/* How the process ended. */
enum sim_apart_end {
	SIM_APART_DONE,    /* with an answer */
	SIM_APART_DIED,    /* by a signal, by a status of its own, or killed: it made no progress */
	SIM_APART_STOPPED, /* killed: the watch was over */
};

struct sim_apart {
	enum sim_apart_end end;
	GBytes *bytes;          /* what the function answered; NULL unless DONE */
	struct sim_death death; /* if it DIED */
};

/* The answer goes to the parent; the function's process ends with it. */
typedef GBytes *sim_apart_fn(void *user);

/* Inside the function: ends its process with this answer at once. */
_Noreturn void sim_apart_answer(GBytes *bytes);

/*
 * A process that the environment ends is tried again, SIM_PROCESS_TRIES times in all. False, with a
 * SIM_ERROR_ENVIRONMENT, if none can be made. Ended with sim_apart_clear().
 */
bool sim_apart_run(sim_apart_fn *fn, void *user, struct sim_watch *watch,
                   struct sim_apart *ret_apart, GError **error);
void sim_apart_clear(struct sim_apart *apart);

/*
 * False, with a SIM_ERROR_ENVIRONMENT or _BUG, if it died and that says nothing of the subject; it
 * stopped: without one.
 */
bool sim_apart_check(const struct sim_apart *apart, GError **error);

#endif
