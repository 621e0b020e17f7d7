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

static unsigned shards_of(const struct sim_search *search)
{
	return MAX(search->options->shards, 1);
}

static void plan_tree(struct sim_search *search, GArray *jobs)
{
	GArray *sprouts = g_array_new(FALSE, FALSE, sizeof(struct sprout));
	const struct sprout root = {.job = {.weight = 1}};

	g_array_append_val(sprouts, root);
	while (sprouts->len < SIM_JOBS && !search->ended && grow(search, &sprouts))
		;
	for (guint i = 0; i < sprouts->len; i++) {
		struct sim_explore_job *job = &g_array_index(sprouts, struct sprout, i).job;

		job->shard = i % shards_of(search);
		g_array_append_val(jobs, *job);
	}
	g_array_unref(sprouts);
}

/* How the executions of a search that draws them are spread over shards. */
struct spread {
	unsigned shards;
	uint64_t size;            /* of a job, about */
	uint64_t taken[SIM_JOBS]; /* by shard: executions that it has already */
	uint64_t quota[SIM_JOBS]; /* and those that it gets of the rest */
};

/* Answers the first number behind it. */
static uint64_t plan_opening(const struct sim_search *search, struct spread *spread, GArray *jobs)
{
	uint64_t stretch = sim_portfolio_stretch(search->max_executions);

	if (search->options->strategy != SIM_STRATEGY_PORTFOLIO || !stretch)
		return 0;
	for (uint32_t i = 0; i < SIM_PORTFOLIO_BOUNDS; i++) {
		const struct sim_explore_job job = {.first = i * stretch,
		                                    .end = (i + 1) * stretch,
		                                    .limit = stretch,
		                                    .opening = i,
		                                    .shard = i % spread->shards};

		spread->taken[job.shard] += stretch;
		g_array_append_val(jobs, job);
	}
	return SIM_PORTFOLIO_BOUNDS * stretch;
}

/* What it takes to bring every shard up to a level. */
static uint64_t up_to(const struct spread *spread, uint64_t level)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < spread->shards; i++)
		sum += level > spread->taken[i] ? level - spread->taken[i] : 0;
	return sum;
}

/* The shards that have least get most, so that in the end all have equally many, or one more. */
static void fill_quotas(struct spread *spread, uint64_t rest)
{
	uint64_t level = 0, above = rest + 1;

	for (unsigned i = 0; i < spread->shards; i++)
		above = MAX(above, spread->taken[i] + rest + 1);
	while (above - level > 1) {
		uint64_t middle = level + (above - level) / 2;

		if (up_to(spread, middle) <= rest)
			level = middle;
		else
			above = middle;
	}
	rest -= up_to(spread, level);
	for (unsigned i = 0; i < spread->shards; i++) {
		bool one_more = rest > 0 && spread->taken[i] <= level;

		spread->quota[i] = level > spread->taken[i] ? level - spread->taken[i] : 0;
		spread->quota[i] += one_more;
		rest -= one_more;
	}
}

/* The numbers from `first` on, in rows of one job for each shard. */
static void plan_rows(const struct spread *spread, uint64_t first, GArray *jobs)
{
	uint64_t rows = 1;

	for (unsigned i = 0; i < spread->shards; i++)
		rows = MAX(rows, (spread->quota[i] + spread->size - 1) / spread->size);
	for (uint64_t row = 0; row < rows; row++)
		for (unsigned i = 0; i < spread->shards; i++) {
			uint64_t quota = spread->quota[i], least = quota / rows,
			         more = quota % rows;
			const struct sim_explore_job job = {
			        .first = first, .limit = least + (row < more), .shard = i};

			if (!job.limit)
				continue;
			g_array_append_val(jobs, job);
			first += job.limit;
		}
}

static void plan_shards(const struct sim_search *search, GArray *jobs)
{
	uint64_t all = search->max_executions, first;
	struct spread *spread = g_new0(struct spread, 1);

	spread->shards = MIN(shards_of(search), SIM_JOBS);
	spread->size = MAX(SIM_JOB_SAMPLES, all / SIM_JOBS + 1);
	first = plan_opening(search, spread, jobs);
	fill_quotas(spread, all - first);
	plan_rows(spread, first, jobs);
	g_free(spread);
}

void sim_plan_search(struct sim_search *search, GArray *jobs)
{
	const struct sim_explore_job whole = {0};

	if (sim_strategy_samples(search->options->strategy))
		plan_shards(search, jobs);
	else if (search->options->strategy == SIM_STRATEGY_STATEFUL)
		g_array_append_val(jobs, whole);
	else
		plan_tree(search, jobs);
}
