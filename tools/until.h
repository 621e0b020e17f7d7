/* SPDX-License-Identifier: MIT */
/* The options that stop a run before a step, of `replay` and of `explore --replay`. */
#ifndef TOOLS_UNTIL_H
#define TOOLS_UNTIL_H

#include <glib.h>

#include "sim/debug/pause.h"
#include "tools/debugger.h"

struct tool_until {
	gint step; /* 0: not asked for */
	gboolean gdb;
	char *script; /* of gdb; implies it */
	/* In the debugger: the pause that was found before. */
	gint stop;
	gboolean setup;
};

/* Rows of a list of options. */
#define TOOL_UNTIL_OPTIONS(until)                                                               \
	{"until",                                                                               \
	 0,                                                                                     \
	 0,                                                                                     \
	 G_OPTION_ARG_INT,                                                                      \
	 &(until)->step,                                                                        \
	 "stop before this step of the table and show where every actor stands",                \
	 "STEP"},                                                                               \
	        {"gdb",                                                                         \
	         0,                                                                             \
	         0,                                                                             \
	         G_OPTION_ARG_NONE,                                                             \
	         &(until)->gdb,                                                                 \
	         "with --until: start gdb there, inside the mediator",                          \
	         NULL},                                                                         \
	        {"gdb-script",                                                                  \
	         0,                                                                             \
	         0,                                                                             \
	         G_OPTION_ARG_FILENAME,                                                         \
	         &(until)->script,                                                              \
	         "the same, with these commands and no terminal",                               \
	         "FILE"},                                                                       \
	        {TOOL_STOP_OPTION,                                                              \
	         0,                                                                             \
	         G_OPTION_FLAG_HIDDEN,                                                          \
	         G_OPTION_ARG_INT,                                                              \
	         &(until)->stop,                                                                \
	         "",                                                                            \
	         "GO"},                                                                         \
	{                                                                                       \
		TOOL_SETUP_OPTION, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &(until)->setup, \
		        "", NULL                                                                \
	}

/* False, with an error, if they do not go together. */
bool tool_until_check(struct tool_until *until, GError **error);

/*
 * Stops the run and shows it, or becomes gdb. levels: "-E", "name"..., as given, or NULL. Answers
 * an exit code.
 */
int tool_until_run(const struct tool_until *until, const struct sim_pause_options *options,
                   const GPtrArray *levels, GError **error);

#endif
