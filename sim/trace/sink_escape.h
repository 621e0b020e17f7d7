/* SPDX-License-Identifier: MIT */
/*
 * Text inside of JSON (YAML reads it, too), XML and TAP. Any bytes are
 * accepted; what is not UTF-8 becomes U+FFFD. NULL becomes null in JSON, and
 * nothing elsewhere.
 */
#ifndef SIM_TRACE_SINK_ESCAPE_H
#define SIM_TRACE_SINK_ESCAPE_H

#include <glib.h>

/* A JSON string with its quotes. */
void sim_append_json(GString *out, const char *text);

/*
 * For an attribute or an element. Characters that XML 1.0 cannot carry at all, escape among them,
 * are written as \x1b.
 */
void sim_append_xml(GString *out, const char *text);

/* For people: control characters, which a terminal would obey, are written as \\x1b. */
void sim_append_plain(GString *out, const char *text);

/* For a description or a reason on a TAP line: no '#', no line break. */
void sim_append_tap(GString *out, const char *text);

#endif
