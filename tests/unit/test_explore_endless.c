/* SPDX-License-Identifier: MIT */
/*
 * Calls that go round, in scenarios, by every strategy: what never ends is a finding, what another
 * actor or a bound ends is none. Each row is what two vCPUs call (tests/subjects/calls.h); vm2.0
 * may let the time pass instead, which is one step and touches nothing.
 */
#include <glib.h>
#include <string.h>

#include "sim/explore/endless.h"
#include "tests/subjects/calls.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"
#include "tests/unit/test_explore_lab.h"

#ifndef __SANITIZE_ADDRESS__ /* there are no instrumented subjects */

#define NO_END "no end after 20000 scheduling points: something is retried without a bound, by "

enum { EXECUTIONS = 12, OF_A_TREE = 300 };

struct round {
	const char *name;
	unsigned calls[2];   /* the second one 0: time passes */
	const char *finding; /* NULL: there is none */
	uint32_t at_most;    /* steps on its path */
	bool tree;           /* small enough for all interleavings */
};

static const struct round rounds[] = {
        {"nothing ends it", {CALLS_POLL}, NO_END "vm1.0", 16, true},
        {"nothing ends it, beside another call",
         {CALLS_POLL, CALLS_NAMED},
         NO_END "vm1.0",
         40,
         true},
        {"both go round", {CALLS_POLL, CALLS_POLL}, NO_END "vm1.0 and vm2.0", 40, true},
        {"another call ends it", {CALLS_POLL, CALLS_POST}, NULL, 0, true},
        {"a bound ends it", {CALLS_GLANCE}, NULL, 0, true},
        {"it counts, and nothing ends it", {CALLS_TALLY}, NO_END "vm1.0", 0, false},
};

static char *text_of(const struct round *round)
{
	GString *text =
	        g_string_new("{\"about\": \"rounds\", \"machine\": {\"mediator\": \"calls\","
	                     "\"vms\": {\"vm1\": {}, \"vm2\": {}}}, \"threads\": {");

	for (unsigned i = 0; i < 2; i++)
		if (round->calls[i])
			g_string_append_printf(
			        text,
			        "%s\"vm%u.0\": [{\"call\": \"FFA_FEATURES\", \"x1\": "
			        "\"0x%x\", \"as\": \"c%u\"}]",
			        i ? ", " : "", i + 1, round->calls[i], i);
	if (!round->calls[1])
		g_string_append(text, ", \"host\": [{\"do\": \"advance\", \"by\": \"1ns\"}]");
	g_string_append(text, "}, \"outcomes\": {\"always\": [\"npi(vm1) == 0\"]}}");
	return g_string_free(text, FALSE);
}

/* Every strategy, and what the search is to come to where nothing is found. */
static const struct {
	enum sim_strategy strategy;
	enum sim_explore_end end;
} searches[] = {
        {SIM_STRATEGY_STATEFUL, SIM_EXPLORE_COMPLETE},
        {SIM_STRATEGY_DPOR, SIM_EXPLORE_COMPLETE},
        {SIM_STRATEGY_EXHAUSTIVE, SIM_EXPLORE_COMPLETE},
        {SIM_STRATEGY_BOUNDED, SIM_EXPLORE_COMPLETE},
        {SIM_STRATEGY_RANDOM, SIM_EXPLORE_SAMPLED},
        {SIM_STRATEGY_PCT, SIM_EXPLORE_SAMPLED},
        {SIM_STRATEGY_POS, SIM_EXPLORE_SAMPLED},
        {SIM_STRATEGY_URW, SIM_EXPLORE_SAMPLED},
        {SIM_STRATEGY_PORTFOLIO, SIM_EXPLORE_SAMPLED},
};

_Static_assert(G_N_ELEMENTS(searches) == SIM_STRATEGY_COUNT, "every strategy has a row");

static bool is_tree(enum sim_strategy strategy)
{
	return strategy == SIM_STRATEGY_EXHAUSTIVE || strategy == SIM_STRATEGY_BOUNDED;
}

static unsigned findings_of(const struct explore_lab *lab, uint32_t *ret_number)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < lab->result.finding_count; i++)
		if (lab->result.hits[i].count) {
			*ret_number = i;
			count++;
		}
	return count;
}

static void expect_none(const struct explore_lab *lab, enum sim_explore_end end, const char *what)
{
	uint32_t number = 0;

	if (findings_of(lab, &number))
		fail_test("%s: %s", what, sim_explored_run_finding(lab->explored, number)->message);
	if (lab->result.end != end || lab->result.cut)
		fail_test("%s: ended as %s, %u cut", what, sim_explore_end_name(lab->result.end),
		          (unsigned)lab->result.cut);
}

/* The path alone shows it, too. */
static void expect_on_path(struct explore_lab *lab, const struct sim_explore_path *path,
                           uint32_t number, const char *what)
{
	struct sim_explore_system *system = sim_explored_run_system(lab->explored);
	struct sim_trail trail;

	sim_trail_begin(&trail, system);
	for (uint32_t i = 0; i < path->length; i++) {
		assert_true(system->enabled >> path->step[i] & 1);
		sim_trail_step(&trail, path->step[i]);
		system->class->step(system, path->step[i]);
	}
	if (!sim_trail_judge(&trail) || system->noted_count != 1 || system->noted[0] != number)
		fail_test("%s: the path ends", what);
	sim_trail_end(&trail);
}

static void expect_finding(struct explore_lab *lab, const struct round *round, const char *what)
{
	uint32_t number = 0;
	const struct sim_explore_path *path;

	if (findings_of(lab, &number) != 1)
		fail_test("%s: %u findings", what, findings_of(lab, &number));
	assert_str(sim_explored_run_finding(lab->explored, number)->message, round->finding);
	assert_eq_int(sim_explored_run_finding(lab->explored, number)->verdict,
	              SIM_VERDICT_LIVENESS);
	path = &lab->result.hits[number].path;
	if (path->length > round->at_most)
		fail_test("%s: %u steps", what, path->length);
	expect_on_path(lab, path, number, what);
}

static void search(const struct round *round, unsigned number)
{
	enum sim_strategy strategy = searches[number].strategy;
	const char *build = strategy == SIM_STRATEGY_DPOR ? "O2" : "plain";
	g_autofree char *name = g_strconcat("calls-", build, NULL);
	g_autofree char *subject = emu_path("inline", "tests/subjects", name);
	g_autofree char *text = text_of(round);
	struct sim_explore_options options;
	struct sim_oracle_levels levels;
	struct explore_lab *lab;

	if (is_tree(strategy) && !round->tree)
		return;
	sim_oracle_default_levels(&levels);
	levels.level[SIM_ORACLE_MODEL] = SIM_ORACLE_OFF; /* these calls are none of FF-A */
	lab = explore_lab_open(text, subject, build, SIM_GRANULARITY_SYNC, &levels);
	sim_explore_defaults(&options, strategy);
	if (sim_strategy_samples(strategy))
		options.max_executions = EXECUTIONS;
	else if (is_tree(strategy) && round->finding)
		options.max_executions = OF_A_TREE; /* each order in which it comes to go round */
	explore_lab_search(lab, &options);
	if (round->finding)
		expect_finding(lab, round, sim_strategy_name(strategy));
	else
		expect_none(lab, searches[number].end, sim_strategy_name(strategy));
	explore_lab_close(lab);
}

TEST_EACH(explore_endless, by_every_strategy, rounds)
{
	for (unsigned i = 1; i < G_N_ELEMENTS(searches); i++)
		search(c, i);
}

#endif
