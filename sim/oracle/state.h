/* SPDX-License-Identifier: MIT */
/* The memory of the oracles during a run: flat, saved and restored with the world. */
#ifndef SIM_ORACLE_STATE_H
#define SIM_ORACLE_STATE_H

#include "sim/model/state.h"
#include "sim/oracle/oracle.h"

/* What a VM has negotiated, as far as its calls and their answers tell. */
struct sim_abi_vm {
	uint32_t version; /* 0: nothing yet */
	bool frozen;      /* it has made another call since */
	uint8_t asking;   /* FFA_VERSION calls under way */
	bool unsure;      /* one overlapped with another call: which came first cannot be told */
};

/* The last SMC of an entry: registers are kept as hashes. */
struct sim_abi_context {
	uint32_t fid;    /* of the SMC; 0: none, or the entry has ended */
	uint64_t low;    /* x0..x7 of its answer */
	uint64_t answer; /* all of them */
};

/* NPIs that a VM accepted, by number from 1; of each vCPU the last one that no GET has spent, or 0.
 */
struct sim_wake_vm {
	uint64_t intids; /* of all that it accepted, a bit each */
	uint32_t count;
	uint32_t accepted[WORLD_MAX_VCPUS];
};

/* A GET of the VM's bits in a context: how many NPIs the VM had accepted when it began. */
struct sim_wake_get {
	uint32_t before;
	bool under_way;
};

struct sim_wake_state {
	struct sim_wake_vm vms[WORLD_MAX_VMS];
	struct sim_wake_get gets[SHIM_MAX_CONTEXTS];
};

#define SIM_MAX_ALLOCATIONS 64u /* live at a time */

struct sim_allocation {
	uint32_t offset; /* in the heap */
	uint32_t size;   /* as asked for */
};

/* By offset; what is behind count is zero. */
struct sim_memory_state {
	uint16_t count;
	bool blind; /* the limit was reached */
	bool told;  /* a wrong access of this schedule */
	struct sim_allocation allocations[SIM_MAX_ALLOCATIONS];
};

#define SIM_MAX_MAPPINGS 255u /* of one page at a time */

struct sim_isolation_state {
	uint8_t mapped[WORLD_PAGES]; /* how often the mediator has each page mapped */
	bool told;
};

#define SIM_MAX_FETCHES 32u /* pieces of guest memory read in the entries under way */

/* Bytes from start to end behind the first byte that a guest can write. */
struct sim_fetch {
	uint32_t start;
	uint32_t end;
	uint32_t context;
	uint32_t pc; /* of the first access, less the address of the sections */
};

/* By context, and then as they were read; what is behind count is zero. */
struct sim_fetch_state {
	uint16_t count;
	bool told; /* in this schedule */
	struct sim_fetch fetches[SIM_MAX_FETCHES];
};

#define SIM_LOG_SIZE 48u /* of a line, as far as it is kept */

/* What an entry that is under way has logged without a cause so far. */
struct sim_log_context {
	bool excused;  /* something has failed in it */
	uint8_t level; /* of its first warning or error; 0: none */
	uint64_t value;
	char text[SIM_LOG_SIZE];
};

struct sim_log_state {
	bool excused; /* something has failed that others may speak of later */
	struct sim_log_context contexts[SHIM_MAX_CONTEXTS];
};

struct sim_oracle_state {
	struct sim_abi_vm abi[WORLD_MAX_VMS];
	struct sim_abi_context abi_smc[SHIM_MAX_CONTEXTS];
	struct sim_abi_context abi_last; /* of the call whose step ends now */
	struct sim_wake_state wake;
	struct sim_model_state model;
	struct sim_memory_state memory;
	struct sim_isolation_state isolation;
	struct sim_fetch_state fetch;
	struct sim_fetch_state rx_fetch;
	struct sim_log_state log;
	uint32_t window[SHIM_MAX_CONTEXTS]; /* 1: FFA_INTERRUPT has come, and no window since */
};

#endif
