/* SPDX-License-Identifier: MIT */
/*
 * Makes a failing scenario smaller: fewer steps, actors, VMs, SPs, faults,
 * expectations, simpler values, a schedule with fewer preemptions and moves,
 * while it fails for the same reason (shrink_judge.h). In the end nothing can
 * be taken out alone, unless a limit came first.
 *
 * What a scenario expects was written for the scenario as it was. So if its own
 * expectation or outcome fails, and there are orders without preemptions in
 * which it does not, what is left has such an order too.
 *
 * Every candidate is written, loaded and run as any file is; where its schedule
 * no longer fits, moves that cannot be done are left out, then another schedule
 * is searched. Equal arguments give equal files, unless the time limit ends it.
 */
#ifndef SIM_EXPLORE_SHRINK_H
#define SIM_EXPLORE_SHRINK_H

#include "sim/explore/shrink_judge.h"

/* Candidates that are judged for one file. */
#define SIM_SHRINK_CANDIDATES 5000u

/* How large a failing scenario is. */
struct sim_shrink_size {
	uint32_t steps; /* lines of the failing run, without what comes after its rest */
	uint32_t calls; /* steps of the set-up and of the threads */
	uint32_t preemptions;
};

/* How far it is. */
struct sim_shrink_progress {
	unsigned candidates;
	unsigned reductions;
	struct sim_shrink_size size; /* of the smallest so far */
	double seconds;
};

/* Milliseconds from one report of it to the next. */
#define SIM_SHRINK_BEAT 400

struct sim_shrink_options {
	struct sim_judge_options judge;
	const char *schedule;    /* the one to keep; NULL: the first that fails by itself */
	unsigned max_candidates; /* 0: SIM_SHRINK_CANDIDATES */
	double seconds;          /* 0: no limit */
	/* As in struct sim_session_options. */
	const sigset_t *wait_mask;
	const volatile sig_atomic_t *stop;
	/* Each thing that could be taken out or made simpler; may be NULL. */
	void (*on_reduction)(void *user, const char *text);
	/* Every now and then, how far it is; may be NULL. */
	void (*on_progress)(void *user, const struct sim_shrink_progress *progress);
	void *user;
};

enum sim_shrink_end {
	SIM_SHRINK_MINIMAL,
	SIM_SHRINK_LIMIT_CANDIDATES,
	SIM_SHRINK_LIMIT_TIME,
	SIM_SHRINK_INTERRUPTED, /* by the stop flag */
	SIM_SHRINK_ENVIRONMENT, /* nothing could be judged any more, see `trouble` */
	SIM_SHRINK_BUG,         /* the same, because of ffasim itself */
};

struct sim_shrunk {
	enum sim_shrink_end end;
	char *text;     /* the file */
	char *schedule; /* the name of its schedule */
	enum sim_verdict verdict;
	char *source, *message;
	char *place;  /* in `text`, or of a crash in the mediator; or NULL */
	char *detail; /* more lines, or NULL */
	char *trace;  /* of the failing run, as sim/trace/narrative.h has it; or NULL */
	struct sim_shrink_size before, after;
	unsigned candidates;
	unsigned unjudged; /* candidates that the environment kept from being judged, */
	char *trouble;     /* and why the last of them was; NULL: there was none */
};

void sim_shrunk_free(struct sim_shrunk *shrunk); /* accepts NULL */
typedef struct sim_shrunk SimShrunk;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimShrunk, sim_shrunk_free)

/*
 * Whatever ends it early, the smallest file so far is the result. name: what the file will be
 * called, for places in it. NULL, with an error, if the file is no scenario, the subject cannot be
 * used, or no schedule of it fails by itself other than by diverging; or if it ended before it knew
 * that, with SIM_ERROR_ENVIRONMENT, _BUG, or _STOPPED for a signal or the limit of time.
 */
struct sim_shrunk *sim_shrink(const struct sim_shrink_options *options, const char *path,
                              const char *name, GError **error);

#endif
