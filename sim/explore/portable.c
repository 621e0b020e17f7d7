/* SPDX-License-Identifier: MIT */
#include "sim/explore/portable.h"

#include <json-c/json.h>
#include <string.h>

#include "sim/schedule/actor.h"
#include "sim/schedule/script.h"
#include "sim/schedule/stop.h"

/* Characters of a line of a written file; longer ones are split where they can be. */
#define LINE_WIDTH 110u

/* One actor running for a while: what it does, until it is left. */
struct stretch {
	unsigned actor;
	int on;                  /* whose CPU it takes, or -1 */
	unsigned returns;        /* steps that came to their end */
	struct sim_until *stops; /* after the last of those */
	unsigned count;
	bool named; /* the last stop has a name */
};

static bool add_move(struct sim_portable *portable, const struct stretch *stretch,
                     const struct sim_until *until, unsigned times)
{
	if (portable->count == SIM_MAX_MOVES)
		return false;
	portable->moves[portable->count] =
	        (struct sim_move){.on = stretch->on, .thread = stretch->actor};
	portable->moves[portable->count].until = *until;
	portable->moves[portable->count++].until.times = times;
	return true;
}

static bool end_stretch(struct sim_portable *portable, const struct stretch *stretch)
{
	const struct sim_until returned = {.kind = SIM_UNTIL_RETURN, .lock_vm = -1, .vm = -1};
	const struct sim_until *last;
	unsigned times = 0;

	if (stretch->returns && !add_move(portable, stretch, &returned, stretch->returns))
		return false;
	if (stretch->count == 0)
		return true;
	last = &stretch->stops[stretch->count - 1];
	for (unsigned i = 0; i < stretch->count; i++)
		times += sim_until_same(&stretch->stops[i], last);
	if (last->kind == SIM_UNTIL_BLOCKED)
		times = 1;
	return stretch->named && add_move(portable, stretch, last, times);
}

static void extend_stretch(struct sim_explored_run *explored, const struct sim_run *run,
                           struct stretch *stretch)
{
	enum sim_stop stop = sim_explored_run_stop(explored);

	if (stop == SIM_STOP_STEP) {
		stretch->returns++;
		stretch->count = 0;
		return;
	}
	stretch->named =
	        sim_stop_to_until(run, stretch->actor, stop, &stretch->stops[stretch->count++]);
}

/* stops: room for SIM_EXPLORE_DEPTH */
static bool translate(struct sim_explored_run *explored, const struct sim_explore_path *path,
                      struct sim_until *stops, struct sim_portable *ret_portable)
{
	struct sim_explore_system *system = sim_explored_run_system(explored);
	struct stretch stretch = {.stops = stops};

	ret_portable->count = 0;
	for (uint32_t i = 0; i < path->length; i++) {
		unsigned actor = sim_explored_run_actor(explored, path->step[i]);

		if (!(system->enabled >> path->step[i] & 1))
			return false;
		if (i && path->step[i] != path->step[i - 1]) {
			if (!end_stretch(ret_portable, &stretch))
				return false;
			stretch = (struct stretch){.stops = stops};
		}
		stretch.actor = actor;
		stretch.on = sim_explored_run_on(explored, path->step[i]);
		system->class->step(system, path->step[i]);
		sim_explore_drop_noted(system);
		/* a crash ends everything: the actor just runs on into it */
		if (sim_explored_run_stop(explored) != SIM_STOP_CRASHED)
			extend_stretch(explored, sim_explored_run_scenario_run(explored), &stretch);
	}
	return path->length == 0 || end_stretch(ret_portable, &stretch);
}

bool sim_portable_from_path(struct sim_explored_run *explored, const struct sim_explore_path *path,
                            struct sim_portable *ret_portable)
{
	struct sim_until *stops = g_new(struct sim_until, SIM_EXPLORE_DEPTH);
	bool translated = translate(explored, path, stops, ret_portable);

	g_free(stops);
	return translated;
}

static bool comes_to(struct sim_explored_run *explored, uint32_t finding, const uint8_t *start,
                     const struct sim_portable *portable, unsigned count)
{
	const struct sim_schedule schedule = {
	        .name = "found", .moves = portable->moves, .move_count = count};
	struct sim_explore_system *system = sim_explored_run_system(explored);
	bool found = false;

	sim_explored_run_play(explored, &schedule);
	for (uint32_t i = 0; i < system->noted_count; i++)
		found |= system->noted[i] == finding;
	sim_explore_drop_noted(system);
	if (!system->lost)
		system->class->load(system, start);
	return found;
}

bool sim_portable_trim(struct sim_explored_run *explored, uint32_t finding,
                       struct sim_portable *portable)
{
	struct sim_explore_system *system = sim_explored_run_system(explored);
	g_autofree uint8_t *start = g_malloc(system->snapshot_max);

	system->class->save(system, start);
	if (!comes_to(explored, finding, start, portable, portable->count))
		return false;
	while (portable->count && comes_to(explored, finding, start, portable, portable->count - 1))
		portable->count--;
	return true;
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static struct json_object *until_to_json(const struct sim_scenario *scenario,
                                         const struct sim_until *until)
{
	g_autofree char *argument = sim_until_argument(scenario, until);
	struct json_object *object;

	if (!argument)
		return json_object_new_string(sim_until_key(until->kind));
	object = json_object_new_object();
	add_text(object, sim_until_key(until->kind), argument);
	return object;
}

struct json_object *sim_portable_moves(const struct sim_run *run,
                                       const struct sim_portable *portable)
{
	struct json_object *list = json_object_new_array();

	for (unsigned i = 0; i < portable->count; i++) {
		const struct sim_move *move = &portable->moves[i];
		struct json_object *object = json_object_new_object();

		add_text(object, "run", sim_actor_name(run, sim_actor_context(run, move->thread)));
		if (move->on >= 0)
			add_text(object, "on",
			         sim_actor_name(run, sim_actor_context(run, (unsigned)move->on)));
		json_object_object_add(object, "until", until_to_json(run->scenario, &move->until));
		if (move->until.times > 1)
			json_object_object_add(object, "times",
			                       json_object_new_int((int)move->until.times));
		json_object_array_add(list, object);
	}
	json_object_array_add(list, json_object_new_string("rest"));
	return list;
}

/* What the file says about its own schedules. */
static void drop_schedules(struct json_object *file)
{
	static const char *const keys[] = {"schedule", "schedules", "detects"};
	struct json_object *outcomes;

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		json_object_object_del(file, keys[i]);
	if (!json_object_object_get_ex(file, "outcomes", &outcomes))
		return;
	json_object_object_del(outcomes, "sometimes");
	json_object_object_del(outcomes, "scheduled");
	if (json_object_object_length(outcomes) == 0)
		json_object_object_del(file, "outcomes");
}

static void write_value(GString *out, struct json_object *value, unsigned indent);

static void write_key(GString *out, const char *key)
{
	struct json_object *text = json_object_new_string(key);

	g_string_append(out, json_object_to_json_string_ext(text, JSON_C_TO_STRING_NOSLASHESCAPE));
	g_string_append(out, ": ");
	json_object_put(text);
}

static void write_members(GString *out, struct json_object *value, unsigned indent)
{
	const char *between = "\n";

	json_object_object_foreach(value, key, member)
	{
		g_string_append_printf(out, "%s%*s", between, (int)indent, "");
		write_key(out, key);
		write_value(out, member, indent);
		between = ",\n";
	}
}

static void write_elements(GString *out, struct json_object *value, unsigned indent)
{
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		g_string_append_printf(out, "%s%*s", i ? ",\n" : "\n", (int)indent, "");
		write_value(out, json_object_array_get_idx(value, i), indent);
	}
}

/* What fits is on one line, as people write it. */
static void write_value(GString *out, struct json_object *value, unsigned indent)
{
	const char *line = json_object_to_json_string_ext(
	        value, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	bool list = json_object_is_type(value, json_type_array);

	if (indent && (strlen(line) + indent <= LINE_WIDTH ||
	               !(list || json_object_is_type(value, json_type_object)))) {
		g_string_append(out, line);
		return;
	}
	g_string_append_c(out, list ? '[' : '{');
	if (list)
		write_elements(out, value, indent + 2);
	else
		write_members(out, value, indent + 2);
	g_string_append_printf(out, "\n%*s%c", (int)indent, "", list ? ']' : '}');
}

void sim_portable_mark(struct json_object *file)
{
	json_object_object_add(file, SIM_PORTABLE_MARK, json_object_new_string("ffasim"));
}

char *sim_portable_text(struct json_object *file)
{
	GString *out = g_string_new(NULL);

	write_value(out, file, 0);
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

char *sim_portable_scenario(const struct sim_run *run, const struct sim_portable *portable,
                            const char *name, GError **error)
{
	struct json_object *file = json_object_from_file(run->scenario->path), *schedules;
	char *text;

	if (!file) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot read '%s' again",
		            run->scenario->path);
		return NULL;
	}
	drop_schedules(file);
	schedules = json_object_new_object();
	json_object_object_add(schedules, name, sim_portable_moves(run, portable));
	json_object_object_add(file, "schedules", schedules);
	sim_portable_mark(file);
	text = sim_portable_text(file);
	json_object_put(file);
	return text;
}
