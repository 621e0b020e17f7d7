/* SPDX-License-Identifier: MIT */
/* The sinks of a run and where each of them goes. Used by one thread at a time. */
#ifndef TOOLS_OUTPUTS_H
#define TOOLS_OUTPUTS_H

#include "tools/options.h"

struct tool_outputs;

/* Opens every file, so that one that cannot be written is known before anything runs. */
struct tool_outputs *tool_outputs_open(const struct tool_run_options *options,
                                       const struct sim_sink_options *sink_options,
                                       const struct sim_sink_start *start, GError **error);
void tool_outputs_report(struct tool_outputs *outputs, const struct sim_report *report);

/* Ends the sinks; false if anything could not be written. */
bool tool_outputs_end(struct tool_outputs *outputs, int interrupted, GError **error);

/* Accepts NULL. */
void tool_outputs_close(struct tool_outputs *outputs);

#endif
