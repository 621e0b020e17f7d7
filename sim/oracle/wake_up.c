/* SPDX-License-Identifier: MIT */
/* A VM with something pending and a vCPU to take it has been told. */
#include "sim/oracle/registry.h"
#include "sim/run.h"

static bool has_online(const struct world_vm *vm)
{
	for (unsigned i = 0; i < WORLD_MAX_VCPUS; i++)
		if (vm->vcpus[i].online)
			return true;
	return false;
}

static bool was_notified(const struct world_vm *vm)
{
	for (unsigned i = 0; i < WORLD_MAX_VCPUS; i++)
		if (vm->vcpus[i].online && vm->vcpus[i].notified)
			return true;
	return false;
}

static void check_rest(struct sim_run *run)
{
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++) {
		const struct world_vm *vm = &run->world->state.vms[i];
		uint64_t pending;

		if (!has_online(vm) || was_notified(vm) ||
		    !world_probe_pending(run->world, i, &pending) || !pending)
			continue;
		sim_run_oracle(run, SIM_ORACLE_WAKE_UP, SIM_VERDICT_FAIL,
		               "%s has 0x%" G_GINT64_MODIFIER
		               "x pending and a vCPU on line, but none "
		               "accepted an NPI since a GET last left nothing pending",
		               run->scenario->machine.vms[i].name, pending);
	}
}

const struct sim_oracle sim_oracle_wake_up = {
        .name = "wake-up",
        .says = "at rest, something pending and a vCPU on line implies a notification pending "
                "interrupt accepted after the last GET that left nothing pending",
        .needs = "FFA_NOTIFICATION_GET answers; the question is asked on a copy of the state",
        .source = "facts hypervisor-mediator.md section 4.2, R4, R6 and R7",
        .explanation =
                "A guest sleeps until its NPI. If a bit is pending, a vCPU could take the interrupt\n"
                "and none was accepted that is still good, nobody will ever look. An NPI is spent by\n"
                "a GET that leaves nothing pending, and lost when its vCPU goes off line; one that an\n"
                "off-line vCPU dropped was never there, whatever the service said.\n",
        .level = SIM_ORACLE_ERROR,
        .rest = check_rest,
};
