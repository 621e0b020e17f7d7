/* SPDX-License-Identifier: MIT */
/*
 * One execution told for people: the contract trace of a path with, behind each
 * step, the line of the mediator's source that it stands at, and with the
 * accesses that were steps of their own: what was touched, and the value. The
 * last line says where it went wrong. In the form of a trace, for
 * sim_columns_append(); for people only, never compared.
 */
#ifndef SIM_EXPLORE_TELLING_H
#define SIM_EXPLORE_TELLING_H

#include "sim/explore/explore.h"
#include "sim/explore/scenario.h"

/*
 * Takes the path from the state the system is in, as far as that can be done, and judges where it
 * ends. finding: whose step is marked, -1: none. The system is left where the path ends. Caller
 * frees.
 */
char *sim_telling_of_path(struct sim_explored_run *explored, struct sim_run *run,
                          const struct sim_explore_path *path, int finding);

#endif
