/* SPDX-License-Identifier: MIT */
/* The script of an SP: what it answers to which request. */
#include "abi/ffa_decode.h"
#include "sim/profile.h"

/* What a scenario calls an answer; the ids and flags that are wrong without being given. */
enum answer {
	ANSWER_ACCEPT,
	ANSWER_REFUSE,
	ANSWER_RETRY,
	ANSWER_INTERRUPTED,
	ANSWER_WRONG_ID,
	ANSWER_WRONG_FLAGS,
	ANSWER_WRONG_SP,
	ANSWER_INTERRUPT,
	ANSWER_YIELD,
};

static const struct {
	enum world_sp_reply reply;
	uint32_t value;
} meanings[] = {
        [ANSWER_ACCEPT] = {WORLD_REPLY_ACCEPT, 0},
        [ANSWER_REFUSE] = {WORLD_REPLY_REFUSE, (uint32_t)FFA_DENIED},
        [ANSWER_RETRY] = {WORLD_REPLY_REFUSE, (uint32_t)FFA_RETRY},
        [ANSWER_INTERRUPTED] = {WORLD_REPLY_REFUSE, (uint32_t)FFA_INTERRUPTED},
        [ANSWER_WRONG_ID] = {WORLD_REPLY_WRONG_ID, FFA_SUCCESS_32},
        [ANSWER_WRONG_FLAGS] = {WORLD_REPLY_WRONG_FLAGS, 0x80000000u},
        [ANSWER_WRONG_SP] = {WORLD_REPLY_WRONG_SP, 0},
        [ANSWER_INTERRUPT] = {WORLD_REPLY_INTERRUPT, 0},
        [ANSWER_YIELD] = {WORLD_REPLY_YIELD, 0},
};

static const struct sim_choice messages[] = {
        {"*", WORLD_TO_ANY, "any request"},
        {"REQUEST", WORLD_TO_REQUEST, "a direct request that is none of the others"},
        {"VM_CREATED", WORLD_TO_VM_CREATED, "the framework message of that name"},
        {"VM_DESTROYED", WORLD_TO_VM_DESTROYED, "the framework message of that name"},
        {NULL, 0, NULL},
};
/* In the order of enum answer. */
static const struct sim_choice answers[] = {
        {"ACCEPT", ANSWER_ACCEPT, "success; the payload comes back"},
        {"REFUSE", ANSWER_REFUSE, "the status of 'status'"},
        {"RETRY", ANSWER_RETRY, "the status RETRY"},
        {"INTERRUPTED", ANSWER_INTERRUPTED, "the status INTERRUPTED"},
        {"WRONG_ID", ANSWER_WRONG_ID, "an answer by another function, that of 'id'"},
        {"WRONG_FLAGS", ANSWER_WRONG_FLAGS, "an answer with other flags in w2, those of 'flags'"},
        {"WRONG_SP", ANSWER_WRONG_SP, "an answer that says it comes from another SP"},
        {"INTERRUPT", ANSWER_INTERRUPT,
         "FFA_INTERRUPT; FFA_RUN goes on with the next answer of the list"},
        {"YIELD", ANSWER_YIELD, "FFA_YIELD; FFA_RUN goes on with the next answer of the list"},
        {NULL, 0, NULL},
};

static const struct sim_shape shape_to = {
        .kind = SIM_SHAPE_CHOICE, .what = "a message", .choices = messages};
static const struct sim_shape shape_answer_name = {
        .kind = SIM_SHAPE_CHOICE, .what = "an answer", .choices = answers};
static const struct sim_shape shape_times = {
        .kind = SIM_SHAPE_INTEGER, .what = "a number of times", .min = 1, .max = WORLD_MAX_TIMES};
static const struct sim_shape shape_id = {.kind = SIM_SHAPE_CALL, .what = "a call name"};
static const struct sim_shape shape_flags = {
        .kind = SIM_SHAPE_NUMBER, .what = "a number", .max = UINT32_MAX};

struct answer_loader {
	struct world_sp_answer *answer;
	enum answer which;
};

static bool load_to(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct answer_loader *one = into;

	(void)loader;
	one->answer->to = (uint8_t)sim_choice_value(&shape_to, value);
	return true;
}

static bool load_name(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct answer_loader *one = into;

	(void)loader;
	one->which = (enum answer)sim_choice_value(&shape_answer_name, value);
	one->answer->reply = (uint8_t)meanings[one->which].reply;
	one->answer->value = meanings[one->which].value;
	return true;
}

static bool load_times(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct answer_loader *one = into;

	(void)loader;
	one->answer->times = (uint8_t)sim_number(value);
	return true;
}

/* 'status', 'id' and 'flags' each go with one answer. */
static bool check_goes_with(struct sim_loader *loader, const struct sim_json_value *value,
                            const struct answer_loader *one, enum answer which)
{
	return one->which == which ||
	       sim_fail_key(loader, value, "'%s' goes with the answer '%s' alone", value->key,
	                    answers[which].name);
}

static bool load_status(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct answer_loader *one = into;
	const char *name = sim_string(value);
	int32_t status;

	if (!check_goes_with(loader, value, one, ANSWER_REFUSE))
		return false;
	if (!ffa_status_by_name(name, &status) || status == FFA_OK)
		return sim_fail(loader, value, "'%s' is not the status of a refusal", name);
	one->answer->value = (uint32_t)status;
	return true;
}

static bool load_id(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct answer_loader *one = into;

	return check_goes_with(loader, value, one, ANSWER_WRONG_ID) &&
	       sim_find_call(loader, value, sim_string(value), &one->answer->value);
}

static bool load_flags(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct answer_loader *one = into;

	if (!check_goes_with(loader, value, one, ANSWER_WRONG_FLAGS))
		return false;
	one->answer->value = (uint32_t)sim_number(value);
	return true;
}

static const struct sim_property answer_properties[] = {
        {"to", &shape_to, false, "the request that it is for, any if not given", load_to},
        {"answer", &shape_answer_name, true, "what the SP answers", load_name},
        {"times", &shape_times, false, "how often; for ever if not given", load_times},
        {"status", &sim_shape_status, false, "of REFUSE, DENIED if not given", load_status},
        {"id", &shape_id, false, "of WRONG_ID, FFA_SUCCESS_32 if not given", load_id},
        {"flags", &shape_flags, false, "of WRONG_FLAGS, 0x80000000 if not given", load_flags},
};
static const struct sim_object object_answer = {
        .name = "answer",
        .doc = "one answer of an SP; the first that fits and is not used up is given",
        .properties = answer_properties,
        .count = G_N_ELEMENTS(answer_properties),
};
static const struct sim_shape shape_answer = {
        .kind = SIM_SHAPE_OBJECT, .what = "an answer (an object)", .object = &object_answer};
const struct sim_shape sim_shape_answers = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of answers",
        .limit = "answers",
        .max = WORLD_MAX_ANSWERS,
        .element = &shape_answer,
};

static bool load_answer(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_sp *sp = into;
	struct answer_loader one = {.answer = &sp->answers[sp->answer_count++]};

	return sim_load_object(loader, value, &object_answer, NULL, NULL, &one);
}

bool sim_load_answers(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return sim_load_each(loader, value, &shape_answer, load_answer, into);
}
