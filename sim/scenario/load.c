/* SPDX-License-Identifier: MIT */
#include "sim/scenario/load.h"

#include <string.h>

#include "sim/scenario/expr.h"

#define SUFFIX ".json"

/* What sim_scenario_load() returns is the first member of this, which owns the rest. */
struct loaded {
	struct sim_scenario scenario;
	GStringChunk *strings;
	GPtrArray *arrays;
	GPtrArray *exprs;
};

char *sim_place_text(const struct sim_place *place)
{
	return g_strdup_printf("%s:%u:%u%s%s", place->file, place->line, place->column,
	                       *place->pointer ? ": " : "", place->pointer);
}

static const char *keep(struct sim_loader *loader, const struct sim_json_value *value)
{
	return g_string_chunk_insert_const(loader->strings, sim_string(value));
}

static const struct sim_shape shape_text = {
        .kind = SIM_SHAPE_TEXT, .what = "a string", .max = 1024};
static const struct sim_shape shape_defect = {
        .kind = SIM_SHAPE_TEXT,
        .what = "the name of a defect patch (lower-case letters, digits, '-')",
        .pattern = "^[a-z0-9][a-z0-9-]*$",
        .min = 1,
        .max = 63,
};
static const struct sim_shape shape_detects = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of defect patches",
        .limit = "defect patches",
        .min = 1,
        .max = 32,
        .element = &shape_defect,
};

static bool load_about(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	(void)into;
	loader->scenario->about = keep(loader, value);
	return true;
}

static bool load_skip(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	(void)into;
	loader->scenario->skip = keep(loader, value);
	return true;
}

static bool load_known_failing(struct sim_loader *loader, const struct sim_json_value *value,
                               void *into)
{
	(void)into;
	loader->scenario->known_failing = keep(loader, value);
	return true;
}

static bool load_defect(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	const char **names = into;

	for (uint32_t i = 0; i < value->index; i++)
		if (strcmp(names[i], sim_string(value)) == 0)
			return sim_fail(loader, value, "'%s' is listed twice", names[i]);
	names[value->index] = keep(loader, value);
	return true;
}

static bool load_detects(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	const char **names = sim_array(loader, (size_t)value->count + 1, sizeof(*names));

	(void)into;
	loader->scenario->detects = names;
	return sim_load_each(loader, value, &shape_defect, load_defect, (void *)names);
}

static const struct sim_property properties[] = {
        {"$schema", &shape_text, false, "where the JSON Schema is, for editors; ignored here",
         NULL},
        {"written-by", &shape_text, false,
         "the program that wrote the file and may overwrite it; ignored here", NULL},
        {"about", &sim_shape_reason, true, "what the scenario shows, in one sentence", load_about},
        {"detects", &shape_detects, false,
         "defect patches in tests/bugs that must make this scenario fail", load_detects},
        {"skip", &sim_shape_reason, false, "do not run it, and why", load_skip},
        {"known-failing", &sim_shape_reason, false,
         "it fails today, and why; passing is then a failure", load_known_failing},
        {"machine", &sim_shape_machine, true, "the machine: mediator, SPMC, VMs and SPs",
         sim_load_machine},
        {"threads", &sim_shape_threads, false,
         "what each actor does, concurrently with the others; their order is their rank",
         sim_load_threads},
        {"setup", &sim_shape_setup, false,
         "steps done one after the other before the threads start; each begins with its actor",
         sim_load_setup},
        {"schedule", &sim_shape_schedule, false,
         "who runs how far; \"rest\" (lowest actor first, each to completion) if not given",
         sim_load_schedule},
        {"schedules", &sim_shape_schedules, false,
         "several schedules by name; each is run on a fresh machine", sim_load_schedules},
        {"outcomes", &sim_shape_outcomes, false,
         "expressions over what the steps answered and what is left", sim_load_outcomes},
};
const struct sim_object sim_object_scenario = {
        .name = "scenario",
        .doc = "one FF-A scenario: a machine, what its actors do, who runs when, what must hold",
        .properties = properties,
        .count = G_N_ELEMENTS(properties),
};
static const struct sim_shape shape_scenario = {
        .kind = SIM_SHAPE_OBJECT, .what = "a scenario (an object)", .object = &sim_object_scenario};

/* A file without schedules has one that is only "rest". */
static void add_default_schedule(struct sim_loader *loader)
{
	struct sim_schedule *schedule;

	if (loader->scenario->schedule_count)
		return;
	schedule = sim_array(loader, 1, sizeof(*schedule));
	sim_copy_name(schedule->name, "1");
	schedule->place = sim_place_of(loader, sim_json_root(loader->json));
	loader->scenario->schedules = schedule;
	loader->scenario->schedule_count = 1;
}

static bool load_document(struct sim_loader *loader)
{
	const struct sim_json_value *root = sim_json_root(loader->json);
	static const char *const no_defects[] = {NULL};

	loader->scenario->detects = no_defects;
	if (!sim_check_shape(loader, root, &shape_scenario) ||
	    !sim_load_object(loader, root, &sim_object_scenario, NULL, NULL, NULL))
		return false;
	add_default_schedule(loader);
	return true;
}

static void free_expr(gpointer expr)
{
	sim_expr_free(expr);
}

static struct loaded *create(const char *path)
{
	struct loaded *loaded = g_new0(struct loaded, 1);
	g_autofree char *id = g_str_has_suffix(path, SUFFIX)
	                              ? g_strndup(path, strlen(path) - strlen(SUFFIX))
	                              : g_strdup(path);

	loaded->strings = g_string_chunk_new(4096);
	loaded->arrays = g_ptr_array_new_with_free_func(g_free);
	loaded->exprs = g_ptr_array_new_with_free_func(free_expr);
	loaded->scenario.path = g_string_chunk_insert(loaded->strings, path);
	loaded->scenario.id = g_string_chunk_insert(loaded->strings, id);
	return loaded;
}

static struct sim_scenario *load(const char *path, const struct sim_json *json, GError **error)
{
	struct loaded *loaded = create(path);
	struct sim_loader loader = {
	        .json = json,
	        .scenario = &loaded->scenario,
	        .strings = loaded->strings,
	        .arrays = loaded->arrays,
	        .exprs = loaded->exprs,
	        .afters = sim_afters_new(),
	        .error = error,
	};
	bool good = load_document(&loader);

	g_array_free(loader.afters, TRUE);
	if (good)
		return &loaded->scenario;
	sim_scenario_free(&loaded->scenario);
	return NULL;
}

struct sim_scenario *sim_scenario_load(const char *path, GError **error)
{
	g_autoptr(SimJson) json = sim_json_load(path, error);

	return json ? load(path, json, error) : NULL;
}

struct sim_scenario *sim_scenario_parse(const char *text, size_t length, const char *path,
                                        GError **error)
{
	g_autoptr(SimJson) json = sim_json_parse(text, length, path, error);

	return json ? load(path, json, error) : NULL;
}

void sim_scenario_free(struct sim_scenario *scenario)
{
	struct loaded *loaded = (struct loaded *)(void *)scenario;

	if (!loaded)
		return;
	g_ptr_array_free(loaded->exprs, TRUE);
	g_ptr_array_free(loaded->arrays, TRUE);
	g_string_chunk_free(loaded->strings);
	g_free(loaded);
}
