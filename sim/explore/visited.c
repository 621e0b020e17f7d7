/* SPDX-License-Identifier: MIT */
#include "sim/explore/visited.h"

#include <glib.h>
#include <sys/mman.h>

/* Slots for each state: half of them stay empty, so that a search for one is short. */
enum { SPARE = 2, LEAST_SLOTS = 1024 };

uint64_t sim_visited_room(uint64_t bytes)
{
	uint64_t slots = LEAST_SLOTS;

	while (2 * slots * sizeof(uint64_t) <= bytes)
		slots *= 2;
	return slots / SPARE;
}

static bool init(struct sim_visited *visited, uint64_t max, int flags)
{
	uint64_t slots = LEAST_SLOTS;
	void *memory;

	while (slots < SPARE * max)
		slots *= 2;
	memory = mmap(NULL, slots * sizeof(uint64_t), PROT_READ | PROT_WRITE,
	              flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	*visited = (struct sim_visited){.slots = memory, .mask = slots - 1, .max = max};
	return true;
}

bool sim_visited_init(struct sim_visited *visited, uint64_t max)
{
	return init(visited, max, MAP_PRIVATE);
}

bool sim_visited_init_shared(struct sim_visited *visited, uint64_t max)
{
	if (!init(visited, max, MAP_SHARED))
		return false;
	visited->shared = true;
	return true;
}

/* Pages that were never touched need no clearing. */
void sim_visited_clear(struct sim_visited *visited)
{
	madvise(visited->slots, sim_visited_memory(visited), MADV_REMOVE);
	visited->count = 0;
}

void sim_visited_fini(struct sim_visited *visited)
{
	munmap(visited->slots, sim_visited_memory(visited));
}

size_t sim_visited_memory(const struct sim_visited *visited)
{
	return (visited->mask + 1) * sizeof(uint64_t);
}
