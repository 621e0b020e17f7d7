/* SPDX-License-Identifier: MIT */
/* Where real SPMCs differ: the rows of docs/facts/spmc-differences.md, by their number. */
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
