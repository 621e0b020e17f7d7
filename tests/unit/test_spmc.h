/* SPDX-License-Identifier: MIT */
/*
 * A machine with an SPMC and no subject: registers go to it directly. Three VMs
 * (1, 2, 3) and two SPs: SP1 takes everything and speaks a protocol, SP2
 * nothing but the framework messages it did not subscribe to.
 */
#ifndef TESTS_UNIT_TEST_SPMC_H
#define TESTS_UNIT_TEST_SPMC_H

#include "emu/world/world.h"

#define SP1 0x8001u
#define SP2 0x8002u

#define SRI_PENDING (machine.state.sri)

extern struct world machine;

/* The machine with this profile (a file of fixtures/spmc), before any call. */
void set_up(const char *profile);
/* The same with version 1.2 negotiated, or the lower one that the SPMC has; where guests are
 * announced, the VMs are. */
void set_up_negotiated(const char *profile);

/* One call; the answer stays in `answer`. Answers the status, FFA_STATUS_NONE for an answer by
 * another function. */
extern struct ffa_regs answer;
int32_t call(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4);
/* All registers. */
int32_t call_regs(const struct ffa_regs *regs);
/* One call of an SP. */
int32_t sp_call(unsigned sp, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4);

/* VM_CREATED and VM_DESTROYED to SP1: the status in its response, or that of the error. */
int32_t announce(unsigned vm);
int32_t retract(unsigned vm);

/* Shorthands. */
int32_t create(unsigned vm, unsigned vcpus);
int32_t destroy(unsigned vm);
int32_t bind(unsigned sp, unsigned vm, uint32_t flags, uint64_t bitmap);
int32_t unbind(unsigned sp, unsigned vm, uint64_t bitmap);
int32_t sp_set(unsigned sp, unsigned vm, uint32_t flags, uint64_t bitmap);
/* What the VM's GET of the bits of SPs returns. */
uint64_t get(unsigned vm, unsigned vcpu);

#endif
