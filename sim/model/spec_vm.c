/* SPDX-License-Identifier: MIT */
#include "sim/model/spec_vm.h"

#include <string.h>

#include "abi/ffa_ids.h"

_Static_assert(sizeof(struct sim_spec_vm) == SIM_LINEAR_WORDS * sizeof(uint64_t),
               "a VM is the state of an object");

/* An operation that takes its next phase: the VM and the answer before it. */
struct action {
	const struct sim_spec_profile *profile;
	const struct sim_spec_entry *entry;
	struct sim_spec_vm vm;
	struct sim_linear_answer answer;
	struct sim_linear_way *ways;
	unsigned count; /* ways so far; SIM_LINEAR_NO_ROOM */
};

void sim_spec_vm_read(struct sim_spec_vm *ret_vm, const uint64_t *state)
{
	memcpy(ret_vm, state, sizeof *ret_vm);
}

/* Tombstones or not. */
static uint64_t bound_to(const struct sim_spec_vm *vm, uint16_t sender)
{
	for (unsigned i = 0; i < SIM_SPEC_SENDERS && vm->bound[i]; i++)
		if (vm->sender[i] == sender)
			return vm->bound[i];
	return 0;
}

static uint64_t bound_to_anybody(const struct sim_spec_vm *vm)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < SIM_SPEC_SENDERS; i++)
		all |= vm->bound[i];
	return all;
}

/* Senders behind place move one further, or one back over it. */
static void open_place(struct sim_spec_vm *vm, unsigned place)
{
	unsigned behind = SIM_SPEC_SENDERS - 1 - place;

	memmove(&vm->bound[place + 1], &vm->bound[place], behind * sizeof vm->bound[0]);
	memmove(&vm->sender[place + 1], &vm->sender[place], behind * sizeof vm->sender[0]);
}

static void close_place(struct sim_spec_vm *vm, unsigned place)
{
	unsigned behind = SIM_SPEC_SENDERS - 1 - place;

	memmove(&vm->bound[place], &vm->bound[place + 1], behind * sizeof vm->bound[0]);
	memmove(&vm->sender[place], &vm->sender[place + 1], behind * sizeof vm->sender[0]);
	vm->bound[SIM_SPEC_SENDERS - 1] = 0;
	vm->sender[SIM_SPEC_SENDERS - 1] = 0;
}

/* False if there is no place for one more sender. */
static bool bind(struct sim_spec_vm *vm, uint16_t sender, uint64_t bits)
{
	unsigned place = 0;

	while (place < SIM_SPEC_SENDERS && vm->bound[place] && vm->sender[place] < sender)
		place++;
	if (place == SIM_SPEC_SENDERS)
		return false;
	if (!vm->bound[place] || vm->sender[place] != sender) {
		if (vm->bound[SIM_SPEC_SENDERS - 1])
			return false;
		open_place(vm, place);
		vm->bound[place] = 0;
		vm->sender[place] = sender;
	}
	vm->bound[place] |= bits;
	return true;
}

static void unbind(struct sim_spec_vm *vm, uint16_t sender, uint64_t bits)
{
	for (unsigned i = 0; i < SIM_SPEC_SENDERS; i++) {
		if (!vm->bound[i] || vm->sender[i] != sender)
			continue;
		vm->bound[i] &= ~bits;
		if (!vm->bound[i])
			close_place(vm, i);
		return;
	}
}

/* One more way: the VM as it is in the action now. */
static void way(struct action *action, uint8_t phase)
{
	struct sim_linear_way *next;

	if (action->count == SIM_LINEAR_NO_ROOM)
		return;
	next = &action->ways[action->count++];
	memcpy(next->state, &action->vm, sizeof next->state);
	next->answer = action->answer;
	next->answer.phase = phase;
}

static void done(struct action *action, int32_t code, uint64_t value)
{
	action->answer.code = code;
	action->answer.value = value;
	way(action, SIM_LINEAR_DONE);
}

/* The rules of the notifications, bit by bit the same for all: whole requests, or nothing. */

static void do_bind(struct action *action, uint16_t sender, uint64_t bits)
{
	struct sim_spec_vm *vm = &action->vm;
	uint64_t its = bound_to(vm, sender) & ~vm->gone;
	uint64_t taken = bound_to_anybody(vm) & ~its;

	if (bits & (vm->pending | taken))
		done(action, FFA_DENIED, 0);
	else if (bind(vm, sender, bits))
		done(action, FFA_OK, 0);
	else
		action->count = SIM_LINEAR_NO_ROOM;
}

static void do_unbind(struct action *action, uint16_t sender, uint64_t bits)
{
	struct sim_spec_vm *vm = &action->vm;

	if (bits & (vm->pending | ~bound_to(vm, sender))) {
		done(action, FFA_DENIED, 0);
		return;
	}
	unbind(vm, sender, bits);
	vm->gone &= ~bits;
	done(action, FFA_OK, 0);
}

/* Any GET ends what the last NPI stands for. The SPMC comes first, where it has a part. */
static void do_get(struct action *action, const struct sim_spec_call *call)
{
	struct sim_spec_vm *vm = &action->vm;
	uint64_t taken = 0;

	if (sim_spec_secure_maps(action->profile, call)) {
		if (!action->entry->asked)
			return;
		if (action->entry->spmc_status != FFA_OK) {
			done(action, action->entry->spmc_status, 0);
			return;
		}
	}
	vm->armed = false;
	if (call->w[2] & FFA_NOTIFICATION_GET_VM) {
		taken = vm->pending;
		vm->pending = 0;
		vm->news = false;
	}
	done(action, FFA_OK, taken);
}

/*
 * The value is whether VMs have set something to report. If not, there may be something of the
 * SPMC's, which is not known here.
 */
static void do_info_get(struct action *action)
{
	struct sim_spec_vm *vm = &action->vm;
	bool report = action->profile->info_always ? vm->pending != 0 : vm->news;

	vm->news = false;
	done(action, report ? FFA_OK : FFA_NO_DATA, report);
}

/* What the SPMC's interrupt leaves behind is not known here: with it, more NPIs are allowed. */
static enum sim_spec_npi npi_if(const struct action *action, bool due)
{
	if (action->profile->sps)
		return SIM_SPEC_NPI_FREE;
	return due ? SIM_SPEC_NPI_RAISED : SIM_SPEC_NPI_NONE;
}

static void do_set(struct action *action)
{
	const struct sim_spec_call *call = &action->entry->call;
	struct sim_spec_vm *vm = &action->vm;
	uint64_t bits = sim_spec_bits(call);

	if (!vm->live || !sim_spec_notifies(action->profile, vm->published)) {
		done(action, FFA_INVALID_PARAMETERS, SIM_SPEC_NPI_NONE);
		return;
	}
	if (bits & ~(bound_to(vm, call->self) & ~vm->gone)) {
		done(action, FFA_DENIED, SIM_SPEC_NPI_NONE);
		return;
	}
	vm->pending |= bits;
	vm->news = true;
	done(action, FFA_OK, npi_if(action, !vm->armed));
}

static void do_unsure_set(struct action *action)
{
	done(action, FFA_NOT_SUPPORTED, SIM_SPEC_NPI_NONE);
	do_set(action);
}

/* The last version that both speak counts until the first other call freezes it. */
static void do_version(struct action *action, uint32_t wanted)
{
	struct sim_spec_vm *vm = &action->vm;
	unsigned version = sim_spec_version(wanted);

	action->answer.note = vm->published;
	if (!version || (vm->published && vm->published != version)) {
		done(action, FFA_NOT_SUPPORTED, 0);
		return;
	}
	vm->offered = version & 0xf;
	done(action, FFA_OK, 0);
}

static void do_own(struct action *action, const struct sim_spec_call *call)
{
	uint16_t sender = ffa_high_half(call->w[1]);

	switch (call->fid) {
	case FFA_VERSION_32:
		do_version(action, call->w[1]);
		break;
	case FFA_NOTIFICATION_BIND_32:
		do_bind(action, sender, sim_spec_bits(call));
		break;
	case FFA_NOTIFICATION_UNBIND_32:
		do_unbind(action, sender, sim_spec_bits(call));
		break;
	case FFA_NOTIFICATION_GET_32:
		do_get(action, call);
		break;
	default:
		do_info_get(action);
		break;
	}
}

#define PHASE_FROZEN 1u

/* Every call but FFA_VERSION first freezes what was negotiated; its own effect may come later. */
static void do_call(struct action *action)
{
	const struct sim_spec_call *call = &action->entry->call;
	struct sim_spec_vm *vm = &action->vm;
	struct sim_spec_plan plan;

	if (call->fid == FFA_VERSION_32) {
		do_own(action, call);
		return;
	}
	if (action->answer.phase != PHASE_FROZEN) {
		bool first = !vm->published && vm->offered;

		if (first)
			vm->published = vm->offered;
		action->answer.note = vm->published;
		plan = sim_spec_plan(action->profile, call, vm->published);
		if (first && plan.place == SIM_SPEC_OWN) {
			way(action, PHASE_FROZEN);
			return;
		}
	} else {
		plan = sim_spec_plan(action->profile, call, action->answer.note);
	}
	if (plan.place == SIM_SPEC_OWN)
		do_own(action, call);
	else
		done(action, plan.status, 0);
}

static void do_create(struct action *action)
{
	done(action, FFA_NO_MEMORY, 0); /* or any other failure: nothing has changed */
	action->vm = (struct sim_spec_vm){.live = true};
	done(action, FFA_OK, 0);
}

static void do_destroy(struct action *action)
{
	action->vm = (struct sim_spec_vm){0};
	done(action, FFA_OK, 0);
}

static void do_sender_ends(struct action *action)
{
	action->vm.gone |= bound_to(&action->vm, action->entry->call.self);
	done(action, FFA_OK, 0);
}

static enum sim_spec_npi npi_for_pending(const struct action *action)
{
	return action->vm.pending ? SIM_SPEC_NPI_RAISED : npi_if(action, false);
}

/* With something pending, a vCPU that comes gets an NPI of its own. */
static void do_vcpu_on(struct action *action)
{
	done(action, FFA_OK, npi_for_pending(action));
}

/* With something pending, another vCPU is told in place of the one that went. */
static void do_vcpu_off(struct action *action)
{
	action->vm.armed = false;
	done(action, FFA_OK, npi_for_pending(action));
}

static void do_accepted(struct action *action)
{
	action->vm.armed = action->vm.live && !action->profile->sps;
	done(action, FFA_OK, SIM_SPEC_NPI_NONE);
}

static void (*const actions[SIM_SPEC_KINDS])(struct action *) = {
        [SIM_SPEC_CALL] = do_call,
        [SIM_SPEC_SET] = do_set,
        [SIM_SPEC_UNSURE_SET] = do_unsure_set,
        [SIM_SPEC_CREATE] = do_create,
        [SIM_SPEC_DESTROY] = do_destroy,
        [SIM_SPEC_SENDER_ENDS] = do_sender_ends,
        [SIM_SPEC_VCPU_ON] = do_vcpu_on,
        [SIM_SPEC_VCPU_OFF] = do_vcpu_off,
        [SIM_SPEC_ACCEPTED] = do_accepted,
};

static unsigned ways_of(const void *user, unsigned object, struct sim_linear_op op,
                        struct sim_linear_way *ways)
{
	const struct sim_spec_view *view = user;
	struct action action = {.profile = view->profile,
	                        .entry = &view->entries[op.context],
	                        .answer = ways[0].answer,
	                        .ways = ways};

	(void)object;
	sim_spec_vm_read(&action.vm, ways[0].state);
	actions[op.kind](&action);
	return action.count;
}

/* x8..x17: zero for a caller of 1.2, what it had in them for an older one. */
static bool upper_fits(const struct sim_spec_entry *entry, unsigned version,
                       const struct ffa_regs *answer)
{
	uint64_t upper = sim_spec_upper(answer);

	if (entry->call.fid == FFA_VERSION_32 && !entry->settled)
		return upper == 0 || upper == entry->upper;
	return upper == (version >= SIM_SPEC_1_2 ? 0 : entry->upper);
}

/* A call of which nothing but the version was decided here; the receiver of a SET says the rest. */
static bool elsewhere_fits(const struct sim_spec_view *view, const struct sim_spec_entry *entry,
                           enum sim_spec_place place)
{
	if (place == SIM_SPEC_SPMC)
		return entry->asked && sim_spec_answers(view->profile, &entry->call,
		                                        entry->spmc_status, 0, view->answer);
	return entry->other || sim_spec_answers(view->profile, &entry->call, FFA_INVALID_PARAMETERS,
	                                        0, view->answer);
}

static bool is_info_get(uint32_t fid)
{
	return fid == FFA_NOTIFICATION_INFO_GET_32 || fid == FFA_NOTIFICATION_INFO_GET_64;
}

static bool call_fits(const struct sim_spec_view *view, const struct sim_spec_entry *entry,
                      const struct sim_linear_answer *answer)
{
	struct sim_spec_plan plan = sim_spec_plan(view->profile, &entry->call, answer->note);

	if (!upper_fits(entry, answer->note, view->answer))
		return false;
	if (entry->call.fid != FFA_VERSION_32 &&
	    (plan.place == SIM_SPEC_OTHER || plan.place == SIM_SPEC_SPMC))
		return elsewhere_fits(view, entry, plan.place);
	if (is_info_get(entry->call.fid) && answer->code == FFA_NO_DATA && view->spmc_has_news &&
	    sim_spec_answers(view->profile, &entry->call, FFA_OK, 0, view->answer))
		return true;
	return sim_spec_answers(view->profile, &entry->call, answer->code, answer->value,
	                        view->answer);
}

static bool npi_fits(const struct sim_spec_entry *entry, uint64_t npi)
{
	if (npi == SIM_SPEC_NPI_NONE)
		return true; /* else it could not have raised one */
	if (npi == SIM_SPEC_NPI_FREE)
		return entry->accepted <= 1;
	return entry->accepted == 1 || (entry->accepted == 0 && entry->steady == 0);
}

static bool npi_possible(const struct sim_spec_view *view, unsigned context, uint64_t npi)
{
	if (npi == SIM_SPEC_NPI_NONE)
		return view->raising != context + 1;
	return view->entries[context].accepted <= 1;
}

static bool possible(const void *user, unsigned object, struct sim_linear_op op,
                     const struct sim_linear_answer *answer)
{
	const struct sim_spec_view *view = user;

	(void)object;
	return op.kind == SIM_SPEC_CALL || op.kind == SIM_SPEC_ACCEPTED ||
	       npi_possible(view, op.context, answer->value);
}

static bool fits(const void *user, unsigned object, struct sim_linear_op op,
                 const struct sim_linear_answer *answer)
{
	const struct sim_spec_view *view = user;
	const struct sim_spec_entry *entry = &view->entries[op.context];

	(void)object;
	switch (op.kind) {
	case SIM_SPEC_CALL:
		return call_fits(view, entry, answer);
	case SIM_SPEC_SET:
	case SIM_SPEC_UNSURE_SET:
		return sim_spec_answers(view->profile, &entry->call, answer->code, 0,
		                        view->answer) &&
		       npi_fits(entry, answer->value);
	case SIM_SPEC_CREATE:
		return (answer->code == FFA_OK) == (view->result == FFA_OK);
	case SIM_SPEC_VCPU_ON:
	case SIM_SPEC_VCPU_OFF:
		return npi_fits(entry, answer->value);
	default:
		return true;
	}
}

const struct sim_linear_spec sim_spec_vm = {.ways = ways_of, .possible = possible, .fits = fits};
