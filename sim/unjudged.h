/* SPDX-License-Identifier: MIT */
/*
 * What was not judged, because there was no room for it. Reaching a limit of an
 * oracle or of a search is no failure of the mediator, and no silence either:
 * it is counted, by limit, and makes a verdict "incomplete" where nothing was
 * found. Every limit at which something goes unjudged has a row here; the name
 * of the macro that sets it is its name in every output.
 */
#ifndef SIM_UNJUDGED_H
#define SIM_UNJUDGED_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/oracle/oracle.h"

/*
 * X(oracle, name, what is left out); SIM_##name is the limit. SEARCH: not an oracle's, but of the
 * search itself.
 */
#define SIM_LIMITS(X)                                                                           \
	X(MODEL, LINEAR_OPS, "answers of a VM with more calls under way at once")               \
	X(MODEL, LINEAR_CONFIGS, "answers of a VM whose calls may have come in more orders")    \
	X(MODEL, LINEAR_SEARCH, "an answer with more orders to try")                            \
	X(MODEL, SPEC_SENDERS, "answers of a VM with more senders bound at once")               \
	X(LOCK, MAX_LOCK_NAMES, "orders of locks with more different names")                    \
	X(LOCK, MAX_HELD, "orders of more locks held at once")                                  \
	X(RACE, RACE_SYNCS, "races between more things that synchronise")                       \
	X(RACE, RACE_ENTRIES, "races between more accesses")                                    \
	X(RACE, RACE_EPOCHS, "races behind more releases of one context")                       \
	X(RACE, RACE_REPORTS, "more races of one execution")                                    \
	X(WAKE_UP, PROBE_STOPS, "what a VM has pending at rest, where asking takes more stops") \
	X(MEMORY, MAX_ALLOCATIONS, "accesses to the heap with more live allocations")           \
	X(ISOLATION, MAX_MAPPINGS, "a page that is mapped more often at once")                  \
	X(DOUBLE_FETCH, MAX_FETCHES, "more pieces of guest memory read in one entry")           \
	X(SEARCH, EXPLORE_FINDINGS, "more different findings of one part of the search")        \
	X(SEARCH, TRAPS, "parts of the search with more steps that end a process")              \
	X(SEARCH, EXPLORE_CONTEXTS, "interrupts on top of more actors")

enum sim_limit {
#define X(oracle, name, text) SIM_LIMIT_##name,
	SIM_LIMITS(X)
#undef X
	        SIM_LIMIT_COUNT
};

/* How often each limit was reached. */
struct sim_unjudged {
	uint64_t times[SIM_LIMIT_COUNT];
};

/* The oracle that the limit is one of; SIM_ORACLE_COUNT: of the search. */
enum sim_oracle_id sim_limit_oracle(enum sim_limit limit);

/* "model", or "search" */
const char *sim_limit_owner(enum sim_limit limit);

/* "SIM_LINEAR_CONFIGS" */
const char *sim_limit_name(enum sim_limit limit);

/* "not judged: answers of a VM ... than SIM_LINEAR_CONFIGS (32)"; times: how often. Caller frees.
 */
char *sim_limit_text(enum sim_limit limit, uint64_t times);

bool sim_unjudged_any(const struct sim_unjudged *unjudged);
void sim_unjudged_add(struct sim_unjudged *to, const struct sim_unjudged *from);

/*
 * One line for people: "model 3 times (SIM_LINEAR_CONFIGS), race once (SIM_RACE_REPORTS)"; NULL if
 * there is nothing. Caller frees.
 */
char *sim_unjudged_text(const struct sim_unjudged *unjudged);

/* {"SIM_LINEAR_CONFIGS": 3}, NULL if there is nothing; false: a limit in it is not known here. */
struct json_object *sim_unjudged_to_json(const struct sim_unjudged *unjudged);
bool sim_unjudged_from_json(struct json_object *object, struct sim_unjudged *ret_unjudged);

#endif
