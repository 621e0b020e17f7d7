/* SPDX-License-Identifier: MIT */
/* The options of `run` and `replay`. */
#include <string.h>

#include "sim/scenario/suggest.h"
#include "sim/subject.h"
#include "tools/options.h"
#include "tools/tool.h"

#define MAX_SECONDS 1000000000 /* of --time: some 30 years */

static const char *const subjects[] = {"inline", "process", "aarch64", NULL};
static const char *const builds[] = {"plain", "O2", "O0", NULL};

static void set_one_level(struct sim_oracle_levels *levels, const char *name,
                          enum sim_oracle_level level, GError **error)
{
	enum sim_oracle_id id;
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (sim_oracle_by_name(name, &id)) {
		levels->level[id] = level;
		return;
	}
	sim_suggest_init(&suggest, name);
	sim_suggest_offer(&suggest, "all");
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++)
		sim_suggest_offer(&suggest, sim_oracle_at((enum sim_oracle_id)i)->name);
	hint = sim_suggest_text(&suggest);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "unknown oracle '%s'%s; 'ffasim explain' lists them", name, hint);
}

bool tool_set_oracle_level(struct sim_oracle_levels *levels, const char *name,
                           enum sim_oracle_level level, GError **error)
{
	GError *problem = NULL;

	if (strcmp(name, "all") == 0) {
		for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++)
			if (i != SIM_ORACLE_ALWAYS_FAIL)
				levels->level[i] = level;
		return true;
	}
	if (g_str_has_prefix(name, "no-"))
		set_one_level(levels, name + strlen("no-"), SIM_ORACLE_OFF, &problem);
	else
		set_one_level(levels, name, level, &problem);
	if (!problem)
		return true;
	g_propagate_error(error, problem);
	return false;
}

static gboolean on_level(const char *option, const char *value, gpointer user, GError **error)
{
	struct tool_run_options *options = user;
	bool error_level = strcmp(option, "-E") == 0 || strcmp(option, "--error") == 0;

	g_ptr_array_add(options->levels, g_strdup(error_level ? "-E" : "-W"));
	g_ptr_array_add(options->levels, g_strdup(value));
	return tool_set_oracle_level(&options->oracles, value,
	                             error_level ? SIM_ORACLE_ERROR : SIM_ORACLE_WARN, error);
}

static bool check_name(const char *what, const char *name, const char *const *names, GError **error)
{
	g_autofree char *hint = NULL;
	g_autofree char *list = NULL;

	if (!name || g_strv_contains(names, name))
		return true;
	hint = sim_suggest_from(name, names);
	list = g_strjoinv(", ", (char **)(uintptr_t)names);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "unknown %s '%s'%s; there are %s", what,
	            name, hint, list);
	return false;
}

/* A name without a slash that is no file was meant to be one of the names. */
static bool check_subject(const char *subject, GError **error)
{
	g_autofree char *hint = NULL;

	if (!subject || sim_subject_is_name(subject) || g_file_test(subject, G_FILE_TEST_EXISTS))
		return true;
	hint = sim_suggest_from(subject, subjects);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_SUBJECT,
	            "there is no subject '%s'%s; 'inline', 'process' and 'aarch64' are names, "
	            "anything else is a path",
	            subject, hint);
	return false;
}

bool tool_check_subject(const char *subject, const char *build, GError **error)
{
	if (!check_name("build", build, builds, error) || !check_subject(subject, error))
		return false;
	if (!build || !subject || sim_subject_is_name(subject))
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "--build does not go with a path as the subject: '%s' is one build", subject);
	return false;
}

static bool has_schedule(const struct sim_scenario *scenario, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *hint = NULL;
	g_autofree char *list = NULL;

	for (unsigned i = 0; i < scenario->schedule_count; i++) {
		if (strcmp(scenario->schedules[i].name, name) == 0)
			return true;
		g_ptr_array_add(names, (char *)(uintptr_t)scenario->schedules[i].name);
	}
	g_ptr_array_add(names, NULL);
	hint = sim_suggest_from(name, (const char *const *)names->pdata);
	list = g_strjoinv(", ", (char **)names->pdata);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "there is no schedule '%s' in '%s'%s; there are %s", name, scenario->path, hint,
	            list);
	return false;
}

bool tool_check_schedule(const char *schedule, const char *const *paths, GError **error)
{
	for (; schedule && *paths; paths++) {
		g_autoptr(SimScenario) scenario = sim_scenario_load(*paths, NULL);

		if (scenario && !scenario->skip && !has_schedule(scenario, schedule, error))
			return false;
	}
	return true;
}

bool tool_check_seconds(double seconds, GError **error)
{
	if (seconds >= 0 && seconds <= MAX_SECONDS)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "--time is a number of seconds from 0, which is no limit, to %d", MAX_SECONDS);
	return false;
}

static bool check_timeout(const char *text, GError **error)
{
	guint64 seconds;

	if (!text || g_ascii_string_to_unsigned(text, 10, 1, 86400, &seconds, NULL))
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "--timeout is a number of seconds from 1 to 86400, not '%s'", text);
	return false;
}

static bool check_options(struct tool_run_options *options, GError **error)
{
	if (!check_timeout(options->timeout, error) ||
	    !tool_check_subject(options->subject, options->build, error))
		return false;
	if (options->quiet && options->verbose) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "--quiet and --verbose exclude each other");
		return false;
	}
	return true;
}

/* The list with what is given beside it; both end with an empty entry. */
static GOptionEntry *join(const GOptionEntry *entries, gsize count, const GOptionEntry *more)
{
	gsize length = 0;
	GOptionEntry *all;

	while (more && more[length].long_name)
		length++;
	all = g_new0(GOptionEntry, count + length);
	memcpy(all, entries, (count - 1) * sizeof *all);
	if (length)
		memcpy(all + count - 1, more, length * sizeof *all);
	return all;
}

bool tool_run_options_parse(struct tool_run_options *options, const GOptionEntry *more, int *count,
                            char ***arguments, GError **error)
{
	const GOptionEntry entries[] = {
	        {"subject", 0, 0, G_OPTION_ARG_FILENAME, &options->subject,
	         "inline (default), process, aarch64, or a path", "SUBJECT"},
	        {"build", 0, 0, G_OPTION_ARG_STRING, &options->build,
	         "plain (default), or instrumented: O2, O0", "BUILD"},
	        {"schedule", 0, 0, G_OPTION_ARG_STRING, &options->schedule,
	         "only the schedule of this name", "NAME"},
	        {"warn", 'W', 0, G_OPTION_ARG_CALLBACK, on_level,
	         "this oracle warns ('all'; 'no-ORACLE': is off)", "ORACLE"},
	        {"error", 'E', 0, G_OPTION_ARG_CALLBACK, on_level, "this oracle fails the scenario",
	         "ORACLE"},
	        {"timeout", 0, 0, G_OPTION_ARG_STRING, &options->timeout,
	         "how long a subject may take to answer", "SECONDS"},
	        {"fail-fast", 0, 0, G_OPTION_ARG_NONE, &options->fail_fast,
	         "stop at the first scenario that fails", NULL},
	        {"format", 0, 0, G_OPTION_ARG_STRING, &options->format,
	         "on standard output: text (default), tap, jsonl", "FORMAT"},
	        {"output", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->outputs,
	         "also write text, tap, jsonl, junit, trace, diagnostics", "FORMAT:FILE"},
	        {"trace", 0, 0, G_OPTION_ARG_NONE, &options->trace,
	         "show the trace of every failure, not only of the first", NULL},
	        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose, "show every trace", NULL},
	        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "show failures only", NULL},
	        G_OPTION_ENTRY_NULL,
	};

	g_autofree GOptionEntry *all = join(entries, G_N_ELEMENTS(entries), more);

	memset(options, 0, sizeof *options);
	options->levels = g_ptr_array_new_with_free_func(g_free);
	sim_oracle_default_levels(&options->oracles);
	return tool_options_parse(all, options, count, arguments, error) &&
	       check_options(options, error);
}

void tool_run_options_clear(struct tool_run_options *options)
{
	g_free(options->subject);
	g_free(options->build);
	g_free(options->schedule);
	g_free(options->timeout);
	g_free(options->format);
	g_strfreev(options->outputs);
	g_clear_pointer(&options->levels, g_ptr_array_unref);
}
