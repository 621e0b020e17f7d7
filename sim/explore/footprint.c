/* SPDX-License-Identifier: MIT */
#include "sim/explore/footprint.h"

#include <glib.h>
#include <string.h>

#include "sim/explore/hash.h"
#include "sim/explore/system.h"

#define SLOTS (2u * SIM_FOOTPRINTS) /* a power of two */

struct sim_footprint_table {
	uint32_t count;
	uint32_t room_used;
	uint32_t slots[SLOTS]; /* number + 1 of a footprint, 0: free */
	struct sim_footprint footprints[SIM_FOOTPRINTS];
	struct sim_footprint_range room[SIM_FOOTPRINT_ROOM];
};

const struct sim_footprint sim_footprint_everything = {.everything = true};

/* The first range that ends at `address` or behind it. */
static uint32_t find(const struct sim_footprint_set *set, uint64_t address)
{
	uint32_t low = 0, high = set->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (set->ranges[middle].end < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* False if there is no room. */
static bool add(struct sim_footprint_set *set, uint64_t first, uint64_t end)
{
	uint32_t at = find(set, first), last = at;
	struct sim_footprint_range *range = &set->ranges[at];

	while (last < set->count && set->ranges[last].first <= end)
		last++;
	if (last == at) {
		if (set->count == SIM_FOOTPRINT_RANGES)
			return false;
		memmove(range + 1, range, (set->count - at) * sizeof *range);
		*range = (struct sim_footprint_range){first, end};
		set->count++;
		return true;
	}
	if (first < range->first)
		range->first = first;
	range->end = end > set->ranges[last - 1].end ? end : set->ranges[last - 1].end;
	memmove(range + 1, &set->ranges[last], (set->count - last) * sizeof *range);
	set->count -= last - at - 1;
	return true;
}

void sim_footprint_add(struct sim_footprint_builder *builder, uint64_t address, uint64_t size,
                       bool write)
{
	if (size == 0 || builder->everything)
		return;
	if (!add(write ? &builder->writes : &builder->reads, address, address + size))
		builder->everything = true;
}

static void add_set_as_reads(struct sim_footprint_builder *builder,
                             const struct sim_footprint_set *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		sim_footprint_add(builder, set->ranges[i].first,
		                  set->ranges[i].end - set->ranges[i].first, false);
}

void sim_footprint_add_as_reads(struct sim_footprint_builder *builder,
                                const struct sim_footprint_builder *other)
{
	builder->everything |= other->everything;
	add_set_as_reads(builder, &other->reads);
	add_set_as_reads(builder, &other->writes);
}

bool sim_footprint_writes(const struct sim_footprint_builder *builder, uint64_t address,
                          uint64_t size)
{
	const struct sim_footprint_set *set = &builder->writes;
	uint32_t at = find(set, address + 1);

	return at < set->count && set->ranges[at].first <= address &&
	       set->ranges[at].end >= address + size;
}

static bool meet(const struct sim_footprint_range *a, uint32_t a_count,
                 const struct sim_footprint_range *b, uint32_t b_count)
{
	const struct sim_footprint_range *a_end = a + a_count, *b_end = b + b_count;

	while (a < a_end && b < b_end) {
		if (a->end <= b->first)
			a++;
		else if (b->end <= a->first)
			b++;
		else
			return true;
	}
	return false;
}

static bool sets_meet(const struct sim_footprint_set *a, const struct sim_footprint_set *b)
{
	return meet(a->ranges, a->count, b->ranges, b->count);
}

bool sim_footprint_meets(const struct sim_footprint_builder *writer,
                         const struct sim_footprint_builder *other)
{
	return writer->everything || other->everything ||
	       sets_meet(&writer->writes, &other->reads) ||
	       sets_meet(&writer->writes, &other->writes);
}

struct sim_footprint_table *sim_footprint_table_new(void)
{
	return g_new0(struct sim_footprint_table, 1);
}

void sim_footprint_table_free(struct sim_footprint_table *table)
{
	g_free(table);
}

static uint64_t mask_of_range(uint64_t first, uint64_t end)
{
	uint64_t mask = 0, last = (end - 1) / 64;

	for (uint64_t line = first / 64; line <= last; line++) {
		if (line - first / 64 == 64)
			return UINT64_MAX;
		mask |= 1ull << (line * SIM_HASH_SEED >> 58);
	}
	return mask;
}

static uint64_t mask_of(const struct sim_footprint_set *set)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < set->count; i++)
		mask |= mask_of_range(set->ranges[i].first, set->ranges[i].end);
	return mask;
}

static size_t bytes_of(uint32_t count)
{
	return count * sizeof(struct sim_footprint_range);
}

static bool is_made_of(const struct sim_footprint *footprint,
                       const struct sim_footprint_builder *builder)
{
	return footprint->read_count == builder->reads.count &&
	       footprint->write_count == builder->writes.count &&
	       memcmp(footprint->reads, builder->reads.ranges, bytes_of(builder->reads.count)) ==
	               0 &&
	       memcmp(footprint->writes, builder->writes.ranges, bytes_of(builder->writes.count)) ==
	               0;
}

static const struct sim_footprint_range *keep(struct sim_footprint_table *table,
                                              const struct sim_footprint_set *set)
{
	struct sim_footprint_range *room = &table->room[table->room_used];

	memcpy(room, set->ranges, bytes_of(set->count));
	table->room_used += set->count;
	return room;
}

static const struct sim_footprint *put(struct sim_footprint_table *table, uint32_t slot,
                                       uint64_t hash, const struct sim_footprint_builder *builder)
{
	struct sim_footprint *footprint = &table->footprints[table->count];

	if (table->count == SIM_FOOTPRINTS ||
	    builder->reads.count + builder->writes.count > SIM_FOOTPRINT_ROOM - table->room_used)
		return &sim_footprint_everything;
	*footprint = (struct sim_footprint){.hash = hash,
	                                    .reads_mask = mask_of(&builder->reads),
	                                    .writes_mask = mask_of(&builder->writes),
	                                    .reads = keep(table, &builder->reads),
	                                    .writes = keep(table, &builder->writes),
	                                    .read_count = builder->reads.count,
	                                    .write_count = builder->writes.count};
	table->slots[slot] = ++table->count;
	return footprint;
}

const struct sim_footprint *sim_footprint_intern(struct sim_footprint_table *table,
                                                 const struct sim_footprint_builder *builder)
{
	uint64_t hash = sim_hash_bytes(SIM_HASH_SEED, builder->reads.ranges,
	                               bytes_of(builder->reads.count));
	uint32_t slot;

	if (builder->everything)
		return &sim_footprint_everything;
	hash = sim_hash_bytes(hash, builder->writes.ranges, bytes_of(builder->writes.count));
	for (slot = hash % SLOTS; table->slots[slot]; slot = (slot + 1) % SLOTS) {
		const struct sim_footprint *footprint = &table->footprints[table->slots[slot] - 1];

		if (footprint->hash == hash && is_made_of(footprint, builder))
			return footprint;
	}
	return put(table, slot, hash, builder);
}

bool sim_footprints_conflict(const struct sim_footprint *a, const struct sim_footprint *b)
{
	if (a->everything || b->everything)
		return true;
	if (!(a->writes_mask & (b->reads_mask | b->writes_mask)) &&
	    !(b->writes_mask & a->reads_mask))
		return false;
	return meet(a->writes, a->write_count, b->writes, b->write_count) ||
	       meet(a->writes, a->write_count, b->reads, b->read_count) ||
	       meet(b->writes, b->write_count, a->reads, a->read_count);
}

bool sim_footprint_conflicts_with_range(const struct sim_footprint *footprint, uint64_t address,
                                        uint64_t size, bool write)
{
	const struct sim_footprint_range range = {address, address + size};

	if (footprint->everything)
		return true;
	return size && (meet(footprint->writes, footprint->write_count, &range, 1) ||
	                (write && meet(footprint->reads, footprint->read_count, &range, 1)));
}

bool sim_explore_footprints_conflict(const struct sim_explore_op *a, const struct sim_explore_op *b)
{
	if (a->footprint && b->footprint)
		return sim_footprints_conflict(a->footprint, b->footprint);
	return a->footprint ? sim_footprint_conflicts_with_range(a->footprint, b->address, b->size,
	                                                         b->write)
	                    : sim_footprint_conflicts_with_range(b->footprint, a->address, a->size,
	                                                         a->write);
}
