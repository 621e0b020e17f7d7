/* SPDX-License-Identifier: MIT */
#include "sim/explore/shrink_judge.h"

#include <json-c/json.h>
#include <string.h>

#include "sim/cause.h"
#include "sim/explore/apart.h"
#include "sim/explore/commute.h"
#include "sim/explore/portable.h"
#include "sim/schedule/actor.h"

/* A search has some time, even if the limit is reached meanwhile: 0 stands for no limit. */
#define LEAST_SECONDS 0.01

#define JUDGEMENT_TYPE "(buimsmsmsmsmsmsmsmsmsuuu)"

/* One question under way, in its process. */
struct judge {
	const struct sim_judge_options *options;
	const struct sim_scenario *scenario;
	const struct sim_reason *reason;
	enum sim_judge_question question;
	double seconds;
	struct sim_judgement answer;
	struct shim_link link;
	struct world world;
	struct sim_run *run;
	int last; /* the actor that went last in the schedule, or -1 */
};

void sim_reason_free(struct sim_reason *reason)
{
	if (!reason)
		return;
	g_free(reason->source);
	g_free(reason->message);
	g_free(reason->pointer);
	g_free(reason);
}

struct sim_reason *sim_reason_copy(const struct sim_reason *reason)
{
	struct sim_reason *copy = g_new0(struct sim_reason, 1);

	copy->verdict = reason->verdict;
	copy->source = g_strdup(reason->source);
	copy->message = g_strdup(reason->message);
	copy->pointer = g_strdup(reason->pointer);
	return copy;
}

static const char *source_of(const struct sim_finding *finding)
{
	return finding->oracle ? finding->oracle : sim_source_text(finding->source);
}

/* Of "file:line:column: /pointer"; NULL if there is none. */
static const char *pointer_of(const struct sim_finding *finding)
{
	const char *at = finding->place ? g_strrstr(finding->place, ": /") : NULL;

	return at ? at + strlen(": ") : NULL;
}

static bool has_reason(const struct judge *judge, const struct sim_finding *finding)
{
	const struct sim_reason *reason = judge->reason;
	g_autofree char *message = NULL;

	if (finding->warning || finding->verdict == SIM_VERDICT_PASS ||
	    sim_verdict_is_open(finding->verdict))
		return false;
	if (!reason)
		return !judge->options->source ||
		       strcmp(source_of(finding), judge->options->source) == 0;
	message = sim_cause_normalise(judge->scenario, finding->message);
	return finding->verdict == reason->verdict &&
	       strcmp(source_of(finding), reason->source) == 0 &&
	       strcmp(message, reason->message) == 0 &&
	       g_strcmp0(pointer_of(finding), reason->pointer) == 0;
}

/* The actor behind a context; -1 for the machine. */
static int actor_of(const struct sim_run *run, uint32_t context)
{
	uint32_t machine = sim_machine_context(run);

	if (context < machine)
		return (int)context;
	return context == machine ? -1 : (int)(SIM_SYSTEM_SRI + context - machine - 1);
}

/* Whether the actor would go on, were it not for the schedule. */
static bool could_go(const struct sim_run *run, unsigned actor)
{
	uint32_t context = sim_actor_context(run, actor), holder;
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);
	struct world_object object;

	if (!sim_actor_enabled(run, actor, NULL))
		return false;
	return !(slot->state == SHIM_SLOT_STOPPED && slot->point == SHIM_POINT_LOCK &&
	         world_object(run->world, context, &object, &holder) && holder &&
	         holder != context + 1);
}

static void count_switch(struct sim_run *run, uint32_t context)
{
	struct judge *judge = run->watcher;
	int actor = actor_of(run, context);

	if (!run->schedule || actor < 0)
		return;
	if (judge->last >= 0 && judge->last != actor) {
		judge->answer.switches++;
		judge->answer.preemptions += could_go(run, (unsigned)judge->last);
	}
	judge->last = actor;
}

/* What the machine does by itself once all is done is not what failed. */
static void take_trace(struct sim_judgement *answer, const char *trace)
{
	g_auto(GStrv) lines = g_strsplit(trace, "\n", -1);
	GString *kept = g_string_new(NULL);

	for (char **line = lines; *line; line++) {
		if (!**line || g_str_has_prefix(*line, "machine "))
			continue;
		g_string_append_printf(kept, "%s\n", *line);
		answer->steps++;
	}
	answer->trace = g_string_free(kept, FALSE);
}

static void take_finding(struct judge *judge, const struct sim_report *report,
                         const struct sim_finding *finding)
{
	struct sim_judgement *answer = &judge->answer;

	answer->schedule = g_strdup(finding->schedule);
	answer->source = g_strdup(source_of(finding));
	answer->message = g_strdup(finding->message);
	answer->place = g_strdup(finding->place);
	answer->detail = g_strdup(finding->detail);
	answer->pointer = g_strdup(pointer_of(finding));
	answer->verdict = finding->verdict;
	if (!finding->schedule) {
		take_trace(answer, report->setup_trace ? report->setup_trace : "");
		answer->narrative = g_strdup(report->setup_narrative);
	}
	for (guint i = 0; finding->schedule && i < report->schedules->len; i++) {
		const struct sim_schedule_report *schedule =
		        g_ptr_array_index(report->schedules, i);

		if (strcmp(schedule->name, finding->schedule) != 0)
			continue;
		take_trace(answer, schedule->trace);
		answer->narrative = g_strdup(schedule->narrative);
	}
}

/* "/schedules/found/3": the fourth move. */
static int move_of(const char *pointer)
{
	const char *last = pointer ? strrchr(pointer, '/') : NULL;

	if (!last || !g_str_has_prefix(pointer, "/schedule"))
		return -1;
	return (int)g_ascii_strtoll(last + 1, NULL, 10);
}

static void take_report(struct judge *judge, const struct sim_report *report)
{
	struct sim_judgement *answer = &judge->answer;
	const struct sim_finding *worst = NULL;

	answer->verdict = report->verdict;
	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		if (finding->verdict == SIM_VERDICT_DIVERGED && answer->diverged < 0)
			answer->diverged = move_of(pointer_of(finding));
		if (has_reason(judge, finding) &&
		    (!worst ||
		     sim_verdict_rank(finding->verdict) > sim_verdict_rank(worst->verdict)))
			worst = finding;
	}
	answer->yes = worst != NULL;
	if (worst)
		take_finding(judge, report, worst);
}

static void play(struct judge *judge)
{
	struct sim_run *run = judge->run;

	run->on_go = count_switch;
	run->watcher = judge;
	run->narrates = judge->options->narrates ? SIM_NARRATE_FAILURE : SIM_NARRATE_NONE;
	sim_run_scenario(run);
	take_report(judge, run->report);
}

/* The executions of a search that end with the reason. */
static uint64_t count_hits(struct judge *judge, const struct sim_explored_run *explored,
                           const struct sim_explore_result *result, uint32_t *ret_first)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < result->finding_count; i++) {
		if (!result->hits[i].count ||
		    !has_reason(judge, sim_explored_run_finding(explored, i)))
			continue;
		if (count == 0 || result->hits[i].first < result->hits[*ret_first].first)
			*ret_first = i;
		count += result->hits[i].count;
	}
	return count;
}

static void look_at_orders(struct judge *judge, struct sim_explored_run *explored,
                           struct sim_explore_result *result)
{
	struct sim_explore_options options;
	uint32_t first = 0;

	sim_explore_defaults(&options, SIM_STRATEGY_BOUNDED);
	options.only_bound = 0;
	options.max_executions = SIM_JUDGE_LEVEL;
	sim_explore_run(sim_explored_run_system(explored), &options, result);
	judge->answer.yes = result->executions > count_hits(judge, explored, result, &first);
}

static void describe(struct judge *judge, struct sim_explored_run *explored, uint32_t finding,
                     struct sim_explore_path *path)
{
	struct sim_explore_system *system = sim_explored_run_system(explored);
	g_autofree struct sim_portable *portable = g_new0(struct sim_portable, 1);
	g_autofree uint8_t *start = g_malloc(system->snapshot_max);
	struct json_object *moves;
	bool found;

	sim_explore_shorten(system, finding, SIM_JUDGE_SHORTEN, path);
	sim_commute(system, finding, path);
	system->class->save(system, start);
	found = sim_portable_from_path(explored, path, portable);
	if (system->lost)
		return;
	system->class->load(system, start);
	if (!found || !sim_portable_trim(explored, finding, portable))
		return;
	moves = sim_portable_moves(judge->run, portable);
	judge->answer.moves = g_strdup(json_object_to_json_string(moves));
	json_object_put(moves);
	judge->answer.yes = true;
}

static void look_for_schedule(struct judge *judge, struct sim_explored_run *explored,
                              struct sim_explore_result *result)
{
	struct sim_explore_options options;
	uint32_t first = 0;

	sim_explore_defaults(&options, SIM_STRATEGY_STATEFUL);
	options.max_states = SIM_JUDGE_MAX_STATES;
	options.seconds = judge->seconds;
	sim_explore_run(sim_explored_run_system(explored), &options, result);
	if (result->end != SIM_EXPLORE_LOST && count_hits(judge, explored, result, &first))
		describe(judge, explored, first, &result->hits[first].path);
}

static void search(struct judge *judge)
{
	struct sim_explore_result *result;
	struct sim_explored_run *explored;

	sim_run_listen(judge->run);
	if (!sim_run_begin(judge->run))
		return;
	result = g_new0(struct sim_explore_result, 1);
	g_ptr_array_set_size(judge->run->report->findings, 0);
	explored = sim_explored_run_new(judge->run, SIM_GRANULARITY_SYNC);
	if (judge->question == SIM_JUDGE_ORDERS)
		look_at_orders(judge, explored, result);
	else
		look_for_schedule(judge, explored, result);
	sim_explored_run_free(explored);
	g_free(result);
}

/* Nothing is known of what was not found before the environment took the subject away. */
static void note_loss(struct judge *judge)
{
	struct sim_judgement *answer = &judge->answer;

	if (answer->yes || !judge->link.error[0] ||
	    sim_subject_blame(&judge->link) != SIM_BLAME_ENVIRONMENT)
		return;
	answer->verdict = SIM_VERDICT_ENVIRONMENT;
	g_free(answer->message);
	answer->message = g_strdup(judge->link.error);
}

static void ask_on_subject(struct judge *judge)
{
	g_autoptr(SimReport) report = sim_report_new(judge->scenario->path, "");
	g_autofree struct sim_run *run = g_new0(struct sim_run, 1);

	world_init(&judge->world, &judge->link);
	run->scenario = judge->scenario;
	run->world = &judge->world;
	run->report = report;
	run->levels = &judge->options->oracles;
	run->oracles_only = judge->options->oracles_only;
	judge->run = run;
	judge->last = -1;
	if (judge->question == SIM_JUDGE_PLAY)
		play(judge);
	else
		search(judge);
	note_loss(judge);
	world_finish(&judge->world);
}

static void ask(struct judge *judge)
{
	struct sim_subject_request request = judge->options->subject;
	g_autoptr(GError) error = NULL;

	judge->answer.diverged = -1;
	request.mediator = judge->scenario->machine.mediator;
	if (sim_subject_open(&judge->link, &request, &error)) {
		ask_on_subject(judge);
		shim_link_close(&judge->link);
		return;
	}
	judge->answer.verdict = sim_verdict_of_error(error);
	judge->answer.source =
	        g_strdup(sim_source_text(sim_source_of_verdict(judge->answer.verdict)));
	judge->answer.message = g_strdup(error->message);
}

static GBytes *answer_bytes(void *user)
{
	struct judge *judge = user;
	const struct sim_judgement *a = &judge->answer;
	g_autoptr(GVariant) value = NULL;

	ask(judge);
	value = g_variant_ref_sink(
	        g_variant_new(JUDGEMENT_TYPE, a->yes, (guint32)a->verdict, a->diverged, a->schedule,
	                      a->source, a->message, a->place, a->detail, a->pointer, a->trace,
	                      a->narrative, a->moves, a->steps, a->switches, a->preemptions));
	return g_variant_get_data_as_bytes(value);
}

static bool read_answer(GBytes *bytes, struct sim_judgement *ret_answer)
{
	g_autoptr(GVariant) value = g_variant_ref_sink(
	        g_variant_new_from_bytes(G_VARIANT_TYPE(JUDGEMENT_TYPE), bytes, FALSE));
	struct sim_judgement *a = ret_answer;
	gboolean yes;
	guint32 verdict;

	if (!g_variant_is_normal_form(value))
		return false;
	g_variant_get(value, JUDGEMENT_TYPE, &yes, &verdict, &a->diverged, &a->schedule, &a->source,
	              &a->message, &a->place, &a->detail, &a->pointer, &a->trace, &a->narrative,
	              &a->moves, &a->steps, &a->switches, &a->preemptions);
	a->yes = yes;
	a->verdict = verdict < SIM_VERDICT_COUNT ? (enum sim_verdict)verdict : SIM_VERDICT_BUG;
	return true;
}

/* The subject took its process down. */
static void judge_death(const struct judge *judge, const char *death,
                        struct sim_judgement *ret_answer)
{
	struct sim_finding finding = {.verdict = SIM_VERDICT_CRASH, .source = SIM_SOURCE_SUBJECT};

	finding.message = g_strdup(death);
	ret_answer->verdict = SIM_VERDICT_CRASH;
	ret_answer->diverged = -1;
	ret_answer->schedule = g_strdup(judge->scenario->schedules[0].name);
	ret_answer->source = g_strdup(sim_source_text(SIM_SOURCE_SUBJECT));
	ret_answer->message = finding.message;
	ret_answer->yes = judge->question == SIM_JUDGE_PLAY && has_reason(judge, &finding);
}

/* What came of one process; NULL, with an error or because it was stopped. */
static struct sim_judgement *take_answer(const struct judge *judge, const struct sim_apart *apart,
                                         GError **error)
{
	struct sim_judgement *answer;

	if (!sim_apart_check(apart, error))
		return NULL;
	answer = g_new0(struct sim_judgement, 1);
	if (apart->end == SIM_APART_DONE)
		read_answer(apart->bytes, answer);
	else
		judge_death(judge, apart->death.text, answer);
	return answer;
}

/* The environment took the subject away, or kept it from being opened. */
static bool is_disturbed(const struct sim_judgement *answer)
{
	return answer && answer->verdict == SIM_VERDICT_ENVIRONMENT;
}

static struct sim_judgement *ask_apart(struct judge *judge, struct sim_watch *watch, GError **error)
{
	struct sim_judgement *answer = NULL;
	struct sim_apart apart;
	unsigned tries = 0;

	do {
		sim_judgement_free(answer);
		if (!sim_apart_run(answer_bytes, judge, watch, &apart, error))
			return NULL;
		answer = take_answer(judge, &apart, error);
		sim_apart_clear(&apart);
	} while (is_disturbed(answer) && ++tries < SIM_PROCESS_TRIES);
	if (!is_disturbed(answer))
		return answer;
	g_set_error(error, SIM_ERROR, SIM_ERROR_ENVIRONMENT, "%s",
	            answer->message ? answer->message : "the subject was taken away");
	sim_judgement_free(answer);
	return NULL;
}

static double seconds_left(const struct sim_watch *watch)
{
	if (!watch->deadline)
		return 0;
	return MAX(LEAST_SECONDS, (double)(watch->deadline - sim_clock_now()) / G_USEC_PER_SEC);
}

struct sim_judgement *sim_judge(const struct sim_judge_options *options,
                                const struct sim_scenario *scenario,
                                const struct sim_reason *reason, enum sim_judge_question question,
                                struct sim_watch *watch, GError **error)
{
	struct judge *judge = g_new0(struct judge, 1);
	struct sim_judgement *answer;

	judge->options = options;
	judge->scenario = scenario;
	judge->reason = reason;
	judge->question = question;
	judge->seconds = seconds_left(watch);
	answer = ask_apart(judge, watch, error);
	g_free(judge);
	return answer;
}

void sim_judgement_free(struct sim_judgement *judgement)
{
	if (!judgement)
		return;
	g_free(judgement->schedule);
	g_free(judgement->source);
	g_free(judgement->message);
	g_free(judgement->place);
	g_free(judgement->detail);
	g_free(judgement->pointer);
	g_free(judgement->trace);
	g_free(judgement->narrative);
	g_free(judgement->moves);
	g_free(judgement);
}
