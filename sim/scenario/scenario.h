/* SPDX-License-Identifier: MIT */
/*
 * One loaded scenario: what a JSON file says, checked and resolved, in arrays
 * of plain data. Nothing here changes while it runs; the state of a run lives
 * in the world and in struct sim_run.
 *
 * Ownership: sim_scenario_load() returns a structure that owns everything it
 * points to; sim_scenario_free() takes it back and accepts NULL. Every element
 * keeps its place in the file, so that a verdict can name it.
 *
 * Names are resolved at load time: calls and fields through the ABI table,
 * endpoints through the machine, labels ("as") through the steps. Nothing is
 * looked up by name during a run.
 */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "abi/ffa_table.h"
#include "emu/world/spmc.h"
#include "sim/base/error.h"

/* Limits; the loader refuses a file that passes one and names it. */
#define SIM_MAX_FILE_SIZE (4u * 1024u * 1024u) /* bytes */
#define SIM_MAX_DEPTH     32u                  /* nested arrays and objects */
/* With all SPs as many ids as an answer of FFA_NOTIFICATION_INFO_GET holds. */
#define SIM_MAX_VMS       12u
#define SIM_MAX_VCPUS     4u /* of one VM */
#define SIM_MAX_SPS       8u
#define SIM_MAX_THREADS   16u  /* a vCPU of each VM, and the CPUs of the host */
#define SIM_MAX_STEPS     128u /* of one thread, and of the set-up */
#define SIM_MAX_LABELS    64u  /* bits of sim_step.after */
#define SIM_MAX_SCHEDULES 64u
#define SIM_MAX_MOVES     256u /* steps of one schedule */
#define SIM_MAX_OUTCOMES  32u  /* of each kind */
#define SIM_ALL_OUTCOMES  (4u * SIM_MAX_OUTCOMES)
#define SIM_MAX_COUNTERS  16u /* things that the outcomes count */
#define SIM_MAX_CHECKS    24u /* registers and fields of one expectation */
#define SIM_MAX_SMC_LOCKS 4u
#define SIM_CLASS_SIZE    12u /* the class of a lock with its NUL */
#define SIM_COUNTER_SIZE  56u /* the name of a counter with its NUL */
#define SIM_NAME_SIZE     24u /* an actor, VM, label or schedule name with its NUL */

/* Where something stands: 1-based; pointer is a JSON pointer such as "/threads/vm1.0/0/call". */
struct sim_place {
	const char *file;
	unsigned line;
	unsigned column;
	const char *pointer;
};

/* "machine" */
struct sim_vm {
	char name[SIM_NAME_SIZE]; /* "vm1" */
	struct ffa_id id;         /* default: its ordinal, from 1 */
	uint16_t vcpus;           /* default 1 */
	uint32_t online;          /* bit per vCPU on line after creation; default: all */
	bool absent; /* not created by the set-up of the machine: a "create-vm" step does it */
};

struct sim_sp {
	char name[SIM_NAME_SIZE];
	struct ffa_id id; /* default 0x8001 + ordinal */
	uint32_t properties;
	uint16_t contexts;
	uint32_t version; /* 0: the SPMC's */
	uint32_t uuid[4];
	uint32_t more_uuids[WORLD_MAX_UUIDS - 1][4];
	uint32_t more_properties[WORLD_MAX_UUIDS - 1]; /* default: properties */
	unsigned more_uuid_count;
	struct world_sp_answer answers[WORLD_MAX_ANSWERS];
	unsigned answer_count;
};

enum sim_injection { SIM_INJECTION_REPORTS, SIM_INJECTION_SILENT };

struct sim_machine {
	char mediator[SIM_NAME_SIZE]; /* base name of the subject; no meaning beyond that */
	char options[512]; /* "key=value\n"..., sorted by key; handed to the subject at boot */
	struct world_spmc_config spmc;
	enum sim_injection injection;
	char smc_locks[SIM_MAX_SMC_LOCKS][SIM_CLASS_SIZE]; /* may be held across an SMC */
	unsigned smc_lock_count;
	int32_t boot_status; /* "boot": what starting the mediator must answer; default FFA_OK */
	unsigned boot_fail_alloc; /* the n-th allocation of the boot fails, pages included; 0: none
	                           */
	struct sim_vm vms[SIM_MAX_VMS];
	unsigned vm_count;
	struct sim_sp sps[SIM_MAX_SPS];
	unsigned sp_count;
};

/* The notification pending interrupt, whatever number the mediator announces for it. */
#define SIM_INTID_NPI UINT32_MAX

/* What one step does. */
enum sim_action {
	SIM_ACTION_CALL,       /* a guest call: regs */
	SIM_ACTION_VCPU_ON,    /* vm, vcpu */
	SIM_ACTION_VCPU_OFF,   /* vm, vcpu */
	SIM_ACTION_VM_CREATE,  /* vm */
	SIM_ACTION_VM_DESTROY, /* vm */
	SIM_ACTION_ADVANCE,    /* virtual time, nanoseconds */
	SIM_ACTION_SP_CALL,    /* sp makes a call: regs; fid is 0 */
	SIM_ACTION_TAKE,       /* the vCPU waits for intid and takes it; disabled until then */
	SIM_ACTION_WRITE,      /* the vCPU writes value, of so many bytes, to its VM's memory */
};

/* One comparison of an expectation: (x[reg] >> shift) & mask == value; a wide field has two. */
struct sim_check {
	char name[SIM_NAME_SIZE];      /* as written: "vm_bitmap", "w2", "x3" */
	const struct ffa_field *field; /* NULL for a raw register */
	uint8_t reg;
	bool word; /* raw w register: low 32 bits */
	uint64_t value;
};

struct sim_expect {
	bool given;
	bool has_status;
	int32_t status; /* enum ffa_status; SUCCESS is FFA_OK */
	struct sim_check checks[SIM_MAX_CHECKS];
	unsigned check_count;
	struct sim_place place;
};

struct sim_step {
	enum sim_action action;
	unsigned thread; /* index of the actor; set-up steps name theirs too */
	uint32_t fid;
	struct ffa_regs regs;
	unsigned vm; /* index into machine.vms */
	unsigned vcpu;
	unsigned sp;    /* index into machine.sps */
	uint32_t intid; /* TAKE: a number, or SIM_INTID_NPI */
	uint64_t nanoseconds;
	uint64_t address; /* WRITE: physical */
	uint64_t value;
	unsigned bytes;      /* 1, 2, 4 or 8 */
	int label;           /* index, or -1 */
	uint64_t after;      /* labels of steps that must have ended before it begins, a bit each */
	bool after_idle;     /* begins only when no interrupt, work or due timer is left */
	unsigned fail_alloc; /* the n-th allocation made during this step fails; 0: none */
	struct sim_expect expect;
	struct sim_place place;
};

/* An actor: a vCPU ("vm1.0") or a CPU of the host ("host", "host.1": world actions only). */
struct sim_thread {
	char name[SIM_NAME_SIZE];
	bool is_vcpu;
	unsigned vm; /* index, if is_vcpu */
	unsigned vcpu;
	const struct sim_step *steps;
	unsigned step_count;
	struct sim_place place;
};

/* How far "run" goes. */
enum sim_until_kind {
	SIM_UNTIL_DONE,    /* every step of the actor is done (no "until") */
	SIM_UNTIL_RETURN,  /* its current (or next) step has returned */
	SIM_UNTIL_BLOCKED, /* it waits for a held lock or for an interrupt */
	SIM_UNTIL_CALL,    /* about to enter: "call": name or "*" */
	SIM_UNTIL_SMC,     /* about to make the SMC: name or "*" */
	SIM_UNTIL_SMC_DONE,
	SIM_UNTIL_LOCK,       /* about to take the named lock (lock or trylock), held or not */
	SIM_UNTIL_UNLOCKED,   /* has just released the named lock */
	SIM_UNTIL_UNLOCK,     /* about to release it */
	SIM_UNTIL_INJECT,     /* about to inject into the VM */
	SIM_UNTIL_ONLINE,     /* about to ask whether a vCPU of the VM is on line */
	SIM_UNTIL_ALLOC,      /* about to allocate */
	SIM_UNTIL_GUEST_LOAD, /* about to read memory of the VM: told by instrumented builds only */
	SIM_UNTIL_GUEST_STORE,
	SIM_UNTIL_COUNT
};

struct sim_until {
	enum sim_until_kind kind;
	uint32_t fid;                   /* CALL, SMC, SMC_DONE; 0: any */
	char lock_class[SIM_NAME_SIZE]; /* LOCK, UNLOCK: "notif" */
	int lock_vm;                    /* index, or -1: the lock has no owner */
	int vm;                         /* INJECT, ONLINE, GUEST_LOAD, GUEST_STORE; -1: any */
	unsigned times;                 /* the n-th time; default 1 */
};

/*
 * Actors that no thread of the file describes: the world has something for them to do or not. In a
 * schedule they are "sri" (a pending schedule receiver interrupt, on top of the actor named by
 * "on", or on a CPU of its own), "work" and "work.1" (deferred work), "timer" (one that is due).
 * "done" is the end of one such entry.
 */
enum sim_system_actor {
	SIM_SYSTEM_SRI = SIM_MAX_THREADS,
	SIM_SYSTEM_WORK,
	SIM_SYSTEM_WORK_1,
	SIM_SYSTEM_TIMER,
	SIM_SYSTEM_END
};

#define SIM_SYSTEM_COUNT (SIM_SYSTEM_END - SIM_SYSTEM_SRI)

struct sim_move {
	int on;          /* of "sri": the actor whose CPU takes it, or -1 */
	unsigned thread; /* index, or an enum sim_system_actor */
	struct sim_until until;
	struct sim_place place;
};

/* "rest" ends a schedule: lowest actor first, each to completion; implied if it is not written. */
struct sim_schedule {
	char name[SIM_NAME_SIZE]; /* "1", "2"... if not given */
	const struct sim_move *moves;
	unsigned move_count;
	struct sim_place place;
};

struct sim_expr; /* see sim/scenario/expr.h */

enum sim_outcome_kind {
	SIM_OUTCOME_ALWAYS,
	SIM_OUTCOME_NEVER,
	SIM_OUTCOME_SOMETIMES,
	SIM_OUTCOME_SCHEDULED, /* after every schedule of the file, and after no other order */
};

/* Counts the mediator's SMCs since the set-up: those of a call, or one message to one SP. */
struct sim_counter {
	char name[SIM_COUNTER_SIZE]; /* as written: "smcs(FFA_RUN)" */
	uint32_t fids[2];            /* both widths; 0: none */
	struct ffa_id receiver;      /* w1[15:0]; 0: neither it nor the flags matter */
	uint32_t flags;              /* w2 */
};

struct sim_outcome {
	enum sim_outcome_kind kind;
	const char *text;
	const struct sim_expr *expr;
	struct sim_place place;
};

struct sim_label {
	char name[SIM_NAME_SIZE];
	const struct sim_step *step;
};

struct sim_scenario {
	const char *path;           /* as given */
	const char *id;             /* path without ".json" */
	const char *about;          /* one sentence */
	const char *skip;           /* reason, or NULL */
	const char *known_failing;  /* reason, or NULL */
	const char *const *detects; /* NULL-terminated names of defect patches */
	struct sim_machine machine;
	struct sim_thread
	        threads[SIM_MAX_THREADS]; /* those of "threads" in file order, then
	                                     those that only the set-up names, without steps */
	unsigned thread_count;
	const struct sim_step *setup;
	unsigned setup_count;
	const struct sim_schedule
	        *schedules; /* at least one; a file without any has one of only "rest" */
	unsigned schedule_count;
	const struct sim_outcome *outcomes;
	unsigned outcome_count;
	struct sim_counter counters[SIM_MAX_COUNTERS]; /* each once */
	unsigned counter_count;
	struct sim_label labels[SIM_MAX_LABELS];
	unsigned label_count;
};

struct sim_scenario *sim_scenario_load(const char *path, GError **error);
/* The same for text in memory; path is the name it goes by. */
struct sim_scenario *sim_scenario_parse(const char *text, size_t length, const char *path,
                                        GError **error);
void sim_scenario_free(struct sim_scenario *scenario);
typedef struct sim_scenario SimScenario;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimScenario, sim_scenario_free)

/* The JSON Schema (draft 07) of scenario files, from the tables the loader uses. Caller frees. */
char *sim_scenario_schema(void);

/* "file:line:col: /pointer" of a place. Caller frees. */
char *sim_place_text(const struct sim_place *place);

#endif
