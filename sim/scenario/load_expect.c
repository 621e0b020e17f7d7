/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/load.h"

const struct sim_shape sim_shape_status = {
        .kind = SIM_SHAPE_STATUS, .name = "status", .what = "the name of a status"};

static const struct sim_shape shape_ending = {
        .kind = SIM_SHAPE_ENDING,
        .name = "ending",
        .what = "what ends a call: a status, or a function such as INTERRUPT"};

static bool load_status(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;
	const char *name = sim_string(value);
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	/* only a call can be answered by a function */
	if (step->action == SIM_ACTION_CALL ? ffa_code_by_name(name, &step->expect.status)
	                                    : ffa_status_by_name(name, &step->expect.status)) {
		step->expect.has_status = true;
		return true;
	}
	sim_suggest_init(&suggest, name);
	for (size_t i = 0; i < ffa_code_count(); i++)
		if (step->action == SIM_ACTION_CALL || ffa_status_name(-(int32_t)i))
			sim_suggest_offer(&suggest, ffa_code_name_at(i));
	hint = sim_suggest_text(&suggest);
	return sim_fail(loader, value, "unknown status '%s'%s", name, hint);
}

static const struct sim_property expect_properties[] = {
        {"status", &shape_ending, false,
         "the status, or the function that answers, such as INTERRUPT; SUCCESS if a result field "
         "is given and the call can answer with it",
         load_status},
};
const struct sim_object sim_object_expect = {
        .name = "expect",
        .doc = "what a call must answer; every other key is a result field of the call, of another "
               "function that answers one of its fields, or a raw register",
        .properties = expect_properties,
        .count = G_N_ELEMENTS(expect_properties),
        .open = true,
};
static const struct sim_shape shape_object = {
        .kind = SIM_SHAPE_OBJECT, .what = "an object", .object = &sim_object_expect};
static const struct sim_shape *const alternatives[] = {&shape_ending, &shape_object, NULL};
const struct sim_shape sim_shape_expect = {
        .kind = SIM_SHAPE_ANY_OF,
        .name = "expectation",
        .what = "a status or an object of results",
        .alternatives = alternatives,
};

static bool fail_unknown_result(struct sim_loader *loader, const struct sim_json_value *value,
                                const struct sim_step *step, const struct ffa_call *call,
                                enum ffa_fields which)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (!call)
		return sim_fail_key(loader, value,
		                    "unknown key '%s': function id 0x%08x is not in the table, use "
		                    "raw registers",
		                    value->key, step->fid);
	sim_suggest_init(&suggest, value->key);
	sim_suggest_offer(&suggest, "status");
	sim_offer_fields(&suggest,
	                 which == FFA_RESULTS ? call->results.fields : call->arguments.fields);
	hint = sim_suggest_text(&suggest);
	return sim_fail_key(loader, value, "unknown key '%s': %s has no such %s%s", value->key,
	                    call->name, which == FFA_RESULTS ? "result" : "field", hint);
}

/* Whose fields an answer carries: the call's own behind a success, else those of who answers. */
static const struct ffa_call *carrier(const struct sim_step *step, enum ffa_fields *ret_which)
{
	const struct sim_expect *expect = &step->expect;

	*ret_which = FFA_RESULTS;
	if (step->action != SIM_ACTION_CALL || !expect->has_status || expect->status <= 0)
		return ffa_call_by_fid(step->fid);
	*ret_which = FFA_ARGUMENTS;
	return &ffa_calls[(uint32_t)expect->status - FFA_FN_FIRST];
}

static bool fail_undefined(struct sim_loader *loader, const struct sim_json_value *value,
                           const struct sim_expect *expect)
{
	return sim_fail_key(loader, value,
	                    "'%s' is undefined behind %s: results stand behind SUCCESS (a raw "
	                    "register such as 'x2' can be expected)",
	                    value->key, ffa_code_name(expect->status));
}

/* A key that is not "status": a result field or a raw register. */
static bool load_check(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;
	struct sim_expect *expect = &step->expect;
	struct sim_check *check = &expect->checks[expect->check_count];
	enum ffa_fields which;
	const struct ffa_call *call = carrier(step, &which);

	if (expect->check_count == SIM_MAX_CHECKS)
		return sim_fail_key(loader, value, "'%s' is one check more than the limit of %u",
		                    value->key, SIM_MAX_CHECKS);
	if (sim_parse_register(value->key, &check->reg, &check->word)) {
		if (!sim_register_value(loader, value, check->word, &check->value))
			return false;
	} else {
		check->field = call ? ffa_field_find(call, which, value->key) : NULL;
		if (!check->field)
			return fail_unknown_result(loader, value, step, call, which);
		if (expect->has_status && expect->status < 0)
			return fail_undefined(loader, value, expect);
		if (!sim_field_value(loader, value, check->field,
		                     which == FFA_RESULTS ? step->fid : FFA_FID_64BIT,
		                     &check->value))
			return false;
		check->reg = check->field->reg;
	}
	sim_copy_name(check->name, value->key);
	expect->check_count++;
	return true;
}

/* A result field means nothing behind an error, where its register would be zero. */
static void imply_success(struct sim_expect *expect, const struct ffa_call *call)
{
	if (expect->has_status || !call || call->success == FFA_SUCCESS_NEVER)
		return;
	for (unsigned i = 0; i < expect->check_count; i++) {
		if (!expect->checks[i].field)
			continue;
		expect->has_status = true;
		expect->status = FFA_OK;
	}
}

bool sim_load_expect(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;
	const struct ffa_call *call = ffa_call_by_fid(step->fid);
	struct sim_other other = {load_check, step};

	step->expect.given = true;
	step->expect.place = sim_place_of(loader, value);
	if (sim_string(value)) {
		if (!load_status(loader, value, step))
			return false;
	} else if (value->count == 0) {
		return sim_fail(loader, value, "nothing is expected: the object is empty");
	} else if (!sim_load_object(loader, value, &sim_object_expect, NULL, &other, step)) {
		return false;
	}
	if (call && call->number == FFA_FN_VERSION && step->expect.has_status)
		return sim_fail(
		        loader, value,
		        "FFA_VERSION answers with no status (expect {\"version\": \"1.2\"} or "
		        "{\"version\": \"NOT_SUPPORTED\"})");
	imply_success(&step->expect, call);
	return true;
}
