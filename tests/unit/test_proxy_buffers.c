/* SPDX-License-Identifier: MIT */
/* The host proxy: RX and TX, partition information and messages. */
#include <string.h>

#include "tests/unit/test_proxy_fake.h"

#define HOST_RX_PAGE 2u /* index of FAKE_RX */
#define WORDS        (PROXY_PAGE_SIZE / 8)
#define UNTOUCHED    0x5555555555555555ull

/* The host's pages hold a pattern, so that every word that is written can be told. */
static void fill_host(void)
{
	for (size_t page = 0; page < FAKE_PAGES; page++) {
		for (size_t i = 0; i < WORDS; i++)
			fake.host[page][i] = UNTOUCHED;
	}
}

static void start_mapped(uint32_t version)
{
	fake_start_at(version);
	fake_map();
	fill_host();
}

/* The first words of the host's RX are those of the proxy's RX, everything else is untouched. */
static void expect_copied(size_t words)
{
	for (size_t page = 0; page < FAKE_PAGES; page++) {
		for (size_t i = 0; i < WORDS; i++) {
			bool copied = page == HOST_RX_PAGE && i < words;

			assert_eq_u64(fake.host[page][i], copied ? fake.own[1][i] : UNTOUCHED);
		}
	}
}

/* RXTX_MAP */

/* The SPMC sees the proxy's pair alone, the host's pair is shared with the proxy alone. */
TEST(proxy_map, own_pair_for_spmc)
{
	fake_start_at(0x10002);
	assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), FFA_OK);
	fake_expect_smc(0xc4000066, FAKE_OWN_TX, FAKE_OWN_RX, 1, 0, 0);
	assert_eq_int(fake.mapped[0], 0);
	assert_eq_int(fake.mapped[1], 1);
	assert_eq_int(fake.mapped[2], 1);
	assert_eq_int(fake.mapped[3], 0);
	fake_finish();
}

struct map_case {
	const char *name;
	uint64_t tx;
	uint64_t rx;
	uint64_t pages;
};

static const struct map_case bad_maps[] = {
        {"no page", FAKE_TX, FAKE_RX, 0},
        {"two pages", FAKE_TX, FAKE_RX, 2},
        {"most pages", FAKE_TX, FAKE_RX, 63},
        {"tx not aligned", FAKE_TX + 8, FAKE_RX, 1},
        {"tx almost aligned", FAKE_TX + 0x800, FAKE_RX, 1},
        {"rx not aligned", FAKE_TX, FAKE_RX + 1, 1},
        {"rx almost aligned", FAKE_TX, FAKE_RX + 0x800, 1},
        {"one page for both", FAKE_TX, FAKE_TX, 1},
        {"one page under two addresses, rx", FAKE_HOST, FAKE_HOST_ALIAS, 1},
        {"one page under two addresses, tx", FAKE_HOST_ALIAS, FAKE_HOST, 1},
        {"tx is no memory", 0x1000, FAKE_RX, 1},
        {"rx is no memory", FAKE_TX, 0x1000, 1},
        {"neither is memory", 0, 0, 1},
        {"tx is far away", 0xfffffffffffff000, FAKE_RX, 1},
        {"rx is far away", FAKE_TX, 0xfffffffffffff000, 1},
        {"tx in the upper half only", FAKE_TX | 0x100000000, FAKE_RX, 1},
};

TEST_EACH(proxy_map, refused, bad_maps)
{
	fake_start_at(0x10002);
	assert_status(fake_map_at(c->tx, c->rx, c->pages), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.smc_count, 0);
	fake_expect_nothing_mapped();
	assert_status(fake_unmap(), FFA_INVALID_PARAMETERS);
	assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), FFA_OK);
	fake_finish();
}

static const struct ffa_regs refusals[] = {
        {{FFA_ERROR_32, 0, 0xfffffffd}},       /* NO_MEMORY */
        {{FFA_ERROR_32, 0, 0xfffffffa}},       /* DENIED */
        {{0xffffffff}},                        /* no such call */
        {{FFA_INTERRUPT_32, 0x80010000, 0x7}}, /* nothing that ends this call */
};

/* The SPMC's refusal is the answer, and the host's pair is given back. */
TEST(proxy_map, refused_by_spmc)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct ffa_regs answer;

		fake_start_at(0x10002);
		fake_answer(FFA_RXTX_MAP_64, &refusals[i]);
		answer = fake_call(FFA_RXTX_MAP_64, FAKE_TX, FAKE_RX, 1, 0, 0);
		assert_mem(&answer, &refusals[i], sizeof(answer));
		fake_expect_nothing_mapped();
		assert_eq_int(fake_smcs(FFA_RXTX_UNMAP_32), 0);
		assert_status(fake_unmap(), FFA_INVALID_PARAMETERS);
		fake_obey();
		assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), FFA_OK);
		fake_finish();
	}
}

TEST(proxy_map, second_is_denied)
{
	start_mapped(0x10002);
	assert_status(fake_map_at(FAKE_HOST, FAKE_HOST + 0x3000, 1), FFA_DENIED);
	assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), FFA_DENIED);
	assert_status(fake_map_at(FAKE_TX, FAKE_TX, 1), FFA_DENIED);
	assert_eq_int(fake.smc_count, 0);
	assert_eq_int(fake.mapped[0], 0);
	assert_eq_int(fake.mapped[1], 1);
	assert_eq_int(fake.mapped[2], 1);
	assert_eq_int(fake.mapped[3], 0);
	fake_finish();
}

static enum ffa_status other_cpu_status;

static void other_cpu_maps(void)
{
	other_cpu_status = fake_map_at(FAKE_HOST, FAKE_HOST + 0x3000, 1);
}

static void other_cpu_unmaps(void)
{
	other_cpu_status = fake_unmap();
}

/* "Already mapped" is asked under the lock. */
TEST(proxy_map, two_cpus)
{
	fake_start_at(0x10002);
	fake_hook_lock("buffers", other_cpu_maps);
	assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), FFA_DENIED);
	assert_status(other_cpu_status, FFA_OK);
	assert_eq_int(fake_smcs(FFA_RXTX_MAP_64), 1);
	assert_eq_int(fake.mapped[0], 1);
	assert_eq_int(fake.mapped[1], 0);
	assert_eq_int(fake.mapped[2], 0);
	assert_eq_int(fake.mapped[3], 1);
	fake_finish();
}

/* RXTX_UNMAP */

TEST(proxy_unmap, both_pairs)
{
	start_mapped(0x10002);
	assert_status(fake_unmap(), FFA_OK);
	fake_expect_smc(0x84000067, 0, 0, 0, 0, 0);
	fake_expect_nothing_mapped();
	assert_false(fake.smc_mapped);
	assert_status(fake_unmap(), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.smc_count, 1);
	assert_status(fake_map_at(FAKE_RX, FAKE_TX, 1), FFA_OK);
	fake_finish();
}

static void expect_bare_success(const struct ffa_regs *answer)
{
	assert_eq_u64(answer->x[0], FFA_SUCCESS_32);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer->x[i], 0);
}

/* The SMCs of both calls are the proxy's: what stands in an answer to them goes no further. */
TEST(proxy_unmap, success_is_its_own_as_of_map)
{
	struct ffa_regs wide = {{FFA_SUCCESS_64 | UNTOUCHED << 32}};
	struct ffa_regs answer;

	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		wide.x[i] = UNTOUCHED;
	fake_start_at(0x10002);
	fake_answer(FFA_RXTX_MAP_64, &wide);
	answer = fake_call(FFA_RXTX_MAP_64, FAKE_TX, FAKE_RX, 1, 0, 0);
	expect_bare_success(&answer);
	fake_answer(FFA_RXTX_UNMAP_32, &wide);
	answer = fake_call(FFA_RXTX_UNMAP_32, 0, 0, 0, 0, 0);
	expect_bare_success(&answer);
	fake_obey();
	fake_finish();
}

TEST(proxy_unmap, nothing_mapped)
{
	fake_start_at(0x10002);
	assert_status(fake_unmap(), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.smc_count, 0);
	fake_finish();
}

/* Were the host's pair gone and the other kept, no RXTX_MAP could ever succeed again. */
TEST(proxy_unmap, refused_by_spmc_changes_nothing)
{
	struct ffa_regs answer;

	start_mapped(0x10002);
	fake_refuse(FFA_RXTX_UNMAP_32, FFA_DENIED);
	assert_status(fake_unmap(), FFA_DENIED);
	assert_eq_int(fake.mapped[1], 1);
	assert_eq_int(fake.mapped[2], 1);
	fake_obey();
	answer = fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	expect_copied(9);
	assert_status(fake_unmap(), FFA_OK);
	fake_expect_nothing_mapped();
	fake_finish();
}

TEST(proxy_unmap, two_cpus)
{
	start_mapped(0x10002);
	fake_hook_lock("buffers", other_cpu_unmaps);
	assert_status(fake_unmap(), FFA_INVALID_PARAMETERS);
	assert_status(other_cpu_status, FFA_OK);
	assert_eq_int(fake_smcs(FFA_RXTX_UNMAP_32), 1);
	fake_expect_nothing_mapped();
	fake_finish();
}

TEST(proxy_unmap, shutdown_takes_back)
{
	start_mapped(0x10002);
	fake_finish();
	assert_false(fake.smc_mapped);
	fake_expect_smc(0x84000067, 0, 0, 0, 0, 0);

	start_mapped(0x10002);
	assert_status(fake_unmap(), FFA_OK);
	fake.smc_count = 0;
	fake_finish();
	assert_eq_int(fake.smc_count, 0);
}

/* A page that the secure side may still write is nobody else's. */
TEST(proxy_unmap, shutdown_frees_nothing_that_spmc_keeps)
{
	start_mapped(0x10002);
	fake_refuse(FFA_RXTX_UNMAP_32, FFA_DENIED);
	fake.outside = true;
	proxy_shutdown();
	assert_eq_int(fake.pages, 2);
	assert_eq_int(fake.locks, 0);
	fake_expect_nothing_mapped();
}

/* PARTITION_INFO_GET */

TEST(proxy_info, copies_descriptors)
{
	struct ffa_regs answer;

	start_mapped(0x10002);
	answer = fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	assert_eq_u64(answer.x[2], 3);
	assert_eq_u64(answer.x[3], 24);
	assert_eq_u64(fake.own[1][8], 0x1008);
	expect_copied(9);
	/* K17: RX is the host's now, and the host releases it */
	assert_eq_int(fake_smcs(FFA_RX_RELEASE_32), 0);
	assert_true(fake.smc_rx_full);
	fake_finish();
}

TEST(proxy_info, second_is_busy_until_release)
{
	struct ffa_regs answer;

	start_mapped(0x10002);
	fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
	fill_host();
	answer = fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_BUSY);
	expect_copied(0);
	answer = fake_call(FFA_RX_RELEASE_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	answer = fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	expect_copied(9);
	fake_finish();
}

struct info_case {
	const char *name;
	uint32_t version;
	uint32_t flags;
	uint32_t count;
	uint32_t size;
	enum ffa_status status;
	size_t words; /* that reach the host */
};

static const struct info_case info_cases[] = {
        {"a full page", 0x10002, 0, 128, 32, FFA_OK, 512},
        {"one more than a page", 0x10002, 0, 171, 24, FFA_ABORTED, 0},
        {"less than a page", 0x10002, 0, 170, 24, FFA_OK, 510},
        {"one large descriptor", 0x10001, 0, 1, 4096, FFA_OK, 512},
        {"one too large", 0x10001, 0, 1, 4097, FFA_ABORTED, 0},
        {"product wraps 32 bits", 0x10002, 0, 0x10000, 0x10000, FFA_ABORTED, 0},
        {"product wraps to a little", 0x10002, 0, 0x20000001, 8, FFA_ABORTED, 0},
        {"everything at once", 0x10002, 0, 0xffffffff, 0xffffffff, FFA_ABORTED, 0},
        {"nobody", 0x10002, 0, 0, 24, FFA_OK, 0},
        {"no size", 0x10002, 0, 3, 0, FFA_OK, 0},
        {"count only", 0x10002, 1, 3, 24, FFA_OK, 0},
        {"count only, many", 0x10001, 1, 1000, 24, FFA_OK, 0},
        {"1.0 knows its size", 0x10000, 0, 3, 0, FFA_OK, 3},
        {"1.0 whatever is said", 0x10000, 0, 3, 24, FFA_OK, 3},
        {"1.0, a full page", 0x10000, 0, 512, 0, FFA_OK, 512},
        {"1.0, too many", 0x10000, 0, 513, 0, FFA_ABORTED, 0},
};

/* What the SPMC says is bounded before it is believed; RX is not kept for what is refused. */
TEST_EACH(proxy_info, bounds, info_cases)
{
	const struct ffa_regs said = {{FFA_SUCCESS_32, 0, c->count, c->size}};
	struct ffa_regs answer;

	start_mapped(c->version);
	for (size_t i = 0; i < WORDS; i++)
		fake.own[1][i] = i;
	fake_answer(FFA_PARTITION_INFO_GET_32, &said);
	answer = fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, c->flags);
	assert_status(fake_status(&answer), c->status);
	expect_copied(c->words);
	if (c->status == FFA_OK) {
		assert_mem(&answer, &said, sizeof(answer));
		assert_eq_int(fake.smc_count, 1);
	} else {
		assert_eq_int(fake.smc_count, 2);
		assert_eq_u64(fake.smc_log[1].x[0], 0x84000065);
		for (size_t i = 1; i < FFA_REG_COUNT; i++)
			assert_eq_u64(fake.smc_log[1].x[i], 0);
	}
	fake_finish();
}

/* Also a success of the other width: the host would read its RX all the same. */
TEST(proxy_info, wide_success_is_copied)
{
	const struct ffa_regs said = {{FFA_SUCCESS_64, 0, 2, 24}};

	start_mapped(0x10002);
	fake_answer(FFA_PARTITION_INFO_GET_32, &said);
	fake.own[1][5] = 42;
	fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
	expect_copied(6);
	fake_finish();
}

TEST(proxy_info, needs_buffers)
{
	struct ffa_regs answer;

	fake_start_at(0x10002);
	fill_host();
	for (uint64_t flags = 0; flags <= 1; flags++) {
		answer = fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, flags);
		assert_status(fake_status(&answer), FFA_BUSY);
	}
	assert_eq_int(fake.smc_count, 0);
	expect_copied(0);
	fake_finish();
}

TEST(proxy_info, error_of_spmc_copies_nothing)
{
	for (uint32_t version = 0x10000; version <= 0x10002; version++) {
		struct ffa_regs answer;

		start_mapped(version);
		fake.own[1][0] = 1;
		fake_refuse(FFA_PARTITION_INFO_GET_32, FFA_INVALID_PARAMETERS);
		answer = fake_call(FFA_PARTITION_INFO_GET_32, 1, 2, 3, 4, 0);
		assert_status(fake_status(&answer), FFA_INVALID_PARAMETERS);
		fake_expect_smc(0x84000068, 1, 2, 3, 4, 0);
		expect_copied(0);
		fake_finish();
	}
}

/* The pages may go while this CPU waits for the lock. */
TEST(proxy_info, unmapped_by_other_cpu)
{
	struct ffa_regs answer;

	start_mapped(0x10002);
	fake_hook_lock("buffers", other_cpu_unmaps);
	answer = fake_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_BUSY);
	assert_eq_int(fake_smcs(FFA_PARTITION_INFO_GET_32), 0);
	expect_copied(0);
	fake_finish();
}

/* RX_RELEASE and messages */

TEST(proxy_release, answer_is_of_spmc)
{
	struct ffa_regs answer;

	fake_start_at(0x10002);
	answer = fake_call(FFA_RX_RELEASE_32, 0, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_DENIED);
	fake_expect_smc(0x84000065, 0, 0, 0, 0, 0);
	fake_finish();
}

static enum ffa_status lock_was_free;

static void other_cpu_enters(void)
{
	lock_was_free = FFA_OK;
}

/* The lock is taken, so a release cannot slip between another CPU's answer and its copy. */
TEST(proxy_release, takes_the_lock)
{
	start_mapped(0x10002);
	lock_was_free = FFA_DENIED;
	fake_hook_lock("buffers", other_cpu_enters);
	fake_call(FFA_RX_RELEASE_32, 0, 0, 0, 0, 0);
	assert_status(lock_was_free, FFA_OK);
	fake_finish();
}

static struct ffa_regs get_with(uint64_t x0, uint64_t framework)
{
	const struct ffa_regs said = {{x0, 0, 1, 0, 0, 0, framework}};
	struct ffa_regs answer;

	fake_answer(FFA_NOTIFICATION_GET_32, &said);
	for (size_t i = 0; i < WORDS; i++)
		fake.own[1][i] = 0x2000 + i;
	answer = fake_call(FFA_NOTIFICATION_GET_32, 0, 5, 0, 0, 0);
	assert_mem(&answer, &said, sizeof(answer));
	return answer;
}

/* The host is told of a message, so it must find it in its own RX. */
TEST(proxy_message, is_in_rx_of_host_when_announced)
{
	start_mapped(0x10002);
	get_with(FFA_SUCCESS_32, 0xfffffffe);
	expect_copied(0);
	get_with(FFA_ERROR_32, 1);
	expect_copied(0);
	get_with(FFA_SUCCESS_32, 1);
	expect_copied(WORDS);
	assert_eq_int(fake_smcs(FFA_RX_RELEASE_32), 0);
	fake_finish();
}

TEST(proxy_message, needs_buffers)
{
	fake_start_at(0x10002);
	fill_host();
	get_with(FFA_SUCCESS_32, 1);
	expect_copied(0);
	fake_finish();

	start_mapped(0x10002);
	fake_hook_lock("buffers", other_cpu_unmaps);
	get_with(FFA_SUCCESS_32, 1);
	assert_true(!fake.hook);
	assert_status(other_cpu_status, FFA_OK);
	expect_copied(0);
	fake_finish();
}
