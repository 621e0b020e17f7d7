/* SPDX-License-Identifier: MIT */
/*
 * The subject "access": functions with a known number of accesses, built plain
 * and instrumented. Only access.c is instrumented; the rest is its port.
 */
#ifndef TESTS_SUBJECTS_ACCESS_H
#define TESTS_SUBJECTS_ACCESS_H

#include <stdint.h>

#define ACCESS_CONTEXTS(X)                                                                        \
	X(VOLATILE) /* 3 reads and 2 writes of a volatile variable */                             \
	X(ATOMICS)  /* ACCESS_ATOMIC_COUNT atomic operations; logs a bit for each right answer */ \
	X(PLAIN)    /* one read of a variable, one write of another */                            \
	X(OWN)      /* volatile accesses of a variable of its own, on its stack */                \
	X(COPY)     /* copies a structure, then clears one */                                     \
	X(REREAD)   /* reads under the lock, releases, takes, reads again; logs the sum */        \
	X(CHANGE)   /* sets the variable that REREAD reads to 40, under the lock */               \
	X(AWAIT)    /* spins until a volatile flag is set, then logs it */                        \
	X(RAISE)    /* sets that flag to 1 */

enum access_context {
#define X(name) ACCESS_##name,
	ACCESS_CONTEXTS(X)
#undef X
	        ACCESS_COUNT
};

#define ACCESS_ATOMIC_COUNT  15u
#define ACCESS_ATOMIC_RESULT 0x7ffu /* one bit for each check that came out right */
#define ACCESS_COPY_SIZE     200u

#endif
