/* SPDX-License-Identifier: MIT */
/*
 * What the oracle "lock" has beside the run's state: names, which are never
 * rolled back, and the history of the execution, which is saved and restored with
 * the world and is no part of what makes a state: which locks are held is in the
 * world, too.
 *
 * Orders are judged within the history. In one run that is all schedules of a
 * scenario; of a search it is one execution, and whoever searches is handed every
 * order, to judge those of all executions together (sim/explore/lock_orders.h).
 */
#ifndef SIM_ORACLE_LOCK_H
#define SIM_ORACLE_LOCK_H

#include <stddef.h>

#include "emu/world/world.h"

#define SIM_MAX_LOCK_NAMES 64u /* bits of `before` */
#define SIM_MAX_HELD       8u  /* locks held by one context at a time */
#define SIM_NO_LOCK        UINT32_MAX

/* In the order in which they were taken; what is behind count is zero. */
struct sim_lock_context {
	uint8_t count;
	uint8_t held[SIM_MAX_HELD]; /* numbers of names */
};

/* Sets of names have a bit for each. */
struct sim_lock_orders {
	uint64_t before[SIM_MAX_LOCK_NAMES]; /* bit b of before[a]: b was taken while a was held */
	uint64_t in_interrupt;               /* taken by an interrupt */
	uint64_t elsewhere;                  /* taken where an interrupt can come */
};

enum sim_lock_order_kind {
	SIM_LOCK_HELD,      /* `taken` was taken while `held` was held */
	SIM_LOCK_INTERRUPT, /* `taken` was taken by an interrupt; `held` does not matter */
	SIM_LOCK_ELSEWHERE, /* and where an interrupt can come */
	SIM_LOCK_ORDER_KINDS
};

typedef void sim_lock_on_order(void *user, enum sim_lock_order_kind kind, unsigned held,
                               unsigned taken);

struct sim_lock {
	struct world_object names[SIM_MAX_LOCK_NAMES];
	unsigned count;
	bool silent;                 /* orders are handed out, and not judged here */
	sim_lock_on_order *on_order; /* each, whenever it is met; or NULL */
	void *user;
	struct sim_lock_context contexts[SHIM_MAX_CONTEXTS]; /* history, like the next */
	struct sim_lock_orders orders;
};

/* The most that sim_lock_save() needs. */
#define SIM_LOCK_HISTORY                                               \
	(sizeof(uint64_t) + sizeof(((struct sim_lock *)0)->contexts) + \
	 sizeof(struct sim_lock_orders))

/* The history to bytes and back; answers how many. */
size_t sim_lock_save(const struct sim_lock *lock, uint8_t *bytes);
size_t sim_lock_load(struct sim_lock *lock, const uint8_t *bytes);

/* Findings, with a name in them. */
#define SIM_LOCK_TWICE_TEXT     "two locks that are both called %s are held together, in no order"
#define SIM_LOCK_INTERRUPT_TEXT "%s is taken by an interrupt, and elsewhere with interrupts enabled"

/* Names in the order in which a circle of locks takes them; each is taken with the one before it
 * held, the first one with the last. Two make an inversion. Caller frees. */
char *sim_lock_circle_text(const char *const *names, unsigned count);

#endif
