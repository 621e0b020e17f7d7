/* SPDX-License-Identifier: MIT */
#include "sim/explore/opened.h"

#include <string.h>
#include <sys/mman.h>

#include "sim/explore/coverage.h"
#include "sim/explore/endless.h"
#include "sim/explore/portable.h"
#include "sim/explore/telling.h"
#include "sim/schedule/stop.h"

#define DETAIL_TYPE "(msmsmsmsmsms)" /* message, place, path, trace, scenario, detail */

/* Told by whoever opens it first, in another process. */
struct told {
	char subject[256];
	bool races; /* the oracle "race" watches */
	struct sim_race_uses uses;
};

struct sim_opened {
	const struct sim_explore_file_options *options;
	const struct sim_scenario *scenario;
	struct told *told;              /* shared */
	struct sim_explored_file *file; /* says why it cannot be opened */
	struct shim_link link;
	struct world world;
	struct sim_run run;
	struct sim_explored_run *explored; /* NULL: not open */
	struct sim_report *report;
	uint8_t *start;
	enum sim_granularity granularity;
	bool exact;
};

struct sim_opened *sim_opened_new(const struct sim_explore_file_options *options,
                                  const struct sim_scenario *scenario, GError **error)
{
	struct sim_opened *opened = g_new0(struct sim_opened, 1);

	opened->told = sim_process_share(sizeof *opened->told, error);
	if (!opened->told) {
		g_free(opened);
		return NULL;
	}
	opened->options = options;
	opened->scenario = scenario;
	opened->granularity = options->granularity;
	opened->file = sim_explored_file_new(scenario->path);
	opened->file->about = g_strdup(scenario->about);
	return opened;
}

void sim_opened_free(struct sim_opened *opened)
{
	if (!opened)
		return;
	if (opened->explored) {
		sim_explored_run_free(opened->explored);
		sim_run_ignore(&opened->run);
		world_finish(&opened->world);
		shim_link_close(&opened->link);
	}
	sim_report_free(opened->report);
	sim_explored_file_free(opened->file);
	munmap(opened->told, sizeof *opened->told);
	g_free(opened->start);
	g_free(opened);
}

const char *sim_opened_name(const struct sim_opened *opened)
{
	return opened->told->subject[0] ? opened->told->subject : NULL;
}

bool sim_opened_sees_races(const struct sim_opened *opened)
{
	return opened->told->races;
}

bool sim_opened_hides_races(struct sim_opened *opened)
{
	bool hides = !opened->exact && opened->told->uses.told;

	opened->exact |= hides;
	return hides;
}

static struct sim_explore_system *system_of(struct sim_opened *opened)
{
	return sim_explored_run_system(opened->explored);
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

/* Such a search would tell an inversion, or not, by who came first to a state. */
static bool takes_states(const struct sim_opened *opened)
{
	return opened->options->search.strategy == SIM_STRATEGY_STATEFUL &&
	       !opened->options->replay;
}

/* Boot and set-up; false: there is nothing to go on with, and the file says why. */
static bool begin(struct sim_opened *opened)
{
	struct sim_run *run = &opened->run;

	opened->report = sim_report_new(opened->file->path, "");
	world_init(&opened->world, &opened->link);
	run->scenario = opened->scenario;
	run->world = &opened->world;
	run->report = opened->report;
	run->levels = &opened->options->oracles;
	run->oracles_only = opened->options->oracles_only;
	sim_run_listen(run);
	run->race.exact = opened->exact;
	run->race.states = opened->options->search.strategy == SIM_STRATEGY_STATEFUL;
	run->race.uses = &opened->told->uses;
	opened->told->races = sim_race_watches(run);
	if (sim_run_begin(run)) {
		g_ptr_array_set_size(opened->report->findings, 0);
		run->lock.silent = takes_states(opened);
		return true;
	}
	opened->file->coverage =
	        g_strdup(opened->report->findings->len
	                         ? "nothing: the set-up does not come to its end"
	                         : "complete: the boot ends as it must, and nothing runs after it");
	add_report(opened->file, opened->report);
	sim_run_ignore(run);
	world_finish(&opened->world);
	shim_link_close(&opened->link);
	return false;
}

static bool rests_on_footprints(const struct sim_opened *opened)
{
	return opened->options->search.strategy == SIM_STRATEGY_DPOR && !opened->options->replay;
}

/* What rests on independence must see every access, and so must what would stop at each. */
static bool sees_enough(struct sim_opened *opened)
{
	bool dpor = rests_on_footprints(opened);

	if (opened->link.map.control->instrumented || opened->options->replay ||
	    (!dpor && opened->granularity != SIM_GRANULARITY_ACCESS))
		return true;
	opened->file->coverage = g_strdup("nothing: this build does not announce its accesses");
	sim_explored_file_add(opened->file, SIM_VERDICT_SUBJECT, SIM_EXPLORE_MISUSE,
	                      dpor ? "dpor must see every access of the mediator: explore the build"
	                             " 'O2' or 'O0', or choose 'stateful'"
	                           : "there are no accesses to stop at: explore the build 'O2' or "
	                             "'O0', or choose the granularity 'sync'");
	shim_link_close(&opened->link);
	return false;
}

static bool open_here(struct sim_opened *opened)
{
	struct sim_subject_request request = opened->options->subject;
	g_autoptr(GError) error = NULL;

	request.mediator = opened->scenario->machine.mediator;
	if (!sim_subject_open(&opened->link, &request, &error)) {
		sim_explored_file_add_error(opened->file, error);
		return false;
	}
	g_snprintf(opened->told->subject, sizeof opened->told->subject, "%s/%s",
	           request.subject ? request.subject : "inline", opened->link.map.control->build);
	opened->file->subject = g_strdup(opened->told->subject);
	if (!sees_enough(opened) || !begin(opened))
		return false;
	opened->explored = sim_explored_run_new(&opened->run, opened->granularity);
	opened->start = g_malloc(system_of(opened)->snapshot_max);
	system_of(opened)->class->save(system_of(opened), opened->start);
	if (rests_on_footprints(opened))
		sim_explored_run_watch(opened->explored);
	return true;
}

static struct sim_explore_system *host_open(void *user, GBytes **ret_report)
{
	struct sim_opened *opened = user;

	if (open_here(opened))
		return system_of(opened);
	*ret_report = sim_explored_file_to_bytes(opened->file);
	return NULL;
}

/* The first finding says why it could not be opened; a link that was lost has an error. */
static void host_loss(void *user, struct sim_crew_loss *ret_loss)
{
	const struct sim_opened *opened = user;
	const struct sim_explored_finding *first;

	*ret_loss = (struct sim_crew_loss){.known = true, .blame = SIM_BLAME_ENVIRONMENT};
	if (opened->explored) {
		ret_loss->blame = sim_subject_blame(&opened->link);
		g_strlcpy(ret_loss->text, opened->link.error, sizeof ret_loss->text);
	} else if (opened->file->findings->len) {
		first = g_ptr_array_index(opened->file->findings, 0);
		g_strlcpy(ret_loss->text, first->message, sizeof ret_loss->text);
	}
}

/* Return addresses on stacks depend on where the subject lies. */
static uint64_t host_anchor(void *user)
{
	const struct sim_opened *opened = user;

	return opened->link.map.control->sections.address;
}

static void rewind_opened(struct sim_opened *opened)
{
	struct sim_explore_system *system = system_of(opened);

	sim_explore_drop_noted(system);
	if (!system->lost)
		system->class->load(system, opened->start);
}

/* What taking a path came to. */
struct taken {
	uint32_t steps; /* that could be taken */
	bool goes_on;   /* all of them, and the execution is not at its end */
	uint32_t noted_count;
	uint32_t noted[SIM_EXPLORE_FINDINGS]; /* findings, each once */
	struct sim_unjudged unjudged;
};

static void take_noted(struct sim_explore_system *system, struct taken *taken)
{
	bool known[SIM_EXPLORE_FINDINGS] = {false};

	for (uint32_t i = 0; i < taken->noted_count; i++)
		known[taken->noted[i]] = true;
	for (uint32_t i = 0; i < system->noted_count; i++)
		if (!known[system->noted[i]])
			taken->noted[taken->noted_count++] = system->noted[i];
	sim_unjudged_add(&taken->unjudged, &system->unjudged);
	sim_explore_drop_noted(system);
}

/* Takes the path and judges where it ends. */
static void take_path(struct sim_opened *opened, const struct sim_explore_path *path,
                      struct taken *ret_taken)
{
	struct sim_explore_system *system = system_of(opened);
	struct sim_trail trail;
	uint32_t i = 0;

	*ret_taken = (struct taken){0};
	sim_trail_begin(&trail, system);
	while (i < path->length && system->enabled >> path->step[i] & 1) {
		sim_trail_step(&trail, path->step[i]);
		system->class->step(system, path->step[i++]);
		take_noted(system, ret_taken);
	}
	if (i == path->length && !system->enabled && !system->failed)
		system->class->judge(system);
	ret_taken->goes_on = i == path->length && system->enabled && !sim_trail_judge(&trail);
	take_noted(system, ret_taken);
	ret_taken->steps = i;
	sim_trail_end(&trail);
}

/* finding: whose place is marked, -1: none. */
static char *trace_path(struct sim_opened *opened, const struct sim_explore_path *path, int finding)
{
	char *trace = sim_telling_of_path(opened->explored, &opened->run, path, finding);

	rewind_opened(opened);
	return trace;
}

static char *make_scenario(struct sim_opened *opened, uint32_t number,
                           const struct sim_explore_path *path)
{
	g_autofree struct sim_portable *portable = g_new0(struct sim_portable, 1);
	bool portable_path = sim_portable_from_path(opened->explored, path, portable);

	rewind_opened(opened);
	if (!portable_path || !sim_portable_trim(opened->explored, number, portable))
		return NULL;
	return sim_portable_scenario(&opened->run, portable, "found", NULL);
}

static void put_words(const struct sim_finding *from, struct sim_part_finding *ret_finding)
{
	ret_finding->verdict = from->verdict;
	ret_finding->source =
	        (char *)(uintptr_t)(from->oracle ? from->oracle : sim_source_text(from->source));
	ret_finding->cause = from->cause;
	ret_finding->message = from->message;
	ret_finding->place = from->place;
}

static void name_finding(void *user, uint32_t number, struct sim_part_finding *ret_finding)
{
	const struct sim_opened *opened = user;

	put_words(sim_explored_run_finding(opened->explored, number), ret_finding);
	ret_finding->variants = *sim_explored_run_variants(opened->explored, number);
}

static const char *name_outcome(void *user, uint32_t number)
{
	const struct sim_opened *opened = user;

	return sim_explored_run_outcome(opened->explored, number);
}

static const bool *name_seen(void *user, unsigned *ret_count)
{
	struct sim_opened *opened = user;

	*ret_count = opened->scenario->outcome_count;
	return sim_explored_run_seen(opened->explored);
}

static void name_orders(void *user, struct sim_part *part)
{
	const struct sim_opened *opened = user;

	sim_explored_run_orders(opened->explored, part);
}

static void host_reset(void *user)
{
	struct sim_opened *opened = user;

	/* what there is room for is the same for a job, whatever its worker has done before */
	sim_explored_run_forget(opened->explored);
}

/* The number of a finding in this process, whose path was taken; -1: it did not come. */
static int number_of(const struct sim_opened *opened, const struct taken *taken,
                     const struct sim_part_finding *finding)
{
	for (uint32_t i = 0; i < taken->noted_count; i++) {
		struct sim_part_finding words;

		put_words(sim_explored_run_finding(opened->explored, taken->noted[i]), &words);
		if (strcmp(words.source, finding->source) == 0 &&
		    strcmp(words.cause, finding->cause) == 0)
			return (int)taken->noted[i];
	}
	return -1;
}

void sim_opened_head(const struct sim_opened *opened, struct sim_path_head *ret_head)
{
	struct sim_subject_request request = opened->options->subject;

	request.mediator = opened->scenario->machine.mediator;
	ret_head->granularity = opened->granularity;
	sim_subject_id(&request, ret_head->build);
}

/* What there is to show of a finding; known: its words, NULL: those of the part stand. */
static GBytes *pack(const struct sim_opened *opened, const struct sim_explore_path *path,
                    const char *trace, const char *scenario, const struct sim_finding *known)
{
	struct sim_path_head head;
	g_autofree char *text = NULL;
	g_autoptr(GVariant) value = NULL;

	sim_opened_head(opened, &head);
	text = sim_path_to_text(path, &head);
	value = g_variant_ref_sink(g_variant_new(DETAIL_TYPE, known ? known->message : NULL,
	                                         known ? known->place : NULL, text, trace, scenario,
	                                         known ? known->detail : NULL));
	return g_variant_get_data_as_bytes(value);
}

/* The path to a finding with that number, or a shorter one, and what there is to tell of it. */
static GBytes *describe(struct sim_opened *opened, uint32_t number,
                        const struct sim_explore_path *from, bool shorten)
{
	g_autofree struct sim_explore_path *path = g_new(struct sim_explore_path, 1);
	g_autofree char *trace = NULL;
	g_autofree char *scenario = NULL;

	sim_explore_path_copy(path, from);
	if (shorten)
		sim_explore_shorten(system_of(opened), number, SIM_SHORTEN_EXECUTIONS, path);
	if (!system_of(opened)->lost)
		trace = trace_path(opened, path, (int)number);
	if (!system_of(opened)->lost && opened->granularity != SIM_GRANULARITY_ACCESS)
		scenario = make_scenario(opened, number, path);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the analyzer does not know g_autofree */
	return pack(opened, path, trace, scenario,
	            sim_explored_run_finding(opened->explored, number));
}

static GBytes *host_finish(void *user, const struct sim_part_finding *finding)
{
	struct sim_opened *opened = user;
	struct taken taken;
	int number;

	opened->run.lock.silent = false;
	take_path(opened, finding->path, &taken);
	number = number_of(opened, &taken, finding);
	rewind_opened(opened);
	if (number < 0 || system_of(opened)->lost)
		return pack(opened, finding->path, NULL, NULL, NULL);
	return describe(opened, (uint32_t)number, finding->path, true);
}

void sim_opened_detail(GBytes *detail, struct sim_explored_finding *finding)
{
	g_autoptr(GVariant) value = g_variant_ref_sink(
	        g_variant_new_from_bytes(G_VARIANT_TYPE(DETAIL_TYPE), detail, FALSE));
	char *message, *place;

	g_variant_get(value, DETAIL_TYPE, &message, &place, &finding->path, &finding->trace,
	              &finding->scenario, &finding->detail);
	if (!message)
		return;
	g_free(finding->message);
	g_free(finding->place);
	finding->message = message;
	finding->place = place;
}

void sim_opened_host(struct sim_opened *opened, struct sim_host *ret_host)
{
	*ret_host = (struct sim_host){.open = host_open,
	                              .reset = host_reset,
	                              .finish = host_finish,
	                              .loss = host_loss,
	                              .anchor = host_anchor,
	                              .names = {.finding = name_finding,
	                                        .outcome = name_outcome,
	                                        .seen = name_seen,
	                                        .orders = name_orders,
	                                        .user = opened},
	                              .memo = &opened->told->uses,
	                              .memo_size = sizeof opened->told->uses,
	                              .user = opened};
}

/* Who could not take a step of a path, where he stands instead, and why. */
static void add_divergence(struct sim_opened *opened, const struct sim_explore_path *path,
                           uint32_t taken, const char *origin)
{
	const struct sim_explore_system *system = sim_explored_run_system(opened->explored);
	unsigned actor = path->step[taken] < system->count
	                         ? sim_explored_run_actor(opened->explored, path->step[taken])
	                         : SIM_SYSTEM_END;
	g_autofree char *message = NULL;
	g_autofree char *where = NULL;
	g_autofree char *why = NULL;

	if (actor < SIM_SYSTEM_END) {
		sim_actor_enabled(&opened->run, actor, &why);
		where = sim_stop_where(&opened->run, actor);
	}
	message = g_strdup_printf(
	        "step %u of %u ('%c') cannot be taken: %s cannot run: %s%s%s%s", taken + 1,
	        path->length, 'a' + path->step[taken],
	        actor < SIM_SYSTEM_END
	                ? sim_actor_name(&opened->run, sim_actor_context(&opened->run, actor))
	                : "nobody",
	        why ? why : "it waits for a lock, or this execution has ended",
	        where ? "; it is " : "", where ? where : "", origin);
	rewind_opened(opened);
	sim_explored_file_add(opened->file, SIM_VERDICT_DIVERGED, "schedule", message)->trace =
	        trace_path(opened, path, -1);
}

static void add_replayed(struct sim_opened *opened, uint32_t number,
                         const struct sim_explore_path *path)
{
	g_autoptr(GBytes) detail = NULL;
	struct sim_part_finding words;
	struct sim_explored_finding *finding;

	name_finding(opened, number, &words);
	finding = sim_explored_file_add(opened->file, words.verdict, words.source, words.message);
	finding->place = g_strdup(words.place);
	finding->first = finding->count = 1;
	if (system_of(opened)->lost)
		detail = pack(opened, path, NULL, NULL, NULL);
	else
		detail = describe(opened, number, path, false);
	sim_opened_detail(detail, finding);
}

static char *origin_of(const struct sim_opened *opened, const struct sim_path_head *head)
{
	struct sim_path_head here;

	sim_opened_head(opened, &here);
	return sim_path_origin(head, here.build);
}

/* What was not gone through, or not judged, is no pass. */
static void tell_replayed(struct sim_opened *opened, const struct taken *taken, const char *origin)
{
	GString *text = g_string_new("one execution");

	if (taken->goes_on)
		g_string_append_printf(text,
		                       ", and not all of it: the schedule ends after step %u, the "
		                       "execution goes on",
		                       taken->steps);
	g_string_append(text, origin);
	sim_coverage_append_unjudged(text, &taken->unjudged);
	opened->file->coverage = g_string_free(text, FALSE);
	opened->file->executions = 1;
	if (taken->goes_on || sim_unjudged_any(&taken->unjudged))
		opened->file->verdict = SIM_VERDICT_INCOMPLETE;
}

static void replay(struct sim_opened *opened, const struct sim_explore_path *path,
                   const struct sim_path_head *head)
{
	g_autofree char *origin = origin_of(opened, head);
	struct taken taken;

	take_path(opened, path, &taken);
	tell_replayed(opened, &taken, origin);
	if (taken.steps < path->length)
		add_divergence(opened, path, taken.steps, origin);
	rewind_opened(opened);
	for (uint32_t i = 0; i < taken.noted_count; i++)
		add_replayed(opened, taken.noted[i], path);
}

struct sim_explored_file *sim_opened_replay(struct sim_opened *opened)
{
	g_autofree struct sim_explore_path *path = g_new0(struct sim_explore_path, 1);
	struct sim_path_head head;
	g_autoptr(GError) error = NULL;

	if (!sim_path_from_text(opened->options->replay, path, &head, &error)) {
		sim_explored_file_add(opened->file, SIM_VERDICT_INVALID, "schedule",
		                      error->message);
		return g_steal_pointer(&opened->file);
	}
	/* the one it was found with */
	opened->granularity = head.granularity;
	if (open_here(opened))
		replay(opened, path, &head);
	return g_steal_pointer(&opened->file);
}
