/* SPDX-License-Identifier: MIT */
/*
 * What the part "conduit" remembers: flat, and zero where it is not in use, so
 * that equal situations are equal bytes. VMs are known by the first index of
 * their id in the machine (sim_model_vm_of_id()), since ids, not places, are what
 * lives on after a VM; SPs by their index in the list that the SPMC told.
 */
#ifndef SIM_MODEL_CONDUIT_STATE_H
#define SIM_MODEL_CONDUIT_STATE_H

#include "emu/world/world.h"

#define SIM_MODEL_MAX_SPS WORLD_MAX_SPS

typedef uint16_t sim_model_vm_set; /* a bit for each VM */

/* An SP as the SPMC listed it: all entries of one id together. */
struct sim_model_sp {
	uint16_t id; /* 0: behind the end of the list */
	uint16_t reserved;
	uint32_t properties;
};

enum sim_model_buffers {
	SIM_MODEL_UNMAPPED,
	SIM_MODEL_MAPPED,
	SIM_MODEL_KEPT, /* the SPMC was asked for the pages, and did not give them back */
};

/* What is known of the firmware. Constant once the mediator has booted. */
struct sim_model_firmware {
	uint8_t stage;         /* enum of firmware.c */
	uint8_t buffers;       /* enum sim_model_buffers: whether the SPMC has the two pages */
	bool full;             /* RX is the mediator's, until it gives it back */
	bool sp_notifications; /* all calls for notifications of SPs, and an SRI, are there */
	bool no_pages;         /* the SPMC does not take them */
	uint8_t reserved[3];
	uint16_t next; /* a list in registers: the entry that is asked for, and the list's tag */
	uint16_t tag;
	uint32_t sri;
	uint64_t asked[2]; /* functions asked for with FFA_FEATURES, by width; a bit each */
	uint64_t has[2];   /* those that are there */
	uint64_t pages[2]; /* of the mediator's own, for RX and TX; in no order */
	struct sim_model_sp sps[SIM_MODEL_MAX_SPS];
};

enum sim_model_life {
	SIM_MODEL_FREE,     /* the id may be given to a VM */
	SIM_MODEL_CREATING, /* an entry is telling of its creation */
	SIM_MODEL_LIVE,
	SIM_MODEL_ENDING, /* an entry is telling of its end, or of that of a failed creation */
	SIM_MODEL_OVER,   /* all is told; free at any moment until the entry ends */
	SIM_MODEL_OWED,   /* somebody is still to be told, once its timer is due */
};

/* What the VM has negotiated, as far as it can be told from outside. */
enum sim_model_negotiation {
	SIM_MODEL_NO_VERSION,
	SIM_MODEL_OFFERED,
	SIM_MODEL_FREEZING, /* the first other call has begun: frozen at the latest when it ends */
	SIM_MODEL_FROZEN,
	SIM_MODEL_UNSURE, /* calls overlapped: which came first, only the mediator knows */
};

/* A VM's id, and the VM behind it. */
struct sim_model_vm {
	uint8_t life;    /* enum sim_model_life */
	uint8_t untold;  /* SPs that are to be told of the end, a bit each */
	uint8_t rounds;  /* of telling them, after the first */
	uint8_t timer;   /* OWED: 1 + its number */
	uint8_t owner;   /* 1 + the context that tells; 0: none */
	bool held;       /* the platform keeps the VM until it is released */
	uint8_t version; /* enum sim_model_negotiation */
	bool notified;   /* from OFFERED on: a version that has notifications */
	uint8_t asking;  /* FFA_VERSION calls under way */
	uint8_t calling; /* other calls under way */
	uint8_t due;     /* GET flags of the SPMC's maps that surely have something to fetch */
	uint8_t maybe;   /* those that may have: includes due */
	bool news;       /* INFO_GET surely has something of the SPMC's to report */
	bool maybe_news; /* it may have: includes news */
	bool fetched;    /* the end of a VM: what is pending was fetched before its bitmap goes */
	uint8_t reserved;
	uint32_t preempted[SIM_MODEL_MAX_SPS]; /* w1 for FFA_RUN of an SP that has not answered */
};

/* An entry of the mediator that is under way in a context. */
struct sim_model_talk {
	uint8_t entry; /* enum shim_entry; NONE: no entry, or one that is not judged any more */
	uint8_t vm;    /* index of a sim_model_vm, SIM_MODEL_NO_VM if there is none */
	uint8_t stage; /* of the entry's own rules */
	uint8_t said;  /* between an SMC and its answer: which of the allowed ones */
	uint8_t calls; /* SMCs so far: of an event to one SP, of a run of the work */
	uint8_t left;  /* SPs that are still to be told in this round, a bit each */
	uint8_t sp;    /* 1 + the SP that is being told; 0: none */
	bool may_take; /* a creation: the id was free at some moment since it began */
	bool may_miss; /* a creation: the id was taken at some moment since it began */
	bool decided;  /* a creation: it has the id */
	bool no_memory;
	bool put_off;
	bool held;      /* a timer: the platform is still to be told that the VM is released */
	bool overtaken; /* a GET: something was said of the VM since it began */
	bool due;       /* an INFO_GET: surely something to report; a vCPU: surely an NPI */
	bool maybe;     /* an INFO_GET: something of the SPMC's may be to report */
	sim_model_vm_set
	        saying;         /* the work: VMs of the last answer that it may not have told yet */
	sim_model_vm_set shaky; /* of those: what is remembered may be fetched at once */
	sim_model_vm_set shaky_news;   /* of those: it may be reported at once */
	sim_model_vm_set listed;       /* the work: VMs that the last answer names */
	sim_model_vm_set owes;         /* of those: an NPI is due */
	uint8_t online[WORLD_MAX_VMS]; /* vCPUs that are on line since the NPI was due, a bit each
	                                */
	uint8_t busy;                  /* answers BUSY or RETRY to one call, one behind the other */
	bool fetched;                  /* the end of a VM: what is pending was fetched before */
	int32_t status;                /* what the entry answers, once it is known */
	uint32_t asked;                /* between an SMC and its answer: its w1 */
	uint32_t arg[5];               /* a guest's call: w0..w4 */
	uint32_t maps[3];              /* a GET: w2, w3 and w6 as they must be */
};

#define SIM_MODEL_NO_VM 0xffu

struct sim_model_conduit {
	struct sim_model_firmware firmware;
	uint8_t runs;  /* of the work, one behind the other, that ended with more to come */
	bool sri_owed; /* an SRI was taken, no work is to begin for it, and the SPMC was not asked
	                  since */
	uint8_t reserved[6];
	struct sim_model_vm vms[WORLD_MAX_VMS];
	struct sim_model_talk talks[SHIM_MAX_CONTEXTS];
};

_Static_assert(SIM_MODEL_MAX_SPS <= 8 && WORLD_MAX_VCPUS <= 8, "a set of SPs or vCPUs is a byte");
_Static_assert(WORLD_MAX_VMS <= 8 * sizeof(sim_model_vm_set), "a set has a bit for each VM");

#endif
