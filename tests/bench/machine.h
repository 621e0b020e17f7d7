/* SPDX-License-Identifier: MIT */
/* The same two VMs in the world, on a subject over one of the transports. One at a time. */
#ifndef TESTS_BENCH_MACHINE_H
#define TESTS_BENCH_MACHINE_H

#include "emu/shim/link.h"
#include "emu/world/world.h"

extern struct shim_link machine_link;
extern struct world machine_world;

/* transport: "inline", "process" or "aarch64". NULL, or the reason why there is none. */
const char *machine_open(const char *transport);
void machine_close(void);

/* A call of vCPU 0 of the VM with this index: by the world; by the shim alone. */
void machine_call(unsigned vm, struct ffa_regs *regs);
void machine_call_shim(unsigned vm, struct ffa_regs *regs);

/* A call left inside the mediator, holding a lock. */
void machine_stop_inside(void);

/* A file beside the folder of this program's: "subjects/x"; freed by the caller. */
char *machine_path(const char *beside);

#endif
