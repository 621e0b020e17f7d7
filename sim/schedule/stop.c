/* SPDX-License-Identifier: MIT */
#include "sim/schedule/stop.h"

#include <string.h>

#include "abi/ffa_decode.h"

static const char *const keys[] = {
        [SIM_UNTIL_DONE] = "done",
        [SIM_UNTIL_RETURN] = "return",
        [SIM_UNTIL_BLOCKED] = "blocked",
        [SIM_UNTIL_CALL] = "call",
        [SIM_UNTIL_SMC] = "smc",
        [SIM_UNTIL_SMC_DONE] = "smc-done",
        [SIM_UNTIL_LOCK] = "lock",
        [SIM_UNTIL_UNLOCK] = "unlock",
        [SIM_UNTIL_UNLOCKED] = "unlocked",
        [SIM_UNTIL_INJECT] = "inject",
        [SIM_UNTIL_ONLINE] = "online",
        [SIM_UNTIL_ALLOC] = "alloc",
        [SIM_UNTIL_GUEST_LOAD] = "guest-load",
        [SIM_UNTIL_GUEST_STORE] = "guest-store",
};

/* What a stop at a point is called. */
static const struct {
	enum shim_point point;
	enum sim_until_kind kind;
} point_kinds[] = {
        {SHIM_POINT_LOCK, SIM_UNTIL_LOCK},
        {SHIM_POINT_TRYLOCK, SIM_UNTIL_LOCK},
        {SHIM_POINT_UNLOCKED, SIM_UNTIL_UNLOCKED},
        {SHIM_POINT_UNLOCK, SIM_UNTIL_UNLOCK},
        {SHIM_POINT_SMC, SIM_UNTIL_SMC},
        {SHIM_POINT_SMC_DONE, SIM_UNTIL_SMC_DONE},
        {SHIM_POINT_INJECT, SIM_UNTIL_INJECT},
        {SHIM_POINT_ONLINE, SIM_UNTIL_ONLINE},
        {SHIM_POINT_ALLOC, SIM_UNTIL_ALLOC},
        {SHIM_POINT_GUEST_LOAD, SIM_UNTIL_GUEST_LOAD},
        {SHIM_POINT_GUEST_STORE, SIM_UNTIL_GUEST_STORE},
};

static bool find_vm(const struct sim_scenario *scenario, uint64_t id, int *ret_vm)
{
	for (unsigned i = 0; i < scenario->machine.vm_count; i++) {
		if (scenario->machine.vms[i].id.v != id)
			continue;
		*ret_vm = (int)i;
		return true;
	}
	return false;
}

static bool name_lock(const struct sim_run *run, uint32_t context, struct sim_until *until)
{
	struct world_object object;
	uint32_t holder;

	if (!world_object(run->world, context, &object, &holder))
		return false;
	g_strlcpy(until->lock_class, object.class_name, sizeof until->lock_class);
	return object.owner.v == 0 || find_vm(run->scenario, object.owner.v, &until->lock_vm);
}

bool sim_stop_to_until(const struct sim_run *run, unsigned actor, enum sim_stop stop,
                       struct sim_until *ret_until)
{
	uint32_t context = sim_actor_context(run, actor);
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);
	size_t i = 0;

	*ret_until = (struct sim_until){.lock_vm = -1, .vm = -1, .times = 1};
	ret_until->kind = stop == SIM_STOP_STEP ? SIM_UNTIL_RETURN : SIM_UNTIL_BLOCKED;
	if (stop != SIM_STOP_POINT)
		return true;
	if (slot->state == SHIM_SLOT_READY) {
		ret_until->kind = SIM_UNTIL_CALL;
		return true;
	}
	while (i < G_N_ELEMENTS(point_kinds) && point_kinds[i].point != slot->point)
		i++;
	if (i == G_N_ELEMENTS(point_kinds))
		return false;
	ret_until->kind = point_kinds[i].kind;
	if (slot->object)
		return name_lock(run, context, ret_until);
	if (ret_until->kind == SIM_UNTIL_INJECT || ret_until->kind == SIM_UNTIL_ONLINE)
		return find_vm(run->scenario, slot->arg[0], &ret_until->vm);
	if (ret_until->kind >= SIM_UNTIL_GUEST_LOAD)
		ret_until->vm = (int)((slot->arg[0] - SHIM_MEMORY_BASE) / SHIM_ENDPOINT_SIZE) - 1;
	return true;
}

bool sim_until_same(const struct sim_until *a, const struct sim_until *b)
{
	return a->kind == b->kind && a->vm == b->vm && a->lock_vm == b->lock_vm &&
	       strcmp(a->lock_class, b->lock_class) == 0;
}

const char *sim_until_key(enum sim_until_kind kind)
{
	return keys[kind];
}

uint32_t sim_stop_fid(const struct sim_run *run, unsigned actor, enum sim_until_kind kind)
{
	uint32_t context = sim_actor_context(run, actor);
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);

	if (kind == SIM_UNTIL_SMC_DONE)
		return run->world->state.contexts[context].smc;
	if (kind == SIM_UNTIL_SMC ||
	    (kind == SIM_UNTIL_CALL && slot->entry == SHIM_ENTRY_GUEST_CALL))
		return (uint32_t)slot->regs.x[0];
	return 0;
}

static const char *call_name(uint32_t fid)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);

	return call ? call->name : "*";
}

char *sim_until_argument(const struct sim_scenario *scenario, const struct sim_until *until)
{
	if (until->kind <= SIM_UNTIL_BLOCKED)
		return NULL;
	if (until->lock_vm >= 0)
		return g_strdup_printf("%s[%s]", until->lock_class,
		                       scenario->machine.vms[until->lock_vm].name);
	if (until->lock_class[0])
		return g_strdup(until->lock_class);
	if (until->vm >= 0)
		return g_strdup(scenario->machine.vms[until->vm].name);
	return g_strdup(call_name(until->fid));
}

char *sim_until_text(const struct sim_scenario *scenario, const struct sim_until *until)
{
	g_autofree char *argument = sim_until_argument(scenario, until);

	return g_strconcat(keys[until->kind], argument ? " " : NULL, argument, NULL);
}

char *sim_move_text(const struct sim_run *run, const struct sim_move *move)
{
	g_autofree char *until = sim_until_text(run->scenario, &move->until);
	GString *text = g_string_new(sim_actor_name(run, sim_actor_context(run, move->thread)));

	if (move->on >= 0)
		g_string_append_printf(
		        text, " on %s",
		        sim_actor_name(run, sim_actor_context(run, (unsigned)move->on)));
	g_string_append_printf(text, " until %s", until);
	if (move->until.times > 1)
		g_string_append_printf(text, ", %u times", move->until.times);
	return g_string_free(text, FALSE);
}

const char *sim_step_name(const struct sim_step *step)
{
	static const char *const actions[] = {
	        [SIM_ACTION_VCPU_ON] = "vcpu-on",     [SIM_ACTION_VCPU_OFF] = "vcpu-off",
	        [SIM_ACTION_VM_CREATE] = "create-vm", [SIM_ACTION_VM_DESTROY] = "destroy-vm",
	        [SIM_ACTION_ADVANCE] = "advance",     [SIM_ACTION_SP_CALL] = "a call of an SP",
	        [SIM_ACTION_TAKE] = "take",           [SIM_ACTION_WRITE] = "write",
	};

	if (step->action != SIM_ACTION_CALL)
		return actions[step->action];
	return ffa_call_by_fid(step->fid) ? call_name(step->fid) : "an unknown call";
}

char *sim_step_text(const struct sim_run *run, unsigned actor, unsigned number)
{
	const struct sim_thread *thread;

	if (actor >= SIM_SYSTEM_SRI)
		return g_strdup("what it does");
	thread = &run->scenario->threads[actor];
	if (number < 1 || number > thread->step_count)
		return g_strdup("what it does");
	return g_strdup_printf("step %u, %s", number, sim_step_name(&thread->steps[number - 1]));
}

char *sim_stop_where(const struct sim_run *run, unsigned actor)
{
	const struct shim_slot *slot =
	        shim_slot(&run->world->link->map, sim_actor_context(run, actor));
	g_autofree char *step = NULL;
	g_autofree char *text = NULL;
	struct sim_until until;

	if (sim_actor_finished(run, actor))
		return g_strdup("at its end");
	step = sim_step_text(run, actor, run->state.actors[actor].step + 1);
	if (!run->state.actors[actor].busy && actor >= SIM_SYSTEM_SRI)
		return g_strdup("outside the mediator");
	if (!run->state.actors[actor].busy)
		return g_strdup_printf("before %s", step);
	if (slot->state == SHIM_SLOT_CRASHED ||
	    !sim_stop_to_until(run, actor, SIM_STOP_POINT, &until))
		return g_strdup_printf("in %s", step);
	until.fid = sim_stop_fid(run, actor, until.kind);
	text = sim_until_text(run->scenario, &until);
	return g_strdup_printf("about to %s in %s", text, step);
}
