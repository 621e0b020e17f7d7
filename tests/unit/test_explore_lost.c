/* SPDX-License-Identifier: MIT */
/* Scenarios explored by several processes, some of which do not live to see the end. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "sim/explore/file.h"
#include "tests/subjects/broken.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"

/* One actor goes wrong in its only step, the other has two. */
#define TROUBLE                                                                                                        \
	"{\"about\": \"trouble\", \"machine\": {\"mediator\": \"broken\","                                             \
	"\"vms\": {\"vm1\": {}, \"vm2\": {}}}, \"threads\": {\"vm1.0\": ["                                             \
	"{\"call\": \"FFA_FEATURES\", \"w1\": %u, \"expect\": \"SUCCESS\"}], \"vm2.0\": [{\"call\": \"FFA_ID_GET\"}, " \
	"{\"call\": \"FFA_ID_GET\"}]}, \"schedule\": [\"rest\"]}"

static char *folder, *path;

static void write_scenario(unsigned how)
{
	g_autofree char *text = g_strdup_printf(TROUBLE, how);
	g_autoptr(GError) error = NULL;

	folder = g_dir_make_tmp("lost-XXXXXX", &error);
	assert_no_error(error);
	path = g_build_filename(folder, "trouble.json", NULL);
	g_file_set_contents(path, text, -1, &error);
	assert_no_error(error);
}

static void remove_scenario(void)
{
	g_unlink(path);
	g_rmdir(folder);
	g_free(path);
	g_free(folder);
}

struct lost_case {
	const char *name;
	const char *subject;
	enum broken_how how;
	const char *message;
};

static const struct lost_case lost_cases[] = {
        {"inline-exits", "broken-plain.so", BROKEN_EXIT, "status 7"},
        {"process-exits", "broken-plain", BROKEN_EXIT, "the subject exited with status 7"},
};

/*
 * Whenever the trouble comes, before, between or after the other actor's steps, it ends that
 * execution alone: there are three, and each is told.
 */
TEST_EACH(explore_lost, all_orders_are_gone_through, lost_cases)
{
	static const enum sim_strategy strategies[] = {SIM_STRATEGY_EXHAUSTIVE,
	                                               SIM_STRATEGY_STATEFUL};
	g_autofree char *subject = emu_path("process", "tests/subjects", c->subject);

	write_scenario(c->how);
	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(strategies); i++) {
		struct sim_explore_file_options options = {.granularity = SIM_GRANULARITY_SYNC,
		                                           .sharing.workers = 1 + i % 2};
		const struct sim_explored_finding *finding;
		g_autoptr(SimExploredFile) file = NULL;

		options.subject.subject = subject;
		sim_oracle_default_levels(&options.oracles);
		sim_explore_defaults(&options.search, strategies[i / 2]);
		file = sim_explore_file_apart(&options, path, NULL);
		assert_contains(file->coverage, "complete but for races: ");
		assert_eq_int(file->verdict, SIM_VERDICT_CRASH);
		assert_eq_int(file->findings->len, 1);
		finding = g_ptr_array_index(file->findings, 0);
		assert_contains(finding->message, c->message);
		assert_eq_int((int64_t)finding->count, 3);
		assert_str(strchr(finding->path, ':'), ":a");
		assert_eq_int((int64_t)file->executions, 3);
	}
	remove_scenario();
}

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

/* Nobody comes back to the step that ended a process if the search is to end, too. */
TEST(explore_lost, told_though_interrupted)
{
	static const enum sim_strategy strategies[] = {SIM_STRATEGY_EXHAUSTIVE,
	                                               SIM_STRATEGY_STATEFUL};
	g_autofree char *subject = emu_path("process", "tests/subjects", "broken-plain.so");
	struct sigaction action = {.sa_handler = stop};

	write_scenario(BROKEN_EXIT);
	sigaction(SIGCHLD, &action, NULL);
	for (unsigned i = 0; i < G_N_ELEMENTS(strategies); i++) {
		struct sim_explore_file_options options = {.granularity = SIM_GRANULARITY_SYNC,
		                                           .sharing.stop = &stopped};
		const struct sim_explored_finding *finding;
		g_autoptr(SimExploredFile) file = NULL;

		stopped = 0;
		options.subject.subject = subject;
		sim_oracle_default_levels(&options.oracles);
		sim_explore_defaults(&options.search, strategies[i]);
		file = sim_explore_file_apart(&options, path, NULL);
		assert_contains(file->coverage, "not complete, interrupted: ");
		assert_eq_int(file->verdict, SIM_VERDICT_CRASH);
		assert_eq_int(file->findings->len, 1);
		finding = g_ptr_array_index(file->findings, 0);
		assert_contains(finding->message, "status 7");
		assert_eq_int((int64_t)finding->count, 1);
		assert_not_null(finding->path);
	}
	signal(SIGCHLD, SIG_DFL);
	remove_scenario();
}
