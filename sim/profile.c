/* SPDX-License-Identifier: MIT */
#include "sim/profile.h"

#include <string.h>

#include "abi/ffa_decode.h"

#define PROFILE_PATTERN "^[a-z0-9][a-z0-9-]*$"

/* What profiles and descriptions in a scenario have in common: into struct world_spmc_config. */

const struct sim_shape sim_shape_version = {
        .kind = SIM_SHAPE_TEXT,
        .name = "version",
        .what = "a version such as \"1.2\"",
        .pattern = "^(0|[1-9][0-9]{0,4})\\.(0|[1-9][0-9]{0,4})$",
        .min = 1,
        .max = 11,
};
static const struct sim_shape shape_call = {.kind = SIM_SHAPE_CALL, .what = "a call name"};
static const struct sim_shape shape_functions = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of call names",
        .limit = "calls",
        .min = 1,
        .max = 2u * FFA_FN_COUNT,
        .element = &shape_call,
};
static const struct sim_shape shape_without = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of call names",
        .limit = "calls",
        .max = WORLD_MAX_WITHOUT / 2, /* a name may stand for two function ids */
        .element = &shape_call,
};
static const struct sim_shape shape_slots = {
        .kind = SIM_SHAPE_INTEGER, .what = "a number of bitmaps", .max = WORLD_SPMC_SLOTS};
static const struct sim_shape shape_sri = {
        .kind = SIM_SHAPE_INTEGER, .what = "an interrupt id", .max = WORLD_SPMC_MAX_SRI};

static bool load_version(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;

	return sim_parse_version(loader, value, &spmc->version);
}

static bool load_function(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;
	uint32_t fids[2];
	unsigned count;

	if (!sim_find_widths(loader, value, sim_string(value), fids, &count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!world_spmc_knows(fids[i]))
			return sim_fail(loader, value, "the machine's SPMC has no answer to '%s'",
			                sim_string(value));
		world_spmc_add(spmc, fids[i]);
	}
	return true;
}

static bool load_functions(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	struct world_spmc_config *spmc = into;

	spmc->functions[0] = spmc->functions[1] = 0;
	spmc->feature_count = 0;
	return sim_load_each(loader, value, &shape_call, load_function, into);
}

static bool load_without_call(struct sim_loader *loader, const struct sim_json_value *value,
                              void *into)
{
	struct world_spmc_config *spmc = into;
	uint32_t fids[2];
	unsigned count;

	if (!sim_find_widths(loader, value, sim_string(value), fids, &count))
		return false;
	for (unsigned i = 0; i < count; i++)
		spmc->without[spmc->without_count++] = fids[i];
	return true;
}

static bool load_without(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;

	spmc->without_count = 0;
	return sim_load_each(loader, value, &shape_call, load_without_call, into);
}

static bool load_follows(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;

	(void)loader;
	g_strlcpy(spmc->follows, sim_string(value), sizeof spmc->follows);
	return true;
}

static bool load_slots(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;

	(void)loader;
	spmc->slots = (uint8_t)sim_number(value);
	return true;
}

static bool load_sri(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;

	(void)loader;
	spmc->sri = (uint8_t)sim_number(value);
	return true;
}

/* The knobs: the key names the knob, the string its value. */

/* clang-format off */
#define KNOB(id, name, doc, source) static const struct sim_choice choices_##id[] = {
#define VALUE(knob, id, name, doc)  {name, WORLD_##knob##_##id, doc},
#define KNOB_END(id)                                                            \
		{NULL, 0, NULL},                                                \
	};                                                                      \
	static const struct sim_shape shape_##id = {.kind = SIM_SHAPE_CHOICE,   \
	                                            .what = "a value of this behaviour", \
	                                            .choices = choices_##id};
#include "emu/world/spmc_knobs.def"
#undef KNOB
#undef VALUE
#undef KNOB_END
/* clang-format on */

static const struct sim_shape *const knob_shapes[WORLD_KNOB_COUNT] = {
#define KNOB(id, name, doc, source) [WORLD_KNOB_##id] = &shape_##id,
#define VALUE(knob, id, name, doc)
#define KNOB_END(id)
#include "emu/world/spmc_knobs.def"
#undef KNOB
#undef VALUE
#undef KNOB_END
};

static bool load_knob(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;

	(void)loader;
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		if (strcmp(world_knobs[i].name, value->key) == 0)
			spmc->knobs[i] = (uint8_t)sim_choice_value(knob_shapes[i], value);
	return true;
}

/* clang-format off */
#define KNOB(id, name, doc, source) {name, &shape_##id, false, doc, load_knob},
#define VALUE(knob, id, name, doc)
#define KNOB_END(id)
static const struct sim_property behaviour_properties[] = {
#include "emu/world/spmc_knobs.def"
};
const struct sim_object sim_object_behaviour = {
        .name = "behaviour",
        .doc = "behaviours of an SPMC in which implementations differ, and its breaches of the "
               "contract",
        .properties = behaviour_properties,
        .count = G_N_ELEMENTS(behaviour_properties),
};

#define COMMON_PROPERTIES \
	{"features", &sim_shape_features, false, \
	 "what FFA_FEATURES answers, by call name or feature id, where it is not what the calls say: " \
	 "w2 of a success, or NOT_SUPPORTED; a name without _32 or _64 means both widths", \
	 sim_load_features}, \
	{"slots", &shape_slots, false, \
	 "how many VMs can have a notification bitmap, besides id 0", load_slots}, \
	{"sri", &shape_sri, false, \
	 "id of the schedule receiver interrupt, below 32; 0: it has none", load_sri}

static const struct sim_shape shape_about = {
        .kind = SIM_SHAPE_TEXT, .what = "a sentence", .min = 1, .max = 1024};
static const struct sim_shape shape_follows = {
        .kind = SIM_SHAPE_TEXT,
        .what = "an implementation, its commit and its date",
        .min = 1,
        .max = WORLD_FOLLOWS_SIZE - 1,
};

static const struct sim_property profile_properties[] = {
        {"about", &shape_about, true, "which SPMC this is, in a sentence", NULL},
        {"follows", &shape_follows, false,
         "the implementation whose behaviours these are, with commit and date", load_follows},
        {"version", &sim_shape_version, true, "the version it speaks itself", load_version},
        {"functions", &shape_functions, true,
         "the calls it implements; a name without _32 or _64 means both widths", load_functions},
        COMMON_PROPERTIES,
#include "emu/world/spmc_knobs.def"
#undef KNOB
};
/* clang-format on */
static const struct sim_object object_profile = {
        .name = "profile",
        .doc = "an SPMC profile",
        .properties = profile_properties,
        .count = G_N_ELEMENTS(profile_properties),
};
static const struct sim_shape shape_profile = {
        .kind = SIM_SHAPE_OBJECT, .what = "a profile (an object)", .object = &object_profile};

bool sim_profile_load(const char *path, struct world_spmc_config *ret_config, GError **error)
{
	g_autoptr(SimJson) json = sim_json_load(path, error);
	struct sim_loader loader = {.json = json, .error = error};
	struct world_spmc_config config;

	if (!json)
		return false;
	world_spmc_default(&config);
	if (!sim_check_shape(&loader, sim_json_root(json), &shape_profile) ||
	    !sim_load_object(&loader, sim_json_root(json), &object_profile, NULL, NULL, &config))
		return false;
	*ret_config = config;
	return true;
}

/* "spmc" of a scenario */

static bool fail_unlisted(struct sim_loader *loader, const struct sim_json_value *value,
                          const char *name)
{
	g_auto(GStrv) names = sim_profile_names(loader->scenario->path);
	g_autofree char *hint = sim_suggest_from(name, (const char *const *)names);
	g_autofree char *known = g_strjoinv("', '", names);

	return sim_fail(loader, value, "'%s' is not an SPMC profile: there is '%s'%s", name, known,
	                hint);
}

/* Names that are no profiles any more, and what to use instead. */
static const struct {
	const char *name, *instead;
} former[] = {
        {"optee", "use 'optee-host' (one host in front of OP-TEE, such as pKVM) or 'optee-virt' (a "
                  "hypervisor in front of OP-TEE with NS virtualization)"},
};

static bool fail_unknown(struct sim_loader *loader, const struct sim_json_value *value,
                         const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(former); i++)
		if (strcmp(former[i].name, name) == 0)
			return sim_fail(loader, value, "'%s' is not an SPMC profile: %s", name,
			                former[i].instead);
	return fail_unlisted(loader, value, name);
}

static bool load_profile(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct world_spmc_config *spmc = into;
	const char *name = sim_string(value);
	g_autofree char *path = NULL;

	if (strcmp(name, "default") == 0 || strcmp(name, "none") == 0) {
		world_spmc_default(spmc);
		spmc->present = strcmp(name, "none") != 0;
		return true;
	}
	path = sim_profile_find(name, loader->scenario->path);
	return path ? sim_profile_load(path, spmc, loader->error)
	            : fail_unknown(loader, value, name);
}

static const struct sim_shape shape_profile_name = {
        .kind = SIM_SHAPE_TEXT,
        .what = "the name of an SPMC profile (lower-case letters, digits, '-')",
        .pattern = PROFILE_PATTERN,
        .min = 1,
        .max = 63,
};

/* clang-format off */
#define KNOB(id, name, doc, source) {name, &shape_##id, false, doc, load_knob},
static const struct sim_property spmc_properties[] = {
        {"profile", &shape_profile_name, false,
         "the profile that this changes, \"default\" if not given", load_profile},
        {"version", &sim_shape_version, false, "what FFA_VERSION answers, that of the profile if not given",
         load_version},
        {"functions", &shape_functions, false,
         "the calls it implements; a name without _32 or _64 means both widths", load_functions},
        {"without", &shape_without, false,
         "calls it does not implement; a name without _32 or _64 leaves out both widths",
         load_without},
        COMMON_PROPERTIES,
#include "emu/world/spmc_knobs.def"
        {"faults", &sim_shape_faults, false,
         "calls that it answers otherwise than it would", sim_load_faults},
};
#undef KNOB
#undef VALUE
#undef KNOB_END
/* clang-format on */
static const struct sim_object object_spmc = {
        .name = "spmc",
        .doc = "an SPMC that differs from a profile",
        .properties = spmc_properties,
        .count = G_N_ELEMENTS(spmc_properties),
};
static const struct sim_shape shape_spmc_object = {
        .kind = SIM_SHAPE_OBJECT, .what = "the description of an SPMC", .object = &object_spmc};
static const struct sim_shape *const spmc_alternatives[] = {&shape_profile_name, &shape_spmc_object,
                                                            NULL};
const struct sim_shape sim_shape_spmc = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "an SPMC profile or description",
        .alternatives = spmc_alternatives,
};

bool sim_load_spmc(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return sim_string(value) ? load_profile(loader, value, into)
	                         : sim_load_object(loader, value, &object_spmc, NULL, NULL, into);
}
