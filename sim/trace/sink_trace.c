/* SPDX-License-Identifier: MIT */
/*
 * The traces alone. "trace" is what must be the same on every subject and build of one mediator,
 * so it says nothing of the subject, nor of verdicts; "diagnostics" is for looking closer.
 */
#include "sim/trace/sink_internal.h"

#define TRACE_VERSION 1

static void begin_trace(struct sim_sink *sink, GString *out)
{
	g_string_append_printf(out, "ffasim %s %d\n", sink->format->name, TRACE_VERSION);
}

static void append_part(GString *out, const char *title, const char *name, const char *lines)
{
	g_string_append_printf(out, "%s%s\n%s", title, name, lines ? lines : "");
}

static void report_trace(struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	bool diagnostics = sink->format == &sim_sink_diagnostics;

	append_part(out, "scenario ", report->id, NULL);
	if (report->setup_trace)
		append_part(out, "setup", "",
		            diagnostics ? report->setup_diagnostics : report->setup_trace);
	for (guint i = 0; i < report->schedules->len; i++) {
		const struct sim_schedule_report *schedule =
		        g_ptr_array_index(report->schedules, i);

		append_part(out, "schedule ", schedule->name,
		            diagnostics ? schedule->diagnostics : schedule->trace);
	}
}

const struct sim_sink_format sim_sink_trace = {
        .name = "trace",
        .summary = "the contract traces, the same for every subject and build of a mediator",
        .begin = begin_trace,
        .report = report_trace,
};

const struct sim_sink_format sim_sink_diagnostics = {
        .name = "diagnostics",
        .summary = "the contract traces with allocations, log lines and accesses among them",
        .begin = begin_trace,
        .report = report_trace,
};
