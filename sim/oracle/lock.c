/* SPDX-License-Identifier: MIT */
/*
 * Locks: no order is inverted in any schedule, none is held across an SMC or
 * left held when an entry ends.
 *
 * Of one run the orders of all schedules count together on purpose: two schedules
 * that each work may show together that a third deadlocks.
 */
#include "sim/oracle/lock.h"

#include <string.h>

#include "sim/oracle/registry.h"
#include "sim/run.h"

static bool same_object(const struct world_object *a, const struct world_object *b)
{
	return strcmp(a->class_name, b->class_name) == 0 && ffa_id_equal(a->owner, b->owner);
}

static unsigned intern(struct sim_lock *lock, const struct world_object *object)
{
	for (unsigned i = 0; i < lock->count; i++)
		if (same_object(&lock->names[i], object))
			return i;
	if (lock->count == SIM_MAX_LOCK_NAMES)
		return SIM_NO_LOCK;
	lock->names[lock->count] = *object;
	return lock->count++;
}

/* Rows of names that are not used yet are 0. */
size_t sim_lock_save(const struct sim_lock *lock, uint8_t *bytes)
{
	const uint64_t count = lock->count;
	const uint64_t sets[] = {lock->orders.in_interrupt, lock->orders.elsewhere};
	uint8_t *at = bytes;

	memcpy(at, &count, sizeof count);
	at += sizeof count;
	memcpy(at, sets, sizeof sets);
	at += sizeof sets;
	memcpy(at, lock->orders.before, count * sizeof lock->orders.before[0]);
	at += count * sizeof lock->orders.before[0];
	memcpy(at, lock->contexts, sizeof lock->contexts);
	return (size_t)(at - bytes) + sizeof lock->contexts;
}

size_t sim_lock_load(struct sim_lock *lock, const uint8_t *bytes)
{
	const uint8_t *at = bytes;
	uint64_t sets[2], count;

	memcpy(&count, at, sizeof count);
	at += sizeof count;
	memcpy(sets, at, sizeof sets);
	at += sizeof sets;
	lock->orders.in_interrupt = sets[0];
	lock->orders.elsewhere = sets[1];
	memset(lock->orders.before, 0, lock->count * sizeof lock->orders.before[0]);
	memcpy(lock->orders.before, at, count * sizeof lock->orders.before[0]);
	at += count * sizeof lock->orders.before[0];
	memcpy(lock->contexts, at, sizeof lock->contexts);
	return (size_t)(at - bytes) + sizeof lock->contexts;
}

/*
 * The shortest way from `from` to `to` over orders that were seen; answers how many names it has,
 * both ends included, 0: there is none.
 */
static unsigned find_way(const struct sim_lock_orders *orders, unsigned from, unsigned to,
                         uint8_t ret_way[static SIM_MAX_LOCK_NAMES])
{
	uint8_t queue[SIM_MAX_LOCK_NAMES], came_from[SIM_MAX_LOCK_NAMES];
	uint64_t seen = 1ull << from;
	unsigned first = 0, end = 0, length = 0;

	queue[end++] = (uint8_t)from;
	while (first < end && !(seen >> to & 1)) {
		unsigned at = queue[first++];

		for (uint64_t left = orders->before[at] & ~seen; left; left &= left - 1) {
			unsigned next = (unsigned)__builtin_ctzll(left);

			came_from[next] = (uint8_t)at;
			queue[end++] = (uint8_t)next;
			seen |= 1ull << next;
		}
	}
	if (!(seen >> to & 1))
		return 0;
	for (unsigned at = to; at != from; at = came_from[at])
		ret_way[length++] = (uint8_t)at;
	ret_way[length++] = (uint8_t)from;
	for (unsigned i = 0; i < length / 2; i++) {
		uint8_t swap = ret_way[i];

		ret_way[i] = ret_way[length - 1 - i];
		ret_way[length - 1 - i] = swap;
	}
	return length;
}

static const char *name_of(const struct sim_run *run, unsigned lock, char *buffer, size_t size)
{
	return sim_object_name(run->scenario, &run->lock.names[lock], buffer, size);
}

/* The same words whichever order was seen first. */
char *sim_lock_circle_text(const char *const *names, unsigned count)
{
	GString *text = g_string_new(NULL);
	unsigned least = 0;

	for (unsigned i = 1; i < count; i++)
		if (strcmp(names[i], names[least]) < 0)
			least = i;
	if (count == 2)
		g_string_append_printf(
		        text, "%s is taken with %s held, and elsewhere the other way round",
		        names[1 - least], names[least]);
	else
		g_string_append(text, "locks are taken in a circle: ");
	for (unsigned i = 0; count > 2 && i < count; i++)
		g_string_append_printf(text, "%s%s with %s held", i ? ", " : "",
		                       names[(least + i + 1) % count], names[(least + i) % count]);
	return g_string_free(text, FALSE);
}

/* way: from what is taken now to what is held. */
static void complain_of_circle(struct sim_run *run, const uint8_t *way, unsigned length)
{
	char buffers[SIM_MAX_LOCK_NAMES][64];
	const char *names[SIM_MAX_LOCK_NAMES];
	g_autofree char *text = NULL;

	for (unsigned i = 0; i < length; i++)
		names[i] = name_of(run, way[i], buffers[i], sizeof buffers[i]);
	text = sim_lock_circle_text(names, length);
	sim_run_oracle(run, SIM_ORACLE_LOCK, SIM_VERDICT_FAIL, "%s", text);
}

static void hand_out(const struct sim_run *run, enum sim_lock_order_kind kind, unsigned held,
                     unsigned taken)
{
	if (run->lock.on_order)
		run->lock.on_order(run->lock.user, kind, held, taken);
}

static void note_order(struct sim_run *run, unsigned held, unsigned taken)
{
	struct sim_lock_orders *orders = &run->lock.orders;
	uint8_t way[SIM_MAX_LOCK_NAMES];
	unsigned length;
	char name[64];

	hand_out(run, SIM_LOCK_HELD, held, taken);
	if (orders->before[held] >> taken & 1)
		return;
	length = run->lock.silent || held == taken ? 0 : find_way(orders, taken, held, way);
	orders->before[held] |= 1ull << taken;
	if (held == taken && !run->lock.silent)
		sim_run_oracle(run, SIM_ORACLE_LOCK, SIM_VERDICT_FAIL, SIM_LOCK_TWICE_TEXT,
		               name_of(run, taken, name, sizeof name));
	if (length)
		complain_of_circle(run, way, length);
}

/*
 * Interrupts are enabled outside of the interrupt entry, so one may come while the lock is held. An
 * interrupt that only tries does not wait for it.
 */
static void note_context(struct sim_run *run, const struct world_event *event, unsigned taken)
{
	struct sim_lock_orders *orders = &run->lock.orders;
	uint64_t bit = 1ull << taken;
	bool known = orders->in_interrupt & orders->elsewhere & bit;
	char name[64];

	if (shim_slot(&run->world->link->map, event->context)->entry != SHIM_ENTRY_INTERRUPT) {
		orders->elsewhere |= bit;
		hand_out(run, SIM_LOCK_ELSEWHERE, 0, taken);
	} else if (!event->result) {
		orders->in_interrupt |= bit;
		hand_out(run, SIM_LOCK_INTERRUPT, 0, taken);
	}
	if (!known && !run->lock.silent && orders->in_interrupt & orders->elsewhere & bit)
		sim_run_oracle(run, SIM_ORACLE_LOCK, SIM_VERDICT_FAIL, SIM_LOCK_INTERRUPT_TEXT,
		               name_of(run, taken, name, sizeof name));
}

static void on_lock(struct sim_run *run, const struct world_event *event)
{
	struct sim_lock_context *own = &run->lock.contexts[event->context];
	unsigned taken = intern(&run->lock, &event->object);

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
	struct sim_lock_context *own = &run->lock.contexts[event->context];
	unsigned released = intern(&run->lock, &event->object);

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
		if (strcmp(machine->smc_locks[i], run->lock.names[lock].class_name) == 0)
			return true;
	return false;
}

static void complain_if_held(struct sim_run *run, const struct world_event *event, const char *when)
{
	const struct sim_lock_context *own = &run->lock.contexts[event->context];
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
	if (event->kind == WORLD_EVENT_LOCK) {
		on_lock(run, event);
	} else if (event->kind == WORLD_EVENT_UNLOCK) {
		on_unlock(run, event);
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
