/* SPDX-License-Identifier: MIT */
/*
 * A subject that guests call: FFA_FEATURES with one of these as its argument
 * runs a small program on shared state, what else there is goes to the SPMC. Its
 * interrupt entry takes the lock that CALLS_NAMED takes too: a defect.
 */
#ifndef TESTS_SUBJECTS_CALLS_H
#define TESTS_SUBJECTS_CALLS_H

enum calls {
	CALLS_NAMED = 1, /* a section under a named lock */
	CALLS_SPIN,      /* under a lock that is exchanged, */
	CALLS_COMPARE,   /* one that is compared, */
	CALLS_TICKET,    /* one with tickets: the wait is a loop of loads */
	CALLS_AWAIT,     /* waits until the flag is raised, in a loop of loads */
	CALLS_RAISE,     /* raises the flag */
	CALLS_TRY,       /* tries the exchanged lock; DENIED if it is held */
	CALLS_RETRY,     /* tries it three times */
	CALLS_LEAVE,     /* takes the exchanged lock and keeps it */
	CALLS_TWO_FLAGS, /* waits until one of two words is raised, reading one after the other */
	CALLS_POLL,      /* looks under the named lock until something was posted */
	CALLS_POST,      /* posts it, under that lock */
	CALLS_GLANCE,    /* looks so a hundred times; DENIED if nothing came */
	CALLS_TALLY,     /* looks so, and counts in shared memory how often */
	CALLS_BACK_OFF,  /* takes the left lock and tries the right one, until it has both */
	CALLS_BACK_AWAY, /* the same, the right one first */
	CALLS_COUNT
};

#endif
