/* SPDX-License-Identifier: MIT */
/* A move that did not get where it should: which, how far it came, what happened instead. */
#ifndef SIM_SCHEDULE_DIVERGE_H
#define SIM_SCHEDULE_DIVERGE_H

#include "sim/schedule/actor.h"

/* Stops of one move that are remembered, the last ones. */
#define SIM_WAY_STOPS 8u

/* What an actor has come by during one move. Starts as zeros. */
struct sim_way {
	unsigned times; /* that the condition held */
	unsigned count; /* stops, those that are forgotten included */
	struct sim_until stops[SIM_WAY_STOPS];
	unsigned steps[SIM_WAY_STOPS]; /* the step of the thread, from 1 */
};

/* Remembers where the actor has stopped. */
void sim_way_add(struct sim_way *way, const struct sim_run *run, unsigned actor,
                 enum sim_stop stop);

/* Adds the finding and sets run->failed; what: "returned before". */
void sim_report_diverged(struct sim_run *run, const struct sim_move *move,
                         const struct sim_way *way, const char *what);

#endif
