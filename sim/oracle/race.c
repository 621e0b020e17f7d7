/* SPDX-License-Identifier: MIT */
/*
 * Races: what the world promises about order goes into the clocks, what the
 * mediator does to memory into the shadow.
 *
 * Everything before a schedule comes before it, everything after it behind it.
 */
#include "sim/oracle/race.h"

#include <string.h>

#include "sim/explore/hash.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

/* What orders: the kind above a number. */
enum key_kind {
	KEY_LOCK = 1,
	KEY_ATOMIC,
	KEY_WORK,
	KEY_TIMER,
	KEY_VM_MADE,  /* released when it is created, acquired by all that is done for it */
	KEY_VM_QUIET, /* released by its calls, acquired by its end */
	KEY_LABEL,    /* a step of the scenario that others come after */
};

static uint64_t key_of(enum key_kind kind, uint64_t number)
{
	return (uint64_t)kind << 56 | number;
}

/* A number is taken again once its lock is gone: the name is part of it. */
static uint64_t lock_key(const struct world_event *event)
{
	uint64_t name = sim_hash_bytes(SIM_HASH_SEED, event->object.class_name,
	                               strlen(event->object.class_name));

	return key_of(KEY_LOCK, (uint64_t)event->number << 40 ^
	                                (sim_hash_word(name, event->object.owner.v) >> 24));
}

bool sim_race_watches(const struct sim_run *run)
{
	return run->levels->level[SIM_ORACLE_RACE] != SIM_ORACLE_OFF &&
	       world_sees_accesses(run->world);
}

size_t sim_race_run_save(const struct sim_run *run, uint8_t *bytes)
{
	const struct sim_race_run *own = &run->race.run;
	size_t head = offsetof(struct sim_race_run, state);

	if (!sim_race_watches(run))
		return 0;
	memcpy(bytes, own, head);
	return head + sim_race_save(&own->state, bytes + head);
}

size_t sim_race_run_load(struct sim_run *run, const uint8_t *bytes)
{
	struct sim_race_run *own = &run->race.run;
	size_t head = offsetof(struct sim_race_run, state);

	if (!sim_race_watches(run))
		return 0;
	memcpy(own, bytes, head);
	return head + sim_race_load_bytes(&own->state, bytes + head);
}

static void begin(struct sim_run *run)
{
	memset(&run->race.run, 0, offsetof(struct sim_race_run, state));
	run->race.run.begun = true;
	sim_race_begin(&run->race.run.state);
}

/* The bit of a lock in the sets; 0 if there are too many: no set is known from then on. */
static uint64_t lock_bit(struct sim_race *race, const struct world_object *object)
{
	unsigned i = 0;

	while (i < race->lock_count &&
	       !(strcmp(race->locks[i].class_name, object->class_name) == 0 &&
	         ffa_id_equal(race->locks[i].owner, object->owner)))
		i++;
	race->locks_full |= i == SIM_RACE_LOCKS;
	if (i == SIM_RACE_LOCKS)
		return 0;
	if (i == race->lock_count)
		race->locks[race->lock_count++] = *object;
	return 1ull << i;
}

/* The number of a set of locks; SIM_RACE_HELD if there are too many of them. */
static uint8_t set_number(struct sim_race *race, uint64_t set)
{
	unsigned i = 0;

	if (race->locks_full)
		return SIM_RACE_UNKNOWN;
	while (i < race->set_count && race->sets[i] != set)
		i++;
	if (i == race->set_count && i < SIM_RACE_HELD)
		race->sets[race->set_count++] = set;
	return (uint8_t)i;
}

static const struct shim_sections *sections_of(const struct sim_run *run)
{
	return &run->world->link->map.control->sections;
}

uint64_t sim_race_to_state(const struct sim_run *run, uint64_t address)
{
	const struct shim_sections *sections = sections_of(run);

	if (address - sections->address < sections->size)
		return SHIM_STATE_BASE + SHIM_SECTION_OFFSET + (address - sections->address);
	if (address - SHIM_STATE_BASE < SHIM_STATE_SIZE ||
	    address - SHIM_MEMORY_BASE < SHIM_MEMORY_SIZE)
		return address;
	return 0;
}

/* The bytes of an access that lie in a word, a bit each. */
static unsigned bytes_in_word(const struct sim_race_access *access, uint64_t word)
{
	uint64_t start = MAX(access->address, word),
	         end = MIN(access->address + access->size, word + 8);

	return ((1u << (end - start)) - 1) << (start - word);
}

/*
 * The context with the lower number comes first, and of the bytes only those of both, so that a
 * race has one text in either order.
 */
static void on_race(void *user, const struct sim_race_entry *earlier,
                    const struct sim_race_access *now)
{
	struct sim_run *run = user;
	const struct sim_race *race = &run->race;
	struct sim_race_side a = {earlier->context, earlier->kind, earlier->note, earlier->pc};
	struct sim_race_side b = {now->context, now->kind, now->note, now->pc};
	const struct sim_race_side *first = a.context < b.context ? &a : &b;
	const struct sim_race_side *second = first == &a ? &b : &a;
	uint64_t word = (uint64_t)earlier->word << 3;
	unsigned bytes = earlier->bytes & bytes_in_word(now, word);

	/* what ordered the two may be what there was no room for */
	if (race->run.state.full & SIM_RACE_FULL_SYNCS)
		return;
	/* the way to a state that others lead to as well; see sim_race_key() */
	if (race->states && !race->exact &&
	    earlier->epoch < race->run.state.marks[earlier->context])
		return;
	sim_race_tell(run, word + (uint64_t)__builtin_ctz(bytes),
	              (uint64_t)__builtin_popcount(bytes), first, second);
}

/* Each limit once an execution. */
static void tell_limits(struct sim_run *run)
{
	static const struct {
		uint16_t bit;
		enum sim_limit limit;
	} limits[] = {{SIM_RACE_FULL_SYNCS, SIM_LIMIT_RACE_SYNCS},
	              {SIM_RACE_FULL_ENTRIES, SIM_LIMIT_RACE_ENTRIES},
	              {SIM_RACE_FULL_EPOCHS, SIM_LIMIT_RACE_EPOCHS}};
	struct sim_race_run *own = &run->race.run;

	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
		if (own->state.full & ~own->full_told & limits[i].bit)
			sim_run_unjudged(run, limits[i].limit);
	own->full_told = own->state.full;
}

/* What an atomic operation orders; a volatile access is as good as a relaxed one. */
static void synchronise(struct sim_run *run, const struct world_event *event, uint64_t address)
{
	struct sim_race_state *state = &run->race.run.state;
	uint64_t key = key_of(KEY_ATOMIC, address);
	int order = event->access.order;
	bool loads = event->access.kind == SHIM_ACCESS_LOAD;

	switch (event->access.kind) {
	case SHIM_ACCESS_FENCE:
		sim_race_fence(state, event->context, order);
		break;
	case SHIM_ACCESS_LOAD:
		sim_race_load(state, event->context, key, order);
		break;
	case SHIM_ACCESS_STORE:
		sim_race_store(state, event->context, key, order);
		break;
	default:
		sim_race_exchange(state, event->context, key, order);
	}
	if (event->access.kind != SHIM_ACCESS_FENCE && run->race.uses)
		sim_race_note_use(run->race.uses, event->context, key,
		                  event->access.kind != SHIM_ACCESS_STORE, !loads, order);
	if (run->race.points & SHIM_MASK(ATOMIC) && sim_race_releases(order) && !loads)
		sim_race_mark(state, event->context);
}

/* Every access runs through here. */
static void on_access(struct sim_run *run, const struct world_event *event)
{
	struct sim_race_run *own = &run->race.run;
	struct sim_race_access access = {
	        .address = sim_race_to_state(run, event->arg[0]),
	        .size = event->arg[1],
	        .pc = (uint32_t)(event->access.pc - sections_of(run)->address),
	        .context = (uint8_t)event->context,
	        .kind = (uint8_t)((event->result ? SIM_RACE_WRITE : 0) |
	                          (event->access.is_atomic ? SIM_RACE_ATOMIC : 0)),
	};

	if (event->access.kind == SHIM_ACCESS_FENCE) {
		synchronise(run, event, 0);
		return;
	}
	if (!access.address)
		return;
	access.note = set_number(&run->race, own->held[event->context]);
	sim_race_access(&own->state, &access, on_race, run);
	/* a page is data, however it is read: only variables tell others something */
	if (event->access.is_atomic && access.address < SHIM_MEMORY_BASE)
		synchronise(run, event, access.address);
}

/* The step that the context has under way, NULL if it is none of a thread. */
static const struct sim_thread *thread_of(const struct sim_run *run, uint32_t context)
{
	return context < run->scenario->thread_count ? &run->scenario->threads[context] : NULL;
}

/* Steps that come after others, this one or one before it that makes no entry. */
static void acquire_labels(struct sim_run *run, uint32_t context)
{
	const struct sim_thread *thread = thread_of(run, context);

	for (unsigned i = 0;
	     thread && i <= run->state.actors[context].step && i < thread->step_count; i++)
		for (uint64_t left = thread->steps[i].after; left; left &= left - 1)
			sim_race_acquire(&run->race.run.state, context,
			                 key_of(KEY_LABEL, (uint64_t)__builtin_ctzll(left)));
}

/* At its end, whether it made an entry or not; what it came after is handed on. */
static void on_step(struct sim_run *run, const struct sim_step *step, const struct ffa_regs *answer)
{
	(void)answer;
	if (!run->race.run.begun || step->label < 0)
		return;
	acquire_labels(run, step->thread);
	sim_race_release(&run->race.run.state, step->thread,
	                 key_of(KEY_LABEL, (uint64_t)step->label), false);
}

static void on_enter(struct sim_run *run, const struct world_event *event)
{
	struct sim_race_state *state = &run->race.run.state;
	uint32_t context = event->context;

	switch (event->entry) {
	case SHIM_ENTRY_WORK:
		sim_race_acquire(state, context, key_of(KEY_WORK, event->arg[0]));
		break;
	case SHIM_ENTRY_TIMER:
		sim_race_acquire(state, context, key_of(KEY_TIMER, event->arg[0]));
		break;
	case SHIM_ENTRY_INTERRUPT:
		if (event->arg[1] != context)
			sim_race_order(state, (unsigned)event->arg[1], context);
		break;
	case SHIM_ENTRY_VM_CREATE:
	case SHIM_ENTRY_VM_DESTROY:
		sim_race_acquire(state, context, key_of(KEY_VM_QUIET, event->vm));
		sim_race_acquire(state, context, key_of(KEY_VM_MADE, event->vm));
		break;
	case SHIM_ENTRY_GUEST_CALL:
	case SHIM_ENTRY_VCPU_ON:
	case SHIM_ENTRY_VCPU_OFF:
		sim_race_acquire(state, context, key_of(KEY_VM_MADE, event->vm));
		break;
	default:
		break;
	}
	acquire_labels(run, context);
}

static void on_leave(struct sim_run *run, const struct world_event *event)
{
	struct sim_race_state *state = &run->race.run.state;
	uint32_t context = event->context;

	switch (event->entry) {
	case SHIM_ENTRY_WORK:
		/* a work item never overlaps itself */
		sim_race_release(state, context, key_of(KEY_WORK, event->arg[0]), false);
		break;
	case SHIM_ENTRY_INTERRUPT:
		if (event->arg[1] != context)
			sim_race_order(state, context, (unsigned)event->arg[1]);
		break;
	case SHIM_ENTRY_VM_CREATE:
		sim_race_release(state, context, key_of(KEY_VM_MADE, event->vm), true);
		break;
	case SHIM_ENTRY_GUEST_CALL:
		sim_race_release(state, context, key_of(KEY_VM_QUIET, event->vm), false);
		break;
	default:
		break;
	}
}

static void on_lock(struct sim_run *run, const struct world_event *event, bool taken)
{
	struct sim_race *race = &run->race;
	uint64_t bit = lock_bit(race, &event->object);

	if (taken) {
		race->run.held[event->context] |= bit;
		sim_race_acquire(&race->run.state, event->context, lock_key(event));
	} else {
		race->run.held[event->context] &= ~bit;
		sim_race_release(&race->run.state, event->context, lock_key(event), true);
		if (race->points & SHIM_MASK(UNLOCK))
			sim_race_mark(&race->run.state, event->context);
	}
}

/* Another life of the memory begins; who gets it comes after who gave it back. */
static void on_new_memory(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_ALLOCATED)
		sim_race_forget(&run->race.run.state,
		                SHIM_STATE_BASE + SHIM_HEAP_OFFSET + event->arg[0], event->arg[1]);
	else
		sim_race_forget(&run->race.run.state,
		                (uint64_t)event->result - SHIM_PHYSICAL_BASE + SHIM_MEMORY_BASE,
		                SHIM_PAGE);
}

static void follow(struct sim_run *run, const struct world_event *event)
{
	struct sim_race_state *state = &run->race.run.state;

	switch (event->kind) {
	case WORLD_EVENT_ACCESS:
		on_access(run, event);
		break;
	case WORLD_EVENT_LOCK:
	case WORLD_EVENT_UNLOCK:
		on_lock(run, event, event->kind == WORLD_EVENT_LOCK);
		break;
	case WORLD_EVENT_ENTER:
		on_enter(run, event);
		break;
	case WORLD_EVENT_LEAVE:
		on_leave(run, event);
		break;
	case WORLD_EVENT_VM_GONE:
		sim_race_release(state, event->context, key_of(KEY_VM_QUIET, event->vm), false);
		break;
	case WORLD_EVENT_DEFER:
		sim_race_release(state, event->context, key_of(KEY_WORK, event->arg[0]), false);
		break;
	case WORLD_EVENT_TIMER_SET:
		sim_race_release(state, event->context, key_of(KEY_TIMER, event->arg[0]), true);
		break;
	case WORLD_EVENT_ALLOCATED:
	case WORLD_EVENT_PAGE_ALLOC:
		on_new_memory(run, event);
		break;
	default:
		break;
	}
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	const struct sim_race_run *own = &run->race.run;

	if (event->kind == WORLD_EVENT_ENTER && event->entry == SHIM_ENTRY_BOOT)
		run->race.run.begun = false;
	if (!own->begun)
		return;
	follow(run, event);
	/* where accesses are not seen nothing is left out, and exploring restores no clocks */
	if (own->state.full != own->full_told && sim_race_watches(run))
		tell_limits(run);
}

const struct sim_oracle sim_oracle_race = {
        .name = "race",
        .says = "two accesses to one byte, one of them a write and not both atomic, have an order",
        .needs = "an instrumented build of the subject (--build O2 or O0); of a plain one it sees "
                 "nothing",
        .source = "ISO C11 5.1.2.4 and 7.17; facts concurrency.md sections 1 and 3",
        .explanation =
                "What orders two accesses of different contexts: locks of the platform; a release\n"
                "that an acquire reads (C11 atomics, with the orders that the code asks for, and\n"
                "fences); work and timers come after who asked for them; a VM's calls come after\n"
                "its creation and before its end; an interrupt is part of the context it came upon.\n"
                "A relaxed or volatile access orders nothing, and neither does an SMC. Execution\n"
                "itself is sequentially consistent; the orders count here all the same.\n",
        .level = SIM_ORACLE_ERROR,
        .accesses = true,
        .begin = begin,
        .event = check_event,
        .step = on_step,
        .rest = begin,
};
