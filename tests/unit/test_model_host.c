/* SPDX-License-Identifier: MIT */
/* The specification of one host in front of an SPMC: boot, versions, what is forwarded. */
#include "tests/test.h"
#include "tests/unit/test_model_host_lab.h"

#define CALL_LIST REGS(FFA_PARTITION_INFO_GET_REGS_64)

/* Boot */

TEST(boot, offers_the_newest_version)
{
	host_has_booted("single-host-1.1", FFA_VERSION_1_2);
	host_was_right();
}

TEST(boot, offers_no_other_version)
{
	host_lab_open("single-host-1.1");
	host_boots();
	host_machine_asks(CALL_VERSION(FFA_VERSION_1_2));
	host_was_wrong("allowed: FFA_VERSION version=1.1");
}

TEST(boot, asks_nothing_else)
{
	host_lab_open(PROFILE);
	host_boots();
	host_machine_asks(CALL_VERSION(V1_2));
	host_machine_is_told(REGS(V1_2));
	host_machine_asks(CALL_ID_GET);
	host_was_wrong("is asked FFA_ID_GET for the mediator itself; allowed: nothing");
}

struct boot_case {
	const char *name;
	uint64_t told;
	int64_t result;
	bool right;
};

static const struct boot_case boot_cases[] = {
        {"older minor", FFA_VERSION_1_0, FFA_OK, true},
        {"newer minor", FFA_VERSION_1_3, FFA_OK, true},
        {"garbage above", 0xdeadbeef00010002, FFA_OK, true},
        {"minus one", 0xffffffff, FFA_NOT_SUPPORTED, true},
        {"minus one taken for a version", 0xffffffff, FFA_OK, false},
        {"next major", 0x20000, FFA_NOT_SUPPORTED, true},
        {"next major taken", 0x20000, FFA_OK, false},
        {"bit 31", 0x80010002, FFA_NOT_SUPPORTED, true},
        {"bit 31 taken", 0x80010002, FFA_OK, false},
        {"FFA_ERROR taken", FFA_ERROR_32, FFA_OK, false},
        {"refused for nothing", FFA_VERSION_1_2, FFA_NOT_SUPPORTED, false},
        {"no memory for no reason", FFA_VERSION_1_2, FFA_NO_MEMORY, false},
};

TEST_EACH(boot, answer, boot_cases)
{
	host_lab_open(PROFILE);
	host_boots();
	host_machine_asks(CALL_VERSION(V1_2));
	host_machine_is_told(REGS(c->told));
	host_machine_returns(c->result);
	if (c->right)
		host_was_right();
	else
		host_was_wrong("the answer of boot is ");
}

TEST(boot, without_pages)
{
	host_lab_open(PROFILE);
	host_boots();
	host_machine_asks(CALL_VERSION(V1_2));
	host_machine_is_told(REGS(V1_2));
	host_machine_gets_no_page();
	host_machine_returns(FFA_NO_MEMORY);
	host_was_right();
}

TEST(boot, without_the_spmc)
{
	host_lab_open(PROFILE);
	host_boots();
	host_machine_returns(FFA_OK);
	host_was_wrong("boot returns and has not offered the SPMC a version");
}

TEST(boot, offers_one_version)
{
	host_lab_open(PROFILE);
	host_boots();
	host_machine_asks(CALL_VERSION(V1_2));
	host_machine_is_told(REFUSED);
	host_machine_asks(CALL_VERSION(V1_2));
	host_was_wrong("allowed: nothing (boot offers the newest version, and that is all)");
}

/* FFA_VERSION */

TEST(version, of_the_spmc_is_not_offered_again)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(FFA_VERSION_1_3));
	host_asks(0, CALL_VERSION(V1_2));
	host_was_wrong("allowed: FFA_ID_GET");
}

TEST(version, older_is_offered)
{
	host_has_negotiated(PROFILE, V1_2, FFA_VERSION_1_0);
	host_was_right();
}

TEST(version, of_an_older_spmc_is_offered)
{
	host_has_negotiated(PROFILE, FFA_VERSION_1_0, FFA_VERSION_1_0);
	host_was_right();
}

TEST(version, of_an_older_spmc_is_the_highest)
{
	host_has_booted(PROFILE, FFA_VERSION_1_1);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_VERSION(V1_2));
	host_was_wrong("allowed: FFA_VERSION version=1.1");
}

/* It has not accepted what it answered with a lower one. */
TEST(version, of_an_older_spmc_is_not_known_to_it)
{
	host_has_booted(PROFILE, FFA_VERSION_1_1);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_was_wrong("allowed: FFA_VERSION version=1.1");
}

TEST(version, of_a_newer_spmc_is_accepted_at_boot)
{
	host_has_negotiated(PROFILE, FFA_VERSION_1_3, V1_2);
	host_was_right();
}

TEST(version, answered_by_a_lower_one_is_not_accepted)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(FFA_VERSION_1_1));
	host_asks(0, CALL_VERSION(FFA_VERSION_1_1));
	host_is_told(0, REGS(FFA_VERSION_1_0));
	host_asks(0, CALL_ID_GET);
	host_was_wrong("allowed: nothing (it has failed)");
}

TEST(version, accepted_is_not_offered_again)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(FFA_VERSION_1_1));
	host_asks(0, CALL_VERSION(FFA_VERSION_1_1));
	host_is_told(0, REGS(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, ERROR(FFA_DENIED));
	host_returns(0, REFUSED);
	host_calls(0, CALL_VERSION(FFA_VERSION_1_1));
	host_asks(0, CALL_VERSION(FFA_VERSION_1_1));
	host_was_wrong("allowed: FFA_ID_GET");
}

TEST(version, older_is_refused_by_the_spmc)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(FFA_VERSION_1_0));
	host_asks(0, CALL_VERSION(FFA_VERSION_1_0));
	host_is_told(0, REFUSED);
	host_returns(0, REGS(FFA_VERSION_1_0));
	host_was_wrong("is version=1.0; allowed: NOT_SUPPORTED (the SPMC has been found unfit)");
}

TEST(version, may_be_tried_again)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, ERROR(FFA_DENIED));
	host_returns(0, REFUSED);
	host_calls(1, CALL_VERSION(V1_2));
	host_asks(1, CALL_ID_GET);
	host_is_told(1, GOOD);
	host_asks(1, CALL_FEATURES_MAP);
	host_is_told(1, GOOD);
	host_returns(1, REGS(V1_2));
	host_was_right();
}

TEST(version, is_not_there_after_a_failure)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, REGS(FFA_SUCCESS_32, 0, 1));
	host_returns(0, REFUSED);
	host_calls(0, CALL_ID_GET);
	host_returns(0, GOOD);
	host_was_wrong("allowed: INVALID_PARAMETERS (no version has been negotiated)");
}

/* Negotiated with an SPMC that takes no pages. */
static void host_has_no_buffers(uint32_t version)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(version));
	if (version != V1_2) {
		host_asks(0, CALL_VERSION(version));
		host_is_told(0, REGS(V1_2));
	}
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	host_asks(0, CALL_FEATURES_MAP);
	host_is_told(0, REGS(FFA_SUCCESS_32, 0, 1));
	host_returns(0, REGS(version));
}

/* Without them it is used for what it has. */
TEST(version, needs_no_buffers)
{
	host_has_no_buffers(V1_2);
	host_calls(0, CALL_LIST);
	host_asks(0, CALL_LIST);
	host_is_told(0, GOOD);
	host_returns(0, GOOD);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(1)));
	host_returns(0, ERROR(FFA_NOT_SUPPORTED));
	host_was_right();
}

TEST(version, without_buffers_is_no_refusal)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	host_asks(0, CALL_FEATURES_MAP);
	host_is_told(0, ERROR(FFA_NOT_SUPPORTED));
	host_returns(0, REFUSED);
	host_was_wrong("is NOT_SUPPORTED; allowed: version=1.2");
}

TEST(version, without_buffers_maps_none)
{
	host_has_no_buffers(V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(1)));
	host_asks(0, OWN_MAP);
	host_was_wrong("allowed: nothing (the call is not listed)");
}

TEST(version, with_buffers_does_not_list_in_registers)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_LIST);
	host_asks(0, CALL_LIST);
	host_was_wrong("allowed: nothing (the call is not listed)");
}

TEST(version, of_1_1_does_not_list_in_registers)
{
	host_has_no_buffers(FFA_VERSION_1_1);
	host_calls(0, CALL_LIST);
	host_returns(0, ERROR(FFA_NOT_SUPPORTED));
	host_was_right();
}

static void busy_asks(struct ffa_regs question, unsigned times)
{
	for (unsigned n = 0; n < times; n++) {
		host_asks(0, question);
		host_is_told(0, ERROR(n % 2 == 0 ? FFA_BUSY : FFA_RETRY));
	}
}

TEST(version, of_a_busy_spmc_is_asked_for_again)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	busy_asks(CALL_ID_GET, 10);
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	busy_asks(CALL_FEATURES_MAP, 10);
	host_asks(0, CALL_FEATURES_MAP);
	host_is_told(0, GOOD);
	host_returns(0, REGS(V1_2));
	host_was_right();
}

TEST(version, of_a_busy_spmc_is_not_given_up_at_once)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	busy_asks(CALL_ID_GET, 10);
	host_returns(0, REFUSED);
	host_was_wrong("allowed: none yet (the SPMC has not been asked everything)");
}

TEST(version, of_a_busy_spmc_is_given_up)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	busy_asks(CALL_ID_GET, 11);
	host_returns(0, REFUSED);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	busy_asks(CALL_FEATURES_MAP, 11);
	host_returns(0, REFUSED);
	host_was_right();
}

TEST(version, of_a_busy_spmc_is_not_asked_for_for_ever)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	busy_asks(CALL_ID_GET, 12);
	host_was_wrong("allowed: nothing (it has failed)");
}

TEST(version, is_not_answered_before_the_end)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	host_returns(0, REGS(V1_2));
	host_was_wrong("allowed: none yet (the SPMC has not been asked everything)");
}

TEST(version, is_negotiated_by_one)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	host_calls(1, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	host_asks(1, CALL_ID_GET);
	host_was_wrong("allowed: nothing (another CPU negotiates)");
}

TEST(version, is_negotiated_once)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(1, CALL_VERSION(V1_2));
	host_asks(1, CALL_ID_GET);
	host_was_wrong("allowed: nothing (a version has been negotiated)");
}

/* CPU 1 waited for CPU 0, and asks for less. */
TEST(version, of_the_first_counts)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(1, CALL_VERSION(FFA_VERSION_1_1));
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	host_asks(0, CALL_FEATURES_MAP);
	host_is_told(0, GOOD);
	host_returns(1, REFUSED);
	host_returns(0, REGS(V1_2));
	host_was_right();
}

struct later_case {
	const char *name;
	uint32_t asked;
	uint32_t answer;
	bool right;
};

static const struct later_case later_cases[] = {
        {"the same", FFA_VERSION_1_1, FFA_VERSION_1_1, true},
        {"later", FFA_VERSION_1_2, FFA_VERSION_1_1, true},
        {"later, answered with it", FFA_VERSION_1_2, FFA_VERSION_1_2, false},
        {"later, refused", FFA_VERSION_1_2, 0xffffffff, false},
        {"older", FFA_VERSION_1_0, 0xffffffff, true},
        {"older, answered", FFA_VERSION_1_0, FFA_VERSION_1_1, false},
        {"another major", 0x20001, 0xffffffff, true},
        {"another major, answered", 0x20001, FFA_VERSION_1_1, false},
        {"bit 31", 0x80010001, 0xffffffff, true},
        {"bit 31, answered", 0x80010001, FFA_VERSION_1_1, false},
};

TEST_EACH(version, later, later_cases)
{
	host_has_negotiated(PROFILE, V1_2, FFA_VERSION_1_1);
	host_calls(2, CALL_VERSION(c->asked));
	host_returns(2, REGS(c->answer));
	if (c->right)
		host_was_right();
	else
		host_was_wrong("the answer to FFA_VERSION of host0.2");
}

TEST(version, is_answered_in_w0_alone)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_VERSION(V1_2));
	host_returns(0, REGS(V1_2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7));
	host_was_wrong("x17=0x7");
}

/* A version comes into force at one moment */

static void negotiate_up_to_the_last_answer(void)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(1, CALL_ID_GET);
	host_calls(2, CALL_ID_GET);
	host_calls(0, CALL_VERSION(V1_2));
	host_asks(0, CALL_ID_GET);
	host_is_told(0, GOOD);
	host_asks(0, CALL_FEATURES_MAP);
}

TEST(in_force, not_before_the_last_answer)
{
	negotiate_up_to_the_last_answer();
	host_returns(1, GOOD);
	host_was_wrong("allowed: INVALID_PARAMETERS (no version has been negotiated)");
}

TEST(in_force, seen_by_one_and_not_by_another)
{
	negotiate_up_to_the_last_answer();
	host_is_told(0, GOOD);
	host_returns(1, GOOD);
	host_returns(2, ERROR(FFA_INVALID_PARAMETERS));
	host_returns(0, REGS(V1_2));
	host_was_right();
}

TEST(in_force, not_undone_for_who_enters_later)
{
	negotiate_up_to_the_last_answer();
	host_is_told(0, GOOD);
	host_returns(1, GOOD);
	host_calls(3, CALL_ID_GET);
	host_returns(3, ERROR(FFA_INVALID_PARAMETERS));
	host_was_wrong(
	        "the answer to FFA_ID_GET of host0.3 is INVALID_PARAMETERS; allowed: SUCCESS");
}

TEST(in_force, once_its_own_call_has_returned)
{
	negotiate_up_to_the_last_answer();
	host_is_told(0, GOOD);
	host_returns(0, REGS(V1_2));
	host_calls(3, CALL_ID_GET);
	host_returns(3, ERROR(FFA_INVALID_PARAMETERS));
	host_was_wrong("allowed: SUCCESS");
}

TEST(in_force, once_the_spmc_is_asked_by_it)
{
	negotiate_up_to_the_last_answer();
	host_returns(1, ERROR(FFA_INVALID_PARAMETERS));
	host_calls(1, CALL_RELEASE);
	host_is_told(0, GOOD);
	host_asks(1, CALL_RELEASE);
	host_calls(3, CALL_ID_GET);
	host_returns(3, ERROR(FFA_INVALID_PARAMETERS));
	host_was_wrong("allowed: SUCCESS");
}

/* A refusal tells nobody whether there is a version. */
TEST(in_force, unknown_after_a_refusal)
{
	negotiate_up_to_the_last_answer();
	host_is_told(0, GOOD);
	host_returns(1, ERROR(FFA_INVALID_PARAMETERS));
	host_calls(1, CALL_VERSION(0x20000));
	host_returns(1, REFUSED);
	host_calls(1, CALL_ID_GET);
	host_returns(1, ERROR(FFA_INVALID_PARAMETERS));
	host_was_right();
}

TEST(in_force, before_the_spmc_is_asked)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, CALL_RELEASE);
	host_asks(0, CALL_RELEASE);
	host_was_wrong("allowed: nothing (no version has been negotiated)");
}

/* What is no FF-A call is SMCCC's unknown function, with and without a version. */

TEST(foreign, is_answered_in_any_version)
{
	host_has_booted(PROFILE, V1_2);
	host_calls(0, REGS(0x80000000, 1, 2, 3, 4));
	host_returns(0, REGS(UINT64_MAX, 1, 2, 3, 4));
	host_calls(1, REGS(0x84000000, 1, 2, 3, 4));
	host_returns(1, REGS(0xffffffff, 0, 0, 0, 4));
	host_was_right();
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, REGS(0xc4000003, 1, 2, 3, 4));
	host_returns(0, REGS(UINT64_MAX, 1, 2, 3, 4));
	host_was_right();
}

TEST(foreign, shows_no_version)
{
	negotiate_up_to_the_last_answer();
	host_is_told(0, GOOD);
	host_calls(1, REGS(0x80000000));
	host_returns(1, REGS(UINT64_MAX));
	host_calls(1, CALL_ID_GET);
	host_returns(1, ERROR(FFA_INVALID_PARAMETERS));
	host_was_right();
}

TEST(foreign, is_not_forwarded)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, REGS(0x80000000));
	host_asks(0, REGS(0x80000000));
	host_was_wrong("allowed: nothing (it is no FF-A call)");
}

TEST(foreign, has_no_other_answer)
{
	static const struct ffa_regs answers[] = {
	        {{FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED}},
	        {{FFA_ERROR_32, 0, (uint32_t)FFA_INVALID_PARAMETERS}},
	        {{0x10001}},
	        {{0xffffffff}},
	        {{UINT64_MAX, 0, 0, 0, 1}}};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		host_has_booted(PROFILE, V1_2);
		host_calls(0, REGS(0xc4000003));
		host_returns(0, answers[i]);
		host_was_wrong("the answer to 0xc4000003 of host0.0 is");
	}
}

/* Forwarded calls */

TEST(forward, answer_is_whole)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, REGS(FFA_NOTIFICATION_INFO_GET_64));
	host_asks(0, REGS(FFA_NOTIFICATION_INFO_GET_64));
	host_is_told(0, REGS(FFA_SUCCESS_64, 0, 0x80, 1, 2, 3, 4, 5));
	host_returns(0, REGS(FFA_SUCCESS_64, 0, 0x80, 1, 2, 3, 4));
	host_was_wrong("allowed: SUCCESS lists=1 ids3=0x1 ids4=0x2 ids5=0x3 ids6=0x4 ids7=0x5");
}

TEST(forward, two_at_once_keep_their_answers)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, REGS(FFA_FEATURES_32, FFA_FEATURE_SRI));
	host_calls(1, CALL_RELEASE);
	host_asks(0, REGS(FFA_FEATURES_32, FFA_FEATURE_SRI));
	host_asks(1, CALL_RELEASE);
	host_is_told(1, ERROR(FFA_DENIED));
	host_is_told(0, FOUND(8, 0));
	host_returns(1, ERROR(FFA_DENIED));
	host_returns(0, ERROR(FFA_DENIED));
	host_was_wrong("the answer to FFA_FEATURES of host0.0 is DENIED; allowed: SUCCESS");
}

/* A reserved bit of w1 and w3 at once. */
TEST(forward, of_two_mistakes_either_is_told)
{
	for (int i = 1; i < 4; i++) {
		host_has_negotiated(PROFILE, V1_2, V1_2);
		host_calls(0, REGS(FFA_FEATURES_32, 0x102, 0, 1));
		host_returns(0, ERROR(-i));
		if (i < 3)
			host_was_right();
		else
			host_was_wrong("allowed: NOT_SUPPORTED");
	}
}

TEST(forward, happens_once)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_RELEASE);
	host_asks(0, CALL_RELEASE);
	host_is_told(0, ERROR(FFA_RETRY));
	host_asks(0, CALL_RELEASE);
	host_was_wrong("allowed: nothing (it has been asked)");
}

TEST(forward, needs_the_spmc)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_RELEASE);
	host_returns(0, GOOD);
	host_was_wrong("allowed: what the SPMC answers (it is asked first)");
}
