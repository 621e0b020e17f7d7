/* SPDX-License-Identifier: MIT */
/* What one process has met. */
#include <string.h>

#include "sim/explore/orders.h"

struct order {
	enum sim_lock_order_kind kind;
	uint8_t held, taken;
	uint64_t first;                /* execution */
	struct sim_explore_path *path; /* NULL: of the set-up */
};

struct sim_orders_met {
	struct sim_run *run;
	bool *learnt;
	struct sim_lock_orders base; /* of the set-up, in every execution */
	struct sim_lock_orders known;
	GArray *kept;  /* struct order */
	GArray *fresh; /* those that nobody has kept yet */
};

static bool note(struct sim_lock_orders *orders, enum sim_lock_order_kind kind, unsigned held,
                 unsigned taken)
{
	uint64_t *set = kind == SIM_LOCK_HELD        ? &orders->before[held]
	                : kind == SIM_LOCK_INTERRUPT ? &orders->in_interrupt
	                                             : &orders->elsewhere;
	bool is_new = !(*set >> taken & 1);

	*set |= 1ull << taken;
	return is_new;
}

static bool is_noted(const struct sim_lock_orders *orders, enum sim_lock_order_kind kind,
                     unsigned held, unsigned taken)
{
	uint64_t set = kind == SIM_LOCK_HELD        ? orders->before[held]
	               : kind == SIM_LOCK_INTERRUPT ? orders->in_interrupt
	                                            : orders->elsewhere;

	return set >> taken & 1;
}

/* What was fresh and was not kept may come again. */
static void on_order(void *user, enum sim_lock_order_kind kind, unsigned held, unsigned taken)
{
	struct sim_orders_met *met = user;
	const struct order order = {.kind = kind, .held = (uint8_t)held, .taken = (uint8_t)taken};

	if (is_noted(&met->known, kind, held, taken))
		return;
	if (!*met->learnt)
		g_array_set_size(met->fresh, 0);
	g_array_append_val(met->fresh, order);
	*met->learnt = true;
}

static void clear_order(gpointer data)
{
	g_free(((struct order *)data)->path);
}

struct sim_orders_met *sim_orders_met_new(struct sim_run *run, bool *learnt)
{
	struct sim_orders_met *met = g_new0(struct sim_orders_met, 1);

	met->run = run;
	met->learnt = learnt;
	met->base = met->known = run->lock.orders;
	met->kept = g_array_new(FALSE, FALSE, sizeof(struct order));
	met->fresh = g_array_new(FALSE, FALSE, sizeof(struct order));
	g_array_set_clear_func(met->kept, clear_order);
	/* one that only warns, or is off, has no findings in a search */
	if (run->levels->level[SIM_ORACLE_LOCK] == SIM_ORACLE_ERROR) {
		run->lock.on_order = on_order;
		run->lock.user = met;
	}
	return met;
}

void sim_orders_met_free(struct sim_orders_met *met)
{
	if (!met)
		return;
	met->run->lock.on_order = NULL;
	g_array_unref(met->kept);
	g_array_unref(met->fresh);
	g_free(met);
}

void sim_orders_met_keep(struct sim_orders_met *met, const uint8_t *steps, uint32_t length,
                         uint64_t number)
{
	struct sim_explore_path path;

	path.length = length;
	memcpy(path.step, steps, length);
	for (guint i = 0; i < met->fresh->len; i++) {
		struct order order = g_array_index(met->fresh, struct order, i);

		if (!note(&met->known, order.kind, order.held, order.taken))
			continue;
		order.first = number;
		order.path = sim_explore_path_trimmed(&path);
		g_array_append_val(met->kept, order);
	}
	g_array_set_size(met->fresh, 0);
}

void sim_orders_met_forget(struct sim_orders_met *met)
{
	g_array_set_size(met->kept, 0);
	g_array_set_size(met->fresh, 0);
	met->known = met->base;
}

static void tell(const struct sim_orders_met *met, const struct order *order, struct sim_part *part)
{
	char held[64], taken[64];
	const struct sim_part_order told = {
	        .kind = order->kind,
	        .held = order->kind == SIM_LOCK_HELD
	                        ? (char *)(uintptr_t)sim_object_name(
	                                  met->run->scenario, &met->run->lock.names[order->held],
	                                  held, sizeof held)
	                        : NULL,
	        .taken = (char *)(uintptr_t)sim_object_name(met->run->scenario,
	                                                    &met->run->lock.names[order->taken],
	                                                    taken, sizeof taken),
	        .first = order->first,
	        .path = order->path};

	sim_part_add_order(part, &told);
}

static void tell_base(const struct sim_orders_met *met, struct sim_part *part)
{
	for (unsigned taken = 0; taken < met->run->lock.count; taken++) {
		for (unsigned held = 0; held < met->run->lock.count; held++) {
			const struct order order = {SIM_LOCK_HELD, (uint8_t)held, (uint8_t)taken, 0,
			                            NULL};

			if (is_noted(&met->base, SIM_LOCK_HELD, held, taken))
				tell(met, &order, part);
		}
		for (unsigned kind = SIM_LOCK_INTERRUPT; kind < SIM_LOCK_ORDER_KINDS; kind++) {
			const struct order order = {(enum sim_lock_order_kind)kind, 0,
			                            (uint8_t)taken, 0, NULL};

			if (is_noted(&met->base, order.kind, 0, taken))
				tell(met, &order, part);
		}
	}
}

void sim_orders_met_tell(const struct sim_orders_met *met, struct sim_part *part)
{
	if (met->run->lock.on_order)
		tell_base(met, part);
	for (guint i = 0; i < met->kept->len; i++)
		tell(met, &g_array_index(met->kept, struct order, i), part);
}
