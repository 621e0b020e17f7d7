/* SPDX-License-Identifier: MIT */
#include "sim/schedule/crash.h"

#include <string.h>

/* How a fault of the SDK reads, and which verdict it is. */
struct fault_text {
	enum sim_verdict verdict;
	const char *text;
};

static const struct fault_text fault_texts[] = {
        [SHIM_FAULT_NONE] = {SIM_VERDICT_CRASH, "stopped for no reason it gives"},
        [SHIM_FAULT_SIGNAL] = {SIM_VERDICT_CRASH, "crashed"},
        [SHIM_FAULT_RUNAWAY] = {SIM_VERDICT_LIVENESS, "runs on without coming to a stop"},
        [SHIM_FAULT_UNLOCK] = {SIM_VERDICT_CRASH, "releases a lock it does not hold"},
        [SHIM_FAULT_RELOCK] = {SIM_VERDICT_LIVENESS, "takes a lock it holds already"},
        [SHIM_FAULT_HEAP] = {SIM_VERDICT_CRASH, "frees what is not a live allocation"},
        [SHIM_FAULT_LIMIT] = {SIM_VERDICT_CRASH, "reached a limit of the shim"},
        [SHIM_FAULT_INSTRUCTION] = {SIM_VERDICT_CRASH,
                                    "executed smc or hvc with a non-zero immediate, or hvc"},
        [SHIM_FAULT_OBJECT] = {SIM_VERDICT_CRASH,
                               "uses a lock that was never initialised or is finished"},
};

static const struct fault_text *text_of(uint32_t fault)
{
	if (fault >= G_N_ELEMENTS(fault_texts))
		fault = SHIM_FAULT_NONE;
	return &fault_texts[fault];
}

static char *signal_text(const struct shim_slot *slot)
{
	if (slot->fault != SHIM_FAULT_SIGNAL)
		return g_strdup("");
	return g_strdup_printf(" with %s", g_strsignal(slot->signal));
}

void sim_report_crash(struct sim_run *run, uint32_t context)
{
	const struct shim_link *link = run->world->link;
	const struct shim_slot *slot = shim_slot(&link->map, context);
	const struct fault_text *text = text_of(slot->fault);
	const char *more = link->map.control->error;
	g_autofree char *signal = NULL;

	run->failed = true;
	if (link->error[0]) {
		sim_run_add(run, SIM_VERDICT_CRASH, SIM_SOURCE_SUBJECT, NULL, "%s while %s ran",
		            link->error, sim_actor_name(run, context));
		return;
	}
	signal = signal_text(slot);
	sim_run_add(run, text->verdict, SIM_SOURCE_SUBJECT, NULL, "%s %s%s%s%s",
	            sim_actor_name(run, context), text->text, signal, more[0] ? ": " : "", more);
}

void sim_report_stuck(struct sim_run *run, uint32_t context)
{
	struct world_object object;
	uint32_t holder = 0;
	char name[64];

	run->failed = true;
	if (world_object(run->world, context, &object, &holder) && holder)
		sim_run_oracle(run, SIM_ORACLE_LIVENESS, SIM_VERDICT_LIVENESS,
		               "%s waits for ever for %s, held by %s", sim_actor_name(run, context),
		               sim_object_name(run->scenario, &object, name, sizeof name),
		               sim_actor_name(run, holder - 1));
	else
		sim_run_oracle(run, SIM_ORACLE_LIVENESS, SIM_VERDICT_LIVENESS, "%s waits for ever",
		               sim_actor_name(run, context));
}

bool sim_report_endless(struct sim_run *run)
{
	if (run->state.stops <= SIM_MAX_STOPS)
		return false;
	run->failed = true;
	sim_run_oracle(run, SIM_ORACLE_LIVENESS, SIM_VERDICT_LIVENESS,
	               "no end after %u scheduling points: something is retried without a bound",
	               SIM_MAX_STOPS);
	return true;
}
