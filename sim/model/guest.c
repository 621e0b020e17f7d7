/* SPDX-License-Identifier: MIT */
#include "sim/model/guest.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/model/firmware.h"
#include "sim/model/smccc.h"
#include "sim/model/sp_news.h"
#include "sim/run.h"

_Static_assert(SIM_LINEAR_OBJECTS >= WORLD_MAX_VMS, "every VM is an object");

static struct sim_guest_state *state_of(struct sim_run *run)
{
	return &run->state.oracles.model.guests;
}

static const char *vm_name(const struct sim_run *run, unsigned vm)
{
	return run->scenario->machine.vms[vm].name;
}

static struct sim_spec_view view_of(const struct sim_guest_state *own)
{
	return (struct sim_spec_view){.profile = &own->profile, .entries = own->entries};
}

/* What was learnt is lost with a limit; a verdict would be a guess. */
static void give_up(struct sim_run *run, unsigned object, enum sim_linear_result full)
{
	static const enum sim_limit limits[] = {
	        [SIM_LINEAR_FULL_OPS] = SIM_LIMIT_LINEAR_OPS,
	        [SIM_LINEAR_FULL_CONFIGS] = SIM_LIMIT_LINEAR_CONFIGS,
	        [SIM_LINEAR_FULL_SEARCH] = SIM_LIMIT_LINEAR_SEARCH,
	        [SIM_LINEAR_FULL_STATE] = SIM_LIMIT_SPEC_SENDERS,
	};

	sim_linear_give_up(&run->orders, object);
	sim_run_unjudged(run, limits[full]);
}

static void begin_op(struct sim_run *run, unsigned object, uint32_t context,
                     enum sim_spec_kind kind)
{
	struct sim_linear_op op = {.kind = (uint8_t)kind, .context = (uint8_t)context};

	enum sim_linear_result result = sim_linear_begin(&run->orders, object, op);

	if (result != SIM_LINEAR_EXPLAINED)
		give_up(run, object, result);
}

static void judge(struct sim_run *run, unsigned object, uint32_t context,
                  const struct sim_spec_view *view, enum sim_linear_result result)
{
	if (result == SIM_LINEAR_EXPLAINED)
		return;
	if (result != SIM_LINEAR_REFUTED) {
		give_up(run, object, result);
		return;
	}
	sim_guest_tell(run, object, context, view);
	sim_linear_give_up(&run->orders, object);
}

static void end_op(struct sim_run *run, unsigned object, uint32_t context,
                   const struct sim_spec_view *view)
{
	judge(run, object, context, view,
	      sim_linear_end(&run->orders, object, context, &sim_spec_vm, view));
}

/* An NPI comes after what it announces: one that came before would be lost. */
static void show_op(struct sim_run *run, unsigned object, uint32_t context,
                    const struct sim_spec_view *view)
{
	judge(run, object, context, view,
	      sim_linear_show(&run->orders, object, context, &sim_spec_vm, view));
}

/* VMs that have an id in turn are one object, the first of them. */
static uint32_t object_of(const struct sim_run *run, uint32_t vm)
{
	const struct sim_machine *machine = &run->scenario->machine;

	for (uint32_t i = 0; vm != WORLD_NO_VM && i < vm; i++)
		if (ffa_id_equal(machine->vms[i].id, machine->vms[vm].id))
			return i;
	return vm;
}

static uint8_t online_vcpus(const struct sim_run *run, unsigned object)
{
	uint8_t online = 0;

	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++)
		for (unsigned j = 0; object_of(run, i) == object && j < WORLD_MAX_VCPUS; j++)
			if (run->world->state.vms[i].vcpus[j].online)
				online |= (uint8_t)(1u << j);
	return online;
}

/* Whether another VM of the id is there, so that its creation may be refused. */
static bool is_taken(const struct sim_run *run, uint32_t vm)
{
	bool taken = false;

	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++)
		taken |= i != vm && object_of(run, i) == object_of(run, vm) &&
		         run->world->state.vms[i].state != WORLD_VM_ABSENT;
	return taken;
}

/* Frozen in every configuration: then it is the same in all, for ever. 0 if it is not. */
static unsigned settled_version(const struct sim_run *run, unsigned object)
{
	unsigned count, version = 0;
	const struct sim_linear_config *config = sim_linear_configs(&run->orders, object, &count);

	for (unsigned i = 0; i < count; i++) {
		struct sim_spec_vm vm;

		sim_spec_vm_read(&vm, config[i].state);
		if (!vm.published)
			return 0;
		version = vm.published;
	}
	return version;
}

static bool find_vm(const struct sim_run *run, uint16_t id, unsigned *ret_vm)
{
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++) {
		*ret_vm = i;
		if (run->scenario->machine.vms[i].id.v == id)
			return true;
	}
	return false;
}

/* A SET is an operation at its receiver as well, if its caller's version may have it. */
static void begin_set(struct sim_run *run, uint32_t context, struct sim_spec_entry *entry)
{
	struct sim_guest_state *own = state_of(run);
	unsigned version = settled_version(run, entry->vm), receiver;
	struct sim_spec_plan plan =
	        sim_spec_plan(&own->profile, &entry->call, version ? version : SIM_SPEC_1_2);

	if (plan.place != SIM_SPEC_OTHER ||
	    !find_vm(run, ffa_low_half(entry->call.w[1]), &receiver))
		return;
	entry->other = (uint8_t)(receiver + 1);
	entry->steady = online_vcpus(run, receiver);
	begin_op(run, receiver, context, version ? SIM_SPEC_SET : SIM_SPEC_UNSURE_SET);
}

static void begin_call(struct sim_run *run, const struct world_event *event,
                       struct sim_spec_entry *entry)
{
	entry->call.fid = (uint32_t)event->regs->x[0];
	entry->foreign = !ffa_fid_is_ffa(entry->call.fid);
	if (entry->foreign) {
		entry->kept = sim_smccc_kept(event->regs);
		return;
	}
	for (unsigned i = 1; i < SIM_SPEC_ARGUMENTS; i++)
		entry->call.w[i] = (uint32_t)event->regs->x[i];
	entry->call.vcpus =
	        run->scenario->machine.vms[run->world->state.contexts[event->context].vm].vcpus;
	entry->upper = sim_spec_upper(event->regs);
	entry->settled = entry->call.fid == FFA_VERSION_32 && settled_version(run, event->vm) != 0;
	begin_op(run, event->vm, event->context, SIM_SPEC_CALL);
	if (entry->call.fid == FFA_NOTIFICATION_SET_32)
		begin_set(run, event->context, entry);
}

/* vCPUs that went are none that could have been told all the time. */
static void vcpus_went(struct sim_run *run, unsigned vm, uint8_t vcpus)
{
	struct sim_guest_state *own = state_of(run);

	for (uint32_t i = 0; i < run->world->contexts_used; i++) {
		struct sim_spec_entry *entry = &own->entries[i];

		if ((entry->other ? entry->other - 1u : entry->vm) == vm)
			entry->steady &= (uint8_t)~vcpus;
	}
}

/* What a VM bound to another one that ends is a matter of its own. */
static void begin_destroy(struct sim_run *run, const struct world_event *event)
{
	vcpus_went(run, event->vm, UINT8_MAX);
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++)
		if (object_of(run, i) == i)
			begin_op(run, i, event->context,
			         i == event->vm ? SIM_SPEC_DESTROY : SIM_SPEC_SENDER_ENDS);
}

/* Of creations of one id at once each may find it taken. */
static void begin_create(struct sim_run *run, const struct world_event *event,
                         struct sim_spec_entry *entry)
{
	struct sim_guest_state *own = state_of(run);

	entry->taken = is_taken(run, run->world->state.contexts[event->context].entry_vm);
	for (uint32_t i = 0; i < run->world->contexts_used; i++)
		if (i != event->context && own->entries[i].entry == SHIM_ENTRY_VM_CREATE &&
		    own->entries[i].vm == event->vm)
			own->entries[i].taken = true;
	begin_op(run, event->vm, event->context, SIM_SPEC_CREATE);
}

static void on_enter(struct sim_run *run, const struct world_event *event)
{
	struct sim_spec_entry *entry = &state_of(run)->entries[event->context];

	*entry = (struct sim_spec_entry){.entry = (uint8_t)event->entry};
	if (event->vm == WORLD_NO_VM)
		return;
	entry->vm = (uint8_t)event->vm;
	entry->vcpu = (uint8_t)event->vcpu;
	entry->call.self = run->scenario->machine.vms[event->vm].id.v;
	switch (event->entry) {
	case SHIM_ENTRY_GUEST_CALL:
		begin_call(run, event, entry);
		break;
	case SHIM_ENTRY_VM_CREATE:
		state_of(run)->profile.sps = sim_model_sp_notifications(run);
		begin_create(run, event, entry);
		break;
	case SHIM_ENTRY_VM_DESTROY:
		begin_destroy(run, event);
		break;
	case SHIM_ENTRY_VCPU_ON:
		entry->steady = (uint8_t)(1u << event->vcpu) & online_vcpus(run, event->vm);
		begin_op(run, event->vm, event->context, SIM_SPEC_VCPU_ON);
		break;
	case SHIM_ENTRY_VCPU_OFF:
		entry->steady = online_vcpus(run, event->vm);
		begin_op(run, event->vm, event->context, SIM_SPEC_VCPU_OFF);
		break;
	default:
		break;
	}
}

/* Without a word of the SPMC only the id and the memory decide whether there is a VM. */
static void check_create(struct sim_run *run, const struct world_event *event,
                         const struct sim_spec_entry *entry)
{
	struct sim_guest_state *own = state_of(run);
	sim_model_vm_set bit = (sim_model_vm_set)(1u << event->vm);
	bool valid = entry->call.self && !ffa_id_is_secure(ffa_make_id(entry->call.self));
	int32_t allowed = !valid             ? FFA_INVALID_PARAMETERS
	                  : entry->no_memory ? FFA_NO_MEMORY
	                                     : FFA_OK;
	bool refused = event->result == FFA_INVALID_PARAMETERS;
	bool held = (own->owed & bit || entry->taken) && refused;
	const char *status = ffa_status_name((int32_t)event->result);

	if (!entry->taken)
		own->owed &= (sim_model_vm_set)~bit;
	if (event->result != FFA_OK && (entry->asked || held))
		own->owed |= bit;
	if (event->result == allowed || held || (allowed == FFA_OK && entry->asked) ||
	    (refused && entry->call.self == SIM_MODEL_UNUSABLE_ID))
		return;
	sim_model_refute(run, "the creation of %s is %s; allowed: %s", vm_name(run, event->vm),
	                 status ? status : "no status", ffa_status_name(allowed));
}

/* It is no operation on the VM: what it changed shows in the answers to other calls. */
static void check_foreign(struct sim_run *run, const struct world_event *event,
                          const struct sim_spec_entry *entry)
{
	uint32_t fid = entry->call.fid;

	if (!entry->foreign || sim_smccc_is_unknown(fid, entry->kept, event->regs))
		return;
	if ((uint32_t)event->regs->x[0] == UINT32_MAX)
		sim_model_refute(run,
		                 "0x%x of %s is no FF-A call and changes registers; allowed: -1 in "
		                 "x0, and x4 to x17 as they were",
		                 fid, sim_actor_name(run, event->context));
	else
		sim_model_refute(run,
		                 "the answer to 0x%x of %s is 0x%" G_GINT64_MODIFIER
		                 "x; allowed: -1, because it is no FF-A call",
		                 fid, sim_actor_name(run, event->context), event->regs->x[0]);
}

static void on_leave(struct sim_run *run, const struct world_event *event)
{
	struct sim_guest_state *own = state_of(run);
	struct sim_spec_entry *entry = &own->entries[event->context];
	struct sim_spec_view view = view_of(own);

	view.answer = event->regs;
	view.result = event->result;
	view.spmc_has_news = sim_model_info_of_spmc(run, event->context) != SIM_MODEL_NO;
	if (entry->other || event->entry == SHIM_ENTRY_VCPU_ON ||
	    event->entry == SHIM_ENTRY_VCPU_OFF)
		entry->steady &= online_vcpus(run, entry->other ? entry->other - 1u : entry->vm);
	if (event->entry == SHIM_ENTRY_VM_CREATE && event->vm != WORLD_NO_VM)
		check_create(run, event, entry);
	check_foreign(run, event, entry);
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++)
		end_op(run, i, event->context, &view);
	*entry = (struct sim_spec_entry){0};
}

static bool may_raise(const struct sim_spec_entry *entry, const struct world_event *event)
{
	switch (entry->entry) {
	case SHIM_ENTRY_GUEST_CALL:
		return entry->other == event->vm + 1;
	case SHIM_ENTRY_VCPU_ON:
		return entry->vm == event->vm && entry->vcpu == event->vcpu;
	case SHIM_ENTRY_VCPU_OFF:
		return entry->vm == event->vm;
	case SHIM_ENTRY_WORK:
		return true; /* which of them, others know */
	default:
		return false;
	}
}

/* Of the operation that raises it, and of the moment itself. */
static void on_accepted(struct sim_run *run, const struct world_event *event,
                        const struct sim_spec_view *view)
{
	begin_op(run, event->vm, SHIM_MAX_CONTEXTS, SIM_SPEC_ACCEPTED);
	end_op(run, event->vm, SHIM_MAX_CONTEXTS, view);
}

static void on_inject(struct sim_run *run, const struct world_event *event)
{
	struct sim_guest_state *own = state_of(run);
	struct sim_spec_entry *entry = &own->entries[event->context];
	struct sim_spec_view view = view_of(own);

	if (event->vm == WORLD_NO_VM || !may_raise(entry, event)) {
		sim_model_refute(run,
		                 "%s is given an interrupt that nothing under way in %s raises",
		                 event->vm == WORLD_NO_VM ? "nobody" : vm_name(run, event->vm),
		                 sim_actor_name(run, event->context));
		return;
	}
	if (entry->entry != SHIM_ENTRY_WORK) {
		view.raising = event->context + 1;
		if (event->result != SHIM_INJECT_DROPPED && entry->accepted < 2)
			entry->accepted++;
		if (entry->accepted)
			entry->steady = 0;
		show_op(run, event->vm, event->context, &view);
	}
	if (event->result != SHIM_INJECT_DROPPED)
		on_accepted(run, event, &view);
}

/* Once a VM's end has returned, the platform knows no such VM (mediator/platform.h). */
static void on_online(struct sim_run *run, const struct world_event *event)
{
	if (event->vm == WORLD_NO_VM)
		sim_model_refute(run, "%s asks for a vCPU of a VM that does not exist",
		                 sim_actor_name(run, event->context));
}

static void on_spmc(struct sim_run *run, const struct world_event *event)
{
	struct sim_spec_entry *entry = &state_of(run)->entries[event->context];
	int32_t status = ffa_result_status(event->regs);

	entry->asked = true;
	entry->spmc_status = status == FFA_STATUS_NONE ? FFA_NOT_SUPPORTED : status;
}

static void on_event(struct sim_run *run, const struct world_event *told)
{
	struct world_event copy = *told;
	const struct world_event *event = &copy;

	copy.vm = object_of(run, told->vm);
	switch (event->kind) {
	case WORLD_EVENT_ENTER:
		on_enter(run, event);
		break;
	case WORLD_EVENT_LEAVE:
		on_leave(run, event);
		break;
	case WORLD_EVENT_SMC_DONE:
		on_spmc(run, event);
		break;
	case WORLD_EVENT_INJECT:
		on_inject(run, event);
		break;
	case WORLD_EVENT_ONLINE:
		on_online(run, event);
		break;
	case WORLD_EVENT_VCPU_OFF:
		vcpus_went(run, event->vm, (uint8_t)(1u << event->vcpu));
		break;
	case WORLD_EVENT_ALLOC:
		if (!event->result)
			state_of(run)->entries[event->context].no_memory = true;
		break;
	default:
		break;
	}
}

static void begin(struct sim_run *run)
{
	struct sim_guest_state *own = state_of(run);

	own->profile.vm_to_vm = !sim_model_word(run, "no-vm-to-vm");
	own->profile.info_always = sim_model_word(run, "info-get-always");
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++)
		if (object_of(run, i) == i)
			sim_linear_open(&run->orders, i);
}

/* "0x1 or 0x3": what may be pending, each once. */
static char *allowed_pending(const struct sim_linear_config *configs, unsigned count)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autofree uint64_t *pending = g_new(uint64_t, count);
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < count; i++) {
		struct sim_spec_vm vm;

		sim_spec_vm_read(&vm, configs[i].state);
		pending[i] = vm.pending;
		if (g_hash_table_add(seen, &pending[i]))
			g_string_append_printf(text, "%s0x%" G_GINT64_MODIFIER "x",
			                       text->len ? " or " : "", pending[i]);
	}
	return g_string_free(text, FALSE);
}

/* At rest one VM of the id can answer. */
static bool probe(struct sim_run *run, unsigned object, uint64_t *ret_pending)
{
	bool answered = false;

	for (unsigned i = 0; i < run->scenario->machine.vm_count && !answered; i++) {
		if (object_of(run, i) != object)
			continue;
		answered = world_probe_pending(run->world, i, ret_pending);
		if (!answered && run->world->probe_cut)
			sim_run_unjudged(run, SIM_LIMIT_PROBE_STOPS);
	}
	return answered;
}

/* What a GET would return now, were there one. */
static void check_pending(struct sim_run *run, unsigned object)
{
	unsigned count;
	const struct sim_linear_config *configs = sim_linear_configs(&run->orders, object, &count);
	g_autofree char *allowed = NULL;
	struct sim_spec_vm vm;
	uint64_t pending;

	if (!count || run->orders.objects[object].op_count || !probe(run, object, &pending))
		return;
	for (unsigned i = 0; i < count; i++) {
		sim_spec_vm_read(&vm, configs[i].state);
		if (vm.pending == pending)
			return;
	}
	allowed = allowed_pending(configs, count);
	sim_model_refute(run, "at rest %s has 0x%" G_GINT64_MODIFIER "x pending; allowed: %s",
	                 vm_name(run, object), pending, allowed);
}

static void on_rest(struct sim_run *run)
{
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++)
		check_pending(run, i);
}

const struct sim_model_part sim_model_guests = {
        .name = "guests",
        .begin = begin,
        .event = on_event,
        .rest = on_rest,
};
