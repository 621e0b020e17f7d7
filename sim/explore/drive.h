/* SPDX-License-Identifier: MIT */
/* A shared search under way, as its coordinator sees it. Not for users of parallel.h. */
#ifndef SIM_EXPLORE_DRIVE_H
#define SIM_EXPLORE_DRIVE_H

#include "sim/explore/parallel.h"
#include "sim/explore/states_file.h"

enum sim_task_state {
	SIM_TASK_UNWANTED, /* not in this round, or of another shard */
	SIM_TASK_WAITING,
	SIM_TASK_RUNNING,
	SIM_TASK_DONE,
	SIM_TASK_STOPPED, /* by time or a signal, in the middle */
};

/* A job, and what became of it. */
struct sim_task {
	struct sim_explore_job job;
	enum sim_task_state state;
	struct sim_part *part;   /* the last one, of a round before this one too; of drive->parts */
	struct sim_part *base;   /* in the middle of it: what it came to before it was given out */
	struct sim_part *so_far; /* and what it has come to by now, base included; or NULL */
	struct sim_position *position; /* where it stood then; NULL: at the beginning */
	unsigned tries;                /* that the environment ended */
};

struct sim_drive {
	const struct sim_parallel_options *options;
	struct sim_watch watch; /* of every wait for a worker */
	struct sim_crew crew;
	struct sim_parallel *result;
	GPtrArray *tasks; /* struct sim_task */
	GPtrArray *parts; /* struct sim_part of all rounds; owns them */
	uint32_t round;
	uint64_t before; /* executions of the rounds before this one */
	uint32_t kinds;
	struct sim_part_finding words[SIM_EXPLORE_CRASHES];
	uint64_t anchor; /* stateful: of those who share states; 0: there are none yet */
	GArray *log;     /* stateful, with a checkpoint: hashes of all states */
	gint64 began;    /* monotonic microseconds, like the next */
	gint64 beat;     /* of the last look at the workers */
	uint64_t news;   /* tellings since the last checkpoint */
	uint64_t fresh;  /* steps that they told of */
	struct sim_states_file states; /* where the log is kept */
	unsigned found; /* with `first`: the job with the finding, and what comes after is void */
	bool limited;   /* max_executions were reached */
	struct sim_death trouble; /* why the search cannot go on; without a text: it can */
	uint32_t trouble_job;     /* whose worker had it, */
	struct sim_explore_path trouble_path; /* and where that stood */
	bool failed;                          /* and *error says why */
	GError **error;
};

static inline struct sim_task *sim_drive_task(const struct sim_drive *drive, unsigned number)
{
	return g_ptr_array_index(drive->tasks, number);
}

/* A task for this job at the end of the list; position: where it begins, is taken over, or NULL. */
struct sim_task *sim_drive_add_task(struct sim_drive *drive, const struct sim_explore_job *job,
                                    struct sim_position *position);

/* Executions of the jobs before this one in this round, as far as they are known, and of earlier
 * rounds. */
uint64_t sim_drive_executions_before(const struct sim_drive *drive, unsigned number);

bool sim_drive_counts_executions(const struct sim_drive *drive);

/* Gets a worker going that has no process; false: none can be made, and it is useless. */
bool sim_drive_ensure(struct sim_drive *drive, struct sim_worker *worker);

/* What is to be done about a worker that is gone, or whose subject is. */
enum sim_loss {
	SIM_LOSS_AGAIN, /* what it was at is to be done again */
	SIM_LOSS_END,   /* the same would happen again; drive->trouble may be why */
};

/* loss.c; tries: how often the environment has ended what the worker was at, is counted up. */
enum sim_loss sim_drive_bury(struct sim_drive *drive, struct sim_worker *worker,
                             const struct sim_part *last_words, unsigned *tries);

/* The search ends for this reason, unless it has one already; worker: whose, or NULL. */
void sim_drive_trouble(struct sim_drive *drive, const struct sim_death *death,
                       const struct sim_worker *worker);

/* Tells whoever wants to know of a finding while the search goes on. */
void sim_drive_announce(const struct sim_drive *drive, const struct sim_part_finding *finding);

/* The trouble as a finding of a part. */
void sim_drive_add_trouble(struct sim_drive *drive, struct sim_part *part);

#define SIM_DRIVE_NOT_FOUND UINT_MAX

/* Whether the search has come to the first finding, if that is to end it. */
static inline bool sim_drive_has_found(const struct sim_drive *drive)
{
	return drive->found != SIM_DRIVE_NOT_FOUND;
}

/* The number for a kind of crash; the last stands for all beyond. */
uint32_t sim_drive_kind(struct sim_drive *drive, const struct sim_part_finding *words);

/* Whether a worker that was just made can share states; if not, it is useless and gone. */
void sim_drive_check_anchor(struct sim_drive *drive, struct sim_worker *worker);

/* progress.c: fills in all but the round and the time. */
void sim_progress_of(const struct sim_drive *drive, struct sim_progress *progress);

/* Until no job is left that should be done. */
void sim_drive_run(struct sim_drive *drive);

/* Takes back what a finished task came to. */
void sim_drive_forget(struct sim_drive *drive, unsigned number);

/* checkpoint.c: writes it, whether due or not; reads one into a drive that has its plan. */
void sim_checkpoint_write(struct sim_drive *drive);
bool sim_checkpoint_read(struct sim_drive *drive);
/* The host's memo alone, before anything is opened; what is wrong, reading it says. */
void sim_checkpoint_recall(const struct sim_drive *drive);

#endif
