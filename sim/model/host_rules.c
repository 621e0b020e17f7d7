/* SPDX-License-Identifier: MIT */
#include "sim/model/host_rules.h"

#include "abi/ffa_check.h"

/* Bits of w1 that carry the caller's own id, which is 0. */
#define NO_ID       0x00000000u
#define ID_RECEIVER 0x0000ffffu
#define ID_SENDER   0xffff0000u
#define ID_WHOLE    0xffffffffu

/* The mediator's own word on a function, or the SPMC's, in an answer to FFA_FEATURES. */
enum word { OWN_WORD, SPMC_WORD };

struct listed {
	uint32_t fid;
	uint32_t since;
	void (*rule)(struct sim_host_rule *rule, const struct ffa_regs *call,
	             struct sim_host_terms terms);
	enum sim_host_concern concern;
	enum word features;
	uint32_t own_id;
	uint32_t reserved; /* of w2: only callers elsewhere may set it */
};

static const struct listed *find(uint32_t fid, struct sim_host_terms terms);

/* The interrupts of notifications; no other feature is a host's. */
static const uint32_t features[] = {FFA_FEATURE_NPI, FFA_FEATURE_SRI};

#define FEATURES_SINCE FFA_VERSION_1_1
#define IS_FUNCTION    0x80000000u

#define PAGE_SIZE 4096u
#define PAGES     1u
#define MAX_PAGES_LOW                                                              \
	16 /* where FFA_FEATURES tells the most that FFA_RXTX_MAP takes, since 1.2 \
	    */

struct ffa_regs sim_host_error(enum ffa_status status)
{
	return (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)status}};
}

bool sim_host_succeeded(const struct ffa_regs *answer)
{
	uint32_t fid = (uint32_t)answer->x[0];

	return fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64;
}

bool sim_host_is_major_1(uint32_t version)
{
	return version >> 16 == FFA_VERSION_1_0 >> 16;
}

static void refuse(struct sim_host_rule *rule, enum ffa_status status, const char *why)
{
	*rule = (struct sim_host_rule){.action = SIM_HOST_REFUSES,
	                               .status = status,
	                               .regs = sim_host_error(status),
	                               .why = why};
}

static void answer(struct sim_host_rule *rule, uint64_t w2)
{
	*rule = (struct sim_host_rule){.action = SIM_HOST_ANSWERS,
	                               .regs = {{FFA_SUCCESS_32, 0, w2}},
	                               .why = "the mediator answers for itself"};
}

static void answer_unknown(struct sim_host_rule *rule, const struct ffa_regs *call)
{
	*rule = (struct sim_host_rule){
	        .action = SIM_HOST_ANSWERS, .regs = *call, .why = "it is no FF-A call"};
	rule->regs.x[0] = SMCCC_UNKNOWN_FUNCTION;
}

/* What is not part of the call has been found to be 0, or is left behind. */
static void forward(struct sim_host_rule *rule, const struct ffa_regs *call,
                    struct sim_host_terms terms)
{
	bool is_64bit = ffa_fid_is_64bit((uint32_t)call->x[0]);

	(void)terms;
	*rule = (struct sim_host_rule){.action = SIM_HOST_FORWARDS,
	                               .regs = {{(uint32_t)call->x[0]}},
	                               .why = "the call is forwarded as it is"};
	for (unsigned i = 1; i < 8; i++)
		rule->regs.x[i] = is_64bit ? call->x[i] : (uint32_t)call->x[i];
}

/* FFA_FEATURES: of a function it tells what becomes of the call, and asks the SPMC about what that
 * decides. */
static void rule_function(struct sim_host_rule *rule, const struct ffa_regs *call,
                          struct sim_host_terms terms)
{
	uint32_t asked = (uint32_t)call->x[1];
	const struct listed *listed = find(asked, terms);

	if (!listed)
		refuse(rule, FFA_NOT_SUPPORTED, "the function is not listed");
	else if (listed->features == SPMC_WORD)
		forward(rule, call, terms);
	else if (asked == FFA_RXTX_MAP_64 && terms.version >= FFA_VERSION_1_2)
		answer(rule, PAGES << MAX_PAGES_LOW);
	else
		answer(rule, 0);
}

static void rule_feature(struct sim_host_rule *rule, const struct ffa_regs *call,
                         struct sim_host_terms terms)
{
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
		if ((uint32_t)call->x[1] == features[i] && terms.version >= FEATURES_SINCE) {
			forward(rule, call, terms);
			return;
		}
	refuse(rule, FFA_NOT_SUPPORTED, "it is no feature of a host");
}

static void rule_features(struct sim_host_rule *rule, const struct ffa_regs *call,
                          struct sim_host_terms terms)
{
	if ((uint32_t)call->x[2] != 0)
		refuse(rule, FFA_NOT_SUPPORTED, "nothing that is offered knows an input property");
	else if (((uint32_t)call->x[1] & IS_FUNCTION) != 0)
		rule_function(rule, call, terms);
	else
		rule_feature(rule, call, terms);
}

static void rule_map(struct sim_host_rule *rule, const struct ffa_regs *call,
                     struct sim_host_terms terms)
{
	(void)terms;
	*rule = (struct sim_host_rule){.action = SIM_HOST_DECIDES};
	if ((uint32_t)call->x[3] != PAGES)
		refuse(rule, FFA_INVALID_PARAMETERS, "a buffer is one page");
	else if (call->x[1] % PAGE_SIZE != 0 || call->x[2] % PAGE_SIZE != 0)
		refuse(rule, FFA_INVALID_PARAMETERS, "a buffer begins where a page does");
}

/* At 1.0 there are no flags. */
static void rule_partition_info(struct sim_host_rule *rule, const struct ffa_regs *call,
                                struct sim_host_terms terms)
{
	if (terms.version < FFA_VERSION_1_1 && (uint32_t)call->x[5] != 0)
		refuse(rule, FFA_INVALID_PARAMETERS, "the flags came with 1.1");
	else
		forward(rule, call, terms);
}

static void rule_id_get(struct sim_host_rule *rule, const struct ffa_regs *call,
                        struct sim_host_terms terms)
{
	(void)call;
	(void)terms;
	answer(rule, FFA_ID_HYPERVISOR);
}

static void rule_unmap(struct sim_host_rule *rule, const struct ffa_regs *call,
                       struct sim_host_terms terms)
{
	(void)call;
	(void)terms;
	*rule = (struct sim_host_rule){.action = SIM_HOST_DECIDES};
}

/*
 * All that a host may use; whatever is not here, by its whole id, is refused. Without a rule:
 * FFA_VERSION, which has its own, and what goes to the host and never comes from it.
 */
static const struct listed list[] = {
        {FFA_ERROR_32, FFA_VERSION_1_0, NULL, SIM_HOST_CALLS, OWN_WORD, NO_ID, 0},
        {FFA_SUCCESS_32, FFA_VERSION_1_0, NULL, SIM_HOST_CALLS, OWN_WORD, NO_ID, 0},
        {FFA_SUCCESS_64, FFA_VERSION_1_0, NULL, SIM_HOST_CALLS, OWN_WORD, NO_ID, 0},
        {FFA_VERSION_32, FFA_VERSION_1_0, NULL, SIM_HOST_FIRMWARE, OWN_WORD, NO_ID, 0},
        {FFA_FEATURES_32, FFA_VERSION_1_0, rule_features, SIM_HOST_CALLS, OWN_WORD, NO_ID, 0},
        {FFA_ID_GET_32, FFA_VERSION_1_0, rule_id_get, SIM_HOST_CALLS, OWN_WORD, NO_ID, 0},
        {FFA_RXTX_MAP_64, FFA_VERSION_1_0, rule_map, SIM_HOST_BUFFERS, OWN_WORD, NO_ID, 0},
        {FFA_RXTX_UNMAP_32, FFA_VERSION_1_0, rule_unmap, SIM_HOST_BUFFERS, SPMC_WORD, ID_WHOLE, 0},
        {FFA_RX_RELEASE_32, FFA_VERSION_1_0, forward, SIM_HOST_BUFFERS, SPMC_WORD, ID_WHOLE, 0},
        {FFA_PARTITION_INFO_GET_32, FFA_VERSION_1_0, rule_partition_info, SIM_HOST_BUFFERS,
         SPMC_WORD, NO_ID, 0},
        {FFA_PARTITION_INFO_GET_REGS_64, FFA_VERSION_1_2, forward, SIM_HOST_CALLS, SPMC_WORD, NO_ID,
         0},
        {FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_VERSION_1_1, forward, SIM_HOST_CALLS, SPMC_WORD,
         ID_WHOLE, 0},
        {FFA_NOTIFICATION_BITMAP_DESTROY_32, FFA_VERSION_1_1, forward, SIM_HOST_CALLS, SPMC_WORD,
         ID_WHOLE, 0},
        {FFA_NOTIFICATION_BIND_32, FFA_VERSION_1_1, forward, SIM_HOST_CALLS, SPMC_WORD, ID_RECEIVER,
         0},
        {FFA_NOTIFICATION_UNBIND_32, FFA_VERSION_1_1, forward, SIM_HOST_CALLS, SPMC_WORD,
         ID_RECEIVER, 0},
        {FFA_NOTIFICATION_SET_32, FFA_VERSION_1_1, forward, SIM_HOST_CALLS, SPMC_WORD, ID_SENDER,
         FFA_NOTIFICATION_FLAG_DELAY_SRI},
        {FFA_NOTIFICATION_GET_32, FFA_VERSION_1_1, forward, SIM_HOST_BUFFERS, SPMC_WORD,
         ID_RECEIVER, 0},
        {FFA_NOTIFICATION_INFO_GET_32, FFA_VERSION_1_1, forward, SIM_HOST_CALLS, SPMC_WORD, NO_ID,
         0},
        {FFA_NOTIFICATION_INFO_GET_64, FFA_VERSION_1_1, forward, SIM_HOST_CALLS, SPMC_WORD, NO_ID,
         0},
};

static const struct listed *row_of(uint32_t fid)
{
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		if (list[i].fid == fid)
			return &list[i];
	return NULL;
}

/* Without buffers the partitions come in registers. */
static const struct listed *find(uint32_t fid, struct sim_host_terms terms)
{
	const struct listed *row = row_of(fid);

	if (!row || row->since > terms.version)
		return NULL;
	if (fid == (terms.buffers ? FFA_PARTITION_INFO_GET_REGS_64 : FFA_RXTX_MAP_64))
		return NULL;
	return row;
}

enum sim_host_concern sim_host_concern(uint32_t fid)
{
	const struct listed *listed = row_of(fid);

	return listed ? listed->concern : SIM_HOST_CALLS;
}

/*
 * FFA_FEATURES knows no error but NOT_SUPPORTED for what w1 asks; registers that it does not use
 * are refused like anybody's. With both wrong, either is right.
 */
static bool refuse_bits(struct sim_host_rule *rule, const struct ffa_regs *call,
                        const struct listed *listed, uint32_t version)
{
	struct ffa_violation violation;
	uint32_t fid = listed->fid;
	struct ffa_regs rest = *call;

	if (ffa_check_call_strict(fid, call, version, &violation)) {
		if (((uint32_t)call->x[2] & listed->reserved) == 0)
			return false;
		refuse(rule, FFA_INVALID_PARAMETERS,
		       "only a secure caller may delay the interrupt");
		return true;
	}
	refuse(rule, FFA_INVALID_PARAMETERS, violation.rule);
	if (fid == FFA_FEATURES_32 && violation.reg == 1) {
		refuse(rule, FFA_NOT_SUPPORTED, "reserved bits of a feature id");
		rest.x[1] = 0;
		if (!ffa_check_call_strict(fid, &rest, version, &violation))
			rule->other = FFA_INVALID_PARAMETERS;
	}
	return true;
}

void sim_host_rule(const struct ffa_regs *call, struct sim_host_terms terms,
                   struct sim_host_rule *ret_rule)
{
	const struct listed *listed = find((uint32_t)call->x[0], terms);

	if (!ffa_fid_is_ffa((uint32_t)call->x[0]))
		answer_unknown(ret_rule, call);
	else if (terms.version == 0)
		refuse(ret_rule, FFA_INVALID_PARAMETERS, "no version has been negotiated");
	else if (!listed || !listed->rule)
		refuse(ret_rule, FFA_NOT_SUPPORTED, "the call is not listed");
	else if (refuse_bits(ret_rule, call, listed, terms.version))
		return;
	else if (((uint32_t)call->x[1] & listed->own_id) != 0)
		refuse(ret_rule, FFA_INVALID_PARAMETERS, "the id of the caller is 0");
	else
		listed->rule(ret_rule, call, terms);
}

const char *sim_host_version_refusal(const struct ffa_regs *call)
{
	struct ffa_violation violation;

	if (!ffa_check_call_strict(FFA_VERSION_32, call, FFA_VERSION_1_0, &violation))
		return violation.rule;
	return sim_host_is_major_1((uint32_t)call->x[1]) ? NULL : "another major version";
}
