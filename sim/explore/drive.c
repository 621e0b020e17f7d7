/* SPDX-License-Identifier: MIT */
#include "sim/explore/drive.h"

#include <string.h>

void sim_drive_check_anchor(struct sim_drive *drive, struct sim_worker *worker)
{
	enum sim_crew_message message;
	g_autoptr(GBytes) bytes = NULL;
	bool open;

	if (!worker->process.pid)
		return;
	open = sim_crew_send(worker, SIM_CREW_OPEN, NULL, 0) &&
	       sim_crew_receive(worker, &drive->watch, &message, &bytes) == SIM_WAIT_READY &&
	       message == SIM_CREW_OPEN;
	if (open && !drive->anchor)
		drive->anchor = worker->desk->anchor;
	if (open && drive->anchor == worker->desk->anchor)
		return;
	sim_crew_end(worker, true);
	worker->useless = true;
}

static unsigned busy_workers(const struct sim_drive *drive)
{
	unsigned count = 0;

	for (unsigned i = 0; i < drive->crew.count; i++)
		count += drive->crew.workers[i].busy;
	return count;
}

/* The others go on without it, if there are any. */
bool sim_drive_ensure(struct sim_drive *drive, struct sim_worker *worker)
{
	g_autoptr(GError) problem = NULL;
	struct sim_death death = {.blame = SIM_BLAME_ENVIRONMENT};

	if (worker->process.pid || drive->failed)
		return !drive->failed;
	if (sim_crew_start(&drive->crew, worker, &problem))
		return true;
	worker->useless = true;
	death.text = problem->message;
	if (!busy_workers(drive))
		sim_drive_trouble(drive, &death, NULL);
	return false;
}

struct sim_task *sim_drive_add_task(struct sim_drive *drive, const struct sim_explore_job *job,
                                    struct sim_position *position)
{
	struct sim_task *task = g_new0(struct sim_task, 1);

	task->job = *job;
	task->position = position;
	g_ptr_array_add(drive->tasks, task);
	return task;
}

bool sim_drive_counts_executions(const struct sim_drive *drive)
{
	return drive->options->search.max_executions &&
	       !sim_strategy_samples(drive->options->search.strategy);
}

uint64_t sim_drive_executions_before(const struct sim_drive *drive, unsigned number)
{
	uint64_t sum = drive->before;

	for (unsigned i = 0; i < number; i++)
		if (sim_drive_task(drive, i)->state == SIM_TASK_DONE)
			sum += sim_drive_task(drive, i)->part->numbers;
	return sum;
}

static bool is_over(struct sim_drive *drive)
{
	return drive->failed || drive->crew.board->calls.stop ||
	       sim_watch_is_stopped(&drive->watch) || sim_watch_is_late(&drive->watch);
}

/* Those who share states go no further; all others do what comes before the finding. */
static bool is_behind_finding(const struct sim_drive *drive, unsigned number)
{
	return sim_drive_has_found(drive) &&
	       (number > drive->found || drive->options->search.strategy == SIM_STRATEGY_STATEFUL);
}

/* The next task to be given to somebody; the number of tasks: there is none. */
static unsigned next_task(struct sim_drive *drive)
{
	unsigned number = 0, count = drive->tasks->len;

	if (is_over(drive))
		return count;
	while (number < count && sim_drive_task(drive, number)->state != SIM_TASK_WAITING)
		number++;
	if (number < count && sim_drive_counts_executions(drive) &&
	    sim_drive_executions_before(drive, number) >= drive->options->search.max_executions)
		return count;
	return is_behind_finding(drive, number) ? count : number;
}

/* How many executions the task may have from here on; 0: any number. */
static uint64_t limit_of(const struct sim_drive *drive, unsigned number)
{
	const struct sim_task *task = sim_drive_task(drive, number);
	uint64_t limit = task->job.limit, used = task->base ? task->base->numbers : 0;

	if (sim_drive_counts_executions(drive))
		limit = drive->options->search.max_executions -
		        sim_drive_executions_before(drive, number);
	return limit > used ? limit - used : limit ? 1 : 0;
}

/* A worker that can be given a task. */
static bool ensure_useful(struct sim_drive *drive, struct sim_worker *worker)
{
	bool is_new = !worker->process.pid;

	if (!sim_drive_ensure(drive, worker))
		return false;
	if (is_new && drive->options->search.strategy == SIM_STRATEGY_STATEFUL)
		sim_drive_check_anchor(drive, worker);
	return !worker->useless;
}

static void give(struct sim_drive *drive, struct sim_worker *worker, unsigned number)
{
	struct sim_task *task = sim_drive_task(drive, number);
	struct sim_desk *desk = worker->desk;

	if (!ensure_useful(drive, worker))
		return;
	sim_part_free(task->base);
	task->base = g_steal_pointer(&task->so_far);
	desk->job = task->job;
	desk->job.bound = drive->round;
	desk->job.limit = limit_of(drive, number);
	desk->resumes = task->position;
	if (task->position)
		sim_position_copy(&desk->resume, task->position);
	worker->job = number;
	worker->busy = true;
	task->state = SIM_TASK_RUNNING;
	/* that it is gone already will be noticed at the next look */
	sim_crew_send(worker, SIM_CREW_RUN, NULL, 0);
}

/* The crashes that a worker tells of become findings of its part. */
static void add_deaths(const struct sim_drive *drive, struct sim_told *told)
{
	struct sim_explore_hit *hit = g_new0(struct sim_explore_hit, 1);

	for (guint i = 0; i < told->deaths->findings->len; i++) {
		const struct sim_part_finding *death = g_ptr_array_index(told->deaths->findings, i);
		guint64 kind = g_ascii_strtoull(death->message, NULL, 10);

		if (kind >= drive->kinds)
			continue;
		hit->count = death->count;
		hit->first = death->first;
		memcpy(hit->by, death->by, sizeof hit->by);
		sim_explore_path_copy(&hit->path, death->path);
		sim_part_add_hit(told->part, &drive->words[kind], hit);
	}
	g_free(hit);
}

/* What a task has come to, with what it came to before it was given out. */
static struct sim_part *with_base(const struct sim_drive *drive, const struct sim_worker *worker,
                                  struct sim_told *told)
{
	const struct sim_task *task = sim_drive_task(drive, worker->job);
	struct sim_part *sum = sim_part_new();

	add_deaths(drive, told);
	if (task->base)
		sim_part_append(sum, task->base);
	sim_part_append(sum, told->part);
	sum->job = worker->job;
	sum->round = drive->round;
	return sum;
}

static void drop_progress(struct sim_task *task)
{
	g_clear_pointer(&task->base, sim_part_free);
	g_clear_pointer(&task->so_far, sim_part_free);
	g_clear_pointer(&task->position, g_free);
}

static void keep(struct sim_drive *drive, unsigned number, struct sim_part *part)
{
	struct sim_task *task = sim_drive_task(drive, number);

	task->part = part;
	task->state = SIM_TASK_DONE;
	g_ptr_array_add(drive->parts, part);
	drop_progress(task);
}

/* A job that its worker did not end is to be given out again, from where it stood. */
static void put_back(struct sim_task *task)
{
	task->state = SIM_TASK_WAITING;
	/* nothing was told since it was given out */
	if (!task->so_far)
		task->so_far = g_steal_pointer(&task->base);
}

/* The job is not to be done; what is known of it counts. */
static void give_up(struct sim_drive *drive, unsigned number)
{
	struct sim_task *task = sim_drive_task(drive, number);
	struct sim_part *part = sim_part_new();

	put_back(task);
	if (task->so_far)
		sim_part_append(part, task->so_far);
	part->job = number;
	part->round = drive->round;
	part->end = SIM_EXPLORE_LOST;
	part->unjudged.times[SIM_LIMIT_TRAPS] += drive->crew.board->crash_count == SIM_TRAPS;
	keep(drive, number, part);
}

void sim_drive_forget(struct sim_drive *drive, unsigned number)
{
	struct sim_task *task = sim_drive_task(drive, number);

	drop_progress(task);
	if (task->state == SIM_TASK_DONE || task->state == SIM_TASK_STOPPED) {
		g_ptr_array_remove(drive->parts, task->part);
		task->part = NULL;
	}
	task->state = SIM_TASK_UNWANTED;
}

/* Whoever shared states with a process that is gone cannot go on: nobody knows what it had seen. */
static void begin_anew(struct sim_drive *drive)
{
	for (unsigned i = 0; i < drive->crew.count; i++)
		if (drive->crew.workers[i].process.pid)
			sim_crew_end(&drive->crew.workers[i], true);
	/* one after the other, so that they find the same free addresses */
	for (unsigned i = 0; i < drive->crew.count; i++) {
		drive->crew.workers[i].useless = false;
		sim_drive_ensure(drive, &drive->crew.workers[i]);
	}
	drive->anchor = 0;
	for (unsigned i = 0; i < drive->crew.count && !drive->failed; i++)
		sim_drive_check_anchor(drive, &drive->crew.workers[i]);
	for (guint i = drive->tasks->len; i-- > 0;)
		sim_drive_forget(drive, i);
	g_ptr_array_set_size(drive->tasks, 1);
	sim_drive_task(drive, 0)->state = SIM_TASK_WAITING;
	sim_visited_clear(&drive->crew.board->visited);
	g_array_set_size(drive->log, 0);
	sim_states_reset(&drive->states);
}

static void hear_death(struct sim_drive *drive, struct sim_worker *worker,
                       const struct sim_told *told)
{
	bool shares = drive->options->search.strategy == SIM_STRATEGY_STATEFUL;
	struct sim_task *task = sim_drive_task(drive, worker->job);
	/* all of them are begun anew together */
	unsigned *tries = &sim_drive_task(drive, shares ? 0 : worker->job)->tries;
	enum sim_loss loss = sim_drive_bury(drive, worker, told->part, tries);

	if (loss == SIM_LOSS_AGAIN && shares)
		begin_anew(drive);
	else if (loss == SIM_LOSS_AGAIN || drive->trouble.text)
		put_back(task);
	else
		give_up(drive, worker->job);
}

/* A task is where a worker says; its work may have become two. */
static void hear_position(struct sim_drive *drive, struct sim_worker *worker, struct sim_told *told)
{
	struct sim_task *task = sim_drive_task(drive, worker->job);
	const struct sim_explore_job nothing = {0};

	sim_part_free(task->so_far);
	task->so_far = with_base(drive, worker, told);
	g_free(task->position);
	task->position = g_steal_pointer(&told->position);
	if (told->gift)
		sim_drive_add_task(drive, &nothing, g_steal_pointer(&told->gift))->state =
		        SIM_TASK_WAITING;
}

static void hear_part(struct sim_drive *drive, struct sim_worker *worker, struct sim_told *told)
{
	struct sim_task *task = sim_drive_task(drive, worker->job);
	struct sim_position *position = g_steal_pointer(&told->position);
	struct sim_part *part = with_base(drive, worker, told);

	worker->busy = false;
	if (drive->options->search.first && part->findings->len)
		drive->found = MIN(drive->found, worker->job);
	keep(drive, worker->job, part);
	if (!position)
		return;
	task->state = SIM_TASK_STOPPED;
	task->position = position;
}

/* A worker tells where it stands after so many steps. */
static uint64_t board_steps(const struct sim_drive *drive)
{
	return drive->options->checkpoint_steps;
}

/* Ends a worker in the middle of its job, which is to be done again. */
static void take_back(struct sim_drive *drive, struct sim_worker *worker)
{
	unsigned number = worker->job;

	sim_crew_end(worker, true);
	put_back(sim_drive_task(drive, number));
}

/* False: it is none. */
static bool hear_found(const struct sim_drive *drive, GBytes *bytes)
{
	struct json_object *object = json_tokener_parse(g_bytes_get_data(bytes, NULL));
	g_autoptr(SimPart) part = sim_part_from_json(object, NULL);

	json_object_put(object);
	if (!part || part->findings->len != 1)
		return false;
	sim_drive_announce(drive, g_ptr_array_index(part->findings, 0));
	return true;
}

/* Something came from a worker, or it is gone. */
static void hear(struct sim_drive *drive, struct sim_worker *worker)
{
	enum sim_crew_message message = SIM_CREW_LOST;
	g_autoptr(GBytes) bytes = NULL;
	struct sim_told told = {0};
	enum sim_wait wait = sim_crew_receive(worker, &drive->watch, &message, &bytes);

	if (wait == SIM_WAIT_STOPPED) {
		take_back(drive, worker);
		return;
	}
	if (wait == SIM_WAIT_READY && message == SIM_CREW_FOUND && hear_found(drive, bytes))
		return;
	if (wait != SIM_WAIT_READY || !sim_told_read(bytes, &told))
		message = SIM_CREW_LOST;
	if (told.log && message != SIM_CREW_LOST)
		g_array_append_vals(drive->log, g_bytes_get_data(told.log, NULL),
		                    (guint)(g_bytes_get_size(told.log) / sizeof(uint64_t)));
	if (message == SIM_CREW_POSITION)
		hear_position(drive, worker, &told);
	else if (message == SIM_CREW_PART)
		hear_part(drive, worker, &told);
	else
		hear_death(drive, worker, &told);
	drive->news++;
	drive->fresh += message == SIM_CREW_PART ? told.part->steps : board_steps(drive);
	sim_told_clear(&told);
}

/* Those who do not come to an end although they should are killed. */
static void kill_workers(struct sim_drive *drive)
{
	for (unsigned i = 0; i < drive->crew.count; i++)
		if (drive->crew.workers[i].busy)
			take_back(drive, &drive->crew.workers[i]);
}

static void tell_progress(struct sim_drive *drive)
{
	struct sim_progress progress = {
	        .done = -1,
	        .round = drive->options->search.strategy == SIM_STRATEGY_BOUNDED ? (int)drive->round
	                                                                         : -1,
	        .seconds = (double)(sim_clock_now() - drive->began) / G_USEC_PER_SEC};

	sim_progress_of(drive, &progress);
	drive->options->on_progress(drive->options->user, &progress);
}

/* What is to be done every now and then, whatever the workers do. */
static void look_around(struct sim_drive *drive)
{
	const struct sim_parallel_options *options = drive->options;
	gint64 now = sim_clock_now();

	if (sim_watch_is_stopped(&drive->watch))
		drive->crew.board->calls.stop = 1;
	if (sim_watch_is_over(&drive->watch))
		kill_workers(drive);
	if (options->checkpoint && options->checkpoint_steps &&
	    drive->fresh >= options->checkpoint_steps)
		sim_checkpoint_write(drive);
	if (now - drive->beat < SIM_PARALLEL_BEAT * (gint64)1000)
		return;
	drive->beat = now;
	if (options->on_progress)
		tell_progress(drive);
	if (options->checkpoint && !options->checkpoint_steps && drive->news)
		sim_checkpoint_write(drive);
	if (options->checkpoint && !options->checkpoint_steps)
		drive->crew.board->calls.ask++;
}

/* Something to read, or a worker that will never write anything. */
static bool has_news(struct sim_drive *drive, struct sim_worker *worker)
{
	return worker->busy && (worker->process.readable ||
	                        sim_process_sleeps(&worker->process, drive->watch.timeout));
}

static void listen_to_workers(struct sim_drive *drive)
{
	struct sim_process *processes[SIM_MAX_WORKERS];
	struct sim_worker *workers = drive->crew.workers;

	for (unsigned i = 0; i < drive->crew.count; i++)
		processes[i] = workers[i].busy ? &workers[i].process : NULL;
	sim_process_poll(processes, drive->crew.count, SIM_PARALLEL_BEAT / 2,
	                 drive->watch.wait_mask);
	/* one that is gone may take the others with it */
	for (unsigned i = 0; i < drive->crew.count; i++)
		if (has_news(drive, &workers[i]))
			hear(drive, &workers[i]);
	look_around(drive);
}

static bool is_behind_limit(const struct sim_drive *drive, unsigned number)
{
	return sim_drive_counts_executions(drive) &&
	       drive->options->search.strategy != SIM_STRATEGY_STATEFUL &&
	       sim_drive_executions_before(drive, number) >= drive->options->search.max_executions;
}

/* A worker at a job that lies behind the limit on all executions, or the finding, need not go on.
 */
static void stop_behind_limit(struct sim_drive *drive)
{
	for (unsigned i = 0; i < drive->crew.count; i++) {
		struct sim_worker *worker = &drive->crew.workers[i];

		if (worker->busy &&
		    (is_behind_limit(drive, worker->job) || is_behind_finding(drive, worker->job)))
			take_back(drive, worker);
	}
}

/* Everybody who has nothing to do gets something; who still has not, says so. */
static void give_work(struct sim_drive *drive)
{
	unsigned number = 0, idle = 0;

	for (unsigned i = 0; i < drive->crew.count && !drive->failed; i++) {
		struct sim_worker *worker = &drive->crew.workers[i];

		if (worker->busy || worker->useless)
			continue;
		number = next_task(drive);
		if (number < drive->tasks->len)
			give(drive, worker, number);
		else
			idle++;
	}
	if (drive->options->search.strategy == SIM_STRATEGY_STATEFUL && !is_over(drive))
		__atomic_store_n(&drive->crew.board->calls.hungry, idle > 0, __ATOMIC_RELAXED);
}

void sim_drive_run(struct sim_drive *drive)
{
	do {
		stop_behind_limit(drive);
		give_work(drive);
		if (busy_workers(drive) && !drive->failed)
			listen_to_workers(drive);
	} while (!drive->failed && (busy_workers(drive) || next_task(drive) < drive->tasks->len));
}
