/* SPDX-License-Identifier: MIT */
/* What `explore` says about a file, for people. */
#ifndef TOOLS_EXPLORE_TEXT_H
#define TOOLS_EXPLORE_TEXT_H

#include "sim/explore/file.h"

struct tool_explore_text {
	bool quiet;         /* only files with findings */
	const char *replay; /* "ffasim explore --build O2": what precedes --replay STRING FILE */
};

/* Caller frees. */
char *tool_explore_text(const struct tool_explore_text *how, const struct sim_explored_file *file);

#endif
