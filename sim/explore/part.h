/* SPDX-License-Identifier: MIT */
/*
 * What a job, or some of them, came to, in words instead of the numbers of one
 * process: so that it can go over a pipe, into a file, and be put together with
 * what other jobs came to, on other machines.
 *
 * A part owns its strings and arrays; sim_part_free() accepts NULL.
 */
#ifndef SIM_EXPLORE_PART_H
#define SIM_EXPLORE_PART_H

#include <json-c/json.h>

#include "sim/cause.h"
#include "sim/explore/explore.h"
#include "sim/oracle/lock.h"
#include "sim/report.h"

#define SIM_PART_MARKS 128u /* "sometimes" of a scenario */

struct sim_part_finding {
	enum sim_verdict verdict;
	char *source;
	char *cause;                  /* of words alone also NULL: the message */
	char *message;                /* of the execution that comes first */
	char *place;                  /* the same; or NULL */
	struct sim_variants variants; /* of the message */
	uint64_t count;               /* as in struct sim_explore_hit */
	uint64_t first;
	uint64_t by[SIM_MEMBER_COUNT]; /* count, by members of a portfolio */
	struct sim_explore_path *path;
	GPtrArray *rests_on; /* struct sim_part_order of a whole, where it is judged by them; or
	                        NULL */
};

/* An order of locks, and the execution in which it was met first; see orders.h. */
struct sim_part_order {
	enum sim_lock_order_kind kind;
	char *held; /* name; NULL where it does not matter */
	char *taken;
	uint64_t first;                /* 0: not known */
	struct sim_explore_path *path; /* that led there; NULL: the set-up */
};

struct sim_part_outcome {
	char *text;
	uint64_t count;
};

struct sim_part {
	uint32_t job;   /* its place in the plan */
	uint32_t round; /* bounded: how many preemptions */
	enum sim_explore_end end;
	uint64_t executions;
	uint64_t numbers; /* of executions used up: those that were cut may have one too */
	uint64_t blocked;
	uint64_t cut;
	uint64_t states;
	uint64_t steps;
	uint64_t drawn[SIM_MEMBER_COUNT]; /* by members of a portfolio, as in its result */
	uint64_t memory;
	uint32_t deepest;
	int bound; /* bounded, of a whole: the last one gone through completely; -1: none */
	bool seen[SIM_PART_MARKS];
	struct sim_unjudged unjudged;
	GPtrArray *findings; /* struct sim_part_finding, in the order in which they were found */
	GPtrArray *outcomes; /* struct sim_part_outcome */
	GPtrArray *orders;   /* struct sim_part_order */
};

/* What the numbers in a result stand for. The strings stay whose they are. */
struct sim_part_names {
	void (*finding)(void *user, uint32_t number, struct sim_part_finding *ret_finding);
	const char *(*outcome)(void *user, uint32_t number);
	const bool *(*seen)(void *user, unsigned *ret_count); /* or NULL */
	void (*orders)(void *user, struct sim_part *part);    /* adds them; or NULL */
	void *user;
};

struct sim_part *sim_part_new(void);
void sim_part_free(struct sim_part *part);
typedef struct sim_part SimPart;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimPart, sim_part_free)

/* Takes a result in; its crashes are not among the names and stay out. */
struct sim_part *sim_part_from_result(const struct sim_explore_result *result,
                                      const struct sim_part_names *names);

/* The finding with this verdict, source and cause, added with these words if it is new. */
struct sim_part_finding *sim_part_finding(struct sim_part *part,
                                          const struct sim_part_finding *like);

/* A hit becomes a finding of the part, or more of one. */
void sim_part_add_hit(struct sim_part *part, const struct sim_part_finding *words,
                      const struct sim_explore_hit *hit);

/* An order, unless the part has it by then; copied. */
void sim_part_add_order(struct sim_part *part, const struct sim_part_order *order);

/* Of two ends the one that says more about what is missing. */
enum sim_explore_end sim_part_worse_end(enum sim_explore_end a, enum sim_explore_end b);

/* What came after what `into` holds joins it. */
void sim_part_append(struct sim_part *into, const struct sim_part *part);

/*
 * The whole of a search: parts of `jobs` jobs, in any order, NULL for those that there is no part
 * of. A job with no part in a round is as it was in the round before. end: what to say if all jobs
 * came to their end, or SIM_EXPLORE_COMPLETE.
 */
struct sim_part *sim_part_join(const GPtrArray *parts, unsigned jobs, enum sim_explore_end end);

/* To JSON and back; NULL, with a SIM_ERROR_SCHEMA, if it is no part. */
struct json_object *sim_part_to_json(const struct sim_part *part);
struct sim_part *sim_part_from_json(struct json_object *object, GError **error);

#endif
