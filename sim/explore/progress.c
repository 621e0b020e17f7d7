/* SPDX-License-Identifier: MIT */
#include "sim/explore/drive.h"

/* The estimated share of the wanted jobs that is done: each weighs what it is of its siblings. */
static double share_done(const struct sim_drive *drive)
{
	double wanted = 0, done = 0;

	for (guint i = 0; i < drive->tasks->len; i++) {
		const struct sim_task *task = sim_drive_task(drive, i);

		if (task->state == SIM_TASK_UNWANTED)
			continue;
		wanted += task->job.weight;
		done += task->state == SIM_TASK_DONE ? task->job.weight : 0;
	}
	return wanted > 0 ? done / wanted : 0;
}

/* What a worker has under way; the numbers may be some steps apart. */
static void add_worker(const struct sim_worker *worker, struct sim_progress *progress)
{
	const struct sim_explore_result *result = &worker->desk->result;
	const struct sim_search *search = &worker->desk->search;

	if (!worker->busy)
		return;
	progress->executions += result->executions;
	progress->states += result->states;
	progress->steps += search->tick;
	progress->depth = MAX(progress->depth, search->base + search->depth);
	for (uint32_t i = 0; i < SIM_EXPLORE_FINDINGS; i++)
		progress->findings += result->hits[i].count > 0;
}

void sim_progress_of(const struct sim_drive *drive, struct sim_progress *progress)
{
	for (guint i = 0; i < drive->parts->len; i++) {
		const struct sim_part *part = g_ptr_array_index(drive->parts, i);

		progress->executions += part->numbers;
		progress->states += part->states;
		progress->steps += part->steps;
		progress->findings = MAX(progress->findings, part->findings->len);
	}
	for (unsigned i = 0; i < drive->crew.count; i++)
		add_worker(&drive->crew.workers[i], progress);
	if (drive->options->search.strategy != SIM_STRATEGY_STATEFUL)
		progress->done = share_done(drive);
}
