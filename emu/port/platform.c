/* SPDX-License-Identifier: MIT */
/* mediator/platform.h on the subject SDK. This is all that a port of a mediator is. */
#include "emu/port/port.h"
#include "emu/subject/subject.h"
#include "mediator/platform.h"

_Static_assert(sizeof(struct subject_lock) <= sizeof(struct platform_lock), "our lock fits");

static struct subject_lock *own_lock(struct platform_lock *lock)
{
	return (struct subject_lock *)(void *)lock;
}

void platform_lock_init(struct platform_lock *lock, const char *class_name, struct ffa_id owner)
{
	subject_lock_init(own_lock(lock), class_name, owner);
}

void platform_lock_fini(struct platform_lock *lock)
{
	subject_lock_fini(own_lock(lock));
}

void platform_lock(struct platform_lock *lock)
{
	subject_lock_take(own_lock(lock));
}

bool platform_trylock(struct platform_lock *lock)
{
	return subject_lock_try(own_lock(lock));
}

void platform_unlock(struct platform_lock *lock)
{
	subject_lock_release(own_lock(lock));
}

void *platform_alloc(size_t size)
{
	return subject_alloc(size);
}

void platform_free(void *memory)
{
	subject_free(memory);
}

bool platform_vcpu_online(struct platform_vm *vm, uint16_t vcpu)
{
	return subject_vcpu_online(vm->id, vcpu);
}

enum platform_inject_result platform_inject(struct platform_vm *vm, uint16_t vcpu, uint32_t intid)
{
	static const enum platform_inject_result results[] = {
	        [SHIM_INJECT_DROPPED] = PLATFORM_INJECT_DROPPED,
	        [SHIM_INJECT_ACCEPTED] = PLATFORM_INJECT_ACCEPTED,
	        [SHIM_INJECT_UNKNOWN] = PLATFORM_INJECT_UNKNOWN,
	};

	return results[subject_inject(vm->id, vcpu, intid)];
}

bool platform_page_alloc(struct platform_page *ret_page)
{
	ret_page->address = subject_page_alloc(&ret_page->physical);
	return ret_page->address != NULL;
}

void platform_page_free(struct platform_page *page)
{
	if (page->address)
		subject_page_free(page->physical);
	*page = (struct platform_page){0};
}

void *platform_map_page(struct platform_vm *vm, uint64_t address, uint64_t *ret_physical)
{
	return subject_map_page(vm ? vm->id : ffa_make_id(FFA_ID_HYPERVISOR), address,
	                        ret_physical);
}

void platform_unmap_page(void *page)
{
	subject_unmap_page(page);
}

void platform_defer(uint32_t work)
{
	subject_defer(work);
}

void platform_timer_set(uint32_t timer, uint64_t nanoseconds)
{
	subject_timer_set(timer, nanoseconds);
}

void platform_interrupt_window(void)
{
	subject_interrupt_window();
}

void platform_log(enum platform_log_level level, const char *text, uint64_t value)
{
	subject_log(level, text, value);
}
