/* SPDX-License-Identifier: MIT */
/*
 * A warning or an error that is logged has a cause. What can be one is seen from
 * outside: an answer of the SPMC or of an SP that is no success, memory that is
 * not there, a guest whose call is refused. Some causes last: whatever is logged
 * behind them is theirs.
 */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

#define LEVEL_WARNING 2 /* SDK: debug, info, warning, error */
#define LEVEL_ERROR   3
#define FRAMEWORK     0x80000000u

enum cause { NO_CAUSE, OF_ENTRY, OF_RUN };

/* Probing is no failure, and neither is that nothing is new. */
static enum cause cause_of_error(uint32_t fid, int32_t status)
{
	if (status == FFA_NO_DATA)
		return NO_CAUSE;
	return fid == FFA_FEATURES_32 ? OF_ENTRY : OF_RUN;
}

static enum cause cause_of_version(const struct ffa_regs *answer)
{
	return answer->x[0] == FFA_VERSION_1_2 || answer->x[0] == FFA_VERSION_1_3 ? NO_CAUSE
	                                                                          : OF_ENTRY;
}

static enum cause cause_of_answer(uint32_t fid, const struct ffa_regs *answer)
{
	int32_t code = ffa_answer_code(fid, answer);

	if (fid == FFA_VERSION_32)
		return cause_of_version(answer);
	switch (code) {
	case FFA_OK:
	case FFA_FN_MSG_SEND_DIRECT_RESP2:
		return NO_CAUSE;
	case FFA_FN_MSG_SEND_DIRECT_RESP:
		/* w3 of a framework message is the SP's status */
		return answer->x[2] & FRAMEWORK && (uint32_t)answer->x[3] ? OF_RUN : NO_CAUSE;
	default:
		return code < 0 ? cause_of_error(fid, code) : OF_RUN;
	}
}

static void note_cause(struct sim_run *run, uint32_t context, enum cause cause)
{
	struct sim_log_state *own = &run->state.oracles.log;

	if (cause != NO_CAUSE)
		own->contexts[context] = (struct sim_log_context){.excused = true};
	own->excused |= cause == OF_RUN;
}

/* An SPMC that does not keep the contract, or is not there, is a cause from the beginning on. */
static bool spmc_is_faulty(const struct world_spmc_config *spmc)
{
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		if (spmc->knobs[i] && g_str_has_prefix(world_knobs[i].name, "lie-"))
			return true;
	return !spmc->present || spmc->fault_count;
}

static void note_log(struct sim_run *run, const struct world_event *event)
{
	struct sim_log_state *own = &run->state.oracles.log;
	struct sim_log_context *entry = &own->contexts[event->context];

	if (event->arg[0] < LEVEL_WARNING || own->excused || entry->excused || entry->level ||
	    spmc_is_faulty(&run->world->config.spmc))
		return;
	entry->level = (uint8_t)event->arg[0];
	entry->value = event->arg[1];
	g_strlcpy(entry->text, event->text, sizeof entry->text);
}

static void judge_entry(struct sim_run *run, const struct world_event *event)
{
	struct sim_log_state *own = &run->state.oracles.log;
	struct sim_log_context entry = own->contexts[event->context];
	bool is_call = event->entry == SHIM_ENTRY_GUEST_CALL;
	uint32_t fid = (uint32_t)shim_slot(&run->world->link->map, event->context)->entry_arg[2];
	/* a guest that is refused has done something; so has who asked for what failed */
	bool failed = is_call ? cause_of_answer(fid, event->regs) != NO_CAUSE : event->result != 0;

	own->contexts[event->context] = (struct sim_log_context){0};
	if (!entry.level || own->excused || failed)
		return;
	sim_run_oracle(run, SIM_ORACLE_LOG, SIM_VERDICT_FAIL,
	               "%s logs the %s '%s 0x%" G_GINT64_MODIFIER
	               "x', and nothing has failed or was refused",
	               sim_actor_name(run, event->context),
	               entry.level >= LEVEL_ERROR ? "error" : "warning", entry.text, entry.value);
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	uint32_t context = event->context;

	switch (event->kind) {
	case WORLD_EVENT_SMC_DONE:
		note_cause(run, context,
		           run->world->state.spmc.stopped
		                   ? OF_RUN
		                   : cause_of_answer(run->world->state.contexts[context].smc,
		                                     event->regs));
		break;
	case WORLD_EVENT_ALLOC:
	case WORLD_EVENT_PAGE_ALLOC:
		note_cause(run, context, event->result ? NO_CAUSE : OF_RUN);
		break;
	case WORLD_EVENT_MAP:
		note_cause(run, context, event->result ? NO_CAUSE : OF_ENTRY);
		break;
	case WORLD_EVENT_LOG:
		note_log(run, event);
		break;
	case WORLD_EVENT_LEAVE:
		judge_entry(run, event);
		break;
	default:
		break;
	}
}

const struct sim_oracle sim_oracle_log = {
        .name = "log",
        .says = "a warning or an error is logged only where something has failed or was refused",
        .needs = "the levels of the SDK's log: 2 is a warning, 3 an error",
        .source = "docs/porting.md",
        .explanation =
                "People look into a log for what went wrong, so a line that is there on every boot, or\n"
                "whenever a VM ends as it should, hides the others. A cause is an answer of the SPMC or\n"
                "an SP that is no success, a version other than 1.2 or 1.3, memory that is not there, a\n"
                "refused page, a call that is answered with an error, an entry that fails. What is\n"
                "logged after an SPMC or an SP failed once, and on an SPMC with faults, is not judged.\n"
                "It is a warning itself: what deserves a line, its author knows.\n",
        .level = SIM_ORACLE_WARN,
        .event = check_event,
};
