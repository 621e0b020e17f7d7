/* SPDX-License-Identifier: MIT */
#include "sim/explore/parallel.h"

#include <malloc.h>
#include <string.h>

#include "sim/explore/drive.h"
#include "sim/explore/orders.h"

static void take_plan(struct sim_drive *drive, GBytes *bytes)
{
	gsize size;
	const struct sim_explore_job *jobs = g_bytes_get_data(bytes, &size);

	for (gsize i = 0; i < size / sizeof *jobs; i++)
		sim_drive_add_task(drive, &jobs[i], NULL);
}

/* One attempt to get the jobs; false: it ended the worker, but the next one may get further. */
static bool try_plan(struct sim_drive *drive, struct sim_worker *worker, unsigned *tries)
{
	enum sim_crew_message message = SIM_CREW_LOST;
	g_autoptr(GBytes) bytes = NULL;
	struct sim_told told = {0};
	enum sim_wait wait = SIM_WAIT_GONE;
	enum sim_loss loss;

	if (sim_crew_send(worker, SIM_CREW_PLAN, NULL, 0))
		wait = sim_crew_receive(worker, &drive->watch, &message, &bytes);
	if (wait == SIM_WAIT_STOPPED) {
		sim_crew_end(worker, true);
		return true;
	}
	if (wait != SIM_WAIT_READY)
		message = SIM_CREW_LOST;
	if (message == SIM_CREW_PLAN) {
		take_plan(drive, bytes);
		return true;
	}
	if (message == SIM_CREW_REPORT) {
		drive->result->report = g_steal_pointer(&bytes);
		return true;
	}
	if (bytes)
		sim_told_read(bytes, &told);
	loss = sim_drive_bury(drive, worker, told.part, tries);
	sim_told_clear(&told);
	return loss == SIM_LOSS_END;
}

/*
 * Gets the jobs; false: there are none, and the result says why. Those who share states must have
 * the subject at the same address, so they are all made before anything else is.
 */
static bool plan(struct sim_drive *drive)
{
	struct sim_worker *worker = &drive->crew.workers[0];
	unsigned tries = 0;

	if (drive->options->search.strategy == SIM_STRATEGY_STATEFUL)
		for (unsigned i = 0; i < drive->crew.count && !drive->trouble.text; i++)
			sim_drive_ensure(drive, &drive->crew.workers[i]);
	while (sim_drive_ensure(drive, worker) && !try_plan(drive, worker, &tries))
		;
	if (drive->failed || drive->tasks->len == 0)
		return false;
	if (drive->options->search.strategy == SIM_STRATEGY_STATEFUL)
		for (unsigned i = 0; i < drive->crew.count; i++)
			sim_drive_check_anchor(drive, &drive->crew.workers[i]);
	return true;
}

/*
 * Workers ran ahead of a limit on all executions: the job in which it was reached is done again up
 * to there, what comes after it is forgotten.
 */
static void cut_at_limit(struct sim_drive *drive)
{
	uint64_t max = drive->options->search.max_executions, sum = drive->before;
	unsigned number = 0;

	if (!sim_drive_counts_executions(drive))
		return;
	if (drive->options->search.strategy == SIM_STRATEGY_STATEFUL) {
		/* what one has seen the others left out: nothing of it can be taken back */
		drive->limited = sim_drive_executions_before(drive, drive->tasks->len) >= max;
		return;
	}
	for (; number < drive->tasks->len && sum < max; number++)
		if (sim_drive_task(drive, number)->state == SIM_TASK_DONE)
			sum += sim_drive_task(drive, number)->part->numbers;
	if (sum < max)
		return;
	drive->limited = true;
	for (unsigned later = number; later < drive->tasks->len; later++)
		sim_drive_forget(drive, later);
	if (sum == max)
		return;
	sim_drive_forget(drive, number - 1);
	sim_drive_task(drive, number - 1)->state = SIM_TASK_WAITING;
	sim_drive_run(drive);
}

/* Jobs that had to leave something out at this bound are done again with the next. */
static bool next_round(struct sim_drive *drive)
{
	const struct sim_explore_options *search = &drive->options->search;
	uint32_t max = search->max_bound;
	bool wanted = false;

	if (search->strategy != SIM_STRATEGY_BOUNDED || drive->limited ||
	    sim_drive_has_found(drive) || drive->round == max || drive->failed ||
	    drive->watch.stopped)
		return false;
	drive->before = sim_drive_executions_before(drive, drive->tasks->len);
	for (unsigned number = 0; number < drive->tasks->len; number++) {
		struct sim_task *task = sim_drive_task(drive, number);

		if (task->state == SIM_TASK_STOPPED)
			return false;
		task->state = SIM_TASK_UNWANTED;
		if (!task->part || task->part->end != SIM_EXPLORE_LIMIT_BOUND)
			continue;
		task->state = SIM_TASK_WAITING;
		wanted = true;
	}
	drive->round += wanted;
	return wanted;
}

/* What others came to meanwhile in jobs behind the one with the finding is forgotten. */
static void cut_at_finding(struct sim_drive *drive)
{
	if (!sim_drive_has_found(drive) || drive->options->search.strategy == SIM_STRATEGY_STATEFUL)
		return;
	for (unsigned later = drive->found + 1; later < drive->tasks->len; later++)
		sim_drive_forget(drive, later);
}

static void run_rounds(struct sim_drive *drive)
{
	do {
		sim_drive_run(drive);
		cut_at_finding(drive);
		cut_at_limit(drive);
	} while (next_round(drive));
}

/* Jobs that nobody came to. */
static bool is_missing(const struct sim_drive *drive)
{
	for (unsigned number = 0; number < drive->tasks->len; number++)
		if (sim_drive_task(drive, number)->state == SIM_TASK_WAITING)
			return true;
	return false;
}

static enum sim_explore_end how_ended(const struct sim_drive *drive)
{
	if (sim_drive_has_found(drive))
		return SIM_EXPLORE_FOUND;
	if (drive->limited)
		return SIM_EXPLORE_LIMIT_EXECUTIONS;
	if (drive->trouble.text)
		return drive->trouble.blame == SIM_BLAME_SUBJECT       ? SIM_EXPLORE_LOST
		       : drive->trouble.blame == SIM_BLAME_ENVIRONMENT ? SIM_EXPLORE_ENVIRONMENT
		                                                       : SIM_EXPLORE_BUG;
	if (drive->tasks->len && !is_missing(drive))
		return SIM_EXPLORE_COMPLETE;
	return drive->watch.stopped ? SIM_EXPLORE_INTERRUPTED : SIM_EXPLORE_LIMIT_TIME;
}

static gint by_words(gconstpointer a, gconstpointer b)
{
	const struct sim_part_finding *first = *(const void *const *)a;
	const struct sim_part_finding *second = *(const void *const *)b;
	int order = strcmp(first->source, second->source);

	return order ? order : strcmp(first->cause, second->cause);
}

struct sim_part *sim_parallel_join(const GPtrArray *parts, unsigned jobs,
                                   enum sim_strategy strategy, enum sim_explore_end end)
{
	struct sim_part *whole = sim_part_join(parts, jobs, end);

	/* there is always another execution to draw */
	if (sim_strategy_samples(strategy) && whole->end == SIM_EXPLORE_COMPLETE)
		whole->end = SIM_EXPLORE_SAMPLED;
	sim_orders_judge(whole);
	if (strategy != SIM_STRATEGY_STATEFUL)
		return whole;
	g_ptr_array_sort(whole->findings, by_words);
	whole->numbers = whole->deepest = whole->steps = 0;
	/* a state and the empty slot that goes with it */
	whole->memory = whole->states * 2 * sizeof(uint64_t);
	return whole;
}

static struct json_object *finding_to_json(const struct sim_part_finding *finding)
{
	g_autoptr(SimPart) part = sim_part_new();
	struct sim_explore_hit *hit = g_new0(struct sim_explore_hit, 1);

	hit->count = finding->count;
	hit->first = finding->first;
	sim_explore_path_copy(&hit->path, finding->path);
	sim_part_add_hit(part, finding, hit);
	g_free(hit);
	return sim_part_to_json(part);
}

/* One attempt to have a finding finished. */
static enum sim_wait ask_detail(struct sim_worker *worker, struct sim_watch *watch,
                                const char *finding, GBytes **ret_detail)
{
	enum sim_crew_message message;
	enum sim_wait wait = SIM_WAIT_GONE;

	if (sim_crew_send(worker, SIM_CREW_FINISH, finding, strlen(finding)))
		wait = sim_crew_receive(worker, watch, &message, ret_detail);
	if (wait == SIM_WAIT_READY && message == SIM_CREW_DETAIL)
		return SIM_WAIT_READY;
	g_clear_pointer(ret_detail, g_bytes_unref);
	sim_crew_end(worker, wait == SIM_WAIT_STOPPED);
	return wait == SIM_WAIT_READY ? SIM_WAIT_GONE : wait;
}

/* A bug of ours is told, although what was found stands; the environment gets another chance. */
static bool is_worth_another(struct sim_drive *drive, const struct sim_worker *worker)
{
	struct sim_death death;

	if (worker->desk->loss.known)
		return worker->desk->loss.blame == SIM_BLAME_ENVIRONMENT;
	sim_process_death(&worker->process, &death);
	if (death.blame == SIM_BLAME_FFASIM && !drive->result->trouble.text)
		drive->result->trouble = death;
	else
		g_free(death.text);
	return death.blame == SIM_BLAME_ENVIRONMENT;
}

/* What the host makes of one finding; NULL if its worker does not survive that. */
static GBytes *finish_one(struct sim_drive *drive, struct sim_watch *watch,
                          const struct sim_part_finding *finding)
{
	struct sim_worker *worker = &drive->crew.workers[0];
	struct json_object *object = finding_to_json(finding);
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	enum sim_wait wait = SIM_WAIT_GONE;
	GBytes *detail = NULL;
	unsigned tries = 0;

	do {
		if (!sim_drive_ensure(drive, worker))
			break;
		wait = ask_detail(worker, watch, text, &detail);
	} while (wait != SIM_WAIT_READY && wait != SIM_WAIT_STOPPED &&
	         is_worth_another(drive, worker) && ++tries < SIM_PROCESS_TRIES);
	json_object_put(object);
	return detail;
}

/* What ends a process is not done again to be looked at. */
static bool is_to_be_finished(const struct sim_drive *drive, const struct sim_part_finding *finding)
{
	if (finding->verdict == SIM_VERDICT_ENVIRONMENT || finding->verdict == SIM_VERDICT_BUG)
		return false;
	for (uint32_t i = 0; i < drive->kinds; i++)
		if (strcmp(drive->words[i].cause, finding->cause) == 0)
			return false;
	return drive->crew.host->finish && !drive->failed;
}

static void finish(struct sim_drive *drive)
{
	GPtrArray *findings = drive->result->whole->findings;
	struct sim_watch watch = drive->watch;

	watch.stopped = 0;
	if (watch.deadline)
		watch.deadline = sim_clock_now() + SIM_PARALLEL_FINISH * G_TIME_SPAN_SECOND;
	for (guint i = 0; i < findings->len; i++) {
		const struct sim_part_finding *finding = g_ptr_array_index(findings, i);
		GBytes *detail = NULL;

		if (is_to_be_finished(drive, finding) && !sim_watch_is_stopped(&watch) &&
		    !sim_watch_is_late(&watch))
			detail = finish_one(drive, &watch, finding);
		g_ptr_array_add(drive->result->details, detail);
	}
}

static void unref_detail(gpointer data)
{
	if (data)
		g_bytes_unref(data);
}

static void free_task(gpointer data)
{
	struct sim_task *task = data;

	sim_part_free(task->base);
	sim_part_free(task->so_far);
	g_free(task->position);
	g_free(task);
}

/* All jobs, or those of a shard, which may have none. */
static void want_jobs(struct sim_drive *drive)
{
	const struct sim_parallel_options *options = drive->options;

	drive->result->empty = true;
	for (unsigned number = 0; number < drive->tasks->len; number++) {
		struct sim_task *task = sim_drive_task(drive, number);

		if (options->shards && task->job.shard != options->shard - 1)
			continue;
		task->state = SIM_TASK_WAITING;
		drive->result->empty = false;
	}
}

/* Who saw which state first means nothing if there were several. */
static void forget_order(struct sim_part *whole)
{
	for (guint i = 0; i < whole->findings->len; i++)
		((struct sim_part_finding *)g_ptr_array_index(whole->findings, i))->first = 0;
	for (guint i = 0; i < whole->orders->len; i++)
		((struct sim_part_order *)g_ptr_array_index(whole->orders, i))->first = 0;
}

/* What a job has come to that is not to be finished any more. */
static void add_part(struct sim_drive *drive, unsigned number, struct sim_part *part)
{
	part->job = number;
	part->round = drive->round;
	part->end = how_ended(drive);
	g_ptr_array_add(drive->parts, part);
}

/* What is known of jobs that nobody came back to. */
static void add_unfinished(struct sim_drive *drive)
{
	for (unsigned number = 0; number < drive->tasks->len; number++) {
		struct sim_task *task = sim_drive_task(drive, number);

		if (task->state == SIM_TASK_WAITING && task->so_far)
			add_part(drive, number, g_steal_pointer(&task->so_far));
	}
}

static bool is_known(const struct sim_drive *drive, const struct sim_part_finding *words)
{
	for (guint i = 0; i < drive->parts->len; i++) {
		const struct sim_part *part = g_ptr_array_index(drive->parts, i);

		for (guint j = 0; j < part->findings->len; j++) {
			const struct sim_part_finding *finding =
			        g_ptr_array_index(part->findings, j);

			if (strcmp(finding->cause, words->cause) == 0)
				return true;
		}
	}
	return false;
}

/* The part of the job in this round, made if there is none. */
static struct sim_part *part_of(struct sim_drive *drive, unsigned number)
{
	struct sim_part *part;

	for (guint i = 0; i < drive->parts->len; i++) {
		part = g_ptr_array_index(drive->parts, i);
		if (part->job == number && part->round == drive->round)
			return part;
	}
	part = sim_part_new();
	add_part(drive, number, part);
	return part;
}

/* Crashes count when their step is come by again; of some that did not happen any more. */
static void add_crashes(struct sim_drive *drive)
{
	const struct sim_board *board = drive->crew.board;
	struct sim_explore_hit *hit = g_new0(struct sim_explore_hit, 1);

	for (uint32_t i = 0; i < board->crash_count; i++) {
		const struct sim_crash *crash = &board->crashes[i];
		struct sim_part *part;

		if (is_known(drive, &drive->words[crash->kind]))
			continue;
		part = part_of(drive, crash->job);
		hit->count = 1;
		hit->first = part->numbers + 1;
		sim_explore_path_copy(&hit->path, &crash->path);
		sim_part_add_hit(part, &drive->words[crash->kind], hit);
	}
	g_free(hit);
}

static void run(struct sim_drive *drive)
{
	struct sim_parallel *result = drive->result;

	if (!plan(drive)) {
		result->end = how_ended(drive);
		result->trouble = drive->trouble;
		drive->trouble.text = NULL;
		return;
	}
	result->jobs = drive->tasks->len;
	want_jobs(drive);
	if (drive->options->resume && !sim_checkpoint_read(drive))
		return;
	run_rounds(drive);
	if (drive->options->checkpoint)
		sim_checkpoint_write(drive);
	if (drive->failed)
		return;
	add_unfinished(drive);
	if (drive->trouble.text)
		sim_drive_add_trouble(drive, part_of(drive, drive->trouble_job));
	if (how_ended(drive) != SIM_EXPLORE_LIMIT_EXECUTIONS)
		add_crashes(drive);
	result->jobs = MAX(result->jobs, drive->tasks->len);
	result->end = how_ended(drive);
	result->whole = sim_parallel_join(drive->parts, result->jobs,
	                                  drive->options->search.strategy, result->end);
	if (drive->options->search.strategy == SIM_STRATEGY_STATEFUL && drive->crew.count > 1)
		forget_order(result->whole);
	result->details = g_ptr_array_new_with_free_func(unref_detail);
	finish(drive);
	result->parts = g_steal_pointer(&drive->parts);
}

/* False: there is no memory. */
static bool start(struct sim_drive *drive, const struct sim_host *host)
{
	const struct sim_parallel_options *options = drive->options;
	struct sim_explore_options search = options->search;
	struct sim_board *board;

	drive->tasks = g_ptr_array_new_with_free_func(free_task);
	drive->parts = g_ptr_array_new_with_free_func((GDestroyNotify)sim_part_free);
	drive->log = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	drive->found = SIM_DRIVE_NOT_FOUND;
	drive->began = drive->beat = sim_clock_now();
	drive->watch = (struct sim_watch){.timeout = options->timeout,
	                                  .grace = SIM_PARALLEL_PATIENCE * (gint64)1000,
	                                  .deadline = sim_clock_after(options->search.seconds),
	                                  .wait_mask = options->wait_mask,
	                                  .stop = options->stop};
	search.shards = options->shards;
	if (!sim_crew_init(&drive->crew, host, &search, options->workers, drive->error))
		return false;
	board = drive->crew.board;
	board->tell_every = options->checkpoint ? options->checkpoint_steps : 0;
	if (options->resume)
		sim_checkpoint_recall(drive);
	board->announces = options->on_found;
	board->log = options->checkpoint && options->search.strategy == SIM_STRATEGY_STATEFUL;
	board->deadline = drive->watch.deadline;
	return true;
}

static void end(struct sim_drive *drive)
{
	sim_crew_fini(&drive->crew);
	g_free(drive->trouble.text);
	for (uint32_t i = 0; i < drive->kinds; i++) {
		g_free(drive->words[i].source);
		g_free(drive->words[i].cause);
		g_free(drive->words[i].message);
		g_free(drive->words[i].place);
	}
	g_ptr_array_unref(drive->tasks);
	g_clear_pointer(&drive->parts, g_ptr_array_unref);
	g_array_unref(drive->log);
	sim_states_reset(&drive->states);
}

/*
 * States are known again only where the subject lies at the same address, and it is mapped below
 * what was mapped before: no allocation may be a mapping of its own, whose size differs between two
 * runs.
 */
static void keep_addresses(const struct sim_parallel_options *options)
{
	if (options->checkpoint || options->resume)
		mallopt(M_MMAP_MAX, 0);
}

bool sim_parallel_run(const struct sim_host *host, const struct sim_parallel_options *options,
                      struct sim_parallel *ret_result, GError **error)
{
	struct sim_drive *drive;
	bool failed;

	keep_addresses(options);
	drive = g_new0(struct sim_drive, 1);
	*ret_result = (struct sim_parallel){0};
	drive->options = options;
	drive->result = ret_result;
	drive->error = error;
	drive->failed = !start(drive, host);
	if (!drive->failed)
		run(drive);
	failed = drive->failed;
	end(drive);
	g_free(drive);
	if (failed)
		sim_parallel_clear(ret_result);
	return !failed;
}

void sim_parallel_clear(struct sim_parallel *result)
{
	sim_part_free(result->whole);
	g_clear_pointer(&result->report, g_bytes_unref);
	g_clear_pointer(&result->details, g_ptr_array_unref);
	g_clear_pointer(&result->parts, g_ptr_array_unref);
	g_clear_pointer(&result->trouble.text, g_free);
	result->whole = NULL;
}
