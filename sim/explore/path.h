/* SPDX-License-Identifier: MIT */
/*
 * A path as a string to paste: the granularity, '@' and the build it was found
 * on, a colon, and for every context that runs its letter and, if it is more
 * than one, its number of steps: "sync@1f3a9c:a3b2a". On another build it may
 * lead elsewhere; see portable.h for what does not. Without the build, as it was
 * once written, it is read too.
 */
#ifndef SIM_EXPLORE_PATH_H
#define SIM_EXPLORE_PATH_H

#include "sim/explore/explore.h"
#include "sim/explore/scenario.h"
#include "sim/subject.h"

/* What stands before the colon. */
struct sim_path_head {
	enum sim_granularity granularity;
	char build[SIM_SUBJECT_ID_SIZE]; /* see sim_subject_id(); empty: unknown */
};

/* Caller frees. */
char *sim_path_to_text(const struct sim_explore_path *path, const struct sim_path_head *head);

/* False, with a SIM_ERROR_SCHEMA, for anything else than what sim_path_to_text() makes. */
bool sim_path_from_text(const char *text, struct sim_explore_path *ret_path,
                        struct sim_path_head *ret_head, GError **error);

/*
 * "; the schedule was found on build 1f3a9c of the subject, this is 77ab01", to stand behind what
 * is said of it; empty if both are the same, or one is unknown. Caller frees.
 */
char *sim_path_origin(const struct sim_path_head *head, const char *build);

/* The part behind the colon alone. */
char *sim_path_steps_to_text(const struct sim_explore_path *path);
bool sim_path_steps_from_text(const char *text, struct sim_explore_path *ret_path, GError **error);

#endif
