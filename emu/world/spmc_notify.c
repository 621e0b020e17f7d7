/* SPDX-License-Identifier: MIT */
/*
 * Notifications at the SPMC: BIND, UNBIND, SET, GET. The normal world receives from SPs, SPs
 * receive from the normal world. Facts spmc.md sections 1.8 and 2, host-proxy.md section 2.4; the
 * checks of each call stand in the order of those tables.
 */
#include <string.h>

#include "emu/world/spmc_internal.h"

#define BIND_RESERVED ~(uint32_t)FFA_NOTIFICATION_FLAG_PER_VCPU
#define FIRST_LOGICAL 0xffc0u /* ids of the logical partitions of the SPMD */
#define LAST_LOGICAL  0xfffeu

bool world_any_register(const struct ffa_regs *in, unsigned first, unsigned last)
{
	uint32_t any = 0;

	for (unsigned i = first; i <= last; i++)
		any |= (uint32_t)in->x[i];
	return any;
}

/* BIND and UNBIND by the normal world */

/* What both look at before the receiver's bitmap. */
static enum ffa_status check_binding(const struct world *world, const struct ffa_regs *in)
{
	uint16_t sender = ffa_high_half(in->x[1]), receiver = ffa_low_half(in->x[1]);
	bool endpoints =
	        world_knob(world, WORLD_KNOB_BIND_ENDPOINTS) == WORLD_BIND_ENDPOINTS_CHECKED;

	if (sender >= FIRST_LOGICAL && sender <= LAST_LOGICAL &&
	    world_knob(world, WORLD_KNOB_BIND_LOGICAL) == WORLD_BIND_LOGICAL_REFUSED)
		return FFA_INVALID_PARAMETERS;
	if (receiver & FFA_ID_SECURE_BIT || (endpoints && !(sender & FFA_ID_SECURE_BIT)))
		return FFA_INVALID_PARAMETERS;
	if (!ffa_join(in->x[3], in->x[4]) &&
	    world_knob(world, WORLD_KNOB_BIND_EMPTY) == WORLD_BIND_EMPTY_INVALID)
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

static bool extra_registers(const struct world *world, const struct ffa_regs *in)
{
	return world_knob(world, WORLD_KNOB_BIND_STRICT) == WORLD_BIND_STRICT_INVALID &&
	       world_any_register(in, 5, 7);
}

static enum ffa_status check_bind_flags(const struct world *world, uint32_t flags)
{
	switch (world_knob(world, WORLD_KNOB_BIND_FLAGS)) {
	case WORLD_BIND_FLAGS_DENIED:
		return flags ? FFA_DENIED : FFA_OK;
	case WORLD_BIND_FLAGS_INVALID:
		return flags ? FFA_INVALID_PARAMETERS : FFA_OK;
	default:
		return flags & BIND_RESERVED ? FFA_INVALID_PARAMETERS : FFA_OK;
	}
}

/* Whether a receiver of the version that counts for it can have notifications at all. */
static bool notified_at_version(const struct world *world, uint16_t id)
{
	if (world->state.spmc.version >= FFA_VERSION_1_1)
		return true;
	return id != FFA_ID_HYPERVISOR &&
	       world_knob(world, WORLD_KNOB_BIND_VERSION) == WORLD_BIND_VERSION_OF_VMS;
}

/* The bitmap to bind in; one that is not there yet if the SPMC does not mind. */
static enum ffa_status find_receiver(struct world *world, uint16_t id,
                                     struct world_bitmap **ret_bitmap)
{
	struct world_bitmap *bitmap = world_find_bitmap(world, id);

	if (world_knob(world, WORLD_KNOB_BIND_BEFORE_CREATE) == WORLD_BIND_BEFORE_CREATE_ACCEPTED)
		return world_need_bitmap(world, id, ret_bitmap);
	if (!bitmap)
		return FFA_INVALID_PARAMETERS;
	if (!notified_at_version(world, id) || bitmap->state == WORLD_SLOT_FREE)
		return FFA_NOT_SUPPORTED;
	*ret_bitmap = bitmap;
	return FFA_OK;
}

static enum ffa_status bind(const struct world *world, struct world_bitmap *bitmap, unsigned owner,
                            uint64_t bits, bool per_vcpu)
{
	uint64_t taken = (world_bound(&bitmap->from_sp) | world_pending_anywhere(bitmap)) & bits;
	uint64_t same = world_owned_by(&bitmap->from_sp, owner) &
	                (per_vcpu ? bitmap->per_vcpu : ~bitmap->per_vcpu);

	if (world_knob(world, WORLD_KNOB_REBIND) == WORLD_REBIND_ACCEPTED)
		taken &= ~same;
	if (taken)
		return FFA_DENIED;
	if (bitmap->state == WORLD_SLOT_FREE)
		bitmap->state = WORLD_SLOT_TAKEN;
	world_give(&bitmap->from_sp, bits, owner);
	bitmap->per_vcpu &= ~bits;
	if (per_vcpu)
		bitmap->per_vcpu |= bits;
	return FFA_OK;
}

enum ffa_status world_notification_bind(struct world *world, const struct ffa_regs *in,
                                        struct ffa_regs *out)
{
	int sp = world_find_sp(world, ffa_high_half(in->x[1]));
	uint32_t flags = (uint32_t)in->x[2];
	unsigned owner = WORLD_OWNER_ANYBODY;
	struct world_bitmap *bitmap = NULL;
	enum ffa_status status;

	(void)out;
	if (extra_registers(world, in))
		return FFA_INVALID_PARAMETERS;
	status = check_bind_flags(world, flags);
	if (status == FFA_OK)
		status = check_binding(world, in);
	if (status == FFA_OK)
		status = find_receiver(world, ffa_low_half(in->x[1]), &bitmap);
	if (status != FFA_OK)
		return status;
	if (world_knob(world, WORLD_KNOB_BIND_ENDPOINTS) == WORLD_BIND_ENDPOINTS_CHECKED) {
		if (sp < 0)
			return FFA_INVALID_PARAMETERS;
		owner = world_sp_owner((unsigned)sp);
	}
	return bind(world, bitmap, owner, ffa_join(in->x[3], in->x[4]), flags != 0);
}

static enum ffa_status check_unbind(const struct world *world, const struct ffa_regs *in)
{
	if (extra_registers(world, in))
		return FFA_INVALID_PARAMETERS;
	if ((uint32_t)in->x[2] &&
	    world_knob(world, WORLD_KNOB_UNBIND_W2) == WORLD_UNBIND_W2_INVALID)
		return FFA_INVALID_PARAMETERS;
	return check_binding(world, in);
}

enum ffa_status world_notification_unbind(struct world *world, const struct ffa_regs *in,
                                          struct ffa_regs *out)
{
	int sp = world_find_sp(world, ffa_high_half(in->x[1]));
	uint64_t bits = ffa_join(in->x[3], in->x[4]), own;
	enum ffa_status status = check_unbind(world, in);
	struct world_bitmap *bitmap = NULL;

	(void)out;
	if (status == FFA_OK)
		status = find_receiver(world, ffa_low_half(in->x[1]), &bitmap);
	if (status != FFA_OK)
		return status;
	if (world_knob(world, WORLD_KNOB_UNBIND_OWNER) == WORLD_UNBIND_OWNER_UNCHECKED)
		own = UINT64_MAX;
	else
		own = sp < 0 ? 0
		             : world_settable_by(&bitmap->from_sp, world_sp_owner((unsigned)sp));
	if (bits & ~own || bits & world_pending_anywhere(bitmap))
		return FFA_DENIED;
	world_give(&bitmap->from_sp, bits, 0);
	bitmap->per_vcpu &= ~bits;
	return FFA_OK;
}

/* The normal world sets what an SP has bound */

/* A VM that is the mark of a free slot has what nobody has bound. */
static uint64_t settable_by_vm(const struct world *world, const struct world_notifications *map,
                               uint16_t id)
{
	unsigned owner = world_vm_owner(world, id);

	if (owner)
		return world_settable_by(map, owner);
	return world_is_free_slot_id(world, id) ? world_owned_by(map, 0) : 0;
}

enum ffa_status world_notification_set(struct world *world, const struct ffa_regs *in,
                                       struct ffa_regs *out)
{
	uint16_t sender = ffa_high_half(in->x[1]), receiver = ffa_low_half(in->x[1]);
	uint64_t bits = ffa_join(in->x[3], in->x[4]);
	int sp = world_find_sp(world, receiver);
	struct world_notifications *map;

	(void)out;
	/* a flag, delay-SRI included, or a vCPU: no SP has a vCPU's notifications */
	if ((uint32_t)in->x[2] || sender & FFA_ID_SECURE_BIT || !(receiver & FFA_ID_SECURE_BIT) ||
	    !bits || sp < 0)
		return FFA_INVALID_PARAMETERS;
	map = &world->state.spmc.sps[sp].from_vm;
	if (!world_sp_has(&world->config.sps[sp], WORLD_SP_NOTIFICATIONS))
		return FFA_DENIED;
	if (bits & ~settable_by_vm(world, map, sender))
		return FFA_DENIED;
	map->pending |= bits;
	world_raise_sri(world);
	return FFA_OK;
}

/* GET by the normal world */

static uint64_t fetch_for_vcpu(struct world_bitmap *bitmap, unsigned vcpu)
{
	uint64_t bits = world_fetch(&bitmap->from_sp);

	if (vcpu < WORLD_SPMC_VCPUS) {
		bits |= bitmap->vcpu_pending[vcpu];
		bitmap->vcpu_pending[vcpu] = bitmap->vcpu_retrieved[vcpu] = 0;
	}
	return bits;
}

/* An SPMC that looks at one flag alone does so before the receiver. */
static bool asks_nothing(const struct world *world, const struct ffa_regs *in)
{
	return world_knob(world, WORLD_KNOB_GET_FLAGS) == WORLD_GET_FLAGS_IGNORED &&
	       !(in->x[2] & FFA_NOTIFICATION_GET_SP);
}

static enum ffa_status check_get(const struct world *world, const struct ffa_regs *in)
{
	uint32_t flags = (uint32_t)in->x[2];

	if (world_knob(world, WORLD_KNOB_GET_STRICT) == WORLD_GET_STRICT_INVALID &&
	    world_any_register(in, 5, 7))
		return FFA_INVALID_PARAMETERS;
	if (asks_nothing(world, in))
		return FFA_OK;
	if (ffa_low_half(in->x[1]) & FFA_ID_SECURE_BIT)
		return FFA_INVALID_PARAMETERS;
	if (world_knob(world, WORLD_KNOB_GET_FLAGS) == WORLD_GET_FLAGS_INVALID &&
	    flags & (WORLD_GET_RESERVED | FFA_NOTIFICATION_GET_VM | FFA_NOTIFICATION_GET_HYP))
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

/* The bitmap that a GET is about, and whether it has the vCPU. */
static enum ffa_status find_for_get(struct world *world, const struct ffa_regs *in,
                                    struct world_bitmap **ret_bitmap)
{
	uint16_t id = ffa_low_half(in->x[1]);
	struct world_bitmap *bitmap = world_find_bitmap(world, id);
	unsigned vcpus = bitmap ? bitmap->vcpus : 0;

	if (!bitmap && world_knob(world, WORLD_KNOB_GET_UNKNOWN) == WORLD_GET_UNKNOWN_STOPS)
		world->state.spmc.stopped = WORLD_SPMC_STOP_GET_UNKNOWN;
	if (!bitmap)
		return FFA_INVALID_PARAMETERS;
	if (id == FFA_ID_HYPERVISOR &&
	    world_knob(world, WORLD_KNOB_BITMAP_OF_HOST) == WORLD_BITMAP_OF_HOST_ALWAYS)
		vcpus = WORLD_SPMC_CPUS;
	if (bitmap->state == WORLD_SLOT_FREE && id != FFA_ID_HYPERVISOR && !bitmap->used)
		vcpus = WORLD_SPMC_CPUS;
	*ret_bitmap = bitmap;
	return ffa_high_half(in->x[1]) >= vcpus &&
	                       world_knob(world, WORLD_KNOB_GET_VCPU) == WORLD_GET_VCPU_CHECKED
	               ? FFA_INVALID_PARAMETERS
	               : FFA_OK;
}

enum ffa_status world_notification_get(struct world *world, const struct ffa_regs *in,
                                       struct ffa_regs *out)
{
	bool only_sp = world_knob(world, WORLD_KNOB_GET_FLAGS) == WORLD_GET_FLAGS_IGNORED;
	uint32_t flags = (uint32_t)in->x[2];
	enum ffa_status status = check_get(world, in);
	struct world_bitmap *bitmap = NULL;

	if (status != FFA_OK || asks_nothing(world, in))
		return status;
	status = find_for_get(world, in, &bitmap);
	if (status != FFA_OK)
		return status;
	if (flags & FFA_NOTIFICATION_GET_SP) {
		uint64_t bits = fetch_for_vcpu(bitmap, ffa_high_half(in->x[1]));

		out->x[2] = (uint32_t)bits;
		out->x[3] = bits >> 32;
	}
	if (flags & FFA_NOTIFICATION_GET_SPM && !only_sp) {
		out->x[6] = bitmap->framework_pending;
		bitmap->framework_pending = bitmap->framework_retrieved = 0;
	}
	return FFA_OK;
}
