/* SPDX-License-Identifier: MIT */
/*
 * What must be the same for two parts of a search to be parts of the same
 * search: the build of ffasim and of the subject, the scenario, the options.
 */
#ifndef SIM_EXPLORE_IDENTITY_H
#define SIM_EXPLORE_IDENTITY_H

#include <json-c/json.h>

#include "sim/explore/file.h"

/* An object of texts; NULL, with a SIM_ERROR_SUBJECT or _FILE, if something cannot be read. */
struct json_object *sim_identity_new(const struct sim_explore_file_options *options,
                                     const struct sim_scenario *scenario, GError **error);

/* False, with a SIM_ERROR_SCHEMA that names `what` and the first difference, if they differ. */
bool sim_identity_check(const char *what, struct json_object *theirs, struct json_object *ours,
                        GError **error);

/* The text of a file that identities stand in; SIM_ERROR_FILE if it cannot be read. Caller frees.
 */
bool sim_identity_read(const char *path, char **ret_text, gsize *ret_size, GError **error);

#endif
