/* SPDX-License-Identifier: MIT */
/* The registers of every answer obey the contract of the call. */
#include "abi/ffa_check.h"
#include "abi/ffa_decode.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

#define LOW_REGISTERS 8u

/*
 * The version a VM has negotiated follows from its calls alone: a compatible
 * FFA_VERSION counts until the first other call of FF-A.
 */
static void follow_version(struct sim_abi_vm *vm, const struct sim_step *step,
                           const struct ffa_regs *answer)
{
	uint32_t asked = (uint32_t)step->regs.x[1], own = (uint32_t)answer->x[0];

	if (step->fid != FFA_VERSION_32) {
		if (ffa_fid_is_ffa(step->fid))
			vm->frozen = vm->version != 0;
		return;
	}
	if (vm->frozen || own & FFA_VERSION_MBZ || asked >> 16 != own >> 16)
		return;
	vm->version = asked < own ? asked : own;
}

/* x0..x7, or all. */
static uint64_t hash_registers(const struct ffa_regs *regs, unsigned count)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < count; i++)
		hash = (hash ^ regs->x[i]) * 0x9e3779b97f4a7c15ull + (hash >> 29);
	return hash;
}

/* The SPMC gave the same answer to the same call: the mediator has passed on what it got. */
static bool is_passed_on(const struct sim_run *run, const struct sim_step *step,
                         const struct ffa_regs *answer, unsigned reg)
{
	const struct sim_abi_context *smc = &run->state.oracles.abi_last;

	if (!smc->fid || smc->fid != step->fid)
		return false;
	return reg < LOW_REGISTERS ? smc->low == hash_registers(answer, LOW_REGISTERS)
	                           : smc->answer == hash_registers(answer, FFA_REG_COUNT);
}

static void check_step(struct sim_run *run, const struct sim_step *step,
                       const struct ffa_regs *answer)
{
	struct sim_abi_vm *vm;
	struct ffa_violation violation;
	const char *name = ffa_fid_name(step->fid);

	if (step->action != SIM_ACTION_CALL)
		return;
	vm = &run->state.oracles.abi[step->vm];
	if (!ffa_check_result(step->fid, answer, vm->unsure ? 0 : vm->version, &violation) &&
	    !is_passed_on(run, step, answer, violation.reg))
		sim_run_oracle(run, SIM_ORACLE_ABI, SIM_VERDICT_FAIL,
		               "the answer to %s has 0x%" G_GINT64_MODIFIER "x in x%u: %s",
		               name ? name : "an unknown call", violation.got, violation.reg,
		               violation.rule);
	follow_version(vm, step, answer);
	run->state.oracles.abi_last = (struct sim_abi_context){0};
}

/* An FFA_VERSION beside another call: which of them took effect first, only the mediator knows. */
static void watch_overlap(struct sim_run *run, const struct world_event *event)
{
	const struct shim_slot *slot = shim_slot(&run->world->link->map, event->context);
	bool is_version = (uint32_t)slot->entry_arg[2] == FFA_VERSION_32;
	struct sim_abi_vm *vm;

	if (event->entry != SHIM_ENTRY_GUEST_CALL || event->vm == WORLD_NO_VM)
		return;
	vm = &run->state.oracles.abi[event->vm];
	if (event->kind == WORLD_EVENT_LEAVE) {
		vm->asking -= is_version;
		return;
	}
	vm->asking += is_version;
	if (!vm->frozen && vm->asking && run->world->state.vms[event->vm].inside > 1)
		vm->unsure = true;
}

/* What the SPMC answered last in each entry. */
static void watch_smcs(struct sim_run *run, const struct world_event *event)
{
	struct sim_abi_context *smc = &run->state.oracles.abi_smc[event->context];

	if (event->kind == WORLD_EVENT_SMC) {
		smc->fid = (uint32_t)event->regs->x[0];
	} else if (event->kind == WORLD_EVENT_SMC_DONE) {
		smc->low = hash_registers(event->regs, LOW_REGISTERS);
		smc->answer = hash_registers(event->regs, FFA_REG_COUNT);
	} else if (event->kind == WORLD_EVENT_LEAVE) {
		if (event->entry == SHIM_ENTRY_GUEST_CALL)
			run->state.oracles.abi_last = *smc;
		*smc = (struct sim_abi_context){0};
	}
}

/* A VM that is created anew has negotiated nothing. */
static void watch_versions(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_ENTER || event->kind == WORLD_EVENT_LEAVE)
		watch_overlap(run, event);
	watch_smcs(run, event);
	if (event->kind == WORLD_EVENT_VM_GONE)
		run->state.oracles.abi[event->vm] = (struct sim_abi_vm){0};
}

const struct sim_oracle sim_oracle_abi = {
        .name = "abi",
        .says = "the result registers of every call obey the call's contract",
        .source = "facts spmc.md sections 1.1 and 1.3.1, hypervisor-mediator.md section 0",
        .explanation =
                "An answer is FFA_ERROR with a known code in w2, zero-extended; FFA_SUCCESS of the\n"
                "right width; or another id that may end the call. Registers and upper halves that\n"
                "the answer does not use are zero, x8..x17 included once the caller has negotiated\n"
                "1.2. FFA_VERSION answers in x0 alone and never with FFA_ERROR.\n"
                "An answer that the SPMC itself gave to the same call, and the mediator passed on as\n"
                "it came, is the SPMC's and not judged.\n",
        .level = SIM_ORACLE_ERROR,
        .event = watch_versions,
        .step = check_step,
};
