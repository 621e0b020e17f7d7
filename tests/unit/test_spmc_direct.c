/* SPDX-License-Identifier: MIT */
/* Direct requests, the scripts of SPs, FFA_RUN: facts spmc.md sections 1.4, 1.6 and 3.5. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define FRAMEWORK 0x80000000u
#define CREATED   (FRAMEWORK | 4)
#define DESTROYED (FRAMEWORK | 6)
#define FROM_VM1  (1u << 16 | SP1)
#define TO_SP1    SP1
#define ANSWERED  FFA_STATUS_NONE

static void script(struct world_sp_answer first, struct world_sp_answer second)
{
	set_up_negotiated("full");
	machine.config.sps[0].answers[0] = first;
	machine.config.sps[0].answers[1] = second;
	machine.config.sps[0].answer_count = 2;
}

/* VM_CREATED for VM 3, as a hypervisor sends it. */
static void vm_created(void)
{
	const struct ffa_regs regs = {{FFA_MSG_SEND_DIRECT_REQ_32, TO_SP1, CREATED, 0, 0, 3}};

	call_regs(&regs);
}

static void assert_response(uint32_t status)
{
	const struct ffa_regs want = {
	        {FFA_MSG_SEND_DIRECT_RESP_32, SP1 << 16, FRAMEWORK | 5, status}};

	assert_mem(&answer, &want, sizeof want);
}

/* Echo */

TEST(spmc_direct, echo_of_32_bits)
{
	struct ffa_regs regs = {
	        {FFA_MSG_SEND_DIRECT_REQ_32, FROM_VM1, 0, 3, 4, 5, 6, 0xffffffff00000007}};
	const struct ffa_regs want = {
	        {FFA_MSG_SEND_DIRECT_RESP_32, SP1 << 16 | 1, 0, 3, 4, 5, 6, 7}};

	set_up_negotiated("full");
	regs.x[8] = 8;
	call_regs(&regs);
	assert_mem(&answer, &want, sizeof want);
}

TEST(spmc_direct, echo_of_64_bits)
{
	const struct ffa_regs regs = {
	        {FFA_MSG_SEND_DIRECT_REQ_64, FROM_VM1, 0, 3, 4, 5, 6, 0xffffffff00000007}};
	const struct ffa_regs want = {
	        {FFA_MSG_SEND_DIRECT_RESP_64, SP1 << 16 | 1, 0, 3, 4, 5, 6, 0xffffffff00000007}};

	set_up_negotiated("full");
	call_regs(&regs);
	assert_mem(&answer, &want, sizeof want);
}

static const struct {
	const char *name;
	uint64_t low, high;
	int32_t want;
} protocols[] = {
        {"nil", 0, 0, ANSWERED},
        {"own", 0x2222222211111111, 0x4444444433333333, ANSWERED},
        {"other", 0x2222222211111111, 0x4444444433333334, FFA_INVALID_PARAMETERS},
};

TEST_EACH(spmc_direct, protocol_of_req2, protocols)
{
	struct ffa_regs regs = {{FFA_MSG_SEND_DIRECT_REQ2_64, FROM_VM1, c->low, c->high}};
	struct ffa_regs want = {{FFA_MSG_SEND_DIRECT_RESP2_64, SP1 << 16 | 1}};

	set_up_negotiated("full");
	for (unsigned i = 4; i < FFA_REG_COUNT; i++)
		regs.x[i] = want.x[i] = i * 0x100000001ull;
	assert_status(call_regs(&regs), c->want);
	if (c->want == ANSWERED)
		assert_mem(&answer, &want, sizeof want);
}

TEST(spmc_direct, req2_needs_1_2)
{
	set_up("full");
	call(FFA_VERSION_32, FFA_VERSION_1_1, 0, 0, 0);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ2_64, FROM_VM1, 0, 0, 0), FFA_NOT_SUPPORTED);
	assert_status(call(FFA_FEATURES_32, FFA_MSG_SEND_DIRECT_REQ2_64, 0, 0, 0),
	              FFA_NOT_SUPPORTED);
}

/* Mistakes: section 1.4.2. */
static const struct {
	const char *name;
	uint32_t fid, w1, w2;
	int32_t want;
} mistakes[] = {
        {"w2", FFA_MSG_SEND_DIRECT_REQ_32, FROM_VM1, 1, FFA_INVALID_PARAMETERS},
        {"framework-reserved", FFA_MSG_SEND_DIRECT_REQ_32, TO_SP1, CREATED | 0x100,
         FFA_INVALID_PARAMETERS},
        {"framework-unknown", FFA_MSG_SEND_DIRECT_REQ_32, TO_SP1, FRAMEWORK | 8,
         FFA_INVALID_PARAMETERS},
        {"not-subscribed", FFA_MSG_SEND_DIRECT_REQ_32, SP2, CREATED, FFA_INVALID_PARAMETERS},
        {"sp-sender", FFA_MSG_SEND_DIRECT_REQ_32, (uint32_t)SP2 << 16 | SP1, 0,
         FFA_INVALID_PARAMETERS},
        {"to-itself", FFA_MSG_SEND_DIRECT_REQ_32, (uint32_t)SP1 << 16 | SP1, 0,
         FFA_INVALID_PARAMETERS},
        {"vm-receiver", FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | 2, 0, FFA_INVALID_PARAMETERS},
        {"spmc-receiver", FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | 0x8000, 0, FFA_INVALID_PARAMETERS},
        {"unknown-receiver", FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | 0x8055, 0,
         FFA_INVALID_PARAMETERS},
        {"method", FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | SP2, 0, FFA_DENIED},
        {"method-of-req2", FFA_MSG_SEND_DIRECT_REQ2_64, 1 << 16 | SP2, 0, FFA_DENIED},
        {"run-unknown", FFA_RUN_32, 0x8055u << 16, 0, FFA_INVALID_PARAMETERS},
        {"run-vm", FFA_RUN_32, 1u << 16, 0, FFA_INVALID_PARAMETERS},
        {"run-vcpu", FFA_RUN_32, (uint32_t)SP1 << 16 | 1, 0, FFA_INVALID_PARAMETERS},
        {"response", FFA_MSG_SEND_DIRECT_RESP_32, 1 << 16 | SP1, 0, FFA_NOT_SUPPORTED},
        {"interrupt", FFA_INTERRUPT_32, 0, 0, FFA_NOT_SUPPORTED},
        {"yield", FFA_YIELD_32, 0, 0, FFA_NOT_SUPPORTED},
};

TEST_EACH(spmc_direct, mistake, mistakes)
{
	set_up_negotiated("full");
	assert_status(call(c->fid, c->w1, c->w2, 0, 0), c->want);
}

/* Scripts */

TEST(spmc_direct, framework_messages_are_accepted)
{
	set_up_negotiated("full");
	vm_created();
	assert_response(FFA_OK);
	call(FFA_MSG_SEND_DIRECT_REQ_64, TO_SP1, DESTROYED, 0, 0);
	assert_eq_u64(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
	assert_eq_u64(answer.x[2], FRAMEWORK | 7);
	assert_eq_u64(answer.x[3], 0);
}

TEST(spmc_direct, retries_then_accepts)
{
	script((struct world_sp_answer){.to = WORLD_TO_VM_CREATED,
	                                .reply = WORLD_REPLY_REFUSE,
	                                .times = 3,
	                                .value = (uint32_t)FFA_RETRY},
	       (struct world_sp_answer){0});
	call(FFA_MSG_SEND_DIRECT_REQ_32, TO_SP1, DESTROYED, 0, 0);
	assert_eq_u64(answer.x[3], 0);
	for (unsigned i = 0; i < 3; i++) {
		vm_created();
		assert_response((uint32_t)FFA_RETRY);
	}
	vm_created();
	assert_response(FFA_OK);
}

TEST(spmc_direct, an_answer_without_times_lasts)
{
	script((struct world_sp_answer){.reply = WORLD_REPLY_REFUSE,
	                                .value = (uint32_t)FFA_INTERRUPTED},
	       (struct world_sp_answer){0});
	for (unsigned i = 0; i < 300; i++) {
		vm_created();
		assert_response((uint32_t)FFA_INTERRUPTED);
	}
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, FROM_VM1, 0, 0, 0), FFA_INTERRUPTED);
}

TEST(spmc_direct, answers_that_are_wrong)
{
	script((struct world_sp_answer){.reply = WORLD_REPLY_WRONG_ID,
	                                .times = 1,
	                                .value = FFA_SUCCESS_32},
	       (struct world_sp_answer){
	               .reply = WORLD_REPLY_WRONG_FLAGS, .times = 1, .value = CREATED});
	machine.config.sps[0].answers[2] = (struct world_sp_answer){.reply = WORLD_REPLY_WRONG_SP};
	machine.config.sps[0].answer_count = 3;
	vm_created();
	assert_eq_u64(answer.x[0], FFA_SUCCESS_32);
	vm_created();
	assert_eq_u64(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
	assert_eq_u64(answer.x[2], CREATED);
	vm_created();
	assert_eq_u64(answer.x[1], 0x8000u << 16);
	assert_eq_u64(answer.x[2], FRAMEWORK | 5);
}

static const struct {
	const char *name;
	uint8_t reply;
	uint32_t fid;
} parks[] = {
        {"interrupt", WORLD_REPLY_INTERRUPT, FFA_INTERRUPT_32},
        {"yield", WORLD_REPLY_YIELD, FFA_YIELD_32},
};

/* Late: the answer comes with the RUN after the last interruption. */
TEST_EACH(spmc_direct, resumed_by_run, parks)
{
	struct ffa_regs regs = {{FFA_MSG_SEND_DIRECT_REQ2_64, FROM_VM1, 0, 0, 44}};
	const struct ffa_regs parked = {{c->fid, (uint64_t)SP1 << 16}};

	regs.x[17] = 1717;
	script((struct world_sp_answer){.to = WORLD_TO_REQUEST, .reply = c->reply, .times = 2},
	       (struct world_sp_answer){0});
	call_regs(&regs);
	assert_mem(&answer, &parked, sizeof parked);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, FROM_VM1, 0, 0, 0), FFA_BUSY);
	vm_created();
	assert_status(ffa_result_status(&answer), FFA_BUSY);
	call(FFA_RUN_32, SP1 << 16, 0, 0, 0);
	assert_mem(&answer, &parked, sizeof parked);
	call(FFA_RUN_32, SP1 << 16, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_MSG_SEND_DIRECT_RESP2_64);
	assert_eq_u64(answer.x[1], SP1 << 16 | 1);
	assert_eq_u64(answer.x[4], 44);
	assert_eq_u64(answer.x[17], 1717);
	call(FFA_RUN_32, SP1 << 16, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_MSG_WAIT_32);
}

TEST(spmc_direct, never_answers)
{
	script((struct world_sp_answer){.reply = WORLD_REPLY_INTERRUPT},
	       (struct world_sp_answer){0});
	vm_created();
	for (unsigned i = 0; i < 300; i++) {
		assert_eq_u64(answer.x[0], FFA_INTERRUPT_32);
		call(FFA_RUN_32, SP1 << 16, 0, 0, 0);
	}
}

_Static_assert(WORLD_MAX_OPEN == WORLD_MAX_SPS, "the first context of each SP, and one more");

TEST(spmc_direct, no_more_than_so_many_are_parked)
{
	set_up_negotiated("full");
	machine.config.sp_count = WORLD_MAX_SPS;
	for (unsigned i = 0; i < WORLD_MAX_SPS; i++) {
		struct world_sp *sp = &machine.config.sps[i];

		*sp = machine.config.sps[0];
		sp->id = ffa_make_id(SP1 + i);
		sp->contexts = 2;
		sp->answers[0] = (struct world_sp_answer){.reply = WORLD_REPLY_INTERRUPT,
		                                          .times = i ? 1 : 2};
		sp->answer_count = 1;
		call(FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | (SP1 + i), 0, i, 0);
		assert_eq_u64(answer.x[0], FFA_INTERRUPT_32);
	}
	machine.cpu = 1;
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | SP1, 0, 0, 0), FFA_BUSY);
	machine.cpu = 0;
	for (unsigned i = 0; i < WORLD_MAX_OPEN; i++) {
		call(FFA_RUN_32, (SP1 + i) << 16, 0, 0, 0);
		assert_eq_u64(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
		assert_eq_u64(answer.x[3], i);
	}
}

/* facts spmc-differences.md D20: bits 30 to 8 of w2 */
static const struct {
	const char *name;
	int32_t want;
} reserved_bits[] = {
        {"hafnium", ANSWERED},
        {"optee-host", FFA_NOT_SUPPORTED}, /* as without these bits: it has no guests */
        {"optee-virt", ANSWERED},
        {"el3", FFA_INVALID_PARAMETERS},
        {"full", FFA_INVALID_PARAMETERS},
};

TEST_EACH(spmc_direct, reserved_bits_of_a_framework_message, reserved_bits)
{
	for (unsigned bit = 8; bit <= 30; bit++) {
		set_up_negotiated(c->name);
		assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, TO_SP1, CREATED | 1u << bit, 0, 0),
		              c->want);
		if (c->want == ANSWERED)
			assert_eq_u64(answer.x[2], FRAMEWORK | 5);
	}
}

/* D21: to OP-TEE itself, the first SP, and to another SP */
#define UNKNOWN_GUEST 0xffff0008u

static const struct ffa_regs created_by_vm1 = {
        {FFA_MSG_SEND_DIRECT_REQ_32, FROM_VM1, CREATED, 0, 0, 1}};

TEST(spmc_direct, messages_to_optee_itself)
{
	set_up_negotiated("optee-host");
	machine.config.sps[0].properties = 0;
	machine.config.sps[1].properties = 0x1;
	call(FFA_MSG_SEND_DIRECT_REQ_32, FROM_VM1, 0x7fffffff, 33, 0);
	assert_eq_u64(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
	assert_eq_u64(answer.x[2], 0);
	assert_eq_u64(answer.x[3], 33);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | SP2, 1, 33, 0),
	              FFA_INVALID_PARAMETERS);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | SP2, 0, 33, 0), ANSWERED);
}

TEST(spmc_direct, optee_answers_a_guest_that_was_not_announced)
{
	const struct ffa_regs want = {
	        {FFA_MSG_SEND_DIRECT_RESP_64, SP1 << 16 | 1, 0, UNKNOWN_GUEST}};
	const struct ffa_regs regs = {{FFA_MSG_SEND_DIRECT_REQ_64, FROM_VM1, 0, 3, 4, 5, 6, 7}};

	set_up("optee-virt");
	call_regs(&regs);
	assert_mem(&answer, &want, sizeof want);
	call(FFA_MSG_SEND_DIRECT_REQ_32, TO_SP1, 0, 3, 0);
	assert_eq_u64(answer.x[3], UNKNOWN_GUEST);
	assert_status(announce(1), FFA_OK);
	call_regs(&regs);
	assert_eq_u64(answer.x[3], 3);
	assert_status(retract(1), FFA_OK);
	call_regs(&regs);
	assert_mem(&answer, &want, sizeof want);
}

TEST(spmc_direct, optee_takes_announcements_of_anybody)
{
	struct ffa_regs to_another = created_by_vm1;

	set_up_negotiated("optee-virt");
	call_regs(&created_by_vm1);
	assert_eq_u64(answer.x[2], FRAMEWORK | 5);
	assert_eq_u64(answer.x[3], 0);
	machine.config.sps[1].properties = 0xc1;
	to_another.x[1] = 1 << 16 | SP2;
	assert_status(call_regs(&to_another), FFA_INVALID_PARAMETERS);
	to_another.x[1] = SP2;
	assert_status(call_regs(&to_another), ANSWERED);
}
