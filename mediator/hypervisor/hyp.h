/* SPDX-License-Identifier: MIT */
/*
 * An FF-A mediator for a hypervisor with many VMs in front of one SPMC.
 *
 * State and locks
 *  - vms                 the table of VMs and every VM's reference count. A leaf.
 *  - version[vm]         negotiation of one VM's FF-A version.
 *  - notif[vm]           everything about notifications that `vm` receives.
 *  No two of these are ever held together, and none across an SMC. hyp_interrupt()
 *  takes none.
 *
 * A VM found in the table is held by a reference, so a call that started
 * before the VM was destroyed finds memory, sees that the VM is gone (under
 * notif[vm]) and never calls the platform with its handle again.
 *
 * The secure side
 *  SPs that asked for it are told of every VM's creation and end
 *  (docs/design/vm-events.md). Where the SPMC has the calls, VMs and SPs notify
 *  each other: the SPMC keeps those notifications, the mediator forwards the
 *  calls and passes the SPMC's interrupt on as the NPI
 *  (docs/design/notifications.md).
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

/* Virtual interrupts of guests, SGIs as in Xen (facts 0). The SRI's is kept free: none is sent. */
#define HYP_NPI_INTID 8u
#define HYP_SRI_INTID 9u

struct hyp_vm;

struct hyp_config {
	bool vm_to_vm;           /* notifications between VMs */
	bool info_report_always; /* INFO_GET reports a pending notification every time (posted Xen
	                            series) */
};

/*
 * Starts the mediator: negotiates with the SPMC, records what it supports and
 * lists the SPs, for which it maps two pages at the SPMC unless they come in
 * registers. An SPMC that is missing, too old or contradicts itself is not an
 * error while vm_to_vm is on, and nothing is forwarded to it then; without both
 * the answer is FFA_NOT_SUPPORTED. Called once, before anything else.
 */
enum ffa_status hyp_boot(const struct hyp_config *config);

/*
 * The reverse of hyp_boot; every VM must be gone, or put off and nothing of it
 * running. What is still to be told of ends is given up, and the handles of VMs
 * that were put off are released. No other entry may be called any more.
 */
void hyp_shutdown(void);

/* The physical interrupt to be routed to hyp_interrupt(), on every CPU; false if there is none. */
bool hyp_sri(uint32_t *ret_intid);

/*
 * Makes a VM known. The id must be free, not 0 and not secure, and with notifications of SPs
 * not 0x7fff, 1 <= vcpu_count <= HYP_MAX_VCPUS: FFA_INVALID_PARAMETERS. FFA_NO_MEMORY if there is
 * no memory or no slot; then nothing has changed, and no SP was asked. The VM is owned by the
 * caller and given back with hyp_vm_destroy.
 *
 * Then the SPs that asked for it are told, and the SPMC makes room for the VM's
 * notifications. The first that refuses ends it with its own code, a negative
 * number that need not be one of enum ffa_status; the SPs that had accepted are
 * told of the end. One that cannot be told yet keeps the id taken for a while,
 * as with hyp_vm_destroy; the handle is not used again. Makes SMCs.
 */
enum ffa_status hyp_vm_create(struct platform_vm *handle, struct ffa_id id, uint16_t vcpu_count,
                              struct hyp_vm **ret_vm);

/*
 * Ends a VM. Bits that other VMs bound to it become tombstones: what is
 * pending stays until the receiver's GET, and nobody can set them, a later VM
 * with the same id included, until the receiver unbinds. None of the VM's own
 * calls may be in progress.
 *
 * True: the VM is over. False: an SP could not be told yet, so the id stays
 * taken and the handle valid, until platform_vm_release(handle), which may come
 * before this has returned. Makes SMCs.
 */
bool hyp_vm_destroy(struct hyp_vm *vm);

/*
 * One call of one vCPU: registers in, registers out. Every function id of FF-A
 * gets an FF-A answer; unknown ones FFA_NOT_SUPPORTED. Any other id is answered
 * with SMCCC_UNKNOWN_FUNCTION in x0, and nothing else changes: x1..x17 are
 * left, and the call freezes no version.
 */
void hyp_guest_call(struct hyp_vm *vm, uint16_t vcpu, struct ffa_regs *regs);

/*
 * A physical interrupt; those that are not the mediator's are ignored. Takes no
 * lock and only asks for work, so it may interrupt anything.
 */
void hyp_interrupt(uint32_t intid);

/* What the mediator asked for with platform_defer() and platform_timer_set(). Make SMCs. */
void hyp_work(uint32_t work);
void hyp_timer(uint32_t timer);

/* A vCPU came on line or went off line; see platform.h for the order. */
void hyp_vcpu_on(struct hyp_vm *vm, uint16_t vcpu);
void hyp_vcpu_off(struct hyp_vm *vm, uint16_t vcpu);

#endif
