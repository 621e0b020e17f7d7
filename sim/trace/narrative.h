/* SPDX-License-Identifier: MIT */
/*
 * A contract trace for people: what leads to the findings, with the line of the
 * mediator's source behind each step, and a mark where each finding was made.
 * For sim_columns_append(); never compared. A line of three forms is added to
 * those of the trace:
 *
 *   # ACTOR ^ here it went wrong
 *   ... 34 steps, in which the machine is taken down
 *
 * The second stands for steps that are left out, and counts as many.
 */
#ifndef SIM_TRACE_NARRATIVE_H
#define SIM_TRACE_NARRATIVE_H

#include <glib.h>
#include <stdbool.h>

/* A narrative with more steps than the first shows only the last ones, as many as the second. */
#define SIM_NARRATIVE_MOST 400u
#define SIM_NARRATIVE_LAST 40u

/* How lines that are left out begin; a number follows, then words. */
#define SIM_NARRATIVE_OMITTED "... "

/* Before an actor went on. */
struct sim_narrative_note {
	gsize at; /* bytes of the trace before it */
	const char *actor;
	char *place; /* "notify.c:123"; NULL: it was outside of the mediator */
};

/* A finding. */
struct sim_narrative_mark {
	gsize at;         /* bytes of the trace before it */
	const char *text; /* "here it went wrong" */
};

struct sim_narrative {
	const char *trace;
	gsize end;         /* bytes of it; what comes behind is how the machine is taken down */
	GArray *notes;     /* struct sim_narrative_note, in order */
	GArray *marks;     /* struct sim_narrative_mark, in order */
	const char *after; /* a mark behind all that happened, or NULL */
};

/* Caller frees. Leaves out the machine's own steps before all others, and behind the last mark. */
char *sim_narrative_text(const struct sim_narrative *narrative);

/* Where notes begin to count: bytes of a trace of which the first steps are not shown. */
gsize sim_narrative_from(const char *trace, gsize end);

/* A narrative made elsewhere, cut to SIM_NARRATIVE_LAST steps if it has too many. Takes text. */
char *sim_narrative_cut(char *text);

#endif
