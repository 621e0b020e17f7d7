/* SPDX-License-Identifier: MIT */
#include "tools/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/tool.h"

static bool refuse(const char *path, int number, GError **error)
{
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT, "cannot write '%s': %s", path,
	            g_strerror(number));
	return false;
}

/* What is at the end of links, if anything is. */
static bool is_regular(const char *path)
{
	struct stat status;

	return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

bool tool_file_check(const char *path, GError **error)
{
	g_autofree char *folder = NULL;

	if (!path)
		return true;
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return refuse(path, EISDIR, error);
	if (access(path, F_OK) == 0 && access(path, W_OK) != 0)
		return refuse(path, errno, error);
	folder = g_path_get_dirname(path);
	if (is_regular(path) && access(folder, W_OK | X_OK) != 0)
		return refuse(path, errno, error);
	return path[0] ? true : refuse(path, ENOENT, error);
}

bool tool_folder_make(const char *path, GError **error)
{
	if (g_mkdir_with_parents(path, 0777) == 0 && access(path, W_OK | X_OK) == 0)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT, "cannot write into the folder '%s': %s",
	            path, g_strerror(errno));
	return false;
}

static bool put(int fd, const char *text)
{
	size_t size = strlen(text);

	while (size) {
		ssize_t written = write(fd, text, size);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			text += written;
			size -= (size_t)written;
		}
	}
	return true;
}

/* 0 or an errno. */
static int put_into(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int number = fd < 0 || !put(fd, text) ? errno : 0;

	if (fd >= 0 && close(fd) && !number)
		number = errno;
	return number;
}

bool tool_file_write(const char *path, const char *text, GError **error)
{
	g_autofree char *next = g_strdup_printf("%s.%d", path, (int)getpid());
	int number;

	if (!is_regular(path)) {
		number = put_into(path, text);
		return number ? refuse(path, number, error) : true;
	}
	number = put_into(next, text);
	if (!number && rename(next, path))
		number = errno;
	if (!number)
		return true;
	unlink(next);
	return refuse(path, number, error);
}
