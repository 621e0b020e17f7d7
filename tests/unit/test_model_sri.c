/* SPDX-License-Identifier: MIT */
/* Calls of guests that go to the SPMC, the SRI, and what is remembered of what the SPMC says. */
#include "sim/model/sp_news.h"
#include "tests/test.h"
#include "tests/unit/test_model_play.h"

#define MORE     1u
#define ONE_LIST (1u << 7)
#define WORK     1u /* contexts */
#define GUEST    2u
#define OTHER    3u

static const struct ffa_regs ask_info = {{FFA_NOTIFICATION_INFO_GET_64}};
static const struct ffa_regs told = {{FFA_SUCCESS_64, 0, ONE_LIST, 1}};
static const struct ffa_regs no_data = {{FFA_ERROR_32, 0, (uint32_t)FFA_NO_DATA}};

static void set_up(void)
{
	play_boot(0, NULL, 0, false);
	play_vm(1);
	play_vm(2);
}

static struct ffa_regs binding(uint64_t w2, uint64_t x5)
{
	return (struct ffa_regs){{FFA_NOTIFICATION_BIND_32, SP1 << 16 | 1, w2, 1, 2, x5}};
}

/* Calls */

TEST(model_sri, bind_goes_on_with_its_arguments)
{
	set_up();
	call(GUEST, 1, binding(0, 7));
	smc(GUEST, binding(0, 0), error(FFA_DENIED));
	answer(GUEST, 1, error(FFA_DENIED));
	assert_null(complaint());

	call(GUEST, 1, binding(0, 7));
	smc(GUEST, binding(0, 7), success);
	assert_contains(complaint(), "x5=0x7; allowed: FFA_NOTIFICATION_BIND x1=0x80010001");
}

TEST(model_sri, code_of_the_spmc_comes_back)
{
	set_up();
	call(GUEST, 1, binding(0, 0));
	smc(GUEST, binding(0, 0), error(FFA_DENIED));
	answer(GUEST, 1, success);

	assert_contains(complaint(), "is answered SUCCESS; allowed: DENIED");
}

TEST(model_sri, flags_are_refused_here)
{
	set_up();
	call(GUEST, 1, binding(1, 0));
	answer(GUEST, 1, error(FFA_INVALID_PARAMETERS));
	assert_null(complaint());

	call(GUEST, 1, binding(1, 0));
	smc(GUEST, binding(1, 0), success);
	assert_contains(complaint(), "allowed: its end");
}

TEST(model_sri, flags_of_a_set_are_refused_here)
{
	const struct ffa_regs set = {{FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 2, 1}};

	set_up();
	call(GUEST, 1, set);
	answer(GUEST, 1, error(FFA_INVALID_PARAMETERS));
	assert_null(complaint());

	call(GUEST, 1, set);
	smc(GUEST, set, success);
	assert_contains(complaint(), "allowed: its end");
}

TEST(model_sri, sps_are_no_peers_without_a_call)
{
	play_boot(FFA_NOTIFICATION_GET_32, NULL, 0, false);
	enter(0, SHIM_ENTRY_VM_CREATE, 1, 2);
	leave(0, SHIM_ENTRY_VM_CREATE, 1, FFA_OK);
	call(0, 1, (struct ffa_regs){{FFA_VERSION_32, FFA_VERSION_1_2}});
	answer(0, 1, (struct ffa_regs){{FFA_VERSION_1_2}});
	call(GUEST, 1, binding(0, 0));
	answer(GUEST, 1, error(FFA_NOT_SUPPORTED));
	assert_null(complaint());

	call(GUEST, 1, binding(0, 0));
	smc(GUEST, binding(0, 0), success);
	assert_contains(complaint(), "allowed: its end");
}

static const struct {
	const char *name;
	uint32_t version;
} no_notifications[] = {{"none", 0}, {"1.0", FFA_VERSION_1_0}};

TEST_EACH(model_sri, version_without_notifications, no_notifications)
{
	play_boot(0, NULL, 0, false);
	enter(0, SHIM_ENTRY_VM_CREATE, 1, 2);
	smc(0, (struct ffa_regs){{FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 2}}, success);
	leave(0, SHIM_ENTRY_VM_CREATE, 1, FFA_OK);
	if (c->version) {
		call(0, 1, (struct ffa_regs){{FFA_VERSION_32, c->version}});
		answer(0, 1, (struct ffa_regs){{FFA_VERSION_1_2}});
	}
	call(GUEST, 1, binding(0, 0));
	answer(GUEST, 1, error(FFA_NOT_SUPPORTED));
	assert_null(complaint());

	call(GUEST, 1, binding(0, 0));
	smc(GUEST, binding(0, 0), success);
	assert_contains(complaint(), "allowed: its end");
}

static void get(unsigned context, uint64_t flags, struct ffa_regs answered)
{
	call(context, 1, (struct ffa_regs){{FFA_NOTIFICATION_GET_32, 1, flags}});
	smc(context, (struct ffa_regs){{FFA_NOTIFICATION_GET_32, 1, flags & 5}}, answered);
}

TEST(model_sri, get_brings_what_was_asked_for)
{
	const struct ffa_regs maps = {{FFA_SUCCESS_32, 0, 3, 4, 0, 0, 6}};
	const struct ffa_regs of_sps = {{FFA_SUCCESS_32, 0, 3, 4}};

	set_up();
	get(GUEST, 3, maps);
	answer(GUEST, 1, of_sps);
	assert_null(complaint());

	get(GUEST, 3, maps);
	answer(GUEST, 1, maps);
	assert_contains(complaint(), "is answered 0x6 in x6; allowed: 0x0");
}

TEST(model_sri, get_of_vms_is_not_for_the_spmc)
{
	set_up();
	call(GUEST, 1, (struct ffa_regs){{FFA_NOTIFICATION_GET_32, 1, 2}});
	smc(GUEST, (struct ffa_regs){{FFA_NOTIFICATION_GET_32, 1, 0}}, success);

	assert_contains(complaint(), "allowed: its end");
}

/* The interrupt */

static const struct {
	const char *name;
	enum world_event_kind kind;
} forbidden[] = {{"lock", WORLD_EVENT_LOCK},
                 {"inject", WORLD_EVENT_INJECT},
                 {"alloc", WORLD_EVENT_ALLOC},
                 {"timer", WORLD_EVENT_TIMER_SET}};

TEST_EACH(model_sri, interrupt_only_asks_for_work, forbidden)
{
	set_up();
	enter(WORK, SHIM_ENTRY_INTERRUPT, SRI, 0);
	act(WORK, WORLD_EVENT_DEFER, 0, 0, 0);
	leave(WORK, SHIM_ENTRY_INTERRUPT, SRI, 0);
	assert_null(complaint());

	enter(WORK, SHIM_ENTRY_INTERRUPT, SRI, 0);
	act(WORK, c->kind, 0, 0, 1);
	assert_contains(complaint(), "allowed: to ask for work");
}

TEST(model_sri, other_interrupts_are_ignored)
{
	set_up();
	enter(WORK, SHIM_ENTRY_INTERRUPT, SRI + 1, 0);
	act(WORK, WORLD_EVENT_DEFER, 0, 0, 0);

	assert_contains(complaint(), "it is not the SRI");
}

TEST(model_sri, sri_leads_to_a_question)
{
	set_up();
	enter(WORK, SHIM_ENTRY_INTERRUPT, SRI, 0);
	leave(WORK, SHIM_ENTRY_INTERRUPT, SRI, 0);
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, no_data);
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	sim_model_conduit_part.rest(&play);
	assert_null(complaint());

	enter(WORK, SHIM_ENTRY_INTERRUPT, SRI, 0);
	leave(WORK, SHIM_ENTRY_INTERRUPT, SRI, 0);
	sim_model_conduit_part.rest(&play);
	assert_contains(complaint(), "the SPMC was not asked since");
}

/* The work */

static struct ffa_regs lists(uint64_t shape, uint64_t ids)
{
	return (struct ffa_regs){{FFA_SUCCESS_64, 0, shape, ids}};
}

TEST(model_sri, who_is_named_gets_an_npi)
{
	set_up();
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, lists(ONE_LIST * 2 | 1u << 12, 1 | 0 << 16 | 2ull << 32));
	inject(WORK, 2, 0);
	inject(WORK, 1, 1);
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	assert_null(complaint());

	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, lists(ONE_LIST * 2, 1 | 2ull << 16));
	inject(WORK, 1, 0);
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	assert_contains(complaint(), "gives vm2 no NPI");
}

TEST(model_sri, nobody_else_gets_one)
{
	set_up();
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, told);
	inject(WORK, 2, 0);

	assert_contains(complaint(), "into vm2; allowed: none");
}

TEST(model_sri, vm_off_line_gets_none)
{
	set_up();
	set_online(1, 0, false);
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, told);
	set_online(1, 1, false);
	set_online(1, 0, true);
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);

	assert_null(complaint());
}

static const struct {
	const char *name;
	struct ffa_regs answered;
} malformed[] = {
        {"no-list", {{FFA_SUCCESS_64, 0, MORE, 1}}},
        {"too-many-lists", {{FFA_SUCCESS_64, 0, MORE | 21 * ONE_LIST, 1}}},
        {"too-many-ids", {{FFA_SUCCESS_64, 0, MORE | 6 * ONE_LIST | 0xfffull << 12, 1}}},
        {"too-many-for-32", {{FFA_SUCCESS_32, 0, MORE | 3 * ONE_LIST | 0x3full << 12, 1}}},
        {"error", {{FFA_ERROR_32, 0, (uint32_t)FFA_RETRY}}},
};

TEST_EACH(model_sri, malformed_answer_is_dropped, malformed)
{
	set_up();
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, c->answered);
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	assert_null(complaint());

	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, c->answered);
	inject(WORK, 1, 0);
	assert_contains(complaint(), "the SPMC's answer does not name it");
}

static void run_with_more(void)
{
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	for (unsigned i = 0; i < 16; i++) {
		smc(WORK, ask_info, lists(MORE | ONE_LIST, 3));
		assert_null(complaint());
	}
}

TEST(model_sri, work_is_bounded)
{
	set_up();
	for (unsigned i = 0; i < 31; i++) {
		run_with_more();
		act(WORK, WORLD_EVENT_DEFER, 0, 0, 0);
		leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	}
	run_with_more();
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	assert_null(complaint());

	run_with_more();
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	assert_contains(complaint(), "allowed: to ask for another run");
}

TEST(model_sri, conversations_do_not_mix)
{
	set_up();
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	enter(OTHER, SHIM_ENTRY_WORK, 1, 0);
	smc(WORK, ask_info, lists(MORE | ONE_LIST, 3));
	smc(OTHER, ask_info, no_data);

	assert_contains(complaint(), "one conversation at a time");
}

/* What is remembered */

static void indicate(void)
{
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, told);
	inject(WORK, 1, 0);
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
}

static enum sim_model_answer info_get(struct ffa_regs answered)
{
	enum sim_model_answer known;

	call(GUEST, 1, ask_info);
	known = sim_model_info_of_spmc(&play, GUEST);
	answer(GUEST, 1, answered);
	return known;
}

TEST(model_sri, info_get_tells_once)
{
	set_up();
	assert_eq_int(info_get(no_data), SIM_MODEL_NO);
	indicate();
	assert_eq_int(info_get(told), SIM_MODEL_YES);
	assert_eq_int(info_get(no_data), SIM_MODEL_NO);
	assert_null(complaint());

	indicate();
	info_get(no_data);
	assert_contains(complaint(), "answers NO_DATA; allowed: SUCCESS");
}

TEST(model_sri, get_ends_what_was_said_before)
{
	set_up();
	indicate();
	get(GUEST, 4, success);
	answer(GUEST, 1, success);
	assert_eq_int(info_get(told), SIM_MODEL_YES);
	indicate();
	get(GUEST, 5, error(FFA_RETRY));
	answer(GUEST, 1, error(FFA_RETRY));
	assert_eq_int(info_get(told), SIM_MODEL_YES);
	indicate();
	get(GUEST, 5, success);
	answer(GUEST, 1, success);
	assert_eq_int(info_get(no_data), SIM_MODEL_NO);

	assert_null(complaint());
}

TEST(model_sri, what_is_said_behind_a_get_survives_it)
{
	set_up();
	get(OTHER, 5, success);
	indicate();
	answer(OTHER, 1, success);

	assert_eq_int(info_get(told), SIM_MODEL_YES);
	assert_null(complaint());
}

TEST(model_sri, refused_get_ends_nothing)
{
	set_up();
	call(OTHER, 1, (struct ffa_regs){{FFA_NOTIFICATION_GET_32, 1, 5}});
	indicate();
	smc(OTHER, (struct ffa_regs){{FFA_NOTIFICATION_GET_32, 1, 5}}, error(FFA_RETRY));
	answer(OTHER, 1, error(FFA_RETRY));

	assert_eq_int(info_get(told), SIM_MODEL_YES);
	assert_null(complaint());
}

TEST(model_sri, what_is_said_beside_a_get_may_be_gone)
{
	set_up();
	enter(WORK, SHIM_ENTRY_WORK, 0, 0);
	smc(WORK, ask_info, told);
	get(OTHER, 5, success);
	inject(WORK, 1, 0);
	leave(WORK, SHIM_ENTRY_WORK, 0, 0);
	answer(OTHER, 1, success);
	enter(OTHER, SHIM_ENTRY_VCPU_ON, 1, 1);
	leave(OTHER, SHIM_ENTRY_VCPU_ON, 1, 0);

	assert_eq_int(info_get(no_data), SIM_MODEL_MAYBE);
	assert_null(complaint());
}

TEST(model_sri, what_is_said_beside_an_info_get_may_be_told)
{
	set_up();
	call(OTHER, 1, ask_info);
	indicate();
	assert_eq_int(sim_model_info_of_spmc(&play, OTHER), SIM_MODEL_MAYBE);
	answer(OTHER, 1, told);

	assert_eq_int(info_get(no_data), SIM_MODEL_MAYBE);
	assert_null(complaint());
}

TEST(model_sri, vcpu_that_comes_is_told)
{
	set_up();
	indicate();
	enter(OTHER, SHIM_ENTRY_VCPU_ON, 1, 1);
	inject(OTHER, 1, 1);
	leave(OTHER, SHIM_ENTRY_VCPU_ON, 1, 0);
	assert_null(complaint());

	enter(OTHER, SHIM_ENTRY_VCPU_ON, 1, 1);
	leave(OTHER, SHIM_ENTRY_VCPU_ON, 1, 0);
	assert_contains(complaint(), "raises no NPI");
}

TEST(model_sri, vcpu_that_comes_beside_a_get_need_not)
{
	set_up();
	indicate();
	enter(OTHER, SHIM_ENTRY_VCPU_ON, 1, 1);
	get(GUEST, 5, success);
	leave(OTHER, SHIM_ENTRY_VCPU_ON, 1, 0);

	assert_null(complaint());
}

TEST(model_sri, other_vcpu_is_told_when_one_goes)
{
	set_up();
	indicate();
	set_online(1, 0, false);
	enter(OTHER, SHIM_ENTRY_VCPU_OFF, 1, 0);
	leave(OTHER, SHIM_ENTRY_VCPU_OFF, 1, 0);

	assert_contains(complaint(), "that goes off line raises no NPI");
}
