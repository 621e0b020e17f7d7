/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_oracle.h"

#include <glib.h>
#include <string.h>

#include "tests/test.h"

struct sim_run run;
struct sim_scenario scenario;
struct world machine;
static struct shim_link nobody;
struct sim_oracle_levels levels;

void begin(void)
{
	if (!nobody.map.control) {
		nobody.map.control = g_malloc0(sizeof *nobody.map.control);
		nobody.map.slots = g_malloc0((gsize)SHIM_MAX_CONTEXTS * SHIM_PAGE);
	}
	machine.link = &nobody;
	machine.config.vm_count = scenario.machine.vm_count = 3;
	scenario.thread_count = 3;
	for (unsigned i = 0; i < 3; i++) {
		scenario.threads[i] = (struct sim_thread){.is_vcpu = true, .vm = i};
		g_snprintf(scenario.machine.vms[i].name, sizeof scenario.machine.vms[i].name,
		           "vm%u", i + 1);
		g_snprintf(scenario.threads[i].name, sizeof scenario.threads[i].name, "vm%u.0",
		           i + 1);
	}
	sim_report_free(run.report);
	sim_symbols_free(run.race.symbols);
	memset(&run, 0, sizeof run);
	sim_oracle_default_levels(&levels);
	run.scenario = &scenario;
	run.world = &machine;
	run.levels = &levels;
	run.report = sim_report_new("", "");
}

const char *finding(guint number)
{
	const struct sim_finding *at;

	if (number >= run.report->findings->len)
		return "";
	at = g_ptr_array_index(run.report->findings, number);
	return at->message;
}

/* Nothing is found; the limit was reached, so often, and no other. */
void assert_unjudged(enum sim_limit limit, uint64_t times)
{
	struct sim_unjudged want = {{0}};

	want.times[limit] = times;
	assert_eq_u64(run.report->findings->len, 0);
	assert_eq_u64(run.unjudged.times[limit], times);
	assert_mem(&run.unjudged, &want, sizeof want);
	assert_eq_u64(run.left_out, times != 0);
}

void touch(const struct sim_oracle *oracle, unsigned context, uint64_t address, uint64_t size,
           bool writes)
{
	const struct world_event event = {
	        .kind = WORLD_EVENT_ACCESS,
	        .context = context,
	        .arg = {address, size},
	        .result = writes,
	        .access = {.pc = 0x100 * (context + 1),
	                   .kind = writes ? SHIM_ACCESS_STORE : SHIM_ACCESS_LOAD}};

	oracle->event(&run, &event);
}
