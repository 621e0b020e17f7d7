/* SPDX-License-Identifier: MIT */
#include "sim/explore/footprint_run.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/oracle/oracle.h"

/* Things by name, a byte each. */
enum name {
	NAME_UNSEEN,  /* written where nobody was seen to write */
	NAME_HEAP,    /* the lists and counts of the heap */
	NAME_OBJECTS, /* which numbers of locks are taken */
	NAME_WORKING, /* which deferred work runs */
	NAME_INSIDE,  /* VM by VM, a byte for each actor */
	NAME_RETURN = NAME_INSIDE + WORLD_MAX_VMS * SHIM_MAX_CONTEXTS, /* a byte for each actor */
	NAME_END = NAME_RETURN + SHIM_MAX_CONTEXTS
};

/* What the SDK keeps before each block of its heap (emu/subject/heap.c). */
struct sim_heap_block {
	uint32_t tag;
	uint32_t size_class; /* of 2^(size_class + HEAP_SHIFT) bytes */
	uint32_t next;
	uint32_t reserved;
};

enum { HEAP_SHIFT = 5, HEAP_CLASSES = 12 };

/* The state before the step, where it is compared. */
struct before {
	struct world_state world;
	struct sim_run_state run;
	struct shim_core core;
	uint64_t labels; /* of steps that had ended, a bit each */
	uint64_t rx_page;
	size_t rx_size;
	uint8_t rx[SHIM_MEMORY_SIZE];
	uint8_t heap[SHIM_HEAP_SIZE];
	uint8_t sections[SHIM_SECTION_MAX];
};

struct sim_footprint_run {
	struct sim_run *run;
	struct sim_footprint_table *table;
	void (*on_link_event)(void *user, const struct shim_event *event);
	void *link_user;
	world_on_event *on_world_event;
	void *world_user;
	uint64_t events; /* the subject's events when no step is watched */
	bool watching;
	bool in_subject; /* the mediator ran */
	bool uses_heap;
	bool asks;          /* a GET ended: what it left is asked for the first time */
	bool real_time;     /* an oracle asks which call returned before which began */
	uint32_t destroyed; /* VMs that a step of the scenario destroys, a bit each */
	struct sim_footprint_builder own;
	struct sim_footprint_builder probe;
	struct sim_footprint_builder scratch;
	struct before before;
	struct sim_run_state run_after; /* scratch of the comparison */
	struct world_state world_after;
};

static void touch_name(struct sim_footprint_run *watch, unsigned name, unsigned count, bool write)
{
	sim_footprint_add(&watch->own, SIM_FOOTPRINT_NAMES + name, count, write);
}

static void read_world(struct sim_footprint_builder *builder, size_t offset, size_t size)
{
	sim_footprint_add(builder, SIM_FOOTPRINT_WORLD + offset, size, false);
}

#define READ_WORLD(builder, member)                               \
	read_world(builder, offsetof(struct world_state, member), \
	           sizeof(((struct world_state *)0)->member))

static void touch_run(struct sim_footprint_builder *builder, size_t offset, size_t size, bool write)
{
	sim_footprint_add(builder, SIM_FOOTPRINT_RUN + offset, size, write);
}

#define TOUCH_RUN(builder, member, write)                          \
	touch_run(builder, offsetof(struct sim_run_state, member), \
	          sizeof(((struct sim_run_state *)0)->member), write)

/* An endpoint is found by its id among the VMs that exist. */
static void read_vm_states(struct sim_footprint_run *watch, struct sim_footprint_builder *builder)
{
	for (unsigned i = 0; i < watch->run->world->config.vm_count; i++)
		READ_WORLD(builder, vms[i].state);
}

static void read_spmc(struct sim_footprint_run *watch)
{
	READ_WORLD(&watch->own, spmc);
	READ_WORLD(&watch->own, sri);
	if (watch->before.rx_page)
		sim_footprint_add(&watch->own, watch->before.rx_page, watch->before.rx_size, false);
}

/* Events of the subject */

static void note_object(struct sim_footprint_run *watch, const struct shim_event *event)
{
	struct sim_footprint_builder *builder =
	        watch->run->world->quiet ? &watch->probe : &watch->own;

	/* about to take it: nothing yet */
	if (event->point == SHIM_POINT_LOCK && !(event->flags & SHIM_EVENT_BLOCKED))
		return;
	sim_footprint_add(builder, SIM_FOOTPRINT_LOCKS + event->object, 1, true);
}

static void note_access(struct sim_footprint_run *watch, const struct shim_event *event)
{
	sim_footprint_add(watch->run->world->quiet ? &watch->probe : &watch->own, event->arg[0],
	                  event->arg[1], (event->flags & SHIM_ACCESS_KIND) != SHIM_ACCESS_LOAD);
}

/* A page that comes or goes: whoever uses it does so before or after. */
static void touch_page(struct sim_footprint_run *watch, uint64_t physical)
{
	uint64_t offset = (physical - SHIM_PHYSICAL_BASE) / SHIM_PAGE * SHIM_PAGE;

	if (physical >= SHIM_PHYSICAL_BASE && offset < SHIM_MEMORY_SIZE)
		sim_footprint_add(&watch->own, SHIM_MEMORY_BASE + offset, SHIM_PAGE, true);
}

/* The same for memory of the heap. A block that was allocated in this step is known already. */
static void touch_block(struct sim_footprint_run *watch, uint64_t offset, uint64_t size)
{
	struct sim_heap_block block = {0};

	watch->uses_heap = true;
	if (offset < sizeof block || offset > SHIM_HEAP_SIZE)
		return;
	if (size == 0 && offset <= watch->before.core.heap_top) {
		memcpy(&block, watch->before.heap + offset - sizeof block, sizeof block);
		size = block.size_class < HEAP_CLASSES ? 1ull << (block.size_class + HEAP_SHIFT)
		                                       : 0;
	}
	sim_footprint_add(&watch->own, SHIM_STATE_BASE + SHIM_HEAP_OFFSET + offset, size, true);
}

static void note_link_event(struct sim_footprint_run *watch, const struct shim_event *event)
{
	switch (event->point) {
	case SHIM_POINT_LOAD:
	case SHIM_POINT_STORE:
	case SHIM_POINT_ATOMIC:
	case SHIM_POINT_GUEST_LOAD:
	case SHIM_POINT_GUEST_STORE:
		note_access(watch, event);
		break;
	case SHIM_POINT_LOCK:
	case SHIM_POINT_LOCKED:
	case SHIM_POINT_UNLOCKED:
		note_object(watch, event);
		break;
	case SHIM_POINT_ALLOCATED:
		touch_block(watch, event->arg[0], event->arg[1]);
		break;
	case SHIM_POINT_FREE:
		touch_block(watch, event->arg[0], 0);
		break;
	case SHIM_POINT_PAGE_FREE:
		READ_WORLD(&watch->own, own_pages);
		touch_page(watch, event->arg[0]);
		break;
	case SHIM_POINT_UNMAP:
		READ_WORLD(&watch->own, mapped);
		touch_page(watch, event->arg[0]);
		break;
	case SHIM_POINT_DEFER:
		READ_WORLD(&watch->own, work);
		break;
	case SHIM_POINT_TIMER_SET:
		READ_WORLD(&watch->own, now);
		READ_WORLD(&watch->own, timers);
		break;
	case SHIM_POINT_VM_RELEASE:
		read_vm_states(watch, &watch->own);
		break;
	default:
		break;
	}
}

static void on_link_event(void *user, const struct shim_event *event)
{
	struct sim_footprint_run *watch = user;

	if (watch->watching)
		note_link_event(watch, event);
	watch->on_link_event(watch->link_user, event);
}

/* Events of the world */

static unsigned inside_name(uint32_t vm, uint32_t context)
{
	return NAME_INSIDE + vm * SHIM_MAX_CONTEXTS + context;
}

/* A guest call begins or ends: what the oracles make of it. */
static void note_call(struct sim_footprint_run *watch, const struct world_event *event)
{
	const struct sim_run_state *state = &watch->run->state;
	const struct shim_slot *slot = shim_slot(&watch->run->world->link->map, event->context);
	bool is_get = (uint32_t)slot->entry_arg[2] == FFA_NOTIFICATION_GET_32;
	bool leaves = event->kind == WORLD_EVENT_LEAVE;

	if (watch->destroyed >> event->vm & 1)
		touch_name(watch, inside_name(event->vm, event->context), 1, true);
	TOUCH_RUN(&watch->own, oracles.abi[event->vm], !state->oracles.abi[event->vm].frozen);
	if (!is_get)
		return;
	TOUCH_RUN(&watch->own, oracles.wake.vms[event->vm], false);
	if (!leaves)
		return;
	watch->asks = true;
	READ_WORLD(&watch->own, vms[event->vm].state);
	READ_WORLD(&watch->own, vms[event->vm].probe_due);
	READ_WORLD(&watch->own, vms[event->vm].vcpus);
}

static void note_entry(struct sim_footprint_run *watch, const struct world_event *event)
{
	watch->in_subject = true;
	if (event->entry == SHIM_ENTRY_GUEST_CALL && event->vm != WORLD_NO_VM)
		note_call(watch, event);
	if (event->entry == SHIM_ENTRY_WORK)
		touch_name(watch, NAME_WORKING, 1, true);
	if (event->entry == SHIM_ENTRY_VM_CREATE || event->entry == SHIM_ENTRY_VM_DESTROY)
		read_vm_states(watch, &watch->own);
}

static void note_vcpu(struct sim_footprint_run *watch, const struct world_event *event)
{
	read_vm_states(watch, &watch->own);
	if (event->vm == WORLD_NO_VM)
		return;
	if (event->vcpu < WORLD_MAX_VCPUS)
		READ_WORLD(&watch->own, vms[event->vm].vcpus[event->vcpu]);
	TOUCH_RUN(&watch->own, oracles.wake.vms[event->vm], false);
}

/*
 * What an oracle of calls in real time sees: which calls had returned, and which effects were
 * there, when another began or had its own.
 */
static void note_real_time(struct sim_footprint_run *watch, const struct world_event *event)
{
	switch (event->kind) {
	case WORLD_EVENT_ENTER:
		touch_name(watch, NAME_RETURN, SHIM_MAX_CONTEXTS, false);
		break;
	case WORLD_EVENT_SMC:
	case WORLD_EVENT_SMC_DONE:
	case WORLD_EVENT_MAP:
	case WORLD_EVENT_UNMAP:
	case WORLD_EVENT_PAGE_ALLOC:
	case WORLD_EVENT_PAGE_FREE:
		touch_name(watch, NAME_RETURN, SHIM_MAX_CONTEXTS, false);
		/* fall through */
	case WORLD_EVENT_LEAVE:
		touch_name(watch, NAME_RETURN + event->context, 1, true);
		break;
	default:
		break;
	}
}

static void note_world_event(struct sim_footprint_run *watch, const struct world_event *event)
{
	switch (event->kind) {
	case WORLD_EVENT_ENTER:
	case WORLD_EVENT_LEAVE:
		note_entry(watch, event);
		break;
	case WORLD_EVENT_SMC:
	case WORLD_EVENT_SP_CALL:
		read_spmc(watch);
		break;
	case WORLD_EVENT_INJECT:
	case WORLD_EVENT_TAKE:
	case WORLD_EVENT_VCPU_ON:
	case WORLD_EVENT_VCPU_OFF:
		note_vcpu(watch, event);
		break;
	case WORLD_EVENT_ONLINE:
		read_vm_states(watch, &watch->own);
		if (event->vm != WORLD_NO_VM && event->vcpu < WORLD_MAX_VCPUS)
			READ_WORLD(&watch->own, vms[event->vm].vcpus[event->vcpu].online);
		break;
	case WORLD_EVENT_ALLOC:
		watch->uses_heap = true;
		break;
	case WORLD_EVENT_PAGE_ALLOC:
		READ_WORLD(&watch->own, own_pages);
		touch_page(watch, (uint64_t)event->result);
		break;
	case WORLD_EVENT_MAP:
		read_vm_states(watch, &watch->own);
		READ_WORLD(&watch->own, mapped);
		touch_page(watch, (uint64_t)event->result);
		break;
	case WORLD_EVENT_VM_GONE:
		TOUCH_RUN(&watch->own, oracles.abi[event->vm], true);
		TOUCH_RUN(&watch->own, oracles.wake.vms[event->vm], true);
		break;
	case WORLD_EVENT_WRITE:
		sim_footprint_add(&watch->own,
		                  SHIM_MEMORY_BASE + (event->arg[0] - SHIM_PHYSICAL_BASE),
		                  (uint64_t)event->result, true);
		break;
	case WORLD_EVENT_TIME:
		READ_WORLD(&watch->own, now);
		break;
	default:
		break;
	}
}

static void on_world_event(void *user, const struct world_event *event)
{
	struct sim_footprint_run *watch = user;

	if (watch->watching)
		note_world_event(watch, event);
	if (watch->watching && watch->real_time)
		note_real_time(watch, event);
	watch->on_world_event(watch->world_user, event);
}

/* Conditions */

static uint64_t ended_labels(const struct sim_run *run)
{
	uint64_t labels = 0;

	for (unsigned i = 0; i < run->scenario->label_count; i++)
		labels |= (uint64_t)run->state.results[i].done << i;
	return labels;
}

/* The ends of steps by their labels. */
static void touch_labels(struct sim_footprint_builder *builder, uint64_t labels, bool write)
{
	for (; labels; labels &= labels - 1)
		TOUCH_RUN(builder, results[__builtin_ctzll(labels)].done, write);
}

static void read_system_condition(struct sim_footprint_builder *builder, unsigned actor)
{
	if (actor == SIM_SYSTEM_SRI) {
		READ_WORLD(builder, sri);
	} else if (actor == SIM_SYSTEM_TIMER) {
		READ_WORLD(builder, now);
		READ_WORLD(builder, timers);
	} else {
		READ_WORLD(builder, work);
		sim_footprint_add(builder, SIM_FOOTPRINT_NAMES + NAME_WORKING, 1, false);
	}
}

/* That no actor of the system has anything to do. */
static void read_idleness(struct sim_footprint_builder *builder)
{
	for (unsigned i = SIM_SYSTEM_SRI; i < SIM_SYSTEM_END; i++) {
		TOUCH_RUN(builder, actors[i].busy, false);
		read_system_condition(builder, i);
	}
}

static void read_thread_condition(struct sim_footprint_builder *builder,
                                  const struct sim_step *step)
{
	touch_labels(builder, step->after, false);
	if (step->after_idle)
		read_idleness(builder);
	switch (step->action) {
	case SIM_ACTION_CALL:
		READ_WORLD(builder, vms[step->vm].state);
		READ_WORLD(builder, vms[step->vm].vcpus[step->vcpu].online);
		break;
	case SIM_ACTION_TAKE:
		READ_WORLD(builder, vms[step->vm].state);
		READ_WORLD(builder, vms[step->vm].vcpus[step->vcpu].inflight);
		break;
	case SIM_ACTION_WRITE:
		READ_WORLD(builder, vms[step->vm].state);
		break;
	case SIM_ACTION_VCPU_ON:
	case SIM_ACTION_VCPU_OFF:
		READ_WORLD(builder, vms[step->vm].state);
		READ_WORLD(builder, vms[step->vm].vcpus[step->vcpu]);
		break;
	case SIM_ACTION_VM_CREATE:
	case SIM_ACTION_VM_DESTROY:
		READ_WORLD(builder, vms[step->vm]);
		sim_footprint_add(builder, SIM_FOOTPRINT_NAMES + inside_name(step->vm, 0),
		                  SHIM_MAX_CONTEXTS, false);
		break;
	case SIM_ACTION_ADVANCE:
		READ_WORLD(builder, now);
		break;
	case SIM_ACTION_SP_CALL:
		READ_WORLD(builder, spmc);
		READ_WORLD(builder, sri);
		break;
	}
}

static void read_condition(struct sim_footprint_run *watch, struct sim_footprint_builder *builder,
                           unsigned actor, int on)
{
	const struct sim_run *run = watch->run;

	TOUCH_RUN(builder, actors[actor].busy, false);
	READ_WORLD(builder, contexts[sim_actor_context(run, actor)].under);
	if (on >= 0) {
		TOUCH_RUN(builder, actors[on].busy, false);
		READ_WORLD(builder, contexts[sim_actor_context(run, (unsigned)on)].under);
	}
	if (actor >= SIM_SYSTEM_SRI)
		read_system_condition(builder, actor);
	else
		read_thread_condition(
		        builder,
		        &run->scenario->threads[actor].steps[run->state.actors[actor].step]);
}

const struct sim_footprint *sim_footprint_run_condition(struct sim_footprint_run *watch,
                                                        unsigned actor, int on)
{
	sim_footprint_clear(&watch->scratch);
	read_condition(watch, &watch->scratch, actor, on);
	return sim_footprint_intern(watch->table, &watch->scratch);
}

/* Comparing */

/* Each run of bytes that differ, at `base` + offset; where it was not written yet if `unseen`. */
static void compare(struct sim_footprint_run *watch, const void *before, const void *after,
                    size_t size, uint64_t base, bool *ret_unseen)
{
	const uint8_t *a = before, *b = after;

	for (size_t i = 0; i < size;) {
		size_t first = i, chunk = size - i < 64 ? size - i : 64;

		if (a[i] == b[i]) {
			i += i % 64 == 0 && memcmp(a + i, b + i, chunk) == 0 ? chunk : 1;
			continue;
		}
		while (i < size && a[i] != b[i])
			i++;
		if (ret_unseen && !sim_footprint_writes(&watch->own, base + first, i - first))
			*ret_unseen = true;
		sim_footprint_add(&watch->own, base + first, i - first, true);
	}
}

/* What only one context looks at, what is only summed up, and what no order can change. */
static void strip_world(struct world_state *world)
{
	memset(world->dirty, 0, sizeof world->dirty);
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++)
		world->contexts[i] = (struct world_context){.under = world->contexts[i].under};
	for (unsigned i = 0; i < WORLD_MAX_VMS; i++) {
		world->vms[i].inside = 0;
		world->vms[i].npi_count = 0;
	}
}

static void compare_world(struct sim_footprint_run *watch)
{
	watch->world_after = watch->run->world->state;
	strip_world(&watch->world_after);
	strip_world(&watch->before.world);
	compare(watch, &watch->before.world, &watch->world_after, sizeof watch->world_after,
	        SIM_FOOTPRINT_WORLD, NULL);
}

static void compare_run(struct sim_footprint_run *watch)
{
	const struct sim_run_state *before = &watch->before.run, *after = &watch->run->state;

	compare(watch, before->actors, after->actors, sizeof after->actors,
	        SIM_FOOTPRINT_RUN + offsetof(struct sim_run_state, actors), NULL);
	compare(watch, before->oracles.abi, after->oracles.abi, sizeof after->oracles.abi,
	        SIM_FOOTPRINT_RUN + offsetof(struct sim_run_state, oracles.abi), NULL);
	compare(watch, before->oracles.wake.vms, after->oracles.wake.vms,
	        sizeof after->oracles.wake.vms,
	        SIM_FOOTPRINT_RUN + offsetof(struct sim_run_state, oracles.wake.vms), NULL);
	touch_labels(&watch->own, watch->before.labels ^ ended_labels(watch->run), true);
}

/* A lock that begins or ends: its number, and the choice of a free one. */
static void compare_objects(struct sim_footprint_run *watch, const struct shim_core *after)
{
	const struct shim_core *before = &watch->before.core;
	uint32_t top = MAX(before->object_top, after->object_top);

	for (uint32_t i = 0; i < top; i++) {
		bool was = i < before->object_top, is = i < after->object_top;

		if (was && is &&
		    memcmp(&before->objects[i], &after->objects[i],
		           offsetof(struct shim_object, holder)) == 0)
			continue;
		sim_footprint_add(&watch->own, SIM_FOOTPRINT_LOCKS + i + 1, 1, true);
		touch_name(watch, NAME_OBJECTS, 1, true);
	}
}

/* Where the SDK's heap writes as the heap, nobody else does. */
static void compare_heap(struct sim_footprint_run *watch, const struct shim_link *link)
{
	const struct shim_core *core = shim_core(&link->map);
	uint32_t top = MAX(watch->before.core.heap_top, core->heap_top);
	bool unseen = false;

	if (watch->before.core.heap_top < top)
		memset(watch->before.heap + watch->before.core.heap_top, 0,
		       top - watch->before.core.heap_top);
	compare(watch, watch->before.heap, link->map.state + SHIM_HEAP_OFFSET, top,
	        SHIM_STATE_BASE + SHIM_HEAP_OFFSET, &unseen);
	if (watch->uses_heap)
		touch_name(watch, NAME_HEAP, 1, true);
	else if (unseen)
		touch_name(watch, NAME_UNSEEN, 1, true);
}

static void compare_subject(struct sim_footprint_run *watch)
{
	const struct shim_link *link = watch->run->world->link;
	bool unseen = false;

	compare(watch, watch->before.sections, link->sections, link->sections_size,
	        link->map.control->sections.address, &unseen);
	compare_heap(watch, link);
	compare_objects(watch, shim_core(&link->map));
	if (watch->before.rx_page)
		compare(watch, watch->before.rx,
		        link->map.memory + (watch->before.rx_page - SHIM_MEMORY_BASE),
		        watch->before.rx_size, watch->before.rx_page, NULL);
	touch_name(watch, NAME_UNSEEN, 1, unseen);
}

/* Where the subject has the buffer that the SPMC writes answers to; 0: nowhere. All of it is memory
 * of the machine. */
static uint64_t rx_address(const struct world *world)
{
	uint64_t physical = world->state.spmc.rx_page;

	return physical ? SHIM_MEMORY_BASE + (physical - SHIM_PHYSICAL_BASE) : 0;
}

static void remember(struct sim_footprint_run *watch)
{
	const struct world *world = watch->run->world;
	const struct shim_link *link = world->link;
	const struct shim_core *core = shim_core(&link->map);
	struct before *before = &watch->before;

	before->world = world->state;
	memcpy(&before->run, &watch->run->state, offsetof(struct sim_run_state, results));
	memcpy(&before->core, core,
	       offsetof(struct shim_core, objects) + core->object_top * sizeof core->objects[0]);
	memcpy(before->heap, link->map.state + SHIM_HEAP_OFFSET, core->heap_top);
	memcpy(before->sections, link->sections, link->sections_size);
	before->labels = ended_labels(watch->run);
	before->rx_page = rx_address(world);
	before->rx_size = (size_t)world->state.spmc.pages * SHIM_PAGE;
	if (before->rx_page)
		memcpy(before->rx, link->map.memory + (before->rx_page - SHIM_MEMORY_BASE),
		       before->rx_size);
}

void sim_footprint_run_begin(struct sim_footprint_run *watch, unsigned actor, int on)
{
	struct shim_control *control = watch->run->world->link->map.control;

	remember(watch);
	sim_footprint_clear(&watch->own);
	sim_footprint_clear(&watch->probe);
	watch->in_subject = watch->uses_heap = watch->asks = false;
	READ_WORLD(&watch->own, contexts[sim_actor_context(watch->run, actor)].under);
	if (watch->run->state.actors[actor].busy)
		watch->in_subject = true;
	else
		read_condition(watch, &watch->own, actor, on);
	watch->events = control->events;
	control->events |= SHIM_MASK_MEMORY;
	watch->watching = true;
}

static bool probe_state_changed(const struct sim_footprint_run *watch)
{
	for (unsigned i = 0; i < WORLD_MAX_VMS; i++)
		if (watch->before.world.vms[i].probe_due !=
		    watch->run->world->state.vms[i].probe_due)
			return true;
	return false;
}

static void finish_probe(struct sim_footprint_run *watch)
{
	for (unsigned i = 0; i < watch->run->world->config.vm_count; i++) {
		if (!watch->before.world.vms[i].probe_due)
			continue;
		READ_WORLD(&watch->own, vms[i].state);
		READ_WORLD(&watch->own, vms[i].vcpus);
	}
	sim_footprint_add_as_reads(&watch->own, &watch->probe);
}

const struct sim_footprint *sim_footprint_run_end(struct sim_footprint_run *watch)
{
	bool asked = watch->asks || probe_state_changed(watch);

	watch->watching = false;
	watch->run->world->link->map.control->events = watch->events;
	if (watch->in_subject)
		compare_subject(watch);
	compare_world(watch);
	compare_run(watch);
	if (asked || sim_footprint_meets(&watch->own, &watch->probe))
		finish_probe(watch);
	return sim_footprint_intern(watch->table, &watch->own);
}

void sim_footprint_run_look(struct sim_footprint_run *watch)
{
	struct shim_control *control = watch->run->world->link->map.control;

	sim_footprint_clear(&watch->probe);
	sim_footprint_clear(&watch->own);
	watch->events = control->events;
	control->events |= SHIM_MASK_MEMORY;
	watch->watching = true;
}

const struct sim_footprint *sim_footprint_run_looked(struct sim_footprint_run *watch)
{
	watch->watching = false;
	watch->run->world->link->map.control->events = watch->events;
	sim_footprint_clear(&watch->scratch);
	sim_footprint_add_as_reads(&watch->scratch, &watch->probe);
	sim_footprint_add_as_reads(&watch->scratch, &watch->own);
	return sim_footprint_intern(watch->table, &watch->scratch);
}

void sim_footprint_run_reads(struct sim_footprint_run *watch, const struct sim_footprint *reads)
{
	watch->own.everything |= reads->everything;
	for (uint32_t i = 0; i < reads->read_count; i++)
		sim_footprint_add(&watch->own, reads->reads[i].first,
		                  reads->reads[i].end - reads->reads[i].first, false);
}

/* Making */

static void look_at_scenario(struct sim_footprint_run *watch)
{
	const struct sim_scenario *scenario = watch->run->scenario;

	for (unsigned i = 0; i < scenario->thread_count; i++)
		for (unsigned j = 0; j < scenario->threads[i].step_count; j++) {
			const struct sim_step *step = &scenario->threads[i].steps[j];

			if (step->action == SIM_ACTION_VM_DESTROY)
				watch->destroyed |= 1u << step->vm;
		}
	watch->real_time = watch->run->levels->level[SIM_ORACLE_MODEL] != SIM_ORACLE_OFF;
}

struct sim_footprint_run *sim_footprint_run_new(struct sim_run *run)
{
	struct shim_link *link = run->world->link;
	struct sim_footprint_run *watch;

	if (!link->map.control->instrumented)
		return NULL;
	watch = g_new0(struct sim_footprint_run, 1);
	watch->run = run;
	watch->table = sim_footprint_table_new();
	watch->on_link_event = link->on_event;
	watch->link_user = link->user;
	watch->on_world_event = run->world->on_event;
	watch->world_user = run->world->user;
	link->on_event = on_link_event;
	link->user = watch;
	run->world->on_event = on_world_event;
	run->world->user = watch;
	look_at_scenario(watch);
	return watch;
}

void sim_footprint_run_free(struct sim_footprint_run *watch)
{
	struct world *world;

	if (!watch)
		return;
	world = watch->run->world;
	world->link->on_event = watch->on_link_event;
	world->link->user = watch->link_user;
	world->on_event = watch->on_world_event;
	world->user = watch->world_user;
	sim_footprint_table_free(watch->table);
	g_free(watch);
}
