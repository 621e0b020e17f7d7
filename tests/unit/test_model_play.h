/* SPDX-License-Identifier: MIT */
/*
 * A mediator played by hand, for tests of the model: entries, SMCs and their
 * answers go to the model's part as events of a world without a subject. Three
 * VMs, ids 1 to 3, of two vCPUs each, all on line; SPs as play_boot() is told.
 *
 * Contexts are numbers of the test's choice. The first finding is kept.
 */
#ifndef TESTS_UNIT_TEST_MODEL_PLAY_H
#define TESTS_UNIT_TEST_MODEL_PLAY_H

#include "sim/model/conduit.h"
#include "sim/run.h"

#define SRI 12u

#define SP1 0x8001u
#define SP2 0x8002u
#define SP3 0x8003u

#define CREATIONS 0x40u
#define ENDS      0x80u

extern struct sim_run play;

/* Before the boot of a mediator that announces this. */
void play_begin(const char *profile);
/* What the model has said against it; NULL: nothing. */
const char *complaint(void);

/* Events. */
void enter(unsigned context, enum shim_entry entry, uint64_t a, uint64_t b);
void leave(unsigned context, enum shim_entry entry, uint64_t a, int64_t result);
void call(unsigned context, unsigned vm, struct ffa_regs regs);
void answer(unsigned context, unsigned vm, struct ffa_regs regs);
void smc(unsigned context, struct ffa_regs said, struct ffa_regs answered);
void act(unsigned context, enum world_event_kind kind, uint64_t a, uint64_t b, int64_t result);
void inject(unsigned context, unsigned vm, unsigned vcpu);
void set_online(unsigned vm, unsigned vcpu, bool online);

/* Answers. */
extern const struct ffa_regs success;
struct ffa_regs error(enum ffa_status status);
struct ffa_regs response(uint16_t sp, uint32_t event, enum ffa_status status);

/* Said to the SPMC. */
struct ffa_regs event_of(uint16_t sp, uint32_t event, uint16_t vm);

/* An SP as the SPMC lists it. */
struct listed {
	uint16_t id;
	uint32_t properties;
};

/*
 * A boot as it should be, with an SPMC that has everything but `lacks` (0: nothing) and lists these
 * SPs; up to its end, which is left to the caller if `open`.
 */
void play_boot(uint32_t lacks, const struct listed *sps, unsigned count, bool open);
/* The parts of it. */
void say_version(uint32_t theirs);
void say_id(void);
void ask_all(uint32_t lacks);
void ask_all_but(uint32_t skipped);
void map_pages(void);
void list_sps(const struct listed *sps, unsigned count);
/* The same, and says that descriptors are of this size. */
void list_sps_as(const struct listed *sps, unsigned count, uint32_t size);
void release_rx(void);

/* A VM of this id, told to nobody, that has negotiated 1.2. */
void play_vm(unsigned vm);

#endif
