/* SPDX-License-Identifier: MIT */
#include "tools/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/file.h"
#include "sim/scenario/suggest.h"
#include "tools/files.h"
#include "tools/tool.h"

struct output {
	struct sim_sink *sink;
	struct sim_draft *draft; /* NULL: standard output */
	char *name;
	int error; /* errno of the first write that failed */
};

struct tool_outputs {
	GArray *list;    /* struct output; the first is stdout */
	GString *buffer; /* what a sink has just said */
	struct tool_files *files;
};

static const struct sim_sink_format *find_format(const char *name, bool on_stdout, GError **error)
{
	const struct sim_sink_format *format = sim_sink_format_by_name(name);
	g_autofree char *hint = NULL;
	g_autoptr(GString) names = g_string_new(NULL);
	struct sim_suggest suggest;

	if (format && (format->on_stdout || !on_stdout))
		return format;
	if (format) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "format '%s' goes to a file: '--output %s:FILE'", name, name);
		return NULL;
	}
	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; (format = sim_sink_format_at(i)); i++) {
		if (!format->on_stdout && on_stdout)
			continue;
		sim_suggest_offer(&suggest, format->name);
		g_string_append_printf(names, "%s'%s'", names->len ? ", " : "", format->name);
	}
	hint = sim_suggest_text(&suggest);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "unknown format '%s'%s; there are %s",
	            name, hint, names->str);
	return NULL;
}

static void write_buffer(struct tool_outputs *outputs, struct output *output)
{
	const GString *buffer = outputs->buffer;

	errno = 0;
	if (output->draft)
		output->error = sim_draft_write(output->draft, buffer->str, buffer->len);
	else if (!output->error && buffer->len &&
	         (fwrite(buffer->str, 1, buffer->len, stdout) != buffer->len ||
	          fflush(stdout) != 0))
		output->error = errno ? errno : EIO;
	g_string_truncate(outputs->buffer, 0);
}

static void add_output(struct tool_outputs *outputs, const struct sim_sink_format *format,
                       const struct sim_sink_options *options, const struct sim_sink_start *start,
                       struct sim_draft *draft, const char *name)
{
	struct output output = {.sink = sim_sink_new(format, options, start),
	                        .draft = draft,
	                        .name = g_strdup(name)};

	g_array_append_val(outputs->list, output);
}

/* "FORMAT:FILE" */
static bool open_file(struct tool_outputs *outputs, const char *text,
                      const struct sim_sink_options *options, const struct sim_sink_start *start,
                      GError **error)
{
	const char *colon = strchr(text, ':');
	g_autofree char *name = NULL;
	const struct sim_sink_format *format;
	struct sim_draft *draft;
	int number;

	if (!colon || !colon[1]) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "--output is FORMAT:FILE, not '%s'", text);
		return false;
	}
	name = g_strndup(text, (gsize)(colon - text));
	format = find_format(name, false, error);
	if (!format ||
	    !tool_files_write(outputs->files, "--output", colon + 1, TOOL_FILE_REPORT, error))
		return false;
	draft = sim_draft_new(colon + 1, &number);
	if (!draft)
		return tool_file_fail(colon + 1, number, error);
	add_output(outputs, format, options, start, draft, colon + 1);
	return true;
}

static bool open_all(struct tool_outputs *outputs, const struct tool_run_options *options,
                     const struct sim_sink_options *sink_options,
                     const struct sim_sink_start *start, GError **error)
{
	const struct sim_sink_format *format =
	        find_format(options->format ? options->format : "text", true, error);
	struct sim_sink_options plain = *sink_options;

	if (!format)
		return false;
	plain.color = false;
	add_output(outputs, format, sink_options, start, NULL, "standard output");
	tool_files_read_all(outputs->files, start->paths);
	tool_files_read(outputs->files, options->subject);
	for (char **text = options->outputs; text && *text; text++)
		if (!open_file(outputs, *text, &plain, start, error))
			return false;
	return true;
}

struct tool_outputs *tool_outputs_open(const struct tool_run_options *options,
                                       const struct sim_sink_options *sink_options,
                                       const struct sim_sink_start *start, GError **error)
{
	struct tool_outputs *outputs = g_new0(struct tool_outputs, 1);

	outputs->list = g_array_new(FALSE, FALSE, sizeof(struct output));
	outputs->buffer = g_string_new(NULL);
	outputs->files = tool_files_new();
	if (!open_all(outputs, options, sink_options, start, error)) {
		tool_outputs_close(outputs);
		return NULL;
	}
	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = &g_array_index(outputs->list, struct output, i);

		sim_sink_begin(output->sink, outputs->buffer);
		write_buffer(outputs, output);
	}
	return outputs;
}

void tool_outputs_report(struct tool_outputs *outputs, const struct sim_report *report)
{
	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = &g_array_index(outputs->list, struct output, i);

		sim_sink_report(output->sink, report, outputs->buffer);
		write_buffer(outputs, output);
	}
}

bool tool_outputs_end(struct tool_outputs *outputs, int interrupted, GError **error)
{
	bool ok = true;

	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = &g_array_index(outputs->list, struct output, i);

		sim_sink_end(output->sink, interrupted, outputs->buffer);
		write_buffer(outputs, output);
		if (output->draft)
			output->error = sim_draft_end(g_steal_pointer(&output->draft), true);
		if (!output->error || !ok)
			continue;
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT, "cannot write %s: %s",
		            output->name, g_strerror(output->error));
		ok = false;
	}
	return ok;
}

void tool_outputs_close(struct tool_outputs *outputs)
{
	if (!outputs)
		return;
	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = &g_array_index(outputs->list, struct output, i);

		sim_sink_free(output->sink);
		sim_draft_discard(output->draft);
		g_free(output->name);
	}
	g_array_unref(outputs->list);
	g_string_free(outputs->buffer, TRUE);
	tool_files_free(outputs->files);
	g_free(outputs);
}
