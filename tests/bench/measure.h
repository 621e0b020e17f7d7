/* SPDX-License-Identifier: MIT */
/* Repeats, takes the time, prints lines of a table. Nanoseconds throughout. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stdbool.h>

struct measure {
	double median;
	double low;
	double high;
};

/* A smoke run does everything once and judges nothing. */
extern bool measure_smoke;

/* The time of one turn: the median of several runs of `turns` turns each, after one to warm up. */
struct measure measure(void (*run)(unsigned turns), unsigned turns);

/* Says so first if other programs keep the machine busy: then every figure is too high. */
void measure_heading(void);

/* counts: what is behind the figure, in words. ratio: to `base`; 0: none. */
void measure_print(const char *name, const struct measure *measure, double base,
                   const char *counts);
void measure_missing(const char *name, const char *why);

/* A line that says whether a value is below its aim. */
void measure_aim(const char *name, double value, double aim);

#endif
