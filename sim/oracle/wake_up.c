/* SPDX-License-Identifier: MIT */
/*
 * A VM with something pending and a vCPU to take it has been told.
 *
 * The world forgets an NPI when a GET leaves nothing pending. That is not
 * enough: a bit that is set while a GET is under way, after it took its bits,
 * is pending when it returns, and the NPI from before the GET announced others.
 * So a GET of the VM's bits also spends what was accepted before it began.
 */
#include "sim/oracle/registry.h"
#include "sim/run.h"

static void on_inject(struct sim_wake_state *own, const struct world_event *event)
{
	struct sim_wake_vm *vm = &own->vms[event->vm];

	if (event->arg[1] != SHIM_INJECT_ACCEPTED)
		return;
	vm->accepted[event->vcpu] = ++vm->count;
	vm->intids |= 1ull << event->arg[0];
}

static void on_enter(struct sim_wake_state *own, const struct world_event *event)
{
	const struct ffa_regs *regs = event->regs;
	struct sim_wake_get *get = &own->gets[event->context];

	*get = (struct sim_wake_get){0};
	if ((uint32_t)regs->x[0] != FFA_NOTIFICATION_GET_32 ||
	    !(regs->x[2] & FFA_NOTIFICATION_GET_VM))
		return;
	get->under_way = true;
	get->before = own->vms[event->vm].count;
}

static void on_leave(struct sim_wake_state *own, const struct world_event *event)
{
	struct sim_wake_vm *vm = &own->vms[event->vm];
	struct sim_wake_get *get = &own->gets[event->context];

	if (!get->under_way || (uint32_t)event->regs->x[0] != FFA_SUCCESS_32)
		return;
	for (unsigned i = 0; i < WORLD_MAX_VCPUS; i++)
		if (vm->accepted[i] <= get->before)
			vm->accepted[i] = 0;
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	struct sim_wake_state *own = &run->state.oracles.wake;

	if (event->vm == WORLD_NO_VM)
		return;
	if (event->kind == WORLD_EVENT_INJECT)
		on_inject(own, event);
	else if (event->kind == WORLD_EVENT_VM_GONE)
		own->vms[event->vm] = (struct sim_wake_vm){0};
	else if (event->entry != SHIM_ENTRY_GUEST_CALL)
		return;
	else if (event->kind == WORLD_EVENT_ENTER)
		on_enter(own, event);
	else if (event->kind == WORLD_EVENT_LEAVE)
		on_leave(own, event);
}

static bool has_online(const struct world_vm *vm)
{
	for (unsigned i = 0; i < WORLD_MAX_VCPUS; i++)
		if (vm->vcpus[i].online)
			return true;
	return false;
}

static bool was_notified(const struct world_vm *vm, const struct sim_wake_vm *own)
{
	for (unsigned i = 0; i < WORLD_MAX_VCPUS; i++)
		if (vm->vcpus[i].online && vm->vcpus[i].notified && own->accepted[i])
			return true;
	return false;
}

static void note_cut(struct sim_run *run)
{
	if (run->world->probe_cut)
		sim_run_unjudged(run, SIM_LIMIT_PROBE_STOPS);
}

/* A VM waits for the interrupt that it was told; another one does not wake it. */
static void check_interrupt(struct sim_run *run, unsigned vm)
{
	uint64_t accepted = run->state.oracles.wake.vms[vm].intids, npi;
	bool answered = accepted && world_probe_npi(run->world, vm, &npi);

	if (accepted && !answered)
		note_cut(run);
	if (!answered || npi >= WORLD_MAX_INTIDS)
		return;
	accepted &= ~(1ull << npi);
	if (accepted)
		sim_run_oracle(run, SIM_ORACLE_WAKE_UP, SIM_VERDICT_FAIL,
		               "%s was given interrupt %u, and its NPI is %u by FFA_FEATURES",
		               run->scenario->machine.vms[vm].name,
		               (unsigned)__builtin_ctzll(accepted), (unsigned)npi);
}

static void check_rest(struct sim_run *run)
{
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++) {
		const struct world_vm *vm = &run->world->state.vms[i];
		uint64_t pending;

		check_interrupt(run, i);
		if (!has_online(vm) || was_notified(vm, &run->state.oracles.wake.vms[i]))
			continue;
		if (!world_probe_pending(run->world, i, &pending)) {
			note_cut(run);
			continue;
		}
		if (!pending)
			continue;
		sim_run_oracle(run, SIM_ORACLE_WAKE_UP, SIM_VERDICT_FAIL,
		               "%s has 0x%" G_GINT64_MODIFIER
		               "x pending and a vCPU on line, but none "
		               "accepted an NPI that a GET has not spent since",
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
                "a GET that leaves nothing pending, and by one that asks for the VM's bits and began\n"
                "after it: what is pending then was set later. It is lost when its vCPU goes off\n"
                "line; one that an off-line vCPU dropped was never there, whatever the service said.\n"
                "An interrupt that FFA_FEATURES does not tell the VM as its NPI wakes nobody.\n",
        .level = SIM_ORACLE_ERROR,
        .event = check_event,
        .rest = check_rest,
};
