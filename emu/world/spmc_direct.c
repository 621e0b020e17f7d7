/* SPDX-License-Identifier: MIT */
/*
 * Direct requests of the normal world to SPs, and FFA_RUN: the checks, in the
 * order of facts spmc.md sections 1.4.2 and 1.6. What the SP makes of a request
 * is in sp.c.
 */
#include <string.h>

#include "emu/world/spmc_internal.h"

#define FRAMEWORK_MBZ 0x7fffff00u

/* VM_CREATED and VM_DESTROYED reach who has subscribed. */
static enum ffa_status check_subscription(const struct world *world, const struct ffa_regs *in)
{
	uint16_t sender = ffa_high_half(in->x[1]);
	int sp = world_find_sp(world, ffa_low_half(in->x[1]));
	uint32_t wanted = (in->x[2] & WORLD_FUNCTION) == WORLD_FN_VM_CREATED
	                          ? WORLD_SP_VM_CREATED
	                          : WORLD_SP_VM_DESTROYED;

	/* without guests there is nothing to announce */
	if (sp >= 0 && world_is_own_partition(world, (unsigned)sp) &&
	    world_knob(world, WORLD_KNOB_BITMAP_VMS) == WORLD_BITMAP_VMS_HOST)
		return FFA_NOT_SUPPORTED;
	if (world_knob(world, WORLD_KNOB_FRAMEWORK_SENDER) == WORLD_FRAMEWORK_SENDER_HYPERVISOR &&
	    sender != FFA_ID_HYPERVISOR)
		return FFA_INVALID_PARAMETERS;
	if (sp < 0)
		return FFA_INVALID_PARAMETERS;
	if (world_knob(world, WORLD_KNOB_FRAMEWORK_SUBSCRIPTION) ==
	    WORLD_FRAMEWORK_SUBSCRIPTION_IGNORED)
		return FFA_OK;
	return world_sp_has(&world->config.sps[sp], wanted) ? FFA_OK : FFA_INVALID_PARAMETERS;
}

static enum ffa_status check_framework(const struct world *world, const struct ffa_regs *in)
{
	uint32_t flags = (uint32_t)in->x[2], function = flags & WORLD_FUNCTION;

	if (flags & FRAMEWORK_MBZ)
		return FFA_INVALID_PARAMETERS;
	if (function == WORLD_FN_VM_CREATED || function == WORLD_FN_VM_DESTROYED)
		return check_subscription(world, in);
	switch (world_knob(world, WORLD_KNOB_FRAMEWORK_UNKNOWN)) {
	case WORLD_FRAMEWORK_UNKNOWN_NOT_SUPPORTED:
		return FFA_NOT_SUPPORTED;
	case WORLD_FRAMEWORK_UNKNOWN_FORWARDED:
		return FFA_OK;
	default:
		return FFA_INVALID_PARAMETERS;
	}
}

static enum ffa_status check_flags(const struct world *world, const struct ffa_regs *in)
{
	uint32_t flags = (uint32_t)in->x[2];

	if ((uint32_t)in->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64)
		return FFA_OK;
	if (flags & WORLD_FRAMEWORK)
		return check_framework(world, in);
	return flags ? FFA_INVALID_PARAMETERS : FFA_OK;
}

/* The protocol of a REQ2 is one that the SP speaks, or none. */
static bool speaks(const struct world_sp *sp, const struct ffa_regs *in, uint32_t properties)
{
	const uint32_t uuid[4] = {(uint32_t)in->x[2], (uint32_t)(in->x[2] >> 32),
	                          (uint32_t)in->x[3], (uint32_t)(in->x[3] >> 32)};

	return world_sp_speaks(sp, uuid, properties);
}

static enum ffa_status check_method(const struct world *world, const struct world_sp *sp,
                                    const struct ffa_regs *in)
{
	bool is_req2 = (uint32_t)in->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64;

	if (is_req2 && !speaks(sp, in, 0))
		return FFA_INVALID_PARAMETERS;
	if (is_req2 ? speaks(sp, in, WORLD_SP_RECEIVES2) : world_sp_has(sp, WORLD_SP_RECEIVES))
		return FFA_OK;
	return world_knob(world, WORLD_KNOB_DIRECT_METHOD) == WORLD_DIRECT_METHOD_NOT_SUPPORTED
	               ? FFA_NOT_SUPPORTED
	               : FFA_DENIED;
}

enum ffa_status world_direct_request(struct world *world, const struct ffa_regs *in,
                                     struct ffa_regs *out)
{
	int sp = world_find_sp(world, ffa_low_half(in->x[1]));
	enum ffa_status status = check_flags(world, in);

	if (status != FFA_OK)
		return status;
	if (ffa_high_half(in->x[1]) & FFA_ID_SECURE_BIT || sp < 0)
		return FFA_INVALID_PARAMETERS;
	status = check_method(world, &world->config.sps[sp], in);
	if (status != FFA_OK)
		return status;
	if (world_sp_open(world, (unsigned)sp))
		return FFA_BUSY;
	world_sp_request(world, (unsigned)sp, in, out);
	return FFA_OK;
}

/* An SP that gets cycles without a request fetches what is pending for it and waits again. */
enum ffa_status world_run(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	int sp = world_find_sp(world, ffa_high_half(in->x[1]));
	struct world_request *open;
	struct ffa_regs request = {{0}};

	if (sp < 0 || ffa_low_half(in->x[1]) >= world->config.sps[sp].contexts)
		return FFA_INVALID_PARAMETERS;
	open = world_sp_open(world, (unsigned)sp);
	if (!open) {
		if (world_knob(world, WORLD_KNOB_RUN_WAITING) == WORLD_RUN_WAITING_INVALID)
			return FFA_INVALID_PARAMETERS;
		world_sp_fetch(world, (unsigned)sp);
		out->x[0] = FFA_MSG_WAIT_32;
		return FFA_OK;
	}
	request.x[0] = open->fid;
	request.x[1] = ffa_pair(open->sender, world->config.sps[sp].id.v);
	request.x[2] = open->flags;
	memcpy(&request.x[3], open->payload, sizeof open->payload);
	open->sp = 0;
	world_sp_request(world, (unsigned)sp, &request, out);
	return FFA_OK;
}
