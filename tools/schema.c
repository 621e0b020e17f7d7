/* SPDX-License-Identifier: MIT */
#include "sim/scenario/scenario.h"
#include "tools/options.h"
#include "tools/tool.h"

int tool_verb_schema(int count, char **arguments, GError **error)
{
	static const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
	g_autofree char *schema = NULL;

	if (!tool_options_parse(entries, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	if (count > 1) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "schema takes no argument, not '%s'", arguments[1]);
		return TOOL_FAILED;
	}
	schema = sim_scenario_schema();
	return tool_print(schema, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}
