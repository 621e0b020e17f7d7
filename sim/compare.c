/* SPDX-License-Identifier: MIT */
#include "sim/compare.h"

#include <string.h>

#define COLUMN_WIDTH 58

/* Two traces of one moment, as lines; shorter ones end with NULL. */
struct pair {
	char **a;
	char **b;
	guint count_a, count_b;
};

static void append_reason(GString *out, const char *name, const struct sim_report *report)
{
	const struct sim_finding *first =
	        report->findings->len ? g_ptr_array_index(report->findings, 0) : NULL;

	if (!sim_report_ran(report))
		g_string_append_printf(out, "  %s: %s: %s\n", name,
		                       sim_verdict_text(report->verdict),
		                       first ? first->message : "it did not run");
}

static const char *line_at(char **lines, guint count, guint index)
{
	return index < count ? lines[index] : "";
}

/* The first `width` characters of a line; what is longer ends with a mark. */
static void append_column(GString *out, const char *line)
{
	size_t length = strlen(line);

	if (length <= COLUMN_WIDTH)
		g_string_append_printf(out, "%-*s", COLUMN_WIDTH, line);
	else
		g_string_append_printf(out, "%.*s>", COLUMN_WIDTH - 1, line);
}

static void append_row(GString *out, const struct pair *pair, guint index)
{
	const char *a = line_at(pair->a, pair->count_a, index);
	const char *b = line_at(pair->b, pair->count_b, index);
	gsize start = out->len;

	g_string_append_printf(out, "  %5u ", index + 1);
	append_column(out, a);
	g_string_append(out, strcmp(a, b) == 0 ? "   " : " ! ");
	append_column(out, b);
	while (out->len > start && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	g_string_append_c(out, '\n');
}

/* The last element is what follows the last line's end: nothing. An empty trace has no element. */
static guint count_lines(char **lines)
{
	guint count = g_strv_length(lines);

	return count ? count - 1 : 0;
}

static guint first_difference(const struct pair *pair)
{
	guint index = 0;

	while (index < pair->count_a && index < pair->count_b &&
	       strcmp(pair->a[index], pair->b[index]) == 0)
		index++;
	return index;
}

static void append_difference(GString *out, const char *moment, const char *trace_a,
                              const char *name_a, const char *trace_b, const char *name_b)
{
	g_auto(GStrv) a = g_strsplit(trace_a, "\n", -1);
	g_auto(GStrv) b = g_strsplit(trace_b, "\n", -1);
	const struct pair pair = {
	        .a = a, .b = b, .count_a = count_lines(a), .count_b = count_lines(b)};
	guint longest = MAX(pair.count_a, pair.count_b);
	guint at = first_difference(&pair);

	g_string_append_printf(out, "  %s, line %u\n  %5s ", moment, at + 1, "");
	append_column(out, name_a);
	g_string_append_printf(out, "   %s\n", name_b);
	for (guint i = at > SIM_COMPARE_BEFORE ? at - SIM_COMPARE_BEFORE : 0;
	     i < longest && i < at + SIM_COMPARE_AFTER; i++)
		append_row(out, &pair, i);
}

static const struct sim_schedule_report *schedule_at(const struct sim_report *report, guint index)
{
	return index < report->schedules->len ? g_ptr_array_index(report->schedules, index) : NULL;
}

/* The first schedule whose traces differ; one that only one of them came to has no trace. */
static bool schedules_equal(const struct sim_report *a, const char *name_a,
                            const struct sim_report *b, const char *name_b, GString *out)
{
	for (guint i = 0; i < a->schedules->len || i < b->schedules->len; i++) {
		const struct sim_schedule_report *one = schedule_at(a, i),
		                                 *other = schedule_at(b, i);
		const char *trace_a = one ? one->trace : "", *trace_b = other ? other->trace : "";
		g_autofree char *moment = NULL;

		if (strcmp(trace_a, trace_b) == 0)
			continue;
		moment = g_strdup_printf("schedule %s", (one ? one : other)->name);
		append_difference(out, moment, trace_a, name_a, trace_b, name_b);
		return false;
	}
	return true;
}

static const char *text_of(const char *trace)
{
	return trace ? trace : "";
}

bool sim_compare_reports(const struct sim_report *a, const char *name_a, const struct sim_report *b,
                         const char *name_b, GString *out)
{
	g_autoptr(GString) unread = out ? NULL : g_string_new(NULL);
	GString *text = out ? out : unread;

	if (!sim_report_ran(a) || !sim_report_ran(b)) {
		append_reason(text, name_a, a);
		append_reason(text, name_b, b);
		return false;
	}
	if (strcmp(text_of(a->setup_trace), text_of(b->setup_trace)) != 0) {
		append_difference(text, "set-up", text_of(a->setup_trace), name_a,
		                  text_of(b->setup_trace), name_b);
		return false;
	}
	return schedules_equal(a, name_a, b, name_b, text);
}
