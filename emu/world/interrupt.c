/* SPDX-License-Identifier: MIT */
/*
 * Virtual interrupts: an injection at a vCPU that is off line is dropped
 * without a word, one at a vCPU that has the interrupt pending already is
 * merged (facts hypervisor-mediator.md section 2.2, interrupts).
 *
 * `notified` is what the wake-up oracle needs: the vCPU accepted an NPI that no
 * GET has made pointless. Whether a GET left anything pending is asked through
 * the ABI on a copy of the state; while a lock is held the question waits.
 */
#include "emu/world/internal.h"

static enum shim_inject deliver(struct world *world, uint32_t vm, uint64_t vcpu, uint64_t intid)
{
	struct world_vm *target;
	struct world_vcpu *receiver;

	if (vm == WORLD_NO_VM || vcpu >= world->config.vms[vm].vcpus || intid >= WORLD_MAX_INTIDS)
		return SHIM_INJECT_DROPPED;
	target = &world->state.vms[vm];
	receiver = &target->vcpus[vcpu];
	if (!receiver->online)
		return SHIM_INJECT_DROPPED;
	receiver->inflight |= 1ull << intid;
	receiver->notified = true;
	target->npi_count++;
	return SHIM_INJECT_ACCEPTED;
}

void world_serve_inject(struct world *world, uint32_t context)
{
	struct shim_slot *slot = shim_slot(&world->link->map, context);
	uint32_t vm = world_find_vm(world, slot->arg[0]);
	enum shim_inject result = deliver(world, vm, slot->arg[1], slot->arg[2]);
	struct world_event event = {.kind = WORLD_EVENT_INJECT,
	                            .context = context,
	                            .vm = vm,
	                            .vcpu = (uint32_t)slot->arg[1],
	                            .arg = {slot->arg[2], result}};

	slot->result = world->config.silent_injection ? SHIM_INJECT_UNKNOWN : result;
	event.result = (int64_t)slot->result;
	world_emit(world, &event);
}

void world_serve_online(struct world *world, uint32_t context)
{
	struct shim_slot *slot = shim_slot(&world->link->map, context);
	uint32_t vm = world_find_vm(world, slot->arg[0]);
	struct world_event event = {.kind = WORLD_EVENT_ONLINE,
	                            .context = context,
	                            .vm = vm,
	                            .vcpu = (uint32_t)slot->arg[1]};

	slot->result = vm != WORLD_NO_VM && slot->arg[1] < world->config.vms[vm].vcpus &&
	               world->state.vms[vm].vcpus[slot->arg[1]].online;
	event.result = (int64_t)slot->result;
	world_emit(world, &event);
}

void world_vcpu_went_off(struct world *world, uint32_t vm, uint32_t vcpu)
{
	world->state.vms[vm].vcpus[vcpu] = (struct world_vcpu){0};
}

bool world_interrupt_pending(const struct world *world, uint32_t vm, uint32_t vcpu, uint32_t intid)
{
	uint64_t inflight = world->state.vms[vm].vcpus[vcpu].inflight;

	return intid ? inflight >> intid & 1 : inflight != 0;
}

uint32_t world_take_interrupt(struct world *world, uint32_t vm, uint32_t vcpu, uint32_t intid)
{
	struct world_vcpu *target = &world->state.vms[vm].vcpus[vcpu];
	struct world_event event = {.kind = WORLD_EVENT_TAKE, .vm = vm, .vcpu = vcpu};

	if (!world_interrupt_pending(world, vm, vcpu, intid))
		return 0;
	if (!intid)
		intid = (uint32_t)__builtin_ctzll(target->inflight);
	target->inflight &= ~(1ull << intid);
	event.arg[0] = intid;
	world_emit(world, &event);
	return intid;
}

static void forget_notifications(struct world_vm *vm)
{
	for (unsigned i = 0; i < WORLD_MAX_VCPUS; i++)
		vm->vcpus[i].notified = false;
}

void world_note_get(struct world *world, uint32_t vm)
{
	if (world->quiet)
		return;
	world->state.vms[vm].probe_due = true;
}

void world_settle(struct world *world)
{
	for (uint32_t i = 0; i < world->config.vm_count; i++) {
		struct world_vm *vm = &world->state.vms[i];
		uint64_t pending;

		if (!vm->probe_due || !world_probe_pending(world, i, &pending))
			continue;
		vm->probe_due = false;
		if (!pending)
			forget_notifications(vm);
	}
}
