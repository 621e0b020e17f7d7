/* SPDX-License-Identifier: MIT */
#include "tools/replay_line.h"

#include <string.h>

#include "tools/tool.h"

void tool_line_word(GString *line, const char *word)
{
	static const char plain[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_./:@%+=,-";
	g_autofree char *quoted = NULL;

	if (line->len)
		g_string_append_c(line, ' ');
	if (word[0] && word[strspn(word, plain)] == '\0') {
		g_string_append(line, word);
		return;
	}
	quoted = g_shell_quote(word);
	g_string_append(line, quoted);
}

void tool_line_option(GString *line, const char *option, const char *value)
{
	if (!value)
		return;
	tool_line_word(line, option);
	tool_line_word(line, value);
}

void tool_line_path(GString *line, const char *path)
{
	g_autofree char *guarded = g_strconcat(path[0] == '-' ? "./" : "", path, NULL);

	tool_line_word(line, guarded);
}

char *tool_line_start(const char *rest)
{
	GString *line = g_string_new(NULL);

	tool_line_word(line, tool_program());
	g_string_append(line, rest);
	return g_string_free(line, FALSE);
}

static const char *failing_schedule(const struct tool_run_options *options,
                                    const struct sim_report *report)
{
	const struct sim_finding *worst = sim_report_worst(report);

	return worst && worst->schedule ? worst->schedule : options->schedule;
}

char *tool_replay_line(const struct tool_run_options *options, const struct sim_report *report)
{
	GString *line = g_string_new(NULL);

	tool_line_word(line, tool_program());
	if (report->verdict == SIM_VERDICT_INVALID && !report->build) {
		tool_line_word(line, "check");
		tool_line_path(line, report->path);
		return g_string_free(line, FALSE);
	}
	tool_line_word(line, "replay");
	tool_line_option(line, "--subject", options->subject);
	tool_line_option(line, "--build", options->build);
	for (guint i = 0; i < options->levels->len; i++)
		tool_line_word(line, g_ptr_array_index(options->levels, i));
	tool_line_option(line, "--timeout", options->timeout);
	tool_line_path(line, report->path);
	tool_line_option(line, "--schedule", failing_schedule(options, report));
	return g_string_free(line, FALSE);
}
