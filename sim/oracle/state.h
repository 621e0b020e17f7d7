/* SPDX-License-Identifier: MIT */
/* The memory of the oracles during a run: flat, saved and restored with the world. */
#ifndef SIM_ORACLE_STATE_H
#define SIM_ORACLE_STATE_H

#include "sim/oracle/oracle.h"

#define SIM_MAX_HELD 8u /* locks held by one context at a time */

/* What a VM has negotiated, as far as its calls and their answers tell. */
struct sim_abi_vm {
	uint32_t version; /* 0: nothing yet */
	bool frozen;      /* it has made another call since */
};

struct sim_lock_context {
	uint32_t count;
	uint8_t held[SIM_MAX_HELD]; /* index into the lock oracle's names */
};

struct sim_oracle_state {
	struct sim_abi_vm abi[WORLD_MAX_VMS];
	struct sim_lock_context lock[SHIM_MAX_CONTEXTS];
};

#endif
