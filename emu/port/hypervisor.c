/* SPDX-License-Identifier: MIT */
/* The entry points of mediator/hypervisor as a subject. */
#include <string.h>

#include "emu/port/port.h"
#include "emu/subject/subject.h"
#include "mediator/hypervisor/hyp.h"

#define PORT_MAX_VMS HYP_MAX_VMS

static struct platform_vm vms[PORT_MAX_VMS];

static struct platform_vm *find_vm(struct ffa_id id)
{
	for (unsigned i = 0; i < PORT_MAX_VMS; i++)
		if (vms[i].mediator_vm && ffa_id_equal(vms[i].id, id))
			return &vms[i];
	return NULL;
}

static struct platform_vm *find_free(void)
{
	for (unsigned i = 0; i < PORT_MAX_VMS; i++)
		if (!vms[i].used)
			return &vms[i];
	return NULL;
}

void platform_vm_release(struct platform_vm *vm)
{
	subject_vm_release(vm->id);
	*vm = (struct platform_vm){0};
}

static bool option_is(const char *options, const char *key, const char *value)
{
	char text[32];

	return subject_option(options, key, text, sizeof text) && strcmp(text, value) == 0;
}

static void announce(const struct hyp_config *config)
{
	static const char *const profiles[2][2] = {
	        {"multi-vm-1.2 no-vm-to-vm", "multi-vm-1.2 no-vm-to-vm info-get-always"},
	        {"multi-vm-1.2", "multi-vm-1.2 info-get-always"},
	};

	subject_profile(profiles[config->vm_to_vm][config->info_report_always]);
}

static enum ffa_status boot(const char *options)
{
	static const char *const keys[] = {"vm-to-vm", "info-get", NULL};
	struct hyp_config config;

	if (!subject_options_known(options, keys))
		return FFA_INVALID_PARAMETERS;
	config.vm_to_vm = !option_is(options, "vm-to-vm", "false");
	config.info_report_always = option_is(options, "info-get", "report-always");
	announce(&config);
	return hyp_boot(&config);
}

static enum ffa_status vm_create(struct ffa_id id, uint16_t vcpus)
{
	struct platform_vm *vm = find_free();
	struct hyp_vm *mediator_vm;
	enum ffa_status status;

	if (!vm)
		return FFA_NO_MEMORY;
	*vm = (struct platform_vm){.id = id, .used = true};
	status = hyp_vm_create(vm, id, vcpus, &mediator_vm);
	if (status == FFA_OK)
		vm->mediator_vm = mediator_vm;
	else
		*vm = (struct platform_vm){0};
	return status;
}

/* A VM that is put off keeps its place, and may have given it back before we know. */
static bool vm_destroy(struct ffa_id id)
{
	struct platform_vm *vm = find_vm(id);
	struct hyp_vm *mediator_vm = vm->mediator_vm;

	vm->mediator_vm = NULL;
	if (!hyp_vm_destroy(mediator_vm))
		return false;
	*vm = (struct platform_vm){0};
	return true;
}

static void guest_call(struct ffa_id id, uint16_t vcpu, struct ffa_regs *regs)
{
	hyp_guest_call(find_vm(id)->mediator_vm, vcpu, regs);
}

static void vcpu_on(struct ffa_id id, uint16_t vcpu)
{
	hyp_vcpu_on(find_vm(id)->mediator_vm, vcpu);
}

static void vcpu_off(struct ffa_id id, uint16_t vcpu)
{
	hyp_vcpu_off(find_vm(id)->mediator_vm, vcpu);
}

const struct subject_entries subject_entries = {
        .name = "hypervisor",
        .boot = boot,
        .shutdown = hyp_shutdown,
        .vm_create = vm_create,
        .vm_destroy = vm_destroy,
        .guest_call = guest_call,
        .vcpu_on = vcpu_on,
        .vcpu_off = vcpu_off,
        .interrupt = hyp_interrupt,
        .work = hyp_work,
        .timer = hyp_timer,
};
