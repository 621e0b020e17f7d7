/* SPDX-License-Identifier: MIT */
#include "sim/debug/stand.h"

#include <string.h>

#include "sim/debug/frames.h"
#include "sim/schedule/stop.h"

static const char *const point_names[] = {
#define X(name, service) [SHIM_POINT_##name] = #name,
        SHIM_POINTS(X)
#undef X
};

static const struct shim_slot *slot_of(const struct sim_run *run, uint32_t context)
{
	return shim_slot(&run->world->link->map, context);
}

/* The actor behind a context; SIM_SYSTEM_END for the machine. */
static unsigned actor_of(const struct sim_run *run, uint32_t context)
{
	uint32_t machine = sim_machine_context(run);

	if (context < machine)
		return context;
	return context == machine ? SIM_SYSTEM_END : SIM_SYSTEM_SRI + (context - machine - 1);
}

/* The step that it does, or does next. */
static void append_step(GString *out, const struct sim_run *run, unsigned actor)
{
	/* of the system nothing is counted, and the machine has no state */
	unsigned number = actor < SIM_SYSTEM_SRI ? run->state.actors[actor].step + 1 : 0;
	g_autofree char *text = sim_step_text(run, actor, number);

	g_string_append(out, text);
}

static char *raw_point(const struct shim_slot *slot)
{
	g_autofree char *name = g_ascii_strdown(
	        slot->point < SHIM_POINT_COUNT ? point_names[slot->point] : "?", -1);

	g_strdelimit(name, "_", '-');
	if (slot->point == SHIM_POINT_ATOMIC || slot->point == SHIM_POINT_LOAD ||
	    slot->point == SHIM_POINT_STORE)
		return g_strdup_printf("%s of %" G_GUINT64_FORMAT " bytes", name, slot->arg[1]);
	return g_steal_pointer(&name);
}

/* "lock notif[vm1]", "smc FFA_RUN"; of the machine as of any other. */
static char *point_text(const struct sim_run *run, uint32_t context)
{
	const struct shim_slot *slot = slot_of(run, context);
	unsigned actor = actor_of(run, context);
	struct sim_until until;

	if (actor == SIM_SYSTEM_END || !sim_stop_to_until(run, actor, SIM_STOP_POINT, &until))
		return raw_point(slot);
	until.fid = sim_stop_fid(run, actor, until.kind);
	return sim_until_text(run->scenario, &until);
}

static void append_waiting(GString *out, const struct sim_run *run, uint32_t context)
{
	struct world_object object;
	uint32_t holder = 0;
	char name[64];

	if (!world_object(run->world, context, &object, &holder) || !holder ||
	    holder == context + 1)
		return;
	g_string_append_printf(out, " (%s is held by %s)",
	                       sim_object_name(run->scenario, &object, name, sizeof name),
	                       sim_actor_name(run, holder - 1));
}

static void append_held(GString *out, const struct sim_run *run, uint32_t context)
{
	const struct shim_core *core = shim_core(&run->world->link->map);
	bool any = false;

	for (uint32_t i = 0; i < core->object_top && i < SHIM_MAX_OBJECTS; i++) {
		const struct shim_object *from = &core->objects[i];
		struct world_object object = {.owner = ffa_make_id(from->owner)};
		char name[64];

		if (from->kind != SHIM_OBJECT_LOCK || from->holder != context + 1)
			continue;
		memcpy(object.class_name, from->class_name, sizeof object.class_name);
		g_string_append_printf(out, "%s %s", any ? "," : "\n    holds",
		                       sim_object_name(run->scenario, &object, name, sizeof name));
		any = true;
	}
}

static void append_inside(GString *out, struct sim_run *run, uint32_t context)
{
	const struct shim_slot *slot = slot_of(run, context);
	unsigned actor = actor_of(run, context);
	g_autofree char *point = point_text(run, context);
	g_autoptr(GPtrArray) frames = NULL;

	if (slot->state == SHIM_SLOT_READY) {
		g_string_append(out, "is about to enter the mediator for ");
		append_step(out, run, actor);
		return;
	}
	g_string_append(out, "is in ");
	append_step(out, run, actor);
	g_string_append_printf(out, ", %s: %s",
	                       slot->state == SHIM_SLOT_BLOCKED ? "waiting" : "about to", point);
	append_waiting(out, run, context);
	append_held(out, run, context);
	frames = sim_run_frames(run, context);
	sim_frames_append(out, frames, "\n    ");
}

static void append_outside(GString *out, const struct sim_run *run, unsigned actor)
{
	g_autofree char *why = NULL;

	if (sim_actor_finished(run, actor)) {
		g_string_append_printf(out, "has done its %u step%s",
		                       run->scenario->threads[actor].step_count,
		                       run->scenario->threads[actor].step_count == 1 ? "" : "s");
		return;
	}
	g_string_append(out, "is outside; next is ");
	append_step(out, run, actor);
	if (!sim_actor_enabled(run, actor, &why))
		g_string_append_printf(out, ", but %s", why);
}

static bool is_inside(const struct shim_slot *slot)
{
	return slot->state == SHIM_SLOT_READY || slot->state == SHIM_SLOT_STOPPED ||
	       slot->state == SHIM_SLOT_BLOCKED;
}

static void append_context(GString *out, struct sim_run *run, uint32_t context, bool next)
{
	unsigned actor = actor_of(run, context);
	const struct shim_slot *slot = slot_of(run, context);

	/* a system actor or a thread without steps that does nothing */
	if (!is_inside(slot) && !next &&
	    (actor >= SIM_SYSTEM_SRI || run->scenario->threads[actor].step_count == 0))
		return;
	g_string_append_printf(out, "%s %s ", next ? "->" : "  ", sim_actor_name(run, context));
	if (is_inside(slot))
		append_inside(out, run, context);
	else if (actor < SIM_SYSTEM_END)
		append_outside(out, run, actor);
	else
		g_string_append(out, "is outside");
	g_string_append_c(out, '\n');
}

void sim_stand_append(GString *out, struct sim_run *run, uint32_t context)
{
	uint32_t end = sim_actor_context(run, SIM_SYSTEM_END);

	append_context(out, run, context, true);
	for (uint32_t i = 0; i < end; i++)
		if (i != context)
			append_context(out, run, i, false);
}
