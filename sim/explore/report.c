/* SPDX-License-Identifier: MIT */
/* The report of an explored file as a value and as bytes, and the process that makes it. */
#include <string.h>

#include "sim/explore/apart.h"
#include "sim/explore/opened.h"
#include "sim/trace/sink_tally.h"

#define FINDING_TYPE "(umsmsmsttmsbmsmsmsmsms)"
#define OUTCOME_TYPE "(mst)"
#define FILE_TYPE    "(msmsmsmsmsubtta" FINDING_TYPE "a" OUTCOME_TYPE ")"

static void free_finding(gpointer data)
{
	struct sim_explored_finding *finding = data;

	g_free(finding->source);
	g_free(finding->message);
	g_free(finding->place);
	g_free(finding->others);
	g_free(finding->rates);
	g_free(finding->path);
	g_free(finding->trace);
	g_free(finding->scenario);
	g_free(finding->detail);
	g_free(finding);
}

static void free_outcome(gpointer data)
{
	struct sim_explored_outcome *outcome = data;

	g_free(outcome->text);
	g_free(outcome);
}

struct sim_explored_file *sim_explored_file_new(const char *path)
{
	struct sim_explored_file *file = g_new0(struct sim_explored_file, 1);

	file->path = g_strdup(path);
	file->findings = g_ptr_array_new_with_free_func(free_finding);
	file->outcomes = g_ptr_array_new_with_free_func(free_outcome);
	return file;
}

void sim_explored_file_free(struct sim_explored_file *file)
{
	if (!file)
		return;
	g_free(file->path);
	g_free(file->about);
	g_free(file->subject);
	g_free(file->coverage);
	g_free(file->reason);
	g_ptr_array_unref(file->findings);
	g_ptr_array_unref(file->outcomes);
	g_free(file);
}

struct sim_explored_finding *sim_explored_file_add(struct sim_explored_file *file,
                                                   enum sim_verdict verdict, const char *source,
                                                   const char *message)
{
	struct sim_explored_finding *finding = g_new0(struct sim_explored_finding, 1);

	finding->verdict = verdict;
	finding->source = g_strdup(source);
	finding->message = g_strdup(message);
	file->verdict = sim_verdict_worse(file->verdict, verdict);
	g_ptr_array_add(file->findings, finding);
	return finding;
}

void sim_explored_file_add_death(struct sim_explored_file *file, const struct sim_death *death)
{
	enum sim_verdict verdict = sim_verdict_of_blame(death->blame);

	sim_explored_file_add(file, verdict, sim_source_text(sim_source_of_verdict(verdict)),
	                      death->text);
}

void sim_explored_file_add_error(struct sim_explored_file *file, const GError *error)
{
	enum sim_verdict verdict = sim_verdict_of_error(error);

	sim_explored_file_add(file, verdict, sim_source_text(sim_source_of_verdict(verdict)),
	                      error->message);
}

void sim_explored_sum_add(struct sim_explored_sum *sum, const struct sim_explored_file *file)
{
	sum->worst = sim_verdict_worse(sum->worst, file->verdict);
	sum->empty = sum->empty || file->empty;
}

int sim_explored_exit_code(const struct sim_explored_sum *sum)
{
	if (sum->empty && sim_verdict_rank(sum->worst) <= sim_verdict_rank(SIM_VERDICT_INCOMPLETE))
		return SIM_EXIT_EMPTY;
	return sim_verdict_exit_code(sum->worst);
}

void sim_explored_finding_vary(struct sim_explored_finding *finding,
                               const struct sim_variants *variants)
{
	g_autofree char *own = sim_variant_text(finding->message, finding->place);
	GString *others = g_string_new(NULL);

	for (guint i = 0; i < variants->texts->len; i++) {
		const char *text = g_ptr_array_index(variants->texts, i);

		if (strcmp(text, own) != 0)
			g_string_append_printf(others, "%s\n", text);
	}
	finding->more = variants->more;
	finding->others = g_string_free(others, others->len == 0);
}

GBytes *sim_explored_file_to_bytes(const struct sim_explored_file *file)
{
	GVariantBuilder findings, outcomes;
	g_autoptr(GVariant) value = NULL;

	g_variant_builder_init(&findings, G_VARIANT_TYPE("a" FINDING_TYPE));
	for (guint i = 0; i < file->findings->len; i++) {
		const struct sim_explored_finding *f = g_ptr_array_index(file->findings, i);

		g_variant_builder_add(&findings, FINDING_TYPE, (guint32)f->verdict, f->source,
		                      f->message, f->place, f->first, f->count, f->others,
		                      (gboolean)f->more, f->rates, f->path, f->trace, f->scenario,
		                      f->detail);
	}
	g_variant_builder_init(&outcomes, G_VARIANT_TYPE("a" OUTCOME_TYPE));
	for (guint i = 0; i < file->outcomes->len; i++) {
		const struct sim_explored_outcome *o = g_ptr_array_index(file->outcomes, i);

		g_variant_builder_add(&outcomes, OUTCOME_TYPE, o->text, o->count);
	}
	value = g_variant_ref_sink(
	        g_variant_new(FILE_TYPE, file->path, file->about, file->subject, file->coverage,
	                      file->reason, (guint32)file->verdict, (gboolean)file->empty,
	                      file->executions, file->states, &findings, &outcomes));
	return g_variant_get_data_as_bytes(value);
}

static void read_findings(struct sim_explored_file *file, GVariantIter *iter)
{
	struct sim_explored_finding next = {0};
	guint32 verdict;
	gboolean more;

	while (g_variant_iter_next(iter, FINDING_TYPE, &verdict, &next.source, &next.message,
	                           &next.place, &next.first, &next.count, &next.others, &more,
	                           &next.rates, &next.path, &next.trace, &next.scenario,
	                           &next.detail)) {
		next.more = more;
		next.verdict =
		        verdict < SIM_VERDICT_COUNT ? (enum sim_verdict)verdict : SIM_VERDICT_BUG;
		g_ptr_array_add(file->findings, g_memdup2(&next, sizeof next));
	}
}

struct sim_explored_file *sim_explored_file_from_bytes(GBytes *bytes)
{
	g_autoptr(GVariant) value = g_variant_ref_sink(
	        g_variant_new_from_bytes(G_VARIANT_TYPE(FILE_TYPE), bytes, FALSE));
	g_autoptr(GVariantIter) findings = NULL;
	g_autoptr(GVariantIter) outcomes = NULL;
	struct sim_explored_outcome next;
	struct sim_explored_file *file;
	guint32 verdict;
	gboolean empty;

	if (!g_variant_is_normal_form(value) || g_bytes_get_size(bytes) == 0)
		return NULL;
	file = sim_explored_file_new(NULL);
	g_variant_get(value, FILE_TYPE, &file->path, &file->about, &file->subject, &file->coverage,
	              &file->reason, &verdict, &empty, &file->executions, &file->states, &findings,
	              &outcomes);
	file->empty = empty;
	file->verdict = verdict < SIM_VERDICT_COUNT ? (enum sim_verdict)verdict : SIM_VERDICT_BUG;
	read_findings(file, findings);
	while (g_variant_iter_next(outcomes, OUTCOME_TYPE, &next.text, &next.count))
		g_ptr_array_add(file->outcomes, g_memdup2(&next, sizeof next));
	return file;
}

struct replay {
	const struct sim_explore_file_options *options;
	const struct sim_scenario *scenario;
};

static GBytes *replay(void *user)
{
	const struct replay *replay = user;
	g_autoptr(GError) error = NULL;
	struct sim_opened *opened = sim_opened_new(replay->options, replay->scenario, &error);
	g_autoptr(SimExploredFile) file = NULL;

	if (opened) {
		file = sim_opened_replay(opened);
	} else {
		file = sim_explored_file_new(replay->scenario->path);
		sim_explored_file_add_error(file, error);
	}
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the analyzer does not know g_autoptr */
	return sim_explored_file_to_bytes(file);
}

/* No answer: the process died, or was not waited for any longer. */
static struct sim_explored_file *report_end(const char *path, const struct sim_apart *apart)
{
	struct sim_explored_file *file = sim_explored_file_new(path);

	if (apart->end == SIM_APART_STOPPED) {
		file->verdict = SIM_VERDICT_INCOMPLETE;
		file->coverage = g_strdup("nothing: the execution was interrupted");
		return file;
	}
	sim_explored_file_add_death(file, &apart->death);
	file->coverage = g_strdup("nothing: the execution did not come to its end");
	return file;
}

struct sim_explored_file *sim_explore_replay_apart(const struct sim_explore_file_options *options,
                                                   const struct sim_scenario *scenario,
                                                   GError **error)
{
	struct replay user = {.options = options, .scenario = scenario};
	struct sim_watch watch = {.timeout = sim_subject_timeout(options->subject.timeout),
	                          .wait_mask = options->sharing.wait_mask,
	                          .stop = options->sharing.stop};
	struct sim_explored_file *file = NULL;
	struct sim_apart apart;
	unsigned tries = 0;
	bool answered;

	do {
		g_clear_pointer(&file, sim_explored_file_free);
		if (!sim_apart_run(replay, &user, &watch, &apart, error))
			return NULL;
		answered = apart.end == SIM_APART_DONE;
		if (answered)
			file = sim_explored_file_from_bytes(apart.bytes);
		if (!file)
			file = report_end(scenario->path, &apart);
		sim_apart_clear(&apart);
	} while (answered && file->verdict == SIM_VERDICT_ENVIRONMENT &&
	         !sim_watch_is_stopped(&watch) && ++tries < SIM_PROCESS_TRIES);
	return file;
}
