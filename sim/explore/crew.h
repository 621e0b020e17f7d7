/* SPDX-License-Identifier: MIT */
/*
 * The processes that share a search. Each opens the subject for itself, because
 * the memory of an open one is shared with whatever is forked later; the
 * coordinator (parallel.h) has none open and outlives any crash. A worker does
 * what it is told, one message for each command:
 *
 *   OPEN    -> OPEN
 *   PLAN    -> PLAN    the jobs, or REPORT if there is nothing to explore
 *   RUN     -> PART    what the job came to; LOST, and the worker ends, if the subject is gone;
 *                      before that any number of POSITIONs, when asked for, and of FOUNDs, each
 *                      with a finding that the job had not come by before
 *   FINISH  -> DETAIL  what the host makes of a finding
 *
 * Before a step the worker has its path in shared memory, so that the
 * coordinator can tell what ended a process.
 */
#ifndef SIM_EXPLORE_CREW_H
#define SIM_EXPLORE_CREW_H

#include "sim/base/process.h"
#include "sim/explore/part.h"
#include "sim/explore/search.h"

#define SIM_MAX_WORKERS 256u

/* What a worker knows of the end of its subject. */
struct sim_crew_loss {
	bool known;
	enum sim_blame blame;
	char text[400];
};

/* What is to be explored, for a worker. */
struct sim_host {
	/* Opens it in this process; NULL: cannot, and *ret_report is what the coordinator gets. */
	struct sim_explore_system *(*open)(void *user, GBytes **ret_report);
	/* Before each job: forget what the names tell; NULL: nothing to forget. */
	void (*reset)(void *user);
	/* All about a finding, whose path leads to it; NULL: nothing is made of findings. */
	GBytes *(*finish)(void *user, const struct sim_part_finding *finding);
	/* Why it could not be opened, or is lost; NULL: nothing is ever lost. */
	void (*loss)(void *user, struct sim_crew_loss *ret_loss);
	/* Opened by two processes with equal answers, equal states have equal hashes; NULL: always.
	 */
	uint64_t (*anchor)(void *user);
	struct sim_part_names names;
	/* Shared by its processes, and kept in checkpoints: what was learned that is no state. */
	void *memo; /* or NULL */
	size_t memo_size;
	void *user;
};

/* What comes with PART, LOST and POSITION; whoever has it clears it. FOUND comes with a part. */
struct sim_told {
	struct sim_part *part;         /* since the job was given out */
	struct sim_part *deaths;       /* beside it: crashes, a finding each, named by their kind */
	struct sim_position *position; /* or NULL */
	struct sim_position *gift;     /* or NULL: work that somebody else is to do */
	GBytes *log;                   /* hashes of new states, 8 bytes each */
};

enum sim_crew_message {
	SIM_CREW_OPEN,
	SIM_CREW_PLAN,
	SIM_CREW_RUN,
	SIM_CREW_POSITION,
	SIM_CREW_FOUND,
	SIM_CREW_PART,
	SIM_CREW_LOST,
	SIM_CREW_REPORT,
	SIM_CREW_FINISH,
	SIM_CREW_DETAIL,
};

/* A path whose last step, or whose judgement, ends the process. */
struct sim_crash {
	bool judging;
	uint32_t kind; /* below SIM_EXPLORE_CRASHES */
	uint32_t job;  /* in which it came up first */
	struct sim_explore_path path;
};

/* Shared by all. */
struct sim_board {
	gint64 deadline; /* monotonic microseconds; 0: none */
	struct sim_search_calls calls;
	uint64_t tell_every;        /* see struct sim_search */
	bool log;                   /* new states are told */
	bool announces;             /* findings are told when they are found */
	struct sim_visited visited; /* stateful only */
	uint32_t crash_count;
	struct sim_crash crashes[SIM_TRAPS];
};

/* Shared by one worker and the coordinator. */
struct sim_desk {
	bool open; /* the subject is there */
	struct sim_crew_loss loss;
	uint64_t anchor;
	struct sim_explore_job job;
	bool resumes;
	struct sim_position resume;
	struct sim_explore_options options;
	struct sim_explore_result result;
	struct sim_search search;
};

struct sim_worker {
	struct sim_process process;
	bool busy;
	bool useless; /* it cannot share states with the others */
	unsigned job;
	struct sim_desk *desk;
};

struct sim_crew {
	const struct sim_host *host;
	struct sim_explore_options options;
	struct sim_board *board;
	unsigned count;
	struct sim_worker workers[SIM_MAX_WORKERS];
};

/* False, with a SIM_ERROR_ENVIRONMENT: there is no memory. Ended with sim_crew_fini() anyway. */
bool sim_crew_init(struct sim_crew *crew, const struct sim_host *host,
                   const struct sim_explore_options *options, unsigned count, GError **error);
/* Kills whoever is left. */
void sim_crew_fini(struct sim_crew *crew);

/* A new process for a worker that has none. */
bool sim_crew_start(struct sim_crew *crew, struct sim_worker *worker, GError **error);

/* Takes leave of it, as sim_process_end() does. */
void sim_crew_end(struct sim_worker *worker, bool kill_it);

/* False: it is gone. */
bool sim_crew_send(struct sim_worker *worker, enum sim_crew_message message, const void *bytes,
                   size_t size);
/* READY: a whole message, and *ret_bytes is the caller's. */
enum sim_wait sim_crew_receive(struct sim_worker *worker, struct sim_watch *watch,
                               enum sim_crew_message *ret_message, GBytes **ret_bytes);

/* False: those bytes are no such thing. */
bool sim_told_read(GBytes *bytes, struct sim_told *ret_told);
void sim_told_clear(struct sim_told *told);

/* What a worker does until the coordinator closes its end. */
void sim_crew_work(const struct sim_crew *crew, struct sim_worker *worker);

#endif
