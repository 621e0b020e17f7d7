/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>

#include "emu/subject/subject.h"
#include "tests/subjects/calls_code.h"

enum { TRIES = 3, GLANCES = 100 };

static struct subject_lock named, left, right;
static _Atomic uint32_t exchanged, compared, flag, other_flag;
static _Atomic uint32_t next_ticket, served;
static uint32_t shared, posted, tally;

void calls_boot(void)
{
	subject_lock_init(&named, "named", ffa_make_id(0));
	subject_lock_init(&left, "left", ffa_make_id(0));
	subject_lock_init(&right, "right", ffa_make_id(0));
}

void calls_shutdown(void)
{
	subject_lock_fini(&named);
	subject_lock_fini(&left);
	subject_lock_fini(&right);
}

void calls_interrupt(void)
{
	subject_lock_take(&named);
	shared++;
	subject_lock_release(&named);
}

static bool run_named(void)
{
	subject_lock_take(&named);
	shared++;
	subject_lock_release(&named);
	return true;
}

static bool run_spin(void)
{
	while (atomic_exchange(&exchanged, 1))
		;
	shared++;
	atomic_store(&exchanged, 0);
	return true;
}

static bool run_compare(void)
{
	uint32_t none = 0;

	while (!atomic_compare_exchange_strong(&compared, &none, 1))
		none = 0;
	shared++;
	atomic_store(&compared, 0);
	return true;
}

static bool run_ticket(void)
{
	uint32_t own = atomic_fetch_add(&next_ticket, 1);

	while (atomic_load(&served) != own)
		;
	shared++;
	atomic_store(&served, own + 1);
	return true;
}

static bool run_await(void)
{
	while (!atomic_load(&flag))
		;
	return shared == 0;
}

static bool run_raise(void)
{
	atomic_store(&flag, 1);
	return true;
}

static bool run_try(void)
{
	if (atomic_exchange(&exchanged, 1))
		return false;
	atomic_store(&exchanged, 0);
	return true;
}

static bool run_retry(void)
{
	for (unsigned i = 0; i < TRIES; i++)
		if (run_try())
			return true;
	return false;
}

static bool run_leave(void)
{
	while (atomic_exchange(&exchanged, 1))
		;
	return true;
}

static bool run_two_flags(void)
{
	while (!atomic_load(&other_flag) && !atomic_load(&flag))
		;
	return true;
}

static bool look(void)
{
	uint32_t seen;

	subject_lock_take(&named);
	seen = posted;
	subject_lock_release(&named);
	return seen;
}

static bool run_poll(void)
{
	while (!look())
		;
	return true;
}

static bool run_post(void)
{
	subject_lock_take(&named);
	posted = 1;
	subject_lock_release(&named);
	return true;
}

static bool run_glance(void)
{
	for (unsigned i = 0; i < GLANCES; i++)
		if (look())
			return true;
	return false;
}

static bool run_tally(void)
{
	bool seen = false;

	while (!seen) {
		subject_lock_take(&named);
		tally++;
		seen = posted;
		subject_lock_release(&named);
	}
	return true;
}

static bool take_both(struct subject_lock *first, struct subject_lock *second)
{
	bool got;

	do {
		subject_lock_take(first);
		got = subject_lock_try(second);
		if (got)
			subject_lock_release(second);
		subject_lock_release(first);
	} while (!got);
	return true;
}

static bool run_back_off(void)
{
	return take_both(&left, &right);
}

static bool run_back_away(void)
{
	return take_both(&right, &left);
}

bool calls_run(uint64_t which)
{
	static bool (*const programs[CALLS_COUNT])(void) = {
	        [CALLS_NAMED] = run_named,       [CALLS_SPIN] = run_spin,
	        [CALLS_COMPARE] = run_compare,   [CALLS_TICKET] = run_ticket,
	        [CALLS_AWAIT] = run_await,       [CALLS_RAISE] = run_raise,
	        [CALLS_TRY] = run_try,           [CALLS_RETRY] = run_retry,
	        [CALLS_LEAVE] = run_leave,       [CALLS_TWO_FLAGS] = run_two_flags,
	        [CALLS_POLL] = run_poll,         [CALLS_POST] = run_post,
	        [CALLS_GLANCE] = run_glance,     [CALLS_TALLY] = run_tally,
	        [CALLS_BACK_OFF] = run_back_off, [CALLS_BACK_AWAY] = run_back_away,
	};

	return which < CALLS_COUNT && programs[which] && programs[which]();
}
