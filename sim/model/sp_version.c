/* SPDX-License-Identifier: MIT */
#include "sim/model/sp_version.h"

#include "sim/model/firmware.h"
#include "sim/run.h"

#define OWN_VERSION FFA_VERSION_1_2
#define REFUSED     UINT32_MAX

static enum sim_model_answer answer(const struct sim_run *run, const struct sim_model_vm *vm,
                                    bool certain)
{
	if (!sim_model_notifications(run) || vm->version == SIM_MODEL_NO_VERSION)
		return SIM_MODEL_NO;
	if (vm->version == SIM_MODEL_UNSURE)
		return SIM_MODEL_MAYBE;
	if (!vm->notified)
		return SIM_MODEL_NO;
	return certain ? SIM_MODEL_YES : SIM_MODEL_MAYBE;
}

enum sim_model_answer sim_model_caller_notified(const struct sim_run *run,
                                                const struct sim_model_vm *vm)
{
	return answer(run, vm, true);
}

enum sim_model_answer sim_model_seen_notified(const struct sim_run *run,
                                              const struct sim_model_vm *vm)
{
	if (vm->version == SIM_MODEL_OFFERED)
		return SIM_MODEL_NO;
	return answer(run, vm, vm->version == SIM_MODEL_FROZEN);
}

static bool is_open(const struct sim_model_vm *vm)
{
	return vm->version == SIM_MODEL_NO_VERSION || vm->version == SIM_MODEL_OFFERED;
}

static void begin_call(struct sim_model_vm *vm, bool is_version)
{
	if (is_version)
		vm->asking++;
	else
		vm->calling++;
	if (!is_open(vm))
		return;
	if (vm->asking && vm->asking + vm->calling > 1)
		vm->version = SIM_MODEL_UNSURE;
	else if (!is_version && vm->version == SIM_MODEL_OFFERED)
		vm->version = SIM_MODEL_FREEZING;
}

static void end_version(struct sim_model_vm *vm, uint32_t asked, uint32_t answered)
{
	vm->asking--;
	if (!is_open(vm) || answered == REFUSED || asked >> 16 != OWN_VERSION >> 16)
		return;
	vm->version = SIM_MODEL_OFFERED;
	vm->notified = asked >= FFA_VERSION_1_1;
}

static void end_other(struct sim_model_vm *vm)
{
	vm->calling--;
	if (vm->version == SIM_MODEL_FREEZING)
		vm->version = SIM_MODEL_FROZEN;
}

void sim_model_follow_version(struct sim_model_scene *scene, const struct world_event *event)
{
	unsigned index = sim_model_vm_of_index(scene->run, event->vm);
	const struct shim_slot *slot = shim_slot(&scene->run->world->link->map, event->context);
	bool is_version;
	struct sim_model_vm *vm;

	if (event->entry != SHIM_ENTRY_GUEST_CALL || index == SIM_MODEL_NO_VM)
		return;
	vm = &scene->conduit->vms[index];
	is_version = (uint32_t)slot->entry_arg[2] == FFA_VERSION_32;
	if (event->kind == WORLD_EVENT_ENTER)
		begin_call(vm, is_version);
	else if (is_version)
		end_version(vm, scene->talk->arg[1], (uint32_t)event->regs->x[0]);
	else
		end_other(vm);
}
