/* SPDX-License-Identifier: MIT */
/*
 * What a search of one file came to, or a shard of it, as JSON that can be put
 * together with that of other shards, on another machine: the report is then
 * the same as that of one search for all.
 *
 * A result file is {"ffasim": "result", "version": 3, "files": [...], "sha256": "..."}
 * (seal.h); its elements are made here.
 */
#ifndef SIM_EXPLORE_RESULT_H
#define SIM_EXPLORE_RESULT_H

#include "sim/explore/file.h"
#include "sim/explore/parallel.h"
#include "sim/explore/path.h"

#define SIM_RESULT_VERSION 3

/* What is known of a file beside the parts of its search. */
struct sim_result_head {
	const struct sim_explore_file_options *options;
	const struct sim_scenario *scenario;
	struct json_object *identity;
	bool races; /* on plain accesses were looked for */
	struct sim_path_head path;
};

/* file: as it is reported. */
struct json_object *sim_result_new(const struct sim_result_head *head,
                                   const struct sim_parallel *parallel,
                                   const struct sim_explored_file *file);

/* Of a file that there was nothing to search in. */
struct json_object *sim_result_of_report(const struct sim_explored_file *file);

/* An array of elements as the text of a result file. Caller frees. */
char *sim_result_text(struct json_object *files);

/* The elements of a result file, each with the name of it; NULL, with an error. */
struct json_object *sim_result_read(const char *path, GError **error);

/*
 * One file from the elements that belong to it, one of each shard. NULL, with a SIM_ERROR_SCHEMA,
 * if they are of different searches, or one is missing or there twice.
 */
struct sim_explored_file *sim_result_merge(GPtrArray *elements, GError **error);

#endif
