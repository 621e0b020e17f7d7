/* SPDX-License-Identifier: MIT */
#include "sim/explore/result.h"
#include "tools/explore_text.h"
#include "tools/options.h"
#include "tools/replay_line.h"
#include "tools/tool.h"

/* The elements of all files, each file's together, in the order in which files first come. */
struct sorted {
	GPtrArray *paths;  /* char *, of the elements */
	GPtrArray *groups; /* GPtrArray of elements */
	GPtrArray *arrays; /* struct json_object, which own the elements */
};

static void put_array(gpointer data)
{
	json_object_put(data);
}

static void init(struct sorted *sorted)
{
	sorted->paths = g_ptr_array_new();
	sorted->groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	sorted->arrays = g_ptr_array_new_with_free_func(put_array);
}

static void clear(struct sorted *sorted)
{
	g_ptr_array_unref(sorted->paths);
	g_ptr_array_unref(sorted->groups);
	g_ptr_array_unref(sorted->arrays);
}

static void add(struct sorted *sorted, struct json_object *element)
{
	struct json_object *path = NULL;
	const char *text;
	guint at = 0;

	json_object_object_get_ex(element, "path", &path);
	text = path ? json_object_get_string(path) : "";
	while (at < sorted->paths->len &&
	       g_strcmp0(g_ptr_array_index(sorted->paths, at), text) != 0)
		at++;
	if (at == sorted->paths->len) {
		g_ptr_array_add(sorted->paths, (char *)(uintptr_t)text);
		g_ptr_array_add(sorted->groups, g_ptr_array_new());
	}
	g_ptr_array_add(g_ptr_array_index(sorted->groups, at), element);
}

static bool read_all(struct sorted *sorted, int count, char **arguments, GError **error)
{
	for (int i = 1; i < count; i++) {
		struct json_object *files = sim_result_read(arguments[i], error);

		if (!files)
			return false;
		g_ptr_array_add(sorted->arrays, files);
		for (size_t j = 0; j < json_object_array_length(files); j++)
			add(sorted, json_object_array_get_idx(files, j));
	}
	return true;
}

static bool print_one(bool quiet, GPtrArray *elements, struct sim_explored_sum *sum, GError **error)
{
	g_autoptr(SimExploredFile) file = sim_result_merge(elements, error);
	struct tool_explore_text how = {.quiet = quiet};
	struct json_object *options = NULL;
	g_autofree char *command = NULL;
	g_autofree char *text = NULL;

	if (!file)
		return false;
	sim_explored_sum_add(sum, file);
	json_object_object_get_ex(g_ptr_array_index(elements, 0), "command", &options);
	command = tool_line_start(options ? json_object_get_string(options) : "");
	how.replay = command;
	text = tool_explore_text(&how, file);
	return tool_print(text, error);
}

static int merge(bool quiet, int count, char **arguments, GError **error)
{
	struct sim_explored_sum sum = {.worst = SIM_VERDICT_PASS};
	struct sorted sorted;
	bool good;

	init(&sorted);
	good = read_all(&sorted, count, arguments, error);
	for (guint i = 0; good && i < sorted.groups->len; i++)
		good = print_one(quiet, g_ptr_array_index(sorted.groups, i), &sum, error);
	clear(&sorted);
	return good ? sim_explored_exit_code(&sum) : TOOL_FAILED;
}

int tool_verb_merge(int count, char **arguments, GError **error)
{
	gboolean quiet = FALSE;
	const GOptionEntry entries[] = {
	        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "show files with findings only", NULL},
	        G_OPTION_ENTRY_NULL,
	};

	if (!tool_options_parse(entries, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	if (count < 2) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "no result given; name the files that 'explore --result' wrote");
		return TOOL_FAILED;
	}
	return merge(quiet, count, arguments, error);
}
