/* SPDX-License-Identifier: MIT */
#include "tools/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/file.h"
#include "tools/file_kind.h"
#include "tools/tool.h"

#define SUFFIX ".json"

struct tool_files {
	GHashTable *read;    /* keys of sim_file_key() */
	GHashTable *written; /* the same, to the option */
	GHashTable *names;   /* paths of findings that were given out */
};

struct tool_files *tool_files_new(void)
{
	struct tool_files *files = g_new0(struct tool_files, 1);
	char *key = sim_file_key_of(STDOUT_FILENO);

	files->read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	files->written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	files->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (key)
		g_hash_table_insert(files->written, key, g_strdup("standard output"));
	return files;
}

void tool_files_free(struct tool_files *files)
{
	if (!files)
		return;
	g_hash_table_unref(files->read);
	g_hash_table_unref(files->written);
	g_hash_table_unref(files->names);
	g_free(files);
}

void tool_files_read(struct tool_files *files, const char *path)
{
	char *key = path ? sim_file_key(path) : NULL;

	if (key)
		g_hash_table_add(files->read, key);
}

void tool_files_read_all(struct tool_files *files, const char *const *paths)
{
	for (; paths && *paths; paths++)
		tool_files_read(files, *paths);
}

bool tool_file_fail(const char *path, int number, GError **error)
{
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT, "cannot write '%s': %s", path,
	            g_strerror(number));
	return false;
}

static bool refuse(const char *path, const char *why, GError **error)
{
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT, "cannot write '%s': %s", path, why);
	return false;
}

static bool is_special(const char *path)
{
	return g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* A regular file, or one that is to be made: that nothing is lost by it. */
static bool claim(struct tool_files *files, const char *option, const char *path,
                  enum tool_file_kind kind, GError **error)
{
	g_autofree char *key = sim_file_key(path);
	g_autofree char *why = NULL;
	const char *other;

	if (!key)
		return tool_file_fail(path, ENOENT, error);
	if (g_hash_table_contains(files->read, key))
		return refuse(path, "it is a file that the same command reads", error);
	other = g_hash_table_lookup(files->written, key);
	if (other) {
		why = g_strdup_printf("%s of the same command writes it, too", other);
		return refuse(path, why, error);
	}
	if (!tool_file_is_ours(path, kind)) {
		why = g_strdup_printf("it is there, and it is no %s of ffasim; remove it, or name "
		                      "another file",
		                      tool_file_kind_text(kind));
		return refuse(path, why, error);
	}
	g_hash_table_insert(files->written, g_steal_pointer(&key), g_strdup(option));
	return true;
}

bool tool_files_write(struct tool_files *files, const char *option, const char *path,
                      enum tool_file_kind kind, GError **error)
{
	int number = path ? sim_file_check(path) : 0;

	if (number)
		return tool_file_fail(path, number, error);
	return !path || is_special(path) || claim(files, option, path, kind, error);
}

/* "found/x.json" is "x". */
static char *name_of(const char *scenario)
{
	char *base = g_path_get_basename(scenario);

	if (g_str_has_suffix(base, SUFFIX))
		base[strlen(base) - strlen(SUFFIX)] = '\0';
	return base;
}

/* Whether a file name is NAME-NUMBER.json. */
static bool is_finding_of(const char *file, const char *name)
{
	size_t length = strlen(name);
	const char *at = file + length;

	if (strncmp(file, name, length) != 0 || *at++ != '-' || !g_ascii_isdigit(*at))
		return false;
	while (g_ascii_isdigit(*at))
		at++;
	return strcmp(at, SUFFIX) == 0;
}

/* Of a file that may be overwritten by a finding. */
static bool check_finding(const struct tool_files *files, const char *path, GError **error)
{
	g_autofree char *key = sim_file_key(path);

	if (key && g_hash_table_contains(files->read, key))
		return refuse(path, "it is a file that the same command reads", error);
	if (key && g_hash_table_contains(files->written, key))
		return refuse(path, "the same command writes it for another option", error);
	if (tool_file_is_ours(path, TOOL_FILE_SCENARIO))
		return true;
	return refuse(path,
	              "it has the name of a finding, and ffasim has not written it; choose another "
	              "folder",
	              error);
}

static bool make_folder(const char *path, GError **error)
{
	if (g_mkdir_with_parents(path, 0777) == 0 && access(path, W_OK | X_OK) == 0)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT, "cannot write into the folder '%s': %s",
	            path, g_strerror(errno));
	return false;
}

bool tool_files_write_findings(struct tool_files *files, const char *folder, const char *scenario,
                               GError **error)
{
	g_autofree char *name = name_of(scenario);
	g_autoptr(GDir) dir = NULL;
	const char *file;

	if (!make_folder(folder, error))
		return false;
	dir = g_dir_open(folder, 0, NULL);
	while (dir && (file = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, file, NULL);

		if (is_finding_of(file, name) && !check_finding(files, path, error))
			return false;
	}
	return true;
}

char *tool_files_finding(struct tool_files *files, const char *folder, const char *scenario)
{
	g_autofree char *name = name_of(scenario);

	for (unsigned number = 1;; number++) {
		g_autofree char *file = g_strdup_printf("%s-%u" SUFFIX, name, number);
		char *path = g_build_filename(folder, file, NULL);

		if (g_hash_table_add(files->names, g_strdup(path)))
			return path;
		g_free(path);
	}
}

bool tool_file_write(const char *path, const char *text, GError **error)
{
	int number = sim_file_replace(path, text, strlen(text), true);

	return number == 0 || tool_file_fail(path, number, error);
}
