/* SPDX-License-Identifier: MIT */
/*
 * Every access of the mediator hits memory that is its own: a live allocation,
 * static data, or the stack of an entry that has not ended. Pages of the machine
 * are isolation's. Which allocations live is followed event by event: when the
 * events of a step are told, the step is over.
 */
#include <string.h>

#include "sim/oracle/race.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

static bool within(uint64_t address, uint64_t size, uint64_t start, uint64_t length)
{
	return address >= start && address - start < length && size <= length - (address - start);
}

/* The first allocation that does not lie before the offset. */
static unsigned find(const struct sim_memory_state *own, uint32_t offset)
{
	unsigned at = 0;

	while (at < own->count && own->allocations[at].offset < offset)
		at++;
	return at;
}

static void on_allocated(struct sim_run *run, const struct world_event *event)
{
	struct sim_memory_state *own = &run->state.oracles.memory;
	uint32_t offset = (uint32_t)event->arg[0];
	unsigned at = find(own, offset);

	if (own->blind)
		return;
	if (own->count == SIM_MAX_ALLOCATIONS) {
		own->blind = true;
		sim_run_unjudged(run, SIM_LIMIT_MAX_ALLOCATIONS);
		return;
	}
	memmove(&own->allocations[at + 1], &own->allocations[at],
	        (own->count - at) * sizeof own->allocations[0]);
	own->allocations[at] =
	        (struct sim_allocation){.offset = offset, .size = (uint32_t)event->arg[1]};
	own->count++;
}

static void on_free(struct sim_memory_state *own, uint32_t offset)
{
	unsigned at = find(own, offset);

	if (at == own->count || own->allocations[at].offset != offset)
		return;
	own->count--;
	memmove(&own->allocations[at], &own->allocations[at + 1],
	        (own->count - at) * sizeof own->allocations[0]);
	memset(&own->allocations[own->count], 0, sizeof own->allocations[0]);
}

static bool hits_allocation(const struct sim_memory_state *own, uint64_t offset, uint64_t size)
{
	for (unsigned i = 0; i < own->count; i++)
		if (within(offset, size, own->allocations[i].offset, own->allocations[i].size))
			return true;
	return own->blind;
}

/* Another context's frames are good as long as its entry has not ended: a waiter may lie there. */
static bool hits_live_stack(const struct sim_run *run, uint64_t offset)
{
	uint32_t context = (uint32_t)((offset - SHIM_STACK_OFFSET) / SHIM_STACK_SIZE);
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);

	return (slot->state == SHIM_SLOT_STOPPED || slot->state == SHIM_SLOT_BLOCKED) &&
	       SHIM_STATE_BASE + offset >= slot->sp;
}

/* What is wrong with an access to the state area, in words; NULL: nothing. */
static const char *judge_state(const struct sim_run *run, uint64_t offset, uint64_t size)
{
	if (offset < SHIM_HEAP_OFFSET)
		return "in memory of what hosts the mediator";
	if (offset < SHIM_STACK_OFFSET)
		return hits_allocation(&run->state.oracles.memory, offset - SHIM_HEAP_OFFSET, size)
		               ? NULL
		               : "on the heap, not within a live allocation";
	if (offset < SHIM_SECTION_OFFSET)
		return hits_live_stack(run, offset) ? NULL
		                                    : "on the stack of an entry that has ended";
	return NULL; /* sections of a process subject, where its own address is this one */
}

static bool in(const struct shim_sections *sections, const struct world_event *event)
{
	return within(event->arg[0], event->arg[1], sections->address, sections->size);
}

static const char *judge(const struct sim_run *run, const struct world_event *event)
{
	const struct shim_control *control = run->world->link->map.control;
	uint64_t address = event->arg[0];

	if (in(&control->sections, event))
		return NULL;
	if (address - SHIM_STATE_BASE < SHIM_STATE_SIZE)
		return judge_state(run, address - SHIM_STATE_BASE, event->arg[1]);
	if (address - SHIM_MEMORY_BASE < SHIM_MEMORY_SIZE)
		return NULL;
	if (!in(&control->image, event))
		return "outside of all memory that it has";
	return event->result ? "in what is constant" : NULL;
}

/* Where, in words that are the same in every process. */
static char *place_of(const struct world_event *event)
{
	uint64_t heap = event->arg[0] - SHIM_STATE_BASE - SHIM_HEAP_OFFSET;

	if (heap < SHIM_HEAP_SIZE)
		return g_strdup_printf("heap+0x%" G_GINT64_MODIFIER "x ", heap);
	return g_strdup("");
}

static void on_access(struct sim_run *run, const struct world_event *event)
{
	struct sim_memory_state *own = &run->state.oracles.memory;
	const char *wrong;
	g_autofree char *place = NULL;

	if (own->told || event->access.kind == SHIM_ACCESS_FENCE)
		return;
	wrong = judge(run, event);
	if (!wrong)
		return;
	own->told = true;
	place = place_of(event);
	sim_run_oracle(run, SIM_ORACLE_MEMORY, SIM_VERDICT_FAIL,
	               "%s %s %" G_GUINT64_FORMAT " bytes at %s%s, at %s",
	               sim_actor_name(run, event->context), event->result ? "writes" : "reads",
	               event->arg[1], place, wrong, sim_race_place(run, event->access.pc));
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_ACCESS)
		on_access(run, event);
	else if (event->kind == WORLD_EVENT_ALLOCATED)
		on_allocated(run, event);
	else if (event->kind == WORLD_EVENT_FREE)
		on_free(&run->state.oracles.memory, (uint32_t)event->arg[0]);
}

const struct sim_oracle sim_oracle_memory = {
        .name = "memory",
        .says = "every access of the mediator hits a live allocation, static data, or the stack of an "
                "entry that has not ended",
        .needs = "an instrumented build (O2, O0): a plain one does not tell its accesses",
        .source = "architecture section 5; facts concurrency.md section 3",
        .explanation =
                "An allocation is as large as it was asked for, from its return to its free. Constants\n"
                "may be read. A pointer to another entry's stack is good while that entry is inside the\n"
                "mediator. Of static data only the whole is known, not where one variable ends. The\n"
                "first wrong access of a schedule is told. Pages of the machine are judged by\n"
                "'isolation'.\n",
        .level = SIM_ORACLE_ERROR,
        .accesses = true,
        .event = check_event,
};
