/* SPDX-License-Identifier: MIT */
/*
 * Which VMs have a notification bitmap at the SPMC, and where: id 0 in the first
 * place, the others in the slots behind it. Facts spmc.md section 1.8.1,
 * host-proxy.md section 2.4, docs/facts/spmc-differences.md rows D4, D25, D28 and D30.
 */
#include <string.h>

#include "emu/world/spmc_internal.h"

static unsigned bitmap_vms(const struct world *world)
{
	return world_knob(world, WORLD_KNOB_BITMAP_VMS);
}

static unsigned slot_count(const struct world *world)
{
	unsigned slots = world->config.spmc.slots;

	return slots < WORLD_SPMC_SLOTS ? slots : WORLD_SPMC_SLOTS;
}

bool world_is_free_slot_id(const struct world *world, uint16_t id)
{
	return id == WORLD_FREE_SLOT_ID &&
	       world_knob(world, WORLD_KNOB_FREE_SLOT_ID) == WORLD_FREE_SLOT_ID_MARK;
}

/* A slot that has the id of the mark may be a bitmap that was created, of the next VM. */
static struct world_bitmap *find_free(struct world *world)
{
	for (unsigned i = 1; i <= slot_count(world); i++) {
		struct world_bitmap *slot = &world->state.spmc.bitmaps[i];

		if (slot->state == WORLD_SLOT_FREE || world_is_free_slot_id(world, slot->id))
			return slot;
	}
	return NULL;
}

struct world_bitmap *world_find_bitmap(struct world *world, uint16_t id)
{
	struct world_bitmap *bitmaps = world->state.spmc.bitmaps, *found = NULL;

	if (id == FFA_ID_HYPERVISOR)
		return bitmap_vms(world) == WORLD_BITMAP_VMS_ANNOUNCED ? NULL : &bitmaps[0];
	if (world_is_free_slot_id(world, id))
		return find_free(world);
	/* a guest that was announced again hides the older one */
	for (unsigned i = 1; i <= WORLD_SPMC_SLOTS; i++)
		if (bitmaps[i].state != WORLD_SLOT_FREE && bitmaps[i].id == id &&
		    (!found || found->announced < bitmaps[i].announced))
			found = &bitmaps[i];
	return found;
}

enum ffa_status world_need_bitmap(struct world *world, uint16_t id,
                                  struct world_bitmap **ret_bitmap)
{
	*ret_bitmap = world_find_bitmap(world, id);
	if (*ret_bitmap)
		return FFA_OK;
	if (bitmap_vms(world) != WORLD_BITMAP_VMS_ANY)
		return FFA_INVALID_PARAMETERS;
	*ret_bitmap = find_free(world);
	if (!*ret_bitmap)
		return FFA_NO_MEMORY;
	(*ret_bitmap)->id = id;
	return FFA_OK;
}

unsigned world_spmc_bitmaps(const struct world *world)
{
	unsigned count = 0;

	for (unsigned i = 0; i <= WORLD_SPMC_SLOTS; i++)
		count += world->state.spmc.bitmaps[i].state == WORLD_SLOT_CREATED;
	return count;
}

uint64_t world_pending_anywhere(const struct world_bitmap *bitmap)
{
	uint64_t pending = bitmap->from_sp.pending;

	for (unsigned i = 0; i < WORLD_SPMC_VCPUS; i++)
		pending |= bitmap->vcpu_pending[i];
	return pending;
}

/* FFA_NOTIFICATION_BITMAP_CREATE and _DESTROY */

/* What neither call has a use for. */
static bool has_extra(const struct ffa_regs *in)
{
	return ffa_high_half(in->x[1]) || world_any_register(in, 3, 7);
}

enum ffa_status world_bitmap_create(struct world *world, const struct ffa_regs *in,
                                    struct ffa_regs *out)
{
	uint16_t id = ffa_low_half(in->x[1]);
	struct world_bitmap *bitmap;
	enum ffa_status status;

	(void)out;
	if (world_knob(world, WORLD_KNOB_CREATE_STRICT) == WORLD_CREATE_STRICT_INVALID &&
	    has_extra(in))
		return FFA_INVALID_PARAMETERS;
	if (id & FFA_ID_SECURE_BIT)
		return FFA_INVALID_PARAMETERS;
	status = world_need_bitmap(world, id, &bitmap);
	if (status != FFA_OK)
		return status;
	if (bitmap->state == WORLD_SLOT_CREATED)
		return FFA_DENIED;
	bitmap->id = id;
	bitmap->state = WORLD_SLOT_CREATED;
	bitmap->used = true;
	bitmap->vcpus = (uint16_t)in->x[2];
	return FFA_OK;
}

static bool keeps_bitmap(const struct world *world, const struct world_bitmap *bitmap)
{
	uint64_t pending = world_pending_anywhere(bitmap);

	switch (world_knob(world, WORLD_KNOB_DESTROY_CHECKS)) {
	case WORLD_DESTROY_CHECKS_PENDING_LOW:
		return (uint32_t)pending != 0;
	case WORLD_DESTROY_CHECKS_BOUND:
		return pending || world_bound(&bitmap->from_sp);
	default:
		return pending != 0;
	}
}

/* A guest that was announced keeps its slot until it is gone. */
static void clear_bitmap(const struct world *world, struct world_bitmap *bitmap)
{
	const struct world_bitmap was = *bitmap;

	*bitmap = (struct world_bitmap){.used = true};
	if (was.announced) {
		bitmap->id = was.id;
		bitmap->state = WORLD_SLOT_TAKEN;
		bitmap->announced = was.announced;
	}
	if (world_knob(world, WORLD_KNOB_DESTROY_CLEARS) != WORLD_DESTROY_CLEARS_BINDINGS)
		return;
	bitmap->from_sp.pending = was.from_sp.pending;
	bitmap->from_sp.retrieved = was.from_sp.retrieved;
	bitmap->framework_pending = was.framework_pending;
	bitmap->framework_retrieved = was.framework_retrieved;
	memcpy(bitmap->vcpu_pending, was.vcpu_pending, sizeof was.vcpu_pending);
	memcpy(bitmap->vcpu_retrieved, was.vcpu_retrieved, sizeof was.vcpu_retrieved);
}

enum ffa_status world_bitmap_destroy(struct world *world, const struct ffa_regs *in,
                                     struct ffa_regs *out)
{
	uint16_t id = ffa_low_half(in->x[1]);
	struct world_bitmap *bitmap = world_find_bitmap(world, id);

	(void)out;
	if (world_knob(world, WORLD_KNOB_DESTROY_STRICT) == WORLD_DESTROY_STRICT_INVALID &&
	    has_extra(in))
		return FFA_INVALID_PARAMETERS;
	if (id & FFA_ID_SECURE_BIT)
		return FFA_INVALID_PARAMETERS;
	if (!bitmap && bitmap_vms(world) != WORLD_BITMAP_VMS_ANY)
		return FFA_INVALID_PARAMETERS;
	if (!bitmap || bitmap->state == WORLD_SLOT_FREE)
		return world_knob(world, WORLD_KNOB_DESTROY_UNKNOWN) ==
		                       WORLD_DESTROY_UNKNOWN_SUCCESS
		               ? FFA_OK
		               : FFA_DENIED;
	if (keeps_bitmap(world, bitmap))
		return FFA_DENIED;
	clear_bitmap(world, bitmap);
	return FFA_OK;
}

/* Guests, as VM_CREATED and VM_DESTROYED announce them */

static unsigned count_guests(const struct world *world)
{
	unsigned count = 0;

	for (unsigned i = 1; i <= WORLD_SPMC_SLOTS; i++)
		count += world->state.spmc.bitmaps[i].announced != 0;
	return count;
}

static enum ffa_status announce(struct world *world, uint16_t id)
{
	struct world_bitmap *slot = find_free(world);

	if (id == FFA_ID_HYPERVISOR)
		return FFA_INVALID_PARAMETERS;
	if (!slot)
		return FFA_DENIED;
	*slot = (struct world_bitmap){.id = id,
	                              .state = WORLD_SLOT_TAKEN,
	                              .announced = (uint8_t)(count_guests(world) + 1)};
	return FFA_OK;
}

static void forget(struct world *world, uint16_t id)
{
	struct world_bitmap *gone = world_find_bitmap(world, id);
	uint8_t place;

	if (!gone)
		return;
	place = gone->announced;
	memset(gone, 0, sizeof *gone);
	for (unsigned i = 1; i <= WORLD_SPMC_SLOTS; i++)
		if (world->state.spmc.bitmaps[i].announced > place)
			world->state.spmc.bitmaps[i].announced--;
}

struct world_bitmap *world_bitmap_in_order(struct world *world, unsigned n)
{
	struct world_bitmap *bitmaps = world->state.spmc.bitmaps;
	unsigned guests = count_guests(world);

	if (n == 0)
		return &bitmaps[0];
	if (bitmap_vms(world) != WORLD_BITMAP_VMS_ANNOUNCED)
		return bitmaps[n].state == WORLD_SLOT_FREE ||
		                       world_is_free_slot_id(world, bitmaps[n].id)
		               ? NULL
		               : &bitmaps[n];
	for (unsigned i = 1; n <= guests && i <= WORLD_SPMC_SLOTS; i++)
		if (bitmaps[i].announced == guests - n + 1)
			return &bitmaps[i];
	return NULL;
}

enum ffa_status world_guest_event(struct world *world, unsigned sp, const struct ffa_regs *in)
{
	uint32_t function = in->x[2] & WORLD_FUNCTION;
	uint16_t id = ffa_low_half(in->x[5]);

	if (!world_is_own_partition(world, sp) || bitmap_vms(world) != WORLD_BITMAP_VMS_ANNOUNCED)
		return FFA_OK;
	if (function == WORLD_FN_VM_CREATED)
		return announce(world, id);
	/* one that it does not know is success as well */
	if (function == WORLD_FN_VM_DESTROYED)
		forget(world, id);
	return FFA_OK;
}
