/* SPDX-License-Identifier: MIT */
/*
 * An SP that ends with FFA_INTERRUPT was preempted by an interrupt of the normal
 * world, which is pending at this CPU. Until it is taken, the SP is preempted
 * again each time it is resumed.
 */
#include "sim/oracle/registry.h"
#include "sim/run.h"

static void check_run(struct sim_run *run, const struct world_event *event)
{
	uint32_t *preempted = &run->state.oracles.window[event->context];
	char name[SIM_NAME_SIZE];

	if (!*preempted || (uint32_t)event->regs->x[0] != FFA_RUN_32)
		return;
	sim_run_oracle(
	        run, SIM_ORACLE_WINDOW, SIM_VERDICT_FAIL,
	        "%s resumes %s with FFA_RUN, and since it got FFA_INTERRUPT there was no window "
	        "in which the interrupt could be taken",
	        sim_actor_name(run, event->context),
	        sim_endpoint_name(run->scenario, ffa_make_id(ffa_high_half(event->regs->x[1])),
	                          name, sizeof name));
	*preempted = 0;
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	uint32_t *preempted = run->state.oracles.window;

	switch (event->kind) {
	case WORLD_EVENT_SMC:
		check_run(run, event);
		break;
	case WORLD_EVENT_SMC_DONE:
		preempted[event->context] = (uint32_t)event->regs->x[0] == FFA_INTERRUPT_32;
		break;
	case WORLD_EVENT_ENTER:
		/* one that runs on top of a context is taken there */
		if (event->entry == SHIM_ENTRY_INTERRUPT)
			preempted[event->arg[1]] = 0;
		preempted[event->context] = 0;
		break;
	case WORLD_EVENT_WINDOW:
	case WORLD_EVENT_LEAVE:
		preempted[event->context] = 0;
		break;
	default:
		break;
	}
}

const struct sim_oracle sim_oracle_window = {
        .name = "window",
        .says = "between FFA_INTERRUPT and the FFA_RUN that resumes the SP the interrupt can be taken",
        .needs = "a subject that opens windows for interrupts: subject_interrupt_window()",
        .source = "facts spmc.md section 1.6; emu/subject/subject.h",
        .explanation =
                "FFA_INTERRUPT says that an interrupt of the normal world is pending and has preempted\n"
                "the SP. Whoever resumes it at once, in a loop and perhaps with interrupts masked, gets\n"
                "FFA_INTERRUPT again for as long as the interrupt is pending, which is for ever. A window\n"
                "(subject_interrupt_window()), an interrupt on top of the entry, or its end lets it in.\n"
                "It is a warning: a platform that runs these loops with interrupts unmasked needs no\n"
                "windows.\n",
        .level = SIM_ORACLE_WARN,
        .event = check_event,
};
