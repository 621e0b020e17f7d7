/* SPDX-License-Identifier: MIT */
/*
 * What the SPMC says about itself: version, ids, features. Facts spmc.md
 * sections 1.3.1 to 1.3.3 and spmc-differences.md.
 */
#include "emu/world/spmc_internal.h"

#define FEATURE_RESERVED 0x7fffff00u
#define FUNCTION_BIT     0x80000000u
#define MAX_RXTX_PAGES   1u

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
		return WORLD_SMCCC_UNKNOWN;
	spmc->version = asked;
	return world->config.spmc.version;
}

static uint64_t version_own(struct world *world, uint32_t asked)
{
	struct world_spmc *spmc = &world->state.spmc;

	if (spmc->version_locked)
		return spmc->version ? spmc->version : WORLD_SMCCC_UNKNOWN;
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

/* Another major version changes nothing. */
static uint64_t version_own_always(struct world *world, uint32_t asked)
{
	uint32_t own = world->config.spmc.version;

	if (asked >> 16 == own >> 16)
		world->state.spmc.version = asked < own ? asked : own;
	return own;
}

enum ffa_status world_version(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	static uint64_t (*const rules[])(struct world *, uint32_t) = {
	        [WORLD_VERSION_RULE_STRICT] = version_strict,
	        [WORLD_VERSION_RULE_OWN] = version_own,
	        [WORLD_VERSION_RULE_LOWER] = version_lower,
	        [WORLD_VERSION_RULE_OWN_ALWAYS] = version_own_always,
	};
	uint32_t asked = (uint32_t)in->x[1];

	/* the SPMD refuses bit 31 itself */
	out->x[0] = asked & FFA_VERSION_MBZ
	                    ? WORLD_SMCCC_UNKNOWN
	                    : rules[world_knob(world, WORLD_KNOB_VERSION_RULE)](world, asked);
	return FFA_OK;
}

/* Ids: to the normal world the SPMD answers ID_GET with 0. */

enum ffa_status world_id_get(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	(void)world;
	(void)in;
	out->x[2] = FFA_ID_HYPERVISOR;
	return FFA_OK;
}

enum ffa_status world_spm_id_get(struct world *world, const struct ffa_regs *in,
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
	bool later = world_knob(world, WORLD_KNOB_LATER_CALLS) == WORLD_LATER_CALLS_ANSWERED;

	if (later ? world_spmc_implements(world, fid) : world_spmc_has(world, fid))
		return true;
	return fid == FFA_NOTIFICATION_SET_32 &&
	       world_knob(world, WORLD_KNOB_FEATURES_CLAIMS) == WORLD_FEATURES_CLAIMS_SET_AND_MEI;
}

static enum ffa_status function_id(const struct world *world, uint32_t fid, struct ffa_regs *out)
{
	if (!claims_function(world, fid))
		return FFA_NOT_SUPPORTED;
	if ((fid == FFA_RXTX_MAP_64 || fid == FFA_RXTX_MAP_32) &&
	    world_knob(world, WORLD_KNOB_FEATURES_RXTX) == WORLD_FEATURES_RXTX_LIMIT &&
	    world->state.spmc.version >= FFA_VERSION_1_2)
		out->x[2] = (uint64_t)MAX_RXTX_PAGES << 16;
	return FFA_OK;
}

/* The answer that the profile gives, NULL if there is none. */
static const struct world_feature *given_answer(const struct world *world, uint32_t asked)
{
	const struct world_spmc_config *config = &world->config.spmc;

	for (unsigned i = 0; i < config->feature_count; i++)
		if (config->features[i].asked == asked && !world_spmc_lacks(world, asked))
			return &config->features[i];
	return NULL;
}

static bool refuses_property(const struct world *world, uint32_t asked)
{
	switch (world_knob(world, WORLD_KNOB_FEATURES_PROPERTY)) {
	case WORLD_FEATURES_PROPERTY_NOT_SUPPORTED:
		return true;
	case WORLD_FEATURES_PROPERTY_OF_FEATURES:
		return !(asked & FUNCTION_BIT);
	default:
		return false;
	}
}

enum ffa_status world_features(struct world *world, const struct ffa_regs *in, struct ffa_regs *out)
{
	uint32_t asked = (uint32_t)in->x[1];
	const struct world_feature *given = given_answer(world, asked);

	if ((uint32_t)in->x[2] && refuses_property(world, asked))
		return FFA_NOT_SUPPORTED;
	if (given) {
		out->x[2] = given->w2;
		return given->refused ? FFA_NOT_SUPPORTED : FFA_OK;
	}
	if (asked & FUNCTION_BIT)
		return function_id(world, asked, out);
	return asked & FEATURE_RESERVED ? FFA_NOT_SUPPORTED : feature_id(world, asked, out);
}

/* The calls that the SPMD answers or refuses itself, and those that only ever end a call. */
static bool reaches_spmc(uint32_t fid)
{
	switch (fid) {
	case FFA_VERSION_32:
	case FFA_ID_GET_32:
	case FFA_SPM_ID_GET_32:
	case FFA_INTERRUPT_32:
	case FFA_MSG_WAIT_32:
	case FFA_YIELD_32:
	case FFA_CONSOLE_LOG_32:
	case FFA_CONSOLE_LOG_64:
	case FFA_SUCCESS_32:
	case FFA_SUCCESS_64:
		return false;
	default:
		return true;
	}
}

/* A call that the machine has not, but the SPMC it stands for. */
static bool reported_only(const struct world *world, uint32_t fid)
{
	const struct world_feature *given = given_answer(world, fid);

	return given && !given->refused;
}

bool world_locks_version(const struct world *world, const struct ffa_regs *in)
{
	uint32_t fid = (uint32_t)in->x[0];

	if (world_knob(world, WORLD_KNOB_VERSION_LOCK) == WORLD_VERSION_LOCK_ANY)
		return fid != FFA_VERSION_32;
	if (!reaches_spmc(fid) || world_run_is_refused(world, in))
		return false;
	return (world_spmc_has(world, fid) || reported_only(world, fid));
}
