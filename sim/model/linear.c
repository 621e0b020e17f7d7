/* SPDX-License-Identifier: MIT */
#include "sim/model/linear.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sim/explore/hash.h"

_Static_assert(sizeof(struct sim_linear_answer) == 16, "no padding: configurations are compared");
_Static_assert(SIM_LINEAR_CONFIGS <= UINT16_MAX, "counts are of 16 bits");

#define SLOTS (2u * SIM_LINEAR_SEARCH) /* a power of two */

/* A set of configurations, in the order in which they came; large, so it is none of a stack's. */
struct set {
	unsigned count;
	uint32_t stamp; /* of the slots that are in use */
	struct sim_linear_config configs[SIM_LINEAR_SEARCH];
	struct slot {
		uint32_t stamp;
		uint32_t index;
	} slots[SLOTS];
};

/* What one answer may lead to. */
struct search {
	const struct sim_linear_spec *spec;
	const void *user;
	const struct sim_linear_object *at;
	unsigned object;
	enum sim_linear_result full; /* EXPLAINED: it is not */
	struct set *set;
};

/* Scratch of one call each, so that nothing is allocated: what is reached, what follows from it. */
static struct set reached, following;

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
	linear->objects[object].config_count = (uint16_t)count;
	return true;
}

void sim_linear_clear(struct sim_linear *linear)
{
	memset(linear->objects, 0, sizeof linear->objects);
}

/* What of a configuration is not 0 for sure. */
static size_t used_size(const struct sim_linear_object *object)
{
	return offsetof(struct sim_linear_config, answer) +
	       object->op_count * sizeof(struct sim_linear_answer);
}

size_t sim_linear_save(const struct sim_linear *linear, uint8_t *bytes)
{
	const struct sim_linear_config *config = linear->configs;
	uint8_t *at = bytes + sizeof linear->objects;

	memcpy(bytes, linear->objects, sizeof linear->objects);
	for (unsigned i = 0; i < SIM_LINEAR_OBJECTS; i++) {
		size_t size = used_size(&linear->objects[i]);

		for (unsigned j = 0; j < linear->objects[i].config_count; j++, at += size)
			memcpy(at, config++, size);
	}
	return (size_t)(at - bytes);
}

size_t sim_linear_load(struct sim_linear *linear, const uint8_t *bytes)
{
	struct sim_linear_config *config = linear->configs;
	const uint8_t *at = bytes + sizeof linear->objects;

	memcpy(linear->objects, bytes, sizeof linear->objects);
	for (unsigned i = 0; i < SIM_LINEAR_OBJECTS; i++) {
		size_t size = used_size(&linear->objects[i]);

		for (unsigned j = 0; j < linear->objects[i].config_count; j++, at += size) {
			memcpy(config, at, size);
			memset((uint8_t *)config + size, 0, sizeof *config - size);
			config++;
		}
	}
	return (size_t)(at - bytes);
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

static void clear(struct set *set)
{
	set->count = 0;
	if (++set->stamp)
		return;
	memset(set->slots, 0, sizeof set->slots);
	set->stamp = 1;
}

/* The configuration's slot, its own or a free one. ops: how many answers it has. */
static struct slot *slot_of(struct set *set, const struct sim_linear_config *config, unsigned ops)
{
	size_t size = offsetof(struct sim_linear_config, answer) + ops * sizeof config->answer[0];
	uint64_t hash = sim_hash_bytes(SIM_HASH_SEED, config, size);
	struct slot *slot = &set->slots[hash % SLOTS];

	while (slot->stamp == set->stamp && memcmp(&set->configs[slot->index], config, size) != 0)
		slot = slot + 1 == &set->slots[SLOTS] ? set->slots : slot + 1;
	return slot;
}

static bool is_in(struct set *set, const struct sim_linear_config *config, unsigned ops)
{
	return slot_of(set, config, ops)->stamp == set->stamp;
}

static void add(struct search *search, const struct sim_linear_config *config)
{
	struct set *set = search->set;
	struct slot *slot = slot_of(set, config, search->at->op_count);

	if (slot->stamp == set->stamp)
		return;
	if (set->count == SIM_LINEAR_SEARCH) {
		search->full = SIM_LINEAR_FULL_SEARCH;
		return;
	}
	*slot = (struct slot){set->stamp, set->count};
	set->configs[set->count++] = *config;
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
		struct sim_linear_config config = search->set->configs[from];
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

/* Every configuration that comes of those from this one on, until the operation has taken effect.
 */
static void reach(struct search *search, unsigned from, unsigned until)
{
	for (unsigned i = from; i < search->set->count && !search->full; i++)
		if (until == SIM_LINEAR_OPS ||
		    search->set->configs[i].answer[until].phase != SIM_LINEAR_DONE)
			extend(search, i);
}

/* Keeps of what was reached that in which the operation answered just so. */
static void keep(struct search *search, unsigned op,
                 bool (*fits)(const void *, unsigned, struct sim_linear_op,
                              const struct sim_linear_answer *))
{
	struct set *set = search->set;
	unsigned kept = 0;

	for (unsigned i = 0; i < set->count; i++) {
		const struct sim_linear_answer *answer = &set->configs[i].answer[op];

		if (answer->phase == SIM_LINEAR_DONE &&
		    fits(search->user, search->object, search->at->ops[op], answer))
			set->configs[kept++] = set->configs[i];
	}
	set->count = kept;
}

static void remove_answer(struct set *set, unsigned op)
{
	for (unsigned i = 0; i < set->count; i++) {
		struct sim_linear_answer *answer = set->configs[i].answer;

		memmove(&answer[op], &answer[op + 1], (SIM_LINEAR_OPS - 1 - op) * sizeof *answer);
		answer[SIM_LINEAR_OPS - 1] = (struct sim_linear_answer){0};
	}
}

/* Grows with every phase of an operation. */
static unsigned level_of(const struct sim_linear_config *config)
{
	unsigned level = 0;

	for (unsigned i = 0; i < SIM_LINEAR_OPS; i++)
		level += config->answer[i].phase;
	return level;
}

/* What turns into others comes before them; else by their bytes. */
static int compare(const void *a, const void *b)
{
	unsigned first = level_of(a), second = level_of(b);

	if (first != second)
		return first < second ? -1 : 1;
	return memcmp(a, b, sizeof(struct sim_linear_config));
}

/*
 * The same situation in the same bytes: in order, and without what another one can still turn into.
 * at is the object without an operation that has ended. If there is no room to tell what that is,
 * the rest stays.
 */
static void make_canonical(struct search *search)
{
	struct search next = *search;
	struct set *kept = search->set;
	unsigned ops = search->at->op_count, count = kept->count;

	if (count < 2)
		return;
	qsort(kept->configs, count, sizeof kept->configs[0], compare);
	next.set = &following;
	clear(&following);
	kept->count = 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned from = following.count;

		if (is_in(&following, &kept->configs[i], ops))
			continue;
		kept->configs[kept->count++] = kept->configs[i];
		add(&next, &kept->configs[i]);
		reach(&next, from, SIM_LINEAR_OPS);
	}
}

static void start_search(struct search *search, const struct sim_linear *linear, unsigned object,
                         const struct sim_linear_spec *spec, const void *user)
{
	unsigned count;
	const struct sim_linear_config *configs = sim_linear_configs(linear, object, &count);

	search->spec = spec;
	search->user = user;
	search->at = &linear->objects[object];
	search->object = object;
	search->full = SIM_LINEAR_EXPLAINED;
	search->set = &reached;
	clear(&reached);
	for (unsigned i = 0; i < count; i++)
		add(search, &configs[i]);
}

/* The object without the operation. */
static struct sim_linear_object without(const struct sim_linear_object *at, unsigned op)
{
	struct sim_linear_object object = *at;

	object.op_count--;
	memmove(&object.ops[op], &object.ops[op + 1],
	        (object.op_count - op) * sizeof object.ops[0]);
	object.ops[object.op_count] = (struct sim_linear_op){0};
	return object;
}

enum sim_linear_result sim_linear_end(struct sim_linear *linear, unsigned object, unsigned context,
                                      const struct sim_linear_spec *spec, const void *user)
{
	unsigned op = find_op(&linear->objects[object], context);
	struct sim_linear_object after;
	struct search search;

	if (op == linear->objects[object].op_count)
		return SIM_LINEAR_EXPLAINED;
	start_search(&search, linear, object, spec, user);
	reach(&search, 0, op);
	if (search.full)
		return search.full;
	keep(&search, op, spec->fits);
	if (!search.set->count)
		return SIM_LINEAR_REFUTED;

	remove_answer(search.set, op);
	after = without(&linear->objects[object], op);
	search.at = &after;
	make_canonical(&search);
	if (!replace(linear, object, search.set->configs, search.set->count))
		return SIM_LINEAR_FULL_CONFIGS;
	after.config_count = (uint16_t)search.set->count;
	linear->objects[object] = after;
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
	reach(&search, 0, op);
	if (search.full)
		return search.full;
	keep(&search, op, spec->possible);
	if (!search.set->count)
		return SIM_LINEAR_REFUTED;
	make_canonical(&search);
	return replace(linear, object, search.set->configs, search.set->count)
	               ? SIM_LINEAR_EXPLAINED
	               : SIM_LINEAR_FULL_CONFIGS;
}

struct telling {
	struct search search; /* its set: where the orders begin */
	unsigned until;
	bool over;
	struct sim_linear_order order;
	bool (*tell)(void *teller, const struct sim_linear_order *order);
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
	telling->over = !telling->tell(telling->teller, &order);
}

static void walk(struct telling *telling, const struct sim_linear_config *config);

/* Each way of one operation to go on, and what follows. */
static void walk_ways(struct telling *telling, const struct sim_linear_config *config, unsigned op)
{
	struct sim_linear_way ways[SIM_LINEAR_WAYS];
	unsigned count = ways_of(&telling->search, config, op, ways);

	for (unsigned i = 0; count <= SIM_LINEAR_WAYS && i < count && !telling->over; i++) {
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

/* Each step is a phase of an operation. */
static void walk(struct telling *telling, const struct sim_linear_config *config)
{
	if (config->answer[telling->until].phase == SIM_LINEAR_DONE) {
		tell_order(telling, config);
		return;
	}
	for (unsigned op = 0; op < telling->search.at->op_count && !telling->over; op++)
		if (config->answer[op].phase != SIM_LINEAR_DONE)
			walk_ways(telling, config, op);
}

void sim_linear_orders(const struct sim_linear *linear, unsigned object, unsigned context,
                       const struct sim_linear_spec *spec, const void *user,
                       bool (*tell)(void *teller, const struct sim_linear_order *order),
                       void *teller)
{
	struct telling telling = {.tell = tell, .teller = teller};

	start_search(&telling.search, linear, object, spec, user);
	telling.until = find_op(telling.search.at, context);
	if (telling.until == telling.search.at->op_count)
		return;
	for (unsigned i = 0; i < telling.search.set->count && !telling.over; i++) {
		telling.order = (struct sim_linear_order){.config = i};
		walk(&telling, &telling.search.set->configs[i]);
	}
}

void sim_linear_answers(const struct sim_linear *linear, unsigned object, unsigned context,
                        const struct sim_linear_spec *spec, const void *user,
                        void (*tell)(void *teller, struct sim_linear_op op,
                                     const struct sim_linear_answer *answer),
                        void *teller)
{
	unsigned op = find_op(&linear->objects[object], context);
	struct search search;

	if (op == linear->objects[object].op_count)
		return;
	start_search(&search, linear, object, spec, user);
	reach(&search, 0, op);
	for (unsigned i = 0; i < search.set->count; i++) {
		const struct sim_linear_answer *answer = &search.set->configs[i].answer[op];

		if (answer->phase == SIM_LINEAR_DONE)
			tell(teller, search.at->ops[op], answer);
	}
}
