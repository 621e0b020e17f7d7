/* SPDX-License-Identifier: MIT */
/*
 * What the specifications of mediators say about a call that is no FF-A call: it
 * is SMCCC's unknown function. The answer is -1 in x0, of which a 32-bit call
 * defines the lower half; x1..x3 may hold anything, x4..x17 are as they were.
 * Nothing else happens: no SMC, and no version is frozen by it.
 *
 * Source: SMCCC (DEN0028), unknown function identifier and results; facts
 * field.md section 1, foreign-mediators.md section 1.
 */
#ifndef SIM_MODEL_SMCCC_H
#define SIM_MODEL_SMCCC_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"

/* x4..x17 as one number. */
uint64_t sim_smccc_kept(const struct ffa_regs *regs);

/* kept: sim_smccc_kept() of the call. */
bool sim_smccc_is_unknown(uint32_t fid, uint64_t kept, const struct ffa_regs *answer);

#endif
