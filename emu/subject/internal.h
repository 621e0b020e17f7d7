/* SPDX-License-Identifier: MIT */
/* Inside the SDK: the mapping, the running context, and how a context stops. Not for ports. */
#ifndef EMU_SUBJECT_INTERNAL_H
#define EMU_SUBJECT_INTERNAL_H

#include "emu/subject/sanitize.h"
#include "emu/subject/subject.h"

#define SUBJECT_NO_CONTEXT SHIM_NO_CONTEXT

/*
 * The SDK's own variables: constant after attach, or valid only between a
 * resume and its stop. None of it is state of a run, so none is in a snapshot.
 */
struct subject_sdk {
	struct shim_map map;
	struct shim_control *control;
	struct shim_core *core;
	uint32_t current; /* context, or SUBJECT_NO_CONTEXT while the brain runs */
	uint64_t brain_sp;
	uint64_t resumes; /* but for those after a full ring; the watchdog compares it */
	shim_next *next;  /* of a run; NULL in a resume */
	void *user;
};

extern struct subject_sdk subject_sdk;

/* "plain", "O2", "O0": how the mediator of this subject was compiled. */
extern const char subject_build[];

static inline struct shim_slot *subject_slot(void)
{
	return shim_slot(&subject_sdk.map, subject_sdk.current);
}

static inline uintptr_t subject_stack_bottom(uint32_t context)
{
	return (uintptr_t)subject_sdk.map.state + SHIM_STACK_OFFSET +
	       (uintptr_t)context * SHIM_STACK_SIZE;
}

#if defined(__x86_64__)
/*
 * Saves the callee-saved registers on the stack, its pointer in *save; continues at load. The SDK
 * is compiled without a red zone, because the compiler does not see that the stack is used.
 */
static inline void subject_fiber_switch(
        uint64_t *save, /* NOLINT(readability-non-const-parameter): written below */
        uint64_t load)
{
	__asm__ volatile("leaq 1f(%%rip), %%rcx\n\t"
	                 "jmp subject_fiber_jump\n"
	                 "1:"
	                 : "+D"(save), "+S"(load), "=m"(*save)
	                 :
	                 : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2",
	                   "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
	                   "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
}
#else
void subject_fiber_switch(uint64_t *save, uint64_t load);
#endif

/* Writes an event that somebody listens to, without stopping. */
void subject_write_event(enum shim_point point, uint32_t object, uint32_t flags, uint64_t a,
                         uint64_t b, uint64_t c);

static inline void subject_event(enum shim_point point, uint32_t object, uint32_t flags, uint64_t a,
                                 uint64_t b, uint64_t c)
{
	if (subject_sdk.control->events >> point & 1)
		subject_write_event(point, object, flags, a, b, c);
}

/* In a run, where the running context has stopped: the stack to go on with, 0 for its own. */
uint64_t subject_next_stack(enum shim_slot_state state);

/*
 * Hands over with this slot state, to the brain or in a run to whom it names; returns when the
 * context is resumed. Inlined, like the next: each return after a switch goes where the processor
 * does not expect it.
 */
static inline void subject_stop(enum shim_slot_state state)
{
	struct shim_slot *slot = subject_slot();
	uint64_t stack = subject_sdk.brain_sp;
	struct sanitize_fiber fiber;

	slot->state = state;
	if (subject_sdk.next)
		stack = subject_next_stack(state);
	else
		subject_sdk.current = SUBJECT_NO_CONTEXT;
	if (stack) {
		sanitize_leave(&fiber, state == SHIM_SLOT_DONE);
		subject_fiber_switch(&slot->sp, stack);
		sanitize_enter(&fiber);
	}
	slot->state = SHIM_SLOT_RUNNING;
}

/* The world performs it on the next resume, so the context stops whatever the mask says. */
static inline bool subject_is_service(enum shim_point point)
{
#define X(name, service) ((uint64_t)(service) << SHIM_POINT_##name) |
	const uint64_t services = SHIM_POINTS(X) 0;
#undef X
	return services >> point & 1;
}

/* Announces a point; stops there if the mask or the kind of point asks for it. */
static inline void subject_point(enum shim_point point, uint32_t object, uint64_t a, uint64_t b,
                                 uint64_t c)
{
	struct shim_slot *slot = subject_slot();

	slot->point = point;
	slot->object = object;
	slot->arg[0] = a;
	slot->arg[1] = b;
	slot->arg[2] = c;
	subject_event(point, object, 0, a, b, c);
	if (subject_is_service(point) || subject_sdk.control->mask >> point & 1)
		subject_stop(SHIM_SLOT_STOPPED);
}

/* Ends the context as a finding. */
_Noreturn void subject_fault(enum shim_fault fault, const char *text);

/* On the brain's stack, after a signal on a fiber: leaves the crashed context for good. */
_Noreturn void subject_escape(void);

/* Installs the handlers of crashes, runaways and (aarch64) trapped SMCs. Answers 0, or -1. */
int subject_trap_init(void);

/* A stack pointer at which subject_fiber_switch() starts entry(); top is 64-byte aligned. */
uint64_t subject_fiber_prepare(uintptr_t top, void (*entry)(void));

#endif
