/* SPDX-License-Identifier: MIT */
/*
 * Notifications at the SPMC: BIND, UNBIND, SET, GET. The normal world receives from SPs, SPs
 * receive from the normal world. Facts spmc.md sections 1.8 and 2, host-proxy.md section 2.4; the
 * checks of each call stand in the order of those tables.
 */
#include <string.h>

#include "emu/world/spmc_internal.h"

#define BIND_RESERVED ~(uint32_t)FFA_NOTIFICATION_FLAG_PER_VCPU
#define SET_RESERVED  0xfffcu
#define GET_RESERVED  0xfffffff0u

/* Owners */

static unsigned owner_of(const struct world_notifications *map, unsigned bit)
{
	return map->owners[bit / 2] >> bit % 2 * 4 & 0xf;
}

static uint64_t owned_by(const struct world_notifications *map, unsigned owner)
{
	uint64_t bitmap = 0;

	for (unsigned bit = 0; bit < FFA_NOTIFICATION_COUNT; bit++)
		if (owner_of(map, bit) == owner)
			bitmap |= 1ull << bit;
	return bitmap;
}

static uint64_t bound(const struct world_notifications *map)
{
	return ~owned_by(map, 0);
}

static void give(struct world_notifications *map, uint64_t bitmap, unsigned owner)
{
	for (unsigned bit = 0; bit < FFA_NOTIFICATION_COUNT; bit++) {
		unsigned shift = bit % 2 * 4;
		unsigned both = map->owners[bit / 2];

		if (bitmap >> bit & 1)
			map->owners[bit / 2] =
			        (uint8_t)((both & ~(0xfu << shift)) | owner << shift);
	}
}

/* The bits that the sender has: its own, and those of nobody in particular. */
static uint64_t settable_by(const struct world_notifications *map, unsigned owner)
{
	return owned_by(map, owner) | owned_by(map, WORLD_OWNER_ANYBODY);
}

static unsigned sp_owner(unsigned sp)
{
	return sp + 1;
}

/* 0 if the machine has no such VM. */
static unsigned vm_owner(const struct world *world, uint16_t id)
{
	if (id == FFA_ID_HYPERVISOR)
		return WORLD_OWNER_HOST;
	for (unsigned i = 0; i < world->config.vm_count; i++)
		if (world->config.vms[i].id.v == id)
			return i + 1;
	return 0;
}

bool world_is_bound(const struct world_notifications *map)
{
	return bound(map);
}

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
	uint64_t taken = bound(&bitmap->from_sp) & bits;
	uint64_t same = owned_by(&bitmap->from_sp, owner) &
	                (per_vcpu ? bitmap->per_vcpu : ~bitmap->per_vcpu);

	if (world_knob(world, WORLD_KNOB_REBIND) == WORLD_REBIND_ACCEPTED)
		taken &= ~same;
	if (taken)
		return FFA_DENIED;
	if (bitmap->state == WORLD_SLOT_FREE)
		bitmap->state = WORLD_SLOT_TAKEN;
	give(&bitmap->from_sp, bits, owner);
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
		owner = sp_owner((unsigned)sp);
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
		own = sp < 0 ? 0 : settable_by(&bitmap->from_sp, sp_owner((unsigned)sp));
	if (bits & ~own || bits & world_pending_anywhere(bitmap))
		return FFA_DENIED;
	give(&bitmap->from_sp, bits, 0);
	bitmap->per_vcpu &= ~bits;
	return FFA_OK;
}

/* The normal world sets what an SP has bound */

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
	if (!vm_owner(world, sender) || bits & ~settable_by(map, vm_owner(world, sender)))
		return FFA_DENIED;
	map->pending |= bits;
	world_raise_sri(world);
	return FFA_OK;
}

/* GET by the normal world */

static uint64_t fetch(struct world_notifications *map)
{
	uint64_t bits = map->pending;

	map->pending = map->retrieved = 0;
	return bits;
}

static uint64_t fetch_for_vcpu(struct world_bitmap *bitmap, unsigned vcpu)
{
	uint64_t bits = fetch(&bitmap->from_sp);

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
	    flags & (GET_RESERVED | FFA_NOTIFICATION_GET_VM | FFA_NOTIFICATION_GET_HYP))
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
		vcpus = WORLD_HOST_VCPUS;
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

/* Calls of an SP */

/* What an SP binds and unbinds: notifications of VMs, for itself. */
static enum ffa_status check_sp_binding(const struct world *world, unsigned sp,
                                        const struct ffa_regs *in)
{
	if (ffa_low_half(in->x[1]) != world->config.sps[sp].id.v ||
	    ffa_high_half(in->x[1]) & FFA_ID_SECURE_BIT || !ffa_join(in->x[3], in->x[4]))
		return FFA_INVALID_PARAMETERS;
	return world_sp_has(&world->config.sps[sp], WORLD_SP_NOTIFICATIONS) ? FFA_OK
	                                                                    : FFA_NOT_SUPPORTED;
}

enum ffa_status world_sp_notification_bind(struct world *world, unsigned sp,
                                           const struct ffa_regs *in)
{
	struct world_notifications *map = &world->state.spmc.sps[sp].from_vm;
	unsigned owner = vm_owner(world, ffa_high_half(in->x[1]));
	uint64_t bits = ffa_join(in->x[3], in->x[4]);
	enum ffa_status status;

	if ((uint32_t)in->x[2])
		return FFA_INVALID_PARAMETERS;
	status = check_sp_binding(world, sp, in);
	if (status != FFA_OK)
		return status;
	if (!owner)
		return FFA_INVALID_PARAMETERS;
	if (bound(map) & bits)
		return FFA_DENIED;
	give(map, bits, owner);
	return FFA_OK;
}

enum ffa_status world_sp_notification_unbind(struct world *world, unsigned sp,
                                             const struct ffa_regs *in)
{
	struct world_notifications *map = &world->state.spmc.sps[sp].from_vm;
	unsigned owner = vm_owner(world, ffa_high_half(in->x[1]));
	uint64_t bits = ffa_join(in->x[3], in->x[4]);
	enum ffa_status status = check_sp_binding(world, sp, in);

	if (status != FFA_OK)
		return status;
	if (!owner || bits & ~owned_by(map, owner) || bits & map->pending)
		return FFA_DENIED;
	give(map, bits, 0);
	return FFA_OK;
}

/* The bits and the vCPU fit what was bound: facts spmc.md section 2.4 for the order. */
static enum ffa_status check_sp_set(const struct world_bitmap *bitmap, unsigned owner,
                                    uint64_t bits, bool per_vcpu, unsigned vcpu)
{
	uint64_t own = settable_by(&bitmap->from_sp, owner);
	uint64_t fitting = per_vcpu ? bitmap->per_vcpu : ~bitmap->per_vcpu;

	if (!(bits & ~(own & ~fitting)))
		return FFA_INVALID_PARAMETERS;
	if (bits & ~(own & fitting))
		return FFA_DENIED;
	if (per_vcpu && (vcpu >= bitmap->vcpus || vcpu >= WORLD_SPMC_VCPUS))
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

static void pend(struct world *world, struct world_bitmap *bitmap, uint64_t bits, uint32_t flags)
{
	if (flags & FFA_NOTIFICATION_FLAG_PER_VCPU)
		bitmap->vcpu_pending[flags >> 16] |= bits;
	else
		bitmap->from_sp.pending |= bits;
	/* a set that changes nothing raises it all the same */
	if (flags & FFA_NOTIFICATION_FLAG_DELAY_SRI)
		world->state.spmc.sri_delayed = true;
	else
		world_raise_sri(world);
}

enum ffa_status world_sp_notification_set(struct world *world, unsigned sp,
                                          const struct ffa_regs *in)
{
	uint16_t receiver = ffa_low_half(in->x[1]);
	struct world_bitmap *bitmap = world_find_bitmap(world, receiver);
	uint32_t flags = (uint32_t)in->x[2];
	uint64_t bits = ffa_join(in->x[3], in->x[4]);
	bool per_vcpu = flags & FFA_NOTIFICATION_FLAG_PER_VCPU;
	enum ffa_status status;

	if (per_vcpu && world_knob(world, WORLD_KNOB_BIND_FLAGS) != WORLD_BIND_FLAGS_PER_VCPU)
		return FFA_INVALID_PARAMETERS;
	if ((flags >> 16 && !per_vcpu) || flags & SET_RESERVED ||
	    ffa_high_half(in->x[1]) != world->config.sps[sp].id.v || receiver & FFA_ID_SECURE_BIT ||
	    !bits || !bitmap)
		return FFA_INVALID_PARAMETERS;
	if (bitmap->state == WORLD_SLOT_FREE)
		return FFA_DENIED;
	status = check_sp_set(bitmap, sp_owner(sp), bits, per_vcpu, flags >> 16);
	if (status == FFA_OK)
		pend(world, bitmap, bits, flags);
	return status;
}

enum ffa_status world_sp_notification_get(struct world *world, unsigned sp,
                                          const struct ffa_regs *in, struct ffa_regs *out)
{
	uint32_t flags = (uint32_t)in->x[2];
	uint64_t bits;

	if (flags & GET_RESERVED || ffa_low_half(in->x[1]) != world->config.sps[sp].id.v ||
	    ffa_high_half(in->x[1]) >= world->config.sps[sp].contexts)
		return FFA_INVALID_PARAMETERS;
	if (flags & FFA_NOTIFICATION_GET_VM) {
		bits = world_sp_fetch(world, sp);
		out->x[4] = (uint32_t)bits;
		out->x[5] = bits >> 32;
	}
	return FFA_OK;
}

uint64_t world_sp_fetch(struct world *world, unsigned sp)
{
	return fetch(&world->state.spmc.sps[sp].from_vm);
}
