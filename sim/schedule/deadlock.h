/* SPDX-License-Identifier: MIT */
/* Circles of contexts that wait for each other, told in one sentence each. */
#ifndef SIM_SCHEDULE_DEADLOCK_H
#define SIM_SCHEDULE_DEADLOCK_H

#include "sim/run.h"

/*
 * A finding of the oracle "liveness" for each circle: "deadlock: vm1.0 waits for b, held by vm2.0,
 * which waits for a, held by vm1.0". Answers the contexts in circles, a bit each.
 */
uint32_t sim_report_deadlocks(struct sim_run *run);

#endif
