/* SPDX-License-Identifier: MIT */
/*
 * JSON Lines: one event a line, every key of an event always there. Counts are numbers far below
 * 2^53; register values only occur inside of text, as hexadecimal.
 */
#include "sim/trace/sink_escape.h"
#include "sim/trace/sink_internal.h"

#define EVENT_VERSION 1

static void open_event(GString *out, const char *event)
{
	g_string_append_printf(out, "{\"v\":%d,\"ev\":\"%s\"", EVENT_VERSION, event);
}

static void close_event(GString *out)
{
	g_string_append(out, "}\n");
}

static void add_text(GString *out, const char *key, const char *value)
{
	g_string_append_printf(out, ",\"%s\":", key);
	sim_append_json(out, value);
}

static void add_count(GString *out, const char *key, uint64_t value)
{
	g_string_append_printf(out, ",\"%s\":%" G_GUINT64_FORMAT, key, value);
}

static void add_lines(GString *out, const char *key, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
	const char *separator = "";

	g_string_append_printf(out, ",\"%s\":[", key);
	for (char **line = lines; *line; line++) {
		if (!**line)
			continue;
		g_string_append(out, separator);
		sim_append_json(out, *line);
		separator = ",";
	}
	g_string_append_c(out, ']');
}

static void begin_jsonl(struct sim_sink *sink, GString *out)
{
	open_event(out, "start");
	add_count(out, "scenarios", sink->total);
	add_text(out, "subject", sink->start.subject);
	add_text(out, "build", sink->start.build);
	close_event(out);
}

static bool wants_trace(const struct sim_sink *sink, const struct sim_report *report)
{
	return sink->options.traces == SIM_TRACES_ALL ||
	       (sink->options.traces == SIM_TRACES_FAILING &&
	        sim_verdict_is_failure(report->verdict));
}

static void write_scenario(const struct sim_sink *sink, const struct sim_report *report,
                           GString *out)
{
	open_event(out, "scenario");
	add_count(out, "n", sink->tally.scenarios);
	add_text(out, "id", report->id);
	add_text(out, "file", report->path);
	add_text(out, "about", report->about);
	add_text(out, "verdict", sim_verdict_text(report->verdict));
	add_text(out, "reason", report->reason);
	add_text(out, "subject", report->subject);
	add_text(out, "build", report->build);
	add_count(out, "schedules", report->schedules->len);
	add_count(out, "findings", report->findings->len);
	add_count(out, "calls", report->calls);
	add_count(out, "smcs", report->smcs);
	add_count(out, "traps", report->traps);
	if (wants_trace(sink, report))
		add_lines(out, "setup",
		          sink->options.diagnostics ? report->setup_diagnostics
		                                    : report->setup_trace);
	close_event(out);
}

static void write_schedule(const struct sim_sink *sink, const struct sim_report *report,
                           const struct sim_schedule_report *schedule, GString *out)
{
	open_event(out, "schedule");
	add_text(out, "id", report->id);
	add_text(out, "schedule", schedule->name);
	add_text(out, "verdict", sim_verdict_text(schedule->verdict));
	add_count(out, "steps", schedule->steps);
	if (wants_trace(sink, report))
		add_lines(out, "trace",
		          sink->options.diagnostics ? schedule->diagnostics : schedule->trace);
	close_event(out);
}

static void write_finding(const struct sim_report *report, const struct sim_finding *finding,
                          GString *out)
{
	open_event(out, "finding");
	add_text(out, "id", report->id);
	add_text(out, "verdict", sim_verdict_text(finding->verdict));
	g_string_append_printf(out, ",\"warning\":%s", finding->warning ? "true" : "false");
	add_text(out, "source", sim_source_text(finding->source));
	add_text(out, "oracle", finding->oracle);
	add_text(out, "schedule", finding->schedule);
	add_text(out, "message", finding->message);
	add_text(out, "place", finding->place);
	add_text(out, "detail", finding->detail);
	add_text(out, "cause", finding->cause);
	close_event(out);
}

static void report_jsonl(struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	write_scenario(sink, report, out);
	for (guint i = 0; i < report->schedules->len; i++)
		write_schedule(sink, report, g_ptr_array_index(report->schedules, i), out);
	for (guint i = 0; i < report->findings->len; i++)
		write_finding(report, g_ptr_array_index(report->findings, i), out);
}

static void end_jsonl(struct sim_sink *sink, int interrupted, GString *out)
{
	const struct sim_tally *tally = &sink->tally;

	open_event(out, "end");
	add_count(out, "scenarios", tally->scenarios);
	g_string_append(out, ",\"verdicts\":{");
	for (unsigned i = 0; i < SIM_VERDICT_COUNT; i++)
		g_string_append_printf(out, "%s\"%s\":%u", i ? "," : "",
		                       sim_verdict_text((enum sim_verdict)i), tally->verdicts[i]);
	g_string_append_c(out, '}');
	add_count(out, "warnings", tally->warnings);
	add_count(out, "schedules", tally->schedules);
	add_count(out, "calls", tally->calls);
	add_count(out, "smcs", tally->smcs);
	add_count(out, "traps", tally->traps);
	add_count(out, "interrupted", (uint64_t)interrupted);
	close_event(out);
}

const struct sim_sink_format sim_sink_jsonl = {
        .name = "jsonl",
        .summary = "JSON Lines, one event a line",
        .on_stdout = true,
        .begin = begin_jsonl,
        .report = report_jsonl,
        .end = end_jsonl,
};
