/* SPDX-License-Identifier: MIT */
/* SMCs to the SPMC, and the register files they take. */
#include "mediator/proxy/proxy_internal.h"

/* By element: an assignment of the whole may become a call of a C library. */
void proxy_copy_regs(struct ffa_regs *to, const struct ffa_regs *from)
{
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		to->x[i] = from->x[i];
}

void proxy_set_regs(struct ffa_regs *regs, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	regs->x[0] = x0;
	regs->x[1] = x1;
	regs->x[2] = x2;
	regs->x[3] = x3;
	for (size_t i = 4; i < FFA_REG_COUNT; i++)
		regs->x[i] = 0;
}

void proxy_ask(struct ffa_regs *ret_answer, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	proxy_set_regs(ret_answer, fid, x1, x2, x3);
	platform_smc(ret_answer);
}

bool proxy_succeeded(const struct ffa_regs *answer)
{
	uint32_t fid = (uint32_t)answer->x[0];

	return fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64;
}

static bool is_busy(enum ffa_status status)
{
	return status == FFA_BUSY || status == FFA_RETRY;
}

enum ffa_status proxy_insist(struct ffa_regs *ret_answer, uint32_t fid, uint64_t x1)
{
	enum ffa_status status = FFA_BUSY;

	for (unsigned int n = 0; n < PROXY_BUSY_CALLS && is_busy(status); n++) {
		proxy_ask(ret_answer, fid, x1, 0, 0);
		status = FFA_OK;
		if ((uint32_t)ret_answer->x[0] == FFA_ERROR_32)
			status = (enum ffa_status)(int32_t)(uint32_t)ret_answer->x[2];
	}
	return is_busy(status) ? FFA_BUSY : FFA_OK;
}

enum ffa_status proxy_forward(struct proxy_call *call)
{
	proxy_copy_regs(&call->out, &call->in);
	platform_smc(&call->out);
	return FFA_OK;
}
