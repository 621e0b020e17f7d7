/* SPDX-License-Identifier: MIT */
/* Turns a context that cannot go on into a finding: a crash, a lock nobody will release. */
#ifndef SIM_SCHEDULE_CRASH_H
#define SIM_SCHEDULE_CRASH_H

#include "sim/run.h"

/* The context stopped with WORLD_STOP_CRASH, WORLD_STOP_LOST or WORLD_STOP_SPMC. */
void sim_report_crash(struct sim_run *run, uint32_t context);

/* The context waits and nobody who could release it will run. */
void sim_report_stuck(struct sim_run *run, uint32_t context);

#endif
