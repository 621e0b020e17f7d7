/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/scenario/json_scan.h"
#include "sim/scenario/load.h"

#define TEXT_SHOWN 40 /* characters of a string that a message shows */

const struct sim_shape sim_shape_boolean = {.kind = SIM_SHAPE_BOOLEAN, .what = "true or false"};
const struct sim_shape sim_shape_reason = {
        .kind = SIM_SHAPE_TEXT, .what = "a sentence", .min = 1, .max = 1024};
const struct sim_shape sim_shape_number = {
        .kind = SIM_SHAPE_NUMBER, .name = "number", .what = "a number", .max = UINT64_MAX};

static void set_error(struct sim_loader *loader, const struct sim_json_value *at, unsigned line,
                      unsigned column, const char *message)
{
	g_autofree char *pointer = sim_json_pointer(loader->json, at);
	g_autofree char *text = g_strconcat(pointer, *pointer ? ": " : "", message, NULL);
	g_autofree char *clean = sim_json_printable(text);

	g_set_error(loader->error, SIM_ERROR, SIM_ERROR_SCHEMA, "%s:%u:%u: %s",
	            sim_json_file(loader->json), line, column, clean);
}

bool sim_fail(struct sim_loader *loader, const struct sim_json_value *at, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	set_error(loader, at, at->line, at->column, message);
	return false;
}

bool sim_fail_key(struct sim_loader *loader, const struct sim_json_value *at, const char *format,
                  ...)
{
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	set_error(loader, at, at->key_line, at->key_column, message);
	return false;
}

const char *sim_string(const struct sim_json_value *value)
{
	return json_object_is_type(value->object, json_type_string)
	               ? json_object_get_string(value->object)
	               : NULL;
}

/* The start of a string that may be long. */
static char *shorten(const char *text)
{
	g_autofree char *start = NULL;

	if (g_utf8_strlen(text, -1) <= TEXT_SHOWN)
		return g_strdup(text);
	start = g_utf8_substring(text, 0, TEXT_SHOWN);
	return g_strconcat(start, "...", NULL);
}

char *sim_found(const struct sim_json_value *value)
{
	g_autofree char *text = NULL;

	switch (json_object_get_type(value->object)) {
	case json_type_boolean:
		return g_strdup(json_object_get_boolean(value->object) ? "true" : "false");
	case json_type_double:
		return g_strdup("a number that is not an integer");
	case json_type_int:
		return g_strdup_printf("the integer %s", json_object_get_string(value->object));
	case json_type_object:
		return g_strdup("an object");
	case json_type_array:
		return g_strdup("a list");
	case json_type_string:
		text = shorten(json_object_get_string(value->object));
		return g_strdup_printf("the string '%s'", text);
	case json_type_null:
	default:
		return g_strdup("null");
	}
}

struct sim_place sim_place_of(struct sim_loader *loader, const struct sim_json_value *value)
{
	g_autofree char *pointer = sim_json_pointer(loader->json, value);

	return (struct sim_place){
	        .file = loader->scenario->path,
	        .line = value->line,
	        .column = value->column,
	        .pointer = g_string_chunk_insert_const(loader->strings, pointer),
	};
}

void sim_copy_name(char *name, const char *text)
{
	g_strlcpy(name, text, SIM_NAME_SIZE);
}

bool sim_matches(const char *text, const char *pattern)
{
	return g_regex_match_simple(pattern, text, G_REGEX_DOLLAR_ENDONLY, 0);
}

void *sim_array(struct sim_loader *loader, size_t count, size_t size)
{
	void *array = g_malloc0_n(MAX(count, 1), size);

	g_ptr_array_add(loader->arrays, array);
	return array;
}

bool sim_parse_number(const struct sim_json_value *value, uint64_t *ret_number)
{
	const char *text = sim_string(value);
	bool hex;

	if (!text) {
		if (!json_object_is_type(value->object, json_type_int) ||
		    json_object_get_int64(value->object) < 0)
			return false;
		*ret_number = json_object_get_uint64(value->object);
		return true;
	}
	hex = sim_matches(text, "^0[xX][0-9a-fA-F]+$");
	if (!hex && !sim_matches(text, "^(0|[1-9][0-9]*)$"))
		return false;
	return g_ascii_string_to_unsigned(hex ? text + 2 : text, hex ? 16 : 10, 0, UINT64_MAX,
	                                  ret_number, NULL);
}

uint64_t sim_number(const struct sim_json_value *value)
{
	uint64_t number = 0;

	(void)sim_parse_number(value, &number);
	return number;
}

int sim_choice_value(const struct sim_shape *shape, const struct sim_json_value *value)
{
	const char *text = sim_string(value);

	for (const struct sim_choice *choice = shape->choices; choice->name; choice++)
		if (strcmp(choice->name, text) == 0)
			return choice->value;
	g_assert_not_reached();
}

static bool accepts_type(const struct sim_shape *shape, const struct sim_json_value *value)
{
	enum json_type type = json_object_get_type(value->object);

	switch (shape->kind) {
	case SIM_SHAPE_TEXT:
	case SIM_SHAPE_CHOICE:
	case SIM_SHAPE_CALL:
	case SIM_SHAPE_STATUS:
	case SIM_SHAPE_ENDING:
		return type == json_type_string;
	case SIM_SHAPE_BOOLEAN:
		return type == json_type_boolean;
	case SIM_SHAPE_INTEGER:
		return type == json_type_int;
	case SIM_SHAPE_NUMBER:
		return type == json_type_int || type == json_type_string;
	case SIM_SHAPE_LIST:
		return type == json_type_array;
	case SIM_SHAPE_OBJECT:
	case SIM_SHAPE_MAP:
		return type == json_type_object;
	case SIM_SHAPE_ANY_OF:
		break;
	}
	for (const struct sim_shape *const *one = shape->alternatives; *one; one++)
		if (accepts_type(*one, value))
			return true;
	return false;
}

static bool check_text(struct sim_loader *loader, const struct sim_json_value *value,
                       const struct sim_shape *shape)
{
	const char *text = sim_string(value);
	size_t length = strlen(text);
	g_autofree char *shown = shorten(text);

	if (length < shape->min)
		return sim_fail(loader, value, "expected %s, found an empty string", shape->what);
	if (length > shape->max)
		return sim_fail(loader, value, "'%s' is longer than %" G_GUINT64_FORMAT " bytes",
		                shown, shape->max);
	if (shape->pattern && !sim_matches(text, shape->pattern))
		return sim_fail(loader, value, "'%s' is not %s", shown, shape->what);
	return true;
}

static bool check_choice(struct sim_loader *loader, const struct sim_json_value *value,
                         const struct sim_shape *shape)
{
	const char *text = sim_string(value);
	g_autofree char *shown = shorten(text);
	g_autofree char *hint = NULL;
	g_autoptr(GString) known = g_string_new(NULL);
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, text);
	for (const struct sim_choice *choice = shape->choices; choice->name; choice++) {
		if (strcmp(choice->name, text) == 0)
			return true;
		sim_suggest_offer(&suggest, choice->name);
		g_string_append_printf(known, "%s'%s'", known->len ? ", " : "", choice->name);
	}
	hint = sim_suggest_text(&suggest);
	return sim_fail(loader, value, "'%s' is not %s: there is %s%s", shown, shape->what,
	                known->str, hint);
}

static bool check_number(struct sim_loader *loader, const struct sim_json_value *value,
                         const struct sim_shape *shape)
{
	g_autofree char *found = sim_found(value);
	uint64_t number;

	if (!sim_parse_number(value, &number))
		return sim_fail(loader, value, "expected %s, found %s", shape->what, found);
	if (number < shape->min || number > shape->max)
		return sim_fail(loader, value,
		                "%" G_GUINT64_FORMAT
		                " is out of range: expected %s, %" G_GUINT64_FORMAT
		                " to %" G_GUINT64_FORMAT,
		                number, shape->what, shape->min, shape->max);
	return true;
}

static bool check_count(struct sim_loader *loader, const struct sim_json_value *value,
                        const struct sim_shape *shape)
{
	if (value->count < shape->min)
		return sim_fail(loader, value, "expected %s, found an empty %s", shape->what,
		                shape->kind == SIM_SHAPE_LIST ? "list" : "object");
	if (value->count > shape->max)
		return sim_fail(loader, value,
		                "%u %s are more than the limit of %" G_GUINT64_FORMAT, value->count,
		                shape->limit, shape->max);
	return true;
}

unsigned sim_longest_key(const struct sim_shape *shape)
{
	return shape->max_key ? shape->max_key : SIM_NAME_SIZE - 1;
}

static bool check_keys(struct sim_loader *loader, const struct sim_json_value *value,
                       const struct sim_shape *shape)
{
	const struct sim_json_value *member;

	for (member = sim_json_first(loader->json, value); member;
	     member = sim_json_next(loader->json, member)) {
		g_autofree char *shown = shorten(member->key);

		if (!sim_matches(member->key, shape->pattern))
			return sim_fail_key(loader, member, "'%s' is not %s", shown, shape->key);
		if (strlen(member->key) > sim_longest_key(shape))
			return sim_fail_key(loader, member, "'%s' is longer than %u bytes", shown,
			                    sim_longest_key(shape));
	}
	return true;
}

bool sim_check_shape(struct sim_loader *loader, const struct sim_json_value *value,
                     const struct sim_shape *shape)
{
	if (!accepts_type(shape, value)) {
		g_autofree char *found = sim_found(value);

		return sim_fail(loader, value, "expected %s, found %s", shape->what, found);
	}
	switch (shape->kind) {
	case SIM_SHAPE_TEXT:
		return check_text(loader, value, shape);
	case SIM_SHAPE_CHOICE:
		return check_choice(loader, value, shape);
	case SIM_SHAPE_INTEGER:
	case SIM_SHAPE_NUMBER:
		return check_number(loader, value, shape);
	case SIM_SHAPE_LIST:
		return check_count(loader, value, shape);
	case SIM_SHAPE_MAP:
		return check_count(loader, value, shape) &&
		       (!shape->pattern || check_keys(loader, value, shape));
	case SIM_SHAPE_ANY_OF:
		break;
	case SIM_SHAPE_CALL:
	case SIM_SHAPE_STATUS:
	case SIM_SHAPE_ENDING:
	case SIM_SHAPE_BOOLEAN:
	case SIM_SHAPE_OBJECT:
		return true;
	}
	for (const struct sim_shape *const *one = shape->alternatives; *one; one++)
		if (accepts_type(*one, value))
			return sim_check_shape(loader, value, *one);
	g_assert_not_reached();
}

static const struct sim_property *find_property(const struct sim_object *object, const char *name)
{
	for (unsigned i = 0; i < object->count; i++)
		if (strcmp(object->properties[i].name, name) == 0)
			return &object->properties[i];
	return NULL;
}

static bool fail_unknown_key(struct sim_loader *loader, const struct sim_json_value *member,
                             const struct sim_object *object)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, member->key);
	for (unsigned i = 0; i < object->count; i++)
		sim_suggest_offer(&suggest, object->properties[i].name);
	hint = sim_suggest_text(&suggest);
	return sim_fail_key(loader, member, "unknown key '%s'%s", member->key, hint);
}

static bool check_members(struct sim_loader *loader, const struct sim_json_value *value,
                          const struct sim_object *object, const struct sim_json_value *skip)
{
	const struct sim_json_value *member;

	if (object->one_key && value->count != 1)
		return sim_fail(loader, value, "expected exactly one key, found %u", value->count);
	for (member = sim_json_first(loader->json, value); member;
	     member = sim_json_next(loader->json, member)) {
		const struct sim_property *property = find_property(object, member->key);

		if (member == skip || (!property && object->open))
			continue;
		if (!property)
			return fail_unknown_key(loader, member, object);
		if (!sim_check_shape(loader, member, property->shape))
			return false;
	}
	return true;
}

static bool load_others(struct sim_loader *loader, const struct sim_json_value *value,
                        const struct sim_object *object, const struct sim_json_value *skip,
                        const struct sim_other *other)
{
	const struct sim_json_value *member;

	for (member = sim_json_first(loader->json, value); member;
	     member = sim_json_next(loader->json, member))
		if (member != skip && !find_property(object, member->key) &&
		    !other->load(loader, member, other->into))
			return false;
	return true;
}

bool sim_load_object(struct sim_loader *loader, const struct sim_json_value *value,
                     const struct sim_object *object, const struct sim_json_value *skip,
                     const struct sim_other *other, void *into)
{
	if (!check_members(loader, value, object, skip))
		return false;
	for (unsigned i = 0; i < object->count; i++) {
		const struct sim_property *property = &object->properties[i];
		const struct sim_json_value *member =
		        sim_json_member(loader->json, value, property->name);

		if (!member && property->required)
			return sim_fail(loader, value, "missing key '%s': %s", property->name,
			                property->doc);
		if (member && member != skip && property->load &&
		    !property->load(loader, member, into))
			return false;
	}
	return !object->open || load_others(loader, value, object, skip, other);
}

bool sim_load_each(struct sim_loader *loader, const struct sim_json_value *value,
                   const struct sim_shape *element, sim_handler *load, void *into)
{
	const struct sim_json_value *one;

	for (one = sim_json_first(loader->json, value); one; one = sim_json_next(loader->json, one))
		if (!sim_check_shape(loader, one, element) || !load(loader, one, into))
			return false;
	return true;
}
