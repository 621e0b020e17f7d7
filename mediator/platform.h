/* SPDX-License-Identifier: MIT */
/*
 * What a hypervisor provides to the mediators in this folder. Porting one is
 * writing one file that implements this header (docs/porting.md).
 *
 * Rules for the platform
 *  - Entry points of a mediator may run on several physical CPUs at once.
 *  - platform_inject() and platform_vcpu_online() are called with a
 *    notification lock held: they may take the interrupt controller's locks
 *    below it and must never call back into the mediator.
 *  - platform_smc() is called with no lock held unless the mediator's header
 *    says otherwise.
 *  - A VM is destroyed only when none of its own vCPUs is inside the mediator;
 *    calls of other VMs may be. The handle stays valid until the mediator's
 *    destroy entry has returned.
 *  - Entry points run with physical interrupts enabled, except the mediator's
 *    interrupt entry, which runs on top of whatever its CPU was doing, a
 *    section under one of these locks included: it takes no lock.
 *  - A vCPU is off line before the mediator's vcpu_off entry is called, and on
 *    line before vcpu_on is.
 *
 * Freestanding: no C library is assumed.
 */
#ifndef MEDIATOR_PLATFORM_H
#define MEDIATOR_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"

/* Room for the platform's spin lock; the port asserts that its own type fits. */
struct platform_lock {
	uint64_t opaque[2];
};

/* The hypervisor's own VM, opaque to the mediator. */
struct platform_vm;

/*
 * Non-recursive spin locks. The class and owner name the lock in diagnostics:
 * class[owner], or class alone for owner 0. class_name is a string constant of
 * at most 11 characters. fini ends the lock's life; it must be free then.
 */
void platform_lock_init(struct platform_lock *lock, const char *class_name, struct ffa_id owner);
void platform_lock_fini(struct platform_lock *lock);
void platform_lock(struct platform_lock *lock);
bool platform_trylock(struct platform_lock *lock);
void platform_unlock(struct platform_lock *lock);

/* Zeroed memory, NULL if there is none; 16-byte aligned. free accepts NULL. */
void *platform_alloc(size_t size);
void platform_free(void *memory);

/* Whether the vCPU can take an interrupt now. It may change before the caller looks again. */
bool platform_vcpu_online(struct platform_vm *vm, uint16_t vcpu);

/*
 * Makes a virtual interrupt pending at one vCPU. A vCPU that is off line
 * drops it; one that has it pending already merges the two. A platform that
 * cannot tell answers UNKNOWN.
 */
enum platform_inject_result {
	PLATFORM_INJECT_DROPPED,
	PLATFORM_INJECT_ACCEPTED,
	PLATFORM_INJECT_UNKNOWN,
};

enum platform_inject_result platform_inject(struct platform_vm *vm, uint16_t vcpu, uint32_t intid);

/*
 * A page of the hypervisor's own memory, to be shared with the firmware: the
 * mediator's RX or TX buffer. Zeroed; false if there is none. free accepts a
 * page that was never allocated (address NULL).
 */
struct platform_page {
	void *address;
	uint64_t physical;
};

bool platform_page_alloc(struct platform_page *ret_page);
void platform_page_free(struct platform_page *page);

/*
 * A guest's page, by guest physical address (4 KiB aligned), as memory of the
 * mediator; NULL if the guest has no ordinary read-write memory there. The
 * guest may change it at any time: read every value once. vm NULL is the host.
 */
void *platform_map_page(struct platform_vm *vm, uint64_t address, uint64_t *ret_physical);
void platform_unmap_page(void *page);

/*
 * Runs the mediator's work entry with this number soon, on some CPU, with
 * interrupts enabled. Asked for again before it has begun, it runs once; asked
 * for while it runs, once more. Work of one number never overlaps itself. The
 * only service that the interrupt entry may use.
 */
void platform_defer(uint32_t work);

/* Runs the mediator's timer entry with this number once, after that time, on this CPU; a later
 * call replaces it. */
void platform_timer_set(uint32_t timer, uint64_t nanoseconds);

/* A place in a long operation where pending physical interrupts of this CPU are taken. No lock
 * held. */
void platform_interrupt_window(void);

/* The end of a VM that the mediator had asked to keep: its handle is not used any more. */
void platform_vm_release(struct platform_vm *vm);

/*
 * The SMC conduit: sends x0..x17 to the firmware and returns its x0..x17. The
 * aarch64 implementation is mediator/arch/aarch64/smc.S.
 */
void platform_smc(struct ffa_regs *regs);

enum platform_log_level {
	PLATFORM_LOG_DEBUG,
	PLATFORM_LOG_INFO,
	PLATFORM_LOG_WARNING,
	PLATFORM_LOG_ERROR
};

/* text is a string constant; value is printed behind it in hexadecimal. Guests cannot flood it. */
void platform_log(enum platform_log_level level, const char *text, uint64_t value);

#endif
