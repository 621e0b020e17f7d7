/* SPDX-License-Identifier: MIT */
/*
 * A search shared by processes: its jobs go to workers as these get free, and
 * what they come to is put together in the order of the plan. So the result
 * does not depend on how many workers there are, unless time or a signal ended
 * it. Of stateful search, whose workers share what they have seen and give each
 * other work, that is true of all but the paths of findings.
 *
 * A step that ends a worker is a finding with its path; its job goes on where
 * it stood before, with that step taken for a failure.
 */
#ifndef SIM_EXPLORE_PARALLEL_H
#define SIM_EXPLORE_PARALLEL_H

#include <signal.h>

#include "sim/explore/crew.h"
#include "sim/explore/progress.h"

/* Milliseconds between two looks at where the workers stand, if somebody wants to know. */
#define SIM_PARALLEL_BEAT 400
/* Milliseconds that workers have to come to an end when they are told to. */
#define SIM_PARALLEL_PATIENCE 3000

/* Seconds for the schedules and traces of what was found, if there is a limit of time. */
#define SIM_PARALLEL_FINISH 30

struct sim_parallel_options {
	struct sim_explore_options search;
	unsigned workers; /* 0: one */
	unsigned shard;   /* 1 to shards: only its jobs */
	unsigned shards;  /* 0: all of them */
	/* Who asks; checkpoints of others are refused (identity.h). Needed for the next two only.
	 */
	struct json_object *identity;
	const char *checkpoint;    /* a file that is kept up to date, or NULL */
	const char *resume;        /* a file to go on from, or NULL */
	unsigned timeout;          /* seconds that a worker may be without progress; 0: for ever */
	uint64_t checkpoint_steps; /* a checkpoint after so many steps of a worker; 0: by the clock
	                            */
	/* As in struct sim_session_options; NULL: nothing ends it early. */
	const sigset_t *wait_mask;
	const volatile sig_atomic_t *stop;
	sim_progress_fn *on_progress; /* every now and then, or NULL */
	/* As soon as a job has come by a cause, whether others have or not; or NULL. */
	void (*on_found)(void *user, const struct sim_part_finding *finding);
	void (*on_checkpoint)(void *user); /* one was written; or NULL */
	void *user;
};

struct sim_parallel {
	struct sim_part *whole; /* NULL: there was nothing to explore */
	GBytes *report;         /* then: what the host says instead, or NULL */
	/* Why the search could not begin, or a bug of ours behind its end; no text: neither. */
	struct sim_death trouble;
	GPtrArray *details;       /* GBytes of the host, one for each finding of whole, or NULL */
	GPtrArray *parts;         /* struct sim_part, what the whole is made of */
	enum sim_explore_end end; /* of what was not in the parts: nothing, or why not */
	unsigned jobs;            /* of the whole plan, other shards' too */
	bool empty;               /* none of them is this shard's */
};

/* False: no processes can be made, or a checkpoint cannot be read or written. */
bool sim_parallel_run(const struct sim_host *host, const struct sim_parallel_options *options,
                      struct sim_parallel *ret_result, GError **error);
void sim_parallel_clear(struct sim_parallel *result);

/* The whole that parts come to; what was not reached counts as ended by `end`. */
struct sim_part *sim_parallel_join(const GPtrArray *parts, unsigned jobs,
                                   enum sim_strategy strategy, enum sim_explore_end end);

#endif
