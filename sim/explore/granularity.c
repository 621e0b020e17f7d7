/* SPDX-License-Identifier: MIT */
#include "sim/explore/granularity.h"

#include <glib.h>
#include <string.h>

#include "sim/schedule/actor.h"

struct granularity {
	const char *name;
	uint64_t mask;
};

static const struct granularity granularities[] = {
        [SIM_GRANULARITY_CALL] = {"call", SHIM_MASK(SMC) | SHIM_MASK(SMC_DONE)},
        [SIM_GRANULARITY_SYNC] = {"sync", SIM_SCRIPT_MASK | SHIM_MASK(ATOMIC) |
                                                  SHIM_MASK(GUEST_LOAD) | SHIM_MASK(GUEST_STORE)},
        [SIM_GRANULARITY_ACCESS] = {"access", SIM_SCRIPT_MASK | SHIM_MASK_ACCESS},
};

const char *sim_granularity_name(enum sim_granularity granularity)
{
	return granularities[granularity].name;
}

bool sim_granularity_by_name(const char *name, enum sim_granularity *ret_granularity)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(granularities); i++) {
		if (strcmp(granularities[i].name, name) != 0)
			continue;
		*ret_granularity = (enum sim_granularity)i;
		return true;
	}
	return false;
}

uint64_t sim_granularity_mask(enum sim_granularity granularity)
{
	return granularities[granularity].mask;
}
