/* SPDX-License-Identifier: MIT */
/* What is under way, on standard error: one line written over and over, and what it finds. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <glib.h>

#include "sim/explore/file.h"
#include "sim/explore/progress.h"
#include "sim/explore/shrink.h"

/* user: a struct tool_progress. */
struct tool_progress {
	const char *path;
	double seconds;     /* --time; 0: none */
	unsigned width;     /* of what stands there */
	const char *replay; /* "ffasim explore --build O2": what precedes --replay STRING FILE */
};

/* A finding before the search is over, with the command that shows it. */
void tool_progress_found(void *user, const struct sim_explored_finding *finding);

void tool_progress_show(void *user, const struct sim_progress *progress);

/* Shows any line in the same place. */
void tool_progress_line(struct tool_progress *shown, const char *text);

/* Of a scenario that is shrunk; user: a struct tool_progress. */
void tool_progress_show_shrink(void *user, const struct sim_shrink_progress *progress);

/* "12 candidates, 3 taken over: 8 steps, 3 calls, 1 preemption, 4 s"; caller frees. */
char *tool_progress_shrink_text(const struct tool_progress *shown,
                                const struct sim_shrink_progress *progress);

/* The line without its end; caller frees. */
char *tool_progress_text(const struct tool_progress *shown, const struct sim_progress *progress);

/* Leaves an empty line to go on in. */
void tool_progress_end(struct tool_progress *shown);

#endif
