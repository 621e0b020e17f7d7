/* SPDX-License-Identifier: MIT */
/* The only source that is compiled for each build of a subject: its name. */
#include "emu/subject/internal.h"

#ifndef SUBJECT_BUILD
#define SUBJECT_BUILD "plain"
#endif

const char subject_build[] = SUBJECT_BUILD;
