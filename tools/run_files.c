/* SPDX-License-Identifier: MIT */
/*
 * Runs files and writes the results. A signal that asks the program to end is
 * blocked except while the session waits; then the outputs are ended in good
 * order, and the exit status says which signal it was.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/subject.h"
#include "tools/options.h"
#include "tools/outputs.h"
#include "tools/replay_line.h"
#include "tools/signals.h"
#include "tools/tool.h"

struct run {
	const struct tool_run_options *options;
	unsigned total;
	struct tool_outputs *outputs;
	struct sim_tally tally;
	char *replay_line; /* of the first failure */
};

static bool on_report(void *user, const struct sim_report *report)
{
	struct run *run = user;

	sim_tally_add(&run->tally, report);
	if (!run->replay_line && sim_verdict_is_failure(report->verdict))
		run->replay_line = tool_replay_line(run->options, report);
	tool_outputs_report(run->outputs, report);
	return !run->options->fail_fast || !sim_tally_failures(&run->tally);
}

static void print_replay_line(const struct run *run)
{
	if (run->replay_line && !run->options->replay)
		fprintf(stderr, "%s\n", run->replay_line);
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
	ret_options->narratives = options->replay && !options->verbose;
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
	ret_session->narrates = options->replay ? SIM_NARRATE_ALL : SIM_NARRATE_FAILURE;
	ret_session->narrates_once = !options->replay && !options->trace;
	if (options->timeout)
		ret_session->timeout = (unsigned)strtoul(options->timeout, NULL, 10);
}

static int finish(struct run *run, GError **error)
{
	int number = tool_signalled;
	bool written = tool_outputs_end(run->outputs, number, error);

	tool_outputs_close(run->outputs);
	if (!written)
		return TOOL_FAILED;
	if (number)
		tool_complain("interrupted by signal %d (%s) after %u of %u scenarios", number,
		              g_strsignal(number), run->tally.scenarios, run->total);
	print_replay_line(run);
	g_free(run->replay_line);
	return number ? TOOL_EXIT_SIGNAL + number : sim_tally_exit_code(&run->tally);
}

int tool_run_files(const struct tool_run_options *options, const char *const *paths, GError **error)
{
	struct run run = {.options = options};
	bool path = options->subject && !sim_subject_is_name(options->subject);
	struct sim_sink_start start = {.paths = paths,
	                               .subject = options->subject ? options->subject : "inline",
	                               .build = options->build};
	struct sim_session_options session;
	struct sim_sink_options sink_options;
	sigset_t wait_mask;

	if (!tool_check_schedule(options->schedule, paths, error))
		return TOOL_FAILED;
	if (!path && !start.build)
		start.build = "plain";
	run.total = g_strv_length((char **)(uintptr_t)paths);
	choose_sink_options(options, &sink_options);
	fill_session(options, start.build, &session);
	run.outputs = tool_outputs_open(options, &sink_options, &start, error);
	if (!run.outputs)
		return TOOL_FAILED;
	tool_signals_watch(&wait_mask);
	session.wait_mask = &wait_mask;
	session.stop = &tool_signalled;
	sim_session_run(&session, paths, on_report, &run);
	return finish(&run, error);
}
