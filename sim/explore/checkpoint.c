/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints: where every job stands, as JSON (seal.h), replaced as a whole; beside it, for a
 * stateful search, the hashes of the states seen (states_file.h), written before it. Being killed
 * at any moment leaves a checkpoint that is whole.
 */
#include <string.h>

#include "sim/base/file.h"
#include "sim/explore/drive.h"
#include "sim/explore/identity.h"
#include "sim/explore/path.h"
#include "sim/explore/seal.h"

#define KIND    "checkpoint"
#define VERSION 3

static const char *const states[] = {
        [SIM_TASK_UNWANTED] = "unwanted", [SIM_TASK_WAITING] = "waiting",
        [SIM_TASK_RUNNING] = "waiting",   [SIM_TASK_DONE] = "done",
        [SIM_TASK_STOPPED] = "waiting",
};

static struct json_object *task_to_json(const struct sim_task *task)
{
	struct json_object *object = json_object_new_object();
	/* what a stopped one came to is where it goes on from */
	const struct sim_part *so_far = task->state == SIM_TASK_STOPPED ? task->part
	                                : task->state == SIM_TASK_RUNNING && !task->so_far
	                                        ? task->base
	                                        : task->so_far;

	json_object_object_add(object, "state", json_object_new_string(states[task->state]));
	if (so_far)
		json_object_object_add(object, "so-far", sim_part_to_json(so_far));
	if (task->position)
		json_object_object_add(object, "position", sim_position_to_json(task->position));
	return object;
}

static bool is_stopped(const struct sim_drive *drive, const struct sim_part *part)
{
	return sim_drive_task(drive, part->job)->state == SIM_TASK_STOPPED &&
	       sim_drive_task(drive, part->job)->part == part;
}

static struct json_object *crashes_to_json(const struct sim_drive *drive)
{
	struct json_object *array = json_object_new_array();
	const struct sim_board *board = drive->crew.board;

	for (uint32_t i = 0; i < board->crash_count; i++) {
		const struct sim_crash *crash = &board->crashes[i];
		const struct sim_part_finding *words = &drive->words[crash->kind];
		struct sim_part *part = sim_part_new();
		struct sim_explore_hit *hit = g_new0(struct sim_explore_hit, 1);

		sim_explore_path_copy(&hit->path, &crash->path);
		hit->first = crash->judging;
		part->job = crash->job;
		sim_part_add_hit(part, words, hit);
		json_object_array_add(array, sim_part_to_json(part));
		sim_part_free(part);
		g_free(hit);
	}
	return array;
}

static struct json_object *memo_to_json(const struct sim_host *host)
{
	g_autofree char *text = g_base64_encode(host->memo, host->memo ? host->memo_size : 0);

	return json_object_new_string(text);
}

static void states_to_json(const struct sim_states_file *file, struct json_object *object)
{
	g_autofree char *digest = sim_states_digest(file);

	json_object_object_add(object, "states", json_object_new_int64(file->count));
	json_object_object_add(object, "states-file", json_object_new_int((int)file->number));
	json_object_object_add(object, "states-sha256", json_object_new_string(digest));
}

static struct json_object *drive_to_json(const struct sim_drive *drive)
{
	struct json_object *object = sim_seal_new(KIND, VERSION);
	struct json_object *tasks = json_object_new_array(), *parts = json_object_new_array();
	const struct sim_parallel_options *options = drive->options;

	json_object_object_add(object, "identity", json_object_get(options->identity));
	json_object_object_add(object, "shard", json_object_new_int((int)options->shard));
	json_object_object_add(object, "shards", json_object_new_int((int)options->shards));
	json_object_object_add(object, "anchor", json_object_new_uint64(drive->anchor));
	if (drive->crew.board->log)
		states_to_json(&drive->states, object);
	json_object_object_add(object, "plan", json_object_new_int((int)drive->result->jobs));
	json_object_object_add(object, "round", json_object_new_int((int)drive->round));
	json_object_object_add(object, "before", json_object_new_uint64(drive->before));
	json_object_object_add(object, "memo", memo_to_json(drive->crew.host));
	json_object_object_add(object, "crashes", crashes_to_json(drive));
	for (guint i = 0; i < drive->tasks->len; i++)
		json_object_array_add(tasks, task_to_json(sim_drive_task(drive, i)));
	json_object_object_add(object, "tasks", tasks);
	for (guint i = 0; i < drive->parts->len; i++)
		if (!is_stopped(drive, g_ptr_array_index(drive->parts, i)))
			json_object_array_add(parts,
			                      sim_part_to_json(g_ptr_array_index(drive->parts, i)));
	json_object_object_add(object, "parts", parts);
	return object;
}

static void fail(struct sim_drive *drive, const char *path, int number)
{
	drive->failed = true;
	g_set_error(drive->error, G_FILE_ERROR, g_file_error_from_errno(number),
	            "cannot write the checkpoint '%s': %s", path, g_strerror(number));
}

static void write_states(struct sim_drive *drive)
{
	g_autofree char *path = NULL;
	int number =
	        sim_states_append(&drive->states, drive->options->checkpoint, drive->log, &path);

	if (number)
		fail(drive, path, number);
}

static void write_json(struct sim_drive *drive)
{
	const char *path = drive->options->checkpoint;
	struct json_object *object = drive_to_json(drive);
	g_autofree char *text = sim_seal_text(object);
	int number = sim_file_replace(path, text, strlen(text), !drive->states.hurried);

	json_object_put(object);
	if (number)
		fail(drive, path, number);
	else if (drive->crew.board->log)
		sim_states_drop_other(&drive->states, path);
}

void sim_checkpoint_write(struct sim_drive *drive)
{
	drive->news = drive->fresh = 0;
	/* the clock leaves time to wait for the disk, steps do not */
	drive->states.hurried = drive->options->checkpoint_steps != 0;
	if (drive->crew.board->log)
		write_states(drive);
	if (!drive->failed)
		write_json(drive);
	if (!drive->failed && drive->options->on_checkpoint)
		drive->options->on_checkpoint(drive->options->user);
}

static bool refuse(struct sim_drive *drive, const char *why)
{
	drive->failed = true;
	g_set_error(drive->error, SIM_ERROR, SIM_ERROR_SCHEMA, "cannot go on from '%s': %s",
	            drive->options->resume, why);
	return false;
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

static uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(get(object, key));
}

static bool check_head(struct sim_drive *drive, struct json_object *object)
{
	const struct sim_parallel_options *options = drive->options;

	if (!sim_identity_check(options->resume, get(object, "identity"), options->identity,
	                        drive->error)) {
		drive->failed = true;
		return false;
	}
	if (number(object, "shard") != options->shard ||
	    number(object, "shards") != options->shards)
		return refuse(drive, "it is of another shard");
	if (number(object, "plan") != drive->result->jobs)
		return refuse(drive, "it has another plan");
	return true;
}

/* The states that were seen are seen again. */
static bool read_states(struct sim_drive *drive, struct json_object *object)
{
	const struct sim_parallel_options *options = drive->options;
	bool goes_on = g_strcmp0(options->checkpoint, options->resume) == 0;
	const char *why;
	g_autoptr(GArray) hashes = sim_states_read(
	        options->resume, (unsigned)number(object, "states-file"), number(object, "states"),
	        json_object_get_string(get(object, "states-sha256")), &why,
	        goes_on ? &drive->states : NULL);

	if (!hashes)
		return refuse(drive, why);
	for (guint i = 0; i < hashes->len; i++) {
		if (sim_visited_full(&drive->crew.board->visited))
			return refuse(drive, "there is no room for its states");
		sim_visited_add_shared(&drive->crew.board->visited,
		                       g_array_index(hashes, uint64_t, i));
	}
	g_array_append_vals(drive->log, hashes->data, hashes->len);
	return true;
}

static bool read_task(struct sim_task *task, struct json_object *object)
{
	const char *state = json_object_get_string(get(object, "state"));
	struct json_object *so_far = get(object, "so-far"), *position = get(object, "position");

	task->state = SIM_TASK_UNWANTED;
	if (state && strcmp(state, "waiting") == 0)
		task->state = SIM_TASK_WAITING;
	else if (state && strcmp(state, "done") == 0)
		task->state = SIM_TASK_DONE;
	if (so_far && !(task->so_far = sim_part_from_json(so_far, NULL)))
		return false;
	if (!position)
		return true;
	task->position = g_new0(struct sim_position, 1);
	return sim_position_from_json(position, task->position, NULL);
}

static bool read_tasks(struct sim_drive *drive, struct json_object *tasks)
{
	const struct sim_explore_job nothing = {0};

	for (size_t i = 0; i < json_object_array_length(tasks); i++) {
		if (i == drive->tasks->len)
			sim_drive_add_task(drive, &nothing, NULL);
		if (!read_task(sim_drive_task(drive, (unsigned)i),
		               json_object_array_get_idx(tasks, i)))
			return refuse(drive, "a job in it is not as it was written");
	}
	return true;
}

static bool read_parts(struct sim_drive *drive, struct json_object *parts)
{
	for (size_t i = 0; i < json_object_array_length(parts); i++) {
		struct sim_part *part =
		        sim_part_from_json(json_object_array_get_idx(parts, i), NULL);

		if (!part || part->job >= drive->tasks->len) {
			sim_part_free(part);
			return refuse(drive, "a result in it is not as it was written");
		}
		g_ptr_array_add(drive->parts, part);
		sim_drive_task(drive, part->job)->part = part;
	}
	return true;
}

static bool is_crash_known(const struct sim_board *board, const struct sim_explore_path *path,
                           bool judging)
{
	for (uint32_t i = 0; i < board->crash_count; i++) {
		const struct sim_crash *crash = &board->crashes[i];

		if (crash->judging == judging && crash->path.length == path->length &&
		    memcmp(crash->path.step, path->step, path->length) == 0)
			return true;
	}
	return false;
}

static bool read_crashes(struct sim_drive *drive, struct json_object *crashes)
{
	struct sim_board *board = drive->crew.board;

	for (size_t i = 0; i < json_object_array_length(crashes) && board->crash_count < SIM_TRAPS;
	     i++) {
		g_autoptr(SimPart) part =
		        sim_part_from_json(json_object_array_get_idx(crashes, i), NULL);
		const struct sim_part_finding *finding;
		struct sim_crash *crash;

		if (!part || part->findings->len != 1 || part->job >= drive->tasks->len)
			return refuse(drive, "a crash in it is not as it was written");
		finding = g_ptr_array_index(part->findings, 0);
		if (is_crash_known(board, finding->path, finding->first))
			continue; /* from planning */
		crash = &board->crashes[board->crash_count++];
		crash->judging = finding->first;
		sim_explore_path_copy(&crash->path, finding->path);
		crash->job = part->job;
		crash->kind = sim_drive_kind(drive, finding);
	}
	return true;
}

static bool read_all(struct sim_drive *drive, struct json_object *object)
{
	struct json_object *tasks = get(object, "tasks"), *parts = get(object, "parts"),
	                   *crashes = get(object, "crashes");

	if (!check_head(drive, object))
		return false;
	if (!json_object_is_type(tasks, json_type_array) ||
	    !json_object_is_type(parts, json_type_array) ||
	    !json_object_is_type(crashes, json_type_array))
		return refuse(drive, "it is not as it was written");
	drive->round = (uint32_t)number(object, "round");
	drive->before = number(object, "before");
	if (!read_tasks(drive, tasks) || !read_parts(drive, parts) || !read_crashes(drive, crashes))
		return false;
	if (!drive->crew.board->visited.slots)
		return true;
	if (number(object, "anchor") != drive->anchor)
		return refuse(drive, "the subject lies at another address by now, where its states "
		                     "are not known again");
	return read_states(drive, object);
}

void sim_checkpoint_recall(const struct sim_drive *drive)
{
	const struct sim_host *host = drive->crew.host;
	g_autofree char *text = NULL;
	g_autofree char *why = NULL;
	g_autofree guchar *memo = NULL;
	struct json_object *object;
	const char *encoded;
	gsize length, size = 0;

	if (!host->memo || !g_file_get_contents(drive->options->resume, &text, &length, NULL))
		return;
	object = sim_seal_open(text, length, KIND, VERSION, &why);
	encoded = json_object_get_string(get(object, "memo"));
	memo = encoded ? g_base64_decode(encoded, &size) : NULL;
	if (memo && size == host->memo_size)
		memcpy(host->memo, memo, size);
	json_object_put(object);
}

bool sim_checkpoint_read(struct sim_drive *drive)
{
	g_autofree char *text = NULL;
	g_autofree char *why = NULL;
	struct json_object *object;
	gsize size;
	bool good;

	if (!sim_identity_read(drive->options->resume, &text, &size, drive->error)) {
		drive->failed = true;
		return false;
	}
	object = sim_seal_open(text, size, KIND, VERSION, &why);
	if (!object) {
		g_autofree char *it = g_strconcat("it ", why, NULL);

		return refuse(drive, it);
	}
	good = read_all(drive, object);
	json_object_put(object);
	return good;
}
