/* SPDX-License-Identifier: MIT */
#include "sim/schedule/endless.h"

#include <string.h>

#include "sim/explore/hash.h"
#include "sim/schedule/actor.h"
#include "sim/schedule/rounds.h"

G_STATIC_ASSERT(SIM_SYSTEM_END <= 32 && SHIM_MAX_CONTEXTS <= 32);

static size_t save_uncounted(struct world *world, uint8_t *bytes)
{
	uint32_t counts[WORLD_MAX_VMS];
	size_t size;

	for (unsigned i = 0; i < WORLD_MAX_VMS; i++) {
		counts[i] = world->state.vms[i].npi_count;
		world->state.vms[i].npi_count = 0;
	}
	size = world_save_bytes(world, bytes);
	for (unsigned i = 0; i < WORLD_MAX_VMS; i++)
		world->state.vms[i].npi_count = counts[i];
	return size;
}

uint64_t sim_run_future(struct sim_run *run, uint8_t *scratch)
{
	const struct sim_run_state *state = &run->state;
	size_t size = save_uncounted(run->world, scratch);
	uint64_t hash = sim_hash_bytes(SIM_HASH_SEED, scratch, size);

	hash = sim_hash_bytes(hash, state->actors, sizeof state->actors);
	for (unsigned i = 0; i < run->scenario->label_count; i++)
		hash = sim_hash_word(hash, state->results[i].done);
	return hash;
}

static char *name_all(const struct sim_run *run, uint32_t contexts)
{
	GString *text = g_string_new(NULL);

	for (uint32_t left = contexts; left; left &= left - 1) {
		const char *before = !text->len ? "" : left & (left - 1) ? ", " : " and ";

		g_string_append_printf(text, "%s%s", before,
		                       sim_actor_name(run, (uint32_t)__builtin_ctz(left)));
	}
	return g_string_free(text, FALSE);
}

void sim_report_no_end(struct sim_run *run, uint32_t contexts)
{
	g_autofree char *names = name_all(run, contexts);

	run->failed = true;
	sim_run_oracle(run, SIM_ORACLE_LIVENESS, SIM_VERDICT_LIVENESS,
	               "no end after %u scheduling points: something is retried without a bound, "
	               "by %s",
	               SIM_MAX_STOPS, names);
}

bool sim_run_is_stuck(const struct sim_run *run)
{
	return run->state.stops - run->state.ended_at > SIM_MAX_STOPS;
}

bool sim_report_endless(struct sim_run *run, uint32_t context)
{
	if (!sim_run_is_stuck(run))
		return false;
	sim_report_no_end(run, 1u << context);
	return true;
}

/* Actors taking turns: of those that can go, the one that went least recently. */
struct turns {
	struct sim_run *run;
	struct sim_round round;
	uint8_t *scratch;
	uint32_t went; /* actors, since a step ended */
	uint32_t went_at[SIM_SYSTEM_END];
};

static uint32_t able_actors(const struct sim_run *run)
{
	uint32_t able = 0;

	for (unsigned i = 0; i < SIM_SYSTEM_END; i++)
		if ((i < run->scenario->thread_count || i >= SIM_SYSTEM_SRI) &&
		    sim_actor_enabled(run, i, NULL))
			able |= 1u << i;
	return able;
}

static unsigned least_recent(const struct turns *turns, uint32_t able)
{
	unsigned best = (unsigned)__builtin_ctz(able);

	for (uint32_t left = able; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (turns->went_at[i] < turns->went_at[best])
			best = i;
	}
	return best;
}

static uint32_t contexts_of(const struct sim_run *run, uint32_t actors)
{
	uint32_t contexts = 0;

	for (uint32_t left = actors; left; left &= left - 1)
		contexts |= 1u << sim_actor_context(run, (unsigned)__builtin_ctz(left));
	return contexts;
}

/* Whether the step that the actor was at is over; of an actor of the system: never. */
static bool has_ended(const struct sim_run *run, unsigned actor, uint32_t step)
{
	return actor < SIM_SYSTEM_SRI && run->state.actors[actor].step != step;
}

/* The actor has gone. Nothing comes back to what was before a step has ended. */
static void note_turn(struct turns *turns, unsigned actor)
{
	sim_round_went(&turns->round, 1u << actor);
	turns->went |= 1u << actor;
	if (turns->run->state.ended_at != turns->run->state.stops)
		return;
	turns->round = (struct sim_round){0};
	turns->went = 0;
}

/* The actors that go on without an end; 0: that is not known yet. */
static uint32_t endless_actors(struct turns *turns, uint32_t able)
{
	struct sim_run *run = turns->run;

	if (sim_round_closes(&turns->round, sim_run_future(run, turns->scratch), able))
		return turns->round.went;
	return sim_run_is_stuck(run) ? turns->went : 0;
}

static enum sim_turns take_turns(struct turns *turns, unsigned stuck, uint64_t mask)
{
	struct sim_run *run = turns->run;
	uint32_t step = run->state.actors[stuck].step, able, endless;

	run->state.ended_at = run->state.stops;
	for (uint32_t i = 1; !has_ended(run, stuck, step) && (able = able_actors(run)); i++) {
		unsigned actor = least_recent(turns, able);

		endless = endless_actors(turns, able);
		if (endless) {
			sim_report_no_end(run, contexts_of(run, endless));
			return SIM_TURNS_ENDLESS;
		}
		turns->went_at[actor] = i;
		if (sim_actor_go(run, actor, -1, mask) == SIM_STOP_CRASHED)
			return SIM_TURNS_CRASHED;
		note_turn(turns, actor);
	}
	return SIM_TURNS_ON;
}

enum sim_turns sim_run_take_turns(struct sim_run *run, unsigned stuck, uint64_t mask)
{
	struct turns turns = {.run = run, .scratch = g_malloc(world_snapshot_limit())};
	enum sim_turns result = take_turns(&turns, stuck, mask);

	g_free(turns.scratch);
	return result;
}
