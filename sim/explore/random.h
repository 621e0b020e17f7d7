/* SPDX-License-Identifier: MIT */
/*
 * The generator behind every random strategy: PCG32 (M. O'Neill, "PCG: a family
 * of simple fast space-efficient statistically good algorithms for random
 * number generation", 2014, variant XSH-RR 64/32), written from its definition:
 *
 *   state' = state * 6364136223846793005 + increment      (mod 2^64)
 *   output = rotate_right_32((state ^ state >> 18) >> 27, state >> 59)
 *
 * Execution n of a search with seed s uses the stream of its own that
 * sim_random_seed(s, n) starts, so that one execution can be repeated alone and
 * a search can be split. The stream is part of the format of a seed: changing
 * it changes what `--seed` means.
 */
#ifndef SIM_EXPLORE_RANDOM_H
#define SIM_EXPLORE_RANDOM_H

#include <stdint.h>

struct sim_random {
	uint64_t state;
	uint64_t increment; /* odd */
};

static inline uint32_t sim_random_next(struct sim_random *random)
{
	uint64_t state = random->state;
	uint32_t mixed = (uint32_t)((state ^ state >> 18) >> 27);
	unsigned turn = (unsigned)(state >> 59);

	random->state = state * 6364136223846793005ull + random->increment;
	return mixed >> turn | mixed << (-turn & 31);
}

static inline void sim_random_seed(struct sim_random *random, uint64_t seed, uint64_t stream)
{
	random->state = 0;
	random->increment = stream << 1 | 1;
	sim_random_next(random);
	random->state += seed;
	sim_random_next(random);
}

/* Below `limit`, which is not 0; the bias is less than limit / 2^32. */
static inline uint32_t sim_random_below(struct sim_random *random, uint32_t limit)
{
	return (uint32_t)((uint64_t)sim_random_next(random) * limit >> 32);
}

#endif
