/* SPDX-License-Identifier: MIT */
/*
 * A system to explore that has races or not: small programs over plain words,
 * locks and atomics with memory orders, interpreted, with the clocks of the
 * oracle "race" beside them. A step is one operation, or, at sync granularity,
 * one that synchronises and the plain accesses behind it.
 */
#ifndef TESTS_UNIT_TEST_RACE_TOY_H
#define TESTS_UNIT_TEST_RACE_TOY_H

#include "sim/explore/system.h"
#include "sim/oracle/race_state.h"

enum { RACE_CONTEXTS = 3, RACE_LENGTH = 6, RACE_WORDS = 2 };

enum race_action {
	RACE_READ,  /* a plain word */
	RACE_WRITE, /* a plain word */
	RACE_LOCK,
	RACE_UNLOCK,
	RACE_LOAD,  /* an atomic */
	RACE_SKIP,  /* the same; the next operation is left out if the value is 0 */
	RACE_STORE, /* 1 into an atomic */
	RACE_ADD,   /* to an atomic */
	RACE_FENCE,
	RACE_ACTIONS
};

struct race_op {
	uint8_t action;
	uint8_t word;
	uint8_t order; /* __ATOMIC_ */
};

struct race_toy_state {
	uint8_t at[RACE_CONTEXTS];
	uint8_t locks[RACE_WORDS]; /* context + 1 of the holder */
	uint8_t atomics[RACE_WORDS];
	uint8_t racy; /* plain words with a race in this execution, a bit each */
};

struct race_toy {
	struct sim_explore_system system; /* first: the class casts */
	struct race_op program[RACE_CONTEXTS][RACE_LENGTH];
	unsigned length[RACE_CONTEXTS];
	bool sync;    /* granularity */
	bool states;  /* every state is taken once: races with what is behind a mark do not count */
	bool exact;   /* what sim_race_key() is asked for */
	uint8_t racy; /* likewise */
	struct sim_race_uses uses;
	struct race_toy_state state;
	struct sim_race_state race;
};

/* A program, the same for a seed everywhere. */
void race_toy_draw(struct race_toy *toy, uint64_t seed);

/* To the state before the first operation. */
void race_toy_start(struct race_toy *toy);

static inline const struct race_op *race_toy_next(const struct race_toy *toy, unsigned c)
{
	return &toy->program[c][toy->state.at[c]];
}

#endif
