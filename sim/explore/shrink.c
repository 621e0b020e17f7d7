/* SPDX-License-Identifier: MIT */
#include "sim/explore/shrink.h"

#include <string.h>

#include "sim/cause.h"

#include "sim/base/watch.h"
#include "sim/explore/portable.h"
#include "sim/explore/shrink_edit.h"

#define DEFAULT_SCHEDULE "found"
/* Candidates in a row that the environment keeps from being judged before it ends the shrinking. */
#define MAX_UNJUDGED 3u

struct shrink {
	const struct sim_shrink_options *options;
	const char *name;
	struct json_object *file; /* the smallest so far */
	char *schedule;           /* the name of its only one */
	struct sim_reason *reason;
	struct sim_judgement *played; /* of file */
	bool ordered; /* there are orders without preemptions in which it does not fail */
	unsigned candidates;
	unsigned reductions;
	struct sim_watch watch;
	gint64 began;
	gint64 shown; /* when progress was reported last */
	enum sim_shrink_end end;
	GError *error;         /* nothing can be judged any more */
	GError *disturbed;     /* the same of the last candidate */
	unsigned disturbances; /* such candidates in a row, */
	unsigned unjudged;     /* and in all */
};

/* A candidate: what the file might become. */
struct candidate {
	struct json_object *file;
	char *pointer; /* of the reason, in it */
};

static void clear_candidate(struct candidate *candidate)
{
	json_object_put(candidate->file);
	g_free(candidate->pointer);
}

static enum sim_shrink_end end_of_error(const GError *error)
{
	return error->code == SIM_ERROR_BUG ? SIM_SHRINK_BUG : SIM_SHRINK_ENVIRONMENT;
}

static bool is_over(struct shrink *shrink)
{
	unsigned most = shrink->options->max_candidates ? shrink->options->max_candidates
	                                                : SIM_SHRINK_CANDIDATES;

	if (shrink->error)
		shrink->end = end_of_error(shrink->error);
	else if (sim_watch_is_stopped(&shrink->watch))
		shrink->end = SIM_SHRINK_INTERRUPTED;
	else if (sim_watch_is_late(&shrink->watch))
		shrink->end = SIM_SHRINK_LIMIT_TIME;
	else if (shrink->candidates >= most)
		shrink->end = SIM_SHRINK_LIMIT_CANDIDATES;
	return shrink->end != SIM_SHRINK_MINIMAL;
}

static struct sim_scenario *load(const struct shrink *shrink, struct json_object *file,
                                 GError **error)
{
	g_autofree char *text = sim_portable_text(file);

	return sim_scenario_parse(text, strlen(text), shrink->name, error);
}

/* What the environment keeps from being judged counts as no success, unless it happens on and on.
 */
static void note_error(struct shrink *shrink, GError *error)
{
	if (!error) {
		shrink->disturbances = 0;
		return;
	}
	g_clear_error(&shrink->disturbed);
	shrink->unjudged++;
	if (error->code != SIM_ERROR_ENVIRONMENT || !shrink->reason ||
	    ++shrink->disturbances == MAX_UNJUDGED)
		shrink->error = error;
	else
		shrink->disturbed = error;
}

/*
 * NULL: it is no scenario, nothing is known of it, or the watch has ended it. The first one, by
 * which it is known that there is anything to do, has the time it needs.
 */
static struct sim_judgement *judge(struct shrink *shrink, const struct candidate *candidate,
                                   enum sim_judge_question question)
{
	g_autoptr(SimScenario) scenario = load(shrink, candidate->file, NULL);
	struct sim_watch first = shrink->watch;
	struct sim_judgement *judgement;
	struct sim_reason reason = {0};
	GError *error = NULL;

	if (!scenario || shrink->error)
		return NULL;
	first.deadline = 0;
	if (shrink->reason)
		reason = *shrink->reason;
	reason.pointer = candidate->pointer;
	judgement = sim_judge(&shrink->options->judge, scenario, shrink->reason ? &reason : NULL,
	                      question, shrink->reason ? &shrink->watch : &first, &error);
	note_error(shrink, error);
	return judgement;
}

static char *schedule_pointer(const struct shrink *shrink)
{
	return g_strconcat("/schedules/", shrink->schedule, NULL);
}

/* Without the move that could not be done, or with it once less. */
static bool ease_move(const struct shrink *shrink, struct json_object *file, int number)
{
	g_autofree char *pointer = schedule_pointer(shrink);
	struct json_object *moves = sim_edit_find(file, pointer), *times;
	struct json_object *move = json_object_array_get_idx(moves, (size_t)number);

	if (!json_object_is_type(move, json_type_object))
		return false;
	if (!json_object_object_get_ex(move, "times", &times)) {
		json_object_array_del_idx(moves, (size_t)number, 1);
		return true;
	}
	if (json_object_get_int(times) > 2)
		json_object_set_int(times, json_object_get_int(times) - 1);
	else
		json_object_object_del(move, "times");
	return true;
}

/* An empty schedule is no schedule. */
static void add_rest(const struct shrink *shrink, struct json_object *file)
{
	g_autofree char *pointer = schedule_pointer(shrink);
	struct json_object *moves = sim_edit_find(file, pointer);

	if (json_object_array_length(moves) == 0)
		json_object_array_add(moves, json_object_new_string("rest"));
}

/* Plays the candidate; moves that cannot be done are left out, as long as that is what is wrong. */
static struct sim_judgement *play(struct shrink *shrink, struct candidate *candidate, bool ease)
{
	struct sim_judgement *played = judge(shrink, candidate, SIM_JUDGE_PLAY);

	while (ease && played && !played->yes && played->diverged >= 0 &&
	       ease_move(shrink, candidate->file, played->diverged)) {
		add_rest(shrink, candidate->file);
		sim_judgement_free(played);
		played = judge(shrink, candidate, SIM_JUDGE_PLAY);
	}
	return played;
}

/* The moves that refer to what is gone keep a file from loading. */
static void drop_strangers(const struct shrink *shrink, struct json_object *file)
{
	g_autofree char *pointer = schedule_pointer(shrink);
	struct json_object *moves = sim_edit_find(file, pointer), *actor, *threads = NULL;

	json_object_object_get_ex(file, "threads", &threads);
	for (size_t i = json_object_array_length(moves); i-- > 0;) {
		struct json_object *move = json_object_array_get_idx(moves, i);
		const char *name;

		if (!json_object_object_get_ex(move, "run", &actor))
			continue;
		name = json_object_get_string(actor);
		if ((strchr(name, '.') || strcmp(name, "host") == 0) &&
		    !g_str_has_prefix(name, "work") &&
		    !json_object_object_get_ex(threads, name, NULL))
			json_object_array_del_idx(moves, i, 1);
	}
	add_rest(shrink, file);
}

/* A schedule for the candidate, if there is one that fails for the reason. */
static struct sim_judgement *search(struct shrink *shrink, struct candidate *candidate)
{
	g_autoptr(SimJudgement) found = judge(shrink, candidate, SIM_JUDGE_SEARCH);
	g_autofree char *pointer = schedule_pointer(shrink);

	if (!found || !found->yes)
		return NULL;
	json_pointer_set(&candidate->file, pointer, json_tokener_parse(found->moves));
	return play(shrink, candidate, false);
}

static bool keeps_its_orders(struct shrink *shrink, const struct candidate *candidate)
{
	g_autoptr(SimJudgement) answer = NULL;

	if (!shrink->ordered)
		return true;
	answer = judge(shrink, candidate, SIM_JUDGE_ORDERS);
	return answer && answer->yes;
}

/* Takes over what is in the candidate. */
static void accept(struct shrink *shrink, struct candidate *candidate, struct sim_judgement *played)
{
	json_object_put(shrink->file);
	shrink->file = candidate->file;
	candidate->file = NULL;
	g_free(shrink->reason->pointer);
	shrink->reason->pointer = g_steal_pointer(&candidate->pointer);
	sim_judgement_free(shrink->played);
	shrink->played = played;
}

static void tell(struct shrink *shrink, const char *text)
{
	shrink->reductions++;
	if (shrink->options->on_reduction)
		shrink->options->on_reduction(shrink->options->user, text);
}

static uint32_t count_calls(struct json_object *file)
{
	struct json_object *setup, *threads;
	size_t count = 0;

	if (json_object_object_get_ex(file, "setup", &setup))
		count += json_object_array_length(setup);
	if (json_object_object_get_ex(file, "threads", &threads)) {
		json_object_object_foreach(threads, name, steps)
		{
			(void)name;
			count += json_object_array_length(steps);
		}
	}
	return (uint32_t)count;
}

static struct sim_shrink_size size_of(const struct shrink *shrink)
{
	return (struct sim_shrink_size){.steps = shrink->played->steps,
	                                .calls = count_calls(shrink->file),
	                                .preemptions = shrink->played->preemptions};
}

/* A candidate more; where it stands is reported now and then. */
static void count_candidate(struct shrink *shrink)
{
	gint64 now = sim_clock_now();
	const struct sim_shrink_progress progress = {.candidates = ++shrink->candidates,
	                                             .reductions = shrink->reductions,
	                                             .size = size_of(shrink),
	                                             .seconds = (double)(now - shrink->began) /
	                                                        G_USEC_PER_SEC};

	if (!shrink->options->on_progress || now - shrink->shown < SIM_SHRINK_BEAT * (gint64)1000)
		return;
	shrink->shown = now;
	shrink->options->on_progress(shrink->options->user, &progress);
}

static bool make_candidate(const struct shrink *shrink, const struct sim_edit *edit,
                           struct candidate *ret_candidate)
{
	const char *pointer = shrink->reason->pointer;

	*ret_candidate = (struct candidate){0};
	if (pointer) {
		ret_candidate->pointer = sim_edit_pointer(edit, pointer);
		if (!ret_candidate->pointer)
			return false;
	}
	ret_candidate->file = sim_edit_apply(shrink->file, edit);
	return true;
}

static struct sim_judgement *judge_candidate(struct shrink *shrink, struct candidate *candidate,
                                             bool schedule)
{
	struct sim_judgement *played;

	add_rest(shrink, candidate->file);
	if (!schedule)
		drop_strangers(shrink, candidate->file);
	played = play(shrink, candidate, !schedule);
	if (played && !played->yes && !schedule) {
		sim_judgement_free(played);
		played = search(shrink, candidate);
	}
	if (played && played->yes && (schedule || keeps_its_orders(shrink, candidate)))
		return played;
	sim_judgement_free(played);
	return NULL;
}

static bool try_edit(struct shrink *shrink, const struct sim_edit *edit, bool schedule)
{
	g_autofree char *text = NULL;
	struct sim_judgement *played = NULL;
	struct candidate candidate;

	if (make_candidate(shrink, edit, &candidate)) {
		count_candidate(shrink);
		played = judge_candidate(shrink, &candidate, schedule);
	}
	if (played) {
		text = edit->value ? g_strdup_printf("%s becomes %s", edit->pointer, edit->value)
		                   : g_strdup_printf("without %s", edit->pointer);
		accept(shrink, &candidate, played);
		tell(shrink, text);
	}
	clear_candidate(&candidate);
	return played != NULL;
}

/* Every edit once, those that a success brings included; answers whether there was a success. */
static bool go_through(struct shrink *shrink, bool schedule)
{
	g_autoptr(GPtrArray) edits = sim_edits_new(shrink->file, schedule);
	bool better = false;

	for (guint i = 0; i < edits->len && !is_over(shrink);) {
		if (!try_edit(shrink, g_ptr_array_index(edits, i), schedule)) {
			i++;
			continue;
		}
		better = true;
		g_ptr_array_unref(edits);
		edits = sim_edits_new(shrink->file, schedule);
	}
	return better;
}

static size_t count_moves(const struct shrink *shrink, struct json_object *file)
{
	g_autofree char *pointer = schedule_pointer(shrink);

	return json_object_array_length(sim_edit_find(file, pointer));
}

static bool is_simpler(const struct shrink *shrink, const struct sim_judgement *a,
                       struct json_object *file)
{
	const struct sim_judgement *b = shrink->played;

	if (a->preemptions != b->preemptions)
		return a->preemptions < b->preemptions;
	if (a->switches != b->switches)
		return a->switches < b->switches;
	return count_moves(shrink, file) < count_moves(shrink, shrink->file);
}

/* Another schedule for the same file: with fewer preemptions, or fewer switches. */
static bool search_simpler(struct shrink *shrink)
{
	struct candidate candidate = {.pointer = g_strdup(shrink->reason->pointer)};
	struct sim_judgement *played;
	g_autofree char *text = NULL;
	bool better;

	json_object_deep_copy(shrink->file, &candidate.file, NULL);
	count_candidate(shrink);
	played = search(shrink, &candidate);
	better = played && played->yes && is_simpler(shrink, played, candidate.file);
	if (better) {
		accept(shrink, &candidate, played);
		text = g_strdup_printf("a schedule with %u preemptions and %u switches",
		                       shrink->played->preemptions, shrink->played->switches);
		tell(shrink, text);
	} else {
		sim_judgement_free(played);
	}
	clear_candidate(&candidate);
	return better;
}

static void reduce(struct shrink *shrink)
{
	bool better = true;

	if (!is_over(shrink) && shrink->played->schedule)
		search_simpler(shrink);
	while (better && !is_over(shrink)) {
		better = go_through(shrink, false);
		if (shrink->played->schedule && !is_over(shrink))
			better |= search_simpler(shrink);
		better |= go_through(shrink, true);
	}
}

/* The file with this one of its schedules, and nothing that is about several. */
static struct json_object *with_schedule(struct json_object *file, const char *name,
                                         struct json_object *moves)
{
	static const char *const several[] = {"schedule", "schedules", "detects", "known-failing",
	                                      "$schema"};
	struct json_object *copy = NULL, *outcomes, *schedules = json_object_new_object();

	json_object_object_add(schedules, name, json_object_get(moves));
	json_object_deep_copy(file, &copy, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(several); i++)
		json_object_object_del(copy, several[i]);
	if (json_object_object_get_ex(copy, "outcomes", &outcomes)) {
		json_object_object_del(outcomes, "sometimes");
		if (json_object_object_length(outcomes) == 0)
			json_object_object_del(copy, "outcomes");
	}
	json_object_object_add(copy, "schedules", schedules);
	return copy;
}

static void set_reason(struct shrink *shrink, const struct sim_scenario *scenario)
{
	const struct sim_judgement *played = shrink->played;

	shrink->reason = g_new0(struct sim_reason, 1);
	shrink->reason->verdict = played->verdict;
	shrink->reason->source = g_strdup(played->source);
	shrink->reason->message = sim_cause_normalise(scenario, played->message);
	shrink->reason->pointer = g_strdup(played->pointer);
}

/* Whether the file fails with this schedule alone; the shrinking then starts from there. */
static bool start_with(struct shrink *shrink, struct json_object *file, const char *name,
                       struct json_object *moves)
{
	struct candidate candidate = {.file = with_schedule(file, name, moves)};
	g_autoptr(SimScenario) scenario = load(shrink, candidate.file, NULL);
	struct sim_judgement *played = judge(shrink, &candidate, SIM_JUDGE_PLAY);

	if (played && played->verdict == SIM_VERDICT_SUBJECT)
		g_set_error_literal(&shrink->error, SIM_ERROR, SIM_ERROR_SUBJECT, played->message);
	else if (scenario && played && played->yes && played->verdict != SIM_VERDICT_DIVERGED) {
		shrink->schedule = g_strdup(name);
		shrink->file = json_object_get(candidate.file);
		shrink->played = g_steal_pointer(&played);
		set_reason(shrink, scenario);
	}
	sim_judgement_free(played);
	clear_candidate(&candidate);
	return shrink->file != NULL;
}

static bool start(struct shrink *shrink, struct json_object *file)
{
	const char *wanted = shrink->options->schedule;
	struct json_object *schedules, *moves;

	if (json_object_object_get_ex(file, "schedules", &schedules)) {
		json_object_object_foreach(schedules, name, each)
		{
			if ((!wanted || strcmp(wanted, name) == 0) &&
			    start_with(shrink, file, name, each))
				return true;
		}
		return false;
	}
	if (json_object_object_get_ex(file, "schedule", &moves))
		return start_with(shrink, file, DEFAULT_SCHEDULE, moves);
	moves = json_object_new_array();
	json_object_array_add(moves, json_object_new_string("rest"));
	start_with(shrink, file, DEFAULT_SCHEDULE, moves);
	json_object_put(moves);
	return shrink->file != NULL;
}

static bool is_own(const struct sim_reason *reason)
{
	return strcmp(reason->source, sim_source_text(SIM_SOURCE_EXPECT)) == 0 ||
	       strcmp(reason->source, sim_source_text(SIM_SOURCE_OUTCOME)) == 0;
}

/* What an oracle says does not need what the scenario expects. */
static void drop_outcomes(struct shrink *shrink)
{
	struct candidate candidate = {.pointer = g_strdup(shrink->reason->pointer)};
	struct sim_judgement *played;

	json_object_deep_copy(shrink->file, &candidate.file, NULL);
	json_object_object_del(candidate.file, "outcomes");
	played = play(shrink, &candidate, false);
	if (played && played->yes)
		accept(shrink, &candidate, played);
	else
		sim_judgement_free(played);
	clear_candidate(&candidate);
}

static void note_orders(struct shrink *shrink)
{
	struct candidate candidate = {.file = shrink->file, .pointer = shrink->reason->pointer};
	g_autoptr(SimJudgement) answer = NULL;

	if (!shrink->played->schedule)
		return;
	answer = judge(shrink, &candidate, SIM_JUDGE_ORDERS);
	shrink->ordered = answer && answer->yes;
}

/* What is left, with the places behind its steps. */
static char *narrate(struct shrink *shrink)
{
	const struct sim_shrink_options *options = shrink->options;
	struct sim_shrink_options narrating = *options;
	struct candidate candidate = {.file = shrink->file, .pointer = shrink->reason->pointer};
	g_autoptr(SimJudgement) answer = NULL;

	narrating.judge.narrates = true;
	shrink->options = &narrating;
	answer = judge(shrink, &candidate, SIM_JUDGE_PLAY);
	shrink->options = options;
	return answer && answer->yes ? g_steal_pointer(&answer->narrative) : NULL;
}

static struct sim_shrunk *finish(struct shrink *shrink, const struct sim_shrink_size *before)
{
	struct sim_shrunk *shrunk = g_new0(struct sim_shrunk, 1);

	shrunk->end = shrink->end;
	shrunk->unjudged = shrink->unjudged;
	if (shrink->error || shrink->disturbed)
		shrunk->trouble =
		        g_strdup((shrink->error ? shrink->error : shrink->disturbed)->message);
	sim_portable_mark(shrink->file);
	shrunk->text = sim_portable_text(shrink->file);
	shrunk->schedule = g_strdup(shrink->schedule);
	shrunk->verdict = shrink->played->verdict;
	shrunk->source = g_strdup(shrink->played->source);
	shrunk->message = g_strdup(shrink->played->message);
	shrunk->place = g_strdup(shrink->played->place);
	shrunk->detail = g_strdup(shrink->played->detail);
	shrunk->trace = narrate(shrink);
	if (!shrunk->trace)
		shrunk->trace = g_strdup(shrink->played->trace);
	shrunk->before = *before;
	shrunk->after = size_of(shrink);
	shrunk->candidates = shrink->candidates;
	return shrunk;
}

static void set_nothing(const struct sim_shrink_options *options, const char *path, GError **error)
{
	g_autofree char *which = options->schedule ? g_strdup_printf("'%s'", options->schedule)
	                                           : g_strdup("no schedule");
	g_autofree char *why = options->judge.source ? g_strdup_printf(" for the reason '%s'",
	                                                               options->judge.source)
	                                             : g_strdup("");

	g_set_error(error, SIM_ERROR, SIM_ERROR_EMPTY,
	            "nothing to shrink: %s of '%s' %s by itself%s", which, path,
	            options->schedule ? "is no schedule that fails" : "fails", why);
}

static void set_stopped(const struct shrink *shrink, const char *path, GError **error)
{
	g_set_error(error, SIM_ERROR, SIM_ERROR_STOPPED,
	            "%s before it was known whether '%s' fails: nothing is written",
	            shrink->end == SIM_SHRINK_INTERRUPTED ? "interrupted" : "--time was over",
	            path);
}

static struct sim_shrunk *shrink_file(struct shrink *shrink, struct json_object *file,
                                      const char *path, GError **error)
{
	struct sim_shrink_size before;

	if (!start(shrink, file)) {
		if (shrink->error)
			g_propagate_error(error, g_steal_pointer(&shrink->error));
		else if (is_over(shrink))
			set_stopped(shrink, path, error);
		else
			set_nothing(shrink->options, path, error);
		return NULL;
	}
	before = size_of(shrink);
	if (is_own(shrink->reason))
		note_orders(shrink);
	else
		drop_outcomes(shrink);
	reduce(shrink);
	is_over(shrink);
	return finish(shrink, &before);
}

struct sim_shrunk *sim_shrink(const struct sim_shrink_options *options, const char *path,
                              const char *name, GError **error)
{
	struct shrink shrink = {.options = options, .name = name};
	g_autoptr(SimScenario) scenario = sim_scenario_load(path, error);
	struct json_object *file = scenario ? json_object_from_file(path) : NULL;
	struct sim_shrunk *shrunk = NULL;

	shrink.watch =
	        (struct sim_watch){.timeout = sim_subject_timeout(options->judge.subject.timeout),
	                           .deadline = sim_clock_after(options->seconds),
	                           .wait_mask = options->wait_mask,
	                           .stop = options->stop};
	shrink.began = sim_clock_now();
	if (scenario && !file)
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot read '%s' again", path);
	if (file)
		shrunk = shrink_file(&shrink, file, path, error);
	g_clear_error(&shrink.error);
	g_clear_error(&shrink.disturbed);
	json_object_put(file);
	json_object_put(shrink.file);
	g_free(shrink.schedule);
	sim_reason_free(shrink.reason);
	sim_judgement_free(shrink.played);
	return shrunk;
}

void sim_shrunk_free(struct sim_shrunk *shrunk)
{
	if (!shrunk)
		return;
	g_free(shrunk->trouble);
	g_free(shrunk->text);
	g_free(shrunk->schedule);
	g_free(shrunk->source);
	g_free(shrunk->message);
	g_free(shrunk->place);
	g_free(shrunk->detail);
	g_free(shrunk->trace);
	g_free(shrunk);
}
