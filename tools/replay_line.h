/* SPDX-License-Identifier: MIT */
/* The command that replays a failure. */
#ifndef TOOLS_REPLAY_LINE_H
#define TOOLS_REPLAY_LINE_H

#include "sim/report.h"
#include "tools/options.h"

/* One line for a POSIX shell, without its end. Caller frees. */
char *tool_replay_line(const struct tool_run_options *options, const struct sim_report *report);

#endif
