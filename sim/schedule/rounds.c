/* SPDX-License-Identifier: MIT */
#include "sim/schedule/rounds.h"

#include <glib.h>

enum { FIRST_ROOM = 256 };

void sim_rounds_add(struct sim_rounds *rounds, uint64_t future, uint32_t able)
{
	if (rounds->count == rounds->room) {
		rounds->room = MAX(2 * rounds->room, FIRST_ROOM);
		rounds->moments = g_renew(struct sim_rounds_moment, rounds->moments, rounds->room);
	}
	rounds->moments[rounds->count++] =
	        (struct sim_rounds_moment){.future = future, .able = able};
}

int64_t sim_rounds_back(const struct sim_rounds *rounds)
{
	uint64_t future = rounds->moments[rounds->count - 1].future;

	for (int64_t i = (int64_t)rounds->count - 2; i >= 0; i--)
		if (rounds->moments[i].future == future)
			return i;
	return -1;
}

uint32_t sim_rounds_went(const struct sim_rounds *rounds, uint32_t from)
{
	uint32_t went = 0;

	for (uint32_t i = from; i + 1 < rounds->count; i++)
		went |= rounds->moments[i].went;
	return went;
}

bool sim_rounds_is_fair(const struct sim_rounds *rounds, uint32_t from)
{
	uint32_t able = 0;

	for (uint32_t i = from; i + 1 < rounds->count; i++)
		able |= rounds->moments[i].able;
	return !(able & ~sim_rounds_went(rounds, from));
}
