/* SPDX-License-Identifier: MIT */
/* Who each of 64 notifications is bound to. */
#include "emu/world/spmc_internal.h"

static unsigned owner_of(const struct world_notifications *map, unsigned bit)
{
	return map->owners[bit];
}

uint64_t world_owned_by(const struct world_notifications *map, unsigned owner)
{
	uint64_t bitmap = 0;

	for (unsigned bit = 0; bit < FFA_NOTIFICATION_COUNT; bit++)
		if (owner_of(map, bit) == owner)
			bitmap |= 1ull << bit;
	return bitmap;
}

uint64_t world_bound(const struct world_notifications *map)
{
	return ~world_owned_by(map, 0);
}

void world_give(struct world_notifications *map, uint64_t bitmap, unsigned owner)
{
	for (unsigned bit = 0; bit < FFA_NOTIFICATION_COUNT; bit++)
		if (bitmap >> bit & 1)
			map->owners[bit] = (uint8_t)owner;
}

uint64_t world_settable_by(const struct world_notifications *map, unsigned owner)
{
	return world_owned_by(map, owner) | world_owned_by(map, WORLD_OWNER_ANYBODY);
}

unsigned world_sp_owner(unsigned sp)
{
	return sp + 1;
}

unsigned world_vm_owner(const struct world *world, uint16_t id)
{
	if (id == FFA_ID_HYPERVISOR)
		return WORLD_OWNER_HOST;
	for (unsigned i = 0; i < world->config.vm_count; i++)
		if (world->config.vms[i].id.v == id)
			return i + 1;
	for (unsigned i = 0; i < WORLD_STRANGERS; i++)
		if (world->state.spmc.strangers[i] == id)
			return WORLD_OWNER_STRANGER + i;
	return 0;
}

unsigned world_need_vm_owner(struct world *world, uint16_t id)
{
	uint16_t *strangers = world->state.spmc.strangers;
	unsigned owner = world_vm_owner(world, id);

	for (unsigned i = 0; !owner && i < WORLD_STRANGERS; i++)
		if (!strangers[i]) {
			strangers[i] = id;
			owner = WORLD_OWNER_STRANGER + i;
		}
	return owner;
}

uint64_t world_fetch(struct world_notifications *map)
{
	uint64_t bits = map->pending;

	map->pending = map->retrieved = 0;
	return bits;
}
