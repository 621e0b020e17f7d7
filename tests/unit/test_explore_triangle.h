/* SPDX-License-Identifier: MIT */
/* The triangle (tests/subjects/triangle.h) for searches shared by processes. */
#ifndef TESTS_UNIT_TEST_EXPLORE_TRIANGLE_H
#define TESTS_UNIT_TEST_EXPLORE_TRIANGLE_H

#include "sim/explore/bare.h"
#include "sim/explore/parallel.h"
#include "tests/subjects/triangle.h"

struct triangle_host {
	enum triangle variant;
	uint64_t mask;
	struct shim_link link;
	struct sim_bare *bare;
};

/* Findings and outcomes are called by their numbers. */
void triangle_host(struct triangle_host *triangle, struct sim_host *ret_host);

#endif
