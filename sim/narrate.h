/* SPDX-License-Identifier: MIT */
/*
 * Narratives of runs (sim/trace/narrative.h). The places behind the steps are
 * found by running once more, without oracles, what was run: it goes the same
 * way. What is reported of the first run stays as it is.
 */
#ifndef SIM_NARRATE_H
#define SIM_NARRATE_H

#include "sim/run.h"

/* The run and its world are where they were before the schedule; schedule: its report. */
void sim_narrate_schedule(struct sim_run *run, const struct sim_schedule *from,
                          struct sim_schedule_report *schedule);

/* The set-up, from boot on. */
void sim_narrate_setup(struct sim_run *run);

#endif
