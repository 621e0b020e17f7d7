/* SPDX-License-Identifier: MIT */
#include "tests/bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 31, TEXT_SIZE = 32 };

bool measure_smoke;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct measure measure(void (*run)(unsigned turns), unsigned turns)
{
	double times[RUNS] = {0};
	int runs = measure_smoke ? 1 : RUNS;

	if (measure_smoke)
		turns = 1;
	run(turns);
	for (int i = 0; i < runs; i++) {
		double start = now();

		run(turns);
		times[i] = (now() - start) / turns;
	}
	qsort(times, (size_t)runs, sizeof times[0], by_value);
	return (struct measure){
	        .median = times[runs / 2], .low = times[0], .high = times[runs - 1]};
}

static void format_time(double nanoseconds, char *text)
{
	if (nanoseconds < 1e3)
		snprintf(text, TEXT_SIZE, "%.1f ns", nanoseconds);
	else if (nanoseconds < 1e6)
		snprintf(text, TEXT_SIZE, "%.2f us", nanoseconds / 1e3);
	else
		snprintf(text, TEXT_SIZE, "%.1f ms", nanoseconds / 1e6);
}

void measure_heading(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	double load;

	if (!measure_smoke && getloadavg(&load, 1) == 1 && load * 2 > (double)cpus)
		printf("The machine is busy (load %.1f on %ld CPUs): the figures are too high.\n\n",
		       load, cpus);
	printf("%-44s %10s %10s %10s %8s  %s\n", "", "median", "lowest", "highest", "ratio",
	       "counts");
}

void measure_print(const char *name, const struct measure *measure, double base, const char *counts)
{
	char median[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE], ratio[TEXT_SIZE] = "";

	format_time(measure->median, median);
	format_time(measure->low, low);
	format_time(measure->high, high);
	if (base > 0)
		snprintf(ratio, sizeof ratio, "%.1f", measure->median / base);
	printf("%-44s %10s %10s %10s %8s  %s\n", name, median, low, high, ratio, counts);
}

void measure_missing(const char *name, const char *why)
{
	printf("%-44s %s\n", name, why);
}

void measure_aim(const char *name, double value, double aim)
{
	char text[TEXT_SIZE], limit[TEXT_SIZE];

	format_time(value, text);
	format_time(aim, limit);
	printf("%-44s %10s  aim: below %s: %s\n", name, text, limit,
	       measure_smoke ? "not judged"
	       : value < aim ? "met"
	                     : "not met");
}
