/* SPDX-License-Identifier: MIT */
/* "after": a step waits for others. Labels may stand further down, so they are looked up last. */
#include <string.h>

#include "sim/scenario/load.h"

bool sim_after_is_idle(const char *name)
{
	return strcmp(name, "idle") == 0;
}

/* One name behind an "after". */
struct after {
	struct sim_step *step;
	const struct sim_json_value *value;
};

static const struct sim_shape shape_list = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of labels",
        .limit = "labels",
        .min = 1,
        .max = SIM_MAX_LABELS,
        .element = &sim_shape_label,
};
static const struct sim_shape *const alternatives[] = {&sim_shape_label, &shape_list, NULL};
const struct sim_shape sim_shape_after = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "a label or a list of labels",
        .alternatives = alternatives,
};

GArray *sim_afters_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct after));
}

static bool note(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	const struct after after = {.step = into, .value = value};

	g_array_append_val(loader->afters, after);
	return true;
}

bool sim_load_after(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	if (sim_string(value))
		return note(loader, value, into);
	return sim_load_each(loader, value, &sim_shape_label, note, into);
}

static bool resolve(struct sim_loader *loader, const struct after *after)
{
	const struct sim_scenario *scenario = loader->scenario;
	const char *name = sim_string(after->value);
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (sim_after_is_idle(name)) {
		after->step->after_idle = true;
		return true;
	}
	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < scenario->label_count; i++) {
		sim_suggest_offer(&suggest, scenario->labels[i].name);
		if (strcmp(scenario->labels[i].name, name) == 0) {
			after->step->after |= 1ull << i;
			return true;
		}
	}
	hint = sim_suggest_text(&suggest);
	return sim_fail(loader, after->value, "no step is called '%s'%s", name, hint);
}

/* Lets every thread go on as far as what it waits for is done; false if that gets nowhere. */
static bool go_on(const struct sim_scenario *scenario, unsigned *at, uint64_t *done)
{
	bool moved = false;

	for (unsigned i = 0; i < scenario->thread_count; i++) {
		const struct sim_thread *thread = &scenario->threads[i];

		for (; at[i] < thread->step_count; at[i]++) {
			const struct sim_step *step = &thread->steps[at[i]];

			if (step->after & ~*done)
				break;
			if (step->label >= 0)
				*done |= 1ull << step->label;
			moved = true;
		}
	}
	return moved;
}

/* Steps that wait for each other in a circle could never begin, whatever the mediator does. */
static bool check_circles(struct sim_loader *loader)
{
	const struct sim_scenario *scenario = loader->scenario;
	unsigned at[SIM_MAX_THREADS] = {0};
	uint64_t done = 0;

	while (go_on(scenario, at, &done))
		;
	for (guint i = 0; i < loader->afters->len; i++) {
		const struct after *after = &g_array_index(loader->afters, struct after, i);
		const struct sim_thread *thread = &scenario->threads[after->step->thread];

		if (at[after->step->thread] < thread->step_count &&
		    after->step == &thread->steps[at[after->step->thread]])
			return sim_fail(loader, after->value,
			                "'%s' never comes first: the steps wait for each other",
			                sim_string(after->value));
	}
	return true;
}

bool sim_resolve_afters(struct sim_loader *loader)
{
	for (guint i = 0; i < loader->afters->len; i++)
		if (!resolve(loader, &g_array_index(loader->afters, struct after, i)))
			return false;
	if (!check_circles(loader))
		return false;
	g_array_set_size(loader->afters, 0);
	return true;
}

bool sim_refuse_afters(struct sim_loader *loader)
{
	if (loader->afters->len == 0)
		return true;
	return sim_fail(loader, g_array_index(loader->afters, struct after, 0).value,
	                "a set-up step begins when the one before it has ended; 'after' is for "
	                "threads");
}
