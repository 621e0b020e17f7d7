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

/* What the access is and where it stands, for whoever decides what runs next. */
struct access {
	enum shim_access kind;
	uint64_t operand;
	const void *pc;
};

static inline void access_point(enum shim_point point, const volatile void *address, uint64_t size,
                                struct access access)
{
	const struct shim_control *control = subject_sdk.control;
	struct shim_slot *slot;

	if (subject_sdk.current == SUBJECT_NO_CONTEXT)
		return;
	if (!((control->mask | control->events) >> point & 1))
		return;
	if (on_own_stack((uintptr_t)address))
		return;
	slot = subject_slot();
	slot->access = access.kind;
	slot->arg[3] = access.operand;
	slot->pc = (uint64_t)(uintptr_t)access.pc;
	subject_point(point, 0, (uint64_t)(uintptr_t)address, size,
	              access.kind != SHIM_ACCESS_LOAD);
}

#define HERE             __builtin_return_address(0)
#define LOADS            ((struct access){SHIM_ACCESS_LOAD, 0, HERE})
#define STORES           ((struct access){SHIM_ACCESS_STORE, 0, HERE})
#define DOES(kind, with) ((struct access){SHIM_ACCESS_##kind, (uint64_t)(with), HERE})

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

#define DEFINE_PLAIN(size)                                        \
	void __tsan_read##size(void *p)                           \
	{                                                         \
		access_point(SHIM_POINT_LOAD, p, size, LOADS);    \
	}                                                         \
	void __tsan_write##size(void *p)                          \
	{                                                         \
		access_point(SHIM_POINT_STORE, p, size, STORES);  \
	}                                                         \
	void __tsan_unaligned_read##size(void *p)                 \
	{                                                         \
		access_point(SHIM_POINT_LOAD, p, size, LOADS);    \
	}                                                         \
	void __tsan_unaligned_write##size(void *p)                \
	{                                                         \
		access_point(SHIM_POINT_STORE, p, size, STORES);  \
	}                                                         \
	void __tsan_volatile_read##size(void *p)                  \
	{                                                         \
		access_point(SHIM_POINT_ATOMIC, p, size, LOADS);  \
	}                                                         \
	void __tsan_volatile_write##size(void *p)                 \
	{                                                         \
		access_point(SHIM_POINT_ATOMIC, p, size, STORES); \
	}                                                         \
	void __tsan_unaligned_volatile_read##size(void *p)        \
	{                                                         \
		access_point(SHIM_POINT_ATOMIC, p, size, LOADS);  \
	}                                                         \
	void __tsan_unaligned_volatile_write##size(void *p)       \
	{                                                         \
		access_point(SHIM_POINT_ATOMIC, p, size, STORES); \
	}

DEFINE_PLAIN(1)
DEFINE_PLAIN(2)
DEFINE_PLAIN(4)
DEFINE_PLAIN(8)
DEFINE_PLAIN(16)

void __tsan_read_range(void *p, unsigned long size)
{
	access_point(SHIM_POINT_LOAD, p, size, LOADS);
}

void __tsan_write_range(void *p, unsigned long size)
{
	access_point(SHIM_POINT_STORE, p, size, STORES);
}

void __tsan_atomic_thread_fence(int order)
{
	(void)order;
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

#define DEFINE_FETCH(bits, type, name, NAME, expression)                             \
	type __tsan_atomic##bits##_fetch_##name(volatile type *p, type v, int order) \
	{                                                                            \
		type old;                                                            \
		(void)order;                                                         \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, DOES(NAME, v));        \
		old = *p;                                                            \
		*p = (type)(expression);                                             \
		return old;                                                          \
	}

#define DEFINE_ATOMIC(bits, type)                                                                 \
	type __tsan_atomic##bits##_load(const volatile type *p, int order)                        \
	{                                                                                         \
		(void)order;                                                                      \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, LOADS);                             \
		return *p;                                                                        \
	}                                                                                         \
	void __tsan_atomic##bits##_store(volatile type *p, type v, int order)                     \
	{                                                                                         \
		(void)order;                                                                      \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, STORES);                            \
		*p = v;                                                                           \
	}                                                                                         \
	DEFINE_FETCH(bits, type, add, ADD, old + v)                                               \
	DEFINE_FETCH(bits, type, sub, SUB, old - v)                                               \
	DEFINE_FETCH(bits, type, and, AND, old &v)                                                \
	DEFINE_FETCH(bits, type, or, OR, old | v)                                                 \
	DEFINE_FETCH(bits, type, xor, XOR, old ^ v)                                               \
	DEFINE_FETCH(bits, type, nand, NAND, ~(old & v))                                          \
	type __tsan_atomic##bits##_exchange(volatile type *p, type v, int order)                  \
	{                                                                                         \
		type old;                                                                         \
		(void)order;                                                                      \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, DOES(EXCHANGE, v));                 \
		old = *p;                                                                         \
		*p = v;                                                                           \
		return old;                                                                       \
	}                                                                                         \
	static inline type compare_exchange##bits(volatile type *p, type expected, type v,        \
	                                          struct access access)                           \
	{                                                                                         \
		type old;                                                                         \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, access);                            \
		old = *p;                                                                         \
		if (old == expected)                                                              \
			*p = v;                                                                   \
		return old;                                                                       \
	}                                                                                         \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *p, type expected, type v,  \
	                                                int order, int failure_order)             \
	{                                                                                         \
		(void)order;                                                                      \
		(void)failure_order;                                                              \
		return compare_exchange##bits(p, expected, v, DOES(COMPARE, expected));           \
	}                                                                                         \
	int __tsan_atomic##bits##_compare_exchange_strong(volatile type *p, type *expected,       \
	                                                  type v, int order, int failure_order)   \
	{                                                                                         \
		type wanted = *expected;                                                          \
		(void)order;                                                                      \
		(void)failure_order;                                                              \
		*expected = compare_exchange##bits(p, wanted, v, DOES(COMPARE, wanted));          \
		return *expected == wanted;                                                       \
	}                                                                                         \
	int __tsan_atomic##bits##_compare_exchange_weak(volatile type *p, type *expected, type v, \
	                                                int order, int failure_order)             \
	{                                                                                         \
		type wanted = *expected;                                                          \
		(void)order;                                                                      \
		(void)failure_order;                                                              \
		*expected = compare_exchange##bits(p, wanted, v, DOES(COMPARE, wanted));          \
		return *expected == wanted;                                                       \
	}

DEFINE_ATOMIC(8, uint8_t)
DEFINE_ATOMIC(16, uint16_t)
DEFINE_ATOMIC(32, uint32_t)
DEFINE_ATOMIC(64, uint64_t)
DEFINE_ATOMIC(128, u128)

/* Builds with instrumentation have their calls of these renamed to the subject_ names. */
void *subject_memcpy(void *to, const void *from, size_t size)
{
	access_point(SHIM_POINT_LOAD, from, size, LOADS);
	access_point(SHIM_POINT_STORE, to, size, STORES);
	return memcpy(to, from, size);
}

void *subject_memset(void *to, int value, size_t size)
{
	access_point(SHIM_POINT_STORE, to, size, STORES);
	return memset(to, value, size);
}
