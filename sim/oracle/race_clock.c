/* SPDX-License-Identifier: MIT */
/* Happens-before: clocks of contexts and of what synchronises them. */
#include <string.h>

#include "sim/explore/hash.h"
#include "sim/oracle/race_state.h"

/* Of what a context read without acquiring it, and released by a fence. The kinds of the callers'
 * keys are below 0xf0. */
#define KEY_READ   (0xf0ull << 56)
#define KEY_FENCED (0xf1ull << 56)

void sim_race_begin(struct sim_race_state *state)
{
	memset(state, 0, offsetof(struct sim_race_state, syncs));
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++)
		state->clocks[i].at[i] = 1;
}

static void join(struct sim_race_clock *to, const struct sim_race_clock *from)
{
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++)
		to->at[i] = to->at[i] > from->at[i] ? to->at[i] : from->at[i];
}

static struct sim_race_sync *find(struct sim_race_state *state, uint64_t key)
{
	for (unsigned i = 0; i < state->sync_count; i++)
		if (state->syncs[i].key == key)
			return &state->syncs[i];
	return NULL;
}

static struct sim_race_sync *find_or_add(struct sim_race_state *state, uint64_t key)
{
	struct sim_race_sync *sync = find(state, key);

	if (sync)
		return sync;
	if (state->sync_count == SIM_RACE_SYNCS) {
		state->full |= SIM_RACE_FULL_SYNCS;
		return NULL;
	}
	sync = &state->syncs[state->sync_count++];
	memset(sync, 0, sizeof *sync);
	sync->key = key;
	return sync;
}

/* What the context does from here on is not covered by what it has given away. */
static void next_epoch(struct sim_race_state *state, unsigned context)
{
	uint16_t *own = &state->clocks[context].at[context];

	if (*own < SIM_RACE_EPOCHS)
		++*own;
	else
		state->full |= SIM_RACE_FULL_EPOCHS;
}

void sim_race_acquire(struct sim_race_state *state, unsigned context, uint64_t key)
{
	const struct sim_race_sync *sync = find(state, key);

	if (sync)
		join(&state->clocks[context], &sync->clock);
}

void sim_race_release(struct sim_race_state *state, unsigned context, uint64_t key, bool only)
{
	struct sim_race_sync *sync = find_or_add(state, key);

	if (!sync)
		return;
	if (only)
		sync->clock = state->clocks[context];
	else
		join(&sync->clock, &state->clocks[context]);
	next_epoch(state, context);
}

void sim_race_mark(struct sim_race_state *state, unsigned context)
{
	state->marks[context] = state->clocks[context].at[context];
}

void sim_race_order(struct sim_race_state *state, unsigned first, unsigned second)
{
	join(&state->clocks[second], &state->clocks[first]);
	next_epoch(state, first);
}

static bool acquires(int order)
{
	return order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE;
}

bool sim_race_releases(int order)
{
	return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

/* Ordered at once, or by an acquire fence that follows. */
void sim_race_load(struct sim_race_state *state, unsigned context, uint64_t key, int order)
{
	const struct sim_race_sync *sync = find(state, key);
	struct sim_race_sync *read;

	if (!sync)
		return;
	if (acquires(order)) {
		join(&state->clocks[context], &sync->clock);
		return;
	}
	read = find_or_add(state, KEY_READ | context);
	/* no entry moves when one is added */
	if (read)
		join(&read->clock, &sync->clock);
}

/* A store that does not release gives away what a release fence before it did. */
static void store_relaxed(struct sim_race_state *state, unsigned context, uint64_t key, bool only)
{
	const struct sim_race_sync *fenced = find(state, KEY_FENCED | context);
	struct sim_race_sync *sync = fenced ? find_or_add(state, key) : find(state, key);

	if (!sync)
		return;
	if (only)
		memset(&sync->clock, 0, sizeof sync->clock);
	if (fenced)
		join(&sync->clock, &fenced->clock);
}

void sim_race_store(struct sim_race_state *state, unsigned context, uint64_t key, int order)
{
	if (sim_race_releases(order))
		sim_race_release(state, context, key, true);
	else
		store_relaxed(state, context, key, true);
}

/* Part of the release sequence that it goes on, whatever its order. */
void sim_race_exchange(struct sim_race_state *state, unsigned context, uint64_t key, int order)
{
	sim_race_load(state, context, key, order);
	if (sim_race_releases(order))
		sim_race_release(state, context, key, false);
	else
		store_relaxed(state, context, key, false);
}

void sim_race_fence(struct sim_race_state *state, unsigned context, int order)
{
	if (acquires(order))
		sim_race_acquire(state, context, KEY_READ | context);
	if (sim_race_releases(order))
		sim_race_release(state, context, KEY_FENCED | context, true);
}

/* The location's row, taken by whichever process comes first; SIM_RACE_LOCATIONS if all are. */
static unsigned find_use(struct sim_race_uses *uses, uint64_t key)
{
	unsigned i = 0;

	for (; i < SIM_RACE_LOCATIONS; i++) {
		uint64_t there = 0;

		if (__atomic_compare_exchange_n(&uses->locations[i].key, &there, key, false,
		                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ||
		    there == key)
			break;
	}
	return i;
}

/* Whether the two sets have different contexts in them, one each. */
static bool differ(uint32_t a, uint32_t b)
{
	return a && b && (a != b || a & (a - 1));
}

void sim_race_note_use(struct sim_race_uses *uses, unsigned context, uint64_t key, bool reads,
                       bool writes, int order)
{
	uint32_t bit = 1u << context;
	unsigned row = find_use(uses, key);
	struct sim_race_use *use, now;

	if (row == SIM_RACE_LOCATIONS) {
		uses->told = true;
		return;
	}
	use = &uses->locations[row];
	__atomic_fetch_or(&use->read, reads ? bit : 0, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&use->written, writes ? bit : 0, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&use->read_relaxed, reads && !acquires(order) ? bit : 0,
	                  __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&use->written_relaxed, writes && !sim_race_releases(order) ? bit : 0,
	                  __ATOMIC_SEQ_CST);
	/* behind all four: of two processes at least one sees both */
	now.read = __atomic_load_n(&use->read, __ATOMIC_SEQ_CST);
	now.written = __atomic_load_n(&use->written, __ATOMIC_SEQ_CST);
	now.read_relaxed = __atomic_load_n(&use->read_relaxed, __ATOMIC_SEQ_CST);
	now.written_relaxed = __atomic_load_n(&use->written_relaxed, __ATOMIC_SEQ_CST);
	if (differ(now.read_relaxed, now.written) || differ(now.read, now.written_relaxed))
		uses->told = true;
}

/* Who comes behind all that the context did up to the epoch. */
static uint64_t who_follows(const struct sim_race_state *state, unsigned context, uint16_t epoch,
                            uint32_t live)
{
	uint32_t contexts = 0;
	uint64_t syncs = 0;

	for (uint32_t left = live & ~(1u << context); left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);

		contexts |= (uint32_t)(state->clocks[c].at[context] >= epoch) << c;
	}
	if (contexts == (live & ~(1u << context)))
		return 0;
	for (unsigned i = 0; i < state->sync_count; i++)
		if (state->syncs[i].clock.at[context] >= epoch)
			syncs += sim_hash_word(SIM_HASH_SEED, state->syncs[i].key);
	return sim_hash_word(syncs, contexts) | 1;
}

uint64_t sim_race_key(const struct sim_race_state *state, uint32_t live, bool exact)
{
	uint64_t sum = 0, follows = 0;
	unsigned context = SHIM_MAX_CONTEXTS;
	uint16_t epoch = 0;

	for (unsigned i = 0; i < state->entry_count; i++) {
		const struct sim_race_entry *entry = &state->entries[i];
		uint64_t what = (uint64_t)entry->word << 32 | (uint32_t)entry->bytes << 16 |
		                (uint32_t)entry->context << 8 | entry->kind;

		if (!entry->bytes || (!exact && entry->epoch < state->marks[entry->context]))
			continue;
		if (entry->context != context || entry->epoch != epoch) {
			context = entry->context;
			epoch = entry->epoch;
			follows = who_follows(state, context, epoch, live);
		}
		if (follows)
			sum += sim_hash_word(sim_hash_word(follows, entry->pc), what);
	}
	return sum;
}
