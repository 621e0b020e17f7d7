/* SPDX-License-Identifier: MIT */
/*
 * A scenario opened on a subject in this process, ready to be explored: boot
 * and set-up are done. What a worker of a shared search works on (crew.h), and
 * what a path is replayed on.
 */
#ifndef SIM_EXPLORE_OPENED_H
#define SIM_EXPLORE_OPENED_H

#include "sim/explore/crew.h"
#include "sim/explore/file.h"
#include "sim/explore/path.h"

/* The source of the one finding of a file that cannot be explored as it was asked for. */
#define SIM_EXPLORE_MISUSE "options"

struct sim_opened;

/* Options and scenario stay the caller's. NULL, with a SIM_ERROR_ENVIRONMENT: there is no memory.
 */
struct sim_opened *sim_opened_new(const struct sim_explore_file_options *options,
                                  const struct sim_scenario *scenario, GError **error);
void sim_opened_free(struct sim_opened *opened); /* accepts NULL */

/* The host of a shared search; its report is a struct sim_explored_file as bytes. */
void sim_opened_host(struct sim_opened *opened, struct sim_host *ret_host);

/* Takes what the host made of a finding into one of a file. */
void sim_opened_detail(GBytes *detail, struct sim_explored_finding *finding);

/* Only what the path of the options' `replay` comes to, and the subject's name. */
struct sim_explored_file *sim_opened_replay(struct sim_opened *opened);

/* What stands before a path that is found now. */
void sim_opened_head(const struct sim_opened *opened, struct sim_path_head *ret_head);

/* "inline/plain"; from the time it was opened on, in whatever process that was. */
const char *sim_opened_name(const struct sim_opened *opened);

/* Whether the oracle "race" sees the accesses of this subject. */
bool sim_opened_sees_races(const struct sim_opened *opened);

/*
 * Whether states may have hidden a race from a search that took each once, see sim_race_key(). If
 * so, they are exact from the next search on.
 */
bool sim_opened_hides_races(struct sim_opened *opened);

#endif
