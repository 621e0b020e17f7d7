/* SPDX-License-Identifier: MIT */
/*
 * What the files of this mediator share; hyp.h is the outside.
 *
 * Ownership and lifetime
 *  - vm.c owns the table. struct hyp_vm is reference counted under the lock
 *    vms: one reference is the creator's, further ones are held for the time
 *    that a call of another VM looks at it. Whoever drops the last one frees it.
 *  - struct hyp_call lives on the stack of one hyp_guest_call().
 *
 * Who may touch what
 *  - hyp_vm.slot, .handle, .id, .vcpu_count
 *                                      constant after creation
 *  - hyp_vm.refs                       under vms
 *  - hyp_vm.version.offered            under version[vm]
 *  - hyp_vm.version.published          written once under version[vm], with release;
 *                                      read anywhere with acquire
 *  - hyp_vm.notif                      under notif[vm]
 *  - hyp_settings                      written by hyp_boot() only
 *
 * Freestanding; included by the files of this folder and by their unit test.
 */
#ifndef MEDIATOR_HYPERVISOR_HYP_INTERNAL_H
#define MEDIATOR_HYPERVISOR_HYP_INTERNAL_H

#include "mediator/hypervisor/hyp.h"

/* Registers of an answer that every version of the calling convention defines: x0..x7. */
#define HYP_PLAIN_REGS 8u

/*
 * The notifications that one VM receives.
 *
 * Invariants, whenever the lock is free:
 *  - a pending bit is bound: pending bit n implies sender[n] != 0
 *  - gone is a subset of the bound bits
 *  - armed implies pending != 0, and so does news
 *  - armed: an NPI was accepted since the last GET, by a vCPU that has not gone
 *    off line since, as far as the vcpu_off entry has told. A service that
 *    cannot tell counts as accepting: where it dropped the NPI, the vCPU went
 *    off line, and its vcpu_off entry is still to come.
 *  - dead implies that everything else is 0
 */
struct hyp_notif {
	struct platform_lock lock;
	uint64_t pending;
	uint64_t gone; /* tombstones: bound to a sender that was destroyed */
	struct ffa_id sender[FFA_NOTIFICATION_COUNT]; /* 0: not bound */
	bool news; /* something was set that INFO_GET has not reported */
	bool armed;
	bool dead;
};

/* 0 is "nothing yet" in both words. */
struct hyp_version {
	struct platform_lock lock;
	uint32_t offered;   /* negotiated, can still change */
	uint32_t published; /* frozen by the first call other than FFA_VERSION */
};

struct hyp_vm_slot;

struct hyp_vm {
	struct hyp_vm_slot *slot;
	struct platform_vm *handle;
	struct ffa_id id;
	uint16_t vcpu_count;
	uint32_t refs;
	struct hyp_version version;
	struct hyp_notif notif;
};

/* One FF-A call: what the guest asked, read once, and the answer while it is made. */
struct hyp_call {
	struct hyp_vm *vm;
	uint32_t version;             /* published version of the caller, 0 if none */
	uint64_t arg[HYP_PLAIN_REGS]; /* x0..x7; upper halves are 0 for a 32-bit function id */
	uint64_t out[HYP_PLAIN_REGS]; /* x0..x7; all 0 when a handler is entered */
};

struct hyp_settings {
	struct hyp_config config;
};

extern struct hyp_settings hyp_settings;

/*
 * hyp.c: whether the mediator implements the function for the caller, and
 * notifications for a VM of this version. The dispatch and FFA_FEATURES ask the
 * same question, so they never disagree.
 */
bool hyp_function_offered(const struct hyp_call *call, uint32_t fid);
bool hyp_notifications_offered(uint32_t version);

/* vm.c */
void hyp_vms_init(void);
void hyp_vms_fini(void);
/* The VM with a reference, to be dropped by hyp_vm_put(); NULL if there is none. Takes vms. */
struct hyp_vm *hyp_vm_get(struct ffa_id id);
void hyp_vm_put(struct hyp_vm *vm);

/* version.c */
void hyp_version_init(struct hyp_vm *vm);
void hyp_version_fini(struct hyp_vm *vm);
uint32_t hyp_version_published(const struct hyp_vm *vm);
/* Publishes what was negotiated, once; the published version, 0 if nothing was negotiated. */
uint32_t hyp_version_freeze(struct hyp_vm *vm);
/* Fills out[0] itself and always returns FFA_OK. */
enum ffa_status hyp_call_version(struct hyp_call *call);

/* features.c */
enum ffa_status hyp_call_features(struct hyp_call *call);

/* notify.c: state. hyp_notif_close() makes the VM dead; nothing can be set for it any more. */
void hyp_notif_init(struct hyp_vm *vm);
void hyp_notif_fini(struct hyp_vm *vm);
void hyp_notif_close(struct hyp_vm *vm);
/* Turns every bit that vm bound to the sender into a tombstone. */
void hyp_notif_sender_gone(struct hyp_vm *vm, struct ffa_id sender);

/* notify.c: calls. Each answers FFA_OK with out[2..7] filled, or a status with out untouched. */
enum ffa_status hyp_call_notification_bind(struct hyp_call *call);
enum ffa_status hyp_call_notification_unbind(struct hyp_call *call);
enum ffa_status hyp_call_notification_set(struct hyp_call *call);
enum ffa_status hyp_call_notification_get(struct hyp_call *call);
enum ffa_status hyp_call_notification_info_get(struct hyp_call *call);

/*
 * firmware.c. Probing negotiates a version with the SPMC and asks which of the
 * calls that a mediator can forward it implements; the answer is the version, 0
 * if nobody is there or it is too old. Makes SMCs, with no lock held. has()
 * answers for these calls only, and false for all of them without firmware.
 */
uint32_t hyp_firmware_probe(void);
void hyp_firmware_forget(void);
bool hyp_firmware_has(uint32_t fid);

_Static_assert(FFA_NOTIFICATION_COUNT == 64, "a set of notifications is one uint64_t");
_Static_assert(HYP_PLAIN_REGS < FFA_REG_COUNT, "x0..x7 are part of the register file");
_Static_assert(sizeof(struct ffa_regs) == 144, "smc.S stores x0..x17 as 18 doublewords");
_Static_assert(HYP_MAX_VCPUS <= UINT16_MAX, "vCPU numbers are 16 bits wide");
_Static_assert(sizeof(struct hyp_vm) <= 512, "a VM costs at most half a KiB");

#endif
