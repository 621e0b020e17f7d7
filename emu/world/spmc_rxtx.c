/* SPDX-License-Identifier: MIT */
/*
 * The RX/TX buffers of the normal world: facts spmc.md sections 1.3.4 to 1.3.6 and 3.6,
 * docs/facts/spmc-differences.md rows D1, D16, D17 and D18.
 */
#include <string.h>

#include "emu/world/spmc_internal.h"

#define MANY_PAGES 63u

static bool pages_allowed(const struct world *world, uint32_t *pages)
{
	switch (world_knob(world, WORLD_KNOB_RXTX_PAGES)) {
	case WORLD_RXTX_PAGES_MASKED:
		*pages &= MANY_PAGES;
		return *pages != 0;
	case WORLD_RXTX_PAGES_MANY:
		return *pages != 0 && *pages <= MANY_PAGES;
	default:
		return *pages == 1;
	}
}

/* The buffer may begin anywhere in a page. */
static bool is_memory(struct world *world, uint64_t address, uint32_t pages)
{
	uint64_t first = address - address % SHIM_PAGE;
	uint64_t end = address + (uint64_t)pages * SHIM_PAGE;

	if (end < address)
		return false;
	for (uint64_t page = first; page < end; page += SHIM_PAGE)
		if (!world_memory(world, page, SHIM_PAGE, false))
			return false;
	return true;
}

static bool overlap(uint64_t a, uint64_t b, uint32_t pages)
{
	uint64_t size = (uint64_t)pages * SHIM_PAGE;

	return a < b ? b - a < size : a - b < size;
}

static bool buffers_allowed(const struct world *world, uint64_t tx, uint64_t rx, uint32_t pages)
{
	switch (world_knob(world, WORLD_KNOB_RXTX_MAP_BUFFERS)) {
	case WORLD_RXTX_MAP_BUFFERS_UNCHECKED:
		return true;
	case WORLD_RXTX_MAP_BUFFERS_ALIGNED:
		return !(tx % SHIM_PAGE || rx % SHIM_PAGE);
	default:
		return !(tx % SHIM_PAGE || rx % SHIM_PAGE || overlap(tx, rx, pages));
	}
}

/* What is looked at before the pair that is mapped. */
static bool allowed_first(const struct world *world, uint64_t tx, uint64_t rx, bool pages)
{
	switch (world_knob(world, WORLD_KNOB_RXTX_MAP_ORDER)) {
	case WORLD_RXTX_MAP_ORDER_COUNT_FIRST:
		return pages;
	case WORLD_RXTX_MAP_ORDER_PARAMETERS_FIRST:
		return pages && tx && rx && tx != rx;
	default:
		return true;
	}
}

static enum ffa_status cannot_map(const struct world *world)
{
	switch (world_knob(world, WORLD_KNOB_RXTX_MAP_MEMORY)) {
	case WORLD_RXTX_MAP_MEMORY_DENIED:
		return FFA_DENIED;
	case WORLD_RXTX_MAP_MEMORY_NO_MEMORY:
		return FFA_NO_MEMORY;
	default:
		return FFA_INVALID_PARAMETERS;
	}
}

enum ffa_status world_rxtx_map(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	struct world_spmc *spmc = &world->state.spmc;
	uint64_t mask = ffa_fid_is_64bit((uint32_t)in->x[0]) ? UINT64_MAX : UINT32_MAX;
	uint64_t tx = in->x[1] & mask, rx = in->x[2] & mask;
	uint32_t pages = (uint32_t)in->x[3];
	bool counted = pages_allowed(world, &pages);

	(void)out;
	if (!allowed_first(world, tx, rx, counted))
		return FFA_INVALID_PARAMETERS;
	if (spmc->rx != WORLD_RX_UNMAPPED)
		return FFA_DENIED;
	if (!counted || !buffers_allowed(world, tx, rx, pages))
		return FFA_INVALID_PARAMETERS;
	if (!is_memory(world, tx, pages) || !is_memory(world, rx, pages))
		return cannot_map(world);
	spmc->tx_page = tx;
	spmc->rx_page = rx;
	spmc->pages = (uint8_t)pages;
	spmc->rx = spmc->rx_stays_full ? WORLD_RX_FULL : WORLD_RX_EMPTY;
	spmc->rx_stays_full = false;
	return FFA_OK;
}

static bool unmap_of_another(const struct world *world, uint64_t x1)
{
	switch (world_knob(world, WORLD_KNOB_UNMAP_W1)) {
	case WORLD_UNMAP_W1_ANY:
		return x1 != 0;
	case WORLD_UNMAP_W1_IGNORED:
		return false;
	default:
		return ffa_high_half(x1) != 0;
	}
}

enum ffa_status world_rxtx_unmap(struct world *world, const struct ffa_regs *in,
                                 struct ffa_regs *out)
{
	struct world_spmc *spmc = &world->state.spmc;

	(void)out;
	if (unmap_of_another(world, in->x[1]) || spmc->rx == WORLD_RX_UNMAPPED)
		return FFA_INVALID_PARAMETERS;
	spmc->rx_stays_full =
	        spmc->rx == WORLD_RX_FULL &&
	        world_knob(world, WORLD_KNOB_RX_AFTER_UNMAP) == WORLD_RX_AFTER_UNMAP_FULL;
	spmc->rx = WORLD_RX_UNMAPPED;
	spmc->rx_page = spmc->tx_page = 0;
	spmc->pages = 0;
	return FFA_OK;
}

/* Whose RX it is: FFA_OK for the normal world's own, else the answer. */
static enum ffa_status check_released(struct world *world, uint16_t id)
{
	bool known;

	if (id == FFA_ID_HYPERVISOR ||
	    world_knob(world, WORLD_KNOB_RELEASE_W1) == WORLD_RELEASE_W1_IGNORED)
		return FFA_OK;
	if (world_knob(world, WORLD_KNOB_RELEASE_W1) == WORLD_RELEASE_W1_INVALID)
		return FFA_INVALID_PARAMETERS;
	known = id & FFA_ID_SECURE_BIT ? world_find_sp(world, id) >= 0
	                               : world_find_bitmap(world, id) != NULL;
	return known ? FFA_DENIED : FFA_INVALID_PARAMETERS;
}

enum ffa_status world_rx_release(struct world *world, const struct ffa_regs *in,
                                 struct ffa_regs *out)
{
	struct world_spmc *spmc = &world->state.spmc;
	enum ffa_status status = check_released(world, ffa_low_half(in->x[1]));

	(void)out;
	if (status != FFA_OK)
		return status;
	/* who has not fetched the notification does not know of the message yet */
	if ((spmc->rx != WORLD_RX_FULL && !spmc->rx_stays_full) ||
	    spmc->bitmaps[0].framework_pending)
		return FFA_DENIED;
	if (spmc->rx == WORLD_RX_FULL)
		spmc->rx = WORLD_RX_EMPTY;
	spmc->rx_stays_full = false;
	return FFA_OK;
}

/* RX as bytes */

/* The bytes from offset on that lie in one page of the machine, size at most; what they are. */
static uint8_t *rx_part(struct world *world, size_t offset, size_t *size)
{
	uint64_t address = world->state.spmc.rx_page + offset;
	size_t left = SHIM_PAGE - address % SHIM_PAGE;

	if (*size > left)
		*size = left;
	return world_memory(world, address, *size, true);
}

void world_rx_write(struct world *world, size_t offset, const void *bytes, size_t size)
{
	for (size_t done = 0, part; done < size; done += part) {
		part = size - done;
		memcpy(rx_part(world, offset + done, &part), (const uint8_t *)bytes + done, part);
	}
}

void world_rx_clear(struct world *world, size_t offset)
{
	size_t end = (size_t)world->state.spmc.pages * SHIM_PAGE;

	for (size_t part; offset < end; offset += part) {
		part = end - offset;
		memset(rx_part(world, offset, &part), 0, part);
	}
}
