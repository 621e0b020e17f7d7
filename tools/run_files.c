/* SPDX-License-Identifier: MIT */
/*
 * Runs files and writes the results. A second thread waits for the signals that
 * end a run early: it ends the outputs in good order, whatever the scenario that
 * is running does. The lock is held while outputs are written, and for good once
 * they have ended.
 *
 * Workers are forked beside that thread, and a lock that it held then would stay
 * locked in them. So nothing runs before it has come to rest; it allocates, and
 * takes locks, only to end the process.
 */
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/subject.h"
#include "tools/options.h"
#include "tools/outputs.h"
#include "tools/replay_line.h"
#include "tools/tool.h"

struct run {
	GMutex lock;
	const struct tool_run_options *options;
	unsigned total;
	struct tool_outputs *outputs;
	struct sim_tally tally;
	char *replay_line; /* of the first failure */
	sigset_t signals;
	sem_t waiting; /* the second thread has nothing left to do but to wait */
};

static void on_report(void *user, const struct sim_report *report)
{
	struct run *run = user;

	g_mutex_lock(&run->lock);
	sim_tally_add(&run->tally, report);
	if (!run->replay_line && sim_verdict_is_failure(report->verdict))
		run->replay_line = tool_replay_line(run->options, report);
	tool_outputs_report(run->outputs, report);
	g_mutex_unlock(&run->lock);
}

static void print_replay_line(const struct run *run)
{
	if (run->replay_line && !run->options->replay)
		fprintf(stderr, "%s\n", run->replay_line);
}

static gpointer wait_for_signal(gpointer user)
{
	struct run *run = user;
	g_autoptr(GError) error = NULL;
	int number;

	sem_post(&run->waiting);
	if (sigwait(&run->signals, &number))
		return NULL;
	g_mutex_lock(&run->lock);
	if (!tool_outputs_end(run->outputs, number, &error))
		tool_complain("%s", error->message);
	tool_complain("interrupted by signal %d (%s) after %u of %u scenarios", number,
	              g_strsignal(number), run->tally.scenarios, run->total);
	print_replay_line(run);
	_exit(TOOL_EXIT_SIGNAL + number);
}

/* The workers inherit the blocked signals; they die with this process. */
static void watch_signals(struct run *run)
{
	sigemptyset(&run->signals);
	sigaddset(&run->signals, SIGINT);
	sigaddset(&run->signals, SIGTERM);
	sigaddset(&run->signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &run->signals, NULL);
	sem_init(&run->waiting, 0, 0);
	g_thread_unref(g_thread_new("signals", wait_for_signal, run));
	while (sem_wait(&run->waiting) && errno == EINTR)
		;
}

static void choose_sink_options(const struct tool_run_options *options,
                                struct sim_sink_options *ret_options)
{
	*ret_options = (struct sim_sink_options){.traces = SIM_TRACES_FIRST};
	if (options->trace)
		ret_options->traces = SIM_TRACES_FAILING;
	if (options->verbose || options->replay)
		ret_options->traces = SIM_TRACES_ALL;
	ret_options->diagnostics = options->replay && options->verbose;
	ret_options->quiet = options->quiet;
	ret_options->color = tool_color(STDOUT_FILENO);
}

static void fill_session(const struct tool_run_options *options, const char *build,
                         struct sim_session_options *ret_session)
{
	*ret_session = (struct sim_session_options){.subject = options->subject,
	                                            .build = build,
	                                            .schedule = options->schedule,
	                                            .oracles = options->oracles};
	if (options->timeout)
		ret_session->timeout = (unsigned)strtoul(options->timeout, NULL, 10);
}

/* With --fail-fast each file is a session of its own. */
static bool run_session(struct run *run, const struct sim_session_options *session,
                        const char *const *paths, GError **error)
{
	if (!run->options->fail_fast)
		return sim_session_run(session, paths, on_report, run, error);
	for (; *paths && !sim_tally_failures(&run->tally); paths++) {
		const char *const one[] = {*paths, NULL};

		if (!sim_session_run(session, one, on_report, run, error))
			return false;
	}
	return true;
}

static int finish(struct run *run, bool ran, GError *problem, GError **error)
{
	bool written;

	g_mutex_lock(&run->lock);
	written = tool_outputs_end(run->outputs, 0, error);
	tool_outputs_close(run->outputs);
	if (!ran) {
		g_clear_error(error);
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_SESSION, "cannot run: %s",
		            problem->message);
		return TOOL_FAILED;
	}
	if (!written)
		return TOOL_FAILED;
	print_replay_line(run);
	return sim_tally_exit_code(&run->tally);
}

int tool_run_files(const struct tool_run_options *options, const char *const *paths, GError **error)
{
	static struct run run; /* the other thread may see it until the very end */
	bool path = options->subject && !sim_subject_is_name(options->subject);
	struct sim_sink_start start = {.paths = paths,
	                               .subject = options->subject ? options->subject : "inline",
	                               .build = options->build};
	struct sim_session_options session;
	struct sim_sink_options sink_options;
	g_autoptr(GError) problem = NULL;
	bool ran;

	if (!path && !start.build)
		start.build = "plain";
	run.options = options;
	run.total = g_strv_length((char **)(uintptr_t)paths);
	choose_sink_options(options, &sink_options);
	fill_session(options, start.build, &session);
	run.outputs = tool_outputs_open(options, &sink_options, &start, error);
	if (!run.outputs)
		return TOOL_FAILED;
	watch_signals(&run);
	ran = run_session(&run, &session, paths, &problem);
	return finish(&run, ran, problem, error);
}
