/* SPDX-License-Identifier: MIT */
/*
 * The call frames of a stopped context, from its saved registers and its stack
 * in the shim, by the unwind tables and the debug info of the subject's file;
 * inlined functions are frames of their own. Nothing runs for it, so it works
 * for an inline subject as for one in another process or for another machine.
 */
#ifndef SIM_DEBUG_FRAMES_H
#define SIM_DEBUG_FRAMES_H

#include <glib.h>

#include "emu/shim/link.h"

/* Frames of one context; deeper ones are left out. */
#define SIM_MAX_FRAMES 64u

struct sim_frame {
	uint64_t pc;    /* where it goes on; several inlined frames have one */
	char *function; /* NULL: unknown */
	char *file;     /* relative to the root of the sources; NULL: unknown */
	int line;
	bool sdk; /* of what hosts the mediator, not of the mediator or its port */
};

/*
 * Innermost first, struct sim_frame, without those of the SDK around the mediator; with them if
 * there are no others. Empty if the context is not inside the mediator or nothing is known.
 */
GPtrArray *sim_frames_new(const struct shim_link *link, uint32_t context);

/* Where the context goes on when it is resumed, an address of the subject; 0: it is not stopped. */
uint64_t sim_frames_resume_pc(const struct shim_link *link, uint32_t context);

#endif
