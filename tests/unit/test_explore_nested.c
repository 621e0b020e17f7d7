/* SPDX-License-Identifier: MIT */
/* Interrupts on top of an actor: what only shows there, and how it is told. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/explore/file.h"
#include "sim/session.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"

/* An SP makes the SPMC interrupt while a guest holds a lock that the interrupt takes. */
static const char text[] =
        "{\"about\": \"the interrupt entry takes a lock that the context below it holds\","
        "\"machine\": {\"mediator\": \"calls\", \"spmc\": \"full\", \"vms\": {\"vm1\": {}},"
        "\"sps\": {\"sp1\": {\"properties\": \"0x9\"}}},"
        "\"setup\": [{\"vm1.0\": \"FFA_VERSION\", \"version\": \"1.2\"},"
        "{\"vm1.0\": \"FFA_NOTIFICATION_BITMAP_CREATE\", \"vm\": \"vm1\", \"vcpus\": 1,"
        " \"expect\": \"SUCCESS\"},"
        "{\"vm1.0\": \"FFA_NOTIFICATION_BIND\", \"sender\": \"sp1\", \"receiver\": \"vm1\","
        " \"bitmap\": \"0x1\", \"expect\": \"SUCCESS\"}],"
        "\"threads\": {\"vm1.0\": [{\"call\": \"FFA_FEATURES\", \"x1\": \"0x1\","
        " \"expect\": \"SUCCESS\"}],"
        "\"host\": [{\"do\": \"sp-set\", \"sp\": \"sp1\", \"vm\": \"vm1\", \"bitmap\": \"0x1\"}]}}";

static char *folder, *path, *subject;
static struct sim_explore_file_options options;

static void start(enum sim_strategy strategy, const char *build)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = NULL;

	folder = g_dir_make_tmp("nested-XXXXXX", &error);
	assert_no_error(error);
	path = g_build_filename(folder, "nested.json", NULL);
	g_file_set_contents(path, text, -1, &error);
	assert_no_error(error);
	name = g_strconcat("calls-", build, NULL);
	subject = emu_path("inline", "tests/subjects", name);
	memset(&options, 0, sizeof options);
	options.granularity = SIM_GRANULARITY_SYNC;
	options.subject.subject = subject;
	sim_explore_defaults(&options.search, strategy);
	sim_oracle_default_levels(&options.oracles);
	options.oracles.level[SIM_ORACLE_LOCK] = SIM_ORACLE_OFF; /* it knows without nesting */
	options.oracles.level[SIM_ORACLE_LEAK] = SIM_ORACLE_OFF;
}

static void end(void)
{
	g_unlink(path);
	g_rmdir(folder);
	g_free(path);
	g_free(folder);
	g_free(subject);
}

static struct sim_explored_file *explore(void)
{
	g_autoptr(GError) error = NULL;
	struct sim_explored_file *file = sim_explore_file_apart(&options, path, &error);

	assert_no_error(error);
	if (!file->coverage)
		fail_test("%s", ((struct sim_explored_finding *)file->findings->pdata[0])->message);
	return file;
}

static void expect_deadlock(const struct sim_explored_file *file)
{
	const struct sim_explored_finding *finding;

	assert_eq_int(file->verdict, SIM_VERDICT_LIVENESS);
	assert_eq_int(file->findings->len, 1);
	finding = g_ptr_array_index(file->findings, 0);
	assert_str(finding->source, "liveness");
	assert_contains(finding->message, "sri, which waits for named, held by vm1.0");
}

TEST(explore_nested, states_and_traces_find_the_deadlock)
{
	static const char *const builds[] = {"plain", "O2"};
	static const enum sim_strategy strategies[] = {SIM_STRATEGY_STATEFUL, SIM_STRATEGY_DPOR};

	for (unsigned i = 0; i < G_N_ELEMENTS(builds); i++) {
		g_autoptr(SimExploredFile) file = NULL;

#ifdef __SANITIZE_ADDRESS__
		if (i)
			break; /* there are no instrumented subjects */
#endif
		start(strategies[i], builds[i]);
		file = explore();
		assert_contains(file->coverage, "complete");
		expect_deadlock(file);
		end();
	}
}

static bool keep_report(void *user, const struct sim_report *report)
{
	const struct sim_finding *finding = g_ptr_array_index(report->findings, 0);

	*(char **)user = g_strdup(finding->message);
	return true;
}

/* The finding says on whose CPU the interrupt comes, and a run comes to the same. */
TEST(explore_nested, written_scenario_interrupts_the_same_actor)
{
	struct sim_session_options session = {0};
	g_autoptr(SimExploredFile) file = NULL;
	g_autofree char *message = NULL;
	g_autoptr(GError) error = NULL;
	const struct sim_explored_finding *finding;

	start(SIM_STRATEGY_STATEFUL, "plain");
	file = explore();
	finding = g_ptr_array_index(file->findings, 0);
	assert_not_null(finding->scenario);
	assert_contains(finding->scenario, "\"on\": \"vm1.0\"");
	g_file_set_contents(path, finding->scenario, -1, &error);
	assert_no_error(error);
	session.subject = subject;
	session.oracles = options.oracles;
	sim_session_run(&session, (const char *const[]){path, NULL}, keep_report, &message);
	assert_no_error(error);
	assert_contains(message, "sri, which waits for named, held by vm1.0");
	end();
}
