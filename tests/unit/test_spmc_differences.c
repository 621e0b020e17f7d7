/* SPDX-License-Identifier: MIT */
/* Bitmaps and notifications: rows of docs/facts/spmc-differences.md, by their number. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define OK  FFA_OK
#define NS  FFA_NOT_SUPPORTED
#define IP  FFA_INVALID_PARAMETERS
#define NM  FFA_NO_MEMORY
#define DEN FFA_DENIED

/* D4 */

static int32_t get_status(unsigned vm, unsigned vcpu, uint32_t flags)
{
	return call(FFA_NOTIFICATION_GET_32, (uint64_t)vcpu << 16 | vm, flags, 0, 0);
}

/* All calls on the bitmap of a VM. */
static void refused(unsigned vm)
{
	assert_status(create(vm, 1), IP);
	assert_status(bind(SP1, vm, 0, 1), IP);
	assert_status(unbind(SP1, vm, 1), IP);
	assert_status(get_status(vm, 0, 1), IP);
	assert_status(destroy(vm), IP);
}

static void accepted(unsigned vm)
{
	assert_status(destroy(vm), OK);
	assert_status(bind(SP1, vm, 0, 1), OK);
	assert_status(create(vm, 1), OK);
	assert_status(create(vm, 1), DEN);
	assert_status(destroy(vm), DEN);
	assert_status(unbind(SP1, vm, 1), OK);
	assert_status(get_status(vm, 0, 1), OK);
	assert_status(destroy(vm), OK);
}

TEST(spmc_d4, a_guest_has_a_bitmap_from_its_announcement_on)
{
	set_up("optee-virt");
	refused(1);
	refused(0);
	assert_status(announce(1), OK);
	accepted(1);
	refused(2);
	refused(0);
	assert_status(retract(1), OK);
	refused(1);
	assert_status(retract(1), OK);
}

TEST(spmc_d4, what_a_guest_had_is_gone_with_it)
{
	set_up("optee-virt");
	assert_status(announce(1), OK);
	assert_status(create(1, 1), OK);
	assert_status(bind(SP1, 1, 0, 1), OK);
	assert_status(sp_set(SP1, 1, 0, 1), OK);
	assert_status(retract(1), OK);
	assert_eq_int(world_spmc_bitmaps(&machine), 0);
	assert_status(announce(1), OK);
	assert_eq_u64(get(1, 0), 0);
	assert_status(bind(SP2, 1, 0, 1), OK);
}

TEST(spmc_d4, the_limit_of_guests_is_met_at_vm_created)
{
	set_up("optee-virt");
	assert_status(announce(0), IP);
	for (unsigned vm = 1; vm <= machine.config.spmc.slots; vm++)
		assert_status(announce(vm), OK);
	assert_status(announce(100), DEN);
	assert_status(create(100, 1), IP);
	assert_status(retract(3), OK);
	assert_status(announce(100), OK);
	assert_status(create(100, 1), OK);
}

/* What an SP of its own is told makes no guest. */
TEST(spmc_d4, only_the_first_sp_is_the_spmc)
{
	const struct ffa_regs to_sp2 = {{FFA_MSG_SEND_DIRECT_REQ_32, SP2, 0x80000004, 0, 0, 1}};

	set_up("optee-virt");
	machine.config.sps[1].properties = machine.config.sps[0].properties;
	call_regs(&to_sp2);
	assert_eq_u64((uint32_t)answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
	assert_eq_u64(answer.x[3], OK);
	refused(1);
}

/* An SP that does not accept is not the SPMC that made a guest. */
TEST(spmc_d4, a_refused_guest_has_no_bitmap)
{
	set_up("optee-virt");
	machine.config.sps[0].answers[0] = (struct world_sp_answer){
	        .to = WORLD_TO_VM_CREATED, .reply = WORLD_REPLY_REFUSE, .value = (uint32_t)DEN};
	machine.config.sps[0].answer_count = 1;
	assert_status(announce(1), DEN);
	refused(1);
}

TEST(spmc_d4, without_virtualization_the_host_alone)
{
	set_up("optee-host");
	refused(1);
	assert_status(announce(1), NS);
	refused(1);
	accepted(0);
}

/* D28 */
TEST(spmc_d28, the_newest_guest_comes_first)
{
	set_up("optee-virt");
	for (unsigned vm = 1; vm <= 3; vm++)
		assert_status(announce(vm), OK);
	assert_status(retract(2), OK);
	assert_status(announce(2), OK);
	for (unsigned vm = 1; vm <= 3; vm++) {
		assert_status(create(vm, 1), OK);
		assert_status(bind(SP1, vm, 0, 1), OK);
		assert_status(sp_set(SP1, vm, 0, 1), OK);
	}
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), OK);
	assert_eq_u64(answer.x[2], 3u << 7);
	assert_eq_u64(answer.x[3], 2 | 3u << 16 | 1ull << 32);
}

static int32_t release(uint64_t w1)
{
	return call(FFA_RX_RELEASE_32, w1, 0, 0, 0);
}

/* D14 and D15 */

static const struct {
	const char *name;
	unsigned vm;
	int32_t strict, unknown;
} destroys[] = {
        {"hafnium", 1, OK, DEN},
        {"optee-host", 0, IP, IP},
        {"optee-virt", 1, IP, IP},
        {"full", 1, OK, DEN},
};

TEST_EACH(spmc_d14, a_destroy_with_more_than_an_id, destroys)
{
	set_up_negotiated(c->name);
	assert_status(create(c->vm, 1), OK);
	assert_status(call(FFA_NOTIFICATION_BITMAP_DESTROY_32, 1 << 16 | c->vm, 0, 0, 0),
	              c->strict);
	create(c->vm, 1);
	for (unsigned reg = 3; reg < 8; reg++) {
		struct ffa_regs regs = {{FFA_NOTIFICATION_BITMAP_DESTROY_32, c->vm}};

		regs.x[reg] = 1;
		assert_status(call_regs(&regs), c->strict);
		create(c->vm, 1);
	}
	/* before what is wrong with the VM */
	assert_status(call(FFA_NOTIFICATION_BITMAP_DESTROY_32, 1 << 16 | 77, 0, 0, 0), c->unknown);
	/* w2 is not looked at */
	assert_status(call(FFA_NOTIFICATION_BITMAP_DESTROY_32, c->vm, 1, 0, 0), OK);
}

static const struct {
	const char *name;
	unsigned vm;
	int32_t without_flag;
} gets[] = {{"hafnium", 1, IP}, {"optee-host", 0, OK}, {"optee-virt", 1, OK}, {"full", 1, IP}};

TEST_EACH(spmc_d15, a_get_without_the_flag_of_sps, gets)
{
	set_up_negotiated(c->name);
	assert_status(create(c->vm, 1), OK);
	assert_status(bind(SP1, c->vm, 0, 1), OK);
	assert_status(sp_set(SP1, c->vm, 0, 1), OK);
	assert_status(get_status(SP1, 0, 4), c->without_flag);
	assert_status(get_status(SP1, 0, 1), IP);
	assert_status(get_status(c->vm, 0, 4), OK);
	assert_eq_u64(answer.x[2] | answer.x[3], 0);
	assert_eq_u64(get(c->vm, 0), 1);
}

/* Its bitmap is there before it is created. */
TEST_EACH(spmc_d15, a_get_before_create, gets)
{
	if (c->without_flag != OK)
		return;
	set_up_negotiated(c->name);
	assert_eq_u64(get(c->vm, 7), 0);
	assert_status(get_status(77, 0, 1), IP);
}

/* D2 and D3 */

static const struct {
	const char *name;
	bool stops;
} unknowns[] = {{"hafnium", true}, {"optee-host", false}, {"optee-virt", false},
                {"full", false},   {"hostile", false},    {"el3", false}};

static bool stops(unsigned vm, unsigned vcpu, uint32_t flags)
{
	const struct ffa_regs regs = {{FFA_NOTIFICATION_GET_32, (uint64_t)vcpu << 16 | vm, flags}};

	call_regs(&regs);
	if (machine.state.spmc.stopped)
		assert_mem(&answer, &regs, sizeof regs);
	return machine.state.spmc.stopped == WORLD_SPMC_STOP_GET_UNKNOWN;
}

TEST_EACH(spmc_d2, a_get_for_a_vm_without_a_bitmap, unknowns)
{
	set_up_negotiated(c->name);
	assert_eq_int(stops(77, 0, 1), c->stops);
	set_up_negotiated(c->name);
	create(1, 1);
	destroy(1);
	retract(1);
	assert_eq_int(stops(1, 0, 1), c->stops);
	set_up_negotiated(c->name);
	create(1, 1);
	assert_false(stops(1, 0, 1));
	assert_false(stops(0, 0, 1));
}

/* What is refused first is not looked up, and a vCPU that a VM lacks is no unknown VM. */
TEST(spmc_d2, a_get_that_is_refused_stops_nothing)
{
	set_up_negotiated("hafnium");
	assert_false(stops(77, 0, 2));
	assert_status(ffa_result_status(&answer), IP);
	assert_false(stops(SP1, 0, 1));
	assert_status(create(1, 1), OK);
	assert_false(stops(1, 1, 1));
	assert_status(ffa_result_status(&answer), IP);
}

/* From then on no call has an answer. */
TEST(spmc_d2, nothing_comes_back_from_a_stopped_spmc)
{
	const struct ffa_regs id_get = {{FFA_ID_GET_32}};

	set_up_negotiated("hafnium");
	assert_true(stops(77, 0, 1));
	call_regs(&id_get);
	assert_mem(&answer, &id_get, sizeof id_get);
	assert_eq_int(machine.state.spmc.stopped, WORLD_SPMC_STOP_GET_UNKNOWN);
}

static const struct {
	const char *name;
	bool always;
} hosts[] = {{"hafnium", true}, {"full", false}};

TEST_EACH(spmc_d3, the_bitmap_of_id_0, hosts)
{
	set_up_negotiated(c->name);
	assert_status(get_status(0, 0, 5), c->always ? OK : IP);
	assert_status(get_status(0, 7, 5), c->always ? OK : IP);
	assert_status(get_status(0, 8, 5), IP);
	assert_status(bind(SP1, 0, 0, 1), NS);
	assert_status(destroy(0), DEN);
	assert_status(create(0, 2), OK);
	assert_status(get_status(0, 1, 5), OK);
	assert_status(get_status(0, 2, 5), c->always ? OK : IP);
	assert_status(get_status(0, 7, 5), c->always ? OK : IP);
	assert_status(get_status(0, 8, 5), IP);
	assert_status(bind(SP1, 0, 0, 1), OK);
	assert_status(sp_set(SP1, 0, 0, 1), OK);
	assert_eq_u64(get(0, 1), 1);
	assert_status(unbind(SP1, 0, 1), OK);
	assert_status(destroy(0), OK);
	assert_status(get_status(0, 0, 5), c->always ? OK : IP);
}

/* D25: the mark of a free slot */

#define MARK 0x7fffu

TEST(spmc_d25, the_mark_is_a_vm_while_a_slot_is_free)
{
	set_up_negotiated("hafnium");
	assert_status(bind(SP1, MARK, 0, 1), NS);
	assert_status(unbind(SP1, MARK, 1), NS);
	assert_status(destroy(MARK), DEN);
	assert_status(release(MARK), DEN);
	assert_status(sp_set(SP1, MARK, 0, 1), DEN);
	assert_false(stops(MARK, 7, 1));
	assert_status(ffa_result_status(&answer), OK);
	assert_false(stops(MARK, 8, 1));
	assert_status(ffa_result_status(&answer), IP);
	for (unsigned vm = 1; vm <= 8; vm++)
		assert_status(create(vm, 1), OK);
	assert_status(bind(SP1, MARK, 0, 1), IP);
	assert_status(create(MARK, 1), NM);
	assert_status(release(MARK), IP);
	assert_status(sp_set(SP1, MARK, 0, 1), IP);
	assert_true(stops(MARK, 0, 1));
}

/* A slot that was another VM's has no vCPU. */
TEST(spmc_d25, a_slot_that_was_used)
{
	set_up_negotiated("hafnium");
	assert_status(create(1, 2), OK);
	assert_status(destroy(1), OK);
	assert_false(stops(MARK, 0, 1));
	assert_status(ffa_result_status(&answer), IP);
}

/* CREATE turns the slot on for the next VM: its own CREATE is refused, yet it has the bitmap. */
TEST(spmc_d25, create_is_for_the_next_vm)
{
	set_up_negotiated("hafnium");
	assert_status(create(MARK, 2), OK);
	assert_status(create(MARK, 2), DEN);
	assert_status(create(1, 4), DEN);
	assert_status(bind(SP1, 1, 0, 1), OK);
	assert_status(get_status(1, 1, 1), OK);
	assert_status(get_status(1, 2, 1), IP);
	assert_status(create(2, 1), OK);
	set_up_negotiated("hafnium");
	assert_status(create(MARK, 2), OK);
	assert_status(destroy(MARK), OK);
	assert_status(create(1, 4), OK);
}

TEST(spmc_d25, the_mark_is_in_no_list)
{
	set_up_negotiated("hafnium");
	assert_status(create(MARK, 2), OK);
	assert_status(bind(SP1, MARK, 0, 1), OK);
	assert_status(sp_set(SP1, MARK, 0, 1), OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
	assert_status(create(1, 1), DEN);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), OK);
	assert_eq_u64(answer.x[3], 1);
}

static int32_t set_as(unsigned vm, uint64_t bits)
{
	return call(FFA_NOTIFICATION_SET_32, (uint64_t)vm << 16 | SP1, 0, (uint32_t)bits,
	            bits >> 32);
}

static int32_t sp_bind(unsigned sp, unsigned sender, uint64_t bits)
{
	return sp_call(sp, FFA_NOTIFICATION_BIND_32, (uint64_t)sender << 16 | sp, 0, (uint32_t)bits,
	               bits >> 32);
}

static int32_t sp_unbind(unsigned sp, unsigned sender, uint64_t bits)
{
	return sp_call(sp, FFA_NOTIFICATION_UNBIND_32, (uint64_t)sender << 16 | sp, 0,
	               (uint32_t)bits, bits >> 32);
}

static uint64_t sp_get(unsigned sp, uint32_t flags, unsigned reg)
{
	assert_status(sp_call(sp, FFA_NOTIFICATION_GET_32, sp, flags, 0, 0), OK);
	return ffa_join(answer.x[reg], answer.x[reg + 1]);
}

TEST(spmc_d25, the_mark_may_set_what_nobody_has_bound)
{
	set_up_negotiated("hafnium");
	assert_status(sp_bind(SP1, 1, 2), OK);
	assert_status(set_as(MARK, 3), DEN);
	assert_status(set_as(2, 1), DEN);
	assert_status(set_as(MARK, 1), OK);
	assert_eq_u64(SRI_PENDING, 1u << 8);
	/* what is pending cannot be bound */
	assert_status(sp_bind(SP1, 1, 1), DEN);
	assert_eq_u64(sp_get(SP1, FFA_NOTIFICATION_GET_VM, 4), 1);
	assert_status(sp_bind(SP1, 1, 1), OK);
	/* a binding to the mark is none */
	assert_status(sp_bind(SP1, MARK, 4), OK);
	assert_status(sp_bind(SP1, 1, 4), OK);
}

TEST(spmc_d25, elsewhere_it_is_an_id_like_others)
{
	set_up_negotiated("full");
	assert_status(bind(SP1, MARK, 0, 1), IP);
	assert_status(set_as(MARK, 1), DEN);
	assert_status(create(MARK, 2), OK);
	assert_status(create(1, 4), OK);
	assert_status(destroy(MARK), OK);
}

/* D26 */

static const struct {
	const char *name;
	int32_t bind, unbind;
} logicals[] = {{"hafnium", IP, IP}, {"full", NS, DEN}};

TEST_EACH(spmc_d26, a_logical_partition_is_refused_first, logicals)
{
	static const unsigned ids[] = {0xffc0, 0xfffe};

	for (unsigned i = 0; i < 2; i++) {
		set_up_negotiated(c->name);
		assert_status(bind(ids[i], 0, 0, 1), c->bind);
		assert_status(create(1, 1), OK);
		assert_status(unbind(ids[i], 1, 1), c->unbind);
		assert_status(bind(ids[i], 1, 0, 1), IP);
	}
	set_up_negotiated(c->name);
	assert_status(bind(0xffbf, 0, 0, 1), NS);
	assert_status(bind(0xffff, 0, 0, 1), NS);
}

/* D27 */

static void two_receivers(const char *profile)
{
	set_up_negotiated(profile);
	machine.config.sps[1].properties = machine.config.sps[0].properties;
}

TEST(spmc_d27, an_sp_is_notified_by_another)
{
	two_receivers("hafnium");
	assert_status(sp_set(SP2, SP1, 0, 1), DEN);
	assert_status(sp_bind(SP1, SP2, 3), OK);
	assert_status(sp_bind(SP1, SP2, 1), DEN);
	/* the same bits of VMs are others */
	assert_status(sp_bind(SP1, 1, 3), OK);
	assert_eq_u64(SRI_PENDING, 0);
	assert_status(sp_set(SP2, SP1, 0, 1), OK);
	assert_eq_u64(SRI_PENDING, 1u << 8);
	assert_status(sp_set(SP2, SP1, 0, 4), DEN);
	assert_status(sp_unbind(SP1, SP2, 1), DEN);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), OK);
	assert_eq_u64(answer.x[2], 1u << 7);
	assert_eq_u64(answer.x[3], SP1);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
	assert_eq_u64(sp_get(SP1, FFA_NOTIFICATION_GET_VM, 2), 0);
	assert_eq_u64(sp_get(SP1, FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_VM, 2), 1);
	assert_eq_u64(sp_get(SP1, FFA_NOTIFICATION_GET_SP, 2), 0);
	assert_status(sp_unbind(SP1, SP2, 3), OK);
	assert_status(sp_set(SP2, SP1, 0, 1), DEN);
}

static const struct {
	const char *name;
	unsigned sp, sender;
} sp_binds[] = {
        {"itself", SP1, SP1},
        {"unknown-sp", SP1, 0x8055},
        {"spmc", SP1, FFA_ID_SPMC},
        {"logical-partition", SP1, 0xffc0},
};

TEST_EACH(spmc_d27, a_sender_that_is_none, sp_binds)
{
	two_receivers("hafnium");
	assert_status(sp_bind(c->sp, c->sender, 1), IP);
	assert_status(sp_unbind(c->sp, c->sender, 1), IP);
	assert_status(
	        sp_call(c->sp, FFA_NOTIFICATION_SET_32, (uint64_t)c->sp << 16 | c->sender, 0, 1, 0),
	        IP);
}

TEST(spmc_d27, a_vm_that_does_not_exist)
{
	two_receivers("hafnium");
	for (unsigned i = 0; i < WORLD_STRANGERS; i++)
		assert_status(sp_bind(SP1, 100 + i, 1ull << i), OK);
	assert_status(sp_bind(SP2, 100, 1), OK);
	assert_status(sp_bind(SP1, 99, 0x100), NM);
	assert_status(set_as(101, 1), DEN);
	assert_status(set_as(100, 1), OK);
	assert_status(set_as(99, 1), DEN);
	assert_eq_u64(sp_get(SP1, FFA_NOTIFICATION_GET_VM, 4), 1);
	assert_status(sp_unbind(SP1, 101, 1), DEN);
	assert_status(sp_unbind(SP1, 100, 1), OK);
	assert_status(set_as(100, 1), DEN);
}

TEST(spmc_d27, elsewhere_vms_of_the_machine_alone)
{
	two_receivers("full");
	assert_status(sp_bind(SP1, SP2, 1), IP);
	assert_status(sp_set(SP2, SP1, 0, 1), IP);
	assert_status(sp_bind(SP1, 100, 1), IP);
	assert_status(sp_bind(SP1, 1, 1), OK);
}

/* D30 */

static const struct {
	const char *name;
	int32_t destroy;
	uint64_t left;
} leftovers[] = {{"hafnium", OK, 1ull << 32}, {"full", DEN, 0}};

/* Leaves a high bit pending in a bitmap that is destroyed. */
static int32_t leave_pending(const char *profile, unsigned vm)
{
	set_up_negotiated(profile);
	assert_status(create(vm, 2), OK);
	assert_status(bind(SP1, vm, 0, 1ull << 32), OK);
	assert_status(sp_set(SP1, vm, 0, 1ull << 32), OK);
	machine.state.sri = 0;
	return destroy(vm);
}

TEST_EACH(spmc_d30, the_next_vm_of_the_slot, leftovers)
{
	assert_status(leave_pending(c->name, 1), c->destroy);
	if (c->destroy != OK) {
		assert_eq_u64(get(1, 0), 1ull << 32);
		assert_status(destroy(1), OK);
	}
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
	assert_status(create(2, 1), OK);
	assert_status(bind(SP2, 2, 0, 1ull << 32), c->left ? DEN : OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), c->left ? OK : FFA_NO_DATA);
	if (c->left)
		assert_eq_u64(answer.x[3], 2);
	assert_eq_u64(get(2, 0), c->left);
	assert_eq_u64(get(2, 0), 0);
	assert_status(destroy(2), OK);
	assert_status(create(1, 1), OK);
	assert_eq_u64(get(1, 0), 0);
}

/* What INFO_GET has told of is told of once. */
TEST(spmc_d30, what_was_told_stays_told)
{
	set_up_negotiated("hafnium");
	assert_status(create(1, 2), OK);
	assert_status(bind(SP1, 1, 0, 1ull << 32), OK);
	assert_status(sp_set(SP1, 1, 0, 1ull << 32), OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), OK);
	assert_status(destroy(1), OK);
	assert_status(create(2, 1), OK);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), FFA_NO_DATA);
	assert_eq_u64(get(2, 0), 1ull << 32);
}

/* Another slot has nothing of it, and the bindings are gone. */
TEST(spmc_d30, only_the_slot_and_only_what_is_pending)
{
	assert_status(leave_pending("hafnium", 1), OK);
	assert_status(create(2, 1), OK);
	assert_status(create(3, 1), OK);
	assert_eq_u64(get(3, 0), 0);
	assert_status(sp_set(SP1, 2, 0, 1ull << 32), DEN);
	assert_eq_u64(get(2, 0), 1ull << 32);
	assert_status(bind(SP2, 2, 0, UINT64_MAX), OK);
}

TEST(spmc_d30, id_0_as_well)
{
	assert_status(leave_pending("hafnium", 0), OK);
	assert_eq_u64(get(0, 0), 1ull << 32);
	assert_status(create(0, 1), OK);
	assert_eq_u64(get(0, 0), 0);
}
