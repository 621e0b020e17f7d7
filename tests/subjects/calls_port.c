/* SPDX-License-Identifier: MIT */
#include "emu/subject/subject.h"
#include "tests/subjects/calls_code.h"

static enum ffa_status boot(const char *options)
{
	(void)options;
	calls_boot();
	return FFA_OK;
}

static void guest_call(struct ffa_id vm, uint16_t vcpu, struct ffa_regs *regs)
{
	(void)vm;
	(void)vcpu;
	if ((uint32_t)regs->x[0] != FFA_FEATURES_32)
		subject_smc(regs);
	else if (calls_run(regs->x[1]))
		*regs = (struct ffa_regs){{FFA_SUCCESS_32}};
	else
		*regs = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_DENIED}};
}

static void interrupt(uint32_t intid)
{
	(void)intid;
	calls_interrupt();
}

static bool vm_destroy(struct ffa_id vm)
{
	(void)vm;
	return true;
}

const struct subject_entries subject_entries = {.name = "calls",
                                                .boot = boot,
                                                .shutdown = calls_shutdown,
                                                .guest_call = guest_call,
                                                .vm_destroy = vm_destroy,
                                                .interrupt = interrupt};
