/* SPDX-License-Identifier: MIT */
/*
 * Scripted schedules: the moves of a scenario in order, then "rest", lowest
 * actor first, each until it is done or has to wait.
 */
#ifndef SIM_SCHEDULE_SCRIPT_H
#define SIM_SCHEDULE_SCRIPT_H

#include "sim/run.h"

/* Plays the schedule to rest. A divergence, a deadlock or a crash is a finding and sets
 * run->failed. */
void sim_script_play(struct sim_run *run, const struct sim_schedule *schedule);

/*
 * Nobody can go: those that wait inside the mediator are findings; with `sleepers`, those that wait
 * for an interrupt too.
 */
void sim_script_report_waiting(struct sim_run *run, bool sleepers);

#endif
