/* SPDX-License-Identifier: MIT */
/* The order in which locks are taken, over all schedules of a scenario. Flat, never rolled back. */
#ifndef SIM_ORACLE_LOCK_H
#define SIM_ORACLE_LOCK_H

#include "emu/world/world.h"

#define SIM_MAX_LOCK_NAMES 64u /* bits of `before` */
#define SIM_NO_LOCK        UINT32_MAX

struct sim_lock_graph {
	struct world_object names[SIM_MAX_LOCK_NAMES];
	uint64_t before[SIM_MAX_LOCK_NAMES]; /* bit b of before[a]: b was taken while a was held */
	uint64_t in_interrupt;               /* taken by an interrupt, bit per name */
	uint64_t elsewhere;                  /* taken where an interrupt can come */
	unsigned count;
	bool busy; /* somebody is looking at it, or changing it */
};

#endif
