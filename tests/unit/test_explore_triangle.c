/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_explore_triangle.h"

#include "tests/unit/test_emu.h"

static struct sim_explore_system *open_triangle(void *user, GBytes **ret_report)
{
	struct triangle_host *host = user;
	struct sim_bare_options options = {.count = TRIANGLE_CHECK, .mask = host->mask};
	uint32_t first = (uint32_t)host->variant * TRIANGLE_CONTEXTS;

	(void)ret_report;
	emu_open_link(&host->link, "inline", "tests/subjects", "triangle-O2");
	for (uint32_t i = 0; i < TRIANGLE_CHECK; i++)
		options.run[i] = first + i;
	options.check = (int)first + TRIANGLE_CHECK;
	host->bare = sim_bare_new(&host->link, &options, NULL);
	return sim_bare_system(host->bare);
}

static void name_finding(void *user, uint32_t number, struct sim_part_finding *ret_finding)
{
	static char message[32];

	(void)user;
	g_snprintf(message, sizeof message, "%u", number);
	ret_finding->verdict = SIM_VERDICT_FAIL;
	ret_finding->source = message;
	ret_finding->message = message;
}

static const char *name_outcome(void *user, uint32_t number)
{
	static char text[32];

	(void)user;
	g_snprintf(text, sizeof text, "%u", number);
	return text;
}

static uint64_t anchor(void *user)
{
	const struct triangle_host *host = user;

	return host->link.map.control->sections.address;
}

void triangle_host(struct triangle_host *triangle, struct sim_host *ret_host)
{
	*ret_host = (struct sim_host){.open = open_triangle,
	                              .anchor = anchor,
	                              .names = {.finding = name_finding, .outcome = name_outcome},
	                              .user = triangle};
}
