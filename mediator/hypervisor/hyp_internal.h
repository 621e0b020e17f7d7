/* SPDX-License-Identifier: MIT */
/*
 * What the files of this mediator share; hyp.h is the outside.
 *
 * Ownership and lifetime
 *  - vm.c owns the table. struct hyp_vm is reference counted under the lock
 *    vms: one reference is the creator's, further ones are held for the time
 *    that somebody else looks at it. Whoever drops the last one frees it.
 *  - struct hyp_call lives on the stack of one hyp_guest_call().
 *
 * Who may touch what
 *  - hyp_vm.slot, .handle, .id, .vcpu_count
 *                                      constant after creation
 *  - hyp_vm.untold, .rounds, .preempted
 *                                      whoever creates or ends the VM: one caller at a
 *                                      time, handed on under vms
 *  - hyp_vm.refs                       under vms
 *  - hyp_vm.version.offered            under version[vm]
 *  - hyp_vm.version.published          written once under version[vm], with release;
 *                                      read anywhere with acquire
 *  - hyp_vm.notif                      under notif[vm]
 *  - hyp_settings, the SPs, what firmware has
 *                                      written by hyp_boot() and hyp_shutdown() only, so
 *                                      read anywhere, also by the interrupt entry
 *
 * Freestanding; included by the files of this folder and by their unit test.
 */
#ifndef MEDIATOR_HYPERVISOR_HYP_INTERNAL_H
#define MEDIATOR_HYPERVISOR_HYP_INTERNAL_H

#include "mediator/hypervisor/hyp.h"

/* Registers of an answer that every version of the calling convention defines: x0..x7. */
#define HYP_PLAIN_REGS 8u

/* The SPs that are known. */
#define HYP_MAX_PARTITIONS 64u

/* SMCs for one event to one SP at most: the first, and ten repetitions (facts 0). */
#define HYP_EVENT_CALLS 11u

/* The same for a call to an SPMC that is busy. */
#define HYP_BUSY_CALLS 11u

/*
 * An SP that could not be told of a VM's end is told again after a second, so
 * many times; after that the VM is given up.
 */
#define HYP_DESTROY_ROUNDS   8u
#define HYP_DESTROY_DELAY_NS UINT64_C(1000000000)

/*
 * INFO_GET_64 calls in one run of the work, and runs of the work that one SRI
 * can lead to. Together more than any SPMC needs to list 64 SPs and 16 VMs of 64
 * vCPUs each, with 22 lists for each and at least five in an answer.
 */
#define HYP_INFO_CALLS 16u
#define HYP_INFO_RUNS  32u

/*
 * An id that no VM gets which SPs can notify: for an SPMC it may be the mark of a place that
 * is free, and a call with it would change that place (facts spmc-differences D25).
 */
#define HYP_UNUSABLE_ID 0x7fffu

/* What of FFA_NOTIFICATION_GET is the SPMC's to answer. */
#define HYP_SECURE_GET_FLAGS (FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM)

/*
 * The notifications that one VM receives.
 *
 * Invariants, whenever the lock is free:
 *  - a pending bit is bound: pending bit n implies sender[n] != 0
 *  - gone is a subset of the bound bits
 *  - news implies pending != 0, secure_news implies secure != 0
 *  - armed implies pending != 0 or secure != 0
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
	uint32_t secure;   /* GET flags of the SPMC's maps that may have something to fetch */
	uint32_t arrivals; /* times that the SPMC said so; what counts is whether it changed */
	bool news;         /* something was set that INFO_GET has not reported */
	bool secure_news;  /* the same, of what is at the SPMC */
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
	uint64_t untold;      /* SPs, by index, that are to be told of the VM's end */
	uint32_t rounds;      /* of telling them, after the first */
	uint32_t preempted[]; /* by SP: w1 for FFA_RUN while it has not answered an event; else 0 */
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
	bool sp_notifications; /* between SPs and VMs, through the SPMC */
	uint32_t sri;          /* physical interrupt; valid with sp_notifications */
};

extern struct hyp_settings hyp_settings;

/* The number of the lowest bit of a set that is not empty. */
static inline unsigned int hyp_lowest_bit(uint64_t bits)
{
	return (unsigned int)__builtin_ctzll(bits);
}

/*
 * hyp.c: whether the mediator implements the function for the caller, and
 * notifications for a VM of this version. The dispatch and FFA_FEATURES ask the
 * same question, so they never disagree.
 */
bool hyp_function_offered(const struct hyp_call *call, uint32_t fid);
bool hyp_notifications_offered(uint32_t version);

/* vm.c */
void hyp_vms_init(void);
/* Gives up what is still to be told of VMs that have ended. */
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
/* The SPMC has something for the VM: remembers it and raises the NPI, unless the VM is dead. */
void hyp_notif_secure_arrived(struct hyp_vm *vm);

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
/* The schedule receiver interrupt, asked of the SPMC; false if it has none. */
bool hyp_firmware_sri(uint32_t *ret_intid);
/*
 * Makes the call, with no lock held, and leaves the answer in regs. The status
 * is the SPMC's own code in an error, known to enum ffa_status or not;
 * FFA_NOT_SUPPORTED if the answer is neither success nor an error with a code.
 */
enum ffa_status hyp_firmware_call(struct ffa_regs *regs);
/*
 * The same, for what no guest waits to ask again: the call is made again while
 * the SPMC answers BUSY or RETRY, in at most HYP_BUSY_CALLS SMCs.
 */
enum ffa_status hyp_firmware_insist(struct ffa_regs *regs);
enum ffa_status hyp_firmware_status(const struct ffa_regs *answer);

/*
 * partitions.c. Reading maps the mediator's own RX and TX pages at the SPMC,
 * which stay until forget(), and lists the SPs; where that cannot be, it lists
 * them in registers. An SPMC that lacks the calls for both has no known SPs and is
 * true; false is a failure of one of them, or a list that cannot be right: nothing
 * is held then. An SP is named by its index below the count; a set of SPs is one
 * uint64_t.
 */
bool hyp_partitions_read(void);
void hyp_partitions_forget(void);
size_t hyp_partition_count(void);
struct ffa_id hyp_partition_id(size_t index);
/* The SPs that have all of these properties. */
uint64_t hyp_partitions_with(uint32_t properties);

/*
 * vm_events.c. Both make SMCs, with no lock held, and let interrupts in while
 * an SP is preempted.
 *
 * created: tells the subscribers, in the order of the list, up to the first that
 * does not accept, whose code is the result. vm->untold then has those that
 * accepted and subscribed to the end.
 * destroyed: one round for everybody in vm->untold. Who could not be told for
 * now stays in it; true if nobody did.
 */
enum ffa_status hyp_events_created(struct hyp_vm *vm);
bool hyp_events_destroyed(struct hyp_vm *vm);
uint64_t hyp_events_destroyed_subscribers(void);

/*
 * sp_notify.c. Make SMCs, with no lock held. forward() passes x1..x4 of a call
 * on whose parameters are checked; get() fills out[2], [3] and [6] as far as
 * flags, a subset of HYP_SECURE_GET_FLAGS, ask for them, and nothing on an error.
 * The bitmap calls do nothing without notifications of SPs.
 */
bool hyp_sp_notifications_supported(void);
enum ffa_status hyp_sp_bitmap_create(const struct hyp_vm *vm);
void hyp_sp_bitmap_destroy(const struct hyp_vm *vm);
enum ffa_status hyp_sp_forward(const struct hyp_call *call);
enum ffa_status hyp_sp_get(struct hyp_call *call, uint32_t flags);

/* sri.c */
void hyp_sri_forget(void);

_Static_assert(FFA_NOTIFICATION_COUNT == 64, "a set of notifications is one uint64_t");
_Static_assert(HYP_PLAIN_REGS < FFA_REG_COUNT, "x0..x7 are part of the register file");
_Static_assert(sizeof(struct ffa_regs) == 144, "smc.S stores x0..x17 as 18 doublewords");
_Static_assert(HYP_MAX_PARTITIONS <= 64, "a set of SPs is one uint64_t");
_Static_assert(HYP_MAX_VCPUS <= UINT16_MAX, "vCPU numbers are 16 bits wide");
_Static_assert(sizeof(struct hyp_vm) <= 512,
               "a VM costs at most half a KiB, and a word for each SP");

#endif
