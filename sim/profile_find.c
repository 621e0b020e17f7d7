/* SPDX-License-Identifier: MIT */
/* Where profiles are: see sim/profile.h. */
#include <string.h>

#include "sim/folders.h"
#include "sim/profile.h"

#define FOLDER   "spmc"
#define SUFFIX   ".json"
#define VARIABLE "FFASIM_FIXTURES"

/* What hold profiles as folders "spmc", in the order to look in. */
static GPtrArray *list_folders(const char *scenario)
{
	g_autofree char *absolute = g_canonicalize_filename(scenario, NULL);
	const char *fixtures = g_getenv(VARIABLE);
	GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);

	if (fixtures && *fixtures)
		g_ptr_array_add(folders, g_strdup(fixtures));
	sim_folders_add_above(folders, absolute, "fixtures");
	g_ptr_array_extend_and_steal(folders, sim_folders_fixtures());
	return folders;
}

char *sim_profile_find(const char *name, const char *scenario)
{
	g_autoptr(GPtrArray) folders = list_folders(scenario);
	g_autofree char *file = g_strconcat(name, SUFFIX, NULL);

	for (unsigned i = 0; i < folders->len; i++) {
		g_autofree char *path =
		        g_build_filename(g_ptr_array_index(folders, i), FOLDER, file, NULL);

		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return g_steal_pointer(&path);
	}
	return NULL;
}

/* Adds the name of each profile that is new. */
static void add_names(GPtrArray *names, const char *fixtures)
{
	g_autofree char *folder = g_build_filename(fixtures, FOLDER, NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *file;

	while (dir && (file = g_dir_read_name(dir))) {
		g_autofree char *name = NULL;

		if (!g_str_has_suffix(file, SUFFIX))
			continue;
		name = g_strndup(file, strlen(file) - strlen(SUFFIX));
		if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			g_ptr_array_add(names, g_steal_pointer(&name));
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **sim_profile_names(const char *scenario)
{
	g_autoptr(GPtrArray) folders = list_folders(scenario);
	GPtrArray *names = g_ptr_array_new();

	for (unsigned i = 0; i < folders->len; i++)
		add_names(names, g_ptr_array_index(folders, i));
	g_ptr_array_sort(names, compare_names);
	g_ptr_array_insert(names, 0, g_strdup("default"));
	g_ptr_array_insert(names, 1, g_strdup("none"));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}
