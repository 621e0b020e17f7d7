/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_model_host_lab.h"

#include <stdlib.h>
#include <string.h>

#include "sim/oracle/registry.h"
#include "sim/run.h"
#include "sim/scenario/load.h"
#include "tests/test.h"

#define CPUS    4u
#define MACHINE CPUS /* its context */

static const char text[] =
        "{\"about\": \"a test\", \"machine\": {\"mediator\": \"any\", \"vms\":"
        "{\"host0\": {\"id\": 0, \"vcpus\": 4}}}, \"setup\": [{\"host0.0\": \"FFA_ID_GET\", \"expect\": \"SUCCESS\"}]}";

static struct shim_link shim;
static struct world world;
static struct sim_run run;
static struct sim_oracle_levels levels;

void host_lab_open(const char *profile)
{
	g_autoptr(GError) error = NULL;

	memset(&world, 0, sizeof world);
	memset(&run, 0, sizeof run);
	shim.map.control = calloc(1, sizeof *shim.map.control);
	shim.map.slots = calloc(SHIM_MAX_CONTEXTS, SHIM_PAGE);
	shim.map.memory = calloc(1, SHIM_MEMORY_SIZE);
	world.link = &shim;
	world.state.own_pages = 3;
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++)
		world.state.contexts[i].vm = WORLD_NO_VM;
	run.world = &world;
	run.scenario = sim_scenario_parse(text, strlen(text), "s.json", &error);
	assert_no_error(error);
	run.report = sim_report_new("s.json", "inline");
	sim_oracle_default_levels(&levels);
	run.levels = &levels;
	g_strlcpy(shim.map.control->profile, profile, sizeof shim.map.control->profile);
}

void host_lab_close(void)
{
	sim_report_free(run.report);
	sim_scenario_free((struct sim_scenario *)run.scenario);
	free(shim.map.control);
	free(shim.map.slots);
	free(shim.map.memory);
}

static void emit(struct world_event event)
{
	sim_oracle_model.event(&run, &event);
}

static void emit_regs(enum world_event_kind kind, unsigned context, const struct ffa_regs *regs)
{
	emit((struct world_event){
	        .kind = kind, .context = context, .vm = WORLD_NO_VM, .regs = regs});
}

static void emit_page(enum world_event_kind kind, unsigned context, uint64_t address,
                      uint64_t result)
{
	emit((struct world_event){.kind = kind,
	                          .context = context,
	                          .vm = 0,
	                          .arg = {address},
	                          .result = (int64_t)result});
}

static void start_machine(enum shim_entry entry)
{
	shim_slot(&shim.map, MACHINE)->entry = entry;
	emit((struct world_event){
	        .kind = WORLD_EVENT_ENTER, .context = MACHINE, .entry = entry, .vm = WORLD_NO_VM});
}

void host_boots(void)
{
	start_machine(SHIM_ENTRY_BOOT);
}

void host_shuts_down(void)
{
	start_machine(SHIM_ENTRY_SHUTDOWN);
}

void host_machine_asks(struct ffa_regs regs)
{
	emit_regs(WORLD_EVENT_SMC, MACHINE, &regs);
}

void host_machine_is_told(struct ffa_regs regs)
{
	emit_regs(WORLD_EVENT_SMC_DONE, MACHINE, &regs);
}

void host_machine_unmaps(uint64_t physical)
{
	emit_page(WORLD_EVENT_UNMAP, MACHINE, physical, 1);
}

void host_machine_gets_no_page(void)
{
	emit_page(WORLD_EVENT_PAGE_ALLOC, MACHINE, 0, 0);
}

void host_machine_frees(uint64_t physical)
{
	emit_page(WORLD_EVENT_PAGE_FREE, MACHINE, physical, 1);
}

void host_machine_returns(int64_t result)
{
	emit((struct world_event){.kind = WORLD_EVENT_LEAVE,
	                          .context = MACHINE,
	                          .entry = (enum shim_entry)shim_slot(&shim.map, MACHINE)->entry,
	                          .vm = WORLD_NO_VM,
	                          .result = result});
	shim_slot(&shim.map, MACHINE)->entry = SHIM_ENTRY_NONE;
}

static void emit_call(enum world_event_kind kind, unsigned cpu, const struct ffa_regs *regs)
{
	emit((struct world_event){.kind = kind,
	                          .context = cpu,
	                          .entry = SHIM_ENTRY_GUEST_CALL,
	                          .vm = 0,
	                          .vcpu = cpu,
	                          .regs = regs});
}

void host_calls(unsigned cpu, struct ffa_regs regs)
{
	shim_slot(&shim.map, cpu)->entry = SHIM_ENTRY_GUEST_CALL;
	world.state.contexts[cpu].vm = 0;
	world.state.contexts[cpu].vcpu = cpu;
	emit_call(WORLD_EVENT_ENTER, cpu, &regs);
}

void host_asks(unsigned cpu, struct ffa_regs regs)
{
	emit_regs(WORLD_EVENT_SMC, cpu, &regs);
}

void host_is_told(unsigned cpu, struct ffa_regs regs)
{
	emit_regs(WORLD_EVENT_SMC_DONE, cpu, &regs);
}

void host_maps(unsigned cpu, uint64_t address, uint64_t physical)
{
	emit_page(WORLD_EVENT_MAP, cpu, address, physical);
}

void host_unmaps(unsigned cpu, uint64_t physical)
{
	emit_page(WORLD_EVENT_UNMAP, cpu, physical, 1);
}

void host_writes(uint64_t physical)
{
	emit_page(WORLD_EVENT_WRITE, 0, physical, sizeof(uint32_t));
}

void host_returns(unsigned cpu, struct ffa_regs regs)
{
	emit_call(WORLD_EVENT_LEAVE, cpu, &regs);
	world.state.contexts[cpu].vm = WORLD_NO_VM;
}

void host_page_becomes(uint64_t physical, const char *content)
{
	memcpy(world_memory(&world, physical, strlen(content), true), content, strlen(content));
}

static uint32_t newest_of(const char *profile)
{
	return FFA_MAKE_VERSION(1, (uint32_t)(profile[strlen(profile) - 1] - '0'));
}

void host_has_booted(const char *profile, uint32_t spmc)
{
	host_lab_open(profile);
	host_boots();
	host_machine_asks(REGS(FFA_VERSION_32, newest_of(profile)));
	host_machine_is_told(REGS(spmc));
	host_machine_returns(FFA_OK);
}

void host_has_negotiated(const char *profile, uint32_t spmc, uint32_t version)
{
	host_has_booted(profile, spmc);
	host_calls(0, REGS(FFA_VERSION_32, version));
	if (spmc < newest_of(profile) || version != newest_of(profile)) {
		host_asks(0, REGS(FFA_VERSION_32, version));
		host_is_told(0, REGS(spmc));
	}
	host_asks(0, REGS(FFA_ID_GET_32));
	host_is_told(0, REGS(FFA_SUCCESS_32));
	host_asks(0, REGS(FFA_FEATURES_32, FFA_RXTX_MAP_64));
	host_is_told(0, REGS(FFA_SUCCESS_32));
	host_returns(0, REGS(version));
}

void host_has_mapped(void)
{
	host_calls(0, REGS(FFA_RXTX_MAP_64, HOST_PAGE(0), HOST_PAGE(1), 1));
	host_maps(0, HOST_PAGE(0), HOST_PAGE(0));
	host_maps(0, HOST_PAGE(1), HOST_PAGE(1));
	host_asks(0, REGS(FFA_RXTX_MAP_64, OWN_TX, OWN_RX, 1));
	host_is_told(0, REGS(FFA_SUCCESS_32));
	host_returns(0, REGS(FFA_SUCCESS_32));
}

void host_was_right(void)
{
	if (run.report->findings->len) {
		const struct sim_finding *finding = g_ptr_array_index(run.report->findings, 0);

		fail_test("it is refuted: %s", finding->message);
	}
	host_lab_close();
}

void host_was_wrong(const char *part)
{
	const struct sim_finding *finding;

	if (run.report->findings->len != 1)
		fail_test("there are %u findings", run.report->findings->len);
	finding = g_ptr_array_index(run.report->findings, 0);
	assert_contains(finding->message, part);
	assert_str(finding->oracle, "model");
	host_lab_close();
}
