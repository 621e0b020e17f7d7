/* SPDX-License-Identifier: MIT */
/*
 * The specification of the calls of VMs, without a mediator: a test says what
 * such a one does, event by event, and whether that was allowed. What is right
 * is from docs/design/notifications.md.
 *
 * vm1 (id 1) and vm3 (id 3) have two vCPUs, vm2 (id 2) has one. A context is a
 * thread that makes calls; any may call for any VM.
 */
#ifndef TESTS_UNIT_TEST_MODEL_GUEST_LAB_H
#define TESTS_UNIT_TEST_MODEL_GUEST_LAB_H

#include "sim/run.h"
#include "tests/test.h"

enum { VM1, VM2, VM3, MACHINE = 9 };

#define REGS(...)       ((struct ffa_regs){{__VA_ARGS__}})
#define PAIR(high, low) ((uint32_t)(high) << 16 | (low))
#define VERSION(v)      REGS(FFA_VERSION_32, v)
#define BIND(s, r, b)   REGS(FFA_NOTIFICATION_BIND_32, PAIR(s, r), 0, (uint32_t)(b), (b) >> 32)
#define UNBIND(s, r, b) REGS(FFA_NOTIFICATION_UNBIND_32, PAIR(s, r), 0, (uint32_t)(b), (b) >> 32)
#define SET(s, r, b)    REGS(FFA_NOTIFICATION_SET_32, PAIR(s, r), 0, (uint32_t)(b), (b) >> 32)
#define GET(r, flags)   REGS(FFA_NOTIFICATION_GET_32, r, flags)
#define INFO            REGS(FFA_NOTIFICATION_INFO_GET_32)
#define GOOD            REGS(FFA_SUCCESS_32)
#define GOT(b)          REGS(FFA_SUCCESS_32, 0, 0, 0, (uint32_t)(b), (b) >> 32)
#define NEWS(id)        REGS(FFA_SUCCESS_32, 0, 0x80, id)
#define ERROR(code)     REGS(FFA_ERROR_32, 0, (uint32_t)(code))

#define PROFILE "multi-vm-1.2"

extern struct sim_run guest_run;

void guest_emit(struct world_event event);
/* A mediator of this profile that has booted; no VM. */
void guest_opened(const char *profile);
void guest_closed(void);
/* Nothing was refuted; or something was, with this in the text. Both close. */
void guest_was_right(void);
void guest_was_wrong(const char *part);
/* Nothing was refuted, and this limit was reached once. Closes. */
void guest_was_unjudged(enum sim_limit limit);
/* Entries of the mediator begin and end; of calls, with their registers. */
void guest_enters(unsigned context, enum shim_entry entry, unsigned vm, unsigned vcpu);
void guest_leaves(unsigned context, enum shim_entry entry, unsigned vm, int64_t result);
void guest_calls(unsigned context, unsigned vm, struct ffa_regs regs);
void guest_returns(unsigned context, unsigned vm, struct ffa_regs regs);
/* A call by itself. */
void guest_does(unsigned vm, struct ffa_regs regs, struct ffa_regs answer);
/* What the mediator does during an entry; what it hears from the SPMC. */
void guest_injects(unsigned context, unsigned vm, unsigned vcpu, enum shim_inject result);
void guest_hears(unsigned context, struct ffa_regs regs);
/* The life of a VM and of its vCPUs, in the machine's context. */
void guest_is_created(unsigned vm);
void guest_destroy_begins(unsigned vm);
void guest_destroy_ends(unsigned vm);
void guest_goes_off(unsigned vm, unsigned vcpu);
void guest_is_off(unsigned vm);
void guest_goes_on(unsigned vm, unsigned vcpu);
void guest_is_on(unsigned vm);
/* Negotiates a version, and freezes it. */
void guest_speaks(unsigned vm, uint32_t version);
/* All speak 1.2; bits 0 to 3 of vm1 are vm2's, bits 4 to 7 vm3's. */
void guest_bound(const char *profile);
/* vm2 sets bits, and vm1's vCPU 0 is told. */
void guest_sets_first(uint64_t bits);
/* Where SPs notify as well: vm1 and vm2 speak 1.2, bit 0 of vm1 is vm2's. */
void guest_bound_with_sps(void);

#endif
