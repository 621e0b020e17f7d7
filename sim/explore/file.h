/* SPDX-License-Identifier: MIT */
/*
 * Exploring scenario files: what `ffasim explore` does for each, in processes
 * of their own (parallel.h), so that a subject that takes its process down is a
 * finding. Contains no time and no address: equal arguments give equal reports,
 * whatever the number of workers, unless the time limit ended the search.
 */
#ifndef SIM_EXPLORE_FILE_H
#define SIM_EXPLORE_FILE_H

#include <json-c/json.h>
#include <signal.h>

#include "sim/explore/explore.h"
#include "sim/explore/progress.h"
#include "sim/explore/scenario.h"
#include "sim/oracle/oracle.h"
#include "sim/subject.h"

/* Executions spent on a shorter schedule for each finding. */
#define SIM_SHORTEN_EXECUTIONS 20000u

struct sim_explored_finding;

/* How a search is spread, watched and kept; see struct sim_parallel_options. */
struct sim_explore_sharing {
	unsigned workers; /* processes that share the search; 0: one */
	unsigned shard;
	unsigned shards;
	const char *checkpoint;
	const char *resume;
	uint64_t checkpoint_steps;
	const char *command;         /* what a result says to repeat a finding with */
	struct json_object *results; /* an array that gets an element for each file; or NULL */
	const sigset_t *wait_mask;
	const volatile sig_atomic_t *stop;
	sim_progress_fn *on_progress;
	/* A finding as soon as it is found; of it there are words, a place and a path; or NULL. */
	void (*on_found)(void *user, const struct sim_explored_finding *finding);
	void (*on_checkpoint)(void *user);
	void *user;
};

struct sim_explore_file_options {
	struct sim_subject_request subject; /* mediator is filled in from the scenario */
	struct sim_explore_options search;
	enum sim_granularity granularity;
	struct sim_oracle_levels oracles;
	bool oracles_only; /* what the scenarios themselves expect is not judged */
	struct sim_explore_sharing sharing;
	const char *replay; /* no search: this path alone; see path.h */
};

struct sim_explored_finding {
	enum sim_verdict verdict;
	char *source; /* the oracle's name, or where it comes from */
	char *message;
	char *place;    /* or NULL */
	uint64_t first; /* the execution (or state) that found it */
	uint64_t count;
	char *others;   /* lines: other messages of the same cause; or NULL */
	bool more;      /* there are more of them */
	char *rates;    /* sim_coverage_rates(), or NULL */
	char *path;     /* to paste */
	char *trace;    /* it told for people; see telling.h */
	char *detail;   /* more lines: what an oracle has to say beyond its message; or NULL */
	char *scenario; /* a file with the schedule, as text; NULL: it has no portable form */
};

struct sim_explored_outcome {
	char *text;
	uint64_t count;
};

struct sim_explored_file {
	char *path;
	char *about;
	char *subject;  /* "inline/plain" */
	char *coverage; /* one line: what was gone through, and what was not */
	char *reason;   /* of a scenario that is skipped, or NULL */
	enum sim_verdict verdict;
	bool empty; /* nothing was gone through */
	uint64_t executions;
	uint64_t states;
	GPtrArray *findings; /* struct sim_explored_finding */
	GPtrArray *outcomes; /* struct sim_explored_outcome */
};

struct sim_explored_file *sim_explored_file_new(const char *path);
void sim_explored_file_free(struct sim_explored_file *file); /* accepts NULL */
typedef struct sim_explored_file SimExploredFile;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimExploredFile, sim_explored_file_free)

struct sim_explored_finding *sim_explored_file_add(struct sim_explored_file *file,
                                                   enum sim_verdict verdict, const char *source,
                                                   const char *message);

/* Of several files: the worst verdict, and whether a search of them went through nothing. */
struct sim_explored_sum {
	enum sim_verdict worst;
	bool empty;
};

void sim_explored_sum_add(struct sim_explored_sum *sum, const struct sim_explored_file *file);
/* The verdict's exit code; where nothing was found and a search went through nothing, 3. */
int sim_explored_exit_code(const struct sim_explored_sum *sum);

/* Gives it other messages of its cause, of those that it has not. */
void sim_explored_finding_vary(struct sim_explored_finding *finding,
                               const struct sim_variants *variants);

/* That a process died that was to explore it. */
void sim_explored_file_add_death(struct sim_explored_file *file, const struct sim_death *death);

/* That it cannot be explored at all. */
void sim_explored_file_add_error(struct sim_explored_file *file, const GError *error);

/* The path to replay alone, in a process of its own; NULL if none can be made. */
struct sim_explored_file *sim_explore_replay_apart(const struct sim_explore_file_options *options,
                                                   const struct sim_scenario *scenario,
                                                   GError **error);

/* In processes of their own; NULL if none can be made. What else goes wrong is a finding. */
struct sim_explored_file *sim_explore_file_apart(const struct sim_explore_file_options *options,
                                                 const char *path, GError **error);

/* To bytes and back; NULL if they are not a whole one. */
GBytes *sim_explored_file_to_bytes(const struct sim_explored_file *file);
struct sim_explored_file *sim_explored_file_from_bytes(GBytes *bytes);

#endif
