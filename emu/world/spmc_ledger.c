/* SPDX-License-Identifier: MIT */
/* What a mediator has lent to the SPMC, as far as the answers of the SPMC show it. */
#include "abi/ffa_decode.h"
#include "emu/world/spmc_internal.h"

#define MOST_PAGES 63u /* of a buffer; bits above are reserved */

_Static_assert(WORLD_SPMC_SLOTS < 32, "a bit for each bitmap");

/* A call and what was before it. */
struct entry {
	const struct ffa_regs *in;
	const struct world_spmc_before *before;
	bool faulty;
	bool granted; /* the answer is a success */
};

static uint32_t page_bit(uint64_t physical)
{
	uint64_t page = (physical - SHIM_PHYSICAL_BASE) / SHIM_PAGE;

	return page < SHIM_ENDPOINT_PAGES ? 1u << page : 0;
}

/* The pages of endpoint 0 among the pair's, a bit each. */
static uint32_t own_pages(const struct world_ledger *ledger)
{
	uint32_t pages = 0;

	for (uint64_t i = 0; i < ledger->pair_pages; i++)
		pages |= page_bit(ledger->tx_page + i * SHIM_PAGE) |
		         page_bit(ledger->rx_page + i * SHIM_PAGE);
	return pages;
}

static void note_map(struct world_ledger *ledger, const struct entry *entry)
{
	uint64_t mask = ffa_fid_is_64bit((uint32_t)entry->in->x[0]) ? UINT64_MAX : UINT32_MAX;

	if (!entry->granted)
		return;
	ledger->tx_page = entry->in->x[1] & mask;
	ledger->rx_page = entry->in->x[2] & mask;
	ledger->pair_pages = (uint32_t)entry->in->x[3] & MOST_PAGES;
}

static void note_unmap(struct world_ledger *ledger, const struct entry *entry)
{
	uint32_t own = own_pages(ledger);
	bool never_had = entry->before->rx == WORLD_RX_UNMAPPED;

	if (entry->granted) {
		ledger->kept_own &= ~own;
		ledger->kept_guest = 0;
		ledger->tx_page = ledger->rx_page = 0;
		ledger->pair_pages = 0;
	} else if (ledger->pair_pages && (entry->faulty || never_had)) {
		ledger->kept_own |= own;
		ledger->kept_guest = 2 * ledger->pair_pages - (uint32_t)__builtin_popcount(own);
	}
}

static void note_rx(struct world_spmc *spmc, const struct entry *entry)
{
	bool was_full = entry->before->rx == WORLD_RX_FULL;

	if (spmc->rx != WORLD_RX_FULL)
		spmc->ledger.kept_rx = false;
	else if (!was_full)
		spmc->ledger.kept_rx = !entry->granted;
	else if (entry->faulty && (uint32_t)entry->in->x[0] == FFA_RX_RELEASE_32)
		spmc->ledger.kept_rx = true;
}

static void note_bitmaps(struct world_spmc *spmc, const struct entry *entry)
{
	for (unsigned i = 1; i <= WORLD_SPMC_SLOTS; i++) {
		bool has = spmc->bitmaps[i].state == WORLD_SLOT_CREATED;
		bool had = entry->before->bitmaps >> i & 1;
		bool named = spmc->bitmaps[i].id == ffa_low_half(entry->in->x[1]);
		bool destroys = (uint32_t)entry->in->x[0] == FFA_NOTIFICATION_BITMAP_DESTROY_32;

		if (!has || (!had && entry->granted))
			spmc->ledger.kept_bitmaps &= ~(1u << i);
		else if (!had || (destroys && named && entry->faulty))
			spmc->ledger.kept_bitmaps |= 1u << i;
	}
}

void world_ledger_begin(const struct world *world, struct world_spmc_before *ret_before)
{
	const struct world_spmc *spmc = &world->state.spmc;

	*ret_before = (struct world_spmc_before){.rx = spmc->rx};
	for (unsigned i = 1; i <= WORLD_SPMC_SLOTS; i++)
		if (spmc->bitmaps[i].state == WORLD_SLOT_CREATED)
			ret_before->bitmaps |= 1u << i;
}

void world_ledger_end(struct world *world, const struct world_spmc_before *before,
                      const struct ffa_regs *in, bool faulty, const struct ffa_regs *answer)
{
	struct world_spmc *spmc = &world->state.spmc;
	const struct entry entry = {.in = in,
	                            .before = before,
	                            .faulty = faulty,
	                            .granted = ffa_result_status(answer) == FFA_OK};
	uint32_t fid = (uint32_t)in->x[0];

	if (fid == FFA_RXTX_MAP_32 || fid == FFA_RXTX_MAP_64)
		note_map(&spmc->ledger, &entry);
	if (fid == FFA_RXTX_UNMAP_32)
		note_unmap(&spmc->ledger, &entry);
	note_rx(spmc, &entry);
	note_bitmaps(spmc, &entry);
}

bool world_is_lent(const struct world *world, uint64_t physical)
{
	const struct world_ledger *ledger = &world->state.spmc.ledger;
	uint64_t size = (uint64_t)ledger->pair_pages * SHIM_PAGE;

	return physical - ledger->tx_page < size || physical - ledger->rx_page < size;
}
