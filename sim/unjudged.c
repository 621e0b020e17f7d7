/* SPDX-License-Identifier: MIT */
#include "sim/unjudged.h"

#include <glib.h>
#include <string.h>

#include "sim/explore/search.h"
#include "sim/model/linear.h"
#include "sim/model/spec_vm.h"
#include "sim/oracle/lock.h"
#include "sim/oracle/race.h"
#include "sim/oracle/state.h"
#include "sim/run.h"

#define SIM_ORACLE_SEARCH SIM_ORACLE_COUNT

static const struct {
	enum sim_oracle_id oracle;
	const char *name;
	const char *text;
	unsigned value;
} limits[SIM_LIMIT_COUNT] = {
#define X(oracle, name, text) {SIM_ORACLE_##oracle, "SIM_" #name, text, SIM_##name},
        SIM_LIMITS(X)
#undef X
};

enum sim_oracle_id sim_limit_oracle(enum sim_limit limit)
{
	return limits[limit].oracle;
}

const char *sim_limit_owner(enum sim_limit limit)
{
	return limits[limit].oracle == SIM_ORACLE_SEARCH
	               ? "search"
	               : sim_oracle_at(limits[limit].oracle)->name;
}

const char *sim_limit_name(enum sim_limit limit)
{
	return limits[limit].name;
}

static void append_times(GString *text, uint64_t times)
{
	if (times == 1)
		g_string_append(text, "once");
	else
		g_string_append_printf(text, "%" G_GUINT64_FORMAT " times", times);
}

char *sim_limit_text(enum sim_limit limit, uint64_t times)
{
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "not judged, ");
	append_times(text, times);
	g_string_append_printf(text, ": %s than %s (%u)", limits[limit].text, limits[limit].name,
	                       limits[limit].value);
	return g_string_free(text, FALSE);
}

bool sim_unjudged_any(const struct sim_unjudged *unjudged)
{
	for (unsigned i = 0; i < SIM_LIMIT_COUNT; i++)
		if (unjudged->times[i])
			return true;
	return false;
}

void sim_unjudged_add(struct sim_unjudged *to, const struct sim_unjudged *from)
{
	for (unsigned i = 0; i < SIM_LIMIT_COUNT; i++)
		to->times[i] += from->times[i];
}

char *sim_unjudged_text(const struct sim_unjudged *unjudged)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < SIM_LIMIT_COUNT; i++) {
		if (!unjudged->times[i])
			continue;
		g_string_append_printf(text, "%s%s ", text->len ? ", " : "",
		                       sim_limit_owner((enum sim_limit)i));
		append_times(text, unjudged->times[i]);
		g_string_append_printf(text, " (%s)", limits[i].name);
	}
	return g_string_free(text, text->len == 0);
}

struct json_object *sim_unjudged_to_json(const struct sim_unjudged *unjudged)
{
	struct json_object *object;

	if (!sim_unjudged_any(unjudged))
		return NULL;
	object = json_object_new_object();
	for (unsigned i = 0; i < SIM_LIMIT_COUNT; i++)
		if (unjudged->times[i])
			json_object_object_add(object, limits[i].name,
			                       json_object_new_uint64(unjudged->times[i]));
	return object;
}

bool sim_unjudged_from_json(struct json_object *object, struct sim_unjudged *ret_unjudged)
{
	*ret_unjudged = (struct sim_unjudged){{0}};
	if (!object)
		return true;
	if (!json_object_is_type(object, json_type_object))
		return false;
	json_object_object_foreach(object, name, value)
	{
		unsigned i = 0;

		while (i < SIM_LIMIT_COUNT && strcmp(limits[i].name, name) != 0)
			i++;
		if (i == SIM_LIMIT_COUNT || !json_object_is_type(value, json_type_int))
			return false;
		ret_unjudged->times[i] = json_object_get_uint64(value);
	}
	return true;
}
