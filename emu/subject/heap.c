/* SPDX-License-Identifier: MIT */
/*
 * The heap of the state area: power-of-two blocks, a free list for each size.
 * Offsets, not pointers, so that it can be copied; with nothing allocated it is
 * byte for byte what it was before the first allocation.
 */
#include <string.h>

#include "emu/subject/internal.h"

enum { MIN_SHIFT = 5, CLASS_COUNT = 12 }; /* payloads of 32 bytes to 64 KiB */

#define LIVE_TAG 0x4c495645u
#define FREE_TAG 0x46524545u

struct block {
	uint32_t tag;
	uint32_t size_class;
	uint32_t next; /* offset + 1 of the next free block of the class */
	uint32_t reserved;
};

_Static_assert(CLASS_COUNT <= sizeof(((struct shim_core *)0)->sdk) / 8, "the lists fit the core");

static struct block *block_at(uint32_t offset)
{
	return (struct block *)(void *)(subject_sdk.map.state + SHIM_HEAP_OFFSET + offset);
}

static uint32_t heap_offset(const void *memory)
{
	return (uint32_t)((uintptr_t)memory - (uintptr_t)block_at(0));
}

static uint32_t class_of(size_t size)
{
	uint32_t size_class = 0;

	while (size_class < CLASS_COUNT && (1ull << (size_class + MIN_SHIFT)) < size)
		size_class++;
	return size_class;
}

static struct block *take_block(uint32_t size_class)
{
	struct shim_core *core = subject_sdk.core;
	uint64_t *list = &core->sdk[size_class];
	uint32_t bytes = (uint32_t)sizeof(struct block) + (1u << (size_class + MIN_SHIFT));
	struct block *block;

	if (*list) {
		block = block_at((uint32_t)*list - 1);
		*list = block->next;
		return block;
	}
	if (bytes > SHIM_HEAP_SIZE - core->heap_top)
		return NULL;
	block = block_at(core->heap_top);
	core->heap_top += bytes;
	return block;
}

void *subject_alloc(size_t size)
{
	uint32_t size_class = class_of(size);
	struct block *block;

	subject_point(SHIM_POINT_ALLOC, 0, size, 0, 0);
	if (!subject_slot()->result || size_class == CLASS_COUNT)
		return NULL;
	block = take_block(size_class);
	if (!block)
		return NULL;
	*block = (struct block){.tag = LIVE_TAG, .size_class = size_class};
	subject_sdk.core->alloc_live++;
	subject_event(SHIM_POINT_ALLOCATED, 0, 0, heap_offset(block + 1), size, 0);
	return memset(block + 1, 0, 1ull << (size_class + MIN_SHIFT));
}

static void reset_heap(struct shim_core *core)
{
	memset(block_at(0), 0, core->heap_top);
	memset(core->sdk, 0, CLASS_COUNT * sizeof core->sdk[0]);
	core->heap_top = 0;
}

void subject_free(void *memory)
{
	struct shim_core *core = subject_sdk.core;
	uintptr_t heap = (uintptr_t)block_at(0), address = (uintptr_t)memory;
	struct block *block;
	uint32_t offset;

	if (!memory)
		return;
	subject_point(SHIM_POINT_FREE, 0, heap_offset(memory), 0, 0);
	offset = (uint32_t)(address - heap - sizeof(struct block));
	if (address < heap + sizeof *block || address >= heap + core->heap_top || address % 16)
		subject_fault(SHIM_FAULT_HEAP, NULL);
	block = block_at(offset);
	if (block->tag != LIVE_TAG || block->size_class >= CLASS_COUNT)
		subject_fault(SHIM_FAULT_HEAP, NULL);
	block->tag = FREE_TAG;
	block->next = (uint32_t)core->sdk[block->size_class];
	core->sdk[block->size_class] = offset + 1;
	if (--core->alloc_live == 0)
		reset_heap(core);
}
