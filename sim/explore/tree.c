/* SPDX-License-Identifier: MIT */
/*
 * The tree of interleavings, depth first, children of a node from snapshots:
 * all of it, or what needs at most k preemptions, with k growing until a round
 * had nothing to leave out. A preemption is a step of another context while
 * the last one could go on.
 */
#include <string.h>

#include "sim/explore/search.h"

/* A point at which more than one context can go. */
struct node {
	size_t snapshot; /* offset in the arena */
	uint32_t depth;
	uint32_t left;        /* contexts not tried yet, a bit each */
	uint32_t preemptions; /* on the way here */
	uint8_t last;         /* the context that took the step before; count: none */
};

struct tree {
	struct sim_search *search;
	struct sim_search_arena arena;
	struct node *nodes;
	uint32_t node_count;
	uint32_t bound;
	uint32_t preemptions;
	unsigned last;
	bool left_out; /* the bound hid something in this round */
};

static bool last_can_go(const struct tree *tree)
{
	return tree->search->system->enabled >> tree->last & 1;
}

/* The contexts that may go now; `last` alone once the preemptions are used up. */
static uint32_t choices(struct tree *tree)
{
	uint32_t enabled = tree->search->system->enabled;

	if (tree->preemptions < tree->bound || !last_can_go(tree))
		return enabled;
	if (enabled != 1u << tree->last)
		tree->left_out = true;
	return 1u << tree->last;
}

static void push(struct tree *tree, uint32_t left)
{
	struct sim_explore_system *system = tree->search->system;
	uint8_t *room = sim_search_room(tree->search, &tree->arena, system->snapshot_max);
	struct node *node = &tree->nodes[tree->node_count++];

	*node = (struct node){.snapshot = tree->arena.used,
	                      .depth = tree->search->depth,
	                      .left = left,
	                      .preemptions = tree->preemptions,
	                      .last = (uint8_t)tree->last};
	tree->arena.used += (system->class->save(system, room) + 15) & ~(size_t)15;
}

static void step(struct tree *tree, unsigned c)
{
	if (c != tree->last && last_can_go(tree))
		tree->preemptions++;
	tree->last = c;
	sim_search_step(tree->search, c);
}

/* The one that would go on, if it is among them: fewer preemptions come first. */
static unsigned first_of(const struct tree *tree, uint32_t contexts)
{
	return contexts >> tree->last & 1 ? tree->last : sim_search_lowest(contexts);
}

/* False: the path is given up, and that is counted. */
static bool goes_on(struct sim_search *search)
{
	enum sim_way way = sim_search_way(search);

	if (way == SIM_WAY_BACK)
		search->result->blocked++;
	else if (way == SIM_WAY_CUT ||
	         (search->system->enabled && search->depth == search->max_depth))
		sim_search_cut(search);
	else
		return true;
	return false;
}

/* From here to a terminal state, always the first choice; the others wait at nodes. */
static void descend(struct tree *tree)
{
	struct sim_search *search = tree->search;
	uint32_t contexts;

	while (!search->ended) {
		unsigned c;

		if (!goes_on(search))
			return;
		contexts = choices(tree);
		if (!contexts || search->ended)
			break;
		c = first_of(tree, contexts);
		if (contexts != 1u << c)
			push(tree, contexts & ~(1u << c));
		step(tree, c);
	}
	if (!search->ended)
		sim_search_terminal(search);
}

/* Back to the deepest node with something left, and one step from there; false: there is none. */
static bool go_back(struct tree *tree)
{
	struct sim_search *search = tree->search;
	struct node *node;
	unsigned c;

	if (tree->node_count == 0)
		return false;
	node = &tree->nodes[tree->node_count - 1];
	search->system->class->load(search->system, tree->arena.bytes + node->snapshot);
	search->depth = node->depth;
	tree->preemptions = node->preemptions;
	tree->last = node->last;
	c = sim_search_lowest(node->left);
	node->left &= node->left - 1;
	if (!node->left) {
		tree->arena.used = node->snapshot;
		tree->node_count--;
	}
	step(tree, c);
	return true;
}

/* Where the round stands between two executions. */
static void store(const struct tree *tree, struct sim_position *position)
{
	position->left_out = tree->left_out;
	position->length = tree->nodes[tree->node_count - 1].depth;
	memcpy(position->step, tree->search->path, position->length);
	memset(position->left, 0, (position->length + 1) * sizeof position->left[0]);
	for (uint32_t i = 0; i < tree->node_count; i++)
		position->left[tree->nodes[i].depth] = tree->nodes[i].left;
}

/* Takes the path again to make the nodes on it. */
static void restore(struct tree *tree, const struct sim_position *position)
{
	struct sim_search *search = tree->search;

	tree->left_out = position->left_out;
	search->muted = true;
	for (uint32_t i = 0; i <= position->length; i++) {
		sim_search_way(search);
		if (position->left[i])
			push(tree, position->left[i]);
		if (i < position->length)
			step(tree, position->step[i]);
	}
	search->muted = false;
}

static void tell(struct tree *tree)
{
	const struct sim_search *search = tree->search;

	if (!search->asked || search->ended || !search->position || !tree->node_count)
		return;
	store(tree, tree->search->position);
	sim_search_tell(tree->search, false);
}

static void start_round(struct tree *tree)
{
	const struct sim_search *search = tree->search;

	sim_search_rewind(tree->search);
	tree->node_count = 0;
	tree->arena.used = 0;
	tree->preemptions = search->preemptions;
	tree->last = search->base ? search->path[-1] : search->system->count;
	tree->left_out = tree->preemptions > tree->bound;
}

static void run_round(struct tree *tree)
{
	struct sim_search *search = tree->search;

	start_round(tree);
	if (tree->left_out)
		return;
	if (search->resume)
		restore(tree, search->resume);
	else
		descend(tree);
	tell(tree);
	while (!search->ended && go_back(tree)) {
		descend(tree);
		tell(tree);
	}
}

/* Every round starts its counts anew: the last one contains all before it. */
static void forget_round(struct sim_search *search)
{
	struct sim_explore_result *result = search->result;

	search->earlier += result->executions;
	result->executions = result->blocked = result->cut = 0;
	memset(result->outcomes, 0, sizeof result->outcomes);
	for (uint32_t i = 0; i < result->finding_count; i++)
		result->hits[i].count = 0;
}

static void run_bounds(struct tree *tree)
{
	struct sim_search *search = tree->search;
	uint32_t max = search->options->max_bound;

	for (tree->bound = 0; tree->bound <= max; tree->bound++) {
		if (tree->bound)
			forget_round(search);
		run_round(tree);
		if (search->ended)
			return;
		search->result->bound = tree->bound;
		if (!tree->left_out)
			return;
	}
	sim_search_end(search, SIM_EXPLORE_LIMIT_BOUND);
}

static void begin_tree(struct tree *tree, struct sim_search *search)
{
	*tree = (struct tree){.search = search, .arena = search->memory->arena};
	tree->nodes = g_new(struct node, SIM_EXPLORE_DEPTH);
}

static void end_tree(struct tree *tree)
{
	g_free(tree->nodes);
	tree->search->memory->arena = tree->arena;
}

void sim_search_round(struct sim_search *search, uint32_t bound)
{
	struct tree tree;

	begin_tree(&tree, search);
	tree.bound = bound;
	run_round(&tree);
	end_tree(&tree);
}

void sim_search_tree(struct sim_search *search)
{
	struct tree tree;

	begin_tree(&tree, search);
	if (search->options->strategy == SIM_STRATEGY_BOUNDED && search->options->only_bound < 0) {
		run_bounds(&tree);
	} else {
		tree.bound = search->options->strategy == SIM_STRATEGY_BOUNDED
		                     ? (uint32_t)search->options->only_bound
		                     : UINT32_MAX;
		run_round(&tree);
		if (tree.left_out)
			sim_search_end(search, SIM_EXPLORE_LIMIT_BOUND);
	}
	end_tree(&tree);
}
