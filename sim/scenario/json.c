/* SPDX-License-Identifier: MIT */
#include "sim/scenario/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/scenario/json_scan.h"
#include "sim/scenario/scenario.h"

struct sim_json {
	char *file;
	GArray *values; /* struct sim_json_value, in document order; never empty */
	GStringChunk *keys;
	struct json_object *root;
};

static const struct sim_json_value *value_at(const struct sim_json *json, uint32_t index)
{
	return &g_array_index(json->values, struct sim_json_value, index);
}

/* Gives every value of the scan its json-c object: both list members in file order. */
static void attach_objects(struct sim_json *json, uint32_t index, struct json_object *object)
{
	struct sim_json_value *value = &g_array_index(json->values, struct sim_json_value, index);
	uint32_t child = index + 1;

	value->object = object;
	if (json_object_is_type(object, json_type_object)) {
		json_object_object_foreach(object, key, member)
		{
			(void)key;
			attach_objects(json, child, member);
			child = value_at(json, child)->next;
		}
	} else if (json_object_is_type(object, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(object); i++) {
			attach_objects(json, child, json_object_array_get_idx(object, i));
			child = value_at(json, child)->next;
		}
	}
}

/* The scan has accepted text, so that a refusal here means that the two disagree: say where. */
static bool build_tree(struct sim_json *json, const char *text, size_t length, GError **error)
{
	struct json_tokener *tokener = json_tokener_new_ex((int)SIM_MAX_DEPTH + 2);
	enum json_tokener_error status;
	unsigned line, column;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json->root = json_tokener_parse_ex(tokener, text, (int)length);
	status = json_tokener_get_error(tokener);
	if (status == json_tokener_continue) /* a number at the very end of the text */
		json->root = json_tokener_parse_ex(tokener, "", 1);
	status = json_tokener_get_error(tokener);
	if (status != json_tokener_success) {
		sim_json_scan_position(text, json_tokener_get_parse_end(tokener), &line, &column);
		g_set_error(error, SIM_ERROR, SIM_ERROR_SYNTAX, "%s:%u:%u: %s", json->file, line,
		            column, json_tokener_error_desc(status));
	}
	json_tokener_free(tokener);
	return status == json_tokener_success;
}

struct sim_json *sim_json_parse(const char *text, size_t length, const char *file, GError **error)
{
	struct sim_json *json;

	if (length > SIM_MAX_FILE_SIZE) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "%s: the file has more than %u bytes",
		            file, SIM_MAX_FILE_SIZE);
		return NULL;
	}
	json = g_new0(struct sim_json, 1);
	json->file = g_strdup(file);
	json->values = g_array_new(FALSE, FALSE, sizeof(struct sim_json_value));
	json->keys = g_string_chunk_new(1024);
	if (sim_json_scan(text, length, file, json->values, json->keys, error) &&
	    build_tree(json, text, length, error)) {
		attach_objects(json, 0, json->root);
		return json;
	}
	sim_json_free(json);
	return NULL;
}

static bool fail_file(const char *path, int code, GError **error)
{
	g_set_error(error, SIM_ERROR, sim_error_of(code, SIM_ERROR_FILE), "%s: cannot read: %s",
	            path, g_strerror(code));
	return false;
}

static bool check_file(int fd, const char *path, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return fail_file(path, errno, error);
	if (S_ISDIR(status.st_mode))
		return fail_file(path, EISDIR, error);
	if (!S_ISREG(status.st_mode)) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "%s: not a regular file", path);
		return false;
	}
	if (status.st_size > (off_t)SIM_MAX_FILE_SIZE) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE,
		            "%s: the file has %" G_GINT64_FORMAT " bytes, the limit is %u", path,
		            (gint64)status.st_size, SIM_MAX_FILE_SIZE);
		return false;
	}
	return true;
}

/* One byte past the limit is enough to notice a file that grows meanwhile. */
static bool read_all(int fd, const char *path, GString *text, GError **error)
{
	char buffer[65536];
	ssize_t got;

	while (text->len <= SIM_MAX_FILE_SIZE) {
		got = read(fd, buffer, sizeof(buffer));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_file(path, errno, error);
		if (got == 0)
			return true;
		g_string_append_len(text, buffer, got);
	}
	return true;
}

struct sim_json *sim_json_load(const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool ok;

	if (fd < 0) {
		fail_file(path, errno, error);
		return NULL;
	}
	ok = check_file(fd, path, error) && read_all(fd, path, text, error);
	close(fd);
	return ok ? sim_json_parse(text->str, text->len, path, error) : NULL;
}

void sim_json_free(struct sim_json *json)
{
	if (!json)
		return;
	json_object_put(json->root);
	g_string_chunk_free(json->keys);
	g_array_free(json->values, TRUE);
	g_free(json->file);
	g_free(json);
}

const char *sim_json_file(const struct sim_json *json)
{
	return json->file;
}

const struct sim_json_value *sim_json_root(const struct sim_json *json)
{
	return value_at(json, 0);
}

const struct sim_json_value *sim_json_first(const struct sim_json *json,
                                            const struct sim_json_value *value)
{
	return value->count ? value_at(json, (uint32_t)(value - value_at(json, 0)) + 1) : NULL;
}

const struct sim_json_value *sim_json_next(const struct sim_json *json,
                                           const struct sim_json_value *value)
{
	return value->next != SIM_JSON_NONE ? value_at(json, value->next) : NULL;
}

const struct sim_json_value *sim_json_member(const struct sim_json *json,
                                             const struct sim_json_value *value, const char *name)
{
	const struct sim_json_value *member;

	for (member = sim_json_first(json, value); member; member = sim_json_next(json, member))
		if (member->key && strcmp(member->key, name) == 0)
			return member;
	return NULL;
}

char *sim_json_pointer(const struct sim_json *json, const struct sim_json_value *value)
{
	return sim_json_scan_pointer(value_at(json, 0), (uint32_t)(value - value_at(json, 0)));
}
