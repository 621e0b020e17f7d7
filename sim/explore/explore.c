/* SPDX-License-Identifier: MIT */
#include "sim/explore/explore.h"

#include <string.h>

#include "sim/explore/search.h"

struct strategy {
	const char *name;
	sim_search_fn *search;
	bool samples;
};

static const struct strategy strategies[] = {
        [SIM_STRATEGY_STATEFUL] = {"stateful", sim_search_stateful, false},
        [SIM_STRATEGY_DPOR] = {"dpor", sim_search_dpor, false},
        [SIM_STRATEGY_EXHAUSTIVE] = {"exhaustive", sim_search_tree, false},
        [SIM_STRATEGY_BOUNDED] = {"bounded", sim_search_tree, false},
        [SIM_STRATEGY_RANDOM] = {"random", sim_search_sample, true},
        [SIM_STRATEGY_PCT] = {"pct", sim_search_sample, true},
        [SIM_STRATEGY_POS] = {"pos", sim_search_sample, true},
        [SIM_STRATEGY_URW] = {"urw", sim_search_sample, true},
};

_Static_assert(G_N_ELEMENTS(strategies) == SIM_STRATEGY_COUNT, "every strategy has a row");

const char *sim_strategy_name(enum sim_strategy strategy)
{
	return strategies[strategy].name;
}

bool sim_strategy_by_name(const char *name, enum sim_strategy *ret_strategy)
{
	for (unsigned i = 0; i < SIM_STRATEGY_COUNT; i++) {
		if (strcmp(strategies[i].name, name) != 0)
			continue;
		*ret_strategy = (enum sim_strategy)i;
		return true;
	}
	return false;
}

bool sim_strategy_samples(enum sim_strategy strategy)
{
	return strategies[strategy].samples;
}

void sim_explore_defaults(struct sim_explore_options *ret_options, enum sim_strategy strategy)
{
	*ret_options = (struct sim_explore_options){
	        .strategy = strategy, .seed = 1, .only_bound = -1, .until_finding = -1};
}

double sim_explore_collision(uint64_t states)
{
	return (double)states * (double)states / 0x1p65;
}

void sim_search_end(struct sim_search *search, enum sim_explore_end end)
{
	if (search->ended)
		return;
	search->ended = true;
	search->result->end = end;
}

static void take(struct sim_search *search, uint32_t finding)
{
	struct sim_explore_result *result = search->result;
	struct sim_explore_hit *hit = &result->hits[finding];

	hit->count++;
	if (!hit->first) {
		hit->first = search->earlier + result->executions + 1;
		hit->path.length = search->depth;
		memcpy(hit->path.step, search->path, search->depth);
	}
	if (finding >= result->finding_count)
		result->finding_count = finding + 1;
	if (search->options->until_finding == (int)finding)
		sim_search_end(search, SIM_EXPLORE_FOUND);
}

void sim_search_take_noted(struct sim_search *search)
{
	struct sim_explore_system *system = search->system;

	for (uint32_t i = 0; i < system->noted_count; i++)
		take(search, system->noted[i]);
	system->noted_count = 0;
	if (system->lost)
		sim_search_end(search, SIM_EXPLORE_LOST);
}

void sim_search_look(struct sim_search *search)
{
	if (search->deadline && g_get_monotonic_time() >= search->deadline)
		sim_search_end(search, SIM_EXPLORE_LIMIT_TIME);
}

void sim_search_terminal(struct sim_search *search)
{
	struct sim_explore_result *result = search->result;
	struct sim_explore_system *system = search->system;

	if (!system->failed) {
		system->class->judge(system);
		result->outcomes[system->outcome]++;
	}
	if (system->noted_count || system->lost)
		sim_search_take_noted(search);
	result->executions++;
	if (search->depth > result->deepest)
		result->deepest = search->depth;
	if (search->earlier + result->executions >= search->max_executions)
		sim_search_end(search, strategies[search->options->strategy].samples
		                               ? SIM_EXPLORE_SAMPLED
		                               : SIM_EXPLORE_LIMIT_EXECUTIONS);
}

uint8_t *sim_search_room(struct sim_search_arena *arena, size_t size)
{
	if (arena->size - arena->used < size) {
		arena->size = 2 * (arena->used + size);
		arena->bytes = g_realloc(arena->bytes, arena->size);
	}
	return arena->bytes + arena->used;
}

static void set_limits(struct sim_search *search)
{
	const struct sim_explore_options *options = search->options;

	search->max_depth = SIM_EXPLORE_DEPTH;
	if (options->max_depth && options->max_depth < SIM_EXPLORE_DEPTH)
		search->max_depth = options->max_depth;
	search->max_executions = options->max_executions;
	if (!search->max_executions)
		search->max_executions =
		        strategies[options->strategy].samples ? SIM_EXPLORE_EXECUTIONS : UINT64_MAX;
	if (options->seconds > 0)
		search->deadline =
		        g_get_monotonic_time() + (gint64)(options->seconds * G_USEC_PER_SEC);
}

void sim_explore_run(struct sim_explore_system *system, const struct sim_explore_options *options,
                     struct sim_explore_result *ret_result)
{
	struct sim_search *search = g_new0(struct sim_search, 1);

	memset(ret_result, 0, sizeof *ret_result);
	search->system = system;
	search->options = options;
	search->result = ret_result;
	set_limits(search);
	search->start = g_malloc(system->snapshot_max);
	system->class->save(system, search->start);
	strategies[options->strategy].search(search);
	if (!search->ended)
		ret_result->end = ret_result->cut ? SIM_EXPLORE_LIMIT_DEPTH : SIM_EXPLORE_COMPLETE;
	ret_result->steps = search->tick;
	if (!system->lost)
		system->class->load(system, search->start);
	g_free(search->start);
	g_free(search);
}

bool sim_explore_shorten(struct sim_explore_system *system, uint32_t finding, uint64_t executions,
                         struct sim_explore_path *path)
{
	g_autofree struct sim_explore_result *result = g_new(struct sim_explore_result, 1);
	struct sim_explore_options options;
	bool found;

	sim_explore_defaults(&options, SIM_STRATEGY_BOUNDED);
	options.until_finding = (int)finding;
	options.max_executions = executions;
	sim_explore_run(system, &options, result);
	found = result->hits[finding].count > 0;
	if (found)
		*path = result->hits[finding].path;
	return found;
}
