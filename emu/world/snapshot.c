/* SPDX-License-Identifier: MIT */
/*
 * Snapshots: the world's state, the live prefix of the core and the heap, the
 * mediator's sections, the slots in use, the live part of each stack, and the
 * pages of memory that were written. One buffer, copied front to back.
 */
#include <stdlib.h>
#include <string.h>

#include "emu/world/internal.h"

#define MAX_SIZE                                                                               \
	(sizeof(struct world_state) + sizeof(struct shim_core) + SHIM_HEAP_SIZE +              \
	 SHIM_SECTION_MAX + SHIM_MAX_CONTEXTS * (sizeof(struct shim_slot) + SHIM_STACK_SIZE) + \
	 SHIM_MEMORY_SIZE)

enum { DIRTY_WORDS = sizeof(((struct world_state *)0)->dirty) / sizeof(uint64_t) };

struct world_snapshot {
	size_t size;
	uint8_t bytes[MAX_SIZE];
};

struct world_snapshot *world_snapshot_new(void)
{
	struct world_snapshot *snapshot = malloc(sizeof *snapshot);

	if (!snapshot)
		abort();
	snapshot->size = 0;
	return snapshot;
}

void world_snapshot_free(struct world_snapshot *snapshot)
{
	free(snapshot);
}

size_t world_snapshot_size(const struct world_snapshot *snapshot)
{
	return snapshot->size;
}

size_t world_snapshot_limit(void)
{
	return MAX_SIZE;
}

/* The sanitizer's shadow of a mediator's globals and stacks would object to a copy of all of it. */
#ifdef __SANITIZE_ADDRESS__
__attribute__((no_sanitize_address)) static void copy(void *to, const void *from, size_t size)
{
	volatile uint8_t *target = to;
	const volatile uint8_t *source = from;

	while (size--)
		*target++ = *source++;
}
#else
static inline void copy(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
}
#endif

static size_t core_size(const struct shim_core *core)
{
	return offsetof(struct shim_core, objects) + core->object_top * sizeof core->objects[0];
}

static bool slot_is_live(const struct shim_slot *slot)
{
	return slot->state == SHIM_SLOT_STOPPED || slot->state == SHIM_SLOT_BLOCKED;
}

static uint8_t *put(uint8_t *at, const void *from, size_t size)
{
	copy(at, from, size);
	return at + size;
}

static const uint8_t *get(const uint8_t *at, void *to, size_t size)
{
	copy(to, at, size);
	return at + size;
}

static uint8_t *put_pages(const struct world *world, uint8_t *at)
{
	for (unsigned word = 0; word < DIRTY_WORDS; word++)
		for (uint64_t left = world->state.dirty[word]; left; left &= left - 1) {
			size_t page = word * 64u + (unsigned)__builtin_ctzll(left);

			at = put(at, world->link->map.memory + page * SHIM_PAGE, SHIM_PAGE);
		}
	return at;
}

/* A page that is dirty now and was not then goes back to what it was before boot: zero. */
static const uint8_t *get_pages(struct world *world, const uint64_t *was_dirty, const uint8_t *at)
{
	for (unsigned word = 0; word < DIRTY_WORDS; word++) {
		uint64_t now = world->state.dirty[word];

		for (uint64_t left = was_dirty[word] | now; left; left &= left - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(left);
			uint8_t *memory = world->link->map.memory + (word * 64u + bit) * SHIM_PAGE;

			if (now >> bit & 1)
				at = get(at, memory, SHIM_PAGE);
			else
				memset(memory, 0, SHIM_PAGE);
		}
	}
	return at;
}

size_t world_save_bytes(const struct world *world, uint8_t *bytes)
{
	const struct shim_link *link = world->link;
	const struct shim_core *core = shim_core(&link->map);
	uint8_t *at = bytes;
	uint64_t size;

	at = put(at, &world->state, sizeof world->state);
	at = put(at, core, core_size(core));
	at = put(at, link->map.state + SHIM_HEAP_OFFSET, core->heap_top);
	at = put(at, link->sections, link->sections_size);
	for (uint32_t i = 0; i < world->contexts_used; i++) {
		const struct shim_slot *slot = shim_slot(&link->map, i);

		at = put(at, &slot->state, sizeof slot->state);
		if (slot->state == SHIM_SLOT_IDLE)
			continue;
		at = put(at, slot, sizeof *slot);
		if (slot_is_live(slot)) {
			const uint8_t *stack = shim_link_stack(link, i, &size);

			at = put(at, stack, size);
		}
	}
	at = put_pages(world, at);
	return (size_t)(at - bytes);
}

void world_save(const struct world *world, struct world_snapshot *snapshot)
{
	snapshot->size = world_save_bytes(world, snapshot->bytes);
}

size_t world_load_bytes(struct world *world, const uint8_t *bytes)
{
	const struct shim_link *link = world->link;
	struct shim_core *core = shim_core(&link->map);
	const uint8_t *at = bytes;
	uint64_t was_dirty[DIRTY_WORDS];
	uint64_t size;

	memcpy(was_dirty, world->state.dirty, sizeof was_dirty);
	at = get(at, &world->state, sizeof world->state);
	at = get(at, core, offsetof(struct shim_core, objects));
	at = get(at, core->objects, core->object_top * sizeof core->objects[0]);
	at = get(at, link->map.state + SHIM_HEAP_OFFSET, core->heap_top);
	at = get(at, link->sections, link->sections_size);
	for (uint32_t i = 0; i < world->contexts_used; i++) {
		struct shim_slot *slot = shim_slot(&link->map, i);

		at = get(at, &slot->state, sizeof slot->state);
		if (slot->state == SHIM_SLOT_IDLE)
			continue;
		at = get(at, slot, sizeof *slot);
		if (slot_is_live(slot)) {
			uint8_t *stack = shim_link_stack(link, i, &size);

			at = get(at, stack, size);
		}
	}
	return (size_t)(get_pages(world, was_dirty, at) - bytes);
}

void world_load(struct world *world, const struct world_snapshot *snapshot)
{
	world_load_bytes(world, snapshot->bytes);
}

/*
 * Zeroes what lies there until there has been nothing but zero for so long: below a stack pointer,
 * whose stack grows towards `from`, or above the heap.
 */
enum { WIPE_GAP = 1024 / sizeof(uint64_t) };

#ifdef __SANITIZE_ADDRESS__
__attribute__((no_sanitize_address))
#endif
static void
wipe(volatile uint64_t *at, size_t words, ptrdiff_t step)
{
	for (size_t zeros = 0; words && zeros < WIPE_GAP; words--, at += step, zeros++) {
		if (!*at)
			continue;
		*at = 0;
		zeros = 0;
	}
}

static uint64_t live_stack(const struct shim_link *link, uint32_t context)
{
	uint64_t live = 0;

	if (slot_is_live(shim_slot(&link->map, context)))
		shim_link_stack(link, context, &live);
	return (live + 7) & ~(uint64_t)7;
}

static uint8_t *stack_top(const struct shim_link *link, uint32_t context)
{
	return link->map.state + SHIM_STACK_OFFSET + (uint64_t)(context + 1) * SHIM_STACK_SIZE;
}

static void wipe_stack(const struct shim_link *link, uint32_t context)
{
	uint64_t live = live_stack(link, context);
	uint8_t *end = stack_top(link, context) - live;

	wipe((uint64_t *)(void *)end - 1, (SHIM_STACK_SIZE - live) / sizeof(uint64_t), -1);
}

static uint64_t heap_end(const struct shim_link *link)
{
	return (shim_core(&link->map)->heap_top + 7) & ~7u;
}

static void wipe_heap(const struct shim_link *link)
{
	uint64_t end = heap_end(link);

	wipe((uint64_t *)(void *)(link->map.state + SHIM_HEAP_OFFSET + end),
	     (SHIM_HEAP_SIZE - end) / sizeof(uint64_t), 1);
}

void world_wipe(struct world *world)
{
	wipe_heap(world->link);
	for (uint32_t i = 0; i < world->contexts_used; i++)
		wipe_stack(world->link, i);
}

void world_wipe_after(struct world *world, uint32_t context)
{
	wipe_heap(world->link);
	wipe_stack(world->link, context);
}

#ifdef __SANITIZE_ADDRESS__
__attribute__((no_sanitize_address))
#endif
static void
zero(volatile uint64_t *at, uint64_t bytes)
{
	for (uint64_t i = 0; i < bytes / sizeof *at; i++)
		at[i] = 0;
}

size_t world_load_wiped(struct world *world, const uint8_t *bytes)
{
	const struct shim_link *link = world->link;
	uint64_t live[SHIM_MAX_CONTEXTS] = {0}, heap = heap_end(link), now;
	size_t size;

	for (uint32_t i = 0; i < world->contexts_used; i++)
		live[i] = live_stack(link, i);
	size = world_load_bytes(world, bytes);
	for (uint32_t i = 0; i < world->contexts_used; i++) {
		now = live_stack(link, i);
		if (now < live[i])
			zero((uint64_t *)(void *)(stack_top(link, i) - live[i]), live[i] - now);
	}
	now = heap_end(link);
	if (now < heap)
		zero((uint64_t *)(void *)(link->map.state + SHIM_HEAP_OFFSET + now), heap - now);
	return size;
}
