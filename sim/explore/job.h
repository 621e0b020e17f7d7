/* SPDX-License-Identifier: MIT */
/*
 * Parts of a search that can be gone through apart from each other, in another
 * process or on another machine: jobs. The plan of a search is the list of its
 * jobs. It depends on the system and the options alone, never on how many
 * processes there are, so that results put together in the order of the plan
 * are the same however the jobs were spread. Each job is one shard's. Of
 * executions that are drawn every shard has equally many, or one more; what is
 * drawn for a number is the same whichever job it is in.
 *
 *   exhaustive, bounded   all that begins with a prefix
 *   dpor                  the same; at the nodes of the prefix every context is tried that does not
 *                         sleep, so each trace is still taken once
 *   random, pct, pos, urw a range of execution numbers
 *   portfolio             the same, and the stretches of its opening one job each
 *   stateful              one job: its parts share what they have seen
 *
 * A finding of a step in a prefix that several jobs have in common counts for
 * the first of them.
 */
#ifndef SIM_EXPLORE_JOB_H
#define SIM_EXPLORE_JOB_H

#include <glib.h>
#include <json-c/json.h>

#include "sim/explore/explore.h"

#define SIM_JOBS        256u  /* about so many are planned */
#define SIM_MAX_JOBS    8192u /* never more */
#define SIM_JOB_PREFIX  64u   /* steps of a prefix */
#define SIM_JOB_SAMPLES 512u  /* executions of a job that draws them, at least */

struct sim_explore_job {
	uint64_t first;   /* sampling: number of the first execution, from 0 */
	uint64_t limit;   /* executions after which to end; 0: none */
	uint32_t bound;   /* bounded: preemptions */
	uint64_t end;     /* portfolio: a stretch of its opening, up to this number; 0: none */
	uint32_t opening; /* with so many preemptions */
	uint32_t own;     /* findings in the prefix count from this step on */
	uint32_t shard;   /* whose it is, from 0; below the options' shards */
	double weight;    /* estimated share of the whole */
	uint32_t length;
	uint8_t prefix[SIM_JOB_PREFIX];
};

/*
 * Where a search stands between two executions (stateful: two steps), so that it can go on there in
 * another process. By strategy: `next` execution; or the path to the deepest node with something
 * left, and by depth the contexts left to try (dpor: to be tried at all, and those that sleep).
 */
struct sim_position {
	uint64_t next;
	bool left_out; /* bounded: something was, by now */
	uint32_t length;
	uint8_t step[SIM_EXPLORE_DEPTH];
	uint32_t left[SIM_EXPLORE_DEPTH + 1];
	uint32_t sleep[SIM_EXPLORE_DEPTH + 1];
};

/* No more of it than its length. */
void sim_position_copy(struct sim_position *to, const struct sim_position *from);

/* To JSON and back; false, with a SIM_ERROR_SCHEMA, if it is none. */
struct json_object *sim_position_to_json(const struct sim_position *position);
bool sim_position_from_json(struct json_object *object, struct sim_position *ret_position,
                            GError **error);

/* Contexts that sleep, and what each would do. */
struct sim_sleep {
	uint32_t contexts;
	struct sim_explore_op op[SIM_EXPLORE_CONTEXTS];
};

struct sim_search;

/* Appends the plan, as struct sim_explore_job; for sim_search_plan(). */
void sim_plan_search(struct sim_search *search, GArray *jobs);

/* Takes the steps of the search's job; false if they cannot be taken. Fills in base and sleep. */
bool sim_job_enter(struct sim_search *search);

#endif
