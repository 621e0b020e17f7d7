/* SPDX-License-Identifier: MIT */
/*
 * Profile multi-vm-1.2: the sequential specification of one VM, an object of
 * sim/model/linear.h. What it has negotiated, what is bound and pending at it,
 * what INFO_GET has to report, whether an NPI is outstanding.
 *
 * Who acts on a VM: its own calls; SET of others; its creation and end, the end
 * of others; its vCPUs that come and go; the SPMC. What an operation does is
 * decided by its state and by what has been seen of its entry so far.
 *
 * Source: docs/design/notifications.md; facts hypervisor-mediator.md sections
 * 1.2, 4.1 and 4.2.
 */
#ifndef SIM_MODEL_SPEC_VM_H
#define SIM_MODEL_SPEC_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "sim/model/linear.h"
#include "sim/model/spec_call.h"

/* Senders that have something bound at one VM at a time. */
#define SIM_SPEC_SENDERS 6u

/*
 * The state; all 0 for a VM that does not exist. Senders are in the order of
 * their ids, unused ones behind them, so equal states are equal bytes.
 */
struct sim_spec_vm {
	uint64_t pending;
	uint64_t gone;                    /* bound to a sender that has ended: tombstones */
	uint64_t bound[SIM_SPEC_SENDERS]; /* by sender */
	uint16_t sender[SIM_SPEC_SENDERS];
	uint8_t offered : 4;   /* by FFA_VERSION; SIM_SPEC_1_x */
	uint8_t published : 4; /* what the first other call has frozen */
	bool live;
	bool news;  /* something was set that INFO_GET has not reported */
	bool armed; /* an NPI was accepted since the last GET; false where the SPMC has some raised
	             */
};

enum sim_spec_kind {
	SIM_SPEC_NONE,
	SIM_SPEC_CALL,       /* of the VM itself; the version first, then what it does */
	SIM_SPEC_SET,        /* by another VM */
	SIM_SPEC_UNSURE_SET, /* the same; whether its version has notifications is not settled */
	SIM_SPEC_CREATE,
	SIM_SPEC_DESTROY,
	SIM_SPEC_SENDER_ENDS, /* another VM is destroyed */
	SIM_SPEC_VCPU_ON,
	SIM_SPEC_VCPU_OFF,
	SIM_SPEC_ACCEPTED, /* an NPI, by a vCPU; one moment */
	SIM_SPEC_KINDS,
};

/* The value of an answer of what may raise the NPI. */
enum sim_spec_npi {
	SIM_SPEC_NPI_NONE,
	SIM_SPEC_NPI_RAISED, /* at one vCPU, unless none is there to accept it */
	SIM_SPEC_NPI_FREE,   /* as may be: the SPMC has NPIs raised as well */
};

/* The note of an answer to a call of the VM itself: its version, as SIM_SPEC_1_x. */

/* What is known of the entry that a context is in; all 0 when there is none. */
struct sim_spec_entry {
	struct sim_spec_call call; /* of another entry, only self */
	int32_t spmc_status;       /* what the SPMC has answered, with `asked` */
	uint64_t upper;            /* x8..x17 of the call, as one number; 0 if they are 0 */
	uint64_t kept;             /* of a call that is not FF-A's: sim_smccc_kept() */
	uint8_t entry;             /* enum shim_entry */
	uint8_t vm;                /* object */
	uint8_t vcpu;
	uint8_t other;    /* of a SET, its object + 1 */
	uint8_t steady;   /* until an NPI was accepted: vCPUs that could, on line since it began */
	uint8_t accepted; /* injections of it that the service has not reported lost, up to 2 */
	bool asked;       /* the SPMC has answered */
	bool no_memory;   /* an allocation of it has failed */
	bool settled;     /* FFA_VERSION: the version was frozen when it began */
	bool foreign;     /* a call that is not FF-A's */
	bool taken; /* a creation: another VM of the id was there at some moment since it began */
	uint8_t reserved[5];
};

/* What the specification's functions are given as user. */
struct sim_spec_view {
	const struct sim_spec_profile *profile;
	const struct sim_spec_entry *entries; /* by context */
	const struct ffa_regs *answer;        /* of the call that has ended; fits() only */
	int64_t result;                       /* of another entry that has ended */
	uint32_t raising;                     /* 1 + the context that injects just now */
	bool spmc_has_news;                   /* of an INFO_GET that has ended: there may be some */
};

extern const struct sim_linear_spec sim_spec_vm;

void sim_spec_vm_read(struct sim_spec_vm *ret_vm, const uint64_t *state);

#endif
