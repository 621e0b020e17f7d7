/* SPDX-License-Identifier: MIT */
/* Files that a verb writes beside its report. */
#ifndef TOOLS_FILES_H
#define TOOLS_FILES_H

#include <glib.h>
#include <stdbool.h>

/*
 * Whether the file can be written, to be asked before long work; NULL stands for no file. Nothing
 * is made or changed. Errors: TOOL_ERROR_OUTPUT.
 */
bool tool_file_check(const char *path, GError **error);

/* Makes the folder and those above it, if there is none; then it can be written to. */
bool tool_folder_make(const char *path, GError **error);

/*
 * Puts the text into the file, all of it or, if it fails, nothing: what was there before stays.
 * A device or a pipe is written to as it is. Errors: TOOL_ERROR_OUTPUT.
 */
bool tool_file_write(const char *path, const char *text, GError **error);

#endif
