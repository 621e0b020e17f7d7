/* SPDX-License-Identifier: MIT */
/*
 * Planning a tree: from the first state, level by level, every node is replaced
 * by its children until there are enough of them. The list stays in the order
 * in which a search from left to right would come to them.
 */
#include <string.h>

#include "sim/explore/search.h"

/* A node of the tree while it is planned. */
struct sprout {
	bool leaf; /* nothing to choose */
	struct sim_explore_job job;
};

static bool sleeps(const struct sim_search *search)
{
	return search->options->strategy == SIM_STRATEGY_DPOR;
}

/* Contexts to try in the state the system is in. */
static uint32_t choices(const struct sim_search *search)
{
	return search->system->enabled & ~search->sleep.contexts;
}

/* A step whose findings another job counts. */
static void step_muted(struct sim_search *search, unsigned c)
{
	search->muted = true;
	sim_search_step(search, c);
	search->muted = false;
}

/* Context c has done what `done` says; it sleeps from here on, for its younger siblings. */
static void put_to_sleep(struct sim_sleep *sleep, unsigned c, const struct sim_explore_op *done)
{
	sleep->contexts |= 1u << c;
	sleep->op[c] = *done;
}

/* Whoever depends on what was done wakes up. */
static void wake(struct sim_sleep *sleep, const struct sim_explore_op *done)
{
	for (uint32_t left = sleep->contexts; left; left &= left - 1) {
		unsigned c = sim_search_lowest(left);

		if (sim_explore_dependent(&sleep->op[c], done))
			sleep->contexts &= ~(1u << c);
	}
}

/* What the elder siblings of c do at this node has to be done to be known. */
static void try_elders(struct sim_search *search, unsigned c)
{
	struct sim_explore_system *system = search->system;
	uint32_t elders = choices(search) & ((1u << c) - 1);

	if (!elders || !sleeps(search))
		return;
	system->class->save(system, search->start);
	for (; elders; elders &= elders - 1) {
		unsigned elder = sim_search_lowest(elders);

		step_muted(search, elder);
		put_to_sleep(&search->sleep, elder, &system->done);
		search->depth--;
		system->class->load(system, search->start);
	}
}

static void count_preemption(struct sim_search *search, unsigned c)
{
	unsigned last = search->depth ? search->steps[search->depth - 1] : c;

	if (last != c && search->system->enabled >> last & 1)
		search->preemptions++;
}

/* Takes the next step of a prefix as a search would that came by here. */
static bool follow(struct sim_search *search, unsigned c, bool own)
{
	struct sim_explore_system *system = search->system;

	if (!(choices(search) >> c & 1))
		return false;
	count_preemption(search, c);
	try_elders(search, c);
	if (own)
		sim_search_step(search, c);
	else
		step_muted(search, c);
	if (sleeps(search))
		wake(&search->sleep, &system->done);
	return !search->ended;
}

bool sim_job_enter(struct sim_search *search)
{
	const struct sim_explore_job *job = search->job;

	search->path = search->steps;
	search->depth = search->base = search->preemptions = 0;
	search->sleep.contexts = 0;
	for (uint32_t i = 0; i < job->length; i++) {
		if (follow(search, job->prefix[i], i >= job->own))
			continue;
		sim_search_end(search, SIM_EXPLORE_LOST);
		return false;
	}
	search->base = search->depth;
	search->path = search->steps + search->base;
	search->max_depth -= MIN(search->base, search->max_depth);
	search->depth = 0;
	return true;
}

/* The contexts to try at a node. */
static uint32_t choices_at(struct sim_search *search, const struct sim_explore_job *job)
{
	uint32_t contexts, max_depth = search->max_depth;

	search->system->class->load(search->system, search->home);
	search->job = job;
	contexts = sim_job_enter(search) ? choices(search) : 0;
	search->max_depth = max_depth;
	search->job = NULL;
	return contexts;
}

/* Appends the children of a node, or the node itself if it has none; answers how many. */
static unsigned expand(struct sim_search *search, struct sprout *sprout, GArray *ret_sprouts)
{
	const struct sim_explore_job *from = &sprout->job;
	struct sprout child = *sprout;
	uint32_t contexts = 0;

	if (!sprout->leaf && from->length < MIN(SIM_JOB_PREFIX, search->max_depth))
		contexts = choices_at(search, from);
	child.leaf = !contexts;
	if (contexts)
		child.job.weight /= __builtin_popcount(contexts);
	if (!contexts)
		g_array_append_val(ret_sprouts, child);
	for (uint32_t left = contexts; left; left &= left - 1) {
		child.job.prefix[from->length] = (uint8_t)sim_search_lowest(left);
		child.job.length = from->length + 1;
		child.job.own = left == contexts ? from->own : from->length;
		g_array_append_val(ret_sprouts, child);
	}
	return !child.leaf;
}

/* Replaces every node by its children; false: none has any. */
static bool grow(struct sim_search *search, GArray **sprouts)
{
	GArray *grown = g_array_new(FALSE, FALSE, sizeof(struct sprout));
	unsigned inner = 0;

	for (guint i = 0; i < (*sprouts)->len && !search->ended; i++)
		inner += expand(search, &g_array_index(*sprouts, struct sprout, i), grown);
	g_array_unref(*sprouts);
	*sprouts = grown;
	return inner > 0;
}

static void plan_tree(struct sim_search *search, GArray *jobs)
{
	GArray *sprouts = g_array_new(FALSE, FALSE, sizeof(struct sprout));
	const struct sprout root = {.job = {.weight = 1}};

	g_array_append_val(sprouts, root);
	while (sprouts->len < SIM_JOBS && !search->ended && grow(search, &sprouts))
		;
	for (guint i = 0; i < sprouts->len; i++)
		g_array_append_val(jobs, g_array_index(sprouts, struct sprout, i).job);
	g_array_unref(sprouts);
}

/* Answers the first number behind it. */
static uint64_t plan_opening(const struct sim_search *search, GArray *jobs)
{
	uint64_t stretch = sim_portfolio_stretch(search->max_executions);

	if (search->options->strategy != SIM_STRATEGY_PORTFOLIO || !stretch)
		return 0;
	for (uint32_t i = 0; i < SIM_PORTFOLIO_BOUNDS; i++) {
		const struct sim_explore_job job = {.first = i * stretch,
		                                    .end = (i + 1) * stretch,
		                                    .limit = stretch,
		                                    .opening = i};

		g_array_append_val(jobs, job);
	}
	return SIM_PORTFOLIO_BOUNDS * stretch;
}

static void plan_samples(const struct sim_search *search, GArray *jobs)
{
	uint64_t all = search->max_executions, size = MAX(SIM_JOB_SAMPLES, all / SIM_JOBS + 1);

	for (uint64_t first = plan_opening(search, jobs); first < all; first += size) {
		const struct sim_explore_job job = {.first = first,
		                                    .limit = MIN(size, all - first)};

		g_array_append_val(jobs, job);
	}
}

void sim_plan_search(struct sim_search *search, GArray *jobs)
{
	const struct sim_explore_job whole = {0};

	if (sim_strategy_samples(search->options->strategy))
		plan_samples(search, jobs);
	else if (search->options->strategy == SIM_STRATEGY_STATEFUL)
		g_array_append_val(jobs, whole);
	else
		plan_tree(search, jobs);
}
