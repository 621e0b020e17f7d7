/* SPDX-License-Identifier: MIT */
/* Results written. */
#include "sim/explore/result.h"

#include <string.h>

#include "sim/explore/path.h"
#include "sim/explore/seal.h"

static void add_text(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

/* What people get to see of each finding, and which path of it that goes back to. */
static struct json_object *details_of(const struct sim_part *whole,
                                      const struct sim_explored_file *file)
{
	struct json_object *array = json_object_new_array();

	for (guint i = 0; i < whole->findings->len && i < file->findings->len; i++) {
		const struct sim_part_finding *from = g_ptr_array_index(whole->findings, i);
		const struct sim_explored_finding *finding = g_ptr_array_index(file->findings, i);
		struct json_object *object = json_object_new_object();
		g_autofree char *steps = sim_path_steps_to_text(from->path);

		add_text(object, "source", finding->source);
		add_text(object, "cause", from->cause);
		add_text(object, "message", finding->message);
		add_text(object, "place", finding->place);
		add_text(object, "steps", steps);
		add_text(object, "path", finding->path);
		add_text(object, "trace", finding->trace);
		add_text(object, "scenario", finding->scenario);
		add_text(object, "detail", finding->detail);
		json_object_array_add(array, object);
	}
	return array;
}

/* What has to come out somewhere, unless only oracles are asked. */
static struct json_object *sometimes_of(const struct sim_result_head *head)
{
	struct json_object *array = json_object_new_array();

	for (unsigned i = 0; i < head->scenario->outcome_count; i++) {
		const struct sim_outcome *outcome = &head->scenario->outcomes[i];
		struct json_object *object;
		g_autofree char *place = NULL;

		if (outcome->kind != SIM_OUTCOME_SOMETIMES || head->options->oracles_only)
			continue;
		place = sim_place_text(&outcome->place);
		object = json_object_new_object();
		json_object_object_add(object, "mark", json_object_new_int((int)i));
		add_text(object, "text", outcome->text);
		add_text(object, "place", place);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *parts_of(const struct sim_parallel *parallel)
{
	struct json_object *array = json_object_new_array();

	for (guint i = 0; i < parallel->parts->len; i++)
		json_object_array_add(array,
		                      sim_part_to_json(g_ptr_array_index(parallel->parts, i)));
	return array;
}

struct json_object *sim_result_of_report(const struct sim_explored_file *file)
{
	struct json_object *object = json_object_new_object();
	g_autoptr(GBytes) bytes = sim_explored_file_to_bytes(file);
	gsize size;
	const guchar *data = g_bytes_get_data(bytes, &size);
	g_autofree char *text = g_base64_encode(data, size);

	add_text(object, "path", file->path);
	add_text(object, "report", text);
	return object;
}

struct json_object *sim_result_new(const struct sim_result_head *head,
                                   const struct sim_parallel *parallel,
                                   const struct sim_explored_file *file)
{
	const struct sim_explore_sharing *sharing = &head->options->sharing;
	struct json_object *object;

	if (!parallel->whole || !head->identity)
		return sim_result_of_report(file);
	object = json_object_new_object();
	add_text(object, "path", file->path);
	add_text(object, "about", file->about);
	add_text(object, "subject", file->subject);
	add_text(object, "command", sharing->command);
	json_object_object_add(object, "identity", json_object_get(head->identity));
	json_object_object_add(object, "shard",
	                       json_object_new_int(sharing->shards ? (int)sharing->shard : 1));
	json_object_object_add(object, "shards",
	                       json_object_new_int(sharing->shards ? (int)sharing->shards : 1));
	json_object_object_add(object, "races", json_object_new_boolean(head->races));
	add_text(object, "granularity", sim_granularity_name(head->path.granularity));
	add_text(object, "build", head->path.build);
	json_object_object_add(object, "jobs", json_object_new_int((int)parallel->jobs));
	add_text(object, "end", sim_explore_end_name(parallel->end));
	json_object_object_add(object, "sometimes", sometimes_of(head));
	json_object_object_add(object, "details", details_of(parallel->whole, file));
	json_object_object_add(object, "parts", parts_of(parallel));
	return object;
}

char *sim_result_text(struct json_object *files)
{
	struct json_object *object = sim_seal_new("result", SIM_RESULT_VERSION);
	char *text;

	json_object_object_add(object, "files", json_object_get(files));
	text = sim_seal_text(object);
	json_object_put(object);
	return text;
}
