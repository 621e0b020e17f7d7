/* SPDX-License-Identifier: MIT */
#include "sim/model/linear.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct sim_linear_answer) == 16, "no padding: configurations are compared");
_Static_assert(SIM_LINEAR_CONFIGS <= UINT8_MAX, "counts are bytes");

/* What one answer may lead to. */
struct search {
	const struct sim_linear_spec *spec;
	const void *user;
	const struct sim_linear_object *at;
	unsigned object;
	unsigned count;
	enum sim_linear_result full; /* EXPLAINED: it is not */
	struct sim_linear_config configs[SIM_LINEAR_SEARCH];
};

static unsigned first_config(const struct sim_linear *linear, unsigned object)
{
	unsigned first = 0;

	for (unsigned i = 0; i < object; i++)
		first += linear->objects[i].config_count;
	return first;
}

const struct sim_linear_config *sim_linear_configs(const struct sim_linear *linear, unsigned object,
                                                   unsigned *ret_count)
{
	*ret_count = linear->objects[object].config_count;
	return &linear->configs[first_config(linear, object)];
}

/* Gives the object these configurations; false if the pool has no room. */
static bool replace(struct sim_linear *linear, unsigned object,
                    const struct sim_linear_config *configs, unsigned count)
{
	unsigned first = first_config(linear, object);
	unsigned old = linear->objects[object].config_count;
	unsigned used = first_config(linear, SIM_LINEAR_OBJECTS);
	struct sim_linear_config *at = &linear->configs[first];

	if (used - old + count > SIM_LINEAR_CONFIGS)
		return false;
	memmove(at + count, at + old, (used - first - old) * sizeof *at);
	if (count)
		memcpy(at, configs, count * sizeof *at);
	if (count < old)
		memset(&linear->configs[used - old + count], 0, (old - count) * sizeof *at);
	linear->objects[object].config_count = (uint8_t)count;
	return true;
}

void sim_linear_open(struct sim_linear *linear, unsigned object)
{
	static const struct sim_linear_config empty;

	linear->objects[object] = (struct sim_linear_object){0};
	replace(linear, object, &empty, 1);
}

void sim_linear_give_up(struct sim_linear *linear, unsigned object)
{
	replace(linear, object, NULL, 0);
	linear->objects[object] = (struct sim_linear_object){0};
}

static unsigned find_op(const struct sim_linear_object *at, unsigned context)
{
	unsigned i = 0;

	while (i < at->op_count && at->ops[i].context != context)
		i++;
	return i;
}

enum sim_linear_result sim_linear_begin(struct sim_linear *linear, unsigned object,
                                        struct sim_linear_op op)
{
	struct sim_linear_object *at = &linear->objects[object];
	unsigned first = first_config(linear, object), place = 0, behind;

	if (!at->config_count)
		return SIM_LINEAR_EXPLAINED;
	if (at->op_count == SIM_LINEAR_OPS)
		return SIM_LINEAR_FULL_OPS;
	while (place < at->op_count && at->ops[place].context < op.context)
		place++;
	behind = at->op_count - place;
	memmove(&at->ops[place + 1], &at->ops[place], behind * sizeof op);
	at->ops[place] = op;
	at->op_count++;
	for (unsigned i = 0; i < at->config_count; i++) {
		struct sim_linear_answer *answer = linear->configs[first + i].answer;

		memmove(&answer[place + 1], &answer[place], behind * sizeof *answer);
		answer[place] = (struct sim_linear_answer){0};
	}
	return SIM_LINEAR_EXPLAINED;
}

static bool same(const struct sim_linear_config *a, const struct sim_linear_config *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static void add(struct search *search, const struct sim_linear_config *config)
{
	for (unsigned i = 0; i < search->count; i++)
		if (same(&search->configs[i], config))
			return;
	if (search->count == SIM_LINEAR_SEARCH)
		search->full = SIM_LINEAR_FULL_SEARCH;
	else
		search->configs[search->count++] = *config;
}

static unsigned ways_of(const struct search *search, const struct sim_linear_config *config,
                        unsigned op, struct sim_linear_way *ways)
{
	for (unsigned i = 0; i < SIM_LINEAR_WAYS; i++) {
		memcpy(ways[i].state, config->state, sizeof config->state);
		ways[i].answer = config->answer[op];
	}
	return search->spec->ways(search->user, search->object, search->at->ops[op], ways);
}

static struct sim_linear_config after(const struct sim_linear_config *config, unsigned op,
                                      const struct sim_linear_way *way)
{
	struct sim_linear_config next = *config;

	memcpy(next.state, way->state, sizeof next.state);
	next.answer[op] = way->answer;
	return next;
}

static bool is_possible(const struct search *search, unsigned op,
                        const struct sim_linear_answer *answer)
{
	return answer->phase != SIM_LINEAR_DONE ||
	       search->spec->possible(search->user, search->object, search->at->ops[op], answer);
}

/* Lets each operation that has not taken effect take its next phase. */
static void extend(struct search *search, unsigned from)
{
	struct sim_linear_way ways[SIM_LINEAR_WAYS];

	for (unsigned op = 0; op < search->at->op_count && !search->full; op++) {
		struct sim_linear_config config = search->configs[from];
		unsigned count;

		if (config.answer[op].phase == SIM_LINEAR_DONE)
			continue;
		count = ways_of(search, &config, op, ways);
		if (count == SIM_LINEAR_NO_ROOM) {
			search->full = SIM_LINEAR_FULL_STATE;
			return;
		}
		for (unsigned i = 0; i < count; i++) {
			struct sim_linear_config next = after(&config, op, &ways[i]);

			if (is_possible(search, op, &ways[i].answer))
				add(search, &next);
		}
	}
}

/* Keeps of what was reached that in which the operation answered just so. */
static void keep(struct search *search, unsigned op,
                 bool (*fits)(const void *, unsigned, struct sim_linear_op,
                              const struct sim_linear_answer *))
{
	unsigned kept = 0;

	for (unsigned i = 0; i < search->count; i++) {
		const struct sim_linear_answer *answer = &search->configs[i].answer[op];

		if (answer->phase == SIM_LINEAR_DONE &&
		    fits(search->user, search->object, search->at->ops[op], answer))
			search->configs[kept++] = search->configs[i];
	}
	search->count = kept;
}

/* Every configuration that comes of those in the search, until the operation has taken effect. */
static void reach(struct search *search, unsigned until)
{
	for (unsigned i = 0; i < search->count && !search->full; i++)
		if (until == SIM_LINEAR_OPS ||
		    search->configs[i].answer[until].phase != SIM_LINEAR_DONE)
			extend(search, i);
}

static void remove_answer(struct search *search, unsigned op)
{
	for (unsigned i = 0; i < search->count; i++) {
		struct sim_linear_answer *answer = search->configs[i].answer;

		memmove(&answer[op], &answer[op + 1], (SIM_LINEAR_OPS - 1 - op) * sizeof *answer);
		answer[SIM_LINEAR_OPS - 1] = (struct sim_linear_answer){0};
	}
}

static bool is_in(const struct search *search, const struct sim_linear_config *config)
{
	for (unsigned i = 1; i < search->count; i++)
		if (same(&search->configs[i], config))
			return true;
	return false;
}

/* Leaves out what configs[i] can still turn into; i's new place. */
static unsigned drop_reachable(struct search *search, unsigned i)
{
	unsigned kept = 0, place = i;
	struct search from;

	from.spec = search->spec;
	from.user = search->user;
	from.at = search->at;
	from.object = search->object;
	from.full = SIM_LINEAR_EXPLAINED;
	from.count = 1;
	from.configs[0] = search->configs[i];
	reach(&from, SIM_LINEAR_OPS);
	for (unsigned j = 0; j < search->count; j++) {
		if (j == i)
			place = kept;
		if (j == i || !is_in(&from, &search->configs[j]))
			search->configs[kept++] = search->configs[j];
	}
	search->count = kept;
	return place;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct sim_linear_config));
}

/* The same situation in the same bytes. at is the object without the operation that has ended. */
static void make_canonical(struct search *search)
{
	if (search->count < 2)
		return;
	for (unsigned i = 0; search->at->op_count && i < search->count; i++)
		i = drop_reachable(search, i);
	qsort(search->configs, search->count, sizeof search->configs[0], compare);
	for (unsigned i = 1; i < search->count; i++)
		while (i < search->count && same(&search->configs[i - 1], &search->configs[i])) {
			memmove(&search->configs[i], &search->configs[i + 1],
			        (search->count - i - 1) * sizeof search->configs[0]);
			search->count--;
		}
}

static void start_search(struct search *search, const struct sim_linear *linear, unsigned object,
                         const struct sim_linear_spec *spec, const void *user)
{
	const struct sim_linear_config *configs =
	        sim_linear_configs(linear, object, &search->count);

	search->spec = spec;
	search->user = user;
	search->at = &linear->objects[object];
	search->object = object;
	search->full = SIM_LINEAR_EXPLAINED;
	memcpy(search->configs, configs, search->count * sizeof *configs);
}

enum sim_linear_result sim_linear_end(struct sim_linear *linear, unsigned object, unsigned context,
                                      const struct sim_linear_spec *spec, const void *user)
{
	struct sim_linear_object without = linear->objects[object];
	unsigned op = find_op(&without, context);
	struct search search;

	if (op == without.op_count)
		return SIM_LINEAR_EXPLAINED;
	start_search(&search, linear, object, spec, user);
	reach(&search, op);
	if (search.full)
		return search.full;
	keep(&search, op, spec->fits);
	if (!search.count)
		return SIM_LINEAR_REFUTED;

	remove_answer(&search, op);
	without.op_count--;
	memmove(&without.ops[op], &without.ops[op + 1],
	        (without.op_count - op) * sizeof without.ops[0]);
	without.ops[without.op_count] = (struct sim_linear_op){0};
	search.at = &without;
	make_canonical(&search);
	if (!replace(linear, object, search.configs, search.count))
		return SIM_LINEAR_FULL_CONFIGS;
	without.config_count = (uint8_t)search.count;
	linear->objects[object] = without;
	return SIM_LINEAR_EXPLAINED;
}

enum sim_linear_result sim_linear_show(struct sim_linear *linear, unsigned object, unsigned context,
                                       const struct sim_linear_spec *spec, const void *user)
{
	unsigned op = find_op(&linear->objects[object], context);
	struct search search;

	if (op == linear->objects[object].op_count)
		return SIM_LINEAR_EXPLAINED;
	start_search(&search, linear, object, spec, user);
	reach(&search, op);
	if (search.full)
		return search.full;
	keep(&search, op, spec->possible);
	if (!search.count)
		return SIM_LINEAR_REFUTED;
	make_canonical(&search);
	return replace(linear, object, search.configs, search.count) ? SIM_LINEAR_EXPLAINED
	                                                             : SIM_LINEAR_FULL_CONFIGS;
}

struct telling {
	struct search search; /* configs: the path, one deeper with each step */
	unsigned until;
	struct sim_linear_order order;
	void (*tell)(void *teller, const struct sim_linear_order *order);
	void *teller;
};

static void tell_order(struct telling *telling, const struct sim_linear_config *config)
{
	struct sim_linear_order order = telling->order;

	if (!order.length || order.ops[order.length - 1].context !=
	                             telling->search.at->ops[telling->until].context) {
		order.ops[order.length] = telling->search.at->ops[telling->until];
		order.answers[order.length++] = config->answer[telling->until];
	}
	telling->tell(telling->teller, &order);
}

/* Each step is a phase of an operation; there are few operations, with few phases. */
static void walk(struct telling *telling, const struct sim_linear_config *config)
{
	struct sim_linear_way ways[SIM_LINEAR_WAYS];

	if (config->answer[telling->until].phase == SIM_LINEAR_DONE) {
		tell_order(telling, config);
		return;
	}
	for (unsigned op = 0; op < telling->search.at->op_count; op++) {
		unsigned count;

		if (config->answer[op].phase == SIM_LINEAR_DONE)
			continue;
		count = ways_of(&telling->search, config, op, ways);
		for (unsigned i = 0; count <= SIM_LINEAR_WAYS && i < count; i++) {
			struct sim_linear_config next = after(config, op, &ways[i]);
			unsigned length = telling->order.length;

			if (ways[i].answer.phase == SIM_LINEAR_DONE) {
				telling->order.ops[length] = telling->search.at->ops[op];
				telling->order.answers[length] = ways[i].answer;
				telling->order.length++;
			}
			walk(telling, &next); /* one operation, or a phase of it, less to go */
			telling->order.length = length;
		}
	}
}

void sim_linear_orders(const struct sim_linear *linear, unsigned object, unsigned context,
                       const struct sim_linear_spec *spec, const void *user,
                       void (*tell)(void *teller, const struct sim_linear_order *order),
                       void *teller)
{
	struct telling telling = {.tell = tell, .teller = teller};

	start_search(&telling.search, linear, object, spec, user);
	telling.until = find_op(telling.search.at, context);
	if (telling.until == telling.search.at->op_count)
		return;
	for (unsigned i = 0; i < telling.search.count; i++) {
		telling.order = (struct sim_linear_order){.config = i};
		walk(&telling, &telling.search.configs[i]);
	}
}
