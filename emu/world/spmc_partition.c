/* SPDX-License-Identifier: MIT */
/*
 * What the SPMC tells of its partitions: facts spmc.md sections 1.3.8 and 1.3.9,
 * docs/facts/spmc-differences.md rows D6, D19 and D22 to D24.
 */
#include <string.h>

#include "emu/world/spmc_internal.h"

#define SIZE_1_0      8u
#define SIZE_1_1      24u
#define SIZE_LATEST   48u
#define COUNT_ONLY    1u
#define FIRST_REG     3u
#define PROPERTIES_10 7u /* those that 1.0 knows */

static bool is_nil(const uint32_t *uuid)
{
	return !(uuid[0] | uuid[1] | uuid[2] | uuid[3]);
}

/* An SP is listed once for each of its UUIDs. */
struct entry {
	const struct world_sp *sp;
	const uint32_t *uuid;
	uint32_t properties;
	bool first; /* of the whole list */
};

/* The SP's UUIDs in order; NULL behind the last. */
static const uint32_t *nth_uuid(const struct world_sp *sp, unsigned n)
{
	if (n == 0)
		return sp->uuid;
	return n <= sp->more_uuid_count ? sp->more_uuids[n - 1] : NULL;
}

static uint32_t nth_properties(const struct world_sp *sp, unsigned n)
{
	return n == 0 ? sp->properties : sp->more_properties[n - 1];
}

bool world_sp_speaks(const struct world_sp *sp, const uint32_t *uuid, uint32_t properties)
{
	for (unsigned i = 0; nth_uuid(sp, i); i++)
		if ((is_nil(uuid) || memcmp(nth_uuid(sp, i), uuid, sizeof sp->uuid) == 0) &&
		    (nth_properties(sp, i) & properties) == properties)
			return true;
	return false;
}

bool world_sp_has(const struct world_sp *sp, uint32_t properties)
{
	static const uint32_t nil[4];

	return world_sp_speaks(sp, nil, properties);
}

/* The n-th that a query for the UUID lists; false if there are not so many. */
static bool nth_entry(const struct world *world, const uint32_t *uuid, unsigned n,
                      struct entry *ret_entry)
{
	for (unsigned i = 0; i < world->config.sp_count; i++) {
		const struct world_sp *sp = &world->config.sps[i];

		for (unsigned j = 0; nth_uuid(sp, j); j++) {
			*ret_entry = (struct entry){sp, nth_uuid(sp, j), nth_properties(sp, j),
			                            i == 0 && j == 0};
			if ((is_nil(uuid) || memcmp(ret_entry->uuid, uuid, sizeof sp->uuid) == 0) &&
			    n-- == 0)
				return true;
		}
	}
	return false;
}

static uint32_t shown_properties(const struct world *world, const struct entry *entry)
{
	uint32_t shown = entry->properties;

	if (world_knob(world, WORLD_KNOB_PARTITION_INFO_AARCH64) ==
	    WORLD_PARTITION_INFO_AARCH64_ALWAYS)
		shown |= WORLD_SP_AARCH64;
	if (world_knob(world, WORLD_KNOB_PARTITION_INFO_PROPERTIES) ==
	    WORLD_PARTITION_INFO_PROPERTIES_ALL)
		return shown;
	shown &= ~(WORLD_SP_SENDS | WORLD_SP_SENDS2);
	if (!(shown & WORLD_SP_RECEIVES))
		shown &= ~(WORLD_SP_VM_CREATED | WORLD_SP_VM_DESTROYED);
	return shown;
}

static uint32_t descriptor_size(const struct world *world)
{
	if (world->state.spmc.version < FFA_VERSION_1_1)
		return SIZE_1_0;
	return world_knob(world, WORLD_KNOB_PARTITION_INFO_SIZE) == WORLD_PARTITION_INFO_SIZE_LATEST
	               ? SIZE_LATEST
	               : SIZE_1_1;
}

/* w3 has a meaning from 1.1 on; Hafnium fills it for everybody. */
static bool tells_size(const struct world *world)
{
	return world->state.spmc.version >= FFA_VERSION_1_1 ||
	       world_knob(world, WORLD_KNOB_PARTITION_INFO_SIZE) ==
	               WORLD_PARTITION_INFO_SIZE_LATEST;
}

static void put_word(uint8_t *at, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

static uint16_t shown_id(const struct world *world, const struct entry *entry)
{
	bool as_vm =
	        world_knob(world, WORLD_KNOB_LIE_PARTITION_INFO) == WORLD_LIE_PARTITION_INFO_VM_ID;

	return entry->first && as_vm ? entry->sp->id.v & (uint16_t)~FFA_ID_SECURE_BIT
	                             : entry->sp->id.v;
}

static void note_id(struct world *world, const struct entry *entry)
{
	if (shown_id(world, entry) != entry->sp->id.v)
		world_note_lie(world, WORLD_KNOB_LIE_PARTITION_INFO);
}

/* One descriptor, little-endian: id, contexts, properties, and from 1.1 on the UUID (of a nil
 * query); what 1.3 adds is the image's UUID and the SP's version. */
static void put_descriptor(const struct world *world, uint8_t *at, const struct entry *entry,
                           uint32_t size, bool nil)
{
	uint32_t properties = shown_properties(world, entry);

	memset(at, 0, size);
	put_word(at, (uint32_t)entry->sp->contexts << 16 | shown_id(world, entry));
	put_word(at + 4, size == SIZE_1_0 ? properties & PROPERTIES_10 : properties);
	for (unsigned i = 0; size >= SIZE_1_1 && nil && i < 4; i++)
		put_word(at + 8 + 4 * i, entry->uuid[i]);
	if (size == SIZE_LATEST)
		put_word(at + 40,
		         entry->sp->version ? entry->sp->version : world->config.spmc.version);
}

static unsigned count_partitions(const struct world *world, const uint32_t *uuid)
{
	struct entry entry;
	unsigned count = 0;

	while (nth_entry(world, uuid, count, &entry))
		count++;
	return count;
}

static void put_descriptors(struct world *world, const uint32_t *uuid, uint32_t size)
{
	uint8_t descriptor[SIZE_LATEST];
	struct entry entry;
	unsigned count = 0;

	for (; nth_entry(world, uuid, count, &entry); count++) {
		put_descriptor(world, descriptor, &entry, size, is_nil(uuid));
		note_id(world, &entry);
		world_rx_write(world, (size_t)count * size, descriptor, size);
	}
	if (world_knob(world, WORLD_KNOB_RX_REST) == WORLD_RX_REST_ZERO)
		world_rx_clear(world, (size_t)count * size);
}

_Static_assert(WORLD_MAX_SPS *WORLD_MAX_UUIDS *SIZE_LATEST <= SHIM_PAGE,
               "every descriptor fits the RX buffer");

static enum ffa_status check_query(const struct world *world, const uint32_t *uuid, uint32_t flags,
                                   unsigned count)
{
	if (flags & ~COUNT_ONLY &&
	    world_knob(world, WORLD_KNOB_INFO_FLAGS) == WORLD_INFO_FLAGS_INVALID)
		return FFA_INVALID_PARAMETERS;
	if (!is_nil(uuid) && count == 0 &&
	    world_knob(world, WORLD_KNOB_INFO_UNKNOWN) == WORLD_INFO_UNKNOWN_INVALID)
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

/* Whether RX is there to be filled, before or behind what is asked for. */
static enum ffa_status take_rx(struct world *world, enum ffa_status query)
{
	bool first = world_knob(world, WORLD_KNOB_INFO_RX) == WORLD_INFO_RX_FIRST;

	if (!first && query != FFA_OK)
		return query;
	if (world->state.spmc.rx != WORLD_RX_EMPTY)
		return FFA_BUSY;
	world->state.spmc.rx = WORLD_RX_FULL;
	return query;
}

enum ffa_status world_partition_info_get(struct world *world, const struct ffa_regs *in,
                                         struct ffa_regs *out)
{
	const uint32_t uuid[4] = {(uint32_t)in->x[1], (uint32_t)in->x[2], (uint32_t)in->x[3],
	                          (uint32_t)in->x[4]};
	uint32_t flags = (uint32_t)in->x[5];
	unsigned count = count_partitions(world, uuid);
	enum ffa_status status = check_query(world, uuid, flags, count);
	uint32_t size;

	if (!(flags & COUNT_ONLY))
		status = take_rx(world, status);
	if (status != FFA_OK)
		return status;
	out->x[2] = count;
	if (flags & COUNT_ONLY)
		return FFA_OK;
	size = descriptor_size(world);
	if (tells_size(world))
		out->x[3] = size;
	put_descriptors(world, uuid, size);
	return FFA_OK;
}

/* The words of a descriptor as registers carry them: two to a register. */
static void put_regs(uint64_t *regs, const uint8_t *descriptor, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		regs[i / 8] |= (uint64_t)descriptor[i] << i % 8 * 8;
}

/* The partitions never change, so that the tag is always 0. */
enum ffa_status world_partition_info_get_regs(struct world *world, const struct ffa_regs *in,
                                              struct ffa_regs *out)
{
	const uint32_t uuid[4] = {(uint32_t)in->x[1], (uint32_t)(in->x[1] >> 32),
	                          (uint32_t)in->x[2], (uint32_t)(in->x[2] >> 32)};
	unsigned start = ffa_low_half(in->x[3]), count = count_partitions(world, uuid), last;
	uint32_t size = descriptor_size(world);
	uint8_t descriptor[SIZE_LATEST];
	struct entry entry;

	if (ffa_high_half(in->x[3]))
		return FFA_RETRY;
	if ((in->x[3] >> 32 &&
	     world_knob(world, WORLD_KNOB_REGS_RESERVED) == WORLD_REGS_RESERVED_INVALID) ||
	    start >= count)
		return FFA_INVALID_PARAMETERS;
	last = start + (FFA_REG_COUNT - FIRST_REG) * 8 / size - 1;
	if (last >= count)
		last = count - 1;
	out->x[0] = FFA_SUCCESS_64;
	out->x[2] = (count - 1) | (uint64_t)last << 16 | (uint64_t)size << 48;
	for (unsigned i = start; i <= last && nth_entry(world, uuid, i, &entry); i++) {
		put_descriptor(world, descriptor, &entry, size, is_nil(uuid));
		put_regs(&out->x[FIRST_REG + (i - start) * size / 8], descriptor, size);
		note_id(world, &entry);
	}
	return FFA_OK;
}
