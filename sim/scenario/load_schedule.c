/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/shim/shim.h"
#include "sim/scenario/load.h"

#define MAX_TIMES 10000u
#define ANY       "*"

/* The conditions of "until" that are objects; each key loads into struct sim_until. */

static const struct sim_choice any_choice[] = {{ANY, 0, "any"}, {NULL, 0, NULL}};
static const struct sim_shape shape_lock = {
        .kind = SIM_SHAPE_TEXT,
        .name = "lock",
        .what = "a lock such as \"notif[vm1]\" or \"vms\"",
        .pattern = "^[a-z][a-z0-9_-]*(\\[[a-z][a-z0-9_]*\\])?$",
        .min = 1,
        .max = 2 * SIM_NAME_SIZE,
};
static const struct sim_shape shape_call = {
        .kind = SIM_SHAPE_CALL, .what = "the name of a call or \"*\"", .choices = any_choice};
static const struct sim_shape shape_vm = {
        .kind = SIM_SHAPE_TEXT,
        .what = "the name of a VM or \"*\"",
        .min = 1,
        .max = SIM_NAME_SIZE - 1,
};
static const struct sim_shape shape_any = {
        .kind = SIM_SHAPE_CHOICE, .what = "an allocation", .choices = any_choice};

static bool load_lock(struct sim_loader *loader, const struct sim_json_value *value,
                      struct sim_until *until, enum sim_until_kind kind)
{
	g_auto(GStrv) parts = g_strsplit_set(sim_string(value), "[]", 3);
	unsigned vm;

	until->kind = kind;
	if (strlen(parts[0]) >= SHIM_CLASS_SIZE)
		return sim_fail(loader, value, "lock class '%s' is longer than %u bytes", parts[0],
		                SHIM_CLASS_SIZE - 1);
	sim_copy_name(until->lock_class, parts[0]);
	if (!parts[1])
		return true;
	if (!sim_find_vm(loader, value, parts[1], &vm))
		return false;
	until->lock_vm = (int)vm;
	return true;
}

static bool load_until_lock(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	return load_lock(loader, value, into, SIM_UNTIL_LOCK);
}

static bool load_until_unlock(struct sim_loader *loader, const struct sim_json_value *value,
                              void *into)
{
	return load_lock(loader, value, into, SIM_UNTIL_UNLOCK);
}

static bool load_until_unlocked(struct sim_loader *loader, const struct sim_json_value *value,
                                void *into)
{
	return load_lock(loader, value, into, SIM_UNTIL_UNLOCKED);
}

static bool load_fid(struct sim_loader *loader, const struct sim_json_value *value,
                     struct sim_until *until, enum sim_until_kind kind)
{
	until->kind = kind;
	if (strcmp(sim_string(value), ANY) == 0)
		return true;
	return sim_find_call(loader, value, sim_string(value), &until->fid);
}

static bool load_until_call(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	return load_fid(loader, value, into, SIM_UNTIL_CALL);
}

static bool load_until_smc(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	return load_fid(loader, value, into, SIM_UNTIL_SMC);
}

static bool load_until_smc_done(struct sim_loader *loader, const struct sim_json_value *value,
                                void *into)
{
	return load_fid(loader, value, into, SIM_UNTIL_SMC_DONE);
}

static bool load_until_vm(struct sim_loader *loader, const struct sim_json_value *value,
                          struct sim_until *until, enum sim_until_kind kind)
{
	unsigned vm;

	until->kind = kind;
	if (strcmp(sim_string(value), ANY) == 0)
		return true;
	if (!sim_find_vm(loader, value, sim_string(value), &vm))
		return false;
	until->vm = (int)vm;
	return true;
}

static bool load_until_inject(struct sim_loader *loader, const struct sim_json_value *value,
                              void *into)
{
	return load_until_vm(loader, value, into, SIM_UNTIL_INJECT);
}

static bool load_until_online(struct sim_loader *loader, const struct sim_json_value *value,
                              void *into)
{
	return load_until_vm(loader, value, into, SIM_UNTIL_ONLINE);
}

static bool load_until_guest_load(struct sim_loader *loader, const struct sim_json_value *value,
                                  void *into)
{
	return load_until_vm(loader, value, into, SIM_UNTIL_GUEST_LOAD);
}

static bool load_until_guest_store(struct sim_loader *loader, const struct sim_json_value *value,
                                   void *into)
{
	return load_until_vm(loader, value, into, SIM_UNTIL_GUEST_STORE);
}

static bool load_until_alloc(struct sim_loader *loader, const struct sim_json_value *value,
                             void *into)
{
	struct sim_until *until = into;

	(void)loader;
	(void)value;
	until->kind = SIM_UNTIL_ALLOC;
	return true;
}

static const struct sim_property until_properties[] = {
        {"lock", &shape_lock, false, "about to take the lock, held or not", load_until_lock},
        {"unlock", &shape_lock, false, "about to release the lock", load_until_unlock},
        {"unlocked", &shape_lock, false, "has just released the lock", load_until_unlocked},
        {"call", &shape_call, false, "about to enter the mediator with the call", load_until_call},
        {"smc", &shape_call, false, "the mediator is about to make the call to the SPMC",
         load_until_smc},
        {"smc-done", &shape_call, false,
         "the SPMC has answered the call, the mediator has not seen it", load_until_smc_done},
        {"inject", &shape_vm, false, "about to inject an interrupt into the VM", load_until_inject},
        {"online", &shape_vm, false, "about to ask whether a vCPU of the VM is on line",
         load_until_online},
        {"alloc", &shape_any, false, "about to allocate memory", load_until_alloc},
        {"guest-load", &shape_vm, false,
         "about to read memory of the VM; only builds O2 and O0 tell", load_until_guest_load},
        {"guest-store", &shape_vm, false,
         "about to write memory of the VM; only builds O2 and O0 tell", load_until_guest_store},
};
static const struct sim_object object_until = {
        .name = "until",
        .doc = "how far the actor runs: exactly one condition",
        .properties = until_properties,
        .count = G_N_ELEMENTS(until_properties),
        .one_key = true,
};
static const struct sim_choice until_words[] = {
        {"done", SIM_UNTIL_DONE, "every step of the actor is done; the same as no 'until'"},
        {"return", SIM_UNTIL_RETURN, "its current step, or its next one, has returned"},
        {"blocked", SIM_UNTIL_BLOCKED, "it waits for a held lock or for an interrupt"},
        {NULL, 0, NULL},
};
static const struct sim_shape shape_until_word = {
        .kind = SIM_SHAPE_CHOICE, .what = "a condition", .choices = until_words};
static const struct sim_shape shape_until_object = {
        .kind = SIM_SHAPE_OBJECT, .what = "a condition", .object = &object_until};
static const struct sim_shape *const until_alternatives[] = {&shape_until_word, &shape_until_object,
                                                             NULL};
static const struct sim_shape shape_until = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "a condition (\"return\", \"done\", \"blocked\" or an object)",
        .alternatives = until_alternatives,
};

/* Moves; into is struct sim_move. */

static const struct sim_shape shape_actor = {
        .kind = SIM_SHAPE_TEXT,
        .name = "mover",
        .what = "an actor (a vCPU such as \"vm1.0\", \"host\", or one of the system)",
        .pattern = SIM_MOVER_PATTERN,
        .min = 1,
        .max = SIM_NAME_SIZE - 1,
};
static const struct sim_shape shape_times = {
        .kind = SIM_SHAPE_INTEGER, .what = "a number of times", .min = 1, .max = MAX_TIMES};

/* Actors of the system, in the order of enum sim_system_actor. */
static const char *const systems[SIM_SYSTEM_COUNT] = {"sri", "work", "work.1", "timer"};

static bool find_system(const char *name, unsigned *ret_actor)
{
	for (unsigned i = 0; i < SIM_SYSTEM_COUNT; i++) {
		if (strcmp(systems[i], name) != 0)
			continue;
		*ret_actor = SIM_SYSTEM_SRI + i;
		return true;
	}
	return false;
}

static bool load_on(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_move *move = into;
	unsigned actor;

	if (move->thread != SIM_SYSTEM_SRI)
		return sim_fail_key(loader, value, "only \"sri\" runs on top of another actor");
	if (find_system(sim_string(value), &actor) && actor == SIM_SYSTEM_SRI)
		return sim_fail_key(loader, value, "an interrupt does not interrupt itself");
	if (!find_system(sim_string(value), &actor) &&
	    !sim_find_actor(loader, value, sim_string(value), &actor))
		return false;
	move->on = (int)actor;
	return true;
}

static bool load_run(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	const struct sim_scenario *scenario = loader->scenario;
	struct sim_move *move = into;
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (find_system(sim_string(value), &move->thread))
		return true;
	sim_suggest_init(&suggest, sim_string(value));
	for (unsigned i = 0; i < SIM_SYSTEM_COUNT; i++)
		sim_suggest_offer(&suggest, systems[i]);
	for (unsigned i = 0; i < scenario->thread_count; i++) {
		if (scenario->threads[i].step_count == 0)
			continue;
		if (strcmp(scenario->threads[i].name, sim_string(value)) == 0) {
			move->thread = i;
			return true;
		}
		sim_suggest_offer(&suggest, scenario->threads[i].name);
	}
	hint = sim_suggest_text(&suggest);
	return sim_fail(loader, value, "'%s' has no steps in 'threads'%s", sim_string(value), hint);
}

static bool load_until(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_move *move = into;
	const char *name;

	if (sim_string(value)) {
		move->until.kind = (enum sim_until_kind)sim_choice_value(&shape_until_word, value);
		return true;
	}
	if (!sim_load_object(loader, value, &object_until, NULL, NULL, &move->until))
		return false;
	if (move->until.kind != SIM_UNTIL_CALL)
		return true;
	if (move->thread < SIM_SYSTEM_SRI && loader->scenario->threads[move->thread].is_vcpu)
		return true;
	name = move->thread < SIM_SYSTEM_SRI ? loader->scenario->threads[move->thread].name
	                                     : systems[move->thread - SIM_SYSTEM_SRI];
	return sim_fail(loader, value, "'%s' makes no calls", name);
}

static bool load_times(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_move *move = into;

	if (move->until.kind == SIM_UNTIL_DONE || move->until.kind == SIM_UNTIL_BLOCKED)
		return sim_fail_key(loader, value,
		                    "'times' needs an 'until' that can happen more than once");
	move->until.times = (unsigned)sim_number(value);
	return true;
}

static const struct sim_property move_properties[] = {
        {"run", &shape_actor, true, "the actor that runs, alone", load_run},
        {"on", &shape_actor, false,
         "of \"sri\": the actor on whose CPU the interrupt is taken; a CPU of its own if not given",
         load_on},
        {"until", &shape_until, false, "how far; every step of the actor if not given", load_until},
        {"times", &shape_times, false, "the n-th time the condition holds, 1 if not given",
         load_times},
};
static const struct sim_object object_move = {
        .name = "move",
        .doc = "one actor runs for a while",
        .properties = move_properties,
        .count = G_N_ELEMENTS(move_properties),
};
static const struct sim_choice rest_choice[] = {
        {"rest", 0, "lowest actor first, each to completion; ends the schedule"}, {NULL, 0, NULL}};
static const struct sim_shape shape_rest = {
        .kind = SIM_SHAPE_CHOICE, .what = "a move", .choices = rest_choice};
static const struct sim_shape shape_move_object = {
        .kind = SIM_SHAPE_OBJECT, .what = "a move", .object = &object_move};
static const struct sim_shape *const move_alternatives[] = {&shape_rest, &shape_move_object, NULL};
static const struct sim_shape shape_move = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "a move (an object with 'run', or \"rest\")",
        .alternatives = move_alternatives,
};
const struct sim_shape sim_shape_schedule = {
        .kind = SIM_SHAPE_LIST,
        .name = "schedule",
        .what = "a list of moves",
        .limit = "moves",
        .min = 1,
        .max = SIM_MAX_MOVES,
        .element = &shape_move,
};
const struct sim_shape sim_shape_schedules = {
        .kind = SIM_SHAPE_MAP,
        .what = "an object of schedules by name",
        .key = "a schedule name (letters, digits, '-', '_')",
        .pattern = "^[A-Za-z0-9][A-Za-z0-9_-]*$",
        .limit = "schedules",
        .min = 1,
        .max = SIM_MAX_SCHEDULES,
        .element = &sim_shape_schedule,
};

/* Schedules; into is the struct sim_schedule that is filled in next. */

struct move_list {
	struct sim_move *moves;
	unsigned count;
	bool ended;
};

static bool load_move(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct move_list *list = into;
	struct sim_move *move = &list->moves[list->count];

	if (list->ended)
		return sim_fail(loader, value, "nothing can follow \"rest\"");
	if (sim_string(value)) {
		list->ended = true;
		return true;
	}
	move->until =
	        (struct sim_until){.kind = SIM_UNTIL_DONE, .lock_vm = -1, .vm = -1, .times = 1};
	move->on = -1;
	move->place = sim_place_of(loader, value);
	list->count++;
	return sim_load_object(loader, value, &object_move, NULL, NULL, move);
}

static bool fill_schedule(struct sim_loader *loader, const struct sim_json_value *value,
                          struct sim_schedule *schedule)
{
	struct move_list list = {.moves = sim_array(loader, value->count, sizeof(struct sim_move))};

	if (!sim_load_each(loader, value, &shape_move, load_move, &list))
		return false;
	sim_copy_name(schedule->name, value->key);
	schedule->moves = list.moves;
	schedule->move_count = list.count;
	schedule->place = sim_place_of(loader, value);
	return true;
}

static bool load_named(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_schedule *schedules = into;

	return fill_schedule(loader, value, &schedules[value->index]);
}

bool sim_load_schedule(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_schedule *schedule = sim_array(loader, 1, sizeof(struct sim_schedule));

	(void)into;
	if (!fill_schedule(loader, value, schedule))
		return false;
	sim_copy_name(schedule->name, "1");
	loader->scenario->schedules = schedule;
	loader->scenario->schedule_count = 1;
	return true;
}

bool sim_load_schedules(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_schedule *schedules =
	        sim_array(loader, value->count, sizeof(struct sim_schedule));

	(void)into;
	if (loader->scenario->schedules)
		return sim_fail_key(loader, value, "'schedule' and 'schedules' exclude each other");
	loader->scenario->schedules = schedules;
	loader->scenario->schedule_count = value->count;
	return sim_load_each(loader, value, &sim_shape_schedule, load_named, schedules);
}
