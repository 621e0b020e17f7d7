/* SPDX-License-Identifier: MIT */
#include "sim/explore/telling.h"

#include <string.h>

#include "sim/debug/frames.h"
#include "sim/explore/endless.h"
#include "sim/oracle/race.h"
#include "sim/schedule/actor.h"
#include "sim/trace/narrative.h"

/* What is known of a step before it is taken. */
struct moment {
	const char *actor;
	char *place; /* "notify.c:123"; NULL: it is not inside the mediator */
	bool access; /* the step begins with one */
	uint64_t address;
	uint64_t size;
	uint32_t kind;
	uint64_t value; /* before it */
};

static const char *const verbs[] = {
#define X(name) [SHIM_ACCESS_##name] = #name,
        SHIM_ACCESSES(X)
#undef X
};

static uint64_t value_at(const struct shim_link *link, const struct moment *moment)
{
	const uint8_t *at = shim_link_at(link, moment->address, moment->size);
	uint64_t value = 0;

	if (at && moment->size <= sizeof value)
		memcpy(&value, at, moment->size);
	return value;
}

static char *place_of(struct sim_run *run, uint32_t context)
{
	g_autoptr(GPtrArray) frames = sim_run_frames(run, context);

	return sim_frames_short_place(frames);
}

static void look(struct sim_run *run, unsigned actor, struct moment *ret_moment)
{
	uint32_t context = sim_actor_context(run, actor);
	const struct shim_link *link = run->world->link;
	const struct shim_slot *slot = shim_slot(&link->map, context);

	*ret_moment = (struct moment){.actor = sim_actor_name(run, context)};
	if (slot->state != SHIM_SLOT_STOPPED)
		return;
	ret_moment->access = SHIM_MASK_MEMORY >> slot->point & 1;
	ret_moment->place = place_of(run, context);
	if (!ret_moment->access)
		return;
	ret_moment->address = slot->arg[0];
	ret_moment->size = slot->arg[1];
	ret_moment->kind = slot->access;
	ret_moment->value = value_at(link, ret_moment);
}

/* "# vm1.0 load hyp_vms+0x10 = 0x1": of a write the value behind it. */
static void append_access(GString *trace, struct sim_run *run, const struct moment *moment)
{
	g_autofree char *name = sim_race_memory_name(run, moment->address);
	g_autofree char *verb = g_ascii_strdown(verbs[moment->kind], -1);
	uint64_t after = value_at(run->world->link, moment);

	g_string_append_printf(trace, "# %s %s %s", moment->actor, verb, name);
	if (moment->size > sizeof after)
		g_string_append_printf(trace, ", %" G_GUINT64_FORMAT " bytes", moment->size);
	else if (!shim_link_at(run->world->link, moment->address, moment->size))
		g_string_append(trace, ", a constant");
	else if (moment->kind == SHIM_ACCESS_LOAD || moment->kind == SHIM_ACCESS_STORE)
		g_string_append_printf(trace, " = 0x%" G_GINT64_MODIFIER "x", after);
	else
		g_string_append_printf(trace,
		                       ": 0x%" G_GINT64_MODIFIER "x to 0x%" G_GINT64_MODIFIER "x",
		                       moment->value, after);
	if (moment->place)
		g_string_append_printf(trace, " (%s)", moment->place);
	g_string_append_c(trace, '\n');
}

static bool is_end(const char *text)
{
	return g_str_has_prefix(text, "return") || g_str_has_prefix(text, "leave");
}

/* Puts the place behind the first line of this actor that the step made. */
static void annotate(GString *trace, gsize from, const struct moment *moment)
{
	g_autofree char *start = g_strconcat(moment->actor, " ", NULL);
	g_autofree char *text = g_strconcat(" (", moment->place, ")", NULL);

	for (gsize at = from; at < trace->len;) {
		const char *end = strchr(trace->str + at, '\n');
		gsize next = end ? (gsize)(end - trace->str) : trace->len;

		if (g_str_has_prefix(trace->str + at, start)) {
			/* what it does first is end: the place is where it had been */
			if (is_end(trace->str + at + strlen(start)))
				return;
			g_string_insert(trace, (gssize)next, text);
			return;
		}
		at = next + 1;
	}
}

/* Whether the finding was noted; what was noted is taken. */
static bool take_noted(struct sim_explore_system *system, int finding)
{
	bool found = false;

	for (uint32_t i = 0; i < system->noted_count; i++)
		found |= finding >= 0 && system->noted[i] == (uint32_t)finding;
	sim_explore_drop_noted(system);
	return found;
}

/* Behind the line that was the last one when the finding was made. */
static void mark(struct sim_explored_run *explored, GString *trace, const char *actor, int finding,
                 const char *text)
{
	g_autofree char *line = g_strdup_printf("# %s ^ %s\n", actor, text);

	g_string_insert(trace, (gssize)sim_explored_run_told_at(explored, (uint32_t)finding), line);
}

static void tell_step(struct sim_explored_run *explored, struct sim_run *run, unsigned c,
                      int finding)
{
	struct sim_explore_system *system = sim_explored_run_system(explored);
	gsize from = run->trace->len;
	struct moment moment;

	look(run, sim_explored_run_actor(explored, c), &moment);
	system->class->step(system, c);
	if (take_noted(system, finding))
		mark(explored, run->trace, moment.actor, finding, "here it went wrong");
	if (moment.access) {
		g_autoptr(GString) line = g_string_new(NULL);

		append_access(line, run, &moment);
		g_string_insert_len(run->trace, (gssize)from, line->str, (gssize)line->len);
	} else if (moment.place) {
		annotate(run->trace, from, &moment);
	}
	g_free(moment.place);
}

/* Of how the machine was taken down only what led to the finding is told. */
static void tell_end(struct sim_explored_run *explored, struct sim_run *run, const char *actor,
                     int finding)
{
	struct sim_explore_system *system = sim_explored_run_system(explored);
	gsize at = run->trace->len, told_at;

	system->class->judge(system);
	if (!take_noted(system, finding)) {
		g_string_truncate(run->trace, at);
		return;
	}
	told_at = sim_explored_run_told_at(explored, (uint32_t)finding);
	g_string_truncate(run->trace, told_at);
	if (told_at > at)
		mark(explored, run->trace, "machine", finding, "here it went wrong");
	else
		mark(explored, run->trace, actor, finding, "at rest it was wrong");
}

/* Where the path leaves something to do: whether that ever ends. */
static void tell_endless(struct sim_explored_run *explored, struct sim_run *run,
                         struct sim_trail *trail, const char *actor, int finding)
{
	g_autofree char *text = NULL;

	if (!sim_trail_judge(trail) || !take_noted(trail->system, finding))
		return;
	text = trail->round ? g_strdup_printf("here it went wrong: the last %u steps come again, "
	                                      "and so for ever",
	                                      trail->round)
	                    : g_strdup("here it went wrong: nothing ends from here on");
	mark(explored, run->trace, actor, finding, text);
}

static void tell_path(struct sim_explored_run *explored, struct sim_run *run,
                      const struct sim_explore_path *path, int finding)
{
	struct sim_explore_system *system = sim_explored_run_system(explored);
	const char *last = "machine";
	struct sim_trail trail;
	uint32_t i = 0;

	sim_trail_begin(&trail, system);
	for (; i < path->length && system->enabled >> path->step[i] & 1; i++) {
		unsigned actor = sim_explored_run_actor(explored, path->step[i]);

		sim_trail_step(&trail, path->step[i]);
		tell_step(explored, run, path->step[i], finding);
		last = sim_actor_name(run, sim_actor_context(run, actor));
	}
	if (i == path->length && !system->enabled && !system->failed)
		tell_end(explored, run, last, finding);
	if (i == path->length)
		tell_endless(explored, run, &trail, last, finding);
	sim_trail_end(&trail);
}

char *sim_telling_of_path(struct sim_explored_run *explored, struct sim_run *run,
                          const struct sim_explore_path *path, int finding)
{
	GString *trace = g_string_new(NULL);

	run->trace = trace;
	run->diagnostics = g_string_new(NULL);
	tell_path(explored, run, path, finding);
	g_string_free(run->diagnostics, TRUE);
	run->trace = run->diagnostics = NULL;
	return sim_narrative_cut(g_string_free(trace, FALSE));
}
