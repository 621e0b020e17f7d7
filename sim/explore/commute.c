/* SPDX-License-Identifier: MIT */
#include "sim/explore/commute.h"

#include <string.h>

#include "sim/explore/endless.h"

/* One context running for a while. */
struct stretch {
	uint32_t first;
	uint32_t length;
	uint8_t context;
};

struct commute {
	struct sim_explore_system *system;
	uint32_t finding;
	uint32_t left; /* executions */
	struct sim_explore_path *path, *candidate;
	struct sim_switches switches; /* of the path */
	struct stretch stretches[SIM_EXPLORE_DEPTH];
	uint32_t count;
};

static bool is_noted(struct sim_explore_system *system, uint32_t finding)
{
	bool found = false;

	for (uint32_t i = 0; i < system->noted_count; i++)
		found |= system->noted[i] == finding;
	sim_explore_drop_noted(system);
	return found;
}

/* One step, counted; answers whether the finding came with it. */
static bool take(struct sim_explore_system *system, uint32_t finding,
                 const struct sim_explore_path *path, uint32_t i, struct sim_switches *switches)
{
	if (i && path->step[i] != path->step[i - 1]) {
		switches->switches++;
		switches->preemptions += system->enabled >> path->step[i - 1] & 1;
	}
	system->class->step(system, path->step[i]);
	return is_noted(system, finding);
}

static bool follow(struct sim_trail *trail, uint32_t finding, struct sim_explore_path *path,
                   struct sim_switches *switches)
{
	struct sim_explore_system *system = trail->system;

	for (uint32_t i = 0; i < path->length; i++) {
		if (!(system->enabled >> path->step[i] & 1))
			return false;
		sim_trail_step(trail, path->step[i]);
		if (take(system, finding, path, i, switches)) {
			path->length = i + 1;
			return true;
		}
	}
	if (system->failed)
		return false;
	if (!system->enabled)
		system->class->judge(system);
	else
		sim_trail_judge(trail);
	return is_noted(system, finding);
}

bool sim_commute_try(struct sim_explore_system *system, uint32_t finding,
                     struct sim_explore_path *path, struct sim_switches *ret_switches)
{
	g_autofree uint8_t *start = g_malloc(system->snapshot_max);
	struct sim_trail trail;
	bool found;

	*ret_switches = (struct sim_switches){0};
	sim_explore_drop_noted(system);
	system->class->save(system, start);
	sim_trail_begin(&trail, system);
	found = follow(&trail, finding, path, ret_switches);
	sim_trail_end(&trail);
	if (!system->lost)
		system->class->load(system, start);
	return found;
}

static void split(struct commute *commute)
{
	const struct sim_explore_path *path = commute->path;

	commute->count = 0;
	for (uint32_t i = 0; i < path->length; i++) {
		if (i == 0 || path->step[i] != path->step[i - 1])
			commute->stretches[commute->count++] =
			        (struct stretch){.first = i, .context = path->step[i]};
		commute->stretches[commute->count - 1].length++;
	}
}

static void append(struct sim_explore_path *path, const struct stretch *stretch)
{
	memset(path->step + path->length, stretch->context, stretch->length);
	path->length += stretch->length;
}

/* The path with stretch `moved` done where stretch `to` is: right behind it, or right before. */
static void bring_together(struct commute *commute, uint32_t moved, uint32_t to)
{
	commute->candidate->length = 0;
	for (uint32_t i = 0; i < commute->count; i++) {
		if (i == to && moved < to)
			append(commute->candidate, &commute->stretches[moved]);
		if (i != moved)
			append(commute->candidate, &commute->stretches[i]);
		if (i == to && moved > to)
			append(commute->candidate, &commute->stretches[moved]);
	}
}

static bool try_pair(struct commute *commute, uint32_t moved, uint32_t to)
{
	struct sim_switches switches;

	if (commute->left == 0 || commute->system->lost)
		return false;
	commute->left--;
	bring_together(commute, moved, to);
	if (!sim_commute_try(commute->system, commute->finding, commute->candidate, &switches) ||
	    switches.switches >= commute->switches.switches ||
	    switches.preemptions > commute->switches.preemptions)
		return false;
	sim_explore_path_copy(commute->path, commute->candidate);
	commute->switches = switches;
	return true;
}

/* Two stretches of one context with nothing of it between them, in one place. */
static bool improve(struct commute *commute)
{
	split(commute);
	for (uint32_t i = 0; i < commute->count; i++) {
		uint32_t next = i + 1;

		while (next < commute->count &&
		       commute->stretches[next].context != commute->stretches[i].context)
			next++;
		if (next < commute->count &&
		    (try_pair(commute, next, i) || try_pair(commute, i, next)))
			return true;
	}
	return false;
}

void sim_commute(struct sim_explore_system *system, uint32_t finding, struct sim_explore_path *path)
{
	struct commute *commute = g_new0(struct commute, 1);

	commute->system = system;
	commute->finding = finding;
	commute->left = SIM_COMMUTE_EXECUTIONS;
	commute->path = path;
	commute->candidate = g_new0(struct sim_explore_path, 1);
	if (sim_commute_try(system, finding, path, &commute->switches))
		while (improve(commute))
			;
	g_free(commute->candidate);
	g_free(commute);
}
