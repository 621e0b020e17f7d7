/* SPDX-License-Identifier: MIT */
/*
 * Whether an execution goes round: it does for ever where a fair scheduler can
 * stay on the way from a state back to that state, that is where every actor
 * that can go somewhere on that way does go on it.
 *
 * An actor that can go and does not may be the one that ends the round, so a
 * way on which it never goes is no evidence. One that never can go there waits
 * for ever.
 *
 * A state is known again by a hash of all that decides how it goes on. One state
 * is kept at a time, the next one after twice as many steps, so that a way back
 * of any length is found in the end (R. P. Brent, 1980).
 *
 * Source: facts concurrency.md section 3.4.
 */
#ifndef SIM_SCHEDULE_ROUNDS_H
#define SIM_SCHEDULE_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

/* Zero to begin with. */
struct sim_round {
	uint64_t future; /* of the state that is kept */
	uint64_t steps;  /* since then */
	uint64_t next;   /* steps after which another one is kept */
	uint32_t able;   /* actors that could go since then, a bit each */
	uint32_t went;   /* those that did */
};

/* Before a step. True: the way since the state that is kept has come back to it, and is fair. */
static inline bool sim_round_closes(struct sim_round *round, uint64_t future, uint32_t able)
{
	if (round->steps && future == round->future && !(round->able & ~round->went))
		return true;
	if (round->steps == round->next)
		*round = (struct sim_round){.future = future, .next = 2 * round->next + 1};
	round->able |= able;
	return false;
}

/* The step is one of this actor. */
static inline void sim_round_went(struct sim_round *round, uint32_t actor)
{
	round->went |= actor;
	round->steps++;
}

#endif
