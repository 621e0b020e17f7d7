/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/expr.h"
#include "sim/scenario/load.h"

#define NANOSECONDS_PER_SECOND 1000000000ull
#define MAX_FAIL_ALLOC         1000u
#define MAX_INTID              0xffffffu

/* A raw register of a call: kept until all fields are set, because it overrides them. */
struct raw {
	bool given;
	bool word;
	uint64_t value;
};

struct call_loader {
	struct sim_step *step;
	const struct ffa_call *call; /* NULL: the function id is in no table */
	struct raw raw[FFA_REG_COUNT];
};

/* Properties that several steps share; all load into struct sim_step. */

const struct sim_shape sim_shape_label = {
        .kind = SIM_SHAPE_TEXT,
        .name = "label",
        .what = "a label (lower-case letters, digits, '_'; a letter first)",
        .pattern = "^[a-z][a-z0-9_]*$",
        .min = 1,
        .max = SIM_NAME_SIZE - 1,
};
const struct sim_shape sim_shape_fail_alloc = {
        .kind = SIM_SHAPE_INTEGER,
        .what = "the ordinal of an allocation",
        .min = 1,
        .max = MAX_FAIL_ALLOC,
};
static const struct sim_shape shape_vcpu_name = {.kind = SIM_SHAPE_TEXT,
                                                 .what = "a vCPU such as \"vm1.0\"",
                                                 .min = 1,
                                                 .max = SIM_NAME_SIZE - 1};
static const struct sim_shape shape_vm_name = {
        .kind = SIM_SHAPE_TEXT, .what = "the name of a VM", .min = 1, .max = SIM_NAME_SIZE - 1};
static const struct sim_shape shape_duration = {
        .kind = SIM_SHAPE_TEXT,
        .what = "a duration such as \"5ms\" (s, ms, us or ns)",
        .pattern = "^[1-9][0-9]*(s|ms|us|ns)$",
        .min = 1,
        .max = 24,
};

bool sim_load_label(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_scenario *scenario = loader->scenario;
	struct sim_step *step = into;
	const char *name = sim_string(value);

	if (sim_expr_is_function(name))
		return sim_fail(loader, value, "'%s' is a function of outcomes, not a label", name);
	if (sim_after_is_idle(name))
		return sim_fail(loader, value, "'%s' is what a step can come after, not a label",
		                name);
	for (unsigned i = 0; i < scenario->label_count; i++)
		if (strcmp(scenario->labels[i].name, name) == 0)
			return sim_fail(loader, value, "label '%s' is taken, by the step at %u:%u",
			                name, scenario->labels[i].step->place.line,
			                scenario->labels[i].step->place.column);
	if (scenario->label_count == SIM_MAX_LABELS)
		return sim_fail(loader, value, "'%s' is one label more than the limit of %u", name,
		                SIM_MAX_LABELS);
	step->label = (int)scenario->label_count;
	sim_copy_name(scenario->labels[scenario->label_count].name, name);
	scenario->labels[scenario->label_count++].step = step;
	return true;
}

static bool load_fail_alloc(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	struct sim_step *step = into;

	(void)loader;
	step->fail_alloc = (unsigned)sim_number(value);
	return true;
}

static bool load_vcpu(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;

	return sim_find_vcpu(loader, value, sim_string(value), &step->vm, &step->vcpu);
}

static bool load_vm(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;

	return sim_find_vm(loader, value, sim_string(value), &step->vm);
}

static bool load_duration(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	static const struct {
		const char *name;
		uint64_t nanoseconds;
	} units[] = {{"s", NANOSECONDS_PER_SECOND}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
	struct sim_step *step = into;
	const char *unit = NULL;
	uint64_t count = g_ascii_strtoull(sim_string(value), (char **)&unit, 10);

	for (unsigned i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		if (count > INT64_MAX / units[i].nanoseconds)
			return sim_fail(loader, value,
			                "duration '%s' does not fit in 63 bits of ns",
			                sim_string(value));
		step->nanoseconds = count * units[i].nanoseconds;
	}
	return true;
}

#define PROPERTIES_LABEL                                                        \
	{"as", &sim_shape_label, false, SIM_LABEL_DOC, sim_load_label},         \
	{                                                                       \
		"after", &sim_shape_after, false, SIM_AFTER_DOC, sim_load_after \
	}
#define PROPERTY_FAIL_ALLOC                                                                                        \
	{                                                                                                          \
		"fail-alloc", &sim_shape_fail_alloc, false,                                                        \
		        "which allocation of the mediator fails during the step, pages included: 1 for the first", \
		        load_fail_alloc                                                                            \
	}

static const struct sim_property call_properties[] = {
        PROPERTIES_LABEL,
        {"expect", &sim_shape_expect, false, "what the call must answer", sim_load_expect},
        PROPERTY_FAIL_ALLOC,
};
const struct sim_object sim_object_call = {
        .name = "call",
        .doc = "a guest call; every other key is an argument field of the call or a raw register",
        .properties = call_properties,
        .count = G_N_ELEMENTS(call_properties),
        .open = true,
};

static const struct sim_property take_properties[] = {PROPERTIES_LABEL};
const struct sim_object sim_object_take = {
        .name = "take",
        .doc = "the vCPU waits for an interrupt and takes it",
        .properties = take_properties,
        .count = G_N_ELEMENTS(take_properties),
};

static const struct sim_property host_vcpu_properties[] = {
        {"vcpu", &shape_vcpu_name, true, "the vCPU that goes on or off line", load_vcpu},
        PROPERTIES_LABEL,
        PROPERTY_FAIL_ALLOC,
};
const struct sim_object sim_object_host_vcpu = {
        .name = "host-vcpu",
        .doc = "a vCPU goes on or off line",
        .properties = host_vcpu_properties,
        .count = G_N_ELEMENTS(host_vcpu_properties),
};

static const struct sim_property host_create_properties[] = {
        {"vm", &shape_vm_name, true, "the VM that is created", load_vm},
        PROPERTIES_LABEL,
        {"expect", &sim_shape_status, false, "the status the mediator must answer",
         sim_load_expect},
        PROPERTY_FAIL_ALLOC,
};
const struct sim_object sim_object_host_create = {
        .name = "host-create",
        .doc = "a VM is created",
        .properties = host_create_properties,
        .count = G_N_ELEMENTS(host_create_properties),
};

static const struct sim_property host_destroy_properties[] = {
        {"vm", &shape_vm_name, true, "the VM that is destroyed", load_vm},
        PROPERTIES_LABEL,
        PROPERTY_FAIL_ALLOC,
};
const struct sim_object sim_object_host_destroy = {
        .name = "host-destroy",
        .doc = "a VM is destroyed",
        .properties = host_destroy_properties,
        .count = G_N_ELEMENTS(host_destroy_properties),
};

static const struct sim_property host_advance_properties[] = {
        {"by", &shape_duration, true, "how far virtual time moves", load_duration},
        PROPERTIES_LABEL,
};
const struct sim_object sim_object_host_advance = {
        .name = "host-advance",
        .doc = "virtual time moves",
        .properties = host_advance_properties,
        .count = G_N_ELEMENTS(host_advance_properties),
};

const struct sim_host_action sim_host_actions[] = {
        {"vcpu-on", SIM_ACTION_VCPU_ON, &sim_object_host_vcpu},
        {"vcpu-off", SIM_ACTION_VCPU_OFF, &sim_object_host_vcpu},
        {"create-vm", SIM_ACTION_VM_CREATE, &sim_object_host_create},
        {"destroy-vm", SIM_ACTION_VM_DESTROY, &sim_object_host_destroy},
        {"advance", SIM_ACTION_ADVANCE, &sim_object_host_advance},
        {"sp-set", SIM_ACTION_SP_CALL, &sim_object_sp_set},
        {"sp-bind", SIM_ACTION_SP_CALL, &sim_object_sp_bind},
        {"sp-unbind", SIM_ACTION_SP_CALL, &sim_object_sp_unbind},
        {"sp-send", SIM_ACTION_SP_CALL, &sim_object_sp_send},
        {NULL, SIM_ACTION_ADVANCE, NULL},
};

/* Calls */

static bool load_raw(struct sim_loader *loader, const struct sim_json_value *value,
                     struct call_loader *call, uint8_t reg, bool word)
{
	struct raw *raw = &call->raw[reg];

	if (raw->given)
		return sim_fail_key(loader, value, "register %u is given twice, as x%u and as w%u",
		                    reg, reg, reg);
	raw->given = true;
	raw->word = word;
	return sim_register_value(loader, value, word, &raw->value);
}

static bool fail_unknown_field(struct sim_loader *loader, const struct sim_json_value *value,
                               const struct call_loader *call)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (!call->call)
		return sim_fail_key(loader, value,
		                    "unknown key '%s': function id 0x%08x is not in the table, use "
		                    "raw registers",
		                    value->key, call->step->fid);
	sim_suggest_init(&suggest, value->key);
	for (unsigned i = 0; i < sim_object_call.count; i++)
		sim_suggest_offer(&suggest, sim_object_call.properties[i].name);
	sim_offer_fields(&suggest, call->call->arguments.fields);
	hint = sim_suggest_text(&suggest);
	return sim_fail_key(loader, value, "unknown key '%s': %s has no such argument%s",
	                    value->key, call->call->name, hint);
}

/* A key of a call that is not in its table of properties: a field or a raw register. */
static bool load_argument(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct call_loader *call = into;
	const struct ffa_field *field;
	uint64_t number;
	uint8_t reg;
	bool word;

	if (sim_parse_register(value->key, &reg, &word))
		return load_raw(loader, value, call, reg, word);
	field = call->call ? ffa_field_find(call->call, FFA_ARGUMENTS, value->key) : NULL;
	if (!field)
		return fail_unknown_field(loader, value, call);
	if (!sim_field_value(loader, value, field, call->step->fid, &number))
		return false;
	ffa_field_set(field, &call->step->regs, number);
	return true;
}

/* Who speaks and who is meant is never guessed: 0 would silently mean the hypervisor. */
static bool check_endpoints(struct sim_loader *loader, const struct sim_json_value *value,
                            const struct call_loader *call)
{
	static const char *const names[] = {"sender", "receiver"};

	for (unsigned i = 0; call->call && i < G_N_ELEMENTS(names); i++) {
		const struct ffa_field *field = ffa_field_find(call->call, FFA_ARGUMENTS, names[i]);

		if (field && !call->raw[field->reg].given &&
		    !sim_json_member(loader->json, value, names[i]))
			return sim_fail(loader, value, "missing key '%s': %s has no default for it",
			                names[i], call->call->name);
	}
	return true;
}

bool sim_load_call(struct sim_loader *loader, const struct sim_json_value *value,
                   const struct sim_json_value *skip, struct sim_step *step)
{
	struct call_loader call = {.step = step};
	struct sim_other other = {load_argument, &call};

	step->action = SIM_ACTION_CALL;
	if (!sim_find_call(loader, skip, sim_string(skip), &step->fid))
		return false;
	call.call = ffa_call_by_fid(step->fid);
	step->regs.x[0] = step->fid;
	if (!sim_load_object(loader, value, &sim_object_call, skip, &other, step) ||
	    !check_endpoints(loader, value, &call))
		return false;
	for (unsigned i = 0; i < FFA_REG_COUNT; i++)
		if (call.raw[i].given)
			step->regs.x[i] = call.raw[i].value;
	return true;
}

/* Interrupts */

static const struct sim_choice interrupts[] = {
        {"NPI", 0, "the notification pending interrupt, whatever its number"},
        {NULL, 0, NULL},
};
static const struct sim_shape shape_interrupt_name = {
        .kind = SIM_SHAPE_CHOICE, .what = "an interrupt", .choices = interrupts};
static const struct sim_shape shape_interrupt_id = {
        .kind = SIM_SHAPE_INTEGER, .what = "an interrupt id", .max = MAX_INTID};
static const struct sim_shape *const interrupt_alternatives[] = {&shape_interrupt_name,
                                                                 &shape_interrupt_id, NULL};
const struct sim_shape sim_shape_interrupt = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "\"NPI\" or an interrupt id",
        .alternatives = interrupt_alternatives,
};

bool sim_load_interrupt(struct sim_loader *loader, const struct sim_json_value *value,
                        struct sim_step *step)
{
	step->action = SIM_ACTION_TAKE;
	if (!sim_check_shape(loader, value, &sim_shape_interrupt))
		return false;
	step->intid = sim_string(value) ? SIM_INTID_NPI : (uint32_t)sim_number(value);
	return true;
}

/* The host */

static bool fail_unknown_action(struct sim_loader *loader, const struct sim_json_value *value)
{
	g_autoptr(GString) known = g_string_new(NULL);
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, sim_string(value));
	for (const struct sim_host_action *action = sim_host_actions; action->name; action++) {
		sim_suggest_offer(&suggest, action->name);
		g_string_append_printf(known, "%s'%s'", known->len ? ", " : "", action->name);
	}
	hint = sim_suggest_text(&suggest);
	return sim_fail(loader, value, "unknown action of the host '%s': there is %s%s",
	                sim_string(value), known->str, hint);
}

bool sim_load_host(struct sim_loader *loader, const struct sim_json_value *value,
                   const struct sim_json_value *skip, struct sim_step *step)
{
	for (const struct sim_host_action *action = sim_host_actions; action->name; action++) {
		if (strcmp(action->name, sim_string(skip)) != 0)
			continue;
		step->action = action->action;
		return sim_load_object(loader, value, action->object, skip, NULL, step);
	}
	return fail_unknown_action(loader, skip);
}
