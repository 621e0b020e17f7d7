/* SPDX-License-Identifier: MIT */
/* RX/TX and partition info: rows of docs/facts/spmc-differences.md, by their number. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define OK  FFA_OK
#define NS  FFA_NOT_SUPPORTED
#define IP  FFA_INVALID_PARAMETERS
#define NM  FFA_NO_MEMORY
#define DEN FFA_DENIED

/* D1, D16 to D18: RX and TX */

#define TX_AT SHIM_PHYSICAL_BASE
#define RX_AT (SHIM_PHYSICAL_BASE + SHIM_PAGE)

static int32_t map(uint64_t tx, uint64_t rx, uint64_t pages)
{
	return call(FFA_RXTX_MAP_64, tx, rx, pages, 0);
}

static int32_t unmap(uint64_t x1)
{
	return call(FFA_RXTX_UNMAP_32, x1, 0, 0, 0);
}

static int32_t release(uint64_t w1)
{
	return call(FFA_RX_RELEASE_32, w1, 0, 0, 0);
}

static int32_t info(uint32_t first_word, uint32_t flags)
{
	return call_regs(
	        &(struct ffa_regs){{FFA_PARTITION_INFO_GET_32, first_word, 0, 0, 0, flags}});
}

static const struct {
	const char *name;
	bool full;
} unmapped[] = {
        {"hafnium", true},     {"el3", true},   {"optee-host", false},
        {"optee-virt", false}, {"full", false}, {"minimal", false},
};

TEST_EACH(spmc_d1, a_full_rx_and_an_unmap, unmapped)
{
	set_up_negotiated(c->name);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(0, 0), OK);
	assert_status(unmap(0), OK);
	assert_status(info(0, 0), FFA_BUSY);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(0, 0), c->full ? FFA_BUSY : OK);
	assert_status(release(0), OK);
	assert_status(release(0), DEN);
}

TEST_EACH(spmc_d1, a_release_without_a_pair, unmapped)
{
	set_up_negotiated(c->name);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(0, 0), OK);
	assert_status(unmap(0), OK);
	assert_status(release(0), c->full ? OK : DEN);
	assert_status(release(0), DEN);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(0, 0), OK);
}

/* One that was free stays so. */
TEST_EACH(spmc_d1, an_empty_rx_and_an_unmap, unmapped)
{
	set_up_negotiated(c->name);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(unmap(0), OK);
	assert_status(release(0), DEN);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(0, 0), OK);
}

static const struct {
	const char *name;
	int32_t sp, vm, unknown_vm, unknown_sp;
} releases[] = {
        {"hafnium", DEN, DEN, IP, IP},  {"el3", OK, OK, OK, OK},  {"optee-host", OK, OK, OK, OK},
        {"optee-virt", OK, OK, OK, OK}, {"full", IP, IP, IP, IP},
};

static int32_t release_full(const char *profile, uint64_t w1)
{
	set_up_negotiated(profile);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(0, 0), OK);
	create(1, 1);
	return release(w1);
}

TEST_EACH(spmc_d16, whose_rx_is_released, releases)
{
	assert_status(release_full(c->name, SP1), c->sp);
	assert_status(release_full(c->name, 1), c->vm);
	assert_status(release_full(c->name, 2), c->unknown_vm);
	assert_status(release_full(c->name, 0x8055), c->unknown_sp);
	assert_status(release_full(c->name, 0), OK);
}

static const struct {
	const char *name;
	int32_t high, low, upper;
} unmaps[] = {
        {"hafnium", IP, OK, OK},    {"el3", IP, IP, IP},  {"optee-host", OK, OK, OK},
        {"optee-virt", OK, OK, OK}, {"full", IP, OK, OK},
};

static int32_t unmap_mapped(const char *profile, uint64_t x1)
{
	set_up_negotiated(profile);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	return unmap(x1);
}

TEST_EACH(spmc_d17, whose_pair_is_unmapped, unmaps)
{
	assert_status(unmap_mapped(c->name, (uint64_t)SP1 << 16), c->high);
	assert_status(unmap_mapped(c->name, 1), c->low);
	assert_status(unmap_mapped(c->name, 1ull << 32), c->upper);
	assert_status(unmap_mapped(c->name, 0), OK);
}

/* Each of the maps is wrong, in a machine that has a pair or has none. */
static const struct {
	const char *name;
	int32_t count_mapped, zero_mapped, same_mapped, same, half_page, no_memory;
} maps[] = {
        {"hafnium", DEN, DEN, DEN, IP, IP, DEN},  {"el3", IP, IP, IP, IP, IP, IP},
        {"optee-host", IP, DEN, DEN, OK, IP, IP}, {"optee-virt", IP, DEN, DEN, OK, OK, NM},
        {"full", DEN, DEN, DEN, IP, IP, IP},
};

static int32_t map_again(const char *profile, uint64_t tx, uint64_t rx, uint64_t pages)
{
	set_up_negotiated(profile);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	return map(tx, rx, pages);
}

static int32_t map_once(const char *profile, uint64_t tx, uint64_t rx, uint64_t pages)
{
	set_up_negotiated(profile);
	return map(tx, rx, pages);
}

TEST_EACH(spmc_d18, what_a_map_is_refused_for, maps)
{
	assert_status(map_again(c->name, TX_AT, RX_AT, 0), c->count_mapped);
	assert_status(map_again(c->name, 0, RX_AT, 1), c->zero_mapped);
	assert_status(map_again(c->name, TX_AT, TX_AT, 1), c->same_mapped);
	assert_status(map_again(c->name, TX_AT, RX_AT, 1), DEN);
	assert_status(map_once(c->name, TX_AT, TX_AT, 1), c->same);
	assert_status(map_once(c->name, TX_AT, RX_AT + SHIM_PAGE / 2, 1), c->half_page);
	assert_status(map_once(c->name, TX_AT, 0x1000, 1), c->no_memory);
	assert_status(map_once(c->name, TX_AT, SHIM_PHYSICAL_BASE + SHIM_MEMORY_SIZE, 1),
	              c->no_memory);
	assert_status(map_once(c->name, TX_AT, UINT64_MAX - UINT64_MAX % SHIM_PAGE, 1),
	              c->no_memory);
	assert_status(map_once(c->name, TX_AT, RX_AT, 0), IP);
}

/* A buffer that lies across two pages is filled across two pages. */
TEST(spmc_d18, a_buffer_beside_a_page)
{
	const uint64_t rx = RX_AT + SHIM_PAGE - 4;
	const uint8_t *first, *second;

	set_up_negotiated("optee-virt");
	assert_status(map(TX_AT, rx, 1), OK);
	assert_status(info(0, 0), OK);
	first = world_memory(&machine, rx, 4, false);
	second = world_memory(&machine, rx + 4, 4, false);
	assert_mem(first, ((const uint8_t[]){0x01, 0x80, 1, 0}), 4);
	assert_eq_u64(second[0] | (uint64_t)second[1] << 8, 0x7cf);
}

/* D6 and D19 */

static const struct {
	const char *name;
	int32_t flags, unknown, unknown_count, taken, busy;
} queries[] = {
        {"hafnium", IP, IP, IP, OK, IP},
        {"el3", OK, IP, IP, OK, IP},
        {"optee-host", OK, OK, OK, FFA_BUSY, FFA_BUSY},
        {"optee-virt", OK, OK, OK, FFA_BUSY, FFA_BUSY},
        {"full", IP, IP, IP, OK, IP},
};

TEST_EACH(spmc_d6, a_uuid_that_no_sp_has, queries)
{
	set_up_negotiated(c->name);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(5, 1), c->unknown_count);
	assert_eq_u64((uint32_t)answer.x[2], c->unknown_count == OK ? 0 : (uint32_t)IP);
	assert_status(info(5, 0), c->unknown);
	assert_eq_u64((uint32_t)answer.x[2], c->unknown == OK ? 0 : (uint32_t)IP);
	assert_eq_u64(answer.x[3], c->unknown == OK ? 24 : 0);
	assert_status(info(0, 0), c->taken);
	assert_status(info(5, 0), c->busy);
	assert_status(release(0), OK);
	assert_status(info(0, 0), OK);
}

/* OP-TEE without SPs, in older versions: what fails takes RX all the same. */
TEST(spmc_d6, a_failure_takes_rx)
{
	set_up_negotiated("optee-host");
	machine.config.spmc.knobs[WORLD_KNOB_INFO_UNKNOWN] = WORLD_INFO_UNKNOWN_INVALID;
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(5, 1), IP);
	assert_status(info(5, 0), IP);
	assert_status(info(0, 0), FFA_BUSY);
	assert_status(release(0), OK);
	assert_status(info(0, 0), OK);
}

TEST_EACH(spmc_d19, flags_beside_the_count, queries)
{
	set_up_negotiated(c->name);
	assert_status(map(TX_AT, RX_AT, 1), OK);
	assert_status(info(0, 3), c->flags);
	assert_status(info(0, 0x80000000), c->flags);
}

/* D22 */

static const struct {
	const char *name;
	bool cleared;
	uint64_t pages, size;
} rests[] = {
        {"hafnium", true, 1, 48},     {"el3", true, 2, 24},   {"optee-host", false, 2, 24},
        {"optee-virt", false, 1, 24}, {"full", false, 1, 24},
};

TEST_EACH(spmc_d22, what_is_behind_the_descriptors, rests)
{
	const uint64_t rx = TX_AT + c->pages * SHIM_PAGE;
	const uint8_t *bytes;

	set_up_negotiated(c->name);
	memset(machine.link->map.memory, 0xaa, SHIM_MEMORY_SIZE);
	assert_status(map(TX_AT, rx, c->pages), OK);
	assert_status(info(0, 0), OK);
	bytes = machine.link->map.memory + (rx - SHIM_PHYSICAL_BASE);
	for (uint64_t i = 2 * c->size; i < c->pages * SHIM_PAGE; i++)
		assert_eq_u64(bytes[i], c->cleared ? 0 : 0xaa);
	assert_eq_u64(bytes[c->pages * SHIM_PAGE], 0xaa);
	memset(machine.link->map.memory, 0, SHIM_MEMORY_SIZE);
}
