/* SPDX-License-Identifier: MIT */
/*
 * A system to explore that has no subject: small programs over shared words,
 * interpreted. Their meaning is plain enough to be searched by a recursion of
 * a few lines, which is what the strategies are compared with.
 */
#ifndef TESTS_UNIT_TEST_EXPLORE_TOY_H
#define TESTS_UNIT_TEST_EXPLORE_TOY_H

#include "sim/explore/explore.h"

enum { TOY_CONTEXTS = 4, TOY_LENGTH = 6, TOY_WORDS = 4 };

enum toy_action {
	TOY_LOAD,   /* the register becomes a mix of itself and the word */
	TOY_STORE,  /* the word becomes a mix of the register */
	TOY_ADD,    /* the word grows by one, the register notes what it was */
	TOY_LOCK,   /* waits while the word is not 0, then makes it 1 */
	TOY_UNLOCK, /* the word becomes 0 */
	TOY_TRY,    /* makes the word 1 if it is 0; the register notes whether */
	TOY_AWAIT,  /* waits while the word is 0 */
	TOY_ACTIONS
};

struct toy_op {
	uint8_t action;
	uint8_t word;
};

struct toy_state {
	uint32_t words[TOY_WORDS];
	uint32_t registers[TOY_CONTEXTS];
	uint8_t at[TOY_CONTEXTS];
};

/* Outcomes get their numbers here, in the order in which they first come up. */
struct toy_outcomes {
	uint32_t count;
	uint64_t keys[SIM_EXPLORE_OUTCOMES];
};

struct toy {
	struct sim_explore_system system; /* first: the class casts */
	unsigned length[TOY_CONTEXTS];
	struct toy_op program[TOY_CONTEXTS][TOY_LENGTH];
	struct toy_state state;
	struct toy_outcomes *outcomes;
	uint64_t failing; /* an outcome with this key is finding 0; 0: none */
};

/* The program is filled in; the state becomes the one before its first step. */
void toy_start(struct toy *toy, struct toy_outcomes *outcomes);

/* The key of the state: words and registers, and who is at its end. */
uint64_t toy_key(const struct toy *toy);

/* Whether two hits, or two results, are the same to the byte. */
bool toy_same_hits(const struct sim_explore_hit *a, const struct sim_explore_hit *b);
bool toy_same_results(const struct sim_explore_result *a, const struct sim_explore_result *b);

/* A program drawn at random, the same for the same seed. */
void toy_draw(struct toy *toy, uint64_t seed);

#endif
