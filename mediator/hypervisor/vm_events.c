/* SPDX-License-Identifier: MIT */
/*
 * The messages that tell SPs of the life of VMs: framework messages in direct
 * requests of the hypervisor (facts spmc 1.4.1, hypervisor-mediator 1.16).
 *
 * Nothing here takes a lock: the SPs are constant after start-up, and a VM that
 * is being created or has ended belongs to one caller.
 */
#include "mediator/hypervisor/hyp_internal.h"

#define FRAMEWORK_MESSAGE 0x80000000u

/* An event, in w2; the answer to it has the next number. */
#define VM_CREATED   4u
#define VM_DESTROYED 6u

#define SUBSCRIBED_CREATED   (1u << 6) /* partition properties (facts spmc 1.3.8) */
#define SUBSCRIBED_DESTROYED (1u << 7)

/* Without direct requests there is nothing to subscribe to. */
static uint64_t subscribers(uint32_t property)
{
	return hyp_firmware_has(FFA_MSG_SEND_DIRECT_REQ_32) ? hyp_partitions_with(property) : 0;
}

uint64_t hyp_events_destroyed_subscribers(void)
{
	return subscribers(SUBSCRIBED_DESTROYED);
}

/* The handle in w3 and w4 is 0: this hypervisor has one name for a VM, its id. */
static struct ffa_regs request(struct ffa_id sp, struct ffa_id vm, uint32_t event)
{
	struct ffa_regs regs = {{FFA_MSG_SEND_DIRECT_REQ_32}};

	regs.x[1] = ffa_pair(FFA_ID_HYPERVISOR, sp.v);
	regs.x[2] = FRAMEWORK_MESSAGE | event;
	regs.x[5] = vm.v;
	return regs;
}

static struct ffa_regs resume(uint32_t target)
{
	return (struct ffa_regs){{FFA_RUN_32, target}};
}

/*
 * What FFA_RUN needs to let an SP go on that has not answered yet; 0 if it has.
 * One that could not be resumed now, `resumed`, is where it was.
 */
static uint32_t preempted(const struct ffa_regs *answer, uint32_t resumed)
{
	uint32_t fid = (uint32_t)answer->x[0];
	uint32_t target = (uint32_t)answer->x[1];

	if (fid == FFA_ERROR_32 && hyp_firmware_status(answer) == FFA_BUSY)
		return resumed;
	if (fid != FFA_INTERRUPT_32 && fid != FFA_YIELD_32)
		return 0;
	return ffa_id_is_secure(ffa_make_id(ffa_high_half(target))) ? target : 0;
}

static bool wants_more(enum ffa_status status)
{
	return status == FFA_RETRY || status == FFA_INTERRUPTED;
}

/*
 * Busy: the SP's vCPU serves somebody on another CPU for a moment. Nobody can put
 * a creation off, while an end can wait for its timer.
 */
static bool asks_again(enum ffa_status status, uint32_t event)
{
	return wants_more(status) || (event == VM_CREATED && status == FFA_BUSY);
}

/*
 * What the SP said. The SPMC's own errors come through, but it has no say in
 * whether the SP wants the message once more: from it, RETRY and INTERRUPTED
 * are no answers.
 */
static enum ffa_status response(const struct ffa_regs *answer, struct ffa_id sp, uint32_t event)
{
	uint32_t fid = (uint32_t)answer->x[0];
	enum ffa_status status;

	if (fid == FFA_ERROR_32) {
		status = hyp_firmware_status(answer);
		return wants_more(status) ? FFA_INVALID_PARAMETERS : status;
	}
	if (fid != FFA_MSG_SEND_DIRECT_RESP_32 ||
	    (uint32_t)answer->x[1] != ffa_pair(sp.v, FFA_ID_HYPERVISOR) ||
	    (uint32_t)answer->x[2] != (FRAMEWORK_MESSAGE | (event + 1)))
		return FFA_INVALID_PARAMETERS;
	status = (enum ffa_status)(int32_t)(uint32_t)answer->x[3];
	return (int)status > 0 ? FFA_INVALID_PARAMETERS : status;
}

/*
 * One event to one SP, in at most HYP_EVENT_CALLS SMCs. An SP that is still
 * preempted then is remembered, so that a later round goes on where it stopped.
 */
static enum ffa_status tell(struct hyp_vm *vm, size_t index, uint32_t event)
{
	struct ffa_id sp = hyp_partition_id(index);
	uint32_t target = vm->preempted[index];
	enum ffa_status status = FFA_INTERRUPTED;

	for (unsigned int n = 0; n < HYP_EVENT_CALLS && asks_again(status, event); n++) {
		struct ffa_regs regs = target != 0 ? resume(target) : request(sp, vm->id, event);

		platform_smc(&regs);
		target = preempted(&regs, target);
		if (target != 0) {
			status = FFA_INTERRUPTED;
			platform_interrupt_window();
		} else {
			status = response(&regs, sp, event);
		}
	}
	vm->preempted[index] = target;
	return status;
}

enum ffa_status hyp_events_created(struct hyp_vm *vm)
{
	uint64_t want_end = hyp_events_destroyed_subscribers();

	for (uint64_t rest = subscribers(SUBSCRIBED_CREATED); rest != 0; rest &= rest - 1) {
		unsigned int index = hyp_lowest_bit(rest);
		enum ffa_status status = tell(vm, index, VM_CREATED);

		if (status != FFA_OK) {
			platform_log(PLATFORM_LOG_WARNING, "ff-a: an sp refuses a vm",
			             ffa_pair(hyp_partition_id(index).v, vm->id.v));
			return status;
		}
		vm->untold |= want_end & (UINT64_C(1) << index);
	}
	return FFA_OK;
}

bool hyp_events_destroyed(struct hyp_vm *vm)
{
	for (uint64_t rest = vm->untold; rest != 0; rest &= rest - 1) {
		unsigned int index = hyp_lowest_bit(rest);
		enum ffa_status status = tell(vm, index, VM_DESTROYED);

		/* busy: its vCPU serves somebody on another CPU, which says nothing about us */
		if (wants_more(status) || status == FFA_BUSY)
			continue;
		vm->untold &= ~(UINT64_C(1) << index);
		if (status != FFA_OK)
			platform_log(PLATFORM_LOG_WARNING, "ff-a: an sp was not told of a vm's end",
			             ffa_pair(hyp_partition_id(index).v, vm->id.v));
	}
	return vm->untold == 0;
}
