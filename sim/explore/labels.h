/* SPDX-License-Identifier: MIT */
/* What became of the labelled steps of a scenario: an outcome of an execution. */
#ifndef SIM_EXPLORE_LABELS_H
#define SIM_EXPLORE_LABELS_H

#include "sim/run.h"

/* The same for the same outcomes. */
uint64_t sim_labels_key(const struct sim_run *run);

/* "set=SUCCESS get=DENIED late=-"; "" if there are none. Caller frees. */
char *sim_labels_text(const struct sim_run *run);

#endif
