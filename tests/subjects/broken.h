/* SPDX-License-Identifier: MIT */
/*
 * The subject "broken": behaves until it is told not to. ID_GET answers as it
 * should; FEATURES with one of these numbers in w1 is what goes wrong.
 */
#ifndef TESTS_SUBJECTS_BROKEN_H
#define TESTS_SUBJECTS_BROKEN_H

enum broken_how {
	BROKEN_KILL = 1, /* dies of SIGKILL */
	BROKEN_EXIT,     /* exits with status 7 */
	BROKEN_SLEEP,    /* sleeps for ever */
	BROKEN_SPIN,     /* runs for ever */
	BROKEN_WRITE,    /* writes through a null pointer */
	BROKEN_ABORT,    /* aborts */
	BROKEN_SMC,      /* sends SMCs for ever */
	BROKEN_TRY,      /* tries for ever to take a lock */
	BROKEN_PRINT,    /* prints a line that looks like a test result */
};

#endif
