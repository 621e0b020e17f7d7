/* SPDX-License-Identifier: MIT */
/*
 * What happened before what, and who touched which bytes last: vector clocks
 * and a shadow of the memory that was touched. It knows no subject and no
 * scenario, only contexts, keys of what synchronises them, and addresses.
 *
 *   release(key)   what the context has done so far comes before ...
 *   acquire(key)   ... all that a context does behind this
 *
 * A race is two accesses of different contexts to a common byte, one of them a
 * write, not both atomic, and neither before the other. It is found whichever
 * comes first in the execution.
 *
 * Flat; what is used of it is all there is to save. An access leaves the shadow
 * once a later one stands for it: whatever would race with the first then races
 * with the second.
 *
 * Source: facts concurrency.md sections 1 and 3; ISO C11 5.1.2.4.
 */
#ifndef SIM_ORACLE_RACE_STATE_H
#define SIM_ORACLE_RACE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/shim/shim.h"

/* Limits. Beyond them races go unseen, and `full` has a bit for each. */
#define SIM_RACE_SYNCS   160u   /* keys */
#define SIM_RACE_ENTRIES 4096u  /* accesses that a later one can race with */
#define SIM_RACE_EPOCHS  65000u /* releases of one context */

#define SIM_RACE_FULL_SYNCS   1u
#define SIM_RACE_FULL_ENTRIES 2u
#define SIM_RACE_FULL_EPOCHS  4u

#define SIM_RACE_HEADS 128u /* a power of two */

struct sim_race_clock {
	uint16_t at[SHIM_MAX_CONTEXTS];
};

struct sim_race_sync {
	uint64_t key;
	struct sim_race_clock clock;
};

/* Part of an access: bytes of one aligned word of eight. */
struct sim_race_entry {
	uint32_t word; /* address / 8 */
	uint32_t pc;
	uint16_t epoch;
	uint16_t next; /* index + 1 of the next in the list */
	uint8_t bytes; /* a bit each; 0: free */
	uint8_t context;
	uint8_t kind; /* SIM_RACE_ */
	uint8_t note; /* the caller's */
};

#define SIM_RACE_WRITE  1u
#define SIM_RACE_ATOMIC 2u

struct sim_race_state {
	uint16_t sync_count;
	uint16_t entry_count;              /* entries[0 .. entry_count) are in a list, or free */
	uint16_t free;                     /* index + 1 of a free one */
	uint16_t full;                     /* limits that were reached, SIM_RACE_FULL_ */
	uint16_t marks[SHIM_MAX_CONTEXTS]; /* epoch behind the last sim_race_mark() */
	struct sim_race_clock clocks[SHIM_MAX_CONTEXTS];
	uint16_t heads[SIM_RACE_HEADS];
	struct sim_race_sync syncs[SIM_RACE_SYNCS];
	struct sim_race_entry entries[SIM_RACE_ENTRIES]; /* last: saved as far as they are used */
};

struct sim_race_access {
	uint64_t address; /* below 2^35 */
	uint64_t size;
	uint32_t pc;
	uint8_t context;
	uint8_t kind;
	uint8_t note;
};

/* earlier is valid during the call only. */
typedef void sim_race_found(void *user, const struct sim_race_entry *earlier,
                            const struct sim_race_access *now);

/* Nothing has happened. */
void sim_race_begin(struct sim_race_state *state);

void sim_race_access(struct sim_race_state *state, const struct sim_race_access *access,
                     sim_race_found *found, void *user);

/* The bytes are somebody else's from here on. */
void sim_race_forget(struct sim_race_state *state, uint64_t address, uint64_t size);

/* key: not 0. `only`: what was released there before does not count any more. */
void sim_race_acquire(struct sim_race_state *state, unsigned context, uint64_t key);
void sim_race_release(struct sim_race_state *state, unsigned context, uint64_t key, bool only);

/* An atomic operation on the location with this key, with the order (__ATOMIC_) asked for. */
void sim_race_load(struct sim_race_state *state, unsigned context, uint64_t key, int order);
void sim_race_store(struct sim_race_state *state, unsigned context, uint64_t key, int order);
void sim_race_exchange(struct sim_race_state *state, unsigned context, uint64_t key, int order);
bool sim_race_releases(int order);
void sim_race_fence(struct sim_race_state *state, unsigned context, int order);

/*
 * Which contexts used a location in which way, over a whole search: never rolled back, and written
 * by all of its processes. `told`: one may have learnt from another through a location what nothing
 * orders, because a relaxed load or store was part of it; also set if there are more locations.
 */
#define SIM_RACE_LOCATIONS 64u

struct sim_race_use {
	uint64_t key;
	uint32_t read, written;                 /* in any order; contexts, a bit each */
	uint32_t read_relaxed, written_relaxed; /* without acquiring, without releasing */
};

struct sim_race_uses {
	bool told;
	struct sim_race_use locations[SIM_RACE_LOCATIONS];
};

void sim_race_note_use(struct sim_race_uses *uses, unsigned context, uint64_t key, bool reads,
                       bool writes, int order);

/* Behind a release at which the context had stopped; see sim_race_key(). */
void sim_race_mark(struct sim_race_state *state, unsigned context);

/* All that `first` has done comes before what `second` does. */
void sim_race_order(struct sim_race_state *state, unsigned first, unsigned second);

/*
 * What a search that takes every state once has to tell apart. live: contexts that may go on, a bit
 * each.
 *
 * exact: all that matters to the races that can still be found, whatever numbers the clocks have;
 * equal for two histories that order the same accesses before the same contexts. Otherwise only the
 * accesses behind the last mark of each context: docs/design/exploration.md says why that loses no
 * race until sim_race_note_use() says `told`.
 */
uint64_t sim_race_key(const struct sim_race_state *state, uint32_t live, bool exact);

/* To bytes and back; answers how many. */
size_t sim_race_save(const struct sim_race_state *state, uint8_t *bytes);
size_t sim_race_load_bytes(struct sim_race_state *state, const uint8_t *bytes);

#endif
