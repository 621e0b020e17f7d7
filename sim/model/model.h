/* SPDX-License-Identifier: MIT */
/*
 * Executable specifications: what a mediator that follows a named profile may
 * do, told from what it does. The oracle "model" runs the one that the subject
 * announces (subject_profile()), event by event, beside the real thing.
 *
 * A specification is made of parts, each with a concern of its own: what calls
 * of guests may answer (linearizability against a sequential specification),
 * what is said to the SPMC during an entry, when an SP must be told. A part sees every
 * event of the world in order and refutes what its rules do not allow. It must
 * allow all that they do: where a rule leaves a choice, the words behind the
 * name of the profile tell which one the mediator made, or every one is allowed.
 *
 * What a part remembers is flat, in struct sim_model_state (state.h), and is
 * saved, restored and hashed with the world. Parts read nothing of the
 * mediator but what passes its ABI: calls, answers, SMCs, injections.
 *
 * Sources: docs/design/model.md; facts concurrency.md section 5, target 7.
 */
#ifndef SIM_MODEL_MODEL_H
#define SIM_MODEL_MODEL_H

#include <glib.h>

#include "emu/world/world.h"

/* An id that a mediator need not accept for a VM, but may: facts spmc-differences D25. */
#define SIM_MODEL_UNUSABLE_ID 0x7fffu

struct sim_run;

struct sim_model_part {
	const char *name;
	/* The subject has announced what it follows, and has made no SMC. NULL: nothing to do. */
	void (*begin)(struct sim_run *run);
	void (*event)(struct sim_run *run, const struct world_event *event);
	void (*rest)(struct sim_run *run);
	void (*end)(struct sim_run *run);
};

struct sim_model {
	const char *profile;                       /* its name: the first word */
	const char *const *words;                  /* that may follow, NULL-terminated */
	const struct sim_model_part *const *parts; /* NULL-terminated */
};

/*
 * The specification that the subject of the run has announced; NULL if none is known by it.
 * follow() looks it up, once, and begins it, if there is no complaint; for the oracle only.
 */
const struct sim_model *sim_model_of(const struct sim_run *run);
const struct sim_model *sim_model_follow(struct sim_run *run);

/*
 * What is wrong with what the subject has announced: a specification or a word that is not known
 * here, or more than there is room for. NULL: nothing, or it has announced nothing. Caller frees.
 */
char *sim_model_complaint(const struct sim_run *run);

/* Whether the subject has announced this word behind the name of its profile. */
bool sim_model_word(const struct sim_run *run, const char *word);

/* A finding of the oracle "model": what was observed, and what would have been allowed. */
void sim_model_refute(struct sim_run *run, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same, with more lines for people. */
void sim_model_refute_detailed(struct sim_run *run, const char *detail, const char *format, ...)
        G_GNUC_PRINTF(3, 4);

#endif
