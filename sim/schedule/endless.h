/* SPDX-License-Identifier: MIT */
/* Runs that do not come to an end: how they are noticed, and the finding. */
#ifndef SIM_SCHEDULE_ENDLESS_H
#define SIM_SCHEDULE_ENDLESS_H

#include "sim/run.h"

/*
 * A hash of all that decides how the run goes on: of the machine, of where the actors are and which
 * steps have ended. What is only counted, and what oracles remember, is left out. scratch:
 * world_snapshot_limit() bytes.
 */
uint64_t sim_run_future(struct sim_run *run, uint8_t *scratch);

/*
 * The finding of the oracle "liveness"; sets run->failed. contexts: those that go on without an
 * end, a bit each.
 */
void sim_report_no_end(struct sim_run *run, uint32_t contexts);

/*
 * True, with that finding, once no step has ended within SIM_MAX_STOPS scheduling points. context:
 * the one that went.
 */
bool sim_report_endless(struct sim_run *run, uint32_t context);

/* What came of letting every actor go in turn. */
enum sim_turns {
	SIM_TURNS_ON,      /* the step has ended, or nobody can go: it was up to the others */
	SIM_TURNS_ENDLESS, /* the finding is made */
	SIM_TURNS_CRASHED, /* so is that one */
};

/* Whether no step has ended for so long that the actors have to take turns. */
bool sim_run_is_stuck(const struct sim_run *run);

/*
 * From where the run stands until the step ends that the actor `stuck` is at. mask: the points at
 * which actors stop.
 */
enum sim_turns sim_run_take_turns(struct sim_run *run, unsigned stuck, uint64_t mask);

#endif
