/* SPDX-License-Identifier: MIT */
/*
 * What others can change is read once in an entry: memory of guests, and RX at
 * the SPMC, which has it mapped. A second read of the same bytes may bring
 * another value than the one that was checked. What the mediator has written
 * there itself in between counts as new, and RX is new behind each SMC.
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

/* Memory that somebody else can change, and the oracle that watches it. */
struct area {
	enum sim_oracle_id id;
	struct sim_fetch_state *own;
	uint64_t base; /* where the subject sees it */
	uint64_t size;
	uint64_t physical;
	const char *who;
};

static struct area guests(struct sim_run *run)
{
	return (struct area){.id = SIM_ORACLE_DOUBLE_FETCH,
	                     .own = &run->state.oracles.fetch,
	                     .base = GUESTS,
	                     .size = SHIM_MEMORY_SIZE - SHIM_ENDPOINT_SIZE,
	                     .physical = SHIM_PHYSICAL_BASE + SHIM_ENDPOINT_SIZE,
	                     .who = "the guest can change them"};
}

/* Empty while the SPMC has no buffer that is a page of the hypervisor's own. */
static struct area rx(struct sim_run *run)
{
	const struct world_spmc *spmc = &run->world->state.spmc;
	uint64_t offset = spmc->rx_page - SHIM_PHYSICAL_BASE;
	bool is_own = spmc->rx != WORLD_RX_UNMAPPED && offset < SHIM_ENDPOINT_SIZE;

	return (struct area){.id = SIM_ORACLE_RX_FETCH,
	                     .own = &run->state.oracles.rx_fetch,
	                     .base = SHIM_MEMORY_BASE + offset,
	                     .size = is_own ? SHIM_PAGE : 0,
	                     .physical = spmc->rx_page,
	                     .who = "they are in RX, which the SPMC can write"};
}

static void complain(struct sim_run *run, const struct world_event *event, const struct area *area,
                     const struct sim_fetch *fetch, uint32_t start)
{
	uint64_t pc = sections_of(run) + (uint64_t)(int64_t)(int32_t)fetch->pc;
	g_autofree char *first = g_strdup(sim_race_place(run, pc));

	area->own->told = true;
	sim_run_oracle(run, area->id, SIM_VERDICT_FAIL,
	               "%s reads %" G_GUINT64_FORMAT " bytes at 0x%" G_GINT64_MODIFIER
	               "x twice in one entry, and %s in between: at %s, then at %s",
	               sim_actor_name(run, event->context), event->arg[1],
	               (guint64)(area->physical + start), area->who, first,
	               sim_race_place(run, event->access.pc));
}

static void on_load(struct sim_run *run, const struct world_event *event, const struct area *area,
                    uint32_t start, uint32_t end)
{
	struct sim_fetch_state *own = area->own;

	for (unsigned i = 0; i < own->count; i++) {
		if (!overlaps(&own->fetches[i], event->context, start, end))
			continue;
		complain(run, event, area, &own->fetches[i], start);
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

static void on_access(struct sim_run *run, const struct world_event *event, const struct area *area)
{
	uint64_t offset = event->arg[0] - area->base;
	uint32_t start = (uint32_t)offset, end = start + (uint32_t)event->arg[1];

	if (offset >= area->size || area->own->told)
		return;
	if (event->access.kind != SHIM_ACCESS_STORE)
		on_load(run, event, area, start, end);
	if (event->result)
		forget_bytes(area->own, event->context, start, end);
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	const struct area area = guests(run);

	if (event->kind == WORLD_EVENT_ACCESS)
		on_access(run, event, &area);
	else if (event->kind == WORLD_EVENT_ENTER || event->kind == WORLD_EVENT_LEAVE)
		forget_context(area.own, event->context);
}

static void check_rx(struct sim_run *run, const struct world_event *event)
{
	const struct area area = rx(run);

	if (event->kind == WORLD_EVENT_ACCESS)
		on_access(run, event, &area);
	else if (event->kind == WORLD_EVENT_ENTER || event->kind == WORLD_EVENT_LEAVE ||
	         event->kind == WORLD_EVENT_SMC_DONE)
		forget_context(area.own, event->context);
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

const struct sim_oracle sim_oracle_rx_fetch = {
        .name = "rx-fetch",
        .says = "between two SMCs no entry reads the same bytes of RX twice",
        .needs = "an instrumented build (O2, O0): a plain one does not tell its accesses",
        .source = "facts spmc.md section 3.6; concurrency.md section 3",
        .explanation =
                "The SPMC fills RX and keeps it mapped. By the rules it does not write while the\n"
                "mediator owns the buffer; a mediator that checks what it finds there does not trust it\n"
                "with that, and a value that is read again behind its check may be another one. It is a\n"
                "warning: a mediator that trusts the SPMC may read as often as it likes.\n",
        .level = SIM_ORACLE_WARN,
        .accesses = true,
        .event = check_rx,
};
