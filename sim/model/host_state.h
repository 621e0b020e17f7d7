/* SPDX-License-Identifier: MIT */
/*
 * What the specification of a mediator in front of one host remembers: flat, and
 * 0 wherever nothing is under way, so that equal situations are equal bytes.
 */
#ifndef SIM_MODEL_HOST_STATE_H
#define SIM_MODEL_HOST_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"

#define SIM_HOST_CPUS 4u

/* The state of the host's pair, as far as a call may have met it: bits. */
enum sim_host_seen { SIM_HOST_SAW_MAPPED = 1, SIM_HOST_SAW_UNMAPPED = 2 };

/* Bytes at the beginning of a page, by their hash. */
struct sim_host_content {
	uint64_t size; /* 0: none */
	uint64_t hash;
};

/* A call of one CPU, from its entry to its return; all 0 while the CPU is outside. */
struct sim_host_call {
	bool inside;
	bool may_be_early; /* it entered before anybody knew of a version: it need not see one */
	bool refused_page; /* the platform has refused it a page */
	bool lapses;       /* `owed` is not any more once RX is given back */
	uint8_t saw;       /* enum sim_host_seen, of all moments until it asks the SPMC */
	uint8_t stage;     /* how far it is with the SPMC; each concern has its own */
	uint8_t busy;      /* answers BUSY or RETRY to one question, one behind the other */
	struct sim_host_content owed; /* what the host's RX must have at the return */
	uint64_t pages[2];    /* of the host, mapped by this call and its to unmap: TX, RX */
	struct ffa_regs in;   /* the call */
	struct ffa_regs spmc; /* what it was asked, then what it answered */
};

/* Versions are words of FF-A, 0 for none. */
struct sim_host_version {
	uint32_t newest;    /* the highest that mediator and SPMC have in common */
	uint32_t accepted;  /* what the SPMC has accepted last */
	uint32_t agreed;    /* in force, for whoever may see it already */
	bool buffers;       /* the SPMC takes the mediator's pair; from `agreed` on */
	bool known;         /* somebody has seen it: everybody who enters from now on must */
	uint8_t negotiator; /* CPU + 1 that is asking the SPMC */
};

/* Physical addresses; 0 while no pair is mapped. */
struct sim_host_pair {
	uint64_t tx, rx;              /* the host's */
	uint64_t own_tx, own_rx;      /* the mediator's, which the SPMC knows */
	struct sim_host_content told; /* what the host's RX has, until RX is given back */
};

struct sim_model_host {
	bool refuted;      /* nothing more is said: all that follows may follow from that */
	bool refused_page; /* during boot: there was no memory */
	uint8_t stage;     /* of boot, or shutdown */
	struct sim_host_version version;
	struct sim_host_pair pair;
	struct sim_host_call calls[SIM_HOST_CPUS];
};

#endif
