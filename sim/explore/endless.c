/* SPDX-License-Identifier: MIT */
#include "sim/explore/endless.h"

#include <string.h>

#include "sim/explore/search.h"

/* Steps in which nothing ends before a search looks at the states of its path. */
static const uint32_t patience[SIM_STRATEGY_COUNT] = {
        [SIM_STRATEGY_STATEFUL] = 1024, /* it knows states again by itself */
        [SIM_STRATEGY_DPOR] = 16,       [SIM_STRATEGY_EXHAUSTIVE] = 16,
        [SIM_STRATEGY_BOUNDED] = 16,    [SIM_STRATEGY_PORTFOLIO] = 16, /* of its opening */
};

/* A state on the current path, by depth. Those are filled in whose chunk is watched. */
struct state {
	uint64_t future; /* what decides how it goes on, */
	uint64_t whole;  /* and all of it */
	uint32_t able;   /* actors that can go */
	uint32_t went;   /* the one that did */
};

/* SIM_ENDLESS_CHUNK steps of the current path. */
struct chunk {
	uint64_t progress; /* at its first state */
	uint32_t since;    /* the first chunk with that progress */
};

struct sim_endless {
	struct state *states;
	uint32_t state_room;
	struct chunk *chunks;
	uint32_t chunk_room;
	uint32_t back;
	uint8_t *home; /* the state from which something is tried */
	uint8_t *scratch;
	uint32_t known[SIM_EXPLORE_FINDINGS]; /* contexts whose path is short already */
	unsigned known_count;
};

struct sim_trail_state {
	uint64_t future;
	uint32_t able;
	uint32_t went;
};

static uint64_t future_of(struct sim_explore_system *system, uint8_t *scratch)
{
	size_t size;

	if (system->class->future)
		return system->class->future(system);
	size = system->class->save(system, scratch);
	return system->class->hash(system, scratch, size);
}

uint64_t sim_explore_progress(const struct sim_explore_system *system)
{
	if (system->class->progress)
		return system->class->progress(system);
	return system->count - (unsigned)__builtin_popcount(system->unfinished);
}

static uint32_t actors_of(const struct sim_explore_system *system, uint32_t contexts)
{
	uint32_t actors = 0;

	if (!system->class->siblings)
		return contexts;
	for (; contexts; contexts &= contexts - 1)
		actors |= system->class->siblings(system, sim_search_lowest(contexts));
	return actors;
}

static uint32_t limit_of(const struct sim_explore_system *system)
{
	return system->endless_after ? system->endless_after : SIM_EXPLORE_ENDLESS_AFTER;
}

void sim_turns_begin(struct sim_turn_taking *turns, struct sim_explore_system *system,
                     uint8_t *scratch)
{
	*turns = (struct sim_turn_taking){.system = system,
	                                  .progress = sim_explore_progress(system)};
	turns->scratch = scratch;
}

enum sim_turn_state sim_turns_look(struct sim_turn_taking *turns)
{
	struct sim_explore_system *system = turns->system;
	uint64_t progress = sim_explore_progress(system);

	if (!system->enabled)
		return SIM_TURN_ENDED;
	if (progress != turns->progress) {
		turns->progress = progress;
		turns->quiet = turns->went = 0;
		turns->round = (struct sim_round){0};
	}
	if (sim_round_closes(&turns->round, future_of(system, turns->scratch),
	                     actors_of(system, system->enabled)))
		return SIM_TURN_ROUND;
	return turns->quiet >= limit_of(system) ? SIM_TURN_NO_END : SIM_TURN_ON;
}

unsigned sim_turns_next(struct sim_turn_taking *turns)
{
	uint32_t enabled = turns->system->enabled, actor;
	unsigned c = sim_search_lowest(enabled);

	for (uint32_t left = enabled; left; left &= left - 1)
		if (turns->went_at[sim_search_lowest(left)] < turns->went_at[c])
			c = sim_search_lowest(left);
	actor = actors_of(turns->system, 1u << c);
	turns->number++;
	for (uint32_t left = actor; left; left &= left - 1)
		turns->went_at[sim_search_lowest(left)] = turns->number;
	sim_round_went(&turns->round, actor);
	turns->went |= actor;
	turns->quiet++;
	return c;
}

void sim_endless_begin(struct sim_search *search)
{
	search->endless = g_new0(struct sim_endless, 1);
	search->watched = NULL;
}

void sim_endless_end(struct sim_search *search)
{
	g_free(search->endless->states);
	g_free(search->endless->chunks);
	g_free(search->endless->home);
	g_free(search->endless->scratch);
	g_clear_pointer(&search->endless, g_free);
	g_clear_pointer(&search->watched, g_free);
}

static void make_buffers(struct sim_search *search)
{
	struct sim_endless *endless = search->endless;

	if (endless->home)
		return;
	endless->home = g_malloc(search->system->snapshot_max);
	endless->scratch = g_malloc(search->system->snapshot_max);
}

/* A step that counts for nothing but the time it takes. */
static void take_step(struct sim_search *search, unsigned c)
{
	search->path[search->depth++] = (uint8_t)c;
	if (search->trap_count && sim_search_trapped(search, c))
		return;
	search->system->class->step(search->system, c);
	sim_search_arrive(search);
}

/* Turns from where the search is, as long as it takes or there is room; their steps join the path.
 */
static enum sim_turn_state take_turns(struct sim_search *search, struct sim_turn_taking *turns)
{
	uint32_t room = SIM_EXPLORE_DEPTH - search->base;
	enum sim_turn_state state = SIM_TURN_ON;

	sim_turns_begin(turns, search->system, search->endless->scratch);
	while (!search->ended && search->depth < room &&
	       (state = sim_turns_look(turns)) == SIM_TURN_ON)
		take_step(search, sim_turns_next(turns));
	return state;
}

/* A path whose last `round` steps, if any, come again for ever. */
struct path {
	uint8_t *steps;
	uint32_t length;
	uint32_t round;
	uint32_t contexts;
};

/* The hashes of the states before each step of the path, and behind the last. */
static uint64_t *futures_on(struct sim_search *search, const struct path *path)
{
	struct sim_explore_system *system = search->system;
	uint64_t *futures = g_new(uint64_t, path->length + 1);

	system->class->load(system, search->start);
	for (uint32_t i = 0; i < path->length; i++) {
		futures[i] = future_of(system, search->endless->scratch);
		system->class->step(system, path->steps[i]);
	}
	futures[path->length] = future_of(system, search->endless->scratch);
	sim_explore_drop_noted(system);
	return futures;
}

/*
 * The last depth of each state on the path; of a state of the round, whose depth follows from where
 * it is entered, the depth in the round.
 */
static GHashTable *last_depths(const struct path *path, const uint64_t *futures)
{
	GHashTable *depths = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (uint32_t i = 0; i < path->length; i++)
		g_hash_table_insert(depths, (void *)(uintptr_t)&futures[i], GUINT_TO_POINTER(i));
	return depths;
}

/* Without the ways back on the way to the round, which is entered where it is met first. */
static void shorten_round(struct sim_search *search, struct path *path)
{
	g_autofree uint64_t *futures = futures_on(search, path);
	g_autoptr(GByteArray) shorter = g_byte_array_new();
	GHashTable *depths = last_depths(path, futures);
	uint32_t first = path->length - path->round, count = 0, at = 0;
	uint8_t *steps = g_byte_array_set_size(shorter, path->length)->data;

	while ((at = GPOINTER_TO_UINT(g_hash_table_lookup(depths, &futures[at]))) < first)
		steps[count++] = path->steps[at++];
	for (uint32_t i = 0; i < path->round; i++)
		steps[count++] = path->steps[first + (at - first + i) % path->round];
	memcpy(path->steps, steps, count);
	path->length = count;
	g_hash_table_destroy(depths);
}

/* No step at all is needed where taking turns from the beginning does not end either. */
static void shorten_no_end(struct sim_search *search, struct path *path)
{
	struct sim_explore_system *system = search->system;
	struct sim_turn_taking turns;
	enum sim_turn_state state;

	system->class->load(system, search->start);
	sim_turns_begin(&turns, system, search->endless->scratch);
	while ((state = sim_turns_look(&turns)) == SIM_TURN_ON && !system->lost)
		system->class->step(system, sim_turns_next(&turns));
	sim_explore_drop_noted(system);
	if (state != SIM_TURN_NO_END)
		return;
	path->length = 0;
	path->contexts = turns.went;
}

/* The path of the first finding about some contexts is made short. */
static void shorten(struct sim_search *search, struct path *path)
{
	struct sim_endless *endless = search->endless;

	for (unsigned i = 0; i < endless->known_count; i++)
		if (endless->known[i] == path->contexts)
			return;
	if (endless->known_count < G_N_ELEMENTS(endless->known))
		endless->known[endless->known_count++] = path->contexts;
	if (path->round)
		shorten_round(search, path);
	else
		shorten_no_end(search, path);
}

/* Notes that the path does not end; the execution has failed at `depth`, its state is in `home`. */
static void note(struct sim_search *search, uint32_t depth, struct path *path)
{
	struct sim_explore_system *system = search->system;
	uint8_t *kept = g_memdup2(search->path, depth);

	if (!search->muted)
		shorten(search, path);
	system->class->load(system, search->endless->home);
	memcpy(search->path, path->steps, path->length);
	search->depth = path->length;
	system->class->endless(system, path->contexts);
	sim_search_arrive(search);
	if (depth)
		memcpy(search->path, kept, depth);
	search->depth = depth;
	system->failed = true;
	system->enabled = 0;
	g_free(kept);
}

/* The current path, which has gone on to its present depth. */
static void note_current(struct sim_search *search, uint32_t depth, uint32_t round,
                         uint32_t contexts)
{
	struct path path = {.steps = g_memdup2(search->path, search->depth),
	                    .length = search->depth,
	                    .round = round,
	                    .contexts = contexts};

	note(search, depth, &path);
	g_free(path.steps);
}

/* Of turns that began at this depth: true, with a finding, if they do not end. */
static bool judge_turns(struct sim_search *search, const struct sim_turn_taking *turns,
                        enum sim_turn_state state, uint32_t depth)
{
	if (state == SIM_TURN_ROUND) {
		note_current(search, depth, (uint32_t)turns->round.steps, turns->round.went);
	} else if (state == SIM_TURN_NO_END) {
		search->depth = depth;
		note_current(search, depth, 0, turns->went);
	}
	return state == SIM_TURN_ROUND || state == SIM_TURN_NO_END;
}

/* Whether the execution does not end though all contexts go; if it does, the state is as before. */
static bool never_ends(struct sim_search *search)
{
	struct sim_explore_system *system = search->system;
	struct sim_turn_taking turns;
	uint32_t depth = search->depth;
	bool muted = search->muted;
	enum sim_turn_state state;

	make_buffers(search);
	system->class->save(system, search->endless->home);
	search->muted = true;
	state = take_turns(search, &turns);
	search->muted = muted;
	if (search->ended)
		return false;
	if (judge_turns(search, &turns, state, depth))
		return true;
	search->depth = depth;
	system->class->load(system, search->endless->home);
	return false;
}

bool sim_endless_drawn(struct sim_search *search, uint32_t quiet)
{
	struct sim_explore_system *system = search->system;
	struct sim_turn_taking turns;
	uint32_t depth = search->depth;

	if (!system->class->endless)
		return false;
	if (quiet < limit_of(system))
		return never_ends(search);
	/* chance keeps those from going who could end it */
	make_buffers(search);
	system->class->save(system, search->endless->home);
	sim_turns_begin(&turns, system, search->endless->scratch);
	while (!search->ended && search->depth < search->max_depth) {
		enum sim_turn_state state = sim_turns_look(&turns);

		if (state != SIM_TURN_ON)
			return judge_turns(search, &turns, state, depth);
		take_step(search, sim_turns_next(&turns));
		if (sim_explore_progress(system) != turns.progress)
			break;
	}
	return false;
}

static void reserve(struct sim_search *search)
{
	struct sim_endless *endless = search->endless;
	uint32_t chunk = search->depth / SIM_ENDLESS_CHUNK;

	if (chunk < endless->chunk_room)
		return;
	endless->chunk_room = 2 * chunk + 16;
	endless->chunks = g_renew(struct chunk, endless->chunks, endless->chunk_room);
	search->watched = g_renew(bool, search->watched, endless->chunk_room);
}

static uint32_t quiet_at(const struct sim_endless *endless, uint32_t chunk)
{
	return (chunk - endless->chunks[chunk].since) * SIM_ENDLESS_CHUNK;
}

static uint32_t patience_of(const struct sim_search *search)
{
	return patience[search->options->strategy];
}

static void begin_chunk(struct sim_search *search, uint32_t chunk)
{
	struct sim_endless *endless = search->endless;
	struct chunk *now;
	uint32_t quiet;

	reserve(search);
	now = &endless->chunks[chunk];
	now->progress = sim_explore_progress(search->system);
	now->since = chunk && now[-1].progress == now->progress ? now[-1].since : chunk;
	quiet = quiet_at(endless, chunk);
	search->watched[chunk] = quiet >= patience_of(search) && quiet < SIM_ENDLESS_LOOK;
}

/* The first depth from which on the states of the path are known up to this one. */
static uint32_t first_known(const struct sim_search *search)
{
	uint32_t since = search->endless->chunks[search->depth / SIM_ENDLESS_CHUNK].since;
	uint32_t first = since * SIM_ENDLESS_CHUNK + patience_of(search);

	if (search->depth > SIM_ENDLESS_WINDOW)
		first = MAX(first, search->depth - SIM_ENDLESS_WINDOW);
	return first;
}

static void note_state(struct sim_search *search)
{
	struct sim_endless *endless = search->endless;
	struct sim_explore_system *system = search->system;
	uint32_t depth = search->depth;
	struct state *state;
	size_t size;

	make_buffers(search);
	if (depth >= endless->state_room) {
		endless->state_room = 2 * depth;
		endless->states = g_renew(struct state, endless->states, endless->state_room);
	}
	state = &endless->states[depth];
	size = system->class->save(system, endless->scratch);
	state->whole = system->class->hash(system, endless->scratch, size);
	state->future = system->class->future ? system->class->future(system) : state->whole;
	state->able = actors_of(system, system->enabled);
	if (depth > first_known(search))
		state[-1].went = actors_of(system, 1u << search->path[depth - 1]);
}

/* The depth of the last state before this one with its future; UINT32_MAX: none. */
static uint32_t find_back(const struct sim_search *search)
{
	const struct state *states = search->endless->states;
	uint32_t depth = search->depth, first = first_known(search);

	for (uint32_t i = depth; i-- > first;)
		if (states[i].future == states[depth].future)
			return i;
	return UINT32_MAX;
}

/* The contexts that go on the way from the state at that depth; 0: it is not fair. */
static uint32_t fair_way(const struct sim_search *search, uint32_t from)
{
	const struct state *states = search->endless->states;
	uint32_t able = 0, went = 0;

	for (uint32_t i = from; i < search->depth; i++) {
		able |= states[i].able;
		went |= states[i].went;
	}
	return able & ~went ? 0 : went;
}

/* Whether all that can follow can follow from the earlier state, too. */
static bool covers(const struct sim_search *search, uint32_t back)
{
	enum sim_strategy strategy = search->options->strategy;

	if (strategy != SIM_STRATEGY_BOUNDED && strategy != SIM_STRATEGY_PORTFOLIO)
		return true;
	/* who goes on without a preemption has to be the same */
	return back && search->path[back - 1] == search->path[search->depth - 1];
}

static enum sim_way come_back(struct sim_search *search, uint32_t back)
{
	const struct state *states = search->endless->states;
	uint32_t went = fair_way(search, back);

	if (went) {
		search->system->class->save(search->system, search->endless->home);
		note_current(search, search->depth, search->depth - back, went);
		return SIM_WAY_ENDLESS;
	}
	if (!covers(search, back))
		return SIM_WAY_ON;
	if (never_ends(search))
		return SIM_WAY_ENDLESS;
	search->endless->back = back;
	return states[back].whole == states[search->depth].whole ? SIM_WAY_BACK : SIM_WAY_CUT;
}

/* At the beginning of a chunk in which states are not known again any more. */
static enum sim_way try_turns(struct sim_search *search, uint32_t quiet)
{
	if (quiet < SIM_ENDLESS_LOOK || (quiet & (quiet - 1)))
		return SIM_WAY_ON;
	if (never_ends(search))
		return SIM_WAY_ENDLESS;
	return quiet >= limit_of(search->system) ? SIM_WAY_CUT : SIM_WAY_ON;
}

enum sim_way sim_endless_arrive(struct sim_search *search)
{
	uint32_t chunk = search->depth / SIM_ENDLESS_CHUNK, back;
	bool begins = search->depth % SIM_ENDLESS_CHUNK == 0;

	if (begins)
		begin_chunk(search, chunk);
	if (!search->system->enabled || !search->system->class->endless || search->ended)
		return SIM_WAY_ON;
	if (!search->watched[chunk])
		return begins && !search->muted
		               ? try_turns(search, quiet_at(search->endless, chunk))
		               : SIM_WAY_ON;
	note_state(search);
	back = search->muted ? UINT32_MAX : find_back(search);
	return back == UINT32_MAX ? SIM_WAY_ON : come_back(search, back);
}

uint32_t sim_endless_back(const struct sim_search *search)
{
	return search->endless->back;
}

void sim_trail_begin(struct sim_trail *trail, struct sim_explore_system *system)
{
	*trail = (struct sim_trail){.system = system, .scratch = g_malloc(system->snapshot_max)};
}

static void add_state(struct sim_trail *trail)
{
	if (trail->count == trail->room) {
		trail->room = MAX(2 * trail->room, 256);
		trail->states = g_renew(struct sim_trail_state, trail->states, trail->room);
	}
	trail->states[trail->count++] =
	        (struct sim_trail_state){.future = future_of(trail->system, trail->scratch),
	                                 .able = actors_of(trail->system, trail->system->enabled)};
}

void sim_trail_step(struct sim_trail *trail, unsigned c)
{
	add_state(trail);
	trail->states[trail->count - 1].went = actors_of(trail->system, 1u << c);
}

/* The contexts that go on a fair way back to the last state; 0: there is none. */
static uint32_t round_of(struct sim_trail *trail)
{
	const struct sim_trail_state *last = &trail->states[trail->count - 1];
	uint32_t able = 0, went = 0;

	for (uint32_t i = trail->count - 1; i-- > 0;) {
		able |= trail->states[i].able;
		went |= trail->states[i].went;
		if (trail->states[i].future != last->future || able & ~went)
			continue;
		trail->round = trail->count - 1 - i;
		return went;
	}
	return 0;
}

/* The contexts that taking turns does not come to an end with; 0: it does. */
static uint32_t go_on(struct sim_trail *trail)
{
	struct sim_explore_system *system = trail->system;
	struct sim_turn_taking turns;
	enum sim_turn_state state;

	sim_turns_begin(&turns, system, trail->scratch);
	while ((state = sim_turns_look(&turns)) == SIM_TURN_ON && !system->lost)
		system->class->step(system, sim_turns_next(&turns));
	sim_explore_drop_noted(system);
	if (state == SIM_TURN_ROUND)
		return turns.round.went;
	return state == SIM_TURN_NO_END ? turns.went : 0;
}

bool sim_trail_judge(struct sim_trail *trail)
{
	struct sim_explore_system *system = trail->system;
	uint32_t contexts;

	if (!system->enabled || !system->class->endless)
		return false;
	add_state(trail);
	contexts = round_of(trail);
	if (!contexts)
		contexts = go_on(trail);
	if (contexts)
		system->class->endless(system, contexts);
	return contexts;
}

void sim_trail_end(struct sim_trail *trail)
{
	g_free(trail->states);
	g_free(trail->scratch);
}
