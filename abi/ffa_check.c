/* SPDX-License-Identifier: MIT */
#include "abi/ffa_check.h"
#include "abi/ffa_decode.h"

#define WORD UINT64_C(0xffffffff)

/* Registers that an answer must account for. */
static unsigned answer_registers(uint32_t version)
{
	return version >= FFA_VERSION_1_2 ? FFA_REG_COUNT : 8;
}

static bool violated(struct ffa_violation *ret, const struct ffa_regs *regs, unsigned reg,
                     const char *rule)
{
	*ret = (struct ffa_violation){.reg = (uint8_t)reg, .got = regs->x[reg], .rule = rule};
	return false;
}

static bool zero_from(const struct ffa_regs *answer, unsigned reg, uint32_t version,
                      struct ffa_violation *ret)
{
	for (; reg < answer_registers(version); reg++) {
		if (answer->x[reg] != 0)
			return violated(ret, answer, reg, "an unused result register must be zero");
	}
	return true;
}

/* Bits of reg that a rule wants zero. */
static uint64_t rule_bits(const struct ffa_zero *zero, unsigned reg, uint64_t value,
                          uint32_t version)
{
	uint64_t upto = zero->high >= 63 ? UINT64_MAX : (UINT64_C(1) << (zero->high + 1)) - 1;

	if (reg < zero->first || reg > zero->last)
		return 0;
	if (zero->below != 0 && version >= zero->below)
		return 0;
	if (zero->unless != FFA_ZERO_ALWAYS && (value >> zero->unless & 1) != 0)
		return 0;
	return upto & ~((UINT64_C(1) << zero->low) - 1);
}

static uint64_t must_be_zero(const struct ffa_call *call, unsigned reg, uint64_t value,
                             uint32_t version)
{
	uint64_t bits = 0;

	for (const struct ffa_zero *zero = call->zero; zero->first != 0; zero++)
		bits |= rule_bits(zero, reg, value, version);
	return bits;
}

/*
 * Bits of reg that a layout does not use. The upper half of a register that is
 * described as a w register is nobody's under a 64-bit id.
 */
static uint64_t unused_bits(const struct ffa_layout *layout, unsigned reg, bool is_64bit,
                            uint32_t version)
{
	uint64_t used = ffa_layout_bits(layout, reg, is_64bit, version);

	if (is_64bit && used != 0 && used <= WORD)
		return ~used & WORD;
	return ~used;
}

bool ffa_check_call(uint32_t fid, const struct ffa_regs *regs, uint32_t version,
                    struct ffa_violation *ret)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);
	uint64_t width = ffa_fid_is_64bit(fid) ? UINT64_MAX : WORD;

	if (call == NULL)
		return true;
	for (unsigned reg = 1; reg < 8; reg++) {
		if ((regs->x[reg] & width & must_be_zero(call, reg, regs->x[reg], version)) != 0)
			return violated(ret, regs, reg, "reserved bits must be zero");
	}
	return true;
}

bool ffa_check_call_strict(uint32_t fid, const struct ffa_regs *regs, uint32_t version,
                           struct ffa_violation *ret)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);
	bool is_64bit = ffa_fid_is_64bit(fid);
	uint64_t width = is_64bit ? UINT64_MAX : WORD;

	if (call == NULL)
		return true;
	for (unsigned reg = 1; reg < ffa_register_count(fid, version); reg++) {
		uint64_t value = regs->x[reg] & width;

		if ((value & must_be_zero(call, reg, value, version)) != 0)
			return violated(ret, regs, reg, "reserved bits must be zero");
		if ((value & unused_bits(&call->arguments, reg, is_64bit, version)) != 0)
			return violated(ret, regs, reg, "unused argument bits should be zero");
	}
	return true;
}

static bool check_version_answer(const struct ffa_regs *answer, uint32_t version,
                                 struct ffa_violation *ret)
{
	uint64_t x0 = answer->x[0];

	if (x0 == FFA_ERROR_32)
		return violated(ret, answer, 0, "FFA_VERSION is never answered with FFA_ERROR");
	if (x0 > WORD)
		return violated(ret, answer, 0, "the upper half of x0 must be zero");
	if ((x0 & FFA_VERSION_MBZ) != 0 && x0 != (uint32_t)FFA_NOT_SUPPORTED)
		return violated(ret, answer, 0, "bit 31 of a version must be zero");
	return zero_from(answer, 1, version, ret);
}

static bool check_error(const struct ffa_call *call, const struct ffa_regs *answer,
                        uint32_t version, struct ffa_violation *ret)
{
	uint64_t code = answer->x[2];
	bool relays = call != NULL && (call->completions & FFA_COMPLETION_RELAYS) != 0;
	int32_t status = (int32_t)(uint32_t)code;

	if (answer->x[1] != 0 && !relays)
		return violated(ret, answer, 1, "the target word of FFA_ERROR must be zero here");
	if (answer->x[1] > WORD)
		return violated(ret, answer, 1, "the upper half of a w register must be zero");
	if (code > WORD)
		return violated(ret, answer, 2, "an error code must be zero-extended to 64 bits");
	if (status >= 0 || ffa_status_name(status) == NULL)
		return violated(ret, answer, 2, "an error code must be one that FF-A defines");
	if (call == NULL && status != FFA_NOT_SUPPORTED)
		return violated(ret, answer, 2, "an undefined id must answer NOT_SUPPORTED");
	return zero_from(answer, 3, version, ret);
}

static bool check_layout(const struct ffa_layout *layout, const struct ffa_regs *answer,
                         uint32_t version, struct ffa_violation *ret)
{
	bool is_64bit = ffa_fid_is_64bit((uint32_t)answer->x[0]);

	for (unsigned reg = 1; reg < answer_registers(version); reg++) {
		uint64_t bad = answer->x[reg] & unused_bits(layout, reg, is_64bit, version);

		if (bad == 0)
			continue;
		if (ffa_layout_bits(layout, reg, is_64bit, version) == 0)
			return violated(ret, answer, reg, "an unused result register must be zero");
		if ((bad & WORD) == 0 && !is_64bit)
			return violated(ret, answer, reg,
			                "the upper half of a w register must be zero");
		return violated(ret, answer, reg, "unused result bits must be zero");
	}
	return true;
}

static bool check_success(uint32_t call_fid, const struct ffa_call *call,
                          const struct ffa_regs *answer, uint32_t version,
                          struct ffa_violation *ret)
{
	bool want_64bit = call->success == FFA_SUCCESS_AS_CALL && ffa_fid_is_64bit(call_fid);

	if (call->success == FFA_SUCCESS_NEVER)
		return violated(ret, answer, 0, "this call does not end with FFA_SUCCESS");
	if (ffa_fid_is_64bit((uint32_t)answer->x[0]) != want_64bit)
		return violated(ret, answer, 0,
		                want_64bit ? "this call ends with FFA_SUCCESS_64"
		                           : "this call ends with FFA_SUCCESS_32");
	return check_layout(&call->results, answer, version, ret);
}

/* Whether an id without a row must be answered as undefined; one with the hint may be known
 * without. */
static bool must_be_refused(uint32_t fid)
{
	return ffa_fid_is_ffa(fid) && (fid & FFA_FID_HINT) == 0;
}

bool ffa_check_result(uint32_t call_fid, const struct ffa_regs *answer, uint32_t version,
                      struct ffa_violation *ret)
{
	const struct ffa_call *call = ffa_call_by_fid(call_fid);
	uint32_t fid = (uint32_t)answer->x[0];
	const struct ffa_call *ended_by = ffa_call_by_fid(fid);

	if (call == NULL && !must_be_refused(call_fid))
		return true;
	if (call_fid == FFA_VERSION_32)
		return check_version_answer(answer, version, ret);
	if (answer->x[0] > WORD)
		return violated(ret, answer, 0, "the upper half of x0 must be zero");
	if (fid == FFA_ERROR_32)
		return check_error(call, answer, version, ret);
	if (call == NULL)
		return violated(ret, answer, 0, "an undefined id must answer NOT_SUPPORTED");
	if (fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64)
		return check_success(call_fid, call, answer, version, ret);
	if (ended_by == NULL || (call->completions & FFA_COMPLETION(ended_by->number)) == 0)
		return violated(ret, answer, 0, "this id does not end the call");
	return check_layout(&ended_by->arguments, answer, version, ret);
}
