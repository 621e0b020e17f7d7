/* SPDX-License-Identifier: MIT */
/*
 * Executions drawn at random, each from a stream of its own (random.h). The
 * draws of one execution, in order:
 *
 *   random  per step with more than one enabled context: one
 *   urw     the same; a context weighs as much as it has steps left by the estimate, at least 1
 *   pct     a shuffle of the contexts' priorities, then depth - 1 change points below the
 *           estimated length; none per step
 *   pos     a priority for every context; per step one for the context that went and one for
 *           each whose next operation races with what it did
 */
#include <string.h>

#include "sim/explore/random.h"
#include "sim/explore/search.h"

/* Executions that estimate how many steps there are. Their streams lie above all others. */
#define WARM_UP_RUNS   256u
#define WARM_UP_STREAM (1ull << 62)
#define WARM_UP_STEPS  4096u
#define MAX_PCT_DEPTH  16u

/*
 * After so many steps in which nothing has ended, and after four times as many, and so on, it is
 * asked whether anything will.
 */
#define PATIENCE 1024u

struct sampler {
	struct sim_search *search;
	struct sim_random random;
	const struct sim_turn *turn;               /* what draws this execution */
	uint32_t priority[SIM_EXPLORE_CONTEXTS];   /* pct, pos: the highest goes */
	uint32_t steps_left[SIM_EXPLORE_CONTEXTS]; /* urw, in this execution */
	uint32_t steps[SIM_EXPLORE_CONTEXTS];      /* estimates */
	uint32_t length;
	uint32_t change[MAX_PCT_DEPTH]; /* pct: steps before which the one that runs falls back */
	uint32_t changes;
	uint32_t lowest; /* pct: the next priority below all */
	unsigned last;
	uint32_t pause;    /* depth at which a run comes back to be looked at */
	uint64_t progress; /* of the execution then, */
	uint32_t since;    /* and the depth at which it was first seen to have come so far */
	uint32_t asked_at; /* steps after which it was asked last */
};

typedef unsigned pick_fn(struct sampler *sampler, uint32_t enabled);

/* Without an instruction for it the compiler calls a function. */
static inline uint32_t count_of(uint32_t mask)
{
	mask -= mask >> 1 & 0x55555555u;
	mask = (mask & 0x33333333u) + (mask >> 2 & 0x33333333u);
	return ((mask + (mask >> 4)) & 0x0f0f0f0fu) * 0x01010101u >> 24;
}

static inline unsigned nth(uint32_t mask, uint32_t n)
{
	while (n--)
		mask &= mask - 1;
	return sim_search_lowest(mask);
}

static inline unsigned pick_random(struct sampler *sampler, uint32_t enabled)
{
	if (!(enabled & (enabled - 1)))
		return sim_search_lowest(enabled);
	return nth(enabled, sim_random_below(&sampler->random, count_of(enabled)));
}

static inline uint32_t weight(const struct sampler *sampler, unsigned c)
{
	return sampler->steps_left[c] ? sampler->steps_left[c] : 1;
}

static inline unsigned pick_urw(struct sampler *sampler, uint32_t enabled)
{
	uint32_t total = 0, drawn;
	unsigned c = sim_search_lowest(enabled);

	if (enabled & (enabled - 1)) {
		for (uint32_t left = enabled; left; left &= left - 1)
			total += weight(sampler, sim_search_lowest(left));
		drawn = sim_random_below(&sampler->random, total);
		for (uint32_t left = enabled; left; left &= left - 1) {
			c = sim_search_lowest(left);
			if (drawn < weight(sampler, c))
				break;
			drawn -= weight(sampler, c);
		}
	}
	if (sampler->steps_left[c])
		sampler->steps_left[c]--;
	return c;
}

static inline unsigned highest(const struct sampler *sampler, uint32_t enabled)
{
	unsigned best = sim_search_lowest(enabled);

	for (uint32_t left = enabled & (enabled - 1); left; left &= left - 1) {
		unsigned c = sim_search_lowest(left);

		if (sampler->priority[c] > sampler->priority[best])
			best = c;
	}
	return best;
}

static inline unsigned pick_pct(struct sampler *sampler, uint32_t enabled)
{
	for (uint32_t i = 0; i < sampler->changes; i++)
		if (sampler->change[i] == sampler->search->depth &&
		    sampler->last < sampler->search->system->count)
			sampler->priority[sampler->last] = sampler->lowest--;
	return sampler->last = highest(sampler, enabled);
}

/* The priorities of the one that goes and of those that race with it are drawn anew. */
static inline unsigned pick_pos(struct sampler *sampler, uint32_t enabled)
{
	const struct sim_explore_system *system = sampler->search->system;
	unsigned c = highest(sampler, enabled);

	for (uint32_t left = system->unfinished; left; left &= left - 1) {
		unsigned other = sim_search_lowest(left);

		if (other == c || sim_explore_dependent(&system->op[other], &system->op[c]))
			sampler->priority[other] = sim_random_next(&sampler->random);
	}
	return c;
}

static uint32_t changes_of(const struct sim_turn *turn)
{
	uint32_t depth = turn->pct_depth ? turn->pct_depth : SIM_EXPLORE_PCT_DEPTH;

	return MIN(depth, MAX_PCT_DEPTH) - 1;
}

static void prepare_pct(struct sampler *sampler)
{
	unsigned count = sampler->search->system->count;

	for (unsigned i = 0; i < count; i++)
		sampler->priority[i] = MAX_PCT_DEPTH + i + 1;
	for (unsigned i = count; i > 1; i--) {
		unsigned other = sim_random_below(&sampler->random, i);
		uint32_t priority = sampler->priority[i - 1];

		sampler->priority[i - 1] = sampler->priority[other];
		sampler->priority[other] = priority;
	}
	sampler->changes = changes_of(sampler->turn);
	for (uint32_t i = 0; i < sampler->changes; i++)
		sampler->change[i] = sim_random_below(&sampler->random, sampler->length);
	sampler->lowest = MAX_PCT_DEPTH;
	sampler->last = count;
}

static void prepare(struct sampler *sampler)
{
	enum sim_strategy strategy = sampler->turn->strategy;
	unsigned count = sampler->search->system->count;

	if (strategy == SIM_STRATEGY_URW)
		memcpy(sampler->steps_left, sampler->steps, sizeof sampler->steps);
	else if (strategy == SIM_STRATEGY_PCT)
		prepare_pct(sampler);
	else if (strategy == SIM_STRATEGY_POS)
		for (unsigned i = 0; i < count; i++)
			sampler->priority[i] = sim_random_next(&sampler->random);
}

/* The next step of an execution. Inlined once for each strategy, because draws are most of a step.
 */
static inline __attribute__((always_inline)) uint32_t next_step(struct sampler *sampler,
                                                                pick_fn *pick)
{
	struct sim_search *search = sampler->search;
	uint32_t enabled = search->system->enabled;
	unsigned c;

	sim_search_arrive(search);
	if (!enabled || search->ended || search->depth >= sampler->pause)
		return SIM_EXPLORE_NONE;
	c = pick(sampler, enabled);
	search->path[search->depth++] = (uint8_t)c;
	return c;
}

#define DEFINE_NEXT(strategy)                            \
	static uint32_t next_##strategy(void *user)      \
	{                                                \
		return next_step(user, pick_##strategy); \
	}
DEFINE_NEXT(random)
DEFINE_NEXT(pct)
DEFINE_NEXT(pos)
DEFINE_NEXT(urw)
#undef DEFINE_NEXT

static const struct sim_explore_picker pickers[SIM_STRATEGY_COUNT] = {
        [SIM_STRATEGY_RANDOM] = {.pick = next_random},
        [SIM_STRATEGY_PCT] = {.pick = next_pct},
        [SIM_STRATEGY_POS] = {.pick = next_pos, .reads_op = true},
        [SIM_STRATEGY_URW] = {.pick = next_urw},
};

static void run_on(struct sampler *sampler, const struct sim_explore_picker *picker)
{
	struct sim_search *search = sampler->search;
	struct sim_explore_system *system = search->system;

	sampler->pause = MIN(search->depth + PATIENCE, search->max_depth);
	if (system->class->run && !search->trap_count)
		system->class->run(system, picker);
	else
		for (uint32_t c; (c = picker->pick(sampler)) != SIM_EXPLORE_NONE;)
			if (!search->trap_count || !sim_search_trapped(search, c))
				system->class->step(system, c);
}

/* Whether the execution, which has paused, does not end; then that is noted. */
static bool never_ends(struct sampler *sampler)
{
	struct sim_search *search = sampler->search;
	uint64_t progress = sim_explore_progress(search->system);
	uint32_t quiet;

	if (progress != sampler->progress) {
		sampler->progress = progress;
		sampler->since = search->depth;
		sampler->asked_at = PATIENCE / 4;
	}
	quiet = search->depth - sampler->since;
	if (quiet < 4 * sampler->asked_at)
		return false;
	sampler->asked_at = quiet;
	return sim_endless_drawn(search, quiet);
}

static void run(struct sampler *sampler, const struct sim_explore_picker *picker)
{
	struct sim_search *search = sampler->search;
	struct sim_explore_system *system = search->system;

	sampler->progress = sim_explore_progress(system);
	sampler->since = 0;
	sampler->asked_at = PATIENCE / 4;
	do {
		uint32_t depth = search->depth;

		run_on(sampler, picker);
		sim_search_count(search, search->depth - depth);
	} while (system->enabled && !search->ended && search->depth < search->max_depth &&
	         !never_ends(sampler) && !search->ended);
	if (search->ended)
		return;
	if (system->enabled)
		sim_search_cut(search);
	else
		sim_search_terminal(search);
}

/* Warm-up runs judge nothing: what they find, the search finds again. */
static void estimate(struct sampler *sampler)
{
	struct sim_search *search = sampler->search;
	struct sim_explore_system *system = search->system;
	uint64_t total = 0, steps[SIM_EXPLORE_CONTEXTS] = {0};

	search->muted = true;
	for (unsigned i = 0; i < WARM_UP_RUNS && !search->ended && !search->ending; i++) {
		sim_random_seed(&sampler->random, search->options->seed, WARM_UP_STREAM + i);
		sim_search_rewind(search);
		for (uint32_t n = 0; system->enabled && n < MIN(search->max_depth, WARM_UP_STEPS);
		     n++, total++) {
			unsigned c = pick_random(sampler, system->enabled);

			steps[c]++;
			sim_search_step(search, c);
		}
	}
	search->muted = false;
	search->warm_up += total;
	for (unsigned i = 0; i < system->count; i++)
		sampler->steps[i] = (uint32_t)((steps[i] + WARM_UP_RUNS - 1) / WARM_UP_RUNS);
	sampler->length = (uint32_t)((total + WARM_UP_RUNS - 1) / WARM_UP_RUNS);
	if (sampler->length == 0)
		sampler->length = 1;
}

static bool needs_estimate(enum sim_strategy strategy)
{
	return strategy != SIM_STRATEGY_RANDOM && strategy != SIM_STRATEGY_POS;
}

static void run_turn(struct sampler *sampler, const struct sim_turn *turn, uint64_t number)
{
	struct sim_explore_picker picker = pickers[turn->strategy];
	struct sim_search *search = sampler->search;

	picker.user = sampler;
	sampler->turn = turn;
	search->member = turn->member;
	sim_random_seed(&sampler->random, search->options->seed, number);
	sim_search_rewind(search);
	prepare(sampler);
	run(sampler, &picker);
}

static void tell_if_asked(struct sim_search *search, uint64_t next)
{
	if (!search->asked || search->ended || !search->position)
		return;
	search->position->next = next;
	sim_search_tell(search, false);
}

void sim_search_draw(struct sim_search *search, uint64_t number)
{
	const struct sim_explore_options *options = search->options;
	const struct sim_turn alone = {SIM_MEMBER_ALONE, options->strategy, options->pct_depth};
	bool in_turn = options->strategy == SIM_STRATEGY_PORTFOLIO;
	struct sampler sampler = {.search = search};

	if (needs_estimate(options->strategy))
		estimate(&sampler);
	tell_if_asked(search, number);
	for (; !search->ended; number++) {
		run_turn(&sampler, in_turn ? sim_portfolio_turn(number) : &alone, number);
		tell_if_asked(search, number + 1);
	}
}

void sim_search_sample(struct sim_search *search)
{
	uint64_t first = search->job ? search->job->first : 0;

	sim_search_draw(search, search->resume ? search->resume->next : first);
}
