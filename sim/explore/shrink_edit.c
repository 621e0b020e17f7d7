/* SPDX-License-Identifier: MIT */
#include "sim/explore/shrink_edit.h"

#include <string.h>

/* Kept, though a scenario would load, or mean the same, without. */
static const char *const kept[] = {"/about", "/schedules", NULL};

static void free_edit(gpointer data)
{
	struct sim_edit *edit = data;

	g_free(edit->pointer);
	g_free(edit->value);
	g_free(edit);
}

static char *escape(const char *key)
{
	GString *text = g_string_new(key);

	g_string_replace(text, "~", "~0", 0);
	g_string_replace(text, "/", "~1", 0);
	return g_string_free(text, FALSE);
}

static void add(GPtrArray *edits, const char *pointer, char *value)
{
	struct sim_edit *edit = g_new0(struct sim_edit, 1);

	edit->pointer = g_strdup(pointer);
	edit->value = value;
	g_ptr_array_add(edits, edit);
}

/* A value of the file and where it is. */
struct node {
	char *pointer;
	struct json_object *object;
};

static void add_node(GPtrArray *nodes, const char *parent, const char *key,
                     struct json_object *object)
{
	struct node *node = g_new(struct node, 1);
	g_autofree char *escaped = escape(key);

	node->pointer = g_strconcat(parent, "/", escaped, NULL);
	node->object = object;
	g_ptr_array_add(nodes, node);
}

static void free_node(gpointer data)
{
	g_free(((struct node *)data)->pointer);
	g_free(data);
}

static void add_elements(GPtrArray *nodes, const char *pointer, struct json_object *list)
{
	for (size_t i = json_object_array_length(list); i-- > 0;) {
		char key[24];

		g_snprintf(key, sizeof key, "%zu", i);
		add_node(nodes, pointer, key, json_object_array_get_idx(list, i));
	}
}

static void add_children(GPtrArray *nodes, const char *pointer, struct json_object *object)
{
	if (json_object_is_type(object, json_type_array))
		add_elements(nodes, pointer, object);
	if (!json_object_is_type(object, json_type_object))
		return;
	json_object_object_foreach(object, key, member)
	{
		add_node(nodes, pointer, key, member);
	}
}

/* Every value below the root, those of one depth together. */
static GPtrArray *list_nodes(struct json_object *file)
{
	GPtrArray *nodes = g_ptr_array_new_with_free_func(free_node);

	add_children(nodes, "", file);
	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = g_ptr_array_index(nodes, i);

		add_children(nodes, node->pointer, node->object);
	}
	return nodes;
}

static unsigned depth_of(const char *pointer)
{
	unsigned depth = 0;

	for (; *pointer; pointer++)
		depth += *pointer == '/';
	return depth;
}

/* The schedule itself, and its "rest", stay. */
static bool may_drop(const struct node *node)
{
	bool schedule = g_str_has_prefix(node->pointer, "/schedules/");

	if (g_strv_contains(kept, node->pointer) || (schedule && depth_of(node->pointer) == 2))
		return false;
	return !(schedule && json_object_is_type(node->object, json_type_string) &&
	         depth_of(node->pointer) == 3);
}

/* An integer, or a string that is one; what is expected is not ours to change. */
static bool read_number(const struct node *node, guint64 *ret_number)
{
	const char *text;

	if (strstr(node->pointer, "/expect") || g_str_has_prefix(node->pointer, "/outcomes") ||
	    g_str_has_prefix(node->pointer, "/about"))
		return false;
	if (json_object_is_type(node->object, json_type_int)) {
		*ret_number = json_object_get_uint64(node->object);
		return true;
	}
	if (!json_object_is_type(node->object, json_type_string))
		return false;
	text = json_object_get_string(node->object);
	return g_str_has_prefix(text, "0x") &&
	       g_ascii_string_to_unsigned(text + 2, 16, 0, G_MAXUINT64, ret_number, NULL);
}

static void add_number(GPtrArray *edits, const struct node *node, guint64 number)
{
	bool text = json_object_is_type(node->object, json_type_string);

	add(edits, node->pointer,
	    text ? g_strdup_printf("\"0x%" G_GINT64_MODIFIER "x\"", number)
	         : g_strdup_printf("%" G_GUINT64_FORMAT, number));
}

/* One bit of several, the lowest first; instead of a single one, one of the lowest two. */
static void add_numbers(GPtrArray *edits, const struct node *node)
{
	guint64 number, bits;

	if (!read_number(node, &number) || number <= 1)
		return;
	if ((number & (number - 1)) == 0) {
		add_number(edits, node, 1);
		if (number > 2)
			add_number(edits, node, 2);
		return;
	}
	for (bits = number; bits; bits &= bits - 1)
		add_number(edits, node, bits & ~(bits - 1));
}

GPtrArray *sim_edits_new(struct json_object *file, bool schedule)
{
	GPtrArray *edits = g_ptr_array_new_with_free_func(free_edit);
	g_autoptr(GPtrArray) nodes = list_nodes(file);

	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = g_ptr_array_index(nodes, i);

		if (g_str_has_prefix(node->pointer, "/schedules") == schedule && may_drop(node))
			add(edits, node->pointer, NULL);
	}
	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = g_ptr_array_index(nodes, i);

		if (g_str_has_prefix(node->pointer, "/schedules") == schedule)
			add_numbers(edits, node);
	}
	return edits;
}

struct json_object *sim_edit_find(struct json_object *file, const char *pointer)
{
	struct json_object *found = NULL;

	return json_pointer_get(file, pointer, &found) == 0 ? found : NULL;
}

static char *parent_of(const char *pointer)
{
	return g_strndup(pointer, (gsize)(strrchr(pointer, '/') - pointer));
}

static char *key_of(const char *pointer)
{
	GString *key = g_string_new(strrchr(pointer, '/') + 1);

	g_string_replace(key, "~1", "/", 0);
	g_string_replace(key, "~0", "~", 0);
	return g_string_free(key, FALSE);
}

static void drop(struct json_object *file, const char *pointer)
{
	g_autofree char *parent_pointer = parent_of(pointer);
	g_autofree char *key = key_of(pointer);
	struct json_object *parent = sim_edit_find(file, parent_pointer);

	if (json_object_is_type(parent, json_type_array))
		json_object_array_del_idx(parent, (size_t)g_ascii_strtoull(key, NULL, 10), 1);
	else if (json_object_is_type(parent, json_type_object))
		json_object_object_del(parent, key);
}

struct json_object *sim_edit_apply(struct json_object *file, const struct sim_edit *edit)
{
	struct json_object *copy = NULL;

	json_object_deep_copy(file, &copy, NULL);
	if (edit->value)
		json_pointer_set(&copy, edit->pointer, json_tokener_parse(edit->value));
	else
		drop(copy, edit->pointer);
	return copy;
}

/* The pointer with the index after `length` characters lower by one, if it is above `index`. */
static char *shift(const char *pointer, size_t length, guint64 index)
{
	char *end;
	guint64 at = g_ascii_strtoull(pointer + length, &end, 10);

	if (at <= index)
		return g_strdup(pointer);
	return g_strdup_printf("%.*s%" G_GUINT64_FORMAT "%s", (int)length, pointer, at - 1, end);
}

char *sim_edit_pointer(const struct sim_edit *edit, const char *pointer)
{
	const char *last = strrchr(edit->pointer, '/') + 1;
	size_t length = (size_t)(last - edit->pointer), whole = strlen(edit->pointer);

	if (edit->value)
		return g_strdup(pointer);
	if (strncmp(pointer, edit->pointer, whole) == 0 &&
	    (pointer[whole] == '/' || pointer[whole] == '\0'))
		return NULL;
	if (!g_ascii_isdigit(*last) || strncmp(pointer, edit->pointer, length) != 0)
		return g_strdup(pointer);
	return shift(pointer, length, g_ascii_strtoull(last, NULL, 10));
}
