/* SPDX-License-Identifier: MIT */
/*
 * The search for an order, held against a recursion that tries everything: the
 * same histories of a toy object, right ones and ones with a wrong answer.
 */
#include "sim/model/linear.h"

#include <string.h>

#include "tests/test.h"

enum { OPS = 4, EVENTS = 2 * OPS, HISTORIES = 20000, FULL = EVENTS + 1 };

/* A number. The answer of each operation is in value. */
enum toy_kind {
	TOY_NONE,
	TOY_ADD,  /* one; answers what it was */
	TOY_ZERO, /* answers nothing */
	TOY_COIN, /* adds 10, or does not; answers which */
	TOY_TAKE, /* waits until it is not 0; answers it, and makes it 0 */
	TOY_TWO,  /* two phases: adds 100; answers what it is then, maybe much later */
	TOY_KINDS,
};

static unsigned toy_step(uint64_t number, uint8_t kind, struct sim_linear_way *ways)
{
	uint8_t phase = ways[0].answer.phase;

	for (unsigned i = 0; i < 2; i++)
		ways[i].answer.phase = SIM_LINEAR_DONE;
	switch (kind) {
	case TOY_ADD:
		ways[0].answer.value = number;
		ways[0].state[0] = number + 1;
		return 1;
	case TOY_ZERO:
		ways[0].state[0] = 0;
		return 1;
	case TOY_COIN:
		ways[1].answer.value = 1;
		ways[1].state[0] = number + 10;
		return 2;
	case TOY_TAKE:
		ways[0].answer.value = number;
		ways[0].state[0] = 0;
		return number != 0;
	default:
		ways[0].answer.value = phase ? number : 0;
		ways[0].answer.phase = phase ? SIM_LINEAR_DONE : 1;
		ways[0].state[0] = phase ? number : number + 100;
		return 1;
	}
}

static unsigned toy_ways(const void *user, unsigned object, struct sim_linear_op op,
                         struct sim_linear_way *ways)
{
	(void)user, (void)object;
	return toy_step(ways[0].state[0], op.kind, ways);
}

static bool toy_possible(const void *user, unsigned object, struct sim_linear_op op,
                         const struct sim_linear_answer *answer)
{
	(void)user, (void)object, (void)op, (void)answer;
	return true;
}

/* user: the answer of the operation that has ended. */
static bool toy_fits(const void *user, unsigned object, struct sim_linear_op op,
                     const struct sim_linear_answer *answer)
{
	const uint64_t *observed = user;

	(void)object, (void)op;
	return answer->value == *observed;
}

static const struct sim_linear_spec toy = {
        .ways = toy_ways, .possible = toy_possible, .fits = toy_fits};

struct event {
	unsigned op;
	bool end;
	uint64_t answer; /* of an end */
};

struct history {
	uint8_t kinds[OPS];
	unsigned count;
	struct event events[EVENTS];
};

/* The reference */

struct place {
	uint64_t number;
	bool begun[OPS];
	struct sim_linear_answer answers[OPS];
};

static bool explained(const struct history *history, unsigned at, unsigned until,
                      struct place place)
{
	const struct event *event = &history->events[at];

	for (unsigned op = 0; op < OPS; op++) {
		struct sim_linear_way ways[SIM_LINEAR_WAYS] = {{{0}}};
		unsigned count;

		if (!place.begun[op] || place.answers[op].phase == SIM_LINEAR_DONE)
			continue;
		ways[0].state[0] = ways[1].state[0] = place.number;
		ways[0].answer = ways[1].answer = place.answers[op];
		count = toy_step(place.number, history->kinds[op], ways);
		for (unsigned i = 0; i < count; i++) {
			struct place next = place;

			next.number = ways[i].state[0];
			next.answers[op] = ways[i].answer;
			if (explained(history, at, until, next))
				return true;
		}
	}
	if (at == until)
		return true;
	if (event->end && (place.answers[event->op].phase != SIM_LINEAR_DONE ||
	                   place.answers[event->op].value != event->answer))
		return false;
	place.begun[event->op] |= !event->end;
	return explained(history, at + 1, until, place);
}

/* Histories */

static uint64_t seed;

static unsigned any(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

/* Lets a pending operation go on by itself; false if none can. */
static bool act(const struct history *history, struct place *place)
{
	unsigned first = any(OPS);

	for (unsigned i = 0; i < OPS; i++) {
		unsigned op = (first + i) % OPS, count;
		struct sim_linear_way ways[SIM_LINEAR_WAYS] = {{{0}}};

		if (!place->begun[op] || place->answers[op].phase == SIM_LINEAR_DONE)
			continue;
		ways[0].state[0] = ways[1].state[0] = place->number;
		ways[0].answer = ways[1].answer = place->answers[op];
		count = toy_step(place->number, history->kinds[op], ways);
		if (!count)
			continue;
		count = any(count);
		place->number = ways[count].state[0];
		place->answers[op] = ways[count].answer;
		return true;
	}
	return false;
}

/* Ends an operation that has taken effect; now and then with an answer that it has not. */
static bool end(struct history *history, struct place *place, bool *ended)
{
	for (unsigned op = 0; op < OPS; op++) {
		if (ended[op] || place->answers[op].phase != SIM_LINEAR_DONE)
			continue;
		ended[op] = true;
		history->events[history->count++] = (struct event){
		        .op = op, .end = true, .answer = place->answers[op].value + !any(8)};
		return true;
	}
	return false;
}

static void draw(struct history *history)
{
	struct place place = {0};
	bool ended[OPS] = {false};
	unsigned begun = 0;

	memset(history, 0, sizeof *history);
	for (unsigned i = 0; i < 200 && history->count < EVENTS; i++) {
		unsigned what = any(3);

		if (what == 0 && begun < OPS) {
			history->kinds[begun] = (uint8_t)(1 + any(TOY_KINDS - 1));
			place.begun[begun] = true;
			history->events[history->count++] = (struct event){.op = begun++};
		} else if (what == 1) {
			act(history, &place);
		} else {
			end(history, &place, ended);
		}
	}
}

/* The number of the event that the engine refutes; count if none is, FULL if that is too much. */
static unsigned refuted_at(const struct history *history, struct sim_linear *linear,
                           unsigned object)
{
	memset(linear, 0, sizeof *linear);
	for (unsigned i = 0; i < 3; i++)
		sim_linear_open(linear, i);
	for (unsigned i = 0; i < history->count; i++) {
		const struct event *event = &history->events[i];
		/* contexts go down, so that the engine's order is not that of the beginnings */
		struct sim_linear_op op = {.kind = history->kinds[event->op],
		                           .context = (uint8_t)(OPS - event->op)};
		enum sim_linear_result result =
		        event->end
		                ? sim_linear_end(linear, object, op.context, &toy, &event->answer)
		                : sim_linear_begin(linear, object, op);

		if (result > SIM_LINEAR_REFUTED)
			return FULL;
		if (result == SIM_LINEAR_REFUTED)
			return i;
	}
	return history->count;
}

TEST(linear, finds_what_trying_everything_finds)
{
	struct sim_linear linear;
	unsigned wrong = 0, full = 0;

	seed = 1;
	for (unsigned i = 0; i < HISTORIES; i++) {
		struct place place = {0};
		struct history history;
		unsigned at;

		draw(&history);
		at = refuted_at(&history, &linear, i % 3);
		full += at == FULL;
		if (at == FULL)
			continue;
		wrong += at < history.count;
		if (!explained(&history, 0, at, place))
			fail_test("history %u is wrong before event %u", i, at);
		if (at < history.count && explained(&history, 0, at + 1, place))
			fail_test("history %u is right at event %u", i, at);
	}
	/* both happen often, and a limit is reached rarely */
	assert_true(full < HISTORIES / 20);
	assert_true(wrong > HISTORIES / 10 && wrong < HISTORIES * 9 / 10);
}

/* What is saved is the same. */
static void assert_same(const struct sim_linear *got, const struct sim_linear *want)
{
	static uint8_t bytes[2][sizeof(struct sim_linear)];
	size_t size = sim_linear_save(want, bytes[1]);

	assert_eq_u64(sim_linear_save(got, bytes[0]), size);
	assert_mem(bytes[0], bytes[1], size);
}

/* What has ended leaves nothing but the state. */
TEST(linear, ended_operations_leave_no_trace)
{
	struct sim_linear linear, plain;
	struct history history;

	memset(&plain, 0, sizeof plain);
	for (unsigned i = 0; i < 3; i++)
		sim_linear_open(&plain, i);
	seed = 7;
	for (unsigned i = 0; i < 2000; i++) {
		unsigned count, open = 0;
		const struct sim_linear_config *config;

		draw(&history);
		for (unsigned j = 0; j < history.count; j++)
			open += history.events[j].end ? -1u : 1u;
		if (refuted_at(&history, &linear, 1) != history.count || open)
			continue;
		config = sim_linear_configs(&linear, 1, &count);
		if (count != 1)
			continue; /* a second phase that nobody saw the end of, in either order */
		plain.configs[1].state[0] = config->state[0];
		assert_same(&linear, &plain);
	}
}

/* Saved between any two events, and gone on with in memory that had something else in it. */
TEST(linear, a_copy_goes_on_like_the_original)
{
	static struct sim_linear linear, copy;
	static uint8_t bytes[sizeof(struct sim_linear)];
	struct history history;
	size_t size;

	seed = 3;
	for (unsigned i = 0; i < 500; i++) {
		draw(&history);
		refuted_at(&history, &linear, 1);
		memset(&copy, 0xff, sizeof copy);
		size = sim_linear_save(&linear, bytes);
		assert_eq_u64(sim_linear_load(&copy, bytes), size);
		assert_same(&copy, &linear);
		for (unsigned context = 1; context <= OPS; context++) {
			struct sim_linear_op op = {.kind = TOY_COIN, .context = (uint8_t)context};

			sim_linear_begin(&linear, 1, op);
			sim_linear_begin(&copy, 1, op);
			assert_same(&copy, &linear);
		}
	}
}

static void begin(struct sim_linear *linear, uint8_t context, uint8_t kind)
{
	struct sim_linear_op op = {.kind = kind, .context = context};

	assert_eq_u64(sim_linear_begin(linear, 0, op), SIM_LINEAR_EXPLAINED);
}

static void end_with(struct sim_linear *linear, uint8_t context, uint64_t answer)
{
	assert_eq_u64(sim_linear_end(linear, 0, context, &toy, &answer), SIM_LINEAR_EXPLAINED);
}

/* An operation that need not have taken effect has not: that it began earlier leaves no trace. */
TEST(linear, takes_effect_no_earlier_than_it_must)
{
	struct sim_linear one = {0}, other = {0};
	unsigned count;

	sim_linear_open(&one, 0);
	sim_linear_open(&other, 0);
	begin(&one, 1, TOY_ZERO);
	begin(&one, 2, TOY_ZERO);
	end_with(&one, 2, 0);
	begin(&other, 2, TOY_ZERO);
	end_with(&other, 2, 0);
	begin(&other, 1, TOY_ZERO);
	(void)sim_linear_configs(&one, 0, &count);
	assert_eq_u64(count, 1);
	assert_mem(&one, &other, sizeof one);
}

/* What is shown has taken effect: nobody can come before it any more. */
TEST(linear, what_is_shown_has_taken_effect)
{
	struct sim_linear linear = {0};
	uint64_t answer = 0;

	sim_linear_open(&linear, 0);
	begin(&linear, 1, TOY_ADD);
	assert_eq_u64(sim_linear_show(&linear, 0, 1, &toy, &answer), SIM_LINEAR_EXPLAINED);
	begin(&linear, 2, TOY_ADD);
	assert_eq_u64(sim_linear_end(&linear, 0, 2, &toy, &answer), SIM_LINEAR_REFUTED);
	end_with(&linear, 2, 1);
	end_with(&linear, 1, 0);
}

TEST(linear, says_when_there_is_no_room)
{
	struct sim_linear linear = {0};
	struct sim_linear_op op = {.kind = TOY_COIN, .context = SIM_LINEAR_OPS};

	sim_linear_open(&linear, 0);
	for (uint8_t i = 0; i < SIM_LINEAR_OPS; i++)
		begin(&linear, i, TOY_COIN);
	assert_eq_u64(sim_linear_begin(&linear, 0, op), SIM_LINEAR_FULL_OPS);
	sim_linear_give_up(&linear, 0);
	assert_eq_u64(sim_linear_begin(&linear, 0, op), SIM_LINEAR_EXPLAINED);
	end_with(&linear, SIM_LINEAR_OPS, 77);
}

struct orders {
	unsigned count;
	uint64_t last[8];
};

static bool note_order(void *teller, const struct sim_linear_order *order)
{
	struct orders *orders = teller;

	assert_eq_u64(order->ops[order->length - 1].context, 1);
	orders->last[orders->count++] = order->answers[order->length - 1].value;
	return true;
}

TEST(linear, tells_each_order)
{
	struct sim_linear linear = {0};
	struct orders orders = {0};

	sim_linear_open(&linear, 0);
	begin(&linear, 1, TOY_ADD);
	begin(&linear, 2, TOY_COIN);
	sim_linear_orders(&linear, 0, 1, &toy, NULL, note_order, &orders);
	assert_eq_u64(orders.count, 3);
	assert_eq_u64(orders.last[0], 0);
	assert_eq_u64(orders.last[1], 0);
	assert_eq_u64(orders.last[2], 10);
}
