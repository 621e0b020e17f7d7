/* SPDX-License-Identifier: MIT */
/*
 * The SPMC as the hypervisor sees it over the SMC conduit (NS physical
 * instance): set-up and discovery. Orders of checks follow Hafnium (facts
 * spmc.md sections 1.3 and 3.6); ID_GET is answered by the SPMD with 0.
 */
#include <string.h>

#include "emu/world/internal.h"

#define SMCCC_NOT_SUPPORTED       0xffffffffull
#define DESCRIPTOR_SIZE_1_0       8u
#define DESCRIPTOR_SIZE_1_1       24u
#define PARTITION_INFO_COUNT_ONLY 1u
#define MAX_RXTX_PAGES            1u

struct handler {
	uint32_t fid;
	void (*handle)(struct world *world, struct ffa_regs *regs);
};

static void fail(struct ffa_regs *regs, enum ffa_status status)
{
	*regs = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)status}};
}

static void succeed(struct ffa_regs *regs, uint64_t w2, uint64_t w3)
{
	*regs = (struct ffa_regs){{FFA_SUCCESS_32, 0, w2, w3}};
}

static void handle_version(struct world *world, struct ffa_regs *regs)
{
	struct world_spmc *spmc = &world->state.spmc;
	uint32_t own = world->config.spmc.version, asked = (uint32_t)regs->x[1];
	bool fits = !(asked & FFA_VERSION_MBZ) && asked >> 16 == own >> 16 &&
	            (asked & 0xffff) <= (own & 0xffff);

	if (fits && (!spmc->version_locked || asked == spmc->version)) {
		spmc->version = asked;
		*regs = (struct ffa_regs){{own}};
	} else {
		*regs = (struct ffa_regs){{SMCCC_NOT_SUPPORTED}};
	}
}

static void handle_id_get(struct world *world, struct ffa_regs *regs)
{
	(void)world;
	succeed(regs, FFA_ID_HYPERVISOR, 0);
}

static void handle_spm_id_get(struct world *world, struct ffa_regs *regs)
{
	(void)world;
	succeed(regs, FFA_ID_SPMC, 0);
}

static void handle_rxtx_map(struct world *world, struct ffa_regs *regs)
{
	struct world_spmc *spmc = &world->state.spmc;
	uint64_t tx = regs->x[1], rx = regs->x[2];
	uint32_t pages = (uint32_t)regs->x[3];

	if (spmc->rx != WORLD_RX_UNMAPPED) {
		fail(regs, FFA_DENIED);
		return;
	}
	if (pages == 0 || pages > MAX_RXTX_PAGES || tx % SHIM_PAGE || rx % SHIM_PAGE || tx == rx ||
	    !world_memory(world, tx, SHIM_PAGE, false) ||
	    !world_memory(world, rx, SHIM_PAGE, false)) {
		fail(regs, FFA_INVALID_PARAMETERS);
		return;
	}
	spmc->tx_page = tx;
	spmc->rx_page = rx;
	spmc->rx = WORLD_RX_EMPTY;
	succeed(regs, 0, 0);
}

static void handle_rxtx_unmap(struct world *world, struct ffa_regs *regs)
{
	struct world_spmc *spmc = &world->state.spmc;

	if (ffa_high_half(regs->x[1]) != 0 || spmc->rx == WORLD_RX_UNMAPPED) {
		fail(regs, FFA_INVALID_PARAMETERS);
		return;
	}
	spmc->rx = WORLD_RX_UNMAPPED;
	spmc->rx_page = spmc->tx_page = 0;
	succeed(regs, 0, 0);
}

static void handle_rx_release(struct world *world, struct ffa_regs *regs)
{
	if (ffa_low_half(regs->x[1]) != 0) {
		fail(regs, FFA_INVALID_PARAMETERS);
	} else if (world->state.spmc.rx != WORLD_RX_FULL) {
		fail(regs, FFA_DENIED);
	} else {
		world->state.spmc.rx = WORLD_RX_EMPTY;
		succeed(regs, 0, 0);
	}
}

static bool uuid_matches(const struct world_sp *sp, const uint32_t *uuid, bool nil)
{
	return nil || memcmp(sp->uuid, uuid, sizeof sp->uuid) == 0;
}

static void put_word(uint8_t *at, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

/* One descriptor, little-endian: id, contexts, properties, and from 1.1 on the UUID (of a nil
 * query). */
static void put_descriptor(uint8_t *at, const struct world_sp *sp, uint32_t size, bool nil)
{
	put_word(at, (uint32_t)sp->contexts << 16 | sp->id.v);
	put_word(at + 4, size == DESCRIPTOR_SIZE_1_0 ? sp->properties & 7 : sp->properties);
	for (unsigned i = 0; size == DESCRIPTOR_SIZE_1_1 && i < 4; i++)
		put_word(at + 8 + 4 * i, nil ? sp->uuid[i] : 0);
}

static unsigned put_descriptors(struct world *world, const uint32_t *uuid, uint32_t size)
{
	bool nil = !(uuid[0] | uuid[1] | uuid[2] | uuid[3]);
	uint8_t *page = world_memory(world, world->state.spmc.rx_page, SHIM_PAGE, true);
	unsigned count = 0;

	for (unsigned i = 0; i < world->config.sp_count; i++)
		if (uuid_matches(&world->config.sps[i], uuid, nil))
			put_descriptor(page + (size_t)size * count++, &world->config.sps[i], size,
			               nil);
	return count;
}

static unsigned count_partitions(const struct world *world, const uint32_t *uuid)
{
	bool nil = !(uuid[0] | uuid[1] | uuid[2] | uuid[3]);
	unsigned count = 0;

	for (unsigned i = 0; i < world->config.sp_count; i++)
		count += uuid_matches(&world->config.sps[i], uuid, nil);
	return count;
}

static void handle_partition_info_get(struct world *world, struct ffa_regs *regs)
{
	const uint32_t uuid[4] = {(uint32_t)regs->x[1], (uint32_t)regs->x[2], (uint32_t)regs->x[3],
	                          (uint32_t)regs->x[4]};
	uint32_t flags = (uint32_t)regs->x[5];
	uint32_t size = world->state.spmc.version >= FFA_VERSION_1_1 ? DESCRIPTOR_SIZE_1_1
	                                                             : DESCRIPTOR_SIZE_1_0;
	unsigned count = count_partitions(world, uuid);
	bool nil = !(uuid[0] | uuid[1] | uuid[2] | uuid[3]);

	if (flags & ~PARTITION_INFO_COUNT_ONLY || (!nil && count == 0)) {
		fail(regs, FFA_INVALID_PARAMETERS);
	} else if (flags & PARTITION_INFO_COUNT_ONLY) {
		succeed(regs, count, 0);
	} else if (world->state.spmc.rx != WORLD_RX_EMPTY) {
		fail(regs, FFA_BUSY);
	} else {
		put_descriptors(world, uuid, size);
		world->state.spmc.rx = WORLD_RX_FULL;
		succeed(regs, count, size);
	}
}

static void handle_features(struct world *world, struct ffa_regs *regs);

static const struct handler handlers[] = {
        {FFA_VERSION_32, handle_version},
        {FFA_FEATURES_32, handle_features},
        {FFA_ID_GET_32, handle_id_get},
        {FFA_SPM_ID_GET_32, handle_spm_id_get},
        {FFA_RXTX_MAP_64, handle_rxtx_map},
        {FFA_RXTX_UNMAP_32, handle_rxtx_unmap},
        {FFA_RX_RELEASE_32, handle_rx_release},
        {FFA_PARTITION_INFO_GET_32, handle_partition_info_get},
};

static const struct handler *find_handler(const struct world *world, uint32_t fid)
{
	const struct world_spmc_config *config = &world->config.spmc;

	for (unsigned i = 0; i < config->without_count; i++)
		if (config->without[i] == fid)
			return NULL;
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
		if (handlers[i].fid == fid)
			return &handlers[i];
	return NULL;
}

static void handle_features(struct world *world, struct ffa_regs *regs)
{
	uint32_t asked = (uint32_t)regs->x[1];

	/* what carries an answer is there as soon as anything is */
	if (asked == FFA_ERROR_32 || asked == FFA_SUCCESS_32) {
		succeed(regs, 0, 0);
	} else if (!find_handler(world, asked)) {
		fail(regs, FFA_NOT_SUPPORTED);
	} else if (asked == FFA_RXTX_MAP_64 && world->state.spmc.version >= FFA_VERSION_1_2) {
		succeed(regs, (uint64_t)MAX_RXTX_PAGES << 16, 0);
	} else {
		succeed(regs, 0, 0);
	}
}

void world_spmc_call(struct world *world, struct ffa_regs *regs)
{
	uint32_t fid = (uint32_t)regs->x[0];
	const struct handler *handler;

	if (!world->config.spmc.present) {
		*regs = (struct ffa_regs){{SMCCC_NOT_SUPPORTED}};
		return;
	}
	if (fid != FFA_VERSION_32)
		world->state.spmc.version_locked = true;
	handler = find_handler(world, fid);
	if (handler)
		handler->handle(world, regs);
	else if (fid == FFA_VERSION_32)
		*regs = (struct ffa_regs){{SMCCC_NOT_SUPPORTED}};
	else
		fail(regs, FFA_NOT_SUPPORTED);
}
