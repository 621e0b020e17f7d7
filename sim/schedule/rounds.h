/* SPDX-License-Identifier: MIT */
/*
 * The moments of an execution, to see whether it goes round: it does for ever
 * where a fair scheduler can stay on the way from a state back to that state,
 * that is where every actor that can go somewhere on that way does go on it.
 *
 * An actor that can go and does not may be the one that ends the round, so a
 * way on which it never goes is no evidence. One that never can go there waits
 * for ever.
 *
 * Source: facts concurrency.md section 3.4.
 */
#ifndef SIM_SCHEDULE_ROUNDS_H
#define SIM_SCHEDULE_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

/* Before a step. */
struct sim_rounds_moment {
	uint64_t future; /* hash of all that decides how it goes on */
	uint32_t able;   /* actors that can go, a bit each */
	uint32_t went;   /* the one that did; 0 of the last moment */
};

/* Zero to begin with; the user frees `moments`. */
struct sim_rounds {
	struct sim_rounds_moment *moments;
	uint32_t count;
	uint32_t room;
};

void sim_rounds_add(struct sim_rounds *rounds, uint64_t future, uint32_t able);

/* The last moment before the present one that had its future; -1: there is none. */
int64_t sim_rounds_back(const struct sim_rounds *rounds);

/* Whether a fair scheduler can stay on the way from this moment to the present one. */
bool sim_rounds_is_fair(const struct sim_rounds *rounds, uint32_t from);

/* The actors that went on the way from this moment to the present one. */
uint32_t sim_rounds_went(const struct sim_rounds *rounds, uint32_t from);

#endif
