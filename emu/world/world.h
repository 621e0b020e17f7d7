/* SPDX-License-Identifier: MIT */
/*
 * The world: the machine around a subject. Sequential and deterministic; it
 * answers SMCs as the SPMC, owns VMs, vCPUs, interrupts, memory and virtual
 * time, and turns what the subject does into one stream of events.
 *
 * It never decides who runs: sim/ starts entries in contexts and resumes them.
 *
 *   world_init      once for a link; takes the pristine snapshot
 *   world_reset     back to before boot, with a machine
 *   world_start     fills a context with an entry
 *   world_resume    one context, to its next stop
 *   world_save/load snapshot of everything that a run changes
 *
 * Everything that changes during a run lies in struct world_state, which holds
 * no pointers, and in the subject's state. Nothing is allocated during a run.
 */
#ifndef EMU_WORLD_WORLD_H
#define EMU_WORLD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "emu/shim/link.h"
#include "emu/world/sp.h"
#include "emu/world/spmc.h"

/* Limits. */
#define WORLD_MAX_VMS       12u
#define WORLD_MAX_VCPUS     4u /* of one VM */
#define WORLD_MAX_INTIDS    64u
#define WORLD_MAX_WORK      SHIM_MAX_WORK /* deferred work items and timers, by number */
#define WORLD_PAGES         (SHIM_MAX_ENDPOINTS * SHIM_ENDPOINT_PAGES)
#define WORLD_PROBE_CONTEXT (SHIM_MAX_CONTEXTS - 1) /* questions asked on a copy of the state */
#define WORLD_NO_VM         UINT32_MAX
#define WORLD_MAX_SERVICES  4u /* performed in one resume; see world_resume() */

_Static_assert(WORLD_MAX_VMS + 1 <= SHIM_MAX_ENDPOINTS, "every endpoint has memory");

/*
 * The machine, constant during a run. VMs may share an id, of which one exists at a time: a
 * platform that creates the next one while the last is going asks the mediator for what it must
 * refuse.
 */
struct world_vm_config {
	struct ffa_id id;
	uint16_t vcpus;
	uint32_t online; /* bit per vCPU that is on line once the VM has been created */
};

struct world_config {
	struct world_spmc_config spmc;
	bool silent_injection; /* the injection service answers UNKNOWN */
	struct world_vm_config vms[WORLD_MAX_VMS];
	unsigned vm_count;
	struct world_sp sps[WORLD_MAX_SPS];
	unsigned sp_count;
	char options[SHIM_OPTIONS_SIZE];
};

/* The state, flat. */
struct world_vcpu {
	uint64_t inflight; /* interrupts pending at the vCPU, bit per INTID */
	bool online;
	bool notified; /* accepted an NPI since a GET last left nothing pending, and is on line
	                  since */
};

enum world_vm_state {
	WORLD_VM_ABSENT,
	WORLD_VM_CREATING,
	WORLD_VM_LIVE,
	WORLD_VM_DYING, /* being destroyed, or destroyed and held by the mediator */
};

struct world_vm {
	uint8_t state;     /* enum world_vm_state */
	uint8_t inside;    /* contexts of its vCPUs inside the mediator */
	uint8_t probe_due; /* a GET has ended; whether it left anything pending is not known yet */
	uint32_t npi_count;
	struct world_vcpu vcpus[WORLD_MAX_VCPUS];
};

struct world_context {
	uint32_t vm; /* index of the VM whose vCPU entered the mediator here, or WORLD_NO_VM */
	uint32_t entry_vm; /* index of the VM that is created or destroyed, or whose vCPU goes on or
	                      off line, in the entry here */
	uint32_t vcpu;
	uint32_t fail_alloc; /* the n-th allocation from now fails; 0: none */
	uint32_t smc;        /* function id of the last SMC */
	uint32_t under; /* context + 1 of the interrupt that runs on top of this one; 0: none */
};

struct world_state {
	uint64_t now; /* nanoseconds of virtual time */
	uint64_t
	        dirty[(WORLD_PAGES + 63) / 64]; /* a bit for each page that may have been written */
	uint32_t own_pages;                     /* allocated pages of endpoint 0, a bit each */
	uint32_t mapped;                        /* guest pages the mediator has mapped */
	uint32_t sri;   /* physical interrupts pending, a bit for each INTID below 32 */
	uint32_t phase; /* enum world_phase */
	uint32_t work;  /* deferred work asked for and not begun, a bit each */
	uint64_t timers[WORLD_MAX_WORK];    /* when each is due; 0: not set */
	uint8_t timer_cpus[WORLD_MAX_WORK]; /* which set each last, and runs it */
	struct world_spmc spmc;
	struct world_vm vms[WORLD_MAX_VMS];
	struct world_context contexts[SHIM_MAX_CONTEXTS];
};

/* Events, in order. Those that are not contract events are diagnostics and never compared. */
#define WORLD_EVENTS(X)                                                                           \
	X(ENTER, 1)    /* entry, arg; of a guest call also vm, vcpu, regs */                      \
	X(LEAVE, 1)    /* entry, result; of a guest call also vm, vcpu, regs */                   \
	X(SMC, 1)      /* regs */                                                                 \
	X(SMC_DONE, 1) /* regs */                                                                 \
	X(SPMC_STOPPED,                                                                           \
	  1)       /* in place of SMC_DONE; regs of the call; arg 0: enum world_spmc_stop */      \
	X(WAIT, 1) /* object is held by another context */                                        \
	X(LOCK, 1) /* object; result: 1 if it was tried, so that nobody would have waited */      \
	X(LOCK_FAILED, 1)                                                                         \
	X(UNLOCK, 1)                                                                              \
	X(INJECT, 1)  /* vm, vcpu, arg 0: intid, result: enum shim_inject as told to the subject, \
	                 arg 1: as it really went */                                              \
	X(ONLINE, 1)  /* vm, vcpu, result */                                                      \
	X(TAKE, 1)    /* vm, vcpu, arg 0: intid */                                                \
	X(VCPU_ON, 1) /* vm, vcpu */                                                              \
	X(VCPU_OFF, 1)                                                                            \
	X(VM_LIVE, 1) /* vm */                                                                    \
	X(VM_GONE, 1)                                                                             \
	X(PAGE_ALLOC, 1) /* result: physical address */                                           \
	X(PAGE_FREE, 1)  /* arg 0: physical address, result: 0 if the page was not allocated */   \
	X(MAP, 1)        /* vm, arg 0: guest address, result: physical address, 0: refused */     \
	X(UNMAP, 1)      /* arg 0: physical address, result: 0 if nothing was mapped */           \
	X(DEFER, 1)      /* arg 0: work id */                                                     \
	X(TIMER_SET, 1)  /* arg 0: timer id, arg 1: nanoseconds */                                \
	X(VM_HELD, 1)    /* vm: destroyed, but its end was put off */                             \
	X(SP_CALL, 1)    /* arg 0: index of the SP, regs */                                       \
	X(SP_RETURN, 1)  /* arg 0: index of the SP, arg 1: id of its call, regs */                \
	X(WRITE, 1)      /* vm, arg 0: physical address, arg 1: value, result: bytes */           \
	X(TIME, 1)       /* arg 0: now */                                                         \
	X(ALLOC, 0)      /* arg 0: size, result: 0 if it fails */                                 \
	X(WINDOW, 0)     /* pending interrupts of the CPU may be taken here */                    \
	X(ALLOCATED, 0)  /* arg 0: heap offset, arg 1: size as asked for */                       \
	X(FREE, 0)       /* arg 0: heap offset */                                                 \
	X(LOG, 0)        /* arg 0: level, arg 1: value, text */                                   \
	X(ACCESS, 0) /* arg 0: address, arg 1: size, result: is a write; access. Told when it is  \
	                done, of instrumented builds, once world_watch_accesses() was called */

enum world_event_kind {
#define X(name, contract) WORLD_EVENT_##name,
	WORLD_EVENTS(X)
#undef X
	        WORLD_EVENT_COUNT
};

/* An object by its name: class[owner], or class alone for owner 0. */
struct world_object {
	char class_name[SHIM_CLASS_SIZE];
	struct ffa_id owner;
};

/* What an access is beside its bytes. A fence has no bytes. */
struct world_access {
	uint64_t pc;    /* behind it */
	uint8_t kind;   /* enum shim_access */
	uint8_t order;  /* __ATOMIC_RELAXED to __ATOMIC_SEQ_CST */
	bool is_atomic; /* a C11 atomic, or volatile */
	bool is_volatile;
};

struct world_event {
	enum world_event_kind kind;
	uint32_t context;
	enum shim_entry entry;
	uint32_t vm; /* index, or WORLD_NO_VM */
	uint32_t vcpu;
	uint64_t arg[2];
	int64_t result;
	struct world_object object;
	uint32_t number; /* of the object: tells apart what has one name */
	struct world_access access;
	const struct ffa_regs *regs; /* valid during the callback */
	const char *text;
};

typedef void world_on_event(void *user, const struct world_event *event);

/* Why a context stopped. */
enum world_stop {
	WORLD_STOP_POINT,   /* at slot.point */
	WORLD_STOP_BLOCKED, /* waits for a held object */
	WORLD_STOP_DONE,    /* the entry has ended */
	WORLD_STOP_CRASH,   /* slot.fault, slot.signal */
	WORLD_STOP_LOST,    /* the subject died or hangs; link->error. Nothing works from here on */
	WORLD_STOP_SPMC,    /* in a call that never comes back: the SPMC has stopped */
};

struct world {
	struct world_config config;
	struct shim_link *link;
	world_on_event *on_event; /* may be NULL */
	void *user;
	bool quiet;             /* no events: a question is being asked on a copy */
	bool probe_cut;         /* the last question took more than WORLD_PROBE_STOPS */
	unsigned contexts_used; /* contexts [0, contexts_used) and the probe may be in use */
	uint64_t smc_count;     /* SMCs served since world_init; a diagnostic */
	/* Values of the knobs lie-... that broke an answer after the boot since world_init, a bit
	 * each; a diagnostic. */
	uint16_t lies_met[WORLD_KNOB_COUNT];
	struct world_snapshot *pristine;
	struct world_snapshot *scratch;
	uint32_t cpu;         /* which makes the SMC under way */
	const uint8_t *knobs; /* of the SPMC for the call under way; NULL: those of its
	                         configuration */
	struct world_state state;
};

/* Takes over an open link for the life of the world. NULL-safe finish; the link stays the caller's.
 */
void world_init(struct world *world, struct shim_link *link);
void world_finish(struct world *world);

/*
 * Whether accesses of the mediator to memory are events from here on; those of a context to its own
 * stack never are. A plain build has none to tell: world_sees_accesses() is whether this one does.
 */
void world_watch_accesses(struct world *world, bool watch);
bool world_sees_accesses(const struct world *world);

/* Back to the state after attach, with this machine. */
void world_reset(struct world *world, const struct world_config *config, unsigned contexts);

/* What the experiment does from here on; boot after a reset. */
void world_begin_phase(struct world *world, enum world_phase phase);

/* Fills an idle context. vm is an index; which arguments an entry has: SHIM_ENTRIES. */
void world_start_boot(struct world *world, uint32_t context);
void world_start_shutdown(struct world *world, uint32_t context);
void world_start_vm_create(struct world *world, uint32_t context, uint32_t vm);
void world_start_vm_destroy(struct world *world, uint32_t context, uint32_t vm);
void world_start_vcpu_on(struct world *world, uint32_t context, uint32_t vm, uint32_t vcpu);
void world_start_vcpu_off(struct world *world, uint32_t context, uint32_t vm, uint32_t vcpu);
void world_start_call(struct world *world, uint32_t context, uint32_t vm, uint32_t vcpu,
                      const struct ffa_regs *regs);
/*
 * A pending physical interrupt on the CPU of context `on`, which cannot go on
 * until it ends (`on` its own context: a CPU that does nothing else); a work item that was asked
 * for; a timer that is due.
 */
void world_start_interrupt(struct world *world, uint32_t context, uint32_t on, uint32_t intid);
void world_start_work(struct world *world, uint32_t context, uint32_t work);
void world_start_timer(struct world *world, uint32_t context, uint32_t timer);
void world_start_bare(struct world *world, uint32_t context, uint32_t index);

/* The lowest work item that may begin, the first timer that is due; -1 if there is none. */
int world_next_work(const struct world *world);
int world_next_timer(const struct world *world);

/* Whether those may be started now: see mediator/platform.h for the rules they keep. */
bool world_may_destroy(const struct world *world, uint32_t vm);
bool world_may_call(const struct world *world, uint32_t vm, uint32_t vcpu);

/*
 * Performs the service the context stopped at, if any, and runs it to its next
 * stop: a point in mask, a held lock, or the end. A context whose entry is done
 * is idle again after world_collect(). After WORLD_MAX_SERVICES services it stops at the next
 * even if the mask leaves it out, so that whoever resumes can count what has no end.
 */
enum world_stop world_resume(struct world *world, uint32_t context, uint64_t mask);

/* The answer of a finished entry; frees the context. regs may be NULL. */
int64_t world_collect(struct world *world, uint32_t context, struct ffa_regs *ret_regs);

/* A stopped or blocked context can go on: what it waits for, if anything, is free. */
bool world_enabled(const struct world *world, uint32_t context);

/* The object a context waits for or is about to use; false if there is none. */
bool world_object(const struct world *world, uint32_t context, struct world_object *ret_object,
                  uint32_t *ret_holder);

/* Takes a pending interrupt of the vCPU: intid, or the lowest for 0. Answers it, 0 if none is
 * pending. */
uint32_t world_take_interrupt(struct world *world, uint32_t vm, uint32_t vcpu, uint32_t intid);
bool world_interrupt_pending(const struct world *world, uint32_t vm, uint32_t vcpu, uint32_t intid);

void world_advance(struct world *world, uint64_t nanoseconds);

/*
 * What a GET of the VM's and the hypervisor's bits would return now, asked on a copy of the
 * state. False if the question cannot be answered: the VM is not alive, the call fails or waits, or
 * it needs more stops than WORLD_PROBE_STOPS, which probe_cut says.
 */
#define WORLD_PROBE_STOPS 256u

bool world_probe_pending(struct world *world, uint32_t vm, uint64_t *ret_bitmap);

/* Which interrupt FFA_FEATURES calls the NPI, asked in the same way. False: the VM has none. */
bool world_probe_npi(struct world *world, uint32_t vm, uint64_t *ret_intid);

/* Answers questions that were put off while a lock was held; called after every stop. */
void world_settle(struct world *world);

/* Snapshots. A snapshot fits every later state of the same world; free accepts NULL. */
struct world_snapshot *world_snapshot_new(void);
void world_snapshot_free(struct world_snapshot *snapshot);
void world_save(const struct world *world, struct world_snapshot *snapshot);
void world_load(struct world *world, const struct world_snapshot *snapshot);
size_t world_snapshot_size(const struct world_snapshot *snapshot);

/* The same in memory of the caller's, at most world_snapshot_limit() bytes; answers how many. */
size_t world_save_bytes(const struct world *world, uint8_t *bytes);
size_t world_load_bytes(struct world *world, const uint8_t *bytes);
size_t world_snapshot_limit(void);

/*
 * Zeroes the memory of the subject that is no part of a snapshot, as far as it was used: below the
 * stacks, above the heap. What the mediator leaves uninitialised does then not depend on what else
 * was run before, and two ways to one state lead to the same bytes.
 */
void world_wipe(struct world *world);
/* The same where all of that was wiped, and since then this context alone has run. */
void world_wipe_after(struct world *world, uint32_t context);
/* world_load_bytes() that leaves it wiped where it was. */
size_t world_load_wiped(struct world *world, const uint8_t *bytes);

/* What the mediator still holds and could give back, for the leak oracle. */
struct world_holdings {
	uint32_t allocations;
	uint32_t objects;
	uint32_t pages;   /* of the hypervisor's own */
	uint32_t mapped;  /* guest pages */
	uint32_t bitmaps; /* at the SPMC, created and not destroyed; the host's own not counted */
	bool rx_owned;    /* RX at the SPMC was not released */
};

void world_holdings(const struct world *world, struct world_holdings *ret_holdings);

/* The first physical address of a VM's memory, SHIM_ENDPOINT_SIZE bytes. */
static inline uint64_t world_vm_memory(uint32_t vm)
{
	return SHIM_PHYSICAL_BASE + (uint64_t)(vm + 1) * SHIM_ENDPOINT_SIZE;
}

/* A VM writes to its memory, little-endian and in one piece; the address is its own and aligned. */
void world_write(struct world *world, uint32_t vm, uint64_t physical, uint64_t value,
                 uint32_t bytes);

/* The page of a physical address, NULL if it is not memory; size must not cross the page. */
uint8_t *world_memory(struct world *world, uint64_t physical, size_t size, bool write);

#endif
