/* SPDX-License-Identifier: MIT */
/* The shadow: of every word of eight bytes, the accesses that a later one can race with. */
#include <string.h>

#include "sim/oracle/race_state.h"

static uint16_t *head_of(struct sim_race_state *state, uint32_t word)
{
	return &state->heads[word * 0x9e3779b1u >> 16 & (SIM_RACE_HEADS - 1)];
}

static bool conflict(uint8_t a, uint8_t b)
{
	return (a | b) & SIM_RACE_WRITE && !(a & b & SIM_RACE_ATOMIC);
}

/* Whatever conflicts with the weaker kind conflicts with the other. */
static bool at_least(uint8_t kind, uint8_t weaker)
{
	return (kind & SIM_RACE_WRITE) >= (weaker & SIM_RACE_WRITE) &&
	       (kind & SIM_RACE_ATOMIC) <= (weaker & SIM_RACE_ATOMIC);
}

static bool is_before(const struct sim_race_state *state, const struct sim_race_entry *entry,
                      unsigned context)
{
	return entry->context == context ||
	       state->clocks[context].at[entry->context] >= entry->epoch;
}

/* Takes it out of its list; answers what follows. */
static uint16_t *drop(struct sim_race_state *state, uint16_t *link)
{
	struct sim_race_entry *entry = &state->entries[*link - 1];
	uint16_t number = *link;

	*link = entry->next;
	entry->bytes = 0;
	entry->next = state->free;
	state->free = number;
	return link;
}

static void insert(struct sim_race_state *state, const struct sim_race_entry *entry)
{
	uint16_t *head = head_of(state, entry->word), number = state->free;

	if (number) {
		state->free = state->entries[number - 1].next;
	} else if (state->entry_count < SIM_RACE_ENTRIES) {
		number = ++state->entry_count;
	} else {
		state->full |= SIM_RACE_FULL_ENTRIES;
		return;
	}
	state->entries[number - 1] = *entry;
	state->entries[number - 1].next = *head;
	*head = number;
}

/* One word of an access. */
static void touch(struct sim_race_state *state, const struct sim_race_entry *now,
                  const struct sim_race_access *access, sim_race_found *found, void *user)
{
	uint16_t *link = head_of(state, now->word);
	bool known = false;

	while (*link) {
		const struct sim_race_entry *entry = &state->entries[*link - 1];
		bool before;

		if (entry->word != now->word || !(entry->bytes & now->bytes)) {
			link = &state->entries[*link - 1].next;
			continue;
		}
		before = is_before(state, entry, now->context);
		if (!before && conflict(entry->kind, now->kind))
			found(user, entry, access);
		if (entry->context == now->context && entry->epoch == now->epoch &&
		    (entry->bytes & now->bytes) == now->bytes && at_least(entry->kind, now->kind)) {
			known = true;
		} else if (before && !(entry->bytes & ~now->bytes) &&
		           at_least(now->kind, entry->kind)) {
			link = drop(state, link);
			continue;
		}
		link = &state->entries[*link - 1].next;
	}
	if (!known)
		insert(state, now);
}

void sim_race_access(struct sim_race_state *state, const struct sim_race_access *access,
                     sim_race_found *found, void *user)
{
	struct sim_race_entry now = {.pc = access->pc,
	                             .epoch = state->clocks[access->context].at[access->context],
	                             .context = access->context,
	                             .kind = access->kind,
	                             .note = access->note};
	uint64_t end = access->address + access->size;

	for (uint64_t at = access->address; at < end; at = (at | 7) + 1) {
		unsigned first = at & 7,
		         count = (unsigned)(end - at < 8 - first ? end - at : 8 - first);

		now.word = (uint32_t)(at >> 3);
		now.bytes = (uint8_t)(((1u << count) - 1) << first);
		touch(state, &now, access, found, user);
	}
}

void sim_race_forget(struct sim_race_state *state, uint64_t address, uint64_t size)
{
	uint32_t first = (uint32_t)(address >> 3), last = (uint32_t)((address + size - 1) >> 3);

	for (unsigned i = 0; size && i < SIM_RACE_HEADS; i++) {
		uint16_t *link = &state->heads[i];

		while (*link) {
			struct sim_race_entry *entry = &state->entries[*link - 1];

			link = entry->word >= first && entry->word <= last ? drop(state, link)
			                                                   : &entry->next;
		}
	}
}

static size_t head_size(const struct sim_race_state *state)
{
	return offsetof(struct sim_race_state, syncs) + state->sync_count * sizeof state->syncs[0];
}

size_t sim_race_save(const struct sim_race_state *state, uint8_t *bytes)
{
	size_t head = head_size(state), entries = state->entry_count * sizeof state->entries[0];

	memcpy(bytes, state, head);
	memcpy(bytes + head, state->entries, entries);
	return head + entries;
}

size_t sim_race_load_bytes(struct sim_race_state *state, const uint8_t *bytes)
{
	size_t head, entries;

	memcpy(state, bytes, offsetof(struct sim_race_state, syncs));
	head = head_size(state);
	entries = state->entry_count * sizeof state->entries[0];
	memcpy(state->syncs, bytes + offsetof(struct sim_race_state, syncs),
	       head - offsetof(struct sim_race_state, syncs));
	memcpy(state->entries, bytes + head, entries);
	return head + entries;
}
