/* SPDX-License-Identifier: MIT */
#include "sim/explore/file.h"

#include <string.h>

#include "sim/explore/path.h"
#include "sim/explore/portable.h"

/* One file under way. */
struct work {
	const struct sim_explore_file_options *options;
	struct sim_explored_file *file;
	struct sim_scenario *scenario;
	struct shim_link link;
	struct world world;
	struct sim_run run;
	struct sim_explored_run *explored;
	struct sim_explore_result result;
	uint8_t *start;
	enum sim_granularity granularity;
};

static void add_error(struct sim_explored_file *file, enum sim_verdict verdict, const char *source,
                      const GError *error)
{
	sim_explored_file_add(file, verdict, source, error->message);
}

/* What a run found before there was anything to explore. */
static void add_report(struct sim_explored_file *file, const struct sim_report *report)
{
	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *from = g_ptr_array_index(report->findings, i);

		sim_explored_file_add(file, from->verdict,
		                      from->oracle ? from->oracle : sim_source_text(from->source),
		                      from->message)
		        ->place = g_strdup(from->place);
	}
}

static void rewind_work(struct work *work)
{
	struct sim_explore_system *system = sim_explored_run_system(work->explored);

	system->noted_count = 0;
	if (!system->lost)
		system->class->load(system, work->start);
}

/* Takes the path and judges where it ends; answers how many steps could be taken. */
static uint32_t take_path(struct work *work, const struct sim_explore_path *path)
{
	struct sim_explore_system *system = sim_explored_run_system(work->explored);
	uint32_t i = 0;

	while (i < path->length && system->enabled >> path->step[i] & 1)
		system->class->step(system, path->step[i++]);
	if (i == path->length && !system->enabled && !system->failed)
		system->class->judge(system);
	return i;
}

static char *trace_path(struct work *work, const struct sim_explore_path *path)
{
	GString *trace = g_string_new(NULL);

	work->run.trace = trace;
	work->run.diagnostics = g_string_new(NULL);
	take_path(work, path);
	g_string_free(work->run.diagnostics, TRUE);
	work->run.trace = work->run.diagnostics = NULL;
	rewind_work(work);
	return g_string_free(trace, FALSE);
}

static char *make_scenario(struct work *work, uint32_t number, const struct sim_explore_path *path)
{
	g_autofree struct sim_portable *portable = g_new0(struct sim_portable, 1);
	bool portable_path = sim_portable_from_path(work->explored, path, portable);

	rewind_work(work);
	if (!portable_path || !sim_portable_trim(work->explored, number, portable))
		return NULL;
	return sim_portable_scenario(&work->run, portable, "found", NULL);
}

static void add_hit(struct work *work, uint32_t number, const struct sim_explore_hit *hit)
{
	const struct sim_finding *from = sim_explored_run_finding(work->explored, number);
	struct sim_explored_finding *finding = sim_explored_file_add(
	        work->file, from->verdict,
	        from->oracle ? from->oracle : sim_source_text(from->source), from->message);
	g_autofree struct sim_explore_path *path = g_memdup2(&hit->path, sizeof hit->path);

	finding->place = g_strdup(from->place);
	finding->first = hit->first;
	finding->count = hit->count;
	if (sim_explored_run_system(work->explored)->lost) {
		finding->path = sim_path_to_text(path, work->granularity);
		return;
	}
	if (!work->options->replay)
		sim_explore_shorten(sim_explored_run_system(work->explored), number,
		                    SIM_SHORTEN_EXECUTIONS, path);
	finding->path = sim_path_to_text(path, work->granularity);
	finding->trace = trace_path(work, path);
	if (work->granularity != SIM_GRANULARITY_ACCESS)
		finding->scenario = make_scenario(work, number, path);
}

static void add_hits(struct work *work)
{
	for (uint32_t i = 0; i < work->result.finding_count; i++)
		if (work->result.hits[i].count)
			add_hit(work, i, &work->result.hits[i]);
}

static void add_outcomes(struct work *work)
{
	for (uint32_t i = 0; i < SIM_EXPLORE_OUTCOMES; i++) {
		struct sim_explored_outcome *outcome;

		if (!work->result.outcomes[i])
			continue;
		outcome = g_new0(struct sim_explored_outcome, 1);
		outcome->text = g_strdup(sim_explored_run_outcome(work->explored, i));
		outcome->count = work->result.outcomes[i];
		g_ptr_array_add(work->file->outcomes, outcome);
	}
}

/* Only who has seen everything can say that something never comes out. */
static void judge_sometimes(struct work *work)
{
	const bool *seen = sim_explored_run_seen(work->explored);

	if (work->result.end != SIM_EXPLORE_COMPLETE || work->options->oracles_only)
		return;
	for (unsigned i = 0; i < work->scenario->outcome_count; i++) {
		const struct sim_outcome *outcome = &work->scenario->outcomes[i];
		g_autofree char *message = NULL;

		if (outcome->kind != SIM_OUTCOME_SOMETIMES || seen[i])
			continue;
		message = g_strdup_printf("never came out in any order: '%s'", outcome->text);
		sim_explored_file_add(work->file, SIM_VERDICT_FAIL, "outcome", message)->place =
		        sim_place_text(&outcome->place);
	}
}

static const char *end_text(enum sim_explore_end end)
{
	static const char *const texts[] = {
	        [SIM_EXPLORE_COMPLETE] = "complete",
	        [SIM_EXPLORE_SAMPLED] = "sampled",
	        [SIM_EXPLORE_FOUND] = "ended at a finding",
	        [SIM_EXPLORE_LIMIT_EXECUTIONS] = "not complete, ended by --max-executions",
	        [SIM_EXPLORE_LIMIT_STATES] = "not complete, ended by --max-states",
	        [SIM_EXPLORE_LIMIT_DEPTH] = "not complete, executions were cut at their depth",
	        [SIM_EXPLORE_LIMIT_BOUND] = "not complete beyond the preemption bound",
	        [SIM_EXPLORE_LIMIT_TIME] = "not complete, ended by --time",
	        [SIM_EXPLORE_LOST] = "not complete, the subject was lost",
	};

	return texts[end];
}

/* What was gone through, what that rests on, and what it leaves out. */
static char *coverage_text(const struct work *work)
{
	const struct sim_explore_result *result = &work->result;
	const struct sim_explore_options *search = &work->options->search;
	GString *text = g_string_new(end_text(result->end));

	g_string_append_printf(text, ": %s at %s granularity", sim_strategy_name(search->strategy),
	                       sim_granularity_name(work->granularity));
	if (search->strategy == SIM_STRATEGY_STATEFUL)
		g_string_append_printf(text,
		                       ", %" G_GUINT64_FORMAT " states, %" G_GUINT64_FORMAT
		                       " of them terminal, chance of a missed one below %.0e",
		                       result->states, result->executions,
		                       sim_explore_collision(result->states));
	else
		g_string_append_printf(text, ", %" G_GUINT64_FORMAT " executions",
		                       result->executions);
	if (search->strategy == SIM_STRATEGY_BOUNDED)
		g_string_append_printf(text, ", bound %u", result->bound);
	if (sim_strategy_samples(search->strategy))
		g_string_append_printf(text, ", seed %" G_GUINT64_FORMAT, search->seed);
	if (result->cut)
		g_string_append_printf(text, ", %" G_GUINT64_FORMAT " cut", result->cut);
	g_string_append(text, "; sequentially consistent");
	if (work->granularity != SIM_GRANULARITY_ACCESS)
		g_string_append(text, ", races on plain accesses not looked for");
	return g_string_free(text, FALSE);
}

static void search(struct work *work)
{
	struct sim_explored_file *file = work->file;

	sim_explore_run(sim_explored_run_system(work->explored), &work->options->search,
	                &work->result);
	file->executions = work->result.executions;
	file->states = work->result.states;
	file->coverage = coverage_text(work);
	add_outcomes(work);
	add_hits(work);
	judge_sometimes(work);
}

/* Only what the path comes to; one that cannot be taken says where and why. */
static void replay(struct work *work, const struct sim_explore_path *path)
{
	struct sim_explore_system *system = sim_explored_run_system(work->explored);
	uint32_t taken = take_path(work, path);
	struct sim_explore_hit hit = {.count = 1, .first = 1, .path = *path};
	uint32_t noted[SIM_EXPLORE_NOTED], count = system->noted_count;
	g_autofree char *message = NULL;

	work->file->coverage = g_strdup("one execution");
	work->file->executions = 1;
	memcpy(noted, system->noted, sizeof noted);
	if (taken < path->length) {
		unsigned actor = path->step[taken] < system->count
		                         ? sim_explored_run_actor(work->explored, path->step[taken])
		                         : SIM_SYSTEM_END;
		g_autofree char *why = NULL;

		if (actor < SIM_SYSTEM_END)
			sim_actor_enabled(&work->run, actor, &why);
		message = g_strdup_printf(
		        "step %u of %u cannot be taken: %s cannot run: %s", taken + 1, path->length,
		        actor < SIM_SYSTEM_END
		                ? sim_actor_name(&work->run, sim_actor_context(&work->run, actor))
		                : "nobody",
		        why ? why : "it waits for a lock, or this execution has ended");
		sim_explored_file_add(work->file, SIM_VERDICT_DIVERGED, "schedule", message);
	}
	rewind_work(work);
	for (uint32_t i = 0; i < count; i++)
		add_hit(work, noted[i], &hit);
}

static void explore(struct work *work, const struct sim_explore_path *path)
{
	struct sim_explore_system *system;

	work->explored = sim_explored_run_new(&work->run, work->granularity);
	system = sim_explored_run_system(work->explored);
	work->start = g_malloc(system->snapshot_max);
	system->class->save(system, work->start);
	if (path)
		replay(work, path);
	else
		search(work);
	sim_explored_run_free(work->explored);
	g_free(work->start);
}

static void explore_on_subject(struct work *work, const struct sim_explore_path *path)
{
	g_autoptr(SimReport) report = sim_report_new(work->file->path, "");

	world_init(&work->world, &work->link);
	work->run.scenario = work->scenario;
	work->run.world = &work->world;
	work->run.report = report;
	work->run.levels = &work->options->oracles;
	work->run.oracles_only = work->options->oracles_only;
	sim_run_listen(&work->run);
	if (sim_run_begin(&work->run)) {
		g_ptr_array_set_size(report->findings, 0);
		explore(work, path);
	} else {
		work->file->coverage = g_strdup("nothing: the set-up does not come to its end");
		add_report(work->file, report);
	}
	sim_run_ignore(&work->run);
	world_finish(&work->world);
}

static void explore_scenario(struct work *work, const struct sim_explore_path *path)
{
	struct sim_subject_request request = work->options->subject;
	g_autoptr(GError) error = NULL;

	request.mediator = work->scenario->machine.mediator;
	if (!sim_subject_open(&work->link, &request, &error)) {
		add_error(work->file, SIM_VERDICT_SUBJECT, "subject", error);
		return;
	}
	work->file->subject = g_strdup_printf("%s/%s", request.subject ? request.subject : "inline",
	                                      work->link.map.control->build);
	explore_on_subject(work, path);
	shim_link_close(&work->link);
}

/* Reads the path to replay, if there is one; its granularity is the one it was found with. */
static bool read_path(struct work *work, struct sim_explore_path *path)
{
	g_autoptr(GError) error = NULL;

	work->granularity = work->options->granularity;
	if (!work->options->replay ||
	    sim_path_from_text(work->options->replay, path, &work->granularity, &error))
		return true;
	add_error(work->file, SIM_VERDICT_INVALID, "schedule", error);
	return false;
}

static void explore_loaded(const struct sim_explore_file_options *options,
                           struct sim_scenario *scenario, struct sim_explored_file *file)
{
	struct work *work = g_new0(struct work, 1);
	struct sim_explore_path *steps = g_new0(struct sim_explore_path, 1);

	work->options = options;
	work->file = file;
	work->scenario = scenario;
	if (read_path(work, steps))
		explore_scenario(work, options->replay ? steps : NULL);
	g_free(steps);
	g_free(work);
}

struct sim_explored_file *sim_explore_file(const struct sim_explore_file_options *options,
                                           const char *path)
{
	struct sim_explored_file *file = sim_explored_file_new(path);
	g_autoptr(GError) error = NULL;
	g_autoptr(SimScenario) scenario = sim_scenario_load(path, &error);

	if (!scenario) {
		add_error(file, SIM_VERDICT_INVALID, "loader", error);
		return file;
	}
	file->about = g_strdup(scenario->about);
	if (scenario->skip) {
		file->verdict = SIM_VERDICT_SKIPPED;
		file->reason = g_strdup(scenario->skip);
	} else {
		explore_loaded(options, scenario, file);
	}
	return file;
}
