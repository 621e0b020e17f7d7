/* SPDX-License-Identifier: MIT */
#include "tools/progress.h"

#include <stdio.h>

#include "tools/replay_line.h"

/* Below this share nobody can tell how long the rest takes. */
#define LEAST_SHARE 0.005

static void append_time(GString *text, double seconds)
{
	guint64 whole = (guint64)seconds;

	if (whole >= 3600)
		g_string_append_printf(text, "%" G_GUINT64_FORMAT " h %02u min", whole / 3600,
		                       (unsigned)(whole / 60 % 60));
	else if (whole >= 60)
		g_string_append_printf(text, "%u min %02u s", (unsigned)(whole / 60),
		                       (unsigned)(whole % 60));
	else
		g_string_append_printf(text, "%u s", (unsigned)whole);
}

/* By what is done, or by the time there is, whichever is less. */
static void append_left(GString *text, const struct tool_progress *shown,
                        const struct sim_progress *progress)
{
	double left = -1;

	if (progress->done > LEAST_SHARE)
		left = progress->seconds / progress->done * (1 - progress->done);
	if (shown->seconds > 0 && (left < 0 || shown->seconds - progress->seconds < left))
		left = MAX(shown->seconds - progress->seconds, 0);
	if (left < 0)
		return;
	g_string_append(text, ", ");
	append_time(text, left);
	g_string_append(text, " left");
}

char *tool_progress_text(const struct tool_progress *shown, const struct sim_progress *progress)
{
	GString *text = g_string_new(NULL);
	g_autofree char *name = g_path_get_basename(shown->path);
	double seconds = MAX(progress->seconds, 0.001);

	g_string_append_printf(text, "%s: ", name);
	if (progress->round >= 0)
		g_string_append_printf(text, "bound %d, ", progress->round);
	if (progress->states)
		g_string_append_printf(text, "%" G_GUINT64_FORMAT " states, %.0f/s",
		                       progress->states, (double)progress->states / seconds);
	else
		g_string_append_printf(text, "%" G_GUINT64_FORMAT " executions, %.0f/s",
		                       progress->executions,
		                       (double)progress->executions / seconds);
	g_string_append_printf(text, ", depth %u, %u finding%s", progress->depth,
	                       progress->findings, progress->findings == 1 ? "" : "s");
	if (progress->done >= 0)
		g_string_append_printf(text, ", about %.0f%%", 100 * progress->done);
	append_left(text, shown, progress);
	return g_string_free(text, FALSE);
}

void tool_progress_line(struct tool_progress *shown, const char *text)
{
	unsigned width = (unsigned)g_utf8_strlen(text, -1);

	fprintf(stderr, "\r%s%*s", text, width < shown->width ? (int)(shown->width - width) : 0,
	        "");
	fflush(stderr);
	shown->width = width;
}

void tool_progress_found(void *user, const struct sim_explored_finding *finding)
{
	struct tool_progress *shown = user;
	g_autoptr(GString) line = g_string_new(shown->replay);

	tool_line_option(line, "--replay", finding->path);
	tool_line_path(line, shown->path);
	tool_progress_end(shown);
	fprintf(stderr, "found %s: %s: %s\n    %s\n", sim_verdict_text(finding->verdict),
	        finding->source, finding->message, line->str);
	fflush(stderr);
}

void tool_progress_show(void *user, const struct sim_progress *progress)
{
	g_autofree char *text = tool_progress_text(user, progress);

	tool_progress_line(user, text);
}

static void append_count(GString *text, unsigned count, const char *what)
{
	g_string_append_printf(text, "%u %s%s", count, what, count == 1 ? "" : "s");
}

/* How many candidates there will be is not known, so of the rest only the limit of time is. */
char *tool_progress_shrink_text(const struct tool_progress *shown,
                                const struct sim_shrink_progress *progress)
{
	const struct sim_progress none = {.done = -1, .seconds = progress->seconds};
	GString *text = g_string_new(NULL);
	g_autofree char *name = g_path_get_basename(shown->path);

	g_string_append_printf(text, "%s: ", name);
	append_count(text, progress->candidates, "candidate");
	g_string_append_printf(text, ", %u taken over: ", progress->reductions);
	append_count(text, progress->size.steps, "step");
	g_string_append(text, ", ");
	append_count(text, progress->size.calls, "call");
	g_string_append(text, ", ");
	append_count(text, progress->size.preemptions, "preemption");
	g_string_append(text, ", ");
	append_time(text, progress->seconds);
	append_left(text, shown, &none);
	return g_string_free(text, FALSE);
}

void tool_progress_show_shrink(void *user, const struct sim_shrink_progress *progress)
{
	g_autofree char *text = tool_progress_shrink_text(user, progress);

	tool_progress_line(user, text);
}

void tool_progress_end(struct tool_progress *shown)
{
	if (shown->width)
		fprintf(stderr, "\r%*s\r", (int)shown->width, "");
	shown->width = 0;
}
