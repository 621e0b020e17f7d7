/* SPDX-License-Identifier: MIT */
/* Oracles by themselves: events played by hand, what they say, and what they remember. */
#include <glib.h>
#include <string.h>

#include "sim/oracle/registry.h"
#include "sim/run.h"
#include "tests/test.h"

#define GUEST_PAGE (SHIM_MEMORY_BASE + SHIM_ENDPOINT_SIZE)
#define HEAP       (SHIM_STATE_BASE + SHIM_HEAP_OFFSET)

static struct sim_run run;
static struct sim_scenario scenario;
static struct world machine;
static struct shim_link nobody;
static struct sim_oracle_levels levels;

static void begin(void)
{
	if (!nobody.map.control) {
		nobody.map.control = g_malloc0(sizeof *nobody.map.control);
		nobody.map.slots = g_malloc0((gsize)SHIM_MAX_CONTEXTS * SHIM_PAGE);
	}
	machine.link = &nobody;
	machine.config.vm_count = scenario.machine.vm_count = 3;
	scenario.thread_count = 3;
	for (unsigned i = 0; i < 3; i++) {
		scenario.threads[i] = (struct sim_thread){.is_vcpu = true, .vm = i};
		g_snprintf(scenario.machine.vms[i].name, sizeof scenario.machine.vms[i].name,
		           "vm%u", i + 1);
		g_snprintf(scenario.threads[i].name, sizeof scenario.threads[i].name, "vm%u.0",
		           i + 1);
	}
	sim_report_free(run.report);
	sim_symbols_free(run.race.symbols);
	memset(&run, 0, sizeof run);
	sim_oracle_default_levels(&levels);
	run.scenario = &scenario;
	run.world = &machine;
	run.levels = &levels;
	run.report = sim_report_new("", "");
}

static const char *finding(guint number)
{
	const struct sim_finding *at;

	if (number >= run.report->findings->len)
		return "";
	at = g_ptr_array_index(run.report->findings, number);
	return at->message;
}

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
	alone = run.state.oracles.lock[0];
	lock(0, "inner", true);
	lock(0, "inner", false);
	assert_mem(&run.state.oracles.lock[0], &alone, sizeof alone);
	lock(0, "outer", false);
	assert_mem(&run.state.oracles.lock[0], &run.state.oracles.lock[1], sizeof alone);
	assert_eq_u64(run.report->findings->len, 0);
}

static void touch(const struct sim_oracle *oracle, unsigned context, uint64_t address,
                  uint64_t size, bool writes)
{
	const struct world_event event = {
	        .kind = WORLD_EVENT_ACCESS,
	        .context = context,
	        .arg = {address, size},
	        .result = writes,
	        .access = {.pc = 0x100 * (context + 1),
	                   .kind = writes ? SHIM_ACCESS_STORE : SHIM_ACCESS_LOAD}};

	oracle->event(&run, &event);
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

static void begin_race(void)
{
	begin();
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
