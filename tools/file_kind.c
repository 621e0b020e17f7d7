/* SPDX-License-Identifier: MIT */
#include "tools/file_kind.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "sim/explore/portable.h"

#define EDGE          4096       /* bytes of a file that are looked at, at either end */
#define MOST_SCENARIO (16 << 20) /* bytes of a scenario; see sim/scenario/json.h */

/* The two ends of a file, as texts. */
struct edges {
	char head[EDGE + 1];
	char tail[EDGE + 1];
};

static size_t read_part(FILE *file, long offset, int from, char *ret_text)
{
	size_t size = 0;

	if (fseek(file, offset, from) == 0)
		size = fread(ret_text, 1, EDGE, file);
	ret_text[size] = '\0';
	return size;
}

/* False: it is empty. What cannot be read has no edges, and is nobody's. */
static bool read_edges(const char *path, struct edges *ret_edges)
{
	FILE *file = fopen(path, "rbe");
	bool some;

	memset(ret_edges, 0, sizeof *ret_edges);
	if (!file)
		return g_file_test(path, G_FILE_TEST_EXISTS);
	some = read_part(file, 0, SEEK_SET, ret_edges->head) > 0;
	if (read_part(file, -EDGE, SEEK_END, ret_edges->tail) == 0)
		read_part(file, 0, SEEK_SET, ret_edges->tail);
	fclose(file);
	return some;
}

/* What the first bytes of reports are, of formats that have such a thing. */
static const char *const report_heads[] = {
        "ffasim trace ",
        "ffasim diagnostics ",
        "{\"v\":1,\"ev\":\"start\",\"scenarios\":",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ffasim\" ",
};

/* "3 scenarios: 3 passed on inline/plain" is the last line of a text. */
static bool ends_as_text(const char *tail)
{
	g_autofree char *text = g_strchomp(g_strdup(tail));
	const char *line = strrchr(text, '\n');

	line = line ? line + 1 : text;
	return g_regex_match_simple("^[0-9]+ scenarios?: [0-9]+ passed.* on \\S", line, 0, 0);
}

/* The line behind the plan. */
static bool begins_as_tap(const char *head)
{
	return g_regex_match_simple("^TAP version 13\n1\\.\\.[0-9]+\n# ffasim on ", head, 0, 0);
}

static bool is_report(const char *path, const struct edges *edges)
{
	(void)path;
	for (size_t i = 0; i < G_N_ELEMENTS(report_heads); i++)
		if (g_str_has_prefix(edges->head, report_heads[i]))
			return true;
	return begins_as_tap(edges->head) || ends_as_text(edges->tail);
}

static bool is_result(const char *path, const struct edges *edges)
{
	(void)path;
	return g_str_has_prefix(edges->head, "{\"ffasim\":\"result\",");
}

static bool is_checkpoint(const char *path, const struct edges *edges)
{
	(void)path;
	return g_str_has_prefix(edges->head, "{\"ffasim\":\"checkpoint\",");
}

static bool is_states(const char *path, const struct edges *edges)
{
	(void)path;
	return g_str_has_prefix(edges->head, "ffasim states ");
}

static bool is_scenario(const char *path, const struct edges *edges)
{
	g_autofree char *text = NULL;
	struct json_object *object, *mark = NULL;
	gsize size;
	bool ours;

	(void)edges;
	if (!g_file_get_contents(path, &text, &size, NULL) || size > MOST_SCENARIO)
		return false;
	object = json_tokener_parse(text);
	ours = json_object_is_type(object, json_type_object) &&
	       json_object_object_get_ex(object, SIM_PORTABLE_MARK, &mark) &&
	       json_object_is_type(mark, json_type_string);
	json_object_put(object);
	return ours;
}

static const struct {
	const char *text;
	bool (*knows)(const char *path, const struct edges *edges);
} kinds[] = {
        [TOOL_FILE_REPORT] = {"report", is_report},
        [TOOL_FILE_RESULT] = {"result", is_result},
        [TOOL_FILE_CHECKPOINT] = {"checkpoint", is_checkpoint},
        [TOOL_FILE_STATES] = {"file of states", is_states},
        [TOOL_FILE_SCENARIO] = {"scenario that explore or shrink has written", is_scenario},
};

const char *tool_file_kind_text(enum tool_file_kind kind)
{
	return kinds[kind].text;
}

bool tool_file_is_ours(const char *path, enum tool_file_kind kind)
{
	struct edges edges;

	if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return false;
	return !read_edges(path, &edges) || kinds[kind].knows(path, &edges);
}
