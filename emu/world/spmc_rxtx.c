/* SPDX-License-Identifier: MIT */
/* The RX/TX buffers of the normal world: facts spmc.md sections 1.3.4 to 1.3.6 and 3.6. */
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

static bool is_memory(struct world *world, uint64_t address, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++)
		if (!world_memory(world, address + (uint64_t)i * SHIM_PAGE, SHIM_PAGE, false))
			return false;
	return true;
}

static bool overlap(uint64_t a, uint64_t b, uint32_t pages)
{
	uint64_t size = (uint64_t)pages * SHIM_PAGE;

	return a < b ? b - a < size : a - b < size;
}

enum ffa_status world_rxtx_map(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	struct world_spmc *spmc = &world->state.spmc;
	uint64_t mask = ffa_fid_is_64bit((uint32_t)in->x[0]) ? UINT64_MAX : UINT32_MAX;
	uint64_t tx = in->x[1] & mask, rx = in->x[2] & mask;
	uint32_t pages = (uint32_t)in->x[3];

	(void)out;
	if (spmc->rx != WORLD_RX_UNMAPPED)
		return FFA_DENIED;
	if (!pages_allowed(world, &pages) || tx % SHIM_PAGE || rx % SHIM_PAGE ||
	    overlap(tx, rx, pages) || !is_memory(world, tx, pages) || !is_memory(world, rx, pages))
		return FFA_INVALID_PARAMETERS;
	spmc->tx_page = tx;
	spmc->rx_page = rx;
	spmc->rx = WORLD_RX_EMPTY;
	return FFA_OK;
}

enum ffa_status world_rxtx_unmap(struct world *world, const struct ffa_regs *in,
                                 struct ffa_regs *out)
{
	struct world_spmc *spmc = &world->state.spmc;

	(void)out;
	if (ffa_high_half(in->x[1]) != 0 || spmc->rx == WORLD_RX_UNMAPPED)
		return FFA_INVALID_PARAMETERS;
	spmc->rx = WORLD_RX_UNMAPPED;
	spmc->rx_page = spmc->tx_page = 0;
	return FFA_OK;
}

enum ffa_status world_rx_release(struct world *world, const struct ffa_regs *in,
                                 struct ffa_regs *out)
{
	struct world_spmc *spmc = &world->state.spmc;

	(void)out;
	if (ffa_low_half(in->x[1]) != 0)
		return FFA_INVALID_PARAMETERS;
	/* who has not fetched the notification does not know of the message yet */
	if (spmc->rx != WORLD_RX_FULL || spmc->bitmaps[0].framework_pending)
		return FFA_DENIED;
	spmc->rx = WORLD_RX_EMPTY;
	return FFA_OK;
}
