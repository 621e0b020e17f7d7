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
 * The SMC conduit: sends x0..x17 to the firmware and returns its x0..x17. The
 * aarch64 implementation is mediator/arch/aarch64/smc.S.
 */
void platform_smc(struct ffa_regs *regs);

enum platform_log_level { PLATFORM_LOG_DEBUG, PLATFORM_LOG_INFO, PLATFORM_LOG_WARNING, PLATFORM_LOG_ERROR };

/* text is a string constant; value is printed behind it in hexadecimal. Guests cannot flood it. */
void platform_log(enum platform_log_level level, const char *text, uint64_t value);

#endif
