/* SPDX-License-Identifier: MIT */
/*
 * What can be explored: some contexts over shared state, of which one runs at a
 * time, from one scheduling point to the next. The strategies know nothing
 * else; bare contexts of a subject (bare.h) and scenarios (scenario.h) are the
 * two systems there are.
 *
 * Invariants
 *  - step() is deterministic: from equal states the same context comes to equal
 *    states. save() and load() carry all that step(), enabled and op[] depend
 *    on. Two states are the same if their hashes are.
 *  - op[c] is what context c does next; it is known before it is done, and
 *    done by step(c) together with the code behind it, up to its next point.
 *    The accesses of that code are assumed to be ordered by the points
 *    (sequentially consistent, no races at the granularity above them).
 *  - A state in which no context is enabled is terminal. judge() looks at it
 *    and may change it; the state is loaded again before anything else runs.
 *  - Nothing here allocates between two calls of judge().
 *
 * Source: facts concurrency.md sections 2 to 4.
 */
#ifndef SIM_EXPLORE_SYSTEM_H
#define SIM_EXPLORE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/explore/footprint.h"
#include "sim/unjudged.h"

/* Limits. */
#define SIM_EXPLORE_CONTEXTS 24u
#define SIM_EXPLORE_FINDINGS 64u   /* different ones; others are left out */
#define SIM_EXPLORE_OUTCOMES 1024u /* different ones; the last number is that of all others */

#define SIM_EXPLORE_ENDLESS_AFTER 20000u

/* When an operation cannot be done: it is disabled while the value at its address says so. */
enum sim_explore_wait {
	SIM_EXPLORE_WAIT_NEVER,
	SIM_EXPLORE_WAIT_EQUAL,    /* while the value equals the operand (a lock: 1 is held) */
	SIM_EXPLORE_WAIT_DIFFERS,  /* while it differs */
	SIM_EXPLORE_WAIT_ALL_SET,  /* while every bit of the operand is set */
	SIM_EXPLORE_WAIT_NONE_SET, /* while no bit outside the operand is set */
};

struct sim_explore_op {
	uint64_t address; /* of the first byte, or a name that no memory has */
	uint64_t operand; /* of `wait` */
	uint64_t before;  /* in `done`: the value at the address before it was done */
	/* All that the step touches, the operation included; NULL: the operation alone. */
	const struct sim_footprint *footprint;
	uint32_t size; /* bytes; 0: no memory is touched */
	uint8_t wait;  /* enum sim_explore_wait */
	bool write;
	bool conditional; /* whether it can be done depends on more than `wait` says */
};

struct sim_explore_system;

#define SIM_EXPLORE_NONE UINT32_MAX

/* Who decides in a run. */
struct sim_explore_picker {
	uint32_t (*pick)(void *user); /* an enabled context, or SIM_EXPLORE_NONE */
	void *user;
	bool reads_op; /* pick() looks at op[]; else they are up to date after the run only */
};

/* Whether the footprints conflict; one of the two operations has one. */
bool sim_explore_footprints_conflict(const struct sim_explore_op *a,
                                     const struct sim_explore_op *b);

struct sim_explore_class {
	/* c is enabled. Updates op[c], enabled, unfinished and done; may note findings. */
	void (*step)(struct sim_explore_system *system, unsigned c);
	/*
	 * Steps of what pick() answers until that is SIM_EXPLORE_NONE, like step() of each but for
	 * `done`, which is not kept. pick() may be called on another stack. NULL if the system has
	 * no faster way than step().
	 */
	void (*run)(struct sim_explore_system *system, const struct sim_explore_picker *picker);
	/* At most snapshot_max bytes; answers how many. */
	size_t (*save)(struct sim_explore_system *system, uint8_t *bytes);
	void (*load)(struct sim_explore_system *system, const uint8_t *bytes);
	uint64_t (*hash)(struct sim_explore_system *system, const uint8_t *bytes, size_t size);
	/* At a terminal state: sets outcome, may note findings. */
	void (*judge)(struct sim_explore_system *system);
	/*
	 * What the last step, or judge(), has learned that is no state (`learnt`) is kept, with the
	 * steps that led there and the number of the execution; NULL if there is never any.
	 */
	void (*keep)(struct sim_explore_system *system, const uint8_t *steps, uint32_t length,
	             uint64_t number);
	/*
	 * What tells executions that do not end (endless.h). future: a hash of all that decides how
	 * the contexts go on, without what is only counted or remembered; NULL: hash() of all.
	 * progress: grows when something ends that has to end, and never shrinks on a path; NULL:
	 * the contexts at their end. siblings: the contexts that are one actor with c, which are
	 * scheduled as one; NULL: c alone. endless: these contexts go on for ever; notes that, and
	 * the execution has failed; NULL: nothing is said of it.
	 */
	uint64_t (*future)(struct sim_explore_system *system);
	uint64_t (*progress)(const struct sim_explore_system *system);
	uint32_t (*siblings)(const struct sim_explore_system *system, unsigned c);
	void (*endless)(struct sim_explore_system *system, uint32_t contexts);
};

struct sim_explore_system {
	const struct sim_explore_class *class;
	unsigned count; /* contexts */
	uint32_t enabled;
	uint32_t unfinished; /* contexts that are not at their end, a bit each */
	uint32_t idle; /* contexts that have nothing to do now, but could at another time: op[] says
	                  what that depends on */
	bool failed;   /* a finding ended this execution: nothing is enabled */
	bool lost;     /* the subject is gone: nothing works any more */
	uint32_t endless_after; /* steps in which nothing ends, all taking turns, after which
	                           nothing will; 0: SIM_EXPLORE_ENDLESS_AFTER */
	size_t snapshot_max;
	struct sim_explore_op op[SIM_EXPLORE_CONTEXTS];
	struct sim_explore_op done;           /* what the last step did */
	uint32_t outcome;                     /* of the last judge(), below SIM_EXPLORE_OUTCOMES */
	uint32_t noted_count;                 /* findings since the strategy last took them */
	uint32_t noted[SIM_EXPLORE_FINDINGS]; /* each once, and below SIM_EXPLORE_FINDINGS */
	bool learnt;   /* something that keep() takes, since the strategy last looked */
	bool left_out; /* there is something in the next */
	struct sim_unjudged unjudged; /* since the strategy last took it */
};

static inline void sim_explore_leave_out(struct sim_explore_system *system, enum sim_limit limit)
{
	system->unjudged.times[limit]++;
	system->left_out = true;
}

static inline void sim_explore_note(struct sim_explore_system *system, uint32_t finding)
{
	for (uint32_t i = 0; i < system->noted_count; i++)
		if (system->noted[i] == finding)
			return;
	system->noted[system->noted_count++] = finding;
}

/* What was noted, learnt and left out counts for nobody. */
static inline void sim_explore_drop_noted(struct sim_explore_system *system)
{
	system->noted_count = 0;
	if (system->left_out)
		system->unjudged = (struct sim_unjudged){{0}};
	system->left_out = system->learnt = false;
}

/* Whether the operation would have to wait if this were the value at its address. */
static inline bool sim_explore_waits(const struct sim_explore_op *op, uint64_t value)
{
	switch ((enum sim_explore_wait)op->wait) {
	case SIM_EXPLORE_WAIT_EQUAL:
		return value == op->operand;
	case SIM_EXPLORE_WAIT_DIFFERS:
		return value != op->operand;
	case SIM_EXPLORE_WAIT_ALL_SET:
		return (value & op->operand) == op->operand;
	case SIM_EXPLORE_WAIT_NONE_SET:
		return (value & ~op->operand) == 0;
	default:
		return false;
	}
}

/* Whether the order of the two matters. */
static inline bool sim_explore_dependent(const struct sim_explore_op *a,
                                         const struct sim_explore_op *b)
{
	if (a->footprint || b->footprint)
		return sim_explore_footprints_conflict(a, b);
	return (a->write || b->write) && a->address < b->address + b->size &&
	       b->address < a->address + a->size;
}

#endif
