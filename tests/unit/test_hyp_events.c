/* SPDX-License-Identifier: MIT */
/* The hypervisor mediator: the list of SPs, and what SPs are told of VMs. */
#include "tests/unit/test_hyp_spmc.h"

#define A 0x8001
#define B 0x8002
#define C 0x8003

#define SECOND UINT64_C(1000000000)

/* The list of SPs */

static size_t count_calls(uint32_t fid)
{
	size_t count = 0;

	for (size_t i = 0; i < fake.smc_count; i++)
		count += (uint32_t)fake.smc_log[i].x[0] == fid;
	return count;
}

static size_t find_call(uint32_t fid)
{
	for (size_t i = 0; i < fake.smc_count; i++) {
		if ((uint32_t)fake.smc_log[i].x[0] == fid)
			return i;
	}
	fail_test("no SMC 0x%x", fid);
}

TEST(hyp_partitions, maps_lists_and_releases)
{
	size_t at;

	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	assert_status(spmc_try_boot(true), FFA_OK);
	at = find_call(FFA_RXTX_MAP_64);
	spmc_expect_call(at, 0xc4000066, 0x40000000, 0x40001000, 1, 0, 0);
	spmc_expect_call(at + 1, 0x84000068, 0, 0, 0, 0, 0);
	spmc_expect_call(at + 2, 0x84000065, 0, 0, 0, 0, 0);
	assert_true(fake.page_used[0] && fake.page_used[1]);
	assert_eq_int(hyp_partition_count(), 1);
	assert_eq_int(hyp_partition_id(0).v, A);

	spmc_forget_calls();
	fake_finish();
	spmc_expect_call(0, 0x84000067, 0, 0, 0, 0, 0);
	assert_eq_int(fake.smc_count, 1);
	assert_eq_int(hyp_partition_count(), 0);
}

struct list_case {
	const char *name;
	uint32_t answer_to; /* with an error, unless x0 is given */
	uint64_t x0;
	uint64_t count;
	uint64_t stride;
	size_t pages;
	size_t releases;
	size_t unmaps;
};

#define LIST FFA_PARTITION_INFO_GET_32
#define GOOD FFA_SUCCESS_32

static const struct list_case bad_lists[] = {
        {"no page", 0, 0, 0, 0, 0, 0, 0},
        {"one page", 0, 0, 0, 0, 1, 0, 0},
        {"map refused", FFA_RXTX_MAP_64, 0, 0, 0, 2, 0, 0},
        {"map not understood", FFA_RXTX_MAP_64, 0xffffffff, 0, 0, 2, 0, 0},
        {"list refused", LIST, 0, 0, 0, 2, 0, 1},
        {"list interrupted", LIST, FFA_INTERRUPT_32, 0, 0, 2, 0, 1},
        {"release refused", FFA_RX_RELEASE_32, 0, 0, 0, 2, 1, 1},
        {"stride 0", LIST, GOOD, 1, 0, 2, 1, 1},
        {"stride of 1.0", LIST, GOOD, 1, 8, 2, 1, 1},
        {"stride 23", LIST, GOOD, 1, 23, 2, 1, 1},
        {"stride past the page", LIST, GOOD, 1, 4097, 2, 1, 1},
        {"one entry too many", LIST, GOOD, 171, 24, 2, 1, 1},
        {"two of more than half a page", LIST, GOOD, 2, 2049, 2, 1, 1},
        {"product past 32 bits", LIST, GOOD, 0x10000000, 0x100, 2, 1, 1},
        {"all ones", LIST, GOOD, 0xffffffff, 0xffffffff, 2, 1, 1},
};

static void arrange_list(const struct list_case *c)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	fake.pages_left = c->pages;
	if (c->x0 != 0)
		spmc_answer(c->answer_to, c->x0, c->count, c->stride);
	else if (c->answer_to != 0)
		spmc_fail(c->answer_to, FFA_DENIED);
}

TEST_EACH(hyp_partitions, failure_switches_firmware_off, bad_lists)
{
	arrange_list(c);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_eq_int(count_calls(FFA_RX_RELEASE_32), c->releases);
	assert_eq_int(count_calls(FFA_RXTX_UNMAP_32), c->unmaps);
	assert_false(fake.page_used[0] || fake.page_used[1]);
	assert_eq_int(hyp_partition_count(), 0);
	assert_false(hyp_firmware_has(FFA_NOTIFICATION_GET_32));

	spmc_forget_calls();
	fake_vm_at(1, FFA_VERSION_1_2);
	fake_vm_at(2, FFA_VERSION_1_2);
	assert_status(fake_bind(1, A, 1), FFA_NOT_SUPPORTED);
	assert_status(fake_bind(1, 2, 1), FFA_OK);
	assert_status(fake_set(2, 1, 1), FFA_OK);
	assert_eq_u64(fake_get(1), 1);
	fake_finish();
	assert_str(spmc_calls(), "");

	arrange_list(c);
	assert_status(spmc_try_boot(false), FFA_NOT_SUPPORTED);
	assert_false(fake.page_used[0] || fake.page_used[1]);
}

struct stride_case {
	const char *name;
	uint32_t stride;
	uint32_t count;
	size_t want;
};

static const struct stride_case strides[] = {{"1.1", 24, 0, 3},       {"full page", 24, 170, 3},
                                             {"odd", 25, 0, 3},       {"1.3", 48, 0, 3},
                                             {"fewer", 24, 2, 2},     {"none", 24, 0xffffffff, 0},
                                             {"the page", 4096, 1, 1}};

TEST_EACH(hyp_partitions, stride_is_the_reported_one, strides)
{
	spmc_reset();
	for (uint16_t id = A; id <= C; id++)
		spmc_add(id, SPMC_ENDED);
	spmc.list_stride = c->stride;
	spmc.list_count = c->count;
	if (c->count == 0xffffffff)
		spmc_answer(LIST, GOOD, 0, 24);
	spmc_boot(true);
	assert_eq_int(hyp_partition_count(), c->want);
	for (size_t i = 0; i < c->want; i++)
		assert_eq_int(hyp_partition_id(i).v, A + i);
	assert_eq_u64(hyp_partitions_with(SPMC_ENDED), (UINT64_C(1) << c->want) - 1);
	assert_eq_u64(hyp_partitions_with(SPMC_BOTH), 0);
	fake_finish();
}

TEST(hyp_partitions, each_once_with_all_its_properties)
{
	spmc_reset();
	spmc_add(A, 0x1);
	spmc_add(B, SPMC_ENDED);
	spmc_add(A, SPMC_CREATED);
	spmc_add(0x7fff, SPMC_BOTH);
	spmc_add(0, SPMC_BOTH);
	spmc_boot(true);
	assert_eq_int(hyp_partition_count(), 2);
	assert_eq_u64(hyp_partitions_with(SPMC_CREATED | 1), 1);
	fake_vm(1);
	assert_str(spmc_calls(), "C8001 + G");
	fake_finish();
}

TEST(hyp_partitions, as_many_as_there_is_room_for)
{
	spmc_reset();
	for (uint16_t i = 0; i < HYP_MAX_PARTITIONS; i++)
		spmc_add((uint16_t)(A + i), SPMC_CREATED);
	spmc_boot(true);
	assert_eq_int(hyp_partition_count(), 64);
	assert_eq_u64(hyp_partitions_with(SPMC_CREATED), UINT64_MAX);
	fake_vm(1);
	assert_eq_int(fake.smc_count, 64 + 2);
	fake_finish();

	spmc_reset();
	for (uint16_t i = 0; i <= HYP_MAX_PARTITIONS; i++)
		spmc_add((uint16_t)(A + i), SPMC_CREATED);
	spmc_boot(true);
	assert_eq_int(hyp_partition_count(), 0);
	assert_false(hyp_firmware_has(FFA_NOTIFICATION_GET_32));
	fake_finish();
}

struct absent_case {
	const char *name;
	uint32_t fid;
};

static const struct absent_case absent_cases[] = {
        {"RXTX_MAP", FFA_RXTX_MAP_64},
        {"PARTITION_INFO_GET", FFA_PARTITION_INFO_GET_32},
        {"RX_RELEASE", FFA_RX_RELEASE_32},
};

/* An SPMC that cannot list SPs costs the events, and nothing else. */
TEST_EACH(hyp_partitions, missing_call_costs_the_events, absent_cases)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	spmc.except = &c->fid;
	spmc.except_count = 1;
	spmc_boot(false);
	assert_eq_int(count_calls(FFA_RXTX_MAP_64), 0);
	fake_vm_at(1, FFA_VERSION_1_2);
	assert_status(fake_bind(1, A, 1), FFA_OK);
	assert_str(spmc_calls(), "+ G 7f");
	fake_finish();
}

TEST(hyp_partitions, pages_that_are_not_given_back_are_not_freed)
{
	spmc_reset();
	spmc_boot(true);
	spmc_fail(FFA_RXTX_UNMAP_32, FFA_DENIED);
	hyp_shutdown();
	assert_true(fake.page_used[0] && fake.page_used[1]);
	assert_eq_int(fake.warnings, 1);
}

/* Creation */

static enum ffa_status create(uint16_t id)
{
	struct hyp_vm *vm = NULL;
	enum ffa_status status = hyp_vm_create(&fake.handles[id], ffa_make_id(id), 2, &vm);

	fake.handles[id].number = id;
	if (status == FFA_OK)
		fake.vms[id] = vm;
	else
		assert_null(vm);
	return status;
}

TEST(hyp_created, registers)
{
	spmc_reset();
	spmc_add(A, SPMC_CREATED);
	spmc_add(B, SPMC_ENDED);
	spmc_boot(true);
	fake_vm(3);
	spmc_expect_call(0, 0x8400006f, 0x00008001, 0x80000004, 0, 0, 3);
	spmc_expect_call(1, 0x8400007d, 3, FAKE_VCPUS, 0, 0, 0);
	/* what the SPMC may have left in the bitmap is fetched: of SPs and the framework */
	spmc_expect_call(2, 0x84000082, 3, 0x5, 0, 0, 0);
	assert_eq_int(fake.smc_count, 3);

	spmc_forget_calls();
	fake_destroy(3);
	spmc_expect_call(0, 0x8400007e, 3, 0, 0, 0, 0);
	spmc_expect_call(1, 0x8400006f, 0x00008002, 0x80000006, 0, 0, 3);
	assert_eq_int(fake.smc_count, 2);
	fake_finish();
}

TEST(hyp_created, in_the_order_of_the_list)
{
	spmc_reset();
	spmc_add(C, SPMC_BOTH);
	spmc_add(B, 0);
	spmc_add(A, SPMC_BOTH);
	spmc_boot(true);
	fake_vm(1);
	assert_str(spmc_calls(), "C8003 C8001 + G");
	spmc_forget_calls();
	fake_destroy(1);
	assert_str(spmc_calls(), "- D8003 D8001");
	fake_finish();
}

TEST(hyp_created, nobody_without_direct_requests)
{
	static const uint32_t direct = FFA_MSG_SEND_DIRECT_REQ_32;

	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	spmc.except = &direct;
	spmc.except_count = 1;
	spmc_boot(true);
	fake_vm(1);
	fake_destroy(1);
	assert_str(spmc_calls(), "+ G -");
	fake_finish();
}

struct undo_case {
	const char *name;
	uint32_t a; /* properties; B refuses, and would also hear of the end */
	uint32_t c;
	const char *calls;
};

static const struct undo_case undo_cases[] = {
        {"accepted and subscribed", SPMC_BOTH, SPMC_BOTH, "C8001 C8002 D8001"},
        {"accepted only", SPMC_CREATED, SPMC_BOTH, "C8001 C8002"},
        {"subscribed to the end only", SPMC_ENDED, SPMC_ENDED, "C8002"},
        {"nobody", 0, 0, "C8002"},
};

TEST_EACH(hyp_created, refusal_tells_who_accepted, undo_cases)
{
	spmc_reset();
	spmc_add(A, c->a);
	spmc_add(B, SPMC_BOTH);
	spmc_says(SPMC_STATUS, FFA_DENIED, 1);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	spmc_add(C, c->c);
	spmc_boot(true);
	assert_status(create(1), FFA_DENIED);
	assert_str(spmc_calls(), c->calls);
	assert_eq_int(fake.allocations, 0);
	assert_eq_int(fake.locks, 1);
	assert_eq_int(fake.release_count, 0);
	assert_eq_u64(fake.timers[0], 0);
	assert_status(create(1), FFA_OK);
	fake_finish();
}

struct code_case {
	const char *name;
	int says;
	int want;
};

static const struct code_case code_cases[] = {
        {"INVALID_PARAMETERS", -2, -2},
        {"DENIED", -6, -6},
        {"ABORTED", -8, -8},
        {"a code of later times", -77, -77},
        {"lowest", INT32_MIN, INT32_MIN},
        {"1 is no code", 1, -2},
        {"highest is no code", INT32_MAX, -2},
};

TEST_EACH(hyp_created, keeps_the_code, code_cases)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	spmc_says(SPMC_STATUS, c->says, 1);
	spmc_boot(true);
	assert_eq_int(create(1), c->want);
	assert_str(spmc_calls(), "C8001");
	fake_finish();
}

struct repeat_case {
	const char *name;
	struct spmc_step script[SPMC_STEPS];
	int want;
	const char *calls;
	size_t windows;
};

#define SAYS(what, code, n)                                         \
	{                                                           \
		.says = SPMC_##what, .status = (code), .times = (n) \
	}

static const struct repeat_case repeat_cases[] = {
        {"RETRY 3", {SAYS(STATUS, -7, 3), SAYS(STATUS, 0, 1)}, 0, "C8001*4 + G", 0},
        {"RETRY 10", {SAYS(STATUS, -7, 10), SAYS(STATUS, 0, 1)}, 0, "C8001*11 + G", 0},
        {"RETRY 11", {SAYS(STATUS, -7, 11), SAYS(STATUS, 0, 1)}, -7, "C8001*11", 0},
        {"INTERRUPTED 1", {SAYS(STATUS, -5, 1), SAYS(STATUS, 0, 1)}, 0, "C8001*2 + G", 0},
        {"INTERRUPTED for ever", {SAYS(STATUS, -5, 1)}, -5, "C8001*11", 0},
        {"RETRY and DENIED", {SAYS(STATUS, -7, 2), SAYS(STATUS, -6, 1)}, -6, "C8001*3", 0},
        {"FFA_INTERRUPT", {SAYS(INTERRUPT, 0, 1), SAYS(STATUS, 0, 1)}, 0, "C8001 R8001 + G", 1},
        {"FFA_YIELD", {SAYS(YIELD, 0, 2), SAYS(STATUS, 0, 1)}, 0, "C8001 R8001*2 + G", 2},
        {"late", {SAYS(INTERRUPT, 0, 10), SAYS(STATUS, 0, 1)}, 0, "C8001 R8001*10 + G", 10},
        {"never", {SAYS(INTERRUPT, 0, 1)}, -5, "C8001 R8001*10", 11},
        {"late refusal", {SAYS(YIELD, 0, 1), SAYS(STATUS, -6, 1)}, -6, "C8001 R8001", 1},
        {"one bound for both",
         {SAYS(STATUS, -7, 5), SAYS(INTERRUPT, 0, 1)},
         -5,
         "C8001*6 R8001*5",
         6},
        {"RETRY after FFA_INTERRUPT",
         {SAYS(INTERRUPT, 0, 1), SAYS(STATUS, -7, 1), SAYS(STATUS, 0, 1)},
         0,
         "C8001 R8001 C8001 + G",
         1},
};

TEST_EACH(hyp_created, repeats_within_a_bound, repeat_cases)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	for (size_t i = 0; i < SPMC_STEPS && (i == 0 || c->script[i].times != 0); i++)
		spmc.sps[0].script[spmc.sps[0].steps++] = c->script[i];
	spmc_boot(true);
	assert_eq_int(create(1), c->want);
	assert_str(spmc_calls(), c->calls);
	assert_eq_int(fake.windows, c->windows);
	/* whatever else it may have to say, the end it accepts */
	spmc.sps[0].steps = 0;
	fake_finish();
}

TEST(hyp_created, resumes_what_the_answer_names)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	spmc_says(SPMC_INTERRUPT, 0, 1);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	spmc_boot(true);
	assert_status(create(1), FFA_OK);
	spmc_expect_call(1, 0x8400006d, 0x80010003, 0, 0, 0, 0);
	fake_finish();
}

static void sri_comes(void)
{
	hyp_interrupt(SPMC_SRI);
}

TEST(hyp_created, lets_interrupts_in_meanwhile)
{
	spmc_reset();
	spmc_add(A, SPMC_CREATED);
	spmc_says(SPMC_INTERRUPT, 0, 1);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	spmc_boot(true);
	fake.window = sri_comes;
	assert_status(create(1), FFA_OK);
	assert_eq_int(fake.defers, 1);
	fake_finish();
}

struct answer_case {
	const char *name;
	uint64_t x0;
	uint64_t x1;
	uint64_t x2;
	uint64_t x3;
	int want;
};

#define RESP 0x84000070
#define JUNK UINT64_C(0xdead000000000000)

/* Of the SP 8001 to VM_CREATED. */
static const struct answer_case answer_cases[] = {
        {"right", RESP, 0x80010000, 0x80000005, 0, 0},
        {"right below junk", JUNK | RESP, JUNK | 0x80010000, JUNK | 0x80000005, JUNK, 0},
        {"64-bit response", 0xc4000070, 0x80010000, 0x80000005, 0, -2},
        {"response of 1.2", 0xc400008e, 0x80010000, 0x80000005, 0, -2},
        {"another SP", RESP, 0x80020000, 0x80000005, 0, -2},
        {"another receiver", RESP, 0x80010001, 0x80000005, 0, -2},
        {"halves swapped", RESP, 0x00008001, 0x80000005, 0, -2},
        {"the request", RESP, 0x80010000, 0x80000004, 0, -2},
        {"of the other event", RESP, 0x80010000, 0x80000007, 0, -2},
        {"no framework message", RESP, 0x80010000, 0x00000005, 0, -2},
        {"reserved bit", RESP, 0x80010000, 0x80000105, 0, -2},
        {"wrong, and asks for more", RESP, 0x80010000, 0x80000004, 0xfffffff9, -2},
        {"success", 0x84000061, 0x80010000, 0x80000005, 0, -2},
        {"unknown function", 0xffffffff, 0, 0, 0, -2},
        {"waits", 0x8400006b, 0, 0, 0, -2},
        {"DENIED by the SPMC", 0x84000060, 0, 0xfffffffa, 0, -6},
        {"BUSY by the SPMC", 0x84000060, 0, 0xfffffffc, 0, -4},
        {"RETRY by the SPMC", 0x84000060, 0, 0xfffffff9, 0, -2},
        {"INTERRUPTED by the SPMC", 0x84000060, 0, 0xfffffffb, 0, -2},
        {"error 0 by the SPMC", 0x84000060, 0, 0, 0, -1},
        {"positive error by the SPMC", 0x84000060, 0, 5, 0, -1},
        {"FFA_INTERRUPT of a VM", 0x84000062, 0x00010000, 0, 0, -2},
        {"FFA_YIELD of nobody", 0x8400006c, 0, 0, 0, -2},
};

TEST_EACH(hyp_created, believes_only_an_answer, answer_cases)
{
	spmc_reset();
	spmc_add(A, SPMC_CREATED);
	spmc_says(SPMC_RAW, 0, 1);
	spmc.sps[0].script[0].raw = (struct ffa_regs){{c->x0, c->x1, c->x2, c->x3}};
	spmc_boot(true);
	assert_eq_int(create(1), c->want);
	assert_str(spmc_calls(), c->want == 0          ? "C8001 + G"
	                         : c->want == FFA_BUSY ? "C8001*11"
	                                               : "C8001");
	fake_finish();
}

TEST(hyp_created, undone_without_a_bitmap)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	spmc_add(B, SPMC_CREATED);
	spmc_add(C, SPMC_ENDED);
	spmc_boot(true);
	spmc_fail(FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_NO_MEMORY);
	assert_status(create(1), FFA_NO_MEMORY);
	assert_str(spmc_calls(), "C8001 C8002 + D8001");
	assert_eq_int(fake.allocations, 0);
	spmc.answer_to = 0;
	assert_status(create(1), FFA_OK);
	fake_finish();
}

TEST(hyp_created, nobody_is_asked_for_what_cannot_be)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	spmc_boot(true);
	fake.no_memory = true;
	assert_status(create(1), FFA_NO_MEMORY);
	assert_status(create(0), FFA_INVALID_PARAMETERS);
	fake.no_memory = false;
	fake_vm(1);
	spmc_forget_calls();
	assert_status(create(2), FFA_OK);
	assert_eq_int(fake.smc_count, 3);
	fake_finish();
}

static void others_look_at_vm1(void)
{
	struct hyp_vm *vm = NULL;

	assert_status(hyp_vm_create(&fake.handles[1], ffa_make_id(1), 1, &vm),
	              FFA_INVALID_PARAMETERS);
	assert_null(hyp_vm_get(ffa_make_id(1)));
	assert_status(fake_set(2, 1, 1), FFA_INVALID_PARAMETERS);
}

TEST(hyp_created, nobody_sees_the_vm_before_it_is_accepted)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	spmc_boot(true);
	fake_vm_at(2, FFA_VERSION_1_2);
	spmc.hook_on = FFA_MSG_SEND_DIRECT_REQ_32;
	spmc.hook = others_look_at_vm1;
	assert_status(create(1), FFA_OK);
	spmc.hook_on = FFA_NOTIFICATION_BITMAP_DESTROY_32;
	spmc.hook = others_look_at_vm1;
	fake_destroy(1);
	assert_true(!spmc.hook);
	fake_finish();
}

/* The end */

static void start_one(void)
{
	spmc_boot(true);
	fake_vm(1);
	spmc_forget_calls();
}

static struct hyp_vm *take_vm1(void)
{
	struct hyp_vm *vm = fake.vms[1];

	fake.vms[1] = NULL;
	return vm;
}

/* SP A accepts the VM and then says something else. */
static void add_accepting(uint16_t id)
{
	spmc_add(id, SPMC_BOTH);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
}

TEST(hyp_ended, other_errors_are_reported_and_done)
{
	spmc_reset();
	add_accepting(A);
	spmc_says(SPMC_STATUS, FFA_DENIED, 1);
	add_accepting(B);
	spmc_says(SPMC_RAW, 0, 1);
	spmc_add(C, SPMC_BOTH);
	start_one();
	assert_true(hyp_vm_destroy(take_vm1()));
	assert_str(spmc_calls(), "- D8001 D8002 D8003");
	assert_eq_int(fake.warnings, 2);
	assert_eq_u64(fake.timers[0], 0);
	fake_finish();
}

TEST(hyp_ended, retry_for_ever_is_given_up)
{
	spmc_reset();
	add_accepting(A);
	spmc_says(SPMC_STATUS, FFA_RETRY, 1);
	spmc_add(B, SPMC_BOTH);
	start_one();
	assert_false(hyp_vm_destroy(take_vm1()));
	assert_str(spmc_calls(), "- D8001*11 D8002");

	for (unsigned int round = 1; round <= HYP_DESTROY_ROUNDS; round++) {
		assert_eq_u64(fake.timers[0], SECOND);
		assert_eq_int(fake.release_count, 0);
		assert_status(create(1), FFA_INVALID_PARAMETERS);
		spmc_forget_calls();
		fake.warnings = 0;
		fake_timer(0);
		assert_str(spmc_calls(), "D8001*11");
	}
	assert_eq_u64(fake.timers[0], 0);
	assert_eq_int(fake.release_count, 1);
	assert_eq_int(fake.released[0], 1);
	assert_eq_int(fake.warnings, 1);
	assert_eq_int(fake.allocations, 0);
	spmc.sps[0].steps = 0;
	fake_vm(1);
	fake_finish();
}

static void vm1_is_made_again(struct platform_vm *vm)
{
	assert_eq_int(vm->number, 1);
	assert_status(create(1), FFA_OK);
}

TEST(hyp_ended, id_is_free_when_the_vm_is_released)
{
	spmc_reset();
	add_accepting(A);
	spmc_says(SPMC_STATUS, FFA_INTERRUPTED, 11);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	start_one();
	assert_false(hyp_vm_destroy(take_vm1()));
	assert_eq_int(fake.allocations, 1);
	spmc_forget_calls();
	fake.on_release = vm1_is_made_again;
	fake_timer(0);
	assert_str(spmc_calls(), "D8001 C8001 + G");
	fake_finish();
}

TEST(hyp_ended, goes_on_with_an_sp_that_is_preempted)
{
	spmc_reset();
	add_accepting(A);
	spmc_says(SPMC_INTERRUPT, 0, 13);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	start_one();
	assert_false(hyp_vm_destroy(take_vm1()));
	assert_str(spmc_calls(), "- D8001 R8001*10");
	spmc_forget_calls();
	fake_timer(0);
	assert_str(spmc_calls(), "R8001*3");
	assert_eq_int(fake.release_count, 1);
	assert_eq_int(fake.windows, 13);
	fake_finish();
}

TEST(hyp_ended, busy_is_put_off_at_once)
{
	spmc_reset();
	add_accepting(A);
	spmc_says(SPMC_RAW, 0, 1);
	spmc.sps[0].script[1].raw = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_BUSY}};
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	start_one();
	assert_false(hyp_vm_destroy(take_vm1()));
	assert_str(spmc_calls(), "- D8001");
	assert_eq_u64(fake.timers[0], SECOND);
	fake_timer(0);
	assert_eq_int(fake.release_count, 1);
	fake_finish();
}

TEST(hyp_ended, each_vm_has_its_own_time)
{
	spmc_reset();
	spmc_add(A, SPMC_ENDED);
	spmc_says(SPMC_STATUS, FFA_RETRY, 33);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	start_one();
	fake_vm(2);
	assert_false(hyp_vm_destroy(take_vm1()));
	assert_false(hyp_vm_destroy(fake.vms[2]));
	fake.vms[2] = NULL;
	assert_true(fake.timers[0] == SECOND && fake.timers[1] == SECOND);
	spmc_forget_calls();
	fake_timer(1);
	assert_eq_u64(fake.timers[1], SECOND);
	spmc_expect_call(0, 0x8400006f, A, 0x80000006, 0, 0, 2);
	spmc_forget_calls();
	fake_timer(0);
	spmc_expect_call(0, 0x8400006f, A, 0x80000006, 0, 0, 1);
	assert_eq_int(fake.released[0], 1);
	fake_timer(1);
	assert_eq_int(fake.released[1], 2);
	fake_finish();
}

/* A creation that failed: the SP that accepted is owed the news, the caller nothing. */
TEST(hyp_ended, undo_can_be_put_off)
{
	spmc_reset();
	add_accepting(A);
	spmc_says(SPMC_STATUS, FFA_RETRY, 11);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	spmc_add(B, SPMC_BOTH);
	spmc_says(SPMC_STATUS, FFA_DENIED, 1);
	spmc_says(SPMC_STATUS, FFA_OK, 1);
	spmc_boot(true);
	assert_status(create(1), FFA_DENIED);
	assert_str(spmc_calls(), "C8001 C8002 D8001*11");
	assert_status(create(1), FFA_INVALID_PARAMETERS);
	spmc_forget_calls();
	fake_timer(0);
	assert_str(spmc_calls(), "D8001");
	assert_eq_int(fake.release_count, 0);
	assert_eq_int(fake.allocations, 0);
	assert_status(create(1), FFA_OK);
	fake_finish();
}

TEST(hyp_ended, shutdown_gives_up)
{
	spmc_reset();
	add_accepting(A);
	spmc_says(SPMC_STATUS, FFA_RETRY, 1);
	start_one();
	assert_false(hyp_vm_destroy(take_vm1()));
	spmc_forget_calls();
	fake_finish();
	assert_str(spmc_calls(), "67");
	assert_eq_int(fake.release_count, 1);
	assert_eq_int(fake.warnings, 1);
}

TEST(hyp_ended, timers_of_nobody_do_nothing)
{
	spmc_reset();
	spmc_add(A, SPMC_BOTH);
	start_one();
	hyp_timer(0);
	hyp_timer(HYP_MAX_VMS);
	hyp_timer(UINT32_MAX);
	assert_str(spmc_calls(), "");
	fake_finish();
}
