/* SPDX-License-Identifier: MIT */
/*
 * Waiting in loops that nobody announces, in scenarios. Each row: what two or three vCPUs call
 * (tests/subjects/calls.h), in how many ways the calls can come out, and in how many traces: the
 * orders of those operations on one word that do not commute, without failed tries in a loop.
 */
#include <glib.h>
#include <string.h>

#include "tests/subjects/calls.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"
#include "tests/unit/test_explore_lab.h"

#ifndef __SANITIZE_ADDRESS__ /* there are no instrumented subjects */

struct loop {
	const char *name;
	unsigned calls[3]; /* 0: no such vCPU */
	unsigned outcomes;
	unsigned traces;  /* 0: not counted by hand */
	unsigned waiting; /* vCPUs that wait for ever somewhere */
};

static const struct loop loops[] = {
        {"exchange", {CALLS_SPIN, CALLS_SPIN}, 1, 2, 0},
        {"exchange-3", {CALLS_SPIN, CALLS_SPIN, CALLS_SPIN}, 1, 6, 0},
        {"compare", {CALLS_COMPARE, CALLS_COMPARE}, 1, 2, 0},
        {"compare-3", {CALLS_COMPARE, CALLS_COMPARE, CALLS_COMPARE}, 1, 6, 0},
        {"ticket", {CALLS_TICKET, CALLS_TICKET}, 1, 2, 0},
        {"ticket-3", {CALLS_TICKET, CALLS_TICKET, CALLS_TICKET}, 1, 6, 0},
        {"load", {CALLS_AWAIT, CALLS_RAISE}, 1, 1, 0},
        {"load-never", {CALLS_AWAIT, CALLS_AWAIT}, 1, 1, 2},
        {"two-loads", {CALLS_TWO_FLAGS, CALLS_RAISE}, 1, 0, 0},
        /* before, while and after it is held: a try is no wait */
        {"try", {CALLS_SPIN, CALLS_TRY}, 2, 3, 0},
        {"retry", {CALLS_SPIN, CALLS_RETRY}, 2, 0, 0},
        /* a release that never comes: who takes it first decides who waits for ever */
        {"kept", {CALLS_LEAVE, CALLS_SPIN}, 2, 2, 1},
        /* one of two that keep it is first, or comes behind the one that gives it back */
        {"kept-twice", {CALLS_LEAVE, CALLS_LEAVE, CALLS_SPIN}, 4, 4, 3},
};

static char *text_of(const struct loop *loop)
{
	GString *text = g_string_new("{\"about\": \"loops\", \"machine\": {\"mediator\": \"calls\","
	                             "\"vms\": {");
	unsigned count = loop->calls[2] ? 3 : 2;

	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(text, "%s\"vm%u\": {}", i ? ", " : "", i + 1);
	g_string_append(text, "}}, \"threads\": {");
	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(text,
		                       "%s\"vm%u.0\": [{\"call\": \"FFA_FEATURES\", \"x1\": "
		                       "\"0x%x\", \"as\": \"c%u\"}]",
		                       i ? ", " : "", i + 1, loop->calls[i], i);
	g_string_append(text, "}, \"outcomes\": {\"always\": [\"npi(vm1) == 0\"]}}");
	return g_string_free(text, FALSE);
}

static void expect(const struct loop *loop, const struct explore_lab *lab,
                   enum sim_strategy strategy, const char *build)
{
	const struct sim_explore_result *result = &lab->result;
	unsigned findings = 0, outcomes = 0;

	if (result->end !=
	            (sim_strategy_samples(strategy) ? SIM_EXPLORE_SAMPLED : SIM_EXPLORE_COMPLETE) ||
	    result->cut)
		fail_test("%s on %s: end %d, %u cut", sim_strategy_name(strategy), build,
		          (int)result->end, (unsigned)result->cut);
	for (uint32_t i = 0; i < result->finding_count; i++) {
		if (!result->hits[i].count)
			continue;
		/* those that wait in one loop are one finding */
		findings += sim_explored_run_variants(lab->explored, i)->texts->len;
		assert_contains(sim_explored_run_finding(lab->explored, i)->message,
		                "waits for ever: it goes round a loop");
	}
	for (unsigned i = 0; i < SIM_EXPLORE_OUTCOMES; i++)
		outcomes += result->outcomes[i] != 0;
	if (findings != loop->waiting || outcomes != loop->outcomes)
		fail_test("%s on %s: %u findings, %u outcomes", sim_strategy_name(strategy), build,
		          findings, outcomes);
	/* at -O0 the first way round leaves something on the stack: it is a step of its own */
	if (strategy == SIM_STRATEGY_DPOR && loop->traces && strcmp(build, "O2") == 0)
		assert_eq_u64(result->executions, loop->traces);
}

static void expect_all(const struct loop *loop, const char *build, enum sim_granularity granularity)
{
	g_autofree char *name = g_strconcat("calls-", build, NULL);
	g_autofree char *subject = emu_path("inline", "tests/subjects", name);
	g_autofree char *text = text_of(loop);
	struct sim_oracle_levels levels;
	struct explore_lab *lab;

	sim_oracle_default_levels(&levels);
	/* the order of calls in time is not what is counted here */
	levels.level[SIM_ORACLE_MODEL] = SIM_ORACLE_OFF;
	levels.level[SIM_ORACLE_LEAK] = SIM_ORACLE_OFF;
	lab = explore_lab_open(text, subject, build, granularity, &levels);
	/* of plain accesses there are too many interleavings */
	for (unsigned strategy = 0;
	     strategy <
	     (granularity == SIM_GRANULARITY_ACCESS ? SIM_STRATEGY_EXHAUSTIVE : SIM_STRATEGY_COUNT);
	     strategy++) {
		struct sim_explore_options options;

		sim_explore_defaults(&options, (enum sim_strategy)strategy);
		if (sim_strategy_samples((enum sim_strategy)strategy))
			options.max_executions = 300;
		explore_lab_search(lab, &options);
		expect(loop, lab, (enum sim_strategy)strategy, build);
	}
	explore_lab_close(lab);
}

TEST_EACH(explore_await, loop, loops)
{
	expect_all(c, "O2", SIM_GRANULARITY_SYNC);
	expect_all(c, "O0", SIM_GRANULARITY_SYNC);
	expect_all(c, "O2", SIM_GRANULARITY_ACCESS);
}

#endif
