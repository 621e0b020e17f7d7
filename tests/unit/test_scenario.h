/* SPDX-License-Identifier: MIT */
/*
 * What the tests of wrong scenario files share.
 *
 * Their texts mark the place of the mistake with '@', which is taken out before
 * they are loaded; line and column are counted from it, so that no expectation
 * depends on an output.
 */
#ifndef TESTS_UNIT_TEST_SCENARIO_H
#define TESTS_UNIT_TEST_SCENARIO_H

#include <glib.h>

#include "sim/scenario/scenario.h"

#define FILE_NAME "f.json"

/* Loads text without its mark, which must fail with code, at the mark, with message. */
void expect_error(GString *text, enum sim_error code, const char *pointer, const char *message);

#endif
