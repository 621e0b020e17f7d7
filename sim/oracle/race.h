/* SPDX-License-Identifier: MIT */
/* What the oracle "race" has beside the clocks. */
#ifndef SIM_ORACLE_RACE_H
#define SIM_ORACLE_RACE_H

#include "emu/world/world.h"
#include "sim/oracle/race_state.h"
#include "sim/source/symbols.h"

/* Limits. */
#define SIM_RACE_LOCKS   64u  /* names; bits of a set of held ones */
#define SIM_RACE_HELD    254u /* different sets of held ones */
#define SIM_RACE_REPORTS 16u  /* races told of one execution */

#define SIM_RACE_UNKNOWN 255u /* the number of a set with locks beyond SIM_RACE_LOCKS in it */

/* Saved and restored with the world; no part of what makes a state. */
struct sim_race_run {
	uint64_t held[SHIM_MAX_CONTEXTS];    /* locks, a bit each */
	uint64_t told[2 * SIM_RACE_REPORTS]; /* of each, the pair of places and the text */
	uint32_t told_count;
	bool begun;                  /* boot and set-up are over */
	bool reports_told;           /* that there are more than SIM_RACE_REPORTS */
	uint16_t full_told;          /* SIM_RACE_FULL_, of the state */
	struct sim_race_state state; /* last: saved as far as it is used */
};

/* Names outlive an execution. */
struct sim_race {
	struct world_object locks[SIM_RACE_LOCKS];
	unsigned lock_count;
	bool locks_full;
	uint64_t sets[SIM_RACE_HELD];
	unsigned set_count;
	struct sim_symbols *symbols; /* NULL until it is needed */
	uint64_t points;             /* at which an exploration stops; 0: none under way */
	bool exact;                  /* states differ by all of the history that matters */
	bool states; /* the search takes each once: what it tells may depend on nothing else */
	struct sim_race_uses *uses; /* shared by the processes of a search, or NULL */
	struct sim_race_run run;
};

struct sim_run;

/* One side of a race. */
struct sim_race_side {
	unsigned context;
	uint8_t kind; /* SIM_RACE_ */
	uint8_t note; /* number of the set of locks held */
	uint32_t pc;  /* its distance from the sections, which fits whatever is loaded where */
};

/*
 * Where an address of the subject is in its state: sections and state are mapped apart, and the
 * sections of an inline subject anywhere. 0: in neither of them, nor in the machine's memory.
 */
uint64_t sim_race_to_state(const struct sim_run *run, uint64_t address);

/* A finding, once an execution. address: in the state or the memory of the machine. */
void sim_race_tell(struct sim_run *run, uint64_t address, uint64_t size,
                   const struct sim_race_side *first, const struct sim_race_side *second);

/* Whether the oracle is on and the subject has accesses to tell. */
bool sim_race_watches(const struct sim_run *run);

/*
 * What is at an address of the subject, in a name that is the same in every process: a variable, an
 * allocation, a page. Caller frees.
 */
char *sim_race_memory_name(struct sim_run *run, uint64_t address);

/* Where an access stands, by its pc: see sim_symbols_place(). */
const char *sim_race_place(struct sim_run *run, uint64_t pc);

/* A snapshot of the part that changes: at most sizeof(struct sim_race_run) bytes, nothing if the
 * oracle does not watch. Answers how many. */
size_t sim_race_run_save(const struct sim_run *run, uint8_t *bytes);
size_t sim_race_run_load(struct sim_run *run, const uint8_t *bytes);

#endif
