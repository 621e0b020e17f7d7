/* SPDX-License-Identifier: MIT */
/*
 * Every reachable state once, depth first. A state is a snapshot; the visited
 * set keeps its hash alone. Going on from a state is loading its snapshot and
 * taking a step; the states on the way to the current one from which there are
 * more steps to take wait on a stack.
 */
#include <string.h>

#include "sim/explore/search.h"

struct frame {
	size_t snapshot; /* offset in the arena */
	uint32_t depth;  /* steps on the path to the state */
	uint32_t left;   /* contexts not tried yet, a bit each */
};

struct walk {
	struct sim_search *search;
	struct sim_visited *visited;
	struct sim_search_arena arena;
	struct frame *frames;
	uint32_t frame_count;
	bool here; /* the system is in the state on top of the stack */
};

/* Which limit made the set as small as it is. */
static enum sim_explore_end full_end(const struct sim_explore_options *options,
                                     const struct sim_visited *visited)
{
	return options->memory && visited->max != options->max_states ? SIM_EXPLORE_LIMIT_MEMORY
	                                                              : SIM_EXPLORE_LIMIT_STATES;
}

static bool is_new(struct walk *walk, uint64_t hash)
{
	struct sim_search *search = walk->search;

	if (!(walk->visited->shared ? sim_visited_add_shared(walk->visited, hash)
	                            : sim_visited_add(walk->visited, hash)))
		return false;
	search->result->states++;
	if (search->log)
		g_array_append_val(search->log, hash);
	if (sim_visited_full(walk->visited))
		sim_search_end(search, full_end(search->options, walk->visited));
	return true;
}

/* The state the system is in, whose snapshot lies behind the stack, joins it. */
static void push(struct walk *walk, size_t size, uint32_t left)
{
	walk->frames[walk->frame_count++] = (struct frame){
	        .snapshot = walk->arena.used, .depth = walk->search->depth, .left = left};
	walk->arena.used += (size + 15) & ~(size_t)15;
	walk->here = true;
}

/* The state the system is in joins the stack, if it is new. */
static void arrive(struct walk *walk)
{
	struct sim_search *search = walk->search;
	struct sim_explore_system *system = search->system;
	uint8_t *bytes = sim_search_room(search, &walk->arena, system->snapshot_max);
	size_t size = system->class->save(system, bytes);
	enum sim_way way;

	if (!is_new(walk, system->class->hash(system, bytes, size)))
		return;
	way = sim_search_way(search);
	if (!system->enabled) {
		sim_search_terminal(search);
		return;
	}
	if (way == SIM_WAY_BACK || way == SIM_WAY_CUT || search->depth == search->max_depth) {
		search->result->cut++;
		return;
	}
	push(walk, size, system->enabled);
}

/* States with nothing left leave the stack. */
static void pop(struct walk *walk)
{
	while (walk->frame_count && !walk->frames[walk->frame_count - 1].left) {
		walk->frame_count--;
		walk->arena.used = walk->frames[walk->frame_count].snapshot;
		walk->here = false;
	}
}

/* One step from the state on top of the stack. */
static void advance(struct walk *walk)
{
	struct sim_search *search = walk->search;
	struct frame *frame = &walk->frames[walk->frame_count - 1];
	unsigned c = sim_search_lowest(frame->left);

	search->depth = frame->depth;
	if (!walk->here)
		search->system->class->load(search->system, walk->arena.bytes + frame->snapshot);
	frame->left &= frame->left - 1;
	walk->here = false;
	/* before the next one comes on top of it: a path with no choice takes no memory */
	pop(walk);
	sim_search_step(search, c);
	if (!search->ended)
		arrive(walk);
}

/* Takes the path again to have the states on it on the stack. */
static void restore(struct walk *walk, const struct sim_position *position)
{
	struct sim_search *search = walk->search;
	struct sim_explore_system *system = search->system;

	search->muted = true;
	for (uint32_t i = 0; i <= position->length; i++) {
		uint8_t *bytes = sim_search_room(search, &walk->arena, system->snapshot_max);

		sim_search_way(search);
		if (position->left[i])
			push(walk, system->class->save(system, bytes), position->left[i]);
		if (i < position->length)
			sim_search_step(search, position->step[i]);
	}
	search->muted = false;
}

/* The lowest states of the stack, so many of them, and the path to them. */
static void store(const struct walk *walk, uint32_t frames, struct sim_position *position)
{
	position->length = walk->frames[frames - 1].depth;
	memcpy(position->step, walk->search->path, position->length);
	memset(position->left, 0, (position->length + 1) * sizeof position->left[0]);
	for (uint32_t i = 0; i < frames; i++)
		position->left[walk->frames[i].depth] = walk->frames[i].left;
}

/* Gives away what is left at the lowest state but the one on top; false: there is nothing. */
static bool give(struct walk *walk)
{
	struct sim_position *gift = walk->search->gift;

	for (uint32_t i = 0; gift && i + 1 < walk->frame_count; i++) {
		if (!walk->frames[i].left)
			continue;
		store(walk, i + 1, gift);
		walk->frames[i].left = 0;
		return true;
	}
	return false;
}

static void answer(struct walk *walk)
{
	struct sim_search *search = walk->search;
	bool given = !search->ending &&
	             __atomic_exchange_n(&search->calls->hungry, 0, __ATOMIC_RELAXED) && give(walk);

	store(walk, walk->frame_count, search->position);
	sim_search_tell(search, given);
}

static bool is_wanted(const struct sim_search *search)
{
	return search->position &&
	       (search->asked || __atomic_load_n(&search->calls->hungry, __ATOMIC_RELAXED));
}

void sim_search_stateful(struct sim_search *search)
{
	const struct sim_explore_options *options = search->options;
	struct walk walk = {.search = search, .arena = search->memory->arena};
	struct sim_visited own = {0};

	walk.visited = search->visited ? search->visited : &own;
	if (!search->visited && !sim_visited_init(&own, options->max_states ? options->max_states
	                                                                    : SIM_EXPLORE_STATES)) {
		sim_search_end(search, SIM_EXPLORE_LIMIT_MEMORY);
		return;
	}
	walk.frames = g_new(struct frame, SIM_EXPLORE_DEPTH + 1);
	if (search->resume)
		restore(&walk, search->resume);
	else
		arrive(&walk);
	while (walk.frame_count && !search->ended) {
		advance(&walk);
		pop(&walk);
		if (walk.frame_count && is_wanted(search) && !search->ended)
			answer(&walk);
	}
	search->result->memory += sim_visited_memory(walk.visited);
	if (!search->visited)
		sim_visited_fini(&own);
	g_free(walk.frames);
	search->memory->arena = walk.arena;
}
