/* SPDX-License-Identifier: MIT */
#include "sim/explore/seal.h"

#include <stdbool.h>
#include <string.h>

#define DIGEST "sha256"
/* What stands behind the bytes that the digest is of: ,"sha256":"..."} and a newline. */
#define BEFORE ",\"" DIGEST "\":\""
#define BEHIND "\"}\n"
#define DIGITS 64u

struct json_object *sim_seal_new(const char *kind, int version)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "ffasim", json_object_new_string(kind));
	json_object_object_add(object, "version", json_object_new_int(version));
	return object;
}

static char *digest_of(const char *text, size_t size)
{
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, size);
}

char *sim_seal_text(struct json_object *object)
{
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	size_t size = strlen(text) - 1; /* without the last brace */
	g_autofree char *digest = digest_of(text, size);
	GString *sealed = g_string_new_len(text, (gssize)size);

	g_string_append_printf(sealed, BEFORE "%s" BEHIND, digest);
	return g_string_free(sealed, FALSE);
}

static bool is_whole(const char *text, size_t size)
{
	const size_t tail = strlen(BEFORE) + DIGITS + strlen(BEHIND);
	g_autofree char *digest = NULL;
	g_autofree char *wanted = NULL;

	if (size <= tail || strlen(text) != size)
		return false;
	digest = digest_of(text, size - tail);
	wanted = g_strconcat(BEFORE, digest, BEHIND, NULL);
	return strcmp(text + size - tail, wanted) == 0;
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

/* A file without a digest may be of a version that had none. */
static bool is_of_another(struct json_object *object, bool whole, int version)
{
	return json_object_get_int(get(object, "version")) != version &&
	       (whole || (object && !get(object, DIGEST)));
}

struct json_object *sim_seal_open(const char *text, gsize size, const char *kind, int version,
                                  char **ret_why)
{
	struct json_object *object = json_tokener_parse(text);
	g_autofree char *head = g_strdup_printf("{\"ffasim\":\"%s\",", kind);
	bool whole = is_whole(text, size);

	*ret_why = NULL;
	if (g_strcmp0(json_object_get_string(get(object, "ffasim")), kind) != 0 &&
	    !g_str_has_prefix(text, head))
		*ret_why = g_strdup_printf("is no %s of an exploration", kind);
	else if (is_of_another(object, whole, version))
		*ret_why = g_strdup_printf("is a %s of another version of ffasim", kind);
	else if (!whole)
		*ret_why = g_strdup("is damaged: it is not as it was written");
	if (!*ret_why)
		return object;
	json_object_put(object);
	return NULL;
}
