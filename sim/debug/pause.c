/* SPDX-License-Identifier: MIT */
#include "sim/debug/pause.h"

#include <string.h>
#include <sys/mman.h>

#include "emu/shim/debug.h"
#include "sim/debug/frames.h"
#include "sim/debug/stand.h"
#include "sim/explore/apart.h"
#include "sim/explore/path.h"
#include "sim/explore/scenario.h"
#include "sim/run.h"

/* What a run counts; shared, so that a crash of its process leaves it readable. */
struct count {
	uint32_t gos;
	uint32_t lines;  /* of the trace, when the last of them began */
	uint32_t before; /* the last go that began with fewer lines than wanted */
};

struct tally {
	struct count schedule, setup;
	bool ended;        /* the run came to its end */
	char problem[512]; /* nothing ran, for this reason */
	int code;          /* of enum sim_error */
	uint64_t crash;    /* see struct sim_pause */
	uint32_t crash_inner;
};

struct pause {
	const struct sim_pause_options *options;
	const struct sim_scenario *scenario;
	const struct sim_schedule *schedule; /* NULL: the path is taken */
	struct sim_explore_path path;
	struct sim_path_head head;
	struct sim_pause at;
	bool debug;
	struct tally *tally; /* NULL: the run is stopped at the pause */
	struct count here;   /* of the part that runs now */
	bool in_schedule;    /* or on the path */
	bool on_path;
	gsize scanned; /* bytes of the trace whose lines are counted */
	struct shim_link link;
	struct world world;
};

static void count_lines(struct pause *pause, const struct sim_run *run)
{
	bool in_schedule = pause->on_path || run->schedule != NULL;

	if (in_schedule != pause->in_schedule) {
		pause->in_schedule = in_schedule;
		pause->here = (struct count){0};
		pause->scanned = 0;
	}
	for (; pause->scanned < run->trace->len; pause->scanned++)
		pause->here.lines += run->trace->str[pause->scanned] == '\n';
}

static void keep_count(struct pause *pause)
{
	*(pause->in_schedule ? &pause->tally->schedule : &pause->tally->setup) = pause->here;
}

static const char *const entries[] = {
        [SHIM_ENTRY_BOOT] = "boot",
        [SHIM_ENTRY_SHUTDOWN] = "shutdown",
        [SHIM_ENTRY_VM_CREATE] = "vm_create",
        [SHIM_ENTRY_VM_DESTROY] = "vm_destroy",
        [SHIM_ENTRY_GUEST_CALL] = "guest_call",
        [SHIM_ENTRY_VCPU_ON] = "vcpu_on",
        [SHIM_ENTRY_VCPU_OFF] = "vcpu_off",
        [SHIM_ENTRY_INTERRUPT] = "interrupt",
        [SHIM_ENTRY_WORK] = "work",
        [SHIM_ENTRY_TIMER] = "timer",
};

static const char *entry_of(const struct shim_slot *slot)
{
	return slot->state == SHIM_SLOT_READY && slot->entry < G_N_ELEMENTS(entries)
	               ? entries[slot->entry]
	               : NULL;
}

static char *origin_of(const struct pause *pause)
{
	struct sim_subject_request request = pause->options->subject;
	char build[SIM_SUBJECT_ID_SIZE];

	request.mediator = pause->scenario->machine.mediator;
	sim_subject_id(&request, build);
	return sim_path_origin(&pause->head, build);
}

static _Noreturn void answer(struct pause *pause, struct sim_run *run, uint32_t context)
{
	const struct shim_slot *slot = shim_slot(&pause->link.map, context);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *origin = origin_of(pause);
	g_autoptr(GVariant) value = NULL;
	bool inside = slot->state == SHIM_SLOT_STOPPED || slot->state == SHIM_SLOT_BLOCKED;

	sim_stand_append(text, run, context);
	if (origin[0])
		g_string_append_printf(text, "%s\n", origin + strlen("; "));
	value = g_variant_ref_sink(g_variant_new(
	        "(smsmsb)", text->str, sim_actor_name(run, context), entry_of(slot), inside));
	sim_apart_answer(g_variant_get_data_as_bytes(value));
}

static void stop_for_debugger(struct pause *pause, struct sim_run *run, uint32_t context)
{
	g_autoptr(GPtrArray) frames = sim_run_frames(run, context);
	const struct sim_frame *place = sim_frames_place(frames);

	shim_debug_announce(sim_frames_resume_pc(&pause->link, context), place ? place->pc : 0,
	                    place ? sim_frames_inner(frames, place) : 0);
}

static void on_go(struct sim_run *run, uint32_t context)
{
	struct pause *pause = run->watcher;

	count_lines(pause, run);
	pause->here.gos++;
	if (pause->tally) {
		if (pause->here.lines < pause->at.step)
			pause->here.before = pause->here.gos;
		keep_count(pause);
	} else if (pause->in_schedule != pause->at.setup && pause->here.gos == pause->at.go) {
		if (!pause->debug)
			answer(pause, run, context);
		stop_for_debugger(pause, run, context);
	}
}

/* All lines of the part that has ended, also those that came with its last go. */
static void count_last(struct pause *pause, const char *trace)
{
	if (!pause->tally)
		return;
	pause->here.lines = 0;
	for (const char *at = trace; *at; at++)
		pause->here.lines += *at == '\n';
	keep_count(pause);
}

static void play_schedule(struct pause *pause, struct sim_run *run)
{
	const struct sim_schedule_report *ran;

	run->only_schedule = pause->schedule->name;
	sim_run_scenario(run);
	if (run->report->schedules->len == 0)
		return;
	ran = g_ptr_array_index(run->report->schedules, 0);
	count_last(pause, ran->trace);
}

static void take_path(struct pause *pause, struct sim_run *run)
{
	struct sim_explored_run *explored = sim_explored_run_new(run, pause->head.granularity);
	struct sim_explore_system *system = sim_explored_run_system(explored);
	uint32_t i = 0;

	g_string_truncate(run->trace, 0);
	pause->on_path = true;
	while (i < pause->path.length && system->enabled >> pause->path.step[i] & 1)
		system->class->step(system, pause->path.step[i++]);
	if (i == pause->path.length && !system->enabled && !system->failed)
		system->class->judge(system);
	run->failed |= system->failed;
	count_last(pause, run->trace->str);
	sim_explored_run_free(explored);
}

static void follow_path(struct pause *pause, struct sim_run *run)
{
	run->trace = g_string_new(NULL);
	run->diagnostics = g_string_new(NULL);
	sim_run_listen(run);
	if (sim_run_begin(run))
		take_path(pause, run);
	sim_run_ignore(run);
	g_string_free(run->trace, TRUE);
	g_string_free(run->diagnostics, TRUE);
}

static void note_problem(struct pause *pause, const char *message, int code)
{
	if (!pause->tally)
		return;
	g_strlcpy(pause->tally->problem, message, sizeof pause->tally->problem);
	pause->tally->code = code;
}

/* A subject that was taken away says nothing about the steps of a run. */
static void note_loss(struct pause *pause, const struct sim_report *report)
{
	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		if (finding->verdict == SIM_VERDICT_ENVIRONMENT)
			note_problem(pause, finding->message, SIM_ERROR_ENVIRONMENT);
	}
}

/* Where a crash stands, as the distance from what every inline subject exports. */
static void note_crash(struct pause *pause, const struct sim_report *report)
{
	for (guint i = 0; pause->link.subject && i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		if (!finding->crash_pc)
			continue;
		pause->tally->crash = finding->crash_pc - (uint64_t)(uintptr_t)pause->link.subject;
		pause->tally->crash_inner = finding->crash_inner;
	}
}

static void run_scenario(struct pause *pause)
{
	g_autoptr(SimReport) report = sim_report_new(pause->options->path, "");
	g_autofree struct sim_run *run = g_new0(struct sim_run, 1);

	world_init(&pause->world, &pause->link);
	run->scenario = pause->scenario;
	run->world = &pause->world;
	run->report = report;
	run->levels = &pause->options->oracles;
	run->oracles_only = pause->options->oracles_only;
	run->on_go = on_go;
	run->watcher = pause;
	if (pause->schedule)
		play_schedule(pause, run);
	else
		follow_path(pause, run);
	if (pause->tally) {
		pause->tally->ended = !run->failed;
		note_crash(pause, report);
	}
	note_loss(pause, report);
	world_finish(&pause->world);
}

/* False, with an error: the subject cannot be used. */
static bool run_on_subject(struct pause *pause, GError **error)
{
	struct sim_subject_request request = pause->options->subject;

	request.mediator = pause->scenario->machine.mediator;
	if (!sim_subject_open(&pause->link, &request, error))
		return false;
	run_scenario(pause);
	shim_link_close(&pause->link);
	return true;
}

static GBytes *run_apart(void *user)
{
	struct pause *pause = user;
	g_autoptr(GError) error = NULL;

	if (!run_on_subject(pause, &error))
		note_problem(pause, error->message, error->code);
	return g_bytes_new_static("", 1);
}

static bool choose_schedule(struct pause *pause, GError **error)
{
	const struct sim_scenario *scenario = pause->scenario;
	const char *name = pause->options->schedule;

	for (unsigned i = 0; i < scenario->schedule_count; i++)
		if (name ? strcmp(scenario->schedules[i].name, name) == 0
		         : scenario->schedule_count == 1)
			pause->schedule = &scenario->schedules[i];
	if (pause->schedule)
		return true;
	if (name)
		g_set_error(error, SIM_ERROR, SIM_ERROR_USAGE, "there is no schedule '%s' in '%s'",
		            name, pause->options->path);
	else
		g_set_error(error, SIM_ERROR, SIM_ERROR_USAGE,
		            "'%s' has %u schedules: --schedule says which one",
		            pause->options->path, scenario->schedule_count);
	return false;
}

static bool load(struct pause *pause, struct sim_scenario **ret_scenario, GError **error)
{
	*ret_scenario = sim_scenario_load(pause->options->path, error);
	pause->scenario = *ret_scenario;
	if (!*ret_scenario)
		return false;
	if (!pause->options->replay)
		return choose_schedule(pause, error);
	return sim_path_from_text(pause->options->replay, &pause->path, &pause->head, error);
}

/* From what a run has counted. */
static bool take_tally(const struct tally *tally, const struct pause *pause,
                       struct sim_pause *ret_pause, GError **error)
{
	bool setup = tally->schedule.gos == 0;
	const struct count *count = setup ? &tally->setup : &tally->schedule;
	uint32_t step = pause->at.step, last = count->lines + !tally->ended;
	g_autofree char *origin = origin_of(pause);

	if (tally->problem[0]) {
		g_set_error(error, SIM_ERROR, tally->code, "%s", tally->problem);
		return false;
	}
	if (step == 0 || step > last || count->before == 0) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_EMPTY,
		            "there is no step %u: %s '%s' has steps 1 to %u%s", step,
		            setup ? "the set-up before" : "schedule",
		            pause->schedule ? pause->schedule->name : pause->options->replay, last,
		            origin);
		return false;
	}
	*ret_pause = (struct sim_pause){.go = count->before, .setup = setup, .step = step};
	if (step > count->lines) {
		ret_pause->crash = tally->crash;
		ret_pause->crash_inner = tally->crash_inner;
	}
	return true;
}

static struct sim_watch watch_of(const struct sim_pause_options *options)
{
	return (struct sim_watch){.timeout = sim_subject_timeout(options->subject.timeout)};
}

static bool find(struct pause *pause, struct sim_pause *ret_pause, GError **error)
{
	struct tally *tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE,
	                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sim_watch watch = watch_of(pause->options);
	struct sim_apart apart;
	bool found = false;

	g_assert(tally != MAP_FAILED);
	pause->tally = tally;
	if (sim_apart_run(run_apart, pause, &watch, &apart, error)) {
		found = sim_apart_check(&apart, error) &&
		        take_tally(tally, pause, ret_pause, error);
		sim_apart_clear(&apart);
	}
	munmap(tally, sizeof *tally);
	return found;
}

bool sim_pause_find(const struct sim_pause_options *options, uint32_t step,
                    struct sim_pause *ret_pause, GError **error)
{
	g_autoptr(SimScenario) scenario = NULL;
	struct pause *pause = g_new0(struct pause, 1);
	bool found;

	pause->options = options;
	pause->at.step = step;
	found = load(pause, &scenario, error) && find(pause, ret_pause, error);
	g_free(pause);
	return found;
}

static struct sim_paused *read_answer(GBytes *bytes)
{
	struct sim_paused *paused = g_new0(struct sim_paused, 1);
	g_autoptr(GVariant) value = g_variant_ref_sink(
	        g_variant_new_from_bytes(G_VARIANT_TYPE("(smsmsb)"), bytes, FALSE));
	gboolean inside;

	g_variant_get(value, "(smsmsb)", &paused->text, &paused->actor, &paused->entry, &inside);
	paused->inside = inside;
	return paused;
}

static struct sim_paused *look(struct pause *pause, GError **error)
{
	struct sim_watch watch = watch_of(pause->options);
	struct sim_paused *paused = NULL;
	struct sim_apart apart;

	if (!sim_apart_run(run_apart, pause, &watch, &apart, error))
		return NULL;
	if (sim_apart_check(&apart, error) && apart.bytes && g_bytes_get_size(apart.bytes) > 1)
		paused = read_answer(apart.bytes);
	else if (!error || !*error)
		g_set_error(error, SIM_ERROR, SIM_ERROR_EMPTY,
		            "the run of '%s' does not come to step %u again", pause->options->path,
		            pause->at.step);
	sim_apart_clear(&apart);
	return paused;
}

struct sim_paused *sim_pause_look(const struct sim_pause_options *options,
                                  const struct sim_pause *at, GError **error)
{
	g_autoptr(SimScenario) scenario = NULL;
	struct pause *pause = g_new0(struct pause, 1);
	struct sim_paused *paused = NULL;

	pause->options = options;
	pause->at = *at;
	if (load(pause, &scenario, error))
		paused = look(pause, error);
	g_free(pause);
	return paused;
}

bool sim_pause_debug(const struct sim_pause_options *options, const struct sim_pause *at,
                     GError **error)
{
	g_autoptr(SimScenario) scenario = NULL;
	struct pause *pause = g_new0(struct pause, 1);
	bool ran;

	pause->options = options;
	pause->at = *at;
	pause->debug = true;
	ran = load(pause, &scenario, error) && run_on_subject(pause, error);
	g_free(pause);
	return ran;
}

void sim_paused_free(struct sim_paused *paused)
{
	if (!paused)
		return;
	g_free(paused->text);
	g_free(paused->actor);
	g_free(paused->entry);
	g_free(paused);
}
