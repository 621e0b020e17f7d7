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
	set_up("optee");
	assert_eq_u64(version(c->asked), FFA_VERSION_1_2);
	assert_eq_u64(machine.state.spmc.version, c->recorded);
}

TEST(spmc_discovery, optee_negotiates_at_any_time)
{
	set_up_negotiated("optee");
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
