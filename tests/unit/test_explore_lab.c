/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_explore_lab.h"

#include <string.h>

#include "tests/test.h"

static void open_subject(struct explore_lab *lab, const char *subject, const char *build)
{
	struct sim_subject_request request = {
	        .mediator = lab->scenario->machine.mediator, .subject = subject, .build = build};
	g_autoptr(GError) error = NULL;

	sim_subject_open(&lab->link, &request, &error);
	assert_no_error(error);
	world_init(&lab->world, &lab->link);
}

static void begin(struct explore_lab *lab)
{
	struct sim_run *run = &lab->run;

	lab->report = sim_report_new("lab", "");
	run->scenario = lab->scenario;
	run->world = &lab->world;
	run->report = lab->report;
	run->levels = &lab->levels;
	run->oracles_only = true;
	sim_run_listen(run);
	if (!sim_run_begin(run))
		fail_test("the set-up does not come to its end");
	g_ptr_array_set_size(lab->report->findings, 0);
}

struct explore_lab *explore_lab_open(const char *text, const char *subject, const char *build,
                                     enum sim_granularity granularity,
                                     const struct sim_oracle_levels *levels)
{
	struct explore_lab *lab = g_new0(struct explore_lab, 1);
	g_autoptr(GError) error = NULL;

	lab->scenario = sim_scenario_parse(text, strlen(text), "lab.json", &error);
	assert_no_error(error);
	lab->levels = *levels;
	open_subject(lab, subject, build);
	begin(lab);
	lab->explored = sim_explored_run_new(&lab->run, granularity);
	return lab;
}

void explore_lab_close(struct explore_lab *lab)
{
	sim_explored_run_free(lab->explored);
	sim_run_ignore(&lab->run);
	world_finish(&lab->world);
	shim_link_close(&lab->link);
	sim_report_free(lab->report);
	sim_scenario_free(lab->scenario);
	g_free(lab);
}

bool explore_lab_search(struct explore_lab *lab, const struct sim_explore_options *options)
{
	if (options->strategy == SIM_STRATEGY_DPOR && !sim_explored_run_watch(lab->explored))
		fail_test("this build does not announce its accesses");
	sim_explore_run(sim_explored_run_system(lab->explored), options, &lab->result);
	return lab->result.end == SIM_EXPLORE_COMPLETE;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *explore_lab_told(const struct explore_lab *lab)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new();

	for (uint32_t i = 0; i < SIM_EXPLORE_OUTCOMES; i++)
		if (lab->result.outcomes[i])
			g_ptr_array_add(lines, (void *)(uintptr_t)sim_explored_run_outcome(
			                               lab->explored, i));
	for (uint32_t i = 0; i < lab->result.finding_count; i++)
		if (lab->result.hits[i].count)
			g_ptr_array_add(lines, sim_explored_run_finding(lab->explored, i)->message);
	g_ptr_array_sort(lines, by_text);
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (char **)lines->pdata);
}
