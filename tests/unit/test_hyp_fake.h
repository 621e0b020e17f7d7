/* SPDX-License-Identifier: MIT */
/*
 * A platform of a few lines for the mediator's unit tests: one thread, and
 * everything recorded. It fails the test on two locks held together, a lock
 * used before its init or after its fini, a lock left held, an SMC, an
 * allocation or a timer under a lock, and memory, pages or locks left over at
 * fake_finish().
 *
 * Interleavings: a hook runs once, in the place of another CPU, just before the
 * named lock is taken, or just before an allocation. VMs have the ids 1..3 here
 * and two vCPUs.
 */
#ifndef TESTS_UNIT_TEST_HYP_FAKE_H
#define TESTS_UNIT_TEST_HYP_FAKE_H

#include "mediator/hypervisor/hyp_internal.h"
#include "tests/test.h"

#define FAKE_VCPUS  2u
#define FAKE_VMS    (HYP_MAX_VMS + 1u)
#define FAKE_LOG    256u
#define FAKE_PAGES  2u
#define FAKE_TIMERS HYP_MAX_VMS
#define FAKE_POISON 0xdead0000beef0000ull /* in every register that a call does not use */

struct platform_vm {
	uint16_t number;
	bool online[FAKE_VCPUS];
	bool told[FAKE_VCPUS]; /* took an NPI since it came on line; tests clear it */
};

struct fake_injection {
	uint16_t vm;
	uint16_t vcpu;
	uint32_t intid;
};

struct fake {
	/* the secure side: what FFA_VERSION and FFA_ID_GET answer, which functions exist */
	uint64_t smc_version;
	uint64_t smc_id;
	enum ffa_status smc_id_status;
	bool smc_id_unknown; /* -1 in x0, as for a function that nobody implements */
	uint64_t smc_sri;    /* what FFA_FEATURES says of the SRI; 0: it is not supported */
	const uint32_t *smc_functions;
	size_t smc_function_count;
	struct ffa_regs smc_log[FAKE_LOG];
	size_t smc_count;
	void (*smc)(struct ffa_regs *regs); /* answers all other calls; NULL: there are none */

	/* interrupts */
	bool silent; /* cannot tell whether an NPI was dropped */
	void (*before_inject)(struct platform_vm *vm, uint16_t vcpu);
	struct fake_injection injections[FAKE_LOG]; /* tried, also the dropped ones */
	size_t injection_count;

	/* memory */
	bool no_memory;
	size_t allocations; /* alive */
	size_t locks;       /* alive */
	_Alignas(8) uint8_t pages[FAKE_PAGES][4096];
	bool page_used[FAKE_PAGES];
	size_t pages_left; /* that can be had before there are none */

	/* what was asked of the platform; a timer's time, 0 if it is not set */
	size_t defers;
	uint32_t deferred; /* the last number */
	uint64_t timers[FAKE_TIMERS];
	size_t windows;
	void (*window)(void);
	uint16_t released[FAKE_VMS]; /* numbers of VMs, in order */
	size_t release_count;
	void (*on_release)(struct platform_vm *vm);
	size_t warnings; /* and errors */

	/* another CPU */
	const char *hook_class; /* "alloc" or a lock class */
	uint16_t hook_owner;
	void (*hook)(void);

	struct platform_vm handles[FAKE_VMS];
	struct hyp_vm *vms[FAKE_VMS]; /* by id; NULL once destroyed */
};

extern struct fake fake;

/* Fresh platform with a 1.2 SPMC that has no function, and a booted mediator. */
void fake_start(bool vm_to_vm);
/* The platform alone; the test boots. */
void fake_reset(void);
/* Destroys what is left, shuts down and demands that nothing is. */
void fake_finish(void);

struct hyp_vm *fake_vm(uint16_t id);                      /* creates it, all vCPUs on line */
struct hyp_vm *fake_vm_at(uint16_t id, uint32_t version); /* and negotiates */
void fake_destroy(uint16_t id);                           /* which must not be put off */
void fake_hook(const char *lock_class, uint16_t owner, void (*hook)(void));

void fake_timer(uint32_t timer); /* fires it, which must be set */

/* A call with poison in the registers, and above the 32-bit ones, that it does not use. */
struct ffa_regs fake_call(uint16_t id, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3,
                          uint64_t x4);
/* The status of an answer; the shape of errors is asserted on the way. */
enum ffa_status fake_status(const struct ffa_regs *answer);

/* The calls themselves, on the low word of the bitmap. */
enum ffa_status fake_bind(uint16_t receiver, uint16_t sender, uint32_t bits);
enum ffa_status fake_unbind(uint16_t receiver, uint16_t sender, uint32_t bits);
enum ffa_status fake_set(uint16_t sender, uint16_t receiver, uint32_t bits);
/* The VM bitmap of a successful GET that asks for everything. */
uint64_t fake_get(uint16_t receiver);

void fake_vcpu(uint16_t id, uint16_t vcpu, bool online); /* the change and its entry */

#endif
