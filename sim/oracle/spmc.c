/* SPDX-License-Identifier: MIT */
/* No call of the mediator stops the SPMC. The schedule ends there: nothing comes back from it. */
#include "abi/ffa_text.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

static void check_event(struct sim_run *run, const struct world_event *event)
{
	const char *follows = run->world->config.spmc.follows;
	char call[FFA_TEXT_SIZE];

	if (event->kind != WORLD_EVENT_SPMC_STOPPED)
		return;
	sim_describe_call(run->scenario, event->regs, call, sizeof call);
	sim_run_oracle(run, SIM_ORACLE_SPMC, SIM_VERDICT_FAIL, "%s stops the SPMC%s%s%s by %s: %s",
	               sim_actor_name(run, event->context), *follows ? " (" : "", follows,
	               *follows ? ")" : "", call,
	               world_spmc_stop_text((enum world_spmc_stop)event->arg[0]));
}

const struct sim_oracle sim_oracle_spmc = {
        .name = "spmc",
        .says = "no call of the mediator stops the SPMC",
        .needs = "a profile whose SPMC can stop: a behaviour with the value \"stops\"",
        .source = "docs/facts/spmc-differences.md, row D2",
        .explanation =
                "A real SPMC panics where its authors took something for impossible, and with it all\n"
                "of the secure world stops. Whoever sits in front of it must not make such a call,\n"
                "whatever guests ask for. The call never returns, so the schedule ends there.\n",
        .level = SIM_ORACLE_ERROR,
        .event = check_event,
};
