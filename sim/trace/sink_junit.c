/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML as CI systems read it: testsuites, testsuite, testcase. The counts stand in the first
 * tag, so everything is kept until the end. Times are 0: nothing here depends on a clock.
 */
#include "sim/trace/sink_escape.h"
#include "sim/trace/sink_internal.h"

static void add_attribute(GString *out, const char *name, const char *value)
{
	g_string_append_printf(out, " %s=\"", name);
	sim_append_xml(out, value);
	g_string_append_c(out, '"');
}

static void add_property(GString *out, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append(out, "        <property");
	add_attribute(out, "name", name);
	add_attribute(out, "value", value);
	g_string_append(out, "/>\n");
}

static void add_count(GString *out, const char *name, uint64_t value)
{
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

	add_property(out, name, text);
}

static void open_testcase(const struct sim_report *report, GString *out)
{
	g_autofree char *name = g_path_get_basename(report->id);
	g_autofree char *folder = g_path_get_dirname(report->id);

	g_string_append(out, "    <testcase");
	add_attribute(out, "name", name);
	add_attribute(out, "classname", folder);
	add_attribute(out, "file", report->path);
	g_string_append(out, " time=\"0\">\n      <properties>\n");
	add_property(out, "about", report->about);
	add_property(out, "verdict", sim_verdict_text(report->verdict));
	add_property(out, "subject", report->subject);
	add_property(out, "build", report->build);
	add_count(out, "schedules", report->schedules->len);
	add_count(out, "calls", report->calls);
	g_string_append(out, "      </properties>\n");
}

static void append_finding(const struct sim_finding *finding, GString *out)
{
	g_autofree char *moment = finding->schedule
	                                  ? g_strdup_printf("schedule %s: ", finding->schedule)
	                                  : g_strdup("");
	g_autofree char *oracle =
	        finding->oracle ? g_strdup_printf(" [oracle %s]", finding->oracle) : g_strdup("");
	g_autofree char *line = g_strconcat(finding->warning ? "warning: " : "", moment,
	                                    finding->message, oracle, NULL);

	sim_append_xml(out, line);
	g_string_append_c(out, '\n');
	if (finding->place) {
		g_string_append(out, "at ");
		sim_append_xml(out, finding->place);
		g_string_append_c(out, '\n');
	}
	if (finding->detail) {
		sim_append_xml(out, finding->detail);
		g_string_append_c(out, '\n');
	}
}

/* A judgement about the mediator is a failure; a scenario that could not be judged, an error. */
static bool is_error(enum sim_verdict verdict)
{
	return sim_verdict_is_open(verdict) ||
	       sim_verdict_rank(verdict) >= sim_verdict_rank(SIM_VERDICT_CRASH);
}

static void append_failure(const struct sim_report *report, GString *out)
{
	const struct sim_finding *first = sim_report_worst(report);
	const char *tag = is_error(report->verdict) ? "error" : "failure";

	g_string_append_printf(out, "      <%s", tag);
	add_attribute(out, "type", sim_verdict_text(report->verdict));
	add_attribute(out, "message", first ? first->message : "");
	g_string_append_c(out, '>');
	for (guint i = 0; i < report->findings->len; i++)
		append_finding(g_ptr_array_index(report->findings, i), out);
	g_string_append_printf(out, "</%s>\n", tag);
}

static void append_skipped(const struct sim_report *report, GString *out)
{
	g_autofree char *message =
	        g_strconcat(report->verdict == SIM_VERDICT_KNOWN_FAILING ? "known to fail: " : "",
	                    report->reason ? report->reason : "", NULL);

	g_string_append(out, "      <skipped");
	add_attribute(out, "message", message);
	g_string_append(out, "/>\n");
}

/* What happened in the schedule that failed first. */
static void append_system_out(const struct sim_report *report, GString *out)
{
	const struct sim_finding *first = sim_report_worst(report);
	const struct sim_schedule_report *schedule =
	        sim_report_schedule(report, first ? first->schedule : NULL);
	g_auto(GStrv) lines = NULL;

	if (!schedule)
		return;
	lines = g_strsplit(schedule->trace, "\n", -1);
	g_string_append(out, "      <system-out>schedule ");
	sim_append_xml(out, schedule->name);
	g_string_append_c(out, '\n');
	for (char **line = lines; *line; line++) {
		if (!**line)
			continue;
		sim_append_xml(out, *line);
		g_string_append_c(out, '\n');
	}
	g_string_append(out, "</system-out>\n");
}

static void report_junit(struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	(void)out;
	open_testcase(report, sink->held);
	if (sim_verdict_is_failure(report->verdict)) {
		append_failure(report, sink->held);
		append_system_out(report, sink->held);
	} else if (report->verdict != SIM_VERDICT_PASS) {
		append_skipped(report, sink->held);
	}
	g_string_append(sink->held, "    </testcase>\n");
}

static unsigned count_errors(const struct sim_tally *tally)
{
	unsigned errors = 0;

	for (unsigned i = 0; i < SIM_VERDICT_COUNT; i++)
		if (is_error((enum sim_verdict)i))
			errors += tally->verdicts[i];
	return errors;
}

static void append_counts(const struct sim_tally *tally, GString *out)
{
	unsigned errors = count_errors(tally);

	g_string_append_printf(out,
	                       " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\""
	                       " time=\"0\"",
	                       tally->scenarios, sim_tally_failures(tally) - errors, errors,
	                       tally->verdicts[SIM_VERDICT_SKIPPED] +
	                               tally->verdicts[SIM_VERDICT_KNOWN_FAILING]);
}

static void end_junit(struct sim_sink *sink, int interrupted, GString *out)
{
	GString *name = g_string_new("ffasim on ");

	sim_sink_append_subject(sink, name);
	g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                     "<testsuites name=\"ffasim\"");
	append_counts(&sink->tally, out);
	g_string_append(out, ">\n  <testsuite");
	add_attribute(out, "name", name->str);
	append_counts(&sink->tally, out);
	g_string_append_printf(out, ">\n%s", sink->held->str);
	if (sink->tally.scenarios < sink->total)
		g_string_append_printf(out, "    <system-err>%s, %u not run</system-err>\n",
		                       interrupted ? "interrupted" : "stopped",
		                       sink->total - sink->tally.scenarios);
	g_string_append(out, "  </testsuite>\n</testsuites>\n");
	g_string_free(name, TRUE);
}

const struct sim_sink_format sim_sink_junit = {
        .name = "junit",
        .summary = "JUnit XML",
        .end = end_junit,
        .report = report_junit,
};
