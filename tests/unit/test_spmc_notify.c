/* SPDX-License-Identifier: MIT */
/* Notifications at the SPMC: facts spmc.md sections 1.8, 2 and 5.1. */
#include "abi/ffa_decode.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define HIGH_AND_LOW 0x8000000100000001ull
#define PER_VCPU     FFA_NOTIFICATION_FLAG_PER_VCPU

/* The states of section 2.2. */
enum state { UNBOUND, BOUND, PENDING, RETRIEVED, STATES };

static void reach(enum state state)
{
	set_up_negotiated("full");
	assert_status(create(1, 2), FFA_OK);
	if (state >= BOUND)
		assert_status(bind(SP1, 1, 0, HIGH_AND_LOW), FFA_OK);
	if (state >= PENDING)
		assert_status(sp_set(SP1, 1, 0, HIGH_AND_LOW), FFA_OK);
	if (state >= RETRIEVED)
		assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	machine.state.sri = 0;
}

static const struct {
	const char *name;
	enum state state;
	int32_t bind, unbind, set, info_get, destroy;
	uint64_t got;
} transitions[] = {
        {"unbound", UNBOUND, FFA_OK, FFA_DENIED, FFA_DENIED, FFA_NO_DATA, FFA_OK, 0},
        {"bound", BOUND, FFA_DENIED, FFA_OK, FFA_OK, FFA_NO_DATA, FFA_OK, 0},
        {"pending", PENDING, FFA_DENIED, FFA_DENIED, FFA_OK, FFA_OK, FFA_DENIED, HIGH_AND_LOW},
        {"retrieved", RETRIEVED, FFA_DENIED, FFA_DENIED, FFA_OK, FFA_NO_DATA, FFA_DENIED,
         HIGH_AND_LOW},
};

TEST_EACH(spmc_notify, transition, transitions)
{
	reach(c->state);
	assert_status(bind(SP1, 1, 0, HIGH_AND_LOW), c->bind);
	reach(c->state);
	assert_status(unbind(SP1, 1, HIGH_AND_LOW), c->unbind);
	reach(c->state);
	assert_status(sp_set(SP1, 1, 0, HIGH_AND_LOW), c->set);
	assert_eq_u64(SRI_PENDING, c->set == FFA_OK ? 1u << 8 : 0);
	reach(c->state);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), c->info_get);
	reach(c->state);
	assert_eq_u64(get(1, 1), c->got);
	assert_eq_u64(get(1, 0), 0);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
	reach(c->state);
	assert_status(destroy(1), c->destroy);
}

/* Section 5.1 row 1: a bit that is set twice is pending once. */
TEST(spmc_notify, set_twice_is_pending_once)
{
	reach(PENDING);
	assert_status(sp_set(SP1, 1, 0, 1), FFA_OK);
	assert_eq_u64(SRI_PENDING, 1u << 8);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[2], 1u << 7);
	assert_eq_u64(answer.x[3], 1);
	assert_status(sp_set(SP1, 1, 0, 1), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
	assert_eq_u64(get(1, 0), HIGH_AND_LOW);
	assert_status(sp_set(SP1, 1, 0, 1), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
}

TEST(spmc_notify, another_bit_is_told_again)
{
	reach(BOUND);
	assert_status(sp_set(SP1, 1, 0, 1), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	assert_status(sp_set(SP1, 1, 0, 1ull << 63), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
}

TEST(spmc_notify, all_bits_or_none)
{
	reach(UNBOUND);
	assert_status(bind(SP1, 1, 0, 0x6), FFA_OK);
	assert_status(bind(SP2, 1, 0, 0x9), FFA_OK);
	assert_status(bind(SP2, 1, 0, 0x12), FFA_DENIED);
	assert_status(bind(SP2, 1, 0, 0x10), FFA_OK);
	assert_status(unbind(SP1, 1, 0x7), FFA_DENIED);
	assert_status(sp_set(SP1, 1, 0, 0x7), FFA_DENIED);
	assert_status(sp_set(SP1, 1, 0, 0x6), FFA_OK);
	assert_eq_u64(get(1, 0), 0x6);
}

TEST(spmc_notify, slots_run_out)
{
	set_up_negotiated("hafnium");
	for (unsigned vm = 1; vm <= 8; vm++)
		assert_status(create(vm, 1), FFA_OK);
	assert_status(create(100, 1), FFA_NO_MEMORY);
	assert_status(create(0, 1), FFA_OK);
	assert_eq_int(world_spmc_bitmaps(&machine), 9);
	assert_status(destroy(3), FFA_OK);
	assert_status(create(100, 1), FFA_OK);
	assert_status(bind(SP1, 3, 0, 1), FFA_INVALID_PARAMETERS);
}

TEST(spmc_notify, slot_is_clean_when_used_again)
{
	reach(BOUND);
	assert_status(destroy(1), FFA_OK);
	assert_status(create(2, 1), FFA_OK);
	assert_status(sp_set(SP1, 2, 0, 1), FFA_DENIED);
	assert_status(bind(SP2, 2, 0, HIGH_AND_LOW), FFA_OK);
}

/* Orders of checks: a call with two mistakes gets the code of the first (section 1.8.1). */
static const struct {
	const char *name;
	uint32_t fid;
	uint64_t w1, w2, low, high;
	int32_t want;
} mistakes[] = {
        {"create-sp", FFA_NOTIFICATION_BITMAP_CREATE_32, SP1, 1, 0, 0, FFA_INVALID_PARAMETERS},
        {"create-again", FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 1, 0, 0, FFA_DENIED},
        {"destroy-sp", FFA_NOTIFICATION_BITMAP_DESTROY_32, SP1, 0, 0, 0, FFA_INVALID_PARAMETERS},
        {"destroy-unknown", FFA_NOTIFICATION_BITMAP_DESTROY_32, 2, 0, 0, 0, FFA_DENIED},
        {"bind-reserved-flag", FFA_NOTIFICATION_BIND_32, SP1 << 16 | 1, 2, 1, 0,
         FFA_INVALID_PARAMETERS},
        {"bind-vm-sender", FFA_NOTIFICATION_BIND_32, 2 << 16 | 1, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"bind-sp-receiver", FFA_NOTIFICATION_BIND_32, (uint64_t)SP1 << 16 | SP2, 0, 1, 0,
         FFA_INVALID_PARAMETERS},
        {"bind-logical-partition", FFA_NOTIFICATION_BIND_32, 0xffc0ull << 16 | 1, 0, 1, 0,
         FFA_INVALID_PARAMETERS},
        {"bind-unknown-sp", FFA_NOTIFICATION_BIND_32, 0x8055ull << 16 | 1, 0, 0x10, 0,
         FFA_INVALID_PARAMETERS},
        {"bind-empty", FFA_NOTIFICATION_BIND_32, (uint64_t)SP1 << 16 | 1, 0, 0, 0,
         FFA_INVALID_PARAMETERS},
        {"bind-unknown-vm", FFA_NOTIFICATION_BIND_32, (uint64_t)SP1 << 16 | 2, 0, 1, 0,
         FFA_INVALID_PARAMETERS},
        {"bind-host-before-create", FFA_NOTIFICATION_BIND_32, (uint64_t)SP1 << 16, 0, 1, 0,
         FFA_NOT_SUPPORTED},
        {"bind-taken", FFA_NOTIFICATION_BIND_32, (uint64_t)SP2 << 16 | 1, 0, 1, 0, FFA_DENIED},
        {"unbind-other", FFA_NOTIFICATION_UNBIND_32, (uint64_t)SP2 << 16 | 1, 0, 1, 0, FFA_DENIED},
        {"unbind-unknown-sp", FFA_NOTIFICATION_UNBIND_32, 0x8055ull << 16 | 1, 0, 1, 0, FFA_DENIED},
        {"set-sp-sender", FFA_NOTIFICATION_SET_32, (uint64_t)SP1 << 16 | SP1, 0, 1, 0,
         FFA_INVALID_PARAMETERS},
        {"set-vm-receiver", FFA_NOTIFICATION_SET_32, 1 << 16 | 2, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"set-unknown", FFA_NOTIFICATION_SET_32, 1 << 16 | 0x8055, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"set-delayed", FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 2, 1, 0, FFA_INVALID_PARAMETERS},
        {"set-global-with-vcpu", FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0x10000, 1, 0,
         FFA_INVALID_PARAMETERS},
        {"set-empty", FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0, 0, 0, FFA_INVALID_PARAMETERS},
        {"set-unbound", FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0, 1, 0, FFA_DENIED},
        {"set-no-notifications", FFA_NOTIFICATION_SET_32, 1 << 16 | SP2, 0, 1, 0, FFA_DENIED},
        {"get-reserved-flag", FFA_NOTIFICATION_GET_32, 1, 0x11, 0, 0, FFA_INVALID_PARAMETERS},
        {"get-hyp-bits", FFA_NOTIFICATION_GET_32, 1, 0x9, 0, 0, FFA_INVALID_PARAMETERS},
        {"get-sp", FFA_NOTIFICATION_GET_32, SP1, 1, 0, 0, FFA_INVALID_PARAMETERS},
        {"get-unknown", FFA_NOTIFICATION_GET_32, 2, 1, 0, 0, FFA_INVALID_PARAMETERS},
        {"get-vcpu", FFA_NOTIFICATION_GET_32, 2 << 16 | 1, 1, 0, 0, FFA_INVALID_PARAMETERS},
        {"get-vcpu-and-id-swapped", FFA_NOTIFICATION_GET_32, 1 << 16, 1, 0, 0,
         FFA_INVALID_PARAMETERS},
};

TEST_EACH(spmc_notify, mistake, mistakes)
{
	reach(PENDING);
	assert_status(call(c->fid, c->w1, c->w2, c->low, c->high), c->want);
	assert_eq_u64(get(1, 0), HIGH_AND_LOW);
}

static const struct {
	const char *name;
	uint32_t w1, w2;
	uint64_t bitmap;
	int32_t want;
} sp_mistakes[] = {
        {"other-sender", SP2 << 16 | 1, 0, 1, FFA_INVALID_PARAMETERS},
        {"sp-receiver", SP1 << 16 | SP2, 0, 1, FFA_INVALID_PARAMETERS},
        {"reserved-flag", SP1 << 16 | 1, 4, 1, FFA_INVALID_PARAMETERS},
        {"global-with-vcpu", SP1 << 16 | 1, 0x10000, 1, FFA_INVALID_PARAMETERS},
        {"opposite-type", SP1 << 16 | 1, PER_VCPU, 1, FFA_INVALID_PARAMETERS},
        {"types-mixed", SP1 << 16 | 1, PER_VCPU, 3, FFA_DENIED},
        {"vcpu-too-high", SP1 << 16 | 1, 0x20000 | PER_VCPU, 2, FFA_INVALID_PARAMETERS},
        {"empty", SP1 << 16 | 1, 0, 0, FFA_INVALID_PARAMETERS},
        {"unknown-vm", SP1 << 16 | 2, 0, 1, FFA_INVALID_PARAMETERS},
        {"host-without-bitmap", SP1 << 16, 0, 1, FFA_DENIED},
        {"not-bound", SP1 << 16 | 1, 0, 4, FFA_DENIED},
};

TEST_EACH(spmc_notify, sp_set_mistake, sp_mistakes)
{
	reach(BOUND);
	assert_status(bind(SP1, 1, PER_VCPU, 2), FFA_OK);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_SET_32, c->w1, c->w2, c->bitmap, 0), c->want);
	assert_eq_u64(SRI_PENDING, 0);
	assert_eq_u64(get(1, 0), 0);
}

/* Section 5.1 row 17. */
TEST(spmc_notify, receiver_of_1_0_cannot_bind)
{
	set_up("full");
	call(FFA_VERSION_32, FFA_VERSION_1_0, 0, 0, 0);
	assert_status(create(1, 1), FFA_OK);
	assert_status(bind(SP1, 1, 0, 1), FFA_NOT_SUPPORTED);
}

/* Section 2.4 */

TEST(spmc_notify, a_vcpus_notification_is_its_own)
{
	reach(UNBOUND);
	assert_status(bind(SP1, 1, PER_VCPU, 2), FFA_OK);
	assert_status(bind(SP1, 1, 0, 4), FFA_OK);
	assert_status(sp_set(SP1, 1, 0x10000 | PER_VCPU, 2), FFA_OK);
	assert_status(sp_set(SP1, 1, 0, 4), FFA_OK);
	assert_status(unbind(SP1, 1, 2), FFA_DENIED);
	assert_eq_u64(get(1, 0), 4);
	assert_eq_u64(get(1, 1), 2);
	assert_status(unbind(SP1, 1, 2), FFA_OK);
	assert_status(bind(SP1, 1, 0, 2), FFA_OK);
	assert_status(sp_set(SP1, 1, 0, 2), FFA_OK);
}

/* INFO_GET: the encoding of section 1.8, the lists of section 2.3. */

TEST(spmc_notify, lists_are_split_after_three_vcpus)
{
	set_up_negotiated("full");
	for (unsigned vm = 1; vm <= 2; vm++) {
		assert_status(create(vm, 4), FFA_OK);
		assert_status(bind(SP1, vm, vm == 2 ? PER_VCPU : 0, 1), FFA_OK);
	}
	assert_status(sp_set(SP1, 1, 0, 1), FFA_OK);
	for (uint32_t vcpu = 0; vcpu < 4; vcpu++)
		assert_status(sp_set(SP1, 2, vcpu << 16 | PER_VCPU, 1), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[0], FFA_SUCCESS_64);
	/* {1}, {2; 0, 1, 2}, {2; 3} */
	assert_eq_u64(answer.x[2], 3u << 7 | 0u << 12 | 3u << 14 | 1u << 16);
	assert_eq_u64(answer.x[3], 0x0001000000020001);
	assert_eq_u64(answer.x[4], 0x0000000300020002);
	assert_eq_u64(answer.x[5], 0);
}

TEST(spmc_notify, a_global_one_joins_the_list_of_its_vm)
{
	reach(PENDING);
	assert_status(bind(SP1, 1, PER_VCPU, 2), FFA_OK);
	assert_status(sp_set(SP1, 1, 0x10000 | PER_VCPU, 2), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[2], 1u << 7 | 1u << 12);
	assert_eq_u64(answer.x[3], 0x10001);
}

/* Walks one answer; notes each VM and vCPU that it names. */
static unsigned note(uint32_t per_register, unsigned seen[4][4])
{
	unsigned lists = answer.x[2] >> 7 & 31, id = 0, count = 0;

	for (unsigned i = 0; i < lists; i++) {
		unsigned size = answer.x[2] >> (12 + 2 * i) & 3, vm = 0;

		for (unsigned j = 0; j <= size; j++, id++) {
			unsigned value =
			        answer.x[3 + id / per_register] >> id % per_register * 16 & 0xffff;

			assert_true(id < 5 * per_register);
			if (j == 0) {
				vm = value;
				assert_true(vm < 4);
			} else {
				assert_true(value < 4);
				seen[vm][value]++;
				count++;
			}
		}
	}
	return count;
}

static const struct {
	const char *name;
	uint32_t fid;
	unsigned first; /* vCPUs in the first answer: one list of 3, then of 1, per VM */
} widths[] = {
        {"64", FFA_NOTIFICATION_INFO_GET_64, 13},
        {"32", FFA_NOTIFICATION_INFO_GET_32, 7},
};

/* Four endpoints of four vCPUs are 24 ids: more than an answer holds. */
TEST_EACH(spmc_notify, what_does_not_fit_comes_next, widths)
{
	unsigned seen[4][4] = {{0}};
	bool is_64bit = ffa_fid_is_64bit(c->fid);

	set_up_negotiated("full");
	for (unsigned vm = 0; vm < 4; vm++) {
		assert_status(create(vm, 4), FFA_OK);
		assert_status(bind(SP1, vm, PER_VCPU, 1), FFA_OK);
		for (uint32_t vcpu = 0; vcpu < 4; vcpu++)
			assert_status(sp_set(SP1, vm, vcpu << 16 | PER_VCPU, 1), FFA_OK);
	}
	assert_status(call(c->fid, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[0], is_64bit ? FFA_SUCCESS_64 : FFA_SUCCESS_32);
	assert_eq_int(note(is_64bit ? 4 : 2, seen), c->first);
	while (answer.x[2] & 1) {
		assert_status(call(c->fid, 0, 0, 0, 0), FFA_OK);
		assert_true(note(is_64bit ? 4 : 2, seen) > 0);
	}
	for (unsigned vm = 0; vm < 4; vm++)
		for (unsigned vcpu = 0; vcpu < 4; vcpu++)
			assert_eq_int(seen[vm][vcpu], 1);
	assert_status(call(c->fid, 0, 0, 0, 0), FFA_NO_DATA);
}

/* SPs first, then id 0, then the VMs by their slots (section 2.3). */
TEST(spmc_notify, order_of_endpoints)
{
	set_up_negotiated("full");
	assert_status(create(3, 1), FFA_OK);
	assert_status(create(0, 1), FFA_OK);
	assert_status(create(1, 1), FFA_OK);
	for (unsigned vm = 0; vm < 4; vm++)
		assert_status(vm == 2 ? FFA_OK : bind(SP2, vm, 0, 1), FFA_OK);
	for (unsigned vm = 0; vm < 4; vm++)
		assert_status(vm == 2 ? FFA_OK : sp_set(SP2, vm, 0, 1), FFA_OK);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BIND_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[2], 4u << 7);
	assert_eq_u64(answer.x[3], 0x0001000300008001);
}

/* SPs as receivers */

TEST(spmc_notify, vm_to_sp)
{
	reach(PENDING); /* the same bit between an SP and a VM is another one */
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BIND_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BIND_32, 2 << 16 | SP1, 0, 1, 0), FFA_DENIED);
	assert_status(call(FFA_NOTIFICATION_SET_32, 2 << 16 | SP1, 0, 1, 0), FFA_DENIED);
	assert_status(call(FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
	assert_eq_u64(SRI_PENDING, 1u << 8);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_UNBIND_32, 1 << 16 | SP1, 0, 1, 0), FFA_DENIED);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_GET_32, SP1, FFA_NOTIFICATION_GET_VM, 0, 0),
	              FFA_OK);
	assert_eq_u64(answer.x[4], 1);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_UNBIND_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
	assert_eq_u64(get(1, 0), HIGH_AND_LOW);
}

TEST(spmc_notify, cycles_let_an_sp_fetch)
{
	reach(UNBOUND);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BIND_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
	assert_status(call(FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
	call(FFA_RUN_32, SP1 << 16, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_MSG_WAIT_32);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_UNBIND_32, 1 << 16 | SP1, 0, 1, 0), FFA_OK);
}

TEST(spmc_notify, what_an_sp_may_not_do)
{
	reach(UNBOUND);
	assert_status(sp_call(SP2, FFA_NOTIFICATION_BIND_32, 1 << 16 | SP2, 0, 1, 0),
	              FFA_NOT_SUPPORTED);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BIND_32, 1 << 16 | SP2, 0, 1, 0),
	              FFA_INVALID_PARAMETERS);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BIND_32, 0x7 << 16 | SP1, 0, 1, 0),
	              FFA_INVALID_PARAMETERS);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NOT_SUPPORTED);
	assert_status(sp_call(SP1, FFA_INTERRUPT_32, 0, 0, 0, 0), FFA_DENIED);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 1, 0, 0),
	              FFA_NOT_SUPPORTED);
	assert_status(sp_call(SP1, FFA_ID_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[2], SP1);
}

/* The schedule receiver interrupt: section 2.5. */

TEST(spmc_notify, a_delayed_interrupt_fires_on_return)
{
	reach(BOUND);
	assert_status(world_sp_set(&machine, 0, ffa_make_id(1), 1, true), FFA_OK);
	assert_eq_u64(SRI_PENDING, 0);
	call(FFA_ID_GET_32, 0, 0, 0, 0);
	assert_eq_u64(SRI_PENDING, 1u << 8);
	machine.state.sri = 0;
	call(FFA_ID_GET_32, 0, 0, 0, 0);
	assert_eq_u64(SRI_PENDING, 0);
}

TEST(spmc_notify, the_interrupt_has_the_number_of_the_profile)
{
	set_up_negotiated("optee-virt");
	assert_status(create(1, 1), FFA_OK);
	assert_status(bind(SP1, 1, 0, 1), FFA_OK);
	assert_status(world_sp_set(&machine, 0, ffa_make_id(1), 1, false), FFA_OK);
	assert_status(call(FFA_FEATURES_32, FFA_FEATURE_SRI, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[2], 9);
	assert_eq_u64(SRI_PENDING, 1u << 9);
}

/* The framework's notification: section 1.3.6 and 3.6. */

TEST(spmc_notify, message_of_an_sp)
{
	static const uint8_t message[] = {0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11};
	struct ffa_regs regs = {{FFA_MSG_SEND2_32, 0x80010000, 0, 0x55667788, 0x11223344}};
	uint64_t rx = SHIM_PHYSICAL_BASE;

	reach(UNBOUND);
	assert_status(call(FFA_RXTX_MAP_64, rx + SHIM_PAGE, rx, 1, 0), FFA_OK);
	world_sp_call(&machine, 0, &regs);
	assert_eq_u64(regs.x[0], FFA_SUCCESS_32);
	assert_mem(world_memory(&machine, rx + 40, 8, false), message, sizeof message);
}

TEST(spmc_notify, rx_buffer_full)
{
	uint64_t rx = SHIM_PHYSICAL_BASE;

	reach(UNBOUND);
	assert_status(world_sp_send(&machine, 0, ffa_make_id(0), "hi", 3), FFA_BUSY);
	assert_status(call(FFA_RXTX_MAP_64, rx + SHIM_PAGE, rx, 1, 0), FFA_OK);
	assert_status(create(0, 1), FFA_OK);
	assert_status(world_sp_send(&machine, 0, ffa_make_id(1), "hi", 3), FFA_BUSY);
	assert_status(world_sp_send(&machine, 0, ffa_make_id(0), "hi", 3), FFA_OK);
	assert_eq_u64(SRI_PENDING, 1u << 8);
	assert_status(world_sp_send(&machine, 0, ffa_make_id(0), "hi", 3), FFA_BUSY);
	assert_str((const char *)world_memory(&machine, rx + 40, 3, false), "hi");
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[2], 1u << 7);
	assert_eq_u64(answer.x[3], 0);
	assert_status(call(FFA_RX_RELEASE_32, 0, 0, 0, 0), FFA_DENIED);
	assert_status(call(FFA_NOTIFICATION_GET_32, 0, FFA_NOTIFICATION_GET_SPM, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[6], 1);
	assert_status(call(FFA_RX_RELEASE_32, 0, 0, 0, 0), FFA_OK);
	assert_status(call(FFA_RX_RELEASE_32, 0, 0, 0, 0), FFA_DENIED);
}
