/* SPDX-License-Identifier: MIT */
#include "sim/trace/sink.h"

#include <string.h>

#include "sim/trace/sink_internal.h"

static const struct sim_sink_format *const formats[] = {
#define X(name) &sim_sink_##name,
        SIM_SINK_FORMATS(X)
#undef X
};

const struct sim_sink_format *sim_sink_format_at(unsigned i)
{
	return i < G_N_ELEMENTS(formats) ? formats[i] : NULL;
}

const struct sim_sink_format *sim_sink_format_by_name(const char *name)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

struct sim_sink *sim_sink_new(const struct sim_sink_format *format,
                              const struct sim_sink_options *options,
                              const struct sim_sink_start *start)
{
	struct sim_sink *sink = g_new0(struct sim_sink, 1);

	sink->format = format;
	sink->options = *options;
	sink->start = *start;
	while (start->paths[sink->total])
		sink->total++;
	sink->held = g_string_new(NULL);
	sink->message = g_string_new(NULL);
	return sink;
}

void sim_sink_free(struct sim_sink *sink)
{
	if (!sink)
		return;
	g_string_free(sink->held, TRUE);
	g_string_free(sink->message, TRUE);
	g_free(sink);
}

void sim_sink_begin(struct sim_sink *sink, GString *out)
{
	if (sink->format->begin)
		sink->format->begin(sink, out);
}

void sim_sink_report(struct sim_sink *sink, const struct sim_report *report, GString *out)
{
	sim_tally_add(&sink->tally, report);
	sink->format->report(sink, report, out);
}

void sim_sink_end(struct sim_sink *sink, int interrupted, GString *out)
{
	if (sink->format->end)
		sink->format->end(sink, interrupted, out);
}

void sim_sink_append_subject(const struct sim_sink *sink, GString *out)
{
	g_string_append(out, sink->start.subject);
	if (sink->start.build)
		g_string_append_printf(out, "/%s", sink->start.build);
}

const struct sim_schedule_report *sim_report_schedule(const struct sim_report *report,
                                                      const char *name)
{
	for (guint i = 0; name && i < report->schedules->len; i++) {
		const struct sim_schedule_report *schedule =
		        g_ptr_array_index(report->schedules, i);

		if (strcmp(schedule->name, name) == 0)
			return schedule;
	}
	return NULL;
}
