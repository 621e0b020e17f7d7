/* SPDX-License-Identifier: MIT */
/*
 * "did you mean": the nearest of a list of names. Used for everything a user can
 * mistype: keys, calls, fields, VMs, labels, options.
 *
 * Case is ignored, and leaving out leading words is cheap, so that 'FFA_BIND' finds
 * 'FFA_NOTIFICATION_BIND'. Of equals the first offered wins.
 */
#ifndef SIM_SCENARIO_SUGGEST_H
#define SIM_SCENARIO_SUGGEST_H

#include <stdbool.h>

#define SIM_SUGGEST_MAX 64u /* bytes; longer names are never near anything */

struct sim_suggest {
	const char *typed;
	const char *best; /* NULL: nothing is near enough */
	unsigned cost;
};

void sim_suggest_init(struct sim_suggest *suggest, const char *typed);

/* Names must stay valid until the suggestion has been used. */
void sim_suggest_offer(struct sim_suggest *suggest, const char *name);

/* " (did you mean 'X'?)", or "" if nothing is near. Caller frees. */
char *sim_suggest_text(const struct sim_suggest *suggest);

/* All of the above for a NULL-terminated list. Caller frees. */
char *sim_suggest_from(const char *typed, const char *const *names);

#endif
