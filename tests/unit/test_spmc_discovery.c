/* SPDX-License-Identifier: MIT */
/*
 * Negotiation and discovery where implementations differ: facts
 * spmc-differences.md rows D7 to D13.
 */
#include "abi/ffa_decode.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define REFUSED 0xffffffffu

static uint32_t version(uint32_t asked)
{
	call(FFA_VERSION_32, asked, 0, 0, 0);
	return (uint32_t)answer.x[0];
}

/* D7: what OP-TEE answers, and what it goes by from then on. 0: nothing recorded. */
static const struct {
	const char *name;
	uint32_t asked, recorded;
} negotiations[] = {
        {"older", FFA_VERSION_1_0, FFA_VERSION_1_0}, {"own", FFA_VERSION_1_2, FFA_VERSION_1_2},
        {"newer", FFA_VERSION_1_3, FFA_VERSION_1_2}, {"next-major", FFA_MAKE_VERSION(2, 0), 0},
        {"last-major", FFA_MAKE_VERSION(0, 9), 0},
};

TEST_EACH(spmc_discovery, optee_answers_its_own_version, negotiations)
{
	set_up("optee-host");
	assert_eq_u64(version(c->asked), FFA_VERSION_1_2);
	assert_eq_u64(machine.state.spmc.version, c->recorded);
}

TEST(spmc_discovery, optee_negotiates_at_any_time)
{
	set_up_negotiated("optee-host");
	assert_status(call(FFA_SPM_ID_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(version(FFA_VERSION_1_1), FFA_VERSION_1_2);
	assert_eq_u64(machine.state.spmc.version, FFA_VERSION_1_1);
	assert_eq_u64(version(FFA_MAKE_VERSION(2, 0)), FFA_VERSION_1_2);
	assert_eq_u64(machine.state.spmc.version, FFA_VERSION_1_1);
}

/* D8: the calls between two negotiations that leave the version open. */
static const struct {
	const char *name;
	uint32_t fid;
	bool hafnium_locks;
} between[] = {
        {"id-get", FFA_ID_GET_32, false},
        {"spm-id-get", FFA_SPM_ID_GET_32, false},
        {"msg-wait", FFA_MSG_WAIT_32, false},
        {"interrupt", FFA_INTERRUPT_32, false},
        {"yield", FFA_YIELD_32, false},
        {"success", FFA_SUCCESS_32, false},
        {"notification-info-get-32", FFA_NOTIFICATION_INFO_GET_32, false},
        {"no-call", 0x840000ff, false},
        {"features", FFA_FEATURES_32, true},
        {"rx-release", FFA_RX_RELEASE_32, true},
        {"notification-get", FFA_NOTIFICATION_GET_32, true},
        {"direct-response", FFA_MSG_SEND_DIRECT_RESP_32, true},
};

TEST_EACH(spmc_discovery, what_locks_the_version, between)
{
	set_up("hafnium");
	assert_eq_u64(version(FFA_VERSION_1_1), FFA_VERSION_1_3);
	call(c->fid, 0, 0, 0, 0);
	assert_eq_u64(version(FFA_VERSION_1_2), c->hafnium_locks ? REFUSED : FFA_VERSION_1_3);
	assert_eq_u64(version(FFA_VERSION_1_1), FFA_VERSION_1_3);
	set_up("full");
	version(FFA_VERSION_1_1);
	call(c->fid, 0, 0, 0, 0);
	assert_eq_u64(version(FFA_VERSION_1_2), REFUSED);
}

/* D9: at 1.1. */
static const struct {
	const char *name;
	int32_t regs, reported_regs, reported_req2, reported_resp2;
} later[] = {
        {"hafnium", FFA_OK, FFA_OK, FFA_OK, FFA_OK},
        {"optee-host", FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED},
        {"el3", FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED, FFA_OK, FFA_NOT_SUPPORTED},
        {"full", FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED},
};

TEST_EACH(spmc_discovery, calls_of_1_2_at_1_1, later)
{
	const uint32_t regs = FFA_PARTITION_INFO_GET_REGS_64, req2 = FFA_MSG_SEND_DIRECT_REQ2_64;

	set_up(c->name);
	version(FFA_VERSION_1_1);
	assert_status(call(regs, 0, 0, 0, 0), c->regs);
	assert_status(call(FFA_FEATURES_32, regs, 0, 0, 0), c->reported_regs);
	assert_status(call(FFA_FEATURES_32, req2, 0, 0, 0), c->reported_req2);
	assert_status(call(FFA_FEATURES_32, FFA_MSG_SEND_DIRECT_RESP2_64, 0, 0, 0),
	              c->reported_resp2);
	assert_status(call(req2, 1 << 16 | SP1, 0, 0, 0), FFA_NOT_SUPPORTED);
	set_up_negotiated(c->name);
	assert_status(call(req2, 1 << 16 | SP1, 0, 0, 0), FFA_STATUS_NONE);
}

/* D10 */
static const struct {
	const char *name;
	int32_t of_vm, of_host;
} at_1_0[] = {
        {"hafnium", FFA_OK, FFA_NOT_SUPPORTED},
        {"full", FFA_NOT_SUPPORTED, FFA_NOT_SUPPORTED},
};

TEST_EACH(spmc_discovery, bindings_at_1_0, at_1_0)
{
	set_up(c->name);
	version(FFA_VERSION_1_0);
	create(0, 1);
	assert_status(create(1, 1), FFA_OK);
	assert_status(bind(SP1, 1, 0, 1), c->of_vm);
	assert_status(unbind(SP1, 1, 1), c->of_vm);
	assert_status(bind(SP1, 0, 0, 1), c->of_host);
	assert_status(unbind(SP1, 0, 1), c->of_host);
}

/* D11 to D13: w2 of a success, or -1 for NOT_SUPPORTED. */
#define NO (-1)
static const struct {
	const char *name;
	uint32_t asked;
	uint32_t property;
	int hafnium, optee, el3;
} features[] = {
        {"id-get", FFA_ID_GET_32, 0, 0, NO, 0},
        {"run", FFA_RUN_32, 0, 0, NO, 0},
        {"msg-wait", FFA_MSG_WAIT_32, 0, 0, NO, NO},
        {"direct-resp-32", FFA_MSG_SEND_DIRECT_RESP_32, 0, 0, NO, NO},
        {"direct-resp-64", FFA_MSG_SEND_DIRECT_RESP_64, 0, 0, NO, NO},
        {"direct-resp2", FFA_MSG_SEND_DIRECT_RESP2_64, 0, 0, 0, NO},
        {"direct-req-64", FFA_MSG_SEND_DIRECT_REQ_64, 0, 0, 0, 0},
        {"direct-req2", FFA_MSG_SEND_DIRECT_REQ2_64, 0, 0, 0, 0},
        {"success-32", FFA_SUCCESS_32, 0, 0, 0, 0},
        {"mem-donate-32", FFA_MEM_DONATE_32, 0, 0, NO, NO},
        {"mem-donate-64", FFA_MEM_DONATE_64, 0, 0, NO, NO},
        {"mem-lend-32", FFA_MEM_LEND_32, 0, 0, NO, 0},
        {"mem-lend-64", FFA_MEM_LEND_64, 0, 0, NO, 0},
        {"mem-share-32", FFA_MEM_SHARE_32, 0, 0, 1, 0},
        {"mem-share-64", FFA_MEM_SHARE_64, 0, 0, 1, 0},
        {"mem-reclaim", FFA_MEM_RECLAIM_32, 0, 0, 0, 0},
        {"mem-frag-rx", FFA_MEM_FRAG_RX_32, 0, 0, NO, 0},
        {"mem-frag-tx", FFA_MEM_FRAG_TX_32, 0, 0, 0, 0},
        {"mem-relinquish", FFA_MEM_RELINQUISH_32, 0, 0, NO, NO},
        {"mem-perm-get", FFA_MEM_PERM_GET_64, 0, NO, NO, NO},
        {"msg-send2", FFA_MSG_SEND2_32, 0, 0, NO, NO},
        {"rx-acquire", FFA_RX_ACQUIRE_32, 0, 0, NO, NO},
        {"console-log", FFA_CONSOLE_LOG_64, 0, 0, NO, NO},
        {"ns-res-info-get", FFA_NS_RES_INFO_GET_64, 0, 0, NO, NO},
        {"feature-4", 4, 0, 3, NO, NO},
        {"feature-4-with-reserved-bit", 0x104, 0, NO, NO, NO},
        {"sri", FFA_FEATURE_SRI, 0, 8, 9, NO},
        {"npi", FFA_FEATURE_NPI, 0, NO, NO, NO},
        {"property-of-function", FFA_SPM_ID_GET_32, 1, 0, 0, NO},
        {"property-of-feature", FFA_FEATURE_SRI, 1, NO, 9, NO},
        {"property-of-feature-4", 4, 1, NO, NO, NO},
};

TEST_EACH(spmc_discovery, features_of_each, features)
{
	static const char *const names[] = {"hafnium", "optee-host", "el3"};
	const int want[] = {c->hafnium, c->optee, c->el3};

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		set_up_negotiated(names[i]);
		call(FFA_FEATURES_32, c->asked, c->property, 0, 0);
		if (ffa_result_status(&answer) != (want[i] < 0 ? FFA_NOT_SUPPORTED : FFA_OK) ||
		    (want[i] >= 0 && answer.x[2] != (uint64_t)want[i]))
			fail_test("%s: x0 %llx x2 %llx", names[i], (unsigned long long)answer.x[0],
			          (unsigned long long)answer.x[2]);
	}
}

/* What FEATURES says of a call changes nothing about the call. */
TEST(spmc_discovery, features_are_not_the_calls)
{
	set_up_negotiated("optee-host");
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_status(call(FFA_MEM_SHARE_64, 0, 0, 0, 0), FFA_NOT_SUPPORTED);
	set_up_negotiated("hafnium");
	assert_status(call(FFA_MEM_SHARE_64, 0, 0, 0, 0), FFA_NOT_SUPPORTED);
}

/* D23: the SPs' own versions and the AArch64 bit, in RX and in registers. */
static const struct {
	const char *name;
	uint32_t size, properties[2], versions[2];
} descriptors[] = {
        {"hafnium", 48, {0x100, 0x108}, {FFA_VERSION_1_3, FFA_VERSION_1_1}},
        {"full", 24, {0, 0x8}, {0, 0}},
};

static uint32_t word(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

TEST_EACH(spmc_discovery, descriptors_of_sps, descriptors)
{
	const uint64_t rx = SHIM_PHYSICAL_BASE, tx = rx + SHIM_PAGE;
	const uint8_t *page;

	set_up_negotiated(c->name);
	machine.config.sps[0].properties = 0;
	machine.config.sps[1].properties = 0x8;
	machine.config.sps[1].version = FFA_VERSION_1_1;
	assert_status(call(FFA_RXTX_MAP_64, tx, rx, 1, 0), FFA_OK);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), FFA_OK);
	page = world_memory(&machine, rx, SHIM_PAGE, false);
	for (unsigned i = 0; i < 2; i++) {
		assert_eq_u64(word(page + i * c->size + 4), c->properties[i]);
		if (c->size == 48)
			assert_eq_u64(word(page + i * c->size + 40), c->versions[i]);
	}
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[3] >> 32, c->properties[0]);
	if (c->size == 48) {
		assert_eq_u64((uint32_t)answer.x[8], c->versions[0]);
		assert_eq_u64((uint32_t)answer.x[14], c->versions[1]);
	}
}

/* At 1.0 no such bit is defined. */
TEST(spmc_discovery, no_aarch64_bit_at_1_0)
{
	const uint64_t rx = SHIM_PHYSICAL_BASE, tx = rx + SHIM_PAGE;

	set_up("hafnium");
	version(FFA_VERSION_1_0);
	machine.config.sps[0].properties = 0x1;
	assert_status(call(FFA_RXTX_MAP_64, tx, rx, 1, 0), FFA_OK);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(word(world_memory(&machine, rx, SHIM_PAGE, false) + 4), 0x1);
}

/* D24 */
TEST(spmc_discovery, upper_half_of_the_index)
{
	set_up_negotiated("hafnium");
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 1ull << 32, 0), FFA_OK);
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 1ull << 63 | 1, 0), FFA_OK);
	assert_eq_u64((uint16_t)answer.x[3], SP2);
	set_up_negotiated("full");
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 1ull << 32, 0),
	              FFA_INVALID_PARAMETERS);
}
