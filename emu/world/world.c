/* SPDX-License-Identifier: MIT */
/* Contexts and VMs: starting entries, resuming them, and what follows when they end. */
#include "emu/world/world.h"

#include <string.h>

#include "emu/world/internal.h"

static struct shim_slot *slot_of(const struct world *world, uint32_t context)
{
	return shim_slot(&world->link->map, context);
}

void world_emit(struct world *world, const struct world_event *event)
{
	if (world->on_event && !world->quiet)
		world->on_event(world->user, event);
}

static uint32_t find_vm_in(const struct world *world, uint64_t id, enum world_vm_state state)
{
	for (uint32_t i = 0; i < world->config.vm_count; i++)
		if (world->config.vms[i].id.v == id && world->state.vms[i].state == state)
			return i;
	return WORLD_NO_VM;
}

uint32_t world_find_vm(const struct world *world, uint64_t id)
{
	static const enum world_vm_state states[] = {WORLD_VM_LIVE, WORLD_VM_CREATING,
	                                             WORLD_VM_DYING};
	uint32_t vm = WORLD_NO_VM;

	for (unsigned i = 0; i < sizeof states / sizeof states[0] && vm == WORLD_NO_VM; i++)
		vm = find_vm_in(world, id, states[i]);
	return vm;
}

/* The object behind slot.object; an empty name if there is none. */
static struct world_object object_name(const struct world *world, uint32_t number)
{
	struct world_object name = {.class_name = ""};
	const struct shim_core *core = shim_core(&world->link->map);

	if (number == 0 || number > SHIM_MAX_OBJECTS)
		return name;
	memcpy(name.class_name, core->objects[number - 1].class_name, SHIM_CLASS_SIZE - 1);
	name.owner = ffa_make_id(core->objects[number - 1].owner);
	return name;
}

static struct world_object name_in_event(const struct shim_event *event)
{
	struct world_object name = {.owner = ffa_make_id((uint32_t)(event->arg[1] >> 48))};

	memcpy(name.class_name, event->arg, SHIM_CLASS_SIZE - 1);
	return name;
}

static void on_lock_event(struct world *world, const struct shim_event *event)
{
	struct world_event out = {.context = event->context,
	                          .vm = WORLD_NO_VM,
	                          .object = name_in_event(event),
	                          .number = event->object};

	out.result = (event->flags & SHIM_EVENT_TRIED) != 0;
	if (event->point == SHIM_POINT_UNLOCKED)
		out.kind = WORLD_EVENT_UNLOCK;
	else if (event->point == SHIM_POINT_LOCKED)
		out.kind = event->flags & SHIM_EVENT_FAILED ? WORLD_EVENT_LOCK_FAILED
		                                            : WORLD_EVENT_LOCK;
	else if (event->flags & SHIM_EVENT_BLOCKED)
		out.kind = WORLD_EVENT_WAIT;
	else
		return; /* about to lock: a point, not yet an event */
	world_emit(world, &out);
}

static void note_work(struct world *world, uint64_t work)
{
	if (work < WORLD_MAX_WORK)
		world->state.work |= 1u << work;
}

static void note_timer(struct world *world, uint32_t context, uint64_t timer, uint64_t nanoseconds)
{
	if (timer >= WORLD_MAX_WORK)
		return;
	world->state.timers[timer] = world->state.now + nanoseconds + 1;
	world->state.timer_cpus[timer] = (uint8_t)slot_of(world, context)->cpu;
}

static void emit_vm(struct world *world, uint32_t context, uint32_t vm, enum world_event_kind kind)
{
	struct world_event event = {.kind = kind, .context = context, .vm = vm};

	world_emit(world, &event);
}

static void end_vm(struct world *world, uint32_t context, uint32_t vm)
{
	if (vm == WORLD_NO_VM)
		return;
	world->state.vms[vm].state = WORLD_VM_ABSENT;
	emit_vm(world, context, vm, WORLD_EVENT_VM_GONE);
}

static void on_access(struct world *world, const struct shim_event *event)
{
	uint32_t kind = event->flags & SHIM_ACCESS_KIND;
	struct world_event out = {.kind = WORLD_EVENT_ACCESS,
	                          .context = event->context,
	                          .vm = WORLD_NO_VM,
	                          .arg = {event->arg[0], event->arg[1]},
	                          .result = kind != SHIM_ACCESS_LOAD && kind != SHIM_ACCESS_FENCE,
	                          .access = {.pc = event->arg[2],
	                                     .kind = (uint8_t)kind,
	                                     .order = SHIM_ACCESS_ORDER_OF(event->flags),
	                                     .is_atomic = event->point == SHIM_POINT_ATOMIC,
	                                     .is_volatile = event->flags & SHIM_ACCESS_VOLATILE}};

	world_emit(world, &out);
}

static void on_link_event(void *user, const struct shim_event *event)
{
	struct world *world = user;
	struct world_event out = {.context = event->context,
	                          .vm = WORLD_NO_VM,
	                          .arg = {event->arg[0], event->arg[1]},
	                          .result = (int64_t)event->arg[2]};

	switch (event->point) {
	case SHIM_POINT_LOCK:
	case SHIM_POINT_LOCKED:
	case SHIM_POINT_UNLOCKED:
		on_lock_event(world, event);
		return;
	case SHIM_POINT_ALLOCATED:
		out.kind = WORLD_EVENT_ALLOCATED;
		break;
	case SHIM_POINT_FREE:
		out.kind = WORLD_EVENT_FREE;
		break;
	case SHIM_POINT_PAGE_FREE:
		out.kind = WORLD_EVENT_PAGE_FREE;
		out.result = world_note_page_free(world, event->arg[0]);
		break;
	case SHIM_POINT_UNMAP:
		out.kind = WORLD_EVENT_UNMAP;
		out.result = world->state.mapped != 0;
		world->state.mapped -= (uint32_t)out.result;
		break;
	case SHIM_POINT_DEFER:
		out.kind = WORLD_EVENT_DEFER;
		note_work(world, event->arg[0]);
		break;
	case SHIM_POINT_TIMER_SET:
		out.kind = WORLD_EVENT_TIMER_SET;
		note_timer(world, event->context, event->arg[0], event->arg[1]);
		break;
	case SHIM_POINT_VM_RELEASE:
		end_vm(world, event->context, find_vm_in(world, event->arg[0], WORLD_VM_DYING));
		return;
	case SHIM_POINT_WINDOW:
		out.kind = WORLD_EVENT_WINDOW;
		break;
	case SHIM_POINT_LOG:
		out.kind = WORLD_EVENT_LOG;
		out.text = world->link->map.control->log;
		break;
	case SHIM_POINT_ATOMIC:
	case SHIM_POINT_LOAD:
	case SHIM_POINT_STORE:
	case SHIM_POINT_GUEST_LOAD:
	case SHIM_POINT_GUEST_STORE:
		on_access(world, event);
		return;
	default:
		return; /* told by the world itself, which knows more */
	}
	world_emit(world, &out);
}

/* What on_link_event() makes something of; of the others the world knows more by itself. */
#define HEARD_POINTS                                                                         \
	(SHIM_MASK(LOCK) | SHIM_MASK(LOCKED) | SHIM_MASK(UNLOCKED) | SHIM_MASK(FREE) |       \
	 SHIM_MASK(PAGE_FREE) | SHIM_MASK(UNMAP) | SHIM_MASK(DEFER) | SHIM_MASK(TIMER_SET) | \
	 SHIM_MASK(VM_RELEASE) | SHIM_MASK(LOG) | SHIM_MASK(ALLOCATED) | SHIM_MASK(WINDOW))

bool world_sees_accesses(const struct world *world)
{
	return world->link->map.control->instrumented &&
	       world->link->map.control->events & SHIM_MASK_MEMORY;
}

void world_watch_accesses(struct world *world, bool watch)
{
	uint64_t *events = &world->link->map.control->events;

	*events = watch ? *events | SHIM_MASK_MEMORY : *events & ~SHIM_MASK_MEMORY;
}

void world_init(struct world *world, struct shim_link *link)
{
	memset(world, 0, sizeof *world);
	link->map.control->events &= HEARD_POINTS;
	world->link = link;
	world->contexts_used = SHIM_MAX_CONTEXTS;
	link->on_event = on_link_event;
	link->user = world;
	world->pristine = world_snapshot_new();
	world->scratch = world_snapshot_new();
	world_save(world, world->pristine);
}

void world_finish(struct world *world)
{
	if (world->link) {
		world->link->on_event = NULL;
		world->link = NULL;
	}
	world_snapshot_free(world->pristine);
	world_snapshot_free(world->scratch);
	world->pristine = world->scratch = NULL;
}

void world_reset(struct world *world, const struct world_config *config, unsigned contexts)
{
	world->contexts_used = SHIM_MAX_CONTEXTS;
	world->quiet = false;
	world_load(world, world->pristine);
	memset(slot_of(world, WORLD_PROBE_CONTEXT), 0, sizeof(struct shim_slot));
	world->config = *config;
	world_spmc_begin(world);
	world->contexts_used = contexts;
	for (uint32_t i = 0; i < SHIM_MAX_CONTEXTS; i++)
		world->state.contexts[i].vm = WORLD_NO_VM;
	memcpy(world->link->map.control->options, config->options, SHIM_OPTIONS_SIZE);
	world->link->map.control->error[0] = '\0';
	world->link->map.control->profile[0] = '\0';
}

void world_begin_phase(struct world *world, enum world_phase phase)
{
	world->state.phase = phase;
}

static struct shim_slot *start(struct world *world, uint32_t context, enum shim_entry entry,
                               uint64_t a, uint64_t b)
{
	struct shim_slot *slot = slot_of(world, context);

	memset(slot, 0, sizeof *slot);
	slot->state = SHIM_SLOT_READY;
	slot->entry = entry;
	slot->cpu = context;
	slot->entry_arg[0] = a;
	slot->entry_arg[1] = b;
	return slot;
}

void world_start_boot(struct world *world, uint32_t context)
{
	start(world, context, SHIM_ENTRY_BOOT, 0, 0);
}

void world_start_shutdown(struct world *world, uint32_t context)
{
	start(world, context, SHIM_ENTRY_SHUTDOWN, 0, 0);
}

void world_start_interrupt(struct world *world, uint32_t context, uint32_t on, uint32_t intid)
{
	struct shim_slot *slot = start(world, context, SHIM_ENTRY_INTERRUPT, intid, on);

	slot->cpu = slot_of(world, on)->cpu;
	world->state.sri &= ~(1u << intid % 32);
	if (on != context)
		world->state.contexts[on].under = context + 1;
}

void world_start_work(struct world *world, uint32_t context, uint32_t work)
{
	world->state.work &= ~(1u << work);
	start(world, context, SHIM_ENTRY_WORK, work, 0);
}

void world_start_timer(struct world *world, uint32_t context, uint32_t timer)
{
	struct shim_slot *slot = start(world, context, SHIM_ENTRY_TIMER, timer, 0);

	slot->cpu = world->state.timer_cpus[timer];
	world->state.timers[timer] = 0;
	world->state.timer_cpus[timer] = 0;
}

static bool runs_work(const struct world *world, uint32_t work)
{
	for (uint32_t i = 0; i < world->contexts_used; i++) {
		const struct shim_slot *slot = slot_of(world, i);

		if (slot->state != SHIM_SLOT_IDLE && slot->entry == SHIM_ENTRY_WORK &&
		    slot->entry_arg[0] == work)
			return true;
	}
	return false;
}

int world_next_work(const struct world *world)
{
	for (uint32_t i = 0; i < WORLD_MAX_WORK; i++)
		if (world->state.work >> i & 1 && !runs_work(world, i))
			return (int)i;
	return -1;
}

int world_next_timer(const struct world *world)
{
	int next = -1;

	for (int i = 0; i < (int)WORLD_MAX_WORK; i++) {
		uint64_t due = world->state.timers[i];

		if (due && due - 1 <= world->state.now &&
		    (next < 0 || due < world->state.timers[next]))
			next = i;
	}
	return next;
}

void world_start_bare(struct world *world, uint32_t context, uint32_t index)
{
	start(world, context, SHIM_ENTRY_BARE, index, 0);
}

void world_start_vm_create(struct world *world, uint32_t context, uint32_t vm)
{
	const struct world_vm_config *config = &world->config.vms[vm];

	memset(&world->state.vms[vm], 0, sizeof world->state.vms[vm]);
	world->state.vms[vm].state = WORLD_VM_CREATING;
	world->state.contexts[context].entry_vm = vm;
	start(world, context, SHIM_ENTRY_VM_CREATE, config->id.v, config->vcpus);
}

void world_start_vm_destroy(struct world *world, uint32_t context, uint32_t vm)
{
	world->state.vms[vm].state = WORLD_VM_DYING;
	for (uint32_t i = 0; i < WORLD_MAX_VCPUS; i++)
		world_vcpu_went_off(world, vm, i);
	world->state.contexts[context].entry_vm = vm;
	start(world, context, SHIM_ENTRY_VM_DESTROY, world->config.vms[vm].id.v, 0);
}

static void start_vcpu_change(struct world *world, uint32_t context, uint32_t vm, uint32_t vcpu,
                              bool online)
{
	struct world_event event = {.kind = online ? WORLD_EVENT_VCPU_ON : WORLD_EVENT_VCPU_OFF,
	                            .context = context,
	                            .vm = vm,
	                            .vcpu = vcpu};

	if (online)
		world->state.vms[vm].vcpus[vcpu].online = true;
	else
		world_vcpu_went_off(world, vm, vcpu);
	world_emit(world, &event);
	world->state.contexts[context].entry_vm = vm;
	start(world, context, online ? SHIM_ENTRY_VCPU_ON : SHIM_ENTRY_VCPU_OFF,
	      world->config.vms[vm].id.v, vcpu);
}

void world_start_vcpu_on(struct world *world, uint32_t context, uint32_t vm, uint32_t vcpu)
{
	start_vcpu_change(world, context, vm, vcpu, true);
}

void world_start_vcpu_off(struct world *world, uint32_t context, uint32_t vm, uint32_t vcpu)
{
	start_vcpu_change(world, context, vm, vcpu, false);
}

void world_start_call(struct world *world, uint32_t context, uint32_t vm, uint32_t vcpu,
                      const struct ffa_regs *regs)
{
	struct shim_slot *slot =
	        start(world, context, SHIM_ENTRY_GUEST_CALL, world->config.vms[vm].id.v, vcpu);

	slot->regs = *regs;
	world->state.contexts[context].vm = vm;
	world->state.contexts[context].vcpu = vcpu;
	world->state.vms[vm].inside++;
}

bool world_may_destroy(const struct world *world, uint32_t vm)
{
	return world->state.vms[vm].state == WORLD_VM_LIVE && world->state.vms[vm].inside == 0;
}

bool world_may_call(const struct world *world, uint32_t vm, uint32_t vcpu)
{
	return world->state.vms[vm].state == WORLD_VM_LIVE &&
	       world->state.vms[vm].vcpus[vcpu].online;
}

static void emit_entry(struct world *world, uint32_t context, enum world_event_kind kind)
{
	const struct shim_slot *slot = slot_of(world, context);
	struct world_event event = {.kind = kind,
	                            .context = context,
	                            .entry = (enum shim_entry)slot->entry,
	                            .vm = WORLD_NO_VM,
	                            .vcpu = (uint32_t)slot->entry_arg[1],
	                            .arg = {slot->entry_arg[0], slot->entry_arg[1]},
	                            .result = (int64_t)slot->entry_result};

	if (slot->entry == SHIM_ENTRY_GUEST_CALL) {
		event.vm = world->state.contexts[context].vm;
		event.regs = &slot->regs;
	} else if (slot->entry >= SHIM_ENTRY_VM_CREATE && slot->entry <= SHIM_ENTRY_VCPU_OFF) {
		event.vm = world->state.contexts[context].entry_vm;
	}
	world_emit(world, &event);
}

static void emit_regs(struct world *world, uint32_t context, enum world_event_kind kind)
{
	struct world_event event = {.kind = kind,
	                            .context = context,
	                            .vm = WORLD_NO_VM,
	                            .arg = {world->state.spmc.stopped},
	                            .regs = &slot_of(world, context)->regs};

	world_emit(world, &event);
}

static void serve_smc(struct world *world, uint32_t context)
{
	emit_regs(world, context, WORLD_EVENT_SMC);
	world->smc_count++;
	world->state.contexts[context].smc = (uint32_t)slot_of(world, context)->regs.x[0];
	world->cpu = slot_of(world, context)->cpu;
	world_spmc_call(world, &slot_of(world, context)->regs);
	emit_regs(world, context,
	          world->state.spmc.stopped ? WORLD_EVENT_SPMC_STOPPED : WORLD_EVENT_SMC_DONE);
}

bool world_fail_alloc(struct world *world, uint32_t context)
{
	uint32_t *fail = &world->state.contexts[context].fail_alloc;

	return *fail && --*fail == 0;
}

static void serve_alloc(struct world *world, uint32_t context)
{
	struct shim_slot *slot = slot_of(world, context);
	struct world_event event = {.kind = WORLD_EVENT_ALLOC,
	                            .context = context,
	                            .vm = WORLD_NO_VM,
	                            .arg = {slot->arg[0]}};

	slot->result = !world_fail_alloc(world, context);
	event.result = (int64_t)slot->result;
	world_emit(world, &event);
}

void world_serve(struct world *world, uint32_t context)
{
	switch (slot_of(world, context)->point) {
	case SHIM_POINT_SMC:
		serve_smc(world, context);
		break;
	case SHIM_POINT_INJECT:
		world_serve_inject(world, context);
		break;
	case SHIM_POINT_ONLINE:
		world_serve_online(world, context);
		break;
	case SHIM_POINT_ALLOC:
		serve_alloc(world, context);
		break;
	case SHIM_POINT_PAGE_ALLOC:
		world_serve_page_alloc(world, context);
		break;
	case SHIM_POINT_MAP:
		world_serve_map(world, context);
		break;
	default:
		break;
	}
}

static void end_vm_create(struct world *world, uint32_t context, const struct shim_slot *slot)
{
	uint32_t vm = world->state.contexts[context].entry_vm;

	if ((int64_t)slot->entry_result != FFA_OK) {
		world->state.vms[vm].state = WORLD_VM_ABSENT;
		return;
	}
	world->state.vms[vm].state = WORLD_VM_LIVE;
	emit_vm(world, context, vm, WORLD_EVENT_VM_LIVE);
}

static void end_guest_call(struct world *world, uint32_t context, uint32_t fid)
{
	struct world_context *own = &world->state.contexts[context];

	world->state.vms[own->vm].inside--;
	if (fid == FFA_NOTIFICATION_GET_32)
		world_note_get(world, own->vm);
	own->vm = WORLD_NO_VM;
}

/* What the world has to do when an entry ends, whoever started it. */
static void end_entry(struct world *world, uint32_t context)
{
	const struct shim_slot *slot = slot_of(world, context);
	uint32_t vm = world->state.contexts[context].entry_vm;

	emit_entry(world, context, WORLD_EVENT_LEAVE);
	world->state.contexts[context].fail_alloc = 0;
	if (slot->entry == SHIM_ENTRY_VM_CREATE) {
		end_vm_create(world, context, slot);
	} else if (slot->entry == SHIM_ENTRY_VM_DESTROY) {
		if (slot->entry_result)
			emit_vm(world, context, vm, WORLD_EVENT_VM_HELD);
		else
			end_vm(world, context, vm);
	} else if (slot->entry == SHIM_ENTRY_INTERRUPT) {
		world->state.contexts[slot->entry_arg[1]].under = 0;
	} else if (slot->entry == SHIM_ENTRY_GUEST_CALL) {
		end_guest_call(world, context, (uint32_t)slot->entry_arg[2]);
	}
}

enum world_stop world_resume(struct world *world, uint32_t context, uint64_t mask)
{
	struct shim_slot *slot = slot_of(world, context);
	unsigned services = 0;

	if (slot->state == SHIM_SLOT_READY) {
		slot->entry_arg[2] = slot->regs.x[0];
		emit_entry(world, context, WORLD_EVENT_ENTER);
	}
	do {
		if (slot->state == SHIM_SLOT_STOPPED) {
			uint32_t point = slot->point;

			world_serve(world, context);
			if (point == SHIM_POINT_SMC && world->state.spmc.stopped)
				return WORLD_STOP_SPMC;
			if (point == SHIM_POINT_SMC && mask & SHIM_MASK(SMC_DONE)) {
				slot->point = SHIM_POINT_SMC_DONE;
				return WORLD_STOP_POINT;
			}
		}
		if (shim_link_resume(world->link, context, mask))
			return WORLD_STOP_LOST;
	} while (slot->state == SHIM_SLOT_STOPPED && !(mask >> slot->point & 1) &&
	         ++services < WORLD_MAX_SERVICES);
	switch (slot->state) {
	case SHIM_SLOT_STOPPED:
		return WORLD_STOP_POINT;
	case SHIM_SLOT_BLOCKED:
		return WORLD_STOP_BLOCKED;
	case SHIM_SLOT_DONE:
		end_entry(world, context);
		return WORLD_STOP_DONE;
	default:
		return WORLD_STOP_CRASH;
	}
}

int64_t world_collect(struct world *world, uint32_t context, struct ffa_regs *ret_regs)
{
	struct shim_slot *slot = slot_of(world, context);

	slot->state = SHIM_SLOT_IDLE;
	if (ret_regs)
		*ret_regs = slot->regs;
	return (int64_t)slot->entry_result;
}

bool world_object(const struct world *world, uint32_t context, struct world_object *ret_object,
                  uint32_t *ret_holder)
{
	const struct shim_slot *slot = slot_of(world, context);

	if (slot->object == 0 || slot->object > SHIM_MAX_OBJECTS)
		return false;
	*ret_object = object_name(world, slot->object);
	*ret_holder = shim_core(&world->link->map)->objects[slot->object - 1].holder;
	return true;
}

bool world_enabled(const struct world *world, uint32_t context)
{
	const struct shim_slot *slot = slot_of(world, context);
	struct world_object object;
	uint32_t holder = 0;

	if (world->state.contexts[context].under)
		return false;
	if (slot->state == SHIM_SLOT_READY || slot->state == SHIM_SLOT_STOPPED)
		return true;
	return slot->state == SHIM_SLOT_BLOCKED && world_object(world, context, &object, &holder) &&
	       holder == 0;
}

void world_advance(struct world *world, uint64_t nanoseconds)
{
	struct world_event event = {.kind = WORLD_EVENT_TIME, .vm = WORLD_NO_VM};

	world->state.now += nanoseconds;
	event.arg[0] = world->state.now;
	world_emit(world, &event);
}

void world_holdings(const struct world *world, struct world_holdings *ret_holdings)
{
	const struct shim_core *core = shim_core(&world->link->map);
	const struct world_ledger *ledger = &world->state.spmc.ledger;
	uint32_t mapped = world->state.mapped;

	ret_holdings->allocations = core->alloc_live;
	ret_holdings->objects = core->object_live;
	ret_holdings->pages =
	        (uint32_t)__builtin_popcount(world->state.own_pages & ~ledger->kept_own);
	ret_holdings->mapped = mapped > ledger->kept_guest ? mapped - ledger->kept_guest : 0;
	ret_holdings->bitmaps = world_spmc_bitmaps(world) -
	                        (world->state.spmc.bitmaps[0].state == WORLD_SLOT_CREATED) -
	                        (uint32_t)__builtin_popcount(ledger->kept_bitmaps);
	ret_holdings->rx_owned = world->state.spmc.rx == WORLD_RX_FULL && !ledger->kept_rx;
}
