/* SPDX-License-Identifier: MIT */
/* How finely an actor is stopped while a scenario is explored. */
#ifndef SIM_EXPLORE_GRANULARITY_H
#define SIM_EXPLORE_GRANULARITY_H

#include <stdbool.h>
#include <stdint.h>

/* Granularities by name: the points at which an actor stops. */
enum sim_granularity { SIM_GRANULARITY_CALL, SIM_GRANULARITY_SYNC, SIM_GRANULARITY_ACCESS };

const char *sim_granularity_name(enum sim_granularity granularity);
bool sim_granularity_by_name(const char *name, enum sim_granularity *ret_granularity);
uint64_t sim_granularity_mask(enum sim_granularity granularity);

#endif
