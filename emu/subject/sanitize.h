/* SPDX-License-Identifier: MIT */
/*
 * AddressSanitizer must be told of every change of stack. Without it these are
 * empty. Names as seen from the brain (start, finish) and from a fiber (leave,
 * enter).
 */
#ifndef EMU_SUBJECT_SANITIZE_H
#define EMU_SUBJECT_SANITIZE_H

#include <stdbool.h>
#include <stddef.h>

struct sanitize_fiber {
	void *fake_stack;
};

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* Copies what the sanitizer guards, such as the red zones between globals. */
__attribute__((no_sanitize_address)) static inline void sanitize_copy(void *to, const void *from,
                                                                      size_t size)
{
	volatile unsigned char *target = to;
	const volatile unsigned char *source = from;

	while (size--)
		*target++ = *source++;
}

/* The brain's stack, learnt on each arrival at a fiber. */
extern const void *sanitize_brain_bottom;
extern size_t sanitize_brain_size;

static inline void sanitize_start(struct sanitize_fiber *fiber, void *bottom, size_t size)
{
	/* a snapshot may have put other frames here than the shadow knows of */
	__asan_unpoison_memory_region(bottom, size);
	__sanitizer_start_switch_fiber(&fiber->fake_stack, bottom, size);
}

static inline void sanitize_finish(struct sanitize_fiber *fiber)
{
	__sanitizer_finish_switch_fiber(fiber->fake_stack, NULL, NULL);
}

static inline void sanitize_leave(struct sanitize_fiber *fiber, bool for_good)
{
	__sanitizer_start_switch_fiber(for_good ? NULL : &fiber->fake_stack, sanitize_brain_bottom,
	                               sanitize_brain_size);
}

static inline void sanitize_enter(struct sanitize_fiber *fiber)
{
	__sanitizer_finish_switch_fiber(fiber ? fiber->fake_stack : NULL, &sanitize_brain_bottom,
	                                &sanitize_brain_size);
}
#else
#include <string.h>

static inline void sanitize_copy(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
}

static inline void sanitize_start(struct sanitize_fiber *fiber, void *bottom, size_t size)
{
	(void)fiber;
	(void)bottom;
	(void)size;
}

static inline void sanitize_finish(struct sanitize_fiber *fiber)
{
	(void)fiber;
}

static inline void sanitize_leave(struct sanitize_fiber *fiber, bool for_good)
{
	(void)fiber;
	(void)for_good;
}

static inline void sanitize_enter(struct sanitize_fiber *fiber)
{
	(void)fiber;
}
#endif

#endif
