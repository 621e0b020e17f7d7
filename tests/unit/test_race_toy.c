/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_race_toy.h"

#include <string.h>

#include "sim/explore/hash.h"
#include "sim/explore/random.h"

/* Keys and addresses: plain words, atomics and locks have nothing in common. */
#define PLAIN_AT(word)  (0x1000u + 8u * (word))
#define ATOMIC_AT(word) (0x2000u + 8u * (word))
#define LOCK_AT(word)   (0x3000u + 8u * (word))

static struct race_toy *toy_of(struct sim_explore_system *system)
{
	return (struct race_toy *)system;
}

static bool is_plain(const struct race_op *op)
{
	return op->action == RACE_READ || op->action == RACE_WRITE;
}

static void fill_op(struct race_toy *toy, unsigned c)
{
	const struct race_op *from = race_toy_next(toy, c);
	struct sim_explore_op *op = &toy->system.op[c];

	*op = (struct sim_explore_op){.size = 8};
	if (is_plain(from))
		op->address = PLAIN_AT(from->word);
	else if (from->action == RACE_LOCK || from->action == RACE_UNLOCK)
		op->address = LOCK_AT(from->word);
	else if (from->action == RACE_FENCE)
		op->size = 0;
	else
		op->address = ATOMIC_AT(from->word);
	if (from->action == RACE_LOCK)
		op->wait = SIM_EXPLORE_WAIT_DIFFERS;
	op->write = from->action != RACE_READ && from->action != RACE_LOAD &&
	            from->action != RACE_SKIP && from->action != RACE_FENCE;
}

static bool waits(const struct race_toy *toy, unsigned c)
{
	const struct race_op *op = race_toy_next(toy, c);

	return op->action == RACE_LOCK && toy->state.locks[op->word];
}

static void refresh(struct race_toy *toy)
{
	struct sim_explore_system *system = &toy->system;

	system->enabled = system->unfinished = 0;
	for (unsigned c = 0; c < system->count; c++) {
		if (toy->state.at[c] >= toy->length[c])
			continue;
		system->unfinished |= 1u << c;
		fill_op(toy, c);
		system->enabled |= (uint32_t)!waits(toy, c) << c;
	}
}

static void on_race(void *user, const struct sim_race_entry *earlier,
                    const struct sim_race_access *now)
{
	struct race_toy *toy = user;
	uint8_t bit = (uint8_t)(1u << (now->address - PLAIN_AT(0)) / 8);

	if (toy->states && !toy->exact && earlier->epoch < toy->race.marks[earlier->context])
		return;
	toy->state.racy |= bit;
	toy->racy |= bit;
}

static void touch(struct race_toy *toy, unsigned c, const struct race_op *op)
{
	const struct sim_race_access access = {.address = PLAIN_AT(op->word),
	                                       .size = 8,
	                                       .context = (uint8_t)c,
	                                       .kind = op->action == RACE_WRITE ? SIM_RACE_WRITE
	                                                                        : 0};

	sim_race_access(&toy->race, &access, on_race, toy);
}

static void lock(struct race_toy *toy, unsigned c, const struct race_op *op)
{
	if (op->action == RACE_LOCK) {
		toy->state.locks[op->word] = (uint8_t)(c + 1);
		sim_race_acquire(&toy->race, c, LOCK_AT(op->word));
		return;
	}
	toy->state.locks[op->word] = 0;
	sim_race_release(&toy->race, c, LOCK_AT(op->word), true);
	sim_race_mark(&toy->race, c);
}

static void synchronise(struct race_toy *toy, unsigned c, const struct race_op *op)
{
	uint8_t *value = &toy->state.atomics[op->word];
	uint64_t key = ATOMIC_AT(op->word);
	bool reads = op->action == RACE_LOAD || op->action == RACE_SKIP || op->action == RACE_ADD;
	bool writes = false;

	switch (op->action) {
	case RACE_LOAD:
	case RACE_SKIP:
		sim_race_load(&toy->race, c, key, op->order);
		toy->state.at[c] += op->action == RACE_SKIP && !*value;
		break;
	case RACE_STORE:
		sim_race_store(&toy->race, c, key, op->order);
		*value = 1;
		writes = true;
		break;
	case RACE_ADD:
		sim_race_exchange(&toy->race, c, key, op->order);
		++*value;
		writes = true;
		break;
	default:
		sim_race_fence(&toy->race, c, op->order);
		writes = true;
	}
	if (op->action != RACE_FENCE)
		sim_race_note_use(&toy->uses, c, key, reads, writes, op->order);
	if (writes && sim_race_releases(op->order))
		sim_race_mark(&toy->race, c);
}

static void perform(struct race_toy *toy, unsigned c)
{
	const struct race_op *op = race_toy_next(toy, c);

	if (is_plain(op))
		touch(toy, c, op);
	else if (op->action == RACE_LOCK || op->action == RACE_UNLOCK)
		lock(toy, c, op);
	else
		synchronise(toy, c, op);
	toy->state.at[c]++;
}

static bool goes_on(const struct race_toy *toy, unsigned c)
{
	return toy->sync && toy->state.at[c] < toy->length[c] && is_plain(race_toy_next(toy, c));
}

static void toy_step(struct sim_explore_system *system, unsigned c)
{
	struct race_toy *toy = toy_of(system);

	system->done = system->op[c];
	system->done.before = toy->state.locks[race_toy_next(toy, c)->word];
	do
		perform(toy, c);
	while (goes_on(toy, c));
	refresh(toy);
}

static size_t toy_save(struct sim_explore_system *system, uint8_t *bytes)
{
	const struct race_toy *toy = toy_of(system);

	memcpy(bytes, &toy->state, sizeof toy->state);
	return sizeof toy->state + sim_race_save(&toy->race, bytes + sizeof toy->state);
}

static void toy_load(struct sim_explore_system *system, const uint8_t *bytes)
{
	struct race_toy *toy = toy_of(system);

	memcpy(&toy->state, bytes, sizeof toy->state);
	sim_race_load_bytes(&toy->race, bytes + sizeof toy->state);
	refresh(toy);
}

static uint64_t toy_hash(struct sim_explore_system *system, const uint8_t *bytes, size_t size)
{
	const struct race_toy *toy = toy_of(system);

	(void)size;
	return sim_hash_bytes(sim_race_key(&toy->race, system->unfinished, toy->exact), bytes,
	                      offsetof(struct race_toy_state, racy));
}

static void toy_judge(struct sim_explore_system *system)
{
	system->outcome = 0;
}

static const struct sim_explore_class toy_class = {
        .step = toy_step, .save = toy_save, .load = toy_load, .hash = toy_hash, .judge = toy_judge};

void race_toy_start(struct race_toy *toy)
{
	toy->system.class = &toy_class;
	toy->system.snapshot_max = sizeof toy->state + sizeof toy->race;
	toy->racy = 0;
	memset(&toy->uses, 0, sizeof toy->uses);
	memset(&toy->state, 0, sizeof toy->state);
	sim_race_begin(&toy->race);
	for (unsigned c = 0; c < toy->system.count; c++)
		while (goes_on(toy, c))
			perform(toy, c);
	refresh(toy);
}

static uint8_t draw_order(struct sim_random *random, enum race_action action)
{
	static const uint8_t loads[] = {__ATOMIC_RELAXED, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE,
	                                __ATOMIC_SEQ_CST};
	static const uint8_t stores[] = {__ATOMIC_RELAXED, __ATOMIC_RELEASE, __ATOMIC_RELEASE,
	                                 __ATOMIC_SEQ_CST};
	static const uint8_t both[] = {__ATOMIC_RELAXED, __ATOMIC_ACQUIRE, __ATOMIC_RELEASE,
	                               __ATOMIC_ACQ_REL};
	uint32_t n = sim_random_below(random, 4);

	if (action == RACE_LOAD || action == RACE_SKIP)
		return loads[n];
	if (action == RACE_STORE)
		return stores[n];
	return action == RACE_FENCE && n == 0 ? __ATOMIC_SEQ_CST : both[n];
}

/* Half of the contexts keep to a lock. */
static void draw_context(struct race_toy *toy, unsigned c, struct sim_random *random,
                         unsigned longest)
{
	unsigned length = 2 + sim_random_below(random, longest - 1);
	bool locked = sim_random_below(random, 2) == 0;

	for (unsigned i = 0; i < length; i++) {
		enum race_action action;

		do
			action = (enum race_action)sim_random_below(random, RACE_ACTIONS);
		while (action == RACE_LOCK || action == RACE_UNLOCK);
		toy->program[c][i] =
		        (struct race_op){.action = (uint8_t)action,
		                         .word = (uint8_t)sim_random_below(random, RACE_WORDS),
		                         .order = draw_order(random, action)};
	}
	if (locked && length > 2) {
		unsigned first = sim_random_below(random, length - 2);

		toy->program[c][first] = (struct race_op){.action = RACE_LOCK};
		toy->program[c][length - 1] = (struct race_op){.action = RACE_UNLOCK};
		/* neither may be left out */
		for (unsigned i = 0; i < length; i++)
			if (toy->program[c][i].action == RACE_SKIP &&
			    (i + 1 == first || i + 2 == length))
				toy->program[c][i].action = RACE_LOAD;
	}
	toy->length[c] = length;
}

void race_toy_draw(struct race_toy *toy, uint64_t seed)
{
	struct sim_random random;
	unsigned longest;

	memset(toy, 0, sizeof *toy);
	sim_random_seed(&random, seed, 0);
	toy->system.count = 2 + sim_random_below(&random, RACE_CONTEXTS - 1);
	longest = toy->system.count == 2 ? RACE_LENGTH : 4;
	for (unsigned c = 0; c < toy->system.count; c++)
		draw_context(toy, c, &random, longest);
}
