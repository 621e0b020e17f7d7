/* SPDX-License-Identifier: MIT */
#include "sim/trace/sink_escape.h"

#include <stdbool.h>
#include <string.h>

static const char *json_escape(char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

void sim_append_json(GString *out, const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	if (!valid) {
		g_string_append(out, "null");
		return;
	}
	g_string_append_c(out, '"');
	for (const char *c = valid; *c; c++) {
		const char *escape = json_escape(*c);

		if (escape)
			g_string_append(out, escape);
		else if (is_control(*c))
			g_string_append_printf(out, "\\u%04x", (unsigned)*c);
		else
			g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

static const char *xml_escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	case '\n':
		return "&#10;";
	case '\t':
		return "&#9;";
	default:
		return NULL;
	}
}

/* UTF-8 that XML 1.0 refuses all the same. */
static bool is_noncharacter(const char *c)
{
	return g_utf8_get_char(c) == 0xfffe || g_utf8_get_char(c) == 0xffff;
}

void sim_append_xml(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

	for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
		const char *escape = xml_escape(*c);

		if (escape)
			g_string_append(out, escape);
		else if (is_control(*c) || is_noncharacter(c))
			g_string_append_printf(out, "\\x%02x", g_utf8_get_char(c));
		else
			g_string_append_len(out, c, g_utf8_next_char(c) - c);
	}
}

void sim_append_plain(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

	for (const char *c = valid; *c; c++) {
		if (is_control(*c))
			g_string_append_printf(out, "\\x%02x", (unsigned char)*c);
		else
			g_string_append_c(out, *c);
	}
}

void sim_append_tap(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

	for (const char *c = valid; *c; c++) {
		if (*c == '#' || *c == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, is_control(*c) ? ' ' : *c);
	}
}
