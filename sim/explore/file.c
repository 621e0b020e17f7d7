/* SPDX-License-Identifier: MIT */
#include "sim/explore/file.h"

#include <string.h>

#include "sim/explore/coverage.h"
#include "sim/explore/identity.h"
#include "sim/explore/opened.h"
#include "sim/explore/orders.h"
#include "sim/explore/parallel.h"
#include "sim/explore/path.h"
#include "sim/explore/result.h"

/* What is left of a limit of time is more than 0, which stands for none. */
#define LEAST_SECONDS 0.001

/* Only who has seen everything can say that something never comes out. */
static void judge_sometimes(const struct sim_scenario *scenario, const struct sim_part *whole,
                            struct sim_explored_file *file)
{
	G_STATIC_ASSERT(SIM_PART_MARKS >= SIM_ALL_OUTCOMES);
	for (unsigned i = 0; i < scenario->outcome_count; i++) {
		const struct sim_outcome *outcome = &scenario->outcomes[i];
		g_autofree char *place = NULL;

		if (outcome->kind != SIM_OUTCOME_SOMETIMES || whole->seen[i])
			continue;
		place = sim_place_text(&outcome->place);
		sim_coverage_add_unseen(file, outcome->text, place);
	}
}

static struct sim_explored_finding *add_finding(const struct sim_path_head *head,
                                                const struct sim_part_finding *from, GBytes *detail,
                                                struct sim_explored_file *file)
{
	struct sim_explored_finding *finding =
	        sim_explored_file_add(file, from->verdict, from->source, from->message);

	finding->place = g_strdup(from->place);
	finding->first = from->first;
	finding->count = from->count;
	if (detail)
		sim_opened_detail(detail, finding);
	else if (from->verdict != SIM_VERDICT_ENVIRONMENT)
		finding->path = sim_path_to_text(from->path, head);
	if (!finding->detail)
		finding->detail = sim_orders_detail(from, head);
	sim_explored_finding_vary(finding, &from->variants);
	return finding;
}

static void tell_empty_shard(const struct sim_explore_file_options *options, unsigned jobs,
                             struct sim_explored_file *file)
{
	g_free(file->coverage);
	file->coverage = g_strdup_printf(
	        "nothing: the search has %u part%s, and none of them is of shard %u of %u: %s at %s "
	        "granularity",
	        jobs, jobs == 1 ? "" : "s", options->sharing.shard, options->sharing.shards,
	        sim_strategy_name(options->search.strategy),
	        sim_granularity_name(options->granularity));
}

static void tell(const struct sim_explore_file_options *options,
                 const struct sim_scenario *scenario, const struct sim_opened *opened,
                 const struct sim_parallel *result, struct sim_explored_file *file)
{
	const struct sim_part *whole = result->whole;
	struct sim_path_head head;

	sim_opened_head(opened, &head);
	sim_coverage_tell(options, whole, sim_opened_sees_races(opened), file);
	if (result->empty)
		tell_empty_shard(options, result->jobs, file);
	for (guint i = 0; i < whole->findings->len; i++) {
		const struct sim_part_finding *from = g_ptr_array_index(whole->findings, i);

		add_finding(&head, from, g_ptr_array_index(result->details, i), file)->rates =
		        sim_coverage_rates(options, whole, from);
	}
	if (whole->end == SIM_EXPLORE_COMPLETE && !file->empty && options->sharing.shards <= 1 &&
	    !options->oracles_only)
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
		file->coverage = g_strdup_printf("nothing: %s before the search began",
		                                 result->trouble.text ? "a process died"
		                                 : result->end == SIM_EXPLORE_INTERRUPTED
		                                         ? "interrupted"
		                                         : "--time was over");
		file->verdict = SIM_VERDICT_INCOMPLETE;
		file->empty = true;
	}
	if (result->trouble.text)
		sim_explored_file_add_death(file, &result->trouble);
	return file;
}

/* A search through states that hide no race, if the ones it went through may have. */
static bool search_again(const struct sim_host *host, const struct sim_parallel_options *parallel,
                         struct sim_opened *opened, gint64 began, struct sim_parallel *result,
                         GError **error)
{
	struct sim_parallel_options again;
	double used = (double)(sim_clock_now() - began) / G_USEC_PER_SEC;

	if (parallel->search.strategy != SIM_STRATEGY_STATEFUL || !result->whole ||
	    result->whole->end != SIM_EXPLORE_COMPLETE || !sim_opened_hides_races(opened))
		return true;
	/* its states are others: the checkpoint stays that of the first, which is through */
	again = *parallel;
	again.checkpoint = again.resume = NULL;
	if (again.search.seconds > 0)
		again.search.seconds = MAX(again.search.seconds - used, LEAST_SECONDS);
	sim_parallel_clear(result);
	return sim_parallel_run(host, &again, result, error);
}

/* A search whose findings are passed on while it goes on. */
struct announcer {
	const struct sim_explore_sharing *sharing;
	struct sim_path_head head;
	GHashTable *known; /* char: sources and causes */
};

static void on_found(void *user, const struct sim_part_finding *from)
{
	const struct announcer *announcer = user;
	char *key = g_strconcat(from->source, "\n", from->cause, NULL);
	g_autofree char *path = sim_path_to_text(from->path, &announcer->head);
	const struct sim_explored_finding finding = {.verdict = from->verdict,
	                                             .source = from->source,
	                                             .message = from->message,
	                                             .place = from->place,
	                                             .path = path};

	if (g_hash_table_add(announcer->known, key))
		announcer->sharing->on_found(announcer->sharing->user, &finding);
}

static void on_progress(void *user, const struct sim_progress *progress)
{
	const struct announcer *announcer = user;

	announcer->sharing->on_progress(announcer->sharing->user, progress);
}

static void on_checkpoint(void *user)
{
	const struct announcer *announcer = user;

	announcer->sharing->on_checkpoint(announcer->sharing->user);
}

static void fill_parallel(const struct sim_explore_file_options *options,
                          struct json_object *identity, struct announcer *announcer,
                          struct sim_parallel_options *ret_parallel)
{
	const struct sim_explore_sharing *sharing = &options->sharing;

	*ret_parallel = (struct sim_parallel_options){
	        .search = options->search,
	        .workers = sharing->workers,
	        .shard = sharing->shard,
	        .shards = sharing->shards,
	        .identity = identity,
	        .checkpoint = sharing->checkpoint,
	        .resume = sharing->resume,
	        .timeout = sim_subject_timeout(options->subject.timeout),
	        .checkpoint_steps = sharing->checkpoint_steps,
	        .wait_mask = sharing->wait_mask,
	        .stop = sharing->stop,
	        .on_progress = sharing->on_progress ? on_progress : NULL,
	        .on_found = sharing->on_found ? on_found : NULL,
	        .on_checkpoint = sharing->on_checkpoint ? on_checkpoint : NULL,
	        .user = announcer};
}

/* Results and checkpoints say of what they are; NULL without an error: nobody wants to know. */
static struct json_object *identify(const struct sim_explore_file_options *options,
                                    const struct sim_scenario *scenario, GError **error)
{
	const struct sim_explore_sharing *sharing = &options->sharing;

	if (!sharing->results && !sharing->checkpoint && !sharing->resume)
		return NULL;
	return sim_identity_new(options, scenario, error);
}

/* One search of a file. */
struct asked {
	const struct sim_explore_file_options *options;
	const struct sim_scenario *scenario;
	struct json_object *identity;
	struct sim_opened *opened;
	struct announcer *announcer;
};

/* The file, and the result of the search that it is made of. */
static struct sim_explored_file *search_once(const struct asked *asked,
                                             struct sim_parallel *ret_result, GError **error)
{
	struct sim_parallel_options parallel;
	gint64 began = sim_clock_now();
	struct sim_host host;

	fill_parallel(asked->options, asked->identity, asked->announcer, &parallel);
	sim_opened_host(asked->opened, &host);
	if (!sim_parallel_run(&host, &parallel, ret_result, error) ||
	    !search_again(&host, &parallel, asked->opened, began, ret_result, error))
		return NULL;
	return make_file(asked->options, asked->scenario, asked->opened, ret_result);
}

/* Whether the environment kept the subject from being opened at all. */
static bool is_kept_out(const struct asked *asked, const struct sim_explored_file *file,
                        const struct sim_parallel *result)
{
	const volatile sig_atomic_t *stop = asked->options->sharing.stop;

	return file && result->report && file->verdict == SIM_VERDICT_ENVIRONMENT &&
	       !(stop && *stop);
}

/* What does not go together with this subject is a mistake in the command, and no verdict. */
static struct sim_explored_file *refuse_misuse(struct sim_explored_file *file, GError **error)
{
	const struct sim_explored_finding *first =
	        file && file->findings->len ? g_ptr_array_index(file->findings, 0) : NULL;

	if (!first || strcmp(first->source, SIM_EXPLORE_MISUSE) != 0)
		return file;
	g_set_error_literal(error, SIM_ERROR, SIM_ERROR_USAGE, first->message);
	sim_explored_file_free(file);
	return NULL;
}

static struct sim_explored_file *search_asked(const struct asked *asked, GError **error)
{
	const struct sim_explore_file_options *options = asked->options;
	struct sim_parallel result = {0};
	struct sim_explored_file *file = search_once(asked, &result, error);

	for (unsigned tries = 1; is_kept_out(asked, file, &result) && tries < SIM_PROCESS_TRIES;
	     tries++) {
		g_clear_pointer(&file, sim_explored_file_free);
		sim_parallel_clear(&result);
		file = search_once(asked, &result, error);
	}
	file = refuse_misuse(file, error);
	if (file && options->sharing.results) {
		struct sim_result_head head = {.options = options,
		                               .scenario = asked->scenario,
		                               .identity = asked->identity,
		                               .races = sim_opened_sees_races(asked->opened)};

		sim_opened_head(asked->opened, &head.path);
		json_object_array_add(options->sharing.results,
		                      sim_result_new(&head, &result, file));
	}
	sim_parallel_clear(&result);
	return file;
}

static struct sim_explored_file *search_as(const struct sim_explore_file_options *options,
                                           const struct sim_scenario *scenario,
                                           struct json_object *identity, GError **error)
{
	struct announcer announcer = {.sharing = &options->sharing};
	struct asked asked = {.options = options,
	                      .scenario = scenario,
	                      .identity = identity,
	                      .announcer = &announcer};
	struct sim_explored_file *file;

	asked.opened = sim_opened_new(options, scenario, error);
	if (!asked.opened)
		return NULL;
	announcer.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	sim_opened_head(asked.opened, &announcer.head);
	file = search_asked(&asked, error);
	sim_opened_free(asked.opened);
	g_hash_table_unref(announcer.known);
	return file;
}

static struct sim_explored_file *search(const struct sim_explore_file_options *options,
                                        const struct sim_scenario *scenario, GError **error)
{
	g_autoptr(GError) problem = NULL;
	struct json_object *identity = identify(options, scenario, &problem);
	struct sim_explored_file *file = NULL;

	/* a subject that is not there is told by whoever wants to open it */
	if (problem && problem->domain != G_FILE_ERROR)
		g_propagate_error(error, g_steal_pointer(&problem));
	else
		file = search_as(options, scenario, identity, error);
	json_object_put(identity);
	return file;
}

/* A file that is not searched. */
static struct sim_explored_file *tell_why(const struct sim_explore_file_options *options,
                                          const char *path, const struct sim_scenario *scenario,
                                          const GError *invalid)
{
	struct sim_explored_file *file = sim_explored_file_new(path);

	if (scenario) {
		file->about = g_strdup(scenario->about);
		file->verdict = SIM_VERDICT_SKIPPED;
		file->reason = g_strdup(scenario->skip);
	} else {
		sim_explored_file_add_error(file, invalid);
	}
	if (options->sharing.results)
		json_object_array_add(options->sharing.results, sim_result_of_report(file));
	return file;
}

struct sim_explored_file *sim_explore_file_apart(const struct sim_explore_file_options *options,
                                                 const char *path, GError **error)
{
	g_autoptr(GError) invalid = NULL;
	g_autoptr(SimScenario) scenario = sim_scenario_load(path, &invalid);

	if (!scenario || scenario->skip)
		return tell_why(options, path, scenario, invalid);
	return options->replay ? sim_explore_replay_apart(options, scenario, error)
	                       : search(options, scenario, error);
}
