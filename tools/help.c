/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tools/tool.h"

static int list_verbs(GError **error)
{
	GString *out = g_string_new("usage: ffasim VERB [OPTION...] [ARGUMENT...]\n\n");
	g_autofree char *text = NULL;

	for (const struct tool_command *command = tool_commands; command->name; command++)
		g_string_append_printf(out, "  %-8s %s\n", command->name, command->summary);
	g_string_append(out, "\n'ffasim help VERB' tells more; 'ffasim --version' the version.\n");
	text = g_string_free(out, FALSE);
	return tool_print(text, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}

int tool_verb_help(int count, char **arguments, GError **error)
{
	static char option[] = "--help";
	const struct tool_command *command;

	if (count < 2 || strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0)
		return list_verbs(error);
	command = tool_command_find(arguments[1], error);
	if (!command)
		return TOOL_FAILED;
	if (command->fn == tool_verb_help)
		return list_verbs(error);
	return tool_command_run(command, 2, (char *[]){arguments[1], option, NULL}, error);
}
