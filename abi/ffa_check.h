/* SPDX-License-Identifier: MIT */
/*
 * Whether the registers of a call, and of its answer, obey the contract of the
 * call. Every function returns true if they do; otherwise false and, in *ret,
 * the first violation in the order of the registers. *ret is left alone on
 * true and must not be NULL.
 *
 * version is what the caller has negotiated, 0 if nothing yet. x8..x17 belong
 * to the contract from FFA_VERSION_1_2 on; below it they are not looked at.
 *
 * Freestanding; pure functions, any register values.
 *
 * Source: facts spmc.md sections 1.1, 1.3.1 and 1.8, host-proxy.md section 2,
 * hypervisor-mediator.md section 0.
 */
#ifndef ABI_FFA_CHECK_H
#define ABI_FFA_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "abi/ffa_table.h"

struct ffa_violation {
	uint8_t reg;
	uint64_t got;     /* the whole register */
	const char *rule; /* what it should have been, a string constant */
};

/*
 * Bits that the callee must find zero (a violation is INVALID_PARAMETERS; for
 * FFA_VERSION and FFA_FEATURES, NOT_SUPPORTED). Upper halves of a 32-bit call
 * are not looked at. An id that the framework does not define has no such bit.
 */
bool ffa_check_call(uint32_t fid, const struct ffa_regs *regs, uint32_t version,
                    struct ffa_violation *ret);

/*
 * The same, and bits that should be zero: unused ones of the registers up to
 * x7, up to x17 for a 64-bit id from FFA_VERSION_1_2 on. A callee ignores
 * those unless it is strict.
 */
bool ffa_check_call_strict(uint32_t fid, const struct ffa_regs *regs, uint32_t version,
                           struct ffa_violation *ret);

/*
 * The answer to a call by call_fid:
 *  - its id is FFA_ERROR, FFA_SUCCESS of the right width, or another id that
 *    may end the call
 *  - FFA_ERROR: a known negative code, zero-extended; w1 zero except where the
 *    error of another endpoint may be relayed; the rest zero
 *  - result bits that the call does not use are zero, upper halves under a
 *    32-bit id included
 *  - FFA_VERSION answers in x0 alone: a version without bit 31, or -1 in 32 bits
 *  - an FF-A id that is not defined is answered with NOT_SUPPORTED; an id that
 *    is not FF-A's has no contract here
 */
bool ffa_check_result(uint32_t call_fid, const struct ffa_regs *answer, uint32_t version,
                      struct ffa_violation *ret);

#endif
