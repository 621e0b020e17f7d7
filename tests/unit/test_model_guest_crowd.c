/* SPDX-License-Identifier: MIT */
/*
 * Four vCPUs of vm1 and two senders, all under way at once, in histories drawn at random: a
 * mediator that does each call at one moment is judged to the end and found right; one that goes
 * wrong now and then is found wrong.
 */
#include "sim/explore/random.h"
#include "tests/unit/test_model_guest_lab.h"

enum { VCPUS = 4, SENDERS = 2, CALLERS = VCPUS + SENDERS, FIRST = 3, EVENTS = 60, HISTORIES = 100 };

enum defect { NONE, DELIVERS_TWICE, LOSES_A_SET, RAISES_NO_NPI, UNBINDS_WHAT_IS_PENDING };

/* One of the callers, in the context FIRST + its number; the last two are vm2 and vm3. */
struct caller {
	bool inside;
	bool done; /* its call has taken effect */
	struct ffa_regs call;
	struct ffa_regs answer;
};

static struct {
	enum defect defect;
	uint64_t pending;
	uint64_t bound; /* all but bit 0 always */
	bool armed;
	bool news;
	struct caller callers[CALLERS];
	unsigned most; /* calls under way at once */
} mediator;

static struct sim_random random_source;

static unsigned any(unsigned below)
{
	return sim_random_below(&random_source, below);
}

static bool goes_wrong(enum defect defect)
{
	return mediator.defect == defect && any(2) == 0;
}

static struct ffa_regs draw_call(unsigned number)
{
	if (number >= VCPUS)
		return SET(number - VCPUS + 2, 1, (uint64_t)(1 + any(15)) << 4 * (number - VCPUS));
	switch (any(8)) {
	case 0:
		return INFO;
	case 1:
	case 2:
		return UNBIND(2, 1, 1ull);
	case 3:
		return BIND(2, 1, 1ull);
	default:
		return GET(1, FFA_NOTIFICATION_GET_VM);
	}
}

static struct ffa_regs do_get(void)
{
	uint64_t taken = mediator.pending;

	if (!goes_wrong(DELIVERS_TWICE))
		mediator.pending = 0;
	mediator.news = mediator.armed = false;
	return GOT(taken);
}

static struct ffa_regs do_info(void)
{
	bool news = mediator.news;

	mediator.news = false;
	return news ? NEWS(1) : ERROR(FFA_NO_DATA);
}

static struct ffa_regs do_unbind(void)
{
	if (!(mediator.bound & 1))
		return ERROR(FFA_DENIED);
	if (mediator.pending & 1 && !goes_wrong(UNBINDS_WHAT_IS_PENDING))
		return ERROR(FFA_DENIED);
	mediator.bound &= ~1ull;
	return GOOD;
}

static struct ffa_regs do_bind(void)
{
	if (mediator.pending & 1)
		return ERROR(FFA_DENIED);
	mediator.bound |= 1;
	return GOOD;
}

static struct ffa_regs do_set(unsigned context, uint64_t bits)
{
	if (bits & ~mediator.bound)
		return ERROR(FFA_DENIED);
	if (!goes_wrong(LOSES_A_SET))
		mediator.pending |= bits;
	mediator.news = true;
	if (!mediator.armed && !goes_wrong(RAISES_NO_NPI))
		guest_injects(context, VM1, 0, SHIM_INJECT_ACCEPTED);
	mediator.armed = true;
	return GOOD;
}

static struct ffa_regs do_call(unsigned number)
{
	const struct ffa_regs *call = &mediator.callers[number].call;

	switch (call->x[0]) {
	case FFA_NOTIFICATION_GET_32:
		return do_get();
	case FFA_NOTIFICATION_INFO_GET_32:
		return do_info();
	case FFA_NOTIFICATION_UNBIND_32:
		return do_unbind();
	case FFA_NOTIFICATION_BIND_32:
		return do_bind();
	default:
		return do_set(FIRST + number, call->x[3]);
	}
}

static unsigned vm_of(unsigned number)
{
	return number < VCPUS ? VM1 : number - VCPUS + VM2;
}

/* The caller's next moment: its call begins, takes effect, ends. */
static void go_on(unsigned number)
{
	struct caller *caller = &mediator.callers[number];
	unsigned inside = 0;

	if (!caller->inside) {
		caller->call = draw_call(number);
		guest_calls(FIRST + number, vm_of(number), caller->call);
		caller->inside = true;
	} else if (!caller->done) {
		caller->answer = do_call(number);
		caller->done = true;
	} else {
		guest_returns(FIRST + number, vm_of(number), caller->answer);
		*caller = (struct caller){0};
	}
	for (unsigned i = 0; i < CALLERS; i++)
		inside += mediator.callers[i].inside;
	mediator.most = MAX(mediator.most, inside);
}

/* Answers whether it was found wrong. Everybody is inside before anybody gets an answer. */
static bool play(uint64_t seed)
{
	bool wrong;

	sim_random_seed(&random_source, seed, 0);
	mediator.pending = 0;
	mediator.bound = 0xff;
	mediator.armed = mediator.news = false;
	memset(mediator.callers, 0, sizeof mediator.callers);
	guest_bound(PROFILE);
	for (unsigned i = 0; i < CALLERS; i++)
		go_on(i);
	for (unsigned i = 0; i < EVENTS; i++)
		go_on(any(CALLERS));
	for (unsigned i = 0; i < CALLERS; i++)
		while (mediator.callers[i].inside)
			go_on(i);
	wrong = guest_run.report->findings->len > 0;
	if (!wrong && sim_unjudged_any(&guest_run.unjudged))
		fail_test("history %u is not judged", (unsigned)seed);
	guest_closed();
	return wrong;
}

struct crowd_case {
	const char *name;
	enum defect defect;
};

static const struct crowd_case crowd_cases[] = {
        {"right", NONE},
        {"a bit delivered twice", DELIVERS_TWICE},
        {"a set that is lost", LOSES_A_SET},
        {"no NPI", RAISES_NO_NPI},
        {"an unbind that drops what is pending", UNBINDS_WHAT_IS_PENDING},
};

TEST_EACH(crowd, four_vcpus_and_two_senders, crowd_cases)
{
	unsigned wrong = 0;

	mediator.defect = c->defect;
	for (uint64_t seed = 0; seed < HISTORIES; seed++)
		wrong += play(seed);
	assert_eq_u64(mediator.most, CALLERS);
	if (c->defect == NONE)
		assert_eq_u64(wrong, 0);
	else
		assert_true(wrong > 0);
}
