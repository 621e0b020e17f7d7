/* SPDX-License-Identifier: MIT */
/*
 * What a guest can change is read once in an entry. A second read of the same
 * bytes may bring another value than the one that was checked. What the mediator
 * has written there itself in between counts as new.
 */
#include <string.h>

#include "sim/oracle/race.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

/* Memory that guests can write begins behind the hypervisor's own. */
#define GUESTS (SHIM_MEMORY_BASE + SHIM_ENDPOINT_SIZE)

static void drop(struct sim_fetch_state *own, unsigned at)
{
	own->count--;
	memmove(&own->fetches[at], &own->fetches[at + 1],
	        (own->count - at) * sizeof own->fetches[0]);
	memset(&own->fetches[own->count], 0, sizeof own->fetches[0]);
}

static bool overlaps(const struct sim_fetch *fetch, uint32_t context, uint32_t start, uint32_t end)
{
	return fetch->context == context && start < fetch->end && fetch->start < end;
}

static void forget_context(struct sim_fetch_state *own, uint32_t context)
{
	for (unsigned i = own->count; i-- > 0;)
		if (own->fetches[i].context == context)
			drop(own, i);
}

static void forget_bytes(struct sim_fetch_state *own, uint32_t context, uint32_t start,
                         uint32_t end)
{
	for (unsigned i = own->count; i-- > 0;)
		if (overlaps(&own->fetches[i], context, start, end))
			drop(own, i);
}

/* By context, and then as they came: who of two contexts was first makes no other state. */
static void insert(struct sim_fetch_state *own, const struct sim_fetch *fetch)
{
	unsigned at = own->count;

	while (at > 0 && own->fetches[at - 1].context > fetch->context)
		at--;
	memmove(&own->fetches[at + 1], &own->fetches[at],
	        (own->count - at) * sizeof own->fetches[0]);
	own->fetches[at] = *fetch;
	own->count++;
}

/* A loop over a buffer is one long fetch. */
static bool extend(struct sim_fetch_state *own, uint32_t context, uint32_t start, uint32_t end)
{
	for (unsigned i = 0; i < own->count; i++) {
		if (own->fetches[i].context != context || own->fetches[i].end != start)
			continue;
		own->fetches[i].end = end;
		return true;
	}
	return false;
}

/* Kept as the distance from the sections, which is the same wherever the subject is loaded. */
static uint64_t sections_of(const struct sim_run *run)
{
	return run->world->link->map.control->sections.address;
}

static void complain(struct sim_run *run, const struct world_event *event,
                     const struct sim_fetch *fetch, uint32_t start)
{
	uint64_t pc = sections_of(run) + (uint64_t)(int64_t)(int32_t)fetch->pc;
	g_autofree char *first = g_strdup(sim_race_place(run, pc));

	run->state.oracles.fetch.told = true;
	sim_run_oracle(run, SIM_ORACLE_DOUBLE_FETCH, SIM_VERDICT_FAIL,
	               "%s reads %" G_GUINT64_FORMAT " bytes at 0x%" G_GINT64_MODIFIER
	               "x twice in one entry, and the guest can change them in between: at %s, "
	               "then at %s",
	               sim_actor_name(run, event->context), event->arg[1],
	               (guint64)(SHIM_PHYSICAL_BASE + SHIM_ENDPOINT_SIZE + start), first,
	               sim_race_place(run, event->access.pc));
}

static void on_load(struct sim_run *run, const struct world_event *event, uint32_t start,
                    uint32_t end)
{
	struct sim_fetch_state *own = &run->state.oracles.fetch;

	for (unsigned i = 0; i < own->count; i++) {
		if (!overlaps(&own->fetches[i], event->context, start, end))
			continue;
		complain(run, event, &own->fetches[i], start);
		return;
	}
	if (extend(own, event->context, start, end))
		return;
	if (own->count == SIM_MAX_FETCHES) {
		sim_run_unjudged(run, SIM_LIMIT_MAX_FETCHES);
		return;
	}
	insert(own, &(struct sim_fetch){.start = start,
	                                .end = end,
	                                .context = event->context,
	                                .pc = (uint32_t)(event->access.pc - sections_of(run))});
}

static void on_access(struct sim_run *run, const struct world_event *event)
{
	uint64_t offset = event->arg[0] - GUESTS;
	uint32_t start = (uint32_t)offset, end = start + (uint32_t)event->arg[1];

	if (offset >= SHIM_MEMORY_SIZE - SHIM_ENDPOINT_SIZE || run->state.oracles.fetch.told)
		return;
	if (event->access.kind != SHIM_ACCESS_STORE)
		on_load(run, event, start, end);
	if (event->result)
		forget_bytes(&run->state.oracles.fetch, event->context, start, end);
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_ACCESS)
		on_access(run, event);
	else if (event->kind == WORLD_EVENT_ENTER || event->kind == WORLD_EVENT_LEAVE)
		forget_context(&run->state.oracles.fetch, event->context);
}

const struct sim_oracle sim_oracle_double_fetch = {
        .name = "double-fetch",
        .says = "no entry reads the same bytes of a guest's memory twice",
        .needs = "an instrumented build (O2, O0): a plain one does not tell its accesses",
        .source = "architecture sections 5 and 7; facts concurrency.md section 3",
        .explanation =
                "A guest may rewrite its memory at any moment, so a value that was checked and is read\n"
                "again may be another one. Whether the second value is used cannot be seen from outside:\n"
                "every second read is told. What the mediator wrote there itself in between is new. The\n"
                "compiler may merge or repeat plain reads: the O2 and the O0 build can differ, and reads\n"
                "that must happen once are volatile.\n",
        .level = SIM_ORACLE_ERROR,
        .accesses = true,
        .event = check_event,
};
