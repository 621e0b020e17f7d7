/* SPDX-License-Identifier: MIT */
/*
 * Sinks: the reports of a run, written in a format. A sink appends bytes to the
 * string it is given and knows nothing of files; whoever calls it decides where
 * they go. Calls come in this order:
 *
 *   sim_sink_new, sim_sink_begin, sim_sink_report for each scenario in the order
 *   of the paths, sim_sink_end, sim_sink_free
 *
 * sim_sink_end may come early, when the run was interrupted; what was written is
 * complete in its format then, too. The same reports give the same bytes.
 *
 * docs/output-formats.md describes the formats for those who read them.
 */
#ifndef SIM_TRACE_SINK_H
#define SIM_TRACE_SINK_H

#include <glib.h>
#include <stdbool.h>

#include "sim/report.h"
#include "sim/trace/sink_tally.h"

struct sim_sink;

/* For which scenarios "text" shows what happened, step by step. */
enum sim_sink_traces {
	SIM_TRACES_NONE,
	SIM_TRACES_FIRST,   /* of the first that fails */
	SIM_TRACES_FAILING, /* of every one that fails; "jsonl" has them all from here on */
	SIM_TRACES_ALL,
};

struct sim_sink_options {
	enum sim_sink_traces traces;
	bool narratives;  /* "text": narratives, where there would be all traces */
	bool diagnostics; /* traces with their diagnostic events */
	bool quiet;       /* "text": nothing about scenarios that do not fail */
	bool color;       /* "text": with escape sequences */
};

/* What is known before anything has run. Stays valid as long as the sink does. */
struct sim_sink_start {
	const char *const *paths; /* NULL-terminated */
	const char *subject;
	const char *build; /* NULL: the subject is a path */
};

struct sim_sink_format {
	const char *name;
	const char *summary;
	bool on_stdout; /* offered as --format, not only as --output */
	void (*begin)(struct sim_sink *sink, GString *out);
	void (*report)(struct sim_sink *sink, const struct sim_report *report, GString *out);
	void (*end)(struct sim_sink *sink, int interrupted, GString *out);
};

/* The formats, i from 0; NULL after the last. */
const struct sim_sink_format *sim_sink_format_at(unsigned i);
/* NULL if there is no such format. */
const struct sim_sink_format *sim_sink_format_by_name(const char *name);

struct sim_sink *sim_sink_new(const struct sim_sink_format *format,
                              const struct sim_sink_options *options,
                              const struct sim_sink_start *start);
/* Accepts NULL. */
void sim_sink_free(struct sim_sink *sink);

void sim_sink_begin(struct sim_sink *sink, GString *out);
void sim_sink_report(struct sim_sink *sink, const struct sim_report *report, GString *out);

/* interrupted is the number of the signal that ended the run early, or 0. */
void sim_sink_end(struct sim_sink *sink, int interrupted, GString *out);

#endif
