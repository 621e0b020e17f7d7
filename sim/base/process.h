/* SPDX-License-Identifier: MIT */
/*
 * Functions in processes of their own: the only place that forks them, waits
 * for them and words their deaths.
 *
 * A process has a stream to its parent, a socket for both directions. It dies
 * with its parent. What it prints goes to standard error, and it reads nothing:
 * a subject may run in it, and whatever that prints is no output of ours.
 */
#ifndef SIM_BASE_PROCESS_H
#define SIM_BASE_PROCESS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/base/fault.h"
#include "sim/base/watch.h"

/* How often a job is begun whose process the environment ended. */
#define SIM_PROCESS_TRIES 3u

/* Shared by a process and its parent. */
struct sim_process_desk {
	uint64_t entries; /* grows where code of a subject begins, and where it ends: odd inside */
	struct sim_fault fault;
};

/* A process, as its parent knows it. Zero: there is none. */
struct sim_process {
	pid_t pid;
	int fd;
	bool readable; /* sim_process_poll() found something, or the end of the stream */
	struct sim_process_desk *desk;
	/* how it ended */
	int status;  /* of waitpid() */
	bool inside; /* code of a subject ran */
	bool asleep; /* it made no progress for `timeout` seconds, and was killed */
	char state;  /* then: what the kernel called it, as in /proc/PID/stat */
	struct sim_fault fault;
	/* how it gets on */
	unsigned timeout;
	unsigned quiet;   /* looks without progress in a row, a second from one to the next */
	gint64 looked;    /* when the last of them was, */
	gint64 cpu_time;  /* what it had used by then, in nanoseconds, */
	uint64_t entries; /* where it was, */
	gint64 entered;   /* and what it had used when it was there for the first time */
};

/* Runs in the process, which ends with status 0 when it returns. */
typedef void sim_process_fn(void *user, int fd);

/* False, with a SIM_ERROR_ENVIRONMENT, if no process can be made; then there is none. */
bool sim_process_start(struct sim_process *ret_process, sim_process_fn *fn, void *user,
                       GError **error);

/*
 * Zeroed memory that this process and those it forks from here on share; what is not touched takes
 * no room. NULL, with a SIM_ERROR_ENVIRONMENT. Given back with munmap().
 */
void *sim_process_share(size_t size, GError **error);

/* In a process: what to count up before and after code of a subject runs; NULL in any other. */
uint64_t *sim_process_entries(void);

/* Why a wait ended. */
enum sim_wait {
	SIM_WAIT_READY,   /* there is something to read, or the stream has ended */
	SIM_WAIT_GONE,    /* the stream has ended, where more was to be read */
	SIM_WAIT_ASLEEP,  /* no progress; the process was killed */
	SIM_WAIT_STOPPED, /* the watch is over, and there is nothing to read */
};

enum sim_wait sim_process_wait(struct sim_process *process, struct sim_watch *watch);

/* READY: all of `size` bytes were read. */
enum sim_wait sim_process_read(struct sim_process *process, struct sim_watch *watch, void *data,
                               size_t size);

/* Up to `size` bytes, at least one; *ret_got is 0 at the end of the stream. */
enum sim_wait sim_process_read_some(struct sim_process *process, struct sim_watch *watch,
                                    void *data, size_t size, size_t *ret_got);

/* False: the process is gone. From here on it may take `timeout` seconds again. */
bool sim_process_write(struct sim_process *process, const void *data, size_t size);

/*
 * One wait for several, at most so many milliseconds; -1: any time. Fills in `readable` of each.
 * NULL among them stands for none.
 */
void sim_process_poll(struct sim_process *const *processes, unsigned count, int milliseconds,
                      const sigset_t *wait_mask);

/*
 * To be called while it is waited for, at least every second: whether it has made no progress for
 * `timeout` seconds, because it has used no CPU time, or a little more in one entry of a subject.
 * Then it is killed. 0: for ever.
 */
bool sim_process_sleeps(struct sim_process *process, unsigned timeout);

/* Closes the stream and waits for the end of the process; kill_it, or if it does not end: kills it.
 */
void sim_process_end(struct sim_process *process, bool kill_it);

/* Who ended a process before its time. */
enum sim_blame {
	SIM_BLAME_SUBJECT,     /* its code ran, and exited, crashed or sleeps */
	SIM_BLAME_ENVIRONMENT, /* a signal from outside, or a resource that is used up */
	SIM_BLAME_FFASIM,      /* code of ffasim ran, and crashed */
};

struct sim_death {
	enum sim_blame blame;
	char *text; /* "the subject took its process down with..." */
};

/* Of one that has ended. The caller frees the text. */
void sim_process_death(const struct sim_process *process, struct sim_death *ret_death);

#endif
