/* SPDX-License-Identifier: MIT */
#include "sim/explore/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/scenario/scenario.h"
#include "sim/stream.h"

static int answer_fd = -1; /* in the function's process */

_Noreturn void sim_apart_answer(GBytes *bytes)
{
	gsize size;
	const uint8_t *data = g_bytes_get_data(bytes, &size);

	_exit(sim_write_all(answer_fd, data, size) ? 0 : 1);
}

static _Noreturn void run_child(sim_apart_fn *fn, void *user, int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sim_separate_streams();
	answer_fd = fd;
	sim_apart_answer(fn(user));
}

static int64_t cpu_time(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return time.tv_sec * G_GINT64_CONSTANT(1000000000) + time.tv_nsec;
}

/* Until there is something to read; false: the process sleeps. */
static bool wait_readable(int fd, pid_t pid, unsigned timeout)
{
	struct pollfd events = {.fd = fd, .events = POLLIN};
	int64_t before = -1;
	unsigned quiet = 0;

	while (quiet < timeout) {
		int ready = poll(&events, 1, 1000);
		int64_t now;

		if (ready > 0 || (ready < 0 && errno != EINTR))
			return true;
		now = cpu_time(pid);
		quiet = now == before ? quiet + 1 : 0;
		before = now;
	}
	return false;
}

/* False: asleep. */
static bool read_answer(int fd, pid_t pid, unsigned timeout, GByteArray *bytes)
{
	uint8_t buffer[65536];

	while (wait_readable(fd, pid, timeout)) {
		ssize_t got = read(fd, buffer, sizeof buffer);

		if (got == 0 || (got < 0 && errno != EINTR))
			return true;
		if (got > 0)
			g_byte_array_append(bytes, buffer, (guint)got);
	}
	return false;
}

static void collect(int fd, pid_t pid, unsigned timeout, struct sim_apart *ret_apart)
{
	GByteArray *bytes = g_byte_array_new();

	if (!read_answer(fd, pid, timeout, bytes)) {
		ret_apart->end = SIM_APART_ASLEEP;
		kill(pid, SIGKILL);
	}
	waitpid(pid, &ret_apart->status, 0);
	if (ret_apart->end == SIM_APART_DONE &&
	    !(WIFEXITED(ret_apart->status) && WEXITSTATUS(ret_apart->status) == 0 && bytes->len))
		ret_apart->end = SIM_APART_DIED;
	if (ret_apart->end == SIM_APART_DONE)
		ret_apart->bytes = g_byte_array_free_to_bytes(bytes);
	else
		g_byte_array_unref(bytes);
}

bool sim_apart_run(sim_apart_fn *fn, void *user, unsigned timeout, struct sim_apart *ret_apart,
                   GError **error)
{
	pid_t parent = getpid(), pid = -1;
	int fds[2] = {-1, -1};

	*ret_apart = (struct sim_apart){.end = SIM_APART_DONE};
	if (pipe2(fds, O_CLOEXEC) || (pid = fork()) < 0) {
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
	collect(fds[0], pid, timeout, ret_apart);
	close(fds[0]);
	return true;
}

char *sim_apart_text(const struct sim_apart *apart, unsigned timeout)
{
	if (apart->end == SIM_APART_ASLEEP)
		return g_strdup_printf("the subject has not answered for %u second%s", timeout,
		                       timeout == 1 ? "" : "s");
	if (WIFSIGNALED(apart->status))
		return g_strdup_printf("the subject took its process down with signal %d (%s)",
		                       WTERMSIG(apart->status),
		                       g_strsignal(WTERMSIG(apart->status)));
	return g_strdup_printf("the subject ended its process with status %d",
	                       WEXITSTATUS(apart->status));
}
