/* SPDX-License-Identifier: MIT */
#include "sim/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/stream.h"

#define MAX_LINKS 40u /* from one to the next, as in the kernel */
#define DRAFT     ".ffasim-XXXXXX"

struct sim_draft {
	int fd;
	int error;
	char *target; /* what is replaced; NULL: fd is no draft but the thing itself */
	char *name;   /* of the draft */
};

/* Where the links of the path end, whether something is there or not. Caller frees. */
static char *follow(const char *path)
{
	char *at = g_strdup(path);

	for (unsigned i = 0; i < MAX_LINKS; i++) {
		g_autofree char *to = g_file_read_link(at, NULL);
		g_autofree char *folder = NULL;

		if (!to)
			break;
		folder = g_path_get_dirname(at);
		g_free(at);
		at = g_path_is_absolute(to) ? g_steal_pointer(&to)
		                            : g_build_filename(folder, to, NULL);
	}
	return at;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * The file that a draft for the path replaces; NULL: there is something that no rename replaces.
 * *ret_mode: of the file that is there, 0 if none is. Caller frees.
 */
static char *target_of(const char *path, mode_t *ret_mode)
{
	g_autofree char *target = follow(path);
	struct stat status, there;

	*ret_mode = 0;
	if (stat(path, &status) != 0)
		return g_steal_pointer(&target);
	/* a link of /proc leads to what its text does not name */
	if (!S_ISREG(status.st_mode) || stat(target, &there) != 0 || !same(&status, &there))
		return NULL;
	*ret_mode = status.st_mode & 0777;
	return g_steal_pointer(&target);
}

static int open_draft(struct sim_draft *draft, mode_t mode)
{
	g_autofree char *folder = g_path_get_dirname(draft->target);

	draft->name = g_build_filename(folder, DRAFT, NULL);
	draft->fd = g_mkstemp_full(draft->name, O_WRONLY | O_CLOEXEC, 0666);
	if (draft->fd < 0) {
		int error = errno;

		g_clear_pointer(&draft->name, g_free);
		return error;
	}
	return mode && fchmod(draft->fd, mode) != 0 ? errno : 0;
}

static int open_itself(struct sim_draft *draft, const char *path)
{
	draft->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return draft->fd < 0 ? errno : 0;
}

struct sim_draft *sim_draft_new(const char *path, int *ret_errno)
{
	struct sim_draft *draft = g_new0(struct sim_draft, 1);
	mode_t mode;

	draft->fd = -1;
	*ret_errno = sim_file_check(path);
	if (!*ret_errno) {
		draft->target = target_of(path, &mode);
		*ret_errno = draft->target ? open_draft(draft, mode) : open_itself(draft, path);
	}
	if (!*ret_errno)
		return draft;
	sim_draft_discard(draft);
	return NULL;
}

int sim_draft_write(struct sim_draft *draft, const void *bytes, size_t size)
{
	if (!draft->error && !sim_write_all(draft->fd, bytes, size))
		draft->error = errno;
	return draft->error;
}

/* So that the rename, too, survives a crash of the machine; not every file system can. */
static void sync_folder(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int put_in_place(struct sim_draft *draft, bool durable)
{
	if (draft->error)
		return draft->error;
	if (draft->target && durable && fsync(draft->fd) != 0)
		return errno;
	if (close(draft->fd) != 0) {
		draft->fd = -1;
		return errno;
	}
	draft->fd = -1;
	if (!draft->target)
		return 0;
	if (rename(draft->name, draft->target) != 0)
		return errno;
	g_clear_pointer(&draft->name, g_free);
	if (durable)
		sync_folder(draft->target);
	return 0;
}

int sim_draft_end(struct sim_draft *draft, bool durable)
{
	int error = put_in_place(draft, durable);

	sim_draft_discard(draft);
	return error;
}

void sim_draft_discard(struct sim_draft *draft)
{
	if (!draft)
		return;
	if (draft->fd >= 0)
		close(draft->fd);
	if (draft->name)
		unlink(draft->name);
	g_free(draft->name);
	g_free(draft->target);
	g_free(draft);
}

int sim_file_replace(const char *path, const void *bytes, size_t size, bool durable)
{
	int error;
	struct sim_draft *draft = sim_draft_new(path, &error);

	if (!draft)
		return error;
	sim_draft_write(draft, bytes, size);
	return sim_draft_end(draft, durable);
}

int sim_file_check(const char *path)
{
	g_autofree char *target = NULL;
	g_autofree char *folder = NULL;
	mode_t mode;

	if (!path[0])
		return ENOENT;
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return EISDIR;
	if (access(path, F_OK) == 0 && access(path, W_OK) != 0)
		return errno;
	target = target_of(path, &mode);
	if (!target)
		return 0;
	folder = g_path_get_dirname(target);
	return access(folder, W_OK | X_OK) == 0 ? 0 : errno;
}

char *sim_file_key(const char *path)
{
	g_autofree char *target = NULL;
	g_autofree char *folder = NULL;
	g_autofree char *name = NULL;
	struct stat status;

	if (stat(path, &status) == 0)
		return g_strdup_printf("%ju:%ju", (uintmax_t)status.st_dev,
		                       (uintmax_t)status.st_ino);
	target = follow(path);
	folder = g_path_get_dirname(target);
	name = g_path_get_basename(target);
	if (stat(folder, &status) != 0)
		return NULL;
	return g_strdup_printf("%ju:%ju/%s", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino,
	                       name);
}

char *sim_file_key_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return NULL;
	return g_strdup_printf("%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
}
