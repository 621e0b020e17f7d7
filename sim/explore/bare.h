/* SPDX-License-Identifier: MIT */
/*
 * Bare contexts of a subject as a system to explore: plain functions on shared
 * state, resumed through the shim, no FF-A and no world. One bare context that
 * answers a question judges terminal states: 0 is right, n is finding n.
 *
 * A step runs from one point to the next. Points: locks of the SDK and atomic
 * or volatile accesses; at access granularity every load and store too.
 *
 * Spin locks need no annotation. Warm-up runs learn where a read-modify-write
 * spins: a step of one that leaves the whole state as it was. From then on such
 * an operation waits while it could change nothing. A place where one that
 * failed went on elsewhere (a trylock) is no such place, whatever else was seen
 * of it. What is learned is frozen before a search begins.
 *
 * The state is the mediator's sections, the SDK's core and heap, and of each
 * context that is not at its end the live bytes of its stack.
 *
 * Source: facts concurrency.md section 3.4.
 */
#ifndef SIM_EXPLORE_BARE_H
#define SIM_EXPLORE_BARE_H

#include <glib.h>

#include "emu/shim/link.h"
#include "sim/explore/system.h"

#define SIM_BARE_CONTEXTS (SIM_EXPLORE_CONTEXTS - 1) /* the last one asks the question */

/* Findings and outcomes beside what the check answers, which is below them. */
enum {
	SIM_BARE_CRASH = SIM_EXPLORE_FINDINGS - 4,
	SIM_BARE_ENDLESS,
	SIM_BARE_DEADLOCK,
	SIM_BARE_OTHER, /* an answer of the check that has no number */
};

/* Points at which a context stops. */
#define SIM_BARE_SYNC                                                                       \
	(SHIM_MASK(LOCK) | SHIM_MASK(TRYLOCK) | SHIM_MASK(UNLOCK) | SHIM_MASK(GUEST_LOAD) | \
	 SHIM_MASK(GUEST_STORE) | SHIM_MASK(ATOMIC))
#define SIM_BARE_ACCESS (SIM_BARE_SYNC | SHIM_MASK(LOAD) | SHIM_MASK(STORE))

struct sim_bare_options {
	unsigned count; /* contexts */
	uint32_t run[SIM_BARE_CONTEXTS];
	int check; /* the bare context that judges, or -1 */
	uint64_t mask;
};

struct sim_bare;

/*
 * Boots the subject of an open link, brings every context to its first point
 * and learns. NULL, and a SIM_ERROR_SUBJECT, if the subject fails in that. The link
 * stays the caller's; its events are off from here on.
 */
struct sim_bare *sim_bare_new(struct shim_link *link, const struct sim_bare_options *options,
                              GError **error);
void sim_bare_free(struct sim_bare *bare); /* accepts NULL */

struct sim_explore_system *sim_bare_system(struct sim_bare *bare);

/* How many places were found to spin; bytes of the state the system is in. */
unsigned sim_bare_await_sites(const struct sim_bare *bare);
size_t sim_bare_state_size(struct sim_bare *bare);

#endif
