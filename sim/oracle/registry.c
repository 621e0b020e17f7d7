/* SPDX-License-Identifier: MIT */
#include "sim/oracle/registry.h"

#include <string.h>

static const struct sim_oracle *const oracles[] = {
#define X(name, symbol) [SIM_ORACLE_##name] = &sim_oracle_##symbol,
        SIM_ORACLES(X)
#undef X
};

const struct sim_oracle *sim_oracle_at(enum sim_oracle_id id)
{
	return oracles[id];
}

const struct sim_oracle *sim_oracle_by_name(const char *name, enum sim_oracle_id *ret_id)
{
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++) {
		if (strcmp(oracles[i]->name, name) != 0)
			continue;
		*ret_id = (enum sim_oracle_id)i;
		return oracles[i];
	}
	return NULL;
}

void sim_oracle_default_levels(struct sim_oracle_levels *ret_levels)
{
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++)
		ret_levels->level[i] = oracles[i]->level;
}
