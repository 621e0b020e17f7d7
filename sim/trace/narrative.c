/* SPDX-License-Identifier: MIT */
#include "sim/trace/narrative.h"

#include <string.h>

static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

static bool is_step(const char *line)
{
	return *line && !g_str_has_prefix(line, "# ") &&
	       !g_str_has_prefix(line, SIM_NARRATIVE_OMITTED);
}

static unsigned count_steps(const char *from, const char *to)
{
	unsigned count = 0;

	for (const char *at = from; at < to && *at; at = next_line(at))
		count += is_step(at);
	return count;
}

/* Behind so many steps; the end if there are fewer. */
static const char *skip_steps(const char *at, unsigned count)
{
	while (*at && count) {
		count -= is_step(at);
		at = next_line(at);
	}
	return at;
}

/* What leads up to the last steps of too many; at itself if there are not too many. */
static const char *skip_first(const char *at, const char *end)
{
	unsigned count = count_steps(at, end);

	return count > SIM_NARRATIVE_MOST ? skip_steps(at, count - SIM_NARRATIVE_LAST) : at;
}

static bool is_of_machine(const char *line)
{
	return g_str_has_prefix(line, "machine ");
}

/* Boot and the creation of VMs, if others act behind them and there is no mark among them. */
static const char *skip_boot(const struct sim_narrative *narrative)
{
	const char *at = narrative->trace, *end = at + narrative->end;
	const struct sim_narrative_mark *first =
	        narrative->marks->len
	                ? &g_array_index(narrative->marks, struct sim_narrative_mark, 0)
	                : NULL;

	while (at < end && is_of_machine(at))
		at = next_line(at);
	if (at == end || (first && narrative->trace + first->at < at))
		return narrative->trace;
	return at;
}

gsize sim_narrative_from(const char *trace, gsize end)
{
	return (gsize)(skip_first(trace, trace + end) - trace);
}

static void append_omitted(GString *out, unsigned count, const char *words)
{
	if (count)
		g_string_append_printf(out, SIM_NARRATIVE_OMITTED "%u step%s%s\n", count,
		                       count == 1 ? "" : "s", words);
}

/* What an actor does first is end: the place is where it had been. */
static bool is_end(const char *text)
{
	return g_str_has_prefix(text, "return") || g_str_has_prefix(text, "leave");
}

/* The note that goes with a line: the last one before it, unless it had its line. */
static const struct sim_narrative_note *take_note(const struct sim_narrative *narrative,
                                                  const char *line, guint *next)
{
	gsize at = (gsize)(line - narrative->trace);
	const struct sim_narrative_note *found = NULL;

	for (; *next < narrative->notes->len; ++*next) {
		const struct sim_narrative_note *note =
		        &g_array_index(narrative->notes, struct sim_narrative_note, *next);

		if (note->at > at)
			break;
		found = note;
	}
	return found;
}

/* Behind the first line that an actor's going on led to stands where it came from. */
static void append_line(GString *out, const char *line, const struct sim_narrative_note **note)
{
	const char *end = next_line(line);
	const char *actor = *note ? (*note)->actor : NULL;

	g_string_append_len(out, line, end - line - 1);
	if (actor && g_str_has_prefix(line, actor) && line[strlen(actor)] == ' ') {
		if ((*note)->place && !is_end(line + strlen(actor) + 1))
			g_string_append_printf(out, " (%s)", (*note)->place);
		*note = NULL;
	}
	g_string_append_c(out, '\n');
}

/* Who had gone on last before these bytes. */
static const char *actor_before(const struct sim_narrative *narrative, gsize at)
{
	const char *actor = "machine";

	for (guint i = 0; at <= narrative->end && i < narrative->notes->len; i++) {
		const struct sim_narrative_note *note =
		        &g_array_index(narrative->notes, struct sim_narrative_note, i);

		if (note->at > at)
			break;
		actor = note->actor;
	}
	return actor;
}

/* Those at these bytes; a place is marked once. */
static void append_marks(const struct sim_narrative *narrative, GString *out, gsize at, guint *next)
{
	const char *last = NULL;

	for (; *next < narrative->marks->len; ++*next) {
		const struct sim_narrative_mark *mark =
		        &g_array_index(narrative->marks, struct sim_narrative_mark, *next);

		if (mark->at > at)
			break;
		if (g_strcmp0(last, mark->text) != 0)
			g_string_append_printf(out, "# %s ^ %s\n", actor_before(narrative, at),
			                       mark->text);
		last = mark->text;
	}
}

static gsize end_of(const struct sim_narrative *narrative)
{
	gsize end = narrative->end;

	if (narrative->marks->len)
		end = MAX(end, g_array_index(narrative->marks, struct sim_narrative_mark,
		                             narrative->marks->len - 1)
		                       .at);
	return end;
}

char *sim_narrative_text(const struct sim_narrative *narrative)
{
	const char *trace = narrative->trace, *end = trace + end_of(narrative);
	const char *begin = skip_boot(narrative), *from = skip_first(begin, end);
	const struct sim_narrative_note *note = NULL;
	GString *out = g_string_new(NULL);
	guint next_note = 0, next_mark = 0;

	append_omitted(out, count_steps(trace, begin), ", in which the machine boots");
	append_omitted(out, count_steps(begin, from), " before these");
	append_marks(narrative, out, (gsize)(from - trace), &next_mark);
	for (const char *at = from; at < end; at = next_line(at)) {
		const struct sim_narrative_note *newer = take_note(narrative, at, &next_note);

		note = newer ? newer : note;
		append_line(out, at, &note);
		append_marks(narrative, out, (gsize)(next_line(at) - trace), &next_mark);
	}
	append_omitted(out, count_steps(end, trace + strlen(trace)),
	               ", in which the machine is taken down");
	if (narrative->after)
		g_string_append_printf(out, "# machine ^ %s\n", narrative->after);
	return g_string_free(out, FALSE);
}

char *sim_narrative_cut(char *text)
{
	const char *from = skip_first(text, text + strlen(text));
	GString *out;

	if (from == text)
		return text;
	out = g_string_new(NULL);
	append_omitted(out, count_steps(text, from), " before these");
	g_string_append(out, from);
	g_free(text);
	return g_string_free(out, FALSE);
}
