/* SPDX-License-Identifier: MIT */
#include "sim/folders.h"

#include <string.h>

#define OURS "ffasim"

/* What the build was configured with: each relative to the prefix, or absolute. */
#define PREFIX     FFASIM_PREFIX
#define BINDIR     FFASIM_BINDIR
#define DATADIR    FFASIM_DATADIR
#define LIBEXECDIR FFASIM_LIBEXECDIR

static char *program_path(void)
{
	char *path = g_file_read_link("/proc/self/exe", NULL);

	return path ? path : g_strdup("./" OURS);
}

/* The prefix of the installation that the folder is the BINDIR of; NULL if it is none. */
static char *prefix_of(const char *folder)
{
	const char *bindir = "/" BINDIR;
	size_t length = strlen(folder), tail = strlen(bindir);

	if (g_path_is_absolute(BINDIR))
		return strcmp(folder, BINDIR) == 0 ? g_strdup(PREFIX) : NULL;
	if (!g_str_has_suffix(folder, bindir))
		return NULL;
	return length == tail ? g_strdup("/") : g_strndup(folder, length - tail);
}

static char *folder_of_ours(const char *prefix, const char *directory)
{
	return g_path_is_absolute(directory) ? g_build_filename(directory, OURS, NULL)
	                                     : g_build_filename(prefix, directory, OURS, NULL);
}

/* DIRECTORY/ffasim/NAME of the installation that runs; NULL if the program is in none. */
static char *installed(const char *directory, const char *name)
{
	g_autofree char *program = program_path();
	g_autofree char *folder = g_path_get_dirname(program);
	g_autofree char *prefix = prefix_of(folder);
	g_autofree char *data = NULL;
	g_autofree char *ours = NULL;

	if (!prefix)
		return NULL;
	data = folder_of_ours(prefix, DATADIR);
	if (!g_file_test(data, G_FILE_TEST_IS_DIR))
		return NULL;
	ours = folder_of_ours(prefix, directory);
	return g_build_filename(ours, name, NULL);
}

static const char *chosen(const char *variable)
{
	const char *value = g_getenv(variable);

	return value && value[0] ? value : NULL;
}

char *sim_folder_subjects(bool aarch64)
{
	const char *given = chosen(aarch64 ? "FFASIM_AARCH64_SUBJECT_DIR" : "FFASIM_SUBJECT_DIR");
	g_autofree char *program = NULL;
	g_autofree char *folder = NULL;
	char *path;

	if (given)
		return g_strdup(given);
	path = installed(LIBEXECDIR, aarch64 ? "aarch64" : "native");
	if (path)
		return path;
	program = program_path();
	folder = g_path_get_dirname(program);
	if (aarch64)
		return g_build_filename(folder, "..", "..", "aarch64", "subjects", NULL);
	return g_build_filename(folder, "..", "subjects", NULL);
}

void sim_folders_add_above(GPtrArray *folders, const char *path, const char *name)
{
	g_autofree char *folder = g_path_get_dirname(path);

	for (unsigned i = 0; i < SIM_FOLDERS_ABOVE; i++) {
		g_autofree char *above = g_path_get_dirname(folder);

		g_ptr_array_add(folders, g_build_filename(folder, name, NULL));
		if (strcmp(above, folder) == 0)
			break;
		g_free(folder);
		folder = g_steal_pointer(&above);
	}
}

GPtrArray *sim_folders_fixtures(void)
{
	GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *program = program_path();
	char *path = installed(DATADIR, "fixtures");

	if (path)
		g_ptr_array_add(folders, path);
	else
		sim_folders_add_above(folders, program, "fixtures");
	return folders;
}
