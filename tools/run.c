/* SPDX-License-Identifier: MIT */
#include "tools/options.h"
#include "tools/tool.h"

static int run_arguments(struct tool_run_options *options, int count, char **arguments,
                         GError **error)
{
	g_auto(GStrv) paths = NULL;

	if (!tool_run_options_parse(options, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	paths = tool_collect(count, arguments, error);
	if (!paths)
		return TOOL_FAILED;
	return tool_run_files(options, (const char *const *)paths, error);
}

int tool_verb_run(int count, char **arguments, GError **error)
{
	struct tool_run_options options;
	int code = run_arguments(&options, count, arguments, error);

	tool_run_options_clear(&options);
	return code;
}
