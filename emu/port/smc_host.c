/* SPDX-License-Identifier: MIT */
/* The conduit where there is no SMC instruction; on aarch64 it is mediator/arch/aarch64/smc.S. */
#include "emu/subject/subject.h"
#include "mediator/platform.h"

void platform_smc(struct ffa_regs *regs)
{
	subject_smc(regs);
}
