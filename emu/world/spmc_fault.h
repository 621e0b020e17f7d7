/* SPDX-License-Identifier: MIT */
/*
 * Faults of the SPMC: calls of the normal world that it answers otherwise than
 * it would. A list of them is part of its configuration; how far each has come
 * is part of its state, so that the same calls in the same order always meet the
 * same faults.
 *
 * A fault looks at the calls that fit it and that no fault before it in the list
 * has taken. It lets the first `after` of them pass, takes the next `times` (0:
 * all that follow) and is then used up. A call that is taken is
 *
 *   ANSWER      not served; the answer is a status or registers
 *   CHANGE      served; some bits of the answer are replaced
 *   BEHAVIOUR   served with other values of the knobs
 *
 * The breaches of the knobs lie-... are applied to what was served, never to
 * the answer of ANSWER. Calls of SPs meet no faults.
 */
#ifndef EMU_WORLD_SPMC_FAULT_H
#define EMU_WORLD_SPMC_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "emu/world/spmc_knobs.h"

#define WORLD_MAX_FAULTS      16u
#define WORLD_MAX_FAULT_TIMES 255u /* and of `after` */
#define WORLD_KNOB_KEPT       0xffu

/* What the experiment is doing; whoever drives the world says so. */
enum world_phase {
	WORLD_PHASE_BOOT,    /* the mediator starts */
	WORLD_PHASE_CREATE,  /* the VMs of the machine are created */
	WORLD_PHASE_SETUP,   /* the steps before the threads */
	WORLD_PHASE_THREADS, /* everything that is scheduled */
	WORLD_PHASE_TAKE_DOWN,
	WORLD_PHASE_COUNT,
};

#define WORLD_ALL_PHASES ((1u << WORLD_PHASE_COUNT) - 1)

enum world_fault_kind {
	WORLD_FAULT_NONE,
	WORLD_FAULT_ANSWER,
	WORLD_FAULT_CHANGE,
	WORLD_FAULT_BEHAVIOUR,
};

/* Bits of registers: those of the mask have this value. */
struct world_fault_bits {
	struct ffa_regs mask;
	struct ffa_regs value;
};

struct world_fault {
	uint32_t fids[2];             /* both widths of the call; both 0: any call */
	struct world_fault_bits with; /* what the call must carry */
	uint8_t phases;               /* a bit for each enum world_phase */
	uint8_t after;
	uint8_t times;  /* 0: for ever */
	uint8_t kind;   /* enum world_fault_kind */
	int32_t status; /* ANSWER: FFA_OK, or the code of FFA_ERROR */
	/* ANSWER: over an answer that carries nothing else; CHANGE: over the honest one. */
	struct world_fault_bits answer;
	uint8_t knobs[WORLD_KNOB_COUNT]; /* BEHAVIOUR: WORLD_KNOB_KEPT leaves one as it is */
};

#endif
