/* SPDX-License-Identifier: MIT */
/* TAP 13: plan first, no subtests; what was found follows its line as a YAML block. */
#include "sim/trace/sink_escape.h"
#include "sim/trace/sink_internal.h"

static void begin_tap(struct sim_sink *sink, GString *out)
{
	g_string_append_printf(out, "TAP version 13\n1..%u\n# ffasim on ", sink->total);
	sim_sink_append_subject(sink, out);
	g_string_append_c(out, '\n');
}

static void append_pair(GString *out, const char *indent, const char *key, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(out, "%s%s: ", indent, key);
	sim_append_json(out, value);
	g_string_append_c(out, '\n');
}

static void append_finding(const struct sim_finding *finding, GString *out)
{
	append_pair(out, "    - ", "message", finding->message);
	append_pair(out, "      ", "severity",
	            finding->warning                        ? "warning"
	            : sim_verdict_is_open(finding->verdict) ? sim_verdict_text(finding->verdict)
	                                                    : "fail");
	append_pair(out, "      ", "verdict", sim_verdict_text(finding->verdict));
	append_pair(out, "      ", "source", sim_source_text(finding->source));
	append_pair(out, "      ", "oracle", finding->oracle);
	append_pair(out, "      ", "schedule", finding->schedule);
	append_pair(out, "      ", "place", finding->place);
	append_pair(out, "      ", "detail", finding->detail);
}

static void append_block(const struct sim_report *report, GString *out)
{
	if (!report->findings->len)
		return;
	g_string_append(out, "  ---\n");
	append_pair(out, "  ", "verdict", sim_verdict_text(report->verdict));
	append_pair(out, "  ", "about", report->about);
	append_pair(out, "  ", "file", report->path);
	g_string_append(out, "  findings:\n");
	for (guint i = 0; i < report->findings->len; i++)
		append_finding(g_ptr_array_index(report->findings, i), out);
	g_string_append(out, "  ...\n");
}

/* A scenario that fails as declared is "not ok" with TODO, which TAP does not count as a failure.
 */
static const char *directive(const struct sim_report *report)
{
	if (report->verdict == SIM_VERDICT_SKIPPED)
		return " # SKIP ";
	return report->verdict == SIM_VERDICT_KNOWN_FAILING ? " # TODO " : NULL;
}

static void report_tap(struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	bool ok = report->verdict == SIM_VERDICT_PASS || report->verdict == SIM_VERDICT_SKIPPED;

	g_string_append_printf(out, "%s %u - ", ok ? "ok" : "not ok", sink->tally.scenarios);
	sim_append_tap(out, report->id);
	if (directive(report)) {
		g_string_append(out, directive(report));
		sim_append_tap(out, report->reason);
	}
	g_string_append_c(out, '\n');
	append_block(report, out);
}

static void end_tap(struct sim_sink *sink, int interrupted, GString *out)
{
	if (interrupted)
		g_string_append_printf(out, "Bail out! interrupted by signal %d\n", interrupted);
	else if (sink->tally.scenarios < sink->total)
		g_string_append(out, "Bail out! stopped before the last scenario\n");
}

const struct sim_sink_format sim_sink_tap = {
        .name = "tap",
        .summary = "TAP version 13",
        .on_stdout = true,
        .begin = begin_tap,
        .report = report_tap,
        .end = end_tap,
};
