/* SPDX-License-Identifier: MIT */
/* Counts over the reports of one run, and what they amount to. Zero-initialised it is empty. */
#ifndef SIM_TRACE_SINK_TALLY_H
#define SIM_TRACE_SINK_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/report.h"

/* Exit code of a run in which nothing ran. */
#define SIM_EXIT_EMPTY 3

struct sim_tally {
	unsigned verdicts[SIM_VERDICT_COUNT];
	unsigned scenarios;
	unsigned schedules;
	unsigned warnings;
	uint64_t calls;
	uint64_t smcs;
	uint64_t traps;
};

void sim_tally_add(struct sim_tally *tally, const struct sim_report *report);

/* Whether the verdict makes the exit code of a run one of failure; an open one does. */
bool sim_verdict_is_failure(enum sim_verdict verdict);

unsigned sim_tally_failures(const struct sim_tally *tally);

/*
 * The exit code of the worst verdict; skipped scenarios count only if there is
 * nothing else. SIM_EXIT_EMPTY if there was no report.
 */
int sim_tally_exit_code(const struct sim_tally *tally);

/* "32 scenarios: 29 passed, 1 skipped, 1 incomplete, 1 failed (1 diverged)" */
void sim_tally_append(const struct sim_tally *tally, GString *out);

#endif
