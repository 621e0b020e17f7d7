/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <string.h>

#include "sim/compare.h"
#include "tests/test.h"

static struct sim_report *make_report(const char *setup, const char *schedule, const char *trace)
{
	struct sim_report *report = sim_report_new("x.json", "inline");
	struct sim_schedule_report *one = g_new0(struct sim_schedule_report, 1);

	report->setup_trace = g_strdup(setup);
	one->name = g_strdup(schedule);
	one->trace = g_strdup(trace);
	g_ptr_array_add(report->schedules, one);
	return report;
}

static const struct {
	const char *name;
	const char *setup_a, *trace_a;
	const char *setup_b, *trace_b;
	const char *moment; /* NULL: the same */
	const char *row;
} pairs[] = {
        {"equal", "a\n", "b\nc\n", "a\n", "b\nc\n", NULL, NULL},
        {"set-up", "a\nx\n", "b\n", "a\ny\n", "b\n", "set-up, line 2", "      2 x"},
        {"set-up before schedules", "a\n", "b\n", "x\n", "c\n", "set-up, line 1", "      1 a"},
        {"a line", "", "b\nc\nd\n", "", "b\nx\nd\n", "schedule one, line 2", "      2 c"},
        {"first longer", "", "b\nc\n", "", "b\n", "schedule one, line 2", "      2 c"},
        {"second longer", "", "b\n", "", "b\nc\n", "schedule one, line 2", " ! c"},
        {"nothing in the second", "", "b\n", "", "", "schedule one, line 1", "      1 b"},
};

TEST_EACH(compare, first_difference, pairs)
{
	g_autoptr(SimReport) a = make_report(c->setup_a, "one", c->trace_a);
	g_autoptr(SimReport) b = make_report(c->setup_b, "one", c->trace_b);
	g_autoptr(GString) out = g_string_new(NULL);

	assert_eq_int(sim_compare_reports(a, "left", b, "right", out), c->moment == NULL);
	assert_eq_int(sim_compare_reports(a, "left", b, "right", NULL), c->moment == NULL);
	if (!c->moment) {
		assert_str(out->str, "");
		return;
	}
	assert_contains(out->str, c->moment);
	assert_contains(out->str, c->row);
	assert_contains(out->str, "left");
	assert_contains(out->str, "right");
}

TEST(compare, context_is_bounded)
{
	g_autoptr(GString) one = g_string_new(NULL), other = g_string_new(NULL);
	g_autoptr(SimReport) a = NULL;
	g_autoptr(SimReport) b = NULL;
	g_autoptr(GString) out = g_string_new(NULL);

	for (unsigned i = 1; i <= 40; i++) {
		g_string_append_printf(one, "line %u\n", i);
		g_string_append_printf(other, i < 20 ? "line %u\n" : "other %u\n", i);
	}
	a = make_report("", "one", one->str);
	b = make_report("", "one", other->str);
	assert_false(sim_compare_reports(a, "left", b, "right", out));
	assert_contains(out->str, "line 20");
	assert_contains(out->str, "line 17");
	assert_true(!strstr(out->str, "line 16 "));
	assert_contains(out->str, "other 25");
	assert_true(!strstr(out->str, "other 26"));
}

TEST(compare, a_schedule_that_only_one_came_to)
{
	g_autoptr(SimReport) a = make_report("", "one", "b\n");
	g_autoptr(SimReport) b = make_report("", "one", "b\n");
	g_autoptr(GString) out = g_string_new(NULL);

	g_ptr_array_set_size(b->schedules, 0);
	assert_false(sim_compare_reports(a, "left", b, "right", out));
	assert_contains(out->str, "schedule one, line 1");
}

static const struct {
	const char *name;
	enum sim_verdict verdict;
	bool comparable;
} verdicts[] = {
        {"pass", SIM_VERDICT_PASS, true},
        {"failed alike", SIM_VERDICT_FAIL, true},
        {"crashed alike", SIM_VERDICT_CRASH, true},
        {"unusable subject", SIM_VERDICT_SUBJECT, false},
        {"invalid scenario", SIM_VERDICT_INVALID, false},
        {"not all judged", SIM_VERDICT_INCOMPLETE, true},
        {"ended by the environment", SIM_VERDICT_ENVIRONMENT, false},
};

TEST_EACH(compare, what_did_not_run_is_not_equal, verdicts)
{
	g_autoptr(SimReport) a = make_report("", "one", "b\n");
	g_autoptr(SimReport) b = make_report("", "one", "b\n");
	g_autoptr(GString) out = g_string_new(NULL);

	a->verdict = b->verdict = c->verdict;
	assert_eq_int(sim_compare_reports(a, "left", b, "right", out), c->comparable);
	if (!c->comparable)
		assert_contains(out->str, sim_verdict_text(c->verdict));
}
