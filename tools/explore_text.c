/* SPDX-License-Identifier: MIT */
#include "tools/explore_text.h"

#include "sim/trace/columns.h"
#include "tools/replay_line.h"

/* Rows of the outcome table; further ones are counted. */
enum { MAX_ROWS = 40 };
/* Messages beside the one of a finding; further ones are counted. */
enum { MAX_OTHERS = 3 };

static gint by_count(gconstpointer a, gconstpointer b)
{
	const struct sim_explored_outcome *first = *(const void *const *)a;
	const struct sim_explored_outcome *second = *(const void *const *)b;

	if (first->count != second->count)
		return first->count < second->count ? 1 : -1;
	return g_strcmp0(first->text, second->text);
}

static void append_outcomes(GString *out, const struct sim_explored_file *file)
{
	guint rows = MIN(file->outcomes->len, MAX_ROWS);

	g_ptr_array_sort(file->outcomes, by_count);
	for (guint i = 0; i < rows; i++) {
		const struct sim_explored_outcome *outcome = g_ptr_array_index(file->outcomes, i);

		if (outcome->text[0])
			g_string_append_printf(out, "  %10" G_GUINT64_FORMAT "  %s\n",
			                       outcome->count, outcome->text);
	}
	if (rows < file->outcomes->len)
		g_string_append_printf(out, "  and %u more outcomes\n", file->outcomes->len - rows);
}

static void append_detail(GString *out, const char *detail)
{
	g_auto(GStrv) lines = g_strsplit(detail ? detail : "", "\n", -1);

	for (char **line = lines; *line; line++)
		if (**line)
			g_string_append_printf(out, "      %s\n", *line);
}

/* What else was found that has the same cause. */
static void append_others(GString *out, const struct sim_explored_finding *finding)
{
	g_auto(GStrv) lines = g_strsplit(finding->others ? finding->others : "", "\n", -1);
	guint count = g_strv_length(lines), rest;

	if (!finding->others)
		return;
	count--; /* the last line is empty */
	g_string_append_printf(out, "    in %s%u other way%s:\n", finding->more ? "more than " : "",
	                       count, count == 1 ? "" : "s");
	for (guint i = 0; i < MIN(count, MAX_OTHERS); i++)
		g_string_append_printf(out, "      %s\n", lines[i]);
	rest = count - MIN(count, MAX_OTHERS);
	if (rest)
		g_string_append_printf(out, "      and %u more\n", rest);
}

static void append_replay(GString *out, const char *command, const char *schedule, const char *path)
{
	g_autoptr(GString) line = g_string_new(command);

	tool_line_option(line, "--replay", schedule);
	tool_line_path(line, path);
	g_string_append_printf(out, "    %s\n", line->str);
}

static void append_finding(GString *out, const struct tool_explore_text *how,
                           const struct sim_explored_file *file,
                           const struct sim_explored_finding *finding)
{
	g_string_append_printf(out, "  %s: %s: %s\n", sim_verdict_text(finding->verdict),
	                       finding->source, finding->message);
	if (finding->place)
		g_string_append_printf(out, "    at %s\n", finding->place);
	if (finding->count)
		g_string_append_printf(out, "    seen %" G_GUINT64_FORMAT " time%s", finding->count,
		                       finding->count == 1 ? "" : "s");
	if (finding->first)
		g_string_append_printf(out, ", first in execution %" G_GUINT64_FORMAT,
		                       finding->first);
	if (finding->count)
		g_string_append_c(out, '\n');
	if (finding->rates)
		g_string_append_printf(out, "    hit by %s\n", finding->rates);
	append_others(out, finding);
	append_detail(out, finding->detail);
	if (finding->path)
		append_replay(out, how->replay, finding->path, file->path);
	if (finding->trace)
		sim_columns_append(out, finding->trace, 4);
}

char *tool_explore_text(const struct tool_explore_text *how, const struct sim_explored_file *file)
{
	GString *out = g_string_new(NULL);

	if (how->quiet && file->verdict == SIM_VERDICT_PASS)
		return g_string_free(out, FALSE);
	g_string_append_printf(out, "%s: %s", sim_verdict_text(file->verdict), file->path);
	if (file->subject)
		g_string_append_printf(out, " (%s)", file->subject);
	if (file->reason)
		g_string_append_printf(out, ": %s", file->reason);
	g_string_append_c(out, '\n');
	if (file->coverage)
		g_string_append_printf(out, "  %s\n", file->coverage);
	append_outcomes(out, file);
	for (guint i = 0; i < file->findings->len; i++)
		append_finding(out, how, file, g_ptr_array_index(file->findings, i));
	return g_string_free(out, FALSE);
}
