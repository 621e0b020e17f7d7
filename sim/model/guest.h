/* SPDX-License-Identifier: MIT */
/*
 * Profile multi-vm-1.2, part "guests": what calls of VMs answer, and which NPIs
 * they raise, is linearizable against sim/model/spec_vm.h. This file turns the
 * world's events into operations; the rules are there.
 */
#ifndef SIM_MODEL_GUEST_H
#define SIM_MODEL_GUEST_H

#include "sim/model/model.h"
#include "sim/model/spec_vm.h"

/* Objects are the machine's VMs, by index. */
struct sim_guest_state {
	struct sim_spec_profile profile;
	uint16_t owed; /* VMs whose creation failed after SPs were asked */
	struct sim_spec_entry entries[SHIM_MAX_CONTEXTS];
};

extern const struct sim_model_part sim_model_guests;

/*
 * guest_tell.c: a finding of an operation that no order explains, before it is given up: its
 * answer, the answers that are allowed, and in the detail what each order would have answered.
 */
void sim_guest_tell(struct sim_run *run, unsigned object, uint32_t context,
                    const struct sim_spec_view *view);

#endif
