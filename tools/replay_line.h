/* SPDX-License-Identifier: MIT */
/* The command that replays a failure. */
#ifndef TOOLS_REPLAY_LINE_H
#define TOOLS_REPLAY_LINE_H

#include "sim/report.h"
#include "tools/options.h"

/* One line for a POSIX shell, without its end. Caller frees. */
char *tool_replay_line(const struct tool_run_options *options, const struct sim_report *report);

/* The name of the program, and what follows it, which is such a line already. Caller frees. */
char *tool_line_start(const char *rest);

/* A word of such a line, behind a space, quoted where a shell would read it differently. */
void tool_line_word(GString *line, const char *word);
/* Nothing if there is no value. */
void tool_line_option(GString *line, const char *option, const char *value);
/* A file, which is no option even if its name starts with '-'. */
void tool_line_path(GString *line, const char *path);

#endif
