/* SPDX-License-Identifier: MIT */
/*
 * Every Mazurkiewicz trace once: dynamic partial order reduction with source
 * sets and sleep sets (P. A. Abdulla et al., "Source sets: a foundation for
 * optimal dynamic partial order reduction", J. ACM 2017, algorithm
 * "Source-DPOR"). An execution that has nothing left to do but what sleeps is
 * covered elsewhere; it is counted as blocked.
 *
 * Each node keeps the step taken from it: its operation and its vector clock.
 * Two operations race if they depend on each other, are of different contexts,
 * and nothing else orders them. One that had to wait for the other (the value
 * it found would have made it wait) cannot be moved before it: that is an edge,
 * and the race is with whoever made it wait. Operations that wait when nobody
 * can go race like those that were done. An operation that is enabled by more
 * than one value (conditional) may race with several others on a chain: none of
 * them hides one before it. At a step that ends everything all others are tried.
 *
 * Going back replays steps from the last snapshot at or above the node.
 */
#include <string.h>

#include "sim/explore/search.h"

/* Steps between two snapshots on the current path. */
enum { STRIDE = 8 };
/* Nodes that there is room for to begin with, at least. */
#define FIRST_NODES 256u

struct node {
	uint32_t enabled;
	uint32_t waiting;   /* contexts that cannot go, but might have at another time */
	uint32_t backtrack; /* contexts to be tried from here */
	uint32_t sleep;     /* contexts that need not be tried, for now or any more */
	uint32_t other;  /* the last node before this one whose step is another context's, plus 1 */
	uint8_t context; /* whose step was taken */
	uint32_t number; /* of that step among its context's, from 1 */
	uint32_t clock[SIM_EXPLORE_CONTEXTS];
	struct sim_explore_op op;
	struct sim_explore_op asleep[SIM_EXPLORE_CONTEXTS]; /* what each that sleeps would do */
};

struct dpor {
	struct sim_search *search;
	struct node *nodes;            /* one more than the deepest path so far has */
	uint32_t room;                 /* for so many */
	struct sim_search_arena arena; /* snapshots, one for each STRIDE nodes */
	size_t offsets[SIM_EXPLORE_DEPTH / STRIDE + 2];
	uint32_t clock[SIM_EXPLORE_CONTEXTS][SIM_EXPLORE_CONTEXTS]; /* now, by context */
};

static void join(uint32_t *clock, const uint32_t *other, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (other[i] > clock[i])
			clock[i] = other[i];
}

/* Whether a node between the two is ordered after the first: it cannot come before it. */
static inline bool comes_after(const struct node *node, const struct node *first)
{
	return node->clock[first->context] >= first->number;
}

/*
 * The contexts that could go first if the step at node `at` and all after it were moved behind
 * `op` of context c, which is about to happen or waits at `depth`.
 */
static uint32_t initials(const struct dpor *dpor, uint32_t at, uint32_t depth, unsigned c,
                         const struct sim_explore_op *op)
{
	const struct node *first = &dpor->nodes[at];
	uint32_t start[SIM_EXPLORE_CONTEXTS];
	uint32_t seen = 0, found = 0;
	bool own_is_free = true;

	for (uint32_t i = at + 1; i < depth; i++) {
		const struct node *node = &dpor->nodes[i];
		bool is_free = true;

		if (comes_after(node, first))
			continue;
		if (node->context != c && own_is_free && sim_explore_dependent(&node->op, op))
			own_is_free = false;
		if (seen >> node->context & 1)
			continue;
		for (uint32_t left = seen; left && is_free; left &= left - 1) {
			unsigned other = sim_search_lowest(left);

			is_free = node->clock[other] < start[other];
		}
		seen |= 1u << node->context;
		start[node->context] = node->number;
		if (is_free)
			found |= 1u << node->context;
	}
	if (seen >> c & 1)
		return found;
	for (uint32_t left = seen; left && own_is_free; left &= left - 1) {
		unsigned other = sim_search_lowest(left);

		own_is_free = dpor->clock[c][other] < start[other];
	}
	return own_is_free ? found | 1u << c : found;
}

static void reverse(struct dpor *dpor, uint32_t at, uint32_t depth, unsigned c,
                    const struct sim_explore_op *op)
{
	struct node *node = &dpor->nodes[at];
	uint32_t first = initials(dpor, at, depth, c, op);

	if (first & node->backtrack)
		return;
	first &= node->enabled;
	node->backtrack |= first ? first & -first : node->enabled;
}

/* Whether `op` of context c would have had to wait just before the step of this node. `next`: it
 * was what c would have done next. */
static inline bool had_to_wait(const struct node *node, const struct sim_explore_op *op, unsigned c,
                               bool next)
{
	if (op->conditional && next && !(node->enabled >> c & 1))
		return true;
	return op->wait && node->op.address == op->address &&
	       sim_explore_waits(op, node->op.before);
}

/* Finds the races of `op` with the steps before it, and the clock it has after them. */
static void find_races(struct dpor *dpor, uint32_t depth, unsigned c,
                       const struct sim_explore_op *op, uint32_t *ret_clock)
{
	unsigned count = dpor->search->system->count;
	uint32_t ordered[SIM_EXPLORE_CONTEXTS];
	bool next = true;

	memcpy(ordered, dpor->clock[c], count * sizeof ordered[0]);
	memcpy(ret_clock, dpor->clock[c], count * sizeof ret_clock[0]);
	for (uint32_t i = depth; i-- > 0;) {
		const struct node *node = &dpor->nodes[i];

		if (node->context == c) {
			next = false;
			i = node->other; /* nor with any step between */
			continue;
		}
		if (node->number <= ordered[node->context] || !sim_explore_dependent(&node->op, op))
			continue;
		join(ret_clock, node->clock, count);
		if (had_to_wait(node, op, c, next))
			continue;
		reverse(dpor, i, depth, c, op);
		if (!op->conditional)
			join(ordered, node->clock, count);
	}
}

/* What sleeps on: those whose operation does not depend on what was done. */
static void pass_sleep(const struct node *from, struct node *to)
{
	to->sleep = 0;
	for (uint32_t left = from->sleep; left; left &= left - 1) {
		unsigned c = sim_search_lowest(left);

		if (c == from->context || sim_explore_dependent(&from->asleep[c], &from->op))
			continue;
		to->sleep |= 1u << c;
		to->asleep[c] = from->asleep[c];
	}
}

static void keep_snapshot(struct dpor *dpor)
{
	struct sim_explore_system *system = dpor->search->system;
	uint32_t depth = dpor->search->depth;
	uint8_t *room;

	if (depth % STRIDE)
		return;
	dpor->arena.used = dpor->offsets[depth / STRIDE];
	room = sim_search_room(dpor->search, &dpor->arena, system->snapshot_max);
	dpor->offsets[depth / STRIDE + 1] =
	        dpor->arena.used + ((system->class->save(system, room) + 15) & ~(size_t)15);
}

/* Room for nodes up to the one of this depth; earlier pointers move. */
static void reserve(struct dpor *dpor, uint32_t depth)
{
	uint32_t before = dpor->room;

	if (depth < before)
		return;
	dpor->room = MAX(2 * depth, FIRST_NODES);
	dpor->nodes = g_renew(struct node, dpor->nodes, dpor->room);
	memset(dpor->nodes + before, 0, (dpor->room - before) * sizeof *dpor->nodes);
}

/* Whose step it is, and where those of the others are. */
static void note_context(struct dpor *dpor, uint32_t depth, unsigned c)
{
	struct node *node = &dpor->nodes[depth];

	node->context = (uint8_t)c;
	node->other = !depth ? 0 : node[-1].context == c ? node[-1].other : depth;
}

/* Takes the step chosen at the node of the current depth, for the first time. */
static void explore_step(struct dpor *dpor)
{
	struct sim_search *search = dpor->search;
	uint32_t depth = search->depth, clock[SIM_EXPLORE_CONTEXTS];
	unsigned c = dpor->nodes[depth].context, count = search->system->count;
	struct node *node;

	reserve(dpor, depth + 1);
	node = &dpor->nodes[depth];
	sim_search_step(search, c);
	node->op = search->system->done;
	find_races(dpor, depth, c, &node->op, clock);
	node->number = ++clock[c];
	memcpy(node->clock, clock, count * sizeof clock[0]);
	memcpy(dpor->clock[c], clock, count * sizeof clock[0]);
	pass_sleep(node, node + 1);
}

/* Who can go in the state the system is in, and who cannot yet. */
static void note_contexts(const struct dpor *dpor, struct node *node)
{
	const struct sim_explore_system *system = dpor->search->system;

	node->enabled = system->enabled;
	node->waiting = (system->unfinished | system->idle) & ~node->enabled;
}

/* A state is reached for the first time; its sleep set is there. False: all that is left sleeps. */
static bool choose(struct dpor *dpor)
{
	struct sim_search *search = dpor->search;
	struct node *node = &dpor->nodes[search->depth];
	uint32_t contexts = search->system->enabled & ~node->sleep;
	unsigned last = search->depth ? node[-1].context : 0;

	if (!contexts)
		return false;
	note_contexts(dpor, node);
	note_context(dpor, search->depth,
	             contexts >> last & 1 ? last : sim_search_lowest(contexts));
	node->backtrack = 1u << node->context;
	return true;
}

/* Contexts that have something left, or might have had, race with what was done before. */
static void reverse_what_waits(struct dpor *dpor)
{
	struct sim_search *search = dpor->search;
	struct sim_explore_system *system = search->system;
	uint32_t waiting = system->unfinished | system->idle;
	uint32_t clock[SIM_EXPLORE_CONTEXTS];

	if (system->failed) {
		struct node *last = &dpor->nodes[search->depth - 1];

		/* it ended everything: whoever could go could have gone before it */
		last->backtrack |= last->enabled;
		waiting = last->waiting;
	}
	for (uint32_t left = waiting; left; left &= left - 1) {
		unsigned c = sim_search_lowest(left);

		find_races(dpor, search->depth, c, &system->op[c], clock);
	}
}

static void end_execution(struct dpor *dpor)
{
	if (dpor->search->depth)
		reverse_what_waits(dpor);
	sim_search_terminal(dpor->search);
}

/*
 * The state was on the path before. What follows has to be found from there, by whom else it may be
 * up to: on the way round every context is tried.
 */
static void try_all_on_way(struct dpor *dpor)
{
	for (uint32_t i = sim_endless_back(dpor->search); i < dpor->search->depth; i++)
		dpor->nodes[i].backtrack |= dpor->nodes[i].enabled;
}

/* False: the path is given up, and that is counted. */
static bool goes_on(struct dpor *dpor)
{
	struct sim_search *search = dpor->search;
	enum sim_way way = sim_search_way(search);

	if (way == SIM_WAY_BACK) {
		try_all_on_way(dpor);
		search->result->blocked++;
	} else if (way == SIM_WAY_CUT ||
	           (search->system->enabled && search->depth == search->max_depth)) {
		search->result->cut++;
	} else {
		return true;
	}
	return false;
}

/* From the current state, whose node is new, to the end of an execution. */
static void descend(struct dpor *dpor)
{
	struct sim_search *search = dpor->search;

	while (!search->ended) {
		if (!goes_on(dpor))
			return;
		if (!search->system->enabled || search->ended)
			break;
		keep_snapshot(dpor);
		if (!choose(dpor)) {
			search->result->blocked++;
			return;
		}
		explore_step(dpor);
	}
	if (!search->ended)
		end_execution(dpor);
}

/* The deepest node that has a context to try: it is chosen there. False: there is none. */
static bool find_next(struct dpor *dpor, uint32_t *ret_depth)
{
	for (uint32_t i = dpor->search->depth; i-- > 0;) {
		struct node *node = &dpor->nodes[i];
		uint32_t left;

		node->sleep |= 1u << node->context;
		node->asleep[node->context] = node->op;
		left = node->backtrack & node->enabled & ~node->sleep;
		if (!left)
			continue;
		note_context(dpor, i, sim_search_lowest(left));
		*ret_depth = i;
		return true;
	}
	return false;
}

/* Puts the system and the clocks where they were at the node. */
static void replay(struct dpor *dpor, uint32_t depth)
{
	struct sim_search *search = dpor->search;
	struct sim_explore_system *system = search->system;
	unsigned count = system->count;

	search->depth = depth / STRIDE * STRIDE;
	system->class->load(system, dpor->arena.bytes + dpor->offsets[depth / STRIDE]);
	while (search->depth < depth)
		system->class->step(system, search->path[search->depth++]);
	sim_explore_drop_noted(system);
	memset(dpor->clock, 0, sizeof dpor->clock);
	for (uint32_t i = 0, left = (1u << count) - 1; i < depth && left; i++) {
		const struct node *node = &dpor->nodes[depth - 1 - i];

		if (!(left >> node->context & 1))
			continue;
		left &= ~(1u << node->context);
		memcpy(dpor->clock[node->context], node->clock, count * sizeof node->clock[0]);
	}
}

/* Where the search stands between two executions. */
static void store(const struct dpor *dpor, struct sim_position *position)
{
	position->length = dpor->search->depth;
	memcpy(position->step, dpor->search->path, position->length);
	for (uint32_t i = 0; i < position->length; i++) {
		position->left[i] = dpor->nodes[i].backtrack;
		position->sleep[i] = dpor->nodes[i].sleep;
	}
}

/* What a context did that was tried at this node has to be done again to be known. */
static void try_again(struct dpor *dpor, struct node *node, uint32_t contexts)
{
	struct sim_search *search = dpor->search;
	struct sim_explore_system *system = search->system;

	if (!contexts)
		return;
	system->class->save(system, search->scratch);
	for (; contexts; contexts &= contexts - 1) {
		unsigned c = sim_search_lowest(contexts);

		sim_search_step(search, c);
		node->sleep |= 1u << c;
		node->asleep[c] = system->done;
		search->depth--;
		system->class->load(system, search->scratch);
	}
}

/* Takes the path again to make the nodes on it. */
static void restore(struct dpor *dpor, const struct sim_position *position)
{
	struct sim_search *search = dpor->search;

	search->muted = true;
	for (uint32_t i = 0; i < position->length && !search->ended; i++) {
		struct node *node = &dpor->nodes[i];

		sim_search_way(search);
		keep_snapshot(dpor);
		note_contexts(dpor, node);
		node->backtrack = position->left[i];
		note_context(dpor, i, position->step[i]);
		try_again(dpor, node, position->sleep[i] & ~node->sleep);
		explore_step(dpor);
	}
	search->muted = false;
}

static void tell(struct dpor *dpor)
{
	struct sim_search *search = dpor->search;

	if (!search->asked || search->ended || !search->position)
		return;
	store(dpor, search->position);
	sim_search_tell(search, false);
}

void sim_search_dpor(struct sim_search *search)
{
	struct dpor *dpor = g_new0(struct dpor, 1);
	uint32_t depth;

	dpor->search = search;
	dpor->arena = search->memory->arena;
	reserve(dpor, 0);
	dpor->nodes[0].sleep = search->sleep.contexts;
	memcpy(dpor->nodes[0].asleep, search->sleep.op, sizeof search->sleep.op);
	if (search->resume)
		restore(dpor, search->resume);
	else
		descend(dpor);
	tell(dpor);
	while (!search->ended && find_next(dpor, &depth)) {
		replay(dpor, depth);
		explore_step(dpor);
		descend(dpor);
		tell(dpor);
	}
	search->result->memory += (uint64_t)dpor->room * sizeof *dpor->nodes;
	g_free(dpor->nodes);
	search->memory->arena = dpor->arena;
	g_free(dpor);
}
