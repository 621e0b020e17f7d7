/* SPDX-License-Identifier: MIT */
/*
 * The SPMC as the normal world meets it over the SMC conduit (NS physical
 * instance): discovery, RX/TX buffers, direct messages, notifications. What the
 * SPMD would answer itself is answered here.
 *
 * Which calls it has, its version and everything in which implementations
 * differ is data, in struct world_spmc_config: see emu/world/spmc_knobs.def. The
 * order of checks is Hafnium's where no knob says otherwise.
 *
 * Invariants
 *  - Any registers get an answer, unless a knob lets the SPMC stop there; nothing that a caller
 *    passes can crash it.
 *  - An answer's registers that carry nothing are zero, and 32-bit answers have
 *    no upper halves, unless a knob or a fault breaks the contract.
 *  - retrieved is a subset of pending; what is pending is bound, the framework's own and what
 *    "destroy-clears" and "free-slot-id" leave or let in excepted.
 *  - The state holds no pointers: it is part of struct world_state.
 *
 * world.cpu is the CPU that makes the call. A call is one step, so that a context
 * of an SP is never seen running: it waits, or is parked.
 *
 * Simplifications: a delayed interrupt fires with the return of the next SMC,
 * wherever that is; per-vCPU notifications reach the first WORLD_SPMC_VCPUS
 * vCPUs of a VM, and no SP; only the normal world's own RX/TX buffers can be
 * mapped; no memory sharing.
 *
 * Source: facts spmc.md sections 1.1 to 1.4, 1.6, 1.8, 2, 3.5 and 3.6,
 * host-proxy.md section 2.4.
 */
#ifndef EMU_WORLD_SPMC_H
#define EMU_WORLD_SPMC_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "emu/world/sp.h"
#include "emu/world/spmc_fault.h"
#include "emu/world/spmc_knobs.h"

/* Limits. */
#define WORLD_MAX_WITHOUT  64u
#define WORLD_MAX_FEATURES 64u
#define WORLD_SPMC_SLOTS   12u /* VMs with a bitmap, besides id 0 */
#define WORLD_SPMC_VCPUS   4u  /* of a VM, with notifications of their own */
#define WORLD_SPMC_MAX_SRI 31u
#define WORLD_SPMC_CPUS    8u /* that one has, and vCPUs of a VM of which it was not told how many */
#define WORLD_STRANGERS    4u /* VM ids that are not in the machine, and that SPs have bound */
#define WORLD_FOLLOWS_SIZE 64u

/* An answer of FFA_FEATURES that does not follow from the calls the SPMC has. */
struct world_feature {
	uint32_t asked; /* function or feature id */
	uint32_t w2;
	bool refused; /* NOT_SUPPORTED */
};

struct world_spmc_config {
	bool present;          /* false: every SMC answers NOT_SUPPORTED of SMCCC */
	uint32_t version;      /* its own */
	uint64_t functions[2]; /* bit n of [width]: FFA_FN_FIRST + n; all 0: whatever the world has
	                        */
	uint32_t without[WORLD_MAX_WITHOUT]; /* function ids it does not have in spite of that */
	unsigned without_count;
	struct world_feature features[WORLD_MAX_FEATURES]; /* those left out with `without` do not
	                                                      count */
	unsigned feature_count;
	uint8_t slots;                   /* VMs besides id 0 that can have a bitmap */
	uint8_t sri;                     /* interrupt id; 0: it has none */
	uint8_t knobs[WORLD_KNOB_COUNT]; /* values of enum world_knob_<ID> */
	struct world_fault faults[WORLD_MAX_FAULTS];
	unsigned fault_count;
	char follows[WORLD_FOLLOWS_SIZE]; /* implementation, commit, date; empty: none */
};

/* RX buffer of the hypervisor at the SPMC (facts spmc.md section 3.6). */
enum world_rx { WORLD_RX_UNMAPPED, WORLD_RX_EMPTY, WORLD_RX_FULL };

/* Owners that are no index. */
#define WORLD_OWNER_HOST     64u  /* id 0 */
#define WORLD_OWNER_STRANGER 65u  /* and on: an index of strangers */
#define WORLD_OWNER_ANYBODY  255u /* bound by an SPMC that does not look at the sender */

enum world_slot {
	WORLD_SLOT_FREE,
	WORLD_SLOT_TAKEN, /* not created: something was bound before, or the VM has been announced
	                   */
	WORLD_SLOT_CREATED,
};

/* The notifications of one VM at the SPMC. */
struct world_bitmap {
	struct world_notifications from_sp; /* global; owner: 1 + index of the SP, or ANYBODY */
	uint64_t per_vcpu;                  /* bits that are bound as a vCPU's */
	uint64_t vcpu_pending[WORLD_SPMC_VCPUS];
	uint64_t vcpu_retrieved[WORLD_SPMC_VCPUS];
	uint16_t id;
	uint16_t vcpus;              /* as BITMAP_CREATE said */
	uint8_t state;               /* enum world_slot */
	uint8_t framework_pending;   /* bit 0: RX buffer full */
	uint8_t framework_retrieved; /* the same */
	bool used;                   /* it was created, now or before */
	uint8_t announced; /* how many guests were there with this one; 0: it was not announced */
};

/*
 * What a mediator has lent to the SPMC, by the answers that it was given: those that a fault
 * answers may be no true ones. What it asked for by the rules and did not get back is kept; the
 * mediator cannot help that.
 */
struct world_ledger {
	uint64_t tx_page; /* physical address */
	uint64_t rx_page;
	uint32_t pair_pages;   /* of RX and of TX each; 0: no pair is lent */
	uint32_t kept_own;     /* pages of endpoint 0, a bit each */
	uint32_t kept_guest;   /* their number */
	uint32_t kept_bitmaps; /* slots, a bit each */
	bool kept_rx;          /* RX is full */
};

/* Why the SPMC stopped: it ran into what its authors took for impossible. */
enum world_spmc_stop {
	WORLD_SPMC_RUNS,
	WORLD_SPMC_STOP_GET_UNKNOWN, /* FFA_NOTIFICATION_GET for a VM without a bitmap */
	WORLD_SPMC_STOP_COUNT,
};

struct world_spmc {
	uint8_t stopped;  /* enum world_spmc_stop; no call comes back from then on */
	uint32_t version; /* negotiated; 0: none */
	bool version_locked;
	bool sri_delayed;
	uint8_t rx;         /* enum world_rx */
	bool rx_stays_full; /* unmapped while it was full; the next pair has a full one */
	uint8_t pages;      /* of each buffer */
	uint64_t rx_page;   /* physical address, at a page or not */
	uint64_t tx_page;
	uint32_t pair_pages;                               /* of RX and of TX each */
	struct world_bitmap bitmaps[1 + WORLD_SPMC_SLOTS]; /* [0]: id 0 */
	uint16_t strangers[WORLD_STRANGERS];               /* 0: a free place */
	struct world_sp_state sps[WORLD_MAX_SPS];
	struct world_request open[WORLD_MAX_OPEN];
	uint16_t fault_met[WORLD_MAX_FAULTS]; /* calls that each fault has let pass or taken */
	struct world_ledger ledger;
};

/*
 * The SPMC of a machine that says nothing about it: 1.2, discovery and buffers
 * without messages and notifications, every knob at its first value.
 */
void world_spmc_default(struct world_spmc_config *ret_config);

/* The SPMC of world->config as it is when the machine starts; its state is all 0. */
void world_spmc_begin(struct world *world);

/* Lists a call that world_spmc_knows() as one that the SPMC implements. */
void world_spmc_add(struct world_spmc_config *config, uint32_t fid);

/* Whether a call has an answer here at all, by itself or as the end of another one. */
bool world_spmc_knows(uint32_t fid);

/*
 * Registers in, registers out. Needs no subject: of the link only its memory is used. A call that
 * stops the SPMC, or comes after that, has no answer: the registers are those of the call.
 */
void world_spmc_call(struct world *world, struct ffa_regs *regs);

/* What about the call stopped the SPMC, in a few words that go on behind the name of the call. */
const char *world_spmc_stop_text(enum world_spmc_stop stop);

/* The number of bitmaps that were created and not destroyed. */
unsigned world_spmc_bitmaps(const struct world *world);

/* Whether the page is one of RX or TX that the mediator has lent, by the answers it was given. */
bool world_is_lent(const struct world *world, uint64_t physical);

#endif
