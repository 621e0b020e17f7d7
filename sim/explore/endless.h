/* SPDX-License-Identifier: MIT */
/*
 * Executions that do not end, in a search that takes them one after the other.
 * Three ways to see it:
 *
 *   a round    the path comes back to a state it was in, and a fair scheduler can stay on the way
 *              (sim/schedule/rounds.h)
 *   turns      from a state on the path the contexts take turns: they close a round, or
 *   no end     nothing ends for as many steps as the system allows (endless_after)
 *
 * A path on which one context goes round while others could end that shows
 * nothing: so a way back that is not fair, and a path on which nothing has
 * ended for long, are followed by turns. They are taken on a copy of the state,
 * except where an execution drawn at random could not end otherwise.
 *
 * What is found is noted with a short path: the steps to the first state of the
 * round and the steps of one round; or the steps after which taking turns does
 * not end. sim_trail_judge() knows either again.
 *
 * Nothing is looked for before nothing has ended for some steps (patience), so
 * searches of executions that end cost as much as without.
 */
#ifndef SIM_EXPLORE_ENDLESS_H
#define SIM_EXPLORE_ENDLESS_H

#include "sim/explore/system.h"
#include "sim/schedule/rounds.h"

struct sim_search;

/* Steps between two looks at whether something has ended. */
#define SIM_ENDLESS_CHUNK 16u
/* A way back that is longer is left to turns. */
#define SIM_ENDLESS_WINDOW 1024u
/* Steps without an end after which every state is known again on the path, for so many steps. */
#define SIM_ENDLESS_LOOK 4096u

/* How much has ended so far. */
uint64_t sim_explore_progress(const struct sim_explore_system *system);

/* Contexts taking turns: of those that can go, the one that went least recently. */
struct sim_turn_taking {
	struct sim_explore_system *system;
	struct sim_round round;
	uint64_t progress; /* when something ended last */
	uint32_t quiet;    /* steps since */
	uint32_t went;     /* contexts that went since, a bit each */
	uint32_t number;   /* of this turn */
	uint32_t went_at[SIM_EXPLORE_CONTEXTS];
	uint8_t *scratch; /* room for a snapshot */
};

enum sim_turn_state {
	SIM_TURN_ON,
	SIM_TURN_ENDED, /* nobody can go */
	SIM_TURN_ROUND, /* the last round.steps steps are a round */
	SIM_TURN_NO_END,
};

void sim_turns_begin(struct sim_turn_taking *turns, struct sim_explore_system *system,
                     uint8_t *scratch);
/* Before a step: whether there is to be one. */
enum sim_turn_state sim_turns_look(struct sim_turn_taking *turns);
/* Whose turn it is; to be taken. */
unsigned sim_turns_next(struct sim_turn_taking *turns);

/* What the state that the search has come to means for its path. */
enum sim_way {
	SIM_WAY_ON,
	SIM_WAY_BACK, /* it was there before: what follows is covered from there */
	SIM_WAY_CUT,  /* it differs from an earlier one by what is only counted: not gone through */
	SIM_WAY_ENDLESS, /* the finding is noted, and the execution has failed */
};

struct sim_endless; /* of one search */

void sim_endless_begin(struct sim_search *search);
void sim_endless_end(struct sim_search *search);

/* For sim_search_way(). */
enum sim_way sim_endless_arrive(struct sim_search *search);

/* Where the state is one that SIM_WAY_BACK was answered for: the depth at which it was before. */
uint32_t sim_endless_back(const struct sim_search *search);

/*
 * An execution that is drawn has taken steps, the last `quiet` of which ended nothing. True: it
 * does not end; that is noted.
 */
bool sim_endless_drawn(struct sim_search *search, uint32_t quiet);

/* The states on a path that is taken again, to judge where it leaves something to do. */
struct sim_trail {
	struct sim_explore_system *system;
	uint8_t *scratch;
	struct sim_trail_state *states;
	uint32_t count;
	uint32_t room;
	uint32_t round; /* once judged: the last so many steps come again for ever; 0: there are
	                   none */
};

void sim_trail_begin(struct sim_trail *trail, struct sim_explore_system *system);
/* Before a step of context c. */
void sim_trail_step(struct sim_trail *trail, unsigned c);
/*
 * Behind the last one. Where contexts can still go: whether the path has closed a round, or taking
 * turns from here does not end; if so, that is noted. The state may be another one then.
 */
bool sim_trail_judge(struct sim_trail *trail);
void sim_trail_end(struct sim_trail *trail);

#endif
