/* SPDX-License-Identifier: MIT */
#include "sim/schedule/actor.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/oracle/oracle.h"
#include "sim/schedule/crash.h"
#include "sim/schedule/endless.h"

static const struct sim_step *step_of(const struct sim_run *run, unsigned actor)
{
	return &run->scenario->threads[actor].steps[run->state.actors[actor].step];
}

bool sim_actor_finished(const struct sim_run *run, unsigned actor)
{
	return actor < SIM_SYSTEM_SRI &&
	       run->state.actors[actor].step >= run->scenario->threads[actor].step_count;
}

/* What an actor of the system would do now: a number of the world's, -1 for nothing. */
static int system_task(const struct sim_run *run, unsigned actor)
{
	const struct world *world = run->world;

	if (actor == SIM_SYSTEM_SRI)
		return world->state.sri ? __builtin_ctz(world->state.sri) : -1;
	return actor == SIM_SYSTEM_TIMER ? world_next_timer(world) : world_next_work(world);
}

static void begin_system(struct sim_run *run, unsigned actor, int on)
{
	uint32_t context = sim_actor_context(run, actor);
	uint32_t task = (uint32_t)system_task(run, actor);

	if (actor == SIM_SYSTEM_SRI)
		world_start_interrupt(run->world, context,
		                      on < 0 ? context : sim_actor_context(run, (unsigned)on),
		                      task);
	else if (actor == SIM_SYSTEM_TIMER)
		world_start_timer(run->world, context, task);
	else
		world_start_work(run->world, context, task);
}

static bool vm_is(const struct sim_run *run, unsigned vm, enum world_vm_state state)
{
	return run->world->state.vms[vm].state == state;
}

/* The NPI is the only interrupt that a VM gets, so any that is pending is it. */
static uint32_t intid_of(const struct sim_step *step)
{
	return step->intid == SIM_INTID_NPI ? 0 : step->intid;
}

/* The first label that the step comes after and that has not ended; -1: there is none. */
static int awaited(const struct sim_run *run, const struct sim_step *step)
{
	for (uint64_t left = step->after; left; left &= left - 1)
		if (!run->state.results[__builtin_ctzll(left)].done)
			return __builtin_ctzll(left);
	return -1;
}

/* Whether the machine has nothing to do by itself. */
static bool is_idle(const struct sim_run *run)
{
	for (unsigned i = SIM_SYSTEM_SRI; i < SIM_SYSTEM_END; i++)
		if (run->state.actors[i].busy || system_task(run, i) >= 0)
			return false;
	return true;
}

/* Whether a step may begin; a reason in words if it may not. */
static bool may_begin(const struct sim_run *run, const struct sim_step *step, const char **ret_why)
{
	const struct world *world = run->world;

	if (awaited(run, step) >= 0) {
		*ret_why = "a step that it comes after has not ended";
		return false;
	}
	if (step->after_idle && !is_idle(run)) {
		*ret_why = "an interrupt, work or a timer is still to run";
		return false;
	}
	switch (step->action) {
	case SIM_ACTION_CALL:
		*ret_why = "its vCPU is not on line";
		return world_may_call(world, step->vm, step->vcpu);
	case SIM_ACTION_TAKE:
		*ret_why = "no interrupt is pending";
		return vm_is(run, step->vm, WORLD_VM_LIVE) &&
		       world_interrupt_pending(world, step->vm, step->vcpu, intid_of(step));
	case SIM_ACTION_WRITE:
	case SIM_ACTION_VCPU_ON:
	case SIM_ACTION_VCPU_OFF:
		*ret_why = "the VM does not exist";
		return vm_is(run, step->vm, WORLD_VM_LIVE);
	case SIM_ACTION_VM_CREATE:
		*ret_why = "the VM exists";
		return vm_is(run, step->vm, WORLD_VM_ABSENT);
	case SIM_ACTION_VM_DESTROY:
		*ret_why = "the VM does not exist, or a vCPU of it is inside the mediator";
		return world_may_destroy(world, step->vm);
	case SIM_ACTION_ADVANCE:
	case SIM_ACTION_SP_CALL:
		break;
	}
	return true;
}

static bool can_begin(const struct sim_run *run, unsigned actor, const char **ret_why)
{
	if (actor < SIM_SYSTEM_SRI)
		return may_begin(run, step_of(run, actor), ret_why);
	*ret_why = "there is nothing for it to do";
	return system_task(run, actor) >= 0;
}

/* The same with the name of the step that it comes after. */
static char *why_not(const struct sim_run *run, unsigned actor, const char *why)
{
	int label = actor < SIM_SYSTEM_SRI && !sim_actor_finished(run, actor) &&
	                            !run->state.actors[actor].busy
	                    ? awaited(run, step_of(run, actor))
	                    : -1;

	if (label < 0)
		return g_strdup(why);
	return g_strdup_printf("it comes after '%s', which has not ended",
	                       run->scenario->labels[label].name);
}

bool sim_actor_enabled(const struct sim_run *run, unsigned actor, char **ret_why)
{
	const char *why = "it has no step left";
	struct world_object object;
	uint32_t holder;
	char name[64];

	uint32_t context = sim_actor_context(run, actor);

	if (sim_actor_finished(run, actor)) {
		/* why is set */
	} else if (run->world->state.contexts[context].under) {
		why = "an interrupt runs on top of it";
	} else if (!run->state.actors[actor].busy) {
		if (can_begin(run, actor, &why))
			return true;
	} else if (world_enabled(run->world, context)) {
		return true;
	} else if (world_object(run->world, context, &object, &holder) && holder) {
		if (ret_why)
			*ret_why = g_strdup_printf(
			        "it waits for %s, held by %s",
			        sim_object_name(run->scenario, &object, name, sizeof name),
			        sim_actor_name(run, holder - 1));
		return false;
	}
	if (ret_why)
		*ret_why = why_not(run, actor, why);
	return false;
}

/* Fills the actor's context; false if the step needs no entry and is over already. */
static bool begin(struct sim_run *run, uint32_t context, const struct sim_step *step,
                  int64_t *ret_status)
{
	struct world *world = run->world;
	struct ffa_regs regs = step->regs;

	run->state.stepping = context;
	switch (step->action) {
	case SIM_ACTION_CALL:
		run->calls++;
		world_start_call(world, context, step->vm, step->vcpu, &step->regs);
		break;
	case SIM_ACTION_VCPU_ON:
		world_start_vcpu_on(world, context, step->vm, step->vcpu);
		break;
	case SIM_ACTION_VCPU_OFF:
		world_start_vcpu_off(world, context, step->vm, step->vcpu);
		break;
	case SIM_ACTION_VM_CREATE:
		world_start_vm_create(world, context, step->vm);
		break;
	case SIM_ACTION_VM_DESTROY:
		world_start_vm_destroy(world, context, step->vm);
		break;
	case SIM_ACTION_ADVANCE:
		world_advance(world, step->nanoseconds);
		return false;
	case SIM_ACTION_TAKE:
		world_take_interrupt(world, step->vm, step->vcpu, intid_of(step));
		return false;
	case SIM_ACTION_WRITE:
		world_write(world, step->vm, step->address, step->value, step->bytes);
		return false;
	case SIM_ACTION_SP_CALL:
		world_sp_call(world, step->sp, &regs);
		*ret_status = ffa_result_status(&regs);
		return false;
	}
	world->state.contexts[context].fail_alloc = step->fail_alloc;
	return true;
}

/* A created VM's vCPUs come on line one after another, as part of the same step. */
static bool begin_next_vcpu(struct sim_run *run, uint32_t context, const struct sim_step *step,
                            uint8_t *online)
{
	uint32_t left = run->world->config.vms[step->vm].online & ~(uint32_t)*online;
	uint32_t vcpu;

	if (step->action != SIM_ACTION_VM_CREATE || !vm_is(run, step->vm, WORLD_VM_LIVE) || !left)
		return false;
	vcpu = (uint32_t)__builtin_ctz(left);
	*online |= (uint8_t)(1u << vcpu);
	world_start_vcpu_on(run->world, context, step->vm, vcpu);
	return true;
}

static void finish_step(struct sim_run *run, const struct sim_step *step,
                        const struct ffa_regs *answer, int64_t status)
{
	if (step->label >= 0)
		run->state.results[step->label] = (struct sim_result){
		        .done = true, .fid = step->fid, .status = (int32_t)status, .regs = *answer};
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++) {
		const struct sim_oracle *oracle = sim_oracle_at((enum sim_oracle_id)i);

		if (oracle->step && run->levels->level[i] != SIM_ORACLE_OFF)
			oracle->step(run, step, answer);
	}
	sim_check_expect(run, step, answer, (int32_t)status);
}

static enum sim_stop after_entry(struct sim_run *run, uint32_t context, const struct sim_step *step,
                                 struct sim_actor *actor)
{
	struct ffa_regs answer;
	int64_t status = world_collect(run->world, context, &answer);

	world_settle(run->world);
	if (step->action == SIM_ACTION_CALL)
		status = ffa_answer_code(step->fid, &answer);
	if (begin_next_vcpu(run, context, step, &actor->online))
		return SIM_STOP_POINT;
	actor->busy = false;
	finish_step(run, step, &answer, status);
	return SIM_STOP_STEP;
}

static enum sim_stop resume(struct sim_run *run, uint32_t context, const struct sim_step *step,
                            struct sim_actor *actor, uint64_t mask)
{
	run->state.stops++;
	switch (world_resume(run->world, context, mask)) {
	case WORLD_STOP_POINT:
		world_settle(run->world);
		return SIM_STOP_POINT;
	case WORLD_STOP_BLOCKED:
		world_settle(run->world);
		return SIM_STOP_BLOCKED;
	case WORLD_STOP_DONE:
		return after_entry(run, context, step, actor);
	default:
		sim_report_crash(run, context);
		return SIM_STOP_CRASHED;
	}
}

static enum sim_stop go_system(struct sim_run *run, unsigned actor, int on, uint64_t mask)
{
	static const struct sim_step nothing = {.action = SIM_ACTION_ADVANCE, .label = -1};
	struct sim_actor *state = &run->state.actors[actor];

	if (run->on_go)
		run->on_go(run, sim_actor_context(run, actor));
	if (state->busy)
		return resume(run, sim_actor_context(run, actor), &nothing, state, mask);
	begin_system(run, actor, on);
	state->busy = true;
	return SIM_STOP_POINT;
}

static enum sim_stop go(struct sim_run *run, uint32_t context, const struct sim_step *step,
                        struct sim_actor *actor, uint64_t mask)
{
	const struct ffa_regs none = {{0}};
	int64_t status = FFA_OK;

	if (run->on_go)
		run->on_go(run, context);
	if (actor->busy)
		return resume(run, context, step, actor, mask);
	actor->online = 0;
	actor->busy = begin(run, context, step, &status);
	if (actor->busy)
		return SIM_STOP_POINT;
	finish_step(run, step, &none, status);
	return SIM_STOP_STEP;
}

enum sim_stop sim_actor_go(struct sim_run *run, unsigned actor, int on, uint64_t mask)
{
	struct sim_actor *state = &run->state.actors[actor];
	enum sim_stop stop;

	if (actor >= SIM_SYSTEM_SRI)
		return go_system(run, actor, on, mask);
	stop = go(run, actor, step_of(run, actor), state, mask);

	if (stop == SIM_STOP_STEP) {
		state->step++;
		run->state.ended_at = run->state.stops;
	}
	return stop;
}

bool sim_actor_do_step(struct sim_run *run, unsigned actor, const struct sim_step *step)
{
	struct sim_actor state = {0};
	const char *why;
	enum sim_stop stop;

	if (!may_begin(run, step, &why)) {
		sim_run_add(run, SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, &step->place,
		            "the step cannot be done: %s", why);
		return false;
	}
	run->state.ended_at = run->state.stops;
	do {
		stop = go(run, actor, step, &state, 0);
		if (stop == SIM_STOP_BLOCKED) {
			sim_report_stuck(run, actor);
			return false;
		}
		if (stop == SIM_STOP_CRASHED || sim_report_endless(run, actor))
			return false;
	} while (stop != SIM_STOP_STEP);
	return true;
}

bool sim_context_finish(struct sim_run *run, uint32_t context)
{
	run->state.ended_at = run->state.stops;
	while (!sim_report_endless(run, context)) {
		if (run->on_go)
			run->on_go(run, context);
		run->state.stops++;
		switch (world_resume(run->world, context, 0)) {
		case WORLD_STOP_DONE:
			world_settle(run->world);
			return true;
		case WORLD_STOP_POINT:
			break;
		case WORLD_STOP_BLOCKED:
			sim_report_stuck(run, context);
			return false;
		default:
			sim_report_crash(run, context);
			return false;
		}
	}
	return false;
}
