/* SPDX-License-Identifier: MIT */
/*
 * What makes several findings one. Findings of one verdict and one source (an
 * oracle, an expectation...) have one cause if these texts are equal: of an
 * outcome its place in the scenario, of all others the message, without the names
 * of endpoints and without numbers, or what an oracle that knows better sets.
 */
#ifndef SIM_CAUSE_H
#define SIM_CAUSE_H

#include "sim/scenario/scenario.h"

/* A message with '@' for each name of an endpoint or an actor and '#' for each number. */
char *sim_cause_normalise(const struct sim_scenario *scenario, const char *message);

/* What was found of one cause: sorted, the least of them if there are more than this. */
#define SIM_CAUSE_VARIANTS 16u

struct sim_variants {
	GPtrArray *texts; /* char, as sim_variant_text() makes them */
	bool more;
};

/* The message, with its place if it has one. Caller frees. */
char *sim_variant_text(const char *message, const char *place);

void sim_variants_init(struct sim_variants *variants);
void sim_variants_clear(struct sim_variants *variants);
void sim_variants_add(struct sim_variants *variants, const char *text);
void sim_variants_join(struct sim_variants *into, const struct sim_variants *from);

#endif
