/* SPDX-License-Identifier: MIT */
/*
 * The subject "triangle": a receiver's bit is bound and unbound, set, and
 * taken, by three contexts; a small problem whose number of interleavings and
 * traces several tools agree on (facts concurrency.md section 2). Every variant
 * is four bare contexts in a row: bind, set, get, and the final check.
 */
#ifndef TESTS_SUBJECTS_TRIANGLE_H
#define TESTS_SUBJECTS_TRIANGLE_H

/* X(name, rounds of set and get, defect, lock). Defect 1: SET looks at the binding before it takes
 * the lock. 2: GET forgets the interrupt after it has given the lock back, and nobody unbinds. */
#define TRIANGLES(X)            \
	X(RAW_1, 1, 0, raw)     \
	X(RAW_2, 2, 0, raw)     \
	X(RAW_3, 3, 0, raw)     \
	X(RAW_18, 18, 0, raw)   \
	X(RAW_20, 20, 0, raw)   \
	X(NAMED_1, 1, 0, named) \
	X(NAMED_2, 2, 0, named) \
	X(NAMED_3, 3, 0, named) \
	X(EARLY_1, 1, 1, raw)   \
	X(LATE_1, 1, 2, raw)    \
	X(COMPARE_1, 1, 0, compare)

enum triangle {
#define X(name, rounds, defect, lock) TRIANGLE_##name,
	TRIANGLES(X)
#undef X
	        TRIANGLE_COUNT
};

/* Bare contexts of a variant. */
enum { TRIANGLE_BIND, TRIANGLE_SET, TRIANGLE_GET, TRIANGLE_CHECK, TRIANGLE_CONTEXTS };

/* What the check answers. */
enum triangle_verdict {
	TRIANGLE_RIGHT,
	TRIANGLE_STRAY,  /* a bit is pending that is not bound */
	TRIANGLE_MISSED, /* a bit was lost, or came twice */
	TRIANGLE_ASLEEP, /* a bit is pending and no interrupt says so */
};

#endif
