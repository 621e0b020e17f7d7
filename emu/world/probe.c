/* SPDX-License-Identifier: MIT */
/* Questions about the mediator, asked through the ABI on a copy of the state that is thrown away.
 */
#include "emu/world/internal.h"

static bool run_probe(struct world *world)
{
	for (unsigned i = 0; i < WORLD_PROBE_STOPS; i++) {
		enum world_stop stop = world_resume(world, WORLD_PROBE_CONTEXT, 0);

		if (stop == WORLD_STOP_DONE)
			return true;
		if (stop != WORLD_STOP_POINT)
			return false;
	}
	world->probe_cut = true;
	return false;
}

static bool get_pending(struct world *world, uint32_t vm, uint64_t *ret_bitmap)
{
	struct ffa_regs regs = {{FFA_NOTIFICATION_GET_32, world->config.vms[vm].id.v,
	                         FFA_NOTIFICATION_GET_VM | FFA_NOTIFICATION_GET_HYP}};

	world_start_call(world, WORLD_PROBE_CONTEXT, vm, 0, &regs);
	if (!run_probe(world))
		return false;
	world_collect(world, WORLD_PROBE_CONTEXT, &regs);
	if ((uint32_t)regs.x[0] != FFA_SUCCESS_32)
		return false;
	*ret_bitmap = ffa_join(regs.x[4], regs.x[5]);
	return true;
}

static bool get_npi(struct world *world, uint32_t vm, uint64_t *ret_intid)
{
	struct ffa_regs regs = {{FFA_FEATURES_32, FFA_FEATURE_NPI}};

	world_start_call(world, WORLD_PROBE_CONTEXT, vm, 0, &regs);
	if (!run_probe(world))
		return false;
	world_collect(world, WORLD_PROBE_CONTEXT, &regs);
	*ret_intid = (uint32_t)regs.x[2];
	return (uint32_t)regs.x[0] == FFA_SUCCESS_32;
}

static bool probe(struct world *world, uint32_t vm,
                  bool (*ask)(struct world *world, uint32_t vm, uint64_t *ret_value),
                  uint64_t *ret_value)
{
	bool was_quiet = world->quiet, answered;

	world->probe_cut = false;
	if (world->state.vms[vm].state != WORLD_VM_LIVE)
		return false;
	world_save(world, world->scratch);
	world->quiet = true;
	answered = ask(world, vm, ret_value);
	world->quiet = was_quiet;
	shim_slot(&world->link->map, WORLD_PROBE_CONTEXT)->state = SHIM_SLOT_IDLE;
	world_load(world, world->scratch);
	return answered;
}

bool world_probe_pending(struct world *world, uint32_t vm, uint64_t *ret_bitmap)
{
	return probe(world, vm, get_pending, ret_bitmap);
}

bool world_probe_npi(struct world *world, uint32_t vm, uint64_t *ret_intid)
{
	return probe(world, vm, get_npi, ret_intid);
}
