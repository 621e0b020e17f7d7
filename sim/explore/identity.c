/* SPDX-License-Identifier: MIT */
#include "sim/explore/identity.h"

#include <string.h>

/* Hexadecimal digits of a digest that are kept. */
enum { DIGITS = 16 };

static bool add_file(GChecksum *checksum, const char *path, GError **error)
{
	g_autofree char *contents = NULL;
	gsize size;

	if (!g_file_get_contents(path, &contents, &size, error))
		return false;
	g_checksum_update(checksum, (const guchar *)contents, (gssize)size);
	return true;
}

/* A digest of the files; NULL if one cannot be read. */
static char *digest(const char *const *paths, GError **error)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

	for (; *paths; paths++)
		if (!add_file(checksum, *paths, error))
			return NULL;
	return g_strndup(g_checksum_get_string(checksum), DIGITS);
}

static char *build_of(const struct sim_explore_file_options *options,
                      const struct sim_scenario *scenario, GError **error)
{
	struct sim_subject_request request = options->subject;
	g_autofree char *path = NULL;

	request.mediator = scenario->machine.mediator;
	path = sim_subject_path(&request);
	return digest((const char *const[]){"/proc/self/exe", path, NULL}, error);
}

static void add(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static void add_oracles(struct json_object *object, const struct sim_oracle_levels *levels)
{
	static const char *const names[] = {
	        [SIM_ORACLE_OFF] = "off", [SIM_ORACLE_WARN] = "warn", [SIM_ORACLE_ERROR] = "error"};

	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++) {
		g_autofree char *key =
		        g_strconcat("oracle ", sim_oracle_at((enum sim_oracle_id)i)->name, NULL);

		add(object, key, names[levels->level[i]]);
	}
}

/* Time and memory only end a search, and may differ. */
static void add_options(struct json_object *object, const struct sim_explore_file_options *options)
{
	const struct sim_explore_options *search = &options->search;

	add(object, "strategy", sim_strategy_name(search->strategy));
	add(object, "granularity", sim_granularity_name(options->granularity));
	add(object, "subject", options->subject.subject ? options->subject.subject : "inline");
	add_number(object, "seed", search->seed);
	add_number(object, "max-executions", search->max_executions);
	add_number(object, "max-states", search->max_states);
	add_number(object, "bound", search->max_bound);
	add_number(object, "first", search->first);
	add_number(object, "oracles-only", options->oracles_only);
	add_oracles(object, &options->oracles);
}

struct json_object *sim_identity_new(const struct sim_explore_file_options *options,
                                     const struct sim_scenario *scenario, GError **error)
{
	g_autofree char *build = build_of(options, scenario, error);
	g_autofree char *text = NULL;
	struct json_object *object;

	if (build)
		text = digest((const char *const[]){scenario->path, NULL}, error);
	if (!text)
		return NULL;
	object = json_object_new_object();
	add(object, "build", build);
	add(object, "scenario", text);
	add_options(object, options);
	return object;
}

bool sim_identity_check(const char *what, struct json_object *theirs, struct json_object *ours,
                        GError **error)
{
	json_object_object_foreach(ours, key, value)
	{
		struct json_object *other = NULL;

		json_object_object_get_ex(theirs, key, &other);
		if (json_object_equal(other, value))
			continue;
		g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA,
		            "'%s' is of another search: its %s is '%s', here it is '%s'", what, key,
		            other ? json_object_get_string(other) : "missing",
		            json_object_get_string(value));
		return false;
	}
	return true;
}

bool sim_identity_read(const char *path, char **ret_text, gsize *ret_size, GError **error)
{
	g_autoptr(GError) problem = NULL;
	const char *cause;

	if (g_file_get_contents(path, ret_text, ret_size, &problem))
		return true;
	/* behind the words of GLib, which end with it */
	cause = strrchr(problem->message, ':');
	g_set_error(error, SIM_ERROR, sim_error_of_file(problem, SIM_ERROR_FILE),
	            "cannot read '%s'%s", path, cause ? cause : "");
	return false;
}
