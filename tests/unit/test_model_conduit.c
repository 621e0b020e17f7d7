/* SPDX-License-Identifier: MIT */
/* The boot, and the creation and end of VMs: what the model lets a mediator say, and what not. */
#include "sim/model/firmware.h"
#include "tests/test.h"
#include "tests/unit/test_model_play.h"

#define CREATED   4u
#define DESTROYED 6u
#define SECOND    1000000000u

static const struct ffa_regs give_up = {{FFA_RXTX_UNMAP_32}};

static const struct listed two[] = {{SP1, CREATIONS | ENDS}, {SP2, CREATIONS | ENDS}};
static const struct listed three[] = {{SP1, ENDS}, {SP2, CREATIONS}, {SP3, CREATIONS | ENDS}};

/* The boot */

TEST(model_conduit, boot_is_right)
{
	play_boot(0, two, 2, false);

	assert_null(complaint());
	assert_true(sim_model_sp_notifications(&play));
	assert_true(sim_model_notifications(&play));
}

static const struct {
	const char *name;
	uint32_t fid;
	bool sp_notifications;
} lacking[] = {
        {"set", FFA_NOTIFICATION_SET_32, false},
        {"info-get", FFA_NOTIFICATION_INFO_GET_64, false},
        {"sri", FFA_FEATURE_SRI, false},
        {"direct", FFA_MSG_SEND_DIRECT_REQ_32, true},
};

TEST_EACH(model_conduit, boot_offers_what_there_is, lacking)
{
	play_boot(c->fid, two, 2, false);

	assert_null(complaint());
	assert_eq_int(sim_model_sp_notifications(&play), c->sp_notifications);
}

TEST(model_conduit, boot_begins_with_a_version)
{
	play_begin("multi-vm-1.2");
	act(0, WORLD_EVENT_ALLOC, 0, 0, 1);
	say_id();

	assert_contains(complaint(), "says to the SPMC FFA_ID_GET; allowed: FFA_VERSION");
}

TEST(model_conduit, boot_asks_who_it_is)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	ask_all(0);

	assert_contains(complaint(), "allowed: FFA_ID_GET");
}

static const struct {
	const char *name;
	uint32_t theirs;
} unusable[] = {{"older", FFA_VERSION_1_0},
                {"other-major", FFA_MAKE_VERSION(2, 0)},
                {"refused", UINT32_MAX}};

TEST_EACH(model_conduit, boot_leaves_an_unusable_spmc_alone, unusable)
{
	play_begin("multi-vm-1.2");
	say_version(c->theirs);
	assert_null(complaint());
	say_id();

	assert_contains(complaint(), "says to the SPMC FFA_ID_GET; allowed: its end");
}

static const struct {
	const char *name, *profile;
	int64_t right, wrong;
} alone[] = {{"vm-to-vm", "multi-vm-1.2", FFA_OK, FFA_NOT_SUPPORTED},
             {"nothing-left", "multi-vm-1.2 no-vm-to-vm", FFA_NOT_SUPPORTED, FFA_OK}};

TEST_EACH(model_conduit, boot_without_firmware, alone)
{
	play_begin(c->profile);
	say_version(UINT32_MAX);
	leave(0, SHIM_ENTRY_BOOT, 0, c->right);
	assert_null(complaint());

	play_begin(c->profile);
	say_version(UINT32_MAX);
	leave(0, SHIM_ENTRY_BOOT, 0, c->wrong);
	assert_contains(complaint(), "the SPMC cannot be used");
}

TEST(model_conduit, boot_asks_for_everything_that_matters)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	leave(0, SHIM_ENTRY_BOOT, 0, FFA_OK);

	assert_contains(complaint(), "ends with SUCCESS; allowed: FFA_FEATURES");
}

static const struct {
	const char *name;
	uint32_t fid;
} questions[] = {{"set", FFA_NOTIFICATION_SET_32},
                 {"info-get", FFA_NOTIFICATION_INFO_GET_64},
                 {"direct", FFA_MSG_SEND_DIRECT_REQ_32},
                 {"sri", FFA_FEATURE_SRI}};

TEST_EACH(model_conduit, boot_asks_for_each_call, questions)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all_but(c->fid);
	map_pages();
	list_sps(two, 2);
	release_rx();
	assert_null(complaint());
	leave(0, SHIM_ENTRY_BOOT, 0, FFA_OK);

	assert_contains(complaint(), "ends with SUCCESS; allowed: FFA_FEATURES");
}

TEST(model_conduit, boot_is_nobody_else)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	smc(0, (struct ffa_regs){{FFA_ID_GET_32}}, (struct ffa_regs){{FFA_SUCCESS_32, 0, 1}});
	assert_null(complaint());
	ask_all(0);

	assert_contains(complaint(), "says to the SPMC FFA_FEATURES");
}

TEST(model_conduit, boot_maps_its_own_pages)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all(0);
	act(0, WORLD_EVENT_PAGE_ALLOC, 0, 0, (int64_t)SHIM_PHYSICAL_BASE);
	act(0, WORLD_EVENT_PAGE_ALLOC, 0, 0, (int64_t)SHIM_PHYSICAL_BASE + SHIM_PAGE);
	smc(0, (struct ffa_regs){{FFA_RXTX_MAP_64, SHIM_PHYSICAL_BASE, SHIM_PHYSICAL_BASE, 1}},
	    success);

	assert_contains(complaint(), "says to the SPMC FFA_RXTX_MAP_64");
}

TEST(model_conduit, boot_gives_rx_back)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all(0);
	map_pages();
	list_sps(two, 2);
	leave(0, SHIM_ENTRY_BOOT, 0, FFA_OK);

	assert_contains(complaint(), "allowed: FFA_RX_RELEASE");
}

TEST(model_conduit, boot_takes_pages_back_when_it_cannot_list)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all(0);
	map_pages();
	smc(0, (struct ffa_regs){{FFA_PARTITION_INFO_GET_32}}, error(FFA_NO_MEMORY));
	act(0, WORLD_EVENT_PAGE_FREE, SHIM_PHYSICAL_BASE, 0, 1);

	assert_contains(complaint(), "is given back while the SPMC has it");
}

TEST(model_conduit, boot_unmaps_when_it_cannot_list)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all(0);
	map_pages();
	smc(0, (struct ffa_regs){{FFA_PARTITION_INFO_GET_32}}, error(FFA_NO_MEMORY));
	leave(0, SHIM_ENTRY_BOOT, 0, FFA_OK);

	assert_contains(complaint(), "ends with SUCCESS; allowed: FFA_RXTX_UNMAP");
}

static const struct {
	const char *name;
	unsigned count;
	uint32_t size;
} wrong_lists[] = {{"short", 2, 23}, {"behind-the-page", 171, 24}, {"huge", 2, UINT32_MAX}};

TEST_EACH(model_conduit, boot_does_not_believe_a_wrong_list, wrong_lists)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all(0);
	map_pages();
	smc(0, (struct ffa_regs){{FFA_PARTITION_INFO_GET_32}},
	    (struct ffa_regs){{FFA_SUCCESS_32, 0, c->count, c->size}});
	release_rx();
	smc(0, give_up, success);
	leave(0, SHIM_ENTRY_BOOT, 0, FFA_OK);
	assert_null(complaint());
	assert_false(sim_model_sp_notifications(&play));
}

TEST(model_conduit, shutdown_unmaps)
{
	play_boot(0, two, 2, false);
	enter(0, SHIM_ENTRY_SHUTDOWN, 0, 0);
	smc(0, give_up, success);
	leave(0, SHIM_ENTRY_SHUTDOWN, 0, 0);
	assert_null(complaint());

	play_boot(0, two, 2, false);
	enter(0, SHIM_ENTRY_SHUTDOWN, 0, 0);
	leave(0, SHIM_ENTRY_SHUTDOWN, 0, 0);
	assert_contains(complaint(), "the shutdown ends; allowed: FFA_RXTX_UNMAP");
}

/* Creation */

static void tell_event(unsigned context, uint16_t sp, uint32_t event, enum ffa_status status)
{
	smc(context, event_of(sp, event, 1), response(sp, event, status));
}

static void bitmap(unsigned context, uint32_t fid, uint64_t vcpus, struct ffa_regs answered)
{
	smc(context, (struct ffa_regs){{fid, 1, vcpus}}, answered);
}

static void begin_creation(unsigned context)
{
	enter(context, SHIM_ENTRY_VM_CREATE, 1, 2);
}

static void end_creation(unsigned context, int64_t status)
{
	leave(context, SHIM_ENTRY_VM_CREATE, 1, status);
}

static void create(void)
{
	begin_creation(0);
	tell_event(0, SP1, CREATED, FFA_OK);
	tell_event(0, SP2, CREATED, FFA_OK);
	bitmap(0, FFA_NOTIFICATION_BITMAP_CREATE_32, 2, success);
	end_creation(0, FFA_OK);
}

TEST(model_conduit, creation_is_right)
{
	play_boot(0, two, 2, false);
	create();

	assert_null(complaint());
}

TEST(model_conduit, creation_goes_by_the_list)
{
	play_boot(0, two, 2, false);
	begin_creation(0);
	tell_event(0, SP2, CREATED, FFA_OK);

	assert_contains(complaint(), "the creation of vm1 says to the SPMC "
	                             "FFA_MSG_SEND_DIRECT_REQ_32 x1=0x8002");
}

TEST(model_conduit, creation_is_for_subscribers)
{
	play_boot(0, three, 3, false);
	begin_creation(0);
	tell_event(0, SP1, CREATED, FFA_OK);

	assert_contains(complaint(), "allowed: FFA_MSG_SEND_DIRECT_REQ_32 x1=0x8002");
}

TEST(model_conduit, sp_of_two_entries_is_one)
{
	static const struct listed twice[] = {{SP1, ENDS}, {SP2, 0}, {SP1, CREATIONS}};

	play_boot(0, twice, 3, false);
	begin_creation(0);
	tell_event(0, SP1, CREATED, FFA_OK);
	bitmap(0, FFA_NOTIFICATION_BITMAP_CREATE_32, 2, success);
	end_creation(0, FFA_OK);
	enter(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, success);
	tell_event(0, SP1, DESTROYED, FFA_OK);
	leave(0, SHIM_ENTRY_VM_DESTROY, 1, 0);

	assert_null(complaint());
}

/* What the SPMC has left in the bitmap may be fetched, once, and whatever comes of it. */
TEST(model_conduit, new_bitmap_may_be_emptied)
{
	play_boot(0, NULL, 0, false);
	begin_creation(0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_CREATE_32, 2, success);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, error(FFA_DENIED));
	end_creation(0, FFA_OK);
	assert_null(complaint());

	play_boot(0, NULL, 0, false);
	begin_creation(0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_CREATE_32, 2, success);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	assert_contains(complaint(), "allowed: its end");
}

/* Not before there is one: an SPMC may stop at it. */
TEST(model_conduit, no_bitmap_is_emptied)
{
	play_boot(0, NULL, 0, false);
	begin_creation(0);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	assert_contains(complaint(), "allowed: FFA_NOTIFICATION_BITMAP_CREATE");

	play_boot(0, NULL, 0, false);
	begin_creation(0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_CREATE_32, 2, error(FFA_NO_MEMORY));
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	assert_contains(complaint(), "allowed: its end");
}

TEST(model_conduit, creation_needs_its_bitmap)
{
	play_boot(0, NULL, 0, false);
	begin_creation(0);
	end_creation(0, FFA_OK);

	assert_contains(complaint(), "ends with SUCCESS; allowed: FFA_NOTIFICATION_BITMAP_CREATE");
}

TEST(model_conduit, creation_is_undone_at_who_accepted_and_wants_to_know)
{
	play_boot(0, three, 3, false);
	begin_creation(0);
	tell_event(0, SP2, CREATED, FFA_OK);
	tell_event(0, SP3, CREATED, FFA_OK);
	bitmap(0, FFA_NOTIFICATION_BITMAP_CREATE_32, 2, error(FFA_NO_MEMORY));
	tell_event(0, SP3, DESTROYED, FFA_OK);
	end_creation(0, FFA_NO_MEMORY);
	assert_null(complaint());

	begin_creation(0);
	tell_event(0, SP2, CREATED, FFA_OK);
	tell_event(0, SP3, CREATED, FFA_DENIED);
	end_creation(0, FFA_DENIED);
	assert_null(complaint());

	begin_creation(0);
	tell_event(0, SP2, CREATED, FFA_DENIED);
	end_creation(0, FFA_INVALID_PARAMETERS);
	assert_contains(complaint(), "is answered INVALID_PARAMETERS");
}

TEST(model_conduit, event_is_asked_eleven_times)
{
	play_boot(0, two, 2, false);
	begin_creation(0);
	for (unsigned i = 0; i < 11; i++)
		tell_event(0, SP1, CREATED, i % 2 ? FFA_INTERRUPTED : FFA_RETRY);
	end_creation(0, FFA_RETRY);
	assert_null(complaint());

	begin_creation(0);
	for (unsigned i = 0; i < 12; i++)
		tell_event(0, SP1, CREATED, FFA_RETRY);
	assert_contains(complaint(), "allowed: its end");
}

TEST(model_conduit, preempted_sp_is_resumed)
{
	const struct ffa_regs preempted = {{FFA_INTERRUPT_32, SP1 << 16 | 3}};

	play_boot(0, two, 2, false);
	begin_creation(0);
	smc(0, event_of(SP1, CREATED, 1), preempted);
	smc(0, (struct ffa_regs){{FFA_RUN_32, SP1 << 16 | 3}}, response(SP1, CREATED, FFA_OK));
	assert_null(complaint());

	smc(0, event_of(SP2, CREATED, 1), preempted);
	tell_event(0, SP2, CREATED, FFA_OK);
	assert_contains(complaint(), "allowed: FFA_RUN x1=0x80010003");
}

/* BUSY is no refusal, from the SPMC or from the SP: the eleventh answer counts. */
TEST(model_conduit, busy_sp_is_asked_again)
{
	play_boot(0, two, 2, false);
	begin_creation(0);
	smc(0, event_of(SP1, CREATED, 1), error(FFA_BUSY));
	end_creation(0, FFA_BUSY);
	assert_contains(complaint(), "allowed: FFA_MSG_SEND_DIRECT_REQ_32 x1=0x8001");

	play_boot(0, two, 2, false);
	begin_creation(0);
	for (unsigned i = 0; i < 11; i++) {
		if (i % 2)
			smc(0, event_of(SP1, CREATED, 1), error(FFA_BUSY));
		else
			tell_event(0, SP1, CREATED, FFA_BUSY);
	}
	end_creation(0, FFA_BUSY);
	assert_null(complaint());
}

TEST(model_conduit, sp_that_cannot_be_resumed_is_preempted_still)
{
	const struct ffa_regs preempted = {{FFA_INTERRUPT_32, SP1 << 16}};
	const struct ffa_regs run = {{FFA_RUN_32, SP1 << 16}};

	play_boot(0, two, 2, false);
	begin_creation(0);
	smc(0, event_of(SP1, CREATED, 1), preempted);
	smc(0, run, error(FFA_BUSY));
	smc(0, run, response(SP1, CREATED, FFA_OK));
	assert_null(complaint());

	play_boot(0, two, 2, false);
	begin_creation(0);
	smc(0, event_of(SP1, CREATED, 1), preempted);
	smc(0, run, error(FFA_BUSY));
	tell_event(0, SP1, CREATED, FFA_OK);
	assert_contains(complaint(), "allowed: FFA_RUN x1=0x80010000");
}

/* At boot every call but FFA_VERSION. */
TEST(model_conduit, busy_spmc_is_asked_again_at_boot)
{
	const struct ffa_regs list = {{FFA_PARTITION_INFO_GET_32}};

	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	smc(0, (struct ffa_regs){{FFA_ID_GET_32}}, error(FFA_BUSY));
	say_id();
	ask_all(0);
	map_pages();
	for (unsigned i = 0; i < 10; i++)
		smc(0, list, error(i % 2 ? FFA_BUSY : FFA_RETRY));
	assert_null(complaint());
	smc(0, list, error(FFA_BUSY));
	smc(0, list, error(FFA_BUSY));
	assert_contains(complaint(), "allowed: FFA_RX_RELEASE");
}

static void find_rx_full(void)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all(0);
	map_pages();
	for (unsigned i = 0; i < 11; i++)
		smc(0, (struct ffa_regs){{FFA_PARTITION_INFO_GET_32}}, error(FFA_BUSY));
}

/* Somebody may have left it so before the boot. */
TEST(model_conduit, rx_that_is_full_at_boot_is_given_back_once)
{
	const struct ffa_regs list = {{FFA_PARTITION_INFO_GET_32}};
	const struct ffa_regs release = {{FFA_RX_RELEASE_32}};

	find_rx_full();
	smc(0, release, success);
	smc(0, list, (struct ffa_regs){{FFA_SUCCESS_32, 0, 0, 24}});
	smc(0, release, success);
	leave(0, SHIM_ENTRY_BOOT, 0, FFA_OK);
	assert_null(complaint());

	find_rx_full();
	smc(0, release, error(FFA_DENIED));
	smc(0, list, error(FFA_BUSY));
	assert_contains(complaint(), "allowed: FFA_RXTX_UNMAP");

	find_rx_full();
	smc(0, release, success);
	for (unsigned i = 0; i < 11; i++)
		smc(0, list, error(FFA_BUSY));
	assert_null(complaint());
	smc(0, release, success);
	assert_contains(complaint(), "allowed: FFA_RXTX_UNMAP");
}

static const struct {
	const char *name;
	struct ffa_regs answered;
	int64_t status;
} answers[] = {
        {"other-function", {{FFA_SUCCESS_32}}, FFA_INVALID_PARAMETERS},
        {"other-sp",
         {{FFA_MSG_SEND_DIRECT_RESP_32, SP2 << 16, 0x80000005}},
         FFA_INVALID_PARAMETERS},
        {"other-event",
         {{FFA_MSG_SEND_DIRECT_RESP_32, SP1 << 16, 0x80000007}},
         FFA_INVALID_PARAMETERS},
        {"positive",
         {{FFA_MSG_SEND_DIRECT_RESP_32, SP1 << 16, 0x80000005, 1}},
         FFA_INVALID_PARAMETERS},
        {"spmc-refuses", {{FFA_ERROR_32, 0, (uint32_t)FFA_DENIED}}, FFA_DENIED},
        {"spmc-retry", {{FFA_ERROR_32, 0, (uint32_t)FFA_RETRY}}, FFA_INVALID_PARAMETERS},
        {"run-of-a-vm", {{FFA_INTERRUPT_32, 2u << 16}}, FFA_INVALID_PARAMETERS},
};

TEST_EACH(model_conduit, wrong_answer_ends_a_creation, answers)
{
	play_boot(0, two, 2, false);
	begin_creation(0);
	smc(0, event_of(SP1, CREATED, 1), c->answered);
	end_creation(0, c->status);

	assert_null(complaint());
}

TEST(model_conduit, creation_without_memory_says_nothing)
{
	play_boot(0, two, 2, false);
	begin_creation(0);
	act(0, WORLD_EVENT_ALLOC, 0, 0, 0);
	end_creation(0, FFA_NO_MEMORY);
	assert_null(complaint());

	begin_creation(0);
	act(0, WORLD_EVENT_ALLOC, 0, 0, 0);
	tell_event(0, SP1, CREATED, FFA_OK);
	assert_contains(complaint(), "allowed: its end");
}

static const struct {
	const char *name;
	int64_t status;
} excuses[] = {{"no-memory", FFA_NO_MEMORY}, {"taken", FFA_INVALID_PARAMETERS}};

TEST_EACH(model_conduit, creation_does_not_fail_for_nothing, excuses)
{
	play_boot(FFA_NOTIFICATION_GET_32, NULL, 0, false);
	begin_creation(0);
	end_creation(0, c->status);

	assert_contains(complaint(), "its id was free");
}

/* The end */

TEST(model_conduit, end_is_told_in_any_order)
{
	play_boot(0, two, 2, false);
	create();
	enter(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, success);
	tell_event(0, SP2, DESTROYED, FFA_OK);
	tell_event(0, SP1, DESTROYED, FFA_DENIED);
	leave(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	assert_null(complaint());

	create();
	assert_null(complaint());
}

TEST(model_conduit, end_drains_a_bitmap_once)
{
	play_boot(0, NULL, 0, false);
	play_vm(1);
	enter(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, error(FFA_DENIED));
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, error(FFA_DENIED));
	assert_null(complaint());
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	assert_contains(complaint(), "allowed: its end");
}

TEST(model_conduit, end_may_drain_a_bitmap_before)
{
	play_boot(0, NULL, 0, false);
	play_vm(1);
	enter(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, error(FFA_DENIED));
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, success);
	leave(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	assert_null(complaint());

	play_boot(0, NULL, 0, false);
	play_vm(1);
	enter(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	assert_contains(complaint(), "allowed: FFA_NOTIFICATION_BITMAP_DESTROY");
}

/* Behind its end an SPMC may stop at it. */
TEST(model_conduit, bitmap_that_is_gone_is_not_drained)
{
	play_boot(0, NULL, 0, false);
	play_vm(1);
	enter(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, success);
	bitmap(0, FFA_NOTIFICATION_GET_32, 5, success);
	assert_contains(complaint(), "allowed: its end");
}

/* The end of VM 1 that SP1 has accepted and SP2 wants to hear of again. */
static void put_off(void)
{
	play_boot(0, two, 2, false);
	create();
	enter(0, SHIM_ENTRY_VM_DESTROY, 1, 0);
	bitmap(0, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0, success);
	tell_event(0, SP1, DESTROYED, FFA_OK);
	tell_event(0, SP2, DESTROYED, FFA_BUSY);
}

TEST(model_conduit, end_that_is_put_off_needs_a_timer)
{
	put_off();
	leave(0, SHIM_ENTRY_VM_DESTROY, 1, 1);

	assert_contains(complaint(), "the end of vm1 ends; allowed: to set a timer");
}

TEST(model_conduit, timer_is_a_second)
{
	put_off();
	act(0, WORLD_EVENT_TIMER_SET, 3, 2 * (uint64_t)SECOND, 0);

	assert_contains(complaint(), "allowed: a second");
}

/* And its timer, 3. */
static void owe(void)
{
	put_off();
	act(0, WORLD_EVENT_TIMER_SET, 3, SECOND, 0);
	leave(0, SHIM_ENTRY_VM_DESTROY, 1, 1);
	assert_null(complaint());
}

TEST(model_conduit, owed_id_is_taken)
{
	owe();
	begin_creation(0);
	end_creation(0, FFA_INVALID_PARAMETERS);
	assert_null(complaint());

	begin_creation(0);
	tell_event(0, SP1, CREATED, FFA_OK);
	assert_contains(complaint(), "allowed: its end");
}

TEST(model_conduit, id_is_free_once_all_is_told)
{
	const struct world_event gone = {.kind = WORLD_EVENT_VM_GONE, .context = 2, .vm = 0};

	owe();
	enter(2, SHIM_ENTRY_TIMER, 3, 0);
	begin_creation(1);
	tell_event(2, SP2, DESTROYED, FFA_OK);
	tell_event(1, SP1, CREATED, FFA_OK);
	sim_model_conduit_part.event(&play, &gone);
	leave(2, SHIM_ENTRY_TIMER, 3, 0);

	assert_null(complaint());
}

TEST(model_conduit, timer_tells_only_who_is_owed)
{
	owe();
	enter(2, SHIM_ENTRY_TIMER, 3, 0);
	tell_event(2, SP1, DESTROYED, FFA_OK);

	assert_contains(complaint(), "the timer says to the SPMC");
}

TEST(model_conduit, vm_is_released_when_all_is_told)
{
	owe();
	enter(2, SHIM_ENTRY_TIMER, 3, 0);
	tell_event(2, SP2, DESTROYED, FFA_OK);
	leave(2, SHIM_ENTRY_TIMER, 3, 0);

	assert_contains(complaint(), "does not release vm1");
}

TEST(model_conduit, rounds_end)
{
	owe();
	for (unsigned i = 0; i < 8; i++) {
		enter(2, SHIM_ENTRY_TIMER, 3, 0);
		tell_event(2, SP2, DESTROYED, FFA_BUSY);
		if (i < 7)
			act(2, WORLD_EVENT_TIMER_SET, 3, SECOND, 0);
		if (i < 7)
			leave(2, SHIM_ENTRY_TIMER, 3, 0);
	}
	assert_null(complaint());
	act(2, WORLD_EVENT_TIMER_SET, 3, SECOND, 0);
	assert_contains(complaint(), "owes nobody anything");
}
