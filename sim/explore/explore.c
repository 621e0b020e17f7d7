/* SPDX-License-Identifier: MIT */
#include "sim/explore/explore.h"

#include <string.h>

#include "sim/base/watch.h"
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
        [SIM_STRATEGY_PORTFOLIO] = {"portfolio", sim_search_portfolio, true},
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

static const char *const ends[SIM_EXPLORE_END_COUNT] = {
        [SIM_EXPLORE_COMPLETE] = "complete",
        [SIM_EXPLORE_SAMPLED] = "sampled",
        [SIM_EXPLORE_FOUND] = "found",
        [SIM_EXPLORE_LIMIT_EXECUTIONS] = "executions",
        [SIM_EXPLORE_LIMIT_STATES] = "states",
        [SIM_EXPLORE_LIMIT_MEMORY] = "memory",
        [SIM_EXPLORE_LIMIT_DEPTH] = "depth",
        [SIM_EXPLORE_LIMIT_BOUND] = "bound",
        [SIM_EXPLORE_LIMIT_TIME] = "time",
        [SIM_EXPLORE_INTERRUPTED] = "interrupted",
        [SIM_EXPLORE_LOST] = "lost",
        [SIM_EXPLORE_ENVIRONMENT] = "environment",
        [SIM_EXPLORE_BUG] = "bug",
};

const char *sim_explore_end_name(enum sim_explore_end end)
{
	return ends[end];
}

bool sim_explore_end_by_name(const char *name, enum sim_explore_end *ret_end)
{
	for (unsigned i = 0; i < SIM_EXPLORE_END_COUNT; i++) {
		if (strcmp(ends[i], name) != 0)
			continue;
		*ret_end = (enum sim_explore_end)i;
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
	*ret_options = (struct sim_explore_options){.strategy = strategy,
	                                            .seed = 1,
	                                            .max_bound = SIM_EXPLORE_BOUND,
	                                            .only_bound = -1,
	                                            .until_finding = -1};
}

struct sim_explore_path *sim_explore_path_trimmed(const struct sim_explore_path *path)
{
	return g_memdup2(path, offsetof(struct sim_explore_path, step) + path->length);
}

static void clear_hits(struct sim_explore_hit *hits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		memset(&hits[i], 0, offsetof(struct sim_explore_hit, path));
		hits[i].path.length = 0;
	}
}

void sim_explore_result_clear(struct sim_explore_result *result)
{
	memset(result, 0, offsetof(struct sim_explore_result, hits));
	clear_hits(result->hits, G_N_ELEMENTS(result->hits));
	clear_hits(result->crashes, G_N_ELEMENTS(result->crashes));
	memset(result->outcomes, 0, sizeof result->outcomes);
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

/* Of the execution that is under way. */
static uint64_t number_of(const struct sim_search *search)
{
	return search->earlier + search->result->executions + 1;
}

static void take_hit(struct sim_search *search, struct sim_explore_hit *hit)
{
	uint64_t number = number_of(search);

	if (search->muted)
		return;
	/* a rate is of executions, however often one of them shows it */
	if (strategies[search->options->strategy].samples && hit->last == number)
		return;
	hit->last = number;
	hit->count++;
	hit->by[search->member]++;
	if (hit->first)
		return;
	hit->first = number;
	hit->path.length = search->base + search->depth;
	memcpy(hit->path.step, search->steps, hit->path.length);
}

static void take_crash(struct sim_search *search, uint32_t kind)
{
	take_hit(search, &search->result->crashes[kind]);
	if (search->options->first && !search->muted)
		sim_search_end(search, SIM_EXPLORE_FOUND);
}

static void take(struct sim_search *search, uint32_t finding)
{
	struct sim_explore_result *result = search->result;
	bool is_new = result->hits[finding].count == 0;

	take_hit(search, &result->hits[finding]);
	if (finding >= result->finding_count)
		result->finding_count = finding + 1;
	if (is_new && search->found)
		search->found(search, finding);
	if (search->options->first || search->options->until_finding == (int)finding)
		sim_search_end(search, SIM_EXPLORE_FOUND);
}

void sim_search_take_noted(struct sim_search *search)
{
	struct sim_explore_system *system = search->system;

	/* what lost the subject is told, wherever it counts: this result will not */
	search->muted = search->muted && !system->lost;
	for (uint32_t i = 0; i < system->noted_count && !search->muted; i++)
		take(search, system->noted[i]);
	if (system->learnt && !search->muted)
		system->class->keep(system, search->steps, search->base + search->depth,
		                    number_of(search));
	if (system->left_out && !search->muted)
		sim_unjudged_add(&search->result->unjudged, &system->unjudged);
	sim_explore_drop_noted(system);
	if (system->lost)
		sim_search_end(search, SIM_EXPLORE_LOST);
}

/* The kind of the trap that is about to be stepped into; -1: there is none. */
static int trap_kind(struct sim_search *search, unsigned c)
{
	struct sim_explore_system *system = search->system;
	size_t size = system->class->save(system, search->scratch);
	uint64_t hash = system->class->hash(system, search->scratch, size);

	for (uint32_t i = 0; i < search->trap_count; i++)
		if (search->traps[i].hash == hash && search->traps[i].context == c)
			return (int)search->traps[i].kind;
	return -1;
}

bool sim_search_trapped(struct sim_search *search, unsigned c)
{
	struct sim_explore_system *system = search->system;
	int kind = trap_kind(search, c);

	if (kind < 0)
		return false;
	system->done = system->op[c];
	system->failed = true;
	system->enabled = 0;
	take_crash(search, (uint32_t)kind);
	return true;
}

/* Why the search should end by now; SIM_EXPLORE_COMPLETE: it should not. */
static enum sim_explore_end reason_to_end(const struct sim_search *search)
{
	if (search->calls && __atomic_load_n(&search->calls->stop, __ATOMIC_RELAXED))
		return SIM_EXPLORE_INTERRUPTED;
	if (search->deadline && sim_clock_now() >= search->deadline)
		return SIM_EXPLORE_LIMIT_TIME;
	return SIM_EXPLORE_COMPLETE;
}

static bool is_asked(struct sim_search *search)
{
	uint32_t ask = __atomic_load_n(&search->calls->ask, __ATOMIC_RELAXED);

	if (search->tell_every && search->tick >= search->next_tell) {
		search->next_tell = search->tick + search->tell_every;
		return true;
	}
	if (ask == search->answered)
		return false;
	search->answered = ask;
	return true;
}

static void set_next_look(struct sim_search *search)
{
	search->next_look = search->tick + SIM_SEARCH_TICK;
	if (search->tell_every)
		search->next_look = MIN(search->next_look, search->next_tell);
}

void sim_search_look(struct sim_search *search)
{
	enum sim_explore_end reason = reason_to_end(search);

	if (search->calls && is_asked(search))
		search->asked = true;
	set_next_look(search);
	if (reason == SIM_EXPLORE_COMPLETE)
		return;
	search->reason = reason;
	search->ending = search->asked = true;
	if (!search->position)
		sim_search_end(search, reason);
}

void sim_search_tell(struct sim_search *search, bool with_gift)
{
	search->asked = false;
	if (search->ending)
		sim_search_end(search, search->reason);
	else
		search->tell(search, with_gift);
}

static void judge(struct sim_search *search)
{
	struct sim_explore_system *system = search->system;
	int kind = search->trap_count ? trap_kind(search, SIM_TRAP_JUDGE) : -1;

	if (kind >= 0) {
		take_crash(search, (uint32_t)kind);
		return;
	}
	search->judging = true;
	system->class->judge(system);
	search->judging = false;
	search->result->outcomes[system->outcome]++;
}

static void count_end(struct sim_search *search)
{
	if (++search->ends % SIM_SEARCH_ENDS == 0 && !search->ended)
		sim_search_look(search);
}

void sim_search_terminal(struct sim_search *search)
{
	struct sim_explore_result *result = search->result;
	struct sim_explore_system *system = search->system;

	if (!system->failed)
		judge(search);
	sim_search_arrive(search);
	result->executions++;
	result->drawn[search->member]++;
	if (search->base + search->depth > result->deepest)
		result->deepest = search->base + search->depth;
	if (search->earlier + result->executions >= search->max_executions)
		sim_search_end(search, strategies[search->options->strategy].samples
		                               ? SIM_EXPLORE_SAMPLED
		                               : SIM_EXPLORE_LIMIT_EXECUTIONS);
	count_end(search);
}

void sim_search_cut(struct sim_search *search)
{
	struct sim_explore_result *result = search->result;
	bool samples = strategies[search->options->strategy].samples;

	result->cut++;
	result->drawn[search->member]++;
	search->earlier += samples;
	if (samples && search->earlier + result->executions >= search->max_executions)
		sim_search_end(search, SIM_EXPLORE_SAMPLED);
	count_end(search);
}

uint64_t sim_explore_room_for_states(const struct sim_explore_options *options)
{
	uint64_t room = sim_visited_room(options->memory / 2);

	if (!options->max_states)
		return options->memory ? room : SIM_EXPLORE_STATES;
	return options->memory ? MIN(options->max_states, room) : options->max_states;
}

/* What all snapshots of one process may take. */
static size_t room_for_snapshots(const struct sim_search *search)
{
	uint64_t all = search->options->memory ? search->options->memory : SIM_EXPLORE_MEMORY;

	return (size_t)(all / 2 / MAX(search->sharers, 1));
}

uint8_t *sim_search_room(struct sim_search *search, struct sim_search_arena *arena, size_t size)
{
	search->result->memory = MAX(search->result->memory, arena->used + size);
	if (arena->size - arena->used < size) {
		arena->size = 2 * (arena->used + size);
		arena->bytes = g_realloc(arena->bytes, arena->size);
	}
	if (arena->used > room_for_snapshots(search))
		sim_search_end(search, SIM_EXPLORE_LIMIT_MEMORY);
	return arena->bytes + arena->used;
}

static void set_limits(struct sim_search *search)
{
	const struct sim_explore_options *options = search->options;

	search->max_depth = SIM_EXPLORE_DEPTH;
	if (options->max_depth && options->max_depth < SIM_EXPLORE_DEPTH)
		search->max_depth = options->max_depth;
	search->max_executions = options->max_executions;
	if (search->job && search->job->limit)
		search->max_executions = search->job->limit;
	if (!search->max_executions)
		search->max_executions =
		        strategies[options->strategy].samples ? SIM_EXPLORE_EXECUTIONS : UINT64_MAX;
	if (options->seconds > 0)
		search->deadline = sim_clock_after(options->seconds);
}

static uint8_t *keep(uint8_t **buffer, size_t size)
{
	if (!*buffer)
		*buffer = g_malloc(size);
	return *buffer;
}

void sim_search_forget(struct sim_search_memory *memory)
{
	g_free(memory->home);
	g_free(memory->start);
	g_free(memory->scratch);
	g_free(memory->arena.bytes);
}

static void begin(struct sim_search *search)
{
	struct sim_explore_system *system = search->system;

	sim_explore_result_clear(search->result);
	set_limits(search);
	search->home = keep(&search->memory->home, system->snapshot_max);
	search->start = keep(&search->memory->start, system->snapshot_max);
	search->scratch = keep(&search->memory->scratch, system->snapshot_max);
	if (search->calls)
		search->answered = search->calls->ask;
	search->next_tell = search->tell_every;
	set_next_look(search);
	search->memory->arena.used = 0;
	search->path = search->steps;
	sim_endless_begin(search);
	system->class->save(system, search->home);
}

static void end(struct sim_search *search)
{
	struct sim_explore_result *result = search->result;

	if (!search->ended)
		result->end = result->cut ? SIM_EXPLORE_LIMIT_DEPTH : SIM_EXPLORE_COMPLETE;
	result->steps = sim_search_steps(search);
	sim_endless_end(search);
	if (!search->system->lost)
		search->system->class->load(search->system, search->home);
}

void sim_search_run(struct sim_search *search)
{
	begin(search);
	if (!search->job || sim_job_enter(search)) {
		search->system->class->save(search->system, search->start);
		strategies[search->options->strategy].search(search);
	}
	end(search);
}

void sim_search_plan(struct sim_search *search, GArray *jobs)
{
	begin(search);
	sim_plan_search(search, jobs);
	end(search);
}

void sim_explore_run(struct sim_explore_system *system, const struct sim_explore_options *options,
                     struct sim_explore_result *ret_result)
{
	g_autofree struct sim_search *search = g_new0(struct sim_search, 1);
	struct sim_search_memory memory = {0};

	search->system = system;
	search->options = options;
	search->result = ret_result;
	search->memory = &memory;
	sim_search_run(search);
	sim_search_forget(&memory);
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
