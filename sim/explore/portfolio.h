/* SPDX-License-Identifier: MIT */
/*
 * The strategy "portfolio": several in one search, since none that draws at
 * random is the best for every defect, and some never find what others find at
 * once. What an execution is drawn by follows from its number alone, so that a
 * search can be split like that of a single strategy:
 *
 *   first   three stretches of at most SIM_PORTFOLIO_OPENING numbers, and together less than a
 *           quarter of all: interleavings with at most 0, 1 and 2 preemptions, depth first; where
 *           there are fewer of them than numbers, the rest is drawn like what comes behind
 *   then    SIM_PORTFOLIO_SLICE numbers for each of random, pct-2, pct-3, pos, urw, in turn
 *
 * Source: facts concurrency.md section 2.4.
 */
#ifndef SIM_EXPLORE_PORTFOLIO_H
#define SIM_EXPLORE_PORTFOLIO_H

#include <stdint.h>

#define SIM_PORTFOLIO_OPENING 512u
#define SIM_PORTFOLIO_BOUNDS  3u /* stretches of the opening */
#define SIM_PORTFOLIO_SLICE   16u

/* Who drew an execution, for hit rates; ALONE: the search has one strategy. */
#define SIM_MEMBERS(X)        \
	X(ALONE, "alone")     \
	X(BOUNDED, "bounded") \
	X(RANDOM, "random")   \
	X(PCT_2, "pct-2")     \
	X(PCT_3, "pct-3")     \
	X(POS, "pos")         \
	X(URW, "urw")

enum sim_member {
#define X(name, text) SIM_MEMBER_##name,
	SIM_MEMBERS(X)
#undef X
	        SIM_MEMBER_COUNT
};

const char *sim_member_name(enum sim_member member);

#endif
