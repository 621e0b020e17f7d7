/* SPDX-License-Identifier: MIT */
#include "sim/explore/portfolio.h"

#include "sim/explore/search.h"

const char *sim_member_name(enum sim_member member)
{
	static const char *const names[SIM_MEMBER_COUNT] = {
#define X(name, text) [SIM_MEMBER_##name] = text,
	        SIM_MEMBERS(X)
#undef X
	};

	return names[member];
}

const struct sim_turn *sim_portfolio_turn(uint64_t number)
{
	static const struct sim_turn turns[] = {
	        {SIM_MEMBER_RANDOM, SIM_STRATEGY_RANDOM, 0},
	        {SIM_MEMBER_PCT_2, SIM_STRATEGY_PCT, 2},
	        {SIM_MEMBER_PCT_3, SIM_STRATEGY_PCT, 3},
	        {SIM_MEMBER_POS, SIM_STRATEGY_POS, 0},
	        {SIM_MEMBER_URW, SIM_STRATEGY_URW, 0},
	};

	return &turns[number / SIM_PORTFOLIO_SLICE % G_N_ELEMENTS(turns)];
}

uint64_t sim_portfolio_stretch(uint64_t all)
{
	return MIN(SIM_PORTFOLIO_OPENING, all / (4 * SIM_PORTFOLIO_BOUNDS));
}

/* Executions that are left of those the search may have by now. */
static uint64_t numbers_left(const struct sim_search *search)
{
	return search->max_executions - search->earlier - search->result->executions;
}

/*
 * The numbers up to `end`, of which as many are left as the search may have executions: first
 * depth first, unless it goes on from where it was drawing.
 */
static void run_opening(struct sim_search *search, uint32_t bound, uint64_t end)
{
	const struct sim_position *resume = search->resume;

	if (search->position)
		search->position->next = 0;
	if (!resume || !resume->next) {
		search->member = SIM_MEMBER_BOUNDED;
		sim_search_round(search, bound);
	}
	if (!search->ended)
		sim_search_draw(search, end - numbers_left(search));
}

/* A search that nobody planned. */
static void run_all(struct sim_search *search)
{
	uint64_t all = search->max_executions, stretch = sim_portfolio_stretch(all);

	for (uint32_t i = 0; stretch && i < SIM_PORTFOLIO_BOUNDS; i++) {
		search->max_executions = (i + 1) * stretch;
		run_opening(search, i, search->max_executions);
		if (search->result->end != SIM_EXPLORE_SAMPLED)
			return;
		search->ended = false;
	}
	search->max_executions = all;
	sim_search_draw(search, SIM_PORTFOLIO_BOUNDS * stretch);
}

void sim_search_portfolio(struct sim_search *search)
{
	const struct sim_explore_job *job = search->job;

	if (!job)
		run_all(search);
	else if (job->end)
		run_opening(search, job->opening, job->end);
	else
		sim_search_draw(search, search->resume ? search->resume->next : job->first);
}
