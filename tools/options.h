/* SPDX-License-Identifier: MIT */
/* The options of a verb: strict, with a suggestion for what was mistyped. */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

#include "sim/session.h"
#include "sim/trace/sink.h"

/*
 * Parses and removes the options; what stays in *arguments is the verb and its operands. --help
 * prints the help of the running verb and ends the program.
 */
bool tool_options_parse(const GOptionEntry *entries, gpointer user, int *count, char ***arguments,
                        GError **error);

/* The files that the operands stand for, see sim_session_collect(); no operand is an error. */
char **tool_collect(int count, char **arguments, GError **error);

/* How scenarios are run, by `run` and by `replay`. Owned by whoever declares it; see _clear. */
struct tool_run_options {
	char *subject;
	char *build;
	char *schedule;
	char *timeout;
	char *format;
	char **outputs;
	GPtrArray *levels; /* "-E", "name", "-W", "name"... as given */
	gboolean trace;
	gboolean verbose;
	gboolean quiet;
	gboolean fail_fast;
	gboolean replay; /* show every step, whatever comes out */
	struct sim_oracle_levels oracles;
};

/*
 * What -W and -E do: "all" leaves alone the oracle that exists to fail, "no-NAME" switches one off.
 */
bool tool_set_oracle_level(struct sim_oracle_levels *levels, const char *name,
                           enum sim_oracle_level level, GError **error);

/* Whether --subject and --build, NULL if not given, are something and go together. */
bool tool_check_subject(const char *subject, const char *build, GError **error);

/* Whether every file has the schedule; NULL: none was asked for. What does not load is told later.
 */
bool tool_check_schedule(const char *schedule, const char *const *paths, GError **error);

/* Whether --time is a number of seconds that a search can count; 0 if not given. */
bool tool_check_seconds(double seconds, GError **error);

/*
 * Parses the options that `run` and `replay` have, and more (NULL: none); the caller clears,
 * whatever the answer.
 */
bool tool_run_options_parse(struct tool_run_options *options, const GOptionEntry *more, int *count,
                            char ***arguments, GError **error);
void tool_run_options_clear(struct tool_run_options *options);

/* Runs the files, which are a list as sim_session_collect() makes it; answers the exit code. */
int tool_run_files(const struct tool_run_options *options, const char *const *paths,
                   GError **error);

#endif
