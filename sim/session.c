/* SPDX-License-Identifier: MIT */
#include "sim/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/run.h"
#include "sim/stream.h"
#include "sim/subject.h"

/* What a worker keeps from one scenario to the next: the subject stays open. */
struct worker {
	const struct sim_session_options *options;
	struct shim_link link;
	struct world world;
	char mediator[SIM_NAME_SIZE]; /* of the open subject; empty: none is open */
	char failed[SIM_NAME_SIZE];   /* of the one that could not be opened */
	char *failure;                /* and why */
};

static void close_subject(struct worker *worker)
{
	if (!worker->mediator[0])
		return;
	world_finish(&worker->world);
	shim_link_close(&worker->link);
	worker->mediator[0] = '\0';
}

/* A subject that could not be opened is not tried again: it may have taken its time to fail. */
static void note_failure(struct worker *worker, const char *mediator, const char *message)
{
	g_free(worker->failure);
	worker->failure = g_strdup(message);
	g_strlcpy(worker->failed, mediator, sizeof worker->failed);
}

static bool open_subject(struct worker *worker, const struct sim_scenario *scenario, GError **error)
{
	const struct sim_subject_request request = {.subject = worker->options->subject,
	                                            .build = worker->options->build,
	                                            .mediator = scenario->machine.mediator,
	                                            .directory = worker->options->subject_dir,
	                                            .timeout = worker->options->timeout};

	if (strcmp(worker->mediator, scenario->machine.mediator) == 0 && !worker->link.error[0])
		return true;
	close_subject(worker);
	if (worker->failure && strcmp(worker->failed, scenario->machine.mediator) == 0) {
		g_set_error_literal(error, SIM_ERROR, SIM_ERROR_SUBJECT, worker->failure);
		return false;
	}
	if (!sim_subject_open(&worker->link, &request, error)) {
		note_failure(worker, scenario->machine.mediator, (*error)->message);
		return false;
	}
	world_init(&worker->world, &worker->link);
	g_strlcpy(worker->mediator, scenario->machine.mediator, sizeof worker->mediator);
	return true;
}

static void run_on_subject(struct worker *worker, const struct sim_scenario *scenario,
                           struct sim_report *report)
{
	g_autoptr(GError) error = NULL;
	g_autofree struct sim_run *run = NULL;

	if (!open_subject(worker, scenario, &error)) {
		sim_report_add(report, SIM_VERDICT_SUBJECT, SIM_SOURCE_SUBJECT, NULL, NULL, "%s",
		               error->message);
		return;
	}
	run = g_new0(struct sim_run, 1);
	run->scenario = scenario;
	run->world = &worker->world;
	run->report = report;
	run->levels = &worker->options->oracles;
	run->only_schedule = worker->options->schedule;
	report->build = g_strdup(worker->link.map.control->build);
	sim_run_scenario(run);
}

static struct sim_report *run_file(struct worker *worker, const char *path)
{
	const char *subject = worker->options->subject ? worker->options->subject : "inline";
	struct sim_report *report = sim_report_new(path, subject);
	g_autoptr(GError) error = NULL;
	g_autoptr(SimScenario) scenario = sim_scenario_load(path, &error);

	if (!scenario) {
		sim_report_add(report, SIM_VERDICT_INVALID, SIM_SOURCE_LOADER, NULL, NULL, "%s",
		               error->message);
		return report;
	}
	report->about = g_strdup(scenario->about);
	if (scenario->skip) {
		report->verdict = SIM_VERDICT_SKIPPED;
		report->reason = g_strdup(scenario->skip);
		return report;
	}
	run_on_subject(worker, scenario, report);
	sim_report_settle(report, scenario);
	return report;
}

static bool send_report(int fd, const struct sim_report *report)
{
	g_autoptr(GBytes) bytes = sim_report_to_bytes(report);
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	uint64_t length = size;

	return sim_write_all(fd, &length, sizeof length) && sim_write_all(fd, data, size);
}

static struct sim_report *receive_report(int fd)
{
	uint64_t length;
	g_autofree char *data = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (!sim_read_all(fd, &length, sizeof length) || length > SIM_MAX_REPORT_SIZE)
		return NULL;
	data = g_malloc(length);
	if (!sim_read_all(fd, data, length))
		return NULL;
	bytes = g_bytes_new_take(g_steal_pointer(&data), length);
	return sim_report_from_bytes(bytes);
}

static _Noreturn void run_worker(const struct sim_session_options *options,
                                 const char *const *paths, int fd, pid_t parent)
{
	struct worker *worker = g_new0(struct worker, 1);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sim_separate_streams();
	worker->options = options;
	for (; *paths; paths++) {
		g_autoptr(SimReport) report = run_file(worker, *paths);

		if (!send_report(fd, report))
			_exit(1);
	}
	close_subject(worker);
	g_free(worker->failure);
	g_free(worker);
	_exit(0);
}

/* A worker, as its parent knows it. */
struct hand {
	pid_t pid;
	int fd;
	bool asleep; /* it was given up and killed */
};

static unsigned timeout_of(const struct sim_session_options *options)
{
	return options->timeout ? options->timeout : SHIM_ANSWER_TIMEOUT;
}

/* The worker is gone without a report for this file: the subject took it down, or to sleep. */
static struct sim_report *report_death(const struct sim_session_options *options, const char *path,
                                       int status, bool asleep)
{
	unsigned timeout = timeout_of(options);
	struct sim_report *report =
	        sim_report_new(path, options->subject ? options->subject : "inline");

	if (asleep)
		sim_report_add(report, SIM_VERDICT_CRASH, SIM_SOURCE_SUBJECT, NULL, NULL,
		               "the subject has not answered for %u second%s", timeout,
		               timeout == 1 ? "" : "s");
	else if (WIFSIGNALED(status))
		sim_report_add(report, SIM_VERDICT_CRASH, SIM_SOURCE_SUBJECT, NULL, NULL,
		               "the subject took its process down with signal %d (%s)",
		               WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	else
		sim_report_add(report, SIM_VERDICT_CRASH, SIM_SOURCE_SUBJECT, NULL, NULL,
		               "the subject ended its process with status %d", WEXITSTATUS(status));
	return report;
}

static bool start_worker(const struct sim_session_options *options, const char *const *paths,
                         struct hand *ret_hand, GError **error)
{
	int fds[2];
	pid_t parent = getpid();

	if (pipe(fds)) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot create a pipe: %s",
		            g_strerror(errno));
		return false;
	}
	*ret_hand = (struct hand){.pid = fork(), .fd = fds[0]};
	if (ret_hand->pid == 0) {
		close(fds[0]);
		run_worker(options, paths, fds[1], parent);
	}
	close(fds[1]);
	if (ret_hand->pid > 0)
		return true;
	close(fds[0]);
	g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot create a process: %s",
	            g_strerror(errno));
	return false;
}

static int64_t cpu_time(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return time.tv_sec * G_GINT64_CONSTANT(1000000000) + time.tv_nsec;
}

static bool is_stopped(const struct sim_session_options *options)
{
	return options->stop && *options->stop;
}

/* Why the wait for a worker ended. */
enum wait { WAIT_READY, WAIT_ASLEEP, WAIT_STOPPED };

/*
 * Waits for something to read from a worker. Asleep: no CPU time for as long as an answer may
 * take, so an inline subject sleeps. One that runs on is the subject's own to notice, and a worker
 * that waits for a process looks after it now and then.
 */
static enum wait wait_report(const struct sim_session_options *options, const struct hand *hand)
{
	const struct timespec second = {.tv_sec = 1};
	struct pollfd events = {.fd = hand->fd, .events = POLLIN};
	int64_t before = -1;
	unsigned quiet = 0;

	while (!is_stopped(options)) {
		int ready = ppoll(&events, 1, &second, options->wait_mask);
		int64_t now;

		if (ready > 0 || (ready < 0 && errno != EINTR))
			return WAIT_READY;
		if (ready < 0)
			continue;
		now = cpu_time(hand->pid);
		quiet = now == before ? quiet + 1 : 0;
		before = now;
		if (quiet >= timeout_of(options))
			return WAIT_ASLEEP;
	}
	return WAIT_STOPPED;
}

/* How the work of one worker ended. */
enum relay { RELAY_DONE, RELAY_DEATH, RELAY_STOPPED };

/* Hands out the reports of one worker; *paths moves behind them. */
static enum relay relay(const struct sim_session_options *options, struct hand *hand,
                        const char *const **paths, sim_session_on_report *on_report, void *user)
{
	for (; **paths; ++*paths) {
		enum wait wait = wait_report(options, hand);
		g_autoptr(SimReport) report = NULL;

		hand->asleep = wait == WAIT_ASLEEP;
		if (wait == WAIT_READY)
			report = receive_report(hand->fd);
		if (wait == WAIT_STOPPED)
			return RELAY_STOPPED;
		if (!report)
			return RELAY_DEATH;
		if (!on_report(user, report))
			return RELAY_STOPPED;
	}
	return RELAY_DONE;
}

/* Takes leave of a worker; one that is not through with its files is killed. */
static int end_worker(struct hand *hand, enum relay how)
{
	int status = 0;

	if (how == RELAY_STOPPED || hand->asleep)
		kill(hand->pid, SIGKILL);
	close(hand->fd);
	waitpid(hand->pid, &status, 0);
	return status;
}

bool sim_session_run(const struct sim_session_options *options, const char *const *paths,
                     sim_session_on_report *on_report, void *user, GError **error)
{
	while (*paths && !is_stopped(options)) {
		g_autoptr(SimReport) report = NULL;
		struct hand hand;
		enum relay how;
		int status;

		if (!start_worker(options, paths, &hand, error))
			return false;
		how = relay(options, &hand, &paths, on_report, user);
		status = end_worker(&hand, how);
		if (how == RELAY_STOPPED)
			return true;
		if (how == RELAY_DONE)
			continue;
		report = report_death(options, *paths++, status, hand.asleep);
		if (!on_report(user, report))
			return true;
	}
	return true;
}
