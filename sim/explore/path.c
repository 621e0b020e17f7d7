/* SPDX-License-Identifier: MIT */
#include "sim/explore/path.h"

#include <string.h>

static void append_steps(GString *text, const struct sim_explore_path *path)
{
	for (uint32_t i = 0, next; i < path->length; i = next) {
		for (next = i + 1; next < path->length && path->step[next] == path->step[i];)
			next++;
		g_string_append_c(text, (char)('a' + path->step[i]));
		if (next - i > 1)
			g_string_append_printf(text, "%u", next - i);
	}
}

char *sim_path_steps_to_text(const struct sim_explore_path *path)
{
	GString *text = g_string_new(NULL);

	append_steps(text, path);
	return g_string_free(text, FALSE);
}

char *sim_path_to_text(const struct sim_explore_path *path, const struct sim_path_head *head)
{
	GString *text = g_string_new(sim_granularity_name(head->granularity));

	if (head->build[0])
		g_string_append_printf(text, "@%s", head->build);
	g_string_append_c(text, ':');
	append_steps(text, path);
	return g_string_free(text, FALSE);
}

static bool refuse(const char *text, const char *why, GError **error)
{
	g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA,
	            "'%s' is no schedule: %s; one looks like 'sync@1f3a9c:a3b2a'", text, why);
	return false;
}

/* One context and its count; answers the rest of the text, NULL if it is wrong. */
static const char *read_run(const char *at, struct sim_explore_path *path)
{
	unsigned context = (unsigned)(*at - 'a');
	guint64 count = 1;

	if (*at < 'a' || context >= SIM_EXPLORE_CONTEXTS)
		return NULL;
	at++;
	if (g_ascii_isdigit(*at))
		count = g_ascii_strtoull(at, (char **)(uintptr_t)&at, 10);
	if (count == 0 || count > SIM_EXPLORE_DEPTH - path->length)
		return NULL;
	memset(path->step + path->length, (int)context, count);
	path->length += (uint32_t)count;
	return at;
}

bool sim_path_steps_from_text(const char *text, struct sim_explore_path *ret_path, GError **error)
{
	ret_path->length = 0;
	for (const char *at = text; *at;) {
		at = read_run(at, ret_path);
		if (!at)
			return refuse(text, "a letter and a small number are expected", error);
	}
	return true;
}

static bool read_build(const char *text, const char *build, struct sim_path_head *head,
                       GError **error)
{
	size_t length = strspn(build, "0123456789abcdef");

	if (build[length] || length != sizeof head->build - 1)
		return refuse(text, "what is behind '@' is no build", error);
	memcpy(head->build, build, sizeof head->build);
	return true;
}

bool sim_path_from_text(const char *text, struct sim_explore_path *ret_path,
                        struct sim_path_head *ret_head, GError **error)
{
	const char *colon = strchr(text, ':');
	g_autofree char *name = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;
	char *at = name ? strchr(name, '@') : NULL;

	*ret_head = (struct sim_path_head){0};
	if (!colon)
		return refuse(text, "it names no granularity", error);
	if (at) {
		*at = '\0';
		if (!read_build(text, at + 1, ret_head, error))
			return false;
	}
	if (!sim_granularity_by_name(name, &ret_head->granularity))
		return refuse(text, "its granularity is unknown", error);
	return sim_path_steps_from_text(colon + 1, ret_path, error);
}

char *sim_path_origin(const struct sim_path_head *head, const char *build)
{
	if (!head->build[0] || !build[0] || strcmp(head->build, build) == 0)
		return g_strdup("");
	return g_strdup_printf("; the schedule was found on build %s of the subject, this is %s",
	                       head->build, build);
}
