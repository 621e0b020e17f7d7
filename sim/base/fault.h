/* SPDX-License-Identifier: MIT */
/*
 * The last moment of a process in which code of ffasim goes wrong: whether it
 * was the code, or there was no memory left, or the signal came from outside.
 * Code of a subject is watched by its SDK, which passes on what is not its own.
 */
#ifndef SIM_BASE_FAULT_H
#define SIM_BASE_FAULT_H

#include <stdbool.h>
#include <sys/types.h>

#define SIM_FAULT_TEXT 160u

struct sim_fault {
	int number;                /* of the signal; 0: none came */
	pid_t sender;              /* of one that came from another process; 0: it did not */
	bool no_memory;            /* an allocation failed */
	char text[SIM_FAULT_TEXT]; /* which, if that is known */
};

/* Called in the handler of the signal, which then ends the process: nothing may be allocated. */
typedef void sim_fault_fn(const struct sim_fault *fault);

/* From here on; a sanitizer keeps its own handlers, which say more. */
void sim_fault_watch(sim_fault_fn *fn);

/* Whether the signal is one that a program brings upon itself. */
bool sim_fault_is_own(int number);

#endif
