/* SPDX-License-Identifier: MIT */
/*
 * Strict JSON with places: a scan of our own refuses what json-c lets through
 * and records where everything stands, then json-c builds the values.
 *
 * Accepted is RFC 8259 in UTF-8 without a byte order mark, and less: refused are
 * duplicate keys (after decoding escapes), integers that do not fit in 64 bits,
 * lone surrogates, NUL in any spelling, and everything past a limit below.
 *
 * Invariants
 *  - A document is immutable; its values live as long as it does.
 *  - Members and elements are walked in file order.
 *  - Memory and time are linear in the size of the file.
 *
 * Lines and columns count from 1; a column is a character, not a byte.
 * Errors are SIM_ERROR_FILE, SIM_ERROR_SYNTAX or SIM_ERROR_EMPTY and read
 * "file:line:col: /pointer: message".
 *
 * Source: facts craft.md section 3.4 for what json-c 0.16 accepts.
 */
#ifndef SIM_SCENARIO_JSON_H
#define SIM_SCENARIO_JSON_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#define SIM_JSON_MAX_VALUES  262144u /* in one document */
#define SIM_JSON_MAX_MEMBERS 1024u   /* of one object */
#define SIM_JSON_MAX_KEY     128u    /* bytes */

struct sim_json;

/* A value and where it stands. */
struct sim_json_value {
	struct json_object *object; /* owned by the document; NULL for null */
	const char *key;            /* name of a member; NULL for an element and the root */
	uint32_t index;             /* ordinal among its siblings */
	uint32_t parent;            /* private: places in the document's array */
	uint32_t next;
	uint32_t count; /* members or elements */
	uint32_t line;
	uint32_t column;
	uint32_t key_line; /* of the key; of the value itself where there is none */
	uint32_t key_column;
};

/* Reads and parses a file. A file over SIM_MAX_FILE_SIZE is refused before it is read. */
struct sim_json *sim_json_load(const char *path, GError **error);

/* Parses text; file is the name used in messages. */
struct sim_json *sim_json_parse(const char *text, size_t length, const char *file, GError **error);

void sim_json_free(struct sim_json *json);
typedef struct sim_json SimJson;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimJson, sim_json_free)

const char *sim_json_file(const struct sim_json *json);
const struct sim_json_value *sim_json_root(const struct sim_json *json);

/* The first member or element, and the one after; NULL when there is none. */
const struct sim_json_value *sim_json_first(const struct sim_json *json,
                                            const struct sim_json_value *value);
const struct sim_json_value *sim_json_next(const struct sim_json *json,
                                           const struct sim_json_value *value);
const struct sim_json_value *sim_json_member(const struct sim_json *json,
                                             const struct sim_json_value *value, const char *name);

/* The JSON pointer (RFC 6901) of a value; "" for the root. Caller frees. */
char *sim_json_pointer(const struct sim_json *json, const struct sim_json_value *value);

#endif
