/* SPDX-License-Identifier: MIT */
/* Where the actors of a run stand, in words. */
#ifndef SIM_DEBUG_STAND_H
#define SIM_DEBUG_STAND_H

#include "sim/run.h"

/*
 * Appends a paragraph for each actor that has something to tell: what it is about to do, what it
 * holds, and the frames of the mediator. context: whose step is next, marked and told first.
 */
void sim_stand_append(GString *out, struct sim_run *run, uint32_t context);

#endif
