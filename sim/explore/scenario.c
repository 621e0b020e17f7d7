/* SPDX-License-Identifier: MIT */
#include "sim/explore/scenario.h"

#include <string.h>

#include "sim/cause.h"
#include "sim/explore/await_run.h"
#include "sim/explore/footprint_run.h"
#include "sim/explore/hash.h"
#include "sim/explore/labels.h"
#include "sim/explore/orders.h"
#include "sim/schedule/actor.h"
#include "sim/schedule/endless.h"
#include "sim/schedule/script.h"

/* The number that stands for all outcomes that have none of their own. */
#define OTHER_OUTCOMES (SIM_EXPLORE_OUTCOMES - 1)

#define NEVER_AT_REST "the schedule never came to rest"

/* An outcome: what became of each labelled step. */
struct outcome {
	uint64_t key;
	char *text;
};

/* What decides whether a context can begin a step. */
struct condition {
	uint32_t step;
	const struct sim_footprint *footprint;
};

struct sim_explored_run {
	struct sim_explore_system system; /* first: the class casts */
	struct sim_run *run;
	uint64_t mask;
	enum sim_stop stop;
	struct sim_footprint_run *watch; /* NULL: steps have no footprints */
	struct condition conditions[SIM_EXPLORE_CONTEXTS];
	uint8_t *scratch;            /* of explored_future() */
	struct sim_await_run *await; /* NULL: there are no stops in loops */
	uint32_t in_loop;            /* contexts that may be waiting in one, a bit each, and */
	const struct sim_footprint *loops[SIM_EXPLORE_CONTEXTS]; /* what decides whether they do */
	struct sim_report
	        *known;   /* its findings: one for each number, taken from the run's report */
	GArray *outcomes; /* struct outcome; the index is the number */
	bool seen[SIM_ALL_OUTCOMES];
	struct sim_orders_met *orders;
	bool blind[SIM_LIMIT_COUNT]; /* limits reached before the first step: in every execution */
	gsize told_at[SIM_EXPLORE_FINDINGS]; /* when each was noted for the last time */
	struct sim_variants variants[SIM_EXPLORE_FINDINGS]; /* of those that are known */
};

/* The fixed part of a snapshot. */
struct head {
	uint32_t enabled;
	uint32_t unfinished;
	uint32_t failed;
	uint32_t stops;
	uint32_t ended_at;
	uint32_t stepping;
	uint32_t history;  /* bytes at the end that are no part of the state */
	uint64_t race_key; /* what of them is */
};

static struct sim_explored_run *explored_of(struct sim_explore_system *system)
{
	return (struct sim_explored_run *)system;
}

/* Threads, then the actors of the system, then interrupts on top of those that can be interrupted.
 */
static unsigned first_nested(const struct sim_run *run)
{
	return run->scenario->thread_count + SIM_SYSTEM_COUNT;
}

unsigned sim_explored_run_actor(const struct sim_explored_run *explored, unsigned c)
{
	unsigned threads = explored->run->scenario->thread_count;

	if (c >= first_nested(explored->run))
		return SIM_SYSTEM_SRI;
	return c < threads ? c : SIM_SYSTEM_SRI + (c - threads);
}

int sim_explored_run_on(const struct sim_explored_run *explored, unsigned c)
{
	unsigned threads = explored->run->scenario->thread_count;

	if (c < first_nested(explored->run))
		return -1;
	c -= first_nested(explored->run);
	/* all but interrupts themselves, which come first among the system's */
	return (int)(c < threads ? c : SIM_SYSTEM_SRI + 1 + (c - threads));
}

/* With the interrupts on top of others that there may not be room for. */
static unsigned wanted_contexts(const struct sim_run *run)
{
	unsigned base = first_nested(run), can_be_interrupted = base - 1;
	const struct world_spmc_config *spmc = &run->scenario->machine.spmc;

	return spmc->present && spmc->sri ? base + can_be_interrupted : base;
}

static const struct shim_slot *slot_of(const struct sim_explored_run *explored, unsigned actor)
{
	return shim_slot(&explored->run->world->link->map, sim_actor_context(explored->run, actor));
}

/* About to take a lock that another context holds. */
static bool would_wait(const struct sim_explored_run *explored, unsigned actor)
{
	const struct shim_slot *slot = slot_of(explored, actor);
	uint32_t context = sim_actor_context(explored->run, actor), holder;
	struct world_object object;

	return slot->state == SHIM_SLOT_STOPPED && slot->point == SHIM_POINT_LOCK &&
	       world_object(explored->run->world, context, &object, &holder) && holder &&
	       holder != context + 1;
}

/* An interrupt can come on top of it: it is inside the mediator, with interrupts enabled. */
static bool can_be_interrupted(const struct sim_explored_run *explored, unsigned actor)
{
	const struct sim_run *run = explored->run;
	uint32_t state = slot_of(explored, actor)->state;

	return run->state.actors[actor].busy &&
	       (state == SHIM_SLOT_STOPPED || state == SHIM_SLOT_BLOCKED) &&
	       !run->world->state.contexts[sim_actor_context(run, actor)].under;
}

/* Whether an interrupt that is under way, or would begin, is the one of this context. */
static bool takes_interrupt(const struct sim_explored_run *explored, unsigned c)
{
	const struct sim_run *run = explored->run;
	uint32_t own = sim_actor_context(run, SIM_SYSTEM_SRI);
	int on = sim_explored_run_on(explored, c);

	if (run->state.actors[SIM_SYSTEM_SRI].busy)
		return shim_slot(&run->world->link->map, own)->entry_arg[1] ==
		       (on < 0 ? own : sim_actor_context(run, (unsigned)on));
	return on < 0 || can_be_interrupted(explored, (unsigned)on);
}

/* Goes round in a loop until somebody else does something. */
static bool waits_in_loop(struct sim_explored_run *explored, unsigned c, uint32_t context)
{
	if (!explored->await || !sim_await_run_may_wait(explored->await, context))
		return false;
	explored->in_loop |= 1u << c;
	return sim_await_run_waits(explored->await, context, explored->watch, &explored->loops[c]);
}

static bool is_enabled(struct sim_explored_run *explored, unsigned c)
{
	unsigned actor = sim_explored_run_actor(explored, c);

	if (!sim_actor_enabled(explored->run, actor, NULL) ||
	    (actor == SIM_SYSTEM_SRI && !takes_interrupt(explored, c)))
		return false;
	return !explored->run->state.actors[actor].busy ||
	       (!would_wait(explored, actor) &&
	        !waits_in_loop(explored, c, sim_actor_context(explored->run, actor)));
}

/* Whether an actor begins something with its next step: others decide whether it can. */
static bool begins(const struct sim_explored_run *explored, unsigned actor)
{
	return !explored->run->state.actors[actor].busy;
}

static uint8_t holder_of(const struct sim_explored_run *explored, uint32_t object)
{
	return shim_core(&explored->run->world->link->map)->objects[object - 1].holder;
}

static void fill_lock_op(struct sim_explored_run *explored, const struct shim_slot *slot,
                         uint32_t context, struct sim_explore_op *op)
{
	op->address = SIM_FOOTPRINT_LOCKS + slot->object;
	op->conditional |= slot->state == SHIM_SLOT_BLOCKED;
	if (slot->state == SHIM_SLOT_STOPPED && slot->point == SHIM_POINT_LOCK &&
	    holder_of(explored, slot->object) != context + 1)
		op->wait = SIM_EXPLORE_WAIT_DIFFERS; /* from nobody */
}

/* What decides whether the context can begin; the same for each step of a thread. */
static const struct sim_footprint *condition_of(struct sim_explored_run *explored, unsigned c,
                                                unsigned actor)
{
	struct condition *condition = &explored->conditions[c];
	uint32_t step = explored->run->state.actors[actor].step;

	if (!condition->footprint || condition->step != step)
		*condition = (struct condition){
		        .step = step,
		        .footprint = sim_footprint_run_condition(explored->watch, actor,
		                                                 sim_explored_run_on(explored, c))};
	return condition->footprint;
}

/* What the actor does next, as far as it is known before it is done. */
static void fill_op(struct sim_explored_run *explored, unsigned c)
{
	unsigned actor = sim_explored_run_actor(explored, c);
	const struct shim_slot *slot = slot_of(explored, actor);
	struct sim_explore_op *op = &explored->system.op[c];

	*op = (struct sim_explore_op){.address = 1ull << 63, .size = 1, .write = true};
	if (begins(explored, actor)) {
		op->conditional = true;
		if (explored->watch)
			op->footprint = condition_of(explored, c, actor);
	} else if (slot->object) {
		fill_lock_op(explored, slot, sim_actor_context(explored->run, actor), op);
	} else if (SHIM_MASK_MEMORY >> slot->point & 1) {
		op->address = slot->arg[0];
		op->size = (uint32_t)slot->arg[1];
		op->write = slot->arg[2] != 0;
	}
	if (explored->in_loop >> c & 1) {
		op->conditional = true;
		op->footprint = explored->watch ? explored->loops[c] : NULL;
	}
	/* where there are interrupts, one may run on top of it */
	op->conditional |= explored->system.count > first_nested(explored->run);
}

/* Nothing to do, now or ever: a thread at its end. Actors of the system are never there. */
static bool is_finished(const struct sim_explored_run *explored, unsigned actor)
{
	return actor < SIM_SYSTEM_SRI && sim_actor_finished(explored->run, actor);
}

/* An actor of the system that has begun, by this context. */
static bool is_under_way(const struct sim_explored_run *explored, unsigned c, unsigned actor)
{
	return !begins(explored, actor) &&
	       (actor != SIM_SYSTEM_SRI || takes_interrupt(explored, c));
}

static void refresh(struct sim_explored_run *explored)
{
	struct sim_explore_system *system = &explored->system;

	system->enabled = system->unfinished = system->idle = 0;
	explored->in_loop = 0;
	if (system->failed)
		return;
	for (unsigned c = 0; c < system->count; c++) {
		unsigned actor = sim_explored_run_actor(explored, c);
		bool enabled;

		if (is_finished(explored, actor))
			continue;
		enabled = is_enabled(explored, c);
		if (enabled)
			system->enabled |= 1u << c;
		if (enabled || actor < SIM_SYSTEM_SRI || is_under_way(explored, c, actor))
			system->unfinished |= 1u << c;
		else
			system->idle |= 1u << c;
		if (explored->watch || system->unfinished >> c & 1)
			fill_op(explored, c);
	}
}

static bool same_text(const char *a, const char *b)
{
	return g_strcmp0(a, b) == 0;
}

/* The number of a finding: those of one oracle (or source) with one cause are the same. */
static uint32_t number_of(struct sim_explored_run *explored, const struct sim_finding *finding)
{
	guint i = 0;

	for (; i < explored->known->findings->len; i++) {
		const struct sim_finding *other = g_ptr_array_index(explored->known->findings, i);

		if (other->source == finding->source && other->verdict == finding->verdict &&
		    same_text(other->oracle, finding->oracle) &&
		    same_text(other->cause, finding->cause))
			break;
	}
	return i;
}

static void add_variant(struct sim_explored_run *explored, uint32_t number,
                        const struct sim_finding *finding)
{
	g_autofree char *text = sim_variant_text(finding->message, finding->place);

	sim_variants_add(&explored->variants[number], text);
}

static void take_words(struct sim_finding *known, const struct sim_finding *finding)
{
	g_free(known->message);
	g_free(known->place);
	g_free(known->detail);
	known->message = g_strdup(finding->message);
	known->place = g_strdup(finding->place);
	known->detail = g_strdup(finding->detail);
}

static void take_finding(struct sim_explored_run *explored, struct sim_finding *finding)
{
	uint32_t number = number_of(explored, finding);

	if (number >= SIM_EXPLORE_FINDINGS) {
		sim_explore_leave_out(&explored->system, SIM_LIMIT_EXPLORE_FINDINGS);
		return;
	}
	explored->told_at[number] = finding->told_at;
	if (number < explored->known->findings->len) {
		add_variant(explored, number, finding);
		/* of the execution that is narrated, not of the one that came first */
		if (explored->run->trace)
			take_words(g_ptr_array_index(explored->known->findings, number), finding);
	}
	sim_explore_note(&explored->system, number);
}

static void add_known(struct sim_explored_run *explored, struct sim_finding *finding)
{
	GPtrArray *known = explored->known->findings;

	sim_variants_init(&explored->variants[known->len]);
	add_variant(explored, known->len, finding);
	g_ptr_array_add(known, finding);
}

/* The report's findings become numbers; warnings do not count. */
static void take_findings(struct sim_explored_run *explored)
{
	struct sim_report *report = explored->run->report;
	GPtrArray *known = explored->known->findings;

	for (guint i = report->findings->len; i-- > 0;) {
		struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		if (finding->warning)
			continue;
		take_finding(explored, finding);
		if (number_of(explored, finding) == known->len && known->len < SIM_EXPLORE_FINDINGS)
			add_known(explored, g_ptr_array_steal_index(report->findings, i));
	}
	g_ptr_array_set_size(report->findings, 0);
	report->verdict = SIM_VERDICT_PASS;
}

/* An oracle that only warns leaves nothing out that would count. */
static void take_unjudged(struct sim_explored_run *explored)
{
	struct sim_run *run = explored->run;

	for (unsigned i = 0; i < SIM_LIMIT_COUNT; i++) {
		enum sim_oracle_id oracle = sim_limit_oracle((enum sim_limit)i);

		if (oracle != SIM_ORACLE_COUNT && run->levels->level[oracle] != SIM_ORACLE_ERROR)
			run->unjudged.times[i] = 0;
	}
	sim_unjudged_add(&explored->system.unjudged, &run->unjudged);
	explored->system.left_out = sim_unjudged_any(&explored->system.unjudged);
	run->unjudged = (struct sim_unjudged){{0}};
	run->left_out = false;
}

static void note_end(struct sim_explored_run *explored)
{
	struct sim_explore_system *system = &explored->system;

	if (explored->run->left_out)
		take_unjudged(explored);
	if (explored->run->report->findings->len)
		take_findings(explored);
	system->failed = explored->run->failed;
	system->lost = explored->run->world->link->error[0] != '\0';
}

static void begin_step(struct sim_explored_run *explored, unsigned c, unsigned actor)
{
	struct sim_explore_system *system = &explored->system;
	const struct shim_slot *slot = slot_of(explored, actor);

	system->done = system->op[c];
	if (!begins(explored, actor) && slot->object)
		system->done.before = holder_of(explored, slot->object);
	if (!explored->watch)
		return;
	sim_footprint_run_begin(explored->watch, actor, sim_explored_run_on(explored, c));
	if (explored->in_loop >> c & 1)
		sim_footprint_run_reads(explored->watch, explored->loops[c]);
}

static void explored_step(struct sim_explore_system *system, unsigned c)
{
	struct sim_explored_run *explored = explored_of(system);
	unsigned actor = sim_explored_run_actor(explored, c);
	struct sim_run *run = explored->run;
	int on = sim_explored_run_on(explored, c);

	begin_step(explored, c, actor);
	explored->stop = sim_actor_go(run, actor, on, explored->mask);
	if (explored->stop == SIM_STOP_POINT && slot_of(explored, actor)->state == SHIM_SLOT_READY)
		explored->stop = sim_actor_go(run, actor, on, explored->mask);
	world_wipe_after(run->world, sim_actor_context(run, actor));
	note_end(explored);
	if (explored->watch)
		system->done.footprint = sim_footprint_run_end(explored->watch);
	refresh(explored);
}

static size_t results_size(const struct sim_explored_run *explored)
{
	return explored->run->scenario->label_count * sizeof(struct sim_result);
}

/* Nobody goes on from a terminal state; an actor of the system may go at any time but then. */
static void save_race_key(const struct sim_explored_run *explored, struct head *head)
{
	uint32_t live = 0;

	for (unsigned c = 0; explored->system.enabled && c < explored->system.count; c++) {
		unsigned actor = sim_explored_run_actor(explored, c);

		uint32_t context = sim_actor_context(explored->run, actor);

		if (context < SHIM_MAX_CONTEXTS &&
		    (actor >= SIM_SYSTEM_SRI || explored->system.unfinished >> c & 1))
			live |= 1u << context;
	}
	head->race_key =
	        sim_race_key(&explored->run->race.run.state, live, explored->run->race.exact);
}

static size_t explored_save(struct sim_explore_system *system, uint8_t *bytes)
{
	struct sim_explored_run *explored = explored_of(system);
	const struct sim_run_state *state = &explored->run->state;
	const struct head head = {.enabled = system->enabled,
	                          .unfinished = system->unfinished,
	                          .failed = system->failed,
	                          .stops = state->stops,
	                          .ended_at = state->ended_at,
	                          .stepping = state->stepping};
	struct sim_run_state *copy;
	uint8_t *at = bytes;
	size_t history, size;

	memcpy(at, &head, sizeof head);
	at += sizeof head;
	copy = (struct sim_run_state *)(void *)at;
	memcpy(copy, state, offsetof(struct sim_run_state, results) + results_size(explored));
	copy->stops = copy->ended_at = copy->stepping = 0;
	at += offsetof(struct sim_run_state, results) + results_size(explored);
	at += sim_linear_save(&explored->run->orders, at);
	at += world_save_bytes(explored->run->world, at);
	history = sim_lock_save(&explored->run->lock, at);
	size = sim_race_run_save(explored->run, at + history);
	if (size)
		save_race_key(explored, (struct head *)(void *)bytes);
	((struct head *)(void *)bytes)->history = (uint32_t)(history + size);
	return (size_t)(at - bytes) + history + size;
}

static void explored_load(struct sim_explore_system *system, const uint8_t *bytes)
{
	struct sim_explored_run *explored = explored_of(system);
	struct sim_run_state *state = &explored->run->state;
	size_t size = offsetof(struct sim_run_state, results) + results_size(explored);
	struct head head;

	memcpy(&head, bytes, sizeof head);
	memcpy(state, bytes + sizeof head, size);
	state->stops = head.stops;
	state->ended_at = head.ended_at;
	state->stepping = head.stepping;
	size += sizeof head;
	size += sim_linear_load(&explored->run->orders, bytes + size);
	size += world_load_wiped(explored->run->world, bytes + size);
	size += sim_lock_load(&explored->run->lock, bytes + size);
	sim_race_run_load(explored->run, bytes + size);
	explored->run->failed = system->failed = head.failed;
	refresh(explored);
}

static uint64_t explored_hash(struct sim_explore_system *system, const uint8_t *bytes, size_t size)
{
	struct head head;

	memcpy(&head, bytes, sizeof head);
	return sim_hash_bytes(SIM_HASH_SEED ^ system->failed ^ head.race_key, bytes + sizeof head,
	                      size - sizeof head - head.history);
}

static uint32_t number_outcome(struct sim_explored_run *explored)
{
	uint64_t key = sim_labels_key(explored->run);
	struct outcome outcome;
	guint i = 0;

	while (i < explored->outcomes->len &&
	       g_array_index(explored->outcomes, struct outcome, i).key != key)
		i++;
	if (i == OTHER_OUTCOMES)
		return OTHER_OUTCOMES;
	if (i == explored->outcomes->len) {
		outcome = (struct outcome){.key = key, .text = sim_labels_text(explored->run)};
		g_array_append_val(explored->outcomes, outcome);
	}
	return i;
}

/* Those about to take a held lock do so: who waits can be told for what. */
static void let_wait(struct sim_explored_run *explored)
{
	for (unsigned c = 0; c < explored->system.count; c++) {
		unsigned actor = sim_explored_run_actor(explored, c);

		if (explored->run->state.actors[actor].busy && would_wait(explored, actor))
			sim_actor_go(explored->run, actor, -1, explored->mask);
	}
}

static void leave_out_what_is_blind(struct sim_explored_run *explored)
{
	for (unsigned i = 0; i < SIM_LIMIT_COUNT; i++)
		if (explored->blind[i])
			sim_explore_leave_out(&explored->system, (enum sim_limit)i);
}

static void explored_judge(struct sim_explore_system *system)
{
	struct sim_explored_run *explored = explored_of(system);

	leave_out_what_is_blind(explored);
	system->outcome = number_outcome(explored);
	let_wait(explored);
	sim_script_report_waiting(explored->run, false);
	sim_run_never_a_pass(explored->run, 0, NEVER_AT_REST);
	if (!explored->run->failed)
		sim_run_judge(explored->run, explored->seen);
	world_wipe(explored->run->world);
	note_end(explored);
}

static void explored_keep(struct sim_explore_system *system, const uint8_t *steps, uint32_t length,
                          uint64_t number)
{
	sim_orders_met_keep(explored_of(system)->orders, steps, length, number);
}

static uint64_t explored_future(struct sim_explore_system *system)
{
	struct sim_explored_run *explored = explored_of(system);

	return sim_run_future(explored->run, explored->scratch);
}

/* Steps of threads that have ended: what the system does may go on for ever. */
static uint64_t explored_progress(const struct sim_explore_system *system)
{
	const struct sim_explored_run *explored = (const struct sim_explored_run *)system;
	uint64_t steps = 0;

	for (unsigned i = 0; i < explored->run->scenario->thread_count; i++)
		steps += explored->run->state.actors[i].step;
	return steps;
}

/* There is one interrupt, on whatever CPU it is taken. */
static uint32_t explored_siblings(const struct sim_explore_system *system, unsigned c)
{
	const struct sim_explored_run *explored = (const struct sim_explored_run *)system;
	uint32_t all = (1u << system->count) - 1, nested = first_nested(explored->run);

	if (sim_explored_run_actor(explored, c) != SIM_SYSTEM_SRI)
		return 1u << c;
	return 1u << explored->run->scenario->thread_count | (all & ~((1u << nested) - 1));
}

static void explored_endless(struct sim_explore_system *system, uint32_t contexts)
{
	struct sim_explored_run *explored = explored_of(system);
	uint32_t of_world = 0;

	for (uint32_t left = contexts; left; left &= left - 1) {
		unsigned actor = sim_explored_run_actor(explored, (unsigned)__builtin_ctz(left));

		of_world |= 1u << sim_actor_context(explored->run, actor);
	}
	sim_report_no_end(explored->run, of_world);
	sim_run_never_a_pass(explored->run, 0, NEVER_AT_REST);
	note_end(explored);
	refresh(explored);
}

static const struct sim_explore_class explored_class = {.step = explored_step,
                                                        .save = explored_save,
                                                        .load = explored_load,
                                                        .hash = explored_hash,
                                                        .judge = explored_judge,
                                                        .keep = explored_keep,
                                                        .future = explored_future,
                                                        .progress = explored_progress,
                                                        .siblings = explored_siblings,
                                                        .endless = explored_endless};

static void free_outcome(gpointer data)
{
	g_free(((struct outcome *)data)->text);
}

static uint32_t context_of(struct sim_explore_system *system, unsigned c)
{
	struct sim_explored_run *explored = explored_of(system);

	return sim_actor_context(explored->run, sim_explored_run_actor(explored, c));
}

/* Where accesses are stops, a context may go round for ever; elsewhere the watchdog sees it. */
static void learn_loops(struct sim_explored_run *explored)
{
	if (!(explored->mask & SHIM_MASK(ATOMIC)) ||
	    strcmp(explored->run->world->link->map.control->build, "plain") == 0)
		return;
	explored->await = sim_await_run_new(explored->run, explored->mask);
	sim_await_run_learn(explored->await, &explored->system, context_of);
}

static void note_what_is_blind(struct sim_explored_run *explored)
{
	take_unjudged(explored);
	for (unsigned i = 0; i < SIM_LIMIT_COUNT; i++)
		explored->blind[i] = explored->system.unjudged.times[i] != 0;
	sim_explore_drop_noted(&explored->system);
	explored->blind[SIM_LIMIT_EXPLORE_CONTEXTS] =
	        wanted_contexts(explored->run) > explored->system.count;
}

/* A loop that has a bound may have a large one where its accesses are stops. */
static uint32_t endless_after(const struct sim_run *run, enum sim_granularity granularity)
{
	bool accesses = run->world->link->map.control->instrumented &&
	                sim_granularity_mask(granularity) & SHIM_MASK(ATOMIC);

	return accesses ? SIM_EXPLORED_MAX_ACCESSES : SIM_MAX_STOPS;
}

struct sim_explored_run *sim_explored_run_new(struct sim_run *run, enum sim_granularity granularity)
{
	struct sim_explored_run *explored = g_new0(struct sim_explored_run, 1);

	G_STATIC_ASSERT(SIM_SYSTEM_END <= SIM_EXPLORE_CONTEXTS);
	explored->run = run;
	explored->mask = sim_granularity_mask(granularity);
	run->race.points = explored->mask;
	explored->known = sim_report_new(run->scenario->path, "");
	explored->outcomes = g_array_new(FALSE, FALSE, sizeof(struct outcome));
	g_array_set_clear_func(explored->outcomes, free_outcome);
	explored->system.class = &explored_class;
	explored->system.count = MIN(wanted_contexts(run), SIM_EXPLORE_CONTEXTS);
	explored->system.snapshot_max = sizeof(struct head) + sizeof(struct sim_run_state) +
	                                sizeof(struct sim_linear) + world_snapshot_limit() +
	                                SIM_LOCK_HISTORY + sizeof(struct sim_race_run);
	explored->system.endless_after = endless_after(run, granularity);
	explored->scratch = g_malloc(world_snapshot_limit());
	run->state.stops = run->state.ended_at = 0;
	world_wipe(run->world);
	refresh(explored);
	explored->orders = sim_orders_met_new(run, &explored->system.learnt);
	note_what_is_blind(explored);
	learn_loops(explored);
	return explored;
}

static void forget_known(struct sim_explored_run *explored)
{
	for (guint i = 0; i < explored->known->findings->len; i++)
		sim_variants_clear(&explored->variants[i]);
	g_ptr_array_set_size(explored->known->findings, 0);
}

void sim_explored_run_free(struct sim_explored_run *explored)
{
	if (!explored)
		return;
	sim_footprint_run_free(explored->watch);
	sim_await_run_free(explored->await);
	g_free(explored->scratch);
	forget_known(explored);
	sim_orders_met_free(explored->orders);
	sim_report_free(explored->known);
	g_array_unref(explored->outcomes);
	g_free(explored);
}

bool sim_explored_run_watch(struct sim_explored_run *explored)
{
	if (!explored->watch)
		explored->watch = sim_footprint_run_new(explored->run);
	refresh(explored);
	return explored->watch;
}

struct sim_explore_system *sim_explored_run_system(struct sim_explored_run *explored)
{
	return &explored->system;
}

const struct sim_finding *sim_explored_run_finding(const struct sim_explored_run *explored,
                                                   uint32_t number)
{
	return g_ptr_array_index(explored->known->findings, number);
}

void sim_explored_run_orders(const struct sim_explored_run *explored, struct sim_part *part)
{
	sim_orders_met_tell(explored->orders, part);
}

const char *sim_explored_run_outcome(const struct sim_explored_run *explored, uint32_t number)
{
	if (number == OTHER_OUTCOMES)
		return "others, there are more than SIM_EXPLORE_OUTCOMES";
	return g_array_index(explored->outcomes, struct outcome, number).text;
}

const struct sim_variants *sim_explored_run_variants(const struct sim_explored_run *explored,
                                                     uint32_t number)
{
	return &explored->variants[number];
}

void sim_explored_run_forget(struct sim_explored_run *explored)
{
	memset(explored->seen, 0, sizeof explored->seen);
	forget_known(explored);
	g_array_set_size(explored->outcomes, 0);
	sim_orders_met_forget(explored->orders);
}

bool *sim_explored_run_seen(struct sim_explored_run *explored)
{
	return explored->seen;
}

enum sim_stop sim_explored_run_stop(const struct sim_explored_run *explored)
{
	return explored->stop;
}

const struct sim_run *sim_explored_run_scenario_run(const struct sim_explored_run *explored)
{
	return explored->run;
}

void sim_explored_run_play(struct sim_explored_run *explored, const struct sim_schedule *schedule)
{
	struct sim_run *run = explored->run;

	run->schedule = schedule;
	sim_script_play(run, schedule);
	if (!run->failed)
		sim_run_judge(run, explored->seen);
	world_wipe(run->world);
	run->schedule = NULL;
	note_end(explored);
}

gsize sim_explored_run_told_at(const struct sim_explored_run *explored, uint32_t number)
{
	return explored->told_at[number];
}
