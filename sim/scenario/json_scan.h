/* SPDX-License-Identifier: MIT */
/*
 * The strict scan behind sim_json_parse(): grammar, limits and places. It fills
 * in an array of values in document order, without their json-c objects.
 *
 * Private to json.c. Errors as in json.h.
 */
#ifndef SIM_SCENARIO_JSON_SCAN_H
#define SIM_SCENARIO_JSON_SCAN_H

#include <glib.h>
#include <stdbool.h>

#include "sim/scenario/json.h"

#define SIM_JSON_NONE UINT32_MAX /* no parent, no next sibling */

/*
 * Scans text. values is an array of struct sim_json_value, keys holds the strings
 * that its elements point to; both belong to the caller.
 */
bool sim_json_scan(const char *text, size_t length, const char *file, GArray *values,
                   GStringChunk *keys, GError **error);

/* The JSON pointer of values[index]. Caller frees. */
char *sim_json_scan_pointer(const struct sim_json_value *values, uint32_t index);

/* A copy of valid UTF-8 with '?' for control characters: fit for a message. Caller frees. */
char *sim_json_printable(const char *text);

/* Line and column of a byte offset in text. */
void sim_json_scan_position(const char *text, size_t offset, unsigned *ret_line,
                            unsigned *ret_column);

#endif
