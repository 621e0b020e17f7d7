/* SPDX-License-Identifier: MIT */
/* Places and variables of a subject by its debug info, however it runs. */
#include <glib.h>
#include <unistd.h>

#include "sim/source/symbols.h"
#include "tests/subjects/access.h"
#include "tests/unit/test_emu.h"

static const struct emu_transport transports[] = EMU_TRANSPORTS;

static struct world_event first, second;

static void hear(void *user, const struct world_event *event)
{
	(void)user;
	if (event->kind != WORLD_EVENT_ACCESS)
		return;
	first = second;
	second = *event;
}

/* A build with a sanitizer has no instrumented subjects. Runs ACCESS_PLAIN. */
static bool watch_plain(const char *transport)
{
	g_autofree char *path = emu_path("inline", "tests/subjects", "access-O2");

	if (access(path, F_OK) != 0)
		return false;
	emu_open(transport, "access-O2", NULL);
	emu.world.on_event = hear;
	world_watch_accesses(&emu.world, true);
	emu_bare(0, ACCESS_PLAIN);
	emu_finish(0);
	return true;
}

TEST_EACH(symbols, places, transports)
{
	struct sim_symbols *symbols;
	const char *place;

	if (!watch_plain(c->name))
		return;
	symbols = sim_symbols_new(&emu.link);
	place = sim_symbols_place(symbols, first.access.pc);
	if (!g_regex_match_simple("^tests/subjects/access\\.c:[0-9]+ \\(access_plain\\)$", place, 0,
	                          0))
		fail_test("the read is at '%s'", place);
	/* both are in one statement */
	assert_str(sim_symbols_place(symbols, second.access.pc), place);
	assert_str(sim_symbols_place(symbols, 1), "an unknown place");
	sim_symbols_free(symbols);
	emu_close();
}

TEST_EACH(symbols, variables, transports)
{
	g_autofree char *from = NULL;
	g_autofree char *to = NULL;
	g_autofree char *inside = NULL;
	struct sim_symbols *symbols;

	if (!watch_plain(c->name))
		return;
	symbols = sim_symbols_new(&emu.link);
	from = sim_symbols_variable(symbols, first.arg[0]);
	to = sim_symbols_variable(symbols, second.arg[0]);
	inside = sim_symbols_variable(symbols, second.arg[0] + 3);
	assert_str(from, "access_from");
	assert_str(to, "access_to");
	assert_str(inside, "access_to+0x3");
	assert_true(!sim_symbols_variable(symbols, 1));
	sim_symbols_free(symbols);
	emu_close();
}

TEST(symbols, a_file_that_is_gone)
{
	struct shim_link link;
	struct sim_symbols *symbols;

	shim_link_init(&link, 0);
	symbols = sim_symbols_new(&link);
	assert_str(sim_symbols_place(symbols, 0x1234), "an unknown place");
	assert_true(!sim_symbols_variable(symbols, 0x1234));
	sim_symbols_free(symbols);
}
