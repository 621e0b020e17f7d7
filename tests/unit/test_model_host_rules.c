/* SPDX-License-Identifier: MIT */
/*
 * What becomes of each call of a host, typed from facts host-proxy.md sections
 * 1.2 to 1.4, 2.1 and 2.2, and spmc.md section 1.3.2.
 */
#include <string.h>

#include "sim/model/host_rules.h"
#include "tests/test.h"

#define FIRST 0x60u
#define LAST  0xffu

struct call_case {
	const char *name;
	uint32_t version;
	struct ffa_regs call;
	enum sim_host_action action;
	int status;
};

#define REFUSES  SIM_HOST_REFUSES
#define ANSWERS  SIM_HOST_ANSWERS
#define FORWARDS SIM_HOST_FORWARDS
#define DECIDES  SIM_HOST_DECIDES
#define ROW      0x10000
#define V0       0x10000u
#define V1       0x10001u
#define V2       0x10002u
#define INVALID  (-2)
#define MISSING  (-1)

static const struct call_case call_cases[] = {
        {"nothing in force", 0, {{0x84000069}}, REFUSES, INVALID},
        {"nothing in force, not listed", 0, {{0x84000071}}, REFUSES, INVALID},
        {"ID_GET", V0, {{0x84000069}}, ANSWERS, 0},
        {"ID_GET with x7", V0, {{0x84000069, 0, 0, 0, 0, 0, 0, 1}}, REFUSES, INVALID},
        {"ID_GET with x8", V2, {{0x84000069, 0, 0, 0, 0, 0, 0, 0, 1}}, ANSWERS, 0},
        {"upper halves", V2, {{0xfff84000069, 1ull << 32}}, ANSWERS, 0},
        {"SUCCESS is no call", V2, {{0x84000061}}, REFUSES, MISSING},
        {"ERROR is no call", V2, {{0x84000060}}, REFUSES, MISSING},
        {"64-bit twin", V2, {{0xc4000069}}, REFUSES, MISSING},
        {"RXTX_MAP_32", V2, {{0x84000066, 0x1000, 0x2000, 1}}, REFUSES, MISSING},
        {"direct request", V2, {{0x8400006f}}, REFUSES, MISSING},
        {"direct response of 64 bits", V2, {{0xc4000070}}, REFUSES, MISSING},
        {"MEM_SHARE_64", V2, {{0xc4000073}}, REFUSES, MISSING},
        {"RX_ACQUIRE", V2, {{0x84000084}}, REFUSES, MISSING},
        {"SPM_ID_GET", V2, {{0x84000085}}, REFUSES, MISSING},
        {"MSG_SEND2", V2, {{0x84000086}}, REFUSES, MISSING},
        {"PARTITION_INFO_GET_REGS", V2, {{0xc400008b}}, REFUSES, MISSING},
        {"of 1.3", V2, {{0xc4000094}}, REFUSES, MISSING},
        {"unassigned", V2, {{0x840000ff}}, REFUSES, MISSING},
        {"with the hint of SMCCC", V2, {{0x84010069}}, REFUSES, MISSING},
        {"no FF-A call", V2, {{0x80000000}}, ANSWERS, 0},
        {"no FF-A call, nothing in force", 0, {{0xc4000003}}, ANSWERS, 0},
        {"reserved bits of what is not listed",
         V2,
         {{0x84000071, 1, 1, 1, 1, 1}},
         REFUSES,
         MISSING},
        {"CREATE", V1, {{0x8400007d, 0, 4}}, FORWARDS, 0},
        {"CREATE at 1.0", V0, {{0x8400007d, 0, 4}}, REFUSES, MISSING},
        {"CREATE for a VM", V1, {{0x8400007d, 1, 4}}, REFUSES, INVALID},
        {"CREATE with w1 above", V1, {{0x8400007d, ROW, 4}}, REFUSES, INVALID},
        {"CREATE with w3", V1, {{0x8400007d, 0, 4, 1}}, REFUSES, INVALID},
        {"DESTROY", V1, {{0x8400007e}}, FORWARDS, 0},
        {"DESTROY for a VM", V1, {{0x8400007e, 1}}, REFUSES, INVALID},
        {"DESTROY with w2", V1, {{0x8400007e, 0, 1}}, REFUSES, INVALID},
        {"BIND", V1, {{0x8400007f, 0x80010000, 1, 2, 3}}, FORWARDS, 0},
        {"BIND for another receiver", V1, {{0x8400007f, 0x80010001, 1, 2, 3}}, REFUSES, INVALID},
        {"BIND with flag 2", V1, {{0x8400007f, 0x80010000, 2, 2, 3}}, REFUSES, INVALID},
        {"BIND with w5", V1, {{0x8400007f, 0x80010000, 1, 2, 3, 1}}, REFUSES, INVALID},
        {"UNBIND", V1, {{0x84000080, 0x80010000, 0, 2, 3}}, FORWARDS, 0},
        {"UNBIND with w2", V1, {{0x84000080, 0x80010000, 1, 2, 3}}, REFUSES, INVALID},
        {"SET", V1, {{0x84000081, 0x8001, 0, 2, 3}}, FORWARDS, 0},
        {"SET of a vCPU", V1, {{0x84000081, 0x8001, 0x30001, 2, 3}}, FORWARDS, 0},
        {"SET of a vCPU without the flag",
         V1,
         {{0x84000081, 0x8001, 0x30000, 2}},
         REFUSES,
         INVALID},
        {"SET by another sender", V1, {{0x84000081, 0x18001, 0, 2, 3}}, REFUSES, INVALID},
        {"SET that delays the SRI", V1, {{0x84000081, 0x8001, 2, 2, 3}}, REFUSES, INVALID},
        {"GET", V1, {{0x84000082, 0x10000, 0xf}}, FORWARDS, 0},
        {"GET for another receiver", V1, {{0x84000082, 1, 0xf}}, REFUSES, INVALID},
        {"GET with flag 0x10", V1, {{0x84000082, 0, 0x10}}, REFUSES, INVALID},
        {"INFO_GET_32", V1, {{0x84000083}}, FORWARDS, 0},
        {"INFO_GET_64", V1, {{0xc4000083}}, FORWARDS, 0},
        {"INFO_GET_64 with half of x7",
         V1,
         {{0xc4000083, 0, 0, 0, 0, 0, 0, 1ull << 32}},
         REFUSES,
         INVALID},
        {"INFO_GET_64 with x17 at 1.1", V1, {.x = {[0] = 0xc4000083, [17] = 1}}, FORWARDS, 0},
        {"INFO_GET_64 with x17", V2, {.x = {[0] = 0xc4000083, [17] = 1}}, REFUSES, INVALID},
        {"INFO_GET_64 with x8", V2, {.x = {[0] = 0xc4000083, [8] = 1ull << 63}}, REFUSES, INVALID},
        {"INFO_GET_32 with x17", V2, {.x = {[0] = 0x84000083, [17] = 1}}, FORWARDS, 0},
        {"RX_RELEASE", V0, {{0x84000065}}, FORWARDS, 0},
        {"RX_RELEASE for a VM", V0, {{0x84000065, 1}}, REFUSES, INVALID},
        {"RXTX_UNMAP", V0, {{0x84000067}}, DECIDES, 0},
        {"RXTX_UNMAP for a VM", V0, {{0x84000067, ROW}}, REFUSES, INVALID},
        {"RXTX_UNMAP with the lower half", V0, {{0x84000067, 1}}, REFUSES, INVALID},
        {"RXTX_MAP", V0, {{0xc4000066, 0x1000, 0x2000, 1}}, DECIDES, 0},
        {"RXTX_MAP far up", V0, {{0xc4000066, 0x1000, 1ull << 47, 1}}, DECIDES, 0},
        {"RXTX_MAP of no page", V0, {{0xc4000066, 0x1000, 0x2000, 0}}, REFUSES, INVALID},
        {"RXTX_MAP of two pages", V0, {{0xc4000066, 0x1000, 0x4000, 2}}, REFUSES, INVALID},
        {"RXTX_MAP of 65 pages", V0, {{0xc4000066, 0x1000, 0x2000, 65}}, REFUSES, INVALID},
        {"RXTX_MAP with TX in a page", V0, {{0xc4000066, 0x1800, 0x3000, 1}}, REFUSES, INVALID},
        {"RXTX_MAP with RX in a page", V0, {{0xc4000066, 0x1000, 0x2001, 1}}, REFUSES, INVALID},
        {"PARTITION_INFO_GET", V1, {{0x84000068, 1, 2, 3, 4, 1}}, FORWARDS, 0},
        {"PARTITION_INFO_GET with flag 2", V1, {{0x84000068, 0, 0, 0, 0, 2}}, REFUSES, INVALID},
        {"PARTITION_INFO_GET of a count at 1.0",
         V0,
         {{0x84000068, 0, 0, 0, 0, 1}},
         REFUSES,
         INVALID},
        {"PARTITION_INFO_GET with w6", V1, {{0x84000068, 0, 0, 0, 0, 0, 1}}, REFUSES, INVALID},
        {"FEATURES of the SRI", V1, {{0x84000064, 2}}, FORWARDS, 0},
        {"FEATURES of the SRI at 1.0", V0, {{0x84000064, 2}}, REFUSES, MISSING},
        {"FEATURES of the NPI", V1, {{0x84000064, 1}}, FORWARDS, 0},
        {"FEATURES of the managed exit", V2, {{0x84000064, 3}}, REFUSES, MISSING},
        {"FEATURES of no feature", V2, {{0x84000064, 0}}, REFUSES, MISSING},
        {"FEATURES with reserved bits", V2, {{0x84000064, 0x102}}, REFUSES, MISSING},
        {"FEATURES with a property", V2, {{0x84000064, 2, 1}}, REFUSES, MISSING},
        {"FEATURES with w3", V2, {{0x84000064, 2, 0, 1}}, REFUSES, INVALID},
        {"FEATURES of BIND", V1, {{0x84000064, 0x8400007f}}, FORWARDS, 0},
        {"FEATURES of BIND at 1.0", V0, {{0x84000064, 0x8400007f}}, REFUSES, MISSING},
        {"FEATURES of RX_RELEASE", V0, {{0x84000064, 0x84000065}}, FORWARDS, 0},
        {"FEATURES of SUCCESS_64", V0, {{0x84000064, 0xc4000061}}, ANSWERS, 0},
        {"FEATURES of VERSION", V0, {{0x84000064, 0x84000063}}, ANSWERS, 0},
        {"FEATURES of MEM_SHARE_64", V2, {{0x84000064, 0xc4000073}}, REFUSES, MISSING},
        {"FEATURES of RXTX_MAP_32", V2, {{0x84000064, 0x84000066}}, REFUSES, MISSING},
};

TEST_EACH(rules, call, call_cases)
{
	struct sim_host_rule rule;

	sim_host_rule(&c->call, (struct sim_host_terms){c->version, true}, &rule);
	assert_eq_int(rule.action, c->action);
	if (rule.action == SIM_HOST_REFUSES) {
		assert_status(rule.status, c->status);
		assert_eq_u64(rule.regs.x[0], 0x84000060);
		assert_eq_u64(rule.regs.x[2], (uint32_t)c->status);
		assert_eq_int(rule.other, FFA_OK);
	}
}

/* An SPMC that takes no buffers. */
TEST(rules, without_buffers)
{
	const struct ffa_regs map = {{FFA_RXTX_MAP_64, 0x1000, 0x2000, 1}};
	const struct ffa_regs features = {{FFA_FEATURES_32, FFA_RXTX_MAP_64}};
	const struct ffa_regs regs = {{FFA_PARTITION_INFO_GET_REGS_64, 1, 2, 3}};
	const struct ffa_regs upper = {{FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 1ull << 32}};
	const struct ffa_regs extra = {{FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0, 1}};
	struct sim_host_rule rule;

	sim_host_rule(&map, (struct sim_host_terms){V2, false}, &rule);
	assert_status(rule.status, FFA_NOT_SUPPORTED);
	sim_host_rule(&features, (struct sim_host_terms){V2, false}, &rule);
	assert_status(rule.status, FFA_NOT_SUPPORTED);
	sim_host_rule(&regs, (struct sim_host_terms){V2, false}, &rule);
	assert_eq_int(rule.action, FORWARDS);
	assert_mem(&rule.regs, &regs, sizeof regs);
	sim_host_rule(&regs, (struct sim_host_terms){V1, false}, &rule);
	assert_status(rule.status, FFA_NOT_SUPPORTED);
	sim_host_rule(&upper, (struct sim_host_terms){V2, false}, &rule);
	assert_status(rule.status, FFA_INVALID_PARAMETERS);
	sim_host_rule(&extra, (struct sim_host_terms){V2, false}, &rule);
	assert_status(rule.status, FFA_INVALID_PARAMETERS);
}

/* Both are wrong, and which is told first is nobody's business. */
TEST(rules, features_with_two_mistakes)
{
	const struct ffa_regs call = {{FFA_FEATURES_32, 0x102, 0, 1}};
	struct sim_host_rule rule;

	sim_host_rule(&call, (struct sim_host_terms){V2, true}, &rule);
	assert_status(rule.status, FFA_NOT_SUPPORTED);
	assert_status(rule.other, FFA_INVALID_PARAMETERS);
}

/* Every function id there may be: of each width, 0x60 to 0xff. */
static uint32_t nth_fid(unsigned n)
{
	return (n % 2 ? 0xc4000000 : 0x84000000) + FIRST + n / 2;
}

#define FIDS (2 * (LAST - FIRST + 1))

struct listed_case {
	const char *name;
	uint32_t version;
	uint32_t calls[16];   /* not refused as a call */
	uint32_t claimed[16]; /* FFA_FEATURES says so by itself */
	uint32_t asked[16];   /* FFA_FEATURES asks the SPMC */
};

#define CALLS_1_0 0x84000064, 0x84000065, 0xc4000066, 0x84000067, 0x84000068, 0x84000069
#define CLAIMED   0x84000060, 0x84000061, 0xc4000061, 0x84000063, 0x84000064, 0xc4000066, 0x84000069
#define ASKED_1_0 0x84000065, 0x84000067, 0x84000068
#define SINCE_1_1                                                                           \
	0x8400007d, 0x8400007e, 0x8400007f, 0x84000080, 0x84000081, 0x84000082, 0x84000083, \
	        0xc4000083

static const struct listed_case listed_cases[] = {
        {"1.0", V0, {CALLS_1_0}, {CLAIMED}, {ASKED_1_0}},
        {"1.1", V1, {CALLS_1_0, SINCE_1_1}, {CLAIMED}, {ASKED_1_0, SINCE_1_1}},
        {"1.2", V2, {CALLS_1_0, SINCE_1_1}, {CLAIMED}, {ASKED_1_0, SINCE_1_1}},
};

static bool has(const uint32_t *fids, uint32_t fid)
{
	for (; *fids; fids++)
		if (*fids == fid)
			return true;
	return false;
}

TEST_EACH(rules, calls_that_are_listed, listed_cases)
{
	for (unsigned i = 0; i < FIDS; i++) {
		const struct ffa_regs call = {{nth_fid(i), 0, 0, 1}};
		struct sim_host_rule rule;

		if (nth_fid(i) == FFA_VERSION_32)
			continue;
		sim_host_rule(&call, (struct sim_host_terms){c->version, true}, &rule);
		if ((rule.action != SIM_HOST_REFUSES || rule.status != FFA_NOT_SUPPORTED) !=
		    has(c->calls, nth_fid(i)))
			fail_test("0x%x", nth_fid(i));
	}
}

TEST_EACH(rules, features_of_functions, listed_cases)
{
	for (unsigned i = 0; i < FIDS; i++) {
		const struct ffa_regs call = {{FFA_FEATURES_32, nth_fid(i)}};
		struct sim_host_rule rule;

		sim_host_rule(&call, (struct sim_host_terms){c->version, true}, &rule);
		if ((rule.action == SIM_HOST_ANSWERS) != has(c->claimed, nth_fid(i)) ||
		    (rule.action == SIM_HOST_FORWARDS) != has(c->asked, nth_fid(i)))
			fail_test("0x%x", nth_fid(i));
	}
}

struct forward_case {
	const char *name;
	struct ffa_regs call, forwarded;
};

static const struct forward_case forward_cases[] = {
        {"SET",
         {{0x84000081, 0x8001, 1, 0xffffffff, 0x80000000}},
         {{0x84000081, 0x8001, 1, 0xffffffff, 0x80000000}}},
        {"upper halves",
         {{~0ull << 32 | 0x84000082, ~0ull << 32, ~0ull << 32 | 5, ~0ull << 32}},
         {{0x84000082, 0, 5}}},
        {"beyond x7", {.x = {[0] = 0xc4000083, [8] = 1, [17] = 1}}, {{0xc4000083}}},
        {"five words", {{0x84000068, 1, 2, 3, 4, 1}}, {{0x84000068, 1, 2, 3, 4, 1}}},
};

TEST_EACH(rules, forwards, forward_cases)
{
	struct sim_host_rule rule;

	sim_host_rule(&c->call, (struct sim_host_terms){V1, true}, &rule);
	assert_eq_int(rule.action, SIM_HOST_FORWARDS);
	assert_mem(&rule.regs, &c->forwarded, sizeof rule.regs);
}

/* Since 1.2 it tells how many pages a buffer may have. */
TEST(rules, features_of_rxtx_map)
{
	const struct ffa_regs call = {{FFA_FEATURES_32, FFA_RXTX_MAP_64}};
	const struct ffa_regs old = {{FFA_SUCCESS_32}}, new = {{FFA_SUCCESS_32, 0, 0x10000}};
	struct sim_host_rule rule;

	sim_host_rule(&call, (struct sim_host_terms){V1, true}, &rule);
	assert_mem(&rule.regs, &old, sizeof old);
	sim_host_rule(&call, (struct sim_host_terms){V2, true}, &rule);
	assert_mem(&rule.regs, &new, sizeof new);
}

struct refusal_case {
	const char *name;
	struct ffa_regs call;
	bool refused;
};

static const struct refusal_case refusal_cases[] = {
        {"1.0", {{0x84000063, 0x10000}}, false},
        {"1.2", {{0x84000063, 0x10002}}, false},
        {"1.65535", {{0x84000063, 0x1ffff}}, false},
        {"0.9", {{0x84000063, 9}}, true},
        {"2.0", {{0x84000063, 0x20000}}, true},
        {"bit 31", {{0x84000063, 0x80010000}}, true},
        {"w2", {{0x84000063, 0x10000, 1}}, true},
        {"w7", {{0x84000063, 0x10000, 0, 0, 0, 0, 0, 1}}, true},
        {"x8", {{0x84000063, 0x10000, 0, 0, 0, 0, 0, 0, 1}}, false},
        {"upper halves", {{0x84000063, 0x100010000, 1ull << 63}}, false},
};

TEST_EACH(rules, version, refusal_cases)
{
	assert_eq_int(sim_host_version_refusal(&c->call) != NULL, c->refused);
}
