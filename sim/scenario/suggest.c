/* SPDX-License-Identifier: MIT */
#include "sim/scenario/suggest.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

/* Costs in quarters of a letter: a left-out letter is likelier than a wrong one. */
#define COST_WRONG   4u
#define COST_EXTRA   4u /* typed, but not in the name */
#define COST_MISSING 3u /* in the name, but not typed */
#define COST_SWAP    4u /* two neighbours exchanged */
#define COST_CASE    1u

static unsigned cost_of_pair(char typed, char wanted)
{
	if (typed == wanted)
		return 0;
	return g_ascii_tolower(typed) == g_ascii_tolower(wanted) ? COST_CASE : COST_WRONG;
}

static bool swapped(const char *typed, const char *name, size_t i, size_t j)
{
	return i > 1 && j > 1 && typed[i - 1] == name[j - 2] && typed[i - 2] == name[j - 1];
}

/* Restricted Damerau-Levenshtein distance with the weights above. */
static unsigned distance(const char *typed, const char *name)
{
	unsigned rows[3][SIM_SUGGEST_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];
	size_t width = strlen(name);

	for (size_t j = 0; j <= width; j++)
		row[j] = (unsigned)j * COST_MISSING;
	for (size_t i = 1; typed[i - 1]; i++) {
		unsigned *spare = before;

		before = above;
		above = row;
		row = spare;
		row[0] = (unsigned)i * COST_EXTRA;
		for (size_t j = 1; j <= width; j++) {
			unsigned best = above[j - 1] + cost_of_pair(typed[i - 1], name[j - 1]);

			best = MIN(best, above[j] + COST_EXTRA);
			best = MIN(best, row[j - 1] + COST_MISSING);
			if (swapped(typed, name, i, j))
				best = MIN(best, before[j - 2] + COST_SWAP);
			row[j] = best;
		}
	}
	return row[width];
}

/* 'FFA_BIND' for 'FFA_NOTIFICATION_BIND': whole words left out, all others right. */
static bool is_abbreviation(const char *typed, const char *name)
{
	g_auto(GStrv) parts = g_strsplit_set(typed, "_-", -1);
	g_auto(GStrv) words = g_strsplit_set(name, "_-", -1);
	unsigned matched = 0, longest = 0;

	for (unsigned i = 0; words[i] && parts[matched]; i++) {
		if (g_ascii_strcasecmp(words[i], parts[matched]) != 0)
			continue;
		longest = MAX(longest, (unsigned)strlen(parts[matched]));
		matched++;
	}
	return !parts[matched] && longest >= 3;
}

void sim_suggest_init(struct sim_suggest *suggest, const char *typed)
{
	suggest->typed = typed;
	suggest->best = NULL;
	suggest->cost = UINT_MAX;
}

void sim_suggest_offer(struct sim_suggest *suggest, const char *name)
{
	size_t length = strlen(suggest->typed);
	unsigned limit, cost;

	if (length == 0 || length > SIM_SUGGEST_MAX || strlen(name) > SIM_SUGGEST_MAX)
		return;
	limit = COST_WRONG * (unsigned)MAX(1, length / 3);
	cost = distance(suggest->typed, name);
	/* Fewer words left out is nearer; any abbreviation is worse than a slip of one letter. */
	if (cost > limit && is_abbreviation(suggest->typed, name))
		cost = MIN(limit, COST_WRONG + (unsigned)(strlen(name) - length) / 8);
	if (cost > limit || cost >= suggest->cost)
		return;
	suggest->best = name;
	suggest->cost = cost;
}

char *sim_suggest_text(const struct sim_suggest *suggest)
{
	return suggest->best ? g_strdup_printf(" (did you mean '%s'?)", suggest->best)
	                     : g_strdup("");
}

char *sim_suggest_from(const char *typed, const char *const *names)
{
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, typed);
	for (; *names; names++)
		sim_suggest_offer(&suggest, *names);
	return sim_suggest_text(&suggest);
}
