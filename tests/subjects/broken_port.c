/* SPDX-License-Identifier: MIT */
#include "tests/subjects/broken_code.h"

static uint32_t vms;

static enum ffa_status boot(const char *options)
{
	char words[128];

	if (subject_option(options, "announces", words, sizeof words))
		subject_profile(words);
	broken_boot();
	return FFA_OK;
}

static enum ffa_status vm_create(struct ffa_id vm, uint16_t vcpus)
{
	(void)vm;
	(void)vcpus;
	vms++;
	return FFA_OK;
}

static bool vm_destroy(struct ffa_id vm)
{
	(void)vm;
	vms--;
	return true;
}

static void guest_call(struct ffa_id vm, uint16_t vcpu, struct ffa_regs *regs)
{
	(void)vcpu;
	broken_call(vm, regs);
}

const struct subject_entries subject_entries = {
        .name = "broken",
        .boot = boot,
        .shutdown = broken_shutdown,
        .vm_create = vm_create,
        .vm_destroy = vm_destroy,
        .guest_call = guest_call,
};
