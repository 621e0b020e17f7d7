/* SPDX-License-Identifier: MIT */
/* Sets of byte ranges, compared with a byte for each byte. */
#include <glib.h>
#include <string.h>

#include "sim/explore/footprint.h"
#include "sim/explore/random.h"
#include "tests/test.h"

enum { BYTES = 300, PAIRS = 400, RANGES = 12 };

#define BASE 0x40000000ull

struct bytes {
	bool read[BYTES];
	bool written[BYTES];
};

static void draw(struct sim_random *random, struct sim_footprint_builder *builder,
                 struct bytes *bytes)
{
	sim_footprint_clear(builder);
	memset(bytes, 0, sizeof *bytes);
	for (unsigned i = sim_random_below(random, RANGES); i-- > 0;) {
		unsigned size = 1 + sim_random_below(random, 9);
		unsigned first = sim_random_below(random, BYTES - size);
		bool write = sim_random_below(random, 4) == 0;

		sim_footprint_add(builder, BASE + first, size, write);
		memset((write ? bytes->written : bytes->read) + first, true, size);
	}
}

static bool meet(const bool *a, const bool *b)
{
	bool met = false;

	for (unsigned i = 0; i < BYTES; i++)
		met |= a[i] && b[i];
	return met;
}

static bool bytes_conflict(const struct bytes *a, const struct bytes *b)
{
	return meet(a->written, b->written) || meet(a->written, b->read) ||
	       meet(a->read, b->written);
}

TEST(explore_footprint, conflicts_as_the_bytes_do)
{
	static struct sim_footprint_builder a, b;
	struct sim_footprint_table *table = sim_footprint_table_new();
	struct sim_random random;
	unsigned conflicts = 0;

	sim_random_seed(&random, 1, 0);
	for (unsigned i = 0; i < PAIRS; i++) {
		const struct sim_footprint *one, *other;
		struct bytes of_a, of_b;

		draw(&random, &a, &of_a);
		draw(&random, &b, &of_b);
		one = sim_footprint_intern(table, &a);
		other = sim_footprint_intern(table, &b);
		assert_eq_int(sim_footprints_conflict(one, other), bytes_conflict(&of_a, &of_b));
		assert_eq_int(sim_footprints_conflict(other, one), bytes_conflict(&of_a, &of_b));
		assert_ptr(sim_footprint_intern(table, &a), one);
		for (unsigned at = 0; at < BYTES; at++) {
			assert_eq_int(sim_footprint_writes(&a, BASE + at, 1), of_a.written[at]);
			assert_eq_int(sim_footprint_conflicts_with_range(one, BASE + at, 1, true),
			              of_a.written[at] || of_a.read[at]);
			assert_eq_int(sim_footprint_conflicts_with_range(one, BASE + at, 1, false),
			              of_a.written[at]);
		}
		conflicts += bytes_conflict(&of_a, &of_b);
	}
	assert_true(conflicts > PAIRS / 8 && conflicts < PAIRS * 7 / 8);
	sim_footprint_table_free(table);
}

/* Without room a step touches everything: it is never lost what it touches. */
TEST(explore_footprint, too_many_ranges_are_everything)
{
	static struct sim_footprint_builder builder;
	struct sim_footprint_table *table = sim_footprint_table_new();
	const struct sim_footprint *footprint, *nothing;

	sim_footprint_clear(&builder);
	nothing = sim_footprint_intern(table, &builder);
	for (unsigned i = 0; i < SIM_FOOTPRINT_RANGES; i++)
		sim_footprint_add(&builder, BASE + 2ull * i, 1, false);
	footprint = sim_footprint_intern(table, &builder);
	assert_false(sim_footprints_conflict(footprint, nothing));
	sim_footprint_add(&builder, BASE + 2ull * SIM_FOOTPRINT_RANGES, 1, false);
	footprint = sim_footprint_intern(table, &builder);
	assert_ptr(footprint, &sim_footprint_everything);
	assert_true(sim_footprints_conflict(footprint, nothing));
	sim_footprint_table_free(table);
}
