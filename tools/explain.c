/* SPDX-License-Identifier: MIT */
#include "sim/oracle/oracle.h"
#include "sim/scenario/suggest.h"
#include "tools/options.h"
#include "tools/tool.h"

static const char *const levels[] = {
        [SIM_ORACLE_OFF] = "off",
        [SIM_ORACLE_WARN] = "warns",
        [SIM_ORACLE_ERROR] = "fails the scenario",
};

static char *list_oracles(void)
{
	GString *out = g_string_new(NULL);

	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++) {
		const struct sim_oracle *oracle = sim_oracle_at((enum sim_oracle_id)i);

		g_string_append_printf(out, "%-12s %s\n", oracle->name, oracle->says);
	}
	return g_string_free(out, FALSE);
}

static char *explain(const struct sim_oracle *oracle)
{
	return g_strdup_printf("%s: %s\n\n%s\nneeds:      %s\nsource:     %s\nby default: %s\n",
	                       oracle->name, oracle->says,
	                       oracle->explanation ? oracle->explanation : "",
	                       oracle->needs ? oracle->needs : "nothing",
	                       oracle->source ? oracle->source : "none", levels[oracle->level]);
}

static const struct sim_oracle *find_oracle(const char *name, GError **error)
{
	enum sim_oracle_id id;
	const struct sim_oracle *oracle = sim_oracle_by_name(name, &id);
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (oracle)
		return oracle;
	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < SIM_ORACLE_COUNT; i++)
		sim_suggest_offer(&suggest, sim_oracle_at((enum sim_oracle_id)i)->name);
	hint = sim_suggest_text(&suggest);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "unknown oracle '%s'%s; 'ffasim explain' lists them", name, hint);
	return NULL;
}

int tool_verb_explain(int count, char **arguments, GError **error)
{
	static const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
	g_autofree char *text = NULL;

	if (!tool_options_parse(entries, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	if (count > 2) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "explain takes one oracle");
		return TOOL_FAILED;
	}
	if (count == 2) {
		const struct sim_oracle *oracle = find_oracle(arguments[1], error);

		if (!oracle)
			return TOOL_FAILED;
		text = explain(oracle);
	} else {
		text = list_oracles();
	}
	return tool_print(text, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
}
