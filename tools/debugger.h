/* SPDX-License-Identifier: MIT */
/*
 * gdb on a replay. Finding the pause is done before; gdb then runs
 * the same command with --TOOL_STOP_OPTION, all in one process, stops at
 * shim_debug_stop(), and from there goes on to where the mediator does.
 */
#ifndef TOOLS_DEBUGGER_H
#define TOOLS_DEBUGGER_H

#include <glib.h>

#include "sim/debug/pause.h"

/* Hidden options, for the process that gdb runs. */
#define TOOL_STOP_OPTION  "stop-at-go"
#define TOOL_SETUP_OPTION "stop-in-setup"

/*
 * levels: "-E", "name"..., as given, or NULL. script: gdb commands to run there, then it ends;
 * NULL: a session with the user. On success this process becomes gdb, so what it answers is an
 * error.
 */
int tool_debug(const struct sim_pause_options *options, const GPtrArray *levels,
               const struct sim_pause *pause, const struct sim_paused *paused, const char *script,
               GError **error);

#endif
