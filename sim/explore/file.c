/* SPDX-License-Identifier: MIT */
#include "sim/explore/file.h"

#include <string.h>

#include "sim/explore/opened.h"
#include "sim/explore/parallel.h"
#include "sim/explore/path.h"

/* Only who has seen everything can say that something never comes out. */
static void judge_sometimes(const struct sim_scenario *scenario, const struct sim_part *whole,
                            struct sim_explored_file *file)
{
	G_STATIC_ASSERT(SIM_PART_MARKS >= SIM_ALL_OUTCOMES);
	for (unsigned i = 0; i < scenario->outcome_count; i++) {
		const struct sim_outcome *outcome = &scenario->outcomes[i];
		g_autofree char *message = NULL;

		if (outcome->kind != SIM_OUTCOME_SOMETIMES || whole->seen[i])
			continue;
		message = g_strdup_printf("never came out in any order: '%s'", outcome->text);
		sim_explored_file_add(file, SIM_VERDICT_FAIL, "outcome", message)->place =
		        sim_place_text(&outcome->place);
	}
}

static const char *end_text(enum sim_explore_end end)
{
	static const char *const texts[SIM_EXPLORE_END_COUNT] = {
	        [SIM_EXPLORE_COMPLETE] = "complete",
	        [SIM_EXPLORE_SAMPLED] = "sampled",
	        [SIM_EXPLORE_FOUND] = "ended at a finding",
	        [SIM_EXPLORE_LIMIT_EXECUTIONS] = "not complete, ended by --max-executions",
	        [SIM_EXPLORE_LIMIT_STATES] = "not complete, ended by --max-states",
	        [SIM_EXPLORE_LIMIT_DEPTH] = "not complete, executions were cut at their depth",
	        [SIM_EXPLORE_LIMIT_BOUND] = "not complete beyond the preemption bound",
	        [SIM_EXPLORE_LIMIT_TIME] = "not complete, ended by --time",
	        [SIM_EXPLORE_INTERRUPTED] = "not complete, interrupted",
	        [SIM_EXPLORE_LOST] = "not complete, the subject was lost",
	};

	return texts[end];
}

static void append_bound(GString *text, int bound)
{
	if (bound < 0)
		g_string_append(text, ", not even bound 0");
	else
		g_string_append_printf(text, ", bound %d", bound);
}

/* What was gone through, what that rests on, and what it leaves out. */
static char *coverage_text(const struct sim_explore_file_options *options,
                           const struct sim_part *whole, bool races)
{
	const struct sim_explore_options *search = &options->search;
	GString *text = g_string_new(end_text(whole->end));

	g_string_append_printf(text, ": %s at %s granularity", sim_strategy_name(search->strategy),
	                       sim_granularity_name(options->granularity));
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
	if (search->strategy == SIM_STRATEGY_BOUNDED)
		append_bound(text, whole->bound);
	if (sim_strategy_samples(search->strategy))
		g_string_append_printf(text, ", seed %" G_GUINT64_FORMAT, search->seed);
	if (whole->cut)
		g_string_append_printf(text, ", %" G_GUINT64_FORMAT " cut", whole->cut);
	g_string_append(text, "; sequentially consistent");
	if (races)
		g_string_append(text, ", races on plain accesses looked for");
	else if (options->granularity != SIM_GRANULARITY_ACCESS)
		g_string_append(text, ", races on plain accesses not looked for");
	return g_string_free(text, FALSE);
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

static void add_finding(const struct sim_path_head *head, const struct sim_part_finding *from,
                        GBytes *detail, struct sim_explored_file *file)
{
	struct sim_explored_finding *finding =
	        sim_explored_file_add(file, from->verdict, from->source, from->message);

	finding->place = g_strdup(from->place);
	finding->first = from->first;
	finding->count = from->count;
	if (detail)
		sim_opened_detail(detail, finding);
	else
		finding->path = sim_path_to_text(from->path, head);
}

static void tell(const struct sim_explore_file_options *options,
                 const struct sim_scenario *scenario, const struct sim_opened *opened,
                 const struct sim_parallel *result, struct sim_explored_file *file)
{
	const struct sim_part *whole = result->whole;
	struct sim_path_head head;

	sim_opened_head(opened, &head);
	file->executions = whole->executions;
	file->states = whole->states;
	file->coverage = coverage_text(options, whole, sim_opened_sees_races(opened));
	add_outcomes(whole, file);
	for (guint i = 0; i < whole->findings->len; i++)
		add_finding(&head, g_ptr_array_index(whole->findings, i),
		            g_ptr_array_index(result->details, i), file);
	if (whole->end == SIM_EXPLORE_COMPLETE && !options->oracles_only)
		judge_sometimes(scenario, whole, file);
}

/* The file as the result tells it, or as a worker does that could not open the subject. */
static struct sim_explored_file *make_file(const struct sim_explore_file_options *options,
                                           const struct sim_scenario *scenario,
                                           const struct sim_opened *opened,
                                           const struct sim_parallel *result)
{
	struct sim_explored_file *file = NULL;

	if (result->report)
		file = sim_explored_file_from_bytes(result->report);
	if (file)
		return file;
	file = sim_explored_file_new(scenario->path);
	file->about = g_strdup(scenario->about);
	file->subject = g_strdup(sim_opened_name(opened));
	if (result->whole) {
		tell(options, scenario, opened, result, file);
	} else {
		sim_explored_file_add(file, SIM_VERDICT_CRASH, "subject", result->death);
		file->coverage = g_strdup("nothing: the search did not begin");
	}
	return file;
}

/* A search through states that hide no race, if the ones it went through may have. */
static bool search_again(const struct sim_host *host, const struct sim_parallel_options *parallel,
                         struct sim_opened *opened, struct sim_parallel *result, GError **error)
{
	if (parallel->search.strategy != SIM_STRATEGY_STATEFUL || !result->whole ||
	    result->whole->end != SIM_EXPLORE_COMPLETE || !sim_opened_hides_races(opened))
		return true;
	sim_parallel_clear(result);
	return sim_parallel_run(host, parallel, result, error);
}

static struct sim_explored_file *search(const struct sim_explore_file_options *options,
                                        const struct sim_scenario *scenario, GError **error)
{
	const struct sim_parallel_options parallel = {.search = options->search,
	                                              .workers = options->workers};
	struct sim_opened *opened = sim_opened_new(options, scenario);
	struct sim_explored_file *file = NULL;
	struct sim_parallel result;
	struct sim_host host;

	sim_opened_host(opened, &host);
	if (sim_parallel_run(&host, &parallel, &result, error) &&
	    search_again(&host, &parallel, opened, &result, error)) {
		file = make_file(options, scenario, opened, &result);
		sim_parallel_clear(&result);
	}
	sim_opened_free(opened);
	return file;
}

struct sim_explored_file *sim_explore_file_apart(const struct sim_explore_file_options *options,
                                                 const char *path, GError **error)
{
	g_autoptr(GError) invalid = NULL;
	g_autoptr(SimScenario) scenario = sim_scenario_load(path, &invalid);
	struct sim_explored_file *file;

	if (scenario && !scenario->skip)
		return options->replay ? sim_explore_replay_apart(options, scenario, error)
		                       : search(options, scenario, error);
	file = sim_explored_file_new(path);
	if (!scenario) {
		sim_explored_file_add(file, SIM_VERDICT_INVALID, "loader", invalid->message);
		return file;
	}
	file->about = g_strdup(scenario->about);
	file->verdict = SIM_VERDICT_SKIPPED;
	file->reason = g_strdup(scenario->skip);
	return file;
}
