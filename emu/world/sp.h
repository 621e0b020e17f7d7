/* SPDX-License-Identifier: MIT */
/*
 * Secure partitions: what each one is, how it answers direct requests, and the
 * calls that it makes itself at the secure virtual instance.
 *
 * An SP is a script. A request goes to the first of its answers that is meant
 * for such a message and has uses left; without one it accepts framework
 * messages and echoes the payload of all others. An answer with `times` is used
 * up after so many requests, one without lasts for ever, so that "RETRY three
 * times, then accept" is one answer.
 *
 * INTERRUPT and YIELD park the request; FFA_RUN of the SP resumes it, and the
 * script is asked anew. So an SP that answers late is INTERRUPT with `times`,
 * one that never answers is INTERRUPT without.
 *
 * An execution context serves one request at a time: another one meanwhile is
 * BUSY. An SP with one context has that one on every CPU; one with several has
 * one for each CPU of the machine, numbered as the CPUs are, whatever number its
 * descriptor gives, and FFA_RUN resumes a context on its own CPU alone. An SP that
 * is the SPMC itself has a context for each request instead, on any CPU. The script
 * is the SP's, so that all its contexts use it up. WORLD_MAX_OPEN requests can be
 * parked in the whole machine; an SP that would park one more is BUSY as well.
 *
 * SPs are receivers of global notifications of VMs, and senders to VMs. Between two SPs, and of VM
 * ids that are not in the machine, there are some where "sp-binds" is "any": of so many such ids
 * as WORLD_STRANGERS, of one more a BIND is NO_MEMORY.
 *
 * Source: facts spmc.md sections 1.4, 1.6, 1.8.1 and 3.5.
 */
#ifndef EMU_WORLD_SP_H
#define EMU_WORLD_SP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"

#define WORLD_MAX_SPS     8u
#define WORLD_MAX_UUIDS   4u   /* of one SP */
#define WORLD_MAX_ANSWERS 8u   /* in the script of one SP */
#define WORLD_MAX_TIMES   255u /* of one answer */
#define WORLD_MAX_OPEN    8u   /* parked requests of all SPs */

struct world;

/* Property bits of a partition (facts spmc.md section 1.3.8). */
#define WORLD_SP_RECEIVES      0x1u
#define WORLD_SP_SENDS         0x2u
#define WORLD_SP_NOTIFICATIONS 0x8u
#define WORLD_SP_VM_CREATED    0x40u
#define WORLD_SP_VM_DESTROYED  0x80u
#define WORLD_SP_AARCH64       0x100u
#define WORLD_SP_RECEIVES2     0x200u
#define WORLD_SP_SENDS2        0x400u

/* What an answer is for. */
enum world_sp_to {
	WORLD_TO_ANY,
	WORLD_TO_REQUEST, /* everything that is not one of the two below */
	WORLD_TO_VM_CREATED,
	WORLD_TO_VM_DESTROYED,
	WORLD_TO_COUNT,
};

/* What an SP does with a request. */
enum world_sp_reply {
	WORLD_REPLY_ACCEPT,
	WORLD_REPLY_REFUSE,      /* value: the status; FFA_ERROR to what is no framework message */
	WORLD_REPLY_WRONG_ID,    /* value: the function id of the answer */
	WORLD_REPLY_WRONG_FLAGS, /* value: w2 of the answer */
	WORLD_REPLY_WRONG_SP,    /* the answer names another endpoint as its sender */
	WORLD_REPLY_INTERRUPT,   /* FFA_INTERRUPT; FFA_RUN resumes */
	WORLD_REPLY_YIELD,       /* FFA_YIELD; FFA_RUN resumes */
	WORLD_REPLY_COUNT,
};

struct world_sp_answer {
	uint8_t to;    /* enum world_sp_to */
	uint8_t reply; /* enum world_sp_reply */
	uint8_t times; /* 0: for ever */
	uint32_t value;
};

/* An SP of the machine, constant during a run. */
struct world_sp {
	struct ffa_id id;
	uint16_t contexts;
	uint32_t version; /* of FF-A; 0: the SPMC's */
	uint32_t properties;
	uint32_t uuid[4]; /* register words */
	uint32_t more_uuids[WORLD_MAX_UUIDS - 1][4];
	uint32_t more_properties[WORLD_MAX_UUIDS - 1]; /* listed with each of them */
	unsigned more_uuid_count;
	struct world_sp_answer answers[WORLD_MAX_ANSWERS];
	unsigned answer_count;
};

/* The state. */
struct world_request {
	uint64_t payload[15]; /* x3..x17 */
	uint32_t fid;
	uint32_t flags; /* w2 */
	uint16_t sender;
	uint8_t sp;      /* index + 1; 0: a free place */
	uint8_t context; /* of the SP */
};

/* The 64 notifications that one kind of sender can set: who each is bound to, what is pending. */
struct world_notifications {
	uint8_t owners[FFA_NOTIFICATION_COUNT]; /* 0: not bound */
	uint64_t pending;
	uint64_t retrieved; /* pending, and told by INFO_GET */
};

struct world_sp_state {
	struct world_notifications from_vm; /* owner: 1 + index of the VM, WORLD_OWNER_HOST, or a
	                                       stranger */
	struct world_notifications from_sp; /* owner: 1 + index of the SP */
	uint8_t used[WORLD_MAX_ANSWERS];
};

/*
 * A call of an SP to the SPMC: registers in, registers out. An SP can ask for
 * its ids and bind, unbind, set and get notifications.
 */
void world_sp_call(struct world *world, unsigned sp, struct ffa_regs *regs);

/*
 * The SP sets global notifications of a VM (or of id 0, the host). On success
 * they are pending and the schedule receiver interrupt is raised: in
 * world_state.sri, with delay when the next SMC returns to the normal world.
 */
enum ffa_status world_sp_set(struct world *world, unsigned sp, struct ffa_id receiver,
                             uint64_t bitmap, bool delay);

/*
 * The SP sends an indirect message into the RX buffer that the normal world has
 * mapped, whose owner is id 0; other receivers have none (BUSY). Raises the
 * framework notification "RX buffer full" and the schedule receiver interrupt.
 */
enum ffa_status world_sp_send(struct world *world, unsigned sp, struct ffa_id receiver,
                              const void *payload, size_t size);

#endif
