/* SPDX-License-Identifier: MIT */
/*
 * The part "conduit" of the profile multi-vm-1.2: what is said to the SPMC, and
 * what must come of its answers. Every entry of the mediator is a conversation:
 * its rules say at any moment which SMCs may come next, with all registers, and
 * whether the entry may end, and with what. Everything else is refuted, an entry
 * that has no rules may say nothing at all.
 *
 *   boot, shutdown              firmware.c
 *   creation and end of VMs     events.c
 *   calls of guests             sp_calls.c
 *   the SRI and its work        sri.c
 *   indications                 sp_news.c: what follows from them for guests
 *
 * Those files know nothing of the mediator but what passes here. An SMC is
 * atomic: the world answers it before anybody else goes on.
 *
 * Source: docs/design/vm-events.md, docs/design/notifications.md.
 */
#ifndef SIM_MODEL_CONDUIT_H
#define SIM_MODEL_CONDUIT_H

#include "sim/model/conduit_state.h"
#include "sim/model/model.h"

extern const struct sim_model_part sim_model_conduit_part;

/* An entry at a moment of its conversation. */
struct sim_model_scene {
	struct sim_run *run;
	struct sim_model_conduit *conduit;
	struct sim_model_talk *talk;
	uint32_t context;
};

#define SIM_MODEL_MAX_SAYINGS (SIM_MODEL_MAX_SPS + 2u)

/* What may come next. */
struct sim_model_turn {
	struct ffa_regs say[SIM_MODEL_MAX_SAYINGS];
	uint8_t said[SIM_MODEL_MAX_SAYINGS]; /* becomes talk->said */
	unsigned count;
	bool question;   /* any FFA_FEATURES; talk->said is then SIM_MODEL_QUESTION */
	bool end;        /* the entry may end */
	const char *act; /* what else is due before it may, in words; NULL: nothing */
};

#define SIM_MODEL_QUESTION   0xfeu
#define SIM_MODEL_BUSY_CALLS 11u

/* The rules of one kind of entry; each may be NULL. */
struct sim_model_rules {
	void (*enter)(struct sim_model_scene *scene, const struct world_event *event);
	/* What may come next; NULL: no SMC, and the end at any time. */
	void (*turn)(const struct sim_model_scene *scene, struct sim_model_turn *turn);
	/* The answer to what was said. */
	void (*hear)(struct sim_model_scene *scene, const struct ffa_regs *answer);
	/* Everything else that the entry does. */
	void (*act)(struct sim_model_scene *scene, const struct world_event *event);
	/* The end, which the turn allows. The talk is forgotten afterwards. */
	void (*leave)(struct sim_model_scene *scene, const struct world_event *event);
};

extern const struct sim_model_rules sim_model_boot_rules, sim_model_shutdown_rules,
        sim_model_create_rules, sim_model_destroy_rules, sim_model_timer_rules,
        sim_model_call_rules, sim_model_vcpu_rules, sim_model_interrupt_rules, sim_model_work_rules;

/* At rest every SRI has led to a question. */
void sim_model_sri_rest(struct sim_run *run);

/* Adds to what may be said. */
void sim_model_say(struct sim_model_turn *turn, uint8_t said, struct ffa_regs regs);

/* A finding about the entry, behind its name; the entry is not judged any further. */
void sim_model_object(struct sim_model_scene *scene, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* An answer of the SPMC: FFA_OK, its negative code, or NOT_SUPPORTED if it is neither. */
int32_t sim_model_status(const struct ffa_regs *answer);
bool sim_model_succeeds(const struct ffa_regs *answer);
/*
 * Whether the SPMC is busy, so that the same is due again, SIM_MODEL_BUSY_CALLS
 * times at most; the last answer counts.
 */
bool sim_model_asks_again(struct sim_model_talk *talk, const struct ffa_regs *answer);

/* The index of a VM's record by its id; SIM_MODEL_NO_VM if the machine has no such id. */
unsigned sim_model_vm_of_id(const struct sim_run *run, uint32_t id);
/* The same for an index of the world's, WORLD_NO_VM included. */
unsigned sim_model_vm_of_index(const struct sim_run *run, uint32_t index);
const char *sim_model_vm_name(const struct sim_run *run, unsigned vm);

/* The name of a status code, or its number. */
const char *sim_model_status_text(int32_t status, char *buffer, size_t size);

#endif
