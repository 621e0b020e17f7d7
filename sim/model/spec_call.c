/* SPDX-License-Identifier: MIT */
#include "sim/model/spec_call.h"

#include "abi/ffa_ids.h"
#include "sim/explore/hash.h"

#define PLAIN_REGS  8u
#define REFUSED     0xffffffffu /* FFA_VERSION: NOT_SUPPORTED in w0 */
#define IS_FUNCTION 0x80000000u /* in w1 of FFA_FEATURES */
#define GET_FLAGS   0xfu
#define LAST_SGI    15u
#define ONE_LIST    (1u << 7) /* INFO_GET: one list, of one id, nothing more to come */

typedef struct sim_spec_plan plan_function(const struct sim_spec_profile *profile,
                                           const struct sim_spec_call *call, unsigned version);

/* A call that a VM of version `since` may make; without a plan it is an answer, which has a name
 * only. */
struct row {
	uint32_t fid;
	unsigned since;
	bool notification;
	uint32_t success; /* x0 */
	plan_function *plan;
};

static const struct sim_spec_plan not_supported = {SIM_SPEC_HERE, FFA_NOT_SUPPORTED};
static const struct sim_spec_plan invalid = {SIM_SPEC_HERE, FFA_INVALID_PARAMETERS};
static const struct sim_spec_plan success = {SIM_SPEC_HERE, FFA_OK};
static const struct sim_spec_plan own = {SIM_SPEC_OWN, FFA_OK};

static plan_function plan_own, plan_features, plan_success, plan_bind, plan_set, plan_get;

static const struct row rows[] = {
        {FFA_ERROR_32, SIM_SPEC_1_0, false, 0, NULL},
        {FFA_SUCCESS_32, SIM_SPEC_1_0, false, 0, NULL},
        {FFA_SUCCESS_64, SIM_SPEC_1_0, false, 0, NULL},
        {FFA_VERSION_32, 0, false, FFA_VERSION_1_2, plan_own},
        {FFA_FEATURES_32, SIM_SPEC_1_0, false, FFA_SUCCESS_32, plan_features},
        {FFA_ID_GET_32, SIM_SPEC_1_0, false, FFA_SUCCESS_32, plan_success},
        {FFA_NOTIFICATION_BIND_32, SIM_SPEC_1_1, true, FFA_SUCCESS_32, plan_bind},
        {FFA_NOTIFICATION_UNBIND_32, SIM_SPEC_1_1, true, FFA_SUCCESS_32, plan_bind},
        {FFA_NOTIFICATION_SET_32, SIM_SPEC_1_1, true, FFA_SUCCESS_32, plan_set},
        {FFA_NOTIFICATION_GET_32, SIM_SPEC_1_1, true, FFA_SUCCESS_32, plan_get},
        {FFA_NOTIFICATION_INFO_GET_32, SIM_SPEC_1_1, true, FFA_SUCCESS_32, plan_own},
        {FFA_NOTIFICATION_INFO_GET_64, SIM_SPEC_1_1, true, FFA_SUCCESS_64, plan_own},
};

static const struct row *find_row(uint32_t fid)
{
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].fid == fid)
			return &rows[i];
	return NULL;
}

bool sim_spec_notifies(const struct sim_spec_profile *profile, unsigned version)
{
	return version >= SIM_SPEC_1_1 && (profile->vm_to_vm || profile->sps);
}

static bool is_offered(const struct sim_spec_profile *profile, const struct row *row,
                       unsigned version)
{
	return row && version >= row->since &&
	       (!row->notification || sim_spec_notifies(profile, version));
}

struct sim_spec_plan sim_spec_plan(const struct sim_spec_profile *profile,
                                   const struct sim_spec_call *call, unsigned version)
{
	const struct row *row = find_row(call->fid);

	if (!is_offered(profile, row, version) || !row->plan)
		return not_supported;
	return row->plan(profile, call, version);
}

unsigned sim_spec_version(uint32_t wanted)
{
	uint32_t minor = wanted & 0xffff;

	if (wanted >> 16 != FFA_VERSION_1_0 >> 16)
		return 0;
	return minor < 2 ? minor + 1 : SIM_SPEC_1_2;
}

uint64_t sim_spec_bits(const struct sim_spec_call *call)
{
	return ffa_join(call->w[3], call->w[4]);
}

uint32_t sim_spec_secure_maps(const struct sim_spec_profile *profile,
                              const struct sim_spec_call *call)
{
	return profile->sps ? call->w[2] & (FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM) : 0;
}

static struct sim_spec_plan plan_own(const struct sim_spec_profile *profile,
                                     const struct sim_spec_call *call, unsigned version)
{
	(void)profile, (void)call, (void)version;
	return own;
}

static struct sim_spec_plan plan_success(const struct sim_spec_profile *profile,
                                         const struct sim_spec_call *call, unsigned version)
{
	(void)profile, (void)call, (void)version;
	return success;
}

/* No VM schedules another, so the SRI is nobody's. A feature id with reserved bits is no id. */
static struct sim_spec_plan plan_features(const struct sim_spec_profile *profile,
                                          const struct sim_spec_call *call, unsigned version)
{
	bool has = call->w[1] & IS_FUNCTION
	                   ? is_offered(profile, find_row(call->w[1]), version)
	                   : call->w[1] == FFA_FEATURE_NPI && sim_spec_notifies(profile, version);

	return has ? success : not_supported;
}

/* Of notifications between the caller and this partition. */
static struct sim_spec_plan plan_peer(const struct sim_spec_profile *profile, uint16_t peer,
                                      enum sim_spec_place place_of_vms)
{
	struct sim_spec_plan served = {place_of_vms, FFA_OK};

	if (ffa_id_is_secure(ffa_make_id(peer))) {
		served.place = SIM_SPEC_SPMC;
		return profile->sps ? served : not_supported;
	}
	return profile->vm_to_vm ? served : not_supported;
}

/* BIND: flags in w2, and none is supported. UNBIND: w2 must be zero. */
static struct sim_spec_plan plan_bind(const struct sim_spec_profile *profile,
                                      const struct sim_spec_call *call, unsigned version)
{
	uint16_t sender = ffa_high_half(call->w[1]), receiver = ffa_low_half(call->w[1]);

	(void)version;
	if (call->w[2] || receiver != call->self || sender == call->self ||
	    sender == FFA_ID_HYPERVISOR || !sim_spec_bits(call))
		return invalid;
	return plan_peer(profile, sender, SIM_SPEC_OWN);
}

static struct sim_spec_plan plan_set(const struct sim_spec_profile *profile,
                                     const struct sim_spec_call *call, unsigned version)
{
	uint16_t sender = ffa_high_half(call->w[1]), receiver = ffa_low_half(call->w[1]);

	(void)version;
	if (call->w[2] || sender != call->self || receiver == call->self ||
	    receiver == FFA_ID_HYPERVISOR || !sim_spec_bits(call))
		return invalid;
	return plan_peer(profile, receiver, SIM_SPEC_OTHER);
}

static struct sim_spec_plan plan_get(const struct sim_spec_profile *profile,
                                     const struct sim_spec_call *call, unsigned version)
{
	uint16_t vcpu = ffa_high_half(call->w[1]), receiver = ffa_low_half(call->w[1]);

	(void)profile, (void)version;
	if (receiver != call->self || vcpu >= call->vcpus || call->w[2] & ~GET_FLAGS)
		return invalid;
	return own;
}

static void fill_success(const struct sim_spec_call *call, uint64_t value, struct ffa_regs *regs)
{
	const struct row *row = find_row(call->fid);

	regs->x[0] = row ? row->success : 0;
	switch (call->fid) {
	case FFA_ID_GET_32:
		regs->x[2] = call->self;
		break;
	case FFA_NOTIFICATION_GET_32:
		regs->x[4] = (uint32_t)value;
		regs->x[5] = value >> 32;
		break;
	case FFA_NOTIFICATION_INFO_GET_32:
	case FFA_NOTIFICATION_INFO_GET_64:
		regs->x[2] = ONE_LIST;
		regs->x[3] = call->self;
		break;
	default:
		break;
	}
}

static void fill_error(const struct sim_spec_call *call, int32_t status, struct ffa_regs *regs)
{
	regs->x[0] = call->fid == FFA_VERSION_32 ? REFUSED : FFA_ERROR_32;
	regs->x[2] = call->fid == FFA_VERSION_32 ? 0 : (uint32_t)status;
}

/* Registers with a choice or an origin of their own are taken as they are. */
static void fill_free(const struct sim_spec_profile *profile, const struct sim_spec_call *call,
                      const struct ffa_regs *answer, struct ffa_regs *regs)
{
	uint32_t secure = sim_spec_secure_maps(profile, call);

	if (call->fid == FFA_FEATURES_32 && call->w[1] == FFA_FEATURE_NPI && answer->x[2] &&
	    answer->x[2] <= LAST_SGI)
		regs->x[2] = answer->x[2];
	if (call->fid != FFA_NOTIFICATION_GET_32)
		return;
	if (secure & FFA_NOTIFICATION_GET_SP) {
		regs->x[2] = (uint32_t)answer->x[2];
		regs->x[3] = (uint32_t)answer->x[3];
	}
	if (secure & FFA_NOTIFICATION_GET_SPM)
		regs->x[6] = (uint32_t)answer->x[6];
}

bool sim_spec_answers(const struct sim_spec_profile *profile, const struct sim_spec_call *call,
                      int32_t status, uint64_t value, const struct ffa_regs *answer)
{
	struct ffa_regs regs = {{0}};

	if (status == FFA_OK) {
		fill_success(call, value, &regs);
		fill_free(profile, call, answer, &regs);
	} else {
		fill_error(call, status, &regs);
	}
	for (unsigned i = 0; i < PLAIN_REGS; i++)
		if (regs.x[i] != answer->x[i])
			return false;
	return true;
}

uint64_t sim_spec_upper(const struct ffa_regs *regs)
{
	const uint64_t *upper = &regs->x[PLAIN_REGS];
	uint64_t any = 0;

	for (unsigned i = 0; i < FFA_REG_COUNT - PLAIN_REGS; i++)
		any |= upper[i];
	return any ? sim_hash_bytes(SIM_HASH_SEED, (const uint8_t *)upper,
	                            (FFA_REG_COUNT - PLAIN_REGS) * sizeof *upper) |
	                       1
	           : 0;
}
