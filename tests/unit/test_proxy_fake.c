/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_proxy_fake.h"

#include <string.h>

#define MAX_LOCKS 8u

enum { LOCK_DEAD, LOCK_FREE, LOCK_HELD };

struct lock_record {
	const char *class_name;
	int state;
};

struct fake fake;

static struct lock_record lock_records[MAX_LOCKS];
static size_t lock_records_used;
static const char *lock_held; /* the class; NULL: none */

static void run_hook(const char *class_name, uint32_t fid)
{
	void (*hook)(void) = fake.hook;

	if (!hook)
		return;
	if (fake.hook_class ? !class_name || strcmp(fake.hook_class, class_name) != 0
	                    : fid == 0 || fake.hook_fid != fid)
		return;
	fake.hook = NULL;
	hook();
}

static struct lock_record *record_of(struct platform_lock *lock)
{
	if (lock->opaque[0] == 0 || lock->opaque[0] > lock_records_used)
		fail_test("a lock is used that was never initialised");
	return &lock_records[lock->opaque[0] - 1];
}

static void expect_state(const struct lock_record *record, int state)
{
	if (record->state != state)
		fail_test("lock %s is in state %d, not %d", record->class_name, record->state,
		          state);
}

void platform_lock_init(struct platform_lock *lock, const char *class_name, struct ffa_id owner)
{
	assert_true(lock_records_used < MAX_LOCKS);
	assert_true(strlen(class_name) <= 11);
	assert_eq_int(owner.v, 0);
	lock_records[lock_records_used++] = (struct lock_record){class_name, LOCK_FREE};
	lock->opaque[0] = lock_records_used;
	fake.locks++;
}

void platform_lock_fini(struct platform_lock *lock)
{
	struct lock_record *record = record_of(lock);

	expect_state(record, LOCK_FREE);
	record->state = LOCK_DEAD;
	fake.locks--;
}

void platform_lock(struct platform_lock *lock)
{
	struct lock_record *record = record_of(lock);

	run_hook(record->class_name, 0);
	expect_state(record, LOCK_FREE);
	assert_null(lock_held);
	record->state = LOCK_HELD;
	lock_held = record->class_name;
}

void platform_unlock(struct platform_lock *lock)
{
	struct lock_record *record = record_of(lock);

	expect_state(record, LOCK_HELD);
	record->state = LOCK_FREE;
	lock_held = NULL;
}

bool platform_page_alloc(struct platform_page *ret_page)
{
	assert_null(lock_held);
	*ret_page = (struct platform_page){.address = NULL};
	if (++fake.pages_asked == fake.fail_page)
		return false;
	assert_true(fake.pages < 2);
	memset(fake.own[fake.pages], 0, PROXY_PAGE_SIZE);
	ret_page->address = fake.own[fake.pages];
	ret_page->physical = FAKE_OWN + ++fake.pages * 0x1000u;
	return true;
}

void platform_page_free(struct platform_page *page)
{
	if (page->address)
		fake.pages--;
	*page = (struct platform_page){.address = NULL};
}

void *platform_map_page(struct platform_vm *vm, uint64_t address, uint64_t *ret_physical)
{
	uint64_t page = (address - FAKE_HOST) / PROXY_PAGE_SIZE;

	assert_null(vm);
	assert_eq_u64(address % PROXY_PAGE_SIZE, 0);
	if (address < FAKE_HOST || page > FAKE_PAGES)
		return NULL;
	page %= FAKE_PAGES;
	fake.mapped[page]++;
	assert_true(fake.mappings < FAKE_PAGES);
	fake.mapping[fake.mappings++] = fake.host[page];
	*ret_physical = FAKE_HOST + page * PROXY_PAGE_SIZE;
	return fake.host[page];
}

void platform_unmap_page(void *page)
{
	assert_true(fake.mappings > 0);
	assert_ptr(fake.mapping[--fake.mappings], page);
	for (size_t i = 0; i < FAKE_PAGES; i++) {
		if (page == fake.host[i]) {
			assert_true(fake.mapped[i]-- > 0);
			return;
		}
	}
	fail_test("a page is unmapped that was never mapped");
}

void platform_log(enum platform_log_level level, const char *text, uint64_t value)
{
	(void)level;
	(void)value;
	assert_not_null(text);
}

/* The SPMC */

static void set_answer(struct ffa_regs *regs, enum ffa_status status, uint64_t x2, uint64_t x3)
{
	memset(regs, 0, sizeof(*regs));
	regs->x[0] = status == FFA_OK ? FFA_SUCCESS_32 : FFA_ERROR_32;
	regs->x[2] = status == FFA_OK ? x2 : (uint32_t)status;
	regs->x[3] = x3;
}

static void smc_version(struct ffa_regs *regs)
{
	uint32_t asked = (uint32_t)regs->x[1];
	bool refused = fake.smc_locked && asked != fake.smc_told;

	if (fake.smc_strict_version && asked > fake.smc_version)
		refused = true;
	memset(regs, 0, sizeof(*regs));
	regs->x[0] = refused ? 0xffffffffu : fake.smc_version;
	if (!refused && asked <= fake.smc_version)
		fake.smc_told = asked;
}

static void smc_features(struct ffa_regs *regs)
{
	uint32_t query = (uint32_t)regs->x[1];

	if (query == fake.smc_lacks)
		set_answer(regs, FFA_NOT_SUPPORTED, 0, 0);
	else if (query == FFA_RXTX_MAP_64)
		set_answer(regs, FFA_OK, fake.smc_map_features, 0);
	else
		set_answer(regs, FFA_OK, query == FFA_FEATURE_SRI ? 8 : 0, 0);
}

static void smc_map(struct ffa_regs *regs)
{
	enum ffa_status status = fake.smc_mapped ? FFA_DENIED : FFA_OK;

	if (status == FFA_OK) {
		fake.smc_mapped = true;
		fake.smc_tx = regs->x[1];
		fake.smc_rx = regs->x[2];
	}
	set_answer(regs, status, 0, 0);
}

static void smc_unmap(struct ffa_regs *regs)
{
	set_answer(regs, fake.smc_mapped ? FFA_OK : FFA_INVALID_PARAMETERS, 0, 0);
	fake.smc_mapped = false;
	fake.smc_rx_full = false;
}

/* Three descriptors of 24 bytes. */
static void smc_partition_info(struct ffa_regs *regs)
{
	if ((regs->x[5] & 1) != 0) {
		set_answer(regs, FFA_OK, 3, 0);
		return;
	}
	if (!fake.smc_mapped || fake.smc_rx_full) {
		set_answer(regs, FFA_BUSY, 0, 0);
		return;
	}
	fake.smc_rx_full = true;
	for (size_t i = 0; i < PROXY_PAGE_SIZE / 8; i++)
		fake.own[1][i] = 0x1000 + i;
	set_answer(regs, FFA_OK, 3, 24);
}

static void smc_rx_release(struct ffa_regs *regs)
{
	set_answer(regs, fake.smc_rx_full ? FFA_OK : FFA_DENIED, 0, 0);
	fake.smc_rx_full = false;
}

static void serve(struct ffa_regs *regs)
{
	uint32_t fid = (uint32_t)regs->x[0];

	if (fake.override_fid == fid)
		*regs = fake.override;
	else if (fid == FFA_VERSION_32)
		smc_version(regs);
	else if (fid == FFA_FEATURES_32)
		smc_features(regs);
	else if (fid == FFA_RXTX_MAP_64)
		smc_map(regs);
	else if (fid == FFA_RXTX_UNMAP_32)
		smc_unmap(regs);
	else if (fid == FFA_PARTITION_INFO_GET_32)
		smc_partition_info(regs);
	else if (fid == FFA_RX_RELEASE_32)
		smc_rx_release(regs);
	else
		set_answer(regs, FFA_OK, 0, 0);
	fake.smc_locked = fake.smc_locked || fid != FFA_VERSION_32;
}

/* The lock that proxy.h allows during this SMC of a call of the host; NULL: none. */
static const char *lock_for(uint32_t fid)
{
	switch (fid) {
	case FFA_VERSION_32:
	case FFA_ID_GET_32:
		return "version";
	case FFA_RXTX_MAP_64:
	case FFA_RXTX_UNMAP_32:
	case FFA_RX_RELEASE_32:
	case FFA_PARTITION_INFO_GET_32:
		return "buffers";
	default:
		return NULL;
	}
}

void platform_smc(struct ffa_regs *regs)
{
	uint32_t fid = (uint32_t)regs->x[0];
	bool negotiating = proxy_version_published() == 0;

	assert_eq_u64(regs->x[0] >> 32, 0);
	if (fake.outside)
		assert_null(lock_held);
	else if (fid == FFA_FEATURES_32 && negotiating)
		assert_str(lock_held, "version");
	else
		assert_str(lock_held, lock_for(fid));
	assert_true(fake.smc_count < FAKE_LOG);
	fake.smc_log[fake.smc_count++] = *regs;
	run_hook(NULL, fid);
	serve(regs);
}

/* What tests say */

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.smc_version = FFA_VERSION_1_2;
	fake.outside = true;
	lock_records_used = 0;
	lock_held = NULL;
}

void fake_start(void)
{
	struct proxy_config config = {.newest_version = FFA_VERSION_1_2};

	fake_reset();
	assert_status(proxy_boot(&config), FFA_OK);
	fake.smc_count = 0;
}

void fake_start_at(uint32_t version)
{
	fake_start();
	assert_eq_u64(fake_version(version), version);
	fake.smc_count = 0;
}

void fake_map(void)
{
	assert_status(fake_map_at(FAKE_TX, FAKE_RX, 1), FFA_OK);
	fake.smc_count = 0;
}

void fake_finish(void)
{
	fake.outside = true;
	proxy_shutdown();
	assert_null(lock_held);
	assert_eq_int(fake.locks, 0);
	assert_eq_int(fake.pages, 0);
	assert_eq_u64(proxy_version_published(), 0);
	fake_expect_nothing_mapped();
}

void fake_answer(uint32_t fid, const struct ffa_regs *answer)
{
	fake.override_fid = fid;
	fake.override = *answer;
}

void fake_refuse(uint32_t fid, enum ffa_status status)
{
	fake.override_fid = fid;
	set_answer(&fake.override, status, 0, 0);
}

void fake_obey(void)
{
	fake.override_fid = 0;
}

void fake_hook_lock(const char *lock_class, void (*hook)(void))
{
	fake.hook_class = lock_class;
	fake.hook_fid = 0;
	fake.hook = hook;
}

void fake_hook_smc(uint32_t fid, void (*hook)(void))
{
	fake.hook_class = NULL;
	fake.hook_fid = fid;
	fake.hook = hook;
}

struct ffa_regs fake_call(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4,
                          uint64_t x5)
{
	bool is_64bit = ffa_fid_is_64bit(fid);
	uint64_t above = is_64bit ? 0 : FAKE_POISON & ~UINT64_C(0xffffffff);
	bool wide = is_64bit && proxy_version_published() >= FFA_VERSION_1_2;
	struct ffa_regs regs = {{FAKE_POISON << 32 | fid, above | x1, above | x2, above | x3,
	                         above | x4, above | x5, above, above}};

	for (size_t i = 8; i < FFA_REG_COUNT; i++)
		regs.x[i] = wide ? 0 : FAKE_POISON + i;
	fake.outside = false;
	proxy_host_call(1, &regs);
	return regs;
}

uint64_t fake_version(uint32_t wanted)
{
	struct ffa_regs answer = fake_call(FFA_VERSION_32, wanted, 0, 0, 0, 0);

	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], 0);
	return answer.x[0];
}

enum ffa_status fake_status(const struct ffa_regs *answer)
{
	assert_eq_u64(answer->x[1], 0);
	if (answer->x[0] == FFA_SUCCESS_32 || answer->x[0] == FFA_SUCCESS_64)
		return FFA_OK;
	assert_eq_u64(answer->x[0], FFA_ERROR_32);
	assert_eq_u64(answer->x[2] >> 32, 0);
	for (size_t i = 3; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer->x[i], 0);
	return (enum ffa_status)(int32_t)(uint32_t)answer->x[2];
}

enum ffa_status fake_map_at(uint64_t tx, uint64_t rx, uint64_t pages)
{
	struct ffa_regs answer = fake_call(FFA_RXTX_MAP_64, tx, rx, pages, 0, 0);

	return fake_status(&answer);
}

enum ffa_status fake_unmap(void)
{
	struct ffa_regs answer = fake_call(FFA_RXTX_UNMAP_32, 0, 0, 0, 0, 0);

	return fake_status(&answer);
}

unsigned fake_smcs(uint32_t fid)
{
	unsigned count = 0;

	for (size_t i = 0; i < fake.smc_count; i++)
		count += fake.smc_log[i].x[0] == fid;
	return count;
}

void fake_expect_smc(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
{
	const struct ffa_regs want = {{x0, x1, x2, x3, x4, x5}};

	assert_eq_int(fake.smc_count, 1);
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		assert_eq_u64(fake.smc_log[0].x[i], want.x[i]);
}

void fake_expect_nothing_mapped(void)
{
	for (size_t i = 0; i < FAKE_PAGES; i++)
		assert_eq_int(fake.mapped[i], 0);
}
