/* SPDX-License-Identifier: MIT */
/* Positions as JSON. */
#include <string.h>

#include "sim/explore/job.h"
#include "sim/explore/path.h"

void sim_position_copy(struct sim_position *to, const struct sim_position *from)
{
	size_t masks = (from->length + 1) * sizeof from->left[0];

	to->next = from->next;
	to->left_out = from->left_out;
	to->length = from->length;
	memcpy(to->step, from->step, from->length);
	memcpy(to->left, from->left, masks);
	memcpy(to->sleep, from->sleep, masks);
}

/* Trailing zeros are left out. */
static struct json_object *masks_to_json(const uint32_t *masks, uint32_t count)
{
	struct json_object *array = json_object_new_array();

	while (count && !masks[count - 1])
		count--;
	for (uint32_t i = 0; i < count; i++)
		json_object_array_add(array, json_object_new_int64(masks[i]));
	return array;
}

struct json_object *sim_position_to_json(const struct sim_position *position)
{
	struct json_object *object = json_object_new_object();
	struct sim_explore_path *path = g_new0(struct sim_explore_path, 1);
	char *text;

	path->length = position->length;
	memcpy(path->step, position->step, position->length);
	text = sim_path_steps_to_text(path);
	json_object_object_add(object, "next", json_object_new_uint64(position->next));
	json_object_object_add(object, "left-out", json_object_new_boolean(position->left_out));
	json_object_object_add(object, "path", json_object_new_string(text));
	json_object_object_add(object, "left", masks_to_json(position->left, position->length + 1));
	json_object_object_add(object, "sleep",
	                       masks_to_json(position->sleep, position->length + 1));
	g_free(text);
	g_free(path);
	return object;
}

static bool read_masks(struct json_object *object, const char *key, uint32_t *ret_masks,
                       uint32_t count)
{
	struct json_object *array;

	memset(ret_masks, 0, count * sizeof *ret_masks);
	if (!json_object_object_get_ex(object, key, &array) ||
	    !json_object_is_type(array, json_type_array) || json_object_array_length(array) > count)
		return false;
	for (size_t i = 0; i < json_object_array_length(array); i++)
		ret_masks[i] = (uint32_t)json_object_get_int64(json_object_array_get_idx(array, i));
	return true;
}

bool sim_position_from_json(struct json_object *object, struct sim_position *ret_position,
                            GError **error)
{
	struct sim_explore_path *path = g_new0(struct sim_explore_path, 1);
	struct json_object *next = NULL, *text = NULL, *left_out = NULL;
	bool good = json_object_object_get_ex(object, "next", &next) &&
	            json_object_object_get_ex(object, "left-out", &left_out) &&
	            json_object_object_get_ex(object, "path", &text) &&
	            sim_path_steps_from_text(json_object_get_string(text), path, NULL) &&
	            path->length < SIM_EXPLORE_DEPTH;

	if (good) {
		ret_position->next = json_object_get_uint64(next);
		ret_position->left_out = json_object_get_boolean(left_out);
		ret_position->length = path->length;
		memcpy(ret_position->step, path->step, path->length);
		good = read_masks(object, "left", ret_position->left, path->length + 1) &&
		       read_masks(object, "sleep", ret_position->sleep, path->length + 1);
	}
	g_free(path);
	if (!good)
		g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA,
		            "the position of a search is not as it was written");
	return good;
}
