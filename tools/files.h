/* SPDX-License-Identifier: MIT */
/*
 * The files that a command reads and writes. Nothing is overwritten but what an
 * earlier command wrote for the same purpose, which its contents show, or an
 * empty file; no file that the command reads, and none that it writes already,
 * however the path is spelled: links of both kinds are followed.
 *
 * What is no regular file, a device or a pipe, may be written to by anybody.
 */
#ifndef TOOLS_FILES_H
#define TOOLS_FILES_H

#include <glib.h>
#include <stdbool.h>

enum tool_file_kind {
	TOOL_FILE_REPORT,     /* of --output, in any format */
	TOOL_FILE_RESULT,     /* of an exploration */
	TOOL_FILE_CHECKPOINT, /* of an exploration */
	TOOL_FILE_STATES,     /* beside a checkpoint */
	TOOL_FILE_SCENARIO,   /* that explore or shrink has written */
};

/* The files of one command. What it prints, standard output, is one of them. */
struct tool_files;

struct tool_files *tool_files_new(void);
void tool_files_free(struct tool_files *files); /* accepts NULL */
typedef struct tool_files ToolFiles;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolFiles, tool_files_free)

/* The command reads the file. NULL stands for none. */
void tool_files_read(struct tool_files *files, const char *path);
void tool_files_read_all(struct tool_files *files, const char *const *paths);

/*
 * The command will write the file, for this option; to be asked before long work. NULL stands for
 * no file. Nothing is made or changed. Errors: TOOL_ERROR_OUTPUT.
 */
bool tool_files_write(struct tool_files *files, const char *option, const char *path,
                      enum tool_file_kind kind, GError **error);

/*
 * Findings of a scenario will be written into the folder, which is made if need be: there is
 * nothing in the way of any of their names. Errors: TOOL_ERROR_OUTPUT.
 */
bool tool_files_write_findings(struct tool_files *files, const char *folder, const char *scenario,
                               GError **error);

/* The next free name for a finding of a scenario in the folder, by a path of that. Caller frees. */
char *tool_files_finding(struct tool_files *files, const char *folder, const char *scenario);

/* Puts the text into the file, whole or not at all. Errors: TOOL_ERROR_OUTPUT. */
bool tool_file_write(const char *path, const char *text, GError **error);

/* For an errno: "cannot write 'PATH': ..." */
bool tool_file_fail(const char *path, int number, GError **error);

#endif
