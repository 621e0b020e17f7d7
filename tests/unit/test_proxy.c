/* SPDX-License-Identifier: MIT */
/* The host proxy: start-up, version, the policy, FFA_FEATURES and the shape of answers. */
#include "tests/unit/test_proxy_fake.h"

#define REFUSED 0xffffffffu

/* Start-up with the SPMC */

struct boot_case {
	const char *name;
	uint64_t answer;
	bool usable;
};

/* K11: -1 comes as 32 or 64 bits, and is no FF-A, not a version. */
static const struct boot_case boot_cases[] = {
        {"no firmware, 32 bits", 0xffffffff, false},
        {"no firmware, sign-extended", UINT64_MAX, false},
        {"bit 31 set", 0x80010002, false},
        {"0.9 is another major", 0x00009, false},
        {"2.0 is another major", 0x20000, false},
        {"1.0", 0x10000, true},
        {"1.1", 0x10001, true},
        {"1.2", 0x10002, true},
        {"1.3 is newer than ours", 0x10003, true},
};

TEST_EACH(proxy_boot, firmware_version, boot_cases)
{
	struct proxy_config config = {.newest_version = 0x10002};

	fake_reset();
	fake.smc_version = c->answer;
	assert_status(proxy_boot(&config), c->usable ? FFA_OK : FFA_NOT_SUPPORTED);
	/* any other call would end the negotiation of the version */
	fake_expect_smc(0x84000063, 0x10002, 0, 0, 0, 0);
	if (c->usable)
		fake_finish();
	assert_eq_int(fake.locks, 0);
	assert_eq_int(fake.pages, 0);
}

TEST(proxy_boot, newest_version_is_checked)
{
	static const uint32_t wrong[] = {0, 0xffff, 0x10003, 0x20000, 0x80010002};
	struct proxy_config config;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fake_reset();
		config.newest_version = wrong[i];
		assert_status(proxy_boot(&config), FFA_INVALID_PARAMETERS);
		assert_eq_int(fake.smc_count, 0);
	}
}

TEST(proxy_boot, newest_version_is_the_limit)
{
	struct proxy_config config = {.newest_version = 0x10001};

	fake_reset();
	assert_status(proxy_boot(&config), FFA_OK);
	fake_expect_smc(0x84000063, 0x10001, 0, 0, 0, 0);
	assert_eq_u64(fake_version(0x10002), 0x10001);
	fake_finish();
}

TEST(proxy_boot, no_memory_leaves_nothing)
{
	struct proxy_config config = {.newest_version = 0x10002};

	for (unsigned n = 1; n <= 2; n++) {
		fake_reset();
		fake.fail_page = n;
		assert_status(proxy_boot(&config), FFA_NO_MEMORY);
		assert_eq_int(fake.pages, 0);
		assert_eq_int(fake.locks, 0);
	}
	fake_reset();
	assert_status(proxy_boot(&config), FFA_OK);
	fake_finish();
}

/* K3: FF-A owns numbers up to 0xff, whatever of them has a meaning. */
TEST(proxy_boot, which_calls_are_ffa)
{
	static const uint32_t ffa[] = {0x84000060, 0x84000063, 0x84000097, 0x840000ff, 0xc4000060,
	                               0xc40000ff, 0xc4000073, 0x84010063, 0xc4010066};
	static const uint32_t others[] = {0x8400005f, 0x84000100, 0xc400005f, 0xc4000100,
	                                  0x04000063, 0x44000063, 0x83000063, 0x85000063,
	                                  0x86000063, 0xc5000063, 0x84020063, 0x84800063,
	                                  0x80000000, 0x84000000, 0x84001063, 0};

	for (size_t i = 0; i < sizeof(ffa) / sizeof(ffa[0]); i++)
		assert_true(proxy_is_ffa_call(ffa[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(proxy_is_ffa_call(others[i]));
}

struct foreign_case {
	const char *name;
	uint32_t fid;
};

static const struct foreign_case foreign_cases[] = {
        {"PSCI_VERSION", 0x84000000},
        {"PSCI CPU_ON of 64 bits", 0xc4000003},
        {"before the first", 0x8400005f},
        {"behind the last", 0x84000100},
        {"SMCCC_VERSION", 0x80000000},
        {"SMCCC_ARCH_WORKAROUND_1", 0x80008000},
        {"CPU service of 64 bits", 0xc1000063},
        {"SiP service", 0x82000063},
        {"OEM service of 64 bits", 0xc3000063},
        {"hypervisor service", 0x86000063},
        {"trusted OS", 0xb2000063},
        {"yielding call", 0x04000063},
        {"yielding call of 64 bits", 0x44000069},
        {"reserved bit 17", 0x84020063},
        {"nothing", 0},
};

static void expect_unknown(uint32_t fid)
{
	struct ffa_regs regs;

	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		regs.x[i] = FAKE_POISON + i;
	regs.x[0] = fid;
	proxy_host_call(0, &regs);
	assert_eq_u64(regs.x[0], UINT64_MAX);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(regs.x[i], FAKE_POISON + i);
}

/* SMCCC's unknown function, with and without a version; the SPMC is not asked. */
TEST_EACH(proxy_foreign, answers_unknown_and_changes_nothing, foreign_cases)
{
	fake_start();
	expect_unknown(c->fid);
	assert_eq_u64(fake.smc_count, 0);
	assert_eq_u64(proxy_version_published(), 0);
	fake_finish();
	fake_start_at(FFA_VERSION_1_1);
	expect_unknown(c->fid);
	assert_eq_u64(fake.smc_count, 0);
	assert_eq_u64(proxy_version_published(), FFA_VERSION_1_1);
	fake_finish();
}

/* Version */

struct version_case {
	const char *name;
	uint32_t spmc;
	uint32_t wanted;
	uint32_t answer;
	uint32_t asked; /* of the SPMC, after boot; 0: nothing */
};

static const struct version_case version_cases[] = {
        {"the same", 0x10002, 0x10002, 0x10002, 0},
        {"an older host", 0x10002, 0x10001, 0x10001, 0x10001},
        {"the oldest host", 0x10002, 0x10000, 0x10000, 0x10000},
        {"a newer host", 0x10002, 0x10003, 0x10002, 0},
        {"the newest host", 0x10002, 0x1ffff, 0x10002, 0},
        {"a newer SPMC", 0x10003, 0x10002, 0x10002, 0},
        {"a newer SPMC, an older host", 0x10003, 0x10001, 0x10001, 0x10001},
        {"an older SPMC", 0x10001, 0x10002, 0x10001, 0x10001},
        {"the oldest SPMC", 0x10000, 0x10002, 0x10000, 0x10000},
        {"SPMC and host older", 0x10001, 0x10000, 0x10000, 0x10000},
        {"major 2", 0x10002, 0x20000, REFUSED, 0},
        {"major 0", 0x10002, 0x00002, REFUSED, 0},
        {"nothing", 0x10002, 0, REFUSED, 0},
        {"bit 31", 0x10002, 0x80010002, REFUSED, 0},
        {"bit 31, older", 0x10002, 0x80010001, REFUSED, 0},
        {"minus one", 0x10002, 0xffffffff, REFUSED, 0},
};

static void start_with_spmc(uint32_t version)
{
	struct proxy_config config = {.newest_version = FFA_VERSION_1_2};

	fake_reset();
	fake.smc_version = version;
	assert_status(proxy_boot(&config), FFA_OK);
	fake.smc_count = 0;
}

static void expect_not_negotiated(void)
{
	struct ffa_regs answer;
	size_t smcs = fake.smc_count;

	assert_eq_u64(proxy_version_published(), 0);
	answer = fake_call(FFA_ID_GET_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.smc_count, smcs);
}

TEST_EACH(proxy_version, negotiation, version_cases)
{
	size_t asked = c->asked ? 1 : 0;

	start_with_spmc(c->spmc);
	assert_eq_u64(fake_version(c->wanted), c->answer);
	if (c->answer == REFUSED) {
		assert_eq_int(fake.smc_count, 0);
		expect_not_negotiated();
	} else {
		assert_eq_u64(proxy_version_published(), c->answer);
		assert_eq_u64(fake.smc_told, c->answer);
		assert_eq_int(fake.smc_count, asked + 2);
		if (c->asked) {
			assert_eq_u64(fake.smc_log[0].x[0], 0x84000063);
			assert_eq_u64(fake.smc_log[0].x[1], c->asked);
		}
		assert_eq_u64(fake.smc_log[asked].x[0], 0x84000069);
		assert_eq_u64(fake.smc_log[asked + 1].x[0], 0x84000064);
		assert_eq_u64(fake.smc_log[asked + 1].x[1], 0xc4000066);
	}
	fake_finish();
}

TEST(proxy_version, stays_after_negotiation)
{
	fake_start_at(0x10001);
	assert_eq_u64(fake_version(0x10001), 0x10001);
	assert_eq_u64(fake_version(0x10002), 0x10001);
	assert_eq_u64(fake_version(0x1ffff), 0x10001);
	assert_eq_u64(fake_version(0x10000), REFUSED);
	assert_eq_u64(fake_version(0x20001), REFUSED);
	assert_eq_u64(fake_version(0x80010001), REFUSED);
	assert_eq_u64(fake_version(0x10001), 0x10001);
	assert_eq_u64(proxy_version_published(), 0x10001);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

TEST(proxy_version, refusal_by_spmc_stores_nothing)
{
	const struct ffa_regs minus_one = {{0xffffffff}};

	fake_start();
	fake_answer(FFA_VERSION_32, &minus_one);
	assert_eq_u64(fake_version(0x10001), REFUSED);
	expect_not_negotiated();
	fake_obey();
	fake.smc_count = 0;
	assert_eq_u64(fake_version(0x10002), 0x10002);
	assert_eq_int(fake_smcs(FFA_VERSION_32), 0);
	fake_finish();
}

/* An SPMC that takes less than it was offered has not agreed. */
TEST(proxy_version, lower_answer_of_spmc_is_refusal)
{
	const struct ffa_regs older = {{0x10000}};
	const struct ffa_regs other = {{0x20001}};

	fake_start();
	fake_answer(FFA_VERSION_32, &older);
	assert_eq_u64(fake_version(0x10001), REFUSED);
	expect_not_negotiated();
	fake_answer(FFA_VERSION_32, &other);
	assert_eq_u64(fake_version(0x10001), REFUSED);
	expect_not_negotiated();
	fake_finish();
}

struct spmc_case {
	const char *name;
	uint32_t fid;
	struct ffa_regs answer;
	bool usable;
};

static const struct spmc_case spmc_cases[] = {
        {"id 0", FFA_ID_GET_32, {{FFA_SUCCESS_32}}, true},
        {"another id", FFA_ID_GET_32, {{FFA_SUCCESS_32, 0, 1}}, false},
        {"id beyond 16 bits", FFA_ID_GET_32, {{FFA_SUCCESS_32, 0, 0x10000}}, false},
        {"no id", FFA_ID_GET_32, {{FFA_ERROR_32, 0, 0xffffffff}}, false},
        {"no such call", FFA_ID_GET_32, {{UINT64_MAX}}, false},
        {"id, but not now", FFA_ID_GET_32, {{FFA_ERROR_32, 0, (uint32_t)FFA_BUSY}}, false},
        {"buffers, but not now", FFA_FEATURES_32, {{FFA_ERROR_32, 0, (uint32_t)FFA_BUSY}}, false},
        {"buffers, but again", FFA_FEATURES_32, {{FFA_ERROR_32, 0, (uint32_t)FFA_RETRY}}, false},
};

TEST_EACH(proxy_version, demands_on_spmc, spmc_cases)
{
	fake_start();
	fake_answer(c->fid, &c->answer);
	assert_eq_u64(fake_version(0x10002), c->usable ? 0x10002 : REFUSED);
	if (!c->usable) {
		expect_not_negotiated();
		fake_obey();
		assert_eq_u64(fake_version(0x10002), 0x10002);
	}
	fake_finish();
}

struct buffers_case {
	const char *name;
	struct ffa_regs answer;
	bool usable;
};

static const struct buffers_case buffers_cases[] = {
        {"of 4K", {{FFA_SUCCESS_32, 0, 0}}, true},
        {"of 4K, up to four", {{FFA_SUCCESS_32, 0, 0x40000}}, true},
        {"of 64K", {{FFA_SUCCESS_32, 0, 1}}, false},
        {"of 16K", {{FFA_SUCCESS_32, 0, 2}}, false},
        {"of no size", {{FFA_SUCCESS_32, 0, 3}}, false},
        {"none", {{FFA_ERROR_32, 0, 0xffffffff}}, false},
        {"by an error that looks like a size", {{FFA_ERROR_32, 0, 0}}, false},
        {"denied", {{FFA_ERROR_32, 0, (uint32_t)FFA_DENIED}}, false},
        {"no FFA_FEATURES", {{UINT64_MAX}}, false},
};

static enum ffa_status listing_in_registers(void)
{
	struct ffa_regs answer = fake_call(FFA_PARTITION_INFO_GET_REGS_64, 0x1, 0x2, 0x3, 0, 0);

	return fake_status(&answer);
}

static enum ffa_status features_of(uint32_t fid)
{
	struct ffa_regs answer = fake_call(FFA_FEATURES_32, fid, 0, 0, 0, 0);

	return fake_status(&answer);
}

/* One of buffers and the list in registers is there, and FFA_FEATURES says which. */
TEST_EACH(proxy_version, buffers_of_spmc, buffers_cases)
{
	enum ffa_status with = c->usable ? FFA_OK : FFA_NOT_SUPPORTED;
	enum ffa_status without = c->usable ? FFA_NOT_SUPPORTED : FFA_OK;

	fake_start();
	fake_answer(FFA_FEATURES_32, &c->answer);
	assert_eq_u64(fake_version(0x10002), 0x10002);
	fake_obey();
	fake.smc_count = 0;
	assert_status(features_of(FFA_RXTX_MAP_64), with);
	assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), with);
	assert_eq_int(fake_smcs(FFA_RXTX_MAP_64), c->usable ? 1 : 0);
	fake.smc_count = 0;
	assert_status(listing_in_registers(), without);
	if (!c->usable)
		fake_expect_smc(FFA_PARTITION_INFO_GET_REGS_64, 1, 2, 3, 0, 0);
	assert_status(features_of(FFA_PARTITION_INFO_GET_REGS_64), without);
	fake_finish();
}

TEST(proxy_version, without_buffers_at_1_1)
{
	fake_start();
	fake_refuse(FFA_FEATURES_32, FFA_NOT_SUPPORTED);
	assert_eq_u64(fake_version(0x10001), 0x10001);
	fake_obey();
	fake.smc_count = 0;
	assert_status(listing_in_registers(), FFA_NOT_SUPPORTED);
	assert_status(features_of(FFA_PARTITION_INFO_GET_REGS_64), FFA_NOT_SUPPORTED);
	assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), FFA_NOT_SUPPORTED);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

static unsigned busy_left;

static void still_busy(void)
{
	if (--busy_left == 0)
		fake_obey();
	else
		fake_hook_smc(fake.override_fid, still_busy);
}

/* The calls that one negotiation makes while this is answered BUSY so many times; 0: for ever. */
static unsigned calls_while_busy(uint32_t fid, unsigned times, uint64_t answer)
{
	unsigned calls;

	fake_start();
	fake_refuse(fid, FFA_BUSY);
	busy_left = times + 1;
	if (times > 0)
		fake_hook_smc(fid, still_busy);
	assert_eq_u64(fake_version(0x10002), answer);
	fake_obey();
	fake.hook = NULL;
	calls = fake_smcs(fid);
	fake_finish();
	return calls;
}

TEST(proxy_version, asks_a_busy_spmc_again)
{
	static const uint32_t asked[] = {FFA_ID_GET_32, FFA_FEATURES_32};

	for (size_t i = 0; i < 2; i++) {
		assert_eq_int(calls_while_busy(asked[i], 1, 0x10002), 2);
		assert_eq_int(calls_while_busy(asked[i], 10, 0x10002), 11);
		assert_eq_int(calls_while_busy(asked[i], 11, REFUSED), 11);
		assert_eq_int(calls_while_busy(asked[i], 0, REFUSED), 11);
	}
}

/* What the SPMC was told, not what the proxy would like, counts for the second attempt. */
TEST(proxy_version, second_attempt_agrees_with_spmc_again)
{
	fake_start();
	fake_refuse(FFA_ID_GET_32, FFA_NOT_SUPPORTED);
	assert_eq_u64(fake_version(0x10001), REFUSED);
	fake_obey();
	assert_eq_u64(fake_version(0x10002), REFUSED); /* locked at 1.1 by now */
	expect_not_negotiated();
	fake.smc_count = 0;
	assert_eq_u64(fake_version(0x10001), 0x10001);
	assert_eq_int(fake_smcs(FFA_VERSION_32), 0);
	assert_eq_u64(fake.smc_told, 0x10001);
	fake_finish();

	fake_start();
	fake_refuse(FFA_ID_GET_32, FFA_NOT_SUPPORTED);
	assert_eq_u64(fake_version(0x10001), REFUSED);
	fake_obey();
	fake.smc_locked = false;
	assert_eq_u64(fake_version(0x10002), 0x10002);
	assert_eq_u64(fake.smc_told, 0x10002);
	fake_finish();
}

static uint64_t other_cpu_answer;
static uint32_t other_cpu_wants;

static void other_cpu_negotiates(void)
{
	other_cpu_answer = fake_version(other_cpu_wants);
}

static uint64_t race(uint32_t ours, uint32_t theirs)
{
	uint64_t answer;

	fake_start();
	other_cpu_wants = theirs;
	fake_hook_lock("version", other_cpu_negotiates);
	answer = fake_version(ours);
	assert_true(!fake.hook);
	return answer;
}

TEST(proxy_version, two_cpus)
{
	assert_eq_u64(race(0x10002, 0x10001), 0x10001);
	assert_eq_u64(other_cpu_answer, 0x10001);
	assert_eq_u64(fake.smc_told, 0x10001);
	fake_finish();

	assert_eq_u64(race(0x10001, 0x10002), REFUSED);
	assert_eq_u64(other_cpu_answer, 0x10002);
	assert_eq_u64(fake.smc_told, 0x10002);
	assert_eq_int(fake_smcs(FFA_VERSION_32), 0);
	fake_finish();

	assert_eq_u64(race(0x10001, 0x10001), 0x10001);
	assert_eq_int(fake_smcs(FFA_VERSION_32), 1);
	assert_eq_int(fake_smcs(FFA_ID_GET_32), 1);
	fake_finish();
}

static void other_cpu_calls(void)
{
	struct ffa_regs answer = fake_call(FFA_RX_RELEASE_32, 0, 0, 0, 0, 0);

	other_cpu_answer = (uint64_t)(int64_t)fake_status(&answer);
}

/* Nothing of a negotiation can be seen before it has succeeded. */
TEST(proxy_version, nothing_is_allowed_during_negotiation)
{
	static const uint32_t during[] = {FFA_VERSION_32, FFA_ID_GET_32, FFA_FEATURES_32};

	for (size_t i = 0; i < 3; i++) {
		fake_start();
		fake_hook_smc(during[i], other_cpu_calls);
		assert_eq_u64(fake_version(0x10001), 0x10001);
		assert_true(!fake.hook);
		assert_eq_u64(other_cpu_answer, (uint64_t)(int64_t)FFA_INVALID_PARAMETERS);
		assert_eq_int(fake_smcs(FFA_RX_RELEASE_32), 0);
		fake_finish();
	}
}

/* The policy */

static const uint32_t always_listed[] = {0x84000064, 0x84000065, 0xc4000066,
                                         0x84000067, 0x84000068, 0x84000069};
static const uint32_t listed_from_1_1[] = {0x8400007d, 0x8400007e, 0x8400007f, 0x84000080,
                                           0x84000081, 0x84000082, 0x84000083, 0xc4000083};
static const uint32_t answers[] = {0x84000060, 0x84000061, 0xc4000061};

static bool contains(const uint32_t *list, size_t count, uint32_t fid)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == fid)
			return true;
	}
	return false;
}

static bool is_listed(uint32_t fid, uint32_t version)
{
	return contains(always_listed, 6, fid) ||
	       (version >= 0x10001 && contains(listed_from_1_1, 8, fid));
}

static const uint32_t versions[] = {0x10000, 0x10001, 0x10002};

static const uint32_t bases[] = {0x84000000, 0xc4000000, 0x84010000, 0xc4010000,
                                 0x04000000, 0x86000000, 0x00000000};

/* The calls of every number, both widths, with the hint, and of other owners. */
static void for_each_function(uint32_t version, void (*check)(uint32_t fid, uint32_t version))
{
	for (size_t base = 0; base < sizeof(bases) / sizeof(bases[0]); base++) {
		for (uint32_t number = 0x50; number <= 0x110; number++) {
			fake.smc_count = 0;
			check(bases[base] | number, version);
		}
	}
}

/* Whether an id is FF-A's, by its bits; what is not is answered as unknown. */
static bool is_ours(uint32_t fid)
{
	uint32_t number = fid & 0xffff;

	return (fid & 0xbffe0000) == 0x84000000 && number >= 0x60 && number <= 0xff;
}

static void check_unknown(uint32_t fid)
{
	struct ffa_regs answer = fake_call(fid, 0, 0, 0, 0, 0);

	assert_eq_u64(answer.x[0], UINT64_MAX);
	assert_eq_int(fake.smc_count, 0);
}

static void check_policy(uint32_t fid, uint32_t version)
{
	struct ffa_regs answer;

	if (!is_ours(fid))
		check_unknown(fid);
	if (!is_ours(fid) || fid == FFA_VERSION_32)
		return;
	answer = fake_call(fid, 0, 0, 0, 0, 0);
	if (is_listed(fid, version)) {
		assert_true(fake_status(&answer) != FFA_NOT_SUPPORTED || fid == FFA_FEATURES_32);
		return;
	}
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	assert_eq_int(fake.smc_count, 0);
}

/* K7 and the twins of refused calls: all that is not listed is refused and goes nowhere. */
TEST(proxy_policy, every_function_id)
{
	for (size_t i = 0; i < 3; i++) {
		fake_start_at(versions[i]);
		for_each_function(versions[i], check_policy);
		fake_finish();
	}
}

static void check_before_version(uint32_t fid, uint32_t version)
{
	struct ffa_regs answer;

	(void)version;
	if (!is_ours(fid))
		check_unknown(fid);
	if (!is_ours(fid) || fid == FFA_VERSION_32)
		return;
	answer = fake_call(fid, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.smc_count, 0);
}

/* K1: one version for everybody, and nothing before it. */
TEST(proxy_policy, nothing_before_version)
{
	fake_start();
	for_each_function(0, check_before_version);
	fake_finish();
}

/* Unused registers are not what makes an unlisted call wrong. */
TEST(proxy_policy, unlisted_before_registers)
{
	struct ffa_regs regs = {{FFA_MSG_SEND2_32, 1, 2, 3, 4, 5, 6, 7}};

	fake_start_at(0x10002);
	proxy_host_call(0, &regs);
	assert_status(fake_status(&regs), FFA_NOT_SUPPORTED);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

TEST(proxy_policy, id_get)
{
	struct ffa_regs answer;

	fake_start_at(0x10002);
	answer = fake_call(FFA_ID_GET_32, 0, 0, 0, 0, 0);
	assert_eq_u64(answer.x[0], 0x84000061);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], 0);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

/* FFA_FEATURES */

static void check_features(uint32_t fid, uint32_t version)
{
	struct ffa_regs answer;
	bool offered =
	        is_listed(fid, version) || fid == FFA_VERSION_32 || contains(answers, 3, fid);

	if (fid < 0x80000000)
		return;
	answer = fake_call(FFA_FEATURES_32, fid, 0, 0, 0, 0);
	assert_status(fake_status(&answer), offered ? FFA_OK : FFA_NOT_SUPPORTED);
	if (!offered)
		assert_eq_int(fake.smc_count, 0);
}

TEST(proxy_features, same_as_policy)
{
	for (size_t i = 0; i < 3; i++) {
		fake_start_at(versions[i]);
		for_each_function(versions[i], check_features);
		fake_finish();
	}
}

/* What is forwarded is there only if the SPMC has it; it is asked with the caller's words. */
static void check_features_of_spmc(uint32_t fid)
{
	struct ffa_regs answer;

	fake.smc_count = 0;
	fake.smc_lacks = fid;
	answer = fake_call(FFA_FEATURES_32, fid, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	fake_expect_smc(0x84000064, fid, 0, 0, 0, 0);
}

TEST(proxy_features, asks_spmc)
{
	fake_start_at(0x10002);
	for (size_t i = 0; i < 8; i++)
		check_features_of_spmc(listed_from_1_1[i]);
	check_features_of_spmc(FFA_RX_RELEASE_32);
	check_features_of_spmc(FFA_RXTX_UNMAP_32);
	check_features_of_spmc(FFA_PARTITION_INFO_GET_32);
	check_features_of_spmc(FFA_FEATURE_NPI);
	check_features_of_spmc(FFA_FEATURE_SRI);
	fake_finish();
}

/* One page of 4 KiB is all that is taken; the SPMC's own limits are for the proxy. */
TEST(proxy_features, map_tells_own_limits)
{
	struct ffa_regs answer;

	fake_start_at(0x10002);
	fake.smc_map_features = 0x40000;
	answer = fake_call(FFA_FEATURES_32, FFA_RXTX_MAP_64, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	assert_eq_u64(answer.x[2], 0x10000);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();

	fake_start_at(0x10001); /* which has no maximum */
	answer = fake_call(FFA_FEATURES_32, FFA_RXTX_MAP_64, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	assert_eq_u64(answer.x[2], 0);
	fake_finish();
}

TEST(proxy_features, interrupts)
{
	struct ffa_regs answer;

	fake_start_at(0x10001);
	answer = fake_call(FFA_FEATURES_32, 2, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	assert_eq_u64(answer.x[2], 8);
	fake_finish();

	fake_start_at(0x10000); /* has no notifications */
	for (uint64_t id = 1; id <= 2; id++) {
		answer = fake_call(FFA_FEATURES_32, id, 0, 0, 0, 0);
		assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	}
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

TEST(proxy_features, unknown_features_and_properties)
{
	static const uint32_t unknown[] = {0, 3, 4, 5, 0xff, 0x101, 0x102, 0x40000001, 0x7fffffff};
	struct ffa_regs answer;

	fake_start_at(0x10002);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		answer = fake_call(FFA_FEATURES_32, unknown[i], 0, 0, 0, 0);
		assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	}
	answer = fake_call(FFA_FEATURES_32, 2, 1, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	answer = fake_call(FFA_FEATURES_32, FFA_NOTIFICATION_BIND_32, 0x80000000, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	answer = fake_call(FFA_FEATURES_32, FFA_RXTX_MAP_64, 2, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

/* Answers */

static const struct ffa_regs full_answer = {{0xc4000061, 1, 2, 3, 4, 5, 6, 0x7777777777777777, 8, 9,
                                             10, 11, 12, 13, 14, 15, 16, UINT64_MAX}};

/* K5: an answer is all 18 registers, at any version and width. */
TEST(proxy_answer, forwarded_is_whole)
{
	for (size_t i = 1; i < 3; i++) {
		for (size_t call = 0; call < 8; call++) {
			struct ffa_regs answer;

			fake_start_at(versions[i]);
			fake_answer(listed_from_1_1[call], &full_answer);
			answer = fake_call(listed_from_1_1[call], 0, 0, 0, 0, 0);
			assert_mem(&answer, &full_answer, sizeof(answer));
			fake_finish();
		}
	}
}

/* K15: nothing that was in the registers, or elsewhere, comes back. */
TEST(proxy_answer, own_is_zero_but_for_the_result)
{
	struct ffa_regs regs;

	fake_start();
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		regs.x[i] = FAKE_POISON + i;
	regs.x[0] = FFA_MSG_WAIT_32;
	proxy_host_call(0, &regs);
	assert_status(fake_status(&regs), FFA_INVALID_PARAMETERS);
	assert_eq_u64(fake_version(0x10002), 0x10002);
	regs = fake_call(FFA_MSG_WAIT_32, 1, 2, 3, 4, 5);
	assert_status(fake_status(&regs), FFA_NOT_SUPPORTED);
	fake_finish();
}
