/* SPDX-License-Identifier: MIT */
/*
 * Profile multi-vm-1.2: the calls of a VM, as far as a call and the version of
 * its caller decide. Which calls there are since when, what of their parameters
 * is refused with which code, who has the answer, and in which registers it is.
 * What depends on earlier calls is in sim/model/spec_vm.h.
 *
 * Pure functions, any registers.
 *
 * Source: docs/design/notifications.md; facts hypervisor-mediator.md sections 0,
 * 1.2 to 1.4, 1.14 and 4.1, host-proxy.md sections 1.3 and 3.1.
 */
#ifndef SIM_MODEL_SPEC_CALL_H
#define SIM_MODEL_SPEC_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"

/* What the subject has announced, and what follows from the SPMC that it found. */
struct sim_spec_profile {
	bool vm_to_vm;    /* notifications between VMs */
	bool sps;         /* notifications between VMs and SPs */
	bool info_always; /* INFO_GET reports what is pending every time */
};

/* A version as one number: 0 for none, else the minor version of 1.x and 1. */
#define SIM_SPEC_1_0 1u
#define SIM_SPEC_1_1 2u
#define SIM_SPEC_1_2 3u

#define SIM_SPEC_ARGUMENTS 5u

/* A call: every argument that any of them has is in w1..w4. */
struct sim_spec_call {
	uint32_t fid;
	uint32_t w[SIM_SPEC_ARGUMENTS]; /* w[0] is not used */
	uint16_t self;                  /* the caller */
	uint16_t vcpus;                 /* how many it has */
};

/* Who has the answer. */
enum sim_spec_place {
	SIM_SPEC_HERE,  /* the parameters and the version alone: the status is it */
	SIM_SPEC_OWN,   /* the state of the caller */
	SIM_SPEC_OTHER, /* the state of the receiver in w1 */
	SIM_SPEC_SPMC,  /* forwarded: what the SPMC says */
};

struct sim_spec_plan {
	enum sim_spec_place place;
	int32_t status;
};

struct sim_spec_plan sim_spec_plan(const struct sim_spec_profile *profile,
                                   const struct sim_spec_call *call, unsigned version);

/* The version of 1.x that FFA_VERSION asks for, cut to ours; 0 for one that nobody speaks. */
unsigned sim_spec_version(uint32_t wanted);

/* Whether a VM of this version has notifications at all. */
bool sim_spec_notifies(const struct sim_spec_profile *profile, unsigned version);

/* w3 and w4 of BIND, UNBIND and SET. */
uint64_t sim_spec_bits(const struct sim_spec_call *call);

/* The maps of a GET that the SPMC has. */
uint32_t sim_spec_secure_maps(const struct sim_spec_profile *profile,
                              const struct sim_spec_call *call);

/* x8..x17 as one number; 0 if and only if all are 0. */
uint64_t sim_spec_upper(const struct ffa_regs *regs);

/*
 * Whether these are the registers x0..x7 of an answer with this status. value: of GET, the map of
 * the VMs. The SPMC's maps, and the answer to a call that was forwarded, are judged elsewhere.
 */
bool sim_spec_answers(const struct sim_spec_profile *profile, const struct sim_spec_call *call,
                      int32_t status, uint64_t value, const struct ffa_regs *answer);

#endif
