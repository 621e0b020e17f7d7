/* SPDX-License-Identifier: MIT */
/*
 * Direct requests of the normal world to SPs, and FFA_RUN: the checks, in the
 * order of facts spmc.md sections 1.4.2 and 1.6, with spmc-differences.md rows
 * D20, D21 and D29. What the SP makes of a request
 * is in sp.c.
 */
#include <string.h>

#include "emu/world/spmc_internal.h"

#define FRAMEWORK_MBZ            0x7fffff00u
#define TEE_ERROR_ITEM_NOT_FOUND 0xffff0008u

static bool is_own(const struct world *world, int sp)
{
	return sp >= 0 && world_is_own_partition(world, (unsigned)sp);
}

/* VM_CREATED and VM_DESTROYED reach who has subscribed. */
static enum ffa_status check_subscription(const struct world *world, const struct ffa_regs *in)
{
	uint16_t sender = ffa_high_half(in->x[1]);
	int sp = world_find_sp(world, ffa_low_half(in->x[1]));
	uint32_t wanted = (in->x[2] & WORLD_FUNCTION) == WORLD_FN_VM_CREATED
	                          ? WORLD_SP_VM_CREATED
	                          : WORLD_SP_VM_DESTROYED;

	/* without guests there is nothing to announce */
	if (is_own(world, sp) && world_knob(world, WORLD_KNOB_BITMAP_VMS) == WORLD_BITMAP_VMS_HOST)
		return FFA_NOT_SUPPORTED;
	if (world_knob(world, WORLD_KNOB_FRAMEWORK_SENDER) == WORLD_FRAMEWORK_SENDER_HYPERVISOR &&
	    sender != FFA_ID_HYPERVISOR && !is_own(world, sp))
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

	if (flags & FRAMEWORK_MBZ &&
	    world_knob(world, WORLD_KNOB_FRAMEWORK_RESERVED) == WORLD_FRAMEWORK_RESERVED_INVALID)
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
	if (is_own(world, world_find_sp(world, ffa_low_half(in->x[1]))))
		return FFA_OK;
	return flags ? FFA_INVALID_PARAMETERS : FFA_OK;
}

/* The protocol of a REQ2 is one that the SP speaks, or none. */
static bool speaks(const struct world_sp *sp, const struct ffa_regs *in, uint32_t properties)
{
	const uint32_t uuid[4] = {(uint32_t)in->x[2], (uint32_t)(in->x[2] >> 32),
	                          (uint32_t)in->x[3], (uint32_t)(in->x[3] >> 32)};

	return world_sp_speaks(sp, uuid, properties);
}

static enum ffa_status check_method(const struct world *world, unsigned index,
                                    const struct ffa_regs *in)
{
	const struct world_sp *sp = &world->config.sps[index];
	bool is_req2 = (uint32_t)in->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64;

	if (is_req2 && !speaks(sp, in, 0))
		return FFA_INVALID_PARAMETERS;
	if (!is_req2 && world_is_own_partition(world, index))
		return FFA_OK;
	if (is_req2 ? speaks(sp, in, WORLD_SP_RECEIVES2) : world_sp_has(sp, WORLD_SP_RECEIVES))
		return FFA_OK;
	return world_knob(world, WORLD_KNOB_DIRECT_METHOD) == WORLD_DIRECT_METHOD_NOT_SUPPORTED
	               ? FFA_NOT_SUPPORTED
	               : FFA_DENIED;
}

/* With guests, OP-TEE takes messages of those alone that were announced. */
static bool is_known_guest(struct world *world, const struct ffa_regs *in)
{
	bool is_message =
	        (uint32_t)in->x[0] != FFA_MSG_SEND_DIRECT_REQ2_64 && !(in->x[2] & WORLD_FRAMEWORK);

	return !is_message ||
	       world_knob(world, WORLD_KNOB_BITMAP_VMS) != WORLD_BITMAP_VMS_ANNOUNCED ||
	       world_find_bitmap(world, ffa_high_half(in->x[1]));
}

/* The response of a TEE that cannot find the guest. */
static void refuse_guest(const struct ffa_regs *in, struct ffa_regs *out)
{
	bool is_64bit = ffa_fid_is_64bit((uint32_t)in->x[0]);

	*out = (struct ffa_regs){
	        {is_64bit ? FFA_MSG_SEND_DIRECT_RESP_64 : FFA_MSG_SEND_DIRECT_RESP_32,
	         ffa_pair(ffa_low_half(in->x[1]), ffa_high_half(in->x[1])), 0,
	         TEE_ERROR_ITEM_NOT_FOUND}};
}

enum ffa_status world_direct_request(struct world *world, const struct ffa_regs *in,
                                     struct ffa_regs *out)
{
	int sp = world_find_sp(world, ffa_low_half(in->x[1]));
	enum ffa_status status = check_flags(world, in);
	struct world_sp_context context;

	if (status != FFA_OK)
		return status;
	if (ffa_high_half(in->x[1]) & FFA_ID_SECURE_BIT || sp < 0)
		return FFA_INVALID_PARAMETERS;
	status = check_method(world, (unsigned)sp, in);
	if (status != FFA_OK)
		return status;
	if (is_own(world, sp) && !is_known_guest(world, in)) {
		refuse_guest(in, out);
		return FFA_OK;
	}
	context = world_sp_context(world, (unsigned)sp);
	if (world_sp_open(world, context))
		return FFA_BUSY;
	world_sp_request(world, context, in, out);
	return FFA_OK;
}

bool world_run_is_refused(const struct world *world, const struct ffa_regs *in)
{
	uint64_t any = 0;

	for (unsigned i = 8; i < FFA_REG_COUNT; i++)
		any |= in->x[i];
	return (uint32_t)in->x[0] == FFA_RUN_32 && any &&
	       world->state.spmc.version >= FFA_VERSION_1_2 &&
	       world_knob(world, WORLD_KNOB_RUN_EXTENDED) == WORLD_RUN_EXTENDED_NOT_SUPPORTED;
}

/* The normal world itself is no SP; Hafnium looks at the CPU first, as with an SP. */
static enum ffa_status run_nobody(const struct world *world, uint32_t target)
{
	bool denied = world_knob(world, WORLD_KNOB_RUN_HOST) == WORLD_RUN_HOST_DENIED &&
	              ffa_high_half(target) == FFA_ID_HYPERVISOR &&
	              ffa_low_half(target) == world->cpu;

	return denied ? FFA_DENIED : FFA_INVALID_PARAMETERS;
}

/* An SP that gets cycles without a request fetches what is pending for it and waits again. */
static enum ffa_status run_waiting(struct world *world, unsigned sp, struct ffa_regs *out)
{
	if (world_knob(world, WORLD_KNOB_RUN_WAITING) == WORLD_RUN_WAITING_INVALID)
		return FFA_INVALID_PARAMETERS;
	world_sp_fetch(world, sp);
	out->x[0] = FFA_MSG_WAIT_32;
	return FFA_OK;
}

static void resume(struct world *world, struct world_sp_context context, struct world_request *open,
                   struct ffa_regs *out)
{
	struct ffa_regs request = {{open->fid,
	                            ffa_pair(open->sender, world->config.sps[context.sp].id.v),
	                            open->flags}};

	memcpy(&request.x[3], open->payload, sizeof open->payload);
	memset(open, 0, sizeof *open);
	world_sp_request(world, context, &request, out);
}

enum ffa_status world_run(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	uint32_t target = (uint32_t)in->x[1];
	int sp = world_find_sp(world, ffa_high_half(target));
	struct world_sp_context context;
	struct world_request *open;

	if (world_run_is_refused(world, in))
		return FFA_NOT_SUPPORTED;
	if (sp < 0)
		return run_nobody(world, target);
	context = (struct world_sp_context){(unsigned)sp, ffa_low_half(target)};
	if (!world_sp_may_run(world, context))
		return FFA_INVALID_PARAMETERS;
	open = world_sp_open(world, context);
	if (!open)
		return run_waiting(world, context.sp, out);
	resume(world, context, open, out);
	return FFA_OK;
}
