/* SPDX-License-Identifier: MIT */
/*
 * The states that were seen: a set of 64-bit hashes, open addressing. What is
 * lost is that two states may share a hash; see sim_explore_collision().
 *
 * A shared set can be filled by several processes at once; whether it is full
 * is then known to within one state for each of them.
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
	bool shared;
};

/* How many states fit into so many bytes. */
uint64_t sim_visited_room(uint64_t bytes);

/* Room for max states; the memory is touched as it fills up. False: errno says why there is none.
 */
bool sim_visited_init(struct sim_visited *visited, uint64_t max);
/* The structure itself must lie in memory that they share. */
bool sim_visited_init_shared(struct sim_visited *visited, uint64_t max);
void sim_visited_clear(struct sim_visited *visited);
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

static inline bool sim_visited_add_shared(struct sim_visited *visited, uint64_t hash)
{
	uint64_t at, found;

	hash |= hash == 0;
	for (at = hash & visited->mask;; at = (at + 1) & visited->mask) {
		found = __atomic_load_n(&visited->slots[at], __ATOMIC_RELAXED);
		if (found == 0 &&
		    __atomic_compare_exchange_n(&visited->slots[at], &found, hash, false,
		                                __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
		if (found == hash)
			return false;
	}
	__atomic_fetch_add(&visited->count, 1, __ATOMIC_RELAXED);
	return true;
}

static inline bool sim_visited_full(const struct sim_visited *visited)
{
	return visited->count >= visited->max;
}

#endif
