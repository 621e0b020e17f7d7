/* SPDX-License-Identifier: MIT */
/*
 * Locks: no order is inverted anywhere in the schedules of a scenario, none is
 * held across an SMC or left held when an entry ends.
 *
 * Names and the order graph outlive a schedule on purpose: two schedules that
 * each work may show together that a third deadlocks.
 */
#include <sched.h>
#include <string.h>

#include "sim/oracle/lock.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

enum { MAX_TRIES = 1000000 };

static struct sim_lock_graph *graph_of(const struct sim_run *run)
{
	return run->shared_locks ? run->shared_locks
	                         : (struct sim_lock_graph *)(uintptr_t)&run->locks;
}

/* Processes of one search share a graph. One that dies in here must not stop the others. */
static void enter(struct sim_lock_graph *graph)
{
	for (unsigned i = 0; i < MAX_TRIES && __atomic_test_and_set(&graph->busy, __ATOMIC_ACQUIRE);
	     i++)
		sched_yield();
}

static void leave(struct sim_lock_graph *graph)
{
	__atomic_clear(&graph->busy, __ATOMIC_RELEASE);
}

static bool same_object(const struct world_object *a, const struct world_object *b)
{
	return strcmp(a->class_name, b->class_name) == 0 && ffa_id_equal(a->owner, b->owner);
}

static unsigned intern(struct sim_lock_graph *graph, const struct world_object *object)
{
	for (unsigned i = 0; i < graph->count; i++)
		if (same_object(&graph->names[i], object))
			return i;
	if (graph->count == SIM_MAX_LOCK_NAMES)
		return SIM_NO_LOCK;
	graph->names[graph->count] = *object;
	return graph->count++;
}

/* Whether `to` can be reached from `from` over orders that were seen. */
static bool reaches(const struct sim_lock_graph *graph, unsigned from, unsigned to)
{
	uint64_t seen = 1ull << from, todo = seen;

	while (todo) {
		unsigned next = (unsigned)__builtin_ctzll(todo);

		todo &= todo - 1;
		if (next == to)
			return true;
		todo |= graph->before[next] & ~seen;
		seen |= graph->before[next];
	}
	return false;
}

static const char *name_of(const struct sim_run *run, unsigned lock, char *buffer, size_t size)
{
	return sim_object_name(run->scenario, &graph_of(run)->names[lock], buffer, size);
}

/* The same words whichever order was seen first. */
static void complain_of_orders(struct sim_run *run, unsigned held, unsigned taken)
{
	char buffers[2][64];
	const char *a = name_of(run, held, buffers[0], sizeof buffers[0]);
	const char *b = name_of(run, taken, buffers[1], sizeof buffers[1]);
	bool swap = strcmp(a, b) > 0;

	sim_run_oracle(run, SIM_ORACLE_LOCK, SIM_VERDICT_FAIL,
	               "%s is taken with %s held, and elsewhere the other way round", swap ? a : b,
	               swap ? b : a);
}

static void note_order(struct sim_run *run, unsigned held, unsigned taken)
{
	struct sim_lock_graph *graph = graph_of(run);
	char first[64];

	if (graph->before[held] >> taken & 1)
		return;
	if (held == taken) {
		sim_run_oracle(run, SIM_ORACLE_LOCK, SIM_VERDICT_FAIL,
		               "two locks that are both called %s are held together, in no order",
		               name_of(run, taken, first, sizeof first));
		graph->before[held] |= 1ull << taken;
		return;
	}
	if (reaches(graph, taken, held))
		complain_of_orders(run, held, taken);
	graph->before[held] |= 1ull << taken;
}

/*
 * Interrupts are enabled outside of the interrupt entry, so one may come while the lock is held. An
 * interrupt that only tries does not wait for it.
 */
static void note_context(struct sim_run *run, const struct world_event *event, unsigned taken)
{
	struct sim_lock_graph *graph = graph_of(run);
	uint64_t bit = 1ull << taken;
	bool known = graph->in_interrupt & graph->elsewhere & bit;
	char name[64];

	if (shim_slot(&run->world->link->map, event->context)->entry != SHIM_ENTRY_INTERRUPT)
		graph->elsewhere |= bit;
	else if (!event->result)
		graph->in_interrupt |= bit;
	if (!known && graph->in_interrupt & graph->elsewhere & bit)
		sim_run_oracle(run, SIM_ORACLE_LOCK, SIM_VERDICT_FAIL,
		               "%s is taken by an interrupt, and elsewhere with interrupts enabled",
		               name_of(run, taken, name, sizeof name));
}

static void on_lock(struct sim_run *run, const struct world_event *event)
{
	struct sim_lock_context *own = &run->state.oracles.lock[event->context];
	unsigned taken = intern(graph_of(run), &event->object);

	if (taken == SIM_NO_LOCK) {
		sim_run_unjudged(run, SIM_LIMIT_MAX_LOCK_NAMES);
		return;
	}
	note_context(run, event, taken);

	/* who tries does not wait, so no cycle goes through this order */
	for (unsigned i = 0; i < own->count && !event->result; i++)
		note_order(run, own->held[i], taken);
	if (own->count < SIM_MAX_HELD)
		own->held[own->count++] = (uint8_t)taken;
	else
		sim_run_unjudged(run, SIM_LIMIT_MAX_HELD);
}

static void on_unlock(struct sim_run *run, const struct world_event *event)
{
	struct sim_lock_context *own = &run->state.oracles.lock[event->context];
	unsigned released = intern(graph_of(run), &event->object);

	for (unsigned i = 0; i < own->count; i++) {
		if (own->held[i] != released)
			continue;
		own->count--;
		memmove(&own->held[i], &own->held[i + 1], own->count - i);
		own->held[own->count] = 0;
		return;
	}
}

static bool may_cross_smc(const struct sim_run *run, unsigned lock)
{
	const struct sim_machine *machine = &run->scenario->machine;

	for (unsigned i = 0; i < machine->smc_lock_count; i++)
		if (strcmp(machine->smc_locks[i], graph_of(run)->names[lock].class_name) == 0)
			return true;
	return false;
}

static void complain_if_held(struct sim_run *run, const struct world_event *event, const char *when)
{
	struct sim_lock_context *own = &run->state.oracles.lock[event->context];
	char name[64];

	for (unsigned i = 0; i < own->count; i++) {
		if (event->kind == WORLD_EVENT_SMC && may_cross_smc(run, own->held[i]))
			continue;
		sim_run_oracle(run, SIM_ORACLE_LOCK, SIM_VERDICT_FAIL, "%s holds %s %s",
		               sim_actor_name(run, event->context),
		               name_of(run, own->held[i], name, sizeof name), when);
	}
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_LOCK || event->kind == WORLD_EVENT_UNLOCK) {
		enter(graph_of(run));
		if (event->kind == WORLD_EVENT_LOCK)
			on_lock(run, event);
		else
			on_unlock(run, event);
		leave(graph_of(run));
	} else if (event->kind == WORLD_EVENT_SMC) {
		complain_if_held(run, event, "across an SMC");
	} else if (event->kind == WORLD_EVENT_LEAVE) {
		complain_if_held(run, event, "when its entry ends");
	}
}

const struct sim_oracle sim_oracle_lock = {
        .name = "lock",
        .says = "no lock order is inverted in any schedule, no lock is held across an SMC, left held, or "
                "taken both by an interrupt and where one can come",
        .needs = "locks that the mediator names through its platform",
        .source = "facts hypervisor-mediator.md section 0, lock nesting; F9",
        .explanation =
                "Orders are collected over all schedules of a scenario, so an inversion is found\n"
                "without the deadlock having to happen. Releasing a lock that the context does not\n"
                "hold, and taking one it holds, stop the context where it does so.\n",
        .level = SIM_ORACLE_ERROR,
        .event = check_event,
};
