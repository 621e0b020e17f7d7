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
	uint32_t flags; /* SHIM_ACCESS_ORDER(), SHIM_ACCESS_VOLATILE */
	uint64_t operand;
	const void *pc;
};

/* Whether anybody asks for this point at this address. */
static inline bool is_wanted(enum shim_point point, const volatile void *address)
{
	const struct shim_control *control = subject_sdk.control;

	return subject_sdk.current != SUBJECT_NO_CONTEXT &&
	       (control->mask | control->events) >> point & 1 && !on_own_stack((uintptr_t)address);
}

/* Before the access: stops, if the mask asks for it. */
static inline void access_stop(enum shim_point point, const volatile void *address, uint64_t size,
                               struct access access)
{
	struct shim_slot *slot = subject_slot();

	if (!(subject_sdk.control->mask >> point & 1))
		return;
	slot->point = point;
	slot->object = 0;
	slot->access = access.kind;
	slot->arg[0] = (uint64_t)(uintptr_t)address;
	slot->arg[1] = size;
	slot->arg[2] = access.kind != SHIM_ACCESS_LOAD;
	slot->arg[3] = access.operand;
	slot->pc = (uint64_t)(uintptr_t)access.pc;
	subject_stop(SHIM_SLOT_STOPPED);
}

/* When nothing comes between the access and this any more. */
static inline void access_event(enum shim_point point, const volatile void *address, uint64_t size,
                                struct access access)
{
	subject_event(point, 0, access.kind | access.flags, (uint64_t)(uintptr_t)address, size,
	              (uint64_t)(uintptr_t)access.pc);
}

/* Loads and stores of memory that a guest can write are points of their own. */
static inline enum shim_point point_at(enum shim_point point, const volatile void *address,
                                       enum shim_access kind)
{
	const uint64_t guests = SHIM_MEMORY_BASE + SHIM_ENDPOINT_SIZE;

	if ((uint64_t)(uintptr_t)address - guests >= SHIM_MEMORY_SIZE - SHIM_ENDPOINT_SIZE)
		return point;
	if (kind == SHIM_ACCESS_LOAD)
		return SHIM_POINT_GUEST_LOAD;
	return kind == SHIM_ACCESS_STORE ? SHIM_POINT_GUEST_STORE : point;
}

static inline void access_point(enum shim_point point, const volatile void *address, uint64_t size,
                                struct access access)
{
	point = point_at(point, address, access.kind);
	if (!is_wanted(point, address))
		return;
	access_stop(point, address, size, access);
	access_event(point, address, size, access);
}

#define HERE            __builtin_return_address(0)
#define LOADS           ((struct access){SHIM_ACCESS_LOAD, 0, 0, HERE})
#define STORES          ((struct access){SHIM_ACCESS_STORE, 0, 0, HERE})
#define VOLATILE_LOADS  ((struct access){SHIM_ACCESS_LOAD, SHIM_ACCESS_VOLATILE, 0, HERE})
#define VOLATILE_STORES ((struct access){SHIM_ACCESS_STORE, SHIM_ACCESS_VOLATILE, 0, HERE})
#define DOES(kind, with, order) \
	((struct access){SHIM_ACCESS_##kind, SHIM_ACCESS_ORDER(order), (uint64_t)(with), HERE})

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

#define DEFINE_PLAIN(size)                                                 \
	void __tsan_read##size(void *p)                                    \
	{                                                                  \
		access_point(SHIM_POINT_LOAD, p, size, LOADS);             \
	}                                                                  \
	void __tsan_write##size(void *p)                                   \
	{                                                                  \
		access_point(SHIM_POINT_STORE, p, size, STORES);           \
	}                                                                  \
	void __tsan_unaligned_read##size(void *p)                          \
	{                                                                  \
		access_point(SHIM_POINT_LOAD, p, size, LOADS);             \
	}                                                                  \
	void __tsan_unaligned_write##size(void *p)                         \
	{                                                                  \
		access_point(SHIM_POINT_STORE, p, size, STORES);           \
	}                                                                  \
	void __tsan_volatile_read##size(void *p)                           \
	{                                                                  \
		access_point(SHIM_POINT_ATOMIC, p, size, VOLATILE_LOADS);  \
	}                                                                  \
	void __tsan_volatile_write##size(void *p)                          \
	{                                                                  \
		access_point(SHIM_POINT_ATOMIC, p, size, VOLATILE_STORES); \
	}                                                                  \
	void __tsan_unaligned_volatile_read##size(void *p)                 \
	{                                                                  \
		access_point(SHIM_POINT_ATOMIC, p, size, VOLATILE_LOADS);  \
	}                                                                  \
	void __tsan_unaligned_volatile_write##size(void *p)                \
	{                                                                  \
		access_point(SHIM_POINT_ATOMIC, p, size, VOLATILE_STORES); \
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

/* No stop: nothing happens here that another context could see. */
void __tsan_atomic_thread_fence(int order)
{
	if (subject_sdk.current != SUBJECT_NO_CONTEXT)
		access_event(SHIM_POINT_ATOMIC, NULL, 0, DOES(FENCE, 0, order));
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

/* One that does not find what it expects is a load, in the order that it asks for then. */
static inline struct access outcome(struct access access, bool found, int failure_order)
{
	if (found)
		return access;
	return (struct access){SHIM_ACCESS_LOAD, SHIM_ACCESS_ORDER(failure_order), 0, access.pc};
}

#define DEFINE_FETCH(bits, type, name, NAME, expression)                             \
	type __tsan_atomic##bits##_fetch_##name(volatile type *p, type v, int order) \
	{                                                                            \
		type old;                                                            \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, DOES(NAME, v, order)); \
		old = *p;                                                            \
		*p = (type)(expression);                                             \
		return old;                                                          \
	}

#define DEFINE_ATOMIC(bits, type)                                                                 \
	type __tsan_atomic##bits##_load(const volatile type *p, int order)                        \
	{                                                                                         \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, DOES(LOAD, 0, order));              \
		return *p;                                                                        \
	}                                                                                         \
	void __tsan_atomic##bits##_store(volatile type *p, type v, int order)                     \
	{                                                                                         \
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, DOES(STORE, 0, order));             \
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
		access_point(SHIM_POINT_ATOMIC, p, sizeof *p, DOES(EXCHANGE, v, order));          \
		old = *p;                                                                         \
		*p = v;                                                                           \
		return old;                                                                       \
	}                                                                                         \
	static inline type compare_exchange##bits(volatile type *p, type expected, type v,        \
	                                          int failure_order, struct access access)        \
	{                                                                                         \
		bool wanted = is_wanted(SHIM_POINT_ATOMIC, p);                                    \
		type old;                                                                         \
		if (wanted)                                                                       \
			access_stop(SHIM_POINT_ATOMIC, p, sizeof *p, access);                     \
		old = *p;                                                                         \
		if (old == expected)                                                              \
			*p = v;                                                                   \
		if (wanted)                                                                       \
			access_event(SHIM_POINT_ATOMIC, p, sizeof *p,                             \
			             outcome(access, old == expected, failure_order));            \
		return old;                                                                       \
	}                                                                                         \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *p, type expected, type v,  \
	                                                int order, int failure_order)             \
	{                                                                                         \
		return compare_exchange##bits(p, expected, v, failure_order,                      \
		                              DOES(COMPARE, expected, order));                    \
	}                                                                                         \
	int __tsan_atomic##bits##_compare_exchange_strong(volatile type *p, type *expected,       \
	                                                  type v, int order, int failure_order)   \
	{                                                                                         \
		type wanted = *expected;                                                          \
		*expected = compare_exchange##bits(p, wanted, v, failure_order,                   \
		                                   DOES(COMPARE, wanted, order));                 \
		return *expected == wanted;                                                       \
	}                                                                                         \
	int __tsan_atomic##bits##_compare_exchange_weak(volatile type *p, type *expected, type v, \
	                                                int order, int failure_order)             \
	{                                                                                         \
		type wanted = *expected;                                                          \
		*expected = compare_exchange##bits(p, wanted, v, failure_order,                   \
		                                   DOES(COMPARE, wanted, order));                 \
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
