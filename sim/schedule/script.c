/* SPDX-License-Identifier: MIT */
#include "sim/schedule/script.h"

#include <string.h>

#include "sim/schedule/actor.h"
#include "sim/schedule/crash.h"
#include "sim/schedule/deadlock.h"
#include "sim/schedule/diverge.h"
#include "sim/schedule/endless.h"

static const struct shim_slot *slot_of(const struct sim_run *run, unsigned actor)
{
	return shim_slot(&run->world->link->map, sim_actor_context(run, actor));
}

static bool object_matches(const struct sim_run *run, unsigned actor, const struct sim_until *until)
{
	struct world_object object;
	uint32_t holder;
	uint16_t owner = 0;

	if (!world_object(run->world, sim_actor_context(run, actor), &object, &holder))
		return false;
	if (until->lock_vm >= 0)
		owner = run->scenario->machine.vms[until->lock_vm].id.v;
	return strcmp(object.class_name, until->lock_class) == 0 && object.owner.v == owner;
}

static bool vm_matches(const struct sim_run *run, unsigned actor, const struct sim_until *until)
{
	return until->vm < 0 ||
	       slot_of(run, actor)->arg[0] == run->scenario->machine.vms[until->vm].id.v;
}

/* The memory of VMs lies one behind the other; the hypervisor's comes first. */
static bool memory_matches(const struct sim_run *run, unsigned actor, const struct sim_until *until)
{
	uint64_t offset = slot_of(run, actor)->arg[0] - SHIM_MEMORY_BASE;

	return until->vm < 0 || offset / SHIM_ENDPOINT_SIZE == (uint64_t)until->vm + 1;
}

static bool fid_matches(const struct sim_run *run, unsigned actor, const struct sim_until *until)
{
	return until->fid == 0 || (uint32_t)slot_of(run, actor)->regs.x[0] == until->fid;
}

static bool smc_matches(const struct sim_run *run, unsigned actor, const struct sim_until *until)
{
	return until->fid == 0 ||
	       run->world->state.contexts[sim_actor_context(run, actor)].smc == until->fid;
}

/* Which point an "until" waits for, and what must match there. */
struct until_rule {
	uint64_t points;
	bool (*matches)(const struct sim_run *run, unsigned actor, const struct sim_until *until);
};

static const struct until_rule until_rules[] = {
        [SIM_UNTIL_SMC] = {SHIM_MASK(SMC), fid_matches},
        [SIM_UNTIL_SMC_DONE] = {SHIM_MASK(SMC_DONE), smc_matches},
        [SIM_UNTIL_LOCK] = {SHIM_MASK(LOCK) | SHIM_MASK(TRYLOCK), object_matches},
        [SIM_UNTIL_UNLOCK] = {SHIM_MASK(UNLOCK), object_matches},
        [SIM_UNTIL_UNLOCKED] = {SHIM_MASK(UNLOCKED), object_matches},
        [SIM_UNTIL_INJECT] = {SHIM_MASK(INJECT), vm_matches},
        [SIM_UNTIL_ONLINE] = {SHIM_MASK(ONLINE), vm_matches},
        [SIM_UNTIL_ALLOC] = {SHIM_MASK(ALLOC), NULL},
        [SIM_UNTIL_GUEST_LOAD] = {SHIM_MASK(GUEST_LOAD), memory_matches},
        [SIM_UNTIL_GUEST_STORE] = {SHIM_MASK(GUEST_STORE), memory_matches},
};

_Static_assert(G_N_ELEMENTS(until_rules) == SIM_UNTIL_COUNT, "every condition has a place");

static bool at_point(const struct sim_run *run, unsigned actor, const struct sim_until *until)
{
	const struct shim_slot *slot = slot_of(run, actor);
	const struct until_rule *rule;

	if (until->kind == SIM_UNTIL_CALL)
		return slot->state == SHIM_SLOT_READY &&
		       (until->fid == 0 ||
		        (slot->entry == SHIM_ENTRY_GUEST_CALL && fid_matches(run, actor, until)));
	if (slot->state != SHIM_SLOT_STOPPED)
		return false;
	rule = &until_rules[until->kind];
	return rule->points >> slot->point & 1 &&
	       (!rule->matches || rule->matches(run, actor, until));
}

/* It waits for a lock that somebody holds, or for an interrupt; what else keeps an actor from going
 * is no wait. */
static bool is_waiting(const struct sim_run *run, unsigned actor)
{
	const struct sim_actor *state = &run->state.actors[actor];

	if (sim_actor_finished(run, actor) ||
	    run->world->state.contexts[sim_actor_context(run, actor)].under)
		return false;
	if (state->busy || actor >= SIM_SYSTEM_SRI)
		return state->busy;
	return run->scenario->threads[actor].steps[state->step].action == SIM_ACTION_TAKE;
}

/* The actor cannot go. That is what "blocked" asked for, and the end of "done"; else a divergence.
 */
static bool cannot_go(struct sim_run *run, const struct sim_move *move, const struct sim_way *way,
                      const char *why)
{
	g_autofree char *what = NULL;

	if (move->until.kind == SIM_UNTIL_BLOCKED && is_waiting(run, move->thread))
		return true;
	if (move->until.kind == SIM_UNTIL_DONE && sim_actor_finished(run, move->thread))
		return true;
	what = g_strdup_printf("cannot run: %s", why);
	sim_report_diverged(run, move, way, what);
	return false;
}

/* What one stop means for a move. */
enum progress { MOVE_ON, MOVE_REACHED, MOVE_FAILED };

static enum progress judge_stop(struct sim_run *run, const struct sim_move *move,
                                enum sim_stop stop, struct sim_way *way)
{
	enum sim_until_kind kind = move->until.kind;

	if (stop == SIM_STOP_CRASHED)
		return MOVE_FAILED;
	if (stop == SIM_STOP_POINT)
		return at_point(run, move->thread, &move->until) &&
		                       ++way->times == move->until.times
		               ? MOVE_REACHED
		               : MOVE_ON;
	if (stop == SIM_STOP_BLOCKED) {
		if (kind == SIM_UNTIL_BLOCKED)
			return MOVE_REACHED;
		return MOVE_ON; /* the next look at whether it can go says why */
	}
	if (kind == SIM_UNTIL_DONE && move->thread >= SIM_SYSTEM_SRI)
		return MOVE_REACHED;
	if (kind == SIM_UNTIL_DONE || kind == SIM_UNTIL_CALL)
		return MOVE_ON;
	if (kind == SIM_UNTIL_RETURN)
		return ++way->times == move->until.times ? MOVE_REACHED : MOVE_ON;
	sim_report_diverged(run, move, way, "returned before");
	return MOVE_FAILED;
}

/* The move's actor goes on without an end: because nothing ends that, or because only it went. */
static void leave_stuck_move(struct sim_run *run, const struct sim_move *move,
                             const struct sim_way *way, uint64_t mask)
{
	if (sim_run_take_turns(run, move->thread, mask) == SIM_TURNS_ON)
		sim_report_diverged(run, move, way, "goes round until another actor goes");
}

static bool play_move(struct sim_run *run, const struct sim_move *move)
{
	uint64_t mask = SIM_SCRIPT_MASK | until_rules[move->until.kind].points;
	enum progress progress = MOVE_ON;
	struct sim_way way = {0};

	while (progress == MOVE_ON) {
		g_autofree char *why = NULL;
		enum sim_stop stop;

		if (!sim_actor_enabled(run, move->thread, &why))
			return cannot_go(run, move, &way, why);
		stop = sim_actor_go(run, move->thread, move->on, mask);
		sim_way_add(&way, run, move->thread, stop);
		progress = judge_stop(run, move, stop, &way);
		if (progress == MOVE_ON && sim_run_is_stuck(run)) {
			leave_stuck_move(run, move, &way, mask);
			return false;
		}
	}
	return progress == MOVE_REACHED;
}

/* Or until another one has to go for anything to end. */
static bool run_until_it_waits(struct sim_run *run, unsigned actor)
{
	while (sim_actor_enabled(run, actor, NULL)) {
		if (sim_actor_go(run, actor, -1, SIM_SCRIPT_MASK) == SIM_STOP_CRASHED)
			return false;
		if (sim_run_is_stuck(run))
			return sim_run_take_turns(run, actor, SIM_SCRIPT_MASK) == SIM_TURNS_ON;
	}
	return true;
}

static int lowest_enabled(const struct sim_run *run)
{
	for (unsigned i = 0; i < run->scenario->thread_count; i++)
		if (sim_actor_enabled(run, i, NULL))
			return (int)i;
	for (unsigned i = SIM_SYSTEM_SRI; i < SIM_SYSTEM_END; i++)
		if (sim_actor_enabled(run, i, NULL))
			return (int)i;
	return -1;
}

/* told: contexts that need no finding any more. */
static void report_stuck_systems(struct sim_run *run, uint32_t told)
{
	for (unsigned i = SIM_SYSTEM_SRI; i < SIM_SYSTEM_END; i++)
		if (run->state.actors[i].busy && !(told >> sim_actor_context(run, i) & 1))
			sim_report_stuck(run, sim_actor_context(run, i));
}

/* Inside the mediator, or asleep until an interrupt comes. */
static bool waits(const struct sim_run *run, unsigned thread)
{
	const struct sim_actor *actor = &run->state.actors[thread];

	return actor->busy ||
	       run->scenario->threads[thread].steps[actor->step].action == SIM_ACTION_TAKE;
}

void sim_script_report_waiting(struct sim_run *run, bool sleepers)
{
	enum sim_moment moment = run->moment;
	uint32_t told;

	run->moment = SIM_MOMENT_REST;
	told = sim_report_deadlocks(run);
	report_stuck_systems(run, told);
	for (unsigned i = 0; i < run->scenario->thread_count; i++) {
		g_autofree char *why = NULL;

		/* one below an interrupt waits for nothing itself */
		if (sim_actor_finished(run, i) || run->world->state.contexts[i].under ||
		    told >> i & 1 || !(sleepers ? waits(run, i) : run->state.actors[i].busy))
			continue;
		sim_actor_enabled(run, i, &why);
		run->failed = true;
		sim_run_oracle(run, SIM_ORACLE_LIVENESS, SIM_VERDICT_LIVENESS,
		               "%s waits for ever: %s", run->scenario->threads[i].name,
		               why ? why : "it goes round a loop that nobody ends");
	}
	run->moment = moment;
}

/* A step that cannot begin never ran. */
static void report_never_ran(struct sim_run *run)
{
	for (unsigned i = 0; i < run->scenario->thread_count; i++) {
		const struct sim_thread *thread = &run->scenario->threads[i];
		const struct sim_step *step = &thread->steps[run->state.actors[i].step];
		g_autofree char *why = NULL;

		if (sim_actor_finished(run, i) || waits(run, i) || !step->expect.given)
			continue;
		sim_actor_enabled(run, i, &why);
		run->failed = true;
		sim_run_add(run, SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, &step->place,
		            "the step never ran, so its expectation was not checked: %s", why);
	}
}

static void play_rest(struct sim_run *run)
{
	int actor;

	while ((actor = lowest_enabled(run)) >= 0)
		if (!run_until_it_waits(run, (unsigned)actor))
			return;
	sim_script_report_waiting(run, true);
	report_never_ran(run);
}

void sim_script_play(struct sim_run *run, const struct sim_schedule *schedule)
{
	for (unsigned i = 0; i < schedule->move_count; i++)
		if (!play_move(run, &schedule->moves[i]))
			return;
	play_rest(run);
}
