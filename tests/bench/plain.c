/* SPDX-License-Identifier: MIT */
/* A platform of as little as possible: locks are a store, services answer at once. */
#include "tests/bench/plain.h"

#include <stdlib.h>

#include "mediator/hypervisor/hyp.h"

struct platform_vm {
	struct hyp_vm *vm;
};

static struct platform_vm vms[2];

bool plain_boot(void)
{
	const struct hyp_config config = {.vm_to_vm = true};
	struct ffa_regs regs;

	if (hyp_boot(&config) != FFA_OK)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		if (hyp_vm_create(&vms[i], ffa_make_id(1 + i), 2, &vms[i].vm) != FFA_OK)
			return false;
		hyp_vcpu_on(vms[i].vm, 0);
		hyp_vcpu_on(vms[i].vm, 1);
		regs = (struct ffa_regs){{FFA_VERSION_32, FFA_VERSION_1_2}};
		plain_call(i, &regs);
	}
	return true;
}

void plain_call(unsigned vm, struct ffa_regs *regs)
{
	hyp_guest_call(vms[vm].vm, 0, regs);
}

void platform_lock_init(struct platform_lock *lock, const char *class_name, struct ffa_id owner)
{
	(void)class_name;
	(void)owner;
	lock->opaque[0] = 0;
}

void platform_lock_fini(struct platform_lock *lock)
{
	(void)lock;
}

void platform_lock(struct platform_lock *lock)
{
	lock->opaque[0] = 1;
}

bool platform_trylock(struct platform_lock *lock)
{
	lock->opaque[0] = 1;
	return true;
}

void platform_unlock(struct platform_lock *lock)
{
	lock->opaque[0] = 0;
}

void *platform_alloc(size_t size)
{
	return calloc(1, size);
}

void platform_free(void *memory)
{
	free(memory);
}

bool platform_vcpu_online(struct platform_vm *vm, uint16_t vcpu)
{
	(void)vm;
	(void)vcpu;
	return true;
}

enum platform_inject_result platform_inject(struct platform_vm *vm, uint16_t vcpu, uint32_t intid)
{
	(void)vm;
	(void)vcpu;
	(void)intid;
	return PLATFORM_INJECT_ACCEPTED;
}

bool platform_page_alloc(struct platform_page *ret_page)
{
	*ret_page = (struct platform_page){0};
	return false;
}

void platform_page_free(struct platform_page *page)
{
	(void)page;
}

void *platform_map_page(struct platform_vm *vm, uint64_t address, uint64_t *ret_physical)
{
	(void)vm;
	(void)address;
	*ret_physical = 0;
	return NULL;
}

void platform_unmap_page(void *page)
{
	(void)page;
}

void platform_defer(uint32_t work)
{
	(void)work;
}

void platform_timer_set(uint32_t timer, uint64_t nanoseconds)
{
	(void)timer;
	(void)nanoseconds;
}

void platform_interrupt_window(void)
{
}

void platform_vm_release(struct platform_vm *vm)
{
	(void)vm;
}

/* No firmware: SMCCC's NOT_SUPPORTED. */
void platform_smc(struct ffa_regs *regs)
{
	*regs = (struct ffa_regs){{UINT64_MAX}};
}

void platform_log(enum platform_log_level level, const char *text, uint64_t value)
{
	(void)level;
	(void)text;
	(void)value;
}
