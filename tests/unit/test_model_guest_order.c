/* SPDX-License-Identifier: MIT */
/* What calls of VMs come to, one after the other and side by side; the life of VMs; NPIs. */
#include "sim/model/guest.h"
#include "tests/unit/test_model_guest_lab.h"

/* Orders */

TEST(order, one_of_two_bindings_wins_whole)
{
	for (unsigned both = 0; both < 2; both++) {
		guest_bound(PROFILE);
		guest_calls(0, VM1, BIND(2, 1, 0x300ull));
		guest_calls(1, VM1, BIND(3, 1, 0x600ull));
		guest_returns(0, VM1, GOOD);
		guest_returns(1, VM1, both ? GOOD : ERROR(FFA_DENIED));
		if (both) {
			guest_was_wrong(
			        "FFA_NOTIFICATION_BIND of vm1.0 comes to SUCCESS; allowed: DENIED");
			continue;
		}
		guest_does(VM1, UNBIND(3, 1, 0x400ull), ERROR(FFA_DENIED)); /* not even in part */
		guest_was_right();
	}
}

/* What is refused when nothing is in its way is wrong, even if something came later. */
TEST(order, what_has_ended_is_before_what_begins)
{
	guest_bound(PROFILE);
	guest_calls(0, VM1, BIND(2, 1, 0x100ull));
	guest_returns(0, VM1, ERROR(FFA_DENIED));
	guest_was_wrong("allowed: SUCCESS");
}

TEST(order, a_bit_is_delivered_once)
{
	for (unsigned twice = 0; twice < 2; twice++) {
		guest_bound(PROFILE);
		guest_sets_first(1);
		guest_calls(0, VM1, GET(1, 2));
		guest_calls(1, VM1, GET(1, 2));
		guest_returns(1, VM1, GOT(1ull));
		guest_returns(0, VM1, twice ? GOT(1ull) : GOOD);
		if (twice)
			guest_was_wrong("FFA_NOTIFICATION_GET of vm1.0");
		else
			guest_was_right();
	}
}

TEST(order, set_is_before_or_behind_unbind)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		guest_bound(PROFILE);
		guest_calls(0, VM1, UNBIND(2, 1, 1ull));
		guest_calls(1, VM2, SET(2, 1, 1ull));
		guest_returns(0, VM1, GOOD);
		if (wrong)
			guest_injects(1, VM1, 0, SHIM_INJECT_ACCEPTED);
		guest_returns(1, VM2, wrong ? GOOD : ERROR(FFA_DENIED));
		if (wrong)
			guest_was_wrong("FFA_NOTIFICATION_SET of vm2.0");
		else
			guest_was_right();
	}
}

TEST(order, get_takes_what_it_asks_for)
{
	guest_bound(PROFILE);
	guest_sets_first(5);
	guest_does(VM1, GET(1, 8), GOOD);
	guest_does(VM1, GET(1, 2), GOT(5ull));
	guest_does(VM1, GET(1, 2), GOOD);
	guest_was_right();
	guest_bound(PROFILE);
	guest_sets_first(5);
	guest_does(VM1, GET(1, 8), GOT(5ull));
	guest_was_wrong("allowed: SUCCESS with 0x0 of VMs");
}

TEST(order, pending_bits_hold_their_binding)
{
	guest_bound(PROFILE);
	guest_sets_first(1);
	guest_does(VM1, UNBIND(2, 1, 3ull), ERROR(FFA_DENIED));
	guest_does(VM1, BIND(2, 1, 3ull), ERROR(FFA_DENIED));
	guest_does(VM1, GET(1, 2), GOT(1ull));
	guest_does(VM1, UNBIND(2, 1, 3ull), GOOD);
	guest_was_right();
}

TEST(order, news_are_told_once)
{
	guest_bound(PROFILE);
	guest_sets_first(1);
	guest_does(VM1, INFO, NEWS(1));
	guest_does(VM1, INFO, ERROR(FFA_NO_DATA));
	guest_does(VM2, SET(2, 1, 1ull), GOOD); /* the NPI is outstanding */
	guest_does(VM1, INFO, NEWS(1));
	guest_was_right();
	guest_bound("multi-vm-1.2 info-get-always");
	guest_sets_first(1);
	guest_does(VM1, INFO, NEWS(1));
	guest_does(VM1, INFO, ERROR(FFA_NO_DATA));
	guest_was_wrong("allowed: SUCCESS");
}

TEST(order, nothing_between_vms_where_it_is_off)
{
	guest_opened("multi-vm-1.2 no-vm-to-vm");
	guest_is_created(VM1);
	guest_speaks(VM1, FFA_VERSION_1_2);
	guest_does(VM1, GET(1, 2), ERROR(FFA_NOT_SUPPORTED));
	guest_does(VM1, REGS(FFA_FEATURES_32, FFA_NOTIFICATION_GET_32), ERROR(FFA_NOT_SUPPORTED));
	guest_was_right();
}

/* The life of VMs */

TEST(life, tombstones_are_nobodys_until_they_are_unbound)
{
	guest_bound(PROFILE);
	guest_sets_first(1);
	guest_destroy_begins(VM2);
	guest_destroy_ends(VM2);
	guest_is_created(VM2);
	guest_speaks(VM2, FFA_VERSION_1_2);
	guest_does(VM2, SET(2, 1, 2ull), ERROR(FFA_DENIED));
	guest_does(VM1, BIND(2, 1, 2ull), ERROR(FFA_DENIED));
	guest_does(VM1, GET(1, 2), GOT(1ull)); /* what it set is still there */
	guest_does(VM1, UNBIND(2, 1, 0xfull), GOOD);
	guest_does(VM1, BIND(2, 1, 2ull), GOOD);
	guest_does(VM2, SET(2, 1, 1ull), ERROR(FFA_DENIED));
	guest_calls(VM2, VM2, SET(2, 1, 2ull));
	guest_injects(VM2, VM1, 0, SHIM_INJECT_ACCEPTED);
	guest_returns(VM2, VM2, GOOD);
	guest_was_right();
	guest_bound(PROFILE);
	guest_destroy_begins(VM2);
	guest_destroy_ends(VM2);
	guest_is_created(VM2);
	guest_speaks(VM2, FFA_VERSION_1_2);
	guest_calls(VM2, VM2, SET(2, 1, 2ull));
	guest_injects(VM2, VM1, 0, SHIM_INJECT_ACCEPTED);
	guest_was_wrong("FFA_NOTIFICATION_SET of vm2.0");
}

/* A binding beside the end of its sender is for the next VM of the id, or it is not. */
TEST(life, a_binding_beside_the_end_may_be_either)
{
	for (unsigned set = 0; set < 2; set++) {
		guest_bound(PROFILE);
		guest_destroy_begins(VM2);
		guest_does(VM1, BIND(2, 1, 0x100ull), GOOD);
		guest_destroy_ends(VM2);
		guest_is_created(VM2);
		guest_speaks(VM2, FFA_VERSION_1_2);
		guest_calls(VM2, VM2, SET(2, 1, 0x100ull));
		if (set)
			guest_injects(VM2, VM1, 0, SHIM_INJECT_ACCEPTED);
		guest_returns(VM2, VM2, set ? GOOD : ERROR(FFA_DENIED));
		guest_was_right();
	}
}

TEST(life, a_receiver_that_ended_is_none)
{
	guest_bound(PROFILE);
	guest_destroy_begins(VM1);
	guest_calls(VM2, VM2, SET(2, 1, 1ull));
	guest_destroy_ends(VM1);
	guest_returns(VM2, VM2, ERROR(FFA_INVALID_PARAMETERS));
	guest_is_created(VM1);
	guest_speaks(VM1, FFA_VERSION_1_2);
	guest_does(VM2, SET(2, 1, 1ull), ERROR(FFA_DENIED)); /* it has bound nothing */
	guest_was_right();
	guest_bound(PROFILE);
	guest_destroy_begins(VM1);
	guest_destroy_ends(VM1);
	guest_does(VM2, SET(2, 1, 1ull), ERROR(FFA_DENIED));
	guest_was_wrong("allowed: INVALID_PARAMETERS");
}

/* Its vCPUs are others than those that the SET could have told. */
TEST(life, a_receiver_that_is_made_anew_need_not_be_told)
{
	guest_bound(PROFILE);
	guest_calls(VM2, VM2, SET(2, 1, 1ull));
	guest_destroy_begins(VM1);
	guest_destroy_ends(VM1);
	guest_is_created(VM1);
	guest_returns(VM2, VM2, GOOD);
	guest_was_right();
}

TEST(life, nobody_asks_for_a_vcpu_of_a_vm_that_ended)
{
	guest_bound(PROFILE);
	guest_emit((struct world_event){
	        .kind = WORLD_EVENT_ONLINE, .context = VM2, .vm = WORLD_NO_VM});
	guest_was_wrong("asks for a vCPU of a VM that does not exist");
}

struct create_case {
	const char *name;
	bool no_memory;
	bool asked;
	int32_t status;
	bool right;
};

static const struct create_case create_cases[] = {
        {"good", false, false, FFA_OK, true},
        {"no memory", true, false, FFA_NO_MEMORY, true},
        {"no memory, and a VM", true, false, FFA_OK, false},
        {"no memory, and another word for it", true, false, FFA_DENIED, false},
        {"no memory for no reason", false, false, FFA_NO_MEMORY, false},
        {"an id that is free", false, false, FFA_INVALID_PARAMETERS, false},
        {"the word of the SPMC", false, true, FFA_BUSY, true},
};

TEST_EACH(life, a_creation, create_cases)
{
	guest_opened(PROFILE);
	guest_enters(MACHINE, SHIM_ENTRY_VM_CREATE, VM1, 0);
	guest_emit((struct world_event){.kind = WORLD_EVENT_ALLOC,
	                                .context = MACHINE,
	                                .vm = WORLD_NO_VM,
	                                .result = !c->no_memory});
	if (c->asked)
		guest_hears(MACHINE, ERROR(c->status));
	guest_leaves(MACHINE, SHIM_ENTRY_VM_CREATE, VM1, c->status);
	if (c->right)
		guest_was_right();
	else
		guest_was_wrong("the creation of vm1 is ");
}

/* The NPI */

struct npi_case {
	const char *name;
	bool outstanding; /* an NPI, from an earlier SET */
	bool got;         /* a GET of nothing since */
	unsigned off;     /* vCPUs of vm1, a bit each */
	unsigned raised;  /* accepted in the SET */
	bool right;
};

static const struct npi_case npi_cases[] = {
        {"raised", false, false, 0, 1, true},
        {"not raised", false, false, 0, 0, false},
        {"raised twice", false, false, 0, 2, false},
        {"outstanding", true, false, 0, 0, true},
        {"outstanding and raised", true, false, 0, 1, false},
        {"raised since the GET", true, true, 0, 1, true},
        {"not raised since the GET", true, true, 0, 0, false},
        {"at the other vCPU", false, false, 1, 1, true},
        {"not at the other vCPU", false, false, 1, 0, false},
        {"at nobody", false, false, 3, 0, true},
};

TEST_EACH(npi, of_a_set, npi_cases)
{
	guest_bound(PROFILE);
	for (unsigned i = 0; i < 2; i++)
		if (c->off >> i & 1) {
			guest_goes_off(VM1, i);
			guest_is_off(VM1);
		}
	if (c->outstanding)
		guest_sets_first(1);
	if (c->got)
		guest_does(VM1, GET(1, 0), GOOD);
	guest_calls(VM2, VM2, SET(2, 1, 3ull));
	for (unsigned i = 0; i < c->raised; i++)
		guest_injects(VM2, VM1, 1, SHIM_INJECT_ACCEPTED);
	guest_returns(VM2, VM2, GOOD);
	if (c->right)
		guest_was_right();
	else
		guest_was_wrong("FFA_NOTIFICATION_SET of vm2.0 comes to ");
}

/* Whatever happens to the NPI, SET has succeeded. */
TEST(npi, that_nobody_takes_is_no_error)
{
	guest_bound(PROFILE);
	guest_calls(VM2, VM2, SET(2, 1, 1ull));
	guest_goes_off(VM1, 0);
	guest_is_off(VM1);
	guest_goes_off(VM1, 1);
	guest_is_off(VM1);
	guest_injects(VM2, VM1, 0, SHIM_INJECT_DROPPED);
	guest_returns(VM2, VM2, ERROR(FFA_RETRY));
	guest_was_wrong("allowed: SUCCESS");
}

/* No vCPU was there all the time: the one that came was told by itself. */
TEST(npi, is_not_raised_at_a_vcpu_that_comes_and_goes)
{
	guest_bound(PROFILE);
	guest_calls(VM2, VM2, SET(2, 1, 1ull));
	for (unsigned i = 0; i < 2; i++) {
		guest_goes_off(VM1, i);
		guest_is_off(VM1);
	}
	guest_goes_on(VM1, 1);
	guest_injects(MACHINE, VM1, 1, SHIM_INJECT_ACCEPTED);
	guest_is_on(VM1);
	guest_returns(VM2, VM2, GOOD);
	guest_was_right();
}

/* A service that cannot tell counts as accepting. */
TEST(npi, of_which_nobody_knows_counts)
{
	guest_bound(PROFILE);
	guest_calls(VM2, VM2, SET(2, 1, 1ull));
	guest_injects(VM2, VM1, 0, SHIM_INJECT_UNKNOWN);
	guest_returns(VM2, VM2, GOOD);
	guest_does(VM2, SET(2, 1, 1ull), GOOD);
	guest_was_right();
}

TEST(npi, comes_with_the_vcpu)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		guest_bound(PROFILE);
		guest_goes_off(VM1, 0);
		guest_is_off(VM1);
		guest_goes_off(VM1, 1);
		guest_is_off(VM1);
		guest_does(VM2, SET(2, 1, 1ull), GOOD);
		guest_goes_on(VM1, 1);
		if (!wrong)
			guest_injects(MACHINE, VM1, 1, SHIM_INJECT_ACCEPTED);
		guest_is_on(VM1);
		if (wrong) {
			guest_was_wrong("vm1.1 going on line comes to no NPI; allowed: an NPI");
			continue;
		}
		guest_does(VM2, SET(2, 1, 2ull), GOOD); /* that one is outstanding */
		guest_was_right();
	}
}

TEST(npi, goes_to_another_vcpu_when_one_goes)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		guest_bound(PROFILE);
		guest_sets_first(1);
		guest_goes_off(VM1, 0);
		if (!wrong)
			guest_injects(MACHINE, VM1, 1, SHIM_INJECT_ACCEPTED);
		guest_is_off(VM1);
		if (wrong)
			guest_was_wrong("vm1.0 going off line comes to no NPI; allowed: an NPI");
		else
			guest_was_right();
	}
}

TEST(npi, is_raised_by_nothing_else)
{
	guest_bound(PROFILE);
	guest_goes_on(VM1, 1);
	guest_injects(MACHINE, VM1, 1, SHIM_INJECT_ACCEPTED); /* with nothing pending */
	guest_was_wrong("vm1.1 going on line");
	guest_bound(PROFILE);
	guest_calls(VM1, VM1, GET(1, 2));
	guest_injects(VM1, VM1, 0, SHIM_INJECT_ACCEPTED);
	guest_was_wrong("vm1 is given an interrupt that nothing under way in");
	guest_bound(PROFILE);
	guest_calls(VM2, VM2, SET(2, 1, 1ull));
	guest_injects(VM2, VM3, 0, SHIM_INJECT_ACCEPTED);
	guest_was_wrong("vm3 is given an interrupt");
}

/* SPs */

TEST(sp, has_the_spmcs_answer)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		guest_bound_with_sps();
		guest_calls(0, VM1, BIND(0x8001, 1, 1ull));
		guest_hears(0, ERROR(FFA_DENIED));
		guest_returns(0, VM1, wrong ? GOOD : ERROR(FFA_DENIED));
		if (wrong)
			guest_was_wrong("FFA_NOTIFICATION_BIND of vm1.0");
		else
			guest_was_right();
	}
}

TEST(sp, checks_come_before_the_spmc)
{
	guest_bound_with_sps();
	guest_calls(0, VM1, REGS(FFA_NOTIFICATION_BIND_32, PAIR(0x8001, 1), 1, 1, 0));
	guest_hears(0, GOOD);
	guest_returns(0, VM1, GOOD);
	guest_was_wrong("allowed: INVALID_PARAMETERS");
}

/* An error of the SPMC leaves what VMs have set. */
TEST(sp, an_error_takes_nothing)
{
	guest_bound_with_sps();
	guest_sets_first(1);
	guest_calls(0, VM1, GET(1, 3));
	guest_hears(0, ERROR(FFA_BUSY));
	guest_returns(0, VM1, ERROR(FFA_BUSY));
	guest_calls(0, VM1, GET(1, 3));
	guest_hears(0, REGS(FFA_SUCCESS_32, 0, 7));
	guest_returns(0, VM1, REGS(FFA_SUCCESS_32, 0, 7, 0, 1));
	guest_was_right();
	guest_bound_with_sps();
	guest_sets_first(1);
	guest_calls(0, VM1, GET(1, 3));
	guest_hears(0, ERROR(FFA_BUSY));
	guest_returns(0, VM1, ERROR(FFA_BUSY));
	guest_does(VM1, GET(1, 2), GOOD);
	guest_was_wrong("allowed: SUCCESS with 0x1 of VMs");
}

/* What a finding says */

TEST(tell, shows_each_order)
{
	const struct sim_finding *finding;

	guest_bound(PROFILE);
	guest_sets_first(1);
	guest_does(VM1, GET(1, 2), GOT(1ull));
	guest_calls(0, VM1, UNBIND(2, 1, 1ull));
	guest_calls(1, VM2, SET(2, 1, 1ull));
	guest_returns(0, VM1, ERROR(FFA_NO_DATA));
	finding = g_ptr_array_index(guest_run.report->findings, 0);
	assert_str(finding->message,
	           "FFA_NOTIFICATION_UNBIND of vm1.0 comes to NO_DATA; allowed: SUCCESS or DENIED");
	assert_str(finding->detail,
	           "every answer until then is explained; vm1 is in state\n"
	           "  1: version 1.2, 0xf bound to vm2, 0xf0 bound to vm3, 0x0 pending\n"
	           "what FFA_NOTIFICATION_UNBIND of vm1.0 comes to:\n"
	           "  from state 1, FFA_NOTIFICATION_UNBIND of vm1.0: SUCCESS\n"
	           "  from state 1, FFA_NOTIFICATION_SET of vm2.0: SUCCESS and an NPI, then "
	           "FFA_NOTIFICATION_UNBIND of vm1.0: DENIED\n");
	guest_closed();
}

TEST(limit, of_senders)
{
	guest_bound(PROFILE);
	for (unsigned i = 0; i < SIM_SPEC_SENDERS; i++)
		guest_does(VM1, BIND(20 + i, 1, 0x100ull << i), GOOD);
	guest_was_unjudged(SIM_LIMIT_SPEC_SENDERS);
}

TEST(limit, of_calls_at_once)
{
	guest_bound(PROFILE);
	for (unsigned i = 0; i <= SIM_LINEAR_OPS; i++)
		guest_calls(i, VM1, GET(1, FFA_NOTIFICATION_GET_VM));
	/* not judged, though nobody may answer so */
	guest_returns(0, VM1, GOT(0xffull));
	guest_was_unjudged(SIM_LIMIT_LINEAR_OPS);
}
