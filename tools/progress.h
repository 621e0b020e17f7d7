/* SPDX-License-Identifier: MIT */
/* One line on standard error about a search under way, written over and over. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <glib.h>

#include "sim/explore/progress.h"

/* user: a struct tool_progress. */
struct tool_progress {
	const char *path;
	double seconds; /* --time; 0: none */
	unsigned width; /* of what stands there */
};

void tool_progress_show(void *user, const struct sim_progress *progress);

/* The line without its end; caller frees. */
char *tool_progress_text(const struct tool_progress *shown, const struct sim_progress *progress);

/* Leaves an empty line to go on in. */
void tool_progress_end(struct tool_progress *shown);

#endif
