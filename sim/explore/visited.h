/* SPDX-License-Identifier: MIT */
/*
 * The states that were seen: a set of 64-bit hashes, open addressing. What is
 * lost is that two states may share a hash; see sim_explore_collision().
 */
#ifndef SIM_EXPLORE_VISITED_H
#define SIM_EXPLORE_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_visited {
	uint64_t *slots; /* 0 is an empty one */
	uint64_t mask;
	uint64_t count;
	uint64_t max;
};

/* Room for max states; the memory is touched as it fills up. */
void sim_visited_init(struct sim_visited *visited, uint64_t max);
void sim_visited_fini(struct sim_visited *visited);
size_t sim_visited_memory(const struct sim_visited *visited);

/* False if the hash was there. The set must not be full. */
static inline bool sim_visited_add(struct sim_visited *visited, uint64_t hash)
{
	uint64_t at;

	hash |= hash == 0;
	for (at = hash & visited->mask; visited->slots[at]; at = (at + 1) & visited->mask)
		if (visited->slots[at] == hash)
			return false;
	visited->slots[at] = hash;
	visited->count++;
	return true;
}

static inline bool sim_visited_full(const struct sim_visited *visited)
{
	return visited->count >= visited->max;
}

#endif
