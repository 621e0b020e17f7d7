/* SPDX-License-Identifier: MIT */
/*
 * The ffasim command: one file a verb, tool_verb_NAME(). A verb writes its
 * result to stdout and answers an exit code, or TOOL_FAILED with an error set;
 * main() prints the error and makes an exit code of it. What else people read
 * beside a result goes to stderr through tool_complain().
 *
 * Exit codes: docs/output-formats.md section "Exit codes".
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include <glib.h>
#include <stdbool.h>

#define TOOL_FAILED -1

enum {
	TOOL_EXIT_PASS = 0,
	TOOL_EXIT_USAGE = 2,
	TOOL_EXIT_INVALID = 3,
	TOOL_EXIT_SUBJECT = 5,
	TOOL_EXIT_ENVIRONMENT = 7,
	TOOL_EXIT_BUG = 99,
	TOOL_EXIT_SIGNAL = 128,
};

enum tool_error {
	TOOL_ERROR_USAGE,
	TOOL_ERROR_OUTPUT, /* a result cannot be written */
	TOOL_ERROR_SUBJECT,
	TOOL_ERROR_ENVIRONMENT, /* something cannot be had that is no part of the command */
};

#define TOOL_ERROR (tool_error_quark())
GQuark tool_error_quark(void);

/* arguments[0] is the verb. */
typedef int tool_verb(int count, char **arguments, GError **error);

tool_verb tool_verb_run;
tool_verb tool_verb_check;
tool_verb tool_verb_list;
tool_verb tool_verb_replay;
tool_verb tool_verb_explore;
tool_verb tool_verb_merge;
tool_verb tool_verb_shrink;
tool_verb tool_verb_compare;
tool_verb tool_verb_explain;
tool_verb tool_verb_abi;
tool_verb tool_verb_schema;
tool_verb tool_verb_help;

struct tool_command {
	const char *name;
	const char *summary; /* one line, no full stop */
	const char *usage;   /* what follows "ffasim NAME" */
	const char *help;    /* more paragraphs for --help, or NULL */
	tool_verb *fn;
};

extern const struct tool_command tool_commands[]; /* ends with a NULL name */

/* The one that is running; NULL before there is one. */
const struct tool_command *tool_current(void);

/* NULL, with an error that suggests one, if there is no verb of that name. */
const struct tool_command *tool_command_find(const char *name, GError **error);

/* Runs a verb as the current one. */
int tool_command_run(const struct tool_command *command, int count, char **arguments,
                     GError **error);

/* "ffasim: error: ..." on stderr. */
void tool_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Writes all of it to stdout at once. */
bool tool_print(const char *text, GError **error);

/* The name this program was called by, for commands that it suggests. */
const char *tool_program(void);

/* "auto", "always", "never"; before it is called the choice is "auto". */
bool tool_color_choose(const char *when, GError **error);
/* Whether to use colours on a file descriptor. NO_COLOR, CLICOLOR_FORCE and TERM=dumb count. */
bool tool_color(int fd);

#endif
