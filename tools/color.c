/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "sim/scenario/suggest.h"
#include "tools/tool.h"

enum when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

static const char *const names[] = {"auto", "always", "never", NULL};
static enum when chosen = COLOR_AUTO;

bool tool_color_choose(const char *when, GError **error)
{
	g_autofree char *hint = NULL;

	for (unsigned i = 0; names[i]; i++) {
		if (strcmp(names[i], when) == 0) {
			chosen = (enum when)i;
			return true;
		}
	}
	hint = sim_suggest_from(when, names);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "--color is 'auto', 'always' or 'never', not '%s'%s", when, hint);
	return false;
}

static bool is_set(const char *variable)
{
	const char *value = g_getenv(variable);

	return value && value[0];
}

bool tool_color(int fd)
{
	if (chosen != COLOR_AUTO)
		return chosen == COLOR_ALWAYS;
	if (is_set("NO_COLOR"))
		return false;
	if (is_set("CLICOLOR_FORCE") && strcmp(g_getenv("CLICOLOR_FORCE"), "0") != 0)
		return true;
	return isatty(fd) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}
