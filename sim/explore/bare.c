/* SPDX-License-Identifier: MIT */
#include "sim/explore/bare.h"

#include <string.h>

#include "sim/explore/await.h"
#include "sim/explore/hash.h"
#include "sim/explore/random.h"
#include "sim/scenario/scenario.h"

#define WARM_UP_RUNS  500u
#define WARM_UP_STEPS 4096u

/* Names of what is no memory of the subject, as addresses of operations. */
#define LOCK_NAMES (1ull << 62)
#define HEAP_NAME  (1ull << 63)

#define CHECK_CONTEXT SIM_BARE_CONTEXTS

/* Of a context, what a snapshot keeps beside its stack: the parts of its slot that change. */
struct kept {
	const uint8_t *at; /* where the brain sees what it waits for */
	uint64_t sp;
	uint64_t pc;
	uint32_t state; /* enum shim_slot_state */
	uint32_t point;
	uint32_t access;
} __attribute__((packed, aligned(1)));

struct head {
	uint32_t enabled;
	uint32_t unfinished;
	uint32_t waiting; /* contexts whose operation may have to wait */
	uint32_t failed;
};

struct sim_bare {
	struct sim_explore_system system; /* first: the class casts */
	struct shim_link *link;
	struct sim_bare_options options;
	struct head head; /* waiting only; the others are the system's while it runs */
	const uint8_t *at[SIM_BARE_CONTEXTS]; /* where what it waits for lies, if it may have to */
	struct sim_await learned;
	struct sim_await await; /* frozen: what was learned, once all is */
	bool used;              /* there may be remains of other searches where no stack is live */
	uint32_t running;       /* in a run: the context that was resumed last */
	struct sim_explore_picker picker;
	uint32_t unread; /* in a run: contexts that do not wait and whose op was not asked for */
	uint8_t *scratch;
};

_Static_assert(SIM_EXPLORE_NONE == SHIM_NO_CONTEXT, "what is picked is handed on");

static struct sim_bare *bare_of(struct sim_explore_system *system)
{
	return (struct sim_bare *)system;
}

static inline uint64_t value_at(const uint8_t *at, uint32_t size)
{
	uint64_t value = 0;

	if (!at)
		return 0;
	switch (size) {
	case 1:
		return *at;
	case 2:
		memcpy(&value, at, 2);
		return value;
	case 4:
		memcpy(&value, at, 4);
		return value;
	case 8:
		memcpy(&value, at, 8);
		return value;
	default:
		return 0;
	}
}

/* When an operation that spins has to wait, by what it does. */
static enum sim_explore_wait wait_of(uint32_t access)
{
	switch ((enum shim_access)access) {
	case SHIM_ACCESS_EXCHANGE:
		return SIM_EXPLORE_WAIT_EQUAL;
	case SHIM_ACCESS_COMPARE:
		return SIM_EXPLORE_WAIT_DIFFERS;
	case SHIM_ACCESS_OR:
		return SIM_EXPLORE_WAIT_ALL_SET;
	case SHIM_ACCESS_AND:
		return SIM_EXPLORE_WAIT_NONE_SET;
	default:
		return SIM_EXPLORE_WAIT_NEVER;
	}
}

/* The other fields are never anything but 0 here. */
static inline void set_op(struct sim_explore_op *op, uint64_t address, uint64_t operand,
                          uint32_t size, bool write)
{
	op->address = address;
	op->operand = operand;
	op->size = size;
	op->wait = SIM_EXPLORE_WAIT_NEVER;
	op->write = write;
}

static inline uint32_t access_of(const struct shim_slot *slot)
{
	return slot->point == SHIM_POINT_ATOMIC ? slot->access : SHIM_ACCESS_LOAD;
}

static inline struct shim_slot *slot_of(const struct sim_bare *bare, unsigned c)
{
	return shim_slot(&bare->link->map, c);
}

/* An operation of the context waits if its place was found to spin. */
static inline void apply_awaits(struct sim_bare *bare, unsigned c, const struct shim_slot *slot)
{
	uint32_t access = access_of(slot);
	struct sim_explore_op *op = &bare->system.op[c];

	if (access < SHIM_ACCESS_EXCHANGE || op->size > 8 || !sim_await_is(&bare->await, slot->pc))
		return;
	op->wait = (uint8_t)wait_of(access);
	if (!op->wait)
		return;
	bare->at[c] = shim_link_at(bare->link, op->address, op->size);
	bare->head.waiting |= 1u << c;
}

static inline void read_access(struct sim_bare *bare, unsigned c, const struct shim_slot *slot)
{
	set_op(&bare->system.op[c], slot->arg[0], slot->arg[3], (uint32_t)slot->arg[1],
	       slot->arg[2] != 0);
	apply_awaits(bare, c, slot);
}

static void read_lock(struct sim_bare *bare, unsigned c, const struct shim_slot *slot)
{
	const struct shim_object *object = &shim_core(&bare->link->map)->objects[slot->object - 1];
	bool waits = slot->point == SHIM_POINT_LOCK && object->holder != c + 1;

	bare->at[c] = &object->holder;
	set_op(&bare->system.op[c], LOCK_NAMES + slot->object, 0, 1, true);
	if (!waits)
		return;
	bare->system.op[c].wait = SIM_EXPLORE_WAIT_DIFFERS;
	bare->head.waiting |= 1u << c;
}

static inline void read_op(struct sim_bare *bare, unsigned c, const struct shim_slot *slot)
{
	switch (slot->point) {
	case SHIM_POINT_ATOMIC:
	case SHIM_POINT_LOAD:
	case SHIM_POINT_STORE:
		read_access(bare, c, slot);
		break;
	case SHIM_POINT_LOCK:
	case SHIM_POINT_TRYLOCK:
	case SHIM_POINT_UNLOCK:
		read_lock(bare, c, slot);
		break;
	default:
		set_op(&bare->system.op[c], HEAP_NAME, 0, 1, true);
	}
}

static inline bool never_waits(const struct shim_slot *slot)
{
	return slot->point - SHIM_POINT_ATOMIC <= SHIM_POINT_STORE - SHIM_POINT_ATOMIC &&
	       slot->access < SHIM_ACCESS_EXCHANGE;
}

_Static_assert(SHIM_POINT_ATOMIC + 1 == SHIM_POINT_LOAD && SHIM_POINT_LOAD + 1 == SHIM_POINT_STORE,
               "the accesses are points in a row");

/* Context c has stopped: what it does next, or that it has come to its end. */
static inline void arrive(struct sim_bare *bare, unsigned c, bool reads_op)
{
	const struct shim_slot *slot = slot_of(bare, c);
	uint32_t bit = 1u << c;

	bare->head.waiting &= ~bit;
	if (slot->state == SHIM_SLOT_STOPPED) {
		if (!reads_op && never_waits(slot))
			bare->unread |= bit;
		else
			read_op(bare, c, slot);
	} else if (slot->state == SHIM_SLOT_DONE) {
		bare->system.unfinished &= ~bit;
	} else {
		bare->system.failed = true;
		sim_explore_note(&bare->system, SIM_BARE_CRASH);
	}
}

static inline void refresh(struct sim_bare *bare)
{
	struct sim_explore_system *system = &bare->system;
	uint32_t enabled = system->failed ? 0 : system->unfinished;

	for (uint32_t left = enabled & bare->head.waiting; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);
		const struct sim_explore_op *op = &system->op[c];

		if (sim_explore_waits(op, value_at(bare->at[c], op->size)))
			enabled &= ~(1u << c);
	}
	system->enabled = enabled;
}

/*
 * An inline subject is resumed without the link: each function between the search and the switch
 * costs a return that the processor does not expect. It has no events to hand out.
 */
static inline bool resume_subject(struct sim_bare *bare, unsigned c, uint64_t mask)
{
	struct shim_link *link = bare->link;

	if (!link->subject)
		return shim_link_resume(link, c, mask) == 0;
	link->map.control->mask = mask;
	link->subject->resume(c);
	return true;
}

static inline void resume(struct sim_bare *bare, unsigned c)
{
	if (resume_subject(bare, c, bare->options.mask))
		arrive(bare, c, true);
	else
		bare->system.lost = bare->system.failed = true;
	refresh(bare);
}

/* What the operation of c would find; 0 where there is no memory. */
static uint64_t found_by(const struct sim_bare *bare, unsigned c)
{
	const struct sim_explore_op *op = &bare->system.op[c];
	bool named = op->address >= LOCK_NAMES && op->address < HEAP_NAME;

	return value_at(named ? bare->at[c] : shim_link_at(bare->link, op->address, op->size),
	                op->size);
}

static void bare_step(struct sim_explore_system *system, unsigned c)
{
	struct sim_bare *bare = bare_of(system);

	system->done = system->op[c];
	system->done.before = found_by(bare, c);
	resume(bare, c);
}

/* On the stack of context c, which has stopped. */
static uint32_t next_context(void *user, uint32_t c)
{
	struct sim_bare *bare = user;

	bare->unread &= ~(1u << c);
	arrive(bare, c, bare->picker.reads_op);
	refresh(bare);
	return bare->running = bare->picker.pick(bare->picker.user);
}

/* Of an inline subject: from context to context, without a way over the brain's stack. */
static void bare_run(struct sim_explore_system *system, const struct sim_explore_picker *picker)
{
	struct sim_bare *bare = bare_of(system);

	bare->used = true;
	bare->picker = *picker;
	bare->unread = 0;
	bare->running = picker->pick(picker->user);
	bare->link->map.control->mask = bare->options.mask;
	while (bare->running != SIM_EXPLORE_NONE) {
		bare->link->subject->run(bare->running, next_context, bare);
		if (bare->running != SIM_EXPLORE_NONE)
			next_context(bare, bare->running);
	}
	for (uint32_t left = bare->unread & system->unfinished; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);

		read_op(bare, c, slot_of(bare, c));
	}
}

/* A snapshot: the head, what is kept of the contexts, then what is hashed. */
static size_t hashed_at(const struct sim_bare *bare)
{
	return sizeof(struct head) +
	       bare->options.count * (sizeof(struct kept) + sizeof(struct sim_explore_op));
}

static inline uint8_t *put(uint8_t *at, const void *from, size_t size)
{
	memcpy(at, from, size);
	return at + size;
}

static inline const uint8_t *get(const uint8_t *at, void *to, size_t size)
{
	memcpy(to, at, size);
	return at + size;
}

static size_t core_size(const struct shim_core *core)
{
	return offsetof(struct shim_core, objects) + core->object_top * sizeof core->objects[0];
}

static uint64_t stack_top(unsigned c)
{
	return SHIM_STATE_BASE + SHIM_STACK_OFFSET + (uint64_t)(c + 1) * SHIM_STACK_SIZE;
}

/* Field by field: what was just written in small pieces is slow to read in a large one. */
static inline uint8_t *put_slots(const struct sim_bare *bare, uint8_t *at)
{
	for (unsigned c = 0; c < bare->options.count; c++, at += sizeof(struct kept)) {
		const struct shim_slot *slot = slot_of(bare, c);
		struct kept *kept = (struct kept *)at;

		kept->at = bare->at[c];
		kept->sp = slot->sp;
		kept->pc = slot->pc;
		kept->state = slot->state;
		kept->point = slot->point;
		kept->access = slot->access;
	}
	return at;
}

static inline const uint8_t *get_slots(struct sim_bare *bare, const uint8_t *at)
{
	for (unsigned c = 0; c < bare->options.count; c++, at += sizeof(struct kept)) {
		const struct kept *kept = (const struct kept *)at;
		struct shim_slot *slot = slot_of(bare, c);

		bare->at[c] = kept->at;
		slot->sp = kept->sp;
		slot->pc = kept->pc;
		slot->state = kept->state;
		slot->point = kept->point;
		slot->access = kept->access;
	}
	return at;
}

/*
 * Bytes of a frame that its function does not write are what was there before. After a run that is
 * what the brain left, and would make two states of one.
 */
static void clear_dead_stacks(struct sim_bare *bare)
{
	for (unsigned c = 0; c < bare->options.count; c++) {
		uint64_t bottom = stack_top(c) - SHIM_STACK_SIZE + SHIM_PAGE;
		uint64_t sp = slot_of(bare, c)->sp;

		if (sp - bottom < SHIM_STACK_SIZE)
			memset(bare->link->map.state + (bottom - SHIM_STATE_BASE), 0, sp - bottom);
	}
	bare->used = false;
}

static size_t bare_save(struct sim_explore_system *system, uint8_t *bytes)
{
	struct sim_bare *bare = bare_of(system);
	const struct shim_link *link = bare->link;
	const struct shim_core *core = shim_core(&link->map);
	uint8_t *at = bytes;

	if (bare->used)
		clear_dead_stacks(bare);
	bare->head.enabled = system->enabled;
	bare->head.unfinished = system->unfinished;
	bare->head.failed = system->failed;
	at = put(at, &bare->head, sizeof bare->head);
	at = put_slots(bare, at);
	at = put(at, system->op, bare->options.count * sizeof system->op[0]);
	at = put(at, link->sections, link->sections_size);
	at = put(at, core, core_size(core));
	at = put(at, link->map.state + SHIM_HEAP_OFFSET, core->heap_top);
	for (uint32_t left = system->unfinished; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);
		uint64_t sp = slot_of(bare, c)->sp, size = stack_top(c) - sp;

		at = put(at, &size, sizeof size);
		if (size <= SHIM_STACK_SIZE)
			at = put(at, link->map.state + (sp - SHIM_STATE_BASE), size);
	}
	return (size_t)(at - bytes);
}

static void bare_load(struct sim_explore_system *system, const uint8_t *bytes)
{
	struct sim_bare *bare = bare_of(system);
	const struct shim_link *link = bare->link;
	struct shim_core *core = shim_core(&link->map);
	const uint8_t *at = bytes;

	at = get(at, &bare->head, sizeof bare->head);
	at = get_slots(bare, at);
	at = get(at, system->op, bare->options.count * sizeof system->op[0]);
	at = get(at, link->sections, link->sections_size);
	at = get(at, core, offsetof(struct shim_core, objects));
	at = get(at, core->objects, core->object_top * sizeof core->objects[0]);
	at = get(at, link->map.state + SHIM_HEAP_OFFSET, core->heap_top);
	system->enabled = bare->head.enabled;
	system->unfinished = bare->head.unfinished;
	system->failed = bare->head.failed;
	for (uint32_t left = system->unfinished; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);
		uint64_t sp = slot_of(bare, c)->sp, size;

		at = get(at, &size, sizeof size);
		if (size <= SHIM_STACK_SIZE)
			at = get(at, link->map.state + (sp - SHIM_STATE_BASE), size);
	}
}

static uint64_t bare_hash(struct sim_explore_system *system, const uint8_t *bytes, size_t size)
{
	size_t from = hashed_at(bare_of(system));

	return sim_hash_bytes(SIM_HASH_SEED ^ system->unfinished, bytes + from, size - from);
}

static void start(struct sim_bare *bare, unsigned c, enum shim_entry entry, uint64_t argument)
{
	struct shim_slot *slot = slot_of(bare, c);

	slot->state = SHIM_SLOT_READY;
	slot->entry = entry;
	slot->cpu = c;
	slot->entry_arg[0] = argument;
	/* a service there may be is an allocation, which works */
	slot->result = 1;
}

/* Runs an entry that must come to its end; false if it does not. */
static bool finish(struct sim_bare *bare, unsigned c)
{
	struct shim_slot *slot = slot_of(bare, c);

	do
		if (!resume_subject(bare, c, 0))
			return false;
	while (slot->state == SHIM_SLOT_STOPPED);
	return slot->state == SHIM_SLOT_DONE;
}

static void bare_judge(struct sim_explore_system *system)
{
	struct sim_bare *bare = bare_of(system);
	uint64_t answer = 0;

	if (system->unfinished) {
		answer = SIM_BARE_DEADLOCK;
	} else if (bare->options.check >= 0) {
		start(bare, CHECK_CONTEXT, SHIM_ENTRY_BARE, (uint64_t)bare->options.check);
		answer = SIM_BARE_CRASH;
		if (finish(bare, CHECK_CONTEXT))
			answer = slot_of(bare, CHECK_CONTEXT)->entry_result;
		if (answer > SIM_BARE_CRASH)
			answer = SIM_BARE_OTHER;
	}
	system->outcome = (uint32_t)answer;
	if (answer)
		sim_explore_note(system, (uint32_t)answer);
}

static void bare_endless(struct sim_explore_system *system, uint32_t contexts)
{
	(void)contexts;
	system->failed = true;
	system->enabled = 0;
	sim_explore_note(system, SIM_BARE_ENDLESS);
}

static const struct sim_explore_class bare_class = {.step = bare_step,
                                                    .save = bare_save,
                                                    .load = bare_load,
                                                    .hash = bare_hash,
                                                    .judge = bare_judge,
                                                    .endless = bare_endless};

static const struct sim_explore_class bare_inline_class = {.step = bare_step,
                                                           .run = bare_run,
                                                           .save = bare_save,
                                                           .load = bare_load,
                                                           .hash = bare_hash,
                                                           .judge = bare_judge,
                                                           .endless = bare_endless};

static uint64_t state_hash(struct sim_bare *bare)
{
	size_t size = bare_save(&bare->system, bare->scratch);

	return bare_hash(&bare->system, bare->scratch, size);
}

/* One step of a warm-up run, and what it tells about the place. */
static void learn_step(struct sim_bare *bare, unsigned c)
{
	const struct shim_slot *slot = slot_of(bare, c);
	uint64_t pc = slot->pc, hash;
	const uint8_t *at =
	        shim_link_at(bare->link, bare->system.op[c].address, bare->system.op[c].size);
	struct sim_await_site *site;

	if (access_of(slot) < SHIM_ACCESS_EXCHANGE) {
		bare_step(&bare->system, c);
		return;
	}
	hash = state_hash(bare);
	bare_step(&bare->system, c);
	if (value_at(at, bare->system.done.size) != bare->system.done.before)
		return;
	site = sim_await_note(&bare->learned, pc);
	if (!site)
		return;
	if (slot->pc != pc || !(bare->system.unfinished >> c & 1))
		site->goes_on = true;
	else if (state_hash(bare) == hash)
		site->spins = true;
}

static void learn(struct sim_bare *bare)
{
	struct sim_explore_system *system = &bare->system;
	g_autofree uint8_t *first = g_malloc(system->snapshot_max);
	struct sim_random random;

	bare_save(system, first);
	for (unsigned run = 0; run < WARM_UP_RUNS && !system->lost; run++) {
		sim_random_seed(&random, run, 0);
		bare_load(system, first);
		for (unsigned i = 0; system->enabled && i < WARM_UP_STEPS; i++) {
			uint32_t left = system->enabled;
			uint32_t n = sim_random_below(&random, (uint32_t)__builtin_popcount(left));

			while (n--)
				left &= left - 1;
			learn_step(bare, (unsigned)__builtin_ctz(left));
		}
	}
	sim_explore_drop_noted(system);
	bare_load(system, first);
}

static size_t largest_snapshot(const struct sim_bare *bare)
{
	return sizeof(struct head) + sizeof bare->system.op +
	       bare->options.count * sizeof(struct kept) + bare->link->sections_size +
	       sizeof(struct shim_core) + SHIM_HEAP_SIZE +
	       bare->options.count * (sizeof(uint64_t) + SHIM_STACK_SIZE);
}

static bool boot(struct sim_bare *bare, GError **error)
{
	start(bare, CHECK_CONTEXT, SHIM_ENTRY_BOOT, 0);
	if (finish(bare, CHECK_CONTEXT) && slot_of(bare, CHECK_CONTEXT)->entry_result == 0)
		return true;
	g_set_error(error, SIM_ERROR, SIM_ERROR_SUBJECT, "the subject does not boot%s%s",
	            bare->link->error[0] ? ": " : "", bare->link->error);
	return false;
}

/* Every context goes to its first point. */
static void start_contexts(struct sim_bare *bare)
{
	bare->system.failed = false;
	bare->system.unfinished = (1u << bare->options.count) - 1;
	bare->head.waiting = 0;
	for (unsigned c = 0; c < bare->options.count; c++) {
		start(bare, c, SHIM_ENTRY_BARE, bare->options.run[c]);
		resume(bare, c);
	}
}

static void learn_and_begin(struct sim_bare *bare)
{
	start_contexts(bare);
	learn(bare);
	bare->await = bare->learned;
	bare->used = true;
	for (uint32_t left = bare->system.unfinished; left; left &= left - 1) {
		unsigned c = (unsigned)__builtin_ctz(left);

		apply_awaits(bare, c, slot_of(bare, c));
	}
	refresh(bare);
}

struct sim_bare *sim_bare_new(struct shim_link *link, const struct sim_bare_options *options,
                              GError **error)
{
	struct sim_bare *bare = g_new0(struct sim_bare, 1);

	bare->link = link;
	bare->options = *options;
	bare->system.class = link->subject && link->subject->run ? &bare_inline_class : &bare_class;
	bare->system.count = options->count;
	bare->system.snapshot_max = largest_snapshot(bare);
	bare->scratch = g_malloc(bare->system.snapshot_max);
	link->map.control->events = 0;
	if (!boot(bare, error)) {
		sim_bare_free(bare);
		return NULL;
	}
	learn_and_begin(bare);
	return bare;
}

void sim_bare_free(struct sim_bare *bare)
{
	if (!bare)
		return;
	g_free(bare->scratch);
	g_free(bare);
}

struct sim_explore_system *sim_bare_system(struct sim_bare *bare)
{
	return &bare->system;
}

unsigned sim_bare_await_sites(const struct sim_bare *bare)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SIM_AWAIT_SITES; i++)
		count += bare->await.sites[i].spins && !bare->await.sites[i].goes_on;
	return count;
}

size_t sim_bare_state_size(struct sim_bare *bare)
{
	return bare_save(&bare->system, bare->scratch) - hashed_at(bare);
}
