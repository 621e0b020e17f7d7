/* SPDX-License-Identifier: MIT */
#include "sim/scenario/json_scan.h"

#include <errno.h>
#include <string.h>

#include "sim/scenario/scenario.h"

#define WORD_SHOWN 24 /* characters of an offending word that a message shows */

struct position {
	unsigned line;
	unsigned column;
};

struct scanner {
	const char *file;
	const char *at;
	const char *end;
	struct position here;
	unsigned depth;
	uint32_t current; /* the value being scanned; SIM_JSON_NONE outside the root */
	GArray *values;
	GStringChunk *keys;
	GString *text; /* the last string, decoded */
	GError **error;
};

static bool scan_value(struct scanner *s, uint32_t parent, const char *key, struct position where);

static struct sim_json_value *value_at(const struct scanner *s, uint32_t index)
{
	return &g_array_index(s->values, struct sim_json_value, index);
}

char *sim_json_scan_pointer(const struct sim_json_value *values, uint32_t index)
{
	GString *pointer = g_string_new(NULL);

	for (; index != SIM_JSON_NONE && values[index].parent != SIM_JSON_NONE;
	     index = values[index].parent) {
		if (values[index].key) {
			g_autoptr(GString) key = g_string_new(values[index].key);

			g_string_replace(key, "~", "~0", 0);
			g_string_replace(key, "/", "~1", 0);
			g_string_prepend(pointer, key->str);
		} else {
			char number[16];

			g_snprintf(number, sizeof(number), "%" G_GUINT32_FORMAT,
			           values[index].index);
			g_string_prepend(pointer, number);
		}
		g_string_prepend_c(pointer, '/');
	}
	return g_string_free(pointer, FALSE);
}

char *sim_json_printable(const char *text)
{
	GString *clean = g_string_new(NULL);

	for (; *text; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		g_string_append_unichar(clean, g_unichar_iscntrl(c) ? '?' : c);
	}
	return g_string_free(clean, FALSE);
}

static bool G_GNUC_PRINTF(3, 4)
        fail_at(struct scanner *s, struct position where, const char *format, ...)
{
	g_autofree char *pointer = sim_json_scan_pointer(
	        (const struct sim_json_value *)(void *)s->values->data, s->current);
	g_autofree char *message = NULL;
	g_autofree char *place = NULL;
	g_autofree char *clean = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	place = g_strconcat(pointer, *pointer ? ": " : "", message, NULL);
	clean = sim_json_printable(place);
	g_set_error(s->error, SIM_ERROR, SIM_ERROR_SYNTAX, "%s:%u:%u: %s", s->file, where.line,
	            where.column, clean);
	return false;
}

static bool at_end(const struct scanner *s)
{
	return s->at == s->end;
}

/* The next byte; 0 at the end, where the caller cannot mistake it: NUL is refused everywhere. */
static unsigned char peek(const struct scanner *s)
{
	return at_end(s) ? 0 : (unsigned char)*s->at;
}

static void advance(struct scanner *s)
{
	unsigned char c = (unsigned char)*s->at++;

	if (c == '\n') {
		s->here.line++;
		s->here.column = 1;
	} else if ((c & 0xc0) != 0x80) {
		s->here.column++;
	}
}

static void skip_space(struct scanner *s)
{
	while (!at_end(s) && strchr(" \t\r\n", *s->at) && *s->at)
		advance(s);
}

/* The word at the cursor, for a message. */
static char *word_here(const struct scanner *s)
{
	const char *p = s->at;

	while (p < s->end && p - s->at < WORD_SHOWN &&
	       (g_ascii_isalnum(*p) || *p == '_' || *p == '-' || *p == '+' || *p == '.'))
		p++;
	return g_strndup(s->at, (size_t)(p - s->at));
}

/* Says what stands at the cursor instead of what the grammar asks for. */
static bool fail_unexpected(struct scanner *s, const char *wanted)
{
	unsigned char c = peek(s);

	if (at_end(s))
		return fail_at(s, s->here, "the file ends where %s is expected", wanted);
	if (c == '\'')
		return fail_at(s, s->here, "single quotes are not JSON (use double quotes)");
	if (c == '/' || c == '#')
		return fail_at(s, s->here, "comments are not JSON");
	if (g_ascii_isalpha(c) || c == '_') {
		g_autofree char *word = word_here(s);

		return fail_at(s, s->here, "unquoted word '%s' where %s is expected", word, wanted);
	}
	if (g_ascii_isgraph(c))
		return fail_at(s, s->here, "unexpected '%c' where %s is expected", c, wanted);
	return fail_at(s, s->here, "unexpected byte 0x%02x where %s is expected", c, wanted);
}

static bool scan_hex4(struct scanner *s, unsigned *ret_unit)
{
	unsigned unit = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (!g_ascii_isxdigit(peek(s)))
			return fail_at(s, s->here, "'\\u' needs four hexadecimal digits");
		unit = unit << 4 | (unsigned)g_ascii_xdigit_value(*s->at);
		advance(s);
	}
	*ret_unit = unit;
	return true;
}

/* The rest of an escape that began with \u. */
static bool scan_unicode(struct scanner *s, struct position where)
{
	unsigned unit, low;

	if (!scan_hex4(s, &unit))
		return false;
	if (unit == 0)
		return fail_at(s, where, "'\\u0000' is not allowed in a string");
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return fail_at(s, where, "lone surrogate '\\u%04x'", unit);
	if (unit >= 0xd800 && unit <= 0xdbff) {
		if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
			return fail_at(s, where, "lone surrogate '\\u%04x'", unit);
		advance(s);
		advance(s);
		if (!scan_hex4(s, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return fail_at(s, where, "lone surrogate '\\u%04x'", unit);
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	g_string_append_unichar(s->text, unit);
	return true;
}

static bool scan_escape(struct scanner *s)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	struct position where = s->here;
	const char *found;

	advance(s);
	if (peek(s) == 'u') {
		advance(s);
		return scan_unicode(s, where);
	}
	found = peek(s) ? strchr(escapes, peek(s)) : NULL;
	if (!found)
		return fail_at(s, where, "unknown escape in a string");
	g_string_append_c(s->text, meanings[found - escapes]);
	advance(s);
	return true;
}

static bool scan_character(struct scanner *s)
{
	unsigned char c = peek(s);
	size_t left = (size_t)(s->end - s->at);
	gunichar unit;
	int size;

	if (c == 0)
		return fail_at(s, s->here, "NUL byte in a string");
	if (c < 0x20)
		return fail_at(s, s->here, "control character 0x%02x in a string (write '\\u%04x')",
		               c, c);
	unit = g_utf8_get_char_validated(s->at, (gssize)left);
	if (unit == (gunichar)-1 || unit == (gunichar)-2)
		return fail_at(s, s->here, "invalid UTF-8 in a string (byte 0x%02x)", c);
	size = g_unichar_to_utf8(unit, NULL);
	g_string_append_len(s->text, s->at, size);
	while (size-- > 0)
		advance(s);
	return true;
}

/* A string, decoded into s->text. */
static bool scan_string(struct scanner *s)
{
	struct position opened = s->here;

	g_string_truncate(s->text, 0);
	advance(s);
	while (!at_end(s) && *s->at != '"') {
		if (*s->at == '\\' ? !scan_escape(s) : !scan_character(s))
			return false;
	}
	if (at_end(s))
		return fail_at(s, opened, "string is not closed");
	advance(s);
	return true;
}

static bool scan_digits(struct scanner *s)
{
	if (!g_ascii_isdigit(peek(s)))
		return fail_unexpected(s, "a digit");
	while (g_ascii_isdigit(peek(s)))
		advance(s);
	return true;
}

/* json-c clamps an integer that is too large, so it must not get to see one. */
static bool check_integer(struct scanner *s, const char *start, struct position where)
{
	g_autofree char *text = g_strndup(start, (size_t)(s->at - start));
	bool fits;

	errno = 0;
	if (*text == '-')
		(void)g_ascii_strtoll(text, NULL, 10);
	else
		(void)g_ascii_strtoull(text, NULL, 10);
	fits = errno != ERANGE;
	if (!fits && strlen(text) > WORD_SHOWN)
		memcpy(text + WORD_SHOWN - 3, "...", sizeof("..."));
	return fits || fail_at(s, where, "integer %s does not fit in 64 bits", text);
}

static bool scan_number(struct scanner *s)
{
	struct position where = s->here;
	const char *start = s->at;
	bool integer = true;

	if (peek(s) == '-')
		advance(s);
	if (peek(s) == '0' && s->end - s->at > 1 && g_ascii_isdigit(s->at[1]))
		return fail_at(s, where, "number has a leading zero");
	if (peek(s) == '0' && s->end - s->at > 1 && (s->at[1] | 0x20) == 'x')
		return fail_at(s, where, "hexadecimal numbers are not JSON (write \"0x...\")");
	if (!scan_digits(s))
		return false;
	if (peek(s) == '.') {
		integer = false;
		advance(s);
		if (!scan_digits(s))
			return false;
	}
	if ((peek(s) | 0x20) == 'e') {
		integer = false;
		advance(s);
		if (peek(s) == '+' || peek(s) == '-')
			advance(s);
		if (!scan_digits(s))
			return false;
	}
	return !integer || check_integer(s, start, where);
}

static bool scan_word(struct scanner *s)
{
	static const char *const words[] = {"true", "false", "null"};
	g_autofree char *word = word_here(s);

	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		for (size_t n = strlen(word); n > 0; n--)
			advance(s);
		return true;
	}
	return fail_unexpected(s, "a value");
}

/* Links a new value behind the last child of its parent. */
static void link_value(struct scanner *s, uint32_t parent, uint32_t *last, uint32_t index)
{
	if (*last != SIM_JSON_NONE)
		value_at(s, *last)->next = index;
	value_at(s, parent)->count++;
	*last = index;
}

static bool scan_key(struct scanner *s, GHashTable *seen, const char **ret_key)
{
	struct position where = s->here;
	const char *key;

	if (peek(s) != '"')
		return fail_unexpected(s, "a key in double quotes");
	if (!scan_string(s))
		return false;
	if (s->text->len > SIM_JSON_MAX_KEY)
		return fail_at(s, where, "key is longer than %u bytes", SIM_JSON_MAX_KEY);
	if (g_hash_table_contains(seen, s->text->str))
		return fail_at(s, where, "duplicate key '%s'", s->text->str);
	if (g_hash_table_size(seen) == SIM_JSON_MAX_MEMBERS)
		return fail_at(s, where, "more than %u keys in one object", SIM_JSON_MAX_MEMBERS);
	key = g_string_chunk_insert_const(s->keys, s->text->str);
	g_hash_table_add(seen, (gpointer)(uintptr_t)key);
	skip_space(s);
	if (peek(s) != ':')
		return fail_unexpected(s, "':'");
	advance(s);
	skip_space(s);
	*ret_key = key;
	return true;
}

/* Between two elements: *ret_more tells whether another one follows the comma. */
static bool scan_separator(struct scanner *s, char close, bool *ret_more)
{
	struct position comma = s->here;

	*ret_more = false;
	if (peek(s) == (unsigned char)close) {
		advance(s);
		return true;
	}
	if (peek(s) != ',')
		return fail_unexpected(s, close == '}' ? "',' or '}'" : "',' or ']'");
	advance(s);
	skip_space(s);
	if (peek(s) == (unsigned char)close)
		return fail_at(s, comma, "trailing comma");
	*ret_more = true;
	return true;
}

/* An object or an array; seen is NULL for an array. */
static bool scan_members(struct scanner *s, uint32_t index, char close, GHashTable *seen)
{
	uint32_t last = SIM_JSON_NONE;
	bool more = true;

	advance(s);
	skip_space(s);
	if (peek(s) == (unsigned char)close) {
		advance(s);
		return true;
	}
	while (more) {
		struct position where = s->here;
		uint32_t child;
		const char *key = NULL;

		if (seen && !scan_key(s, seen, &key))
			return false;
		child = s->values->len;
		if (!scan_value(s, index, key, seen ? where : s->here))
			return false;
		link_value(s, index, &last, child);
		s->current = index;
		skip_space(s);
		if (!scan_separator(s, close, &more))
			return false;
	}
	return true;
}

static bool scan_container(struct scanner *s, uint32_t index)
{
	g_autoptr(GHashTable) seen = NULL;
	bool object = peek(s) == '{';
	bool ok;

	if (s->depth == SIM_MAX_DEPTH)
		return fail_at(s, s->here, "nested deeper than %u levels", SIM_MAX_DEPTH);
	if (object)
		seen = g_hash_table_new(g_str_hash, g_str_equal);
	s->depth++;
	ok = scan_members(s, index, object ? '}' : ']', seen);
	s->depth--;
	return ok;
}

static bool scan_value(struct scanner *s, uint32_t parent, const char *key, struct position where)
{
	struct sim_json_value value = {
	        .key = key,
	        .parent = parent,
	        .next = SIM_JSON_NONE,
	        .line = s->here.line,
	        .column = s->here.column,
	        .key_line = where.line,
	        .key_column = where.column,
	};
	uint32_t index = s->values->len;
	unsigned char c = peek(s);

	if (index == SIM_JSON_MAX_VALUES)
		return fail_at(s, s->here, "more than %u values in one file", SIM_JSON_MAX_VALUES);
	if (parent != SIM_JSON_NONE)
		value.index = value_at(s, parent)->count;
	g_array_append_val(s->values, value);
	s->current = index;
	if (c == '{' || c == '[')
		return scan_container(s, index);
	if (c == '"')
		return scan_string(s);
	if (c == '-' || g_ascii_isdigit(c))
		return scan_number(s);
	return scan_word(s);
}

static bool scan_document(struct scanner *s)
{
	if (s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0)
		return fail_at(s, s->here, "byte order mark (save the file as UTF-8 without one)");
	skip_space(s);
	if (at_end(s)) {
		g_set_error(s->error, SIM_ERROR, SIM_ERROR_EMPTY, "%s:1:1: the file is empty",
		            s->file);
		return false;
	}
	if (!scan_value(s, SIM_JSON_NONE, NULL, s->here))
		return false;
	s->current = SIM_JSON_NONE;
	skip_space(s);
	return at_end(s) || fail_unexpected(s, "the end of the file");
}

bool sim_json_scan(const char *text, size_t length, const char *file, GArray *values,
                   GStringChunk *keys, GError **error)
{
	struct scanner s = {
	        .file = file,
	        .at = text,
	        .end = text + length,
	        .here = {1, 1},
	        .current = SIM_JSON_NONE,
	        .values = values,
	        .keys = keys,
	        .text = g_string_new(NULL),
	        .error = error,
	};
	bool ok = scan_document(&s);

	g_string_free(s.text, TRUE);
	return ok;
}

void sim_json_scan_position(const char *text, size_t offset, unsigned *ret_line,
                            unsigned *ret_column)
{
	struct scanner s = {.at = text, .end = text + offset, .here = {1, 1}};

	while (!at_end(&s))
		advance(&s);
	*ret_line = s.here.line;
	*ret_column = s.here.column;
}
