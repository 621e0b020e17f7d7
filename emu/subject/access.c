/* SPDX-License-Identifier: MIT */
/*
 * The hooks of instrumented builds: a mediator compiled with the compiler's
 * thread instrumentation calls these before each access to memory; linked with
 * them instead of the compiler's runtime, every access is a scheduling point
 * and no atomic instruction is left (facts concurrency.md section 3).
 *
 * Atomics are performed here, sequentially consistent whatever order they ask
 * for: one context runs at a time.
 */
#include <string.h>

#include "emu/subject/internal.h"

typedef unsigned __int128 u128;

static bool on_own_stack(uintptr_t address)
{
	return address - subject_stack_bottom(subject_sdk.current) < SHIM_STACK_SIZE;
}

static void access_point(enum shim_point point, const volatile void *address, uint64_t size,
                         bool is_write)
{
	const struct shim_control *control = subject_sdk.control;

	if (subject_sdk.current == SUBJECT_NO_CONTEXT)
		return;
	if (!((control->mask | control->events) >> point & 1))
		return;
	if (on_own_stack((uintptr_t)address))
		return;
	subject_point(point, 0, (uint64_t)(uintptr_t)address, size, is_write);
}

/* The names are the compiler's; nobody calls them by hand. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"

void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller)
{
	(void)caller;
}

void __tsan_func_exit(void)
{
}

#define DEFINE_PLAIN(size)                                       \
	void __tsan_read##size(void *p)                          \
	{                                                        \
		access_point(SHIM_POINT_LOAD, p, size, false);   \
	}                                                        \
	void __tsan_write##size(void *p)                         \
	{                                                        \
		access_point(SHIM_POINT_STORE, p, size, true);   \
	}                                                        \
	void __tsan_unaligned_read##size(void *p)                \
	{                                                        \
		access_point(SHIM_POINT_LOAD, p, size, false);   \
	}                                                        \
	void __tsan_unaligned_write##size(void *p)               \
	{                                                        \
		access_point(SHIM_POINT_STORE, p, size, true);   \
	}                                                        \
	void __tsan_volatile_read##size(void *p)                 \
	{                                                        \
		access_point(SHIM_POINT_ATOMIC, p, size, false); \
	}                                                        \
	void __tsan_volatile_write##size(void *p)                \
	{                                                        \
		access_point(SHIM_POINT_ATOMIC, p, size, true);  \
	}                                                        \
	void __tsan_unaligned_volatile_read##size(void *p)       \
	{                                                        \
		access_point(SHIM_POINT_ATOMIC, p, size, false); \
	}                                                        \
	void __tsan_unaligned_volatile_write##size(void *p)      \
	{                                                        \
		access_point(SHIM_POINT_ATOMIC, p, size, true);  \
	}

DEFINE_PLAIN(1)
DEFINE_PLAIN(2)
DEFINE_PLAIN(4)
DEFINE_PLAIN(8)
DEFINE_PLAIN(16)

void __tsan_read_range(void *p, unsigned long size)
{
	access_point(SHIM_POINT_LOAD, p, size, false);
}

void __tsan_write_range(void *p, unsigned long size)
{
	access_point(SHIM_POINT_STORE, p, size, true);
}

void __tsan_atomic_thread_fence(int order)
{
	(void)order;
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

#define DEFINE_FETCH(bits, type, name, expression)                                   \
	type __tsan_atomic##bits##_fetch_##name(volatile type *p, type v, int order) \
	{                                                                            \
		type old;                                                            \
		(void)order;                                                         \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, true);                 \
		old = *p;                                                            \
		*p = (type)(expression);                                             \
		return old;                                                          \
	}

#define DEFINE_ATOMIC(bits, type)                                                                 \
	type __tsan_atomic##bits##_load(const volatile type *p, int order)                        \
	{                                                                                         \
		(void)order;                                                                      \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, false);                             \
		return *p;                                                                        \
	}                                                                                         \
	void __tsan_atomic##bits##_store(volatile type *p, type v, int order)                     \
	{                                                                                         \
		(void)order;                                                                      \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, true);                              \
		*p = v;                                                                           \
	}                                                                                         \
	DEFINE_FETCH(bits, type, add, old + v)                                                    \
	DEFINE_FETCH(bits, type, sub, old - v)                                                    \
	DEFINE_FETCH(bits, type, and, old &v)                                                     \
	DEFINE_FETCH(bits, type, or, old | v)                                                     \
	DEFINE_FETCH(bits, type, xor, old ^ v)                                                    \
	DEFINE_FETCH(bits, type, nand, ~(old & v))                                                \
	type __tsan_atomic##bits##_exchange(volatile type *p, type v, int order)                  \
	{                                                                                         \
		type old;                                                                         \
		(void)order;                                                                      \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, true);                              \
		old = *p;                                                                         \
		*p = v;                                                                           \
		return old;                                                                       \
	}                                                                                         \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *p, type expected, type v,  \
	                                                int order, int failure_order)             \
	{                                                                                         \
		type old;                                                                         \
		(void)order;                                                                      \
		(void)failure_order;                                                              \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, true);                              \
		old = *p;                                                                         \
		if (old == expected)                                                              \
			*p = v;                                                                   \
		return old;                                                                       \
	}                                                                                         \
	int __tsan_atomic##bits##_compare_exchange_strong(volatile type *p, type *expected,       \
	                                                  type v, int order, int failure_order)   \
	{                                                                                         \
		type wanted = *expected;                                                          \
		*expected = __tsan_atomic##bits##_compare_exchange_val(p, wanted, v, order,       \
		                                                       failure_order);            \
		return *expected == wanted;                                                       \
	}                                                                                         \
	int __tsan_atomic##bits##_compare_exchange_weak(volatile type *p, type *expected, type v, \
	                                                int order, int failure_order)             \
	{                                                                                         \
		return __tsan_atomic##bits##_compare_exchange_strong(p, expected, v, order,       \
		                                                     failure_order);              \
	}

DEFINE_ATOMIC(8, uint8_t)
DEFINE_ATOMIC(16, uint16_t)
DEFINE_ATOMIC(32, uint32_t)
DEFINE_ATOMIC(64, uint64_t)
DEFINE_ATOMIC(128, u128)

/* Builds with instrumentation have their calls of these renamed to the subject_ names. */
void *subject_memcpy(void *to, const void *from, size_t size)
{
	access_point(SHIM_POINT_LOAD, from, size, false);
	access_point(SHIM_POINT_STORE, to, size, true);
	return memcpy(to, from, size);
}

void *subject_memset(void *to, int value, size_t size)
{
	access_point(SHIM_POINT_STORE, to, size, true);
	return memset(to, value, size);
}
