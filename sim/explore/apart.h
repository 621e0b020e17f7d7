/* SPDX-License-Identifier: MIT */
/*
 * A function in a process of its own: whatever it does to that process, a crash
 * or sleep of a subject included, is an answer and not the end of the caller.
 * The process dies with its parent; what it prints goes to standard error.
 */
#ifndef SIM_EXPLORE_APART_H
#define SIM_EXPLORE_APART_H

#include <glib.h>
#include <stdbool.h>

/* How the process ended. */
enum sim_apart_end {
	SIM_APART_DONE,   /* with an answer */
	SIM_APART_DIED,   /* by a signal, or a status of its own */
	SIM_APART_ASLEEP, /* killed: it has used no CPU time for too long */
};

struct sim_apart {
	enum sim_apart_end end;
	int status;    /* of waitpid() */
	GBytes *bytes; /* what the function answered; NULL unless DONE */
};

/* The answer goes to the parent; the function's process ends with it. */
typedef GBytes *sim_apart_fn(void *user);

/* Inside the function: ends its process with this answer at once. */
_Noreturn void sim_apart_answer(GBytes *bytes);

/*
 * timeout: seconds without CPU time until it counts as asleep. False if no process can be made.
 * The caller takes ret_apart->bytes.
 */
bool sim_apart_run(sim_apart_fn *fn, void *user, unsigned timeout, struct sim_apart *ret_apart,
                   GError **error);

/* What to tell of a process that did not answer: "the subject took its process down with..." */
char *sim_apart_text(const struct sim_apart *apart, unsigned timeout);

#endif
