/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_hyp_fake.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LOCKS 64u

enum { LOCK_DEAD, LOCK_FREE, LOCK_HELD };

struct lock_record {
	const char *class_name;
	uint16_t owner;
	int state;
};

struct fake fake;

static struct lock_record lock_records[MAX_LOCKS];
static size_t lock_records_used;
static size_t locks_held;

static void run_hook(const char *class_name, uint16_t owner)
{
	void (*hook)(void) = fake.hook;

	if (!hook || strcmp(fake.hook_class, class_name) != 0 || fake.hook_owner != owner)
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
		fail_test("lock %s[%u] is in state %d, not %d", record->class_name, record->owner,
		          record->state, state);
}

void platform_lock_init(struct platform_lock *lock, const char *class_name, struct ffa_id owner)
{
	assert_true(lock_records_used < MAX_LOCKS);
	assert_true(strlen(class_name) <= 11);
	lock_records[lock_records_used++] = (struct lock_record){class_name, owner.v, LOCK_FREE};
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

	run_hook(record->class_name, record->owner);
	expect_state(record, LOCK_FREE);
	assert_eq_int(locks_held, 0);
	record->state = LOCK_HELD;
	locks_held++;
}

bool platform_trylock(struct platform_lock *lock)
{
	platform_lock(lock);
	return true;
}

void platform_unlock(struct platform_lock *lock)
{
	struct lock_record *record = record_of(lock);

	expect_state(record, LOCK_HELD);
	record->state = LOCK_FREE;
	locks_held--;
}

void *platform_alloc(size_t size)
{
	void *memory;

	assert_eq_int(locks_held, 0);
	run_hook("alloc", 0);
	if (fake.no_memory)
		return NULL;
	memory = calloc(1, size);
	assert_not_null(memory);
	fake.allocations++;
	return memory;
}

void platform_free(void *memory)
{
	assert_eq_int(locks_held, 0);
	if (memory)
		fake.allocations--;
	free(memory);
}

bool platform_vcpu_online(struct platform_vm *vm, uint16_t vcpu)
{
	assert_true(vcpu < FAKE_VCPUS);
	return vm->online[vcpu];
}

enum platform_inject_result platform_inject(struct platform_vm *vm, uint16_t vcpu, uint32_t intid)
{
	assert_true(vcpu < FAKE_VCPUS);
	if (fake.before_inject)
		fake.before_inject(vm, vcpu);
	if (fake.injection_count < FAKE_LOG)
		fake.injections[fake.injection_count] =
		        (struct fake_injection){vm->number, vcpu, intid};
	fake.injection_count++;
	if (vm->online[vcpu])
		vm->told[vcpu] = true;
	if (fake.silent)
		return PLATFORM_INJECT_UNKNOWN;
	return vm->online[vcpu] ? PLATFORM_INJECT_ACCEPTED : PLATFORM_INJECT_DROPPED;
}

bool platform_page_alloc(struct platform_page *ret_page)
{
	assert_eq_int(locks_held, 0);
	for (size_t i = 0; i < FAKE_PAGES && fake.pages_left > 0; i++) {
		if (fake.page_used[i])
			continue;
		fake.pages_left--;
		fake.page_used[i] = true;
		memset(fake.pages[i], 0, sizeof(fake.pages[i]));
		*ret_page = (struct platform_page){fake.pages[i], 0x40000000 + i * 0x1000};
		return true;
	}
	return false;
}

void platform_page_free(struct platform_page *page)
{
	assert_eq_int(locks_held, 0);
	for (size_t i = 0; i < FAKE_PAGES; i++) {
		if (page->address == fake.pages[i]) {
			assert_true(fake.page_used[i]);
			fake.page_used[i] = false;
		}
	}
	*page = (struct platform_page){0};
}

void platform_defer(uint32_t work)
{
	fake.defers++;
	fake.deferred = work;
}

void platform_timer_set(uint32_t timer, uint64_t nanoseconds)
{
	assert_eq_int(locks_held, 0);
	assert_true(timer < FAKE_TIMERS);
	assert_true(nanoseconds != 0);
	fake.timers[timer] = nanoseconds;
}

void fake_timer(uint32_t timer)
{
	assert_true(fake.timers[timer] != 0);
	fake.timers[timer] = 0;
	hyp_timer(timer);
}

void platform_interrupt_window(void)
{
	assert_eq_int(locks_held, 0);
	fake.windows++;
	if (fake.window)
		fake.window();
}

void platform_vm_release(struct platform_vm *vm)
{
	assert_eq_int(locks_held, 0);
	assert_true(fake.release_count < FAKE_VMS);
	fake.released[fake.release_count++] = vm->number;
	if (fake.on_release)
		fake.on_release(vm);
}

static bool smc_has(uint32_t fid)
{
	for (size_t i = 0; i < fake.smc_function_count; i++) {
		if (fake.smc_functions[i] == fid)
			return true;
	}
	return false;
}

static void smc_answer(struct ffa_regs *regs, enum ffa_status status, uint64_t x2)
{
	*regs = (struct ffa_regs){{0}};
	regs->x[0] = status == FFA_OK ? FFA_SUCCESS_32 : FFA_ERROR_32;
	regs->x[2] = status == FFA_OK ? x2 : (uint32_t)status;
}

void platform_smc(struct ffa_regs *regs)
{
	uint32_t query = (uint32_t)regs->x[1];

	assert_eq_int(locks_held, 0);
	assert_true(fake.smc_count < FAKE_LOG);
	fake.smc_log[fake.smc_count++] = *regs;
	switch (regs->x[0]) {
	case FFA_VERSION_32:
		*regs = (struct ffa_regs){{0}};
		regs->x[0] = fake.smc_version;
		break;
	case FFA_ID_GET_32:
		if (fake.smc_id_unknown)
			regs->x[0] = UINT64_MAX;
		else
			smc_answer(regs, fake.smc_id_status, fake.smc_id);
		break;
	case FFA_FEATURES_32:
		if (query == FFA_FEATURE_SRI)
			smc_answer(regs, fake.smc_sri != 0 ? FFA_OK : FFA_NOT_SUPPORTED,
			           fake.smc_sri);
		else
			smc_answer(regs, smc_has(query) ? FFA_OK : FFA_NOT_SUPPORTED, 0);
		break;
	default:
		if (fake.smc) {
			fake.smc(regs);
			break;
		}
		fail_test("unexpected SMC 0x%llx", (unsigned long long)regs->x[0]);
	}
}

void platform_log(enum platform_log_level level, const char *text, uint64_t value)
{
	(void)value;
	assert_not_null(text);
	if (level >= PLATFORM_LOG_WARNING)
		fake.warnings++;
}

void fake_reset(void)
{
	fake = (struct fake){.smc_version = FFA_VERSION_1_2, .pages_left = FAKE_PAGES};
	lock_records_used = 0;
	locks_held = 0;
}

void fake_start(bool vm_to_vm)
{
	struct hyp_config config = {.vm_to_vm = vm_to_vm};

	fake_reset();
	assert_status(hyp_boot(&config), FFA_OK);
}

void fake_finish(void)
{
	for (uint16_t id = 1; id < FAKE_VMS; id++) {
		if (fake.vms[id])
			fake_destroy(id);
	}
	hyp_shutdown();
	assert_false(hyp_notifications_offered(FFA_VERSION_1_2));
	assert_eq_int(locks_held, 0);
	assert_eq_int(fake.locks, 0);
	assert_eq_int(fake.allocations, 0);
	for (size_t i = 0; i < FAKE_PAGES; i++)
		assert_false(fake.page_used[i]);
}

struct hyp_vm *fake_vm(uint16_t id)
{
	struct platform_vm *handle = &fake.handles[id];

	*handle = (struct platform_vm){.number = id, .online = {true, true}};
	assert_status(hyp_vm_create(handle, ffa_make_id(id), FAKE_VCPUS, &fake.vms[id]), FFA_OK);
	return fake.vms[id];
}

struct hyp_vm *fake_vm_at(uint16_t id, uint32_t version)
{
	struct hyp_vm *vm = fake_vm(id);
	struct ffa_regs answer = fake_call(id, FFA_VERSION_32, version, 0, 0, 0);

	assert_eq_u64(answer.x[0], FFA_VERSION_1_2);
	answer = fake_call(id, FFA_ID_GET_32, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	return vm;
}

void fake_destroy(uint16_t id)
{
	struct hyp_vm *vm = fake.vms[id];

	fake.vms[id] = NULL;
	assert_true(hyp_vm_destroy(vm));
}

void fake_hook(const char *lock_class, uint16_t owner, void (*hook)(void))
{
	fake.hook_class = lock_class;
	fake.hook_owner = owner;
	fake.hook = hook;
}

struct ffa_regs fake_call(uint16_t id, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3,
                          uint64_t x4)
{
	uint64_t above = ffa_fid_is_64bit(fid) ? 0 : FAKE_POISON & ~UINT64_C(0xffffffff);
	struct ffa_regs regs = {{above | fid, above | x1, above | x2, above | x3, above | x4}};

	for (size_t i = 5; i < FFA_REG_COUNT; i++)
		regs.x[i] = FAKE_POISON + i;
	hyp_guest_call(fake.vms[id], 0, &regs);
	return regs;
}

enum ffa_status fake_status(const struct ffa_regs *answer)
{
	assert_eq_u64(answer->x[1], 0);
	if (answer->x[0] == FFA_SUCCESS_32 || answer->x[0] == FFA_SUCCESS_64)
		return FFA_OK;
	assert_eq_u64(answer->x[0], FFA_ERROR_32);
	assert_eq_u64(answer->x[2] >> 32, 0);
	for (size_t i = 3; i < 8; i++)
		assert_eq_u64(answer->x[i], 0);
	return (enum ffa_status)(int32_t)(uint32_t)answer->x[2];
}

static enum ffa_status call_on_bits(uint16_t caller, uint32_t fid, uint16_t sender,
                                    uint16_t receiver, uint32_t bits)
{
	struct ffa_regs answer = fake_call(caller, fid, ffa_pair(sender, receiver), 0, bits, 0);

	return fake_status(&answer);
}

enum ffa_status fake_bind(uint16_t receiver, uint16_t sender, uint32_t bits)
{
	return call_on_bits(receiver, FFA_NOTIFICATION_BIND_32, sender, receiver, bits);
}

enum ffa_status fake_unbind(uint16_t receiver, uint16_t sender, uint32_t bits)
{
	return call_on_bits(receiver, FFA_NOTIFICATION_UNBIND_32, sender, receiver, bits);
}

enum ffa_status fake_set(uint16_t sender, uint16_t receiver, uint32_t bits)
{
	return call_on_bits(sender, FFA_NOTIFICATION_SET_32, sender, receiver, bits);
}

uint64_t fake_get(uint16_t receiver)
{
	struct ffa_regs answer = fake_call(receiver, FFA_NOTIFICATION_GET_32, receiver, 0xf, 0, 0);

	assert_status(fake_status(&answer), FFA_OK);
	return ffa_join(answer.x[4], answer.x[5]);
}

void fake_vcpu(uint16_t id, uint16_t vcpu, bool online)
{
	fake.handles[id].online[vcpu] = online;
	fake.handles[id].told[vcpu] = false;
	if (online)
		hyp_vcpu_on(fake.vms[id], vcpu);
	else
		hyp_vcpu_off(fake.vms[id], vcpu);
}
