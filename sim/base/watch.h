/* SPDX-License-Identifier: MIT */
/*
 * The clock, and what ends a wait or a search before its time: a signal that
 * asks the program to end, a limit of time. Zero: nothing does.
 */
#ifndef SIM_BASE_WATCH_H
#define SIM_BASE_WATCH_H

#include <glib.h>
#include <signal.h>
#include <stdbool.h>

struct sim_watch {
	unsigned timeout; /* seconds that a process may be without progress; 0: for ever */
	gint64 deadline;  /* as sim_clock_now() counts; 0: none */
	gint64 grace;     /* microseconds from stop or deadline until the wait itself ends */
	/*
	 * For a caller that blocks signals and sets a flag in their handlers: the mask while
	 * something is waited for, and the flag. NULL: no signal ends anything.
	 */
	const sigset_t *wait_mask;
	const volatile sig_atomic_t *stop;
	gint64 stopped; /* when the flag was first seen, or sim_watch_stop() called; 0: neither */
};

/* Monotonic microseconds. */
gint64 sim_clock_now(void);

/* For tests: another clock, in this process and those it forks; NULL: the monotonic one again. */
void sim_clock_use(gint64 (*clock)(void));

/* The moment so many seconds from now; 0 for 0 seconds: no limit. */
gint64 sim_clock_after(double seconds);

/* Ends what is watched as a signal would. */
void sim_watch_stop(struct sim_watch *watch);

/* Whether either is the case. */
bool sim_watch_is_stopped(struct sim_watch *watch);

/* Whether the deadline has passed. */
bool sim_watch_is_late(const struct sim_watch *watch);

/* Whether either is the case, and the grace is used up since. */
bool sim_watch_is_over(struct sim_watch *watch);

/* Milliseconds until then, at most so many; 0: it is over. */
int sim_watch_left(struct sim_watch *watch, int most);

#endif
