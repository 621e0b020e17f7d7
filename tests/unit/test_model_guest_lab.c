/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_model_guest_lab.h"

#include <stdlib.h>
#include <string.h>

#include "sim/model/guest.h"
#include "sim/scenario/load.h"

static const char text[] = "{\"about\": \"a test\", \"machine\": {\"mediator\": \"any\", \"vms\":"
                           "{\"vm1\": {\"vcpus\": 2}, \"vm2\": {}, \"vm3\": {\"vcpus\": 2}}},"
                           "\"setup\": [{\"vm1.0\": \"FFA_ID_GET\", \"expect\": \"SUCCESS\"}]}";

static struct shim_link shim;
static struct world world;
struct sim_run guest_run;
static struct sim_oracle_levels levels;

void guest_emit(struct world_event event)
{
	sim_model_guests.event(&guest_run, &event);
}

void guest_opened(const char *profile)
{
	g_autoptr(GError) error = NULL;

	memset(&world, 0, sizeof world);
	memset(&guest_run, 0, sizeof guest_run);
	shim.map.control = calloc(1, sizeof *shim.map.control);
	world.link = &shim;
	world.contexts_used = SHIM_MAX_CONTEXTS;
	guest_run.world = &world;
	guest_run.scenario = sim_scenario_parse(text, strlen(text), "s.json", &error);
	assert_no_error(error);
	guest_run.report = sim_report_new("s.json", "inline");
	sim_oracle_default_levels(&levels);
	guest_run.levels = &levels;
	g_strlcpy(shim.map.control->profile, profile, sizeof shim.map.control->profile);
	sim_model_guests.begin(&guest_run);
}

void guest_closed(void)
{
	sim_report_free(guest_run.report);
	sim_scenario_free((struct sim_scenario *)guest_run.scenario);
	free(shim.map.control);
}

void guest_was_right(void)
{
	if (guest_run.report->findings->len) {
		const struct sim_finding *finding =
		        g_ptr_array_index(guest_run.report->findings, 0);

		fail_test("it is refuted: %s\n%s", finding->message,
		          finding->detail ? finding->detail : "");
	}
	guest_closed();
}

void guest_was_wrong(const char *part)
{
	if (!guest_run.report->findings->len)
		fail_test("nothing is refuted");
	assert_contains(
	        ((struct sim_finding *)g_ptr_array_index(guest_run.report->findings, 0))->message,
	        part);
	guest_closed();
}

void guest_was_unjudged(enum sim_limit limit)
{
	assert_eq_u64(guest_run.unjudged.times[limit], 1);
	guest_run.unjudged.times[limit] = 0;
	assert_false(sim_unjudged_any(&guest_run.unjudged));
	guest_was_right();
}

void guest_enters(unsigned context, enum shim_entry entry, unsigned vm, unsigned vcpu)
{
	guest_emit((struct world_event){.kind = WORLD_EVENT_ENTER,
	                                .context = context,
	                                .entry = entry,
	                                .vm = vm,
	                                .vcpu = vcpu});
}

void guest_leaves(unsigned context, enum shim_entry entry, unsigned vm, int64_t result)
{
	guest_emit((struct world_event){.kind = WORLD_EVENT_LEAVE,
	                                .context = context,
	                                .entry = entry,
	                                .vm = vm,
	                                .result = result});
}

void guest_calls(unsigned context, unsigned vm, struct ffa_regs regs)
{
	guest_emit((struct world_event){.kind = WORLD_EVENT_ENTER,
	                                .context = context,
	                                .entry = SHIM_ENTRY_GUEST_CALL,
	                                .vm = vm,
	                                .regs = &regs});
}

void guest_returns(unsigned context, unsigned vm, struct ffa_regs regs)
{
	guest_emit((struct world_event){.kind = WORLD_EVENT_LEAVE,
	                                .context = context,
	                                .entry = SHIM_ENTRY_GUEST_CALL,
	                                .vm = vm,
	                                .regs = &regs});
}

void guest_does(unsigned vm, struct ffa_regs regs, struct ffa_regs answer)
{
	guest_calls(vm, vm, regs);
	guest_returns(vm, vm, answer);
}

void guest_injects(unsigned context, unsigned vm, unsigned vcpu, enum shim_inject result)
{
	guest_emit((struct world_event){.kind = WORLD_EVENT_INJECT,
	                                .context = context,
	                                .vm = vm,
	                                .vcpu = vcpu,
	                                .arg = {8, result},
	                                .result = result});
}

void guest_hears(unsigned context, struct ffa_regs regs)
{
	guest_emit((struct world_event){.kind = WORLD_EVENT_SMC_DONE,
	                                .context = context,
	                                .vm = WORLD_NO_VM,
	                                .regs = &regs});
}

void guest_is_created(unsigned vm)
{
	guest_enters(MACHINE, SHIM_ENTRY_VM_CREATE, vm, 0);
	guest_leaves(MACHINE, SHIM_ENTRY_VM_CREATE, vm, FFA_OK);
	for (unsigned i = 0; i < guest_run.scenario->machine.vms[vm].vcpus; i++)
		world.state.vms[vm].vcpus[i].online = true;
}

void guest_destroy_begins(unsigned vm)
{
	memset(world.state.vms[vm].vcpus, 0, sizeof world.state.vms[vm].vcpus);
	guest_enters(MACHINE, SHIM_ENTRY_VM_DESTROY, vm, 0);
}

void guest_destroy_ends(unsigned vm)
{
	guest_leaves(MACHINE, SHIM_ENTRY_VM_DESTROY, vm, 0);
}

void guest_goes_off(unsigned vm, unsigned vcpu)
{
	world.state.vms[vm].vcpus[vcpu].online = false;
	guest_emit((struct world_event){.kind = WORLD_EVENT_VCPU_OFF, .vm = vm, .vcpu = vcpu});
	guest_enters(MACHINE, SHIM_ENTRY_VCPU_OFF, vm, vcpu);
}

void guest_is_off(unsigned vm)
{
	guest_leaves(MACHINE, SHIM_ENTRY_VCPU_OFF, vm, 0);
}

void guest_goes_on(unsigned vm, unsigned vcpu)
{
	world.state.vms[vm].vcpus[vcpu].online = true;
	guest_enters(MACHINE, SHIM_ENTRY_VCPU_ON, vm, vcpu);
}

void guest_is_on(unsigned vm)
{
	guest_leaves(MACHINE, SHIM_ENTRY_VCPU_ON, vm, 0);
}

void guest_speaks(unsigned vm, uint32_t version)
{
	guest_does(vm, VERSION(version), REGS(FFA_VERSION_1_2));
	guest_does(vm, REGS(FFA_ID_GET_32), REGS(FFA_SUCCESS_32, 0, vm + 1));
}

void guest_bound(const char *profile)
{
	guest_opened(profile);
	for (unsigned i = VM1; i <= VM3; i++) {
		guest_is_created(i);
		guest_speaks(i, FFA_VERSION_1_2);
	}
	guest_does(VM1, BIND(2, 1, 0xfull), GOOD);
	guest_does(VM1, BIND(3, 1, 0xf0ull), GOOD);
}

void guest_sets_first(uint64_t bits)
{
	guest_calls(VM2, VM2, SET(2, 1, bits));
	guest_injects(VM2, VM1, 0, SHIM_INJECT_ACCEPTED);
	guest_returns(VM2, VM2, GOOD);
}

void guest_bound_with_sps(void)
{
	guest_opened(PROFILE);
	guest_run.state.oracles.model.conduit.firmware.sp_notifications = true;
	guest_is_created(VM1);
	guest_is_created(VM2);
	guest_speaks(VM1, FFA_VERSION_1_2);
	guest_speaks(VM2, FFA_VERSION_1_2);
	guest_does(VM1, BIND(2, 1, 1ull), GOOD);
}
