/* SPDX-License-Identifier: MIT */
/* The host proxy: every bit of every call, one at a time, and what goes on to the SPMC. */
#include "tests/unit/test_proxy_fake.h"

#define WORD UINT64_C(0xffffffff)

/*
 * legal: bits that may be set beside those of base without a refusal by the
 * proxy; typed from the register layouts of facts host-proxy.md section 2.1
 * and the host's id 0. Everything else must be refused.
 */
struct bits_case {
	const char *name;
	uint32_t fid;
	uint32_t version;
	bool own; /* answered without an SMC */
	uint64_t base[6];
	uint64_t legal[6];
};

static const struct bits_case bits_cases[] = {
        {"BITMAP_CREATE", 0x8400007d, 0x10001, false, {0, 0, 4}, {0, 0, WORD}},
        {"BITMAP_DESTROY", 0x8400007e, 0x10001, false, {0}, {0}},
        {"BIND", 0x8400007f, 0x10001, false, {0}, {0, 0xffff0000, 1, WORD, WORD}},
        {"BIND at 1.2",
         0x8400007f,
         0x10002,
         false,
         {0, 0x80010000},
         {0, 0xffff0000, 1, WORD, WORD}},
        {"UNBIND", 0x84000080, 0x10001, false, {0}, {0, 0xffff0000, 0, WORD, WORD}},
        {"SET", 0x84000081, 0x10001, false, {0}, {0, 0xffff, 1, WORD, WORD}},
        {"SET per vCPU",
         0x84000081,
         0x10002,
         false,
         {0, 0x8001, 1},
         {0, 0xffff, 0xffff0001, WORD, WORD}},
        {"GET", 0x84000082, 0x10001, false, {0}, {0, 0xffff0000, 0xf}},
        {"INFO_GET_32", 0x84000083, 0x10002, false, {0}, {0}},
        {"INFO_GET_64", 0xc4000083, 0x10002, false, {0}, {0}},
        {"INFO_GET_64 at 1.1", 0xc4000083, 0x10001, false, {0}, {0}},
        {"ID_GET", 0x84000069, 0x10002, true, {0}, {0}},
        {"RX_RELEASE", 0x84000065, 0x10002, false, {0}, {0}},
        {"RXTX_UNMAP", 0x84000067, 0x10002, false, {0}, {0}},
        {"PARTITION_INFO_GET", 0x84000068, 0x10001, false, {0}, {0, WORD, WORD, WORD, WORD, 1}},
        {"PARTITION_INFO_GET at 1.0",
         0x84000068,
         0x10000,
         false,
         {0},
         {0, WORD, WORD, WORD, WORD, 0}},
};

static uint64_t of(const uint64_t *words, unsigned reg)
{
	return reg < 6 ? words[reg] : 0;
}

/* The call with one more bit; the log holds what it led to. */
static struct ffa_regs call_with(const struct bits_case *c, unsigned reg, uint64_t bit)
{
	struct ffa_regs regs = {{c->fid}};

	for (unsigned i = 1; i < 6; i++)
		regs.x[i] = c->base[i];
	regs.x[reg] |= bit;
	fake_start_at(c->version);
	fake_map();
	proxy_host_call(0, &regs);
	return regs;
}

static void expect_refused(const struct bits_case *c, unsigned reg, uint64_t bit)
{
	struct ffa_regs answer = call_with(c, reg, bit);

	if (fake_status(&answer) != FFA_INVALID_PARAMETERS || fake.smc_count != 0)
		fail_test("bit 0x%llx of x%u is not refused", (unsigned long long)bit, reg);
	fake_finish();
}

/* Goes on, with exactly the registers of the call; `sent` of the bit. */
static void expect_taken(const struct bits_case *c, unsigned reg, uint64_t bit, uint64_t sent)
{
	struct ffa_regs answer = call_with(c, reg, bit);

	if (c->own) {
		assert_status(fake_status(&answer), FFA_OK);
		assert_eq_int(fake.smc_count, 0);
	} else {
		assert_eq_int(fake.smc_count, 1);
		assert_eq_u64(fake.smc_log[0].x[0], c->fid);
		for (unsigned i = 1; i < FFA_REG_COUNT; i++)
			assert_eq_u64(fake.smc_log[0].x[i], of(c->base, i) | (i == reg ? sent : 0));
	}
	fake_finish();
}

/* Whether the contract of the call covers the register at all. */
static bool is_covered(const struct bits_case *c, unsigned reg)
{
	return reg < 8 || (ffa_fid_is_64bit(c->fid) && c->version >= 0x10002);
}

TEST_EACH(proxy_bits, one_at_a_time, bits_cases)
{
	uint64_t width = ffa_fid_is_64bit(c->fid) ? UINT64_MAX : WORD;

	for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
		for (unsigned i = 0; i < 64; i++) {
			uint64_t bit = UINT64_C(1) << i;

			if (!is_covered(c, reg) || (bit & width) == 0)
				expect_taken(c, reg, bit, 0);
			else if ((of(c->legal, reg) & bit) != 0)
				expect_taken(c, reg, bit, bit);
			else if ((of(c->base, reg) & bit) == 0)
				expect_refused(c, reg, bit);
		}
	}
}

/* Refused bits at a word of the case's register; used where the result is another one. */
static struct ffa_regs call_zero_but(uint32_t fid, uint64_t x1, unsigned reg, uint64_t bit)
{
	struct ffa_regs regs = {{fid, x1}};

	regs.x[reg] |= bit;
	proxy_host_call(0, &regs);
	return regs;
}

/* FFA_VERSION has one way to refuse, and x0 alone carries it. */
TEST(proxy_bits, version)
{
	fake_start();
	for (unsigned reg = 2; reg < 8; reg++) {
		for (unsigned i = 0; i < 32; i++) {
			struct ffa_regs answer =
			        call_zero_but(FFA_VERSION_32, 0x10002, reg, UINT64_C(1) << i);

			assert_eq_u64(answer.x[0], 0xffffffff);
			for (unsigned other = 1; other < FFA_REG_COUNT; other++)
				assert_eq_u64(answer.x[other], 0);
		}
	}
	assert_eq_u64(proxy_version_published(), 0);
	assert_eq_int(fake.smc_count, 0);
	assert_eq_u64(fake_version(0x10002), 0x10002);
	fake_finish();
}

TEST(proxy_bits, features)
{
	struct ffa_regs answer;

	fake_start_at(0x10002);
	for (unsigned i = 8; i < 31; i++) {
		answer = call_zero_but(FFA_FEATURES_32, 2, 1, UINT64_C(1) << i);
		assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	}
	for (unsigned reg = 3; reg < 8; reg++) {
		for (unsigned i = 0; i < 32; i++) {
			answer = call_zero_but(FFA_FEATURES_32, 2, reg, UINT64_C(1) << i);
			assert_status(fake_status(&answer), FFA_INVALID_PARAMETERS);
		}
	}
	assert_eq_int(fake.smc_count, 0);
	answer = call_zero_but(FFA_FEATURES_32, 2, 3, UINT64_C(1) << 32);
	assert_status(fake_status(&answer), FFA_OK);
	fake_expect_smc(0x84000064, 2, 0, 0, 0, 0);
	fake_finish();
}

static enum ffa_status map_with(unsigned reg, uint64_t bit)
{
	struct ffa_regs regs = {{FFA_RXTX_MAP_64, FAKE_TX, FAKE_RX, 1}};

	regs.x[reg] |= bit;
	proxy_host_call(0, &regs);
	return fake_status(&regs);
}

/* x4..x17 from 1.2 on, x4..x7 before; the page count is a w register. */
TEST(proxy_bits, rxtx_map)
{
	fake_start_at(0x10002);
	for (unsigned reg = 4; reg < FFA_REG_COUNT; reg++) {
		for (unsigned i = 0; i < 64; i++)
			assert_status(map_with(reg, UINT64_C(1) << i), FFA_INVALID_PARAMETERS);
	}
	for (unsigned i = 1; i < 32; i++)
		assert_status(map_with(3, UINT64_C(1) << i), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.smc_count, 0);
	assert_status(map_with(3, UINT64_C(1) << 32), FFA_OK);
	fake_expect_smc(0xc4000066, FAKE_OWN_TX, FAKE_OWN_RX, 1, 0, 0);
	fake_finish();

	fake_start_at(0x10001);
	for (unsigned i = 0; i < 64; i++)
		assert_status(map_with(7, UINT64_C(1) << i), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.smc_count, 0);
	assert_status(map_with(8, 1), FFA_OK);
	fake_finish();
}

/* Where the caller's own id stands */

struct id_case {
	const char *name;
	uint32_t fid;
	uint32_t w1;
	bool own;
};

/* K21: the receiver is the caller of BIND and UNBIND, the sender that of SET. */
static const struct id_case id_cases[] = {
        {"BIND from an SP", 0x8400007f, 0x80010000, true},
        {"BIND by another", 0x8400007f, 0x80010001, false},
        {"BIND, halves swapped", 0x8400007f, 0x00008001, false},
        {"UNBIND from an SP", 0x84000080, 0x80010000, true},
        {"UNBIND by another", 0x84000080, 0x80010001, false},
        {"UNBIND, halves swapped", 0x84000080, 0x00008001, false},
        {"SET for an SP", 0x84000081, 0x00008001, true},
        {"SET by another", 0x84000081, 0x00018001, false},
        {"SET, halves swapped", 0x84000081, 0x80010000, false},
        {"GET on the first CPU", 0x84000082, 0x00000000, true},
        {"GET on another CPU", 0x84000082, 0x00030000, true},
        {"GET for another", 0x84000082, 0x00000001, false},
        {"GET for an SP", 0x84000082, 0x00038001, false},
        {"CREATE", 0x8400007d, 0x00000000, true},
        {"CREATE for another", 0x8400007d, 0x00000001, false},
        {"CREATE, upper half", 0x8400007d, 0x00010000, false},
        {"DESTROY", 0x8400007e, 0x00000000, true},
        {"DESTROY for another", 0x8400007e, 0x00000001, false},
        {"DESTROY, upper half", 0x8400007e, 0x00010000, false},
        {"RXTX_UNMAP", 0x84000067, 0x00000000, true},
        {"RXTX_UNMAP for another", 0x84000067, 0x00010000, false},
        {"RXTX_UNMAP, lower half", 0x84000067, 0x00000001, false},
        {"RX_RELEASE", 0x84000065, 0x00000000, true},
        {"RX_RELEASE for another", 0x84000065, 0x00000001, false},
};

TEST_EACH(proxy_id, own_id, id_cases)
{
	struct ffa_regs answer;

	fake_start_at(0x10002);
	fake_map();
	answer = fake_call(c->fid, c->w1, 0, 0, 0, 0);
	if (c->own) {
		fake_expect_smc(c->fid, c->w1, 0, 0, 0, 0);
	} else {
		assert_status(fake_status(&answer), FFA_INVALID_PARAMETERS);
		assert_eq_int(fake.smc_count, 0);
	}
	fake_finish();
}

/* Exact registers, as a host sends them, with something in every place that must not go on. */

struct sent_case {
	const char *name;
	uint32_t fid;
	uint32_t w[5]; /* w1..w5 */
};

static const struct sent_case sent_cases[] = {
        {"CREATE", 0x8400007d, {0, 4}},
        {"DESTROY", 0x8400007e, {0}},
        {"BIND", 0x8400007f, {0x80010000, 1, 0x89abcdef, 0x01234567}},
        {"UNBIND", 0x84000080, {0x80010000, 0, 0x89abcdef, 0x01234567}},
        {"SET", 0x84000081, {0x8001, 0x30001, 0x89abcdef, 0x01234567}},
        {"GET", 0x84000082, {0x30000, 5}},
        {"INFO_GET_32", 0x84000083, {0}},
        {"INFO_GET_64", 0xc4000083, {0}},
        {"PARTITION_INFO_GET", 0x84000068, {0x11111111, 0x22222222, 0x33333333, 0x44444444, 1}},
        {"RX_RELEASE", 0x84000065, {0}},
};

TEST_EACH(proxy_forward, exact_registers, sent_cases)
{
	for (uint32_t version = 0x10001; version <= 0x10002; version++) {
		fake_start_at(version);
		fake_map();
		fake_call(c->fid, c->w[0], c->w[1], c->w[2], c->w[3], c->w[4]);
		fake_expect_smc(c->fid, c->w[0], c->w[1], c->w[2], c->w[3], c->w[4]);
		fake_finish();
	}
}

static void other_cpu_gets(void)
{
	struct ffa_regs answer = fake_call(FFA_NOTIFICATION_GET_32, 0x10000, 5, 0, 0, 0);

	assert_status(fake_status(&answer), FFA_OK);
}

/* Notifications wait for nobody: no lock is held across their SMCs. */
TEST(proxy_forward, notifications_overlap)
{
	static const uint32_t calls[] = {0x8400007d, 0x8400007e, 0x8400007f, 0x84000080,
	                                 0x84000081, 0x84000082, 0x84000083, 0xc4000083};

	for (size_t i = 0; i < 8; i++) {
		fake_start_at(0x10002);
		fake_hook_smc(calls[i], other_cpu_gets);
		fake_call(calls[i], 0, 0, 0, 0, 0);
		assert_true(!fake.hook);
		assert_eq_int(fake.smc_count, 2);
		fake_finish();
	}
}
