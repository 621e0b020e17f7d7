/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUBJECTS_CALLS_CODE_H
#define TESTS_SUBJECTS_CALLS_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/subjects/calls.h"

void calls_boot(void);
void calls_shutdown(void);
void calls_interrupt(void);
/* False: denied. */
bool calls_run(uint64_t which);

#endif
