/* SPDX-License-Identifier: MIT */
/*
 * The register checks: every single bit of calls and answers against masks
 * typed from facts spmc.md sections 1.1 to 1.8 and host-proxy.md section 2.1,
 * then the shapes that no mask can tell.
 */
#include <string.h>

#include "abi/ffa_check.h"
#include "tests/test.h"

#define W   UINT64_C(0xFFFFFFFF)
#define X   UINT64_MAX
#define V11 0x10001u
#define V12 0x10002u
#define V13 0x10003u

#define OK_32    UINT64_C(0x84000061)
#define OK_64    UINT64_C(0xC4000061)
#define ERROR_32 UINT64_C(0x84000060)
#define DENIED   UINT64_C(0xFFFFFFFA)
#define REFUSED  UINT64_C(0xFFFFFFFF) /* NOT_SUPPORTED */

/* Bits that an answer may carry; all others are reserved. */
static const struct {
	const char *name;
	uint32_t call;
	uint64_t x0;
	uint64_t may[FFA_REG_COUNT];
} results[] = {
        {"features", 0x84000064, OK_32, {[2] = W, [3] = W}},
        {"rx-release", 0x84000065, OK_32, {0}},
        {"rxtx-map-32", 0x84000066, OK_32, {0}},
        {"rxtx-map-64", 0xC4000066, OK_32, {0}},
        {"partition-info-get", 0x84000068, OK_32, {[2] = W, [3] = W}},
        {"id-get", 0x84000069, OK_32, {[2] = 0xFFFF}},
        {"share-64", 0xC4000073, OK_32, {[2] = W, [3] = W}},
        {"reclaim", 0x84000077, OK_32, {0}},
        {"bitmap-create", 0x8400007D, OK_32, {0}},
        {"bitmap-destroy", 0x8400007E, OK_32, {0}},
        {"bind", 0x8400007F, OK_32, {0}},
        {"unbind", 0x84000080, OK_32, {0}},
        {"set", 0x84000081, OK_32, {0}},
        {"get", 0x84000082, OK_32, {0, 0, W, W, W, W, W, W}},
        {"info-get-32", 0x84000083, OK_32, {0, 0, 0xFFFFFF81, W, W, W, W, W}},
        {"info-get-64", 0xC4000083, OK_64, {0, 0, 0xFFFFFFFFFFFFFF81, X, X, X, X, X}},
        {"spm-id-get", 0x84000085, OK_32, {[2] = 0xFFFF}},
        {"partition-info-get-regs",
         0xC400008B,
         OK_64,
         {0, 0, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X}},
        {"share-fragment", 0x84000073, 0x8400007A, {0, W, W, W, 0xFFFF0000}},
        {"retrieve", 0xC4000074, 0x84000075, {0, W, W}},
        {"direct-32", 0x8400006F, 0x84000070, {0, W, W, W, W, W, W, W}},
        {"direct-interrupted", 0xC400006F, 0x84000062, {0, W, W}},
        {"direct2", 0xC400008D, 0xC400008E, {0, X, 0, 0, X, X, X, X, X, X, X, X, X, X, X, X, X, X}},
};

static bool result_ok(uint32_t call, const struct ffa_regs *answer, uint32_t version)
{
	struct ffa_violation violation = {.reg = 99};
	bool ok = ffa_check_result(call, answer, version, &violation);

	if (ok) {
		assert_eq_u64(violation.reg, 99);
		return true;
	}
	assert_true(violation.reg < FFA_REG_COUNT && violation.rule != NULL);
	assert_eq_u64(violation.got, answer->x[violation.reg]);
	return false;
}

TEST_EACH(abi_check, every_result_bit, results)
{
	struct ffa_regs answer = {.x = {c->x0}};

	assert_true(result_ok(c->call, &answer, V12));
	for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
		for (unsigned bit = 0; bit < 64; bit++) {
			bool may = (c->may[reg] >> bit & 1) != 0;

			answer.x[reg] = UINT64_C(1) << bit;
			if (result_ok(c->call, &answer, V12) != may)
				fail_test("x%u bit %u at v1.2", reg, bit);
			if (result_ok(c->call, &answer, V11) != (may || reg > 7))
				fail_test("x%u bit %u at v1.1", reg, bit);
		}
		answer.x[reg] = 0;
	}
}

TEST_EACH(abi_check, all_result_bits_together, results)
{
	struct ffa_regs answer;

	memcpy(&answer, c->may, sizeof answer);
	answer.x[0] = c->x0;
	assert_true(result_ok(c->call, &answer, V12));
}

/* Reserved bits that a callee checks, seen on an otherwise zero call at v1.2. */
static const struct {
	const char *name;
	uint32_t call;
	uint64_t must[FFA_REG_COUNT];
} musts[] = {
        {"version", 0x84000063, {[1] = 0x80000000}},
        {"features", 0x84000064, {[1] = 0x7FFFFF00}},
        {"rxtx-map-32", 0x84000066, {[3] = 0xFFFFFFC0}},
        {"rxtx-map-64", 0xC4000066, {[3] = 0xFFFFFFC0}},
        {"rxtx-unmap", 0x84000067, {0}},
        {"partition-info-get", 0x84000068, {[5] = 0xFFFFFFFE}},
        {"id-get", 0x84000069, {0}},
        {"msg-wait", 0x8400006B, {0, W, 0, W, W, W, W, W}},
        {"yield", 0x8400006C, {0, 0, 0, 0, W, W, W, W}},
        {"direct-req-32", 0x8400006F, {[2] = 0x7FFFFFFF}},
        {"direct-req-64", 0xC400006F, {[2] = 0x7FFFFFFF}},
        {"share-32", 0x84000073, {0}},
        {"reclaim", 0x84000077, {[3] = 0xFFFFFFFC}},
        {"bitmap-create", 0x8400007D, {[1] = 0xFFFF0000}},
        {"bitmap-destroy", 0x8400007E, {[1] = 0xFFFF0000}},
        {"bind", 0x8400007F, {[2] = 0xFFFFFFFE}},
        {"unbind", 0x84000080, {[2] = W}},
        {"set", 0x84000081, {[2] = 0xFFFFFFFC}},
        {"get", 0x84000082, {[2] = 0xFFFFFFF0}},
        {"info-get-64", 0xC4000083, {0}},
        {"perm-set-64", 0xC4000089, {[3] = 0xFFFFFFF8}},
        {"partition-info-get-regs", 0xC400008B, {[3] = 0xFFFFFFFF00000000}},
        {"direct-resp2", 0xC400008E, {[2] = X, [3] = X}},
        {"abort-32", 0x84000090, {0, W, 0, W, W, W, W, W}},
        {"abort-64", 0xC4000090, {0, X, 0, X, X, X, X, X}},
        {"undefined", 0x84000091, {0}},
        {"not-ffa", 0x84000000, {0}},
};

TEST_EACH(abi_check, every_must_be_zero_bit, musts)
{
	struct ffa_regs regs = {.x = {c->call}};
	struct ffa_violation violation = {.reg = 99};

	assert_true(ffa_check_call(c->call, &regs, V12, &violation));
	for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
		for (unsigned bit = 0; bit < 64; bit++) {
			bool must = (c->must[reg] >> bit & 1) != 0;

			regs.x[reg] = UINT64_C(1) << bit;
			violation = (struct ffa_violation){.reg = 99};
			if (ffa_check_call(c->call, &regs, V12, &violation) == must)
				fail_test("x%u bit %u", reg, bit);
			assert_eq_u64(violation.reg, must ? reg : 99);
			assert_eq_u64(violation.got, must ? regs.x[reg] : 0);
		}
		regs.x[reg] = 0;
	}
}

/* Bits that a strict callee accepts; the rest is reserved or unused. */
static const struct {
	const char *name;
	uint32_t call;
	uint64_t may[FFA_REG_COUNT];
} stricts[] = {
        {"version", 0x84000063, {[1] = 0x7FFFFFFF}},
        {"rxtx-map-64", 0xC4000066, {0, X, X, 0xFFFFFFFF0000003F}},
        {"rxtx-unmap", 0x84000067, {[1] = 0xFFFF0000}},
        {"rx-release", 0x84000065, {[1] = 0xFFFF}},
        {"partition-info-get", 0x84000068, {0, W, W, W, W, 1}},
        {"id-get", 0x84000069, {0}},
        {"share-32", 0x84000073, {0, W, W, W, W}},
        {"frag-tx", 0x8400007B, {0, W, W, W, 0xFFFF0000}},
        {"reclaim", 0x84000077, {0, W, W, 3}},
        {"bitmap-create", 0x8400007D, {0, 0xFFFF, W}},
        {"bitmap-destroy", 0x8400007E, {0, 0xFFFF}},
        {"bind", 0x8400007F, {0, W, 1, W, W}},
        {"unbind", 0x84000080, {0, W, 0, W, W}},
        {"set", 0x84000081, {0, W, 3, W, W}},
        {"get", 0x84000082, {0, W, 0xF}},
        {"info-get-32", 0x84000083, {0}},
        {"info-get-64", 0xC4000083, {0}},
        {"direct-req2", 0xC400008D, {0, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X}},
};

/* Upper halves do not belong to a 32-bit call, nor x8..x17 to a 32-bit id or an older version. */
static bool outside(uint32_t call, unsigned reg, unsigned bit, uint32_t version)
{
	bool is_64bit = (call & 0x40000000) != 0;

	return (!is_64bit && bit > 31) || (reg > 7 && (!is_64bit || version < V12));
}

TEST_EACH(abi_check, every_bit_of_a_strict_call, stricts)
{
	struct ffa_regs regs = {.x = {c->call}};
	struct ffa_violation violation;

	assert_true(ffa_check_call_strict(c->call, &regs, V12, &violation));
	for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
		for (unsigned bit = 0; bit < 64; bit++) {
			bool may = (c->may[reg] >> bit & 1) != 0;

			regs.x[reg] = UINT64_C(1) << bit;
			if (ffa_check_call_strict(c->call, &regs, V12, &violation) !=
			    (may || outside(c->call, reg, bit, V12)))
				fail_test("x%u bit %u at v1.2", reg, bit);
			if (ffa_check_call_strict(c->call, &regs, V11, &violation) !=
			    (may || outside(c->call, reg, bit, V11)))
				fail_test("x%u bit %u at v1.1", reg, bit);
		}
		regs.x[reg] = 0;
	}
}

/* Rules that depend on another bit or on the version. */
static const struct {
	const char *name;
	struct ffa_regs regs;
	uint32_t version;
	bool ok;
} calls[] = {
        {"set-vcpu-per-vcpu", {.x = {0x84000081, 0, 0x00030001}}, V12, true},
        {"set-vcpu-global", {.x = {0x84000081, 0, 0x00030000}}, V12, false},
        {"set-reserved-per-vcpu", {.x = {0x84000081, 0, 0x00030005}}, V12, false},
        {"features-function-id", {.x = {0x84000064, 0xC4000066}}, V12, true},
        {"features-reserved", {.x = {0x84000064, 0x00000102}}, V12, false},
        {"framework-message", {.x = {0x8400006F, 0, 0x80000004}}, V12, true},
        {"framework-reserved", {.x = {0x8400006F, 0, 0x80000104}}, V12, false},
        {"wait-flags-1.1", {.x = {0x8400006B, 0, 1}}, V11, false},
        {"wait-flags-1.2", {.x = {0x8400006B, 0, 1}}, V12, true},
        {"upper-halves-ignored", {.x = {0x84000080, 0, 0xFFFFFFFF00000000}}, V12, true},
        {"width-of-the-call-counts", {.x = {0xC4000090, 1ull << 40}}, V13, false},
};

TEST_EACH(abi_check, call, calls)
{
	struct ffa_violation violation;

	assert_eq_int(ffa_check_call((uint32_t)c->regs.x[0], &c->regs, c->version, &violation),
	              c->ok);
}

TEST(abi_check, first_violation_is_told)
{
	const struct ffa_regs regs = {.x = {0x8400006B, 0, 0, 5, 6}};
	const struct ffa_regs answer = {.x = {OK_32, 0, 0, 5, 6}};
	struct ffa_violation violation;

	assert_false(ffa_check_call(0x8400006B, &regs, V12, &violation));
	assert_eq_u64(violation.reg, 3);
	assert_eq_u64(violation.got, 5);
	assert_false(ffa_check_result(0x84000081, &answer, V12, &violation));
	assert_eq_u64(violation.reg, 3);
	assert_eq_u64(violation.got, 5);
	assert_contains(violation.rule, "must be zero");
}

/* Answers judged as a whole; reg is where the first violation stands. */
static const struct {
	const char *name;
	uint32_t call;
	uint32_t version;
	struct ffa_regs answer;
	bool ok;
	unsigned reg;
	const char *rule;
} shapes[] = {
        {"denied", 0x84000081, V12, {.x = {ERROR_32, 0, DENIED}}, true, 0, ""},
        {"last-code", 0x84000081, V12, {.x = {ERROR_32, 0, 0xFFFFFFF6}}, true, 0, ""},
        {"unknown-code", 0x84000081, V12, {.x = {ERROR_32, 0, 0xFFFFFFF5}}, false, 2, "code"},
        {"no-code", 0x84000081, V12, {.x = {ERROR_32}}, false, 2, "code"},
        {"positive-code", 0x84000081, V12, {.x = {ERROR_32, 0, 6}}, false, 2, "code"},
        {"sign-extended",
         0x84000081,
         V12,
         {.x = {ERROR_32, 0, ~UINT64_C(5)}},
         false,
         2,
         "zero-ext"},
        {"error-with-target", 0x84000081, V12, {.x = {ERROR_32, 1, DENIED}}, false, 1, "target"},
        {"relayed-target", 0x8400006F, V12, {.x = {ERROR_32, 0x80010002, DENIED}}, true, 0, ""},
        {"relayed-wide-target",
         0x8400006F,
         V12,
         {.x = {ERROR_32, 1ull << 32, DENIED}},
         false,
         1,
         ""},
        {"relayed-by-run", 0x8400006D, V12, {.x = {ERROR_32, 0x80010002, DENIED}}, true, 0, ""},
        {"error-w3", 0x84000081, V12, {.x = {ERROR_32, 0, DENIED, 1}}, false, 3, "unused"},
        {"error-x7", 0x84000081, V11, {.x = {ERROR_32, 0, DENIED, [7] = 1}}, false, 7, "unused"},
        {"error-x8", 0x84000081, V12, {.x = {ERROR_32, 0, DENIED, [8] = 1}}, false, 8, "unused"},
        {"error-x17", 0x84000081, V12, {.x = {ERROR_32, 0, DENIED, [17] = 1}}, false, 17, "unused"},
        {"error-x17-1.1", 0x84000081, V11, {.x = {ERROR_32, 0, DENIED, [17] = 1}}, true, 0, ""},
        {"error-x17-none", 0x84000081, 0, {.x = {ERROR_32, 0, DENIED, [17] = 1}}, true, 0, ""},
        {"error-64", 0x84000081, V12, {.x = {0xC4000060, 0, DENIED}}, false, 0, "end"},
        {"error-wide-id",
         0x84000081,
         V12,
         {.x = {ERROR_32 | 1ull << 32, 0, DENIED}},
         false,
         0,
         "upper"},
        {"success-too-wide", 0x84000083, V12, {.x = {OK_64}}, false, 0, "FFA_SUCCESS_32"},
        {"success-too-narrow", 0xC4000083, V12, {.x = {OK_32}}, false, 0, "FFA_SUCCESS_64"},
        {"success-64-of-map", 0xC4000066, V12, {.x = {OK_64}}, false, 0, "FFA_SUCCESS_32"},
        {"success-wide-id", 0x84000081, V12, {.x = {OK_32 | 1ull << 63}}, false, 0, "upper"},
        {"success-of-message", 0x8400006F, V12, {.x = {OK_32}}, false, 0, "does not end"},
        {"own-id", 0x84000081, V12, {.x = {0x84000081}}, false, 0, "end"},
        {"zero", 0x84000081, V12, {.x = {0}}, false, 0, "end"},
        {"smccc-unknown", 0x84000081, V12, {.x = {X}}, false, 0, "upper"},
        {"smccc-unknown-32", 0x84000081, V12, {.x = {W}}, false, 0, "end"},
        {"foreign-completion", 0x84000081, V12, {.x = {0x84000062}}, false, 0, "end"},
        {"message-and-interrupt", 0x8400006F, V12, {.x = {0x84000062, 0x80010000}}, true, 0, ""},
        {"message-and-yield", 0xC400006F, V12, {.x = {0x8400006C, 0x80010000}}, true, 0, ""},
        {"message-and-other-width", 0x8400006F, V12, {.x = {0xC4000070, 0, 0, X}}, true, 0, ""},
        {"message-and-resp2", 0x8400006F, V12, {.x = {0xC400008E}}, false, 0, "end"},
        {"message2-and-resp", 0xC400008D, V12, {.x = {0x84000070}}, false, 0, "end"},
        {"size-1.1", 0x84000068, V11, {.x = {OK_32, 0, 1, 24}}, true, 0, ""},
        {"size-1.0", 0x84000068, 0x10000, {.x = {OK_32, 0, 1, 24}}, false, 3, "unused"},
        {"w-register-upper-half",
         0x84000082,
         V12,
         {.x = {OK_32, [4] = 1ull << 32}},
         false,
         4,
         "upper half"},
        /* facts spmc.md section 1.3.1 */
        {"version", 0x84000063, 0, {.x = {0x10002}}, true, 0, ""},
        {"version-none", 0x84000063, 0, {.x = {REFUSED}}, true, 0, ""},
        {"version-none-64", 0x84000063, 0, {.x = {X}}, false, 0, "upper"},
        {"version-bit-31", 0x84000063, 0, {.x = {0x80010002}}, false, 0, "bit 31"},
        {"version-error", 0x84000063, 0, {.x = {ERROR_32, 0, REFUSED}}, false, 0, "FFA_ERROR"},
        {"version-success", 0x84000063, 0, {.x = {OK_32, 0, 0x10002}}, false, 0, "bit 31"},
        {"version-x1", 0x84000063, 0, {.x = {0x10002, 1}}, false, 1, "unused"},
        {"version-x7", 0x84000063, 0, {.x = {0x10002, [7] = 1}}, false, 7, "unused"},
        {"version-x8", 0x84000063, 0, {.x = {0x10002, [8] = 1}}, true, 0, ""},
        {"version-x8-1.2", 0x84000063, V12, {.x = {0x10002, [8] = 1}}, false, 8, "unused"},
        /* ids without a row: facts spmc.md section 1.1 */
        {"undefined", 0x84000091, V12, {.x = {ERROR_32, 0, REFUSED}}, true, 0, ""},
        {"undefined-denied", 0x84000091, V12, {.x = {ERROR_32, 0, DENIED}}, false, 2, "undefined"},
        {"undefined-success", 0x84000091, V12, {.x = {OK_32}}, false, 0, "undefined"},
        {"undefined-smccc", 0x840000FF, V12, {.x = {W}}, false, 0, "undefined"},
        {"wrong-width", 0xC4000081, V12, {.x = {ERROR_32, 0, REFUSED}}, true, 0, ""},
        {"wrong-width-success", 0xC4000081, V12, {.x = {OK_64}}, false, 0, "undefined"},
        {"undefined-x8",
         0x84000091,
         V12,
         {.x = {ERROR_32, 0, REFUSED, [8] = 1}},
         false,
         8,
         "unused"},
        {"not-ffa", 0x84000000, V12, {.x = {X, X, X, X}}, true, 0, ""},
        {"not-standard-owner", 0x86000063, V12, {.x = {X, X}}, true, 0, ""},
        {"yielding-call", 0x04000063, V12, {.x = {X, X}}, true, 0, ""},
        {"return-as-call", 0x84000075, V12, {.x = {ERROR_32, 0, REFUSED}}, true, 0, ""},
        {"return-as-call-success", 0x84000075, V12, {.x = {OK_32}}, false, 0, "does not end"},
};

TEST_EACH(abi_check, shape, shapes)
{
	struct ffa_violation violation = {.reg = 99};

	assert_eq_int(ffa_check_result(c->call, &c->answer, c->version, &violation), c->ok);
	assert_eq_u64(violation.reg, c->ok ? 99 : c->reg);
	if (!c->ok)
		assert_contains(violation.rule, c->rule);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Whatever the registers hold there is a verdict, and a violation that is really there. */
TEST(abi_check, any_registers)
{
	uint64_t state = 0x9E3779B97F4A7C15;

	for (unsigned i = 0; i < 20000; i++) {
		uint32_t call = (i & 1 ? 0xC4000000 : 0x84000000) | (uint32_t)(i % 0x180);
		struct ffa_violation violation;
		struct ffa_regs regs;

		for (unsigned reg = 0; reg < FFA_REG_COUNT; reg++)
			regs.x[reg] = next_random(&state) >> reg * 3;
		regs.x[0] = i & 2 ? call : OK_32;
		result_ok(call, &regs, V12);
		if (!ffa_check_call(call, &regs, V12, &violation)) {
			assert_eq_u64(violation.got, regs.x[violation.reg]);
			assert_false(ffa_check_call_strict(call, &regs, V12, &violation));
		}
	}
}
