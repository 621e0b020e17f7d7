/* SPDX-License-Identifier: MIT */
/* The hypervisor mediator linked as in a hypervisor: a call of it is a call of C, nothing else. */
#ifndef TESTS_BENCH_PLAIN_H
#define TESTS_BENCH_PLAIN_H

#include <stdbool.h>

#include "abi/ffa.h"

/* Two VMs, ids 1 and 2, at version 1.2. False if the mediator refuses. */
bool plain_boot(void);

/* A call of vCPU 0 of the VM with this index. */
void plain_call(unsigned vm, struct ffa_regs *regs);

#endif
