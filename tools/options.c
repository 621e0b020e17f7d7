/* SPDX-License-Identifier: MIT */
#include "tools/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/suggest.h"
#include "tools/tool.h"

#define HELP_COLUMN 34

static gboolean on_color(const char *option, const char *value, gpointer user, GError **error)
{
	(void)option, (void)user;
	return tool_color_choose(value, error);
}

static gboolean help;

/* What every verb has. */
static const GOptionEntry common[] = {
        {"color", 0, 0, G_OPTION_ARG_CALLBACK, on_color, "auto, always or never", "WHEN"},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &help, "show this help", NULL},
        G_OPTION_ENTRY_NULL,
};

static void append_entries(GString *out, const GOptionEntry *entries)
{
	for (; entries->long_name; entries++) {
		gsize start = out->len;

		if (entries->flags & G_OPTION_FLAG_HIDDEN)
			continue;
		if (entries->short_name)
			g_string_append_printf(out, "  -%c, ", entries->short_name);
		else
			g_string_append(out, "      ");
		g_string_append_printf(out, "--%s", entries->long_name);
		if (entries->arg_description)
			g_string_append_printf(out, " %s", entries->arg_description);
		g_string_append_printf(out, "%*s%s\n",
		                       (int)MAX(2, HELP_COLUMN - (int)(out->len - start)), "",
		                       entries->description);
	}
}

static _Noreturn void show_help(const GOptionEntry *entries)
{
	const struct tool_command *command = tool_current();
	GString *out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_string_printf(out, "usage: ffasim %s%s%s\n\n%s\n", command->name,
	                command->usage[0] ? " " : "", command->usage, command->summary);
	if (command->help)
		g_string_append_printf(out, "%s", command->help);
	g_string_append(out, "\noptions:\n");
	append_entries(out, entries);
	append_entries(out, common);
	if (tool_print(out->str, &error))
		exit(TOOL_EXIT_PASS);
	tool_complain("%s", error->message);
	exit(TOOL_EXIT_USAGE);
}

static const GOptionEntry *find_entry(const GOptionEntry *entries, const char *name, gsize length)
{
	for (; entries->long_name; entries++)
		if (strlen(entries->long_name) == length &&
		    strncmp(entries->long_name, name, length) == 0)
			return entries;
	return NULL;
}

static bool is_short_option(const GOptionEntry *entries, char name)
{
	for (; entries->long_name; entries++)
		if (entries->short_name == name)
			return true;
	return false;
}

/* The first argument that is no option of the verb. GOptionContext names it only in its text. */
static const char *find_unknown(const GOptionEntry *entries, char **arguments)
{
	for (char **argument = arguments + 1; *argument; argument++) {
		const char *text = *argument;

		if (strcmp(text, "--") == 0)
			return NULL;
		if (g_str_has_prefix(text, "--")) {
			gsize length = strcspn(text + 2, "=");

			if (!find_entry(entries, text + 2, length) &&
			    !find_entry(common, text + 2, length))
				return text;
		} else if (text[0] == '-' && text[1]) {
			if (!is_short_option(entries, text[1]) && !is_short_option(common, text[1]))
				return text;
		}
	}
	return NULL;
}

static void offer_entries(struct sim_suggest *suggest, GPtrArray *names,
                          const GOptionEntry *entries)
{
	for (; entries->long_name; entries++) {
		char *name = g_strconcat("--", entries->long_name, NULL);

		if (entries->flags & G_OPTION_FLAG_HIDDEN) {
			g_free(name);
			continue;
		}
		g_ptr_array_add(names, name);
		sim_suggest_offer(suggest, name);
	}
}

static void set_unknown(const GOptionEntry *entries, const char *option, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *name = g_strndup(option, strcspn(option, "="));
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	offer_entries(&suggest, names, entries);
	offer_entries(&suggest, names, common);
	hint = sim_suggest_text(&suggest);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "unknown option '%s'%s; see 'ffasim help %s'", name, hint,
	            tool_current()->name);
}

bool tool_options_parse(const GOptionEntry *entries, gpointer user, int *count, char ***arguments,
                        GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	GOptionGroup *group = g_option_group_new("", "", "", user, NULL);
	g_auto(GStrv) given = g_strdupv(*arguments);
	g_autoptr(GError) problem = NULL;
	const char *unknown;

	g_option_group_add_entries(group, entries);
	g_option_group_add_entries(group, common);
	g_option_context_set_main_group(context, group);
	g_option_context_set_help_enabled(context, FALSE);
	if (g_option_context_parse(context, count, arguments, &problem)) {
		if (help)
			show_help(entries);
		/* GOption leaves the "--" that ends the options */
		if (*count > 1 && strcmp((*arguments)[1], "--") == 0) {
			(*arguments)[1] = (*arguments)[0];
			(*arguments)++;
			(*count)--;
		}
		return true;
	}
	unknown = find_unknown(entries, given);
	if (problem->domain == TOOL_ERROR)
		g_propagate_error(error, g_steal_pointer(&problem));
	else if (unknown && g_error_matches(problem, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
		set_unknown(entries, unknown, error);
	else {
		g_autoptr(GString) text = g_string_new(problem->message);

		text->str[0] = g_ascii_tolower(text->str[0]);
		g_string_replace(text, "\u201c", "'", 0);
		g_string_replace(text, "\u201d", "'", 0);
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "%s; see 'ffasim help %s'",
		            text->str, tool_current()->name);
	}
	return false;
}

char **tool_collect(int count, char **arguments, GError **error)
{
	if (count > 1)
		return sim_session_collect((const char *const *)arguments + 1, error);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "no scenario given; name files or folders, such as 'scenarios/'");
	return NULL;
}
