/* SPDX-License-Identifier: MIT */
/*
 * host-calls: what a call of the host becomes when its registers and the version
 * alone decide: it is refused or answered without a word to the SPMC, or it is
 * forwarded once, and the SPMC's answer is the answer.
 */
#include "sim/model/host.h"

enum stage { NOTHING, ASKED, ANSWERED };

static void on_event(struct sim_run *run, const struct world_event *event)
{
	struct sim_host_call *call = sim_host_follow(run, event, SIM_HOST_CALLS);

	if (!call)
		return;
	switch (event->kind) {
	case WORLD_EVENT_SMC:
		if (sim_host_expect_forward(run, event, call))
			call->stage = ASKED;
		break;
	case WORLD_EVENT_SMC_DONE:
		call->stage = ANSWERED;
		call->spmc = *event->regs;
		break;
	case WORLD_EVENT_LEAVE:
		if (call->stage == NOTHING)
			sim_host_expect_unasked(run, event, call, 0, "it is asked first");
		else
			sim_host_expect_answer(run, event, call, &call->spmc,
			                       "what the SPMC answers is the answer");
		sim_host_forget(call);
		break;
	default:
		break;
	}
}

const struct sim_model_part sim_model_host_calls = {.name = "host-calls", .event = on_event};
