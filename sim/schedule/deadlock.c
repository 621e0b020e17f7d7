/* SPDX-License-Identifier: MIT */
#include "sim/schedule/deadlock.h"

#define NOBODY UINT32_MAX

G_STATIC_ASSERT(SHIM_MAX_CONTEXTS <= 32);

/* Whom a context waits for, if it is inside the mediator. */
static uint32_t waits_for(const struct sim_run *run, uint32_t context)
{
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);
	uint32_t under = run->world->state.contexts[context].under, holder;
	struct world_object object;

	if (under)
		return under - 1;
	if (slot->state != SHIM_SLOT_BLOCKED &&
	    !(slot->state == SHIM_SLOT_STOPPED && slot->point == SHIM_POINT_LOCK))
		return NOBODY;
	if (!world_object(run->world, context, &object, &holder) || !holder)
		return NOBODY;
	return holder - 1;
}

/* The contexts of the circle that following `context` runs into, a bit each; 0: into none. */
static uint32_t circle_behind(const struct sim_run *run, uint32_t context)
{
	uint32_t seen = 0, circle = 0, next;

	for (; context != NOBODY && !(seen >> context & 1); context = waits_for(run, context))
		seen |= 1u << context;
	if (context == NOBODY)
		return 0;
	for (next = context; next != NOBODY && !(circle >> next & 1); next = waits_for(run, next))
		circle |= 1u << next;
	return circle;
}

static void append_edge(GString *text, const struct sim_run *run, uint32_t context, uint32_t next)
{
	struct world_object object;
	uint32_t holder;
	char name[64];

	if (run->world->state.contexts[context].under) {
		g_string_append_printf(text, " cannot go on under %s", sim_actor_name(run, next));
		return;
	}
	world_object(run->world, context, &object, &holder);
	g_string_append_printf(text, " waits for %s, held by %s",
	                       sim_object_name(run->scenario, &object, name, sizeof name),
	                       sim_actor_name(run, next));
}

static void tell(struct sim_run *run, uint32_t circle)
{
	uint32_t first = (uint32_t)__builtin_ctz(circle), context = first, next;
	g_autoptr(GString) text = g_string_new("deadlock: ");

	g_string_append(text, sim_actor_name(run, first));
	for (;; context = next) {
		next = waits_for(run, context);
		append_edge(text, run, context, next);
		if (next == first)
			break;
		g_string_append(text, ", which");
	}
	run->failed = true;
	sim_run_oracle(run, SIM_ORACLE_LIVENESS, SIM_VERDICT_LIVENESS, "%s", text->str);
}

uint32_t sim_report_deadlocks(struct sim_run *run)
{
	uint32_t told = 0;

	for (uint32_t context = 0; context < run->world->contexts_used; context++) {
		uint32_t circle = told >> context & 1 ? 0 : circle_behind(run, context);

		if (circle & ~told)
			tell(run, circle);
		told |= circle;
	}
	return told;
}
