/* SPDX-License-Identifier: MIT */
#include "sim/explore/coverage.h"

#include <string.h>

static const char *end_text(enum sim_explore_end end)
{
	static const char *const texts[SIM_EXPLORE_END_COUNT] = {
	        [SIM_EXPLORE_COMPLETE] = "complete",
	        [SIM_EXPLORE_SAMPLED] = "sampled",
	        [SIM_EXPLORE_FOUND] = "ended at a finding",
	        [SIM_EXPLORE_LIMIT_EXECUTIONS] = "not complete, ended by --max-executions",
	        [SIM_EXPLORE_LIMIT_STATES] = "not complete, ended by --max-states",
	        [SIM_EXPLORE_LIMIT_MEMORY] = "not complete, ended by --memory",
	        [SIM_EXPLORE_LIMIT_DEPTH] = "not complete, executions were cut at their depth",
	        [SIM_EXPLORE_LIMIT_BOUND] = "not complete beyond the preemption bound",
	        [SIM_EXPLORE_LIMIT_TIME] = "not complete, ended by --time",
	        [SIM_EXPLORE_INTERRUPTED] = "not complete, interrupted",
	        [SIM_EXPLORE_LOST] = "not complete, the subject was lost",
	        [SIM_EXPLORE_ENVIRONMENT] = "not complete, ended by the environment",
	        [SIM_EXPLORE_BUG] = "not complete, ended by a bug in ffasim",
	};

	return texts[end];
}

static bool has_race(const struct sim_part *whole)
{
	for (guint i = 0; i < whole->findings->len; i++) {
		const struct sim_part_finding *finding = g_ptr_array_index(whole->findings, i);

		if (strcmp(finding->source, "race") == 0)
			return true;
	}
	return false;
}

/*
 * Where a step has many accesses, all orders of steps are all there are only if somebody has seen
 * that no order of accesses matters.
 */
static const char *gap(const struct sim_explore_file_options *options, const struct sim_part *whole,
                       bool races)
{
	if (whole->end == SIM_EXPLORE_COMPLETE && sim_unjudged_any(&whole->unjudged))
		return " but for what was not judged";
	if (whole->end != SIM_EXPLORE_COMPLETE || options->granularity == SIM_GRANULARITY_ACCESS ||
	    (races && !has_race(whole)))
		return "";
	return " but for races";
}

/* How far a search that draws its executions got depends on the machine, if time ended it. */
static const char *beginning(enum sim_strategy strategy, enum sim_explore_end end)
{
	return sim_strategy_samples(strategy) && end == SIM_EXPLORE_LIMIT_TIME
	               ? "sampled until --time was over"
	               : end_text(end);
}

static void append_bound(GString *text, int bound)
{
	if (bound < 0)
		g_string_append(text, ", not even bound 0");
	else
		g_string_append_printf(text, ", bound %d", bound);
}

static void append_members(GString *text, const struct sim_part *whole)
{
	const char *before = " (";

	for (unsigned i = SIM_MEMBER_ALONE + 1; i < SIM_MEMBER_COUNT; i++) {
		if (!whole->drawn[i])
			continue;
		g_string_append_printf(text, "%s%s %" G_GUINT64_FORMAT, before,
		                       sim_member_name((enum sim_member)i), whole->drawn[i]);
		before = ", ";
	}
	if (before[0] == ',')
		g_string_append_c(text, ')');
}

static void append_rate(GString *text, const char *name, uint64_t hits, uint64_t drawn)
{
	if (drawn)
		g_string_append_printf(text, "%s%s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
		                       text->len ? ", " : "", name, hits, drawn);
}

char *sim_coverage_rates(const struct sim_explore_file_options *options,
                         const struct sim_part *whole, const struct sim_part_finding *finding)
{
	enum sim_strategy strategy = options->search.strategy;
	GString *text;

	if (!sim_strategy_samples(strategy))
		return NULL;
	text = g_string_new(NULL);
	if (strategy != SIM_STRATEGY_PORTFOLIO)
		append_rate(text, sim_strategy_name(strategy), finding->count,
		            whole->executions + whole->cut);
	for (unsigned i = SIM_MEMBER_ALONE + 1; i < SIM_MEMBER_COUNT; i++)
		append_rate(text, sim_member_name((enum sim_member)i), finding->by[i],
		            whole->drawn[i]);
	return g_string_free(text, FALSE);
}

void sim_coverage_append_unjudged(GString *text, const struct sim_unjudged *unjudged)
{
	g_autofree char *what = sim_unjudged_text(unjudged);

	if (what)
		g_string_append_printf(text, "; not judged: %s", what);
}

char *sim_coverage_text(const struct sim_explore_file_options *options,
                        const struct sim_part *whole, bool races)
{
	const struct sim_explore_options *search = &options->search;
	GString *text = g_string_new(
	        sim_coverage_is_empty(whole) && !whole->findings->len ? "nothing: " : NULL);

	g_string_append(text, beginning(search->strategy, whole->end));
	g_string_append_printf(text, "%s: %s at %s granularity", gap(options, whole, races),
	                       sim_strategy_name(search->strategy),
	                       sim_granularity_name(options->granularity));
	if (options->sharing.shards > 1)
		g_string_append_printf(text, ", shard %u of %u", options->sharing.shard,
		                       options->sharing.shards);
	if (search->strategy == SIM_STRATEGY_STATEFUL)
		g_string_append_printf(text,
		                       ", %" G_GUINT64_FORMAT " states, %" G_GUINT64_FORMAT
		                       " of them terminal, chance of a missed one below %.0e",
		                       whole->states, whole->executions,
		                       sim_explore_collision(whole->states));
	else if (search->strategy == SIM_STRATEGY_DPOR)
		g_string_append_printf(text,
		                       ", %" G_GUINT64_FORMAT " traces, %" G_GUINT64_FORMAT
		                       " more executions given up where all was covered",
		                       whole->executions, whole->blocked);
	else
		g_string_append_printf(text, ", %" G_GUINT64_FORMAT " executions",
		                       whole->executions);
	append_members(text, whole);
	if (search->strategy == SIM_STRATEGY_BOUNDED)
		append_bound(text, whole->bound);
	if (sim_strategy_samples(search->strategy))
		g_string_append_printf(text, ", seed %" G_GUINT64_FORMAT, search->seed);
	if (whole->cut)
		g_string_append_printf(text, ", %" G_GUINT64_FORMAT " cut", whole->cut);
	g_string_append_printf(text, ", %" G_GUINT64_FORMAT " KiB of memory",
	                       (whole->memory + 1023) / 1024);
	g_string_append(text, "; sequentially consistent");
	if (races)
		g_string_append(text, ", races on plain accesses looked for");
	else if (options->granularity != SIM_GRANULARITY_ACCESS)
		g_string_append(text, ", races on plain accesses not looked for");
	sim_coverage_append_unjudged(text, &whole->unjudged);
	return g_string_free(text, FALSE);
}

bool sim_coverage_is_empty(const struct sim_part *whole)
{
	return whole->executions == 0 && whole->blocked == 0 && whole->cut == 0 &&
	       whole->states <= 1;
}

/* A search that drew what it was asked for leaves nothing open; every other one has to be through.
 */
static enum sim_verdict verdict_of(const struct sim_part *whole)
{
	bool through = whole->end == SIM_EXPLORE_COMPLETE || whole->end == SIM_EXPLORE_SAMPLED;

	return through && !whole->cut && !sim_coverage_is_empty(whole) ? SIM_VERDICT_PASS
	                                                               : SIM_VERDICT_INCOMPLETE;
}

static void add_outcomes(const struct sim_part *whole, struct sim_explored_file *file)
{
	for (guint i = 0; i < whole->outcomes->len; i++) {
		const struct sim_part_outcome *from = g_ptr_array_index(whole->outcomes, i);
		struct sim_explored_outcome *outcome = g_new0(struct sim_explored_outcome, 1);

		outcome->text = g_strdup(from->text);
		outcome->count = from->count;
		g_ptr_array_add(file->outcomes, outcome);
	}
}

void sim_coverage_tell(const struct sim_explore_file_options *options, const struct sim_part *whole,
                       bool races, struct sim_explored_file *file)
{
	file->executions = whole->executions;
	file->states = whole->states;
	file->empty = sim_coverage_is_empty(whole);
	file->verdict = sim_verdict_worse(file->verdict, verdict_of(whole));
	file->coverage = sim_coverage_text(options, whole, races);
	add_outcomes(whole, file);
	if (sim_unjudged_any(&whole->unjudged))
		file->verdict = sim_verdict_worse(file->verdict, SIM_VERDICT_INCOMPLETE);
}

void sim_coverage_add_unseen(struct sim_explored_file *file, const char *text, const char *place)
{
	g_autofree char *message = g_strdup_printf("never came out in any order: '%s'", text);

	sim_explored_file_add(file, SIM_VERDICT_FAIL, "outcome", message)->place = g_strdup(place);
}
