/* SPDX-License-Identifier: MIT */
/*
 * What one step touches: two sets of byte ranges, what it writes and what it
 * reads. Two steps of which one writes what the other touches do not commute.
 * What is no memory has a place in an address space of its own; whoever makes
 * footprints hands out the names.
 *
 *  - A footprint that says too much costs time, one that says too little hides
 *    executions. So a full builder or table makes it "everything".
 *  - Footprints are interned: equal sets are one object, which lives as long as
 *    its table. Nothing is allocated after sim_footprint_table_new().
 */
#ifndef SIM_EXPLORE_FOOTPRINT_H
#define SIM_EXPLORE_FOOTPRINT_H

#include <stdbool.h>
#include <stdint.h>

/* Limits. Beyond them a step touches everything. */
#define SIM_FOOTPRINT_RANGES 1024u              /* of one set */
#define SIM_FOOTPRINTS       (64u * 1024)       /* different ones of a table */
#define SIM_FOOTPRINT_ROOM   (2u * 1024 * 1024) /* ranges of a table */

struct sim_footprint_range {
	uint64_t first;
	uint64_t end; /* the first address behind it */
};

/* Sorted; no two ranges touch each other. */
struct sim_footprint_set {
	uint32_t count;
	struct sim_footprint_range ranges[SIM_FOOTPRINT_RANGES];
};

struct sim_footprint_builder {
	bool everything;
	struct sim_footprint_set reads;
	struct sim_footprint_set writes;
};

struct sim_footprint {
	uint64_t hash;
	uint64_t reads_mask; /* a bit for each 64 bytes that the ranges lie in, folded */
	uint64_t writes_mask;
	const struct sim_footprint_range *reads; /* may overlap with writes */
	const struct sim_footprint_range *writes;
	uint32_t read_count;
	uint32_t write_count;
	bool everything;
};

/* Of a step after which nothing else can happen, or of which nothing is known. */
extern const struct sim_footprint sim_footprint_everything;

static inline void sim_footprint_clear(struct sim_footprint_builder *builder)
{
	builder->everything = false;
	builder->reads.count = builder->writes.count = 0;
}

void sim_footprint_add(struct sim_footprint_builder *builder, uint64_t address, uint64_t size,
                       bool write);

/* All that the other one touches counts as read here. */
void sim_footprint_add_as_reads(struct sim_footprint_builder *builder,
                                const struct sim_footprint_builder *other);

/* Whether each byte is written. */
bool sim_footprint_writes(const struct sim_footprint_builder *builder, uint64_t address,
                          uint64_t size);

/* Whether something that `writer` writes is touched by `other`. */
bool sim_footprint_meets(const struct sim_footprint_builder *writer,
                         const struct sim_footprint_builder *other);

struct sim_footprint_table;

struct sim_footprint_table *sim_footprint_table_new(void);
void sim_footprint_table_free(struct sim_footprint_table *table); /* accepts NULL */

const struct sim_footprint *sim_footprint_intern(struct sim_footprint_table *table,
                                                 const struct sim_footprint_builder *builder);

bool sim_footprints_conflict(const struct sim_footprint *a, const struct sim_footprint *b);

/* The same for one that touches a single range. */
bool sim_footprint_conflicts_with_range(const struct sim_footprint *footprint, uint64_t address,
                                        uint64_t size, bool write);

#endif
