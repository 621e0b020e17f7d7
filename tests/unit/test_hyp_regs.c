/* SPDX-License-Identifier: MIT */
/* SPs that are listed in registers: facts spmc.md section 1.3.9. */
#include "tests/test.h"
#include "tests/unit/test_hyp_spmc.h"

#define REGS FFA_PARTITION_INFO_GET_REGS_64

static const uint32_t page_calls[] = {FFA_RXTX_MAP_64, FFA_RXTX_UNMAP_32, FFA_RX_RELEASE_32,
                                      FFA_PARTITION_INFO_GET_32};

/* An SPMC without RX and TX, and so many SPs, each of which wants to know of every VM. */
static void registers_alone(uint32_t size, unsigned count)
{
	spmc_reset();
	for (unsigned i = 0; i < count; i++)
		spmc_add((uint16_t)(0x8001 + i), SPMC_CREATED);
	spmc.regs_size = size;
	spmc.except = page_calls;
	spmc.except_count = sizeof(page_calls) / sizeof(page_calls[0]);
}

static unsigned calls_of_regs(void)
{
	unsigned count = 0;

	for (size_t i = 0; i < fake.smc_count; i++)
		count += (uint32_t)fake.smc_log[i].x[0] == REGS;
	return count;
}

static const struct {
	const char *name;
	uint32_t size;
	unsigned count, calls;
} lists[] = {
        {"one", 24, 1, 1},
        {"as many as fit", 24, 5, 1},
        {"one more", 24, 6, 2},
        {"later descriptors", 48, 5, 3},
        {"one at a time", 120, 3, 3},
        {"all there is room for", 24, HYP_MAX_PARTITIONS, 13},
};

TEST_EACH(hyp_regs, lists_all, lists)
{
	registers_alone(c->size, c->count);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_eq_int(calls_of_regs(), c->calls);
	assert_eq_int(hyp_partition_count(), c->count);
	for (unsigned i = 0; i < c->count; i++)
		assert_eq_int(hyp_partition_id(i).v, 0x8001 + i);
	assert_eq_int(__builtin_popcountll(hyp_partitions_with(SPMC_CREATED)), (int)c->count);
	assert_false(fake.page_used[0] || fake.page_used[1]);
	fake_finish();
}

/* The tag of an answer comes with the next question. */
TEST(hyp_regs, passes_the_tag_on)
{
	size_t at = 0;

	registers_alone(24, 6);
	spmc.regs_tag = 0xabcd;
	assert_status(spmc_try_boot(true), FFA_OK);
	while ((uint32_t)fake.smc_log[at].x[0] != REGS)
		at++;
	assert_eq_u64(fake.smc_log[at].x[3], 0);
	assert_eq_u64(fake.smc_log[at + 1].x[3], 0xabcd0005);
	fake_finish();
}

TEST(hyp_regs, too_many)
{
	registers_alone(24, HYP_MAX_PARTITIONS + 1);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_false(hyp_firmware_has(REGS));
	assert_eq_int(hyp_partition_count(), 0);
	fake_finish();
}

#define X2(last, current, size) ((uint64_t)(size) << 48 | (uint64_t)(current) << 16 | (last))

/* Nothing of an SPMC is used whose list cannot be right, or fails. */
static const struct {
	const char *name;
	uint64_t x0, x2;
} bad[] = {
        {"size 0", FFA_SUCCESS_64, X2(0, 0, 0)},
        {"size of 1.0", FFA_SUCCESS_64, X2(0, 0, 8)},
        {"no whole words", FFA_SUCCESS_64, X2(0, 0, 28)},
        {"more than the registers", FFA_SUCCESS_64, X2(0, 0, 128)},
        {"more entries than fit", FFA_SUCCESS_64, X2(5, 5, 24)},
        {"behind the last", FFA_SUCCESS_64, X2(0, 1, 24)},
        {"more than a page could list", FFA_SUCCESS_64, X2(170, 0, 24)},
        {"denied", FFA_ERROR_32, 0xfffffffa},
        {"no code", FFA_ERROR_32, 0},
        {"another function", FFA_MSG_WAIT_32, 0},
};

TEST_EACH(hyp_regs, cannot_be_right, bad)
{
	registers_alone(24, 2);
	spmc_answer(REGS, c->x0, c->x2, 0x8001);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_eq_int(calls_of_regs(), 1);
	assert_false(hyp_firmware_has(FFA_MSG_SEND_DIRECT_REQ_32));
	assert_eq_int(hyp_partition_count(), 0);
	fake_finish();
}

/* One that never gets further. */
TEST(hyp_regs, stands_still)
{
	registers_alone(24, 6);
	spmc_answer(REGS, FFA_SUCCESS_64, X2(5, 0, 24), 0x8001);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_eq_int(calls_of_regs(), 2);
	assert_false(hyp_firmware_has(FFA_MSG_SEND_DIRECT_REQ_32));
	fake_finish();
}

static const struct {
	const char *name;
	enum ffa_status status;
} busy[] = {{"BUSY", FFA_BUSY}, {"RETRY", FFA_RETRY}};

TEST_EACH(hyp_regs, busy_for_ever, busy)
{
	registers_alone(24, 2);
	spmc_fail(REGS, c->status);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_eq_int(calls_of_regs(), HYP_BUSY_CALLS);
	assert_false(hyp_firmware_has(FFA_MSG_SEND_DIRECT_REQ_32));
	fake_finish();
}

TEST(hyp_regs, none)
{
	registers_alone(24, 0);
	spmc_fail(REGS, FFA_INVALID_PARAMETERS);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_true(hyp_firmware_has(FFA_MSG_SEND_DIRECT_REQ_32));
	assert_eq_int(hyp_partition_count(), 0);
	fake_finish();
}

/* Where there is a page, it is used. */
TEST(hyp_regs, page_comes_first)
{
	spmc_reset();
	spmc_add(0x8001, SPMC_CREATED);
	spmc.regs_size = 24;
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_eq_int(calls_of_regs(), 0);
	assert_eq_int(hyp_partition_count(), 1);
	fake_finish();
}

TEST(hyp_regs, instead_of_a_page_that_is_not_taken)
{
	spmc_reset();
	spmc_add(0x8001, SPMC_CREATED);
	spmc.regs_size = 24;
	spmc_fail(FFA_RXTX_MAP_64, FFA_NO_MEMORY);
	assert_status(spmc_try_boot(true), FFA_OK);
	assert_eq_int(calls_of_regs(), 1);
	assert_eq_int(hyp_partition_count(), 1);
	assert_false(fake.page_used[0] || fake.page_used[1]);
	fake_finish();
}
