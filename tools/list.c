/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/scenario/scenario.h"
#include "sim/scenario/suggest.h"
#include "sim/trace/sink_escape.h"
#include "tools/options.h"
#include "tools/tool.h"

typedef void list_one(GString *out, const struct sim_scenario *scenario, bool first);

static void list_text(GString *out, const struct sim_scenario *scenario, bool first)
{
	(void)first;
	g_string_append_printf(out, "%s\n    %s\n    %u schedule%s", scenario->id, scenario->about,
	                       scenario->schedule_count, scenario->schedule_count == 1 ? "" : "s");
	for (const char *const *name = scenario->detects; name && *name; name++)
		g_string_append_printf(out, "%s%s", name == scenario->detects ? "; detects " : ", ",
		                       *name);
	if (scenario->skip)
		g_string_append_printf(out, "; skipped: %s", scenario->skip);
	if (scenario->known_failing)
		g_string_append_printf(out, "; known to fail: %s", scenario->known_failing);
	g_string_append_c(out, '\n');
}

static void append_key(GString *out, const char *key, const char *value)
{
	g_string_append_printf(out, "\"%s\":", key);
	sim_append_json(out, value);
	g_string_append_c(out, ',');
}

static void list_json(GString *out, const struct sim_scenario *scenario, bool first)
{
	g_string_append(out, first ? "{" : ",\n{");
	append_key(out, "id", scenario->id);
	append_key(out, "file", scenario->path);
	append_key(out, "about", scenario->about);
	append_key(out, "mediator", scenario->machine.mediator);
	append_key(out, "skip", scenario->skip);
	append_key(out, "known_failing", scenario->known_failing);
	g_string_append(out, "\"schedules\":[");
	for (unsigned i = 0; i < scenario->schedule_count; i++) {
		g_string_append(out, i ? "," : "");
		sim_append_json(out, scenario->schedules[i].name);
	}
	g_string_append(out, "],\"detects\":[");
	for (const char *const *name = scenario->detects; name && *name; name++) {
		g_string_append(out, name == scenario->detects ? "" : ",");
		sim_append_json(out, *name);
	}
	g_string_append(out, "]}");
}

static list_one *find_format(const char *format, GError **error)
{
	g_autofree char *hint = NULL;

	if (!format || strcmp(format, "text") == 0)
		return list_text;
	if (strcmp(format, "json") == 0)
		return list_json;
	hint = sim_suggest_from(format, (const char *const[]){"text", "json", NULL});
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "unknown format '%s'%s; there are text, json", format, hint);
	return NULL;
}

/* Tells what is wrong with a file and goes on; answers whether all are valid. */
static bool list_files(GString *out, char **paths, list_one *list)
{
	bool first = true, valid = true;

	for (char **path = paths; *path; path++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(SimScenario) scenario = sim_scenario_load(*path, &error);

		if (!scenario) {
			tool_complain("%s", error->message);
			valid = false;
			continue;
		}
		list(out, scenario, first);
		first = false;
	}
	return valid;
}

static int list_arguments(const char *format, int count, char **arguments, GError **error)
{
	list_one *list = find_format(format, error);
	g_auto(GStrv) paths = NULL;
	g_autofree char *text = NULL;
	GString *out;
	bool valid;

	if (!list)
		return TOOL_FAILED;
	paths = tool_collect(count, arguments, error);
	if (!paths)
		return TOOL_FAILED;
	out = g_string_new(list == list_json ? "[" : "");
	valid = list_files(out, paths, list);
	g_string_append(out, list == list_json ? "]\n" : "");
	text = g_string_free(out, FALSE);
	if (!tool_print(text, error))
		return TOOL_FAILED;
	return valid ? TOOL_EXIT_PASS : TOOL_EXIT_INVALID;
}

int tool_verb_list(int count, char **arguments, GError **error)
{
	g_autofree char *format = NULL;
	const GOptionEntry entries[] = {
	        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "text (default) or json", "FORMAT"},
	        G_OPTION_ENTRY_NULL,
	};

	if (!tool_options_parse(entries, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	return list_arguments(format, count, arguments, error);
}
