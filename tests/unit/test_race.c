/* SPDX-License-Identifier: MIT */
/* Races of small programs, compared with a happens-before that is worked out from its rules. */
#include <glib.h>
#include <string.h>

#include "sim/explore/explore.h"
#include "tests/test.h"
#include "tests/unit/test_race_toy.h"

enum { PROGRAMS = 300, MAX_EVENTS = RACE_CONTEXTS * RACE_LENGTH };

static struct race_toy toy;
static struct sim_explore_result result;

/* One execution, operation by operation, and the order of its events. */
static struct {
	const struct race_op *ops[MAX_EVENTS];
	unsigned contexts[MAX_EVENTS];
	unsigned count;
	bool before[MAX_EVENTS][MAX_EVENTS];
	uint8_t racy; /* of all executions so far */
} all;

static bool acquires(const struct race_op *op)
{
	return op->order == __ATOMIC_ACQUIRE || op->order == __ATOMIC_ACQ_REL ||
	       op->order == __ATOMIC_SEQ_CST;
}

static bool releases(const struct race_op *op)
{
	return op->order == __ATOMIC_RELEASE || op->order == __ATOMIC_ACQ_REL ||
	       op->order == __ATOMIC_SEQ_CST;
}

static bool reads(const struct race_op *op)
{
	return op->action == RACE_LOAD || op->action == RACE_SKIP || op->action == RACE_ADD;
}

static bool writes(const struct race_op *op)
{
	return op->action == RACE_STORE || op->action == RACE_ADD;
}

/* The write to the word of event r that is the last before it; -1: none. */
static int last_write(unsigned r)
{
	for (int i = (int)r - 1; i >= 0; i--)
		if (writes(all.ops[i]) && all.ops[i]->word == all.ops[r]->word)
			return i;
	return -1;
}

/* Events of the context of w, up to it, at which what it wrote is released; likewise acquired. */
static void order_pair(unsigned w, unsigned r)
{
	for (unsigned i = 0; i <= w; i++) {
		bool gives = i == w ? releases(all.ops[w])
		                    : all.contexts[i] == all.contexts[w] &&
		                              all.ops[i]->action == RACE_FENCE &&
		                              releases(all.ops[i]);

		for (unsigned j = r; gives && j < all.count; j++)
			if (j == r ? acquires(all.ops[r])
			           : all.contexts[j] == all.contexts[r] &&
			                     all.ops[j]->action == RACE_FENCE &&
			                     acquires(all.ops[j]))
				all.before[i][j] = true;
	}
}

/* ISO C11 5.1.2.4: a read takes what was released by the write it reads, and by those before it as
 * far as everything in between is a read-modify-write. */
static void order_atomics(void)
{
	for (unsigned r = 0; r < all.count; r++) {
		int w = reads(all.ops[r]) ? last_write(r) : -1;

		while (w >= 0) {
			order_pair((unsigned)w, r);
			w = all.ops[w]->action == RACE_ADD ? last_write((unsigned)w) : -1;
		}
	}
}

static void order_all(void)
{
	memset(all.before, 0, sizeof all.before);
	for (unsigned i = 0; i < all.count; i++)
		for (unsigned j = i + 1; j < all.count; j++)
			all.before[i][j] = all.contexts[i] == all.contexts[j] ||
			                   (all.ops[i]->action == RACE_UNLOCK &&
			                    all.ops[j]->action == RACE_LOCK &&
			                    all.ops[i]->word == all.ops[j]->word);
	order_atomics();
	for (unsigned k = 0; k < all.count; k++)
		for (unsigned i = 0; i < all.count; i++)
			for (unsigned j = 0; j < all.count; j++)
				all.before[i][j] |= all.before[i][k] && all.before[k][j];
}

static bool is_plain(const struct race_op *op)
{
	return op->action == RACE_READ || op->action == RACE_WRITE;
}

static uint8_t racy_words(void)
{
	uint8_t words = 0;

	order_all();
	for (unsigned i = 0; i < all.count; i++)
		for (unsigned j = i + 1; j < all.count; j++)
			if (is_plain(all.ops[i]) && is_plain(all.ops[j]) &&
			    all.ops[i]->word == all.ops[j]->word &&
			    (all.ops[i]->action == RACE_WRITE ||
			     all.ops[j]->action == RACE_WRITE) &&
			    !all.before[i][j])
				words |= (uint8_t)(1u << all.ops[i]->word);
	return words;
}

/* Every interleaving of single operations: clocks and rules must say the same of each. */
static void search_all(unsigned seed)
{
	struct race_toy_state state = toy.state;
	g_autofree struct sim_race_state *race = NULL;

	if (!toy.system.enabled) {
		uint8_t racy = racy_words();

		all.racy |= racy;
		if (racy != toy.state.racy)
			fail_test("program %u: races on 0x%x, the clocks say 0x%x", seed, racy,
			          toy.state.racy);
		return;
	}
	race = g_memdup2(&toy.race, sizeof toy.race);
	for (uint32_t left = toy.system.enabled; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);

		all.ops[all.count] = race_toy_next(&toy, c);
		all.contexts[all.count++] = c;
		toy.system.class->step(&toy.system, c);
		search_all(seed);
		all.count--;
		toy.state = state;
		toy.race = *race;
	}
}

static void start(uint64_t seed, bool sync, bool exact)
{
	race_toy_draw(&toy, seed);
	toy.sync = sync;
	toy.exact = exact;
	race_toy_start(&toy);
}

static void run(enum sim_strategy strategy)
{
	struct sim_explore_options options;

	toy.states = strategy == SIM_STRATEGY_STATEFUL;

	sim_explore_defaults(&options, strategy);
	sim_explore_run(&toy.system, &options, &result);
	assert_eq_int(result.end, SIM_EXPLORE_COMPLETE);
}

static uint8_t reference(uint64_t seed)
{
	start(seed, false, false);
	all.racy = 0;
	all.count = 0;
	search_all((unsigned)seed);
	return all.racy;
}

static void expect(uint64_t seed, const char *what, uint8_t expected)
{
	if (toy.racy != expected)
		fail_test("program %u: %s finds races on 0x%x of 0x%x", (unsigned)seed, what,
		          toy.racy, expected);
}

/* As `ffasim explore` does it: the exact states if the others may have hidden something. */
static void run_stateful(uint64_t seed, bool sync, uint8_t expected)
{
	uint64_t states;

	start(seed, sync, false);
	run(SIM_STRATEGY_STATEFUL);
	if (!toy.uses.told)
		expect(seed, sync ? "stateful at sync granularity" : "stateful", expected);
	states = result.states;
	start(seed, sync, true);
	run(SIM_STRATEGY_STATEFUL);
	expect(seed, sync ? "exact at sync granularity" : "exact", expected);
	assert_true(states <= result.states);
}

/* The clocks against the rules in each execution, each strategy against all executions. */
TEST(race, searches_agree_with_the_rules)
{
	unsigned racy = 0, told = 0;

	for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
		uint8_t expected = reference(seed);

		racy += expected != 0;
		start(seed, false, false);
		run(SIM_STRATEGY_EXHAUSTIVE);
		expect(seed, "exhaustive", expected);
		told += toy.uses.told;
		start(seed, true, false);
		run(SIM_STRATEGY_EXHAUSTIVE);
		expect(seed, "exhaustive at sync granularity", expected);
		start(seed, false, false);
		run(SIM_STRATEGY_DPOR);
		expect(seed, "dpor", expected);
		run_stateful(seed, false, expected);
		run_stateful(seed, true, expected);
	}
	/* both kinds of programs are common among those drawn */
	assert_true(racy > PROGRAMS / 5 && racy < PROGRAMS * 4 / 5);
	assert_true(told > PROGRAMS / 10 && told < PROGRAMS * 9 / 10);
}

#define READ(x)                 \
	{                       \
		RACE_READ, x, 0 \
	}
#define WRITE(x)                 \
	{                        \
		RACE_WRITE, x, 0 \
	}
#define LOCK(x)                 \
	{                       \
		RACE_LOCK, x, 0 \
	}
#define UNLOCK(x)                 \
	{                         \
		RACE_UNLOCK, x, 0 \
	}
#define LOAD(x, o)                         \
	{                                  \
		RACE_LOAD, x, __ATOMIC_##o \
	}
#define IF(x, o)                           \
	{                                  \
		RACE_SKIP, x, __ATOMIC_##o \
	}
#define STORE(x, o)                         \
	{                                   \
		RACE_STORE, x, __ATOMIC_##o \
	}
#define ADD(x, o)                         \
	{                                 \
		RACE_ADD, x, __ATOMIC_##o \
	}
#define FENCE(o)                            \
	{                                   \
		RACE_FENCE, 0, __ATOMIC_##o \
	}

struct program {
	const char *name;
	struct race_op ops[RACE_CONTEXTS][RACE_LENGTH];
	unsigned lengths[RACE_CONTEXTS];
	bool racy;
	bool hidden; /* states that do not remember enough lose it */
};

/* What each comes to follows from ISO C11 5.1.2.4 and 7.17.4. */
static const struct program programs[] = {
        {"nothing orders", {{WRITE(0)}, {READ(0)}}, {1, 1}, true, false},
        {"two reads", {{READ(0)}, {READ(0)}}, {1, 1}, false, false},
        {"one lock",
         {{LOCK(0), WRITE(0), UNLOCK(0)}, {LOCK(0), WRITE(0), UNLOCK(0)}},
         {3, 3},
         false,
         false},
        {"two locks",
         {{LOCK(0), WRITE(0), UNLOCK(0)}, {LOCK(1), WRITE(0), UNLOCK(1)}},
         {3, 3},
         true,
         false},
        {"behind the lock",
         {{LOCK(0), UNLOCK(0), WRITE(0)}, {LOCK(0), READ(0), UNLOCK(0)}},
         {3, 3},
         true,
         false},
        {"release, acquire",
         {{WRITE(0), STORE(0, RELEASE)}, {IF(0, ACQUIRE), READ(0)}},
         {2, 2},
         false,
         false},
        {"relaxed store",
         {{WRITE(0), STORE(0, RELAXED)}, {IF(0, ACQUIRE), READ(0)}},
         {2, 2},
         true,
         false},
        {"relaxed load",
         {{WRITE(0), STORE(0, RELEASE)}, {IF(0, RELAXED), READ(0)}},
         {2, 2},
         true,
         true},
        {"sequentially consistent",
         {{WRITE(0), STORE(0, SEQ_CST)}, {IF(0, SEQ_CST), READ(0)}},
         {2, 2},
         false,
         false},
        {"release fence",
         {{WRITE(0), FENCE(RELEASE), STORE(0, RELAXED)}, {IF(0, ACQUIRE), READ(0)}},
         {3, 2},
         false,
         false},
        {"fence too late",
         {{WRITE(0), STORE(0, RELAXED), FENCE(RELEASE)}, {IF(0, ACQUIRE), READ(0)}},
         {3, 2},
         true,
         false},
        {"release sequence",
         {{WRITE(0), STORE(0, RELEASE)}, {ADD(0, RELAXED)}, {IF(0, ACQUIRE), READ(0)}},
         {2, 1, 2},
         true,
         false},
        {"release sequence, kept",
         {{WRITE(0), STORE(0, RELEASE), ADD(0, RELAXED)}, {IF(0, ACQUIRE), READ(0)}},
         {3, 2},
         false,
         false},
        {"overwritten",
         {{WRITE(0), STORE(0, RELEASE)}, {STORE(0, RELEASE)}, {IF(0, ACQUIRE), READ(0)}},
         {2, 1, 2},
         true,
         false},
        {"read and looked at again",
         {{WRITE(0), STORE(0, RELEASE)}, {LOAD(0, ACQUIRE), IF(0, RELAXED), WRITE(0)}},
         {2, 3},
         true,
         true},
        {"told behind a lock",
         {{WRITE(0), LOCK(0), UNLOCK(0), STORE(0, RELAXED)},
          {LOCK(0), UNLOCK(0), IF(0, ACQUIRE), WRITE(0)}},
         {4, 4},
         true,
         true},
};

static void load_program(const struct program *c, bool exact)
{
	memset(&toy, 0, sizeof toy);
	memcpy(toy.program, c->ops, sizeof toy.program);
	while (toy.system.count < RACE_CONTEXTS && c->lengths[toy.system.count]) {
		toy.length[toy.system.count] = c->lengths[toy.system.count];
		toy.system.count++;
	}
	toy.exact = exact;
	race_toy_start(&toy);
}

TEST_EACH(race, litmus, programs)
{
	load_program(c, false);
	all.count = 0;
	search_all(0);
	load_program(c, false);
	run(SIM_STRATEGY_EXHAUSTIVE);
	assert_eq_int(toy.racy != 0, c->racy);
	load_program(c, false);
	run(SIM_STRATEGY_STATEFUL);
	assert_eq_int(toy.racy != 0, c->racy && !c->hidden);
	assert_true(toy.uses.told || !c->hidden);
	load_program(c, true);
	run(SIM_STRATEGY_STATEFUL);
	assert_eq_int(toy.racy != 0, c->racy);
}

/* Races found by the accesses of a test, made one by one. */
static struct sim_race_state shadow;
static unsigned found_count;

static void count_race(void *user, const struct sim_race_entry *earlier,
                       const struct sim_race_access *now)
{
	(void)user;
	(void)earlier;
	(void)now;
	found_count++;
}

static void touch(unsigned context, uint64_t address, uint64_t size, uint8_t kind)
{
	const struct sim_race_access access = {
	        .address = address, .size = size, .context = (uint8_t)context, .kind = kind};

	sim_race_access(&shadow, &access, count_race, NULL);
}

static void begin(void)
{
	sim_race_begin(&shadow);
	found_count = 0;
}

TEST(race_shadow, bytes_must_overlap)
{
	begin();
	touch(0, 0x100, 4, SIM_RACE_WRITE);
	touch(1, 0x104, 4, SIM_RACE_WRITE);
	assert_eq_u64(found_count, 0);
	touch(1, 0x103, 2, 0);
	assert_eq_u64(found_count, 1);
	touch(2, 0xf9, 8, 0);
	assert_eq_u64(found_count, 2);
}

TEST(race_shadow, a_range_races_with_each_of_its_words)
{
	begin();
	touch(0, 0x100, 200, SIM_RACE_WRITE);
	touch(1, 0x1c0, 8, 0);
	assert_eq_u64(found_count, 1);
	touch(1, 0x1c8, 8, 0);
	assert_eq_u64(found_count, 1);
}

TEST(race_shadow, atomics_race_with_what_is_none)
{
	begin();
	touch(0, 0x100, 8, SIM_RACE_WRITE | SIM_RACE_ATOMIC);
	touch(1, 0x100, 8, SIM_RACE_WRITE | SIM_RACE_ATOMIC);
	assert_eq_u64(found_count, 0);
	touch(2, 0x100, 8, 0);
	assert_eq_u64(found_count, 2);
}

/* An atomic write does not stand for the plain one before it: an atomic read races with that. */
TEST(race_shadow, a_plain_write_is_not_forgotten_for_an_atomic_one)
{
	begin();
	touch(0, 0x100, 8, SIM_RACE_WRITE);
	sim_race_release(&shadow, 0, 1, true);
	touch(0, 0x100, 8, SIM_RACE_WRITE | SIM_RACE_ATOMIC);
	touch(1, 0x100, 8, SIM_RACE_ATOMIC);
	assert_eq_u64(found_count, 1);
}

TEST(race_shadow, what_is_freed_is_forgotten)
{
	begin();
	touch(0, 0x100, 16, SIM_RACE_WRITE);
	touch(0, 0x110, 8, SIM_RACE_WRITE);
	sim_race_forget(&shadow, 0x100, 16);
	touch(1, 0x100, 16, SIM_RACE_WRITE);
	assert_eq_u64(found_count, 0);
	touch(1, 0x110, 8, SIM_RACE_WRITE);
	assert_eq_u64(found_count, 1);
}

/* Where ordered accesses follow each other, the shadow does not grow. */
TEST(race_shadow, room_is_used_again)
{
	begin();
	for (unsigned i = 0; i < 3 * SIM_RACE_ENTRIES; i++) {
		unsigned context = i % 2;

		sim_race_acquire(&shadow, context, 1);
		touch(context, 0x100 + 8 * (i % 8), 8, i % 3 ? SIM_RACE_WRITE : 0);
		sim_race_release(&shadow, context, 1, true);
	}
	assert_eq_u64(found_count, 0);
	assert_true(shadow.entry_count <= 32);
	assert_true(!shadow.full);
}

TEST(race_shadow, limits_are_told)
{
	begin();
	for (unsigned i = 0; i < SIM_RACE_ENTRIES; i++)
		touch(0, 0x100 + 8ull * i, 8, 0);
	assert_true(!shadow.full);
	touch(0, 0x100 + 8ull * SIM_RACE_ENTRIES, 8, 0);
	assert_true(shadow.full);
	begin();
	for (unsigned i = 0; i < SIM_RACE_SYNCS; i++)
		sim_race_release(&shadow, 0, 1 + i, true);
	assert_true(!shadow.full);
	sim_race_release(&shadow, 0, 1 + SIM_RACE_SYNCS, true);
	assert_true(shadow.full);
	begin();
	for (unsigned i = 0; i < SIM_RACE_EPOCHS; i++)
		sim_race_release(&shadow, 0, 1, true);
	assert_true(shadow.full);
}

TEST(race_shadow, a_copy_goes_on_like_the_original)
{
	static uint8_t bytes[sizeof(struct sim_race_state)];

	begin();
	touch(0, 0x100, 8, SIM_RACE_WRITE);
	sim_race_release(&shadow, 0, 7, true);
	assert_eq_u64(sim_race_save(&shadow, bytes), sim_race_save(&shadow, bytes));
	sim_race_acquire(&shadow, 1, 7);
	touch(1, 0x108, 8, SIM_RACE_WRITE);
	sim_race_load_bytes(&shadow, bytes);
	touch(2, 0x108, 8, SIM_RACE_WRITE);
	assert_eq_u64(found_count, 0);
	touch(1, 0x100, 8, SIM_RACE_WRITE);
	assert_eq_u64(found_count, 1);
}
