/* SPDX-License-Identifier: MIT */
/*
 * The answer of an SP goes to the entry that asked. FFA_RUN resumes what the SP's
 * execution context was doing, whoever asked for that: its answer is the result
 * of FFA_RUN then.
 */
#include "abi/ffa_decode.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

/* w2 of a framework message, and its functions (facts spmc.md section 1.4.1). */
#define FRAMEWORK       0x80000000u
#define FUNCTION        0xffu
#define FN_VM_CREATED   4u
#define FN_VM_DESTROYED 6u
#define EVENT_VM        2u /* index into the payload, which begins with x3: w5 */

/* What the SP was asked, or the request that it still has. */
struct question {
	const char *event; /* "VM_CREATED"; NULL: a message that is none of the framework's */
	struct ffa_id vm;  /* that it is about, or from */
};

static const struct world_request *parked(const struct world *world, uint32_t target)
{
	for (unsigned i = 0; i < WORLD_MAX_OPEN; i++) {
		const struct world_request *open = &world->state.spmc.open[i];

		if (open->sp && world->config.sps[open->sp - 1].id.v == ffa_high_half(target) &&
		    open->context == ffa_low_half(target))
			return open;
	}
	return NULL;
}

static struct question question_of(const struct world_request *request)
{
	bool is_framework =
	        request->fid != FFA_MSG_SEND_DIRECT_REQ2_64 && request->flags & FRAMEWORK;
	uint32_t function = request->flags & FUNCTION;

	if (is_framework && (function == FN_VM_CREATED || function == FN_VM_DESTROYED))
		return (struct question){.event = function == FN_VM_CREATED ? "VM_CREATED"
		                                                            : "VM_DESTROYED",
		                         .vm = ffa_make_id((uint32_t)request->payload[EVENT_VM])};
	return (struct question){.vm = ffa_make_id(request->sender)};
}

/* The VM that an entry is for; false if it is for none, or for any. */
static bool vm_of_entry(const struct sim_run *run, uint32_t context, struct ffa_id *ret_vm)
{
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);

	switch (slot->entry) {
	case SHIM_ENTRY_VM_CREATE:
	case SHIM_ENTRY_VM_DESTROY:
	case SHIM_ENTRY_GUEST_CALL:
		*ret_vm = ffa_make_id((uint32_t)slot->entry_arg[0]);
		return true;
	default:
		return false;
	}
}

static void check_run(struct sim_run *run, const struct world_event *event)
{
	uint32_t target = (uint32_t)event->regs->x[1];
	const struct world_request *request = parked(run->world, target);
	char sp[SIM_NAME_SIZE], own[SIM_NAME_SIZE], other[SIM_NAME_SIZE];
	struct question question;
	struct ffa_id vm;

	if (!request || !vm_of_entry(run, event->context, &vm))
		return;
	question = question_of(request);
	if (ffa_id_equal(question.vm, vm))
		return;
	sim_run_oracle(
	        run, SIM_ORACLE_ANSWER, SIM_VERDICT_FAIL,
	        "%s resumes %s with FFA_RUN for %s, and what it resumes is %s%s%s: the answer "
	        "is not to what was asked for %s",
	        sim_actor_name(run, event->context),
	        sim_endpoint_name(run->scenario, ffa_make_id(ffa_high_half(target)), sp, sizeof sp),
	        sim_endpoint_name(run->scenario, vm, own, sizeof own),
	        question.event ? question.event : "a request", question.event ? " of " : " from ",
	        sim_endpoint_name(run->scenario, question.vm, other, sizeof other),
	        sim_endpoint_name(run->scenario, vm, own, sizeof own));
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_SMC && (uint32_t)event->regs->x[0] == FFA_RUN_32)
		check_run(run, event);
}

const struct sim_oracle sim_oracle_answer = {
        .name = "answer",
        .says = "an SP that was preempted is resumed for the VM that it was asked for",
        .source = "facts spmc.md sections 1.4.2 and 1.6",
        .explanation =
                "FFA_RUN lets an SP go on with the request that it was preempted in, and ends with the\n"
                "SP's answer to it. An entry that is for one VM - its creation, its end, a call of its\n"
                "own - and resumes a request that is about or from another one takes an answer that was\n"
                "meant for somebody else, and whoever asked never gets it. Timers and deferred work are\n"
                "for no VM in particular and may resume any request.\n",
        .level = SIM_ORACLE_ERROR,
        .event = check_event,
};
