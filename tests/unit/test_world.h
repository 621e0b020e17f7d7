/* SPDX-License-Identifier: MIT */
/* A machine of two VMs on the hypervisor mediator, and the calls that its tests make. */
#ifndef TESTS_UNIT_TEST_WORLD_H
#define TESTS_UNIT_TEST_WORLD_H

#include "tests/unit/test_emu.h"

enum { VM1, VM2, VCPUS = 2, NPI = 8, BIT = 0x4 };

/* Ids 1 and 2, two vCPUs each, all on line; no SPMC. */
struct world_config emu_machine(void);

/* Booted, the VMs created, on line and at version 1.2; what was recorded is forgotten. */
bool emu_open_machine(const char *transport, struct world_config config);
void emu_create_vms(void);

void emu_start_call(uint32_t context, uint32_t vm, uint32_t vcpu, uint64_t fid, uint64_t x1,
                    uint64_t x2, uint64_t x3);

/* The whole call of vCPU 0 in context 0, and what follows it. Answers its w0. */
uint64_t emu_call(uint32_t vm, uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3);

/* vm1 receives BIT from vm2; vm2 sets it; vm1 gets what these flags ask for. */
void emu_bind(void);
void emu_set(void);
void emu_start_set(uint32_t context);
void emu_get(uint64_t flags);

/* What is pending for vm1, asked on a copy. */
uint64_t emu_pending(void);

/* Runs a context to this point, passing whatever is before it. */
void emu_run_to(uint32_t context, enum shim_point point);

#endif
