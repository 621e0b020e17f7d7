/* SPDX-License-Identifier: MIT */
/*
 * The subject "bare": a menu of plain C functions, one context each, for the
 * tests of the shim and of the SDK. No FF-A. The boot entry initialises the
 * locks; what a context found out it logs as a value.
 */
#ifndef TESTS_SUBJECTS_BARE_H
#define TESTS_SUBJECTS_BARE_H

/* How often the contexts with MANY in their name do it: more than a ring of events. */
#define BARE_MANY 5000u

#define BARE_CONTEXTS(X)                                                                    \
	X(READ)         /* logs the counter */                                              \
	X(LOCKED_ADD)   /* counter + 1 under lock a, with a window between read, write */   \
	X(UNLOCKED_ADD) /* the same without the lock */                                     \
	X(CORNER_AB)    /* takes a, then b, then releases both */                           \
	X(CORNER_BC)                                                                        \
	X(CORNER_CA)                                                                        \
	X(TRY_A)          /* logs what trylock of a says; releases it if it got it */       \
	X(TRY_TWICE)      /* logs both answers of two trylocks of a, keeps none */          \
	X(RELOCK)         /* takes a twice */                                               \
	X(UNLOCK_FREE)    /* releases a, which nobody holds */                              \
	X(UNLOCK_FOREIGN) /* releases a, which another context holds */                     \
	X(FINI_HELD)      /* finishes a, which this context holds */                        \
	X(LOCK_ZERO)      /* takes a lock that was never initialised */                     \
	X(LOCK_FINISHED)  /* takes one that is finished */                                  \
	X(LOCK_LONG_NAME) /* initialises one whose class name is too long */                \
	X(LOCK_TOO_MANY)  /* initialises locks until the limit */                           \
	X(DEFER_TOO_HIGH) /* defers work whose number is the limit */                       \
	X(TIMER_TOO_HIGH) /* sets a timer whose number is the limit */                      \
	X(LOG_MANY)       /* logs 0 .. BARE_MANY - 1 */                                     \
	X(LOCK_MANY)      /* takes and releases a BARE_MANY times */                        \
	X(LOG_TEXTS)      /* logs the values 1, 2, 3 as "one", "two", "three" */            \
	X(DEEP)           /* fills 32 KiB of stack, a window, checks it, logs 1 if right */ \
	X(ALLOC_FREE)     /* allocates, frees; logs 1 if all was zero and aligned */        \
	X(ALLOC_KEEP)     /* logs whether it got 100 bytes, which it keeps */               \
	X(FREE_KEPT)      /* frees them */                                                  \
	X(ALLOC_ALL)      /* 4 KiB until there is none, logs how many, frees all */         \
	X(ALLOC_HUGE)     /* more than the largest block; logs whether it got it */         \
	X(FREE_TWICE)                                                                       \
	X(FREE_INSIDE) /* a pointer into an allocation */                                   \
	X(FREE_STACK)  /* a pointer that is not of the heap */                              \
	X(FREE_NULL)                                                                        \
	X(WRITE_NULL)                                                                       \
	X(ABORT)                                                                            \
	X(DIVIDE)   /* x86 only: aarch64 divides by zero without a trap */                  \
	X(OVERFLOW) /* recursion without end */                                             \
	X(JUMP)     /* to where no code is */                                               \
	X(ILLEGAL)  /* an instruction that does not exist */                                \
	X(TASKS)    /* timer 3 in 500 ns, timer 1 in 200 ns, work 2 twice */                \
	X(SPIN)     /* for ever, without a point */                                         \
	X(SPIN_TRY) /* for ever, passing points */                                          \
	X(SMC_5)    /* aarch64 only: smc with an immediate */                               \
	X(HVC)      /* aarch64 only */

enum bare_context {
#define X(name) BARE_##name,
	BARE_CONTEXTS(X)
#undef X
	        BARE_COUNT
};

#endif
