/* SPDX-License-Identifier: MIT */
/* What is lent to the SPMC, and what it keeps, by its answers alone; see struct world_ledger. */
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define TX      SHIM_PHYSICAL_BASE
#define RX      (TX + SHIM_PAGE)
#define OWN     0x3u /* both */
#define OTHERS  (SHIM_PHYSICAL_BASE + SHIM_ENDPOINT_SIZE)
#define REFUSED ((struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_DENIED}})

#define ledger (machine.state.spmc.ledger)

/* The next calls of this id meet such a fault. */
static void fault(uint32_t fid, enum world_fault_kind kind, struct ffa_regs regs)
{
	struct world_fault *added = &machine.config.spmc.faults[machine.config.spmc.fault_count++];

	*added = (struct world_fault){.fids = {fid}, .phases = WORLD_ALL_PHASES, .kind = kind};
	for (unsigned i = 0; i < 3; i++)
		added->answer.mask.x[i] = UINT64_MAX;
	added->answer.value = regs;
}

static int32_t map(uint64_t tx, uint64_t rx)
{
	return call(FFA_RXTX_MAP_64, tx, rx, 1, 0);
}

static int32_t unmap(uint32_t w1)
{
	return call(FFA_RXTX_UNMAP_32, w1, 0, 0, 0);
}

TEST(spmc_ledger, pair_is_lent_until_it_is_given_back)
{
	set_up_negotiated("full");
	assert_status(map(TX, RX), FFA_OK);
	assert_true(world_is_lent(&machine, TX) && world_is_lent(&machine, RX + SHIM_PAGE - 1));
	assert_false(world_is_lent(&machine, TX - 1) || world_is_lent(&machine, RX + SHIM_PAGE));
	assert_status(unmap(0), FFA_OK);
	assert_false(world_is_lent(&machine, TX) || world_is_lent(&machine, RX));
	assert_eq_u64(ledger.kept_own, 0);
}

/* The rules refuse it, so the mediator has not asked as it should have. */
TEST(spmc_ledger, wrong_request_keeps_nothing)
{
	set_up_negotiated("full");
	assert_status(map(TX, RX), FFA_OK);
	assert_status(unmap(1u << 16), FFA_INVALID_PARAMETERS);
	assert_true(world_is_lent(&machine, TX));
	assert_eq_u64(ledger.kept_own, 0);
}

static const struct {
	const char *name;
	enum world_fault_kind kind;
} refusals[] = {{"not served", WORLD_FAULT_ANSWER}, {"served", WORLD_FAULT_CHANGE}};

TEST_EACH(spmc_ledger, refused_pair_is_kept, refusals)
{
	set_up_negotiated("full");
	assert_status(map(TX, RX), FFA_OK);
	fault(FFA_RXTX_UNMAP_32, c->kind, REFUSED);
	assert_status(unmap(0), FFA_DENIED);
	assert_eq_u64(ledger.kept_own, OWN);
	assert_eq_u64(ledger.kept_guest, 0);
	assert_true(world_is_lent(&machine, TX) && world_is_lent(&machine, RX));
}

TEST(spmc_ledger, refused_pair_of_a_guest_is_kept)
{
	set_up_negotiated("full");
	assert_status(map(OTHERS, RX), FFA_OK);
	fault(FFA_RXTX_UNMAP_32, WORLD_FAULT_ANSWER, REFUSED);
	assert_status(unmap(0), FFA_DENIED);
	assert_eq_u64(ledger.kept_own, 2);
	assert_eq_u64(ledger.kept_guest, 1);
}

TEST(spmc_ledger, kept_pair_may_come_back)
{
	set_up_negotiated("full");
	assert_status(map(OTHERS, RX), FFA_OK);
	fault(FFA_RXTX_UNMAP_32, WORLD_FAULT_ANSWER, REFUSED);
	machine.config.spmc.faults[0].times = 1;
	assert_status(unmap(0), FFA_DENIED);
	assert_status(unmap(0), FFA_OK);
	assert_eq_u64(ledger.kept_own, 0);
	assert_eq_u64(ledger.kept_guest, 0);
	assert_false(world_is_lent(&machine, OTHERS));
}

/* Who is answered SUCCESS may use the pages again, whatever the SPMC does with them. */
TEST(spmc_ledger, what_is_said_to_be_given_back_is_not_lent)
{
	set_up_negotiated("full");
	assert_status(map(TX, RX), FFA_OK);
	fault(FFA_RXTX_UNMAP_32, WORLD_FAULT_ANSWER, (struct ffa_regs){{FFA_SUCCESS_32}});
	assert_status(unmap(0), FFA_OK);
	assert_eq_int(machine.state.spmc.rx, WORLD_RX_EMPTY);
	assert_false(world_is_lent(&machine, TX));
}

TEST(spmc_ledger, what_is_said_to_be_refused_is_not_lent)
{
	set_up_negotiated("full");
	fault(FFA_RXTX_MAP_64, WORLD_FAULT_CHANGE, REFUSED);
	assert_status(map(TX, RX), FFA_DENIED);
	assert_eq_int(machine.state.spmc.rx, WORLD_RX_EMPTY);
	assert_false(world_is_lent(&machine, TX));
}

/* The pair that the SPMC never took is refused by the rules afterwards. */
TEST(spmc_ledger, what_was_never_taken_is_kept)
{
	set_up_negotiated("full");
	fault(FFA_RXTX_MAP_64, WORLD_FAULT_ANSWER, (struct ffa_regs){{FFA_SUCCESS_32}});
	assert_status(map(TX, RX), FFA_OK);
	assert_status(unmap(0), FFA_INVALID_PARAMETERS);
	assert_eq_u64(ledger.kept_own, OWN);
}

/* Bitmaps that are there and not kept. */
static int left(void)
{
	return (int)world_spmc_bitmaps(&machine) - __builtin_popcount(ledger.kept_bitmaps);
}

static void fill_rx(void)
{
	set_up_negotiated("full");
	assert_status(map(TX, RX), FFA_OK);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_eq_int(machine.state.spmc.rx, WORLD_RX_FULL);
	assert_false(ledger.kept_rx);
}

TEST_EACH(spmc_ledger, refused_rx_is_kept, refusals)
{
	fill_rx();
	fault(FFA_RX_RELEASE_32, c->kind, REFUSED);
	assert_status(call(FFA_RX_RELEASE_32, 0, 0, 0, 0), FFA_DENIED);
	assert_true(ledger.kept_rx == (c->kind == WORLD_FAULT_ANSWER));
	assert_true(ledger.kept_rx == (machine.state.spmc.rx == WORLD_RX_FULL));
}

TEST(spmc_ledger, rx_refused_by_the_rules_is_not_kept)
{
	fill_rx();
	assert_status(call(FFA_RX_RELEASE_32, 1, 0, 0, 0), FFA_INVALID_PARAMETERS);
	assert_false(ledger.kept_rx);
}

/* Who is told of no result knows of nothing to give back. */
TEST(spmc_ledger, rx_filled_behind_an_error_is_kept)
{
	set_up_negotiated("full");
	assert_status(map(TX, RX), FFA_OK);
	fault(FFA_PARTITION_INFO_GET_32, WORLD_FAULT_CHANGE, REFUSED);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), FFA_DENIED);
	assert_true(ledger.kept_rx);
	assert_status(call(FFA_RX_RELEASE_32, 0, 0, 0, 0), FFA_OK);
	assert_false(ledger.kept_rx);
}

TEST(spmc_ledger, refused_bitmap_is_kept)
{
	set_up_negotiated("full");
	assert_status(create(1, 1), FFA_OK);
	assert_status(create(2, 1), FFA_OK);
	fault(FFA_NOTIFICATION_BITMAP_DESTROY_32, WORLD_FAULT_ANSWER, REFUSED);
	machine.config.spmc.faults[0].times = 1;
	assert_status(destroy(1), FFA_DENIED);
	assert_eq_int(left(), 1);
	assert_status(destroy(1), FFA_OK);
	assert_status(create(1, 1), FFA_OK);
	assert_eq_int(left(), 2);
}

TEST(spmc_ledger, bitmap_refused_by_the_rules_is_not_kept)
{
	set_up_negotiated("hafnium");
	assert_status(create(1, 1), FFA_OK);
	assert_status(bind(SP2, 1, 0, 1), FFA_OK);
	assert_status(sp_set(SP2, 1, 0, 1), FFA_OK);
	assert_status(destroy(1), FFA_DENIED);
	assert_eq_int(left(), 1);
}

TEST(spmc_ledger, bitmap_made_behind_an_error_is_kept)
{
	set_up_negotiated("full");
	fault(FFA_NOTIFICATION_BITMAP_CREATE_32, WORLD_FAULT_CHANGE, REFUSED);
	assert_status(create(1, 1), FFA_DENIED);
	assert_eq_int(machine.state.spmc.bitmaps[1].state, WORLD_SLOT_CREATED);
	assert_eq_int(left(), 0);
}
