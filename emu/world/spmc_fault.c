/* SPDX-License-Identifier: MIT */
#include "emu/world/spmc_fault.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "emu/world/spmc_internal.h"

static bool carries(const struct world_fault_bits *bits, const struct ffa_regs *regs)
{
	for (unsigned i = 0; i < FFA_REG_COUNT; i++)
		if ((regs->x[i] & bits->mask.x[i]) != bits->value.x[i])
			return false;
	return true;
}

static bool fits(const struct world *world, const struct world_fault *fault,
                 const struct ffa_regs *in)
{
	uint32_t fid = (uint32_t)in->x[0];

	if (fault->fids[0] && fid != fault->fids[0] && fid != fault->fids[1])
		return false;
	return fault->phases >> world->state.phase & 1 && carries(&fault->with, in);
}

const struct world_fault *world_spmc_fault(struct world *world, const struct ffa_regs *in)
{
	const struct world_spmc_config *config = &world->config.spmc;

	for (unsigned i = 0; i < config->fault_count; i++) {
		const struct world_fault *fault = &config->faults[i];
		uint16_t *met = &world->state.spmc.fault_met[i];
		bool takes = *met >= fault->after;

		if (!fits(world, fault, in) ||
		    (fault->times && *met == fault->after + fault->times))
			continue;
		/* one that lasts for ever has nothing to count */
		if (!takes || fault->times)
			++*met;
		if (takes)
			return fault;
	}
	return NULL;
}

static void put(const struct world_fault_bits *bits, struct ffa_regs *regs)
{
	for (unsigned i = 0; i < FFA_REG_COUNT; i++)
		regs->x[i] = (regs->x[i] & ~bits->mask.x[i]) | bits->value.x[i];
}

/* The function id of a success of this call. */
static uint32_t success_id(uint32_t fid)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);

	return call && call->success == FFA_SUCCESS_AS_CALL && ffa_fid_is_64bit(fid)
	               ? FFA_SUCCESS_64
	               : FFA_SUCCESS_32;
}

void world_fault_answer(const struct world *world, const struct world_fault *fault, uint32_t fid,
                        struct ffa_regs *ret_answer)
{
	bool is_version = fid == FFA_VERSION_32;

	*ret_answer = (struct ffa_regs){0};
	if (fault->status == FFA_OK) {
		ret_answer->x[0] = is_version ? world->config.spmc.version : success_id(fid);
	} else if (is_version) {
		ret_answer->x[0] = (uint32_t)FFA_NOT_SUPPORTED;
	} else {
		ret_answer->x[0] = FFA_ERROR_32;
		ret_answer->x[2] = (uint32_t)fault->status;
	}
	put(&fault->answer, ret_answer);
}

void world_fault_change(const struct world_fault *fault, struct ffa_regs *answer)
{
	if (fault->kind == WORLD_FAULT_CHANGE)
		put(&fault->answer, answer);
}

void world_fault_knobs(const struct world *world, const struct world_fault *fault,
                       uint8_t *ret_knobs)
{
	memcpy(ret_knobs, world->config.spmc.knobs, WORLD_KNOB_COUNT);
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		if (fault->knobs[i] != WORLD_KNOB_KEPT)
			ret_knobs[i] = fault->knobs[i];
}
