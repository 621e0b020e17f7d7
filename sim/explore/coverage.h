/* SPDX-License-Identifier: MIT */
/* What a search came to, as a report tells it. */
#ifndef SIM_EXPLORE_COVERAGE_H
#define SIM_EXPLORE_COVERAGE_H

#include "sim/explore/file.h"
#include "sim/explore/part.h"

/* The one line that says what was gone through, what that rests on, and what it leaves out. */
char *sim_coverage_text(const struct sim_explore_file_options *options,
                        const struct sim_part *whole, bool races);

/*
 * Of a search that draws its executions: how many of those of each strategy show a finding, as in
 * "random 12/1000, pct-2 0/1000". NULL of any other search.
 */
char *sim_coverage_rates(const struct sim_explore_file_options *options,
                         const struct sim_part *whole, const struct sim_part_finding *finding);

/* "; not judged: ..." at the end of such a line; nothing if all was. */
void sim_coverage_append_unjudged(GString *text, const struct sim_unjudged *unjudged);

/* Whether not even one execution or step was gone through. */
bool sim_coverage_is_empty(const struct sim_part *whole);

/*
 * Counts, outcomes, that line, and the verdict as far as it follows from them: "incomplete" where
 * something was left out that the search was asked for.
 */
void sim_coverage_tell(const struct sim_explore_file_options *options, const struct sim_part *whole,
                       bool races, struct sim_explored_file *file);

/* A finding about an outcome of the scenario that is never there; place may be NULL. */
void sim_coverage_add_unseen(struct sim_explored_file *file, const char *text, const char *place);

#endif
