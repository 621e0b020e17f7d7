/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/scenario/load.h"

/* The steps of one list, filled in one by one. */
struct step_list {
	struct sim_step *steps;
	unsigned count;
	unsigned thread; /* of a thread's steps; set-up steps name their own */
};

static struct sim_step *add_step(struct sim_loader *loader, const struct sim_json_value *value,
                                 struct step_list *list, unsigned thread)
{
	struct sim_step *step = &list->steps[list->count++];

	step->thread = thread;
	step->vm = loader->scenario->threads[thread].vm; /* a vCPU's calls are its own */
	step->vcpu = loader->scenario->threads[thread].vcpu;
	step->label = -1;
	step->place = sim_place_of(loader, value);
	return step;
}

static bool check_verb(struct sim_loader *loader, const struct sim_json_value *verb,
                       const char *what)
{
	g_autofree char *found = NULL;

	if (sim_string(verb))
		return true;
	found = sim_found(verb);
	return sim_fail(loader, verb, "expected %s, found %s", what, found);
}

/* "threads" */

const struct sim_object sim_object_step = {.name = "step", .doc = "one step of an actor"};
static const struct sim_shape shape_step = {
        .kind = SIM_SHAPE_OBJECT, .what = "a step (an object)", .object = &sim_object_step};
static const struct sim_shape shape_steps = {
        .kind = SIM_SHAPE_LIST,
        .name = "steps",
        .what = "a list of steps",
        .limit = "steps",
        .min = 1,
        .max = SIM_MAX_STEPS,
        .element = &shape_step,
};
const struct sim_shape sim_shape_threads = {
        .kind = SIM_SHAPE_MAP,
        .what = "an object of step lists by actor",
        .key = "an actor (a vCPU such as 'vm1.0', or 'host')",
        .pattern = SIM_ACTOR_PATTERN,
        .limit = "actors",
        .min = 1,
        .max = SIM_MAX_THREADS,
        .element = &shape_steps,
};

/* The verbs of a vCPU's step, each a key with a value of its own. */
static bool load_call_verb(struct sim_loader *loader, const struct sim_json_value *value,
                           const struct sim_json_value *verb, struct sim_step *step)
{
	return check_verb(loader, verb, "the name of a call") &&
	       sim_load_call(loader, value, verb, step);
}

static bool load_take_verb(struct sim_loader *loader, const struct sim_json_value *value,
                           const struct sim_json_value *verb, struct sim_step *step)
{
	return sim_load_interrupt(loader, verb, step) &&
	       sim_load_object(loader, value, &sim_object_take, verb, NULL, step);
}

static const struct {
	const char *name;
	bool (*load)(struct sim_loader *loader, const struct sim_json_value *value,
	             const struct sim_json_value *verb, struct sim_step *step);
} verbs[] = {{"call", load_call_verb}, {"take", load_take_verb}, {"write", sim_load_write}};

static bool load_vcpu_step(struct sim_loader *loader, const struct sim_json_value *value,
                           struct sim_step *step)
{
	const struct sim_json_value *verb = NULL, *member;
	unsigned found = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++) {
		member = sim_json_member(loader->json, value, verbs[i].name);
		if (member && verb)
			return sim_fail_key(loader, member,
			                    "a step has either '%s' or '%s', not both",
			                    verbs[found].name, verbs[i].name);
		if (!member)
			continue;
		verb = member;
		found = i;
	}
	if (verb)
		return verbs[found].load(loader, value, verb, step);
	if (sim_json_member(loader->json, value, "do"))
		return sim_fail_key(loader, sim_json_member(loader->json, value, "do"),
		                    "'do' is for the host: a vCPU has 'call', 'take' and 'write'");
	return sim_fail(loader, value, "the step has none of 'call', 'take' and 'write'");
}

static bool load_host_step(struct sim_loader *loader, const struct sim_json_value *value,
                           struct sim_step *step)
{
	const struct sim_json_value *action = sim_json_member(loader->json, value, "do");

	if (!action)
		return sim_fail(loader, value, "the step has no 'do': the host makes no calls");
	return check_verb(loader, action, "the name of an action") &&
	       sim_load_host(loader, value, action, step);
}

static bool load_step(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct step_list *list = into;
	struct sim_step *step = add_step(loader, value, list, list->thread);

	return loader->scenario->threads[list->thread].is_vcpu
	               ? load_vcpu_step(loader, value, step)
	               : load_host_step(loader, value, step);
}

/* Actors first, all of them: a thread's place in the file is its rank. */
static bool load_actor(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	unsigned thread;

	(void)into;
	return sim_find_actor(loader, value, value->key, &thread);
}

static bool load_steps(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct step_list list = {
	        .steps = sim_array(loader, value->count, sizeof(struct sim_step)),
	        .thread = value->index,
	};
	struct sim_thread *thread = &loader->scenario->threads[list.thread];

	(void)into;
	if (!sim_load_each(loader, value, &shape_step, load_step, &list))
		return false;
	thread->steps = list.steps;
	thread->step_count = list.count;
	return true;
}

bool sim_load_threads(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return sim_load_each(loader, value, &shape_steps, load_actor, into) &&
	       sim_load_each(loader, value, &shape_steps, load_steps, into) &&
	       sim_resolve_afters(loader);
}

/* "setup" */

const struct sim_object sim_object_setup_step = {.name = "setup-step",
                                                 .doc = "one step before the race"};
static const struct sim_shape shape_setup_step = {
        .kind = SIM_SHAPE_OBJECT, .what = "a step (an object)", .object = &sim_object_setup_step};
const struct sim_shape sim_shape_setup = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of steps",
        .limit = "steps",
        .max = SIM_MAX_STEPS,
        .element = &shape_setup_step,
};

/* The member whose key is an actor, which says who does the step and what; NULL after an error. */
static const struct sim_json_value *find_setup_actor(struct sim_loader *loader,
                                                     const struct sim_json_value *value)
{
	const struct sim_json_value *actor = NULL;
	const struct sim_json_value *member;

	for (member = sim_json_first(loader->json, value); member;
	     member = sim_json_next(loader->json, member)) {
		if (strcmp(member->key, "host") != 0 && !strchr(member->key, '.'))
			continue;
		if (actor) {
			sim_fail_key(loader, member, "the step has two actors, '%s' and '%s'",
			             actor->key, member->key);
			return NULL;
		}
		actor = member;
	}
	if (!actor)
		sim_fail(loader, value,
		         "the step has no actor (a set-up step begins with one, such as "
		         "\"%s.0\": \"FFA_VERSION\")",
		         loader->scenario->machine.vms[0].name);
	return actor;
}

static bool load_setup_take(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	return sim_load_interrupt(loader, value, into);
}

static bool load_setup_step(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	struct step_list *list = into;
	const struct sim_json_value *actor = find_setup_actor(loader, value);
	struct sim_step *step;
	unsigned thread;

	if (!actor || !sim_find_actor(loader, actor, actor->key, &thread) ||
	    !check_verb(loader, actor, "the name of a call or an action"))
		return false;
	step = add_step(loader, value, list, thread);
	if (!loader->scenario->threads[thread].is_vcpu)
		return sim_load_host(loader, value, actor, step);
	if (strcmp(sim_string(actor), "take") == 0)
		return sim_load_object(loader, value, &sim_object_setup_take, actor, NULL, step);
	if (strcmp(sim_string(actor), "write") == 0)
		return sim_load_setup_write(loader, value, actor, step);
	return sim_load_call(loader, value, actor, step);
}

static const struct sim_property setup_take_properties[] = {
        {"interrupt", &sim_shape_interrupt, true, "\"NPI\" or an interrupt id", load_setup_take},
        {"as", &sim_shape_label, false, SIM_LABEL_DOC, sim_load_label},
};
const struct sim_object sim_object_setup_take = {
        .name = "setup-take",
        .doc = "the vCPU waits for an interrupt and takes it",
        .properties = setup_take_properties,
        .count = G_N_ELEMENTS(setup_take_properties),
};

bool sim_load_setup(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct step_list list = {.steps = sim_array(loader, value->count, sizeof(struct sim_step))};

	(void)into;
	if (!sim_load_each(loader, value, &shape_setup_step, load_setup_step, &list) ||
	    !sim_refuse_afters(loader))
		return false;
	loader->scenario->setup = list.steps;
	loader->scenario->setup_count = list.count;
	return true;
}
