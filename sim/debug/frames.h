/* SPDX-License-Identifier: MIT */
/*
 * The call frames of a context that is stopped or has crashed, from its saved
 * registers and its stack in the shim, by the unwind tables and the debug info of the subject's
 * file; inlined functions are frames of their own. Nothing runs for it, so it works for an inline
 * subject as for one in another process or for another machine.
 */
#ifndef SIM_DEBUG_FRAMES_H
#define SIM_DEBUG_FRAMES_H

#include <glib.h>

#include "emu/shim/link.h"

/* Frames of one context; deeper ones are left out. */
#define SIM_MAX_FRAMES 64u

struct sim_frame {
	uint64_t pc; /* where it goes on, or of a crash stands; several inlined frames have one */
	char *function; /* NULL: unknown */
	char *file;     /* relative to the root of the sources; NULL: unknown */
	int line;
	bool sdk;  /* of what hosts the mediator, not of the mediator or its port */
	bool port; /* of the port: a file that has subject_entries, or one of emu/port */
};

/* What is known of the file behind an open link, which outlives it; nothing, if it is no subject of
 * ours. free accepts NULL. */
struct sim_unwinder;
struct sim_unwinder *sim_unwinder_new(const struct shim_link *link);
void sim_unwinder_free(struct sim_unwinder *unwinder);

/*
 * Innermost first, struct sim_frame, without those of the SDK around the mediator; with them if
 * there are no others. Empty if the context is not inside the mediator or nothing is known.
 */
GPtrArray *sim_frames_new(struct sim_unwinder *unwinder, uint32_t context);

/*
 * The frame that a report names: the innermost of the mediator, or of its port if there is none of
 * the mediator; NULL: nothing is known. A frame of frames.
 */
const struct sim_frame *sim_frames_place(const GPtrArray *frames);

/* How many frames before it have its address, because they are inlined into it. */
uint32_t sim_frames_inner(const GPtrArray *frames, const struct sim_frame *frame);

/* "notify.c:319" of that frame; NULL: it is not inside the mediator. Caller frees. */
char *sim_frames_short_place(const GPtrArray *frames);

/* "INDENT#0 take_pending at mediator/hypervisor/notify.c:319" for each; indent may begin a line. */
void sim_frames_append(GString *out, const GPtrArray *frames, const char *indent);

/* Where the context goes on when it is resumed, an address of the subject; 0: it is not stopped. */
uint64_t sim_frames_resume_pc(const struct shim_link *link, uint32_t context);

#endif
