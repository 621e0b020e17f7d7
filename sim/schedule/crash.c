/* SPDX-License-Identifier: MIT */
#include "sim/schedule/crash.h"

#include <signal.h>
#include <string.h>

#include "sim/debug/frames.h"
#include "sim/oracle/race.h"
#include "sim/subject.h"

/* Faults of the null page, of a process subject, of the state: the only addresses below this. */
#define FIXED_ADDRESSES 0x100000000ull

/* How a fault of the SDK reads, and which verdict it is. */
struct fault_text {
	enum sim_verdict verdict;
	const char *text; /* behind the name of the actor; '%s' stands for the object */
};

static const struct fault_text fault_texts[] = {
        [SHIM_FAULT_NONE] = {SIM_VERDICT_CRASH, "stopped for no reason it gives"},
        [SHIM_FAULT_SIGNAL] = {SIM_VERDICT_CRASH, "crashed"},
        [SHIM_FAULT_RUNAWAY] = {SIM_VERDICT_LIVENESS, "runs on without coming to a stop"},
        [SHIM_FAULT_UNLOCK] = {SIM_VERDICT_CRASH, "releases %s without holding it"},
        [SHIM_FAULT_RELOCK] = {SIM_VERDICT_LIVENESS, "takes %s while holding it"},
        [SHIM_FAULT_HEAP] = {SIM_VERDICT_CRASH, "frees what is not a live allocation"},
        [SHIM_FAULT_LIMIT] = {SIM_VERDICT_CRASH, "reached a limit of the shim"},
        [SHIM_FAULT_INSTRUCTION] = {SIM_VERDICT_CRASH,
                                    "executed smc or hvc with a non-zero immediate, or hvc"},
        [SHIM_FAULT_OBJECT] = {SIM_VERDICT_CRASH,
                               "uses a lock that was never initialised or is finished"},
        [SHIM_FAULT_PANIC] = {SIM_VERDICT_CRASH, "gave up"},
};

static const struct fault_text *text_of(uint32_t fault)
{
	if (fault >= G_N_ELEMENTS(fault_texts))
		fault = SHIM_FAULT_NONE;
	return &fault_texts[fault];
}

static void append_fault(GString *out, struct sim_run *run, uint32_t context)
{
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);
	const char *text = text_of(slot->fault)->text, *at = strstr(text, "%s");
	struct world_object object;
	uint32_t holder;
	char name[64] = "a lock";

	g_string_append_printf(out, "%s ", sim_actor_name(run, context));
	if (!at) {
		g_string_append(out, text);
		return;
	}
	if (world_object(run->world, context, &object, &holder))
		sim_object_name(run->scenario, &object, name, sizeof name);
	g_string_append_len(out, text, at - text);
	g_string_append_printf(out, "%s%s", name, at + strlen("%s"));
}

static bool is_stack_end(uint32_t context, uint64_t address)
{
	uint64_t bottom = SHIM_STATE_BASE + SHIM_STACK_OFFSET + (uint64_t)context * SHIM_STACK_SIZE;

	return address - bottom < SHIM_PAGE;
}

/* In words that are the same in every process: where libraries lie is not. */
static void append_address(GString *out, struct sim_run *run, uint32_t context)
{
	uint64_t address = shim_slot(&run->world->link->map, context)->address;
	g_autofree char *name = NULL;

	if (address == SHIM_NO_ADDRESS) {
		g_string_append(out, " at an address that no processor has");
		return;
	}
	if (is_stack_end(context, address)) {
		g_string_append_printf(out, " at the end of its stack of %u bytes",
		                       SHIM_STACK_SIZE - SHIM_PAGE);
		return;
	}
	name = sim_race_memory_name(run, address);
	if (strcmp(name, "memory") != 0)
		g_string_append_printf(out, " at %s", name);
	else if (address == 0 && sim_subject_is_emulated(run->world->link))
		/* the emulator reports both alike */
		g_string_append(out, " at address 0x0, or at one that no processor has,");
	else if (address < FIXED_ADDRESSES)
		g_string_append_printf(out, " at address 0x%" G_GINT64_MODIFIER "x", address);
	else
		g_string_append(out, " at an address outside of all memory that it has");
}

static void append_signal(GString *out, struct sim_run *run, uint32_t context)
{
	const struct shim_slot *slot = shim_slot(&run->world->link->map, context);

	if (slot->fault != SHIM_FAULT_SIGNAL)
		return;
	g_string_append_printf(out, " with %s", g_strsignal(slot->signal));
	if (slot->signal == SIGSEGV || slot->signal == SIGBUS)
		append_address(out, run, context);
}

/* When a watchdog comes is no part of an execution, so where it meets a context says nothing. */
static bool has_place(const struct shim_link *link, uint32_t context)
{
	return shim_slot(&link->map, context)->fault != SHIM_FAULT_RUNAWAY ||
	       link->map.control->crash.context == 0;
}

/* Where the context stands, for the message and for the finding. */
static void add_place(struct sim_finding *finding, const GPtrArray *frames)
{
	const struct sim_frame *place = sim_frames_place(frames);
	g_autoptr(GString) detail = g_string_new(NULL);

	if (place) {
		finding->crash_pc = place->pc;
		finding->crash_inner = sim_frames_inner(frames, place);
	}
	if (place && place->file)
		finding->place = g_strdup_printf("%s:%d", place->file, place->line);
	sim_frames_append(detail, frames, "\n");
	if (detail->len)
		finding->detail = g_strdup(detail->str + 1);
}

static void append_function(GString *out, const GPtrArray *frames)
{
	const struct sim_frame *place = sim_frames_place(frames);

	if (place && place->function)
		g_string_append_printf(out, " in %s", place->function);
}

static void report_fault(struct sim_run *run, uint32_t context)
{
	const struct shim_link *link = run->world->link;
	const char *more = link->map.control->error;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) frames =
	        has_place(link, context) ? sim_run_frames(run, context) : g_ptr_array_new();

	append_fault(text, run, context);
	append_signal(text, run, context);
	append_function(text, frames);
	if (more[0])
		g_string_append_printf(text, ": %s", more);
	add_place(sim_run_add(run, text_of(shim_slot(&link->map, context)->fault)->verdict,
	                      SIM_SOURCE_SUBJECT, NULL, "%s", text->str),
	          frames);
}

/* The oracle has made the finding if it may. Nobody may take what ends here for a pass. */
static void report_stopped(struct sim_run *run)
{
	if (run->levels->level[SIM_ORACLE_SPMC] != SIM_ORACLE_ERROR)
		sim_run_add(run, SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, NULL,
		            "the SPMC has stopped, and the oracle 'spmc' does not fail that");
}

void sim_report_crash(struct sim_run *run, uint32_t context)
{
	const struct shim_link *link = run->world->link;
	enum sim_verdict verdict = sim_verdict_of_blame(sim_subject_blame(link));

	run->failed = true;
	if (run->world->state.spmc.stopped)
		report_stopped(run);
	else if (link->error[0])
		sim_run_add(run, verdict, sim_source_of_verdict(verdict), NULL, "%s while %s ran",
		            link->error, sim_actor_name(run, context));
	else
		report_fault(run, context);
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
