/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUBJECTS_BARE_CODE_H
#define TESTS_SUBJECTS_BARE_CODE_H

#include "emu/subject/subject.h"
#include "tests/subjects/bare.h"

extern const struct subject_bare bare_contexts[BARE_COUNT];

enum ffa_status bare_boot(const char *options);

#endif
