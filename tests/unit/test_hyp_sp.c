/* SPDX-License-Identifier: MIT */
/* The hypervisor mediator: notifications between SPs and VMs. SP 8001, and the VMs 1 to 3. */
#include "tests/unit/test_hyp_spmc.h"

#define SP     0x8001
#define BIND   FFA_NOTIFICATION_BIND_32
#define UNBIND FFA_NOTIFICATION_UNBIND_32
#define SET    FFA_NOTIFICATION_SET_32
#define GET    FFA_NOTIFICATION_GET_32
#define INFO   FFA_NOTIFICATION_INFO_GET_64
#define JUNK   UINT64_C(0xdeadbeef00000000)

static void start(bool vm_to_vm)
{
	spmc_reset();
	spmc_boot(vm_to_vm);
	fake_vm_at(1, FFA_VERSION_1_2);
	fake_vm_at(2, FFA_VERSION_1_2);
	spmc_forget_calls();
}

static void start_pending(void)
{
	start(true);
	assert_status(fake_bind(1, 2, 1), FFA_OK);
	assert_status(fake_set(2, 1, 1), FFA_OK);
}

static enum ffa_status call_status(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4)
{
	struct ffa_regs answer = fake_call(1, fid, x1, x2, x3, x4);

	return fake_status(&answer);
}

/* Whether INFO_GET of vm1 has something to report. */
static bool info_get(void)
{
	enum ffa_status status = call_status(INFO, 0, 0, 0, 0);

	if (status != FFA_OK)
		assert_status(status, FFA_NO_DATA);
	return status == FFA_OK;
}

static enum ffa_status get(uint32_t flags)
{
	return call_status(GET, 1, flags, 0, 0);
}

/* BIND, UNBIND and SET */

struct forward_case {
	const char *name;
	uint32_t fid;
	uint32_t w1;
};

static const struct forward_case forwards[] = {
        {"BIND", BIND, 0x80010001},
        {"UNBIND", UNBIND, 0x80010001},
        {"SET", SET, 0x00018001},
        {"BIND to the SPMC", BIND, 0x80000001},
        {"SET to the last id", SET, 0x0001ffff},
};

TEST_EACH(hyp_sp, forwards_exactly_the_arguments, forwards)
{
	struct ffa_regs answer;

	start(false);
	spmc.answer_to = c->fid;
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		spmc.answer.x[i] = JUNK + i;
	spmc.answer.x[0] = JUNK | FFA_SUCCESS_32;
	answer = fake_call(1, c->fid, c->w1, 0, 0x80000001, 0x80000000);
	spmc_expect_call(0, c->fid, c->w1, 0, 0x80000001, 0x80000000, 0);
	assert_eq_int(fake.smc_count, 1);
	assert_eq_u64(answer.x[0], 0x84000061);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], 0);
	fake_finish();
}

struct answer_case {
	const char *name;
	uint64_t x0;
	uint64_t x2;
	int want;
};

static const struct answer_case answers[] = {
        {"success", 0x84000061, 0, 0},
        {"64-bit success", 0xc4000061, 0, 0},
        {"DENIED", 0x84000060, 0xfffffffa, -6},
        {"DENIED, sign-extended", 0x84000060, 0xfffffffffffffffa, -6},
        {"DENIED below junk", JUNK | 0x84000060, JUNK | 0xfffffffa, -6},
        {"a code of later times", 0x84000060, 0xffffff9c, -100},
        {"error 0", 0x84000060, 0, -1},
        {"positive error", 0x84000060, 6, -1},
        {"interrupted", 0x84000062, 0, -1},
        {"unknown to the firmware", 0xffffffffffffffff, 0, -1},
};

TEST_EACH(hyp_sp, passes_the_code_on, answers)
{
	for (size_t i = 0; i < 3; i++) {
		start(true);
		spmc_answer(forwards[i].fid, c->x0, c->x2, 0);
		assert_eq_int(call_status(forwards[i].fid, forwards[i].w1, 0, 1, 0), c->want);
		assert_eq_int(fake.smc_count, 1);
		fake_finish();
	}
}

struct parameter_case {
	const char *name;
	uint32_t fid;
	uint32_t w1;
	uint32_t w2;
	uint32_t w3;
};

static const struct parameter_case bad_parameters[] = {
        {"BIND per vCPU", BIND, 0x80010001, 1, 1},
        {"BIND reserved flag", BIND, 0x80010001, 0x80000000, 1},
        {"BIND for another VM", BIND, 0x80010002, 0, 1},
        {"BIND with halves swapped", BIND, 0x00018001, 0, 1},
        {"BIND nothing", BIND, 0x80010001, 0, 0},
        {"UNBIND with w2", UNBIND, 0x80010001, 1, 1},
        {"UNBIND for another VM", UNBIND, 0x80010002, 0, 1},
        {"UNBIND nothing", UNBIND, 0x80010001, 0, 0},
        {"SET per vCPU", SET, 0x00018001, 1, 1},
        {"SET with delayed SRI", SET, 0x00018001, 2, 1},
        {"SET for vCPU 1", SET, 0x00018001, 0x10000, 1},
        {"SET for another sender", SET, 0x00028001, 0, 1},
        {"SET for an SP", SET, 0x80018001, 0, 1},
        {"SET nothing", SET, 0x00018001, 0, 0},
        {"GET for another VM", GET, 2, 1, 0},
        {"GET by a vCPU it does not have", GET, FAKE_VCPUS << 16 | 1, 1, 0},
        {"GET reserved flag", GET, 1, 0x11, 0},
};

TEST_EACH(hyp_sp, wrong_parameters_stay_here, bad_parameters)
{
	start(true);
	assert_status(call_status(c->fid, c->w1, c->w2, c->w3, 0), FFA_INVALID_PARAMETERS);
	assert_str(spmc_calls(), "");
	fake_finish();
}

/* Bit n of SPs and bit n of VMs are two. */
TEST(hyp_sp, maps_are_apart)
{
	start(true);
	assert_status(fake_bind(1, 2, 1), FFA_OK);
	assert_status(fake_bind(1, SP, 1), FFA_OK);
	assert_status(fake_set(2, 1, 1), FFA_OK);
	assert_status(fake_unbind(1, SP, 1), FFA_OK);
	assert_eq_u64(fake_get(1), 1);
	assert_str(spmc_calls(), "7f 80 G");
	fake_finish();
}

/* What is offered */

static bool offers(uint32_t query)
{
	return call_status(FFA_FEATURES_32, query, 0, 0, 0) == FFA_OK;
}

TEST(hyp_sp, offered_without_vm_to_vm)
{
	static const uint32_t offered[] = {
	        BIND, UNBIND, SET, GET, INFO, FFA_NOTIFICATION_INFO_GET_32, 1};
	static const uint32_t refused[] = {0x8400007d, 0x8400007e, 0x8400006f, 0x8400006d, 2};

	start(false);
	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++)
		assert_true(offers(offered[i]));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(offers(refused[i]));
	assert_status(fake_bind(1, 2, 1), FFA_NOT_SUPPORTED);
	assert_status(fake_unbind(1, 2, 1), FFA_NOT_SUPPORTED);
	assert_status(fake_set(1, 2, 1), FFA_NOT_SUPPORTED);
	assert_str(spmc_calls(), "");
	fake_vm_at(3, FFA_VERSION_1_0);
	spmc_forget_calls();
	assert_status(fake_bind(3, SP, 1), FFA_NOT_SUPPORTED);
	assert_str(spmc_calls(), "");
	fake_finish();
}

static const struct forward_case needed[] = {
        {"BITMAP_CREATE", 0x8400007d, 0},
        {"BITMAP_DESTROY", 0x8400007e, 0},
        {"BIND", 0x8400007f, 0},
        {"UNBIND", 0x84000080, 0},
        {"SET", 0x84000081, 0},
        {"GET", 0x84000082, 0},
        {"INFO_GET_64", 0xc4000083, 0},
        {"the SRI", 0, 0},
        {"an SRI that is no interrupt", 0, 1020},
        {"an SRI of all ones", 0, 0xffffffff},
};

TEST_EACH(hyp_sp, needs_everything, needed)
{
	uint32_t intid;

	spmc_reset();
	spmc.except = &c->fid;
	spmc.except_count = 1;
	if (c->fid == 0)
		fake.smc_sri = c->w1;
	spmc_boot(false);
	assert_false(hyp_sri(&intid));
	fake_vm_at(1, FFA_VERSION_1_2);
	assert_false(offers(GET));
	assert_false(offers(1));
	assert_status(fake_bind(1, SP, 1), FFA_NOT_SUPPORTED);
	hyp_interrupt(SPMC_SRI);
	hyp_interrupt(0);
	assert_eq_int(fake.defers, 0);
	hyp_work(0);
	fake_destroy(1);
	assert_str(spmc_calls(), "");
	fake_finish();

	spmc_reset();
	fake.smc_sri = 1019;
	spmc_boot(false);
	assert_true(hyp_sri(&intid));
	assert_eq_u64(intid, 1019);
	fake_finish();
}

/* Bitmaps at the SPMC */

TEST(hyp_sp, bitmap_that_is_not_empty_is_fetched_once)
{
	start(true);
	spmc_fail(FFA_NOTIFICATION_BITMAP_DESTROY_32, FFA_DENIED);
	fake_destroy(1);
	assert_str(spmc_calls(), "- G -");
	spmc_expect_call(1, 0x84000082, 1, 5, 0, 0, 0);
	assert_eq_int(fake.warnings, 1);

	spmc_forget_calls();
	spmc_fail(FFA_NOTIFICATION_BITMAP_DESTROY_32, FFA_INVALID_PARAMETERS);
	fake_destroy(2);
	assert_str(spmc_calls(), "-");
	assert_eq_int(fake.warnings, 2);
	fake_finish();
}

/* facts spmc-differences D30: the bitmap may be a former VM's. A refusal is the SPMC's to answer
 * for. */
TEST(hyp_sp, what_is_left_in_a_new_bitmap_is_fetched)
{
	start(true);
	spmc_forget_calls();
	fake_vm(3);
	assert_str(spmc_calls(), "+ G");
	spmc_expect_call(1, 0x84000082, 3, 5, 0, 0, 0);
	assert_eq_int(fake.warnings, 0);

	spmc_forget_calls();
	spmc_fail(FFA_NOTIFICATION_GET_32, FFA_DENIED);
	fake_vm(4);
	assert_str(spmc_calls(), "+ G");
	assert_eq_int(fake.warnings, 1);
	fake_finish();
}

/* facts spmc-differences D25: the SPMC never hears of it. */
TEST(hyp_sp, a_vm_of_an_id_that_is_no_vm_at_the_spmc)
{
	struct hyp_vm *vm = NULL;

	start(true);
	spmc_forget_calls();
	assert_status(hyp_vm_create(&fake.handles[0], ffa_make_id(0x7fff), 1, &vm),
	              FFA_INVALID_PARAMETERS);
	assert_null(vm);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

/* GET */

struct get_case {
	const char *name;
	uint32_t flags;
	uint32_t forwarded; /* 0: nothing */
	bool sp;
	bool vm;
	bool spm;
};

static const struct get_case gets[] = {
        {"all", 0xf, 0x5, true, true, true},
        {"SPs", 0x1, 0x1, true, false, false},
        {"the SPM", 0x4, 0x4, false, false, true},
        {"VMs", 0x2, 0, false, true, false},
        {"VMs and SPs", 0x3, 0x1, true, true, false},
        {"the hypervisor", 0x8, 0, false, false, false},
        {"nothing", 0, 0, false, false, false},
};

TEST_EACH(hyp_sp, get_joins_both_parts, gets)
{
	struct ffa_regs answer;
	uint64_t want[FFA_REG_COUNT] = {0x84000061};

	start_pending();
	spmc.answer_to = GET;
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		spmc.answer.x[i] = JUNK | (0x80000000 + i);
	spmc.answer.x[0] = FFA_SUCCESS_32;
	answer = fake_call(1, GET, 0x10001, c->flags, 0, 0);

	if (c->forwarded != 0)
		spmc_expect_call(0, 0x84000082, 0x10001, c->forwarded, 0, 0, 0);
	assert_eq_int(fake.smc_count, c->forwarded != 0);
	want[2] = c->sp ? 0x80000002 : 0;
	want[3] = c->sp ? 0x80000003 : 0;
	want[4] = c->vm ? 1 : 0;
	want[6] = c->spm ? 0x80000006 : 0;
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], want[i]);
	fake_finish();
}

static void sp_notifies_vm1(void)
{
	uint32_t answer_to = spmc.answer_to;
	struct ffa_regs answer = spmc.answer;

	spmc_answer(INFO, FFA_SUCCESS_64, 1 << 7, 1);
	hyp_interrupt(SPMC_SRI);
	hyp_work(fake.deferred);
	spmc.answer_to = answer_to;
	spmc.answer = answer;
}

TEST(hyp_sp, refused_get_changes_nothing)
{
	start_pending();
	sp_notifies_vm1();
	assert_eq_int(fake.injection_count, 2);
	spmc_fail(GET, FFA_ABORTED);
	assert_status(get(0xf), FFA_ABORTED);
	assert_true(fake.vms[1]->notif.armed);
	assert_status(fake_set(2, 1, 1), FFA_OK);
	assert_eq_int(fake.injection_count, 2);
	assert_true(info_get());
	assert_status(get(0x5), FFA_ABORTED);
	assert_eq_u64(fake.vms[1]->notif.secure, 5);
	fake_vcpu(1, 0, false);
	assert_eq_int(fake.injection_count, 3);

	spmc.answer_to = 0;
	assert_eq_u64(fake_get(1), 1);
	assert_eq_u64(fake.vms[1]->notif.secure, 0);
	fake_finish();
}

/* The indication goes with the GET that brings what it stands for. */
TEST(hyp_sp, get_ends_the_indication)
{
	start(true);
	sp_notifies_vm1();
	assert_status(get(0x2), FFA_OK);
	assert_eq_u64(fake.vms[1]->notif.secure, 5);
	assert_status(get(0x1), FFA_OK);
	assert_eq_u64(fake.vms[1]->notif.secure, 4);
	assert_true(info_get());
	assert_status(get(0x4), FFA_OK);
	assert_eq_u64(fake.vms[1]->notif.secure, 0);

	sp_notifies_vm1();
	assert_status(get(0x5), FFA_OK);
	assert_false(info_get());
	fake.injection_count = 0;
	fake_vcpu(1, 1, false);
	fake_vcpu(1, 1, true);
	assert_eq_int(fake.injection_count, 0);
	fake_finish();
}

/* The SPMC answers GET, then the SP notifies: the answer does not have that any more. */
TEST(hyp_sp, indication_that_overtakes_get_stays)
{
	start(true);
	sp_notifies_vm1();
	assert_true(info_get());
	spmc.hook_on = GET;
	spmc.hook = sp_notifies_vm1;
	assert_status(get(0xf), FFA_OK);
	assert_true(!spmc.hook);
	assert_eq_u64(fake.vms[1]->notif.secure, 5);
	assert_eq_int(fake.injection_count, 2);
	assert_true(info_get());
	assert_status(get(0x5), FFA_OK);
	assert_false(info_get());
	fake_finish();
}

TEST(hyp_sp, indication_between_the_parts_of_get_stays)
{
	start(true);
	spmc.hook_on = GET;
	spmc.hook = sp_notifies_vm1;
	assert_status(get(0x1), FFA_OK);
	assert_eq_u64(fake.vms[1]->notif.secure, 5);
	spmc_fail(GET, FFA_DENIED);
	spmc.hook = sp_notifies_vm1;
	assert_status(get(0x1), FFA_DENIED);
	assert_eq_u64(fake.vms[1]->notif.secure, 5);
	fake_finish();
}

/* INFO_GET and the NPI */

TEST(hyp_sp, indication_is_reported_once)
{
	struct ffa_regs answer;

	start_pending();
	assert_true(info_get());
	assert_false(info_get());
	sp_notifies_vm1();
	answer = fake_call(1, INFO, 0, 0, 0, 0);
	assert_eq_u64(answer.x[0], 0xc4000061);
	assert_eq_u64(answer.x[2], 0x80);
	assert_eq_u64(answer.x[3], 1);
	assert_false(info_get());
	sp_notifies_vm1();
	assert_status(get(0x2), FFA_OK);
	assert_true(info_get());
	fake_finish();
}

TEST(hyp_sp, indication_is_reported_always)
{
	start(true);
	hyp_settings.config.info_report_always = true;
	assert_false(info_get());
	sp_notifies_vm1();
	assert_true(info_get());
	assert_true(info_get());
	assert_status(get(0x5), FFA_OK);
	assert_false(info_get());
	fake_finish();
}

TEST(hyp_sp, each_indication_raises_the_npi)
{
	start_pending();
	assert_eq_int(fake.injection_count, 1);
	sp_notifies_vm1();
	sp_notifies_vm1();
	assert_eq_int(fake.injection_count, 3);
	assert_eq_u64(fake.injections[2].intid, 8);
	assert_eq_int(fake.injections[2].vm, 1);
	fake_finish();
}

TEST(hyp_sp, indication_waits_for_a_vcpu)
{
	start(true);
	fake_vcpu(1, 0, false);
	fake_vcpu(1, 1, false);
	sp_notifies_vm1();
	assert_eq_int(fake.injection_count, 0);
	fake_vcpu(1, 1, true);
	assert_eq_int(fake.injection_count, 1);
	assert_eq_int(fake.injections[0].vcpu, 1);
	fake_vcpu(1, 0, true);
	fake_vcpu(1, 0, false);
	assert_eq_int(fake.injection_count, 3);
	assert_eq_int(fake.injections[2].vcpu, 1);
	fake_finish();
}

/* The interrupt and the work */

static void sri_comes(struct platform_vm *vm, uint16_t vcpu)
{
	(void)vm;
	(void)vcpu;
	hyp_interrupt(SPMC_SRI);
}

/* Also while its CPU holds the lock of the notifications. */
TEST(hyp_sri, only_asks_for_work)
{
	start(true);
	hyp_interrupt(SPMC_SRI + 1);
	hyp_interrupt(0);
	assert_eq_int(fake.defers, 0);
	assert_status(fake_bind(1, 2, 1), FFA_OK);
	fake.before_inject = sri_comes;
	assert_status(fake_set(2, 1, 1), FFA_OK);
	assert_eq_int(fake.defers, 1);
	assert_str(spmc_calls(), "");
	fake_finish();
}

TEST(hyp_sri, asks_until_there_is_no_data)
{
	start(true);
	hyp_work(0);
	spmc_expect_call(0, 0xc4000083, 0, 0, 0, 0, 0);
	assert_str(spmc_calls(), "I");
	assert_eq_int(fake.warnings, 0);
	hyp_work(1);
	assert_str(spmc_calls(), "I");

	spmc_fail(INFO, FFA_DENIED);
	hyp_work(0);
	assert_str(spmc_calls(), "I*2");
	assert_eq_int(fake.warnings, 1);
	assert_eq_int(fake.defers, 0);
	fake_finish();
}

static void no_more(void)
{
	spmc.answer_to = 0;
}

TEST(hyp_sri, asks_again_for_more)
{
	start(true);
	spmc_answer(INFO, FFA_SUCCESS_64, 1 | 1 << 7, 1);
	hyp_interrupt(SPMC_SRI);
	hyp_work(0);
	assert_str(spmc_calls(), "I*16");
	assert_eq_int(fake.injection_count, 16);
	assert_eq_int(fake.defers, 2);

	spmc.hook_on = INFO;
	spmc.hook = no_more;
	spmc_forget_calls();
	hyp_work(0);
	assert_str(spmc_calls(), "I");
	assert_eq_int(fake.defers, 2);

	/* that was the end of it: the next SRI may lead to as many runs again */
	spmc_answer(INFO, FFA_SUCCESS_64, 1 | 1 << 7, 1);
	for (unsigned int run = 1; run < HYP_INFO_RUNS; run++) {
		spmc_forget_calls();
		hyp_work(0);
	}
	assert_eq_int(fake.defers, 2 + HYP_INFO_RUNS - 1);
	fake_finish();
}

TEST(hyp_sri, more_for_ever_has_an_end)
{
	start(true);
	spmc_answer(INFO, FFA_SUCCESS_64, 1 | 1 << 7, 1);
	hyp_work(0);
	fake_finish();

	/* a fresh start: what was asked before the shutdown does not count */
	start(true);
	spmc_answer(INFO, FFA_SUCCESS_64, 1 | 1 << 7, 1);
	for (unsigned int again = 0; again < 2; again++) {
		fake.defers = 0;
		fake.warnings = 0;
		for (unsigned int run = 1; run <= HYP_INFO_RUNS; run++) {
			assert_eq_int(fake.defers, run - 1);
			spmc_forget_calls();
			hyp_work(0);
			assert_str(spmc_calls(), "I*16");
		}
		assert_eq_int(fake.defers, HYP_INFO_RUNS - 1);
		assert_eq_int(fake.warnings, 1);
	}
	fake_finish();
}

struct list_case {
	const char *name;
	uint64_t regs[8]; /* the answer */
	bool vm1;
	bool vm2;
};

#define S64      0xc4000061
#define S32      0x84000061
#define LISTS(n) ((uint64_t)(n) << 7)
/* n vCPU ids in list i */
#define EXTRA(i, n) ((uint64_t)(n) << (12 + 2 * (i)))

static const struct list_case lists[] = {
        {"one", {S64, 0, LISTS(1), 1}, true, false},
        {"two", {S64, 0, LISTS(2), 0x20001}, true, true},
        {"vCPUs are no VMs", {S64, 0, LISTS(1) | EXTRA(0, 3), 0x0000000200020001}, true, false},
        {"list behind vCPUs", {S64, 0, LISTS(2) | EXTRA(0, 2), 0x0002000700070001}, true, true},
        {"list in the next register",
         {S64, 0, LISTS(2) | EXTRA(0, 3), 0x0007000700070001, 2},
         true,
         true},
        {"SPs among them", {S64, 0, LISTS(3) | EXTRA(0, 2), 0x0001000200018001, 0x2}, true, true},
        {"the hypervisor, an SP and nobody", {S64, 0, LISTS(4), 0x7fff000380000000}, false, false},
        {"VMs at 1.0 and without a version", {S64, 0, LISTS(2), 0x00050004}, false, false},
        {"all 20",
         {S64, 0, LISTS(20), 0x9000900090009000, 0x9000900090009000, 0x9000900090009000,
          0x9000900090009000, 0x0002900090009000},
         false,
         true},
        {"20 in few lists",
         {S64, 0, LISTS(5) | EXTRA(0, 3) | EXTRA(1, 3) | EXTRA(2, 3) | EXTRA(3, 3) | EXTRA(4, 3),
          0x9000, 0x9000, 0x9000, 0x9000, 0x0002},
         false,
         true},
        {"below junk in w1 and bits 6:1", {S64, JUNK, LISTS(1) | 0x7e, 1}, true, false},
        {"32 bits", {S32, 0, LISTS(3), JUNK | 0x00019000, JUNK | 0x0002}, true, true},
        {"32 bits, all 10",
         {S32, 0, LISTS(10), 0x90009000, 0x90009000, 0x90009000, 0x90009000, 0x00029000},
         false,
         true},

        {"no list", {S64, 0, 0, 1}, false, false},
        {"no list, and more", {S64, 0, 1, 1}, false, false},
        {"21 lists", {S64, 0, LISTS(21), 1}, false, false},
        {"31 lists", {S64, 0, LISTS(31), 1}, false, false},
        {"31 lists, all bits", {S64, 0, UINT64_MAX, 1}, false, false},
        {"a list of 21", {S64, 0, LISTS(20) | EXTRA(19, 1), 1}, false, false},
        {"six full lists",
         {S64, 0, LISTS(6) | EXTRA(0, 3) | EXTRA(1, 3) | EXTRA(2, 3) | EXTRA(3, 3) | EXTRA(4, 3),
          1},
         false,
         false},
        {"32 bits, 11 lists", {S32, 0, LISTS(11), 1}, false, false},
        {"32 bits, 11 ids", {S32, 0, LISTS(10) | EXTRA(0, 1), 1}, false, false},
};

TEST_EACH(hyp_sri, tells_the_vms_of_the_lists, lists)
{
	bool good = c->vm1 || c->vm2;

	start(true);
	fake_vm_at(4, FFA_VERSION_1_0);
	fake_vm(5);
	spmc_forget_calls();
	spmc.answer_to = INFO;
	for (size_t i = 0; i < 8; i++)
		spmc.answer.x[i] = c->regs[i];
	hyp_work(0);
	assert_str(spmc_calls(), "I");
	assert_true(fake.handles[1].told[0] == c->vm1);
	assert_true(fake.handles[2].told[0] == c->vm2);
	assert_eq_int(fake.injection_count, c->vm1 + c->vm2);
	assert_eq_u64(fake.vms[1]->notif.secure, c->vm1 ? 5 : 0);
	if (good)
		assert_eq_int(fake.warnings, 0);
	fake_finish();
}

static void vm1_ends(void)
{
	const struct hyp_notif *notif = &fake.vms[1]->notif;

	fake_destroy(1);
	assert_eq_u64(notif->secure, 0);
	assert_false(notif->secure_news);
}

TEST(hyp_sri, vm_that_ends_meanwhile_is_left_alone)
{
	start(true);
	sp_notifies_vm1();
	fake.injection_count = 0;
	fake_hook("notif", 1, vm1_ends);
	sp_notifies_vm1();
	assert_true(!fake.hook);
	assert_eq_int(fake.injection_count, 0);
	assert_eq_int(fake.allocations, 1);
	fake_finish();
}

TEST(hyp_sri, new_vm_knows_nothing_of_the_old)
{
	start(true);
	sp_notifies_vm1();
	fake_destroy(1);
	fake_vm_at(1, FFA_VERSION_1_2);
	assert_false(info_get());
	fake_finish();
}
