/* SPDX-License-Identifier: MIT */
/*
 * Put before each source of an instrumented mediator: copies, also those that
 * the compiler makes of an assignment, go to the hooks of emu/subject/access.c,
 * because the thread instrumentation leaves them alone.
 */
#ifndef SUBJECTS_INSTRUMENTED_H
#define SUBJECTS_INSTRUMENTED_H

#ifndef __ASSEMBLER__
__asm__(".set memcpy, subject_memcpy\n"
        ".set memset, subject_memset\n");
#endif

#endif
