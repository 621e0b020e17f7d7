/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/subject/internal.h"
#include "emu/subject/sanitize.h"

#ifdef __SANITIZE_ADDRESS__
const void *sanitize_brain_bottom;
size_t sanitize_brain_size;
#endif

#if defined(__x86_64__)
enum { FRAME_WORDS = 8, RETURN_WORD = 6 };
#elif defined(__aarch64__)
enum { FRAME_WORDS = 20, RETURN_WORD = 11 };
#else
#error "no fiber switch for this architecture"
#endif

uint64_t subject_fiber_prepare(uintptr_t top, void (*entry)(void))
{
	uint64_t *frame = (uint64_t *)top - FRAME_WORDS;

	/* x86-64: the word above the return address keeps rsp % 16 == 8 at entry and ends
	 * backtraces */
	memset(frame, 0, FRAME_WORDS * sizeof *frame);
	frame[RETURN_WORD] = (uint64_t)(uintptr_t)entry;
	return (uint64_t)(uintptr_t)frame;
}
