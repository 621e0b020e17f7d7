/* SPDX-License-Identifier: MIT */
/* What the strategies share: one search under way. Not for users of explore.h. */
#ifndef SIM_EXPLORE_SEARCH_H
#define SIM_EXPLORE_SEARCH_H

#include "sim/explore/explore.h"

/* Steps between two looks at the clock. */
#define SIM_SEARCH_TICK 4096u

struct sim_search {
	struct sim_explore_system *system;
	const struct sim_explore_options *options;
	struct sim_explore_result *result;
	uint8_t *start; /* snapshot of the state at which the search began */
	uint32_t depth; /* steps taken on the current path */
	uint32_t max_depth;
	uint64_t max_executions;
	uint64_t earlier; /* executions of rounds that the result does not count any more */
	uint64_t tick;    /* steps */
	gint64 deadline;  /* monotonic microseconds; 0: none */
	bool ended;       /* result->end is set, everything returns */
	uint8_t path[SIM_EXPLORE_DEPTH];
};

typedef void sim_search_fn(struct sim_search *search);

sim_search_fn sim_search_stateful, sim_search_dpor, sim_search_tree, sim_search_sample;

void sim_search_end(struct sim_search *search, enum sim_explore_end end);

/* Takes the noted findings as those of the current path. */
void sim_search_take_noted(struct sim_search *search);

/* Looks at the clock now and then. */
void sim_search_look(struct sim_search *search);

/* Before and behind each step of the current path. */
static inline void sim_search_enter(struct sim_search *search, unsigned c)
{
	search->path[search->depth++] = (uint8_t)c;
	if (++search->tick % SIM_SEARCH_TICK == 0)
		sim_search_look(search);
}

static inline void sim_search_arrive(struct sim_search *search)
{
	if (search->system->noted_count || search->system->lost)
		sim_search_take_noted(search);
}

/* One step of the current path. */
static inline void sim_search_step(struct sim_search *search, unsigned c)
{
	sim_search_enter(search, c);
	search->system->class->step(search->system, c);
	sim_search_arrive(search);
}

/* Back to the state at which the search began. */
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

/* A buffer that grows, for snapshots on a stack. */
struct sim_search_arena {
	uint8_t *bytes;
	size_t used;
	size_t size;
};

/* Room for one more snapshot of `size` bytes behind what is used; earlier pointers move. */
uint8_t *sim_search_room(struct sim_search_arena *arena, size_t size);

#endif
