/* SPDX-License-Identifier: MIT */
/*
 * A path as a string to paste: the granularity, a colon, and for every context
 * that runs its letter and, if it is more than one, its number of steps:
 * "sync:a3b2a". For the build it was found on; see portable.h for others.
 */
#ifndef SIM_EXPLORE_PATH_H
#define SIM_EXPLORE_PATH_H

#include "sim/explore/explore.h"
#include "sim/explore/scenario.h"

/* Caller frees. */
char *sim_path_to_text(const struct sim_explore_path *path, enum sim_granularity granularity);

/* False, with a SIM_ERROR_SCHEMA, for anything else than what sim_path_to_text() makes. */
bool sim_path_from_text(const char *text, struct sim_explore_path *ret_path,
                        enum sim_granularity *ret_granularity, GError **error);

/* The part behind the colon alone. */
char *sim_path_steps_to_text(const struct sim_explore_path *path);
bool sim_path_steps_from_text(const char *text, struct sim_explore_path *ret_path, GError **error);

#endif
