/* SPDX-License-Identifier: MIT */
#include "sim/base/watch.h"

static gint64 (*clock_used)(void);

gint64 sim_clock_now(void)
{
	return clock_used ? clock_used() : g_get_monotonic_time();
}

void sim_clock_use(gint64 (*clock)(void))
{
	clock_used = clock;
}

gint64 sim_clock_after(double seconds)
{
	return seconds > 0 ? sim_clock_now() + (gint64)(seconds * G_USEC_PER_SEC) : 0;
}

void sim_watch_stop(struct sim_watch *watch)
{
	if (!watch->stopped)
		watch->stopped = sim_clock_now();
}

bool sim_watch_is_stopped(struct sim_watch *watch)
{
	if (watch->stop && *watch->stop)
		sim_watch_stop(watch);
	return watch->stopped;
}

bool sim_watch_is_late(const struct sim_watch *watch)
{
	return watch->deadline && sim_clock_now() >= watch->deadline;
}

/* Microseconds until it is over, at most so many. */
static gint64 left(struct sim_watch *watch, gint64 most)
{
	gint64 now = sim_clock_now();

	if (sim_watch_is_stopped(watch))
		most = MIN(most, watch->stopped + watch->grace - now);
	if (watch->deadline)
		most = MIN(most, watch->deadline + watch->grace - now);
	return most;
}

bool sim_watch_is_over(struct sim_watch *watch)
{
	return left(watch, G_USEC_PER_SEC) <= 0;
}

int sim_watch_left(struct sim_watch *watch, int most)
{
	gint64 time = left(watch, most * (gint64)1000);

	return time > 0 ? (int)((time + 999) / 1000) : 0;
}
