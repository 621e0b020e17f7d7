/* SPDX-License-Identifier: MIT */
/* Processes that end before their time, each in its own way, and who is to blame. */
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/error.h"
#include "sim/base/process.h"
#include "sim/base/stream.h"
#include "tests/test.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

enum way {
	WAY_RETURN,
	WAY_EXIT,
	WAY_SIGNAL, /* raises `number` */
	WAY_SENT,   /* another process sends `number` */
	WAY_SLEEP,
	WAY_SPIN,
	WAY_CPU,   /* uses up a limit of CPU time */
	WAY_FILE,  /* the same of the size of a file */
	WAY_LARGE, /* wants more memory than there is */
	WAY_SMALL, /* writes through what an allocation gives that has failed */
};

struct death_case {
	const char *name;
	enum way way;
	int number;
	bool inside; /* while code of a subject runs */
	enum sim_blame blame;
	const char *text;
};

#define SUBJECT     SIM_BLAME_SUBJECT
#define ENVIRONMENT SIM_BLAME_ENVIRONMENT
#define FFASIM      SIM_BLAME_FFASIM

static const struct death_case death_cases[] = {
        {"exits", WAY_EXIT, 7, false, FFASIM, "code of ffasim ended its process with status 7"},
        {"subject exits", WAY_EXIT, 7, true, SUBJECT,
         "the subject ended its process with status 7"},
        {"subject exits with 0", WAY_EXIT, 0, true, SUBJECT, "status 0"},
        {"aborts", WAY_SIGNAL, SIGABRT, false, FFASIM, "signal 6 (Aborted)"},
        {"crashes", WAY_SIGNAL, SIGSEGV, false, FFASIM, "code of ffasim ended its process"},
        {"traps", WAY_SIGNAL, SIGTRAP, false, FFASIM, "code of ffasim ended its process"},
        {"subject aborts", WAY_SIGNAL, SIGABRT, true, SUBJECT,
         "the subject took its process down with signal 6 (Aborted)"},
        {"subject crashes", WAY_SIGNAL, SIGSEGV, true, SUBJECT,
         "the subject took its process down with signal 11"},
        {"killed", WAY_SIGNAL, SIGKILL, false, ENVIRONMENT, "from outside with signal 9 (Killed)"},
        {"killed in the subject", WAY_SIGNAL, SIGKILL, true, ENVIRONMENT, "signal 9 (Killed)"},
        {"terminated", WAY_SIGNAL, SIGTERM, true, ENVIRONMENT, "signal 15 (Terminated)"},
        {"hung up", WAY_SIGNAL, SIGHUP, true, ENVIRONMENT, "signal 1 (Hangup)"},
        {"sent a crash", WAY_SENT, SIGSEGV, false, ENVIRONMENT, "from outside with signal 11"},
        {"sent a crash in the subject", WAY_SENT, SIGSEGV, true, ENVIRONMENT,
         "from outside with signal 11"},
        {"sent an abort", WAY_SENT, SIGABRT, true, ENVIRONMENT, "from outside with signal 6"},
        {"CPU time", WAY_CPU, 0, false, ENVIRONMENT, "its limit of CPU time is used up"},
        {"CPU time in the subject", WAY_CPU, 0, true, ENVIRONMENT,
         "its limit of CPU time is used up"},
        {"size of a file", WAY_FILE, 0, false, ENVIRONMENT, "its limit of the size of a file"},
        {"large memory", WAY_LARGE, 0, false, ENVIRONMENT,
         "out of memory: failed to allocate 1099511627776 bytes"},
        {"small memory", WAY_SMALL, 0, false, ENVIRONMENT, "out of memory"},
        {"sleeps", WAY_SLEEP, 0, false, FFASIM, "a process of ffasim did nothing for 1 second"},
        {"subject sleeps", WAY_SLEEP, 0, true, SUBJECT,
         "the subject has not answered for 1 second"},
        {"subject runs on", WAY_SPIN, 0, true, SUBJECT,
         "the subject has not answered for 1 second"},
        {"stopped", WAY_SIGNAL, SIGSTOP, false, ENVIRONMENT, "stopped from outside for 1 second"},
        {"stopped in the subject", WAY_SIGNAL, SIGSTOP, true, ENVIRONMENT,
         "stopped from outside for 1 second"},
};

static void limit(int resource, rlim_t most)
{
	struct rlimit limits;

	getrlimit(resource, &limits);
	limits.rlim_cur = most;
	setrlimit(resource, &limits);
}

static void send_myself(int number)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(kill(getppid(), number));
	waitpid(pid, NULL, 0);
	pause();
}

static void write_file(void)
{
	char path[] = "base-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	limit(RLIMIT_FSIZE, 10);
	sim_write_all(fd, "more than ten bytes", 19);
	_exit(0);
}

static void spin(void)
{
	for (;;)
		__asm__ volatile("");
}

/* Until nothing is left, whatever the allocator keeps in store. */
static void use_up_memory(void)
{
	limit(RLIMIT_AS, 64u << 20);
	for (;;) {
		void *more = malloc(64);

		memset(more, 1, 64);
	}
}

static void end_in_some_way(void *user, int fd)
{
	const struct death_case *c = user;

	(void)fd;
	if (c->inside)
		++*sim_process_entries();
	switch (c->way) {
	case WAY_RETURN:
		return;
	case WAY_EXIT:
		exit(c->number);
	case WAY_SIGNAL:
		if (!sim_fault_is_own(c->number))
			signal(c->number, SIG_DFL); /* what runs the tests has a handler */
		raise(c->number);
		pause();
		break;
	case WAY_SENT:
		send_myself(c->number);
		break;
	case WAY_SLEEP:
		pause();
		break;
	case WAY_SPIN:
		spin();
		break;
	case WAY_CPU:
		limit(RLIMIT_CPU, 1);
		spin();
		break;
	case WAY_FILE:
		write_file();
		break;
	case WAY_LARGE:
		limit(RLIMIT_AS, 1u << 30);
		g_free(g_malloc((gsize)1 << 40));
		break;
	case WAY_SMALL:
		use_up_memory();
		break;
	}
	_exit(9);
}

/* A sanitizer reports what is wrong in its own way, and needs more memory than any limit gives. */
static bool is_for_sanitizer(const struct death_case *c)
{
	return c->way == WAY_LARGE || c->way == WAY_SMALL || c->way == WAY_SENT ||
	       (c->way == WAY_SIGNAL && sim_fault_is_own(c->number));
}

TEST_EACH(base_process, death, death_cases)
{
	struct sim_watch watch = {.timeout = 1};
	struct sim_process process;
	struct sim_death death;
	enum sim_wait wait;
	GError *error = NULL;
	char byte;

	if (SANITIZED && is_for_sanitizer(c))
		return;
	/* one that uses a second of CPU time may well be without progress for one */
	watch.timeout = c->way == WAY_CPU ? 60 : 1;
	assert_true(sim_process_start(&process, end_in_some_way, (void *)(uintptr_t)c, &error));
	assert_no_error(error);
	wait = sim_process_read(&process, &watch, &byte, 1);
	assert_true(wait == SIM_WAIT_GONE || wait == SIM_WAIT_ASLEEP);
	sim_process_end(&process, false);
	sim_process_death(&process, &death);
	assert_contains(death.text, c->text);
	assert_eq_int(death.blame, c->blame);
	g_free(death.text);
}

static void answer(void *user, int fd)
{
	sim_write_all(fd, user, strlen(user));
}

TEST(base_process, answers)
{
	struct sim_watch watch = {.timeout = 5};
	struct sim_process process;
	char text[4] = "";

	assert_true(sim_process_start(&process, answer, (void *)(uintptr_t) "yes", NULL));
	assert_eq_int(sim_process_read(&process, &watch, text, 3), SIM_WAIT_READY);
	assert_str(text, "yes");
	assert_eq_int(sim_process_read(&process, &watch, text, 1), SIM_WAIT_GONE);
	sim_process_end(&process, false);
	assert_true(WIFEXITED(process.status));
}

/* What cannot be had is named, and is no error of a file. */
TEST(base_process, no_descriptor)
{
	struct sim_process process;
	GError *error = NULL;

	if (SANITIZED)
		return; /* the leak sanitizer needs a descriptor, too */
	limit(RLIMIT_NOFILE, 3);
	assert_false(sim_process_start(&process, answer, NULL, &error));
	assert_true(g_error_matches(error, SIM_ERROR, SIM_ERROR_ENVIRONMENT));
	assert_str(error->message, "cannot create a stream to a process: Too many open files");
	assert_eq_int(process.pid, 0);
	g_error_free(error);
}

static gint64 now;

static gint64 still_clock(void)
{
	return now;
}

/* The moments at which a watch is over, by a clock that stands still. */
TEST(base_watch, is_over)
{
	volatile sig_atomic_t stop = 0;
	struct sim_watch watch = {.stop = &stop};

	sim_clock_use(still_clock);
	now = 1000;
	assert_eq_int(sim_clock_after(0), 0);
	assert_eq_int(sim_watch_left(&watch, 700), 700);
	assert_false(sim_watch_is_over(&watch));
	watch.deadline = sim_clock_after(0.5);
	watch.grace = 200000;
	assert_eq_int(sim_watch_left(&watch, 800), 700);
	now += 500000;
	assert_true(sim_watch_is_late(&watch));
	assert_eq_int(sim_watch_left(&watch, 800), 200);
	assert_false(sim_watch_is_over(&watch));
	now += 200000;
	assert_true(sim_watch_is_over(&watch));
	watch.deadline = 0;
	assert_false(sim_watch_is_stopped(&watch));
	stop = 1;
	assert_true(sim_watch_is_stopped(&watch));
	assert_eq_int(sim_watch_left(&watch, 800), 200);
	now += 200000;
	assert_true(sim_watch_is_over(&watch));
	assert_eq_int(sim_watch_left(&watch, 800), 0);
}
