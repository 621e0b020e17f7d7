/* SPDX-License-Identifier: MIT */
/*
 * What the strategies share: one search under way. Not for users of explore.h.
 *
 * A search goes through all executions, or through those of one job: the ones
 * that begin with a prefix, or those with some numbers. Strategies do not see
 * the prefix: their depth 0 is its end. A search may lie in memory that another
 * process reads while it runs (crew.h): depth and path then tell where it was
 * when its process was lost.
 */
#ifndef SIM_EXPLORE_SEARCH_H
#define SIM_EXPLORE_SEARCH_H

#include "sim/explore/endless.h"
#include "sim/explore/explore.h"
#include "sim/explore/job.h"
#include "sim/explore/visited.h"

/* Steps between two looks at the clock, and executions, which may have no steps at all. */
#define SIM_SEARCH_TICK 4096u
#define SIM_SEARCH_ENDS 16u

/* A step that ends the process: context c in the state with this hash. */
struct sim_trap {
	uint64_t hash;
	uint32_t context; /* SIM_TRAP_JUDGE: not a step, but looking at the terminal state */
	uint32_t kind;    /* below SIM_EXPLORE_CRASHES */
};

#define SIM_TRAP_JUDGE SIM_EXPLORE_CONTEXTS
#define SIM_TRAPS      256u /* a search that would need more gives its job up */

/* A buffer that grows, for snapshots on a stack. */
struct sim_search_arena {
	uint8_t *bytes;
	size_t used;
	size_t size;
};

/* Buffers that one search leaves for the next on the same system; zero to begin with. */
struct sim_search_memory {
	uint8_t *home;
	uint8_t *start;
	uint8_t *scratch;
	struct sim_search_arena arena;
};

/* Set by others, in shared memory, while searches run. */
struct sim_search_calls {
	uint32_t stop;   /* come to an end */
	uint32_t ask;    /* grows whenever the position is wanted */
	uint32_t hungry; /* somebody has nothing to do: give away part of the work, and clear it */
};

struct sim_search {
	/* filled in by who starts it; zero is right for all but the first four */
	struct sim_explore_system *system;
	const struct sim_explore_options *options;
	struct sim_explore_result *result;
	struct sim_search_memory *memory; /* the caller frees it with sim_search_forget() */
	const struct sim_explore_job *job;
	const struct sim_trap *traps;
	uint32_t trap_count;
	struct sim_visited *visited;       /* stateful: shared with others; NULL: its own */
	GArray *log;                       /* stateful: hashes of new states; NULL: not kept */
	const struct sim_position *resume; /* where to go on; NULL: at the beginning */
	/*
	 * For others who want to know where it stands: `position` and what the result holds then
	 * belong together when tell() is called. NULL: nobody does, and limits end it at once.
	 */
	struct sim_position *position;
	struct sim_position *gift; /* stateful: filled in by tell() time if given */
	void (*tell)(struct sim_search *search, bool with_gift);
	/* Called when a finding counts for the first time; NULL: nobody waits for it. */
	void (*found)(struct sim_search *search, uint32_t finding);
	void *user;
	struct sim_search_calls *calls;
	uint64_t tell_every; /* steps; 0: when asked */
	unsigned sharers;    /* processes that have to get along with the memory; 0: one */

	uint8_t *home;  /* snapshot of the first state */
	uint8_t *start; /* snapshot of the state at which executions begin */
	uint8_t *path;  /* steps[base]: the current path, `depth` long */
	uint8_t *scratch;
	uint32_t base;  /* steps of the prefix */
	uint32_t depth; /* steps taken on the current path */
	uint32_t max_depth;
	uint32_t preemptions;   /* in the prefix */
	enum sim_member member; /* portfolio: who draws the execution */
	struct sim_endless *endless;
	bool *watched;          /* endless.c: in which chunks of the path states are known again */
	bool judging;           /* looking at a terminal state */
	bool muted;             /* what is found counts elsewhere */
	struct sim_sleep sleep; /* dpor: at the end of the prefix */
	uint64_t max_executions;
	uint64_t earlier; /* executions of rounds that the result does not count any more */
	uint64_t tick;    /* steps */
	uint64_t warm_up; /* of them, those of no execution that counts */
	uint64_t next_look;
	uint64_t ends; /* executions that came to an end, or were cut */
	uint64_t next_tell;
	uint32_t answered;
	bool asked;  /* the position is wanted */
	bool ending; /* and then it ends, for this reason: */
	enum sim_explore_end reason;
	gint64 deadline;                  /* as sim_clock_now() counts; 0: none */
	bool ended;                       /* result->end is set, everything returns */
	uint8_t steps[SIM_EXPLORE_DEPTH]; /* last, and cleared by nobody */
};

typedef void sim_search_fn(struct sim_search *search);

sim_search_fn sim_search_stateful, sim_search_dpor, sim_search_tree, sim_search_sample,
        sim_search_portfolio;

/* What draws an execution. */
struct sim_turn {
	enum sim_member member;
	enum sim_strategy strategy;
	uint32_t pct_depth;
};

/* portfolio.c: what draws this one. */
const struct sim_turn *sim_portfolio_turn(uint64_t number);

/* portfolio.c: the length of a stretch of the opening of so many executions. */
uint64_t sim_portfolio_stretch(uint64_t all);

/* sample.c: executions from this number on, until the search ends. */
void sim_search_draw(struct sim_search *search, uint64_t number);

/* tree.c: every interleaving with at most so many preemptions; nothing ends behind the last. */
void sim_search_round(struct sim_search *search, uint32_t bound);

/* The current path is given up at its depth. */
void sim_search_cut(struct sim_search *search);

/* Steps of executions that count. */
static inline uint64_t sim_search_steps(const struct sim_search *search)
{
	return search->tick - search->warm_up;
}

/* Runs the search; the system is in the state before the first step, and ends there. */
void sim_search_run(struct sim_search *search);

void sim_search_forget(struct sim_search_memory *memory);

/* Plans it instead: jobs of struct sim_explore_job are appended. */
void sim_search_plan(struct sim_search *search, GArray *jobs);

void sim_search_end(struct sim_search *search, enum sim_explore_end end);

/* Takes what was noted, findings and what was not judged, as that of the current path. */
void sim_search_take_noted(struct sim_search *search);

/* Looks at the clock, and whether somebody wants something, now and then. */
void sim_search_look(struct sim_search *search);

/* The position is filled in and told; gift: work given away, which the position has no more. */
void sim_search_tell(struct sim_search *search, bool with_gift);

/* Steps were taken. */
static inline void sim_search_count(struct sim_search *search, uint32_t steps)
{
	search->tick += steps;
	if (search->tick >= search->next_look)
		sim_search_look(search);
}

/* Behind each step. */
static inline void sim_search_arrive(struct sim_search *search)
{
	const struct sim_explore_system *system = search->system;

	if (system->noted_count || system->learnt || system->left_out || system->lost)
		sim_search_take_noted(search);
}

/* Whether the step is known to end the process; then it is counted as done, and failed. */
bool sim_search_trapped(struct sim_search *search, unsigned c);

/* One step of the current path. */
static inline void sim_search_step(struct sim_search *search, unsigned c)
{
	search->path[search->depth++] = (uint8_t)c;
	sim_search_count(search, 1);
	if (search->trap_count && sim_search_trapped(search, c))
		return;
	search->system->class->step(search->system, c);
	sim_search_arrive(search);
}

/*
 * At each state of a path, from the first one on, by strategies that go back: whether the path goes
 * on from there. Each state of a path that is restored is shown, too.
 */
static inline enum sim_way sim_search_way(struct sim_search *search)
{
	if (search->depth % SIM_ENDLESS_CHUNK &&
	    !search->watched[search->depth / SIM_ENDLESS_CHUNK])
		return SIM_WAY_ON;
	return sim_endless_arrive(search);
}

/* Back to the state at which executions begin. */
static inline void sim_search_rewind(struct sim_search *search)
{
	search->depth = 0;
	search->system->class->load(search->system, search->start);
}

/* The current path has come to a terminal state. */
void sim_search_terminal(struct sim_search *search);

static inline unsigned sim_search_lowest(uint32_t mask)
{
	return (unsigned)__builtin_ctz(mask);
}

/*
 * Room for one more snapshot of `size` bytes behind what is used; earlier pointers move. Ends the
 * search if that is beyond its memory.
 */
uint8_t *sim_search_room(struct sim_search *search, struct sim_search_arena *arena, size_t size);

#endif
