/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <string.h>

#include "emu/subject/subject.h"
#include "tests/subjects/access_code.h"

static volatile uint32_t announced;
static volatile uint32_t flag;
/* known to other files, so that the compiler cannot know what they hold */
uint32_t access_from, access_to;
struct access_block access_source, access_target;
static struct subject_lock lock;
static uint32_t shared;
static _Atomic uint32_t word;
static _Atomic uint64_t wide;
static atomic_flag busy = ATOMIC_FLAG_INIT;

void access_boot(void)
{
	shared = 1;
	subject_lock_init(&lock, "lock", ffa_make_id(0));
}

void access_volatile(void)
{
	uint32_t sum = announced;

	sum += announced;
	sum += announced;
	announced = sum;
	announced = 1;
}

/* 15 operations; the comparisons are made on what they returned. */
uint64_t access_atomics(void)
{
	uint32_t expected = 9;
	uint64_t right = 0;

	atomic_store(&word, 12);                                                      /* 1 */
	right |= (uint64_t)(atomic_load(&word) == 12) << 0;                           /* 2 */
	right |= (uint64_t)(atomic_fetch_add(&word, 3) == 12) << 1;                   /* 3: 15 */
	right |= (uint64_t)(atomic_fetch_sub(&word, 1) == 15) << 2;                   /* 4: 14 */
	right |= (uint64_t)(atomic_fetch_and(&word, 6) == 14) << 3;                   /* 5: 6 */
	right |= (uint64_t)(atomic_fetch_or(&word, 1) == 6) << 4;                     /* 6: 7 */
	right |= (uint64_t)(atomic_fetch_xor(&word, 2) == 7) << 5;                    /* 7: 5 */
	right |= (uint64_t)(atomic_exchange(&word, 8) == 5) << 6;                     /* 8: 8 */
	right |= (uint64_t)!atomic_compare_exchange_strong(&word, &expected, 1) << 7; /* 9 */
	right |= (uint64_t)(expected == 8) << 8;
	right |= (uint64_t)atomic_compare_exchange_weak(&word, &expected, 1) << 9;    /* 10: 1 */
	atomic_store_explicit(&wide, UINT64_MAX, memory_order_release);               /* 11 */
	atomic_fetch_add_explicit(&wide, 2, memory_order_relaxed);                    /* 12: 1 */
	right |= (uint64_t)(atomic_load_explicit(&wide, memory_order_acquire) == 1 && /* 13 */
	                    !atomic_flag_test_and_set(&busy))                         /* 14 */
	         << 10;
	atomic_flag_clear(&busy); /* 15 */
	atomic_thread_fence(memory_order_seq_cst);
	return right;
}

void access_plain(void)
{
	access_to = access_from + 1;
}

uint64_t access_own(void)
{
	volatile uint32_t own[4] = {0};

	for (uint32_t i = 0; i < 4; i++)
		own[i] = i;
	return own[0] + own[1] + own[2] + own[3];
}

void access_copy(void)
{
	memcpy(&access_target, &access_source, sizeof access_target);
	memset(&access_source, 0, sizeof access_source);
}

/* The first value must not be kept in a register across the locks. */
uint64_t access_reread(void)
{
	uint32_t sum;

	subject_lock_take(&lock);
	sum = shared;
	subject_lock_release(&lock);
	subject_lock_take(&lock);
	sum += shared;
	subject_lock_release(&lock);
	return sum;
}

void access_change(void)
{
	subject_lock_take(&lock);
	shared = 40;
	subject_lock_release(&lock);
}

uint64_t access_await(void)
{
	while (!flag)
		;
	return flag;
}

void access_raise(void)
{
	flag = 1;
}
