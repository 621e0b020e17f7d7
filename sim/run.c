/* SPDX-License-Identifier: MIT */
#include "sim/run.h"

#include <stdarg.h>
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/cause.h"
#include "sim/narrate.h"
#include "sim/model/model.h"
#include "sim/schedule/actor.h"
#include "sim/schedule/script.h"
#include "sim/trace/contract.h"

/* What a run needs beside the run itself: the moment after the set-up, and the outcomes seen. */
struct bookmark {
	struct world_snapshot *world;
	struct sim_run_state state;
	uint8_t orders[sizeof(struct sim_linear)];
	struct sim_lock_context locks[SHIM_MAX_CONTEXTS];
	bool seen[SIM_ALL_OUTCOMES];
};

_Static_assert(SIM_MAX_VMS <= WORLD_MAX_VMS && SIM_MAX_VCPUS <= WORLD_MAX_VCPUS &&
                       SIM_MAX_SPS <= WORLD_MAX_SPS,
               "every machine of a scenario fits the world");
_Static_assert(SIM_SYSTEM_END + 1 <= WORLD_PROBE_CONTEXT, "every actor has a context");

static char *cause_of(const struct sim_run *run, enum sim_source source,
                      const struct sim_place *place, const char *message)
{
	if (place && source == SIM_SOURCE_OUTCOME)
		return g_strdup(place->pointer);
	return sim_cause_normalise(run->scenario, message);
}

struct sim_finding *sim_run_add(struct sim_run *run, enum sim_verdict verdict,
                                enum sim_source source, const struct sim_place *place,
                                const char *format, ...)
{
	g_autofree char *message = NULL;
	struct sim_finding *finding;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	finding = sim_report_add(run->report, verdict, source,
	                         run->schedule ? run->schedule->name : NULL, place, "%s", message);
	finding->told_at = run->trace ? run->trace->len : 0;
	finding->moment = run->moment;
	finding->cause = cause_of(run, source, place, message);
	return finding;
}

struct sim_finding *sim_run_oracle(struct sim_run *run, enum sim_oracle_id id,
                                   enum sim_verdict verdict, const char *format, ...)
{
	enum sim_oracle_level level = run->levels->level[id];
	g_autofree char *message = NULL;
	struct sim_finding *finding;
	va_list arguments;

	if (level == SIM_ORACLE_OFF)
		return NULL;
	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	finding = sim_run_add(run, level == SIM_ORACLE_WARN ? SIM_VERDICT_PASS : verdict,
	                      SIM_SOURCE_ORACLE, NULL, "%s", message);
	finding->oracle = g_strdup(sim_oracle_at(id)->name);
	finding->warning = level == SIM_ORACLE_WARN;
	return finding;
}

void sim_run_unjudged(struct sim_run *run, enum sim_limit limit)
{
	enum sim_oracle_id oracle = sim_limit_oracle(limit);

	if (oracle != SIM_ORACLE_COUNT && run->levels->level[oracle] == SIM_ORACLE_OFF)
		return;
	run->unjudged.times[limit]++;
	run->left_out = true;
}

/* What was not judged since the last time becomes findings, one for each limit. */
static void tell_unjudged(struct sim_run *run)
{
	for (unsigned i = 0; run->left_out && i < SIM_LIMIT_COUNT; i++) {
		enum sim_limit limit = (enum sim_limit)i;
		g_autofree char *text = NULL;

		if (!run->unjudged.times[i])
			continue;
		text = sim_limit_text(limit, run->unjudged.times[i]);
		sim_run_oracle(run, sim_limit_oracle(limit), SIM_VERDICT_INCOMPLETE, "%s", text);
	}
	run->unjudged = (struct sim_unjudged){{0}};
	run->left_out = false;
}

static bool is_counted(const struct sim_counter *counter, const struct ffa_regs *regs)
{
	uint32_t fid = (uint32_t)regs->x[0];

	if (fid == 0 || (fid != counter->fids[0] && fid != counter->fids[1]))
		return false;
	return counter->receiver.v == 0 || (ffa_low_half(regs->x[1]) == counter->receiver.v &&
	                                    (uint32_t)regs->x[2] == counter->flags);
}

static void count_smc(struct sim_run *run, const struct ffa_regs *regs)
{
	for (unsigned i = 0; i < run->scenario->counter_count; i++)
		run->state.counts[i] += is_counted(&run->scenario->counters[i], regs);
}

/* There are many of them, and few want to know. */
static void on_access(struct sim_run *run, const struct world_event *event)
{
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++) {
		const struct sim_oracle *oracle = sim_oracle_at((enum sim_oracle_id)i);

		if (oracle->accesses && run->levels->level[i] != SIM_ORACLE_OFF)
			oracle->event(run, event);
	}
}

static void on_event(void *user, const struct world_event *event)
{
	struct sim_run *run = user;

	if (event->kind == WORLD_EVENT_ACCESS) {
		on_access(run, event);
		return;
	}

	if (run->trace)
		sim_trace_event(run, event);
	if (event->kind == WORLD_EVENT_SMC)
		count_smc(run, event->regs);
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++) {
		const struct sim_oracle *oracle = sim_oracle_at((enum sim_oracle_id)i);

		if (oracle->event && run->levels->level[i] != SIM_ORACLE_OFF)
			oracle->event(run, event);
	}
}

static void begin_oracles(struct sim_run *run)
{
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++)
		if (sim_oracle_at((enum sim_oracle_id)i)->begin)
			sim_oracle_at((enum sim_oracle_id)i)->begin(run);
}

static void ask_oracles(struct sim_run *run, bool end)
{
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++) {
		const struct sim_oracle *oracle = sim_oracle_at((enum sim_oracle_id)i);
		void (*ask)(struct sim_run *) = end ? oracle->end : oracle->rest;

		if (ask && run->levels->level[i] != SIM_ORACLE_OFF)
			ask(run);
	}
}

void sim_machine_to_world(const struct sim_machine *machine, struct world_config *ret_config)
{
	memset(ret_config, 0, sizeof *ret_config);
	ret_config->spmc = machine->spmc;
	ret_config->silent_injection = machine->injection == SIM_INJECTION_SILENT;
	ret_config->vm_count = machine->vm_count;
	for (unsigned i = 0; i < machine->vm_count; i++)
		ret_config->vms[i] = (struct world_vm_config){.id = machine->vms[i].id,
		                                              .vcpus = machine->vms[i].vcpus,
		                                              .online = machine->vms[i].online};
	ret_config->sp_count = machine->sp_count;
	for (unsigned i = 0; i < machine->sp_count; i++) {
		ret_config->sps[i].id = machine->sps[i].id;
		ret_config->sps[i].contexts = machine->sps[i].contexts;
		ret_config->sps[i].version = machine->sps[i].version;
		ret_config->sps[i].properties = machine->sps[i].properties;
		memcpy(ret_config->sps[i].uuid, machine->sps[i].uuid, sizeof machine->sps[i].uuid);
		memcpy(ret_config->sps[i].more_uuids, machine->sps[i].more_uuids,
		       sizeof machine->sps[i].more_uuids);
		memcpy(ret_config->sps[i].more_properties, machine->sps[i].more_properties,
		       sizeof machine->sps[i].more_properties);
		ret_config->sps[i].more_uuid_count = machine->sps[i].more_uuid_count;
		memcpy(ret_config->sps[i].answers, machine->sps[i].answers,
		       sizeof machine->sps[i].answers);
		ret_config->sps[i].answer_count = machine->sps[i].answer_count;
	}
	g_strlcpy(ret_config->options, machine->options, sizeof ret_config->options);
}

/* What the subject follows must be known to whoever is to judge it by that. */
static bool knows_what_is_announced(struct sim_run *run)
{
	g_autofree char *complaint = sim_model_complaint(run);

	if (!complaint || run->levels->level[SIM_ORACLE_MODEL] == SIM_ORACLE_OFF)
		return true;
	sim_run_add(run, SIM_VERDICT_SUBJECT, SIM_SOURCE_SUBJECT, NULL,
	            "%s; '-W no-model' runs without that oracle", complaint);
	return false;
}

/* Answers whether the machine is up; a boot that fails as the scenario says it must is the end, as
 * a shutdown is. */
static bool boot(struct sim_run *run)
{
	uint32_t context = sim_machine_context(run);
	const char *complaint = run->world->link->map.control->error;
	int64_t status;

	world_start_boot(run->world, context);
	run->world->state.contexts[context].fail_alloc = run->scenario->machine.boot_fail_alloc;
	if (!sim_context_finish(run, context))
		return false;
	status = world_collect(run->world, context, NULL);
	if (status != FFA_OK && complaint[0]) {
		sim_run_add(run, SIM_VERDICT_INVALID, SIM_SOURCE_SUBJECT, NULL,
		            "the subject refuses the machine: %s", complaint);
		return false;
	}
	if (!knows_what_is_announced(run))
		return false;
	if (status != run->scenario->machine.boot_status)
		sim_run_add(run, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, NULL,
		            "expected boot to answer %s, got %s",
		            ffa_status_name(run->scenario->machine.boot_status),
		            ffa_status_name((int32_t)status));
	else if (status != FFA_OK)
		ask_oracles(run, true); /* it has nothing to keep */
	return status == FFA_OK && !sim_report_has_finding(run->report);
}

static bool create_vms(struct sim_run *run)
{
	const struct sim_machine *machine = &run->scenario->machine;

	world_begin_phase(run->world, WORLD_PHASE_CREATE);
	for (unsigned i = 0; i < machine->vm_count; i++) {
		struct sim_step step = {.action = SIM_ACTION_VM_CREATE, .vm = i, .label = -1};

		if (machine->vms[i].absent)
			continue;
		if (!sim_actor_do_step(run, sim_machine_context(run), &step))
			return false;
		if (run->world->state.vms[i].state != WORLD_VM_LIVE) {
			sim_run_add(run, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, NULL,
			            "the mediator refuses to create '%s'", machine->vms[i].name);
			return false;
		}
	}
	return true;
}

static bool do_setup(struct sim_run *run)
{
	world_begin_phase(run->world, WORLD_PHASE_SETUP);
	for (unsigned i = 0; i < run->scenario->setup_count; i++) {
		const struct sim_step *step = &run->scenario->setup[i];

		if (!sim_actor_do_step(run, step->thread, step))
			return false;
	}
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++)
		run->state.npi_base[i] = run->world->state.vms[i].npi_count;
	memset(run->state.counts, 0, sizeof run->state.counts);
	world_begin_phase(run->world, WORLD_PHASE_THREADS);
	return !sim_report_has_finding(run->report);
}

/* After the outcomes: every VM goes, the mediator stops, and nothing may be left. */
static void take_down(struct sim_run *run)
{
	uint32_t context = sim_machine_context(run);

	world_begin_phase(run->world, WORLD_PHASE_TAKE_DOWN);
	for (unsigned i = 0; i < run->scenario->machine.vm_count; i++) {
		struct sim_step step = {.action = SIM_ACTION_VM_DESTROY, .vm = i, .label = -1};

		if (run->world->state.vms[i].state == WORLD_VM_LIVE &&
		    !sim_actor_do_step(run, context, &step))
			return;
	}
	world_start_shutdown(run->world, context);
	if (!sim_context_finish(run, context))
		return;
	world_collect(run->world, context, NULL);
	run->moment = SIM_MOMENT_GONE;
	ask_oracles(run, true);
}

static enum sim_verdict verdict_since(const struct sim_run *run, guint first)
{
	enum sim_verdict worst = SIM_VERDICT_PASS;

	for (guint i = first; i < run->report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(run->report->findings, i);

		worst = sim_verdict_worse(worst, finding->verdict);
	}
	return worst;
}

/* What never ends is no pass, even if nobody but an oracle that is off, or warns, can tell. */
void sim_run_never_a_pass(struct sim_run *run, guint first, const char *what)
{
	if (run->failed && verdict_since(run, first) == SIM_VERDICT_PASS)
		sim_run_add(run, SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, NULL,
		            "%s, and the oracle that says why is off", what);
}

void sim_run_judge(struct sim_run *run, bool *seen)
{
	guint first;

	run->moment = SIM_MOMENT_REST;
	ask_oracles(run, false);
	if (!run->oracles_only)
		sim_outcomes_at_rest(run, seen);
	first = run->report->findings->len;
	run->moment = SIM_MOMENT_END;
	take_down(run);
	sim_run_never_a_pass(run, first, "the machine could not be taken down");
	run->moment = SIM_MOMENT_STEP;
}

static void begin_trace(struct sim_run *run)
{
	g_string_truncate(run->trace, 0);
	g_string_truncate(run->diagnostics, 0);
}

static void run_schedule(struct sim_run *run, const struct sim_schedule *schedule, bool *seen)
{
	struct sim_schedule_report *report = g_new0(struct sim_schedule_report, 1);
	guint first = run->report->findings->len;

	begin_trace(run);
	run->schedule = schedule;
	run->failed = false;
	sim_script_play(run, schedule);
	sim_run_never_a_pass(run, first, "the schedule never came to rest");
	report->rest_at = run->trace->len;
	if (!run->failed)
		sim_run_judge(run, seen);
	tell_unjudged(run);
	report->name = g_strdup(schedule->name);
	report->verdict = verdict_since(run, first);
	report->trace = g_strdup(run->trace->str);
	report->diagnostics = g_strdup(run->diagnostics->str);
	report->steps = run->state.stops;
	g_ptr_array_add(run->report->schedules, report);
	run->schedule = NULL;
}

static bool is_wanted(const struct sim_run *run, const struct sim_schedule *schedule)
{
	return !run->only_schedule || strcmp(run->only_schedule, schedule->name) == 0;
}

/* A subject that is gone cannot be asked again; a crash inside an entry leaves the others usable.
 */
static bool is_lost(const struct sim_run *run)
{
	return run->world->link->error[0] != '\0';
}

static void rewind_to(struct sim_run *run, const struct bookmark *bookmark)
{
	run->state = bookmark->state;
	sim_linear_load(&run->orders, bookmark->orders);
	/* the orders stay: those of all schedules count together */
	memcpy(run->lock.contexts, bookmark->locks, sizeof bookmark->locks);
	world_load(run->world, bookmark->world);
	run->state.stops = run->state.ended_at = 0;
}

static const struct sim_schedule *find_schedule(const struct sim_scenario *scenario,
                                                const char *name)
{
	for (unsigned i = 0; i < scenario->schedule_count; i++)
		if (strcmp(scenario->schedules[i].name, name) == 0)
			return &scenario->schedules[i];
	return NULL;
}

static void narrate_schedules(struct sim_run *run, const struct bookmark *bookmark)
{
	GPtrArray *schedules = run->report->schedules;

	for (guint i = 0; i < schedules->len && run->narrates != SIM_NARRATE_NONE; i++) {
		struct sim_schedule_report *schedule = g_ptr_array_index(schedules, i);

		if (run->narrates == SIM_NARRATE_FAILURE &&
		    sim_verdict_rank(schedule->verdict) < sim_verdict_rank(SIM_VERDICT_DIVERGED))
			continue;
		if (!is_lost(run))
			rewind_to(run, bookmark);
		sim_narrate_schedule(run, find_schedule(run->scenario, schedule->name), schedule);
		if (run->narrates == SIM_NARRATE_FAILURE)
			return;
	}
}

static void run_schedules(struct sim_run *run, struct bookmark *bookmark)
{
	unsigned ran = 0;

	bookmark->state = run->state;
	sim_linear_save(&run->orders, bookmark->orders);
	memcpy(bookmark->locks, run->lock.contexts, sizeof bookmark->locks);
	world_save(run->world, bookmark->world);
	for (unsigned i = 0; i < run->scenario->schedule_count && !is_lost(run); i++) {
		const struct sim_schedule *schedule = &run->scenario->schedules[i];

		if (!is_wanted(run, schedule))
			continue;
		ran++;
		rewind_to(run, bookmark);
		begin_oracles(run);
		run_schedule(run, schedule, bookmark->seen);
	}
	if (ran == 0)
		sim_run_add(run, SIM_VERDICT_INVALID, SIM_SOURCE_LOADER, NULL,
		            "there is no schedule '%s'", run->only_schedule);
	if (!run->only_schedule && !is_lost(run))
		sim_outcomes_at_end(run, bookmark->seen);
	narrate_schedules(run, bookmark);
}

bool sim_run_begin(struct sim_run *run)
{
	guint first = run->report->findings->len;
	struct world_config config;
	bool up;

	memset(&run->state, 0, sizeof run->state);
	sim_linear_clear(&run->orders);
	memset(run->lock.contexts, 0, sizeof run->lock.contexts);
	sim_machine_to_world(&run->scenario->machine, &config);
	world_reset(run->world, &config, sim_actor_context(run, SIM_SYSTEM_END));
	up = boot(run) && create_vms(run) && do_setup(run);
	if (!up)
		sim_run_never_a_pass(run, first, "the machine never came up");
	begin_oracles(run);
	return up;
}

static bool wants_accesses(const struct sim_run *run)
{
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++)
		if (sim_oracle_at((enum sim_oracle_id)i)->accesses &&
		    run->levels->level[i] != SIM_ORACLE_OFF)
			return true;
	return false;
}

void sim_run_listen(struct sim_run *run)
{
	run->world->on_event = on_event;
	run->world->user = run;
	world_watch_accesses(run->world, wants_accesses(run));
}

void sim_run_ignore(struct sim_run *run)
{
	run->world->on_event = NULL;
	sim_symbols_free(run->race.symbols);
	run->race.symbols = NULL;
	sim_unwinder_free(run->unwinder);
	run->unwinder = NULL;
}

GPtrArray *sim_run_frames(struct sim_run *run, uint32_t context)
{
	if (!run->unwinder)
		run->unwinder = sim_unwinder_new(run->world->link);
	return sim_frames_new(run->unwinder, context);
}

static void run_machine(struct sim_run *run, struct bookmark *bookmark)
{
	bool up = sim_run_begin(run);

	tell_unjudged(run);
	run->report->setup_trace = g_strdup(run->trace->str);
	run->report->setup_diagnostics = g_strdup(run->diagnostics->str);
	if (up)
		run_schedules(run, bookmark);
	else if (run->narrates != SIM_NARRATE_NONE)
		sim_narrate_setup(run);
}

void sim_run_scenario(struct sim_run *run)
{
	struct bookmark *bookmark = g_new0(struct bookmark, 1);
	uint64_t smcs = run->world->smc_count;
	uint64_t traps = run->world->link->map.control->traps;

	bookmark->world = world_snapshot_new();
	run->trace = g_string_new(NULL);
	run->diagnostics = g_string_new(NULL);
	sim_run_listen(run);
	run_machine(run, bookmark);
	sim_run_ignore(run);
	run->report->calls = run->calls;
	run->report->smcs = run->world->smc_count - smcs;
	run->report->traps = run->world->link->map.control->traps - traps;
	g_string_free(run->trace, TRUE);
	g_string_free(run->diagnostics, TRUE);
	world_snapshot_free(bookmark->world);
	g_free(bookmark);
}
