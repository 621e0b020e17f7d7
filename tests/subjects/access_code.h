/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUBJECTS_ACCESS_CODE_H
#define TESTS_SUBJECTS_ACCESS_CODE_H

#include "tests/subjects/access.h"

void access_boot(void);
void access_volatile(void);
uint64_t access_atomics(void);
void access_plain(void);
uint64_t access_own(void);
void access_copy(void);
uint64_t access_reread(void);
void access_change(void);
uint64_t access_await(void);
void access_raise(void);

#endif
