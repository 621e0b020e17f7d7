/* SPDX-License-Identifier: MIT */
/*
 * Searching the executions of a system with one strategy, within limits.
 *
 *   stateful   every reachable state once (64-bit hash compaction)
 *   dpor       every Mazurkiewicz trace once: source sets and sleep sets
 *   exhaustive every interleaving; the reference the others are tested with
 *   bounded    every interleaving with at most k preemptions, k = 0, 1, 2...
 *   random     each time any of the enabled contexts
 *   pct        priorities with `depth` - 1 changes (d of the PCT paper)
 *   pos        priorities drawn anew for each operation and for those that race with it
 *   urw        by the number of steps that a context has left, as warm-up runs estimate it
 *   portfolio  0, 1, 2 preemptions, then random, pct of depth 2 and 3, pos and urw in turn
 *
 * A search starts at the state the system is in and ends there. It allocates
 * before the first step and when a buffer has to grow, never per execution.
 * Equal systems, options and limits give equal results, except that a search
 * ended by its time differs in how far it came.
 *
 * Source: facts concurrency.md sections 2.4, 3.4 and 5.
 */
#ifndef SIM_EXPLORE_EXPLORE_H
#define SIM_EXPLORE_EXPLORE_H

#include <glib.h>
#include <string.h>

#include "sim/explore/portfolio.h"
#include "sim/explore/system.h"

#define SIM_STRATEGIES(X)           \
	X(STATEFUL, "stateful")     \
	X(DPOR, "dpor")             \
	X(EXHAUSTIVE, "exhaustive") \
	X(BOUNDED, "bounded")       \
	X(RANDOM, "random")         \
	X(PCT, "pct")               \
	X(POS, "pos")               \
	X(URW, "urw")               \
	X(PORTFOLIO, "portfolio")

enum sim_strategy {
#define X(name, text) SIM_STRATEGY_##name,
	SIM_STRATEGIES(X)
#undef X
	        SIM_STRATEGY_COUNT
};

const char *sim_strategy_name(enum sim_strategy strategy);
bool sim_strategy_by_name(const char *name, enum sim_strategy *ret_strategy);
/* Draws its executions at random: never complete. */
bool sim_strategy_samples(enum sim_strategy strategy);

/* Limits of one search; 0 stands for the default. */
#define SIM_EXPLORE_DEPTH        (512u * 1024) /* steps of one execution */
#define SIM_EXPLORE_STATES       (4u * 1024 * 1024)
#define SIM_EXPLORE_EXECUTIONS   (1000u * 1000)        /* of a sampling strategy */
#define SIM_EXPLORE_TIMED        (1ull << 40)          /* if time alone is to end it */
#define SIM_EXPLORE_MEMORY       (1024u * 1024 * 1024) /* of what was seen, and snapshots */
#define SIM_EXPLORE_LEAST_MEMORY (1024u * 1024)
#define SIM_EXPLORE_MOST_MEMORY  (1ull << 40) /* what can be reserved anywhere */
#define SIM_EXPLORE_BOUND        64u          /* preemptions */
#define SIM_EXPLORE_PCT_DEPTH    3u
#define SIM_EXPLORE_CRASHES      16u /* kinds of loss of a process; the last is that of all others */

struct sim_explore_options {
	enum sim_strategy strategy;
	uint64_t seed;
	uint64_t
	        max_executions; /* default: none, or SIM_EXPLORE_EXECUTIONS where drawn at random */
	uint64_t max_states;    /* stateful only; also bounds its memory */
	uint64_t memory;        /* bytes; bounds max_states as well, if it is given */
	uint32_t max_depth;     /* at most SIM_EXPLORE_DEPTH */
	uint32_t max_bound;     /* bounded only */
	uint32_t pct_depth;
	uint32_t shards;   /* that a plan is for; 0: one */
	double seconds;    /* 0: no limit */
	int only_bound;    /* bounded: this many preemptions and no iteration; -1: iterate */
	int until_finding; /* stop at the first execution with this finding; -1: never */
	bool first;        /* stop at the first execution with any */
};

void sim_explore_defaults(struct sim_explore_options *ret_options, enum sim_strategy strategy);

/* Why a search ended. */
enum sim_explore_end {
	SIM_EXPLORE_COMPLETE, /* nothing is left */
	SIM_EXPLORE_SAMPLED,  /* as many executions as were asked for */
	SIM_EXPLORE_FOUND,    /* until_finding, first */
	SIM_EXPLORE_LIMIT_EXECUTIONS,
	SIM_EXPLORE_LIMIT_STATES,
	SIM_EXPLORE_LIMIT_MEMORY,
	SIM_EXPLORE_LIMIT_DEPTH, /* nothing is left but what lies beyond the depth */
	SIM_EXPLORE_LIMIT_BOUND,
	SIM_EXPLORE_LIMIT_TIME,
	SIM_EXPLORE_INTERRUPTED,
	SIM_EXPLORE_LOST,        /* the subject is gone */
	SIM_EXPLORE_ENVIRONMENT, /* workers were killed from outside, or something was used up */
	SIM_EXPLORE_BUG,         /* code of ffasim crashed */
	SIM_EXPLORE_END_COUNT
};

/* How many states there is room for: half of the memory is theirs. */
uint64_t sim_explore_room_for_states(const struct sim_explore_options *options);

const char *sim_explore_end_name(enum sim_explore_end end);
bool sim_explore_end_by_name(const char *name, enum sim_explore_end *ret_end);

/*
 * A schedule: the context of each step. Most are short, so nothing copies or clears more of one
 * than its steps, and what is behind them takes no memory.
 */
struct sim_explore_path {
	uint32_t length;
	uint8_t step[SIM_EXPLORE_DEPTH];
};

static inline void sim_explore_path_copy(struct sim_explore_path *to,
                                         const struct sim_explore_path *from)
{
	to->length = from->length;
	memcpy(to->step, from->step, from->length);
}

/* A copy, freed by the caller, with no room for another step. */
struct sim_explore_path *sim_explore_path_trimmed(const struct sim_explore_path *path);

struct sim_explore_hit {
	uint64_t count; /* drawn: executions that show it; else transitions and terminal states */
	uint64_t first; /* the number of the first of them, from 1 */
	uint64_t last;  /* and of the last */
	uint64_t by[SIM_MEMBER_COUNT]; /* count by who drew them */
	struct sim_explore_path path;  /* that led there */
};

struct sim_explore_result {
	enum sim_explore_end end;
	uint64_t executions; /* to a terminal state; dpor: without the blocked ones */
	uint64_t blocked;    /* dpor: given up because all that is left is covered elsewhere */
	uint64_t cut;        /* given up at max_depth */
	uint64_t states;     /* stateful */
	uint64_t
	        drawn[SIM_MEMBER_COUNT]; /* executions, those that were cut too, by who drew them */
	uint64_t steps;
	uint32_t bound;         /* bounded: the last bound that was gone through completely */
	uint32_t deepest;       /* steps of the longest execution */
	uint64_t memory;        /* bytes of visited set and snapshots */
	uint32_t finding_count; /* hits[0 .. finding_count) may have a count */
	struct sim_unjudged unjudged;
	struct sim_explore_hit hits[SIM_EXPLORE_FINDINGS];
	struct sim_explore_hit crashes[SIM_EXPLORE_CRASHES]; /* steps known to end the process */
	uint64_t outcomes[SIM_EXPLORE_OUTCOMES]; /* executions (stateful: states) with each */
};

/* All counts 0; the steps of its paths stay what they are. */
void sim_explore_result_clear(struct sim_explore_result *result);

/* The upper bound of the probability that two of n states share a hash: n^2 / 2^65. */
double sim_explore_collision(uint64_t states);

/* ret_result is overwritten; large, so best not on the stack. */
void sim_explore_run(struct sim_explore_system *system, const struct sim_explore_options *options,
                     struct sim_explore_result *ret_result);

/*
 * Looks for a shorter schedule of a finding: with 0, 1, 2... preemptions, up to `executions` in
 * all. Answers false, and leaves path alone, if there is none.
 */
bool sim_explore_shorten(struct sim_explore_system *system, uint32_t finding, uint64_t executions,
                         struct sim_explore_path *path);

#endif
