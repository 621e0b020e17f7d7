/* SPDX-License-Identifier: MIT */
#include "sim/explore/await_run.h"

#include <string.h>

#include "sim/explore/await.h"
#include "sim/explore/hash.h"
#include "sim/explore/random.h"

#define WARM_UP_RUNS  64u
#define WARM_UP_STEPS 512u
#define STAY          4u /* in every other run a context goes on so often before another is drawn */

/* A stop at an access, while one context ran alone. */
struct stop {
	uint64_t pc;
	uint64_t sp;
	uint64_t state;
};

struct sim_await_run {
	struct sim_run *run;
	uint64_t mask;
	struct sim_await sites;
	uint8_t *before; /* of a look ahead */
	uint8_t *scratch;
	struct stop stops[SIM_AWAIT_STEPS]; /* of a warm-up run */
	unsigned stop_count;
};

struct sim_await_run *sim_await_run_new(struct sim_run *run, uint64_t mask)
{
	struct sim_await_run *await = g_new0(struct sim_await_run, 1);

	await->run = run;
	await->mask = mask;
	await->before = g_malloc(world_snapshot_limit());
	await->scratch = g_malloc(world_snapshot_limit());
	return await;
}

void sim_await_run_free(struct sim_await_run *await)
{
	if (!await)
		return;
	g_free(await->before);
	g_free(await->scratch);
	g_free(await);
}

static const struct shim_slot *slot_of(const struct sim_await_run *await, uint32_t context)
{
	return shim_slot(&await->run->world->link->map, context);
}

static bool at_access(const struct sim_await_run *await, uint32_t context)
{
	const struct shim_slot *slot = slot_of(await, context);

	return slot->state == SHIM_SLOT_STOPPED && SHIM_MASK_MEMORY >> slot->point & 1;
}

/* Of the machine: what the oracles remember does not decide how a loop goes on. */
static uint64_t state_of(struct sim_await_run *await)
{
	size_t size = world_save_bytes(await->run->world, await->scratch);

	return sim_hash_bytes(SIM_HASH_SEED, await->scratch, size);
}

/* Every stop on the way round is a place of the loop. */
static void note_loop(struct sim_await_run *await, unsigned first)
{
	for (unsigned i = first; i < await->stop_count; i++) {
		struct sim_await_site *site = sim_await_note(&await->sites, await->stops[i].pc);

		if (site)
			site->spins = true;
	}
}

static void learn_stop(struct sim_await_run *await, uint32_t context)
{
	const struct shim_slot *slot = slot_of(await, context);
	struct stop stop = {.pc = slot->pc, .sp = slot->sp};

	if (!at_access(await, context)) {
		await->stop_count = 0;
		return;
	}
	stop.state = state_of(await);
	for (unsigned i = await->stop_count; i-- > 0;)
		if (await->stops[i].pc == stop.pc && await->stops[i].sp == stop.sp &&
		    await->stops[i].state == stop.state) {
			note_loop(await, i);
			await->stop_count = 0;
			break;
		}
	if (await->stop_count == SIM_AWAIT_STEPS)
		await->stop_count = 0;
	await->stops[await->stop_count++] = stop;
}

static unsigned draw(struct sim_random *random, uint32_t enabled)
{
	uint32_t n = sim_random_below(random, (uint32_t)__builtin_popcount(enabled));

	while (n--)
		enabled &= enabled - 1;
	return (unsigned)__builtin_ctz(enabled);
}

static void warm_up(struct sim_await_run *await, struct sim_explore_system *system,
                    struct sim_random *random, unsigned stay,
                    uint32_t (*context_of)(struct sim_explore_system *system, unsigned c))
{
	unsigned last = SIM_EXPLORE_CONTEXTS;

	for (unsigned i = 0; system->enabled && i < WARM_UP_STEPS; i++) {
		unsigned c = last;

		if (c == SIM_EXPLORE_CONTEXTS || !(system->enabled >> c & 1) ||
		    sim_random_below(random, stay) == 0)
			c = draw(random, system->enabled);
		if (c != last) {
			await->stop_count = 0;
			learn_stop(await, context_of(system, c));
		}
		last = c;
		system->class->step(system, c);
		learn_stop(await, context_of(system, c));
	}
}

void sim_await_run_learn(struct sim_await_run *await, struct sim_explore_system *system,
                         uint32_t (*context_of)(struct sim_explore_system *system, unsigned c))
{
	g_autofree uint8_t *home = g_malloc(system->snapshot_max);
	struct sim_random random;

	system->class->save(system, home);
	await->run->world->quiet = true;
	for (unsigned i = 0; i < WARM_UP_RUNS && !system->lost; i++) {
		await->stop_count = 0;
		sim_random_seed(&random, i, 0);
		warm_up(await, system, &random, i % 2 ? STAY : 1, context_of);
		if (!system->lost)
			system->class->load(system, home);
	}
	await->run->world->quiet = false;
	sim_explore_drop_noted(system);
}

bool sim_await_run_may_wait(const struct sim_await_run *await, uint32_t context)
{
	return at_access(await, context) &&
	       sim_await_is(&await->sites, slot_of(await, context)->pc);
}

/* Goes on alone as long as there are accesses; true: it came back. */
static bool comes_back(struct sim_await_run *await, uint32_t context)
{
	const struct shim_slot *slot = slot_of(await, context);
	uint64_t pc = slot->pc, sp = slot->sp, state = state_of(await);

	for (unsigned i = 0; i < SIM_AWAIT_STEPS; i++) {
		if (world_resume(await->run->world, context, await->mask) != WORLD_STOP_POINT ||
		    !at_access(await, context))
			return false;
		if (slot->pc == pc && slot->sp == sp && state_of(await) == state)
			return true;
	}
	return false;
}

bool sim_await_run_waits(struct sim_await_run *await, uint32_t context,
                         struct sim_footprint_run *watch, const struct sim_footprint **ret_reads)
{
	struct world *world = await->run->world;
	bool was_quiet = world->quiet, waits;

	world_save_bytes(world, await->before);
	world->quiet = true;
	if (watch)
		sim_footprint_run_look(watch);
	waits = comes_back(await, context);
	if (watch)
		*ret_reads = sim_footprint_run_looked(watch);
	world->quiet = was_quiet;
	world_wipe_after(world, context);
	world_load_wiped(world, await->before);
	return waits;
}

unsigned sim_await_run_sites(const struct sim_await_run *await)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SIM_AWAIT_SITES; i++)
		count += await->sites.sites[i].spins;
	return count;
}
