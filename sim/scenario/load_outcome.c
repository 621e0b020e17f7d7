/* SPDX-License-Identifier: MIT */
#include "sim/scenario/expr.h"
#include "sim/scenario/load.h"

#define MAX_EXPRESSION 1024u /* bytes */

struct outcome_list {
	struct sim_outcome *outcomes;
	unsigned count;
	enum sim_outcome_kind kind;
};

static const struct sim_shape shape_expression = {
        .kind = SIM_SHAPE_TEXT,
        .name = "expression",
        .what = "an expression such as \"set == SUCCESS && pending(vm1) == 0\"",
        .min = 1,
        .max = MAX_EXPRESSION,
};
static const struct sim_shape shape_expressions = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of expressions",
        .limit = "outcomes",
        .min = 1,
        .max = SIM_MAX_OUTCOMES,
        .element = &shape_expression,
};

static bool load_expression(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	struct outcome_list *list = into;
	struct sim_outcome *outcome = &list->outcomes[list->count];
	g_autoptr(GError) error = NULL;
	struct sim_expr *expr = sim_expr_compile(sim_string(value), loader->scenario, &error);

	if (!expr)
		return sim_fail(loader, value, "%s", error->message);
	g_ptr_array_add(loader->exprs, expr);
	outcome->kind = list->kind;
	outcome->text = g_string_chunk_insert_const(loader->strings, sim_string(value));
	outcome->expr = expr;
	outcome->place = sim_place_of(loader, value);
	list->count++;
	return true;
}

static bool load_list(struct sim_loader *loader, const struct sim_json_value *value, void *into,
                      enum sim_outcome_kind kind)
{
	struct outcome_list *list = into;

	list->kind = kind;
	return sim_load_each(loader, value, &shape_expression, load_expression, list);
}

static bool load_always(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return load_list(loader, value, into, SIM_OUTCOME_ALWAYS);
}

static bool load_never(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return load_list(loader, value, into, SIM_OUTCOME_NEVER);
}

static bool load_sometimes(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	return load_list(loader, value, into, SIM_OUTCOME_SOMETIMES);
}

static bool load_scheduled(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	return load_list(loader, value, into, SIM_OUTCOME_SCHEDULED);
}

static const struct sim_property properties[] = {
        {"always", &shape_expressions, false,
         "each must hold after every schedule, and in every order", load_always},
        {"never", &shape_expressions, false, "none may hold after any schedule", load_never},
        {"sometimes", &shape_expressions, false,
         "each must hold after at least one of the schedules", load_sometimes},
        {"scheduled", &shape_expressions, false,
         "each must hold after every schedule of the file; other orders are not asked",
         load_scheduled},
};
static const struct sim_object object_outcomes = {
        .name = "outcomes",
        .doc = "what must hold once every actor is done",
        .properties = properties,
        .count = G_N_ELEMENTS(properties),
};
const struct sim_shape sim_shape_outcomes = {
        .kind = SIM_SHAPE_OBJECT, .what = "an object of outcomes", .object = &object_outcomes};

bool sim_load_outcomes(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct outcome_list list = {
	        .outcomes = sim_array(loader, SIM_ALL_OUTCOMES, sizeof(struct sim_outcome)),
	};

	(void)into;
	if (!sim_load_object(loader, value, &object_outcomes, NULL, NULL, &list))
		return false;
	loader->scenario->outcomes = list.outcomes;
	loader->scenario->outcome_count = list.count;
	return true;
}
