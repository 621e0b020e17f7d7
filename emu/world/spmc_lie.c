/* SPDX-License-Identifier: MIT */
/* How an SPMC breaks the contract of its answers: the knobs lie-... of spmc_knobs.def. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "emu/world/spmc_internal.h"

#define GARBAGE        0xdeadbeefcafef00dull
#define UNKNOWN_ERROR  (-99)
#define POSITIVE_ERROR 7
#define SOME_VM        0x7ffeu
#define MORE           1u
#define ALL_LISTS      (31u << 7)
#define LISTS_OF_THREE (UINT64_MAX << 12)
#define COUNT_ONLY     1u
#define WRAPPING_COUNT 0x0aaaaaabu /* times 24 is 8 in 32 bits */

static unsigned knob(const struct world *world, enum world_knob which)
{
	return world_knob(world, which);
}

static void lie_version(const struct world *world, struct ffa_regs *answer)
{
	uint32_t own = world->config.spmc.version;

	switch (knob(world, WORLD_KNOB_LIE_VERSION)) {
	case WORLD_LIE_VERSION_ERROR:
		*answer = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED}};
		break;
	case WORLD_LIE_VERSION_RESERVED:
		answer->x[0] = own | FFA_VERSION_MBZ;
		break;
	case WORLD_LIE_VERSION_MAJOR:
		answer->x[0] = own + FFA_MAKE_VERSION(1, 0);
		break;
	default:
		break;
	}
}

static void lie_id(const struct world *world, struct ffa_regs *answer)
{
	switch (knob(world, WORLD_KNOB_LIE_ID)) {
	case WORLD_LIE_ID_VM:
		answer->x[2] = SOME_VM;
		break;
	case WORLD_LIE_ID_SP:
		answer->x[2] = FFA_ID_SPMC + 1;
		break;
	default:
		break;
	}
}

/* Not of their number alone, for which 1.0 has no flag. */
static bool tells_of_descriptors(const struct world *world, const struct ffa_regs *answer)
{
	return answer->x[3] || world->state.spmc.version < FFA_VERSION_1_1;
}

static void lie_partition_info(const struct world *world, struct ffa_regs *answer)
{
	switch (knob(world, WORLD_KNOB_LIE_PARTITION_INFO)) {
	case WORLD_LIE_PARTITION_INFO_SIZE_ZERO:
		answer->x[3] = 0;
		break;
	case WORLD_LIE_PARTITION_INFO_SIZE_SHORT:
		answer->x[3] = 7;
		break;
	case WORLD_LIE_PARTITION_INFO_SIZE_HUGE:
		answer->x[3] = UINT32_MAX;
		break;
	case WORLD_LIE_PARTITION_INFO_COUNT_HUGE:
		answer->x[2] = SHIM_PAGE;
		break;
	case WORLD_LIE_PARTITION_INFO_COUNT_WRAPS:
		answer->x[2] = WRAPPING_COUNT;
		break;
	default:
		break;
	}
}

/* Ids of VMs that cannot exist, in every place for one. */
static void fill_ids(struct ffa_regs *answer, bool is_64bit)
{
	for (unsigned i = 3; i < 8; i++)
		answer->x[i] = is_64bit ? 0x7ffe7ffe7ffe7ffeull : 0x7ffe7ffeu;
}

/* The id of a VM that has a bitmap, 0 if there is none. */
static uint16_t some_bitmap(const struct world *world)
{
	for (unsigned i = 1; i <= WORLD_SPMC_SLOTS; i++)
		if (world->state.spmc.bitmaps[i].state == WORLD_SLOT_CREATED)
			return world->state.spmc.bitmaps[i].id;
	return FFA_ID_HYPERVISOR;
}

/* Whatever the truth is, NO_DATA included. */
static void lie_info_get(const struct world *world, uint32_t fid, struct ffa_regs *answer)
{
	bool is_64bit = ffa_fid_is_64bit(fid);
	unsigned lie = knob(world, WORLD_KNOB_LIE_INFO_GET);

	if (lie == WORLD_LIE_INFO_GET_NONE)
		return;
	if (lie == WORLD_LIE_INFO_GET_MORE && ffa_result_status(answer) == FFA_OK) {
		answer->x[2] |= MORE;
		return;
	}
	*answer = (struct ffa_regs){{is_64bit ? FFA_SUCCESS_64 : FFA_SUCCESS_32, 0, MORE}};
	if (lie == WORLD_LIE_INFO_GET_MORE) {
		answer->x[2] |= 1u << 7;
		answer->x[3] = some_bitmap(world);
	} else if (lie == WORLD_LIE_INFO_GET_IDS) {
		answer->x[2] = 4u << 7; /* four lists of an id each */
		fill_ids(answer, is_64bit);
	} else if (lie == WORLD_LIE_INFO_GET_LISTS) {
		answer->x[2] = ALL_LISTS | LISTS_OF_THREE;
		if (!is_64bit)
			answer->x[2] = (uint32_t)answer->x[2];
		fill_ids(answer, is_64bit);
	}
}

static void lie_error(const struct world *world, struct ffa_regs *answer)
{
	switch (knob(world, WORLD_KNOB_LIE_ERROR)) {
	case WORLD_LIE_ERROR_UNKNOWN:
		answer->x[2] = (uint32_t)UNKNOWN_ERROR;
		break;
	case WORLD_LIE_ERROR_ZERO:
		answer->x[2] = 0;
		break;
	case WORLD_LIE_ERROR_POSITIVE:
		answer->x[2] = POSITIVE_ERROR;
		break;
	default:
		break;
	}
}

/* The upper half of x0 may be garbage already. */
static void set_id(struct ffa_regs *answer, uint32_t fid)
{
	answer->x[0] = (answer->x[0] & ~(uint64_t)UINT32_MAX) | fid;
}

static void lie_success(const struct world *world, uint32_t fid, struct ffa_regs *answer)
{
	switch (knob(world, WORLD_KNOB_LIE_ANSWER)) {
	case WORLD_LIE_ANSWER_SUCCESS_64:
		set_id(answer, FFA_SUCCESS_64);
		break;
	case WORLD_LIE_ANSWER_ECHO:
		set_id(answer, fid);
		break;
	default:
		break;
	}
}

/* The registers that the answer to this call has no use for. */
static uint64_t used_bits(const struct world *world, uint32_t fid, const struct ffa_regs *answer,
                          unsigned reg)
{
	uint32_t ended_by = (uint32_t)answer->x[0];
	bool succeeds = ended_by == FFA_SUCCESS_32 || ended_by == FFA_SUCCESS_64;
	const struct ffa_call *call = ffa_call_by_fid(succeeds ? fid : ended_by);

	if (reg == 0 || !call)
		return UINT64_MAX;
	return ffa_layout_bits(succeeds ? &call->results : &call->arguments, reg,
	                       ffa_fid_is_64bit(ended_by), world->state.spmc.version);
}

static void lie_registers(const struct world *world, uint32_t fid, struct ffa_regs *answer)
{
	unsigned lie = knob(world, WORLD_KNOB_LIE_REGISTERS);
	bool unused = lie == WORLD_LIE_REGISTERS_UNUSED || lie == WORLD_LIE_REGISTERS_ALL;
	bool upper = lie == WORLD_LIE_REGISTERS_UPPER || lie == WORLD_LIE_REGISTERS_ALL;
	const struct ffa_regs honest = *answer;

	for (unsigned i = 0; i < FFA_REG_COUNT; i++) {
		uint64_t used = fid == FFA_VERSION_32 ? (i ? 0 : UINT32_MAX)
		                                      : used_bits(world, fid, &honest, i);

		if (unused && i && !used)
			answer->x[i] = GARBAGE + i;
		else if (upper && !ffa_fid_is_64bit((uint32_t)honest.x[0]))
			answer->x[i] |= GARBAGE << 32;
	}
}

bool world_spmc_retries(const struct world *world, uint32_t fid)
{
	switch (knob(world, WORLD_KNOB_LIE_RETRY)) {
	case WORLD_LIE_RETRY_NOTIFICATIONS:
		return fid >= FFA_NOTIFICATION_BITMAP_CREATE_32 &&
		       fid <= FFA_NOTIFICATION_INFO_GET_32;
	case WORLD_LIE_RETRY_GET:
		return fid == FFA_NOTIFICATION_GET_32;
	case WORLD_LIE_RETRY_MAP:
		return fid == FFA_RXTX_MAP_32 || fid == FFA_RXTX_MAP_64;
	default:
		return false;
	}
}

void world_note_lie(struct world *world, enum world_knob which)
{
	if (!world->quiet && world->state.phase != WORLD_PHASE_BOOT)
		world->lies_met[which] |= (uint16_t)(1u << knob(world, which));
}

static void note_change(struct world *world, enum world_knob which, const struct ffa_regs *before,
                        const struct ffa_regs *after)
{
	if (memcmp(before, after, sizeof *before) != 0)
		world_note_lie(world, which);
}

/* What one kind of call alone answers. */
static void lie_call(struct world *world, uint32_t fid, struct ffa_regs *answer)
{
	const struct ffa_regs honest = *answer;

	if (fid == FFA_VERSION_32) {
		lie_version(world, answer);
		note_change(world, WORLD_KNOB_LIE_VERSION, &honest, answer);
	} else if (fid == FFA_NOTIFICATION_INFO_GET_32 || fid == FFA_NOTIFICATION_INFO_GET_64) {
		lie_info_get(world, fid, answer);
		note_change(world, WORLD_KNOB_LIE_INFO_GET, &honest, answer);
	} else if (fid == FFA_ID_GET_32) {
		lie_id(world, answer);
		note_change(world, WORLD_KNOB_LIE_ID, &honest, answer);
	} else if (fid == FFA_PARTITION_INFO_GET_32 && answer->x[0] == FFA_SUCCESS_32 &&
	           tells_of_descriptors(world, answer)) {
		lie_partition_info(world, answer);
		note_change(world, WORLD_KNOB_LIE_PARTITION_INFO, &honest, answer);
	}
}

void world_spmc_lie(struct world *world, uint32_t fid, struct ffa_regs *answer)
{
	struct ffa_regs before;
	uint32_t ended_by;

	lie_call(world, fid, answer);
	if (fid == FFA_VERSION_32)
		return;
	ended_by = (uint32_t)answer->x[0];
	before = *answer;
	if (ended_by == FFA_ERROR_32)
		lie_error(world, answer);
	note_change(world, WORLD_KNOB_LIE_ERROR, &before, answer);
	before = *answer;
	lie_registers(world, fid, answer);
	note_change(world, WORLD_KNOB_LIE_REGISTERS, &before, answer);
	before = *answer;
	if (ended_by == FFA_SUCCESS_32 || ended_by == FFA_SUCCESS_64)
		lie_success(world, fid, answer);
	note_change(world, WORLD_KNOB_LIE_ANSWER, &before, answer);
}
