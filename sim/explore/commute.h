/* SPDX-License-Identifier: MIT */
/*
 * Fewer switches for the schedule of a finding: what one context does in two
 * stretches is brought together, by moving one of them past what lies between.
 * Where those steps do not depend on each other nothing changes but the order;
 * whether that is so is tried and not guessed: the finding must still come.
 */
#ifndef SIM_EXPLORE_COMMUTE_H
#define SIM_EXPLORE_COMMUTE_H

#include "sim/explore/explore.h"

/* Executions spent on one path. */
#define SIM_COMMUTE_EXECUTIONS 2000u

/* How often the path leaves a context for another; of that, how often one that could go on. */
struct sim_switches {
	uint32_t switches;
	uint32_t preemptions;
};

/*
 * Takes the path from the state the system is in, which is also how it is left. Answers whether it
 * ends with the finding of that number; a path that shows it earlier is cut there.
 */
bool sim_commute_try(struct sim_explore_system *system, uint32_t finding,
                     struct sim_explore_path *path, struct sim_switches *ret_switches);

/* Makes the path one with fewer switches and no more preemptions, as long as there is one. */
void sim_commute(struct sim_explore_system *system, uint32_t finding,
                 struct sim_explore_path *path);

#endif
