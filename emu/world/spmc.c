/* SPDX-License-Identifier: MIT */
/* The calls of the SPMC: which there are, and how each gets its answer. */
#include "emu/world/spmc.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "emu/world/spmc_internal.h"

void world_spmc_default(struct world_spmc_config *ret_config)
{
	static const uint32_t fids[] = {
	        FFA_ERROR_32,      FFA_SUCCESS_32,
	        FFA_VERSION_32,    FFA_FEATURES_32,
	        FFA_ID_GET_32,     FFA_SPM_ID_GET_32,
	        FFA_RXTX_MAP_64,   FFA_RXTX_UNMAP_32,
	        FFA_RX_RELEASE_32, FFA_PARTITION_INFO_GET_32,
	};

	memset(ret_config, 0, sizeof *ret_config);
	ret_config->present = true;
	ret_config->version = FFA_VERSION_1_2;
	ret_config->slots = WORLD_SPMC_SLOTS;
	for (size_t i = 0; i < sizeof fids / sizeof fids[0]; i++)
		world_spmc_add(ret_config, fids[i]);
}

void world_spmc_begin(struct world *world)
{
	world->state.spmc.rx_stays_full =
	        world_knob(world, WORLD_KNOB_RX_AT_BOOT) == WORLD_RX_AT_BOOT_FULL;
}

void world_spmc_add(struct world_spmc_config *config, uint32_t fid)
{
	config->functions[ffa_fid_is_64bit(fid)] |= 1ull << (FFA_FID_NUMBER(fid) - FFA_FN_FIRST);
}

int world_find_sp(const struct world *world, uint16_t id)
{
	for (unsigned i = 0; i < world->config.sp_count; i++)
		if (world->config.sps[i].id.v == id)
			return (int)i;
	return -1;
}

void world_raise_sri(struct world *world)
{
	world->state.spmc.sri_delayed = false;
	if (world->config.spmc.sri)
		world->state.sri |= 1u << world->config.spmc.sri;
}

static const struct handler {
	uint32_t fid;
	world_spmc_handler *handle; /* NULL: only ever an answer */
} handlers[] = {
        {FFA_VERSION_32, world_version},
        {FFA_FEATURES_32, world_features},
        {FFA_ID_GET_32, world_id_get},
        {FFA_SPM_ID_GET_32, world_spm_id_get},
        {FFA_RXTX_MAP_32, world_rxtx_map},
        {FFA_RXTX_MAP_64, world_rxtx_map},
        {FFA_RXTX_UNMAP_32, world_rxtx_unmap},
        {FFA_RX_RELEASE_32, world_rx_release},
        {FFA_PARTITION_INFO_GET_32, world_partition_info_get},
        {FFA_PARTITION_INFO_GET_REGS_64, world_partition_info_get_regs},
        {FFA_MSG_SEND_DIRECT_REQ_32, world_direct_request},
        {FFA_MSG_SEND_DIRECT_REQ_64, world_direct_request},
        {FFA_MSG_SEND_DIRECT_REQ2_64, world_direct_request},
        {FFA_RUN_32, world_run},
        {FFA_NOTIFICATION_BITMAP_CREATE_32, world_bitmap_create},
        {FFA_NOTIFICATION_BITMAP_DESTROY_32, world_bitmap_destroy},
        {FFA_NOTIFICATION_BIND_32, world_notification_bind},
        {FFA_NOTIFICATION_UNBIND_32, world_notification_unbind},
        {FFA_NOTIFICATION_SET_32, world_notification_set},
        {FFA_NOTIFICATION_GET_32, world_notification_get},
        {FFA_NOTIFICATION_INFO_GET_32, world_notification_info_get},
        {FFA_NOTIFICATION_INFO_GET_64, world_notification_info_get},
        {FFA_ERROR_32, NULL},
        {FFA_SUCCESS_32, NULL},
        {FFA_SUCCESS_64, NULL},
        {FFA_INTERRUPT_32, NULL},
        {FFA_MSG_WAIT_32, NULL},
        {FFA_YIELD_32, NULL},
        {FFA_MSG_SEND_DIRECT_RESP_32, NULL},
        {FFA_MSG_SEND_DIRECT_RESP_64, NULL},
        {FFA_MSG_SEND_DIRECT_RESP2_64, NULL},
};

static const struct handler *find_handler(uint32_t fid)
{
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
		if (handlers[i].fid == fid)
			return &handlers[i];
	return NULL;
}

bool world_spmc_knows(uint32_t fid)
{
	return find_handler(fid);
}

static bool is_listed(const struct world_spmc_config *config, uint32_t fid)
{
	uint64_t listed = config->functions[ffa_fid_is_64bit(fid)];

	if (!(config->functions[0] | config->functions[1]))
		return true;
	return listed >> (FFA_FID_NUMBER(fid) - FFA_FN_FIRST) & 1;
}

bool world_spmc_lacks(const struct world *world, uint32_t fid)
{
	const struct world_spmc_config *config = &world->config.spmc;

	for (unsigned i = 0; i < config->without_count; i++)
		if (config->without[i] == fid)
			return true;
	return false;
}

bool world_spmc_implements(const struct world *world, uint32_t fid)
{
	return ffa_call_by_fid(fid) && world_spmc_knows(fid) &&
	       is_listed(&world->config.spmc, fid) && !world_spmc_lacks(world, fid);
}

/* The SPMD keeps REQ2 from an SPMC with which a lower version was negotiated. */
static bool allowed_by_version(const struct world *world, uint32_t fid)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);

	if (call->since < FFA_VERSION_1_2 || world->state.spmc.version >= call->since)
		return true;
	return world_knob(world, WORLD_KNOB_LATER_CALLS) == WORLD_LATER_CALLS_ANSWERED &&
	       fid != FFA_MSG_SEND_DIRECT_REQ2_64;
}

bool world_spmc_has(const struct world *world, uint32_t fid)
{
	return world_spmc_implements(world, fid) && allowed_by_version(world, fid);
}

static enum ffa_status serve(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	uint32_t fid = (uint32_t)in->x[0];
	const struct handler *handler = find_handler(fid);
	struct world_spmc *spmc = &world->state.spmc;

	if (world_locks_version(world, in))
		spmc->version_locked = true;
	if (fid != FFA_VERSION_32 && !spmc->version &&
	    world_knob(world, WORLD_KNOB_BEFORE_VERSION) == WORLD_BEFORE_VERSION_NOT_SUPPORTED)
		return FFA_NOT_SUPPORTED;
	if (!handler || !handler->handle || !world_spmc_has(world, fid))
		return FFA_NOT_SUPPORTED;
	if (world_spmc_retries(world, fid)) {
		world_note_lie(world, WORLD_KNOB_LIE_RETRY);
		return FFA_RETRY;
	}
	return handler->handle(world, in, out);
}

/* Serves a call with the knobs that are in force for it. */
static void answer_call(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	uint32_t fid = (uint32_t)in->x[0];
	enum ffa_status status;

	*out = (struct ffa_regs){{FFA_SUCCESS_32}};
	status = serve(world, in, out);
	if (status != FFA_OK && fid == FFA_VERSION_32)
		*out = (struct ffa_regs){{WORLD_SMCCC_UNKNOWN}};
	else if (status != FFA_OK)
		*out = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)status}};
	if (world->state.spmc.sri_delayed)
		world_raise_sri(world);
	world_spmc_lie(world, fid, out);
}

static void answer_faulty(struct world *world, const struct world_fault *fault,
                          const struct ffa_regs *in, struct ffa_regs *out)
{
	uint8_t knobs[WORLD_KNOB_COUNT];

	if (fault->kind == WORLD_FAULT_ANSWER) {
		world_fault_answer(world, fault, (uint32_t)in->x[0], out);
		return;
	}
	if (fault->kind == WORLD_FAULT_BEHAVIOUR) {
		world_fault_knobs(world, fault, knobs);
		world->knobs = knobs;
	}
	answer_call(world, in, out);
	world->knobs = NULL;
	world_fault_change(fault, out);
}

const char *world_spmc_stop_text(enum world_spmc_stop stop)
{
	static const char *const texts[] = {
	        [WORLD_SPMC_RUNS] = "it runs",
	        [WORLD_SPMC_STOP_GET_UNKNOWN] =
	                "the receiver has no notification bitmap there, which this SPMC asserts",
	};

	_Static_assert(sizeof texts / sizeof texts[0] == WORLD_SPMC_STOP_COUNT,
	               "every reason has a text");
	return texts[stop];
}

void world_spmc_call(struct world *world, struct ffa_regs *regs)
{
	const struct ffa_regs in = *regs;
	const struct world_fault *fault;
	struct world_spmc_before before;

	*regs = (struct ffa_regs){{WORLD_SMCCC_UNKNOWN}};
	if (!world->config.spmc.present)
		return;
	*regs = in;
	if (world->state.spmc.stopped)
		return;
	world_ledger_begin(world, &before);
	fault = world_spmc_fault(world, &in);
	if (fault)
		answer_faulty(world, fault, &in, regs);
	else
		answer_call(world, &in, regs);
	if (world->state.spmc.stopped)
		*regs = in;
	else
		world_ledger_end(world, &before, &in, fault, regs);
}
