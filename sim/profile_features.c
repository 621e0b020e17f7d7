/* SPDX-License-Identifier: MIT */
/* What FFA_FEATURES of an SPMC reports otherwise than its calls would have it. */
#include <stdlib.h>

#include "sim/profile.h"

#define NUMBER_PATTERN  "^(0x[0-9a-fA-F]{1,2}|[0-9]{1,3})$"
#define LAST_FEATURE_ID 0xffu

#define LONGEST_CALL_NAME 63u

static const struct sim_choice refusals[] = {
        {"NOT_SUPPORTED", 0, "it is not there"},
        {NULL, 0, NULL},
};
static const struct sim_shape shape_refused = {
        .kind = SIM_SHAPE_CHOICE, .what = "NOT_SUPPORTED", .choices = refusals};
static const struct sim_shape shape_properties = {
        .kind = SIM_SHAPE_INTEGER, .what = "a word of interface properties", .max = UINT32_MAX};
static const struct sim_shape *const feature_alternatives[] = {&shape_refused, &shape_properties,
                                                               NULL};
static const struct sim_shape shape_feature = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "w2 of a success (an integer) or \"NOT_SUPPORTED\"",
        .alternatives = feature_alternatives,
};
const struct sim_shape sim_shape_features = {
        .kind = SIM_SHAPE_MAP,
        .what = "an object of answers by call name or feature id",
        .key = "a call name or a feature id",
        .pattern = "^(FFA_[A-Z0-9_]+|0x[0-9a-fA-F]{1,2}|[0-9]{1,3})$",
        .max_key = LONGEST_CALL_NAME,
        .limit = "answers",
        .max = WORLD_MAX_FEATURES / 2, /* a name may stand for two function ids */
        .element = &shape_feature,
};

/* Of one id the last answer counts. */
static bool set_feature(struct sim_loader *loader, const struct sim_json_value *value,
                        struct world_spmc_config *spmc, uint32_t asked)
{
	bool refused = sim_string(value) != NULL;
	unsigned i = 0;

	while (i < spmc->feature_count && spmc->features[i].asked != asked)
		i++;
	if (i == WORLD_MAX_FEATURES)
		return sim_fail_key(loader, value,
		                    "more answers of FFA_FEATURES than the limit of %u function "
		                    "and feature ids",
		                    WORLD_MAX_FEATURES);
	if (i == spmc->feature_count)
		spmc->feature_count++;
	spmc->features[i] = (struct world_feature){.asked = asked,
	                                           .refused = refused,
	                                           .w2 = refused ? 0 : (uint32_t)sim_number(value)};
	return true;
}

static bool load_feature(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	uint32_t asked[2] = {0};
	unsigned count = 1;

	if (sim_matches(value->key, NUMBER_PATTERN)) {
		asked[0] = (uint32_t)strtoul(value->key, NULL, 0);
		if (asked[0] == 0 || asked[0] > LAST_FEATURE_ID)
			return sim_fail_key(loader, value,
			                    "'%s' is not a feature id: 1 to 255 (0xff)",
			                    value->key);
	} else if (!sim_call_widths(value->key, asked, &count)) {
		g_autofree char *message = sim_unknown_call(value->key);

		return sim_fail_key(loader, value, "%s", message);
	}
	for (unsigned i = 0; i < count; i++)
		if (!set_feature(loader, value, into, asked[i]))
			return false;
	return true;
}

bool sim_load_features(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return sim_load_each(loader, value, &shape_feature, load_feature, into);
}
