/* SPDX-License-Identifier: MIT */
/*
 * Two runs of one scenario, on two subjects, side by side: where their contract
 * traces first differ, with the lines before and after.
 */
#ifndef SIM_COMPARE_H
#define SIM_COMPARE_H

#include "sim/report.h"

/* Lines of context that are shown before the first difference, and from it on. */
#define SIM_COMPARE_BEFORE 3u
#define SIM_COMPARE_AFTER  6u

/*
 * Whether both ran and left the same contract trace. If not, and out is given, text for people is
 * appended: the moment, and the two traces in two columns under the names given.
 */
bool sim_compare_reports(const struct sim_report *a, const char *name_a, const struct sim_report *b,
                         const char *name_b, GString *out);

#endif
