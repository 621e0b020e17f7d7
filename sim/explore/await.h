/* SPDX-License-Identifier: MIT */
/* Where read-modify-write operations spin: code addresses, learned; see bare.h. */
#ifndef SIM_EXPLORE_AWAIT_H
#define SIM_EXPLORE_AWAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Limit. Places beyond it are not learned: they are explored like any other operation. */
#define SIM_AWAIT_SITES 256u /* a power of two; half of it is used */

struct sim_await_site {
	uint64_t pc; /* 0: free */
	bool spins;
	bool goes_on; /* failed there once and went on elsewhere: no await */
};

struct sim_await {
	struct sim_await_site sites[SIM_AWAIT_SITES];
	unsigned count;
};

static inline unsigned sim_await_slot(const struct sim_await *await, uint64_t pc)
{
	unsigned at = (unsigned)(pc * 0x9e3779b97f4a7c15ull >> 56) % SIM_AWAIT_SITES;

	while (await->sites[at].pc && await->sites[at].pc != pc)
		at = (at + 1) % SIM_AWAIT_SITES;
	return at;
}

static inline bool sim_await_is(const struct sim_await *await, uint64_t pc)
{
	const struct sim_await_site *site = &await->sites[sim_await_slot(await, pc)];

	return site->spins && !site->goes_on;
}

/* The site's entry, new if need be; NULL if the table is full. */
static inline struct sim_await_site *sim_await_note(struct sim_await *await, uint64_t pc)
{
	struct sim_await_site *site = &await->sites[sim_await_slot(await, pc)];

	if (site->pc == 0) {
		if (await->count == SIM_AWAIT_SITES / 2)
			return 0;
		await->count++;
		site->pc = pc;
	}
	return site;
}

#endif
