/* SPDX-License-Identifier: MIT */
#include "sim/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/error.h"

/* Milliseconds from one look at a process to the next. */
#define LOOK 1000
/* Seconds that a process has to end once its stream is closed. */
#define END 5
/* Processes that are waited for at once. */
#define MAX_POLLED 256u

static void separate_streams(void)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

static _Noreturn void run_child(sim_process_fn *fn, void *user, int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	separate_streams();
	fn(user, fd);
	_exit(0);
}

bool sim_process_start(struct sim_process *ret_process, sim_process_fn *fn, void *user,
                       GError **error)
{
	pid_t parent = getpid(), pid = -1;
	int fds[2] = {-1, -1};

	*ret_process = (struct sim_process){0};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) || (pid = fork()) < 0) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot create a process: %s",
		            g_strerror(errno));
		if (fds[0] >= 0) {
			close(fds[0]);
			close(fds[1]);
		}
		return false;
	}
	if (pid == 0) {
		close(fds[0]);
		run_child(fn, user, fds[1], parent);
	}
	close(fds[1]);
	ret_process->pid = pid;
	ret_process->fd = fds[0];
	ret_process->cpu_time = -1;
	return true;
}

void sim_process_poll(struct sim_process *const *processes, unsigned count, int milliseconds,
                      const sigset_t *wait_mask)
{
	const struct timespec time = {.tv_sec = milliseconds / 1000,
	                              .tv_nsec = milliseconds % 1000 * 1000000L};
	struct pollfd events[MAX_POLLED];
	int ready;

	g_assert(count <= MAX_POLLED);
	for (unsigned i = 0; i < count; i++)
		events[i] = (struct pollfd){.fd = processes[i] ? processes[i]->fd : -1,
		                            .events = POLLIN};
	ready = ppoll(events, count, milliseconds < 0 ? NULL : &time, wait_mask);
	for (unsigned i = 0; i < count; i++)
		if (processes[i])
			processes[i]->readable = ready > 0 && events[i].revents;
}

static int64_t cpu_time(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return time.tv_sec * G_GINT64_CONSTANT(1000000000) + time.tv_nsec;
}

/*
 * Counts looks and no seconds: whoever stops this process for a while stops the
 * other one, too. One that runs on is the subject's own to notice, and a worker
 * that waits for the process of a subject looks after it now and then.
 */
bool sim_process_sleeps(struct sim_process *process, unsigned timeout)
{
	gint64 clock = g_get_monotonic_time(), now;

	if (!timeout || clock - process->looked < LOOK * (gint64)1000)
		return false;
	process->looked = clock;
	now = cpu_time(process->pid);
	process->quiet = now == process->cpu_time ? process->quiet + 1 : 0;
	process->cpu_time = now;
	process->timeout = timeout;
	if (process->quiet < timeout)
		return false;
	process->asleep = true;
	kill(process->pid, SIGKILL);
	return true;
}

enum sim_wait sim_process_wait(struct sim_process *process, struct sim_watch *watch)
{
	int left;

	process->quiet = 0;
	do {
		left = sim_watch_left(watch, LOOK);
		sim_process_poll(&process, 1, left, watch->wait_mask);
		if (process->readable)
			return SIM_WAIT_READY;
		if (sim_process_sleeps(process, watch->timeout))
			return SIM_WAIT_ASLEEP;
	} while (left > 0);
	return SIM_WAIT_STOPPED;
}

enum sim_wait sim_process_read_some(struct sim_process *process, struct sim_watch *watch,
                                    void *data, size_t size, size_t *ret_got)
{
	enum sim_wait wait;
	ssize_t got = -1;

	do {
		wait = sim_process_wait(process, watch);
		if (wait == SIM_WAIT_READY)
			got = recv(process->fd, data, size, MSG_DONTWAIT);
	} while (wait == SIM_WAIT_READY && got < 0 && (errno == EINTR || errno == EAGAIN));
	*ret_got = got > 0 ? (size_t)got : 0;
	return wait;
}

enum sim_wait sim_process_read(struct sim_process *process, struct sim_watch *watch, void *data,
                               size_t size)
{
	char *at = data;

	while (size) {
		size_t got;
		enum sim_wait wait = sim_process_read_some(process, watch, at, size, &got);

		if (wait != SIM_WAIT_READY)
			return wait;
		if (!got)
			return SIM_WAIT_GONE;
		at += got;
		size -= got;
	}
	return SIM_WAIT_READY;
}

bool sim_process_write(struct sim_process *process, const void *data, size_t size)
{
	const char *at = data;

	process->quiet = 0;
	while (size) {
		ssize_t written = send(process->fd, at, size, MSG_NOSIGNAL);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
	return true;
}

/* False: it still lives after END seconds. */
static bool ends_by_itself(struct sim_process *process)
{
	struct timespec pause = {.tv_nsec = 50000};
	gint64 last = g_get_monotonic_time() + END * G_TIME_SPAN_SECOND;

	while (waitpid(process->pid, &process->status, WNOHANG) == 0) {
		if (g_get_monotonic_time() > last)
			return false;
		nanosleep(&pause, NULL);
		pause.tv_nsec = MIN(pause.tv_nsec * 2, 5000000);
	}
	return true;
}

void sim_process_end(struct sim_process *process, bool kill_it)
{
	close(process->fd);
	if (kill_it || !ends_by_itself(process)) {
		process->asleep |= !kill_it;
		process->timeout = process->timeout ? process->timeout : END;
		kill(process->pid, SIGKILL);
		while (waitpid(process->pid, &process->status, 0) < 0 && errno == EINTR)
			;
	}
	process->pid = 0;
}

char *sim_process_death(const struct sim_process *process)
{
	int status = process->status;

	if (process->asleep)
		return g_strdup_printf("the subject has not answered for %u second%s",
		                       process->timeout, process->timeout == 1 ? "" : "s");
	if (WIFSIGNALED(status))
		return g_strdup_printf("the subject took its process down with signal %d (%s)",
		                       WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	return g_strdup_printf("the subject ended its process with status %d", WEXITSTATUS(status));
}
