/* SPDX-License-Identifier: MIT */
/*
 * Oracles: named checks that look at every run, whatever the scenario expects.
 * A registry in the manner of dtc's checks: a name, what it needs, what it
 * says, what it stands for. -W and -E on the command line set levels.
 *
 * An oracle sees the world's events, the end of every step, the moment of rest
 * and the end of the machine. Its memory is a flat structure in struct
 * sim_oracle_state, so that it is saved and restored with the world.
 */
#ifndef SIM_ORACLE_ORACLE_H
#define SIM_ORACLE_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "emu/world/world.h"

#define SIM_ORACLES(X)                \
	X(ABI, abi)                   \
	X(MODEL, model)               \
	X(WAKE_UP, wake_up)           \
	X(LOCK, lock)                 \
	X(RACE, race)                 \
	X(LIVENESS, liveness)         \
	X(LEAK, leak)                 \
	X(MEMORY, memory)             \
	X(ISOLATION, isolation)       \
	X(DOUBLE_FETCH, double_fetch) \
	X(RX_FETCH, rx_fetch)         \
	X(ANSWER, answer)             \
	X(LOG, log)                   \
	X(WINDOW, window)             \
	X(SPMC, spmc)                 \
	X(ALWAYS_FAIL, always_fail)

enum sim_oracle_id {
#define X(name, symbol) SIM_ORACLE_##name,
	SIM_ORACLES(X)
#undef X
	        SIM_ORACLE_COUNT
};

enum sim_oracle_level { SIM_ORACLE_OFF, SIM_ORACLE_WARN, SIM_ORACLE_ERROR };

struct sim_oracle_levels {
	enum sim_oracle_level level[SIM_ORACLE_COUNT];
};

struct sim_run;
struct sim_step;

struct sim_oracle {
	const char *name;            /* "wake-up" */
	const char *says;            /* one sentence: what must hold */
	const char *needs;           /* what it relies on, in words; NULL: nothing */
	const char *source;          /* clause or facts section it stands for */
	const char *explanation;     /* paragraphs for `ffasim explain` */
	enum sim_oracle_level level; /* default */
	bool accesses; /* wants WORLD_EVENT_ACCESS, which no other gets; see world_watch_accesses()
	                */
	void (*begin)(struct sim_run *run); /* the set-up is over; schedules go on from here */
	void (*event)(struct sim_run *run, const struct world_event *event);
	void (*step)(struct sim_run *run, const struct sim_step *step,
	             const struct ffa_regs *answer);
	void (*rest)(struct sim_run *run);
	void (*end)(struct sim_run *run);
};

const struct sim_oracle *sim_oracle_at(enum sim_oracle_id id);
/* NULL if there is no oracle of that name. */
const struct sim_oracle *sim_oracle_by_name(const char *name, enum sim_oracle_id *ret_id);
void sim_oracle_default_levels(struct sim_oracle_levels *ret_levels);

#endif
