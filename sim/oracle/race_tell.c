/* SPDX-License-Identifier: MIT */
/* What is told of a race: the variable, both places, and the locks held there. */
#include <string.h>

#include "sim/cause.h"
#include "sim/explore/hash.h"
#include "sim/run.h"

static const struct shim_sections *sections_of(const struct sim_run *run)
{
	return &run->world->link->map.control->sections;
}

/* By the oracle "memory", which knows what is allocated. */
static char *name_of_allocation(const struct sim_run *run, uint32_t offset)
{
	const struct sim_memory_state *memory = &run->state.oracles.memory;

	for (unsigned i = 0; i < memory->count; i++) {
		const struct sim_allocation *at = &memory->allocations[i];

		if (offset - at->offset < at->size)
			return g_strdup_printf("allocation of %u bytes+0x%x", at->size,
			                       offset - at->offset);
	}
	return g_strdup_printf("heap+0x%x", offset);
}

/* A name without addresses of this machine: of a variable, or of a place in the shared memory. */
static char *name_of_memory(struct sim_run *run, uint64_t address)
{
	uint64_t heap = SHIM_STATE_BASE + SHIM_HEAP_OFFSET,
	         stack = SHIM_STATE_BASE + SHIM_STACK_OFFSET;
	g_autofree char *page = NULL;

	if (address - heap < SHIM_HEAP_SIZE)
		return name_of_allocation(run, (uint32_t)(address - heap));
	if (address - stack < SHIM_MAX_CONTEXTS * SHIM_STACK_SIZE)
		return g_strdup_printf(
		        "the stack of %s",
		        sim_actor_name(run, (uint32_t)((address - stack) / SHIM_STACK_SIZE)));
	if (address - SHIM_MEMORY_BASE >= SHIM_MEMORY_SIZE)
		return g_strdup("memory");
	page = sim_page_name(run->scenario, (unsigned)((address - SHIM_MEMORY_BASE) / SHIM_PAGE));
	return g_strdup_printf("%s+0x%x", page, (unsigned)(address % SHIM_PAGE));
}

static char *name_of_state(struct sim_run *run, uint64_t address)
{
	uint64_t section = address - (SHIM_STATE_BASE + SHIM_SECTION_OFFSET);
	char *name = NULL;

	if (section >= SHIM_SECTION_MAX)
		return name_of_memory(run, address);
	name = sim_symbols_variable(run->race.symbols, sections_of(run)->address + section);
	return name ? name : g_strdup_printf("sections+0x%x", (unsigned)section);
}

const char *sim_race_place(struct sim_run *run, uint64_t pc)
{
	if (!run->race.symbols)
		run->race.symbols = sim_symbols_new(run->world->link);
	return sim_symbols_place(run->race.symbols, pc);
}

char *sim_race_memory_name(struct sim_run *run, uint64_t address)
{
	uint64_t state = sim_race_to_state(run, address);
	char *name;

	if (!run->race.symbols)
		run->race.symbols = sim_symbols_new(run->world->link);
	name = state ? name_of_state(run, state) : sim_symbols_variable(run->race.symbols, address);
	return name ? name : g_strdup("memory");
}

static void append_side(struct sim_run *run, const struct sim_race_side *side, GString *out)
{
	/* kept as the distance from the sections, which fits whatever is loaded where */
	uint64_t pc = sections_of(run)->address + (uint64_t)(int64_t)(int32_t)side->pc;

	g_string_append_printf(out, "%s %s%s at %s", sim_actor_name(run, side->context),
	                       side->kind & SIM_RACE_WRITE ? "writes" : "reads",
	                       side->kind & SIM_RACE_ATOMIC ? " atomically" : "",
	                       sim_symbols_place(run->race.symbols, pc));
}

static void append_held(struct sim_run *run, const struct sim_race_side *side, GString *out)
{
	const struct sim_race *race = &run->race;
	uint64_t set = side->note < SIM_RACE_HELD ? race->sets[side->note] : 0;
	char name[64];

	g_string_append_printf(out, "%s held", sim_actor_name(run, side->context));
	if (side->note == SIM_RACE_UNKNOWN)
		g_string_append(out, " what is not known with more locks than SIM_RACE_LOCKS");
	else if (side->note == SIM_RACE_HELD)
		g_string_append(out, " one set of locks more than SIM_RACE_HELD");
	else if (!set)
		g_string_append(out, " nothing");
	for (uint64_t left = set; left; left &= left - 1)
		g_string_append_printf(out, "%s %s", left == set ? "" : " and",
		                       sim_object_name(run->scenario,
		                                       &race->locks[__builtin_ctzll(left)], name,
		                                       sizeof name));
}

/* A pair of places once an execution: an access has several words, a loop many. Notes it. */
static bool is_told(struct sim_run *run, uint64_t pair)
{
	struct sim_race_run *own = &run->race.run;

	for (unsigned i = 0; i < own->told_count; i++)
		if (own->told[i] == pair)
			return true;
	if (own->told_count == G_N_ELEMENTS(own->told)) {
		if (!own->reports_told)
			sim_run_unjudged(run, SIM_LIMIT_RACE_REPORTS);
		own->reports_told = true;
		return true;
	}
	own->told[own->told_count++] = pair;
	return false;
}

/* "(FUNCTION)" of a place, or what is known of it. */
static const char *function_of(struct sim_run *run, const struct sim_race_side *side)
{
	uint64_t pc = sections_of(run)->address + (uint64_t)(int64_t)(int32_t)side->pc;
	const char *place = sim_symbols_place(run->race.symbols, pc), *at = strrchr(place, '(');

	return at ? at : place;
}

static unsigned count_held(const struct sim_run *run, const struct sim_race_side *side)
{
	const struct sim_race *race = &run->race;

	return side->note < SIM_RACE_HELD ? (unsigned)__builtin_popcountll(race->sets[side->note])
	                                  : SIM_RACE_LOCKS;
}

/*
 * The object and the function that takes too few locks for it, whichever byte it is and whatever it
 * races with; both functions if neither holds fewer than the other.
 */
static char *cause_of(struct sim_run *run, const char *object, const struct sim_race_side *first,
                      const struct sim_race_side *second)
{
	unsigned of_first = count_held(run, first), of_second = count_held(run, second);
	const char *a = function_of(run, first), *b = function_of(run, second);
	g_autofree char *name = g_strndup(object, strcspn(object, "+"));
	g_autofree char *normal = sim_cause_normalise(run->scenario, name);
	GString *text = g_string_new(normal);

	if (of_first != of_second)
		g_string_append(text, of_first < of_second ? a : b);
	else
		g_string_append_printf(text, "%s%s", strcmp(a, b) < 0 ? a : b,
		                       strcmp(a, b) < 0 ? b : a);
	return g_string_free(text, FALSE);
}

void sim_race_tell(struct sim_run *run, uint64_t address, uint64_t size,
                   const struct sim_race_side *first, const struct sim_race_side *second)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *what = NULL;
	struct sim_finding *finding;

	if (is_told(run, (uint64_t)first->pc << 32 | second->pc))
		return;
	if (!run->race.symbols)
		run->race.symbols = sim_symbols_new(run->world->link);
	append_side(run, first, text);
	g_string_append(text, ", ");
	append_side(run, second, text);
	g_string_append(text, ", no order between them; ");
	append_held(run, first, text);
	g_string_append(text, ", ");
	append_held(run, second, text);
	/* one line of source may be several instructions */
	if (is_told(run, 1 | sim_hash_bytes(SIM_HASH_SEED, text->str, text->len)))
		return;
	what = name_of_state(run, address);
	finding = sim_run_oracle(run, SIM_ORACLE_RACE, SIM_VERDICT_FAIL,
	                         "race on %s (%" G_GUINT64_FORMAT " byte%s): %s", what, size,
	                         size == 1 ? "" : "s", text->str);
	if (!finding)
		return;
	g_free(finding->cause);
	finding->cause = cause_of(run, what, first, second);
}
