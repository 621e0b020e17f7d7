/* SPDX-License-Identifier: MIT */
/* Physical memory: the same number of pages for every endpoint, one after another. */
#include "emu/world/internal.h"

_Static_assert(SHIM_ENDPOINT_PAGES <= 64, "a dirty bit for each page of the hypervisor");

uint8_t *world_memory(struct world *world, uint64_t physical, size_t size, bool write)
{
	uint64_t offset = physical - SHIM_PHYSICAL_BASE;

	/* guests have no accessors yet, so only the hypervisor's own pages can be reached */
	if (physical < SHIM_PHYSICAL_BASE || offset >= SHIM_ENDPOINT_SIZE ||
	    size > SHIM_PAGE - offset % SHIM_PAGE)
		return NULL;
	if (write)
		world->state.dirty |= 1ull << offset / SHIM_PAGE;
	return world->link->map.memory + offset;
}
