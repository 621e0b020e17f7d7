/* SPDX-License-Identifier: MIT */
/* The calls of the SPMC: which there are, and those about itself. */
#include "emu/world/spmc.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "emu/world/spmc_internal.h"

#define SMCCC_NOT_SUPPORTED 0xffffffffull
#define FEATURE_RESERVED    0x7fffff00u
#define FUNCTION_BIT        0x80000000u
#define MAX_RXTX_PAGES      1u

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

/* VERSION */

static bool version_fits(const struct world *world, uint32_t asked)
{
	uint32_t own = world->config.spmc.version;

	return asked >> 16 == own >> 16 && (asked & 0xffff) <= (own & 0xffff);
}

static uint64_t version_strict(struct world *world, uint32_t asked)
{
	struct world_spmc *spmc = &world->state.spmc;

	if (!version_fits(world, asked) || (spmc->version_locked && asked != spmc->version))
		return SMCCC_NOT_SUPPORTED;
	spmc->version = asked;
	return world->config.spmc.version;
}

static uint64_t version_own(struct world *world, uint32_t asked)
{
	struct world_spmc *spmc = &world->state.spmc;

	if (spmc->version_locked)
		return spmc->version ? spmc->version : SMCCC_NOT_SUPPORTED;
	if (version_fits(world, asked))
		spmc->version = asked;
	return world->config.spmc.version;
}

static uint64_t version_lower(struct world *world, uint32_t asked)
{
	struct world_spmc *spmc = &world->state.spmc;

	spmc->version = version_fits(world, asked) ? asked : world->config.spmc.version;
	return spmc->version;
}

static enum ffa_status handle_version(struct world *world, const struct ffa_regs *in,
                                      struct ffa_regs *out)
{
	static uint64_t (*const rules[])(struct world *, uint32_t) = {
	        [WORLD_VERSION_RULE_STRICT] = version_strict,
	        [WORLD_VERSION_RULE_OWN] = version_own,
	        [WORLD_VERSION_RULE_LOWER] = version_lower,
	};
	uint32_t asked = (uint32_t)in->x[1];

	/* the SPMD refuses bit 31 itself */
	out->x[0] = asked & FFA_VERSION_MBZ
	                    ? SMCCC_NOT_SUPPORTED
	                    : rules[world_knob(world, WORLD_KNOB_VERSION_RULE)](world, asked);
	return FFA_OK;
}

/* Ids: to the normal world the SPMD answers ID_GET with 0. */

static enum ffa_status handle_id_get(struct world *world, const struct ffa_regs *in,
                                     struct ffa_regs *out)
{
	(void)world;
	(void)in;
	out->x[2] = FFA_ID_HYPERVISOR;
	return FFA_OK;
}

static enum ffa_status handle_spm_id_get(struct world *world, const struct ffa_regs *in,
                                         struct ffa_regs *out)
{
	(void)world;
	(void)in;
	out->x[2] = FFA_ID_SPMC;
	return FFA_OK;
}

/* FEATURES */

static enum ffa_status feature_id(const struct world *world, uint32_t feature, struct ffa_regs *out)
{
	bool claims =
	        world_knob(world, WORLD_KNOB_FEATURES_CLAIMS) == WORLD_FEATURES_CLAIMS_SET_AND_MEI;

	if (feature == FFA_FEATURE_SRI && world->config.spmc.sri) {
		out->x[2] = world->config.spmc.sri;
		return FFA_OK;
	}
	return feature == FFA_FEATURE_MEI && claims ? FFA_OK : FFA_NOT_SUPPORTED;
}

static bool claims_function(const struct world *world, uint32_t fid)
{
	return world_spmc_has(world, fid) ||
	       (fid == FFA_NOTIFICATION_SET_32 &&
	        world_knob(world, WORLD_KNOB_FEATURES_CLAIMS) == WORLD_FEATURES_CLAIMS_SET_AND_MEI);
}

static enum ffa_status handle_features(struct world *world, const struct ffa_regs *in,
                                       struct ffa_regs *out)
{
	uint32_t asked = (uint32_t)in->x[1];

	if ((uint32_t)in->x[2] && world_knob(world, WORLD_KNOB_FEATURES_PROPERTY) ==
	                                  WORLD_FEATURES_PROPERTY_NOT_SUPPORTED)
		return FFA_NOT_SUPPORTED;
	if (!(asked & FUNCTION_BIT))
		return asked & FEATURE_RESERVED ? FFA_NOT_SUPPORTED : feature_id(world, asked, out);
	if (!claims_function(world, asked))
		return FFA_NOT_SUPPORTED;
	if ((asked == FFA_RXTX_MAP_64 || asked == FFA_RXTX_MAP_32) &&
	    world_knob(world, WORLD_KNOB_FEATURES_RXTX) == WORLD_FEATURES_RXTX_LIMIT &&
	    world->state.spmc.version >= FFA_VERSION_1_2)
		out->x[2] = (uint64_t)MAX_RXTX_PAGES << 16;
	return FFA_OK;
}

/* The table */

static const struct handler {
	uint32_t fid;
	world_spmc_handler *handle; /* NULL: only ever an answer */
} handlers[] = {
        {FFA_VERSION_32, handle_version},
        {FFA_FEATURES_32, handle_features},
        {FFA_ID_GET_32, handle_id_get},
        {FFA_SPM_ID_GET_32, handle_spm_id_get},
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

bool world_spmc_has(const struct world *world, uint32_t fid)
{
	const struct world_spmc_config *config = &world->config.spmc;
	const struct ffa_call *call = ffa_call_by_fid(fid);

	if (!call || !world_spmc_knows(fid) || !is_listed(config, fid))
		return false;
	if (call->since >= FFA_VERSION_1_2 && world->state.spmc.version < call->since)
		return false;
	for (unsigned i = 0; i < config->without_count; i++)
		if (config->without[i] == fid)
			return false;
	return true;
}

static enum ffa_status serve(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	uint32_t fid = (uint32_t)in->x[0];
	const struct handler *handler = find_handler(fid);
	struct world_spmc *spmc = &world->state.spmc;

	if (fid != FFA_VERSION_32)
		spmc->version_locked = true;
	if (fid != FFA_VERSION_32 && !spmc->version &&
	    world_knob(world, WORLD_KNOB_BEFORE_VERSION) == WORLD_BEFORE_VERSION_NOT_SUPPORTED)
		return FFA_NOT_SUPPORTED;
	if (!handler || !handler->handle || !world_spmc_has(world, fid))
		return FFA_NOT_SUPPORTED;
	if (world_spmc_retries(world, fid))
		return FFA_RETRY;
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
		*out = (struct ffa_regs){{SMCCC_NOT_SUPPORTED}};
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

void world_spmc_call(struct world *world, struct ffa_regs *regs)
{
	const struct ffa_regs in = *regs;
	const struct world_fault *fault;

	*regs = (struct ffa_regs){{SMCCC_NOT_SUPPORTED}};
	if (!world->config.spmc.present)
		return;
	fault = world_spmc_fault(world, &in);
	if (fault)
		answer_faulty(world, fault, &in, regs);
	else
		answer_call(world, &in, regs);
}
