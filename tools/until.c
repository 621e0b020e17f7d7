/* SPDX-License-Identifier: MIT */
#include "tools/until.h"

#include "tools/tool.h"

bool tool_until_check(struct tool_until *until, GError **error)
{
	until->gdb |= until->script != NULL;
	if (until->step > 0 || (until->step == 0 && !until->gdb))
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "%s",
	            until->step < 0 ? "--until is the number of a step, from 1"
	                            : "--gdb needs to know where to stop: give --until too");
	return false;
}

static int stop_for_debugger(const struct tool_until *until,
                             const struct sim_pause_options *options, GError **error)
{
	const struct sim_pause pause = {
	        .go = (uint32_t)until->stop, .setup = until->setup, .step = (uint32_t)until->step};

	return sim_pause_debug(options, &pause, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}

static int show(const struct sim_pause *pause, const struct sim_paused *paused, GError **error)
{
	g_autofree char *text = g_strdup_printf("before step %u:\n%s", pause->step, paused->text);

	return tool_print(text, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}

int tool_until_run(const struct tool_until *until, const struct sim_pause_options *options,
                   const GPtrArray *levels, GError **error)
{
	g_autoptr(SimPaused) paused = NULL;
	struct sim_pause pause;

	if (until->stop)
		return stop_for_debugger(until, options, error);
	if (!sim_pause_find(options, (uint32_t)until->step, &pause, error))
		return TOOL_FAILED;
	paused = sim_pause_look(options, &pause, error);
	if (!paused)
		return TOOL_FAILED;
	if (!until->gdb)
		return show(&pause, paused, error);
	return tool_debug(options, levels, &pause, paused, until->script, error);
}
