/* SPDX-License-Identifier: MIT */
#include "sim/narrate.h"

#include <string.h>

#include "sim/schedule/script.h"
#include "sim/trace/narrative.h"

/* A run that is done again, and what it does not get to see. */
struct narrator {
	struct sim_run *run;
	struct sim_report *report;
	struct sim_report *scratch;
	const struct sim_oracle_levels *levels;
	void (*on_go)(struct sim_run *run, uint32_t context);
	void *watcher;
	uint64_t calls, smcs, traps;
	struct sim_narrative narrative;
	gsize from; /* bytes of the trace whose steps are not shown */
};

static const struct sim_oracle_levels silence;

static char *place_of(struct sim_run *run, uint32_t context)
{
	g_autoptr(GPtrArray) frames = sim_run_frames(run, context);

	return sim_frames_short_place(frames);
}

static void note_go(struct sim_run *run, uint32_t context)
{
	struct narrator *narrator = run->watcher;
	struct sim_narrative_note note = {.at = run->trace->len,
	                                  .actor = sim_actor_name(run, context)};

	if (note.at >= narrator->from)
		note.place = place_of(run, context);
	g_array_append_val(narrator->narrative.notes, note);
}

static const char *const texts[] = {
        [SIM_MOMENT_STEP] = "here it went wrong",
        [SIM_MOMENT_REST] = "at rest it was wrong",
        [SIM_MOMENT_END] = "here it went wrong",
        [SIM_MOMENT_GONE] = "when all was gone it was wrong",
};

static void add_marks(struct narrator *narrator, const char *schedule)
{
	for (guint i = 0; i < narrator->report->findings->len; i++) {
		const struct sim_finding *finding =
		        g_ptr_array_index(narrator->report->findings, i);
		struct sim_narrative_mark mark = {.at = finding->told_at,
		                                  .text = texts[finding->moment]};

		if (finding->warning || g_strcmp0(finding->schedule, schedule) != 0)
			continue;
		if (finding->source == SIM_SOURCE_OUTCOME && !schedule)
			continue;
		if (finding->moment == SIM_MOMENT_GONE) {
			narrator->narrative.after = mark.text;
			continue;
		}
		g_array_append_val(narrator->narrative.marks, mark);
	}
}

static void clear_note(gpointer data)
{
	g_free(((struct sim_narrative_note *)data)->place);
}

static void begin(struct narrator *narrator, struct sim_run *run, const char *trace, gsize end,
                  const char *schedule)
{
	*narrator = (struct narrator){.run = run,
	                              .report = run->report,
	                              .scratch = sim_report_new("", ""),
	                              .levels = run->levels,
	                              .on_go = run->on_go,
	                              .watcher = run->watcher,
	                              .calls = run->calls,
	                              .smcs = run->world->smc_count,
	                              .traps = run->world->link->map.control->traps,
	                              .narrative = {.trace = trace, .end = end},
	                              .from = sim_narrative_from(trace, end)};
	narrator->narrative.notes = g_array_new(FALSE, FALSE, sizeof(struct sim_narrative_note));
	narrator->narrative.marks = g_array_new(FALSE, FALSE, sizeof(struct sim_narrative_mark));
	g_array_set_clear_func(narrator->narrative.notes, clear_note);
	add_marks(narrator, schedule);
	run->report = narrator->scratch;
	run->levels = &silence;
	run->on_go = note_go;
	run->watcher = narrator;
	run->failed = false;
	g_string_truncate(run->trace, 0);
	g_string_truncate(run->diagnostics, 0);
}

/* Caller frees. Places of a run that went another way would be those of other steps. */
static char *end(struct narrator *narrator)
{
	struct sim_run *run = narrator->run;
	char *text;

	if (!g_str_has_prefix(narrator->narrative.trace, run->trace->str))
		g_array_set_size(narrator->narrative.notes, 0);
	text = sim_narrative_text(&narrator->narrative);
	run->report = narrator->report;
	run->levels = narrator->levels;
	run->on_go = narrator->on_go;
	run->watcher = narrator->watcher;
	run->calls = narrator->calls;
	run->world->smc_count = narrator->smcs;
	run->world->link->map.control->traps = narrator->traps;
	sim_report_free(narrator->scratch);
	g_array_unref(narrator->narrative.notes);
	g_array_unref(narrator->narrative.marks);
	return text;
}

static bool is_usable(const struct sim_run *run)
{
	return run->world->link->error[0] == '\0';
}

void sim_narrate_schedule(struct sim_run *run, const struct sim_schedule *from,
                          struct sim_schedule_report *schedule)
{
	struct narrator narrator;

	begin(&narrator, run, schedule->trace, schedule->rest_at, from->name);
	run->schedule = from;
	if (is_usable(run))
		sim_script_play(run, from);
	run->schedule = NULL;
	schedule->narrative = end(&narrator);
}

void sim_narrate_setup(struct sim_run *run)
{
	struct sim_report *report = run->report;
	struct narrator narrator;

	begin(&narrator, run, report->setup_trace, strlen(report->setup_trace), NULL);
	if (is_usable(run))
		sim_run_begin(run);
	report->setup_narrative = end(&narrator);
}
