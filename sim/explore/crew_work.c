/* SPDX-License-Identifier: MIT */
/* A worker's side: one subject, one command after the other. */
#include <string.h>

#include "sim/explore/crew.h"

struct work {
	const struct sim_crew *crew;
	const struct sim_host *host;
	struct sim_worker *self;
	struct sim_explore_system *system; /* NULL: not open yet */
	struct sim_search_memory memory;
	struct sim_position position;
	struct sim_position gift;
	GArray *log;
	struct sim_trap traps[SIM_TRAPS];
	uint32_t trap_count;
};

static bool send_bytes(const struct work *work, enum sim_crew_message message, GBytes *bytes)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	return sim_crew_send(work->self, message, data, size);
}

static void note_loss(const struct work *work)
{
	struct sim_crew_loss *loss = &work->self->desk->loss;

	if (work->host->loss)
		work->host->loss(work->host->user, loss);
}

/* False: there is none, and the coordinator knows. */
static bool open_system(struct work *work)
{
	g_autoptr(GBytes) report = NULL;

	if (work->system)
		return true;
	work->system = work->host->open(work->host->user, &report);
	if (!work->system) {
		note_loss(work);
		send_bytes(work, SIM_CREW_REPORT, report);
	}
	if (work->system && work->host->anchor)
		work->self->desk->anchor = work->host->anchor(work->host->user);
	work->self->desk->open = work->system;
	return work->system;
}

/* A crash becomes a trap: the state before the step that ended a process, and who took it. */
static void learn_trap(struct work *work, const struct sim_crash *crash)
{
	struct sim_explore_system *system = work->system;
	uint8_t *home = g_malloc(system->snapshot_max);
	uint8_t *bytes = g_malloc(system->snapshot_max);
	uint32_t steps = crash->path.length - !crash->judging, i = 0;
	struct sim_trap *trap = &work->traps[work->trap_count];

	system->class->save(system, home);
	while (i < steps && system->enabled >> crash->path.step[i] & 1)
		system->class->step(system, crash->path.step[i++]);
	sim_explore_drop_noted(system);
	if (i == steps) {
		size_t size = system->class->save(system, bytes);

		trap->hash = system->class->hash(system, bytes, size);
		trap->context = crash->judging ? SIM_TRAP_JUDGE : crash->path.step[steps];
		trap->kind = crash->kind;
	} else {
		*trap = (struct sim_trap){.context = UINT32_MAX};
	}
	work->trap_count++;
	system->class->load(system, home);
	g_free(home);
	g_free(bytes);
}

/* Only the coordinator has words for them. They belong to the same moment as the rest that is told.
 */
static struct json_object *deaths_of(const struct sim_explore_result *result)
{
	struct sim_part *part = sim_part_new();
	struct json_object *object;

	for (uint32_t kind = 0; kind < SIM_EXPLORE_CRASHES; kind++) {
		g_autofree char *name = g_strdup_printf("%u", kind);
		const struct sim_part_finding words = {
		        .verdict = SIM_VERDICT_CRASH, .source = name, .message = name};

		if (result->crashes[kind].count)
			sim_part_add_hit(part, &words, &result->crashes[kind]);
	}
	object = sim_part_to_json(part);
	sim_part_free(part);
	return object;
}

/* What the search came to so far, and where it stands. */
static bool send_told(struct work *work, enum sim_crew_message message, bool with_position,
                      bool with_gift)
{
	struct sim_desk *desk = work->self->desk;
	g_autoptr(SimPart) part = sim_part_from_result(&desk->result, &work->host->names);
	struct json_object *object = json_object_new_object();
	GByteArray *bytes = g_byte_array_new();
	const char *text;
	bool sent;

	part->numbers += desk->search.earlier;
	part->steps = sim_search_steps(&desk->search);
	json_object_object_add(object, "part", sim_part_to_json(part));
	json_object_object_add(object, "deaths", deaths_of(&desk->result));
	if (with_position)
		json_object_object_add(object, "position", sim_position_to_json(&work->position));
	if (with_gift)
		json_object_object_add(object, "gift", sim_position_to_json(&work->gift));
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text) + 1);
	g_byte_array_append(bytes, (const guint8 *)work->log->data,
	                    (guint)(work->log->len * sizeof(uint64_t)));
	g_array_set_size(work->log, 0);
	sent = sim_crew_send(work->self, message, bytes->data, bytes->len);
	g_byte_array_unref(bytes);
	json_object_put(object);
	return sent;
}

static void on_tell(struct sim_search *search, bool with_gift)
{
	send_told(search->user, SIM_CREW_POSITION, true, with_gift);
}

/* A part with this finding alone. */
static void on_found(struct sim_search *search, uint32_t number)
{
	struct work *work = search->user;
	const struct sim_part_names *names = &work->host->names;
	g_autoptr(SimPart) part = sim_part_new();
	struct sim_part_finding words = {0};
	struct json_object *object;
	const char *text;

	names->finding(names->user, number, &words);
	sim_part_add_hit(part, &words, &work->self->desk->result.hits[number]);
	object = sim_part_to_json(part);
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	sim_crew_send(work->self, SIM_CREW_FOUND, text, strlen(text) + 1);
	json_object_put(object);
}

static void prepare(struct work *work)
{
	const struct sim_board *board = work->crew->board;
	struct sim_desk *desk = work->self->desk;
	struct sim_search *search = &desk->search;

	memset(search, 0, offsetof(struct sim_search, steps));
	while (work->trap_count < board->crash_count)
		learn_trap(work, &board->crashes[work->trap_count]);
	desk->options = work->crew->options;
	desk->options.only_bound = (int)desk->job.bound;
	desk->options.seconds = 0;
	search->system = work->system;
	search->options = &desk->options;
	search->result = &desk->result;
	search->memory = &work->memory;
	search->traps = work->traps;
	search->trap_count = work->trap_count;
	search->deadline = board->deadline;
	search->calls = &work->crew->board->calls;
	search->tell_every = board->tell_every;
	search->tell = on_tell;
	search->sharers = work->crew->count;
	search->user = work;
	if (desk->options.strategy == SIM_STRATEGY_STATEFUL)
		search->visited = &work->crew->board->visited;
	search->log = board->log ? work->log : NULL;
}

/* False, like the message, if the subject is gone. */
static bool send_result(struct work *work)
{
	const struct sim_explore_result *result = &work->self->desk->result;
	bool goes_on =
	        result->end == SIM_EXPLORE_LIMIT_TIME || result->end == SIM_EXPLORE_INTERRUPTED;

	if (!work->system->lost)
		return send_told(work, SIM_CREW_PART, goes_on, false);
	note_loss(work);
	send_told(work, SIM_CREW_LOST, false, false);
	return false;
}

static bool plan(struct work *work)
{
	g_autoptr(GArray) jobs = g_array_new(FALSE, FALSE, sizeof(struct sim_explore_job));

	prepare(work);
	sim_search_plan(&work->self->desk->search, jobs);
	if (work->system->lost)
		return send_result(work);
	return sim_crew_send(work->self, SIM_CREW_PLAN, jobs->data,
	                     jobs->len * sizeof(struct sim_explore_job));
}

static bool run(struct work *work)
{
	struct sim_desk *desk = work->self->desk;
	struct sim_search *search = &desk->search;

	if (work->host->reset)
		work->host->reset(work->host->user);
	prepare(work);
	search->job = &desk->job;
	search->position = &work->position;
	search->gift = &work->gift;
	search->resume = desk->resumes ? &desk->resume : NULL;
	search->found = work->crew->board->announces ? on_found : NULL;
	sim_search_run(search);
	return send_result(work);
}

static bool finish(struct work *work, GBytes *bytes)
{
	struct json_object *object = json_tokener_parse(g_bytes_get_data(bytes, NULL));
	g_autoptr(SimPart) part = sim_part_from_json(object, NULL);
	g_autoptr(GBytes) detail = NULL;

	json_object_put(object);
	if (!part || part->findings->len != 1)
		return false;
	detail = work->host->finish(work->host->user, g_ptr_array_index(part->findings, 0));
	return send_bytes(work, SIM_CREW_DETAIL, detail) && !work->system->lost;
}

static bool obey(struct work *work, enum sim_crew_message message, GBytes *bytes)
{
	if (!open_system(work))
		return false;
	switch (message) {
	case SIM_CREW_OPEN:
		return sim_crew_send(work->self, SIM_CREW_OPEN, NULL, 0);
	case SIM_CREW_PLAN:
		return plan(work);
	case SIM_CREW_RUN:
		return run(work);
	case SIM_CREW_FINISH:
		return finish(work, bytes);
	default:
		return false;
	}
}

void sim_crew_work(const struct sim_crew *crew, struct sim_worker *worker)
{
	struct sim_watch for_ever = {0};
	struct work *work = g_new0(struct work, 1);
	enum sim_crew_message message;
	bool more = true;

	work->crew = crew;
	work->host = crew->host;
	work->self = worker;
	work->log = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	while (more) {
		g_autoptr(GBytes) bytes = NULL;

		more = sim_crew_receive(worker, &for_ever, &message, &bytes) == SIM_WAIT_READY &&
		       obey(work, message, bytes);
	}
	sim_search_forget(&work->memory);
	g_array_unref(work->log);
	g_free(work);
}
