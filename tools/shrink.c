/* SPDX-License-Identifier: MIT */
#include "sim/explore/shrink.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/trace/columns.h"
#include "tools/files.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/replay_line.h"
#include "tools/signals.h"
#include "tools/tool.h"

#define TABLE_INDENT 4

struct shrink {
	char *subject;
	char *build;
	char *out;
	char *schedule;
	char *reason;
	gint timeout;
	gdouble seconds;
	gboolean oracles_only;
	gboolean verbose;
	gboolean progress;
	struct tool_progress shown;
	GPtrArray *levels; /* "-E", "name"... as given */
	struct sim_shrink_options options;
};

static gboolean on_level(const char *option, const char *value, gpointer user, GError **error)
{
	struct shrink *shrink = user;
	bool fails = strcmp(option, "-E") == 0 || strcmp(option, "--error") == 0;

	g_ptr_array_add(shrink->levels, g_strdup(fails ? "-E" : "-W"));
	g_ptr_array_add(shrink->levels, g_strdup(value));
	return tool_set_oracle_level(&shrink->options.judge.oracles, value,
	                             fails ? SIM_ORACLE_ERROR : SIM_ORACLE_WARN, error);
}

static bool parse(struct shrink *shrink, int *count, char ***arguments, GError **error)
{
	const GOptionEntry entries[] = {
	        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &shrink->out, "the file to write", "FILE"},
	        {"schedule", 0, 0, G_OPTION_ARG_STRING, &shrink->schedule,
	         "of several, the schedule to keep; the first that fails if not given", "NAME"},
	        {"reason", 0, 0, G_OPTION_ARG_STRING, &shrink->reason,
	         "of several findings, the one of this oracle (or expect, outcome, subject)",
	         "NAME"},
	        {"subject", 0, 0, G_OPTION_ARG_FILENAME, &shrink->subject,
	         "inline (default), process, aarch64, or a path", "SUBJECT"},
	        {"build", 0, 0, G_OPTION_ARG_STRING, &shrink->build,
	         "plain (default), or instrumented: O2, O0", "BUILD"},
	        {"warn", 'W', 0, G_OPTION_ARG_CALLBACK, on_level,
	         "this oracle warns ('all'; 'no-ORACLE': is off)", "ORACLE"},
	        {"error", 'E', 0, G_OPTION_ARG_CALLBACK, on_level, "this oracle fails the scenario",
	         "ORACLE"},
	        {"oracles-only", 0, 0, G_OPTION_ARG_NONE, &shrink->oracles_only,
	         "do not judge what the scenario itself expects", NULL},
	        {"time", 0, 0, G_OPTION_ARG_DOUBLE, &shrink->seconds, "end after so long",
	         "SECONDS"},
	        {"timeout", 0, 0, G_OPTION_ARG_INT, &shrink->timeout,
	         "how long a subject may take to answer", "SECONDS"},
	        {"progress", 0, 0, G_OPTION_ARG_NONE, &shrink->progress,
	         "show how far it is, even if standard error is no terminal", NULL},
	        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &shrink->verbose,
	         "show each thing that was taken out", NULL},
	        G_OPTION_ENTRY_NULL,
	};

	sim_oracle_default_levels(&shrink->options.judge.oracles);
	if (!tool_options_parse(entries, shrink, count, arguments, error))
		return false;
	if (!tool_check_subject(shrink->subject, shrink->build, error) ||
	    !tool_check_seconds(shrink->seconds, error))
		return false;
	if (shrink->timeout >= 0 && shrink->timeout <= 86400)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "--timeout is a number from 0 to 86400");
	return false;
}

static const char *only_file(int count, char **arguments, GError **error)
{
	if (count != 2)
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "%s",
		            count < 2 ? "no scenario given; name the file to shrink"
		                      : "shrink takes one file");
	else if (g_file_test(arguments[1], G_FILE_TEST_IS_DIR))
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "shrink takes one file, and '%s' is a folder", arguments[1]);
	else
		return arguments[1];
	return NULL;
}

/* "found/x.json" becomes "found/x-shrunk.json". */
static char *default_out(const char *path)
{
	size_t length = strlen(path);

	if (g_str_has_suffix(path, ".json"))
		length -= strlen(".json");
	return g_strdup_printf("%.*s-shrunk.json", (int)length, path);
}

static void print_reduction(void *user, const char *text)
{
	struct shrink *shrink = user;

	tool_progress_end(&shrink->shown);
	printf("  %s\n", text);
	fflush(stdout);
}

static void show_progress(void *user, const struct sim_shrink_progress *progress)
{
	struct shrink *shrink = user;

	tool_progress_show_shrink(&shrink->shown, progress);
}

static void append_count(GString *out, uint32_t count, const char *what)
{
	g_string_append_printf(out, "%s%u %s%s", out->len ? ", " : "", count, what,
	                       count == 1 ? "" : "s");
}

static const char *end_text(enum sim_shrink_end end)
{
	static const char *const texts[] = {
	        [SIM_SHRINK_MINIMAL] = "",
	        [SIM_SHRINK_LIMIT_CANDIDATES] = "; not minimal, ended by the limit of candidates",
	        [SIM_SHRINK_LIMIT_TIME] = "; not minimal, ended by --time",
	        [SIM_SHRINK_INTERRUPTED] = "; not minimal, interrupted",
	        [SIM_SHRINK_ENVIRONMENT] = "; not minimal, ended by the environment",
	        [SIM_SHRINK_BUG] = "; not minimal, ended by a bug in ffasim",
	};

	return texts[end];
}

static void append_detail(GString *out, const char *detail)
{
	g_auto(GStrv) lines = g_strsplit(detail ? detail : "", "\n", -1);

	for (char **line = lines; *line; line++)
		if (**line)
			g_string_append_printf(out, "      %s\n", *line);
}

static char *shrunk_text(const struct sim_shrunk *shrunk, const char *out_path)
{
	g_autoptr(GString) sizes = g_string_new(NULL);
	GString *out = g_string_new(NULL);

	append_count(sizes, shrunk->after.steps, "step");
	append_count(sizes, shrunk->after.calls, "call");
	append_count(sizes, shrunk->after.preemptions, "preemption");
	g_string_append_printf(out, "%s: %s (was %u, %u, %u)%s\n", out_path, sizes->str,
	                       shrunk->before.steps, shrunk->before.calls,
	                       shrunk->before.preemptions, end_text(shrunk->end));
	if (shrunk->end == SIM_SHRINK_MINIMAL && shrunk->unjudged)
		g_string_append_printf(out, "  not judged: %u candidate%s: %s\n", shrunk->unjudged,
		                       shrunk->unjudged == 1 ? "" : "s", shrunk->trouble);
	g_string_append_printf(out, "  %s: %s: %s\n", sim_verdict_text(shrunk->verdict),
	                       shrunk->source, shrunk->message);
	if (shrunk->place)
		g_string_append_printf(out, "    at %s\n", shrunk->place);
	append_detail(out, shrunk->detail);
	if (shrunk->trace)
		sim_columns_append(out, shrunk->trace, TABLE_INDENT);
	return g_string_free(out, FALSE);
}

/* The command that replays what is left. */
static char *replay_command(const struct shrink *shrink, const struct sim_shrunk *shrunk,
                            const char *out_path)
{
	GString *line = g_string_new(NULL);

	tool_line_word(line, tool_program());
	tool_line_word(line, "replay");
	tool_line_option(line, "--subject", shrink->subject);
	tool_line_option(line, "--build", shrink->build);
	for (guint i = 0; i < shrink->levels->len; i++)
		tool_line_word(line, g_ptr_array_index(shrink->levels, i));
	tool_line_path(line, out_path);
	tool_line_option(line, "--schedule", shrunk->schedule);
	g_string_append_c(line, '\n');
	return g_string_free(line, FALSE);
}

/* That it can be written is known before anything is tried. */
static bool check_out(const struct shrink *shrink, const char *path, const char *out,
                      GError **error)
{
	g_autoptr(ToolFiles) files = tool_files_new();

	tool_files_read(files, path);
	tool_files_read(files, shrink->subject);
	return tool_files_write(files, "--out", out, TOOL_FILE_SCENARIO, error);
}

static void fill_options(struct shrink *shrink, const char *path, const sigset_t *wait_mask)
{
	struct sim_shrink_options *options = &shrink->options;

	options->judge.subject = (struct sim_subject_request){.subject = shrink->subject,
	                                                      .build = shrink->build,
	                                                      .timeout = (unsigned)shrink->timeout};
	options->judge.oracles_only = shrink->oracles_only;
	options->judge.source = shrink->reason;
	options->schedule = shrink->schedule;
	options->seconds = shrink->seconds;
	options->wait_mask = wait_mask;
	options->stop = &tool_signalled;
	options->user = shrink;
	shrink->shown = (struct tool_progress){.path = path, .seconds = shrink->seconds};
	if (shrink->verbose)
		options->on_reduction = print_reduction;
	if (shrink->progress || isatty(STDERR_FILENO))
		options->on_progress = show_progress;
}

/* What ended it early, once what there is has been written. */
static int exit_code_of_end(const struct sim_shrunk *shrunk)
{
	int number = tool_signalled;

	switch (shrunk->end) {
	case SIM_SHRINK_INTERRUPTED:
		tool_complain("interrupted by signal %d (%s): the smallest file so far is written",
		              number, g_strsignal(number));
		return TOOL_EXIT_SIGNAL + number;
	case SIM_SHRINK_ENVIRONMENT:
		tool_complain("%s: the smallest file so far is written", shrunk->trouble);
		return TOOL_EXIT_ENVIRONMENT;
	case SIM_SHRINK_BUG:
		tool_complain("a bug in ffasim: %s; the smallest file so far is written",
		              shrunk->trouble);
		return TOOL_EXIT_BUG;
	default:
		return TOOL_EXIT_PASS;
	}
}

/* Nothing is known of the file: by a signal that has its own exit code, or by an error. */
static int fail(GError *problem, GError **error)
{
	int number = tool_signalled;

	if (!number || !g_error_matches(problem, SIM_ERROR, SIM_ERROR_STOPPED)) {
		g_propagate_error(error, problem);
		return TOOL_FAILED;
	}
	tool_complain("%s", problem->message);
	g_error_free(problem);
	return TOOL_EXIT_SIGNAL + number;
}

static int shrink_file(struct shrink *shrink, const char *path, GError **error)
{
	g_autofree char *out = shrink->out ? g_strdup(shrink->out) : default_out(path);
	g_autoptr(SimShrunk) shrunk = NULL;
	g_autofree char *text = NULL;
	g_autofree char *command = NULL;
	GError *problem = NULL;
	sigset_t wait_mask;

	if (!tool_check_schedule(shrink->schedule, (const char *const[]){path, NULL}, error) ||
	    !check_out(shrink, path, out, error))
		return TOOL_FAILED;
	tool_signals_watch(&wait_mask);
	fill_options(shrink, path, &wait_mask);
	shrunk = sim_shrink(&shrink->options, path, out, &problem);
	tool_progress_end(&shrink->shown);
	if (!shrunk)
		return fail(problem, error);
	text = shrunk_text(shrunk, out);
	command = replay_command(shrink, shrunk, out);
	if (!tool_file_write(out, shrunk->text, error) || !tool_print(text, error) ||
	    !tool_print(command, error))
		return TOOL_FAILED;
	return exit_code_of_end(shrunk);
}

int tool_verb_shrink(int count, char **arguments, GError **error)
{
	struct shrink shrink = {.levels = g_ptr_array_new_with_free_func(g_free)};
	int code = TOOL_FAILED;
	const char *path = NULL;

	if (parse(&shrink, &count, &arguments, error))
		path = only_file(count, arguments, error);
	if (path)
		code = shrink_file(&shrink, path, error);
	g_free(shrink.subject);
	g_free(shrink.build);
	g_free(shrink.out);
	g_free(shrink.schedule);
	g_free(shrink.reason);
	g_ptr_array_unref(shrink.levels);
	return code;
}
