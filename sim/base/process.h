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
#include <sys/types.h>

#include "sim/base/watch.h"

/* A process, as its parent knows it. Zero: there is none. */
struct sim_process {
	pid_t pid;
	int fd;
	bool readable; /* sim_process_poll() found something, or the end of the stream */
	bool asleep;   /* it made no progress for `timeout` seconds, and was killed */
	int status;    /* of waitpid(), once it has ended */
	unsigned timeout;
	unsigned quiet;  /* looks without progress in a row, a second from one to the next */
	gint64 looked;   /* when the last of them was */
	gint64 cpu_time; /* and what it had used by then, in nanoseconds */
};

/* Runs in the process, which ends with status 0 when it returns. */
typedef void sim_process_fn(void *user, int fd);

/* False, with a SIM_ERROR_FILE, if no process can be made; then there is none. */
bool sim_process_start(struct sim_process *ret_process, sim_process_fn *fn, void *user,
                       GError **error);

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
 * `timeout` seconds. Then it is killed. 0: for ever.
 */
bool sim_process_sleeps(struct sim_process *process, unsigned timeout);

/* Closes the stream and waits for the end of the process; kill_it, or if it does not end: kills it.
 */
void sim_process_end(struct sim_process *process, bool kill_it);

/* How a process ended that should not have: "the subject took its process down with..." */
char *sim_process_death(const struct sim_process *process);

#endif
