/* SPDX-License-Identifier: MIT */
/* The process transport: a child with the shim's memory, a futex each way, one CPU for both. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/shim/link_internal.h"

/* How often a wait looks whether the child is still there. */
#define POLLS_PER_SECOND 20u
#define POLL_NANOSECONDS (1000l * 1000 * 1000 / POLLS_PER_SECOND)
#define FDS_TEXT_SIZE    (sizeof SHIM_FDS_VARIABLE + 12 * SHIM_FD_COUNT)

/* Unpinned, a hand-over costs a wake-up on another CPU: 15 times as much. */
static void pin_to_one_cpu(void)
{
	cpu_set_t allowed, one;
	int cpu = sched_getcpu();

	if (cpu < 0 || sched_getaffinity(0, sizeof allowed, &allowed))
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (CPU_ISSET(cpu, &allowed))
		sched_setaffinity(0, sizeof one, &one);
}

static void format_fds(const struct shim_link *link, char *text, size_t size)
{
	size_t used = 0;

	for (unsigned i = 0; i < SHIM_FD_COUNT; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%d", i ? "," : "",
		                         link->fds[i]);
}

/* In the child. Only the error pipe tells the parent why the program could not be run. */
static _Noreturn void run_child(const struct shim_link *link, const char *const *argv, int error_fd,
                                pid_t parent)
{
	char text[FDS_TEXT_SIZE];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; i < SHIM_FD_COUNT; i++)
		fcntl(link->fds[i], F_SETFD, 0);
	format_fds(link, text, sizeof text);
	setenv(SHIM_FDS_VARIABLE, text, 1);
	/* execvp would hand a file that is no program to the shell, which might do anything */
	if (getppid() == parent && strchr(argv[0], '/'))
		execv(argv[0], (char *const *)(uintptr_t)argv);
	else if (getppid() == parent)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	if (write(error_fd, &errno, sizeof errno) < 0)
		_exit(126);
	_exit(127);
}

static int spawn(struct shim_link *link, const char *const *argv)
{
	pid_t parent = getpid();
	int pipe_fds[2], code = 0, fork_number;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return shim_link_fail_errno(link, errno, "create a pipe");
	link->pid = fork();
	fork_number = errno;
	if (link->pid == 0)
		run_child(link, argv, pipe_fds[1], parent);
	close(pipe_fds[1]);
	if (link->pid > 0 && read(pipe_fds[0], &code, sizeof code) == sizeof code) {
		waitpid(link->pid, NULL, 0);
		link->pid = 0;
		close(pipe_fds[0]);
		return shim_link_fail_errno(link, code, "run '%s'", argv[0]);
	}
	close(pipe_fds[0]);
	if (link->pid < 0) {
		link->pid = 0;
		return shim_link_fail_errno(link, fork_number, "create a process");
	}
	return 0;
}

static int describe_death(struct shim_link *link, int status)
{
	link->pid = 0;
	if (link->map.control->hello == SHIM_HELLO_REFUSED)
		return shim_link_check_hello(link);
	if (WIFSIGNALED(status))
		link->death = WTERMSIG(status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SHIM_EXIT_NO_MEMORY)
		return shim_link_fail_errno(link, ENOMEM, "map shared memory in the subject");
	if (WIFSIGNALED(status))
		return shim_link_fail(link, "the subject died of signal %d (%s)", WTERMSIG(status),
		                      strsignal(WTERMSIG(status)));
	return shim_link_fail(link, "the subject exited with status %d", WEXITSTATUS(status));
}

/* By a signal, as the kernel has it in the third field of /proc/PID/stat. */
static bool is_stopped(pid_t pid)
{
	char path[64], text[256] = "";
	const char *name;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	name = fgets(text, sizeof text, file) ? strrchr(text, ')') : NULL;
	fclose(file);
	return name && strlen(name) > 2 && (name[2] == 'T' || name[2] == 't');
}

static int give_up(struct shim_link *link)
{
	link->stopped = is_stopped(link->pid);
	return shim_link_fail(link, "the subject %s %u second%s",
	                      link->stopped ? "was stopped from outside for"
	                                    : "has not answered for",
	                      link->timeout, link->timeout == 1 ? "" : "s");
}

static bool has_died(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == pid;
}

/* Waits for the subject's word; a dead or silent subject ends the wait, nothing else does. */
static int wait_answer(struct shim_link *link)
{
	uint32_t *word = &link->map.control->to_brain;
	const struct timespec poll = {.tv_nsec = POLL_NANOSECONDS};
	unsigned polls = 0;
	int status;

	while (!__atomic_exchange_n(word, 0, __ATOMIC_ACQ_REL)) {
		if (syscall(SYS_futex, word, FUTEX_WAIT, 0, &poll, NULL, 0) == 0 ||
		    errno != ETIMEDOUT)
			continue;
		/* an answer may have come just before it died: the word is looked at once more */
		if (has_died(link->pid) && !__atomic_load_n(word, __ATOMIC_ACQUIRE)) {
			waitpid(link->pid, &status, 0);
			return describe_death(link, status);
		}
		/* polls and no time: whoever stops this process for a while stops both */
		if (++polls > link->timeout * POLLS_PER_SECOND)
			return give_up(link);
	}
	return 0;
}

int shim_link_hand_over(struct shim_link *link, uint32_t context)
{
	struct shim_control *control = link->map.control;

	control->context = context;
	control->command = SHIM_COMMAND_RESUME;
	__atomic_store_n(&control->to_subject, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &control->to_subject, FUTEX_WAKE, 1, NULL, NULL, 0);
	return wait_answer(link);
}

int shim_link_open_process(struct shim_link *link, const char *const *argv)
{
	unsigned last = 0;

	/* what comes before it emulates it */
	while (argv[last + 1])
		last++;
	shim_link_note_path(link, argv[last]);
	if (shim_link_make_memory(link, false))
		return -1;
	pin_to_one_cpu();
	if (spawn(link, argv) || wait_answer(link) || shim_link_check_hello(link))
		return -1;
	link->sections = link->map.state + SHIM_SECTION_OFFSET;
	return 0;
}

static bool exits_by_itself(struct shim_link *link)
{
	struct shim_control *control = link->map.control;
	const struct timespec poll = {.tv_nsec = 1000000};

	if (control->hello != SHIM_HELLO_READY || link->error[0])
		return false;
	control->command = SHIM_COMMAND_EXIT;
	__atomic_store_n(&control->to_subject, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &control->to_subject, FUTEX_WAKE, 1, NULL, NULL, 0);
	for (unsigned i = 0; i < 500; i++) {
		if (waitpid(link->pid, NULL, WNOHANG) == link->pid)
			return true;
		nanosleep(&poll, NULL);
	}
	return false;
}

void shim_link_end_process(struct shim_link *link)
{
	if (!link->pid)
		return;
	if (!exits_by_itself(link)) {
		kill(link->pid, SIGKILL);
		waitpid(link->pid, NULL, 0);
	}
	link->pid = 0;
}
