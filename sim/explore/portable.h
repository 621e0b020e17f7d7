/* SPDX-License-Identifier: MIT */
/*
 * The path of a search in terms that survive edits of the mediator and mean the
 * same on every subject: moves of a scenario's schedule. A path that ends
 * between two accesses has no such form.
 */
#ifndef SIM_EXPLORE_PORTABLE_H
#define SIM_EXPLORE_PORTABLE_H

#include <json-c/json.h>

#include "sim/explore/explore.h"
#include "sim/explore/scenario.h"

struct sim_portable {
	struct sim_move moves[SIM_MAX_MOVES];
	unsigned count;
};

/*
 * Takes the path from the state the system is in. False if it has no portable form; the state is
 * the last that was reached.
 */
bool sim_portable_from_path(struct sim_explored_run *explored, const struct sim_explore_path *path,
                            struct sim_portable *ret_portable);

/*
 * Drops moves at the end as long as a scripted run from this state still comes to the finding with
 * that number. False if not even all of them do.
 */
bool sim_portable_trim(struct sim_explored_run *explored, uint32_t finding,
                       struct sim_portable *portable);

/* The moves as a schedule of a scenario's file, "rest" included; one reference, the caller's. */
struct json_object *sim_portable_moves(const struct sim_run *run,
                                       const struct sim_portable *portable);

/* The member of a scenario that says that ffasim wrote it, and may overwrite it. */
#define SIM_PORTABLE_MARK "written-by"

void sim_portable_mark(struct json_object *file);

/* A scenario's file as it is written. Caller frees. */
char *sim_portable_text(struct json_object *file);

/*
 * The scenario's file with this schedule, called `name`, in place of its own; what can only be
 * judged over several schedules is left out. Caller frees.
 */
char *sim_portable_scenario(const struct sim_run *run, const struct sim_portable *portable,
                            const char *name, GError **error);

#endif
