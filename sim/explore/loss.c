/* SPDX-License-Identifier: MIT */
/*
 * What the end of a worker means for the search: a crash of the subject becomes
 * a step that all know to end a process; what the environment did is tried
 * again; what is neither, or goes on, ends the search.
 */
#include <string.h>

#include "sim/explore/drive.h"

uint32_t sim_drive_kind(struct sim_drive *drive, const struct sim_part_finding *words)
{
	static const struct sim_part_finding others = {
	        .verdict = SIM_VERDICT_CRASH,
	        .source = (char *)(uintptr_t) "subject",
	        .message = (char *)(uintptr_t) "the process of the subject ends in other ways, "
	                                       "there are more than SIM_EXPLORE_CRASHES"};
	uint32_t kind = 0;

	while (kind < drive->kinds && strcmp(drive->words[kind].message, words->message) != 0)
		kind++;
	if (kind == SIM_EXPLORE_CRASHES)
		return kind - 1;
	if (kind < drive->kinds)
		return kind;
	if (kind == SIM_EXPLORE_CRASHES - 1)
		words = &others;
	drive->words[kind].verdict = words->verdict;
	drive->words[kind].source = g_strdup(words->source);
	drive->words[kind].cause = g_strdup(words->cause ? words->cause : words->message);
	drive->words[kind].message = g_strdup(words->message);
	drive->words[kind].place = g_strdup(words->place);
	return drive->kinds++;
}

/* What the environment did is no finding: it is tried again. */
void sim_drive_announce(const struct sim_drive *drive, const struct sim_part_finding *finding)
{
	if (drive->options->on_found && !sim_verdict_is_open(finding->verdict))
		drive->options->on_found(drive->options->user, finding);
}

static void announce_crash(const struct sim_drive *drive, const struct sim_part_finding *words,
                           const struct sim_crash *crash)
{
	struct sim_explore_path path = crash->path;
	struct sim_part_finding finding = *words;

	finding.path = &path;
	sim_drive_announce(drive, &finding);
}

static void copy_path(const struct sim_worker *worker, struct sim_explore_path *ret_path)
{
	const struct sim_search *search = &worker->desk->search;

	ret_path->length = search->base + search->depth;
	memcpy(ret_path->step, search->steps, ret_path->length);
}

/* What the worker was at when it ended becomes known to all. False: that is one too many. */
static bool add_crash(struct sim_drive *drive, const struct sim_worker *worker,
                      const struct sim_part_finding *words)
{
	struct sim_board *board = drive->crew.board;
	struct sim_crash *crash = &board->crashes[board->crash_count];

	if (board->crash_count == SIM_TRAPS)
		return false;
	crash->judging = worker->desk->search.judging;
	crash->kind = sim_drive_kind(drive, words);
	crash->job = drive->options->search.strategy == SIM_STRATEGY_STATEFUL ? 0 : worker->job;
	copy_path(worker, &crash->path);
	board->crash_count++;
	announce_crash(drive, &drive->words[crash->kind], crash);
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

/* How the worker ended: as it knew itself, or as its process did. */
static void find_death(struct sim_worker *worker, struct sim_death *ret_death)
{
	const struct sim_crew_loss *loss = &worker->desk->loss;

	sim_crew_end(worker, false);
	if (!loss->known) {
		sim_process_death(&worker->process, ret_death);
		return;
	}
	ret_death->blame = loss->blame;
	ret_death->text = g_strdup(loss->text);
}

void sim_drive_trouble(struct sim_drive *drive, const struct sim_death *death,
                       const struct sim_worker *worker)
{
	if (drive->trouble.text)
		return;
	drive->trouble.blame = death->blame;
	drive->trouble.text = g_strdup(death->text);
	drive->trouble_job = worker ? worker->job : 0;
	if (worker && worker->desk->open)
		copy_path(worker, &drive->trouble_path);
	sim_watch_stop(&drive->watch);
}

enum sim_loss sim_drive_bury(struct sim_drive *drive, struct sim_worker *worker,
                             const struct sim_part *last_words, unsigned *tries)
{
	struct sim_part_finding words;
	g_autofree char *text = NULL;
	struct sim_death death;
	enum sim_verdict verdict;

	find_death(worker, &death);
	text = death.text;
	if (death.blame == SIM_BLAME_ENVIRONMENT && ++*tries < SIM_PROCESS_TRIES)
		return SIM_LOSS_AGAIN;
	if (death.blame != SIM_BLAME_SUBJECT || !worker->desk->open) {
		sim_drive_trouble(drive, &death, worker);
		return SIM_LOSS_END;
	}
	verdict = sim_verdict_of_blame(death.blame);
	words = (struct sim_part_finding){
	        .verdict = verdict,
	        .source = (char *)(uintptr_t)sim_source_text(sim_source_of_verdict(verdict)),
	        .cause = text,
	        .message = text};
	find_words(worker, last_words, &words);
	return add_crash(drive, worker, &words) ? SIM_LOSS_AGAIN : SIM_LOSS_END;
}

void sim_drive_add_trouble(struct sim_drive *drive, struct sim_part *part)
{
	enum sim_verdict verdict = sim_verdict_of_blame(drive->trouble.blame);
	const struct sim_part_finding words = {
	        .verdict = verdict,
	        .source = (char *)(uintptr_t)sim_source_text(sim_source_of_verdict(verdict)),
	        .cause = drive->trouble.text,
	        .message = drive->trouble.text};
	struct sim_explore_hit *hit = g_new0(struct sim_explore_hit, 1);

	hit->count = 1;
	hit->first = part->numbers + 1;
	sim_explore_path_copy(&hit->path, &drive->trouble_path);
	sim_part_add_hit(part, &words, hit);
	g_free(hit);
}
