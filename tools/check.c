/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "sim/scenario/scenario.h"
#include "sim/session.h"
#include "tools/options.h"
#include "tools/tool.h"

static unsigned count_invalid(char **paths)
{
	unsigned invalid = 0;

	for (char **path = paths; *path; path++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(SimScenario) scenario = sim_scenario_load(*path, &error);

		if (scenario)
			continue;
		tool_complain("%s", error->message);
		invalid++;
	}
	return invalid;
}

int tool_verb_check(int count, char **arguments, GError **error)
{
	static const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
	g_auto(GStrv) paths = NULL;
	g_autofree char *text = NULL;
	unsigned invalid, total;

	if (!tool_options_parse(entries, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	paths = tool_collect(count, arguments, error);
	if (!paths)
		return TOOL_FAILED;
	total = g_strv_length(paths);
	invalid = count_invalid(paths);
	if (invalid) {
		fprintf(stderr, "%u of %u files %s invalid\n", invalid, total,
		        invalid == 1 ? "is" : "are");
		return TOOL_EXIT_INVALID;
	}
	text = g_strdup_printf("%u file%s valid\n", total, total == 1 ? " is" : "s are");
	return tool_print(text, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}
