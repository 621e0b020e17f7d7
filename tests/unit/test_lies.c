/* SPDX-License-Identifier: MIT */
/*
 * Every breach of the contract that an SPMC of the machine can commit is met by a scenario that
 * ships, after the mediator has booted: one that nobody meets tests nothing.
 */
#include <string.h>

#include "sim/session.h"
#include "tests/unit/test_schedule.h"

static uint16_t met[WORLD_KNOB_COUNT];

static bool is_lie(unsigned knob)
{
	return g_str_has_prefix(world_knobs[knob].name, "lie-");
}

static bool fault_lies(const struct world_fault *fault)
{
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		if (fault->kind == WORLD_FAULT_BEHAVIOUR && is_lie(i) && fault->knobs[i] != 0 &&
		    fault->knobs[i] != WORLD_KNOB_KEPT)
			return true;
	return false;
}

static bool lies(const struct world_spmc_config *spmc)
{
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		if (is_lie(i) && spmc->knobs[i])
			return true;
	for (unsigned i = 0; i < spmc->fault_count; i++)
		if (fault_lies(&spmc->faults[i]))
			return true;
	return false;
}

static void run_file(const char *path)
{
	GError *error = NULL;
	g_autoptr(SimScenario) scenario = sim_scenario_load(path, &error);

	assert_no_error(error);
	if (!lies(&scenario->machine.spmc))
		return;
	lab_open_file(path);
	lab_run();
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		met[i] |= lab.world.lies_met[i];
	lab_close();
}

/* The folder of the scenarios: the tests stand in build/NAME/tests. */
static char *scenarios(void)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(program);

	return g_build_filename(folder, "..", "..", "..", "scenarios", NULL);
}

TEST(lies, every_one_is_met_after_the_boot)
{
	g_autofree char *folder = scenarios();
	const char *const arguments[] = {folder, NULL};
	GError *error = NULL;
	g_auto(GStrv) files = sim_session_collect(arguments, &error);
	g_autoptr(GString) unmet = g_string_new(NULL);

	assert_no_error(error);
	for (char **file = files; *file; file++)
		run_file(*file);
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		for (unsigned v = 1; is_lie(i) && world_knobs[i].values[v].name; v++)
			if (!(met[i] >> v & 1))
				g_string_append_printf(unmet, " %s=%s", world_knobs[i].name,
				                       world_knobs[i].values[v].name);
	assert_str(unmet->str, "");
}
