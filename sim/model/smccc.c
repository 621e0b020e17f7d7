/* SPDX-License-Identifier: MIT */
#include "sim/model/smccc.h"

#include "sim/explore/hash.h"

#define FIRST_KEPT 4u /* x1..x3 are results, with or without a value */

uint64_t sim_smccc_kept(const struct ffa_regs *regs)
{
	return sim_hash_bytes(SIM_HASH_SEED, (const uint8_t *)&regs->x[FIRST_KEPT],
	                      (FFA_REG_COUNT - FIRST_KEPT) * sizeof regs->x[0]);
}

bool sim_smccc_is_unknown(uint32_t fid, uint64_t kept, const struct ffa_regs *answer)
{
	uint64_t width = ffa_fid_is_64bit(fid) ? UINT64_MAX : UINT32_MAX;

	return (answer->x[0] & width) == width && sim_smccc_kept(answer) == kept;
}
