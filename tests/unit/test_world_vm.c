/* SPDX-License-Identifier: MIT */
/* VMs, their interrupts and virtual time, and what the world remembers of a notification. */
#include <string.h>

#include "emu/world/internal.h"
#include "tests/subjects/bare.h"
#include "tests/unit/test_world.h"

static const struct emu_transport transports[] = EMU_TRANSPORTS;

static bool notified(uint32_t vcpu)
{
	return emu.world.state.vms[VM1].vcpus[vcpu].notified;
}

/* Injection: what the service does, whatever the mediator makes of it. */

struct inject_case {
	const char *name;
	uint64_t vm;
	uint64_t vcpu;
	uint64_t intid;
	bool off;
	bool silent;
	enum shim_inject told;
	enum shim_inject real;
};

static const struct inject_case inject_cases[] = {
        {"on line", 1, 0, NPI, false, false, SHIM_INJECT_ACCEPTED, SHIM_INJECT_ACCEPTED},
        {"off line", 1, 0, NPI, true, false, SHIM_INJECT_DROPPED, SHIM_INJECT_DROPPED},
        {"silent, on line", 1, 0, NPI, false, true, SHIM_INJECT_UNKNOWN, SHIM_INJECT_ACCEPTED},
        {"silent, off line", 1, 0, NPI, true, true, SHIM_INJECT_UNKNOWN, SHIM_INJECT_DROPPED},
        {"highest interrupt", 1, 1, 63, false, false, SHIM_INJECT_ACCEPTED, SHIM_INJECT_ACCEPTED},
        {"no such interrupt", 1, 0, 64, false, false, SHIM_INJECT_DROPPED, SHIM_INJECT_DROPPED},
        {"no such vCPU", 1, VCPUS, NPI, false, false, SHIM_INJECT_DROPPED, SHIM_INJECT_DROPPED},
        {"no such VM", 3, 0, NPI, false, false, SHIM_INJECT_DROPPED, SHIM_INJECT_DROPPED},
        {"huge numbers", UINT64_MAX, UINT64_MAX, UINT64_MAX, false, false, SHIM_INJECT_DROPPED,
         SHIM_INJECT_DROPPED},
};

static enum shim_inject inject(uint64_t vm, uint64_t vcpu, uint64_t intid)
{
	struct shim_slot *slot = shim_slot(&emu.link.map, 0);

	slot->arg[0] = vm;
	slot->arg[1] = vcpu;
	slot->arg[2] = intid;
	world_serve_inject(&emu.world, 0);
	return (enum shim_inject)slot->result;
}

static struct world_vcpu *vcpu_of(uint32_t vcpu)
{
	return &emu.world.state.vms[VM1].vcpus[vcpu];
}

TEST_EACH(inject, tells_and_does, inject_cases)
{
	struct world_config config = emu_machine();
	bool accepted = c->real == SHIM_INJECT_ACCEPTED;

	config.silent_injection = c->silent;
	emu_open_machine("inline", config);
	if (c->off)
		world_vcpu_went_off(&emu.world, VM1, 0);
	assert_eq_int(inject(c->vm, c->vcpu, c->intid), c->told);
	assert_eq_u64(emu.world.state.vms[VM1].npi_count, accepted);
	if (accepted) {
		assert_eq_u64(vcpu_of((uint32_t)c->vcpu)->inflight, 1ull << c->intid);
		assert_true(notified((uint32_t)c->vcpu));
	} else {
		assert_eq_u64(vcpu_of(0)->inflight, 0);
		assert_false(notified(0));
	}
	emu_close();
}

TEST(inject, merges_with_what_is_pending)
{
	emu_open_machine("inline", emu_machine());
	inject(1, 0, NPI);
	assert_eq_int(inject(1, 0, NPI), SHIM_INJECT_ACCEPTED);
	assert_eq_u64(world_take_interrupt(&emu.world, VM1, 0, 0), NPI);
	assert_eq_u64(world_take_interrupt(&emu.world, VM1, 0, 0), 0);
	assert_false(world_interrupt_pending(&emu.world, VM1, 1, 0)); /* the other vCPU has none */
	emu_close();
}

TEST(inject, interrupts_are_taken_lowest_first_or_by_number)
{
	emu_open_machine("inline", emu_machine());
	inject(1, 0, 40);
	inject(1, 0, 3);
	inject(1, 0, 9);
	assert_eq_u64(world_take_interrupt(&emu.world, VM1, 0, 9), 9);
	assert_eq_u64(world_take_interrupt(&emu.world, VM1, 0, 9), 0);
	assert_eq_u64(world_take_interrupt(&emu.world, VM1, 0, 0), 3);
	assert_eq_u64(world_take_interrupt(&emu.world, VM1, 0, 0), 40);
	assert_eq_u64(emu.counts[WORLD_EVENT_TAKE], 3);
	emu_close();
}

TEST(inject, going_off_line_loses_what_is_pending)
{
	emu_open_machine("inline", emu_machine());
	inject(1, 1, NPI);
	world_start_vcpu_off(&emu.world, 0, VM1, 1);
	emu_finish(0);
	world_start_vcpu_on(&emu.world, 0, VM1, 1);
	emu_finish(0);
	assert_false(world_interrupt_pending(&emu.world, VM1, 1, 0));
	assert_false(notified(1));
	emu_close();
}

/* A vCPU that goes off line between the mediator's question and its injection. */
TEST(inject, a_window_drops_it)
{
	emu_open_machine("inline", emu_machine());
	emu_bind();
	world_start_vcpu_off(&emu.world, 0, VM1, 1);
	emu_finish(0);
	emu_start_set(1);
	emu_run_to(1, SHIM_POINT_INJECT);
	world_vcpu_went_off(&emu.world, VM1, 0);
	emu_finish(1);
	assert_eq_u64(emu.world.state.vms[VM1].npi_count, 0);
	assert_eq_u64(emu_pending(), BIT);
	emu_close();
}

/* Questions on a copy */

/* All that a question might leave behind. */
struct everything {
	struct world_state state;
	struct shim_slot slots[SHIM_MAX_CONTEXTS];
	uint8_t low[SHIM_STACK_OFFSET];
	uint8_t sections[SHIM_SECTION_MAX];
	uint8_t stack[SHIM_STACK_SIZE];
};

__attribute__((no_sanitize_address)) static void copy(void *to, const void *from, size_t size)
{
	volatile uint8_t *target = to;
	const volatile uint8_t *source = from;

	while (size--)
		*target++ = *source++;
}

static struct everything *copy_everything(uint32_t stopped)
{
	struct everything *all = g_new0(struct everything, 1);
	uint64_t size;
	const uint8_t *stack = shim_link_stack(&emu.link, stopped, &size);

	all->state = emu.world.state;
	for (uint32_t i = 0; i < SHIM_MAX_CONTEXTS; i++)
		if (i != WORLD_PROBE_CONTEXT)
			all->slots[i] = *emu_slot(i);
	copy(all->low, emu.link.map.state, sizeof all->low);
	copy(all->sections, emu.link.sections, emu.link.sections_size);
	copy(all->stack, stack, size);
	return all;
}

TEST_EACH(probe, changes_nothing, transports)
{
	g_autofree struct everything *before = NULL;
	g_autofree struct everything *after = NULL;

	emu_open_machine(c->name, emu_machine());
	emu_bind();
	emu_set();
	/* with a call of another receiver inside its lock: no obstacle */
	emu_start_call(1, VM2, 0, FFA_NOTIFICATION_BIND_32, 1 << 16 | 2, 0, BIT);
	emu_run_to(1, SHIM_POINT_UNLOCK);
	emu_clear();
	before = copy_everything(1);
	for (unsigned i = 0; i < 3; i++)
		assert_eq_u64(emu_pending(), BIT);
	after = copy_everything(1);
	assert_mem(&after->state, &before->state, sizeof after->state);
	assert_mem(after->slots, before->slots, sizeof after->slots);
	assert_mem(after->low, before->low, sizeof after->low);
	assert_mem(after->sections, before->sections, sizeof after->sections);
	assert_mem(after->stack, before->stack, sizeof after->stack);
	assert_str(emu.trace->str, "");
	emu_finish(1);
	emu_get(FFA_NOTIFICATION_GET_VM); /* the bit is still there for its VM */
	assert_eq_u64(emu_slot(0)->regs.x[4], BIT);
	emu_close();
}

TEST(probe, has_no_answer_while_the_lock_is_held)
{
	uint64_t bits;

	emu_open_machine("inline", emu_machine());
	emu_bind();
	emu_start_set(1);
	emu_run_to(1, SHIM_POINT_INJECT); /* inside notif[vm1] */
	assert_false(world_probe_pending(&emu.world, VM1, &bits));
	assert_true(world_probe_pending(&emu.world, VM2, &bits));
	emu_finish(1);
	assert_eq_u64(emu_pending(), BIT);
	emu_close();
}

/* Wake-ups: an NPI counts until a GET has left nothing, or its vCPU was off line. */

TEST(wake_up, a_get_that_leaves_nothing_ends_it)
{
	emu_open_machine("inline", emu_machine());
	emu_bind();
	emu_set();
	assert_true(notified(0) != notified(1)); /* one vCPU is enough */
	emu_get(FFA_NOTIFICATION_GET_VM);
	assert_false(notified(0) || notified(1));
	emu_close();
}

TEST(wake_up, a_get_that_leaves_something_does_not)
{
	emu_open_machine("inline", emu_machine());
	emu_bind();
	emu_set();
	emu_get(FFA_NOTIFICATION_GET_HYP);
	assert_true(notified(0) || notified(1));
	assert_eq_u64(emu_pending(), BIT);
	emu_close();
}

TEST(wake_up, taking_the_interrupt_does_not)
{
	emu_open_machine("inline", emu_machine());
	emu_bind();
	emu_set();
	assert_eq_u64(world_take_interrupt(&emu.world, VM1, notified(0) ? 0 : 1, NPI), NPI);
	assert_true(notified(0) || notified(1));
	emu_close();
}

TEST(wake_up, another_vms_get_does_not)
{
	emu_open_machine("inline", emu_machine());
	emu_bind();
	emu_set();
	assert_eq_u64(emu_call(VM2, FFA_NOTIFICATION_GET_32, 2, FFA_NOTIFICATION_GET_VM, 0),
	              FFA_SUCCESS_32);
	assert_true(notified(0) || notified(1));
	emu_close();
}

/* The GET is over, but a SET is in the lock: whether anything is left is asked later. */
TEST(wake_up, is_settled_when_the_lock_is_free)
{
	emu_open_machine("inline", emu_machine());
	emu_bind();
	emu_set();
	emu_start_call(1, VM1, 0, FFA_NOTIFICATION_GET_32, 1, FFA_NOTIFICATION_GET_VM, 0);
	emu_run_to(1, SHIM_POINT_UNLOCK);
	emu_start_call(2, VM1, 1, FFA_NOTIFICATION_UNBIND_32, 2 << 16 | 1, 0, 0x8);
	assert_eq_int(emu_run(2, 0), WORLD_STOP_BLOCKED);
	emu_finish(1);
	emu_run_to(2, SHIM_POINT_UNLOCK); /* holds the lock now, and will change nothing */
	world_settle(&emu.world);
	assert_true(emu.world.state.vms[VM1].probe_due);
	assert_true(notified(0) || notified(1));
	emu_finish(2);
	world_settle(&emu.world);
	assert_false(emu.world.state.vms[VM1].probe_due);
	assert_false(notified(0) || notified(1));
	emu_close();
}

/* The life of a VM */

TEST(vm, lives_from_create_to_destroy)
{
	struct world_config config = emu_machine();

	emu_open_mediator("inline", "hypervisor-plain", &config);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_ABSENT);
	assert_false(world_may_call(&emu.world, VM1, 0));
	assert_false(world_may_destroy(&emu.world, VM1));
	world_start_vm_create(&emu.world, 0, VM1);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_CREATING);
	assert_false(world_may_destroy(&emu.world, VM1));
	emu_finish(0);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_LIVE);
	assert_eq_u64(emu.counts[WORLD_EVENT_VM_LIVE], 1);
	assert_false(world_may_call(&emu.world, VM1, 0)); /* no vCPU is on line yet */
	world_start_vcpu_on(&emu.world, 0, VM1, 0);
	assert_true(world_may_call(&emu.world, VM1, 0)); /* before the mediator is told */
	emu_finish(0);
	assert_false(world_may_call(&emu.world, VM1, 1));
	world_start_vm_destroy(&emu.world, 0, VM1);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_DYING);
	assert_false(world_may_call(&emu.world, VM1, 0));
	assert_false(world_may_destroy(&emu.world, VM1));
	emu_finish(0);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_ABSENT);
	assert_eq_u64(emu.counts[WORLD_EVENT_VM_GONE], 1);
	emu_close();
}

TEST(vm, stays_while_a_vcpu_of_it_is_inside)
{
	emu_open_machine("inline", emu_machine());
	emu_bind();
	emu_start_set(1);
	emu_run_to(1, SHIM_POINT_LOCK);
	assert_false(world_may_destroy(&emu.world, VM2));
	assert_true(world_may_destroy(&emu.world, VM1)); /* the receiver may go meanwhile */
	emu_start_call(2, VM2, 1, FFA_ID_GET_32, 0, 0, 0);
	emu_finish(2);
	assert_false(world_may_destroy(&emu.world, VM2));
	emu_finish(1);
	assert_true(world_may_destroy(&emu.world, VM2));
	emu_close();
}

TEST(vm, is_absent_when_the_mediator_had_no_memory)
{
	struct world_config config = emu_machine();

	emu_open_mediator("inline", "hypervisor-plain", &config);
	world_start_vm_create(&emu.world, 0, VM1);
	emu.world.state.contexts[0].fail_alloc = 1;
	emu_finish(0);
	assert_status(emu_slot(0)->entry_result, FFA_NO_MEMORY);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_ABSENT);
	assert_eq_u64(emu.counts[WORLD_EVENT_VM_LIVE], 0);
	world_start_vm_create(&emu.world, 0, VM1); /* the next one finds memory */
	emu_finish(0);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_LIVE);
	emu_close();
}

/* Two VMs of one id, of which one exists at a time. */
static void open_twins(void)
{
	struct world_config config = emu_machine();

	config.vms[VM2].id = config.vms[VM1].id;
	emu_open_mediator("inline", "hypervisor-plain", &config);
	world_start_vm_create(&emu.world, 0, VM1);
	emu_finish(0);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_LIVE);
}

TEST(vm, is_refused_while_the_one_of_its_id_is_there)
{
	open_twins();
	world_start_vm_create(&emu.world, 0, VM2);
	emu_finish(0);
	assert_status(emu_slot(0)->entry_result, FFA_INVALID_PARAMETERS);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_LIVE);
	assert_eq_int(emu.world.state.vms[VM2].state, WORLD_VM_ABSENT);
	emu_close();
}

TEST(vm, follows_the_one_of_its_id)
{
	open_twins();
	world_start_vm_destroy(&emu.world, 0, VM1);
	emu_finish(0);
	world_start_vm_create(&emu.world, 0, VM2);
	emu_finish(0);
	assert_eq_int(emu.world.state.vms[VM1].state, WORLD_VM_ABSENT);
	assert_eq_int(emu.world.state.vms[VM2].state, WORLD_VM_LIVE);
	assert_eq_u64(emu.counts[WORLD_EVENT_VM_LIVE], 2);
	assert_eq_u64(emu.counts[WORLD_EVENT_VM_GONE], 1);
	emu_close();
}

/* Who is meant by an id: the one that lives, else the one that comes, else the one that goes. */
TEST(vm, of_an_id_is_the_one_most_alive)
{
	static const struct {
		enum world_vm_state first, second;
		uint32_t want;
	} cases[] = {
	        {WORLD_VM_LIVE, WORLD_VM_ABSENT, VM1},
	        {WORLD_VM_DYING, WORLD_VM_ABSENT, VM1},
	        {WORLD_VM_ABSENT, WORLD_VM_LIVE, VM2},
	        {WORLD_VM_DYING, WORLD_VM_CREATING, VM2},
	        {WORLD_VM_CREATING, WORLD_VM_DYING, VM1},
	        {WORLD_VM_DYING, WORLD_VM_LIVE, VM2},
	        {WORLD_VM_CREATING, WORLD_VM_LIVE, VM2},
	        {WORLD_VM_ABSENT, WORLD_VM_ABSENT, WORLD_NO_VM},
	};

	open_twins();
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		emu.world.state.vms[VM1].state = (uint8_t)cases[i].first;
		emu.world.state.vms[VM2].state = (uint8_t)cases[i].second;
		assert_eq_u64(world_find_vm(&emu.world, emu.world.config.vms[VM1].id.v),
		              cases[i].want);
	}
	emu_close();
}

/* Virtual time, deferred work */

TEST(time, timers_are_due_in_order_and_not_before)
{
	emu_open("inline", "bare-plain", NULL);
	emu_do(BARE_TASKS);
	assert_eq_int(world_next_timer(&emu.world), -1);
	world_advance(&emu.world, 199);
	assert_eq_int(world_next_timer(&emu.world), -1);
	world_advance(&emu.world, 1);
	assert_eq_int(world_next_timer(&emu.world), 1);
	world_advance(&emu.world, 300);
	assert_eq_u64(emu.world.state.now, 500);
	assert_eq_int(world_next_timer(&emu.world), 1); /* due first */
	world_start_timer(&emu.world, 0, 1);
	emu_finish(0);
	assert_eq_u64(emu_last(), 1);
	assert_eq_int(world_next_timer(&emu.world), 3);
	world_start_timer(&emu.world, 0, 3);
	emu_finish(0);
	assert_eq_int(world_next_timer(&emu.world), -1);
	assert_eq_u64(emu.counts[WORLD_EVENT_TIME], 3);
	emu_close();
}

TEST(time, a_timer_runs_on_the_cpu_that_set_it)
{
	emu_open("inline", "bare-plain", NULL);
	world_start_bare(&emu.world, 2, BARE_TASKS);
	emu_finish(2);
	world_advance(&emu.world, 500);
	world_start_timer(&emu.world, 0, 1);
	assert_eq_u64(emu_slot(0)->cpu, 2);
	emu_finish(0);
	assert_eq_u64(emu.world.state.timer_cpus[1], 0);
	assert_eq_u64(emu.world.state.timer_cpus[3], 2);
	emu_close();
}

TEST(time, work_is_merged_and_never_overlaps_itself)
{
	emu_open("inline", "bare-plain", NULL);
	emu_do(BARE_TASKS);
	assert_eq_int(world_next_work(&emu.world), 2);
	world_start_work(&emu.world, 1, 2);
	emu_run_to(1, SHIM_POINT_WINDOW);
	assert_eq_int(world_next_work(&emu.world), -1);
	emu_do(BARE_TASKS); /* asked for again while it runs */
	assert_eq_int(world_next_work(&emu.world), -1);
	emu_finish(1);
	assert_eq_int(world_next_work(&emu.world), 2);
	world_start_work(&emu.world, 1, 2);
	emu_finish(1);
	assert_eq_int(world_next_work(&emu.world), -1);
	emu_close();
}

/* A resume always ends: whoever counts stops sees a mediator that asks for ever. */
TEST(world, a_resume_performs_so_many_services)
{
	emu_open("inline", "bare-plain", NULL);
	emu_bare(0, BARE_ALLOC_ALL);
	assert_eq_int(emu_run(0, 0), WORLD_STOP_POINT);
	assert_eq_u64(emu_slot(0)->point, SHIM_POINT_ALLOC);
	assert_true(emu.counts[WORLD_EVENT_ALLOC] < WORLD_MAX_SERVICES);
	emu_finish(0);
	assert_eq_u64(emu.counts[WORLD_EVENT_ALLOC], 131072 / (4096 + 16) + 1);
	emu_close();
}
