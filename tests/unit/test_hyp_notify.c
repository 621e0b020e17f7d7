/* SPDX-License-Identifier: MIT */
/* The hypervisor mediator: notifications between VMs. vm1 receives, vm2 and vm3 send. */
#include "tests/unit/test_hyp_fake.h"

#define JUNK UINT64_C(0x12345678)

static void start_three(void)
{
	fake_start(true);
	for (uint16_t id = 1; id <= 3; id++)
		fake_vm_at(id, FFA_VERSION_1_2);
}

static void start_bound(uint32_t bits)
{
	start_three();
	assert_status(fake_bind(1, 2, bits), FFA_OK);
}

static bool info_get(uint16_t id)
{
	struct ffa_regs answer = fake_call(id, FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0);
	enum ffa_status status = fake_status(&answer);

	if (status != FFA_OK)
		assert_status(status, FFA_NO_DATA);
	return status == FFA_OK;
}

/* Parameters: code and order of the checks */

struct parameter_case {
	const char *name;
	uint32_t fid;
	uint16_t high; /* halves of w1 */
	uint16_t low;
	uint32_t w2;
	uint32_t bits_low;
	uint32_t bits_high;
	enum ffa_status want;
};

#define BIND   FFA_NOTIFICATION_BIND_32
#define UNBIND FFA_NOTIFICATION_UNBIND_32
#define SET    FFA_NOTIFICATION_SET_32
#define GET    FFA_NOTIFICATION_GET_32

/* Called by vm1. Bit 0 is bound to vm2; of vm3, bit 0 is bound to vm1; vm4 is at 1.0; vm5 is new.
 */
static const struct parameter_case parameter_cases[] = {
        {"BIND", BIND, 2, 1, 0, 2, 0, FFA_OK},
        {"BIND bit 63", BIND, 2, 1, 0, 0, 0x80000000, FFA_OK},
        {"BIND all", BIND, 2, 1, 0, 0xffffffff, 0xffffffff, FFA_OK},
        {"BIND to a VM that does not exist", BIND, 9, 1, 0, 2, 0, FFA_OK},
        {"BIND per vCPU", BIND, 2, 1, 1, 2, 0, FFA_INVALID_PARAMETERS},
        {"BIND reserved flag", BIND, 2, 1, 0x80000000, 2, 0, FFA_INVALID_PARAMETERS},
        {"BIND for another VM", BIND, 2, 3, 0, 2, 0, FFA_INVALID_PARAMETERS},
        {"BIND with halves swapped", BIND, 1, 2, 0, 2, 0, FFA_INVALID_PARAMETERS},
        {"BIND to itself", BIND, 1, 1, 0, 2, 0, FFA_INVALID_PARAMETERS},
        {"BIND to the hypervisor", BIND, 0, 1, 0, 2, 0, FFA_INVALID_PARAMETERS},
        {"BIND nothing", BIND, 2, 1, 0, 0, 0, FFA_INVALID_PARAMETERS},
        {"BIND to an SP", BIND, 0x8001, 1, 0, 2, 0, FFA_NOT_SUPPORTED},
        {"BIND to an SP with a flag", BIND, 0x8001, 1, 1, 2, 0, FFA_INVALID_PARAMETERS},
        {"BIND nothing to an SP", BIND, 0x8001, 1, 0, 0, 0, FFA_INVALID_PARAMETERS},
        {"BIND of a bit that is taken", BIND, 3, 1, 0, 1, 0, FFA_DENIED},
        {"BIND of some bits that are taken", BIND, 3, 1, 0, 3, 0, FFA_DENIED},
        {"BIND again", BIND, 2, 1, 0, 1, 0, FFA_OK},
        {"BIND again and more", BIND, 2, 1, 0, 3, 0, FFA_OK},

        {"UNBIND", UNBIND, 2, 1, 0, 1, 0, FFA_OK},
        {"UNBIND with w2", UNBIND, 2, 1, 1, 1, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND for another VM", UNBIND, 2, 3, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND with halves swapped", UNBIND, 1, 2, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND from itself", UNBIND, 1, 1, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND from the hypervisor", UNBIND, 0, 1, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND free bit from the hypervisor", UNBIND, 0, 1, 0, 2, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND nothing", UNBIND, 2, 1, 0, 0, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND from an SP", UNBIND, 0x8001, 1, 0, 1, 0, FFA_NOT_SUPPORTED},
        {"UNBIND from an SP with w2", UNBIND, 0x8001, 1, 4, 1, 0, FFA_INVALID_PARAMETERS},
        {"UNBIND from the wrong VM", UNBIND, 3, 1, 0, 1, 0, FFA_DENIED},
        {"UNBIND of a free bit", UNBIND, 2, 1, 0, 2, 0, FFA_DENIED},
        {"UNBIND of a bound and a free bit", UNBIND, 2, 1, 0, 3, 0, FFA_DENIED},

        {"SET", SET, 1, 3, 0, 1, 0, FFA_OK},
        {"SET for another sender", SET, 2, 3, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET with halves swapped", SET, 3, 1, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET to itself", SET, 1, 1, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET to the hypervisor", SET, 1, 0, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET nothing", SET, 1, 3, 0, 0, 0, FFA_INVALID_PARAMETERS},
        {"SET per vCPU", SET, 1, 3, 1, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET with delayed SRI", SET, 1, 3, 2, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET for vCPU 1", SET, 1, 3, 0x10000, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET to an SP", SET, 1, 0x8001, 0, 1, 0, FFA_NOT_SUPPORTED},
        {"SET to an SP with a flag", SET, 1, 0x8001, 1, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET nothing to an SP", SET, 1, 0x8001, 0, 0, 0, FFA_INVALID_PARAMETERS},
        {"SET to a VM that does not exist", SET, 1, 9, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET to a VM at 1.0", SET, 1, 4, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET to a VM without a version", SET, 1, 5, 0, 1, 0, FFA_INVALID_PARAMETERS},
        {"SET of a free bit", SET, 1, 3, 0, 2, 0, FFA_DENIED},
        {"SET of a bound and a free bit", SET, 1, 3, 0, 3, 0, FFA_DENIED},
        {"SET of a bound bit and a free one high up", SET, 1, 3, 0, 1, 1, FFA_DENIED},
        {"SET of another's bit", SET, 1, 2, 0, 1, 0, FFA_DENIED},

        {"GET", GET, 0, 1, 0xf, 0, 0, FFA_OK},
        {"GET nothing", GET, 0, 1, 0, 0, 0, FFA_OK},
        {"GET for another VM", GET, 0, 2, 2, 0, 0, FFA_INVALID_PARAMETERS},
        {"GET for the hypervisor", GET, 0, 0, 2, 0, 0, FFA_INVALID_PARAMETERS},
        {"GET by the last vCPU", GET, FAKE_VCPUS - 1, 1, 2, 0, 0, FFA_OK},
        {"GET by a vCPU it does not have", GET, FAKE_VCPUS, 1, 2, 0, 0, FFA_INVALID_PARAMETERS},
        {"GET reserved flag 4", GET, 0, 1, 0x12, 0, 0, FFA_INVALID_PARAMETERS},
        {"GET reserved flag 31", GET, 0, 1, 0x80000002, 0, 0, FFA_INVALID_PARAMETERS},
};

TEST_EACH(hyp_notify, parameters, parameter_cases)
{
	struct ffa_regs answer;

	start_bound(1);
	fake_vm_at(4, FFA_VERSION_1_0);
	fake_vm(5);
	assert_status(fake_bind(3, 1, 1), FFA_OK);
	assert_status(fake_bind(2, 3, 1), FFA_OK);

	answer = fake_call(1, c->fid, ffa_pair(c->high, c->low), c->w2, c->bits_low, c->bits_high);
	assert_status(fake_status(&answer), c->want);
	if (c->want == FFA_OK)
		assert_eq_u64(answer.x[0], FFA_SUCCESS_32);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], i == 2 ? (uint32_t)c->want : 0);
	fake_finish();
}

TEST(hyp_notify, off_between_vms)
{
	static const uint32_t functions[] = {0x8400007f, 0x84000080, 0x84000081,
	                                     0x84000082, 0x84000083, 0xc4000083};

	fake_start(false);
	fake_vm_at(1, FFA_VERSION_1_2);
	fake_vm_at(2, FFA_VERSION_1_2);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		struct ffa_regs good = fake_call(1, functions[i], 0x20001, 0, 1, 0);
		struct ffa_regs bad = fake_call(1, functions[i], 0x70007, 0xff, 0, 0);

		assert_status(fake_status(&good), FFA_NOT_SUPPORTED);
		assert_status(fake_status(&bad), FFA_NOT_SUPPORTED);
	}
	fake_finish();
}

TEST(hyp_notify, not_in_1_0)
{
	struct ffa_regs answer;

	start_three();
	fake_vm_at(4, FFA_VERSION_1_0);
	assert_status(fake_bind(4, 2, 1), FFA_NOT_SUPPORTED);
	assert_status(fake_unbind(4, 2, 1), FFA_NOT_SUPPORTED);
	assert_status(fake_set(4, 1, 1), FFA_NOT_SUPPORTED);
	answer = fake_call(4, GET, 4, 2, 0, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	answer = fake_call(4, FFA_NOTIFICATION_INFO_GET_32, 0, 0, 0, 0);
	assert_status(fake_status(&answer), FFA_NOT_SUPPORTED);
	fake_finish();
}

/* BIND and UNBIND */

TEST(hyp_notify, bind_is_all_or_nothing)
{
	start_bound(0x2);
	assert_status(fake_bind(1, 3, 0x3), FFA_DENIED);
	assert_status(fake_set(3, 1, 0x1), FFA_DENIED);
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	fake_finish();
}

TEST(hyp_notify, unbind_is_all_or_nothing)
{
	start_bound(0x1);
	assert_status(fake_bind(1, 3, 0x2), FFA_OK);
	assert_status(fake_unbind(1, 2, 0x3), FFA_DENIED);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_status(fake_set(3, 1, 0x2), FFA_OK);
	assert_eq_u64(fake_get(1), 0x3);
	fake_finish();
}

TEST(hyp_notify, unbound_bit_is_free_again)
{
	start_bound(0x1);
	assert_status(fake_unbind(1, 2, 0x1), FFA_OK);
	assert_status(fake_set(2, 1, 0x1), FFA_DENIED);
	assert_status(fake_unbind(1, 2, 0x1), FFA_DENIED);
	assert_status(fake_bind(1, 3, 0x1), FFA_OK);
	assert_status(fake_set(3, 1, 0x1), FFA_OK);
	fake_finish();
}

TEST(hyp_notify, pending_bit_cannot_be_rebound)
{
	start_bound(0x3);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_status(fake_bind(1, 2, 0x1), FFA_DENIED);
	assert_status(fake_bind(1, 2, 0x5), FFA_DENIED);
	assert_status(fake_unbind(1, 2, 0x1), FFA_DENIED);
	assert_status(fake_unbind(1, 2, 0x3), FFA_DENIED);
	assert_status(fake_unbind(1, 2, 0x2), FFA_OK);
	assert_status(fake_bind(1, 3, 0x4), FFA_OK);
	assert_eq_u64(fake_get(1), 0x1);
	assert_status(fake_unbind(1, 2, 0x1), FFA_OK);
	fake_finish();
}

/* SET and GET */

TEST(hyp_notify, set_accumulates_and_get_clears)
{
	start_bound(0x3);
	assert_status(fake_bind(1, 3, 0x4), FFA_OK);
	assert_eq_u64(fake_get(1), 0);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_status(fake_set(3, 1, 0x4), FFA_OK);
	assert_eq_u64(fake_get(1), 0x5);
	assert_eq_u64(fake_get(1), 0);
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	assert_eq_u64(fake_get(1), 0x2);
	fake_finish();
}

TEST(hyp_notify, refused_set_leaves_nothing)
{
	start_bound(0x1);
	assert_status(fake_set(2, 1, 0x3), FFA_DENIED);
	assert_eq_int(fake.injection_count, 0);
	assert_false(info_get(1));
	assert_eq_u64(fake_get(1), 0);
	fake_finish();
}

TEST(hyp_notify, get_registers)
{
	struct ffa_regs answer;

	start_three();
	answer = fake_call(1, BIND, 0x20001, 0, 0x80000001, 0x80000000);
	assert_status(fake_status(&answer), FFA_OK);
	answer = fake_call(2, SET, 0x20001, 0, 0x80000001, 0x80000000);
	assert_status(fake_status(&answer), FFA_OK);
	answer = fake_call(1, GET, 1, 0xf, JUNK, JUNK);
	assert_eq_u64(answer.x[0], 0x84000061);
	for (size_t i = 1; i < FFA_REG_COUNT; i++) {
		if (i == 4)
			assert_eq_u64(answer.x[i], 0x80000001);
		else
			assert_eq_u64(answer.x[i], i == 5 ? 0x80000000 : 0);
	}
	fake_finish();
}

TEST(hyp_notify, get_of_others_leaves_pending)
{
	struct ffa_regs answer;

	start_bound(0x1);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	answer = fake_call(1, GET, 1, 0xd, 0, 0);
	assert_status(fake_status(&answer), FFA_OK);
	for (size_t i = 1; i < FFA_REG_COUNT; i++)
		assert_eq_u64(answer.x[i], 0);
	answer = fake_call(1, GET, 1, 0, 0, 0);
	assert_eq_u64(answer.x[4], 0);
	answer = fake_call(1, GET, 1, 0x2, 0, 0);
	assert_eq_u64(answer.x[4], 0x1);
	fake_finish();
}

TEST(hyp_notify, each_receiver_has_its_own)
{
	start_bound(0x1);
	assert_status(fake_bind(3, 2, 0x1), FFA_OK);
	assert_status(fake_set(2, 3, 0x1), FFA_OK);
	assert_eq_u64(fake_get(1), 0);
	assert_eq_u64(fake_get(3), 0x1);
	fake_finish();
}

/* INFO_GET */

TEST(hyp_notify, info_get_registers)
{
	static const uint32_t functions[] = {0x84000083, 0xc4000083};
	static const uint64_t success[] = {0x84000061, 0xc4000061};

	start_bound(0x3);
	for (size_t n = 0; n < 2; n++) {
		struct ffa_regs answer = fake_call(1, functions[n], JUNK, JUNK, JUNK, JUNK);

		assert_status(fake_status(&answer), FFA_NO_DATA);
		assert_status(fake_set(2, 1, 0x1), FFA_OK);
		answer = fake_call(1, functions[n], JUNK, JUNK, JUNK, JUNK);
		assert_eq_u64(answer.x[0], success[n]);
		assert_eq_u64(answer.x[2], 0x80);
		assert_eq_u64(answer.x[3], 1);
		for (size_t i = 4; i < FFA_REG_COUNT; i++)
			assert_eq_u64(answer.x[i], 0);
		assert_eq_u64(answer.x[1], 0);
	}
	assert_eq_u64(fake_get(1), 0x1);
	fake_finish();
}

TEST(hyp_notify, info_get_reports_once)
{
	start_bound(0x3);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_true(info_get(1));
	assert_false(info_get(1));
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	assert_true(info_get(1));
	assert_false(info_get(1));
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	assert_true(info_get(1));
	assert_false(info_get(1));
	assert_eq_u64(fake_get(1), 0x3);
	assert_false(info_get(1));
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_true(info_get(1));
	fake_finish();
}

TEST(hyp_notify, info_get_is_not_cleared_by_other_gets)
{
	start_bound(0x1);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_true(info_get(1));
	fake_call(1, GET, 1, 0xd, 0, 0);
	assert_false(info_get(1));
	assert_false(info_get(2));
	fake_finish();
}

TEST(hyp_notify, info_get_reports_always)
{
	struct hyp_config config = {.vm_to_vm = true, .info_report_always = true};

	fake_reset();
	assert_status(hyp_boot(&config), FFA_OK);
	fake_vm_at(1, FFA_VERSION_1_2);
	fake_vm_at(2, FFA_VERSION_1_2);
	assert_status(fake_bind(1, 2, 1), FFA_OK);
	assert_false(info_get(1));
	assert_status(fake_set(2, 1, 1), FFA_OK);
	assert_true(info_get(1));
	assert_true(info_get(1));
	assert_eq_u64(fake_get(1), 1);
	assert_false(info_get(1));
	fake_finish();
}

/* Ends of VMs */

TEST(hyp_notify, destroyed_sender_leaves_tombstone)
{
	start_bound(0x3);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	fake_destroy(2);
	fake_vm_at(2, FFA_VERSION_1_2);

	assert_status(fake_set(2, 1, 0x1), FFA_DENIED);
	assert_status(fake_set(2, 1, 0x2), FFA_DENIED);
	assert_status(fake_bind(1, 2, 0x2), FFA_DENIED);
	assert_status(fake_bind(1, 3, 0x2), FFA_DENIED);
	assert_status(fake_unbind(1, 2, 0x1), FFA_DENIED);
	assert_true(info_get(1));
	assert_eq_u64(fake_get(1), 0x1);

	assert_status(fake_unbind(1, 3, 0x3), FFA_DENIED);
	assert_status(fake_unbind(1, 2, 0x3), FFA_OK);
	assert_status(fake_bind(1, 2, 0x1), FFA_OK);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_u64(fake_get(1), 0x1);
	fake_finish();
}

TEST(hyp_notify, tombstone_and_living_binding_side_by_side)
{
	start_bound(0x1);
	fake_destroy(2);
	assert_status(fake_bind(1, 2, 0x2), FFA_OK);
	fake_vm_at(2, FFA_VERSION_1_2);
	assert_status(fake_set(2, 1, 0x3), FFA_DENIED);
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	assert_eq_u64(fake_get(1), 0x2);
	assert_status(fake_unbind(1, 2, 0x3), FFA_OK);
	fake_finish();
}

TEST(hyp_notify, tombstones_of_two_senders)
{
	start_bound(0x1);
	assert_status(fake_bind(1, 3, 0x2), FFA_OK);
	fake_destroy(2);
	fake_destroy(3);
	fake_vm_at(2, FFA_VERSION_1_2);
	fake_vm_at(3, FFA_VERSION_1_2);
	assert_status(fake_set(2, 1, 0x1), FFA_DENIED);
	assert_status(fake_set(3, 1, 0x2), FFA_DENIED);
	fake_finish();
}

TEST(hyp_notify, tombstones_in_every_receiver)
{
	start_bound(0x1);
	assert_status(fake_bind(3, 2, 0x1), FFA_OK);
	assert_status(fake_bind(3, 1, 0x2), FFA_OK);
	fake_destroy(2);
	fake_vm_at(2, FFA_VERSION_1_2);
	assert_status(fake_set(2, 1, 0x1), FFA_DENIED);
	assert_status(fake_set(2, 3, 0x1), FFA_DENIED);
	assert_status(fake_set(1, 3, 0x2), FFA_OK);
	fake_finish();
}

TEST(hyp_notify, destroyed_receiver_starts_empty)
{
	start_bound(0x1);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	fake_destroy(1);
	assert_status(fake_set(2, 1, 0x1), FFA_INVALID_PARAMETERS);
	fake_vm_at(1, FFA_VERSION_1_2);
	assert_status(fake_set(2, 1, 0x1), FFA_DENIED);
	assert_eq_u64(fake_get(1), 0);
	assert_false(info_get(1));
	fake_finish();
}

/* Interleavings: what another CPU does just before the lock of vm1 is taken */

static enum ffa_status other_status;

static void vm1_unbinds(void)
{
	other_status = fake_unbind(1, 2, 0x1);
}

TEST(hyp_notify, set_races_unbind)
{
	start_bound(0x1);
	fake_hook("notif", 1, vm1_unbinds);
	assert_status(fake_set(2, 1, 0x1), FFA_DENIED);
	assert_status(other_status, FFA_OK);
	assert_eq_u64(fake_get(1), 0);
	assert_eq_int(fake.injection_count, 0);
	fake_finish();
}

static void vm2_sets(void)
{
	other_status = fake_set(2, 1, 0x1);
}

TEST(hyp_notify, unbind_races_set)
{
	start_bound(0x1);
	fake_hook("notif", 1, vm2_sets);
	assert_status(fake_unbind(1, 2, 0x1), FFA_DENIED);
	assert_status(other_status, FFA_OK);
	assert_eq_u64(fake_get(1), 0x1);
	fake_finish();
}

TEST(hyp_notify, get_races_set)
{
	start_bound(0x1);
	fake_hook("notif", 1, vm2_sets);
	assert_eq_u64(fake_get(1), 0x1);
	assert_eq_u64(fake_get(1), 0);
	fake_finish();
}

static void vm1_binds_vm3(void)
{
	other_status = fake_bind(1, 3, 0x6);
}

TEST(hyp_notify, bind_races_bind)
{
	start_three();
	fake_hook("notif", 1, vm1_binds_vm3);
	assert_status(fake_bind(1, 2, 0x3), FFA_DENIED);
	assert_status(other_status, FFA_OK);
	assert_status(fake_set(2, 1, 0x1), FFA_DENIED);
	assert_status(fake_set(3, 1, 0x6), FFA_OK);
	fake_finish();
}

/* The call that is in progress keeps the memory, so what is left of the VM can be looked at. */
static void vm1_ends(void)
{
	const struct hyp_notif *notif = &fake.vms[1]->notif;

	fake_destroy(1);
	assert_true(notif->dead);
	assert_false(notif->armed || notif->news);
	assert_eq_u64(notif->pending | notif->gone, 0);
	for (size_t i = 0; i < FFA_NOTIFICATION_COUNT; i++)
		assert_eq_int(notif->sender[i].v, 0);
}

static void vm1_is_replaced(void)
{
	fake_destroy(1);
	fake_vm_at(1, FFA_VERSION_1_2);
	assert_status(fake_bind(1, 2, 0x1), FFA_OK);
}

/* The call holds the memory, but may neither set anything nor use the handle. */
TEST(hyp_notify, set_races_destroy_of_receiver)
{
	start_bound(0x3);
	assert_status(fake_bind(1, 3, 0x4), FFA_OK);
	fake_destroy(3);
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	fake_hook("notif", 1, vm1_ends);
	assert_status(fake_set(2, 1, 0x1), FFA_INVALID_PARAMETERS);
	assert_eq_int(fake.injection_count, 1);
	assert_eq_int(fake.allocations, 1);
	assert_eq_int(fake.locks, 1 + 2);
	fake_finish();
}

TEST(hyp_notify, set_races_replacement_of_receiver)
{
	start_bound(0x1);
	fake_hook("notif", 1, vm1_is_replaced);
	assert_status(fake_set(2, 1, 0x1), FFA_INVALID_PARAMETERS);
	assert_eq_u64(fake_get(1), 0);
	assert_eq_int(fake.allocations, 3);
	fake_finish();
}
