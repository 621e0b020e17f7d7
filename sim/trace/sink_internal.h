/* SPDX-License-Identifier: MIT */
/* Shared by the files of the sinks. */
#ifndef SIM_TRACE_SINK_INTERNAL_H
#define SIM_TRACE_SINK_INTERNAL_H

#include "sim/trace/sink.h"

struct sim_sink {
	const struct sim_sink_format *format;
	struct sim_sink_options options;
	struct sim_sink_start start;
	struct sim_tally tally; /* of the reports so far, the current one included */
	unsigned total;         /* scenarios that there will be */
	GString *held;          /* what a format keeps for the end */
	GString *message;       /* "text": what the last group of failures says */
	bool traced;            /* "text": a trace has been shown */
};

#define SIM_SINK_FORMATS(X) \
	X(text)             \
	X(tap)              \
	X(jsonl)            \
	X(junit)            \
	X(trace)            \
	X(diagnostics)

#define X(name) extern const struct sim_sink_format sim_sink_##name;
SIM_SINK_FORMATS(X)
#undef X

/* "inline/plain", or the path of the subject. */
void sim_sink_append_subject(const struct sim_sink *sink, GString *out);

/* NULL if the report has no schedule of that name; name may be NULL. */
const struct sim_schedule_report *sim_report_schedule(const struct sim_report *report,
                                                      const char *name);

#endif
