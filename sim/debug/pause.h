/* SPDX-License-Identifier: MIT */
/*
 * A run that is stopped before one of its steps. Steps are the lines of the
 * contract trace of the schedule, as tables number them from 1; those of the
 * set-up, if the run fails there. The pause is before the actor that does the
 * step goes on: it stands at the point behind which the step happens.
 *
 * All runs but that of sim_pause_debug() are made in processes of their own.
 */
#ifndef SIM_DEBUG_PAUSE_H
#define SIM_DEBUG_PAUSE_H

#include "sim/oracle/oracle.h"
#include "sim/subject.h"

struct sim_pause_options {
	struct sim_subject_request subject; /* mediator is filled in from the scenario */
	struct sim_oracle_levels oracles;
	const char *path;     /* of the scenario */
	const char *schedule; /* NULL: its only one */
	const char *replay; /* instead: a path of an exploration, see sim/explore/path.h; or NULL */
	bool oracles_only;  /* what the scenario itself expects is not judged */
};

/* A moment of a run: before an actor goes on for the go-th time of all. */
struct sim_pause {
	uint32_t go;
	bool setup;
	uint32_t step; /* the one that was asked for */
	/* The step is a crash of an inline subject, so far from its shim_subject; 0: it is none. */
	uint64_t crash;
	uint32_t crash_inner; /* see sim_frames_inner() */
};

/*
 * Finds the pause before a step. If the run ends in a crash, the step after its last line is that
 * crash. False, with an error, if there is no such step, or nothing to run.
 */
bool sim_pause_find(const struct sim_pause_options *options, uint32_t step,
                    struct sim_pause *ret_pause, GError **error);

/* What is known of a pause. */
struct sim_paused {
	char *text;  /* for people: where every actor stands */
	char *actor; /* who is about to do the step */
	/* The entry of struct subject_entries that the actor is about to come into; NULL: it is
	 * inside, or nobody of the mediator does the step. */
	char *entry;
	bool inside; /* the actor is inside the mediator */
};

void sim_paused_free(struct sim_paused *paused); /* accepts NULL */
typedef struct sim_paused SimPaused;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimPaused, sim_paused_free)

/* NULL, with an error, if the run does not come to that pause. */
struct sim_paused *sim_pause_look(const struct sim_pause_options *options,
                                  const struct sim_pause *at, GError **error);

/* Runs in this process and calls shim_debug_stop() at the pause. */
bool sim_pause_debug(const struct sim_pause_options *options, const struct sim_pause *pause,
                     GError **error);

#endif
