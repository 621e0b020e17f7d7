/* SPDX-License-Identifier: MIT */
/* ffasim compare: the same scenarios on two subjects, and where they first part. */
#include <string.h>

#include "sim/compare.h"
#include "sim/session.h"
#include "sim/subject.h"
#include "tools/options.h"
#include "tools/signals.h"
#include "tools/tool.h"

/* One side: what was asked for, and what came of each file. */
struct side {
	const char *name;
	char *subject;
	char *build; /* NULL: the default, or none for a path */
	GPtrArray *reports;
};

/* "inline", "aarch64@O2", or a path; only the three names have builds. */
static bool parse_side(struct side *side, const char *name, GError **error)
{
	const char *mark = strrchr(name, '@');

	side->name = name;
	side->subject = mark ? g_strndup(name, (gsize)(mark - name)) : g_strdup(name);
	if (mark && !sim_subject_is_name(side->subject)) {
		g_free(side->subject);
		side->subject = g_strdup(name);
		return true;
	}
	if (!mark)
		return true;
	side->build = g_strdup(mark + 1);
	if (g_strv_contains((const char *const[]){"plain", "O2", "O0", NULL}, side->build))
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "unknown build '%s' in '%s'; there are plain, O2 and O0", side->build, name);
	return false;
}

static void free_report(gpointer report)
{
	sim_report_free(report);
}

static bool keep_report(void *user, const struct sim_report *report)
{
	struct side *side = user;
	g_autoptr(GBytes) bytes = sim_report_to_bytes(report);

	g_ptr_array_add(side->reports, sim_report_from_bytes(bytes));
	return true;
}

static void run_side(struct side *side, char **paths, const sigset_t *wait_mask)
{
	struct sim_session_options session = {.subject = side->subject,
	                                      .build = side->build,
	                                      .wait_mask = wait_mask,
	                                      .stop = &tool_signalled};

	sim_oracle_default_levels(&session.oracles);
	side->reports = g_ptr_array_new_with_free_func(free_report);
	sim_session_run(&session, (const char *const *)paths, keep_report, side);
}

static void clear_side(struct side *side)
{
	g_free(side->subject);
	g_free(side->build);
	g_clear_pointer(&side->reports, g_ptr_array_unref);
}

/* What came of all files that both sides have a report of. */
struct result {
	GString *text;
	enum sim_verdict worst;
	guint compared;
	guint different;
	guint left_out; /* one side could not be run */
};

/* A difference is a failure; a file that could not be run at all is what kept it from that. */
static void compare_one(struct result *result, const struct side *a, const struct side *b, guint i)
{
	const struct sim_report *one = g_ptr_array_index(a->reports, i);
	const struct sim_report *other = g_ptr_array_index(b->reports, i);
	g_autoptr(GString) text = g_string_new(NULL);
	enum sim_verdict verdict = SIM_VERDICT_FAIL;

	result->compared++;
	if (sim_compare_reports(one, a->name, other, b->name, text))
		return;
	if (sim_report_ran(one) && sim_report_ran(other)) {
		result->different++;
	} else {
		verdict = sim_report_ran(one) ? other->verdict : one->verdict;
		if (!sim_report_ran(one) && !sim_report_ran(other))
			verdict = sim_verdict_worse(one->verdict, other->verdict);
		result->left_out++;
	}
	result->worst = sim_verdict_worse(result->worst, verdict);
	g_string_append_printf(result->text, "%s\n%s\n", one->path, text->str);
}

static void append_summary(struct result *result, const struct side *a, const struct side *b)
{
	GString *out = result->text;

	g_string_append_printf(out, "%u scenario%s on %s and %s: ", result->compared,
	                       result->compared == 1 ? "" : "s", a->name, b->name);
	if (result->different)
		g_string_append_printf(out, "%u differ", result->different);
	if (result->left_out)
		g_string_append_printf(out, "%s%u not compared", result->different ? ", " : "",
		                       result->left_out);
	if (!result->different && !result->left_out)
		g_string_append(out, "the same contract traces");
	g_string_append_c(out, '\n');
}

static int compare_sides(const struct side *a, const struct side *b, guint total, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct result result = {.text = text, .worst = SIM_VERDICT_PASS};
	int number = tool_signalled;

	for (guint i = 0; i < a->reports->len && i < b->reports->len; i++)
		compare_one(&result, a, b, i);
	append_summary(&result, a, b);
	if (!tool_print(text->str, error))
		return TOOL_FAILED;
	if (!number)
		return sim_verdict_exit_code(result.worst);
	tool_complain("interrupted by signal %d (%s) with %u of %u scenarios compared", number,
	              g_strsignal(number), result.compared, total);
	return TOOL_EXIT_SIGNAL + number;
}

static int compare_files(struct side *sides, char **paths, GError **error)
{
	sigset_t wait_mask;

	tool_signals_watch(&wait_mask);
	run_side(&sides[0], paths, &wait_mask);
	run_side(&sides[1], paths, &wait_mask);
	return compare_sides(&sides[0], &sides[1], g_strv_length(paths), error);
}

static int compare_arguments(char **subjects, int count, char **arguments, GError **error)
{
	struct side sides[2] = {{NULL}};
	g_auto(GStrv) paths = NULL;
	int code = TOOL_FAILED;

	if (!subjects || g_strv_length(subjects) != 2) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "two subjects are compared: give --subject twice");
		return TOOL_FAILED;
	}
	paths = tool_collect(count, arguments, error);
	if (paths && parse_side(&sides[0], subjects[0], error) &&
	    parse_side(&sides[1], subjects[1], error))
		code = compare_files(sides, paths, error);
	clear_side(&sides[0]);
	clear_side(&sides[1]);
	return code;
}

int tool_verb_compare(int count, char **arguments, GError **error)
{
	g_auto(GStrv) subjects = NULL;
	const GOptionEntry entries[] = {
	        {"subject", 0, 0, G_OPTION_ARG_STRING_ARRAY, &subjects,
	         "inline, process or aarch64, with @O2 or @O0 for a build, or a path; given twice",
	         "SUBJECT"},
	        G_OPTION_ENTRY_NULL,
	};

	if (!tool_options_parse(entries, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	return compare_arguments(subjects, count, arguments, error);
}
