/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUBJECTS_ACCESS_CODE_H
#define TESTS_SUBJECTS_ACCESS_CODE_H

#include "tests/subjects/access.h"

struct access_block {
	uint8_t bytes[ACCESS_COPY_SIZE];
};

extern uint32_t access_from, access_to;
extern struct access_block access_source, access_target;

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
