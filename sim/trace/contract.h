/* SPDX-License-Identifier: MIT */
/*
 * The world's events as lines of text: "ACTOR VERB DETAILS". Contract lines
 * are the same, byte for byte, for every subject and build of one mediator;
 * diagnostic lines (allocations, log, raw accesses) are not, and start with "#".
 */
#ifndef SIM_TRACE_CONTRACT_H
#define SIM_TRACE_CONTRACT_H

#include "sim/run.h"

/* Appends the event to the run's trace (if it is a contract event) and to its diagnostics. */
void sim_trace_event(struct sim_run *run, const struct world_event *event);

#endif
