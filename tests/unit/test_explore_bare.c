/* SPDX-License-Identifier: MIT */
/*
 * The explorer on real code: the triangle, whose counts several tools agree on
 * (facts concurrency.md section 2.2).
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "sim/explore/bare.h"
#include "sim/explore/explore.h"
#include "tests/subjects/triangle.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"

static struct shim_link shim;
static struct sim_bare *bare;
static struct sim_explore_result result;

static bool is_built(const char *transport, const char *name)
{
	g_autofree char *path = emu_path(transport, "tests/subjects", name);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* False if such a subject is not built here. */
static bool open_triangle(const char *transport, const char *build, enum triangle variant,
                          uint64_t mask)
{
	g_autofree char *name = g_strconcat("triangle-", build, NULL);
	struct sim_bare_options options = {.count = TRIANGLE_CHECK, .mask = mask};
	uint32_t first = (uint32_t)variant * TRIANGLE_CONTEXTS;
	g_autoptr(GError) error = NULL;

#ifdef __SANITIZE_ADDRESS__
	return false; /* there are no instrumented subjects */
#endif
	if (strcmp(build, "clang") == 0 && !is_built(transport, name)) {
		fprintf(stderr, "nothing to do: '%s' is not built, because there is no clang\n",
		        name);
		return false;
	}
	emu_open_link(&shim, transport, "tests/subjects", name);
	for (uint32_t i = 0; i < TRIANGLE_CHECK; i++)
		options.run[i] = first + i;
	options.check = (int)first + TRIANGLE_CHECK;
	bare = sim_bare_new(&shim, &options, &error);
	assert_no_error(error);
	return true;
}

static void close_triangle(void)
{
	sim_bare_free(bare);
	shim_link_close(&shim);
}

static void search(enum sim_strategy strategy)
{
	struct sim_explore_options options;

	sim_explore_defaults(&options, strategy);
	options.max_executions = sim_strategy_samples(strategy) ? 20000 : 0;
	sim_explore_run(sim_bare_system(bare), &options, &result);
	assert_true(result.end == SIM_EXPLORE_COMPLETE || result.end == SIM_EXPLORE_SAMPLED);
}

/*
 * Interleavings and traces are a property of the problem and must be equal to
 * the unit, whatever the compiler, level, transport and lock. States depend on
 * what a state is: those of K=3 are fewer than the 4,476 of the facts, because
 * fewer frames with dead bytes are live at a point.
 */
struct count {
	const char *name;
	const char *transport;
	const char *build;
	enum triangle variant;
	enum sim_strategy strategy;
	uint64_t mask;
	uint64_t executions;
	uint64_t states; /* 0: not counted by the strategy */
	bool wrong;      /* it has a defect, which is found */
};

static const struct count counts[] = {
        {"interleavings-1-O2", "inline", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 14323, 0, false},
        {"interleavings-1-O0", "inline", "O0", TRIANGLE_RAW_1, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 14323, 0, false},
        {"interleavings-1-named", "inline", "O2", TRIANGLE_NAMED_1, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 14323, 0, false},
        {"interleavings-1-compare", "inline", "O2", TRIANGLE_COMPARE_1, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 14323, 0, false},
        {"interleavings-2", "inline", "O2", TRIANGLE_RAW_2, SIM_STRATEGY_EXHAUSTIVE, SIM_BARE_SYNC,
         8884830, 0, false},
        {"traces-1-O2", "inline", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 70, 0,
         false},
        {"traces-1-access-O2", "inline", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS,
         70, 0, false},
        {"traces-2-O2", "inline", "O2", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 1694, 0,
         false},
        {"traces-3-O2", "inline", "O2", TRIANGLE_RAW_3, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 26009, 0,
         false},
        {"traces-early-O2", "inline", "O2", TRIANGLE_EARLY_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS,
         86, 0, true},
        {"traces-late-O2", "inline", "O2", TRIANGLE_LATE_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS, 51,
         0, true},
        {"traces-1-O0", "inline", "O0", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 70, 0,
         false},
        {"traces-1-access-O0", "inline", "O0", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS,
         70, 0, false},
        {"traces-2-O0", "inline", "O0", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 1694, 0,
         false},
        {"traces-3-O0", "inline", "O0", TRIANGLE_RAW_3, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 26009, 0,
         false},
        {"traces-early-O0", "inline", "O0", TRIANGLE_EARLY_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS,
         86, 0, true},
        {"traces-late-O0", "inline", "O0", TRIANGLE_LATE_1, SIM_STRATEGY_DPOR, SIM_BARE_ACCESS, 51,
         0, true},
        {"traces-3-named", "inline", "O2", TRIANGLE_NAMED_3, SIM_STRATEGY_DPOR, SIM_BARE_SYNC,
         26009, 0, false},
        {"traces-1-compare", "inline", "O2", TRIANGLE_COMPARE_1, SIM_STRATEGY_DPOR, SIM_BARE_SYNC,
         70, 0, false},
        {"states-1", "inline", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_STATEFUL, SIM_BARE_SYNC, 5, 210,
         false},
        {"states-1-access", "inline", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_STATEFUL, SIM_BARE_ACCESS,
         5, 421, false},
        {"states-2", "inline", "O2", TRIANGLE_RAW_2, SIM_STRATEGY_STATEFUL, SIM_BARE_SYNC, 9, 1177,
         false},
        {"interleavings-1-clang", "inline", "clang", TRIANGLE_RAW_1, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 14323, 0, false},
        {"interleavings-1-clang-compare", "inline", "clang", TRIANGLE_COMPARE_1,
         SIM_STRATEGY_EXHAUSTIVE, SIM_BARE_SYNC, 14323, 0, false},
        {"interleavings-2-clang", "inline", "clang", TRIANGLE_RAW_2, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 8884830, 0, false},
        {"traces-1-clang", "inline", "clang", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 70,
         0, false},
        {"traces-1-access-clang", "inline", "clang", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR,
         SIM_BARE_ACCESS, 70, 0, false},
        {"traces-2-clang", "inline", "clang", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, SIM_BARE_SYNC,
         1694, 0, false},
        {"traces-3-clang", "inline", "clang", TRIANGLE_RAW_3, SIM_STRATEGY_DPOR, SIM_BARE_SYNC,
         26009, 0, false},
        {"traces-early-clang", "inline", "clang", TRIANGLE_EARLY_1, SIM_STRATEGY_DPOR,
         SIM_BARE_ACCESS, 86, 0, true},
        {"traces-late-clang", "inline", "clang", TRIANGLE_LATE_1, SIM_STRATEGY_DPOR,
         SIM_BARE_ACCESS, 51, 0, true},
        {"interleavings-1-process", "process", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 14323, 0, false},
        {"traces-1-process", "process", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 70,
         0, false},
        {"traces-2-process", "process", "O2", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, SIM_BARE_SYNC,
         1694, 0, false},
        {"traces-early-process", "process", "O2", TRIANGLE_EARLY_1, SIM_STRATEGY_DPOR,
         SIM_BARE_ACCESS, 86, 0, true},
        {"traces-late-process", "process", "O0", TRIANGLE_LATE_1, SIM_STRATEGY_DPOR,
         SIM_BARE_ACCESS, 51, 0, true},
        {"interleavings-1-aarch64", "aarch64", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_EXHAUSTIVE,
         SIM_BARE_SYNC, 14323, 0, false},
        {"traces-1-aarch64", "aarch64", "O2", TRIANGLE_RAW_1, SIM_STRATEGY_DPOR, SIM_BARE_SYNC, 70,
         0, false},
        {"traces-2-aarch64", "aarch64", "O2", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, SIM_BARE_SYNC,
         1694, 0, false},
        {"traces-3-aarch64", "aarch64", "O2", TRIANGLE_RAW_3, SIM_STRATEGY_DPOR, SIM_BARE_SYNC,
         26009, 0, false},
        {"traces-early-aarch64", "aarch64", "O2", TRIANGLE_EARLY_1, SIM_STRATEGY_DPOR,
         SIM_BARE_ACCESS, 86, 0, true},
        {"traces-late-aarch64", "aarch64", "O0", TRIANGLE_LATE_1, SIM_STRATEGY_DPOR,
         SIM_BARE_ACCESS, 51, 0, true},
};

TEST_EACH(explore_bare, counts, counts)
{
	if (!open_triangle(c->transport, c->build, c->variant, c->mask))
		return;
	search(c->strategy);
	assert_eq_int(result.executions, c->executions);
	assert_eq_int(result.states, c->states);
	assert_eq_int(result.finding_count != 0, c->wrong);
	close_triangle();
}

/* facts concurrency.md section 2.2: executions with at most 0, 1, 2, 3, 4 preemptions. */
TEST(explore_bare, preemptions)
{
	static const uint64_t expected[] = {6, 68, 393, 1467, 3921};
	struct sim_explore_options options;

	if (!open_triangle("inline", "O2", TRIANGLE_RAW_1, SIM_BARE_SYNC))
		return;
	sim_explore_defaults(&options, SIM_STRATEGY_BOUNDED);
	for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
		options.only_bound = (int)i;
		sim_explore_run(sim_bare_system(bare), &options, &result);
		assert_eq_int(result.end, SIM_EXPLORE_LIMIT_BOUND);
		assert_eq_u64(result.executions, expected[i]);
	}
	close_triangle();
}

/* Both defects within 10 executions of the reduction, and after few preemptions. */
TEST(explore_bare, defects_come_early)
{
	static const enum triangle defects[] = {TRIANGLE_EARLY_1, TRIANGLE_LATE_1};
	static const uint32_t findings[] = {TRIANGLE_STRAY, TRIANGLE_ASLEEP};

	for (unsigned i = 0; i < G_N_ELEMENTS(defects); i++) {
		if (!open_triangle("inline", "O2", defects[i], SIM_BARE_ACCESS))
			return;
		search(SIM_STRATEGY_DPOR);
		assert_true(result.hits[findings[i]].first <= 10);
		search(SIM_STRATEGY_BOUNDED);
		assert_true(result.hits[findings[i]].first <= 100);
		close_triangle();
	}
}

/* Every strategy finds what is there to be found, and nothing where there is nothing. */
TEST(explore_bare, every_strategy_finds_the_defect)
{
	for (unsigned strategy = 0; strategy < SIM_STRATEGY_COUNT; strategy++) {
		if (!open_triangle("inline", "O2", TRIANGLE_LATE_1, SIM_BARE_SYNC))
			return;
		search((enum sim_strategy)strategy);
		assert_true(result.hits[TRIANGLE_ASLEEP].count > 0);
		close_triangle();
		if (!open_triangle("inline", "O2", TRIANGLE_RAW_1, SIM_BARE_SYNC))
			return;
		search((enum sim_strategy)strategy);
		assert_eq_int(result.finding_count, 0);
		close_triangle();
	}
}

/* Each loop around the lock is found to spin, whatever the compiler made of it; nothing else is. */
TEST(explore_bare, awaits_are_learned)
{
	static const char *const builds[] = {"O2", "O0"};

	for (unsigned i = 0; i < G_N_ELEMENTS(builds); i++) {
		if (!open_triangle("inline", builds[i], TRIANGLE_RAW_1, SIM_BARE_SYNC))
			return;
		assert_true(sim_bare_await_sites(bare) > 0);
		close_triangle();
		if (!open_triangle("inline", builds[i], TRIANGLE_NAMED_1, SIM_BARE_SYNC))
			return;
		assert_eq_int(sim_bare_await_sites(bare), 0);
		close_triangle();
	}
}

/* What must be copied for each execution stays small (facts concurrency.md section 4). */
TEST(explore_bare, state_is_small)
{
	if (!open_triangle("inline", "O2", TRIANGLE_RAW_1, SIM_BARE_SYNC))
		return;
	assert_true(sim_bare_state_size(bare) < 4096);
	close_triangle();
}
