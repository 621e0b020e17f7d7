/* SPDX-License-Identifier: MIT */
#include "emu/shim/debug.h"

uint64_t shim_debug_pc;
uint64_t shim_debug_frame;
uint64_t shim_debug_inner;

__attribute__((noinline)) void shim_debug_stop(void)
{
	__asm__ volatile("" ::: "memory");
}

void shim_debug_announce(uint64_t pc, uint64_t frame, uint64_t inner)
{
	shim_debug_pc = pc;
	shim_debug_frame = frame;
	shim_debug_inner = inner;
	shim_debug_stop();
}
