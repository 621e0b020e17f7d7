/* SPDX-License-Identifier: MIT */
#include "sim/session.h"
#include "tools/options.h"
#include "tools/tool.h"

static int replay_arguments(struct tool_run_options *options, int count, char **arguments,
                            GError **error)
{
	const char *paths[2] = {NULL, NULL};

	if (!tool_run_options_parse(options, &count, &arguments, error))
		return TOOL_FAILED;
	if (count != 2) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "%s",
		            count < 2 ? "no scenario given; name the file to replay"
		                      : "replay takes one file; 'ffasim run' takes many");
		return TOOL_FAILED;
	}
	if (g_file_test(arguments[1], G_FILE_TEST_IS_DIR)) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "replay takes one file, and '%s' is a folder; 'ffasim run' takes it",
		            arguments[1]);
		return TOOL_FAILED;
	}
	paths[0] = arguments[1];
	options->replay = TRUE;
	return tool_run_files(options, paths, error);
}

int tool_verb_replay(int count, char **arguments, GError **error)
{
	struct tool_run_options options;
	int code = replay_arguments(&options, count, arguments, error);

	tool_run_options_clear(&options);
	return code;
}
