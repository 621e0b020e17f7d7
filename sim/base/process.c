/* SPDX-License-Identifier: MIT */
#include "sim/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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
/*
 * Seconds of CPU time that a subject may take for one answer beyond `timeout`: its SDK notices by
 * itself that it runs on, and can say more about it.
 */
#define RUN_ON 2
/* Processes that are waited for at once. */
#define MAX_POLLED 256u

static void separate_streams(void)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

static struct sim_process_desk *own_desk; /* NULL: nobody forked this process */

uint64_t *sim_process_entries(void)
{
	return own_desk ? &own_desk->entries : NULL;
}

static void note_fault(const struct sim_fault *fault)
{
	own_desk->fault = *fault;
}

/* A limit of CPU time is not to wait until the parent has seen it. */
static void let_time_end_it(void)
{
	sigset_t time;

	signal(SIGXCPU, SIG_DFL);
	sigemptyset(&time);
	sigaddset(&time, SIGXCPU);
	sigprocmask(SIG_UNBLOCK, &time, NULL);
}

static _Noreturn void run_child(sim_process_fn *fn, void *user, int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	let_time_end_it();
	separate_streams();
	sim_fault_watch(note_fault);
	fn(user, fd);
	_exit(0);
}

static bool fail_start(const char *what, int number, GError **error)
{
	g_set_error(error, SIM_ERROR, SIM_ERROR_ENVIRONMENT, "cannot create %s: %s", what,
	            g_strerror(number));
	return false;
}

void *sim_process_share(size_t size, GError **error)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory != MAP_FAILED)
		return memory;
	g_set_error(error, SIM_ERROR, SIM_ERROR_ENVIRONMENT,
	            "cannot map %zu bytes of memory that processes share: %s", size,
	            g_strerror(errno));
	return NULL;
}

/* The process is a copy of this one up to here; what it should not have is its function's to drop.
 */
static bool fork_child(struct sim_process *process, sim_process_fn *fn, void *user, GError **error)
{
	pid_t parent = getpid();
	int fds[2], number;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return fail_start("a stream to a process", errno, error);
	process->fd = fds[0];
	process->pid = fork();
	number = errno;
	if (process->pid == 0) {
		own_desk = process->desk;
		close(fds[0]);
		run_child(fn, user, fds[1], parent);
	}
	close(fds[1]);
	if (process->pid > 0)
		return true;
	close(fds[0]);
	return fail_start("a process", number, error);
}

bool sim_process_start(struct sim_process *ret_process, sim_process_fn *fn, void *user,
                       GError **error)
{
	*ret_process = (struct sim_process){.cpu_time = -1};
	ret_process->desk = sim_process_share(sizeof *ret_process->desk, error);
	if (!ret_process->desk)
		return false;
	if (fork_child(ret_process, fn, user, error))
		return true;
	munmap(ret_process->desk, sizeof *ret_process->desk);
	*ret_process = (struct sim_process){0};
	return false;
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

/* What the kernel calls it: 'R' that wants to run, 'S' that sleeps, 'T' that is stopped... */
static char state_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
	g_autofree char *text = NULL;
	const char *name;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 'S';
	name = strrchr(text, ')');
	if (name && name[1])
		return name[2];
	return 'S';
}

/* Whether it has stayed in one entry of a subject for so long that nothing else will end that. */
static bool runs_on(struct sim_process *process, uint64_t entries, unsigned timeout)
{
	bool stays = entries & 1 && entries == process->entries;

	process->entries = entries;
	if (!stays)
		process->entered = process->cpu_time;
	return process->cpu_time - process->entered >=
	       (timeout + RUN_ON) * G_GINT64_CONSTANT(1000000000);
}

/* Looks at it, and notes what it has come to. */
static bool makes_progress(struct sim_process *process)
{
	gint64 time = cpu_time(process->pid);
	bool ran = time != process->cpu_time;

	process->cpu_time = time;
	process->state = state_of(process->pid);
	/* one that could run and got no CPU is not to blame */
	return ran || process->state == 'R';
}

/*
 * Counts looks and no seconds: whoever stops this process for a while stops the
 * other one, too. A worker that waits for the process of a subject looks after
 * it now and then, and uses CPU time for that.
 */
bool sim_process_sleeps(struct sim_process *process, unsigned timeout)
{
	gint64 now = g_get_monotonic_time();

	if (!timeout || now - process->looked < LOOK * (gint64)1000)
		return false;
	process->looked = now;
	process->timeout = timeout;
	process->quiet = makes_progress(process) ? 0 : process->quiet + 1;
	if (process->state == 'Z')
		return true; /* it is dead, and one that it forked has its stream */
	if (!runs_on(process, __atomic_load_n(&process->desk->entries, __ATOMIC_RELAXED),
	             timeout) &&
	    process->quiet < timeout)
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

/* What is known of its end; the desk is not needed any more. */
static void keep_desk(struct sim_process *process)
{
	process->inside = process->desk->entries & 1;
	process->fault = process->desk->fault;
	munmap(process->desk, sizeof *process->desk);
	process->desk = NULL;
	process->pid = 0;
}

void sim_process_end(struct sim_process *process, bool kill_it)
{
	close(process->fd);
	if (kill_it || !ends_by_itself(process)) {
		if (!kill_it && !process->asleep) {
			process->asleep = true;
			process->timeout = END;
			process->state = state_of(process->pid);
		}
		kill(process->pid, SIGKILL);
		while (waitpid(process->pid, &process->status, 0) < 0 && errno == EINTR)
			;
	}
	keep_desk(process);
}
