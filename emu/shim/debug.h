/* SPDX-License-Identifier: MIT */
/*
 * A place for a debugger to stop: the brain calls shim_debug_announce() when it
 * is about to resume the context that somebody wants to see, and that calls
 * shim_debug_stop() with these variables set. The debugger then stops once more
 * where that context goes on, and stands in the mediator.
 */
#ifndef EMU_SHIM_DEBUG_H
#define EMU_SHIM_DEBUG_H

#include <stdint.h>

/* Where the context goes on; 0: it is about to enter the mediator. */
extern uint64_t shim_debug_pc;
/* Where the frame that reports name goes on; 0: unknown. */
extern uint64_t shim_debug_frame;
/* Frames with the same address that are inlined into that one. */
extern uint64_t shim_debug_inner;

void shim_debug_announce(uint64_t pc, uint64_t frame, uint64_t inner);

/* Does nothing; kept as a function for a breakpoint. */
void shim_debug_stop(void);

#endif
