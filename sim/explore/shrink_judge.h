/* SPDX-License-Identifier: MIT */
/*
 * What a scenario that is being shrunk comes to, and why: its one schedule as
 * written, or any schedule that a bounded search comes by. Each question is
 * answered in a process of its own, so that a crash is an answer too.
 *
 * Two failures have the same reason if the same oracle (or other source) gives
 * the same verdict about the same place of the file with the same words, names
 * of endpoints and numbers left aside.
 */
#ifndef SIM_EXPLORE_SHRINK_JUDGE_H
#define SIM_EXPLORE_SHRINK_JUDGE_H

#include <glib.h>

#include "sim/oracle/oracle.h"
#include "sim/report.h"
#include "sim/subject.h"

/* Limits of one search. */
#define SIM_JUDGE_MAX_STATES 20000u /* until a schedule with that reason is found */
#define SIM_JUDGE_SHORTEN    20000u /* until one with fewer preemptions is found */
#define SIM_JUDGE_LEVEL      200u   /* executions without preemptions that are looked at */

struct sim_reason {
	enum sim_verdict verdict;
	char *source;  /* the oracle's name, or where it comes from */
	char *message; /* as sim_cause_normalise() makes it */
	char *pointer; /* JSON pointer of what it is about, or NULL */
};

void sim_reason_free(struct sim_reason *reason); /* accepts NULL */
struct sim_reason *sim_reason_copy(const struct sim_reason *reason);

struct sim_judge_options {
	struct sim_subject_request subject; /* mediator is filled in from the scenario */
	struct sim_oracle_levels oracles;
	bool oracles_only;
	bool narrates;      /* PLAY: with a narrative of what fails */
	const char *source; /* whose findings count: an oracle's name, "expect"...; NULL: all */
};

/* What is asked. */
enum sim_judge_question {
	SIM_JUDGE_PLAY,   /* the schedule as written */
	SIM_JUDGE_ORDERS, /* is there an order without preemptions in which it does not fail so? */
	SIM_JUDGE_SEARCH, /* a schedule that fails for the reason */
};

struct sim_judgement {
	bool yes;                 /* PLAY, SEARCH: it fails for the reason. ORDERS: there is */
	enum sim_verdict verdict; /* PLAY: of the report */
	int diverged;             /* PLAY: the move that could not be done, or -1 */
	char *schedule;           /* PLAY: the schedule that fails; NULL: the set-up does */
	char *source, *message, *place, *detail; /* PLAY: of the first failure, as reported */
	char *pointer;
	char *trace;          /* PLAY: of what fails, without what comes after its rest */
	char *narrative;      /* PLAY: the same for people, if it was asked for; or NULL */
	char *moves;          /* SEARCH: the schedule, as JSON text */
	uint32_t steps;       /* PLAY: lines of the trace */
	uint32_t switches;    /* PLAY: from one actor to another */
	uint32_t preemptions; /* PLAY: of them, from one that could go on */
};

void sim_judgement_free(struct sim_judgement *judgement); /* accepts NULL */
typedef struct sim_judgement SimJudgement;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimJudgement, sim_judgement_free)

/*
 * scenario: loaded, with the schedule in question alone. reason: NULL asks of PLAY whether it fails
 * at all. watch: ends it early, with NULL and no error; the time of a search is what its deadline
 * leaves. NULL, with a SIM_ERROR_ENVIRONMENT or _BUG: nothing can be known.
 */
struct sim_judgement *sim_judge(const struct sim_judge_options *options,
                                const struct sim_scenario *scenario,
                                const struct sim_reason *reason, enum sim_judge_question question,
                                struct sim_watch *watch, GError **error);

#endif
