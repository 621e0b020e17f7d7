/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "sim/debug/pause.h"
#include "sim/session.h"
#include "tools/debugger.h"
#include "tools/options.h"
#include "tools/tool.h"

/* What only `replay` has. */
struct replay {
	struct tool_run_options run;
	struct sim_pause_options pause;
	gint until;
	gint stop; /* in the debugger: the pause that was found before, see debugger.h */
	gboolean setup;
	gboolean gdb;
	char *gdb_script;
};

static int run_all(struct replay *replay, const char *path, GError **error)
{
	const char *const paths[] = {path, NULL};

	replay->run.replay = TRUE;
	return tool_run_files(&replay->run, paths, error);
}

static void fill_pause(struct replay *replay, const char *path)
{
	struct sim_pause_options *pause = &replay->pause;

	pause->path = path;
	pause->schedule = replay->run.schedule;
	pause->oracles = replay->run.oracles;
	pause->subject.subject = replay->run.subject;
	pause->subject.build = replay->run.build;
	if (replay->run.timeout)
		pause->subject.timeout = (unsigned)strtoul(replay->run.timeout, NULL, 10);
}

static int show(const struct sim_pause *pause, const struct sim_paused *paused, GError **error)
{
	g_autofree char *text = g_strdup_printf("before step %u:\n%s", pause->step, paused->text);

	return tool_print(text, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}

static int run_until(struct replay *replay, GError **error)
{
	g_autoptr(SimPaused) paused = NULL;
	struct sim_pause pause;

	if (!sim_pause_find(&replay->pause, (uint32_t)replay->until, &pause, error))
		return TOOL_FAILED;
	paused = sim_pause_look(&replay->pause, &pause, error);
	if (!paused)
		return TOOL_FAILED;
	if (!replay->gdb)
		return show(&pause, paused, error);
	return tool_debug(&replay->pause, replay->run.levels, &pause, paused, replay->gdb_script,
	                  error);
}

static int stop_for_debugger(struct replay *replay, GError **error)
{
	const struct sim_pause pause = {.go = (uint32_t)replay->stop,
	                                .setup = replay->setup,
	                                .step = (uint32_t)replay->until};

	return sim_pause_debug(&replay->pause, &pause, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}

static bool check_options(struct replay *replay, GError **error)
{
	replay->gdb |= replay->gdb_script != NULL;
	if (replay->until >= 0 && (replay->until || !replay->gdb))
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "%s",
	            replay->until < 0 ? "--until is the number of a step, from 1"
	                              : "--gdb needs to know where to stop: give --until too");
	return false;
}

static int replay_file(struct replay *replay, int count, char **arguments, GError **error)
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
	fill_pause(replay, arguments[1]);
	if (replay->stop)
		return stop_for_debugger(replay, error);
	if (replay->until)
		return run_until(replay, error);
	return run_all(replay, arguments[1], error);
}

int tool_verb_replay(int count, char **arguments, GError **error)
{
	struct replay replay = {0};
	const GOptionEntry more[] = {
	        {"until", 0, 0, G_OPTION_ARG_INT, &replay.until,
	         "stop before this step of the table and show where every actor stands", "STEP"},
	        {"gdb", 0, 0, G_OPTION_ARG_NONE, &replay.gdb,
	         "with --until: start gdb there, inside the mediator", NULL},
	        {"gdb-script", 0, 0, G_OPTION_ARG_FILENAME, &replay.gdb_script,
	         "the same, with these commands and no terminal", "FILE"},
	        {TOOL_STOP_OPTION, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &replay.stop, "",
	         "GO"},
	        {TOOL_SETUP_OPTION, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &replay.setup, "",
	         NULL},
	        G_OPTION_ENTRY_NULL,
	};
	int code = TOOL_FAILED;

	if (tool_run_options_parse(&replay.run, more, &count, &arguments, error) &&
	    check_options(&replay, error))
		code = replay_file(&replay, count, arguments, error);
	tool_run_options_clear(&replay.run);
	g_free(replay.gdb_script);
	return code;
}
