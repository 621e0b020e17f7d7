/* SPDX-License-Identifier: MIT */
/*
 * Runs scenario files on a subject and hands out one report for each, in order.
 *
 * The scenarios run in a forked worker, so that a subject that takes its
 * process down is a finding about one scenario; the next one gets a new worker.
 */
#ifndef SIM_SESSION_H
#define SIM_SESSION_H

#include <signal.h>

#include "sim/oracle/oracle.h"
#include "sim/report.h"
#include "sim/run.h"

struct sim_session_options {
	const char
	        *subject;  /* "inline", "process", "aarch64", or the path of one; NULL: "inline" */
	const char *build; /* "plain", "O2", "O0"; NULL: "plain". Not for a path */
	const char
	        *subject_dir; /* where subjects are looked for; NULL: see sim_folder_subjects() */
	const char *schedule; /* only the schedule with this name; NULL: all */
	unsigned timeout;     /* seconds a process subject may take for one answer; 0: default */
	struct sim_oracle_levels oracles;
	enum sim_narrating narrates;
	bool narrates_once; /* and not again once a report has a narrative */
	/*
	 * For a caller that blocks signals and sets a flag in their handlers: the mask while the
	 * session waits for a worker, and the flag. Once it is set the session ends, without a
	 * report for the scenario that is running. NULL: nothing ends it early.
	 */
	const sigset_t *wait_mask;
	const volatile sig_atomic_t *stop;
};

/*
 * Called once per file, in the order of paths. The report stays the session's. False: no more
 * files, please.
 */
typedef bool sim_session_on_report(void *user, const struct sim_report *report);

/*
 * Runs every file, unless it is stopped. A file whose worker the environment ended is begun anew,
 * up to SIM_PROCESS_TRIES times. Whatever happens to a scenario is in its report.
 */
void sim_session_run(const struct sim_session_options *options, const char *const *paths,
                     sim_session_on_report *on_report, void *user);

/*
 * The files that a list of arguments stands for: a file itself, a folder all its *.json below it,
 * sorted by name. A folder without any, or a name that is not there: SIM_ERROR_EMPTY or _FILE.
 * NULL-terminated; freed with g_strfreev().
 */
char **sim_session_collect(const char *const *arguments, GError **error);

#endif
