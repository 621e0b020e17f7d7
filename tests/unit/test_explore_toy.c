/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_explore_toy.h"

#include <string.h>

#include "sim/explore/hash.h"
#include "sim/explore/random.h"

static struct toy *toy_of(struct sim_explore_system *system)
{
	return (struct toy *)system;
}

static void fill_op(struct toy *toy, unsigned c)
{
	const struct toy_op *from = &toy->program[c][toy->state.at[c]];
	struct sim_explore_op *op = &toy->system.op[c];

	*op = (struct sim_explore_op){.address = 0x1000 + 8ull * from->word, .size = 4};
	op->write = from->action != TOY_LOAD && from->action != TOY_AWAIT;
	if (from->action == TOY_LOCK)
		op->wait = SIM_EXPLORE_WAIT_DIFFERS;
	else if (from->action == TOY_AWAIT)
		op->wait = SIM_EXPLORE_WAIT_EQUAL;
}

static void refresh(struct toy *toy)
{
	struct sim_explore_system *system = &toy->system;

	system->enabled = system->unfinished = 0;
	for (unsigned c = 0; c < system->count; c++) {
		if (toy->state.at[c] == toy->length[c])
			continue;
		system->unfinished |= 1u << c;
		fill_op(toy, c);
		if (!sim_explore_waits(&system->op[c],
		                       toy->state.words[toy->program[c][toy->state.at[c]].word]))
			system->enabled |= 1u << c;
	}
}

static void perform(struct toy *toy, unsigned c, const struct toy_op *op)
{
	uint32_t *word = &toy->state.words[op->word], *own = &toy->state.registers[c];

	switch (op->action) {
	case TOY_LOAD:
		*own = *own * 31 + *word + 1;
		break;
	case TOY_STORE:
		*word = *own * 7 + c + 1;
		break;
	case TOY_ADD:
		*own = *own * 31 + *word + 2;
		++*word;
		break;
	case TOY_LOCK:
		*word = 1;
		break;
	case TOY_UNLOCK:
		*word = 0;
		break;
	case TOY_TRY:
		*own = *own * 31 + (*word == 0) + 3;
		if (*word == 0)
			*word = 1;
		break;
	default:
		break;
	}
}

static void toy_step(struct sim_explore_system *system, unsigned c)
{
	struct toy *toy = toy_of(system);
	const struct toy_op *op = &toy->program[c][toy->state.at[c]];

	system->done = system->op[c];
	system->done.before = toy->state.words[op->word];
	perform(toy, c, op);
	toy->state.at[c]++;
	refresh(toy);
}

static size_t toy_save(struct sim_explore_system *system, uint8_t *bytes)
{
	memcpy(bytes, &toy_of(system)->state, sizeof(struct toy_state));
	return sizeof(struct toy_state);
}

static void toy_load(struct sim_explore_system *system, const uint8_t *bytes)
{
	memcpy(&toy_of(system)->state, bytes, sizeof(struct toy_state));
	refresh(toy_of(system));
}

static uint64_t toy_hash(struct sim_explore_system *system, const uint8_t *bytes, size_t size)
{
	(void)system;
	return sim_hash_bytes(SIM_HASH_SEED, bytes, size);
}

uint64_t toy_key(const struct toy *toy)
{
	return sim_hash_bytes(SIM_HASH_SEED, &toy->state, sizeof toy->state) | 1;
}

static uint32_t number_of(struct toy_outcomes *outcomes, uint64_t key)
{
	uint32_t i = 0;

	while (i < outcomes->count && outcomes->keys[i] != key)
		i++;
	if (i == outcomes->count && i < SIM_EXPLORE_OUTCOMES - 1)
		outcomes->keys[outcomes->count++] = key;
	return i;
}

static void toy_judge(struct sim_explore_system *system)
{
	struct toy *toy = toy_of(system);
	uint64_t key = toy_key(toy);

	system->outcome = number_of(toy->outcomes, key);
	if (key == toy->failing)
		sim_explore_note(system, 0);
}

static const struct sim_explore_class toy_class = {
        .step = toy_step, .save = toy_save, .load = toy_load, .hash = toy_hash, .judge = toy_judge};

void toy_start(struct toy *toy, struct toy_outcomes *outcomes)
{
	toy->system.class = &toy_class;
	toy->system.snapshot_max = sizeof(struct toy_state);
	toy->outcomes = outcomes;
	memset(&toy->state, 0, sizeof toy->state);
	refresh(toy);
}

/* Locks come in pairs most of the time, so that programs without a deadlock are common. */
static void draw_context(struct toy *toy, unsigned c, struct sim_random *random, unsigned longest)
{
	unsigned length = 1 + sim_random_below(random, longest);
	bool locked = sim_random_below(random, 3) == 0;

	for (unsigned i = 0; i < length; i++)
		toy->program[c][i] =
		        (struct toy_op){.action = (uint8_t)sim_random_below(random, TOY_ACTIONS),
		                        .word = (uint8_t)sim_random_below(random, TOY_WORDS - 1)};
	if (locked && length > 1) {
		toy->program[c][0] = (struct toy_op){TOY_LOCK, TOY_WORDS - 1};
		toy->program[c][length - 1] = (struct toy_op){TOY_UNLOCK, TOY_WORDS - 1};
	}
	toy->length[c] = length;
}

void toy_draw(struct toy *toy, uint64_t seed)
{
	struct sim_random random;
	unsigned longest;

	memset(toy, 0, sizeof *toy);
	sim_random_seed(&random, seed, 0);
	toy->system.count = 2 + sim_random_below(&random, TOY_CONTEXTS - 1);
	longest = toy->system.count == 2 ? TOY_LENGTH : toy->system.count == 3 ? 4 : 3;
	for (unsigned c = 0; c < toy->system.count; c++)
		draw_context(toy, c, &random, longest);
}

bool toy_same_hits(const struct sim_explore_hit *a, const struct sim_explore_hit *b)
{
	return memcmp(a, b, offsetof(struct sim_explore_hit, path)) == 0 &&
	       a->path.length == b->path.length &&
	       memcmp(a->path.step, b->path.step, a->path.length) == 0;
}

bool toy_same_results(const struct sim_explore_result *a, const struct sim_explore_result *b)
{
	bool same = memcmp(a, b, offsetof(struct sim_explore_result, hits)) == 0 &&
	            memcmp(a->outcomes, b->outcomes, sizeof a->outcomes) == 0;

	for (unsigned i = 0; i < SIM_EXPLORE_FINDINGS; i++)
		same = same && toy_same_hits(&a->hits[i], &b->hits[i]);
	for (unsigned i = 0; i < SIM_EXPLORE_CRASHES; i++)
		same = same && toy_same_hits(&a->crashes[i], &b->crashes[i]);
	return same;
}
