/* SPDX-License-Identifier: MIT */
#include "sim/session.h"

#include <string.h>
#include <unistd.h>

#include "sim/base/process.h"
#include "sim/base/stream.h"
#include "sim/run.h"
#include "sim/subject.h"

/* What a worker keeps from one scenario to the next: the subject stays open. */
struct worker {
	const struct sim_session_options *options;
	struct shim_link link;
	struct world world;
	char mediator[SIM_NAME_SIZE]; /* of the open subject; empty: none is open */
	char failed[SIM_NAME_SIZE];   /* of the one that could not be opened */
	GError *failure;              /* and why */
	bool narrated;                /* a report had a narrative */
};

static void close_subject(struct worker *worker)
{
	if (!worker->mediator[0])
		return;
	world_finish(&worker->world);
	shim_link_close(&worker->link);
	worker->mediator[0] = '\0';
}

/*
 * A subject that could not be opened is not tried again: it may have taken its time to fail. One
 * that could not be opened for want of something is.
 */
static void note_failure(struct worker *worker, const char *mediator, const GError *error)
{
	g_clear_error(&worker->failure);
	if (error->code == SIM_ERROR_SUBJECT)
		worker->failure = g_error_copy(error);
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
		g_propagate_error(error, g_error_copy(worker->failure));
		return false;
	}
	if (!sim_subject_open(&worker->link, &request, error)) {
		note_failure(worker, scenario->machine.mediator, *error);
		return false;
	}
	world_init(&worker->world, &worker->link);
	g_strlcpy(worker->mediator, scenario->machine.mediator, sizeof worker->mediator);
	return true;
}

/* Nobody looks at a narrative beyond the first: it takes the time of another run. */
static void choose_narrating(const struct worker *worker, struct sim_run *run)
{
	if (!worker->options->narrates_once || !worker->narrated)
		run->narrates = worker->options->narrates;
}

/* What kept a scenario from being run. */
static void add_error(struct sim_report *report, const GError *error)
{
	enum sim_verdict verdict = sim_verdict_of_error(error);

	sim_report_add(report, verdict, sim_source_of_verdict(verdict), NULL, NULL, "%s",
	               error->message);
}

static void run_on_subject(struct worker *worker, const struct sim_scenario *scenario,
                           struct sim_report *report)
{
	g_autoptr(GError) error = NULL;
	g_autofree struct sim_run *run = NULL;

	if (!open_subject(worker, scenario, &error)) {
		add_error(report, error);
		return;
	}
	run = g_new0(struct sim_run, 1);
	run->scenario = scenario;
	run->world = &worker->world;
	run->report = report;
	run->levels = &worker->options->oracles;
	run->only_schedule = worker->options->schedule;
	report->build = g_strdup(worker->link.map.control->build);
	choose_narrating(worker, run);
	sim_run_scenario(run);
	worker->narrated |= sim_report_has_finding(report);
}

static struct sim_report *run_file(struct worker *worker, const char *path)
{
	const char *subject = worker->options->subject ? worker->options->subject : "inline";
	struct sim_report *report = sim_report_new(path, subject);
	g_autoptr(GError) error = NULL;
	g_autoptr(SimScenario) scenario = sim_scenario_load(path, &error);

	if (!scenario) {
		add_error(report, error);
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

static bool send_report(int fd, struct sim_report *report)
{
	g_autoptr(GBytes) bytes = sim_report_to_bytes_within(report, SIM_MAX_REPORT_SIZE);
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	uint64_t length = size;

	return sim_write_all(fd, &length, sizeof length) && sim_write_all(fd, data, size);
}

static enum sim_wait receive_report(struct sim_process *process, struct sim_watch *watch,
                                    struct sim_report **ret_report)
{
	uint64_t length;
	enum sim_wait wait = sim_process_read(process, watch, &length, sizeof length);
	g_autofree char *data = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (wait == SIM_WAIT_READY && length > SIM_MAX_REPORT_SIZE)
		wait = SIM_WAIT_GONE;
	if (wait != SIM_WAIT_READY)
		return wait;
	data = g_malloc(length);
	wait = sim_process_read(process, watch, data, length);
	if (wait != SIM_WAIT_READY)
		return wait;
	bytes = g_bytes_new_take(g_steal_pointer(&data), length);
	*ret_report = sim_report_from_bytes(bytes);
	return *ret_report ? SIM_WAIT_READY : SIM_WAIT_GONE;
}

/* The work of one worker. */
struct work {
	const struct sim_session_options *options;
	const char *const *paths;
};

static void run_worker(void *user, int fd)
{
	const struct work *work = user;
	struct worker *worker = g_new0(struct worker, 1);

	worker->options = work->options;
	for (const char *const *path = work->paths; *path; path++) {
		g_autoptr(SimReport) report = run_file(worker, *path);

		if (!send_report(fd, report))
			_exit(1);
	}
	close_subject(worker);
	g_clear_error(&worker->failure);
	g_free(worker);
}

/* A session under way. */
struct session {
	const struct sim_session_options *options;
	struct sim_watch watch;
	const char *const *paths; /* those that have no report yet */
	unsigned tries;           /* of the first of them, that the environment ended */
	sim_session_on_report *on_report;
	void *user;
};

/* What is next. */
enum next { NEXT_WORKER, NEXT_NONE };

/* Hands out the report of the first path, unless that is to be tried again. */
static enum next finish_path(struct session *session, const struct sim_report *report)
{
	if (report->verdict == SIM_VERDICT_ENVIRONMENT && ++session->tries < SIM_PROCESS_TRIES)
		return NEXT_WORKER;
	session->tries = 0;
	session->paths++;
	return session->on_report(session->user, report) ? NEXT_WORKER : NEXT_NONE;
}

static struct sim_report *new_report(const struct session *session)
{
	const char *subject = session->options->subject;

	return sim_report_new(*session->paths, subject ? subject : "inline");
}

/* The worker is gone without a report for the first path. */
static enum next finish_death(struct session *session, const struct sim_process *process)
{
	g_autoptr(SimReport) report = new_report(session);
	g_autofree char *text = NULL;
	struct sim_death death;
	enum sim_verdict verdict;

	sim_process_death(process, &death);
	text = death.text;
	verdict = sim_verdict_of_blame(death.blame);
	sim_report_add(report, verdict, sim_source_of_verdict(verdict), NULL, NULL, "%s", text);
	return finish_path(session, report);
}

/* Hands out the reports of one worker, as long as it needs no other. */
static enum sim_wait relay(struct session *session, struct sim_process *process,
                           enum next *ret_next)
{
	*ret_next = NEXT_WORKER;
	while (*session->paths) {
		g_autoptr(SimReport) report = NULL;
		enum sim_wait wait = receive_report(process, &session->watch, &report);
		const char *const *before = session->paths;

		if (wait != SIM_WAIT_READY)
			return wait;
		*ret_next = finish_path(session, report);
		if (*ret_next == NEXT_NONE || session->paths == before)
			return SIM_WAIT_STOPPED;
	}
	return SIM_WAIT_READY;
}

/* No process can be made. */
static enum next finish_error(struct session *session, const GError *error)
{
	g_autoptr(SimReport) report = new_report(session);

	add_error(report, error);
	return finish_path(session, report);
}

static enum next run_some(struct session *session)
{
	struct work work = {.options = session->options, .paths = session->paths};
	g_autoptr(GError) error = NULL;
	struct sim_process process;
	enum next next;
	enum sim_wait wait;

	if (!sim_process_start(&process, run_worker, &work, &error))
		return finish_error(session, error);
	wait = relay(session, &process, &next);
	sim_process_end(&process, wait == SIM_WAIT_STOPPED);
	if (wait == SIM_WAIT_GONE || wait == SIM_WAIT_ASLEEP)
		return finish_death(session, &process);
	return sim_watch_is_stopped(&session->watch) ? NEXT_NONE : next;
}

void sim_session_run(const struct sim_session_options *options, const char *const *paths,
                     sim_session_on_report *on_report, void *user)
{
	struct session session = {.options = options,
	                          .watch = {.timeout = sim_subject_timeout(options->timeout),
	                                    .wait_mask = options->wait_mask,
	                                    .stop = options->stop},
	                          .paths = paths,
	                          .on_report = on_report,
	                          .user = user};

	while (*session.paths && !sim_watch_is_stopped(&session.watch))
		if (run_some(&session) == NEXT_NONE)
			break;
}
