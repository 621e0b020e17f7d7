/* SPDX-License-Identifier: MIT */
/* Oracles by themselves: events played by hand, what they say, and what they remember. */
#include <glib.h>
#include <string.h>

#include "sim/oracle/registry.h"
#include "sim/run.h"
#include "tests/test.h"
#include "tests/unit/test_oracle.h"

#define GUEST_PAGE (SHIM_MEMORY_BASE + SHIM_ENDPOINT_SIZE)
#define HEAP       (SHIM_STATE_BASE + SHIM_HEAP_OFFSET)

static void lock(unsigned context, const char *name, bool take)
{
	struct world_event event = {.kind = take ? WORLD_EVENT_LOCK : WORLD_EVENT_UNLOCK,
	                            .context = context};

	g_strlcpy(event.object.class_name, name, sizeof event.object.class_name);
	sim_oracle_lock.event(&run, &event);
}

TEST(oracle_lock, what_was_held_before_makes_no_other_state)
{
	struct sim_lock_context alone;

	begin();
	lock(0, "outer", true);
	alone = run.lock.contexts[0];
	lock(0, "inner", true);
	lock(0, "inner", false);
	assert_mem(&run.lock.contexts[0], &alone, sizeof alone);
	lock(0, "outer", false);
	assert_mem(&run.lock.contexts[0], &run.lock.contexts[1], sizeof alone);
	assert_eq_u64(run.report->findings->len, 0);
}

TEST(oracle_double_fetch, who_reads_first_makes_no_other_state)
{
	struct sim_fetch_state first;

	begin();
	touch(&sim_oracle_double_fetch, 0, GUEST_PAGE, 4, false);
	touch(&sim_oracle_double_fetch, 1, GUEST_PAGE + 64, 4, false);
	touch(&sim_oracle_double_fetch, 0, GUEST_PAGE + 32, 4, false);
	first = run.state.oracles.fetch;
	begin();
	touch(&sim_oracle_double_fetch, 1, GUEST_PAGE + 64, 4, false);
	touch(&sim_oracle_double_fetch, 0, GUEST_PAGE, 4, false);
	touch(&sim_oracle_double_fetch, 0, GUEST_PAGE + 32, 4, false);
	assert_eq_u64(first.count, 3);
	assert_mem(&run.state.oracles.fetch, &first, sizeof first);
}

TEST(oracle_double_fetch, the_same_bytes_again)
{
	begin();
	touch(&sim_oracle_double_fetch, 0, GUEST_PAGE, 4, false);
	touch(&sim_oracle_double_fetch, 1, GUEST_PAGE, 4, false);
	assert_eq_u64(run.report->findings->len, 0);
	touch(&sim_oracle_double_fetch, 0, GUEST_PAGE + 3, 4, false);
	assert_eq_u64(run.report->findings->len, 1);
}

/* On a build that shows its accesses. */
static void begin_race(void)
{
	begin();
	machine.link->map.control->instrumented = 1;
	machine.link->map.control->events |= SHIM_MASK_MEMORY;
	sim_oracle_race.begin(&run);
}

/* Of a structure that is written as a whole, and a member of it that is read. */
TEST(oracle_race, one_text_whichever_access_came_first)
{
	g_autofree char *text = NULL;

	begin_race();
	touch(&sim_oracle_race, 0, HEAP + 0x100, 32, true);
	touch(&sim_oracle_race, 1, HEAP + 0x10c, 2, false);
	text = g_strdup(finding(0));
	begin_race();
	touch(&sim_oracle_race, 1, HEAP + 0x10c, 2, false);
	touch(&sim_oracle_race, 0, HEAP + 0x100, 32, true);
	assert_eq_u64(run.report->findings->len, 1);
	assert_str(finding(0), text);
	assert_true(strstr(text, "race on heap+0x10c (2 bytes): vm1.0 writes") == text);
}

static void answer_call(uint32_t fid, uint64_t w1, struct ffa_regs answer)
{
	const struct sim_step step = {
	        .action = SIM_ACTION_CALL, .fid = fid, .regs = {{fid, w1}}, .vm = 0};

	sim_oracle_abi.step(&run, &step, &answer);
}

/* x8 tells which version the oracle takes for negotiated: from 1.2 on it must be zero. */
TEST(oracle_abi, calls_that_are_not_ffa_leave_the_version_open)
{
	struct ffa_regs stale = {.x = {[0] = 0x84000061, [2] = 1, [8] = 8}};

	for (unsigned frozen = 0; frozen < 2; frozen++) {
		begin();
		answer_call(0x84000063, 0x10001, (struct ffa_regs){{0x10002}});
		answer_call(frozen ? 0x84000069 : 0x80000000, 0,
		            frozen ? stale : (struct ffa_regs){{UINT64_MAX}});
		answer_call(0x84000063, 0x10002, (struct ffa_regs){{0x10002}});
		assert_str(finding(0), "");
		answer_call(0x84000069, 0, stale);
		assert_true((strstr(finding(0), "has 0x8 in x8") != NULL) == !frozen);
	}
}

/* SMCCC and vendors have rules of their own. */
TEST(oracle_abi, calls_that_are_not_ffa_have_any_answer)
{
	static const uint64_t answers[] = {UINT64_MAX, 0xffffffff, 0x10001, 0};

	begin();
	answer_call(0x84000063, 0x10002, (struct ffa_regs){{0x10002}});
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		answer_call(0x80000000, 0, (struct ffa_regs){.x = {answers[i], 1, [17] = 17}});
	assert_str(finding(0), "");
}

/* A step of a thread that is an entry and writes there, from its beginning to its end. */
static void write_in_step(unsigned thread, unsigned number, uint64_t address)
{
	const struct ffa_regs answer = {{0}};
	struct world_event event = {.kind = WORLD_EVENT_ENTER,
	                            .context = thread,
	                            .entry = SHIM_ENTRY_GUEST_CALL,
	                            .vm = thread};

	run.state.actors[thread].step = number;
	sim_oracle_race.event(&run, &event);
	touch(&sim_oracle_race, thread, address, 4, true);
	event.kind = WORLD_EVENT_LEAVE;
	sim_oracle_race.event(&run, &event);
	sim_oracle_race.step(&run, &scenario.threads[thread].steps[number], &answer);
}

/* One without an entry: it writes to memory of its VM, or lets time pass. */
static void do_step(unsigned thread, unsigned number)
{
	const struct ffa_regs answer = {{0}};

	run.state.actors[thread].step = number;
	sim_oracle_race.step(&run, &scenario.threads[thread].steps[number], &answer);
}

static void set_steps(unsigned thread, const struct sim_step *steps, unsigned count)
{
	scenario.threads[thread].steps = steps;
	scenario.threads[thread].step_count = count;
}

TEST(oracle_race, after_a_step_that_is_no_entry)
{
	static const struct sim_step first[] = {
	        {.action = SIM_ACTION_CALL, .label = -1},
	        {.action = SIM_ACTION_WRITE, .label = 0},
	};
	static const struct sim_step second[] = {
	        {.action = SIM_ACTION_CALL, .thread = 1, .label = -1, .after = 1},
	        {.action = SIM_ACTION_CALL, .thread = 1, .label = -1},
	};

	begin_race();
	set_steps(0, first, 2);
	set_steps(1, second, 2);
	write_in_step(0, 0, HEAP);
	do_step(0, 1);
	write_in_step(1, 0, HEAP);
	assert_eq_u64(run.report->findings->len, 0);
	write_in_step(0, 0, HEAP + 8);
	write_in_step(1, 1, HEAP + 8);
	assert_eq_u64(run.report->findings->len, 1);
}

TEST(oracle_race, a_step_that_is_no_entry_hands_on_what_it_comes_after)
{
	static const struct sim_step first[] = {{.action = SIM_ACTION_CALL, .label = 0}};
	static const struct sim_step between[] = {
	        {.action = SIM_ACTION_ADVANCE, .thread = 2, .label = 1, .after = 1},
	        {.action = SIM_ACTION_ADVANCE, .thread = 2, .label = -1, .after = 4},
	};
	static const struct sim_step last[] = {
	        {.action = SIM_ACTION_CALL, .thread = 1, .label = 2},
	        {.action = SIM_ACTION_CALL, .thread = 1, .label = -1, .after = 2},
	};

	begin_race();
	set_steps(0, first, 1);
	set_steps(2, between, 2);
	set_steps(1, last, 2);
	write_in_step(0, 0, HEAP);
	do_step(2, 0);
	write_in_step(1, 1, HEAP);
	assert_eq_u64(run.report->findings->len, 0);
}

/* Each with another set of eight locks held; the last one has no number any more. */
static void write_with_every_set(void)
{
	begin_race();
	for (unsigned set = 0; set <= SIM_RACE_HELD; set++) {
		run.race.run.held[0] = set;
		touch(&sim_oracle_race, 0, HEAP + 8 * set, 8, true);
	}
}

TEST(oracle_race, more_sets_of_locks_than_can_be_told)
{
	write_with_every_set();
	touch(&sim_oracle_race, 1, HEAP, 8, true);
	assert_contains(finding(0), "; vm1.0 held nothing, vm2.0 held nothing");
	write_with_every_set();
	touch(&sim_oracle_race, 1, HEAP + 8 * SIM_RACE_HELD, 8, true);
	assert_contains(finding(0), "; vm1.0 held one set of locks more than SIM_RACE_HELD");
}

TEST(oracle_isolation, a_page_by_the_name_of_its_vm)
{
	begin();
	touch(&sim_oracle_isolation, 1, GUEST_PAGE + SHIM_ENDPOINT_SIZE + SHIM_PAGE + 8, 4, true);
	assert_str(finding(0), "vm2.0 writes to page 1 of vm2, which is not mapped, "
	                       "at an unknown place");
}

TEST(oracle_race, a_page_by_the_name_of_its_vm)
{
	begin_race();
	touch(&sim_oracle_race, 0, GUEST_PAGE + SHIM_PAGE + 8, 4, true);
	touch(&sim_oracle_race, 1, GUEST_PAGE + SHIM_PAGE + 8, 4, true);
	assert_contains(finding(0), "race on page 1 of vm1+0x8 (4 bytes): ");
	touch(&sim_oracle_race, 0, SHIM_MEMORY_BASE, 4, true);
	touch(&sim_oracle_race, 2, SHIM_MEMORY_BASE, 4, true);
	assert_contains(finding(1), "race on page 0 of the hypervisor+0x0 (4 bytes): ");
}

/* Limits: what there is no room for is not judged, and no failure. */

static void emit(const struct sim_oracle *oracle, struct world_event event)
{
	oracle->event(&run, &event);
}

static void lock_of(uint16_t owner, bool take)
{
	emit(&sim_oracle_lock,
	     (struct world_event){.kind = take ? WORLD_EVENT_LOCK : WORLD_EVENT_UNLOCK,
	                          .object = {.class_name = "many", .owner = ffa_make_id(owner)}});
}

TEST(oracle_limit, of_names_of_locks)
{
	begin();
	for (uint16_t i = 0; i < SIM_MAX_LOCK_NAMES; i++) {
		lock_of(i, true);
		lock_of(i, false);
	}
	assert_unjudged(SIM_LIMIT_MAX_LOCK_NAMES, 0);
	lock_of(SIM_MAX_LOCK_NAMES, true);
	assert_unjudged(SIM_LIMIT_MAX_LOCK_NAMES, 1);
	lock_of(SIM_MAX_LOCK_NAMES, false);
	/* those that have a name are judged as before */
	lock_of(1, true);
	lock_of(2, true);
	lock_of(2, false);
	lock_of(1, false);
	lock_of(2, true);
	lock_of(1, true);
	assert_contains(finding(0), "and elsewhere the other way round");
}

TEST(oracle_limit, of_locks_held)
{
	begin();
	for (uint16_t i = 0; i < SIM_MAX_HELD; i++)
		lock_of(i, true);
	assert_unjudged(SIM_LIMIT_MAX_HELD, 0);
	lock_of(SIM_MAX_HELD, true);
	assert_unjudged(SIM_LIMIT_MAX_HELD, 1);
}

static void allocated(uint32_t offset)
{
	emit(&sim_oracle_memory,
	     (struct world_event){.kind = WORLD_EVENT_ALLOCATED, .arg = {offset, 16}});
}

TEST(oracle_limit, of_allocations)
{
	begin();
	for (uint32_t i = 0; i < SIM_MAX_ALLOCATIONS; i++)
		allocated(32 * i);
	assert_unjudged(SIM_LIMIT_MAX_ALLOCATIONS, 0);
	allocated(32 * SIM_MAX_ALLOCATIONS);
	touch(&sim_oracle_memory, 0, HEAP + 32 * SIM_MAX_ALLOCATIONS, 8, true);
	assert_unjudged(SIM_LIMIT_MAX_ALLOCATIONS, 1);
}

TEST(oracle_limit, of_mappings_of_a_page)
{
	struct world_event map = {.kind = WORLD_EVENT_MAP,
	                          .result = (int64_t)(SHIM_PHYSICAL_BASE + SHIM_ENDPOINT_SIZE)};
	struct world_event unmap = {.kind = WORLD_EVENT_UNMAP,
	                            .arg = {SHIM_PHYSICAL_BASE + SHIM_ENDPOINT_SIZE}};

	begin();
	for (unsigned i = 0; i < SIM_MAX_MAPPINGS - 1; i++)
		sim_oracle_isolation.event(&run, &map);
	assert_unjudged(SIM_LIMIT_MAX_MAPPINGS, 0);
	for (unsigned i = 0; i < 3; i++)
		sim_oracle_isolation.event(&run, &map);
	assert_unjudged(SIM_LIMIT_MAX_MAPPINGS, 1);
	/* as often as it was mapped: none of them is wrong */
	for (unsigned i = 0; i < SIM_MAX_MAPPINGS + 2; i++)
		sim_oracle_isolation.event(&run, &unmap);
	touch(&sim_oracle_isolation, 0, GUEST_PAGE, 8, true);
	assert_unjudged(SIM_LIMIT_MAX_MAPPINGS, 1);
}

TEST(oracle_limit, of_pieces_of_guest_memory)
{
	begin();
	for (unsigned i = 0; i < SIM_MAX_FETCHES; i++)
		touch(&sim_oracle_double_fetch, 0, GUEST_PAGE + 16 * i, 4, false);
	assert_unjudged(SIM_LIMIT_MAX_FETCHES, 0);
	for (unsigned i = 0; i < 2; i++)
		touch(&sim_oracle_double_fetch, 0, GUEST_PAGE + 16 * SIM_MAX_FETCHES, 4, false);
	assert_unjudged(SIM_LIMIT_MAX_FETCHES, 2);
	/* those that there was room for are judged as before */
	touch(&sim_oracle_double_fetch, 0, GUEST_PAGE, 4, false);
	assert_eq_u64(run.report->findings->len, 1);
}

static void race_lock(unsigned context, unsigned number, bool take)
{
	emit(&sim_oracle_race,
	     (struct world_event){.kind = take ? WORLD_EVENT_LOCK : WORLD_EVENT_UNLOCK,
	                          .context = context,
	                          .number = number,
	                          .object.class_name = "many"});
}

/* Both hold the lock, so nothing is wrong, whether there is room for the lock or not. */
static void write_under_lock(unsigned number)
{
	for (unsigned context = 0; context < 2; context++) {
		race_lock(context, number, true);
		touch(&sim_oracle_race, context, HEAP + 8 * number, 8, true);
		race_lock(context, number, false);
	}
}

TEST(oracle_limit, of_what_synchronises)
{
	begin_race();
	for (unsigned i = 0; i < SIM_RACE_SYNCS; i++)
		write_under_lock(i);
	assert_unjudged(SIM_LIMIT_RACE_SYNCS, 0);
	write_under_lock(SIM_RACE_SYNCS);
	write_under_lock(SIM_RACE_SYNCS + 1);
	assert_unjudged(SIM_LIMIT_RACE_SYNCS, 1);
}

TEST(oracle_limit, of_accesses)
{
	begin_race();
	for (unsigned i = 0; i <= SIM_RACE_ENTRIES; i++) {
		assert_unjudged(SIM_LIMIT_RACE_ENTRIES, 0);
		touch(&sim_oracle_race, 0, HEAP + 8 * i, 8, true);
	}
	touch(&sim_oracle_race, 0, HEAP + 8 * SIM_RACE_ENTRIES + 8, 8, true);
	assert_unjudged(SIM_LIMIT_RACE_ENTRIES, 1);
}

TEST(oracle_limit, of_releases)
{
	begin_race();
	for (unsigned i = 1; i < SIM_RACE_EPOCHS; i++) {
		race_lock(0, 0, true);
		race_lock(0, 0, false);
	}
	assert_unjudged(SIM_LIMIT_RACE_EPOCHS, 0);
	for (unsigned i = 0; i < 2; i++) {
		race_lock(0, 0, true);
		race_lock(0, 0, false);
	}
	assert_unjudged(SIM_LIMIT_RACE_EPOCHS, 1);
}

/* A build that shows no accesses is not watched, and nothing of it is left out. */
TEST(oracle_limit, of_releases_where_nothing_is_watched)
{
	begin_race();
	machine.link->map.control->instrumented = 0;
	for (unsigned i = 0; i <= SIM_RACE_EPOCHS; i++) {
		race_lock(0, 0, true);
		race_lock(0, 0, false);
	}
	assert_unjudged(SIM_LIMIT_RACE_EPOCHS, 0);
}

static void race_at(unsigned number)
{
	for (unsigned context = 0; context < 2; context++)
		emit(&sim_oracle_race,
		     (struct world_event){.kind = WORLD_EVENT_ACCESS,
		                          .context = context,
		                          .arg = {HEAP + 8 * number, 8},
		                          .result = 1,
		                          .access = {.pc = 0x1000 + 16 * number + context,
		                                     .kind = SHIM_ACCESS_STORE}});
}

TEST(oracle_limit, of_races_of_one_execution)
{
	static struct sim_unjudged none;

	begin_race();
	/* what is held tells the texts apart, where no place is known */
	for (unsigned i = 0; i < SIM_RACE_REPORTS + 2; i++) {
		run.race.locks[i].owner = ffa_make_id((uint16_t)(i + 1));
		run.race.lock_count = i + 1;
	}
	for (unsigned i = 0; i < SIM_RACE_REPORTS; i++) {
		run.race.run.held[0] = 1ull << i;
		race_at(i);
	}
	assert_eq_u64(run.report->findings->len, SIM_RACE_REPORTS);
	assert_mem(&run.unjudged, &none, sizeof none);
	for (unsigned i = SIM_RACE_REPORTS; i < SIM_RACE_REPORTS + 2; i++) {
		run.race.run.held[0] = 1ull << i;
		race_at(i);
	}
	assert_eq_u64(run.report->findings->len, SIM_RACE_REPORTS);
	assert_eq_u64(run.unjudged.times[SIM_LIMIT_RACE_REPORTS], 1);
}

TEST(oracle_limit, of_names_in_the_text_of_a_race)
{
	struct world_event event = {.kind = WORLD_EVENT_LOCK};

	begin_race();
	for (uint16_t i = 0; i <= SIM_RACE_LOCKS; i++) {
		g_strlcpy(event.object.class_name, "many", sizeof event.object.class_name);
		event.object.owner = ffa_make_id(i);
		sim_oracle_race.event(&run, &event);
	}
	race_at(0);
	assert_contains(finding(0),
	                "vm1.0 held what is not known with more locks than SIM_RACE_LOCKS");
}

TEST(oracle_limit, of_an_oracle_that_is_off)
{
	begin();
	levels.level[SIM_ORACLE_LOCK] = SIM_ORACLE_OFF;
	sim_run_unjudged(&run, SIM_LIMIT_MAX_HELD);
	assert_unjudged(SIM_LIMIT_MAX_HELD, 0);
}

static void stop_spmc(const char *follows)
{
	const struct ffa_regs get = {{FFA_NOTIFICATION_GET_32, 2, 1}};
	const struct world_event event = {.kind = WORLD_EVENT_SPMC_STOPPED,
	                                  .context = 1,
	                                  .arg = {WORLD_SPMC_STOP_GET_UNKNOWN},
	                                  .regs = &get};

	begin();
	scenario.machine.vm_count = 0; /* ids without names */
	g_strlcpy(machine.config.spmc.follows, follows, sizeof machine.config.spmc.follows);
	sim_oracle_spmc.event(&run, &event);
}

TEST(oracle_spmc, names_who_stopped_which_spmc_by_what_and_why)
{
	stop_spmc("Hafnium 21bfbdc1, August 2026");
	assert_eq_u64(run.report->verdict, SIM_VERDICT_FAIL);
	assert_str(finding(0), "vm2.0 stops the SPMC (Hafnium 21bfbdc1, August 2026) by "
	                       "FFA_NOTIFICATION_GET vcpu=0 receiver=0x2 flags=0x1: the receiver "
	                       "has no notification bitmap there, which this SPMC asserts");
	stop_spmc("");
	assert_str(finding(0), "vm2.0 stops the SPMC by FFA_NOTIFICATION_GET vcpu=0 receiver=0x2 "
	                       "flags=0x1: the receiver has no notification bitmap there, which "
	                       "this SPMC asserts");
}
