/* SPDX-License-Identifier: MIT */
/* Which files the arguments of a command stand for. */
#include <errno.h>
#include <string.h>

#include "sim/session.h"

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool collect_folder(GPtrArray *files, const char *path, unsigned depth, GError **error)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, error);
	const char *name;

	if (!folder)
		return false;
	if (depth > SIM_MAX_DEPTH) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "folders are nested too deeply: '%s'",
		            path);
		return false;
	}
	while ((name = g_dir_read_name(folder))) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		if (g_file_test(child, G_FILE_TEST_IS_DIR)) {
			if (!collect_folder(files, child, depth + 1, error))
				return false;
		} else if (g_str_has_suffix(name, ".json")) {
			g_ptr_array_add(files, g_steal_pointer(&child));
		}
	}
	return true;
}

static bool collect_argument(GPtrArray *files, const char *argument, GError **error)
{
	guint first = files->len;

	if (g_file_test(argument, G_FILE_TEST_IS_DIR)) {
		if (!collect_folder(files, argument, 0, error))
			return false;
		if (files->len == first) {
			g_set_error(error, SIM_ERROR, SIM_ERROR_EMPTY,
			            "there is no scenario in '%s': no file '*.json'", argument);
			return false;
		}
		qsort(files->pdata + first, files->len - first, sizeof(gpointer), compare_names);
		return true;
	}
	if (!g_file_test(argument, G_FILE_TEST_EXISTS)) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot read '%s': %s", argument,
		            g_strerror(ENOENT));
		return false;
	}
	g_ptr_array_add(files, g_strdup(argument));
	return true;
}

char **sim_session_collect(const char *const *arguments, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

	for (; *arguments; arguments++)
		if (!collect_argument(files, *arguments, error))
			return NULL;
	g_ptr_array_add(files, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&files), FALSE);
}
