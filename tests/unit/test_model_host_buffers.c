/* SPDX-License-Identifier: MIT */
/* The specification of one host in front of an SPMC: its pages, who owns RX, what it is given of
 * it. */
#include "tests/test.h"
#include "tests/unit/test_model_host_lab.h"

static void mapped(void)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_has_mapped();
}

/* FFA_RXTX_MAP and _UNMAP */

TEST(map, and_unmap)
{
	mapped();
	host_calls(1, CALL_UNMAP);
	host_asks(1, CALL_UNMAP);
	host_is_told(1, REGS(FFA_SUCCESS_32, 1, 2, 3));
	host_unmaps(1, HOST_PAGE(1));
	host_unmaps(1, HOST_PAGE(0));
	host_returns(1, GOOD);
	host_calls(1, CALL_UNMAP);
	host_returns(1, ERROR(FFA_INVALID_PARAMETERS));
	host_shuts_down();
	host_machine_frees(OWN_RX);
	host_machine_frees(OWN_TX);
	host_machine_returns(0);
	host_was_right();
}

TEST(map, twice_is_denied)
{
	mapped();
	host_calls(1, CALL_MAP(HOST_PAGE(2), HOST_PAGE(3)));
	host_returns(1, ERROR(FFA_DENIED));
	host_was_right();
}

TEST(map, twice_does_not_reach_the_spmc)
{
	mapped();
	host_calls(1, CALL_MAP(HOST_PAGE(2), HOST_PAGE(3)));
	host_maps(1, HOST_PAGE(2), HOST_PAGE(2));
	host_maps(1, HOST_PAGE(3), HOST_PAGE(3));
	host_asks(1, OWN_MAP);
	host_was_wrong("allowed: nothing (a pair is mapped)");
}

TEST(map, denied_by_a_pair_that_is_not_there)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(2), HOST_PAGE(3)));
	host_returns(0, ERROR(FFA_DENIED));
	host_was_wrong("is DENIED; allowed: what the SPMC answers (no pair is mapped)");
}

TEST(map, of_one_page)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(0)));
	host_maps(0, HOST_PAGE(0), HOST_PAGE(0));
	host_maps(0, HOST_PAGE(0), HOST_PAGE(0));
	host_asks(0, OWN_MAP);
	host_was_wrong("allowed: nothing (TX and RX are one page)");
}

/* What is DENIED anyway is not looked at. */
TEST(map, of_one_page_beside_a_pair)
{
	mapped();
	host_calls(0, CALL_MAP(HOST_PAGE(2), HOST_PAGE(2)));
	host_returns(0, ERROR(FFA_INVALID_PARAMETERS));
	host_was_wrong("allowed: DENIED (a pair is mapped)");
}

TEST(map, beside_another_map)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(1, CALL_MAP(HOST_PAGE(2), HOST_PAGE(3)));
	host_has_mapped();
	host_returns(1, ERROR(FFA_DENIED));
	host_was_right();
}

/* The pair is there for a part of the call only: it may have met either state. */
TEST(map, beside_an_unmap)
{
	for (int i = 0; i < 2; i++) {
		mapped();
		host_calls(1, CALL_MAP(HOST_PAGE(2), HOST_PAGE(2)));
		host_calls(0, CALL_UNMAP);
		host_asks(0, CALL_UNMAP);
		host_is_told(0, GOOD);
		host_unmaps(0, HOST_PAGE(1));
		host_unmaps(0, HOST_PAGE(0));
		host_returns(0, GOOD);
		host_returns(1, i ? ERROR(FFA_DENIED) : ERROR(FFA_INVALID_PARAMETERS));
		host_was_right();
	}
}

TEST(map, of_a_page_that_the_platform_refuses)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), 0x1000));
	host_maps(0, HOST_PAGE(0), HOST_PAGE(0));
	host_maps(0, 0x1000, 0);
	host_unmaps(0, HOST_PAGE(0));
	host_returns(0, ERROR(FFA_INVALID_PARAMETERS));
	host_was_right();
}

TEST(map, refused_for_nothing)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(1)));
	host_returns(0, ERROR(FFA_INVALID_PARAMETERS));
	host_was_wrong("allowed: what the SPMC answers (no pair is mapped)");
}

TEST(map, leaves_no_page_behind)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(1)));
	host_maps(0, HOST_PAGE(0), HOST_PAGE(0));
	host_maps(0, HOST_PAGE(1), HOST_PAGE(1));
	host_asks(0, OWN_MAP);
	host_is_told(0, ERROR(FFA_NO_MEMORY));
	host_unmaps(0, HOST_PAGE(1));
	host_returns(0, ERROR(FFA_NO_MEMORY));
	host_was_wrong("it returns and leaves pages of the host mapped");
}

TEST(map, asks_after_the_host_pages_are_there)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(1)));
	host_maps(0, HOST_PAGE(0), HOST_PAGE(0));
	host_asks(0, OWN_MAP);
	host_was_wrong("allowed: nothing (the pages of the host are mapped first)");
}

struct pages_case {
	const char *name;
	uint64_t tx, rx;
	uint64_t count;
	bool right;
};

static const struct pages_case pages_cases[] = {
        {"two own pages", OWN_RX, OWN_TX, 1, true},
        {"the host's pages", HOST_PAGE(0), HOST_PAGE(1), 1, false},
        {"one of the host's", OWN_TX, HOST_PAGE(1), 1, false},
        {"one page", OWN_TX, OWN_TX, 1, false},
        {"a page that is not allocated", OWN_TX, 0x80002000, 1, false},
        {"within a page", OWN_TX, OWN_RX + 8, 1, false},
        {"two pages each", OWN_TX, OWN_RX, 2, false},
};

TEST_EACH(map, gives_the_spmc, pages_cases)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(1)));
	host_maps(0, HOST_PAGE(0), HOST_PAGE(0));
	host_maps(0, HOST_PAGE(1), HOST_PAGE(1));
	host_asks(0, REGS(FFA_RXTX_MAP_64, c->tx, c->rx, c->count));
	if (c->right)
		host_was_right();
	else
		host_was_wrong("the SPMC is asked FFA_RXTX_MAP_64");
}

TEST(map, of_what_the_host_did_not_offer)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_MAP(HOST_PAGE(0), HOST_PAGE(1)));
	host_maps(0, HOST_PAGE(2), HOST_PAGE(2));
	host_was_wrong("a page is mapped that the host has not offered");
}

TEST(map, outside_of_a_map)
{
	mapped();
	host_calls(0, CALL_RELEASE);
	host_maps(0, HOST_PAGE(2), HOST_PAGE(2));
	host_was_wrong("a page of the host is mapped beside FFA_RXTX_MAP");
}

TEST(unmap, before_the_spmc_has_given_up)
{
	mapped();
	host_calls(0, CALL_UNMAP);
	host_unmaps(0, HOST_PAGE(1));
	host_was_wrong("a page of the host's pair is unmapped while the pair is mapped");
}

TEST(unmap, of_somebody_elses_page)
{
	mapped();
	host_calls(0, CALL_UNMAP);
	host_asks(0, CALL_UNMAP);
	host_is_told(0, GOOD);
	host_unmaps(0, HOST_PAGE(2));
	host_was_wrong("a page is unmapped that is not mapped");
}

TEST(unmap, refused_changes_nothing)
{
	mapped();
	host_calls(0, CALL_UNMAP);
	host_asks(0, CALL_UNMAP);
	host_is_told(0, ERROR(FFA_DENIED));
	host_returns(0, ERROR(FFA_DENIED));
	host_calls(0, CALL_UNMAP);
	host_returns(0, ERROR(FFA_INVALID_PARAMETERS));
	host_was_wrong("allowed: what the SPMC answers (a pair is mapped)");
}

TEST(unmap, of_nothing_does_not_reach_the_spmc)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_UNMAP);
	host_asks(0, CALL_UNMAP);
	host_was_wrong("allowed: nothing (no pair is mapped)");
}

TEST(unmap, success_carries_nothing)
{
	mapped();
	host_calls(0, CALL_UNMAP);
	host_asks(0, CALL_UNMAP);
	host_is_told(0, REGS(FFA_SUCCESS_32, 1, 2, 3));
	host_unmaps(0, HOST_PAGE(1));
	host_unmaps(0, HOST_PAGE(0));
	host_returns(0, REGS(FFA_SUCCESS_32, 1, 2, 3));
	host_was_wrong("allowed: SUCCESS (the SPMC has agreed)");
}

/* RX */

TEST(rx, is_copied)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_page_becomes(OWN_RX, "descriptor of 24 bytes..");
	host_is_told(0, FOUND(1, 24));
	host_page_becomes(HOST_PAGE(1), "descriptor of 24 bytes..");
	host_returns(0, FOUND(1, 24));
	host_was_right();
}

TEST(rx, is_not_copied)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_page_becomes(OWN_RX, "descriptor of 24 bytes..");
	host_is_told(0, FOUND(1, 24));
	host_page_becomes(HOST_PAGE(1), "descriptor of 24");
	host_returns(0, FOUND(1, 24));
	host_was_wrong("it returns before the host's RX has what is in RX");
}

TEST(rx, of_a_count_has_nothing)
{
	mapped();
	host_calls(0, REGS(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1));
	host_asks(0, REGS(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1));
	host_page_becomes(OWN_RX, "stale");
	host_is_told(0, FOUND(1, 24));
	host_returns(0, FOUND(1, 24));
	host_was_right();
}

TEST(rx, at_1_0_has_8_bytes_each)
{
	host_has_negotiated("single-host-1.0", FFA_VERSION_1_0, FFA_VERSION_1_0);
	host_has_mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_page_becomes(OWN_RX, "eight..");
	host_is_told(0, FOUND(1, 0));
	host_returns(0, FOUND(1, 0));
	host_was_wrong("it returns before the host's RX has what is in RX");
}

/* No descriptor has such a size; a part of a word need not be copied. */
TEST(rx, of_seven_bytes)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_page_becomes(OWN_RX, "seven..");
	host_is_told(0, FOUND(1, 7));
	host_returns(0, FOUND(1, 7));
	host_was_right();
}

static void two_partitions_are_found(void)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_calls(1, CALL_RELEASE);
	host_asks(0, CALL_INFO);
	host_page_becomes(OWN_RX, "descriptor of 24 bytes..");
	host_is_told(0, FOUND(1, 24));
}

TEST(rx, given_back_before_the_copy)
{
	two_partitions_are_found();
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_was_wrong("RX is given back before the host's RX has what is in it");
}

/* Then the page may have something else when the first call returns. */
TEST(rx, given_back_after_the_copy)
{
	two_partitions_are_found();
	host_page_becomes(HOST_PAGE(1), "descriptor of 24 bytes..");
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_returns(1, GOOD);
	host_page_becomes(HOST_PAGE(1), "something else..........");
	host_returns(0, FOUND(1, 24));
	host_was_right();
}

TEST(rx, not_given_back_by_a_refusal)
{
	two_partitions_are_found();
	host_asks(1, CALL_RELEASE);
	host_is_told(1, ERROR(FFA_DENIED));
	host_page_becomes(HOST_PAGE(1), "descriptor of 24 bytes..");
	host_returns(1, ERROR(FFA_DENIED));
	host_returns(0, FOUND(1, 24));
	host_was_right();
}

TEST(rx, taken_away_before_the_copy)
{
	two_partitions_are_found();
	host_calls(2, CALL_UNMAP);
	host_asks(2, CALL_UNMAP);
	host_is_told(2, GOOD);
	host_was_wrong("RX is given back before the host's RX has what is in it");
}

/* Then it is not known any more what the page should have. */
TEST(rx, written_by_the_host)
{
	two_partitions_are_found();
	host_writes(HOST_PAGE(1) + 4);
	host_returns(0, FOUND(1, 24));
	host_was_right();
}

TEST(rx, not_written_by_the_host)
{
	two_partitions_are_found();
	host_writes(HOST_PAGE(2) + 4);
	host_returns(0, FOUND(1, 24));
	host_was_wrong("it returns before the host's RX has what is in RX");
}

static void partitions_are_told_of(void)
{
	two_partitions_are_found();
	host_page_becomes(HOST_PAGE(1), "descriptor of 24 bytes..");
	host_returns(0, FOUND(1, 24));
}

TEST(rx, changes_before_it_is_given_back)
{
	partitions_are_told_of();
	host_page_becomes(HOST_PAGE(1), "something else");
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_was_wrong("the host's RX has changed since the host was told what is in it");
}

TEST(rx, changes_behind_what_was_told)
{
	partitions_are_told_of();
	host_page_becomes(HOST_PAGE(1) + 24, "something else");
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_was_right();
}

TEST(rx, changes_by_the_host_itself)
{
	partitions_are_told_of();
	host_page_becomes(HOST_PAGE(1), "something else");
	host_writes(HOST_PAGE(1));
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_was_right();
}

TEST(rx, changes_after_it_was_given_back)
{
	partitions_are_told_of();
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_returns(1, GOOD);
	host_page_becomes(HOST_PAGE(1), "something else");
	host_calls(1, CALL_RELEASE);
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_was_right();
}

struct size_case {
	const char *name;
	uint64_t count, size;
};

static const struct size_case size_cases[] = {
        {"many", 4096, 24},
        {"one too many", 171, 24},
        {"large", 1, 0xffffffff},
        {"wraps in 32 bits", 0x0aaaaaab, 24},
};

TEST_EACH(rx, is_not_believed, size_cases)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_is_told(0, FOUND(c->count, c->size));
	host_asks(0, CALL_RELEASE);
	host_is_told(0, GOOD);
	host_returns(0, ERROR(FFA_ABORTED));
	host_was_right();
}

TEST_EACH(rx, is_believed_wrongly, size_cases)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_is_told(0, FOUND(c->count, c->size));
	host_returns(0, FOUND(c->count, c->size));
	host_was_wrong("RX is given back, its content is not believed");
}

TEST(rx, of_a_whole_page_is_believed)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_is_told(0, FOUND(512, 8));
	host_asks(0, CALL_RELEASE);
	host_was_wrong("allowed: nothing (it has been asked)");
}

TEST(rx, is_given_back_once)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_is_told(0, FOUND(4096, 24));
	host_asks(0, CALL_RELEASE);
	host_is_told(0, GOOD);
	host_asks(0, CALL_RELEASE);
	host_was_wrong("allowed: nothing (it has been asked)");
}

TEST(rx, that_others_own_is_not_given_back)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_is_told(0, ERROR(FFA_BUSY));
	host_asks(0, CALL_RELEASE);
	host_was_wrong("allowed: nothing (it has been asked)");
}

TEST(rx, without_a_pair_is_busy)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_INFO);
	host_returns(0, ERROR(FFA_BUSY));
	host_was_right();
}

TEST(rx, without_a_pair_is_not_asked_for)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_INFO);
	host_asks(0, CALL_INFO);
	host_was_wrong("allowed: nothing (no pair is mapped)");
}

TEST(rx, with_a_pair_is_not_busy)
{
	mapped();
	host_calls(0, CALL_INFO);
	host_returns(0, ERROR(FFA_BUSY));
	host_was_wrong("allowed: what the SPMC answers (a pair is mapped)");
}

/* A message */

static void message_is_told_of(void)
{
	mapped();
	host_page_becomes(OWN_RX, "a message");
	host_calls(0, CALL_GET);
	host_asks(0, CALL_GET);
	host_is_told(0, RX_IS_FULL);
}

TEST(message, is_delivered)
{
	message_is_told_of();
	host_page_becomes(HOST_PAGE(1), "a message");
	host_returns(0, RX_IS_FULL);
	host_was_right();
}

TEST(message, is_not_delivered)
{
	message_is_told_of();
	host_returns(0, RX_IS_FULL);
	host_was_wrong("it tells of a message that the host's RX does not have");
}

TEST(message, is_lost_by_a_host_that_gives_rx_back)
{
	message_is_told_of();
	host_calls(1, CALL_RELEASE);
	host_asks(1, CALL_RELEASE);
	host_is_told(1, GOOD);
	host_returns(1, GOOD);
	host_returns(0, RX_IS_FULL);
	host_was_right();
}

TEST(message, without_a_pair_goes_nowhere)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_calls(0, CALL_GET);
	host_asks(0, CALL_GET);
	host_is_told(0, RX_IS_FULL);
	host_returns(0, RX_IS_FULL);
	host_was_right();
}

/* Shutdown */

TEST(shutdown, takes_back_the_pair)
{
	mapped();
	host_shuts_down();
	host_machine_asks(CALL_UNMAP);
	host_machine_is_told(GOOD);
	host_machine_unmaps(HOST_PAGE(1));
	host_machine_unmaps(HOST_PAGE(0));
	host_machine_frees(OWN_RX);
	host_machine_frees(OWN_TX);
	host_machine_returns(0);
	host_was_right();
}

TEST(shutdown, does_not_free_what_the_spmc_keeps)
{
	mapped();
	host_shuts_down();
	host_machine_asks(CALL_UNMAP);
	host_machine_is_told(ERROR(FFA_DENIED));
	host_machine_unmaps(HOST_PAGE(1));
	host_machine_unmaps(HOST_PAGE(0));
	host_machine_frees(OWN_RX);
	host_was_wrong("a page is freed that the SPMC has not given up");
}

TEST(shutdown, frees_nothing_before_it_has_asked)
{
	mapped();
	host_shuts_down();
	host_machine_frees(OWN_TX);
	host_was_wrong("a page is freed that the SPMC has not given up");
}

TEST(shutdown, leaves_the_host_its_pages)
{
	mapped();
	host_shuts_down();
	host_machine_asks(CALL_UNMAP);
	host_machine_is_told(GOOD);
	host_machine_unmaps(HOST_PAGE(1));
	host_machine_returns(0);
	host_was_wrong("shutdown returns and leaves a pair mapped");
}

TEST(shutdown, asks_the_spmc)
{
	mapped();
	host_shuts_down();
	host_machine_unmaps(HOST_PAGE(1));
	host_machine_unmaps(HOST_PAGE(0));
	host_machine_returns(0);
	host_was_wrong("shutdown returns and leaves a pair mapped");
}

TEST(shutdown, asks_once)
{
	mapped();
	host_shuts_down();
	host_machine_asks(CALL_UNMAP);
	host_machine_is_told(ERROR(FFA_BUSY));
	host_machine_asks(CALL_UNMAP);
	host_was_wrong("allowed: nothing (shutdown takes back a pair that is mapped, once)");
}

TEST(shutdown, may_leave_its_own_pages_to_the_spmc)
{
	mapped();
	host_shuts_down();
	host_machine_asks(CALL_UNMAP);
	host_machine_is_told(ERROR(FFA_BUSY));
	host_machine_unmaps(HOST_PAGE(1));
	host_machine_unmaps(HOST_PAGE(0));
	host_machine_returns(0);
	host_was_right();
}

TEST(shutdown, without_a_pair_asks_nothing)
{
	host_has_negotiated(PROFILE, V1_2, V1_2);
	host_shuts_down();
	host_machine_asks(CALL_UNMAP);
	host_was_wrong("allowed: nothing (shutdown takes back a pair that is mapped, once)");
}
