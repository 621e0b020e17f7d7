/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_schedule.h"

#include <string.h>

struct lab lab;

static bool is_mediator(const char *name)
{
	return strcmp(name, "hypervisor") == 0 || strcmp(name, "proxy") == 0;
}

static void open_subject(const char *mediator)
{
	g_autofree char *name = g_strconcat(mediator, "-plain", NULL);

	emu_open_link(&lab.link, lab.transport ? lab.transport : "inline",
	              is_mediator(mediator) ? "subjects" : "tests/subjects", name);
	world_init(&lab.world, &lab.link);
}

static void open_scenario(struct sim_scenario *scenario)
{
	lab.scenario = scenario;
	open_subject(lab.scenario->machine.mediator);
	sim_oracle_default_levels(&lab.levels);
	lab.report = sim_report_new("s.json", "inline");
	memset(&lab.run, 0, sizeof lab.run);
	lab.run.scenario = lab.scenario;
	lab.run.world = &lab.world;
	lab.run.report = lab.report;
	lab.run.levels = &lab.levels;
}

void lab_open(const char *members)
{
	g_autofree char *text = g_strconcat("{'about': 'a test',\n", members, "}", NULL);
	GError *error = NULL;
	struct sim_scenario *scenario;

	g_strdelimit(text, "'", '"');
	scenario = sim_scenario_parse(text, strlen(text), "s.json", &error);
	assert_no_error(error);
	open_scenario(scenario);
}

void lab_open_file(const char *path)
{
	GError *error = NULL;
	struct sim_scenario *scenario = sim_scenario_load(path, &error);

	assert_no_error(error);
	open_scenario(scenario);
}

void lab_run(void)
{
	sim_run_scenario(&lab.run);
	sim_report_settle(lab.report, lab.scenario);
}

void lab_close(void)
{
	sim_report_free(lab.report);
	sim_scenario_free(lab.scenario);
	world_finish(&lab.world);
	shim_link_close(&lab.link);
}

void lab_do(const char *members)
{
	lab_open(members);
	lab_run();
}

void lab_begin(void)
{
	assert_true(sim_run_begin(&lab.run));
}

const struct sim_finding *lab_finding(unsigned index)
{
	if (index >= lab.report->findings->len)
		fail_test("there is no finding %u", index);
	return g_ptr_array_index(lab.report->findings, index);
}

void lab_expect_finding(enum sim_verdict verdict, enum sim_source source, const char *message,
                        const char *place)
{
	const struct sim_finding *finding = lab_finding(0);

	assert_str(finding->message, message);
	assert_str(finding->place, place);
	assert_eq_int(finding->verdict, verdict);
	assert_eq_int(finding->source, source);
	assert_eq_int(lab.report->findings->len, 1);
	assert_eq_int(lab.report->verdict, verdict);
}

void lab_expect_pass(void)
{
	if (lab.report->findings->len)
		fail_test("a finding: %s", lab_finding(0)->message);
	assert_eq_int(lab.report->verdict, SIM_VERDICT_PASS);
}

const struct sim_schedule_report *lab_schedule(const char *name)
{
	for (guint i = 0; i < lab.report->schedules->len; i++) {
		const struct sim_schedule_report *schedule =
		        g_ptr_array_index(lab.report->schedules, i);

		if (strcmp(schedule->name, name) == 0)
			return schedule;
	}
	fail_test("schedule '%s' did not run", name);
}

char *lab_order(const char *trace)
{
	g_auto(GStrv) lines = g_strsplit(trace, "\n", 0);
	GString *order = g_string_new(NULL);
	const char *last = "";

	for (unsigned i = 0; lines[i] && lines[i][0]; i++) {
		*strchr(lines[i], ' ') = '\0';
		if (strcmp(lines[i], last) != 0)
			g_string_append_printf(order, "%s%s", *last ? " " : "", lines[i]);
		last = lines[i];
	}
	return g_string_free(order, FALSE);
}
