/* SPDX-License-Identifier: MIT */
/*
 * The shared-memory SMC shim: the only contract between a subject (a mediator
 * with what hosts it) and the world (ffasim: machine, schedule, verdict).
 *
 * Shape. Four kinds of memory, each a memfd of its own when the two sides are
 * different processes, so that a peer can be given its part and no more:
 *
 *   control   struct shim_control: handshake, hand-over words, event ring
 *   slots     struct shim_slot, one page each, one for every context
 *   memory    the machine's physical memory, one memfd for every endpoint; at
 *             SHIM_MEMORY_BASE in the subject
 *   state     everything of the subject that changes during a run: struct
 *             shim_core, the heap, the fiber stacks; then the writable
 *             sections of the mediator. At SHIM_STATE_BASE in the subject.
 *
 * The shim carries ids, offsets and register values, never pointers; the
 * exceptions are slot.sp, slot.pc, slot.address and control.crash, addresses in
 * the subject that the brain only looks up: in the published ranges, in the
 * file of the subject, on the stack of a context.
 *
 * Invariants.
 *  - One context runs at a time, and only between a resume and its stop. The
 *    side that is not running touches nothing, so no field needs atomics
 *    except the two hand-over words.
 *  - The subject never chooses what runs next. It runs the resumed context to
 *    its next stop: a point in the resume mask, a service the world must
 *    perform, a held lock, the end of its entry, or a crash.
 *  - Points in control.events go to the ring in order, whether in the mask or
 *    not; a stop is preceded by the event of its point. Accesses alone (ATOMIC,
 *    LOAD, STORE) write theirs behind the stop, when they are done: others may
 *    run in between.
 *  - core + heap prefix + live stack bytes + sections + slots in use is all
 *    the state there is: copying it is a snapshot.
 *
 * Units are bytes; numbers are in host order (both sides are little-endian
 * and 64-bit). A peer that finds another magic, version or size refuses with a
 * text in control.error and touches nothing else.
 *
 * libc only; included by both sides.
 */
#ifndef EMU_SHIM_SHIM_H
#define EMU_SHIM_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"

#define SHIM_MAGIC   0x4d49485341464646ull /* "FFFASHIM", little-endian */
#define SHIM_VERSION 5u

/* Limits. Reaching one is reported by name, never silently cut. */
#define SHIM_MAX_CONTEXTS 24u
#define SHIM_MAX_OBJECTS  96u
#define SHIM_RING_EVENTS  2048u
#define SHIM_MAX_EVENTS   262144u /* of one resume */
#define SHIM_OPTIONS_SIZE 512u
#define SHIM_ERROR_SIZE   256u
#define SHIM_CLASS_SIZE   12u
#define SHIM_PROFILE_SIZE 64u
#define SHIM_MAX_WORK     16u /* numbers of deferred work and of timers are below it */

#define SHIM_PAGE 4096u
#define SHIM_STATE_BASE                                                          \
	0x40000000ull /* free natively, under sanitizers, valgrind and qemu-user \
	               */
#define SHIM_HEAP_OFFSET    0x4000u
#define SHIM_HEAP_SIZE      0x20000u /* 128 KiB */
#define SHIM_STACK_OFFSET   (SHIM_HEAP_OFFSET + SHIM_HEAP_SIZE)
#define SHIM_STACK_SIZE     0x10000u /* 64 KiB: an SMC trap under qemu-user takes 5 KiB of it */
#define SHIM_SECTION_OFFSET (SHIM_STACK_OFFSET + SHIM_MAX_CONTEXTS * SHIM_STACK_SIZE)
#define SHIM_SECTION_MAX    0x40000u
#define SHIM_STATE_SIZE     (SHIM_SECTION_OFFSET + SHIM_SECTION_MAX)

/* Physical memory: endpoint 0 is the hypervisor itself, the others are VMs in the machine's order.
 */
#define SHIM_MAX_ENDPOINTS  14u
#define SHIM_ENDPOINT_PAGES 16u
#define SHIM_ENDPOINT_SIZE  (SHIM_ENDPOINT_PAGES * SHIM_PAGE)
#define SHIM_MEMORY_SIZE    (SHIM_MAX_ENDPOINTS * SHIM_ENDPOINT_SIZE)
#define SHIM_MEMORY_BASE    0x48000000ull
#define SHIM_PHYSICAL_BASE  0x80000000ull /* physical address of the first byte of endpoint 0 */

/*
 * Scheduling points: what a context is about to do. The order is part of the
 * layout. X(name, is_service): a service always stops, because the world
 * performs it on the next resume of that context.
 */
#define SHIM_POINTS(X)                                                                           \
	X(NONE, 0)        /* not started, or finished */                                         \
	X(CALL, 0)        /* an entry begins (guest call, VM or vCPU event, boot) */             \
	X(RETURN, 0)      /* the entry has ended; the answer is in x */                          \
	X(SMC, 1)         /* the conduit, before the SPMC acts; registers in x */                \
	X(SMC_DONE, 0)    /* the SPMC has answered; raised by the world */                       \
	X(LOCK, 0)        /* object */                                                           \
	X(TRYLOCK, 0)     /* object */                                                           \
	X(UNLOCK, 0)      /* object */                                                           \
	X(LOCKED, 0)      /* event only: object was acquired; args 0, 1: its name */             \
	X(UNLOCKED, 0)    /* object was released; args 0, 1: its name */                         \
	X(INJECT, 1)      /* arg: vm, vcpu, intid; result: enum shim_inject */                   \
	X(ONLINE, 1)      /* arg: vm, vcpu; result: 0 or 1 */                                    \
	X(ALLOC, 1)       /* arg: size; result: 0 if the world lets it fail */                   \
	X(FREE, 0)        /* arg: heap offset of the memory */                                   \
	X(ATOMIC, 0)      /* arg: address, size, is_write */                                     \
	X(LOAD, 0)        /* arg: address, size */                                               \
	X(STORE, 0)       /* arg: address, size */                                               \
	X(GUEST_LOAD, 0)  /* as LOAD, of memory that a guest can write */                        \
	X(GUEST_STORE, 0) /* as STORE, of such memory */                                         \
	X(PAGE_ALLOC, 1)  /* result: physical address of a page of the hypervisor's own, or 0 */ \
	X(PAGE_FREE, 0)   /* arg: physical address */                                            \
	X(MAP, 1)         /* arg: vm, guest address; result: physical address, or 0 */           \
	X(UNMAP, 0)       /* arg: physical address */                                            \
	X(DEFER, 0)       /* arg: work id */                                                     \
	X(TIMER_SET, 0)   /* arg: timer id, nanoseconds from now */                              \
	X(WINDOW, 0)      /* pending physical interrupts of this CPU may be taken here */        \
	X(VM_RELEASE, 0)  /* arg: vm; a destruction that was put off is over */                  \
	X(LOG, 0)         /* arg: level, value; the text is in control.log */                    \
	X(ALLOCATED, 0)   /* event only: arg: heap offset of the memory, size as asked for */

enum shim_point {
#define X(name, service) SHIM_POINT_##name,
	SHIM_POINTS(X)
#undef X
	        SHIM_POINT_COUNT
};

#define SHIM_MASK(point) (1ull << SHIM_POINT_##point)
/* Accesses to memory: an address is known. */
#define SHIM_MASK_MEMORY                                                                  \
	(SHIM_MASK(ATOMIC) | SHIM_MASK(LOAD) | SHIM_MASK(STORE) | SHIM_MASK(GUEST_LOAD) | \
	 SHIM_MASK(GUEST_STORE))
/* Granularities; see docs/guide. A mask is the set of points at which a resume stops. */
#define SHIM_MASK_CALL (SHIM_MASK(CALL) | SHIM_MASK(RETURN) | SHIM_MASK(SMC) | SHIM_MASK(SMC_DONE))
#define SHIM_MASK_SYNC                                                                       \
	(SHIM_MASK_CALL | SHIM_MASK(LOCK) | SHIM_MASK(TRYLOCK) | SHIM_MASK(UNLOCK) |         \
	 SHIM_MASK(INJECT) | SHIM_MASK(ONLINE) | SHIM_MASK(WINDOW) | SHIM_MASK(GUEST_LOAD) | \
	 SHIM_MASK(GUEST_STORE) | SHIM_MASK(ATOMIC))
#define SHIM_MASK_ACCESS (SHIM_MASK_SYNC | SHIM_MASK(LOAD) | SHIM_MASK(STORE))

/* What a context is started with: one row for every entry point of a mediator. */
#define SHIM_ENTRIES(X)                                                               \
	X(NONE)                                                                       \
	X(BOOT) /* options in control.options; result: enum ffa_status */             \
	X(SHUTDOWN)                                                                   \
	X(VM_CREATE)  /* arg: vm, vcpu count; result: enum ffa_status */              \
	X(VM_DESTROY) /* arg: vm; result: 1 if its end was put off, see VM_RELEASE */ \
	X(GUEST_CALL) /* arg: vm, vcpu; registers in x, both ways */                  \
	X(VCPU_ON)    /* arg: vm, vcpu */                                             \
	X(VCPU_OFF)   /* arg: vm, vcpu */                                             \
	X(INTERRUPT)  /* arg: intid */                                                \
	X(WORK)       /* arg: work id */                                              \
	X(TIMER)      /* arg: timer id */                                             \
	X(BARE)       /* arg: index of a bare context */

enum shim_entry {
#define X(name) SHIM_ENTRY_##name,
	SHIM_ENTRIES(X)
#undef X
	        SHIM_ENTRY_COUNT
};

enum shim_slot_state {
	SHIM_SLOT_IDLE,    /* free, or its entry has ended and the answer was taken */
	SHIM_SLOT_READY,   /* entry filled in by the brain, not started */
	SHIM_SLOT_RUNNING, /* between resume and stop */
	SHIM_SLOT_STOPPED, /* at `point`, not yet past it */
	SHIM_SLOT_BLOCKED, /* waits for `object`, which is held */
	SHIM_SLOT_DONE,    /* the entry has ended */
	SHIM_SLOT_CRASHED, /* signal, pc, fault tell how */
	SHIM_SLOT_DRAIN,   /* the ring must be read; resume with the same mask once it is */
};

/* What an injection service says. A silent one always answers UNKNOWN. */
enum shim_inject {
	SHIM_INJECT_DROPPED,  /* the vCPU was off line; nobody will see the interrupt */
	SHIM_INJECT_ACCEPTED, /* pending at the vCPU, or merged with one that is */
	SHIM_INJECT_UNKNOWN,
};

/* Codes of slot.fault beside a signal number: the SDK itself stopped the context. */
enum shim_fault {
	SHIM_FAULT_NONE,
	SHIM_FAULT_SIGNAL,      /* slot.signal, slot.pc, slot.address */
	SHIM_FAULT_RUNAWAY,     /* has not come to a stop for too long */
	SHIM_FAULT_UNLOCK,      /* unlock of an object that this context does not hold */
	SHIM_FAULT_RELOCK,      /* lock of an object that this context holds already */
	SHIM_FAULT_HEAP,        /* free of something that is not a live allocation */
	SHIM_FAULT_LIMIT,       /* a SHIM_MAX_ limit was reached; text in control.error */
	SHIM_FAULT_INSTRUCTION, /* smc or hvc with an immediate that is not zero */
	SHIM_FAULT_OBJECT,      /* use of a lock that was never initialised, or is finished */
	SHIM_FAULT_PANIC,       /* the mediator or its port gave up; text in control.error */
};

/* slot.address of a fault whose address the processor does not report. */
#define SHIM_NO_ADDRESS UINT64_MAX

/*
 * The registers at a signal that crashed a context, because the stack cannot be trusted to take
 * them. saved: those that a function keeps, x86-64: r15 to r12, rbx, rbp; aarch64: x19 to x30.
 */
#define SHIM_SAVED_REGISTERS 12u

struct shim_crash {
	uint64_t context; /* + 1; 0: the context that crashed has its registers at slot.sp */
	uint64_t pc;
	uint64_t sp;
	uint64_t saved[SHIM_SAVED_REGISTERS];
};

/* What an access does with its operand; of a comparison that is the value it hopes to find. */
#define SHIM_ACCESSES(X) \
	X(LOAD)          \
	X(STORE)         \
	X(EXCHANGE)      \
	X(ADD)           \
	X(SUB)           \
	X(AND)           \
	X(OR)            \
	X(XOR)           \
	X(NAND)          \
	X(COMPARE)       \
	X(FENCE) /* in events only: no address, no size */

enum shim_access {
#define X(name) SHIM_ACCESS_##name,
	SHIM_ACCESSES(X)
#undef X
};

struct shim_slot {
	uint32_t state;  /* enum shim_slot_state */
	uint32_t entry;  /* enum shim_entry */
	uint32_t cpu;    /* physical CPU the context runs on */
	uint32_t point;  /* enum shim_point */
	uint32_t object; /* index + 1, 0 for none */
	uint32_t fault;  /* enum shim_fault */
	int32_t signal;
	uint32_t access; /* enum shim_access, at a point of an access */
	uint64_t entry_arg[4];
	uint64_t entry_result;
	uint64_t arg[4];  /* of an access, arg 3: its operand, see enum shim_access */
	uint64_t result;  /* of a service, filled in by the world */
	uint64_t sp;      /* while stopped; live stack is [sp, top of the context's stack) */
	uint64_t pc;      /* of an access or a fault */
	uint64_t address; /* of a fault */
	struct ffa_regs regs;
};

/* A named object: a lock today. Lives in the state, so that it is part of every snapshot. */
enum shim_object_kind { SHIM_OBJECT_FREE, SHIM_OBJECT_LOCK };

struct shim_object {
	char class_name[SHIM_CLASS_SIZE]; /* NUL-terminated */
	uint16_t owner; /* endpoint id; 0: the object has no owner, its name has no brackets */
	uint8_t kind;   /* enum shim_object_kind */
	uint8_t holder; /* context + 1, 0 if free */
};

/* The first bytes of the state area. Only `objects[0 .. object_top)` is meaningful. */
struct shim_core {
	uint32_t heap_top;    /* live prefix of the heap, bytes */
	uint32_t alloc_live;  /* allocations not freed */
	uint32_t object_live; /* objects not destroyed */
	uint32_t object_top;
	uint64_t sdk[16]; /* private to the SDK */
	struct shim_object objects[SHIM_MAX_OBJECTS];
};

struct shim_event {
	uint8_t context;
	uint8_t point;   /* enum shim_point */
	uint16_t object; /* index + 1 */
	uint32_t flags;  /* SHIM_EVENT_ */
	uint64_t arg[3];
};

/*
 * The name in an event of LOCK (blocked), LOCKED and UNLOCKED: the class in the first
 * SHIM_CLASS_SIZE bytes of args 0 and 1, the owner in the two highest; arg 2: the holder.
 */
#define SHIM_EVENT_BLOCKED 1u /* the lock was held: the context waits */
#define SHIM_EVENT_FAILED  2u /* a trylock that did not get the lock */
#define SHIM_EVENT_TRIED   4u /* a trylock that did */

/*
 * The flags of an event of ATOMIC, LOAD and STORE: the kind (enum shim_access; of a comparison that
 * found another value LOAD), the memory order it asks for (__ATOMIC_RELAXED and so on; 0 of plain
 * and volatile ones), and whether it is volatile and no C11 atomic. Args: address, size, pc (the
 * address behind the call of the hook).
 */
#define SHIM_ACCESS_KIND            0xffu
#define SHIM_ACCESS_VOLATILE        0x1000u
#define SHIM_ACCESS_ORDER(order)    (((uint32_t)(order)&0xfu) << 8)
#define SHIM_ACCESS_ORDER_OF(flags) ((flags) >> 8 & 0xfu)

/* Where the subject's sections lie, published at attach. */
struct shim_sections {
	uint64_t address; /* in the subject */
	uint64_t size;    /* bytes in use, at most SHIM_SECTION_MAX; at SHIM_SECTION_OFFSET of the
	                     state */
};

enum shim_hello {
	SHIM_HELLO_NONE,
	SHIM_HELLO_READY,
	SHIM_HELLO_REFUSED, /* text in error */
};

struct shim_control {
	uint64_t magic;
	uint32_t version;      /* of the brain */
	uint32_t size;         /* sizeof(struct shim_control) */
	uint32_t slot_size;    /* sizeof(struct shim_slot) */
	uint32_t core_size;    /* sizeof(struct shim_core) */
	uint32_t peer_version; /* of the subject */
	uint32_t hello;        /* enum shim_hello */
	/* Hand-over words; each is a futex. A side waits while its word is 0 and clears it on
	 * waking. */
	uint32_t to_subject;
	uint32_t to_brain;
	/* The resume request. */
	uint32_t context;
	uint32_t command; /* enum shim_command */
	uint64_t mask;    /* of enum shim_point */
	uint64_t events;  /* points that are written to the ring */
	/* The event ring: [tail, head), modulo SHIM_RING_EVENTS; the subject writes, the brain
	 * reads. */
	uint32_t head;
	uint32_t tail;
	uint64_t traps; /* instructions trapped as SMC (aarch64); a diagnostic, never traced */
	struct shim_sections sections;
	uint32_t instrumented; /* accesses of the mediator are points and events */
	uint32_t reserved;
	struct shim_sections image;      /* code and constants too; no part of the state */
	char subject[32];                /* name, printable */
	char build[32];                  /* "plain", "O2", "O0" */
	char profile[SHIM_PROFILE_SIZE]; /* what it says it follows: subject_profile() */
	char options[SHIM_OPTIONS_SIZE]; /* "key=value" lines of the machine */
	char error[SHIM_ERROR_SIZE];
	char log[SHIM_ERROR_SIZE]; /* text of the last LOG event */
	struct shim_crash crash;   /* of the last context that crashed */
	struct shim_event ring[SHIM_RING_EVENTS];
};

enum shim_command { SHIM_COMMAND_RESUME, SHIM_COMMAND_EXIT };

_Static_assert(sizeof(struct shim_slot) <= SHIM_PAGE, "a slot fits its page");
_Static_assert(sizeof(struct shim_core) <= SHIM_HEAP_OFFSET, "the core fits before the heap");
_Static_assert(SHIM_POINT_COUNT <= 64, "a mask has 64 bits");
_Static_assert(sizeof(struct shim_event) == 32, "events are packed");

/* The places where one side has the shared memory mapped. */
struct shim_map {
	struct shim_control *control;
	uint8_t *slots;  /* SHIM_MAX_CONTEXTS pages */
	uint8_t *state;  /* SHIM_STATE_SIZE bytes */
	uint8_t *memory; /* SHIM_MEMORY_SIZE bytes, endpoint after endpoint */
};

static inline struct shim_slot *shim_slot(const struct shim_map *map, uint32_t context)
{
	return (struct shim_slot *)(void *)(map->slots + (uint64_t)context * SHIM_PAGE);
}

static inline struct shim_core *shim_core(const struct shim_map *map)
{
	return (struct shim_core *)(void *)map->state;
}

#define SHIM_NO_CONTEXT UINT32_MAX

/*
 * Asked on the stack of a context that has stopped at a point or come to its end: the context that
 * goes on, which is itself stopped at a point; or SHIM_NO_CONTEXT.
 */
typedef uint32_t shim_next(void *user, uint32_t context);

/*
 * What an inline subject (a shared object) exports as `shim_subject`; the same
 * object, linked into a program with the SDK's host, is a process subject.
 *
 * attach() takes the mapping, fills in control.hello and the section range and
 * answers 0; after a refusal it answers -1 and control.error says why.
 * resume() runs one context to its next stop.
 * run() goes on from stop to stop without the brain's stack, which makes a step as cheap as a
 * call: it returns when next() answers SHIM_NO_CONTEXT, and, without asking, when a context stops
 * for another reason (a crash, a held lock, a full ring). NULL in a build with a sanitizer, which
 * must be told of every change of stack.
 */
struct shim_subject {
	uint32_t version; /* SHIM_VERSION it was built with */
	uint32_t size;    /* sizeof(struct shim_subject) */
	int (*attach)(const struct shim_map *map);
	void (*resume)(uint32_t context);
	void (*run)(uint32_t context, shim_next *next, void *user);
};

extern const struct shim_subject shim_subject;

#define SHIM_SUBJECT_SYMBOL "shim_subject"
/* Environment of a process subject: fd numbers in the order of enum shim_fd, comma-separated. */
#define SHIM_FDS_VARIABLE "FFASIM_SHIM_FDS"

/* Exit status of a process subject that cannot map the shim: there is no memory left. */
#define SHIM_EXIT_NO_MEMORY 70

enum shim_fd {
	SHIM_FD_CONTROL,
	SHIM_FD_STATE,
	SHIM_FD_SLOT,                                      /* the first of SHIM_MAX_CONTEXTS */
	SHIM_FD_MEMORY = SHIM_FD_SLOT + SHIM_MAX_CONTEXTS, /* the first of SHIM_MAX_ENDPOINTS */
	SHIM_FD_COUNT = SHIM_FD_MEMORY + SHIM_MAX_ENDPOINTS
};

#endif
