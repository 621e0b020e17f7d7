/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "sim/session.h"
#include "tools/options.h"
#include "tools/tool.h"
#include "tools/until.h"

static int run_all(struct tool_run_options *options, const char *path, GError **error)
{
	const char *const paths[] = {path, NULL};

	options->replay = TRUE;
	return tool_run_files(options, paths, error);
}

static int run_until(const struct tool_run_options *options, const struct tool_until *until,
                     const char *path, GError **error)
{
	struct sim_pause_options pause = {
	        .path = path,
	        .schedule = options->schedule,
	        .oracles = options->oracles,
	        .subject = {.subject = options->subject, .build = options->build}};

	if (!tool_check_schedule(options->schedule, (const char *const[]){path, NULL}, error))
		return TOOL_FAILED;
	if (options->timeout)
		pause.subject.timeout = (unsigned)strtoul(options->timeout, NULL, 10);
	return tool_until_run(until, &pause, options->levels, error);
}

static int replay_file(struct tool_run_options *options, const struct tool_until *until, int count,
                       char **arguments, GError **error)
{
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
	if (until->step)
		return run_until(options, until, arguments[1], error);
	return run_all(options, arguments[1], error);
}

int tool_verb_replay(int count, char **arguments, GError **error)
{
	struct tool_run_options options;
	struct tool_until until = {0};
	const GOptionEntry more[] = {TOOL_UNTIL_OPTIONS(&until), G_OPTION_ENTRY_NULL};
	int code = TOOL_FAILED;

	if (tool_run_options_parse(&options, more, &count, &arguments, error) &&
	    tool_until_check(&until, error))
		code = replay_file(&options, &until, count, arguments, error);
	tool_run_options_clear(&options);
	g_free(until.script);
	return code;
}
