/* SPDX-License-Identifier: MIT */
/*
 * What one scenario on one subject came to: a verdict, the findings behind it,
 * the contract trace, some counts. Plain data: made where the scenario ran,
 * carried over a pipe, written out by the sinks. Contains no time, no address,
 * nothing that differs between two runs.
 *
 * A report owns its strings and arrays; sim_report_free() accepts NULL.
 */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/base/process.h"
#include "sim/scenario/scenario.h"

/* A report that travels over a pipe is no larger than this; traces make up nearly all of it. */
#define SIM_MAX_REPORT_SIZE (256u * 1024u * 1024u)

/*
 * X(name, text, exit code, rank): of several verdicts the one with the highest rank counts. What
 * was found outranks what could not be judged: a finding stands, however much was left out beside
 * it.
 */
#define SIM_VERDICTS(X)                                                                       \
	X(PASS, "pass", 0, 0)                                                                 \
	X(KNOWN_FAILING, "known-failing", 0, 0) /* failed, as the scenario says it does */    \
	X(SKIPPED, "skipped", 77, 1)                                                          \
	X(INCOMPLETE, "incomplete", 6, 2)   /* nothing found, but something was not judged */ \
	X(ENVIRONMENT, "environment", 7, 3) /* killed from outside, out of memory, ... */     \
	X(DIVERGED, "diverged", 1, 4)                                                         \
	X(FAIL, "fail", 1, 5)                                                                 \
	X(LIVENESS, "liveness", 4, 6)                                                         \
	X(CRASH, "crash", 5, 7)                                                               \
	X(SUBJECT, "subject unusable", 5, 8)                                                  \
	X(INVALID, "invalid scenario", 3, 9)                                                  \
	X(BUG, "bug in ffasim", 99, 10)

enum sim_verdict {
#define X(name, text, code, rank) SIM_VERDICT_##name,
	SIM_VERDICTS(X)
#undef X
	        SIM_VERDICT_COUNT
};

const char *sim_verdict_text(enum sim_verdict verdict);
int sim_verdict_exit_code(enum sim_verdict verdict);
int sim_verdict_rank(enum sim_verdict verdict);
/* Neither passed nor found wrong: a limit, a cut, or the environment came first. */
bool sim_verdict_is_open(enum sim_verdict verdict);
/* Of two verdicts the one with the higher rank; the first if they have the same. */
enum sim_verdict sim_verdict_worse(enum sim_verdict a, enum sim_verdict b);

/* Who says so. An expectation is the scenario's own; an oracle has a name. */
enum sim_source {
	SIM_SOURCE_EXPECT,   /* "expect" of a step, or "boot" of the machine */
	SIM_SOURCE_OUTCOME,  /* an expression of "outcomes" */
	SIM_SOURCE_SCHEDULE, /* an "until" that was not reached, a step that never ran */
	SIM_SOURCE_ORACLE,
	SIM_SOURCE_SUBJECT, /* crash, runaway, loss of the subject */
	SIM_SOURCE_LOADER,  /* the file itself */
	SIM_SOURCE_ENVIRONMENT,
	SIM_SOURCE_FFASIM,
	SIM_SOURCE_COUNT
};

const char *sim_source_text(enum sim_source source);

/* When in a run a finding was made. */
enum sim_moment {
	SIM_MOMENT_STEP, /* while somebody went on */
	SIM_MOMENT_REST, /* once all had come to rest */
	SIM_MOMENT_END,  /* while the machine was taken down */
	SIM_MOMENT_GONE, /* after that */
};

/* The verdict about a scenario whose process died, or on an error that kept it from being run. */
enum sim_verdict sim_verdict_of_blame(enum sim_blame blame);
enum sim_verdict sim_verdict_of_error(const GError *error);
/* And the source of that: subject, loader, environment or ffasim. */
enum sim_source sim_source_of_verdict(enum sim_verdict verdict);

struct sim_finding {
	enum sim_verdict verdict;
	enum sim_source source;
	bool warning;   /* an oracle demoted with -W: told, but no failure */
	char *oracle;   /* name, or NULL */
	char *cause;    /* see sim/cause.h; NULL: of no run */
	char *schedule; /* name, or NULL for the set-up */
	char *message;  /* lower case, one line, no full stop */
	char *place;    /* "file:line:col: /pointer", or NULL */
	char *detail;   /* more lines for people (who holds what...), or NULL */
	/* These stay in the process. */
	uint64_t crash_pc;    /* of the frame that the place is of; 0: it is no crash */
	uint32_t crash_inner; /* frames with that address that are inlined into it */
	gsize told_at;        /* bytes of trace before it, while the run has one */
	enum sim_moment moment;
};

struct sim_schedule_report {
	char *name;
	enum sim_verdict verdict;
	char *trace;       /* contract trace of this schedule, lines with '\n' */
	char *diagnostics; /* the same with diagnostic events among them */
	char *narrative;   /* the same for people, see sim/narrate.h; NULL: it was not asked for */
	uint32_t steps;    /* stops of the scheduler */
	gsize rest_at; /* bytes of trace before the machine is taken down; stays in the process */
};

struct sim_report {
	char *path;
	char *id;
	char *about;
	char *subject; /* as asked for: "inline", "process", "aarch64" or a path */
	char *build;   /* "plain", "O2", "O0"; of the subject that ran, NULL if none did */
	char *reason;  /* of skipped and known-failing */
	enum sim_verdict verdict;
	GPtrArray *findings;  /* struct sim_finding */
	GPtrArray *schedules; /* struct sim_schedule_report */
	char *setup_trace;
	char *setup_diagnostics;
	char *setup_narrative; /* of a set-up that fails, or NULL */
	uint64_t calls;        /* guest calls made */
	uint64_t smcs;         /* SMCs served, questions asked on copies included */
	uint64_t traps;        /* of them, SMC instructions trapped (aarch64) */
};

struct sim_report *sim_report_new(const char *path, const char *subject);
void sim_report_free(struct sim_report *report);
typedef struct sim_report SimReport;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimReport, sim_report_free)

/* Whether the scenario was run, whatever came of it: file, subject and environment were usable. */
bool sim_report_ran(const struct sim_report *report);

/* Appends a finding; the strings are copied. The report's verdict rises to the finding's. */
struct sim_finding *sim_report_add(struct sim_report *report, enum sim_verdict verdict,
                                   enum sim_source source, const char *schedule,
                                   const struct sim_place *place, const char *format, ...)
        G_GNUC_PRINTF(6, 7);

/* Of the findings but warnings the first of those with the highest rank; NULL if there is none. */
const struct sim_finding *sim_report_worst(const struct sim_report *report);

/* Whether something was found, and not only left open. */
bool sim_report_has_finding(const struct sim_report *report);

/* Applies "known-failing": a failure becomes KNOWN_FAILING, a pass becomes FAIL. */
void sim_report_settle(struct sim_report *report, const struct sim_scenario *scenario);

/* To bytes and back; NULL if the bytes are not a whole report. */
GBytes *sim_report_to_bytes(const struct sim_report *report);
struct sim_report *sim_report_from_bytes(GBytes *bytes);

/* No more bytes than that, if leaving out all traces is enough; a warning says so then. */
GBytes *sim_report_to_bytes_within(struct sim_report *report, gsize most);

#endif
