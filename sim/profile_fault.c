/* SPDX-License-Identifier: MIT */
/* The faults of an SPMC: which calls it answers otherwise, how, and when. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/profile.h"

/* The answer of FFA_NOTIFICATION_INFO_GET (facts spmc.md section 1.8). */
#define INFO_LISTS     7u  /* bits of x2: how many lists */
#define INFO_SIZES     12u /* two bits for each: how many vCPUs */
#define INFO_FIRST     3u
#define INFO_REGISTERS 5u
#define INFO_MAX_VCPUS 3u
#define INFO_MAX_LISTS 26u /* sizes that x2 holds */

static const struct sim_choice any_call[] = {{"*", 0, "any call"}, {NULL, 0, NULL}};
static const struct sim_shape shape_call = {
        .kind = SIM_SHAPE_CALL, .what = "the name of a call or \"*\"", .choices = any_call};
static const struct sim_shape shape_function = {.kind = SIM_SHAPE_CALL, .what = "a call name"};
static const struct sim_shape shape_times = {.kind = SIM_SHAPE_INTEGER,
                                             .what = "a number of times",
                                             .min = 1,
                                             .max = WORLD_MAX_FAULT_TIMES};
static const struct sim_shape shape_pass = {
        .kind = SIM_SHAPE_INTEGER, .what = "a number of calls", .max = WORLD_MAX_FAULT_TIMES};

static const struct sim_choice phases[] = {
        {"boot", WORLD_PHASE_BOOT, "the mediator starts"},
        {"create", WORLD_PHASE_CREATE, "the VMs of the machine are created"},
        {"setup", WORLD_PHASE_SETUP, "the steps of 'setup'"},
        {"threads", WORLD_PHASE_THREADS, "the steps of 'threads', and what they lead to"},
        {"take-down", WORLD_PHASE_TAKE_DOWN, "the VMs go and the mediator stops"},
        {NULL, 0, NULL},
};
static const struct sim_shape shape_phase = {
        .kind = SIM_SHAPE_CHOICE, .what = "a part of a run", .choices = phases};
static const struct sim_shape shape_phases = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of parts of a run",
        .limit = "parts of a run",
        .min = 1,
        .max = WORLD_PHASE_COUNT,
        .element = &shape_phase,
};
static const struct sim_shape *const during_alternatives[] = {&shape_phase, &shape_phases, NULL};
static const struct sim_shape shape_during = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "a part of a run, or a list of them",
        .alternatives = during_alternatives,
};

/* Registers of a call or an answer: fields of the call's table, or raw registers. */

struct bits_loader {
	struct world_fault_bits *bits;
	const struct ffa_call *call; /* NULL: raw registers alone */
	enum ffa_fields which;
	uint32_t fid; /* its width decides that of the fields */
	bool both;    /* the call comes in two widths */
};

/* All bits that the field can carry, and the value. */
static void set_field(struct world_fault_bits *bits, const struct ffa_field *field, uint64_t value)
{
	ffa_field_set(field, &bits->mask, UINT64_MAX);
	ffa_field_set(field, &bits->value, value);
}

static bool set_register(struct sim_loader *loader, const struct sim_json_value *value,
                         struct world_fault_bits *bits, uint8_t reg, bool word)
{
	uint64_t mask = word ? UINT32_MAX : UINT64_MAX;
	uint64_t number;

	if (!sim_register_value(loader, value, word, &number))
		return false;
	bits->mask.x[reg] |= mask;
	bits->value.x[reg] = (bits->value.x[reg] & ~mask) | number;
	return true;
}

static bool fail_unknown_field(struct sim_loader *loader, const struct sim_json_value *value,
                               const struct bits_loader *bits)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (!bits->call)
		return sim_fail_key(loader, value,
		                    "unknown key '%s': registers x0 to x17 and w0 to w17 alone, "
		                    "since the call has no table of fields",
		                    value->key);
	sim_suggest_init(&suggest, value->key);
	sim_offer_fields(&suggest, bits->which == FFA_ARGUMENTS ? bits->call->arguments.fields
	                                                        : bits->call->results.fields);
	hint = sim_suggest_text(&suggest);
	return sim_fail_key(loader, value, "unknown key '%s': %s has no such %s%s", value->key,
	                    bits->call->name, bits->which == FFA_ARGUMENTS ? "argument" : "result",
	                    hint);
}

static bool load_bits(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct bits_loader *bits = into;
	const struct ffa_field *field;
	uint64_t number;
	uint8_t reg;
	bool word;

	if (sim_parse_register(value->key, &reg, &word))
		return set_register(loader, value, bits->bits, reg, word);
	field = bits->call ? ffa_field_find(bits->call, bits->which, value->key) : NULL;
	if (!field)
		return fail_unknown_field(loader, value, bits);
	if (!sim_field_value(loader, value, field, bits->fid, &number))
		return false;
	set_field(bits->bits, field, number);
	return true;
}

/* The widest id of the call that the fault is for; 0 for any call. */
static uint32_t widest(const struct world_fault *fault)
{
	return fault->fids[1] ? fault->fids[1] : fault->fids[0];
}

/* "call" */

static bool load_call(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_fault *fault = into;
	unsigned count;

	return strcmp(sim_string(value), "*") == 0 ||
	       sim_find_widths(loader, value, sim_string(value), fault->fids, &count);
}

/* "with" */

const struct sim_object sim_object_fault_with = {
        .name = "fault-with",
        .doc = "argument fields of the call, or registers",
        .open = true,
};
static const struct sim_shape shape_with = {.kind = SIM_SHAPE_OBJECT,
                                            .what = "an object of arguments",
                                            .object = &sim_object_fault_with};

static bool load_with(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_fault *fault = into;
	struct bits_loader bits = {.bits = &fault->with,
	                           .call = ffa_call_by_fid(fault->fids[0]),
	                           .which = FFA_ARGUMENTS,
	                           .fid = widest(fault)};
	struct sim_other other = {load_bits, &bits};

	return sim_load_object(loader, value, &sim_object_fault_with, NULL, &other, NULL);
}

/* "answer" and "change" */

/* The fields are those of the function that answers, behind a success those of the call's results.
 */
static bool load_function(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct bits_loader *bits = into;
	uint32_t fid;

	if (!sim_find_call(loader, value, sim_string(value), &fid))
		return false;
	bits->bits->mask.x[0] |= UINT32_MAX;
	bits->bits->value.x[0] = fid;
	if (fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64)
		return true;
	bits->call = ffa_call_by_fid(fid);
	bits->which = FFA_ARGUMENTS;
	bits->fid = fid;
	return true;
}

/* "endpoints" of FFA_NOTIFICATION_INFO_GET: packed as many ids to a register as its width holds. */

struct ids_loader {
	struct world_fault_bits *bits;
	unsigned count;
	unsigned capacity;
	unsigned lists;
	unsigned vcpus; /* in the list that is loaded */
};

static bool add_id(struct sim_loader *loader, const struct sim_json_value *at,
                   struct ids_loader *ids, uint16_t id)
{
	unsigned per_reg = ids->capacity / INFO_REGISTERS, i = ids->count++;

	if (i >= ids->capacity)
		return sim_fail(loader, at,
		                "an answer of this width has room for %u ids, this is one more",
		                ids->capacity);
	ids->bits->value.x[INFO_FIRST + i / per_reg] |= (uint64_t)id << i % per_reg * 16;
	return true;
}

static bool load_info_endpoint(struct sim_loader *loader, const struct sim_json_value *value,
                               void *into)
{
	static const struct ffa_field endpoint = {
	        .name = "endpoints", .high = 15, .kind = FFA_KIND_ENDPOINT};
	struct ids_loader *ids = into;
	uint64_t id;

	if (value->index == 0)
		return sim_field_value(loader, value, &endpoint, 0, &id) &&
		       add_id(loader, value, ids, (uint16_t)id);
	if (sim_string(value))
		return sim_fail(loader, value, "behind the endpoint come numbers of its vCPUs");
	ids->vcpus++;
	return add_id(loader, value, ids, (uint16_t)sim_number(value));
}

static const struct sim_shape shape_info_name = {
        .kind = SIM_SHAPE_TEXT, .what = "an endpoint", .min = 1, .max = SIM_NAME_SIZE - 1};
static const struct sim_shape shape_info_number = {
        .kind = SIM_SHAPE_INTEGER, .what = "an id", .max = UINT16_MAX};
static const struct sim_shape *const info_id_alternatives[] = {&shape_info_name, &shape_info_number,
                                                               NULL};
static const struct sim_shape shape_info_id = {.kind = SIM_SHAPE_ANY_OF,
                                               .what = "an endpoint or the number of a vCPU",
                                               .alternatives = info_id_alternatives};
static const struct sim_shape shape_info_list = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of an endpoint and its vCPUs",
        .limit = "ids",
        .min = 1,
        .max = 1 + INFO_MAX_VCPUS,
        .element = &shape_info_id,
};
static const struct sim_shape shape_info_lists = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of lists",
        .limit = "lists",
        .max = INFO_MAX_LISTS,
        .element = &shape_info_list,
};

static bool load_info_list(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	struct ids_loader *ids = into;

	ids->vcpus = 0;
	if (!sim_load_each(loader, value, &shape_info_id, load_info_endpoint, ids))
		return false;
	ids->bits->value.x[2] |= (uint64_t)ids->vcpus << (INFO_SIZES + 2 * ids->lists++);
	return true;
}

/* By the function that answers, else by the call. */
static bool find_width(struct sim_loader *loader, const struct sim_json_value *value,
                       const struct bits_loader *bits, bool *ret_is_64bit)
{
	const struct ffa_regs *mask = &bits->bits->mask, *regs = &bits->bits->value;

	if (!bits->call || bits->call->number != FFA_FN_NOTIFICATION_INFO_GET)
		return sim_fail_key(loader, value,
		                    "'endpoints' goes with a success of FFA_NOTIFICATION_INFO_GET");
	if (!mask->x[0] && bits->both)
		return sim_fail_key(loader, value,
		                    "how many ids a register holds depends on the width: name "
		                    "FFA_NOTIFICATION_INFO_GET_32 or _64, or a 'function'");
	*ret_is_64bit = ffa_fid_is_64bit(mask->x[0] ? (uint32_t)regs->x[0] : bits->fid);
	return true;
}

static bool load_endpoints(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	struct bits_loader *bits = into;
	struct ids_loader ids = {.bits = bits->bits};
	bool is_64bit = false;

	if (!find_width(loader, value, bits, &is_64bit))
		return false;
	ids.capacity = INFO_REGISTERS * (is_64bit ? 4 : 2);
	for (unsigned i = 2; i < INFO_FIRST + INFO_REGISTERS; i++)
		bits->bits->mask.x[i] = UINT64_MAX;
	if (!sim_load_each(loader, value, &shape_info_list, load_info_list, &ids))
		return false;
	bits->bits->value.x[2] |= (uint64_t)ids.lists << INFO_LISTS;
	return true;
}

static const struct sim_property answer_properties[] = {
        {"function", &shape_function, false,
         "the function that answers, such as FFA_INTERRUPT; FFA_SUCCESS if not given",
         load_function},
        {"endpoints", &shape_info_lists, false,
         "of FFA_NOTIFICATION_INFO_GET: whom it names, a list for each endpoint with the numbers "
         "of its vCPUs behind it, at most 3",
         load_endpoints},
};
const struct sim_object sim_object_fault_answer = {
        .name = "fault-answer",
        .doc = "registers of an answer; every other key is a field of what the function carries, "
               "or a raw register",
        .properties = answer_properties,
        .count = G_N_ELEMENTS(answer_properties),
        .open = true,
};
static const struct sim_shape shape_registers = {.kind = SIM_SHAPE_OBJECT,
                                                 .what = "an object of registers",
                                                 .object = &sim_object_fault_answer};
static const struct sim_shape *const answer_alternatives[] = {&sim_shape_status, &shape_registers,
                                                              NULL};
static const struct sim_shape shape_answer = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "a status or an object of registers",
        .alternatives = answer_alternatives,
};

static bool set_kind(struct sim_loader *loader, const struct sim_json_value *value,
                     struct world_fault *fault, enum world_fault_kind kind)
{
	if (fault->kind != WORLD_FAULT_NONE)
		return sim_fail_key(loader, value,
		                    "a fault has one of 'answer', 'change' and 'behaviour'");
	fault->kind = (uint8_t)kind;
	return true;
}

static bool load_registers(struct sim_loader *loader, const struct sim_json_value *value,
                           struct world_fault *fault)
{
	struct bits_loader bits = {.bits = &fault->answer,
	                           .call = ffa_call_by_fid(fault->fids[0]),
	                           .which = FFA_RESULTS,
	                           .fid = widest(fault),
	                           .both = fault->fids[1] != 0};
	struct sim_other other = {load_bits, &bits};

	if (value->count == 0)
		return sim_fail(loader, value, "no register is given: the object is empty");
	return sim_load_object(loader, value, &sim_object_fault_answer, NULL, &other, &bits);
}

static bool load_status(struct sim_loader *loader, const struct sim_json_value *value,
                        struct world_fault *fault)
{
	const char *name = sim_string(value);

	if (!ffa_status_by_name(name, &fault->status))
		return sim_fail(loader, value, "unknown status '%s'", name);
	if (fault->fids[0] == FFA_VERSION_32 && fault->status != FFA_OK &&
	    fault->status != FFA_NOT_SUPPORTED)
		return sim_fail(loader, value,
		                "FFA_VERSION answers with a version or NOT_SUPPORTED (give "
		                "registers for anything else)");
	return true;
}

static bool load_answer(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_fault *fault = into;

	return set_kind(loader, value, fault, WORLD_FAULT_ANSWER) &&
	       (sim_string(value) ? load_status(loader, value, fault)
	                          : load_registers(loader, value, fault));
}

static bool load_change(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_fault *fault = into;

	return set_kind(loader, value, fault, WORLD_FAULT_CHANGE) &&
	       load_registers(loader, value, fault);
}

/* "behaviour" */

static const struct sim_shape shape_behaviour = {.kind = SIM_SHAPE_OBJECT,
                                                 .what = "an object of behaviours",
                                                 .object = &sim_object_behaviour};

static bool load_behaviour(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	struct world_fault *fault = into;
	struct world_spmc_config spmc;

	if (!set_kind(loader, value, fault, WORLD_FAULT_BEHAVIOUR))
		return false;
	if (value->count == 0)
		return sim_fail(loader, value, "no behaviour is given: the object is empty");
	memset(spmc.knobs, WORLD_KNOB_KEPT, sizeof spmc.knobs);
	if (!sim_load_object(loader, value, &sim_object_behaviour, NULL, NULL, &spmc))
		return false;
	memcpy(fault->knobs, spmc.knobs, sizeof fault->knobs);
	return true;
}

/* When */

static bool load_times(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_fault *fault = into;

	(void)loader;
	fault->times = (uint8_t)sim_number(value);
	return true;
}

static bool load_pass(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_fault *fault = into;

	(void)loader;
	fault->after = (uint8_t)sim_number(value);
	return true;
}

static bool load_phase(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_fault *fault = into;

	(void)loader;
	fault->phases |= (uint8_t)(1u << sim_choice_value(&shape_phase, value));
	return true;
}

static bool load_during(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return sim_string(value) ? load_phase(loader, value, into)
	                         : sim_load_each(loader, value, &shape_phase, load_phase, into);
}

static const struct sim_property fault_properties[] = {
        {"call", &shape_call, true,
         "the call; a name without _32 or _64 means both widths, \"*\" any call", load_call},
        {"with", &shape_with, false, "only calls that carry these arguments", load_with},
        {"answer", &shape_answer, false,
         "the SPMC does nothing and answers this: a status, or registers with all others zero",
         load_answer},
        {"change", &shape_registers, false,
         "the SPMC serves the call, and these registers of its answer are replaced", load_change},
        {"behaviour", &shape_behaviour, false,
         "the SPMC serves the call as if these were its behaviours", load_behaviour},
        {"after", &shape_pass, false, "how many such calls pass before, 0 if not given", load_pass},
        {"times", &shape_times, false, "how many calls meet it; all that follow if not given",
         load_times},
        {"during", &shape_during, false, "only in these parts of a run; in all if not given",
         load_during},
};
static const struct sim_object object_fault = {
        .name = "fault",
        .doc = "a call that the SPMC answers otherwise than it would; the first that fits and is "
               "not used up takes it",
        .properties = fault_properties,
        .count = G_N_ELEMENTS(fault_properties),
};
static const struct sim_shape shape_fault = {
        .kind = SIM_SHAPE_OBJECT, .what = "a fault (an object)", .object = &object_fault};
const struct sim_shape sim_shape_faults = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of faults",
        .limit = "faults",
        .max = WORLD_MAX_FAULTS,
        .element = &shape_fault,
};

static bool load_fault(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;
	struct world_fault *fault = &spmc->faults[spmc->fault_count++];

	memset(fault, 0, sizeof *fault);
	memset(fault->knobs, WORLD_KNOB_KEPT, sizeof fault->knobs);
	if (!sim_load_object(loader, value, &object_fault, NULL, NULL, fault))
		return false;
	if (fault->kind == WORLD_FAULT_NONE)
		return sim_fail(loader, value,
		                "nothing goes wrong: one of 'answer', 'change' and 'behaviour' is "
		                "missing");
	if (!fault->phases)
		fault->phases = WORLD_ALL_PHASES;
	return true;
}

bool sim_load_faults(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;

	spmc->fault_count = 0;
	return sim_load_each(loader, value, &shape_fault, load_fault, spmc);
}
