/* SPDX-License-Identifier: MIT */
#include "tools/debugger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/subject.h"
#include "tools/tool.h"

static const char opening[] = "set pagination off\n"
                              "set confirm off\n"
                              "set breakpoint pending on\n"
                              "set print inferior-events off\n"
                              "tbreak shim_debug_stop\n"
                              "run\n";

/* Behind the switch the context stands in the SDK. */
static const char inside[] = "set $named = shim_debug_frame\n"
                             "set $inner = shim_debug_inner\n"
                             "tbreak *shim_debug_pc\n"
                             "continue\n";

/* A signal stops it by itself; what the SDK finds wrong ends in one function. */
#define CRASH                                                                \
	"set $named = (unsigned long)&shim_subject + %" G_GINT64_FORMAT "\n" \
	"set $inner = %u\n"                                                  \
	"tbreak subject_fault\n"                                             \
	"continue\n"

/* The frame that reports name is further up. */
static const char go_up[] = "if $named\n"
                            "  while $pc != $named\n"
                            "    up-silently\n"
                            "  end\n"
                            "  while $inner\n"
                            "    up-silently\n"
                            "    set $inner = $inner - 1\n"
                            "  end\n"
                            "end\n";

static char *make_commands(const struct sim_pause *pause, const struct sim_paused *paused,
                           const char *script)
{
	GString *text = g_string_new(opening);

	if (paused->inside)
		g_string_append(text, inside);
	else
		g_string_append_printf(text, "tbreak *subject_entries.%s\ncontinue\n",
		                       paused->entry);
	if (pause->crash)
		g_string_append_printf(text, CRASH, (gint64)pause->crash, pause->crash_inner);
	if (pause->crash || paused->inside)
		g_string_append(text, go_up);
	if (script)
		g_string_append_printf(text, "source %s\n", script);
	else
		g_string_append(text, "set confirm on\nset pagination on\nframe\n");
	return g_string_free(text, FALSE);
}

/* A file that is gone with the last who has it open; gdb reads it by its number. */
static char *keep_commands(const char *commands, GError **error)
{
	size_t size = strlen(commands);
	int fd = memfd_create("ffasim-gdb", 0);

	if (fd >= 0 && write(fd, commands, size) == (ssize_t)size)
		return g_strdup_printf("/proc/self/fd/%d", fd);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_ENVIRONMENT, "cannot write commands for gdb: %s",
	            g_strerror(errno));
	return NULL;
}

static void add(GPtrArray *words, const char *word)
{
	g_ptr_array_add(words, g_strdup(word));
}

static void add_option(GPtrArray *words, const char *option, const char *value)
{
	if (!value)
		return;
	add(words, option);
	add(words, value);
}

static GPtrArray *make_command(const struct sim_pause_options *options, const GPtrArray *levels,
                               const struct sim_pause *pause, const char *commands, bool batch)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);

	add(words, "gdb");
	add(words, "-q");
	if (batch)
		add(words, "-batch");
	add_option(words, "-x", commands);
	add(words, "--args");
	add(words, program);
	add(words, options->replay ? "explore" : "replay");
	add_option(words, "--replay", options->replay);
	if (options->oracles_only)
		add(words, "--oracles-only");
	add_option(words, "--subject", options->subject.subject);
	add_option(words, "--build", options->subject.build);
	for (guint i = 0; levels && i < levels->len; i++)
		add(words, g_ptr_array_index(levels, i));
	add_option(words, "--schedule", options->schedule);
	add(words, "--" TOOL_STOP_OPTION);
	g_ptr_array_add(words, g_strdup_printf("%u", pause->go));
	add(words, "--until");
	g_ptr_array_add(words, g_strdup_printf("%u", pause->step));
	if (pause->setup)
		add(words, "--" TOOL_SETUP_OPTION);
	add(words, "--");
	add(words, options->path);
	g_ptr_array_add(words, NULL);
	return words;
}

/* Only what is loaded into this program can be stopped in it. */
static bool check(const struct sim_pause_options *options, const struct sim_pause *pause,
                  const struct sim_paused *paused, GError **error)
{
	const char *subject = options->subject.subject;

	if (subject && strcmp(subject, "inline") != 0 && !g_str_has_suffix(subject, ".so")) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "--gdb is for inline subjects, not for '%s'; leave --subject out, or "
		            "--gdb: --until alone shows the frames of any",
		            subject);
		return false;
	}
	if (paused->inside || paused->entry)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "step %u of %s is nothing the mediator does; --until without --gdb shows where "
	            "the others stand",
	            pause->step, paused->actor);
	return false;
}

/* Another build goes the same way by a schedule; a path may be of the steps of one build. */
static void suggest_build(const struct sim_pause_options *options)
{
	const char *subject = options->subject.subject, *build = options->subject.build;

	if (options->replay || (subject && !sim_subject_is_name(subject)) ||
	    g_strcmp0(build, "O0") == 0)
		return;
	fprintf(stderr,
	        "the build '%s' is optimised, and gdb may know little of its variables; "
	        "--build O0 has all of them\n",
	        build ? build : "plain");
	fflush(stderr);
}

int tool_debug(const struct sim_pause_options *options, const GPtrArray *levels,
               const struct sim_pause *pause, const struct sim_paused *paused, const char *script,
               GError **error)
{
	g_autofree char *commands = NULL;
	g_autofree char *path = NULL;
	g_autoptr(GPtrArray) words = NULL;

	if (!check(options, pause, paused, error))
		return TOOL_FAILED;
	commands = make_commands(pause, paused, script);
	path = keep_commands(commands, error);
	if (!path)
		return TOOL_FAILED;
	words = make_command(options, levels, pause, path, script != NULL);
	suggest_build(options);
	execvp("gdb", (char **)words->pdata);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_SUBJECT, "cannot start gdb: %s%s",
	            g_strerror(errno), errno == ENOENT ? "; tools/setup --test installs it" : "");
	return TOOL_FAILED;
}
