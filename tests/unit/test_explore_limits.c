/* SPDX-License-Identifier: MIT */
/* Limits hold whatever is searched, and whatever a subject does. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/base/watch.h"
#include "sim/explore/file.h"
#include "tests/subjects/broken.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"
#include "tests/unit/test_explore_toy.h"

/* More executions than anything here should come to, few enough to end. */
#define FAR (1u << 20)

/* Whenever the clock is read, some time has passed. */
static gint64 hasty_step = G_USEC_PER_SEC / 10;

static gint64 hasty_clock(void)
{
	static gint64 now;

	return now += hasty_step;
}

struct strategy_case {
	const char *name;
	enum sim_strategy strategy;
};

static const struct strategy_case drawn[] = {
#define X(name, text) {text, SIM_STRATEGY_##name},
        SIM_STRATEGIES(X)
#undef X
};

/* Nothing to do: an execution has no step, and many end where the clock is looked at by steps. */
TEST_EACH(explore_limits, time_ends_a_search_without_steps, drawn)
{
	struct sim_explore_options options;
	g_autofree struct sim_explore_result *result = g_new0(struct sim_explore_result, 1);
	struct toy_outcomes outcomes = {0};
	struct toy toy = {0};

	toy_start(&toy, &outcomes);
	sim_explore_defaults(&options, c->strategy);
	options.max_executions = FAR;
	options.seconds = 5;
	sim_clock_use(hasty_clock);
	sim_explore_run(&toy.system, &options, result);
	sim_clock_use(NULL);
	if (!sim_strategy_samples(c->strategy)) {
		assert_eq_int(result->end, SIM_EXPLORE_COMPLETE);
		assert_eq_u64(result->executions, 1);
		return;
	}
	assert_eq_int(result->end, SIM_EXPLORE_LIMIT_TIME);
	assert_true(result->executions > 0 && result->executions < 1000);
}

static char *folder, *path;

static void write_scenario(const char *text)
{
	g_autoptr(GError) error = NULL;

	folder = g_dir_make_tmp("limits-XXXXXX", &error);
	assert_no_error(error);
	path = g_build_filename(folder, "limits.json", NULL);
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

/* The same in the processes of a shared search. */
TEST_EACH(explore_limits, time_ends_a_scenario_without_threads, drawn)
{
	g_autofree char *subject = emu_path("process", "tests/subjects", "calls-O2.so");

	write_scenario("{\"about\": \"no threads\", \"machine\": {\"mediator\": \"calls\","
	               "\"vms\": {\"vm1\": {}}}, "
	               "\"outcomes\": {\"always\": [\"1 == 1\"]}}");
	for (unsigned workers = 1; workers <= 2; workers++) {
		struct sim_explore_file_options options = {.granularity = SIM_GRANULARITY_SYNC,
		                                           .sharing.workers = workers};
		g_autoptr(SimExploredFile) file = NULL;

		options.subject.subject = subject;
		sim_oracle_default_levels(&options.oracles);
		sim_explore_defaults(&options.search, c->strategy);
		options.search.max_executions = FAR;
		options.search.seconds = 20;
		sim_clock_use(hasty_clock);
		file = sim_explore_file_apart(&options, path, NULL);
		sim_clock_use(NULL);
		assert_contains(file->coverage, sim_strategy_samples(c->strategy)
		                                        ? "sampled until --time was over: "
		                                        : "complete: ");
		assert_true(file->executions < 10000);
	}
	remove_scenario();
}

/* One actor, whose only step sleeps; or the set-up does. */
static void write_sleeper(bool in_setup)
{
	g_autofree char *text = g_strdup_printf(
	        "{\"about\": \"sleeps\", \"machine\": {\"mediator\": \"broken\","
	        "\"vms\": {\"vm1\": {}}}, \"setup\": [{\"vm1.0\": \"FFA_FEATURES\", \"w1\": %u}],"
	        "\"threads\": {\"vm1.0\": [{\"call\": \"FFA_FEATURES\", \"w1\": %u}]},"
	        "\"schedule\": [\"rest\"], \"outcomes\": {\"always\": [\"1 == 1\"]}}",
	        in_setup ? (unsigned)BROKEN_SLEEP : 0u, in_setup ? 0u : (unsigned)BROKEN_SLEEP);

	write_scenario(text);
}

struct sleeper_case {
	const char *name;
	const char *subject;
	enum sim_strategy strategy;
	bool in_setup;
	const char *replay;
};

static const struct sleeper_case sleepers[] = {
        {"exhaustive", "broken-plain.so", SIM_STRATEGY_EXHAUSTIVE, false, NULL},
        {"stateful", "broken-plain.so", SIM_STRATEGY_STATEFUL, false, NULL},
        {"bounded", "broken-plain.so", SIM_STRATEGY_BOUNDED, false, NULL},
        {"random", "broken-plain.so", SIM_STRATEGY_RANDOM, false, NULL},
        {"portfolio", "broken-plain.so", SIM_STRATEGY_PORTFOLIO, false, NULL},
        {"set-up", "broken-plain.so", SIM_STRATEGY_STATEFUL, true, NULL},
        {"replay", "broken-plain.so", SIM_STRATEGY_STATEFUL, false, "sync:aa"},
        {"replayed set-up", "broken-plain.so", SIM_STRATEGY_STATEFUL, true, "sync:aa"},
        {"process", "broken-plain", SIM_STRATEGY_STATEFUL, false, NULL},
};

TEST_EACH(explore_limits, timeout_ends_a_subject_that_sleeps, sleepers)
{
	g_autofree char *subject = emu_path("process", "tests/subjects", c->subject);
	struct sim_explore_file_options options = {.granularity = SIM_GRANULARITY_SYNC,
	                                           .replay = c->replay,
	                                           .subject = {.subject = subject, .timeout = 1}};
	const struct sim_explored_finding *finding;
	g_autoptr(SimExploredFile) file = NULL;

	write_sleeper(c->in_setup);
	sim_oracle_default_levels(&options.oracles);
	sim_explore_defaults(&options.search, c->strategy);
	options.search.max_executions = sim_strategy_samples(c->strategy) ? 3 : 0;
	file = sim_explore_file_apart(&options, path, NULL);
	assert_eq_int(file->verdict, SIM_VERDICT_CRASH);
	assert_eq_int(file->findings->len, 1);
	finding = g_ptr_array_index(file->findings, 0);
	assert_contains(finding->message, "the subject has not answered for 1 second");
	remove_scenario();
}

struct ended_case {
	const char *name;
	enum sim_strategy strategy;
	bool in_setup;
	bool stopped; /* by a signal; else by --time */
	const char *replay;
	const char *coverage;
};

static const struct ended_case ended_cases[] = {
        {"time, exhaustive", SIM_STRATEGY_EXHAUSTIVE, false, false, NULL, "--time"},
        {"time, stateful", SIM_STRATEGY_STATEFUL, false, false, NULL, "--time"},
        {"time, set-up", SIM_STRATEGY_STATEFUL, true, false, NULL, "--time"},
        {"signal, set-up", SIM_STRATEGY_STATEFUL, true, true, NULL, "interrupted"},
        {"signal, replay", SIM_STRATEGY_STATEFUL, false, true, "sync:aa", "interrupted"},
};

/* A subject that sleeps and has more than enough time: nothing is known of it, so nothing is said.
 */
TEST_EACH(explore_limits, nothing_waits_for_a_subject_that_sleeps, ended_cases)
{
	g_autofree char *subject = emu_path("process", "tests/subjects", "broken-plain.so");
	const volatile sig_atomic_t stop = 1;
	struct sim_explore_file_options options = {
	        .granularity = SIM_GRANULARITY_SYNC,
	        .replay = c->replay,
	        .sharing.stop = c->stopped ? &stop : NULL,
	        .subject = {.subject = subject, .timeout = 80000}};
	g_autoptr(SimExploredFile) file = NULL;

	write_sleeper(c->in_setup);
	sim_oracle_default_levels(&options.oracles);
	sim_explore_defaults(&options.search, c->strategy);
	options.search.seconds = c->stopped ? 0 : 1;
	hasty_step = G_USEC_PER_SEC;
	sim_clock_use(hasty_clock);
	file = sim_explore_file_apart(&options, path, NULL);
	sim_clock_use(NULL);
	assert_eq_int(file->findings->len, 0);
	assert_contains(file->coverage, c->coverage);
	remove_scenario();
}
