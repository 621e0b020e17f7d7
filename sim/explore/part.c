/* SPDX-License-Identifier: MIT */
#include "sim/explore/part.h"

#include <string.h>

static void free_finding(gpointer data)
{
	struct sim_part_finding *finding = data;

	g_free(finding->source);
	g_free(finding->cause);
	g_free(finding->message);
	sim_variants_clear(&finding->variants);
	g_free(finding->place);
	g_free(finding->path);
	g_clear_pointer(&finding->rests_on, g_ptr_array_unref);
	g_free(finding);
}

static void free_order(gpointer data)
{
	struct sim_part_order *order = data;

	g_free(order->held);
	g_free(order->taken);
	g_free(order->path);
	g_free(order);
}

static void free_outcome(gpointer data)
{
	struct sim_part_outcome *outcome = data;

	g_free(outcome->text);
	g_free(outcome);
}

struct sim_part *sim_part_new(void)
{
	struct sim_part *part = g_new0(struct sim_part, 1);

	part->findings = g_ptr_array_new_with_free_func(free_finding);
	part->outcomes = g_ptr_array_new_with_free_func(free_outcome);
	part->orders = g_ptr_array_new_with_free_func(free_order);
	return part;
}

void sim_part_free(struct sim_part *part)
{
	if (!part)
		return;
	g_ptr_array_unref(part->findings);
	g_ptr_array_unref(part->outcomes);
	g_ptr_array_unref(part->orders);
	g_free(part);
}

static const char *cause_of(const struct sim_part_finding *finding)
{
	return finding->cause ? finding->cause : finding->message;
}

static bool same_cause(const struct sim_part_finding *a, const struct sim_part_finding *b)
{
	return a->verdict == b->verdict && strcmp(a->source, b->source) == 0 &&
	       strcmp(cause_of(a), cause_of(b)) == 0;
}

/* Words without variants stand for themselves. */
static void join_variants(struct sim_part_finding *into, const struct sim_part_finding *from)
{
	g_autofree char *text = NULL;

	if (from->variants.texts) {
		sim_variants_join(&into->variants, &from->variants);
		return;
	}
	text = sim_variant_text(from->message, from->place);
	sim_variants_add(&into->variants, text);
}

struct sim_part_finding *sim_part_finding(struct sim_part *part,
                                          const struct sim_part_finding *like)
{
	struct sim_part_finding *finding = NULL;

	for (guint i = 0; i < part->findings->len; i++) {
		finding = g_ptr_array_index(part->findings, i);
		if (same_cause(finding, like))
			break;
		finding = NULL;
	}
	if (finding) {
		join_variants(finding, like);
		return finding;
	}
	finding = g_new0(struct sim_part_finding, 1);
	finding->verdict = like->verdict;
	finding->source = g_strdup(like->source);
	finding->cause = g_strdup(cause_of(like));
	sim_variants_init(&finding->variants);
	join_variants(finding, like);
	finding->message = g_strdup(like->message);
	finding->place = g_strdup(like->place);
	g_ptr_array_add(part->findings, finding);
	return finding;
}

static void add_by(uint64_t *sums, const uint64_t *by)
{
	for (unsigned i = 0; i < SIM_MEMBER_COUNT; i++)
		sums[i] += by[i];
}

static void take_words(struct sim_part_finding *finding, const struct sim_part_finding *words)
{
	g_autofree char *message = finding->message;
	g_autofree char *place = finding->place;

	finding->message = g_strdup(words->message);
	finding->place = g_strdup(words->place);
}

void sim_part_add_hit(struct sim_part *part, const struct sim_part_finding *words,
                      const struct sim_explore_hit *hit)
{
	struct sim_part_finding *finding = sim_part_finding(part, words);

	finding->count += hit->count;
	add_by(finding->by, hit->by);
	if (finding->path && finding->first <= hit->first)
		return;
	finding->first = hit->first;
	take_words(finding, words);
	g_free(finding->path);
	finding->path = sim_explore_path_trimmed(&hit->path);
}

void sim_part_add_order(struct sim_part *part, const struct sim_part_order *order)
{
	struct sim_part_order *copy;

	for (guint i = 0; i < part->orders->len; i++) {
		const struct sim_part_order *known = g_ptr_array_index(part->orders, i);

		if (known->kind == order->kind && g_strcmp0(known->held, order->held) == 0 &&
		    strcmp(known->taken, order->taken) == 0)
			return;
	}
	copy = g_new0(struct sim_part_order, 1);
	*copy = *order;
	copy->held = g_strdup(order->held);
	copy->taken = g_strdup(order->taken);
	copy->path = order->path ? sim_explore_path_trimmed(order->path) : NULL;
	g_ptr_array_add(part->orders, copy);
}

/* Of a part whose executions come after `before` others. */
static void join_orders(struct sim_part *whole, const struct sim_part *part, uint64_t before)
{
	for (guint i = 0; i < part->orders->len; i++) {
		struct sim_part_order order =
		        *(const struct sim_part_order *)g_ptr_array_index(part->orders, i);

		order.first += order.first ? before : 0;
		sim_part_add_order(whole, &order);
	}
}

static void add_outcome(struct sim_part *part, const char *text, uint64_t count)
{
	struct sim_part_outcome *outcome;

	for (guint i = 0; i < part->outcomes->len; i++) {
		outcome = g_ptr_array_index(part->outcomes, i);
		if (strcmp(outcome->text, text) != 0)
			continue;
		outcome->count += count;
		return;
	}
	outcome = g_new0(struct sim_part_outcome, 1);
	outcome->text = g_strdup(text);
	outcome->count = count;
	g_ptr_array_add(part->outcomes, outcome);
}

static gint by_first(gconstpointer a, gconstpointer b)
{
	const struct sim_part_finding *first = *(const void *const *)a;
	const struct sim_part_finding *second = *(const void *const *)b;

	if (first->first != second->first)
		return first->first < second->first ? -1 : 1;
	return strcmp(first->message, second->message);
}

struct sim_part *sim_part_from_result(const struct sim_explore_result *result,
                                      const struct sim_part_names *names)
{
	struct sim_part *part = sim_part_new();
	struct sim_part_finding words;
	unsigned marks = 0;
	const bool *seen = names->seen ? names->seen(names->user, &marks) : NULL;

	part->end = result->end;
	part->executions = part->numbers = result->executions;
	part->blocked = result->blocked;
	part->cut = result->cut;
	part->states = result->states;
	part->steps = result->steps;
	add_by(part->drawn, result->drawn);
	part->memory = result->memory;
	part->deepest = result->deepest;
	part->unjudged = result->unjudged;
	if (seen)
		memcpy(part->seen, seen, MIN(marks, SIM_PART_MARKS) * sizeof *seen);
	for (uint32_t i = 0; i < result->finding_count; i++) {
		if (!result->hits[i].count)
			continue;
		words = (struct sim_part_finding){0};
		names->finding(names->user, i, &words);
		sim_part_add_hit(part, &words, &result->hits[i]);
	}
	g_ptr_array_sort(part->findings, by_first);
	if (names->orders)
		names->orders(names->user, part);
	for (uint32_t i = 0; i < SIM_EXPLORE_OUTCOMES; i++)
		if (result->outcomes[i])
			add_outcome(part, names->outcome(names->user, i), result->outcomes[i]);
	return part;
}

/* Parts of the same round and job do not occur twice, so this is an order. */
static gint by_place(gconstpointer a, gconstpointer b)
{
	const struct sim_part *first = *(const void *const *)a;
	const struct sim_part *second = *(const void *const *)b;

	if (first->round != second->round)
		return first->round < second->round ? -1 : 1;
	return first->job < second->job ? -1 : first->job > second->job;
}

static bool same_place(const struct sim_part *a, const struct sim_part *b)
{
	return a->round == b->round && a->job == b->job;
}

/* A finding of a part whose executions come after `before` others; once more, or for the first
 * time. */
static void join_finding(struct sim_part *whole, const struct sim_part_finding *from,
                         uint64_t before)
{
	struct sim_part_finding *finding = sim_part_finding(whole, from);

	if (finding->path)
		return;
	finding->first = before + from->first;
	finding->path = sim_explore_path_trimmed(from->path);
}

enum sim_explore_end sim_part_worse_end(enum sim_explore_end a, enum sim_explore_end b)
{
	static const unsigned char ranks[SIM_EXPLORE_END_COUNT] = {
	        [SIM_EXPLORE_COMPLETE] = 0,
	        [SIM_EXPLORE_SAMPLED] = 1,
	        [SIM_EXPLORE_LIMIT_BOUND] = 2,
	        [SIM_EXPLORE_LIMIT_DEPTH] = 3,
	        [SIM_EXPLORE_LIMIT_STATES] = 4,
	        [SIM_EXPLORE_LIMIT_MEMORY] = 4,
	        [SIM_EXPLORE_LIMIT_EXECUTIONS] = 5,
	        [SIM_EXPLORE_FOUND] = 6,
	        [SIM_EXPLORE_LIMIT_TIME] = 7,
	        [SIM_EXPLORE_INTERRUPTED] = 8,
	        [SIM_EXPLORE_LOST] = 9,
	        [SIM_EXPLORE_ENVIRONMENT] = 10,
	        [SIM_EXPLORE_BUG] = 11,
	};

	return ranks[a] >= ranks[b] ? a : b;
}

/* Whether a job is as it is here in a round: it was done then, or had nothing left to do. */
static bool holds_in(const struct sim_part *part, uint32_t round)
{
	return part && (part->round == round || part->end == SIM_EXPLORE_COMPLETE ||
	                part->end == SIM_EXPLORE_LIMIT_DEPTH);
}

static void join_finding_counts(struct sim_part *whole, const struct sim_part *part)
{
	sim_unjudged_add(&whole->unjudged, &part->unjudged);
	for (guint i = 0; i < part->findings->len; i++) {
		const struct sim_part_finding *from = g_ptr_array_index(part->findings, i);
		struct sim_part_finding *to = sim_part_finding(whole, from);

		to->count += from->count;
		add_by(to->by, from->by);
	}
}

/* Counts of one part of the last round. */
static void join_counts(struct sim_part *whole, const struct sim_part *part)
{
	whole->executions += part->executions;
	whole->blocked += part->blocked;
	whole->cut += part->cut;
	whole->states += part->states;
	add_by(whole->drawn, part->drawn);
	whole->memory = MAX(whole->memory, part->memory);
	for (guint i = 0; i < part->outcomes->len; i++) {
		const struct sim_part_outcome *from = g_ptr_array_index(part->outcomes, i);

		add_outcome(whole, from->text, from->count);
	}
}

/* What is true of any part, of a round before the last one too. */
static void join_rest(struct sim_part *whole, const struct sim_part *part, uint64_t before)
{
	whole->steps += part->steps;
	whole->deepest = MAX(whole->deepest, part->deepest);
	for (unsigned i = 0; i < SIM_PART_MARKS; i++)
		whole->seen[i] |= part->seen[i];
	join_orders(whole, part, before);
	for (guint i = 0; i < part->findings->len; i++)
		join_finding(whole, g_ptr_array_index(part->findings, i), before);
}

void sim_part_append(struct sim_part *into, const struct sim_part *part)
{
	join_rest(into, part, into->numbers);
	join_counts(into, part);
	join_finding_counts(into, part);
	into->numbers += part->numbers;
	into->end = part->end;
}

/* The last bound that a job was gone through with, whose last part this is. */
static int bound_of(const struct sim_part *part)
{
	if (!part)
		return -1;
	switch (part->end) {
	case SIM_EXPLORE_COMPLETE:
	case SIM_EXPLORE_LIMIT_DEPTH:
		return INT_MAX;
	case SIM_EXPLORE_LIMIT_BOUND:
		return (int)part->round;
	default:
		return (int)part->round - 1;
	}
}

struct sim_part *sim_part_join(const GPtrArray *parts, unsigned jobs, enum sim_explore_end end)
{
	struct sim_part *whole = sim_part_new();
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	const struct sim_part **last = g_new0(const struct sim_part *, jobs);
	guint next = 0;

	for (guint i = 0; i < parts->len; i++)
		if (g_ptr_array_index(parts, i))
			g_ptr_array_add(sorted, g_ptr_array_index(parts, i));
	g_ptr_array_sort(sorted, by_place);
	while (next < sorted->len) {
		const struct sim_part *part = g_ptr_array_index(sorted, next);

		/* what is there twice, or no job, would not be passed */
		if (part->round < whole->round ||
		    (next && same_place(part, g_ptr_array_index(sorted, next - 1))) ||
		    part->job >= jobs) {
			next++;
			continue;
		}
		whole->round = part->round;
		for (unsigned job = 0; job < jobs; job++) {
			part = next < sorted->len ? g_ptr_array_index(sorted, next) : NULL;
			if (part && part->round == whole->round && part->job == job) {
				join_rest(whole, part, whole->numbers);
				whole->numbers += part->numbers;
				last[job] = part;
				next++;
			}
		}
	}
	whole->end = end;
	whole->bound = (int)whole->round;
	for (unsigned job = 0; job < jobs; job++) {
		whole->bound = MIN(whole->bound, bound_of(last[job]));
		if (!last[job])
			continue;
		whole->end = sim_part_worse_end(whole->end, last[job]->end);
		join_finding_counts(whole, last[job]);
		if (holds_in(last[job], whole->round))
			join_counts(whole, last[job]);
	}
	g_free(last);
	return whole;
}
