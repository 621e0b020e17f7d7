/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUBJECTS_TRIANGLE_CODE_H
#define TESTS_SUBJECTS_TRIANGLE_CODE_H

#include <stdint.h>

#include "tests/subjects/triangle.h"

/* The lock with a name, which the port brings. */
void triangle_take_named(void);
void triangle_release_named(void);

#define X(name, rounds, defect, lock)    \
	void triangle_bind_##name(void); \
	void triangle_set_##name(void);  \
	void triangle_get_##name(void);
TRIANGLES(X)
#undef X

uint64_t triangle_check(void);

#endif
