/* SPDX-License-Identifier: MIT */
#include "emu/subject/subject.h"
#include "tests/subjects/stray.h"

static unsigned last;

static void count(void)
{
	last = stray_next();
}

static const struct subject_bare bare[] = {{"count", count}};

const struct subject_entries subject_entries = {.name = "stray", .bare = bare, .bare_count = 1};
