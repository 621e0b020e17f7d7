/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUBJECTS_BROKEN_CODE_H
#define TESTS_SUBJECTS_BROKEN_CODE_H

#include "emu/subject/subject.h"
#include "tests/subjects/broken.h"

void broken_boot(void);
void broken_shutdown(void);
void broken_call(struct ffa_id vm, struct ffa_regs *regs);

#endif
