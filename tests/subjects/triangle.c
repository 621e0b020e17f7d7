/* SPDX-License-Identifier: MIT */
/* Ordinary C11: nothing here knows that its accesses are watched. */
#include <stdatomic.h>
#include <stdbool.h>

#include "tests/subjects/triangle_code.h"

enum { BIT_NUMBER = 3, SENDER = 7, IDS = 8 };

#define BIT (1ull << BIT_NUMBER)

#define ALWAYS_INLINE static inline __attribute__((always_inline))

static uint64_t senders[IDS];
static uint64_t pending;
static unsigned accepted, delivered, dropped;
static atomic_uint generation, interrupt;
static atomic_int busy;

struct lock {
	void (*take)(void);
	void (*release)(void);
};

static void take_raw(void)
{
	while (atomic_exchange_explicit(&busy, 1, memory_order_acquire))
		;
}

static void take_compare(void)
{
	int expected;

	do
		expected = 0;
	while (!atomic_compare_exchange_strong_explicit(&busy, &expected, 1, memory_order_acquire,
	                                                memory_order_relaxed));
}

static void release_raw(void)
{
	atomic_store_explicit(&busy, 0, memory_order_release);
}

static const struct lock raw = {take_raw, release_raw};
static const struct lock compare = {take_compare, release_raw};
static const struct lock named = {triangle_take_named, triangle_release_named};

static void next_generation(void)
{
	atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void look_at_generation(void)
{
	(void)atomic_load_explicit(&generation, memory_order_relaxed);
}

ALWAYS_INLINE void bind(const struct lock *lock, int defect)
{
	lock->take();
	senders[BIT_NUMBER] = SENDER;
	lock->release();
	next_generation();
	if (defect != 2) {
		lock->take();
		senders[BIT_NUMBER] = 0;
		if (pending & BIT) {
			pending &= ~BIT;
			dropped++;
		}
		lock->release();
	}
	next_generation();
}

static bool make_pending(void)
{
	if (pending & BIT)
		return false;
	pending |= BIT;
	accepted++;
	return true;
}

ALWAYS_INLINE bool set_early(const struct lock *lock)
{
	bool ok;

	if (senders[BIT_NUMBER] != SENDER)
		return false;
	lock->take();
	ok = make_pending();
	lock->release();
	return ok;
}

ALWAYS_INLINE bool set_bit(const struct lock *lock)
{
	bool ok;

	lock->take();
	ok = senders[BIT_NUMBER] == SENDER && make_pending();
	lock->release();
	return ok;
}

ALWAYS_INLINE void set(const struct lock *lock, int defect, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		look_at_generation();
		if (defect == 1 ? set_early(lock) : set_bit(lock))
			atomic_store(&interrupt, 1);
	}
}

ALWAYS_INLINE void get(const struct lock *lock, int defect, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		uint64_t taken;

		if (defect != 2)
			atomic_exchange(&interrupt, 0);
		lock->take();
		taken = pending;
		pending = 0;
		if (taken & BIT)
			delivered++;
		lock->release();
		if (defect == 2)
			atomic_exchange(&interrupt, 0);
		look_at_generation();
	}
}

#define X(name, rounds, defect, lock)         \
	void triangle_bind_##name(void)       \
	{                                     \
		bind(&(lock), defect);        \
	}                                     \
	void triangle_set_##name(void)        \
	{                                     \
		set(&(lock), defect, rounds); \
	}                                     \
	void triangle_get_##name(void)        \
	{                                     \
		get(&(lock), defect, rounds); \
	}
TRIANGLES(X)
#undef X

uint64_t triangle_check(void)
{
	uint64_t bound = senders[BIT_NUMBER] ? BIT : 0;

	if (pending & ~bound)
		return TRIANGLE_STRAY;
	if (accepted != delivered + dropped + (pending & BIT ? 1 : 0))
		return TRIANGLE_MISSED;
	if (pending && !atomic_load(&interrupt))
		return TRIANGLE_ASLEEP;
	return TRIANGLE_RIGHT;
}
