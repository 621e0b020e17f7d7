/* SPDX-License-Identifier: MIT */
/* For people: a line per scenario, what failed grouped at the end, a summary as the last line. */
#include <string.h>

#include "sim/trace/columns.h"
#include "sim/trace/sink_escape.h"
#include "sim/trace/sink_internal.h"

#define VERDICT_WIDTH 16
#define MAX_ID_WIDTH  60u
#define TABLE_INDENT  4u
#define MAX_NAMES     4u /* of schedules with the same finding; further ones are counted */

#define COLOR_GOOD "\033[32m"
#define COLOR_WARN "\033[33m"
#define COLOR_BAD  "\033[1;31m"
#define COLOR_NAME "\033[1m"
#define COLOR_OFF  "\033[0m"

static const char *verdict_color(enum sim_verdict verdict)
{
	if (sim_verdict_is_failure(verdict))
		return COLOR_BAD;
	return verdict == SIM_VERDICT_PASS ? COLOR_GOOD : COLOR_WARN;
}

/* printf with a colour around it, if the sink has colours. */
static void append_colored(const struct sim_sink *sink, GString *out, const char *color,
                           const char *format, ...) G_GNUC_PRINTF(4, 5);
static void append_colored(const struct sim_sink *sink, GString *out, const char *color,
                           const char *format, ...)
{
	va_list arguments;

	if (sink->options.color)
		g_string_append(out, color);
	va_start(arguments, format);
	g_string_append_vprintf(out, format, arguments);
	va_end(arguments);
	if (sink->options.color)
		g_string_append(out, COLOR_OFF);
}

static int id_width(const struct sim_sink *sink)
{
	gsize width = 0;

	for (const char *const *path = sink->start.paths; *path; path++) {
		gsize length = strlen(*path);

		if (g_str_has_suffix(*path, ".json"))
			length -= strlen(".json");
		width = MAX(width, length);
	}
	return (int)MIN(width, MAX_ID_WIDTH);
}

static void append_line(const struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	append_colored(sink, out, verdict_color(report->verdict), "%-*s", VERDICT_WIDTH,
	               sim_verdict_text(report->verdict));
	g_string_append_c(out, ' ');
	if (report->reason)
		g_string_append_printf(out, "%-*s  %s", id_width(sink), report->id, report->reason);
	else if (report->schedules->len)
		g_string_append_printf(out, "%-*s %3u schedule%s", id_width(sink), report->id,
		                       report->schedules->len,
		                       report->schedules->len == 1 ? "" : "s");
	else
		g_string_append(out, report->id);
	g_string_append_c(out, '\n');
}

static const struct sim_finding *finding_at(const struct sim_report *report, guint i)
{
	return g_ptr_array_index(report->findings, i);
}

/* Those of one cause in several schedules are told once. */
static bool is_alike(const struct sim_finding *a, const struct sim_finding *b)
{
	return a->schedule && b->schedule && a->cause && a->verdict == b->verdict &&
	       a->source == b->source && a->warning == b->warning &&
	       g_strcmp0(a->oracle, b->oracle) == 0 && g_strcmp0(a->cause, b->cause) == 0;
}

static bool is_first_alike(const struct sim_report *report, guint number)
{
	for (guint i = 0; i < number; i++)
		if (is_alike(finding_at(report, i), finding_at(report, number)))
			return false;
	return true;
}

/* The schedules with a finding like this one, each once; a few by name. */
static char *schedules_text(const struct sim_report *report, const struct sim_finding *finding)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *other = finding_at(report, i);
		const char *last = names->len ? g_ptr_array_index(names, names->len - 1) : NULL;

		if ((other == finding || is_alike(other, finding)) &&
		    g_strcmp0(last, other->schedule) != 0)
			g_ptr_array_add(names, other->schedule);
	}
	g_string_append(text, names->len > 1 ? "schedules " : "schedule ");
	for (guint i = 0; i < MIN(names->len, MAX_NAMES); i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "",
		                       (const char *)g_ptr_array_index(names, i));
	if (names->len > MAX_NAMES)
		g_string_append_printf(text, " and %u more", names->len - MAX_NAMES);
	g_string_append(text, ": ");
	return g_string_free(text, FALSE);
}

/* Where in the run a finding belongs. */
static char *finding_moment(const struct sim_report *report, const struct sim_finding *finding)
{
	if (finding->schedule)
		return schedules_text(report, finding);
	if (finding->source == SIM_SOURCE_OUTCOME)
		return g_strdup("all schedules: ");
	if (finding->source == SIM_SOURCE_LOADER)
		return g_strdup("");
	return g_strdup(report->setup_trace && !report->schedules->len ? "set-up: " : "");
}

static void append_detail(GString *out, const char *detail)
{
	g_auto(GStrv) lines = g_strsplit(detail, "\n", -1);

	for (char **line = lines; *line; line++)
		if (**line)
			g_string_append_printf(out, "      %s\n", *line);
}

static void append_finding(const struct sim_report *report, const struct sim_finding *finding,
                           GString *out)
{
	g_autofree char *moment = finding_moment(report, finding);

	g_string_append_printf(out, "  %s%s", finding->warning ? "warning: " : "", moment);
	sim_append_plain(out, finding->message);
	if (finding->oracle)
		g_string_append_printf(out, " [oracle %s]", finding->oracle);
	g_string_append_c(out, '\n');
	if (finding->place) {
		g_string_append(out, "      at ");
		sim_append_plain(out, finding->place);
		g_string_append_c(out, '\n');
	}
	if (finding->detail)
		append_detail(out, finding->detail);
}

static void append_trace(const struct sim_sink *sink, const char *title, const char *name,
                         const char *trace, const char *diagnostics, GString *out)
{
	const char *text = sink->options.diagnostics ? diagnostics : trace;

	if (!text || !text[0])
		return;
	g_string_append_printf(out, "\n  %s%s\n", title, name);
	sim_columns_append(out, text, TABLE_INDENT);
}

static void append_setup(const struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	append_trace(sink, "set-up", "", report->setup_trace, report->setup_diagnostics, out);
}

static void append_schedule(const struct sim_sink *sink, const struct sim_schedule_report *schedule,
                            GString *out)
{
	append_trace(sink, "schedule ", schedule->name, schedule->trace, schedule->diagnostics,
	             out);
}

static void append_all_traces(const struct sim_sink *sink, const struct sim_report *report,
                              GString *out)
{
	append_setup(sink, report, out);
	for (guint i = 0; i < report->schedules->len; i++)
		append_schedule(sink, g_ptr_array_index(report->schedules, i), out);
	g_string_append_c(out, '\n');
}

static void append_narrative(GString *out, const char *title, const char *name,
                             const char *narrative)
{
	g_string_append_printf(out, "\n  %s%s\n", title, name);
	sim_columns_append(out, narrative, TABLE_INDENT);
}

/* What led to a failure, or all of it where nobody looked for that. */
static void append_focus(const struct sim_sink *sink, const struct sim_schedule_report *schedule,
                         GString *out)
{
	if (schedule->narrative)
		append_narrative(out, "schedule ", schedule->name, schedule->narrative);
	else
		append_schedule(sink, schedule, out);
}

static void append_setup_focus(const struct sim_sink *sink, const struct sim_report *report,
                               GString *out)
{
	if (report->setup_narrative)
		append_narrative(out, "set-up", "", report->setup_narrative);
	else
		append_setup(sink, report, out);
}

static void append_narratives(const struct sim_sink *sink, const struct sim_report *report,
                              GString *out)
{
	if (!report->schedules->len)
		append_setup_focus(sink, report, out);
	for (guint i = 0; i < report->schedules->len; i++)
		append_focus(sink, g_ptr_array_index(report->schedules, i), out);
	g_string_append_c(out, '\n');
}

/* What the first failure happened in. */
static void append_failing_trace(const struct sim_sink *sink, const struct sim_report *report,
                                 GString *out)
{
	const struct sim_finding *failure = sim_report_worst(report);
	const struct sim_schedule_report *schedule;

	if (!failure || failure->source == SIM_SOURCE_LOADER)
		return;
	schedule = sim_report_schedule(report, failure->schedule);
	if (!schedule && !report->schedules->len)
		append_setup_focus(sink, report, out);
	else if (schedule)
		append_focus(sink, schedule, out);
}

static bool wants_trace(const struct sim_sink *sink)
{
	return sink->options.traces == SIM_TRACES_FAILING ||
	       (sink->options.traces == SIM_TRACES_FIRST && !sink->traced);
}

/*
 * When one cause fails many scenarios (the subject is missing) it is told once. Answers whether
 * the report has been dealt with.
 */
static bool join_group(struct sim_sink *sink, const struct sim_report *report)
{
	const struct sim_finding *only =
	        report->findings->len == 1 ? g_ptr_array_index(report->findings, 0) : NULL;

	if (!only || report->verdict != SIM_VERDICT_SUBJECT) {
		g_string_truncate(sink->message, 0);
		return false;
	}
	if (sink->message->len && strcmp(sink->message->str, only->message) == 0) {
		g_string_append_printf(sink->held, "  so is %s\n", report->path);
		return true;
	}
	g_string_assign(sink->message, only->message);
	return false;
}

static void hold_findings(struct sim_sink *sink, const struct sim_report *report)
{
	bool failed = sim_verdict_is_failure(report->verdict);
	GString *out = sink->held;

	if (join_group(sink, report))
		return;
	g_string_append_c(out, '\n');
	append_colored(sink, out, verdict_color(report->verdict),
	               "%s:", failed ? sim_verdict_text(report->verdict) : "warning");
	g_string_append_c(out, ' ');
	append_colored(sink, out, COLOR_NAME, "%s", report->path);
	g_string_append_c(out, '\n');
	if (report->about) {
		g_string_append(out, "  ");
		sim_append_plain(out, report->about);
		g_string_append_c(out, '\n');
	}
	for (guint i = 0; i < report->findings->len; i++)
		if (is_first_alike(report, i))
			append_finding(report, finding_at(report, i), out);
	if (failed && sim_report_has_finding(report) && wants_trace(sink)) {
		append_failing_trace(sink, report, out);
		sink->traced = true;
	}
}

static bool has_warning(const struct sim_report *report)
{
	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		if (finding->warning)
			return true;
	}
	return false;
}

static void report_text(struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	bool failed = sim_verdict_is_failure(report->verdict);

	if (!sink->options.quiet || failed)
		append_line(sink, report, out);
	if (sink->options.traces == SIM_TRACES_ALL && sink->options.narratives)
		append_narratives(sink, report, out);
	else if (sink->options.traces == SIM_TRACES_ALL)
		append_all_traces(sink, report, out);
	if (failed || (!sink->options.quiet && has_warning(report)))
		hold_findings(sink, report);
}

static void end_text(struct sim_sink *sink, int interrupted, GString *out)
{
	unsigned failures = sim_tally_failures(&sink->tally);
	unsigned not_run = sink->total - sink->tally.scenarios;
	GString *summary = g_string_new(NULL);

	if (sink->held->len)
		g_string_append_printf(out, "%s\n", sink->held->str);
	sim_tally_append(&sink->tally, summary);
	g_string_append(summary, " on ");
	sim_sink_append_subject(sink, summary);
	if (not_run)
		g_string_append_printf(summary, "; %s, %u not run",
		                       interrupted ? "interrupted" : "stopped", not_run);
	append_colored(sink, out, failures || not_run ? COLOR_BAD : COLOR_GOOD, "%s", summary->str);
	g_string_append_c(out, '\n');
	g_string_free(summary, TRUE);
}

const struct sim_sink_format sim_sink_text = {
        .name = "text",
        .summary = "for people",
        .on_stdout = true,
        .report = report_text,
        .end = end_text,
};
