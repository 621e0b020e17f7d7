/* SPDX-License-Identifier: MIT */
/*
 * Execution contexts of SPs and FFA_RUN: facts spmc-differences.md rows D5 and
 * D29. An SP with several contexts has one for each CPU.
 */
#include <string.h>

#include "abi/ffa_decode.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define ANSWERED FFA_STATUS_NONE

enum { CPUS = 3 };

/* SP1 with so many contexts; it parks `parked` requests and answers from then on. */
static void set_up_contexts(const char *profile, unsigned contexts, uint8_t parked)
{
	set_up_negotiated(profile);
	machine.config.sps[0].contexts = (uint16_t)contexts;
	machine.config.sps[0].answers[0] = (struct world_sp_answer){
	        .to = WORLD_TO_REQUEST, .reply = WORLD_REPLY_INTERRUPT, .times = parked};
	machine.config.sps[0].answer_count = parked ? 1 : 0;
}

static int32_t request(unsigned cpu, uint64_t payload)
{
	machine.cpu = cpu;
	return call(FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | SP1, 0, payload, 0);
}

static int32_t run(unsigned cpu, unsigned index)
{
	machine.cpu = cpu;
	return call(FFA_RUN_32, (uint64_t)SP1 << 16 | index, 0, 0, 0);
}

static void assert_parked(unsigned context)
{
	const struct ffa_regs want = {{FFA_INTERRUPT_32, (uint64_t)SP1 << 16 | context}};

	assert_mem(&answer, &want, sizeof want);
}

static void assert_echo(uint64_t payload)
{
	assert_eq_u64(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
	assert_eq_u64(answer.x[3], payload);
}

static const struct {
	const char *name;
} per_cpu[] = {{"hafnium"}, {"el3"}, {"full"}};

/* Each CPU has a context; it alone is BUSY, and only there it goes on. */
TEST_EACH(spmc_contexts, a_request_on_each_cpu, per_cpu)
{
	set_up_contexts(c->name, 4, CPUS);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		request(cpu, 100 + cpu);
		assert_parked(cpu);
		assert_status(request(cpu, 1), FFA_BUSY);
	}
	request(CPUS, 7);
	assert_echo(7);
	assert_status(run(0, 1), FFA_INVALID_PARAMETERS);
	assert_status(run(1, 0), FFA_INVALID_PARAMETERS);
	for (unsigned cpu = CPUS; cpu-- > 0;) {
		run(cpu, cpu);
		assert_echo(100 + cpu);
	}
	run(1, 1);
	assert_eq_u64(answer.x[0], FFA_MSG_WAIT_32);
	request(1, 8);
	assert_echo(8);
}

/* An SP with one context has that one on every CPU: it is BUSY and goes on everywhere. */
TEST_EACH(spmc_contexts, one_context_is_one_on_every_cpu, per_cpu)
{
	set_up_contexts(c->name, 1, 1);
	request(2, 5);
	assert_parked(0);
	assert_status(request(0, 6), FFA_BUSY);
	assert_status(request(2, 6), FFA_BUSY);
	assert_status(run(1, 1), FFA_INVALID_PARAMETERS);
	run(1, 0);
	assert_echo(5);
}

/* In OP-TEE an SP at S-EL0 serves one request at a time, whatever its descriptor says. */
TEST(spmc_contexts, one_at_a_time_in_optee)
{
	const uint64_t first = 1 << 16 | SP2, target = (uint64_t)SP2 << 16;

	set_up_negotiated("optee-host");
	machine.config.sps[1] = machine.config.sps[0];
	machine.config.sps[1].id = ffa_make_id(SP2);
	machine.config.sps[1].contexts = 4;
	machine.config.sps[1].answers[0] =
	        (struct world_sp_answer){.reply = WORLD_REPLY_INTERRUPT, .times = 1};
	machine.config.sps[1].answer_count = 1;
	machine.cpu = 2;
	call(FFA_MSG_SEND_DIRECT_REQ_32, first, 0, 5, 0);
	assert_eq_u64(answer.x[0], FFA_INTERRUPT_32);
	assert_eq_u64(answer.x[1], target);
	machine.cpu = 0;
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, first, 0, 6, 0), FFA_BUSY);
	assert_status(call(FFA_RUN_32, target | 1, 0, 0, 0), FFA_INVALID_PARAMETERS);
	machine.cpu = 1;
	call(FFA_RUN_32, target, 0, 0, 0);
	assert_echo(5);
}

/* OP-TEE itself, the first SP, takes each request in a thread, and goes on with it anywhere. */
TEST(spmc_contexts, threads_of_optee)
{
	const uint32_t first = 1 << 16 | SP1;

	set_up_negotiated("optee-host");
	machine.config.sps[0].contexts = 4;
	machine.config.sps[0].answers[0] = (struct world_sp_answer){
	        .to = WORLD_TO_REQUEST, .reply = WORLD_REPLY_INTERRUPT, .times = 3};
	machine.config.sps[0].answer_count = 1;
	call(FFA_MSG_SEND_DIRECT_REQ_32, first, 0, 10, 0);
	assert_parked(0);
	call(FFA_MSG_SEND_DIRECT_REQ_32, first, 0, 11, 0);
	assert_parked(1);
	run(3, 0);
	assert_parked(0);
	run(2, 1);
	assert_echo(11);
	assert_status(run(2, 1), FFA_INVALID_PARAMETERS);
	run(1, 0);
	assert_echo(10);
}

/* Framework messages are requests like any other. */
TEST(spmc_contexts, framework_messages_too)
{
	const struct ffa_regs created = {{FFA_MSG_SEND_DIRECT_REQ_32, SP1, 0x80000004, 0, 0, 1}};

	set_up_contexts("hafnium", 4, 1);
	request(0, 5);
	assert_parked(0);
	assert_status(call_regs(&created), FFA_BUSY);
	machine.cpu = 1;
	assert_status(call_regs(&created), ANSWERED);
	assert_eq_u64(answer.x[2], 0x80000005);
	run(0, 0);
	assert_echo(5);
}

/* There is room for so many; an SP that would park one more is BUSY. */
TEST(spmc_contexts, no_more_than_so_many_are_parked)
{
	set_up_contexts("full", 16, WORLD_MAX_OPEN + 1);
	for (unsigned cpu = 0; cpu < WORLD_MAX_OPEN; cpu++) {
		request(cpu, cpu);
		assert_parked(cpu);
	}
	assert_status(request(WORLD_MAX_OPEN, 1), FFA_BUSY);
}

/* D29 */
static const struct {
	const char *name;
	int32_t extended_1_1, extended_1_2, host, host_elsewhere, vm;
} runs[] = {
        {"hafnium", ANSWERED, FFA_NOT_SUPPORTED, FFA_DENIED, FFA_INVALID_PARAMETERS,
         FFA_INVALID_PARAMETERS},
        {"el3", ANSWERED, ANSWERED, FFA_INVALID_PARAMETERS, FFA_INVALID_PARAMETERS,
         FFA_INVALID_PARAMETERS},
        {"full", ANSWERED, ANSWERED, FFA_INVALID_PARAMETERS, FFA_INVALID_PARAMETERS,
         FFA_INVALID_PARAMETERS},
};

TEST_EACH(spmc_contexts, run, runs)
{
	for (unsigned reg = 8; reg < FFA_REG_COUNT; reg++) {
		struct ffa_regs regs = {{FFA_RUN_32, (uint64_t)SP1 << 16}};

		regs.x[reg] = 1;
		set_up(c->name);
		call(FFA_VERSION_32, FFA_VERSION_1_1, 0, 0, 0);
		assert_status(call_regs(&regs), c->extended_1_1);
		set_up_negotiated(c->name);
		assert_status(call_regs(&regs), c->extended_1_2);
	}
	set_up_negotiated(c->name);
	machine.cpu = 2;
	assert_status(call(FFA_RUN_32, 2, 0, 0, 0), c->host);
	assert_status(call(FFA_RUN_32, 1, 0, 0, 0), c->host_elsewhere);
	assert_status(call(FFA_RUN_32, 1 << 16 | 2, 0, 0, 0), c->vm);
}

/* What Hafnium does not take for one of its calls does not end the negotiation (D8). */
TEST(spmc_contexts, extended_run_locks_no_version)
{
	struct ffa_regs regs = {{FFA_RUN_32, (uint64_t)SP1 << 16}};

	regs.x[17] = 1;
	set_up_negotiated("hafnium");
	call_regs(&regs);
	call(FFA_VERSION_32, FFA_VERSION_1_1, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_VERSION_1_3);
}
