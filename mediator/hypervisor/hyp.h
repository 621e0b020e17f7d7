/* SPDX-License-Identifier: MIT */
/*
 * An FF-A mediator for a hypervisor with many VMs in front of one SPMC.
 *
 * State and locks
 *  - vms                 the table of VMs and every VM's reference count. A leaf.
 *  - version[vm]         negotiation of one VM's FF-A version.
 *  - notif[vm]           everything about notifications that `vm` receives.
 *  No two of these are ever held together, and none across an SMC.
 *
 * A VM found in the table is held by a reference, so a call that started
 * before the VM was destroyed finds memory, sees that the VM is gone (under
 * notif[vm]) and never calls the platform with its handle again.
 *
 * Specification profile: FF-A v1.2, NS virtual instance; where implementations
 * disagree see docs/design/notifications.md.
 */
#ifndef MEDIATOR_HYPERVISOR_HYP_H
#define MEDIATOR_HYPERVISOR_HYP_H

#include "abi/ffa.h"
#include "mediator/platform.h"

#define HYP_MAX_VMS   16u
#define HYP_MAX_VCPUS 64u
#define HYP_VERSION   FFA_VERSION_1_2

/* Virtual interrupts that guests are told of by FFA_FEATURES; SGIs as in Xen (facts 0). */
#define HYP_NPI_INTID 8u
#define HYP_SRI_INTID 9u

struct hyp_vm;

struct hyp_config {
	bool vm_to_vm;           /* notifications between VMs */
	bool info_report_always; /* INFO_GET reports a pending notification every time (posted Xen
	                            series) */
};

/*
 * Starts the mediator: negotiates with the SPMC and records what it supports.
 * A missing or too old SPMC is not an error while vm_to_vm is on; without both
 * the answer is FFA_NOT_SUPPORTED. Called once, before anything else.
 */
enum ffa_status hyp_boot(const struct hyp_config *config);

/* The reverse of hyp_boot; every VM must be gone. */
void hyp_shutdown(void);

/*
 * Makes a VM known. The id must be free, not 0 and not secure, 1 <= vcpu_count
 * <= HYP_MAX_VCPUS: FFA_INVALID_PARAMETERS. FFA_NO_MEMORY if there is no memory
 * or no slot; then nothing has changed. The VM is owned by the caller and
 * given back with hyp_vm_destroy.
 */
enum ffa_status hyp_vm_create(struct platform_vm *handle, struct ffa_id id, uint16_t vcpu_count,
                              struct hyp_vm **ret_vm);

/*
 * Ends a VM. Bits that other VMs bound to it become tombstones: what is
 * pending stays until the receiver's GET, and nobody can set them, a later VM
 * with the same id included, until the receiver unbinds. None of the VM's own
 * calls may be in progress.
 */
void hyp_vm_destroy(struct hyp_vm *vm);

/*
 * One FF-A call of one vCPU: registers in, registers out. Every function
 * number gets an FF-A answer; unknown ones FFA_NOT_SUPPORTED.
 */
void hyp_guest_call(struct hyp_vm *vm, uint16_t vcpu, struct ffa_regs *regs);

/* A vCPU came on line or went off line; see platform.h for the order. */
void hyp_vcpu_on(struct hyp_vm *vm, uint16_t vcpu);
void hyp_vcpu_off(struct hyp_vm *vm, uint16_t vcpu);

#endif
