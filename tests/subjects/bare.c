/* SPDX-License-Identifier: MIT */
#include "tests/subjects/bare.h"

#include <stdlib.h>
#include <string.h>

#include "tests/subjects/bare_code.h"

/* Mistakes on purpose: a sanitizer must not find them before the SDK does. */
#define MISTAKE __attribute__((noinline, no_sanitize("address", "undefined")))

enum { DEEP_BYTES = 32 * 1024, MAX_ALLOCATIONS = 64, BIG_BLOCK = 4096, HUGE_BLOCK = 70000 };

static struct subject_lock a, b, c;
static uint32_t counter;
static volatile uintptr_t zero; /* never anything else, but no compiler knows */
static void *kept;

enum ffa_status bare_boot(const char *options)
{
	(void)options;
	subject_lock_init(&a, "a", ffa_make_id(0));
	subject_lock_init(&b, "b", ffa_make_id(0));
	subject_lock_init(&c, "c", ffa_make_id(7));
	return FFA_OK;
}

static void report(uint64_t value)
{
	subject_log(0, "value", value);
}

static void run_read(void)
{
	report(counter);
}

static void add(void)
{
	uint32_t seen = counter;

	subject_interrupt_window();
	counter = seen + 1;
}

static void run_locked_add(void)
{
	subject_lock_take(&a);
	add();
	subject_lock_release(&a);
}

static void run_unlocked_add(void)
{
	add();
}

static void corner(struct subject_lock *first, struct subject_lock *second)
{
	subject_lock_take(first);
	subject_lock_take(second);
	subject_lock_release(second);
	subject_lock_release(first);
}

static void run_corner_ab(void)
{
	corner(&a, &b);
}

static void run_corner_bc(void)
{
	corner(&b, &c);
}

static void run_corner_ca(void)
{
	corner(&c, &a);
}

static void run_try_a(void)
{
	bool got = subject_lock_try(&a);

	report(got);
	if (got)
		subject_lock_release(&a);
}

static void run_try_twice(void)
{
	bool got = subject_lock_try(&a);

	report(got);
	report(subject_lock_try(&a));
	if (got)
		subject_lock_release(&a);
}

static void run_relock(void)
{
	subject_lock_take(&a);
	subject_lock_take(&a);
}

static void run_unlock_free(void)
{
	subject_lock_release(&a);
}

static void run_unlock_foreign(void)
{
	subject_lock_release(&a);
}

static void run_fini_held(void)
{
	subject_lock_take(&a);
	subject_lock_fini(&a);
}

static void run_lock_zero(void)
{
	struct subject_lock lock = {0};

	subject_lock_take(&lock);
}

static void run_lock_finished(void)
{
	subject_lock_fini(&b);
	subject_lock_take(&b);
}

static void run_lock_long_name(void)
{
	struct subject_lock lock;

	subject_lock_init(&lock, "abcdefghijkl", ffa_make_id(0));
}

static void run_defer_too_high(void)
{
	subject_defer(SHIM_MAX_WORK);
}

static void run_timer_too_high(void)
{
	subject_timer_set(SHIM_MAX_WORK, 1);
}

static void run_lock_too_many(void)
{
	struct subject_lock lock;

	for (;;)
		subject_lock_init(&lock, "many", ffa_make_id(0));
}

static void run_log_many(void)
{
	for (uint32_t i = 0; i < BARE_MANY; i++)
		report(i);
}

static void run_lock_many(void)
{
	for (uint32_t i = 0; i < BARE_MANY; i++) {
		subject_lock_take(&a);
		subject_lock_release(&a);
	}
}

static void run_log_texts(void)
{
	subject_log(1, "one", 1);
	subject_log(2, "two", 2);
	subject_log(3, "three", 3);
}

static void run_deep(void)
{
	volatile uint8_t bytes[DEEP_BYTES];
	bool same = true;

	for (uint32_t i = 0; i < DEEP_BYTES; i++)
		bytes[i] = (uint8_t)(i * 7 + subject_context());
	subject_interrupt_window();
	for (uint32_t i = 0; i < DEEP_BYTES; i++)
		same = same && bytes[i] == (uint8_t)(i * 7 + subject_context());
	report(same);
}

static bool is_fresh(const uint8_t *memory, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (memory[i])
			return false;
	return (uintptr_t)memory % 16 == 0;
}

static void run_alloc_free(void)
{
	bool right = true;

	for (size_t size = 1; size <= BIG_BLOCK; size = size * 2 + 1) {
		uint8_t *first = subject_alloc(size), *second = subject_alloc(size);

		right = right && first && second && is_fresh(first, size) && is_fresh(second, size);
		if (!right)
			break;
		memset(first, 0xa5, size);
		subject_free(first);
		memset(second, 0x5a, size);
		first = subject_alloc(size);
		right = first && is_fresh(first, size) && second[size - 1] == 0x5a;
		subject_free(second);
		subject_free(first);
	}
	report(right);
}

static void run_alloc_keep(void)
{
	kept = subject_alloc(100);
	if (kept)
		memset(kept, 0xff, 100);
	report(kept != NULL);
}

static void run_free_kept(void)
{
	subject_free(kept);
	kept = NULL;
}

static void run_alloc_all(void)
{
	void *all[MAX_ALLOCATIONS];
	uint32_t count = 0;

	while (count < MAX_ALLOCATIONS && (all[count] = subject_alloc(BIG_BLOCK)))
		count++;
	report(count);
	while (count)
		subject_free(all[--count]);
}

static void run_alloc_huge(void)
{
	report(subject_alloc(HUGE_BLOCK) != NULL);
}

/* With others alive: freeing the last allocation empties the heap, and hides the second free. */
static void run_free_twice(void)
{
	void *memory = subject_alloc(100), *first = subject_alloc(100),
	     *second = subject_alloc(100);

	subject_free(memory);
	subject_free(memory);
	report(first != second);
}

static void run_free_inside(void)
{
	uint8_t *memory = subject_alloc(100);

	subject_free(memory + 32);
}

static void run_free_stack(void)
{
	_Alignas(16) uint8_t memory[64] = {0};

	subject_free(memory + 32);
}

static void run_free_null(void)
{
	subject_free(NULL);
	report(1);
}

MISTAKE static void run_write_null(void)
{
	*(volatile uint32_t *)zero = 1;
}

static void run_abort(void)
{
	abort();
}

MISTAKE static void run_divide(void)
{
	report(7 / zero);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winfinite-recursion"
MISTAKE static uint32_t recurse(const volatile uint32_t *level)
{
	volatile uint32_t next = *level + 1;

	return recurse(&next) + next;
}
#pragma GCC diagnostic pop

static void run_overflow(void)
{
	volatile uint32_t start = 0;

	report(recurse(&start));
}

MISTAKE static void run_jump(void)
{
	void (*volatile nowhere)(void) = (void (*)(void))(uintptr_t)0x10;

	nowhere();
}

static void run_illegal(void)
{
#if defined(__x86_64__)
	__asm__ volatile("ud2");
#else
	__asm__ volatile(".inst 0");
#endif
}

static void run_tasks(void)
{
	subject_timer_set(3, 500);
	subject_timer_set(1, 200);
	subject_defer(2);
	subject_defer(2);
}

static void run_spin(void)
{
	for (;;)
		__asm__ volatile("");
}

static void run_spin_try(void)
{
	for (;;)
		if (subject_lock_try(&a))
			subject_lock_release(&a);
}

static void run_smc_5(void)
{
#if defined(__aarch64__)
	__asm__ volatile("smc #5");
#endif
}

static void run_hvc(void)
{
#if defined(__aarch64__)
	__asm__ volatile("hvc #0");
#endif
}

const struct subject_bare bare_contexts[BARE_COUNT] = {
        [BARE_READ] = {"read", run_read},
        [BARE_LOCKED_ADD] = {"locked add", run_locked_add},
        [BARE_UNLOCKED_ADD] = {"unlocked add", run_unlocked_add},
        [BARE_CORNER_AB] = {"corner ab", run_corner_ab},
        [BARE_CORNER_BC] = {"corner bc", run_corner_bc},
        [BARE_CORNER_CA] = {"corner ca", run_corner_ca},
        [BARE_TRY_A] = {"try a", run_try_a},
        [BARE_TRY_TWICE] = {"try twice", run_try_twice},
        [BARE_RELOCK] = {"relock", run_relock},
        [BARE_UNLOCK_FREE] = {"unlock free", run_unlock_free},
        [BARE_UNLOCK_FOREIGN] = {"unlock foreign", run_unlock_foreign},
        [BARE_FINI_HELD] = {"fini held", run_fini_held},
        [BARE_LOCK_ZERO] = {"lock zero", run_lock_zero},
        [BARE_LOCK_FINISHED] = {"lock finished", run_lock_finished},
        [BARE_LOCK_LONG_NAME] = {"lock long name", run_lock_long_name},
        [BARE_LOCK_TOO_MANY] = {"lock too many", run_lock_too_many},
        [BARE_DEFER_TOO_HIGH] = {"defer too high", run_defer_too_high},
        [BARE_TIMER_TOO_HIGH] = {"timer too high", run_timer_too_high},
        [BARE_LOG_MANY] = {"log many", run_log_many},
        [BARE_LOCK_MANY] = {"lock many", run_lock_many},
        [BARE_LOG_TEXTS] = {"log texts", run_log_texts},
        [BARE_DEEP] = {"deep", run_deep},
        [BARE_ALLOC_FREE] = {"alloc free", run_alloc_free},
        [BARE_ALLOC_KEEP] = {"alloc keep", run_alloc_keep},
        [BARE_FREE_KEPT] = {"free kept", run_free_kept},
        [BARE_ALLOC_ALL] = {"alloc all", run_alloc_all},
        [BARE_ALLOC_HUGE] = {"alloc huge", run_alloc_huge},
        [BARE_FREE_TWICE] = {"free twice", run_free_twice},
        [BARE_FREE_INSIDE] = {"free inside", run_free_inside},
        [BARE_FREE_STACK] = {"free stack", run_free_stack},
        [BARE_FREE_NULL] = {"free null", run_free_null},
        [BARE_WRITE_NULL] = {"write null", run_write_null},
        [BARE_ABORT] = {"abort", run_abort},
        [BARE_DIVIDE] = {"divide", run_divide},
        [BARE_OVERFLOW] = {"overflow", run_overflow},
        [BARE_JUMP] = {"jump", run_jump},
        [BARE_ILLEGAL] = {"illegal", run_illegal},
        [BARE_TASKS] = {"tasks", run_tasks},
        [BARE_SPIN] = {"spin", run_spin},
        [BARE_SPIN_TRY] = {"spin try", run_spin_try},
        [BARE_SMC_5] = {"smc 5", run_smc_5},
        [BARE_HVC] = {"hvc", run_hvc},
};
