/* SPDX-License-Identifier: MIT */
#include "tools/replay_line.h"

#include <string.h>

#include "tools/tool.h"

/* Quoted only where a shell would read it differently. */
static void append_word(GString *line, const char *word)
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

static void append_option(GString *line, const char *option, const char *value)
{
	if (!value)
		return;
	append_word(line, option);
	append_word(line, value);
}

static void append_path(GString *line, const char *path)
{
	g_autofree char *guarded = g_strconcat(path[0] == '-' ? "./" : "", path, NULL);

	append_word(line, guarded);
}

static const char *failing_schedule(const struct tool_run_options *options,
                                    const struct sim_report *report)
{
	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		if (!finding->warning)
			return finding->schedule ? finding->schedule : options->schedule;
	}
	return options->schedule;
}

char *tool_replay_line(const struct tool_run_options *options, const struct sim_report *report)
{
	GString *line = g_string_new(NULL);

	append_word(line, tool_program());
	if (report->verdict == SIM_VERDICT_INVALID && !report->build) {
		append_word(line, "check");
		append_path(line, report->path);
		return g_string_free(line, FALSE);
	}
	append_word(line, "replay");
	append_option(line, "--subject", options->subject);
	append_option(line, "--build", options->build);
	for (guint i = 0; i < options->levels->len; i++)
		append_word(line, g_ptr_array_index(options->levels, i));
	append_option(line, "--timeout", options->timeout);
	append_path(line, report->path);
	append_option(line, "--schedule", failing_schedule(options, report));
	return g_string_free(line, FALSE);
}
