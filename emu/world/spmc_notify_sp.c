/* SPDX-License-Identifier: MIT */
/*
 * Notifications at the SPMC as SPs use them: of VMs, and where the SPMC allows it of other SPs, for
 * themselves; of their own for VMs and other SPs. Facts spmc.md section 2.4,
 * docs/facts/spmc-differences.md row D27.
 */
#include "emu/world/spmc_internal.h"

#define SET_RESERVED 0xfffcu

/* A BIND or UNBIND of an SP. */
struct binding {
	struct world_notifications *map; /* of the receiver, for this kind of sender */
	unsigned owner;                  /* 0: nobody */
	uint64_t bits;
};

static bool binds_any(const struct world *world)
{
	return world_knob(world, WORLD_KNOB_SP_BINDS) == WORLD_SP_BINDS_ANY;
}

/* The sender as an owner; false if the SP may not name it. */
static bool find_owner(struct world *world, unsigned sp, uint16_t id, struct binding *binding)
{
	int sender;

	if (!(id & FFA_ID_SECURE_BIT)) {
		binding->map = &world->state.spmc.sps[sp].from_vm;
		binding->owner = world_vm_owner(world, id);
		return binding->owner || binds_any(world);
	}
	sender = world_find_sp(world, id);
	if (!binds_any(world) || sender < 0 || (unsigned)sender == sp)
		return false;
	binding->map = &world->state.spmc.sps[sp].from_sp;
	binding->owner = world_sp_owner((unsigned)sender);
	return true;
}

/* What both look at before what is bound. */
static enum ffa_status check_binding(struct world *world, unsigned sp, const struct ffa_regs *in,
                                     struct binding *ret_binding)
{
	bool known = find_owner(world, sp, ffa_high_half(in->x[1]), ret_binding);

	ret_binding->bits = ffa_join(in->x[3], in->x[4]);
	if (ffa_low_half(in->x[1]) != world->config.sps[sp].id.v || !ret_binding->bits)
		return FFA_INVALID_PARAMETERS;
	if (ffa_high_half(in->x[1]) & FFA_ID_SECURE_BIT && !known)
		return FFA_INVALID_PARAMETERS;
	if (!world_sp_has(&world->config.sps[sp], WORLD_SP_NOTIFICATIONS))
		return FFA_NOT_SUPPORTED;
	return FFA_OK;
}

/* A VM that is the mark of a free slot stands for nobody. */
static enum ffa_status need_owner(struct world *world, uint16_t id, struct binding *binding)
{
	if (binding->owner || (binds_any(world) && world_is_free_slot_id(world, id)))
		return FFA_OK;
	if (!binds_any(world))
		return FFA_INVALID_PARAMETERS;
	binding->owner = world_need_vm_owner(world, id);
	return binding->owner ? FFA_OK : FFA_NO_MEMORY;
}

enum ffa_status world_sp_notification_bind(struct world *world, unsigned sp,
                                           const struct ffa_regs *in)
{
	struct binding binding;
	enum ffa_status status;

	if ((uint32_t)in->x[2])
		return FFA_INVALID_PARAMETERS;
	status = check_binding(world, sp, in, &binding);
	if (status == FFA_OK && (world_bound(binding.map) | binding.map->pending) & binding.bits)
		status = FFA_DENIED;
	if (status == FFA_OK)
		status = need_owner(world, ffa_high_half(in->x[1]), &binding);
	if (status == FFA_OK)
		world_give(binding.map, binding.bits, binding.owner);
	return status;
}

enum ffa_status world_sp_notification_unbind(struct world *world, unsigned sp,
                                             const struct ffa_regs *in)
{
	struct binding binding;
	enum ffa_status status = check_binding(world, sp, in, &binding);

	if (status != FFA_OK)
		return status;
	if (!binding.owner || binding.bits & ~world_owned_by(binding.map, binding.owner) ||
	    binding.bits & binding.map->pending)
		return FFA_DENIED;
	world_give(binding.map, binding.bits, 0);
	return FFA_OK;
}

/* SET */

/* The bits and the vCPU fit what was bound: facts spmc.md section 2.4 for the order. */
static enum ffa_status check_vm_set(const struct world_bitmap *bitmap, unsigned owner,
                                    uint64_t bits, bool per_vcpu, unsigned vcpu)
{
	uint64_t own = world_settable_by(&bitmap->from_sp, owner);
	uint64_t fitting = per_vcpu ? bitmap->per_vcpu : ~bitmap->per_vcpu;

	if (!(bits & ~(own & ~fitting)))
		return FFA_INVALID_PARAMETERS;
	if (bits & ~(own & fitting))
		return FFA_DENIED;
	if (per_vcpu && (vcpu >= bitmap->vcpus || vcpu >= WORLD_SPMC_VCPUS))
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

static enum ffa_status set_for_vm(struct world *world, unsigned sp, const struct ffa_regs *in)
{
	struct world_bitmap *bitmap = world_find_bitmap(world, ffa_low_half(in->x[1]));
	uint64_t bits = ffa_join(in->x[3], in->x[4]);
	bool per_vcpu = in->x[2] & FFA_NOTIFICATION_FLAG_PER_VCPU;
	unsigned vcpu = (uint32_t)in->x[2] >> 16;
	enum ffa_status status;

	if (!bitmap)
		return FFA_INVALID_PARAMETERS;
	if (bitmap->state == WORLD_SLOT_FREE)
		return FFA_DENIED;
	status = check_vm_set(bitmap, world_sp_owner(sp), bits, per_vcpu, vcpu);
	if (status == FFA_OK && per_vcpu)
		bitmap->vcpu_pending[vcpu] |= bits;
	else if (status == FFA_OK)
		bitmap->from_sp.pending |= bits;
	return status;
}

static enum ffa_status set_for_sp(struct world *world, unsigned sp, const struct ffa_regs *in)
{
	int receiver = world_find_sp(world, ffa_low_half(in->x[1]));
	uint64_t bits = ffa_join(in->x[3], in->x[4]);
	struct world_notifications *map;

	if (!binds_any(world) || receiver < 0 || (unsigned)receiver == sp ||
	    in->x[2] & FFA_NOTIFICATION_FLAG_PER_VCPU)
		return FFA_INVALID_PARAMETERS;
	map = &world->state.spmc.sps[receiver].from_sp;
	if (!world_sp_has(&world->config.sps[receiver], WORLD_SP_NOTIFICATIONS) ||
	    bits & ~world_settable_by(map, world_sp_owner(sp)))
		return FFA_DENIED;
	map->pending |= bits;
	return FFA_OK;
}

static enum ffa_status check_set(const struct world *world, unsigned sp, const struct ffa_regs *in)
{
	uint32_t flags = (uint32_t)in->x[2];
	bool per_vcpu = flags & FFA_NOTIFICATION_FLAG_PER_VCPU;

	if (per_vcpu && world_knob(world, WORLD_KNOB_BIND_FLAGS) != WORLD_BIND_FLAGS_PER_VCPU)
		return FFA_INVALID_PARAMETERS;
	if ((flags >> 16 && !per_vcpu) || flags & SET_RESERVED ||
	    ffa_high_half(in->x[1]) != world->config.sps[sp].id.v || !ffa_join(in->x[3], in->x[4]))
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

enum ffa_status world_sp_notification_set(struct world *world, unsigned sp,
                                          const struct ffa_regs *in)
{
	enum ffa_status status = check_set(world, sp, in);

	if (status != FFA_OK)
		return status;
	status = ffa_low_half(in->x[1]) & FFA_ID_SECURE_BIT ? set_for_sp(world, sp, in)
	                                                    : set_for_vm(world, sp, in);
	if (status != FFA_OK)
		return status;
	/* a set that changes nothing raises it all the same */
	if (in->x[2] & FFA_NOTIFICATION_FLAG_DELAY_SRI)
		world->state.spmc.sri_delayed = true;
	else
		world_raise_sri(world);
	return FFA_OK;
}

/* GET */

static void put_bitmap(struct ffa_regs *out, unsigned reg, uint64_t bits)
{
	out->x[reg] = (uint32_t)bits;
	out->x[reg + 1] = bits >> 32;
}

enum ffa_status world_sp_notification_get(struct world *world, unsigned sp,
                                          const struct ffa_regs *in, struct ffa_regs *out)
{
	struct world_sp_state *state = &world->state.spmc.sps[sp];
	uint32_t flags = (uint32_t)in->x[2];

	if (flags & WORLD_GET_RESERVED || ffa_low_half(in->x[1]) != world->config.sps[sp].id.v ||
	    ffa_high_half(in->x[1]) >= world->config.sps[sp].contexts)
		return FFA_INVALID_PARAMETERS;
	if (flags & FFA_NOTIFICATION_GET_SP)
		put_bitmap(out, 2, world_fetch(&state->from_sp));
	if (flags & FFA_NOTIFICATION_GET_VM)
		put_bitmap(out, 4, world_fetch(&state->from_vm));
	return FFA_OK;
}

void world_sp_fetch(struct world *world, unsigned sp)
{
	world_fetch(&world->state.spmc.sps[sp].from_vm);
	world_fetch(&world->state.spmc.sps[sp].from_sp);
}
