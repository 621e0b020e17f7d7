/* SPDX-License-Identifier: MIT */
#include "emu/shim/debug.h"

uint64_t shim_debug_pc;
uint64_t shim_debug_frame;

__attribute__((noinline)) void shim_debug_stop(void)
{
	__asm__ volatile("" ::: "memory");
}

void shim_debug_announce(uint64_t pc, uint64_t frame)
{
	shim_debug_pc = pc;
	shim_debug_frame = frame;
	shim_debug_stop();
}
