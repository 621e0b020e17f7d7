/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: the same number of pages for every endpoint, one after
 * another; endpoint 0 is the hypervisor, 1 + i the i-th VM. A guest's physical
 * addresses are the machine's. A page is dirty as soon as somebody may write
 * it: from then on it is part of every snapshot.
 */
#include <string.h>

#include "emu/world/internal.h"

static void mark_dirty(struct world *world, uint64_t offset)
{
	uint64_t page = offset / SHIM_PAGE;

	world->state.dirty[page / 64] |= 1ull << page % 64;
}

uint8_t *world_memory(struct world *world, uint64_t physical, size_t size, bool write)
{
	uint64_t offset = physical - SHIM_PHYSICAL_BASE;

	if (physical < SHIM_PHYSICAL_BASE || offset >= SHIM_MEMORY_SIZE ||
	    size > SHIM_PAGE - offset % SHIM_PAGE)
		return NULL;
	if (write)
		mark_dirty(world, offset);
	return world->link->map.memory + offset;
}

bool world_is_own_page(const struct world *world, uint64_t physical)
{
	uint64_t page = (physical - SHIM_PHYSICAL_BASE) / SHIM_PAGE;

	return physical >= SHIM_PHYSICAL_BASE && page < SHIM_ENDPOINT_PAGES &&
	       world->state.own_pages >> page & 1;
}

void world_serve_page_alloc(struct world *world, uint32_t context)
{
	struct shim_slot *slot = shim_slot(&world->link->map, context);
	uint32_t free_pages = ~world->state.own_pages & ((1u << SHIM_ENDPOINT_PAGES) - 1);
	struct world_event event = {
	        .kind = WORLD_EVENT_PAGE_ALLOC, .context = context, .vm = WORLD_NO_VM};

	slot->result = 0;
	if (free_pages && !world_fail_alloc(world, context)) {
		uint32_t page = (uint32_t)__builtin_ctz(free_pages);

		world->state.own_pages |= 1u << page;
		mark_dirty(world, (uint64_t)page * SHIM_PAGE);
		slot->result = SHIM_PHYSICAL_BASE + (uint64_t)page * SHIM_PAGE;
	}
	event.result = (int64_t)slot->result;
	world_emit(world, &event);
}

bool world_note_page_free(struct world *world, uint64_t physical)
{
	if (!world_is_own_page(world, physical))
		return false;
	world->state.own_pages &= ~(1u << (physical - SHIM_PHYSICAL_BASE) / SHIM_PAGE);
	return true;
}

/* The endpoint of a VM begins at its own pages; what lies outside is not its memory. */
void world_serve_map(struct world *world, uint32_t context)
{
	struct shim_slot *slot = shim_slot(&world->link->map, context);
	uint32_t vm = world_find_vm(world, slot->arg[0]);
	uint64_t address = slot->arg[1];
	uint64_t base = world_vm_memory(vm);
	struct world_event event = {
	        .kind = WORLD_EVENT_MAP, .context = context, .vm = vm, .arg = {address}};

	slot->result = 0;
	if (vm != WORLD_NO_VM && address % SHIM_PAGE == 0 && address >= base &&
	    address - base < SHIM_ENDPOINT_SIZE) {
		slot->result = address;
		world->state.mapped++;
		mark_dirty(world, address - SHIM_PHYSICAL_BASE);
	}
	event.result = (int64_t)slot->result;
	world_emit(world, &event);
}

void world_write(struct world *world, uint32_t vm, uint64_t physical, uint64_t value,
                 uint32_t bytes)
{
	struct world_event event = {
	        .kind = WORLD_EVENT_WRITE, .vm = vm, .arg = {physical, value}, .result = bytes};
	uint8_t *at = world_memory(world, physical, bytes, true);

	if (at)
		memcpy(at, &value, bytes);
	world_emit(world, &event);
}
