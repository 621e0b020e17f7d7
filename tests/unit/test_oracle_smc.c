/* SPDX-License-Identifier: MIT */
/* Oracles that look at the conversation with the SPMC: answers, RX, windows, what is logged. */
#include <glib.h>
#include <string.h>

#include "sim/oracle/registry.h"
#include "tests/test.h"
#include "tests/unit/test_oracle.h"

/* RX is a page of the hypervisor's own; what it holds is new behind each SMC. */
TEST(oracle_rx_fetch, the_same_bytes_again)
{
	const uint64_t rx = SHIM_MEMORY_BASE + SHIM_PAGE;
	const struct ffa_regs success = {{FFA_SUCCESS_32}};
	const struct world_event answer = {
	        .kind = WORLD_EVENT_SMC_DONE, .context = 0, .regs = &success};

	begin();
	machine.state.spmc.rx = WORLD_RX_FULL;
	machine.state.spmc.rx_page = SHIM_PHYSICAL_BASE + SHIM_PAGE;
	touch(&sim_oracle_rx_fetch, 0, rx, 2, false);
	touch(&sim_oracle_rx_fetch, 0, rx + 4, 4, false);
	touch(&sim_oracle_rx_fetch, 1, rx, 2, false);
	touch(&sim_oracle_rx_fetch, 0, rx - 2, 2, false);
	touch(&sim_oracle_rx_fetch, 0, rx + SHIM_PAGE, 2, false);
	touch(&sim_oracle_rx_fetch, 0, rx + SHIM_PAGE, 2, false);
	sim_oracle_rx_fetch.event(&run, &answer);
	touch(&sim_oracle_rx_fetch, 0, rx, 2, false);
	assert_eq_u64(run.report->findings->len, 0);
	touch(&sim_oracle_rx_fetch, 0, rx + 1, 1, false);
	assert_eq_u64(run.report->findings->len, 1);
	assert_contains(finding(0), "in RX, which the SPMC can write");
	machine.state.spmc.rx = WORLD_RX_UNMAPPED;
	machine.state.spmc.rx_page = 0;
}

TEST(oracle_rx_fetch, no_buffer_at_the_spmc)
{
	begin();
	for (unsigned i = 0; i < 2; i++)
		touch(&sim_oracle_rx_fetch, 0, SHIM_MEMORY_BASE + SHIM_PAGE, 2, false);
	assert_eq_u64(run.report->findings->len, 0);
}

/* An SMC that ends like this, what comes then, and FFA_RUN. */
static const struct {
	const char *name;
	uint32_t ended_by;
	struct world_event between; /* kind 0: nothing */
	unsigned findings;
} windows[] = {
        {"at once", FFA_INTERRUPT_32, {.kind = WORLD_EVENT_ENTER, .context = 2}, 1},
        {"behind a window", FFA_INTERRUPT_32, {.kind = WORLD_EVENT_WINDOW, .context = 1}, 0},
        {"behind another's window",
         FFA_INTERRUPT_32,
         {.kind = WORLD_EVENT_WINDOW, .context = 2},
         1},
        {"in another entry", FFA_INTERRUPT_32, {.kind = WORLD_EVENT_LEAVE, .context = 1}, 0},
        {"behind an interrupt on top",
         FFA_INTERRUPT_32,
         {.kind = WORLD_EVENT_ENTER, .context = 2, .entry = SHIM_ENTRY_INTERRUPT, .arg = {8, 1}},
         0},
        {"after a yield", FFA_YIELD_32, {.kind = WORLD_EVENT_ENTER, .context = 2}, 0},
};

TEST_EACH(oracle_window, resumption, windows)
{
	const struct ffa_regs answer = {{c->ended_by, 0x80010000}},
	                      again = {{FFA_RUN_32, 0x80010000}};
	const struct world_event done = {
	        .kind = WORLD_EVENT_SMC_DONE, .context = 1, .regs = &answer};
	const struct world_event resume = {.kind = WORLD_EVENT_SMC, .context = 1, .regs = &again};

	begin();
	sim_oracle_window.event(&run, &done);
	sim_oracle_window.event(&run, &c->between);
	sim_oracle_window.event(&run, &resume);
	assert_eq_u64(run.report->findings->len, c->findings);
}

/* A guest's call, the SMC that it leads to and its answer, what the guest gets. */
static const struct {
	const char *name;
	struct ffa_regs smc, smc_answer, answer;
	unsigned findings;
} passed_on[] = {
        {"as it came",
         {{FFA_NOTIFICATION_GET_32}},
         {{FFA_INTERRUPT_32, 1}},
         {{FFA_INTERRUPT_32, 1}},
         0},
        {"a register that lies",
         {{FFA_NOTIFICATION_GET_32}},
         {{FFA_SUCCESS_32, 5}},
         {{FFA_SUCCESS_32, 5}},
         0},
        {"without the registers above x7",
         {{FFA_NOTIFICATION_GET_32}},
         {{FFA_SUCCESS_32, 5, 0, 0, 0, 0, 0, 0, 8}},
         {{FFA_SUCCESS_32, 5}},
         0},
        {"with another register",
         {{FFA_NOTIFICATION_GET_32}},
         {{FFA_INTERRUPT_32, 1}},
         {{FFA_INTERRUPT_32, 2}},
         1},
        {"a register of its own",
         {{FFA_NOTIFICATION_GET_32}},
         {{FFA_SUCCESS_32}},
         {{FFA_SUCCESS_32, 5}},
         1},
        {"to another call",
         {{FFA_NOTIFICATION_BIND_32}},
         {{FFA_INTERRUPT_32, 1}},
         {{FFA_INTERRUPT_32, 1}},
         1},
        {"without an SMC", {{0}}, {{FFA_INTERRUPT_32, 1}}, {{FFA_INTERRUPT_32, 1}}, 1},
};

TEST_EACH(oracle_abi, passed_on, passed_on)
{
	static const struct sim_step get = {.action = SIM_ACTION_CALL,
	                                    .fid = FFA_NOTIFICATION_GET_32};
	struct world_event event = {.kind = WORLD_EVENT_SMC, .context = 1, .regs = &c->smc};
	struct sim_abi_context none = {0};

	begin();
	if (c->smc.x[0])
		sim_oracle_abi.event(&run, &event);
	event.kind = WORLD_EVENT_SMC_DONE;
	event.regs = &c->smc_answer;
	if (c->smc.x[0])
		sim_oracle_abi.event(&run, &event);
	event = (struct world_event){.kind = WORLD_EVENT_LEAVE,
	                             .context = 1,
	                             .entry = SHIM_ENTRY_GUEST_CALL,
	                             .vm = WORLD_NO_VM};
	sim_oracle_abi.event(&run, &event);
	sim_oracle_abi.step(&run, &get, &c->answer);
	assert_eq_u64(run.report->findings->len, c->findings);
	/* what is over makes no other state */
	assert_mem(&run.state.oracles.abi_smc[1], &none, sizeof none);
	assert_mem(&run.state.oracles.abi_last, &none, sizeof none);
}

/* An SMC of an earlier entry of the context is none of this one. */
TEST(oracle_abi, of_this_entry_alone)
{
	static const struct sim_step get = {.action = SIM_ACTION_CALL,
	                                    .fid = FFA_NOTIFICATION_GET_32};
	const struct ffa_regs smc = {{FFA_NOTIFICATION_GET_32}}, lie = {{FFA_INTERRUPT_32}};
	struct world_event event = {.kind = WORLD_EVENT_SMC, .regs = &smc};
	const struct world_event leave = {
	        .kind = WORLD_EVENT_LEAVE, .entry = SHIM_ENTRY_WORK, .vm = WORLD_NO_VM};
	const struct world_event leave_call = {
	        .kind = WORLD_EVENT_LEAVE, .entry = SHIM_ENTRY_GUEST_CALL, .vm = WORLD_NO_VM};

	begin();
	sim_oracle_abi.event(&run, &event);
	event.kind = WORLD_EVENT_SMC_DONE;
	event.regs = &lie;
	sim_oracle_abi.event(&run, &event);
	sim_oracle_abi.event(&run, &leave);
	sim_oracle_abi.event(&run, &leave_call);
	sim_oracle_abi.step(&run, &get, &lie);
	assert_eq_u64(run.report->findings->len, 1);
}

/* FFA_RUN of SP 0x8001, which has this request, in an entry for VM 2. */
static const struct {
	const char *name;
	enum shim_entry entry;
	struct world_request request;
	uint32_t target;
	unsigned findings;
} resumptions[] = {
        {"its own event",
         SHIM_ENTRY_VM_CREATE,
         {.sp = 1, .fid = FFA_MSG_SEND_DIRECT_REQ_32, .flags = 0x80000004, .payload = {0, 0, 2}},
         0x80010000,
         0},
        {"another VM's creation",
         SHIM_ENTRY_VM_CREATE,
         {.sp = 1, .fid = FFA_MSG_SEND_DIRECT_REQ_32, .flags = 0x80000004, .payload = {0, 0, 3}},
         0x80010000,
         1},
        {"another VM's end",
         SHIM_ENTRY_VM_DESTROY,
         {.sp = 1, .fid = FFA_MSG_SEND_DIRECT_REQ_32, .flags = 0x80000006, .payload = {0, 0, 3}},
         0x80010000,
         1},
        {"its own request",
         SHIM_ENTRY_GUEST_CALL,
         {.sp = 1, .fid = FFA_MSG_SEND_DIRECT_REQ_64, .sender = 2},
         0x80010000,
         0},
        {"another VM's request",
         SHIM_ENTRY_GUEST_CALL,
         {.sp = 1, .fid = FFA_MSG_SEND_DIRECT_REQ_64, .sender = 1},
         0x80010000,
         1},
        /* w2 of a REQ2 is a part of a UUID */
        {"another VM's request of the second kind",
         SHIM_ENTRY_GUEST_CALL,
         {.sp = 1,
          .fid = FFA_MSG_SEND_DIRECT_REQ2_64,
          .flags = 0x80000004,
          .sender = 1,
          .payload = {0, 0, 2}},
         0x80010000,
         1},
        {"a timer, for whom it may be",
         SHIM_ENTRY_TIMER,
         {.sp = 1, .fid = FFA_MSG_SEND_DIRECT_REQ_32, .flags = 0x80000006, .payload = {0, 0, 3}},
         0x80010000,
         0},
        {"another context of the SP",
         SHIM_ENTRY_GUEST_CALL,
         {.sp = 1, .context = 1, .fid = FFA_MSG_SEND_DIRECT_REQ_64, .sender = 1},
         0x80010000,
         0},
        {"nothing", SHIM_ENTRY_GUEST_CALL, {.sp = 0}, 0x80010000, 0},
};

TEST_EACH(oracle_answer, resumption, resumptions)
{
	const struct ffa_regs regs = {{FFA_RUN_32, c->target}};
	const struct world_event event = {.kind = WORLD_EVENT_SMC, .context = 1, .regs = &regs};
	struct shim_slot *slot;

	begin();
	slot = shim_slot(&machine.link->map, 1);
	slot->entry = c->entry;
	slot->entry_arg[0] = 2;
	machine.config.sp_count = 1;
	machine.config.sps[0].id = ffa_make_id(0x8001);
	machine.state.spmc.open[1] = c->request;
	for (unsigned i = 0; i < 3; i++)
		scenario.machine.vms[i].id = ffa_make_id(i + 1);
	sim_oracle_answer.event(&run, &event);
	assert_eq_u64(run.report->findings->len, c->findings);
}

/* An entry of VM 1's call that gets this answer to an SMC, logs, and ends. */
static const struct {
	const char *name;
	uint32_t smc; /* 0: it makes none */
	struct ffa_regs smc_answer;
	unsigned level;
	struct ffa_regs answer;
	unsigned findings;
} logs[] = {
        {"a warning", 0, {{0}}, 2, {{FFA_SUCCESS_32}}, 1},
        {"an error", 0, {{0}}, 3, {{FFA_SUCCESS_32}}, 1},
        {"a piece of information", 0, {{0}}, 1, {{FFA_SUCCESS_32}}, 0},
        {"of a guest that is refused", 0, {{0}}, 2, {{FFA_ERROR_32, 0, (uint32_t)FFA_DENIED}}, 0},
        {"after a success", FFA_NOTIFICATION_BIND_32, {{FFA_SUCCESS_32}}, 2, {{FFA_SUCCESS_32}}, 1},
        {"after a refusal by the SPMC",
         FFA_NOTIFICATION_BIND_32,
         {{FFA_ERROR_32, 0, (uint32_t)FFA_BUSY}},
         2,
         {{FFA_SUCCESS_32}},
         0},
        {"after a call that is not there",
         FFA_FEATURES_32,
         {{FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED}},
         2,
         {{FFA_SUCCESS_32}},
         0},
        {"where nothing is new",
         FFA_NOTIFICATION_INFO_GET_64,
         {{FFA_ERROR_32, 0, (uint32_t)FFA_NO_DATA}},
         2,
         {{FFA_SUCCESS_32}},
         1},
        {"after an SP's refusal",
         FFA_MSG_SEND_DIRECT_REQ_32,
         {{FFA_MSG_SEND_DIRECT_RESP_32, 0, 0x80000005, (uint32_t)FFA_DENIED}},
         2,
         {{FFA_SUCCESS_32}},
         0},
        {"after an SP's answer",
         FFA_MSG_SEND_DIRECT_REQ_32,
         {{FFA_MSG_SEND_DIRECT_RESP_32, 0, 0, 7}},
         2,
         {{FFA_SUCCESS_32}},
         1},
        {"after an older version", FFA_VERSION_32, {{FFA_VERSION_1_0}}, 2, {{FFA_SUCCESS_32}}, 0},
        {"after a version that fits",
         FFA_VERSION_32,
         {{FFA_VERSION_1_2}},
         2,
         {{FFA_SUCCESS_32}},
         1},
};

static void log_event(struct world_event event)
{
	event.context = 1;
	sim_oracle_log.event(&run, &event);
}

static void leave_with(const struct ffa_regs *answer)
{
	shim_slot(&machine.link->map, 1)->entry_arg[2] = FFA_NOTIFICATION_BIND_32;
	log_event((struct world_event){
	        .kind = WORLD_EVENT_LEAVE, .entry = SHIM_ENTRY_GUEST_CALL, .regs = answer});
}

TEST_EACH(oracle_log, entry, logs)
{
	struct sim_log_context none = {0};

	begin();
	machine.config.spmc.present = true;
	machine.state.contexts[1].smc = c->smc;
	if (c->smc)
		log_event(
		        (struct world_event){.kind = WORLD_EVENT_SMC_DONE, .regs = &c->smc_answer});
	log_event((struct world_event){
	        .kind = WORLD_EVENT_LOG, .arg = {c->level, 0x12}, .text = "a line"});
	leave_with(&c->answer);
	assert_eq_u64(run.report->findings->len, c->findings);
	if (c->findings)
		assert_contains(finding(0), "'a line 0x12', and nothing has failed");
	assert_mem(&run.state.oracles.log.contexts[1], &none, sizeof none);
}

/* What failed in an entry before may be spoken of later; what was only probed may not. */
TEST(oracle_log, lasting_causes)
{
	const struct ffa_regs success = {{FFA_SUCCESS_32}};
	const struct ffa_regs refused = {{FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED}};
	static const uint32_t calls[] = {FFA_FEATURES_32, FFA_RXTX_MAP_64};

	for (unsigned i = 0; i < 2; i++) {
		begin();
		machine.config.spmc.present = true;
		machine.state.contexts[1].smc = calls[i];
		log_event((struct world_event){.kind = WORLD_EVENT_SMC_DONE, .regs = &refused});
		leave_with(&success);
		log_event((struct world_event){.kind = WORLD_EVENT_LOG, .arg = {2}, .text = "x"});
		leave_with(&success);
		assert_eq_u64(run.report->findings->len, i == 0);
	}
}

/* Memory that is not there, and an SPMC that has faults. */
TEST(oracle_log, other_causes)
{
	static const enum world_event_kind kinds[] = {WORLD_EVENT_ALLOC, WORLD_EVENT_PAGE_ALLOC,
	                                              WORLD_EVENT_MAP, WORLD_EVENT_LOG};
	const struct ffa_regs success = {{FFA_SUCCESS_32}};

	for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
		begin();
		machine.config.spmc.present = true;
		machine.config.spmc.fault_count = kinds[i] == WORLD_EVENT_LOG;
		log_event((struct world_event){.kind = kinds[i], .arg = {0}, .text = ""});
		log_event((struct world_event){.kind = WORLD_EVENT_LOG, .arg = {2}, .text = "x"});
		leave_with(&success);
		assert_eq_u64(run.report->findings->len, 0);
	}
	machine.config.spmc.fault_count = 0;
}
