/* SPDX-License-Identifier: MIT */
#include "sim/report.h"

#include <stdarg.h>

static const struct {
	const char *text;
	int code;
	int rank;
} verdicts[] = {
#define X(name, text, code, rank) [SIM_VERDICT_##name] = {text, code, rank},
        SIM_VERDICTS(X)
#undef X
};

const char *sim_verdict_text(enum sim_verdict verdict)
{
	return verdicts[verdict].text;
}

int sim_verdict_exit_code(enum sim_verdict verdict)
{
	return verdicts[verdict].code;
}

int sim_verdict_rank(enum sim_verdict verdict)
{
	return verdicts[verdict].rank;
}

bool sim_verdict_is_open(enum sim_verdict verdict)
{
	return verdict == SIM_VERDICT_INCOMPLETE || verdict == SIM_VERDICT_ENVIRONMENT;
}

enum sim_verdict sim_verdict_worse(enum sim_verdict a, enum sim_verdict b)
{
	return sim_verdict_rank(b) > sim_verdict_rank(a) ? b : a;
}

const char *sim_source_text(enum sim_source source)
{
	static const char *const texts[SIM_SOURCE_COUNT] = {
	        [SIM_SOURCE_EXPECT] = "expect",           [SIM_SOURCE_OUTCOME] = "outcome",
	        [SIM_SOURCE_SCHEDULE] = "schedule",       [SIM_SOURCE_ORACLE] = "oracle",
	        [SIM_SOURCE_SUBJECT] = "subject",         [SIM_SOURCE_LOADER] = "loader",
	        [SIM_SOURCE_ENVIRONMENT] = "environment", [SIM_SOURCE_FFASIM] = "ffasim",
	};

	return texts[source];
}

enum sim_verdict sim_verdict_of_blame(enum sim_blame blame)
{
	static const enum sim_verdict of[] = {[SIM_BLAME_SUBJECT] = SIM_VERDICT_CRASH,
	                                      [SIM_BLAME_ENVIRONMENT] = SIM_VERDICT_ENVIRONMENT,
	                                      [SIM_BLAME_FFASIM] = SIM_VERDICT_BUG};

	return of[blame];
}

enum sim_verdict sim_verdict_of_error(const GError *error)
{
	if (error->domain != SIM_ERROR)
		return SIM_VERDICT_INVALID;
	switch (error->code) {
	case SIM_ERROR_SUBJECT:
		return SIM_VERDICT_SUBJECT;
	case SIM_ERROR_ENVIRONMENT:
		return SIM_VERDICT_ENVIRONMENT;
	case SIM_ERROR_BUG:
		return SIM_VERDICT_BUG;
	case SIM_ERROR_STOPPED:
		return SIM_VERDICT_INCOMPLETE;
	default:
		return SIM_VERDICT_INVALID;
	}
}

enum sim_source sim_source_of_verdict(enum sim_verdict verdict)
{
	switch (verdict) {
	case SIM_VERDICT_INVALID:
		return SIM_SOURCE_LOADER;
	case SIM_VERDICT_ENVIRONMENT:
		return SIM_SOURCE_ENVIRONMENT;
	case SIM_VERDICT_BUG:
		return SIM_SOURCE_FFASIM;
	default:
		return SIM_SOURCE_SUBJECT;
	}
}

static void free_finding(gpointer data)
{
	struct sim_finding *finding = data;

	g_free(finding->oracle);
	g_free(finding->cause);
	g_free(finding->schedule);
	g_free(finding->message);
	g_free(finding->place);
	g_free(finding->detail);
	g_free(finding);
}

static void free_schedule(gpointer data)
{
	struct sim_schedule_report *schedule = data;

	g_free(schedule->name);
	g_free(schedule->trace);
	g_free(schedule->diagnostics);
	g_free(schedule->narrative);
	g_free(schedule);
}

struct sim_report *sim_report_new(const char *path, const char *subject)
{
	struct sim_report *report = g_new0(struct sim_report, 1);

	report->path = g_strdup(path);
	report->id = g_str_has_suffix(path, ".json") ? g_strndup(path, strlen(path) - 5)
	                                             : g_strdup(path);
	report->subject = g_strdup(subject);
	report->findings = g_ptr_array_new_with_free_func(free_finding);
	report->schedules = g_ptr_array_new_with_free_func(free_schedule);
	return report;
}

void sim_report_free(struct sim_report *report)
{
	if (!report)
		return;
	g_free(report->path);
	g_free(report->id);
	g_free(report->about);
	g_free(report->subject);
	g_free(report->build);
	g_free(report->reason);
	g_free(report->setup_trace);
	g_free(report->setup_diagnostics);
	g_free(report->setup_narrative);
	g_ptr_array_unref(report->findings);
	g_ptr_array_unref(report->schedules);
	g_free(report);
}

struct sim_finding *sim_report_add(struct sim_report *report, enum sim_verdict verdict,
                                   enum sim_source source, const char *schedule,
                                   const struct sim_place *place, const char *format, ...)
{
	struct sim_finding *finding = g_new0(struct sim_finding, 1);
	va_list arguments;

	va_start(arguments, format);
	finding->message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	finding->verdict = verdict;
	finding->source = source;
	finding->schedule = g_strdup(schedule);
	finding->place = place ? sim_place_text(place) : NULL;
	g_ptr_array_add(report->findings, finding);
	report->verdict = sim_verdict_worse(report->verdict, verdict);
	return finding;
}

const struct sim_finding *sim_report_worst(const struct sim_report *report)
{
	const struct sim_finding *worst = NULL;

	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		if (!finding->warning && (!worst || sim_verdict_rank(finding->verdict) >
		                                            sim_verdict_rank(worst->verdict)))
			worst = finding;
	}
	return worst;
}

bool sim_report_has_finding(const struct sim_report *report)
{
	return report->verdict != SIM_VERDICT_PASS && !sim_verdict_is_open(report->verdict);
}

bool sim_report_ran(const struct sim_report *report)
{
	return report->verdict != SIM_VERDICT_SUBJECT && report->verdict != SIM_VERDICT_INVALID &&
	       report->verdict != SIM_VERDICT_BUG && report->verdict != SIM_VERDICT_ENVIRONMENT;
}

/* Only a judgement about the mediator can be known to fail; an unusable file or subject cannot. */
static bool is_failure(enum sim_verdict verdict)
{
	return verdict == SIM_VERDICT_FAIL || verdict == SIM_VERDICT_DIVERGED ||
	       verdict == SIM_VERDICT_LIVENESS || verdict == SIM_VERDICT_CRASH;
}

void sim_report_settle(struct sim_report *report, const struct sim_scenario *scenario)
{
	if (!scenario->known_failing)
		return;
	report->reason = g_strdup(scenario->known_failing);
	if (is_failure(report->verdict))
		report->verdict = SIM_VERDICT_KNOWN_FAILING;
	else if (report->verdict == SIM_VERDICT_PASS)
		sim_report_add(report, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, NULL, NULL,
		               "passes, although it is declared known-failing: %s",
		               scenario->known_failing);
}

#define FINDING_TYPE  "(uubmsmssmsmsms)"
#define SCHEDULE_TYPE "(susmsmsu)"
#define REPORT_TYPE   "(ssmssmsmsumsmsmsttta" FINDING_TYPE "a" SCHEDULE_TYPE ")"

static GVariant *pack_findings(const struct sim_report *report)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a" FINDING_TYPE));
	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		g_variant_builder_add(&builder, FINDING_TYPE, (guint32)finding->verdict,
		                      (guint32)finding->source, (gboolean)finding->warning,
		                      finding->oracle, finding->schedule, finding->message,
		                      finding->place, finding->detail, finding->cause);
	}
	return g_variant_builder_end(&builder);
}

static GVariant *pack_schedules(const struct sim_report *report)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a" SCHEDULE_TYPE));
	for (guint i = 0; i < report->schedules->len; i++) {
		const struct sim_schedule_report *schedule =
		        g_ptr_array_index(report->schedules, i);

		g_variant_builder_add(&builder, SCHEDULE_TYPE, schedule->name,
		                      (guint32)schedule->verdict, schedule->trace,
		                      schedule->diagnostics, schedule->narrative, schedule->steps);
	}
	return g_variant_builder_end(&builder);
}

GBytes *sim_report_to_bytes(const struct sim_report *report)
{
	g_autoptr(GVariant) packed = g_variant_ref_sink(g_variant_new(
	        "(ssmssmsmsumsmsmsttt@a" FINDING_TYPE "@a" SCHEDULE_TYPE ")", report->path,
	        report->id, report->about, report->subject, report->build, report->reason,
	        (guint32)report->verdict, report->setup_trace, report->setup_diagnostics,
	        report->setup_narrative, report->calls, report->smcs, report->traps,
	        pack_findings(report), pack_schedules(report)));

	return g_variant_get_data_as_bytes(packed);
}

static void drop_traces(struct sim_report *report)
{
	g_clear_pointer(&report->setup_trace, g_free);
	g_clear_pointer(&report->setup_diagnostics, g_free);
	g_clear_pointer(&report->setup_narrative, g_free);
	for (guint i = 0; i < report->schedules->len; i++) {
		struct sim_schedule_report *schedule = g_ptr_array_index(report->schedules, i);

		g_free(schedule->trace);
		schedule->trace = g_strdup("");
		g_free(schedule->diagnostics);
		schedule->diagnostics = g_strdup("");
		g_clear_pointer(&schedule->narrative, g_free);
	}
}

GBytes *sim_report_to_bytes_within(struct sim_report *report, gsize most)
{
	GBytes *bytes = sim_report_to_bytes(report);

	if (g_bytes_get_size(bytes) <= most)
		return bytes;
	g_bytes_unref(bytes);
	drop_traces(report);
	sim_report_add(
	        report, SIM_VERDICT_PASS, SIM_SOURCE_LOADER, NULL, NULL,
	        "the traces are left out: with them the report has more than %" G_GSIZE_FORMAT
	        " bytes",
	        most)
	        ->warning = true;
	return sim_report_to_bytes(report);
}

static bool unpack_findings(struct sim_report *report, GVariant *packed)
{
	GVariantIter iter;
	struct sim_finding next = {0};
	guint32 verdict, source;
	gboolean warning;

	g_variant_iter_init(&iter, packed);
	while (g_variant_iter_next(&iter, FINDING_TYPE, &verdict, &source, &warning, &next.oracle,
	                           &next.schedule, &next.message, &next.place, &next.detail,
	                           &next.cause)) {
		next.verdict = (enum sim_verdict)verdict;
		next.source = (enum sim_source)source;
		next.warning = warning;
		g_ptr_array_add(report->findings, g_memdup2(&next, sizeof next));
		if (verdict >= SIM_VERDICT_COUNT || source >= SIM_SOURCE_COUNT)
			return false;
	}
	return true;
}

static bool unpack_schedules(struct sim_report *report, GVariant *packed)
{
	GVariantIter iter;
	struct sim_schedule_report next = {0};
	guint32 verdict;

	g_variant_iter_init(&iter, packed);
	while (g_variant_iter_next(&iter, SCHEDULE_TYPE, &next.name, &verdict, &next.trace,
	                           &next.diagnostics, &next.narrative, &next.steps)) {
		next.verdict = (enum sim_verdict)verdict;
		g_ptr_array_add(report->schedules, g_memdup2(&next, sizeof next));
		if (verdict >= SIM_VERDICT_COUNT)
			return false;
	}
	return true;
}

struct sim_report *sim_report_from_bytes(GBytes *bytes)
{
	g_autoptr(GVariant) packed = g_variant_ref_sink(
	        g_variant_new_from_bytes(G_VARIANT_TYPE(REPORT_TYPE), bytes, FALSE));
	g_autoptr(GVariant) findings = NULL;
	g_autoptr(GVariant) schedules = NULL;
	g_autoptr(SimReport) report = NULL;
	guint32 verdict;

	if (!g_variant_is_normal_form(packed))
		return NULL;
	report = sim_report_new("", NULL);
	g_clear_pointer(&report->path, g_free);
	g_clear_pointer(&report->id, g_free);
	g_variant_get(packed, "(ssmssmsmsumsmsmsttt@a" FINDING_TYPE "@a" SCHEDULE_TYPE ")",
	              &report->path, &report->id, &report->about, &report->subject, &report->build,
	              &report->reason, &verdict, &report->setup_trace, &report->setup_diagnostics,
	              &report->setup_narrative, &report->calls, &report->smcs, &report->traps,
	              &findings, &schedules);
	if (verdict >= SIM_VERDICT_COUNT || !unpack_findings(report, findings) ||
	    !unpack_schedules(report, schedules))
		return NULL;
	report->verdict = (enum sim_verdict)verdict;
	return g_steal_pointer(&report);
}
