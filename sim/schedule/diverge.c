/* SPDX-License-Identifier: MIT */
#include "sim/schedule/diverge.h"

#include "sim/schedule/stop.h"

void sim_way_add(struct sim_way *way, const struct sim_run *run, unsigned actor, enum sim_stop stop)
{
	unsigned at = way->count % SIM_WAY_STOPS;

	if (stop == SIM_STOP_CRASHED || !sim_stop_to_until(run, actor, stop, &way->stops[at]))
		return;
	way->stops[at].fid = sim_stop_fid(run, actor, way->stops[at].kind);
	/* a step that has returned is behind the actor already */
	way->steps[at] = run->state.actors[actor].step + (stop != SIM_STOP_STEP);
	way->count++;
}

static void append_way(GString *text, const struct sim_run *run, unsigned actor,
                       const struct sim_way *way)
{
	unsigned first = way->count > SIM_WAY_STOPS ? way->count - SIM_WAY_STOPS : 0, step = 0;

	if (way->count == 0)
		g_string_append(text, "it did nothing");
	for (unsigned i = first; i < way->count; i++) {
		unsigned at = i % SIM_WAY_STOPS;
		g_autofree char *stop = sim_until_text(run->scenario, &way->stops[at]);
		g_autofree char *what = sim_step_text(run, actor, way->steps[at]);

		if (way->steps[at] != step) {
			g_string_append(text, step ? "; in " : first ? "... in " : "in ");
			g_string_append(text, what);
			g_string_append_c(text, ':');
		} else {
			g_string_append_c(text, ',');
		}
		g_string_append_printf(text, " %s", stop);
		step = way->steps[at];
	}
}

static char *detail_of(const struct sim_run *run, const struct sim_move *move,
                       const struct sim_way *way)
{
	g_autofree char *until = sim_until_text(run->scenario, &move->until);
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "expected: %s", until);
	if (move->until.times > 1)
		g_string_append_printf(text, ", %u times; it came %u time%s", move->until.times,
		                       way->times, way->times == 1 ? "" : "s");
	g_string_append(text, "\ncame to: ");
	append_way(text, run, move->thread, way);
	return g_string_free(text, FALSE);
}

void sim_report_diverged(struct sim_run *run, const struct sim_move *move,
                         const struct sim_way *way, const char *what)
{
	g_autofree char *text = sim_move_text(run, move);
	struct sim_finding *finding;

	run->failed = true;
	finding = sim_run_add(run, SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, &move->place,
	                      "move %u '%s' was not reached: %s %s",
	                      (unsigned)(move - run->schedule->moves) + 1, text,
	                      sim_actor_name(run, sim_actor_context(run, move->thread)), what);
	finding->detail = detail_of(run, move, way);
}
