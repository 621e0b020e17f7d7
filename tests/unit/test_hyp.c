/* SPDX-License-Identifier: MIT */
/* The hypervisor mediator: start-up, VMs, versions, features and the shape of answers. */
#include "tests/unit/test_hyp_fake.h"

#define NOT_SUPPORTED_WORD 0xffffffffu

/* Start-up with the SPMC */

struct firmware_case {
	const char *name;
	uint64_t answer;
	bool usable;
};

static const struct firmware_case firmware_cases[] = {
        {"no firmware, 32 bits", 0xffffffff, false},
        {"no firmware, sign-extended", UINT64_MAX, false},
        {"bit 31 set", 0x80010002, false},
        {"1.0 is too old", 0x10000, false},
        {"0.9 is another major", 0x00009, false},
        {"2.0 is another major", 0x20000, false},
        {"1.1", 0x10001, true},
        {"1.2", 0x10002, true},
        {"1.3 is newer than ours", 0x10003, true},
};

TEST_EACH(hyp_boot, firmware_version, firmware_cases)
{
	struct hyp_config config = {.vm_to_vm = false};

	fake_reset();
	fake.smc_version = c->answer;
	assert_status(hyp_boot(&config), c->usable ? FFA_OK : FFA_NOT_SUPPORTED);
	if (c->usable)
		fake_finish();
	assert_eq_int(fake.locks, 0);

	fake_reset();
	fake.smc_version = c->answer;
	config.vm_to_vm = true;
	assert_status(hyp_boot(&config), FFA_OK);
	fake_finish();
}

TEST(hyp_boot, uses_lower_version)
{
	fake_reset();
	fake.smc_version = 0x10001;
	assert_eq_u64(hyp_firmware_probe(), 0x10001);
	fake.smc_version = 0x10003;
	assert_eq_u64(hyp_firmware_probe(), 0x10002);
	hyp_firmware_forget();
}

TEST(hyp_boot, asks_version_then_id_then_features)
{
	fake_start(true);
	assert_eq_u64(fake.smc_log[0].x[0], 0x84000063);
	assert_eq_u64(fake.smc_log[0].x[1], 0x10002);
	assert_eq_u64(fake.smc_log[1].x[0], 0x84000069);
	assert_true(fake.smc_count > 2);
	for (size_t i = 2; i < fake.smc_count; i++)
		assert_eq_u64(fake.smc_log[i].x[0], 0x84000064);
	for (size_t i = 0; i < fake.smc_count; i++) {
		for (size_t reg = 2; reg < FFA_REG_COUNT; reg++)
			assert_eq_u64(fake.smc_log[i].x[reg], 0);
	}
	fake_finish();
}

TEST(hyp_boot, asks_nothing_more_without_firmware)
{
	fake_reset();
	fake.smc_version = NOT_SUPPORTED_WORD;
	assert_eq_u64(hyp_firmware_probe(), 0);
	assert_eq_int(fake.smc_count, 1);
}

TEST(hyp_boot, refuses_spmc_that_takes_it_for_another)
{
	struct hyp_config config = {.vm_to_vm = false};

	fake_reset();
	fake.smc_id = 1;
	assert_status(hyp_boot(&config), FFA_NOT_SUPPORTED);
	fake_reset();
	fake.smc_id_status = FFA_NOT_SUPPORTED;
	assert_status(hyp_boot(&config), FFA_NOT_SUPPORTED);
	fake_reset();
	fake.smc_id_unknown = true;
	assert_status(hyp_boot(&config), FFA_NOT_SUPPORTED);
}

TEST(hyp_boot, records_each_width_of_a_function)
{
	static const uint32_t functions[] = {0xc4000083, 0x8400006f, 0x84000073, 0x84000080};

	fake_reset();
	fake.smc_functions = functions;
	fake.smc_function_count = 4;
	assert_eq_u64(hyp_firmware_probe(), 0x10002);
	assert_true(hyp_firmware_has(0xc4000083));
	assert_true(hyp_firmware_has(0x8400006f));
	assert_true(hyp_firmware_has(0x84000073));
	assert_false(hyp_firmware_has(0xc400006f));
	assert_false(hyp_firmware_has(0x84000083));
	assert_false(hyp_firmware_has(0xc4000073));
	assert_false(hyp_firmware_has(0x8400005f));
	assert_false(hyp_firmware_has(0x84000098));
	assert_false(hyp_firmware_has(0x840000c0));

	fake.smc_version = NOT_SUPPORTED_WORD;
	assert_eq_u64(hyp_firmware_probe(), 0);
	assert_false(hyp_firmware_has(0xc4000083));
}

/* Life and death of VMs */

static enum ffa_status create(uint16_t id, uint16_t vcpus, struct hyp_vm **ret_vm)
{
	return hyp_vm_create(&fake.handles[0], ffa_make_id(id), vcpus, ret_vm);
}

TEST(hyp_vm, create_checks)
{
	struct hyp_vm *vm = NULL;

	fake_start(true);
	assert_status(create(0, 1, &vm), FFA_INVALID_PARAMETERS);
	assert_status(create(0x8000, 1, &vm), FFA_INVALID_PARAMETERS);
	assert_status(create(0xffff, 1, &vm), FFA_INVALID_PARAMETERS);
	assert_status(create(1, 0, &vm), FFA_INVALID_PARAMETERS);
	assert_status(create(1, 65, &vm), FFA_INVALID_PARAMETERS);
	assert_null(vm);
	fake_vm(1);
	assert_status(create(1, 1, &vm), FFA_INVALID_PARAMETERS);
	assert_null(vm);
	assert_eq_int(fake.allocations, 1);
	assert_eq_int(fake.locks, 3);

	assert_status(create(0x7fff, 64, &vm), FFA_OK);
	hyp_vm_destroy(vm);
	fake_finish();
}

TEST(hyp_vm, no_memory_changes_nothing)
{
	struct hyp_vm *vm = NULL;

	fake_start(true);
	fake.no_memory = true;
	assert_status(create(1, 1, &vm), FFA_NO_MEMORY);
	assert_null(vm);
	assert_eq_int(fake.locks, 1);
	fake.no_memory = false;
	fake_vm(1);
	fake_finish();
}

TEST(hyp_vm, table_full)
{
	struct hyp_vm *vm = NULL;

	fake_start(true);
	for (uint16_t id = 1; id <= HYP_MAX_VMS; id++)
		fake_vm(id);
	assert_status(create(0x100, 1, &vm), FFA_NO_MEMORY);
	assert_status(create(1, 1, &vm), FFA_INVALID_PARAMETERS);
	assert_status(create(0, 1, &vm), FFA_INVALID_PARAMETERS);
	assert_null(vm);
	assert_eq_int(fake.allocations, HYP_MAX_VMS);
	fake_destroy(5);
	fake_vm(5);
	fake_finish();
}

static void create_vm2_again(void)
{
	struct hyp_vm *vm = NULL;

	assert_status(create(2, 1, &vm), FFA_INVALID_PARAMETERS);
}

TEST(hyp_vm, id_is_taken_while_it_is_created)
{
	fake_start(true);
	fake_hook("alloc", 0, create_vm2_again);
	fake_vm(2);
	assert_true(!fake.hook);
	assert_eq_int(fake.allocations, 1);
	fake_finish();
}

TEST(hyp_vm, id_is_taken_until_destroy_returns)
{
	fake_start(true);
	fake_vm(1);
	fake_vm(2);
	fake_hook("notif", 1, create_vm2_again);
	fake_destroy(2);
	assert_true(!fake.hook);
	fake_vm(2);
	fake_finish();
}

static void destroy_vm1(void)
{
	fake_destroy(1);
}

/* vm1 ends while the destruction of vm2 is telling it: it is freed by whoever looked last. */
TEST(hyp_vm, destroys_overlap)
{
	fake_start(true);
	fake_vm(1);
	fake_vm(2);
	fake_hook("notif", 1, destroy_vm1);
	fake_destroy(2);
	assert_eq_int(fake.allocations, 0);
	assert_eq_int(fake.locks, 1);
	fake_finish();
}

TEST(hyp_vm, shutdown_forgets_all)
{
	fake_start(true);
	fake_finish();
	fake_start(false);
	fake_vm_at(1, FFA_VERSION_1_2);
	assert_status(fake_bind(1, 2, 1), FFA_NOT_SUPPORTED);
	fake_finish();
}

/* FFA_VERSION */

static uint64_t ask_version(uint16_t id, uint32_t wanted)
{
	struct ffa_regs answer = fake_call(id, FFA_VERSION_32, wanted, 0, 0, 0);

	for (size_t i = 1; i < 8; i++)
		assert_eq_u64(answer.x[i], 0);
	return answer.x[0];
}

static enum ffa_status ask_id(uint16_t id)
{
	struct ffa_regs answer = fake_call(id, FFA_ID_GET_32, 0, 0, 0, 0);
	enum ffa_status status = fake_status(&answer);

	if (status == FFA_OK)
		assert_eq_u64(answer.x[2], id);
	return status;
}

struct version_case {
	const char *name;
	uint32_t wanted;
	uint32_t answer;
	uint32_t negotiated; /* 0: nothing */
};

static const struct version_case version_cases[] = {
        {"1.0", 0x10000, 0x10002, 0x10000},
        {"1.1", 0x10001, 0x10002, 0x10001},
        {"1.2", 0x10002, 0x10002, 0x10002},
        {"1.3 becomes ours", 0x10003, 0x10002, 0x10002},
        {"highest minor becomes ours", 0x1ffff, 0x10002, 0x10002},
        {"0.1", 0x00001, 0xffffffff, 0},
        {"2.0", 0x20000, 0xffffffff, 0},
        {"highest major", 0x7fff0002, 0xffffffff, 0},
        {"bit 31", 0x80010002, 0xffffffff, 0},
        {"all ones", 0xffffffff, 0xffffffff, 0},
        {"zero", 0, 0xffffffff, 0},
};

TEST_EACH(hyp_version, negotiates, version_cases)
{
	struct hyp_vm *vm;

	fake_start(true);
	vm = fake_vm(1);
	assert_eq_u64(ask_version(1, c->wanted), c->answer);
	assert_eq_u64(hyp_version_published(vm), 0);
	assert_status(ask_id(1), c->negotiated ? FFA_OK : FFA_NOT_SUPPORTED);
	assert_eq_u64(hyp_version_published(vm), c->negotiated);
	fake_finish();
}

TEST(hyp_version, nothing_works_before_it_and_nothing_freezes)
{
	static const uint32_t functions[] = {0x84000060, 0x84000061, 0x84000064, 0x84000069,
	                                     0x8400007f, 0x84000080, 0x84000081, 0x84000082,
	                                     0x84000083, 0xc4000083, 0x84000099, 0x840000ff};

	fake_start(true);
	fake_vm(1);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		struct ffa_regs answer = fake_call(1, functions[i], 1, 0, 0, 0);

		assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	}
	assert_eq_u64(ask_version(1, 0x10000), 0x10002);
	assert_eq_u64(ask_version(1, 0x10001), 0x10002);
	assert_status(ask_id(1), FFA_OK);
	assert_eq_u64(hyp_version_published(fake.vms[1]), 0x10001);
	fake_finish();
}

TEST(hyp_version, refusal_keeps_earlier_offer)
{
	fake_start(true);
	fake_vm(1);
	assert_eq_u64(ask_version(1, 0x10001), 0x10002);
	assert_eq_u64(ask_version(1, 0x20000), NOT_SUPPORTED_WORD);
	assert_eq_u64(ask_version(1, 0x80010002), NOT_SUPPORTED_WORD);
	assert_status(ask_id(1), FFA_OK);
	assert_eq_u64(hyp_version_published(fake.vms[1]), 0x10001);
	fake_finish();
}

TEST(hyp_version, frozen_by_any_other_call)
{
	struct ffa_regs answer;

	fake_start(true);
	fake_vm(1);
	ask_version(1, 0x10001);
	answer = fake_call(1, 0x84000099, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	assert_eq_u64(ask_version(1, 0x10002), NOT_SUPPORTED_WORD);
	assert_eq_u64(ask_version(1, 0x10000), NOT_SUPPORTED_WORD);
	assert_eq_u64(ask_version(1, 0x20000), NOT_SUPPORTED_WORD);
	assert_eq_u64(ask_version(1, 0x10001), 0x10002);
	assert_status(ask_id(1), FFA_OK);
	assert_eq_u64(hyp_version_published(fake.vms[1]), 0x10001);
	fake_finish();
}

TEST(hyp_version, same_newer_minor_after_freeze)
{
	fake_start(true);
	fake_vm(1);
	ask_version(1, 0x10003);
	assert_status(ask_id(1), FFA_OK);
	assert_eq_u64(ask_version(1, 0x10003), 0x10002);
	assert_eq_u64(ask_version(1, 0x10002), 0x10002);
	assert_eq_u64(ask_version(1, 0x10001), NOT_SUPPORTED_WORD);
	fake_finish();
}

TEST(hyp_version, each_vm_has_its_own)
{
	fake_start(true);
	fake_vm_at(1, FFA_VERSION_1_0);
	fake_vm_at(2, FFA_VERSION_1_2);
	assert_eq_u64(hyp_version_published(fake.vms[1]), FFA_VERSION_1_0);
	assert_eq_u64(hyp_version_published(fake.vms[2]), FFA_VERSION_1_2);
	fake_finish();
}

static void sibling_offers_1_0(void)
{
	ask_version(1, 0x10000);
}

static void sibling_freezes(void)
{
	assert_status(ask_id(1), FFA_OK);
}

/* Two vCPUs: what is published is what was negotiated when the lock was taken. */
TEST(hyp_version, offer_races_freeze)
{
	fake_start(true);
	fake_vm(1);
	ask_version(1, 0x10002);
	fake_hook("version", 1, sibling_offers_1_0);
	assert_status(ask_id(1), FFA_OK);
	assert_eq_u64(hyp_version_published(fake.vms[1]), 0x10000);
	fake_finish();
}

TEST(hyp_version, freeze_races_offer)
{
	fake_start(true);
	fake_vm(1);
	ask_version(1, 0x10002);
	fake_hook("version", 1, sibling_freezes);
	assert_eq_u64(ask_version(1, 0x10001), NOT_SUPPORTED_WORD);
	assert_eq_u64(hyp_version_published(fake.vms[1]), 0x10002);
	fake_finish();
}

/* FFA_FEATURES */

struct feature_case {
	const char *name;
	uint32_t query;
	bool without_vms; /* offered with VM-to-VM off */
	bool with_vms;    /* ... and on */
	bool at_1_0;      /* ... and on, for a VM at 1.0 */
	uint32_t property;
};

static const struct feature_case feature_cases[] = {
        {"ERROR", 0x84000060, true, true, true, 0},
        {"SUCCESS_32", 0x84000061, true, true, true, 0},
        {"SUCCESS_64", 0xc4000061, true, true, true, 0},
        {"INTERRUPT", 0x84000062, false, false, false, 0},
        {"VERSION", 0x84000063, true, true, true, 0},
        {"VERSION_64 is no function", 0xc4000063, false, false, false, 0},
        {"FEATURES", 0x84000064, true, true, true, 0},
        {"RX_RELEASE", 0x84000065, false, false, false, 0},
        {"RXTX_MAP_64", 0xc4000066, false, false, false, 0},
        {"PARTITION_INFO_GET", 0x84000068, false, false, false, 0},
        {"ID_GET", 0x84000069, true, true, true, 0},
        {"DIRECT_REQ", 0x8400006f, false, false, false, 0},
        {"MEM_SHARE_64", 0xc4000073, false, false, false, 0},
        {"BITMAP_CREATE", 0x8400007d, false, false, false, 0},
        {"BITMAP_DESTROY", 0x8400007e, false, false, false, 0},
        {"BIND", 0x8400007f, false, true, false, 0},
        {"UNBIND", 0x84000080, false, true, false, 0},
        {"SET", 0x84000081, false, true, false, 0},
        {"GET", 0x84000082, false, true, false, 0},
        {"INFO_GET_32", 0x84000083, false, true, false, 0},
        {"INFO_GET_64", 0xc4000083, false, true, false, 0},
        {"SPM_ID_GET", 0x84000085, false, false, false, 0},
        {"SET2", 0xc4000096, false, false, false, 0},
        {"another service's id", 0x85000063, false, false, false, 0},
        {"NPI", 1, false, true, false, 8},
        {"SRI needs SPs", 2, false, false, false, 0},
        {"managed exit", 3, false, false, false, 0},
        {"feature 0", 0, false, false, false, 0},
        {"NPI with reserved bits", 0x101, false, false, false, 0},
        {"NPI with bit 30", 0x40000001, false, false, false, 0},
};

static void expect_feature(const struct feature_case *c, bool vm_to_vm, uint32_t version, bool want)
{
	struct ffa_regs answer;

	fake_start(vm_to_vm);
	fake_vm_at(1, version);
	answer = fake_call(1, FFA_FEATURES_32, c->query, 0x1234, 0x5678, 0);
	assert_status(fake_status(&answer), want ? FFA_OK : FFA_NOT_SUPPORTED);
	if (want) {
		assert_eq_u64(answer.x[0], FFA_SUCCESS_32);
		assert_eq_u64(answer.x[2], c->property);
		assert_eq_u64(answer.x[3], 0);
	}
	fake_finish();
}

TEST_EACH(hyp_features, says, feature_cases)
{
	expect_feature(c, false, FFA_VERSION_1_2, c->without_vms);
	expect_feature(c, true, FFA_VERSION_1_2, c->with_vms);
	expect_feature(c, true, FFA_VERSION_1_1, c->with_vms);
	expect_feature(c, true, FFA_VERSION_1_0, c->at_1_0);
}

/* Every function that it offers is answered, every other one is not: over all ids of the range. */
TEST(hyp_features, agrees_with_the_calls)
{
	fake_start(true);
	fake_vm_at(1, FFA_VERSION_1_2);
	for (uint32_t number = 0x60; number <= 0xff; number++) {
		for (uint32_t base = 0x84000000; base != 0x04000000; base += 0x40000000) {
			uint32_t fid = base + number;
			struct ffa_regs offer = fake_call(1, FFA_FEATURES_32, fid, 0, 0, 0);
			struct ffa_regs answer = fake_call(1, fid, 1, 0, 0, 0);
			bool offered = fake_status(&offer) == FFA_OK;

			if (number == 0x60 || number == 0x61 || fid == FFA_VERSION_32)
				continue;
			assert_true(offered == (fake_status(&answer) != FFA_NOT_SUPPORTED));
		}
	}
	fake_finish();
}

/* Answers */

TEST(hyp_answer, success_clears_unused_registers)
{
	struct ffa_regs answer;

	fake_start(true);
	fake_vm_at(1, FFA_VERSION_1_2);
	answer = fake_call(1, FFA_ID_GET_32, 7, 7, 7, 7);
	assert_eq_u64(answer.x[0], 0x84000061);
	assert_eq_u64(answer.x[2], 1);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], i == 2 ? 1 : 0);
	fake_finish();
}

TEST(hyp_answer, error_is_32_bits_wide)
{
	struct ffa_regs answer;

	fake_start(true);
	fake_vm_at(1, FFA_VERSION_1_2);
	answer = fake_call(1, 0xc400008b, 7, 7, 7, 7);
	assert_eq_u64(answer.x[0], 0x84000060);
	assert_eq_u64(answer.x[2], 0xffffffff);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], i == 2 ? 0xffffffff : 0);
	fake_finish();
}

static void expect_high_registers_kept(const struct ffa_regs *answer)
{
	for (size_t i = 8; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer->x[i], FAKE_POISON + i);
}

TEST(hyp_answer, high_registers_by_version)
{
	struct ffa_regs answer;

	fake_start(true);
	fake_vm(1);
	answer = fake_call(1, FFA_ID_GET_32, 0, 0, 0, 0);
	expect_high_registers_kept(&answer);
	answer = fake_call(1, FFA_VERSION_32, 0x10002, 0, 0, 0);
	expect_high_registers_kept(&answer);
	answer = fake_call(1, FFA_ID_GET_32, 0, 0, 0, 0);
	assert_eq_u64(answer.x[8], 0);
	assert_eq_u64(answer.x[17], 0);
	answer = fake_call(1, FFA_VERSION_32, 0x10002, 0, 0, 0);
	assert_eq_u64(answer.x[0], 0x10002);
	assert_eq_u64(answer.x[8], 0);
	assert_eq_u64(answer.x[17], 0);

	fake_vm_at(2, FFA_VERSION_1_1);
	answer = fake_call(2, FFA_ID_GET_32, 0, 0, 0, 0);
	expect_high_registers_kept(&answer);
	fake_finish();
}

struct unsupported_case {
	const char *name;
	uint32_t fid;
};

static const struct unsupported_case foreign_cases[] = {
        {"PSCI_VERSION", 0x84000000},
        {"PSCI CPU_ON of 64 bits", 0xc4000003},
        {"before the first", 0x8400005f},
        {"behind the last", 0x84000100},
        {"SMCCC_VERSION", 0x80000000},
        {"SMCCC_ARCH_WORKAROUND_1", 0x80008000},
        {"CPU service of 64 bits", 0xc1000063},
        {"SiP service", 0x82000063},
        {"OEM service of 64 bits", 0xc3000063},
        {"hypervisor service", 0x86000063},
        {"trusted OS", 0xb2000063},
        {"yielding call", 0x04000063},
        {"yielding call of 64 bits", 0x44000069},
        {"reserved bit 17", 0x84020063},
        {"nothing", 0},
};

static void expect_unknown(uint32_t fid)
{
	struct ffa_regs regs;

	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		regs.x[i] = FAKE_POISON + i;
	regs.x[0] = fid;
	hyp_guest_call(fake.vms[1], 0, &regs);
	assert_eq_u64(regs.x[0], UINT64_MAX);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(regs.x[i], FAKE_POISON + i);
}

/* SMCCC's unknown function: before a version, while it can still change, and when it is frozen. */
TEST_EACH(hyp_foreign, answers_unknown_and_changes_nothing, foreign_cases)
{
	struct ffa_regs answer;

	fake_start(true);
	fake_vm(1);
	expect_unknown(c->fid);
	fake_call(1, FFA_VERSION_32, FFA_VERSION_1_0, 0, 0, 0);
	expect_unknown(c->fid);
	answer = fake_call(1, FFA_VERSION_32, FFA_VERSION_1_2, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_VERSION_1_2);
	expect_unknown(c->fid);
	fake_call(1, FFA_ID_GET_32, 0, 0, 0, 0);
	expect_unknown(c->fid);
	fake_finish();
}

static const struct unsupported_case unsupported_cases[] = {
        {"ERROR", 0x84000060},
        {"SUCCESS_32", 0x84000061},
        {"SUCCESS_64", 0xc4000061},
        {"INTERRUPT", 0x84000062},
        {"VERSION_64", 0xc4000063},
        {"RXTX_MAP_64", 0xc4000066},
        {"MSG_WAIT", 0x8400006b},
        {"BITMAP_CREATE", 0x8400007d},
        {"BITMAP_DESTROY", 0x8400007e},
        {"SPM_ID_GET", 0x84000085},
        {"PARTITION_INFO_GET_REGS", 0xc400008b},
        {"SET2", 0xc4000096},
        {"BIND_64 is no function", 0xc400007f},
        {"unassigned", 0x84000091},
        {"past the range", 0x840000ff},
};

TEST_EACH(hyp_answer, not_supported, unsupported_cases)
{
	struct ffa_regs answer;

	fake_start(true);
	fake_vm_at(1, FFA_VERSION_1_2);
	answer = fake_call(1, c->fid, 1, 2, 1, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	fake_finish();
}
