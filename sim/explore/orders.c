/* SPDX-License-Identifier: MIT */
/* The orders of a whole search, judged together. */
#include "sim/explore/orders.h"

#include <string.h>

#define NOBODY UINT_MAX

/* Locks by name, sorted, so that nothing depends on who met which order first. */
struct graph {
	struct sim_part *whole;
	GPtrArray *names;                    /* char; of the orders */
	const struct sim_part_order **order; /* [held * count + taken], NULL: it was not met */
	unsigned count;
};

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_name(GPtrArray *names, char *name)
{
	for (guint i = 0; name && i < names->len; i++)
		if (strcmp(g_ptr_array_index(names, i), name) == 0)
			return;
	if (name)
		g_ptr_array_add(names, name);
}

static unsigned number_of(const struct graph *graph, const char *name)
{
	unsigned i = 0;

	while (strcmp(g_ptr_array_index(graph->names, i), name) != 0)
		i++;
	return i;
}

static const char *name_of(const struct graph *graph, unsigned lock)
{
	return g_ptr_array_index(graph->names, lock);
}

static const struct sim_part_order **edge(const struct graph *graph, unsigned held, unsigned taken)
{
	return &graph->order[held * graph->count + taken];
}

static void init(struct graph *graph, struct sim_part *whole)
{
	graph->whole = whole;
	graph->names = g_ptr_array_new();
	for (guint i = 0; i < whole->orders->len; i++) {
		struct sim_part_order *order = g_ptr_array_index(whole->orders, i);

		add_name(graph->names, order->held);
		add_name(graph->names, order->taken);
	}
	g_ptr_array_sort(graph->names, by_text);
	graph->count = graph->names->len;
	graph->order = g_new0(const struct sim_part_order *, (gsize)graph->count * graph->count);
	for (guint i = 0; i < whole->orders->len; i++) {
		const struct sim_part_order *order = g_ptr_array_index(whole->orders, i);

		if (order->kind == SIM_LOCK_HELD)
			*edge(graph, number_of(graph, order->held),
			      number_of(graph, order->taken)) = order;
	}
}

static void fini(struct graph *graph)
{
	g_ptr_array_unref(graph->names);
	g_free(graph->order);
}

/* As sim_cause_normalise() makes it of a message with such names: "notif[vm1]" is "notif[@]". */
static char *cause_of(const char *message)
{
	GString *text = g_string_new(NULL);

	for (const char *at = message; *at; at++) {
		g_string_append_c(text, *at);
		if (*at != '[')
			continue;
		g_string_append_c(text, g_ascii_isdigit(at[1]) ? '#' : '@');
		at += strcspn(at, "]") - 1;
	}
	return g_string_free(text, FALSE);
}

/* The execution that came last shows it first. */
static void add_finding(struct graph *graph, const char *message, GPtrArray *rests_on)
{
	g_autofree char *cause = cause_of(message);
	const struct sim_part_finding words = {.verdict = SIM_VERDICT_FAIL,
	                                       .source = (char *)(uintptr_t) "lock",
	                                       .cause = cause,
	                                       .message = (char *)(uintptr_t)message};
	const struct sim_part_order *last = g_ptr_array_index(rests_on, 0);
	struct sim_part_finding *finding = sim_part_finding(graph->whole, &words);

	if (finding->path) {
		g_ptr_array_unref(rests_on);
		return;
	}
	for (guint i = 1; i < rests_on->len; i++) {
		const struct sim_part_order *order = g_ptr_array_index(rests_on, i);

		if (order->first > last->first)
			last = order;
	}
	finding->first = last->first;
	finding->count = 1;
	finding->path = last->path ? sim_explore_path_trimmed(last->path)
	                           : g_new0(struct sim_explore_path, 1);
	finding->rests_on = rests_on;
}

static void judge_twice(struct graph *graph)
{
	for (unsigned i = 0; i < graph->count; i++) {
		g_autofree char *message = NULL;
		GPtrArray *rests_on;

		if (!*edge(graph, i, i))
			continue;
		message = g_strdup_printf(SIM_LOCK_TWICE_TEXT, name_of(graph, i));
		rests_on = g_ptr_array_new();
		g_ptr_array_add(rests_on, (gpointer)(uintptr_t)*edge(graph, i, i));
		add_finding(graph, message, rests_on);
	}
}

/* A circle: each is taken with the one before it held. */
static void add_circle(struct graph *graph, const unsigned *locks, unsigned length)
{
	g_autofree const char **names = g_new(const char *, length);
	GPtrArray *rests_on = g_ptr_array_new();
	g_autofree char *message = NULL;

	for (unsigned i = 0; i < length; i++) {
		names[i] = name_of(graph, locks[i]);
		g_ptr_array_add(rests_on, (gpointer)(uintptr_t)*edge(graph, locks[i],
		                                                     locks[(i + 1) % length]));
	}
	message = sim_lock_circle_text(names, length);
	add_finding(graph, message, rests_on);
}

/* Both orders of two are forgotten once they are told: no longer circle is told for their sake. */
static void judge_pairs(struct graph *graph)
{
	for (unsigned a = 0; a < graph->count; a++)
		for (unsigned b = a + 1; b < graph->count; b++) {
			if (!*edge(graph, a, b) || !*edge(graph, b, a))
				continue;
			add_circle(graph, (const unsigned[]){a, b}, 2);
			*edge(graph, a, b) = *edge(graph, b, a) = NULL;
		}
}

/* The shortest circle through a lock and others behind it, by breadth; its length, 0: none. */
static unsigned find_circle(const struct graph *graph, unsigned start, unsigned *ret_circle)
{
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
	unsigned *came_from = (unsigned *)(void *)g_array_set_size(numbers, 2 * graph->count)->data;
	unsigned *queue = came_from + graph->count;
	unsigned first = 0, end = 0, length = 0, at = NOBODY;

	for (unsigned i = 0; i < graph->count; i++)
		came_from[i] = NOBODY;
	queue[end++] = start;
	while (first < end && at == NOBODY) {
		unsigned held = queue[first++];

		if (held != start && *edge(graph, held, start))
			at = held;
		for (unsigned next = start + 1; next < graph->count && at == NOBODY; next++) {
			if (came_from[next] != NOBODY || !*edge(graph, held, next))
				continue;
			came_from[next] = held;
			queue[end++] = next;
		}
	}
	for (; at != NOBODY && at != start; at = came_from[at])
		queue[length++] = at;
	if (!length)
		return 0;
	ret_circle[0] = start;
	for (unsigned i = 0; i < length; i++)
		ret_circle[1 + i] = queue[length - 1 - i];
	return length + 1;
}

/* Each circle is told once, by its first lock; its last order is forgotten then. */
static void judge_circles(struct graph *graph)
{
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
	unsigned *circle = (unsigned *)(void *)g_array_set_size(numbers, graph->count + 1)->data;

	for (unsigned start = 0; start < graph->count; start++) {
		unsigned length;

		while ((length = find_circle(graph, start, circle)) > 0) {
			add_circle(graph, circle, length);
			*edge(graph, circle[length - 1], start) = NULL;
		}
	}
}

static const struct sim_part_order *find_order(const struct sim_part *whole,
                                               enum sim_lock_order_kind kind, const char *taken)
{
	for (guint i = 0; i < whole->orders->len; i++) {
		const struct sim_part_order *order = g_ptr_array_index(whole->orders, i);

		if (order->kind == kind && strcmp(order->taken, taken) == 0)
			return order;
	}
	return NULL;
}

static void judge_interrupts(struct graph *graph)
{
	for (unsigned i = 0; i < graph->count; i++) {
		const char *name = name_of(graph, i);
		const struct sim_part_order *inside = find_order(graph->whole, SIM_LOCK_INTERRUPT,
		                                                 name),
		                            *elsewhere = find_order(graph->whole,
		                                                    SIM_LOCK_ELSEWHERE, name);
		g_autofree char *message = NULL;
		GPtrArray *rests_on;

		if (!inside || !elsewhere)
			continue;
		message = g_strdup_printf(SIM_LOCK_INTERRUPT_TEXT, name);
		rests_on = g_ptr_array_new();
		g_ptr_array_add(rests_on, (gpointer)(uintptr_t)inside);
		g_ptr_array_add(rests_on, (gpointer)(uintptr_t)elsewhere);
		add_finding(graph, message, rests_on);
	}
}

void sim_orders_judge(struct sim_part *whole)
{
	struct graph graph;

	init(&graph, whole);
	judge_twice(&graph);
	judge_pairs(&graph);
	judge_circles(&graph);
	judge_interrupts(&graph);
	fini(&graph);
}

static void append_order(GString *text, const struct sim_part_order *order)
{
	if (order->kind == SIM_LOCK_HELD)
		g_string_append_printf(text, "%s taken with %s held", order->taken, order->held);
	else
		g_string_append_printf(text, "%s taken %s", order->taken,
		                       order->kind == SIM_LOCK_INTERRUPT
		                               ? "by an interrupt"
		                               : "with interrupts enabled");
}

char *sim_orders_detail(const struct sim_part_finding *finding, const struct sim_path_head *head)
{
	GString *text;

	if (!finding->rests_on)
		return NULL;
	text = g_string_new(NULL);
	for (guint i = 0; i < finding->rests_on->len; i++) {
		const struct sim_part_order *order = g_ptr_array_index(finding->rests_on, i);
		g_autofree char *path = order->path ? sim_path_to_text(order->path, head) : NULL;

		append_order(text, order);
		if (order->first)
			g_string_append_printf(text, ", first in execution %" G_GUINT64_FORMAT,
			                       order->first);
		g_string_append_printf(text, "%s%s\n", path ? ": --replay " : ", in the set-up",
		                       path ? path : "");
	}
	return g_string_free(text, FALSE);
}
