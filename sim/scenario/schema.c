/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/load.h"

#define DRAFT        "http://json-schema.org/draft-07/schema#"
#define REFERENCE    "#/definitions/"
#define NUMBER_TEXT  "^(0[xX][0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,19})$"
#define FID_TEXT     "^0x[0-9a-fA-F]{1,8}$"
#define REGISTER_KEY "^[xw]([0-9]|1[0-7])$"
#define VCPU_KEY     "^[a-z][a-z0-9_]*\\.(0|[1-9][0-9]*)$"
#define HOST_KEY     "^host(\\.[1-3])?$"
#define TEXT_SIZE    160

/* Every function here answers an object that its caller owns. */

static struct json_object *definitions_of_shape(struct json_object *definitions,
                                                const struct sim_shape *shape);
static struct json_object *definitions_of_object(struct json_object *definitions,
                                                 const struct sim_object *object);

static struct json_object *text(const char *string)
{
	return json_object_new_string(string);
}

static void set(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *of_type(const char *type)
{
	struct json_object *object = json_object_new_object();

	set(object, "type", text(type));
	return object;
}

static struct json_object *with(const char *key, struct json_object *value)
{
	struct json_object *object = json_object_new_object();

	set(object, key, value);
	return object;
}

static struct json_object *any_of(struct json_object *first, struct json_object *second)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, first);
	json_object_array_add(list, second);
	return with("anyOf", list);
}

static struct json_object *matching(const char *pattern)
{
	struct json_object *object = of_type("string");

	set(object, "pattern", text(pattern));
	return object;
}

static struct json_object *refer(const char *name)
{
	char reference[TEXT_SIZE];

	g_snprintf(reference, sizeof(reference), REFERENCE "%s", name);
	return with("$ref", text(reference));
}

static struct json_object *constant(const char *value)
{
	return with("const", text(value));
}

/* Shapes */

static struct json_object *text_shape(const struct sim_shape *shape)
{
	struct json_object *object = of_type("string");

	if (shape->min)
		set(object, "minLength", json_object_new_uint64(shape->min));
	if (shape->max)
		set(object, "maxLength", json_object_new_uint64(shape->max));
	if (shape->pattern)
		set(object, "pattern", text(shape->pattern));
	return object;
}

static struct json_object *choice_shape(const struct sim_shape *shape)
{
	struct json_object *object = json_object_new_object();
	struct json_object *names = json_object_new_array();
	g_autoptr(GString) doc = g_string_new(NULL);

	for (const struct sim_choice *choice = shape->choices; choice->name; choice++) {
		json_object_array_add(names, text(choice->name));
		g_string_append_printf(doc, "%s\"%s\": %s", doc->len ? "; " : "", choice->name,
		                       choice->doc);
	}
	set(object, "enum", names);
	set(object, "description", text(doc->str));
	return object;
}

static struct json_object *integer_shape(const struct sim_shape *shape)
{
	struct json_object *object = of_type("integer");

	set(object, "minimum", json_object_new_uint64(shape->min));
	set(object, "maximum", json_object_new_uint64(shape->max));
	return object;
}

static struct json_object *list_shape(struct json_object *definitions,
                                      const struct sim_shape *shape)
{
	struct json_object *object = of_type("array");

	set(object, "items", definitions_of_shape(definitions, shape->element));
	if (shape->min)
		set(object, "minItems", json_object_new_uint64(shape->min));
	set(object, "maxItems", json_object_new_uint64(shape->max));
	return object;
}

static struct json_object *map_shape(struct json_object *definitions, const struct sim_shape *shape)
{
	struct json_object *object = of_type("object");

	set(object, "patternProperties",
	    with(shape->pattern, definitions_of_shape(definitions, shape->element)));
	set(object, "additionalProperties", json_object_new_boolean(false));
	set(object, "propertyNames",
	    with("maxLength", json_object_new_uint64(sim_longest_key(shape))));
	if (shape->min)
		set(object, "minProperties", json_object_new_uint64(shape->min));
	set(object, "maxProperties", json_object_new_uint64(shape->max));
	return object;
}

static struct json_object *any_of_shape(struct json_object *definitions,
                                        const struct sim_shape *shape)
{
	struct json_object *list = json_object_new_array();

	for (const struct sim_shape *const *one = shape->alternatives; *one; one++)
		json_object_array_add(list, definitions_of_shape(definitions, *one));
	return with("anyOf", list);
}

static struct json_object *call_shape(const struct sim_shape *shape)
{
	struct json_object *call = any_of(refer("call-name"), matching(FID_TEXT));

	return shape->choices ? any_of(choice_shape(shape), call) : call;
}

static struct json_object *status_shape(void)
{
	struct json_object *names = json_object_new_array();

	for (int32_t status = FFA_OK; ffa_status_name(status); status--)
		json_object_array_add(names, text(ffa_status_name(status)));
	return with("enum", names);
}

static struct json_object *ending_shape(void)
{
	struct json_object *names = json_object_new_array();

	for (size_t i = 0; i < ffa_code_count(); i++)
		json_object_array_add(names, text(ffa_code_name_at(i)));
	return with("enum", names);
}

static struct json_object *build_shape(struct json_object *definitions,
                                       const struct sim_shape *shape)
{
	switch (shape->kind) {
	case SIM_SHAPE_TEXT:
		return text_shape(shape);
	case SIM_SHAPE_CHOICE:
		return choice_shape(shape);
	case SIM_SHAPE_CALL:
		return call_shape(shape);
	case SIM_SHAPE_STATUS:
		return status_shape();
	case SIM_SHAPE_ENDING:
		return ending_shape();
	case SIM_SHAPE_BOOLEAN:
		return of_type("boolean");
	case SIM_SHAPE_INTEGER:
		return integer_shape(shape);
	case SIM_SHAPE_NUMBER:
		return any_of(integer_shape(shape), matching(NUMBER_TEXT));
	case SIM_SHAPE_LIST:
		return list_shape(definitions, shape);
	case SIM_SHAPE_OBJECT:
		return definitions_of_object(definitions, shape->object);
	case SIM_SHAPE_MAP:
		return map_shape(definitions, shape);
	case SIM_SHAPE_ANY_OF:
	default:
		return any_of_shape(definitions, shape);
	}
}

/* A shape with a name becomes a definition that is written once. */
static struct json_object *definitions_of_shape(struct json_object *definitions,
                                                const struct sim_shape *shape)
{
	if (!shape->name)
		return build_shape(definitions, shape);
	if (!json_object_object_get_ex(definitions, shape->name, NULL)) {
		struct json_object *built = build_shape(definitions, shape);

		set(built, "description", text(shape->what));
		set(definitions, shape->name, built);
	}
	return refer(shape->name);
}

/* Objects */

static struct json_object *described(struct json_object *schema, const char *doc)
{
	struct json_object *list, *object;

	/* Siblings of $ref are ignored in draft 07, so it goes into an allOf of its own. */
	if (!json_object_object_get_ex(schema, "$ref", NULL)) {
		set(schema, "description", text(doc));
		return schema;
	}
	list = json_object_new_array();
	json_object_array_add(list, schema);
	object = with("allOf", list);
	set(object, "description", text(doc));
	return object;
}

static struct json_object *build_object(struct json_object *definitions,
                                        const struct sim_object *object)
{
	struct json_object *built = of_type("object");
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();

	set(built, "description", text(object->doc));
	for (unsigned i = 0; i < object->count; i++) {
		const struct sim_property *property = &object->properties[i];

		set(properties, property->name,
		    described(definitions_of_shape(definitions, property->shape), property->doc));
		if (property->required)
			json_object_array_add(required, text(property->name));
	}
	set(built, "properties", properties);
	set(built, "required", required);
	set(built, "additionalProperties", json_object_new_boolean(false));
	if (object->one_key) {
		set(built, "minProperties", json_object_new_int(1));
		set(built, "maxProperties", json_object_new_int(1));
	}
	if (object->open)
		set(built, "patternProperties", with(REGISTER_KEY, refer("number")));
	return built;
}

/* Steps: the tables have what all steps of a kind share, the ABI table has the rest. */

static void add_call_names(struct json_object *names, const struct ffa_call *call)
{
	static const char *const suffixes[FFA_WIDTHS] = {"_32", "_64"};

	json_object_array_add(names, text(call->name));
	for (unsigned width = 0; width < FFA_WIDTHS; width++) {
		g_autofree char *name = g_strconcat(call->name, suffixes[width], NULL);

		if (call->fid[width])
			json_object_array_add(names, text(name));
	}
}

static const struct ffa_field *fields_of(const struct ffa_call *call, enum ffa_fields which)
{
	return which == FFA_ARGUMENTS ? call->arguments.fields : call->results.fields;
}

static bool takes_names(const struct ffa_field *field)
{
	return field->kind == FFA_KIND_ENDPOINT || field->kind == FFA_KIND_VERSION ||
	       field->kind == FFA_KIND_STATUS || field->kind == FFA_KIND_FUNCTION;
}

/* One field name may mean different things to different calls; the schema allows all of them. */
static void add_field(struct json_object *properties, const struct ffa_field *field)
{
	struct json_object *known;

	if (json_object_object_get_ex(properties, field->name, &known) && !takes_names(field))
		return;
	set(properties, field->name,
	    described(refer(takes_names(field) ? "named-number" : "number"),
	              sim_field_what(field)));
}

static void add_fields(struct json_object *properties, enum ffa_fields which)
{
	for (size_t i = 0; i < ffa_call_count(); i++) {
		const struct ffa_field *fields = fields_of(ffa_call_at(i), which);

		for (unsigned j = 0; j < FFA_MAX_FIELDS && *fields[j].name; j++)
			add_field(properties, &fields[j]);
	}
}

/* "if the call is X, then the keys are those of X": what an editor completes. */
static struct json_object *rule_of_call(const struct ffa_call *call)
{
	const struct ffa_field *fields = call->arguments.fields;
	struct json_object *names = json_object_new_array();
	struct json_object *keys = json_object_new_array();
	struct json_object *rule = json_object_new_object();

	add_call_names(names, call);
	json_object_array_add(keys, text("call"));
	for (unsigned i = 0; i < sim_object_call.count; i++)
		json_object_array_add(keys, text(sim_object_call.properties[i].name));
	for (unsigned i = 0; i < FFA_MAX_FIELDS && *fields[i].name; i++)
		json_object_array_add(keys, text(fields[i].name));
	set(rule, "if", with("properties", with("call", with("enum", names))));
	set(rule, "then",
	    with("propertyNames", any_of(with("enum", keys), with("pattern", text(REGISTER_KEY)))));
	return rule;
}

static void require(struct json_object *step, const char *key)
{
	json_object_array_add(json_object_object_get(step, "required"), text(key));
}

static struct json_object *build_call_step(struct json_object *definitions)
{
	static const struct sim_shape call = {.kind = SIM_SHAPE_CALL};
	struct json_object *step = build_object(definitions, &sim_object_call);
	struct json_object *properties = json_object_object_get(step, "properties");
	struct json_object *rules = json_object_new_array();

	set(properties, "call", described(call_shape(&call), "the call the vCPU makes"));
	add_fields(properties, FFA_ARGUMENTS);
	require(step, "call");
	for (size_t i = 0; i < ffa_call_count(); i++)
		json_object_array_add(rules, rule_of_call(ffa_call_at(i)));
	set(step, "allOf", rules);
	return step;
}

/* A step whose verb is a key of its own. */
static struct json_object *build_verb_step(struct json_object *definitions,
                                           const struct sim_object *object, const char *verb,
                                           struct json_object *value)
{
	struct json_object *step = build_object(definitions, object);

	set(json_object_object_get(step, "properties"), verb, value);
	require(step, verb);
	return step;
}

static struct json_object *build_step(struct json_object *definitions)
{
	struct json_object *list = json_object_new_array();
	struct json_object *interrupt = definitions_of_shape(definitions, &sim_shape_interrupt);

	json_object_array_add(list, build_call_step(definitions));
	json_object_array_add(list,
	                      build_verb_step(definitions, &sim_object_take, "take", interrupt));
	json_object_array_add(
	        list, build_verb_step(definitions, &sim_object_write, "write",
	                              definitions_of_shape(definitions, &sim_shape_address)));
	for (const struct sim_host_action *action = sim_host_actions; action->name; action++)
		json_object_array_add(list, build_verb_step(definitions, action->object, "do",
		                                            constant(action->name)));
	return with("anyOf", list);
}

/* A set-up step, whose verb is the value of its actor. */
static struct json_object *build_actor_step(struct json_object *definitions,
                                            const struct sim_object *object, const char *actor,
                                            struct json_object *verb)
{
	struct json_object *step = build_object(definitions, object);
	struct json_object *patterns = json_object_object_get(step, "patternProperties");

	if (!patterns) {
		patterns = json_object_new_object();
		set(step, "patternProperties", patterns);
	}
	set(patterns, actor, verb);
	return step;
}

static struct json_object *build_setup_step(struct json_object *definitions)
{
	static const struct sim_shape call_name = {.kind = SIM_SHAPE_CALL};
	struct json_object *list = json_object_new_array();
	struct json_object *call =
	        build_actor_step(definitions, &sim_object_call, VCPU_KEY, call_shape(&call_name));

	add_fields(json_object_object_get(call, "properties"), FFA_ARGUMENTS);
	json_object_array_add(list, call);
	json_object_array_add(list, build_actor_step(definitions, &sim_object_setup_take, VCPU_KEY,
	                                             constant("take")));
	json_object_array_add(list, build_actor_step(definitions, &sim_object_setup_write, VCPU_KEY,
	                                             constant("write")));
	for (const struct sim_host_action *action = sim_host_actions; action->name; action++)
		json_object_array_add(list, build_actor_step(definitions, action->object, HOST_KEY,
		                                             constant(action->name)));
	return with("anyOf", list);
}

static struct json_object *build_definition(struct json_object *definitions,
                                            const struct sim_object *object)
{
	struct json_object *built;

	if (object == &sim_object_step)
		return build_step(definitions);
	if (object == &sim_object_setup_step)
		return build_setup_step(definitions);
	built = build_object(definitions, object);
	if (object == &sim_object_expect || object == &sim_object_fault_answer)
		add_fields(json_object_object_get(built, "properties"), FFA_RESULTS);
	if (object == &sim_object_expect || object == &sim_object_fault_with ||
	    object == &sim_object_fault_answer)
		add_fields(json_object_object_get(built, "properties"), FFA_ARGUMENTS);
	return built;
}

static struct json_object *definitions_of_object(struct json_object *definitions,
                                                 const struct sim_object *object)
{
	if (!json_object_object_get_ex(definitions, object->name, NULL))
		set(definitions, object->name, build_definition(definitions, object));
	return refer(object->name);
}

static void add_call_name(struct json_object *definitions)
{
	struct json_object *names = json_object_new_array();
	struct json_object *built;

	for (size_t i = 0; i < ffa_call_count(); i++)
		add_call_names(names, ffa_call_at(i));
	built = with("enum", names);
	set(built, "description", text("an FF-A call, by name; _32 or _64 asks for a width"));
	set(definitions, "call-name", built);
}

static void add_named_number(struct json_object *definitions)
{
	struct json_object *types = json_object_new_array();
	struct json_object *built;

	json_object_array_add(types, text("integer"));
	json_object_array_add(types, text("string"));
	built = with("type", types);
	set(built, "minimum", json_object_new_int(0));
	set(definitions, "named-number", built);
}

char *sim_scenario_schema(void)
{
	struct json_object *definitions = json_object_new_object();
	struct json_object *schema = json_object_new_object();
	struct json_object *excluded = json_object_new_array();
	struct json_object *root;
	char *out;

	add_call_name(definitions);
	add_named_number(definitions);
	json_object_put(definitions_of_shape(definitions, &sim_shape_number));
	root = build_object(definitions, &sim_object_scenario);
	set(schema, "$schema", text(DRAFT));
	set(schema, "title", text("ffasim scenario"));
	json_object_object_foreach(root, key, value) set(schema, key, json_object_get(value));
	json_object_array_add(excluded, text("schedule"));
	json_object_array_add(excluded, text("schedules"));
	set(schema, "not", with("required", excluded));
	set(schema, "definitions", definitions);
	out = g_strconcat(json_object_to_json_string_ext(
	                          schema, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE),
	                  "\n", NULL);
	json_object_put(root);
	json_object_put(schema);
	return out;
}
