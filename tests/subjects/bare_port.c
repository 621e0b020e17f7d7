/* SPDX-License-Identifier: MIT */
#include "tests/subjects/bare_code.h"

/* The entries of tasks log which one it is. */
static void run_work(uint32_t id)
{
	subject_log(0, "work", id);
	subject_interrupt_window();
}

static void run_timer(uint32_t id)
{
	subject_log(0, "timer", id);
}

const struct subject_entries subject_entries = {
        .name = "bare",
        .boot = bare_boot,
        .work = run_work,
        .timer = run_timer,
        .bare = bare_contexts,
        .bare_count = BARE_COUNT,
};
