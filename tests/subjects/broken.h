/* SPDX-License-Identifier: MIT */
/*
 * The subject "broken": behaves until it is told not to. ID_GET answers as it
 * should; FEATURES with one of these numbers in w1 is what goes wrong. The machine's
 * option "announces" is what it announces to follow.
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
	BROKEN_ASSERT,   /* fails an assertion of the C library */
	BROKEN_PANIC,    /* panics */
	BROKEN_STACK,    /* calls itself for ever */
	BROKEN_RELEASE,  /* releases a lock it does not hold */
	BROKEN_RETAKE,   /* takes a lock it holds */
	BROKEN_FREE,     /* frees what is no allocation */
	BROKEN_JUMP,     /* calls through a null pointer */
	BROKEN_WILD,     /* writes to an address that no processor has */
	BROKEN_STATIC,   /* writes to a constant */
	/* of these the first call takes the first lock, then the second; later ones take none */
	BROKEN_AB,
	BROKEN_BA,
	BROKEN_BC,
	BROKEN_CA,
	BROKEN_ONCE,    /* dies of SIGKILL unless there is the file $BROKEN_ONCE, which it makes */
	BROKEN_CPU,     /* dies of SIGXCPU */
	BROKEN_OUTSIDE, /* has another process send it SIGSEGV */
	BROKEN_STOP,    /* is stopped by a signal */
	BROKEN_LEAVE,   /* calls exit() with status 3 */
	BROKEN_SLOW,    /* nothing; from then on a GET sends 2000 SMCs */
};

#endif
