/* SPDX-License-Identifier: MIT */
/*
 * Every reachable state once, depth first. A state is a snapshot; the visited
 * set keeps its hash alone. Going on from a state is loading its snapshot and
 * taking a step; the states on the way to the current one wait on a stack.
 */
#include "sim/explore/search.h"
#include "sim/explore/visited.h"

struct frame {
	size_t snapshot; /* offset in the arena */
	uint32_t left;   /* contexts not tried yet, a bit each */
};

struct walk {
	struct sim_search *search;
	struct sim_visited visited;
	struct sim_search_arena arena;
	struct frame *frames;
	uint32_t frame_count;
	bool here; /* the system is in the state on top of the stack */
};

/* The state the system is in joins the stack, if it is new. */
static void arrive(struct walk *walk)
{
	struct sim_search *search = walk->search;
	struct sim_explore_system *system = search->system;
	uint8_t *bytes = sim_search_room(&walk->arena, system->snapshot_max);
	size_t size = system->class->save(system, bytes);

	if (!sim_visited_add(&walk->visited, system->class->hash(system, bytes, size)))
		return;
	if (sim_visited_full(&walk->visited))
		sim_search_end(search, SIM_EXPLORE_LIMIT_STATES);
	if (!system->enabled) {
		sim_search_terminal(search);
		return;
	}
	if (search->depth == search->max_depth) {
		search->result->cut++;
		return;
	}
	walk->frames[walk->frame_count++] =
	        (struct frame){.snapshot = walk->arena.used, .left = system->enabled};
	walk->arena.used += (size + 15) & ~(size_t)15;
	walk->here = true;
}

/* One step from the state on top of the stack; a state with nothing left leaves it. */
static void advance(struct walk *walk)
{
	struct sim_search *search = walk->search;
	struct frame *frame = &walk->frames[walk->frame_count - 1];
	unsigned c = sim_search_lowest(frame->left);

	search->depth = walk->frame_count - 1;
	if (!walk->here)
		search->system->class->load(search->system, walk->arena.bytes + frame->snapshot);
	walk->here = false;
	frame->left &= frame->left - 1;
	sim_search_step(search, c);
	if (!search->ended)
		arrive(walk);
	while (walk->frame_count && !walk->frames[walk->frame_count - 1].left) {
		walk->frame_count--;
		walk->arena.used = walk->frames[walk->frame_count].snapshot;
	}
}

void sim_search_stateful(struct sim_search *search)
{
	const struct sim_explore_options *options = search->options;
	struct walk walk = {.search = search, .arena = search->memory->arena};

	sim_visited_init(&walk.visited,
	                 options->max_states ? options->max_states : SIM_EXPLORE_STATES);
	walk.frames = g_new(struct frame, SIM_EXPLORE_DEPTH + 1);
	arrive(&walk);
	while (walk.frame_count && !search->ended)
		advance(&walk);
	search->result->states = walk.visited.count;
	search->result->memory = sim_visited_memory(&walk.visited) + walk.arena.peak;
	sim_visited_fini(&walk.visited);
	g_free(walk.frames);
	search->memory->arena = walk.arena;
}
