/* SPDX-License-Identifier: MIT */
#include "sim/explore/states_file.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/stream.h"

#define HEAD      "ffasim states 1\n"
#define HEAD_SIZE 16

_Static_assert(sizeof HEAD - 1 == HEAD_SIZE, "the hashes behind it are aligned");

char *sim_states_path(const char *checkpoint, unsigned number)
{
	return g_strconcat(checkpoint, number == 2 ? ".states2" : ".states", NULL);
}

void sim_states_reset(struct sim_states_file *file)
{
	g_clear_pointer(&file->digest, g_checksum_free);
	file->number = file->count = 0;
}

/* The one that the checkpoint on disk names; 0: there is none. */
static unsigned number_in_use(const char *checkpoint)
{
	struct json_object *object = json_object_from_file(checkpoint), *number = NULL;
	int value;

	json_object_object_get_ex(object, "states-file", &number);
	value = json_object_get_int(number);
	json_object_put(object);
	return value == 1 || value == 2 ? (unsigned)value : 0;
}

static void choose(struct sim_states_file *file, const char *checkpoint)
{
	file->number = number_in_use(checkpoint) == 1 ? 2 : 1;
	file->digest = g_checksum_new(G_CHECKSUM_SHA256);
}

static int append(const struct sim_states_file *file, int fd, const GArray *log)
{
	const char *bytes = log->data + (size_t)file->count * sizeof(uint64_t);
	off_t at = HEAD_SIZE + (off_t)(file->count * sizeof(uint64_t));

	if (pwrite(fd, HEAD, HEAD_SIZE, 0) != HEAD_SIZE || ftruncate(fd, at) != 0 ||
	    lseek(fd, at, SEEK_SET) != at ||
	    !sim_write_all(fd, bytes, (log->len - file->count) * sizeof(uint64_t)))
		return errno;
	return file->hurried || fdatasync(fd) == 0 ? 0 : errno;
}

int sim_states_append(struct sim_states_file *file, const char *checkpoint, const GArray *log,
                      char **ret_path)
{
	g_autofree char *path = NULL;
	int fd, error;

	if (!file->number)
		choose(file, checkpoint);
	path = sim_states_path(checkpoint, file->number);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	error = fd < 0 ? errno : append(file, fd, log);
	if (fd >= 0 && close(fd) != 0 && !error)
		error = errno;
	if (error) {
		*ret_path = g_steal_pointer(&path);
		return error;
	}
	g_checksum_update(file->digest,
	                  (const guchar *)log->data + (size_t)file->count * sizeof(uint64_t),
	                  (gssize)((log->len - file->count) * sizeof(uint64_t)));
	file->count = log->len;
	return 0;
}

char *sim_states_digest(const struct sim_states_file *file)
{
	/* what was asked for its text takes no more */
	g_autoptr(GChecksum) copy = g_checksum_copy(file->digest);

	return g_strdup(g_checksum_get_string(copy));
}

void sim_states_drop_other(const struct sim_states_file *file, const char *checkpoint)
{
	g_autofree char *path = sim_states_path(checkpoint, 3 - file->number);

	unlink(path);
}

GArray *sim_states_read(const char *checkpoint, unsigned number, guint64 count, const char *digest,
                        const char **ret_why, struct sim_states_file *file)
{
	g_autofree char *path = sim_states_path(checkpoint, number);
	g_autofree char *bytes = NULL;
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *found = NULL;
	GArray *hashes;
	gsize size;

	*ret_why = "the states beside it are missing or cut off";
	if (!g_file_get_contents(path, &bytes, &size, NULL) || size < HEAD_SIZE ||
	    (size - HEAD_SIZE) / sizeof(uint64_t) < count || count > G_MAXUINT)
		return NULL;
	g_checksum_update(checksum, (const guchar *)bytes + HEAD_SIZE,
	                  (gssize)(count * sizeof(uint64_t)));
	found = g_strdup(g_checksum_get_string(checksum));
	*ret_why = "the states beside it are damaged: they are not as they were written";
	if (memcmp(bytes, HEAD, HEAD_SIZE) != 0 || g_strcmp0(found, digest) != 0)
		return NULL;
	hashes = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	g_array_append_vals(hashes, bytes + HEAD_SIZE, (guint)count);
	if (!file)
		return hashes;
	sim_states_reset(file);
	file->number = number;
	file->count = (guint)count;
	file->digest = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(file->digest, (const guchar *)bytes + HEAD_SIZE,
	                  (gssize)(count * sizeof(uint64_t)));
	return hashes;
}
