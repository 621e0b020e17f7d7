/* SPDX-License-Identifier: MIT */
#include "sim/explore/parallel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>

enum job_state { JOB_UNWANTED, JOB_WAITING, JOB_RUNNING, JOB_DONE };

struct drive {
	const struct sim_parallel_options *options;
	struct sim_crew crew;
	struct sim_parallel *result;
	GArray *jobs;                /* struct sim_explore_job */
	GPtrArray *parts;            /* struct sim_part of all rounds; owns them */
	struct sim_part **parts_now; /* by job: its last part */
	uint8_t *states;             /* by job: enum job_state */
	uint32_t round;
	uint64_t before; /* executions of the rounds before this one */
	uint32_t kinds;
	struct sim_part_finding words[SIM_EXPLORE_CRASHES];
	bool limited; /* max_executions were reached */
	bool failed;  /* no processes can be made */
	GError **error;
};

static char *death_text(int status)
{
	if (WIFSIGNALED(status))
		return g_strdup_printf("the subject took its process down with signal %d (%s)",
		                       WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	return g_strdup_printf("the subject ended its process with status %d", WEXITSTATUS(status));
}

/* The number for a kind of crash; the last stands for all beyond. */
static uint32_t kind_of(struct drive *drive, const struct sim_part_finding *words)
{
	uint32_t kind = 0;

	while (kind < drive->kinds && strcmp(drive->words[kind].message, words->message) != 0)
		kind++;
	if (kind == SIM_EXPLORE_CRASHES)
		return kind - 1;
	if (kind == drive->kinds) {
		drive->words[kind].verdict = words->verdict;
		drive->words[kind].source = g_strdup(words->source);
		drive->words[kind].message = g_strdup(words->message);
		drive->words[kind].place = g_strdup(words->place);
		drive->kinds++;
	}
	return kind;
}

/* What the worker was at when it ended becomes known to all. False: that is one too many. */
static bool add_crash(struct drive *drive, const struct sim_worker *worker,
                      const struct sim_part_finding *words)
{
	struct sim_board *board = drive->crew.board;
	const struct sim_search *search = &worker->desk->search;
	struct sim_crash *crash = &board->crashes[board->crash_count];

	if (board->crash_count == SIM_TRAPS)
		return false;
	crash->judging = search->judging;
	crash->kind = kind_of(drive, words);
	crash->path.length = search->base + search->depth;
	memcpy(crash->path.step, search->steps, crash->path.length);
	board->crash_count++;
	return crash->judging || crash->path.length > 0;
}

/* The finding of a part whose path is the one the worker was on. */
static void find_words(const struct sim_worker *worker, const struct sim_part *part,
                       struct sim_part_finding *ret_words)
{
	const struct sim_search *search = &worker->desk->search;
	uint32_t length = search->base + search->depth;

	for (guint i = 0; part && i < part->findings->len; i++) {
		const struct sim_part_finding *finding = g_ptr_array_index(part->findings, i);

		if (finding->path->length == length &&
		    memcmp(finding->path->step, search->steps, length) == 0)
			*ret_words = *finding;
	}
}

static struct sim_part *parse_part(GBytes *bytes)
{
	struct json_object *object = json_tokener_parse(g_bytes_get_data(bytes, NULL));
	struct sim_part *part = sim_part_from_json(object, NULL);

	json_object_put(object);
	return part;
}

/* A worker is gone, or its subject. False: the same would happen again. */
static bool bury(struct drive *drive, struct sim_worker *worker, const struct sim_part *last_words)
{
	g_autofree char *text = death_text(sim_crew_end(worker, false));
	struct sim_part_finding words = {.verdict = SIM_VERDICT_CRASH,
	                                 .source = (char *)(uintptr_t) "subject",
	                                 .message = text};

	find_words(worker, last_words, &words);
	if (worker->desk->open && add_crash(drive, worker, &words))
		return true;
	g_free(drive->result->death);
	drive->result->death = g_strdup(words.message);
	return false;
}

static bool ensure_worker(struct drive *drive, struct sim_worker *worker)
{
	if (!worker->pid && !sim_crew_start(&drive->crew, worker, drive->error))
		drive->failed = true;
	return !drive->failed;
}

/* One attempt to get the jobs; false: it ended the worker, but the next one may get further. */
static bool try_plan(struct drive *drive, struct sim_worker *worker)
{
	enum sim_crew_message message = SIM_CREW_LOST;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(SimPart) part = NULL;

	if (!sim_crew_send(worker, SIM_CREW_PLAN, NULL, 0) ||
	    !sim_crew_receive(worker, &message, &bytes))
		message = SIM_CREW_LOST;
	if (message == SIM_CREW_PLAN) {
		g_array_append_vals(
		        drive->jobs, g_bytes_get_data(bytes, NULL),
		        (guint)(g_bytes_get_size(bytes) / sizeof(struct sim_explore_job)));
		return true;
	}
	if (message == SIM_CREW_REPORT) {
		drive->result->report = g_steal_pointer(&bytes);
		return true;
	}
	part = bytes ? parse_part(bytes) : NULL;
	return !bury(drive, worker, part);
}

/* Gets the jobs; false: there are none, and the result says why. */
static bool plan(struct drive *drive)
{
	struct sim_worker *worker = &drive->crew.workers[0];

	while (ensure_worker(drive, worker) && !try_plan(drive, worker))
		;
	return !drive->failed && drive->jobs->len > 0;
}

static bool counts_executions(const struct drive *drive)
{
	return drive->options->search.max_executions &&
	       !sim_strategy_samples(drive->options->search.strategy);
}

/* Executions of a job in this round, as far as they are known. */
static uint64_t executions_of(const struct drive *drive, unsigned job)
{
	return drive->states[job] == JOB_DONE ? drive->parts_now[job]->numbers : 0;
}

static uint64_t executions_before(const struct drive *drive, unsigned job)
{
	uint64_t sum = drive->before;

	for (unsigned i = 0; i < job; i++)
		sum += executions_of(drive, i);
	return sum;
}

static bool time_is_up(const struct drive *drive)
{
	gint64 deadline = drive->crew.board->deadline;

	return deadline && g_get_monotonic_time() >= deadline;
}

/* The next job to be given to somebody; the number of jobs: there is none. */
static unsigned next_job(struct drive *drive)
{
	unsigned job = 0;

	if (time_is_up(drive))
		return drive->jobs->len;
	while (job < drive->jobs->len && drive->states[job] != JOB_WAITING)
		job++;
	if (job < drive->jobs->len && counts_executions(drive) &&
	    executions_before(drive, job) >= drive->options->search.max_executions)
		return drive->jobs->len;
	return job;
}

static void give(struct drive *drive, struct sim_worker *worker, unsigned job)
{
	struct sim_explore_job *desk = &worker->desk->job;

	if (!ensure_worker(drive, worker))
		return;
	*desk = g_array_index(drive->jobs, struct sim_explore_job, job);
	desk->bound = drive->round;
	if (counts_executions(drive))
		desk->limit = drive->options->search.max_executions - executions_before(drive, job);
	worker->job = job;
	worker->busy = true;
	drive->states[job] = JOB_RUNNING;
	/* that it is gone already will be noticed at the next look */
	sim_crew_send(worker, SIM_CREW_RUN, NULL, 0);
}

static void add_crashes(const struct drive *drive, const struct sim_desk *desk,
                        struct sim_part *part)
{
	for (uint32_t i = 0; i < drive->kinds; i++)
		if (desk->result.crashes[i].count)
			sim_part_add_hit(part, &drive->words[i], &desk->result.crashes[i]);
}

static void keep(struct drive *drive, unsigned job, struct sim_part *part)
{
	part->job = job;
	part->round = drive->round;
	drive->parts_now[job] = part;
	drive->states[job] = JOB_DONE;
	g_ptr_array_add(drive->parts, part);
}

static void give_up(struct drive *drive, unsigned job)
{
	struct sim_part *part = sim_part_new();

	part->end = SIM_EXPLORE_LOST;
	keep(drive, job, part);
}

/* Something came from a worker, or it is gone. */
static void hear(struct drive *drive, struct sim_worker *worker)
{
	enum sim_crew_message message = SIM_CREW_LOST;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(SimPart) part = NULL;

	if (sim_crew_receive(worker, &message, &bytes))
		part = parse_part(bytes);
	if (message == SIM_CREW_PART && part) {
		add_crashes(drive, worker->desk, part);
		keep(drive, worker->job, g_steal_pointer(&part));
		worker->busy = false;
		return;
	}
	if (bury(drive, worker, part))
		drive->states[worker->job] = JOB_WAITING;
	else
		give_up(drive, worker->job);
}

static unsigned busy_workers(const struct drive *drive)
{
	unsigned count = 0;

	for (unsigned i = 0; i < drive->crew.count; i++)
		count += drive->crew.workers[i].busy;
	return count;
}

static void listen_to_workers(struct drive *drive)
{
	struct pollfd events[SIM_MAX_WORKERS];
	struct sim_worker *workers = drive->crew.workers;

	for (unsigned i = 0; i < drive->crew.count; i++)
		events[i] = (struct pollfd){.fd = workers[i].busy ? workers[i].fd : -1,
		                            .events = POLLIN};
	if (poll(events, drive->crew.count, -1) < 0)
		return;
	for (unsigned i = 0; i < drive->crew.count; i++)
		if (events[i].revents)
			hear(drive, &workers[i]);
}

/* Until no job is left that should be done. */
static void run_jobs(struct drive *drive)
{
	unsigned job;

	do {
		for (unsigned i = 0; i < drive->crew.count && !drive->failed; i++) {
			if (drive->crew.workers[i].busy)
				continue;
			job = next_job(drive);
			if (job < drive->jobs->len)
				give(drive, &drive->crew.workers[i], job);
		}
		if (busy_workers(drive))
			listen_to_workers(drive);
	} while (!drive->failed && (busy_workers(drive) || next_job(drive) < drive->jobs->len));
}

static void forget(struct drive *drive, unsigned job)
{
	if (drive->states[job] != JOB_DONE)
		return;
	g_ptr_array_remove(drive->parts, drive->parts_now[job]);
	drive->parts_now[job] = NULL;
	drive->states[job] = JOB_UNWANTED;
}

/*
 * Workers ran ahead of a limit on all executions: the job in which it was reached is done again up
 * to there, what comes after it is forgotten.
 */
static void cut_at_limit(struct drive *drive)
{
	uint64_t max = drive->options->search.max_executions, sum = drive->before;
	unsigned job = 0;

	if (!counts_executions(drive))
		return;
	for (; job < drive->jobs->len && sum < max; job++)
		sum += executions_of(drive, job);
	if (sum < max)
		return;
	drive->limited = true;
	for (unsigned later = job; later < drive->jobs->len; later++) {
		forget(drive, later);
		drive->states[later] = JOB_UNWANTED;
	}
	if (sum == max)
		return;
	forget(drive, job - 1);
	drive->states[job - 1] = JOB_WAITING;
	run_jobs(drive);
}

/* Jobs that had to leave something out at this bound are done again with the next. */
static bool next_round(struct drive *drive)
{
	const struct sim_explore_options *search = &drive->options->search;
	uint32_t max = search->max_bound ? search->max_bound : SIM_EXPLORE_BOUND;
	bool wanted = false;

	if (search->strategy != SIM_STRATEGY_BOUNDED || drive->limited || drive->round == max ||
	    drive->failed)
		return false;
	for (unsigned job = 0; job < drive->jobs->len; job++) {
		const struct sim_part *part = drive->parts_now[job];

		drive->before += executions_of(drive, job);
		drive->states[job] = JOB_UNWANTED;
		if (!part || part->end != SIM_EXPLORE_LIMIT_BOUND)
			continue;
		drive->states[job] = JOB_WAITING;
		wanted = true;
	}
	drive->round += wanted;
	return wanted;
}

static void run_rounds(struct drive *drive)
{
	memset(drive->states, JOB_WAITING, drive->jobs->len);
	do {
		run_jobs(drive);
		cut_at_limit(drive);
	} while (next_round(drive));
}

/* Jobs that nobody came to. */
static bool is_missing(const struct drive *drive)
{
	for (unsigned job = 0; job < drive->jobs->len; job++)
		if (drive->states[job] == JOB_WAITING)
			return true;
	return false;
}

static enum sim_explore_end how_ended(const struct drive *drive)
{
	if (drive->limited)
		return SIM_EXPLORE_LIMIT_EXECUTIONS;
	return is_missing(drive) ? SIM_EXPLORE_LIMIT_TIME : SIM_EXPLORE_COMPLETE;
}

/* What the host makes of one finding; NULL if its worker does not survive that. */
static GBytes *finish_one(struct drive *drive, struct sim_part_finding *finding)
{
	struct sim_worker *worker = &drive->crew.workers[0];
	g_autoptr(SimPart) part = sim_part_new();
	struct sim_explore_hit *hit = g_new0(struct sim_explore_hit, 1);
	struct json_object *object;
	enum sim_crew_message message;
	GBytes *bytes = NULL;
	const char *text;

	hit->count = finding->count;
	hit->first = finding->first;
	hit->path = *finding->path;
	sim_part_add_hit(part, finding, hit);
	g_free(hit);
	object = sim_part_to_json(part);
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	if (ensure_worker(drive, worker) &&
	    (!sim_crew_send(worker, SIM_CREW_FINISH, text, strlen(text)) ||
	     !sim_crew_receive(worker, &message, &bytes) || message != SIM_CREW_DETAIL)) {
		g_clear_pointer(&bytes, g_bytes_unref);
		sim_crew_end(worker, true);
	}
	json_object_put(object);
	return bytes;
}

/* What ends a process is not done again to be looked at. */
static bool is_crash(const struct drive *drive, const struct sim_part_finding *finding)
{
	for (uint32_t i = 0; i < drive->kinds; i++)
		if (strcmp(drive->words[i].message, finding->message) == 0)
			return true;
	return false;
}

static void finish(struct drive *drive)
{
	GPtrArray *findings = drive->result->whole->findings;

	for (guint i = 0; i < findings->len; i++) {
		struct sim_part_finding *finding = g_ptr_array_index(findings, i);
		GBytes *detail = NULL;

		if (drive->crew.host->finish && !is_crash(drive, finding) && !drive->failed)
			detail = finish_one(drive, finding);
		g_ptr_array_add(drive->result->details, detail);
	}
}

static void unref_detail(gpointer data)
{
	if (data)
		g_bytes_unref(data);
}

static void run(struct drive *drive)
{
	if (!plan(drive))
		return;
	drive->parts_now = g_new0(struct sim_part *, drive->jobs->len);
	drive->states = g_new0(uint8_t, drive->jobs->len);
	run_rounds(drive);
	if (drive->failed)
		return;
	drive->result->whole = sim_part_join(drive->parts, drive->jobs->len, how_ended(drive));
	drive->result->details = g_ptr_array_new_with_free_func(unref_detail);
	finish(drive);
}

bool sim_parallel_run(const struct sim_host *host, const struct sim_parallel_options *options,
                      struct sim_parallel *ret_result, GError **error)
{
	g_autofree struct drive *drive = g_new0(struct drive, 1);
	bool failed;

	*ret_result = (struct sim_parallel){0};
	drive->options = options;
	drive->result = ret_result;
	drive->error = error;
	drive->jobs = g_array_new(FALSE, FALSE, sizeof(struct sim_explore_job));
	drive->parts = g_ptr_array_new_with_free_func((GDestroyNotify)sim_part_free);
	sim_crew_init(&drive->crew, host, &options->search, options->workers);
	if (options->search.seconds > 0)
		drive->crew.board->deadline =
		        g_get_monotonic_time() + (gint64)(options->search.seconds * G_USEC_PER_SEC);
	run(drive);
	failed = drive->failed;
	sim_crew_fini(&drive->crew);
	for (uint32_t i = 0; i < drive->kinds; i++) {
		g_free(drive->words[i].source);
		g_free(drive->words[i].message);
		g_free(drive->words[i].place);
	}
	g_array_unref(drive->jobs);
	g_ptr_array_unref(drive->parts);
	g_free(drive->parts_now);
	g_free(drive->states);
	if (failed)
		sim_parallel_clear(ret_result);
	return !failed;
}

void sim_parallel_clear(struct sim_parallel *result)
{
	sim_part_free(result->whole);
	g_clear_pointer(&result->report, g_bytes_unref);
	g_clear_pointer(&result->details, g_ptr_array_unref);
	g_clear_pointer(&result->death, g_free);
	result->whole = NULL;
}
