/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUBJECTS_STRAY_H
#define TESTS_SUBJECTS_STRAY_H

extern unsigned gathered_counter, stray_counter;

unsigned stray_next(void);

#endif
