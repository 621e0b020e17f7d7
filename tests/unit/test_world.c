/* SPDX-License-Identifier: MIT */
/* The world: snapshots, interrupts, questions on a copy, VMs, virtual time, on real subjects. */
#include <string.h>

#include "tests/subjects/bare.h"
#include "tests/unit/test_world.h"

static const struct emu_transport transports[] = EMU_TRANSPORTS;

/* Snapshots */

/* One call inside its lock, one waiting for it, one not begun, one at an injection's door. */
static void stop_in_the_middle(void)
{
	emu_bind();
	emu_start_set(1);
	emu_run_to(1, SHIM_POINT_INJECT);
	emu_start_call(2, VM1, 0, FFA_NOTIFICATION_GET_32, 1, FFA_NOTIFICATION_GET_VM, 0);
	assert_eq_int(emu_run(2, 0), WORLD_STOP_BLOCKED);
	emu_start_call(3, VM1, 1, FFA_NOTIFICATION_UNBIND_32, 2 << 16 | 1, 0, BIT);
	emu_clear();
}

/* What follows, in one of two orders, as text: events, answers, state at the end. */
static char *continuation(const uint32_t *order)
{
	struct world_holdings holdings;

	emu_clear();
	for (unsigned i = 0; i < 3; i++)
		emu_finish(order[i]);
	world_holdings(&emu.world, &holdings);
	g_string_append_printf(emu.trace, "%" G_GINT64_MODIFIER "x %u %u\n", emu_pending(),
	                       holdings.allocations, holdings.objects);
	return g_strdup(emu.trace->str);
}

TEST_EACH(snapshot, the_same_continuation_from_inside_calls, transports)
{
	static const uint32_t orders[2][3] = {{1, 2, 3}, {1, 3, 2}};
	unsigned rounds = strcmp(c->name, "inline") == 0 ? 200 : 20;
	struct world_snapshot *snapshot = world_snapshot_new();
	char *wanted[2] = {NULL};

	emu_open_machine(c->name, emu_machine());
	stop_in_the_middle();
	world_save(&emu.world, snapshot);
	for (unsigned i = 0; i < rounds; i++) {
		g_autofree char *got = NULL;

		world_load(&emu.world, snapshot);
		got = continuation(orders[i % 2]);
		if (i < 2)
			wanted[i] = g_steal_pointer(&got);
		else
			assert_str(got, wanted[i % 2]);
	}
	assert_true(strcmp(wanted[0], wanted[1]) != 0);
	g_free(wanted[0]);
	g_free(wanted[1]);
	world_snapshot_free(snapshot);
	emu_close();
}

/* A boot that is stopped at each of its SMCs in turn, taken up again, gives the same machine. */
TEST(snapshot, at_every_smc_of_a_boot)
{
	struct world_snapshot *snapshot = world_snapshot_new();
	struct world_config config = emu_machine();
	uint64_t smcs;

	config.spmc.present = true;
	config.spmc.version = FFA_VERSION_1_2;
	emu_open_mediator("inline", "hypervisor-plain", &config);
	smcs = emu.world.smc_count;
	assert_true(smcs > 2);
	for (unsigned stop = 0; stop < smcs; stop++) {
		g_autofree char *first = NULL;

		world_reset(&emu.world, &config, 4);
		world_start_boot(&emu.world, 1);
		for (unsigned i = 0; i <= stop; i++)
			emu_run_to(1, SHIM_POINT_SMC);
		world_save(&emu.world, snapshot);
		emu_clear();
		emu_finish(1);
		first = g_strdup(emu.trace->str);
		world_load(&emu.world, snapshot);
		emu_clear();
		emu_finish(1);
		assert_str(emu.trace->str, first);
		assert_eq_int((int64_t)emu_slot(1)->entry_result, FFA_OK);
	}
	world_snapshot_free(snapshot);
	emu_close();
}

TEST_EACH(snapshot, holds_the_live_stack, transports)
{
	struct world_snapshot *snapshot = world_snapshot_new();
	size_t empty;

	emu_open(c->name, "bare-plain", NULL);
	world_save(&emu.world, snapshot);
	empty = world_snapshot_size(snapshot);
	emu_bare(5, BARE_DEEP);
	emu_run_to(5, SHIM_POINT_WINDOW);
	world_save(&emu.world, snapshot);
	assert_true(world_snapshot_size(snapshot) > empty + 32 * 1024);
	assert_true(world_snapshot_size(snapshot) < empty + 40 * 1024);
	for (unsigned i = 0; i < 3; i++) {
		emu_finish(5);
		assert_eq_u64(emu_last(), 1);
		emu_bare(5, BARE_OVERFLOW); /* leaves nothing of the stack as it was */
		assert_eq_int(emu_run(5, 0), WORLD_STOP_CRASH);
		world_load(&emu.world, snapshot);
	}
	emu_finish(5);
	assert_eq_u64(emu_last(), 1);
	world_snapshot_free(snapshot);
	emu_close();
}

TEST_EACH(snapshot, holds_sections_heap_and_objects, transports)
{
	struct world_snapshot *snapshot = world_snapshot_new();
	struct world_holdings holdings;

	emu_open(c->name, "bare-plain", NULL);
	emu_do(BARE_LOCKED_ADD);
	emu_do(BARE_ALLOC_KEEP);
	world_save(&emu.world, snapshot);
	emu_do(BARE_LOCKED_ADD);
	emu_do(BARE_FREE_KEPT);
	emu_bare(0, BARE_LOCK_FINISHED); /* one object less */
	assert_eq_int(emu_run(0, 0), WORLD_STOP_CRASH);
	world_holdings(&emu.world, &holdings);
	assert_eq_u64(holdings.allocations, 0);
	assert_eq_u64(holdings.objects, 2);
	world_load(&emu.world, snapshot);
	world_holdings(&emu.world, &holdings);
	assert_eq_u64(holdings.allocations, 1);
	assert_eq_u64(holdings.objects, 3);
	emu_do(BARE_READ);
	assert_eq_u64(emu_last(), 1);
	emu_do(BARE_FREE_KEPT); /* no finding: it is a live allocation again */
	world_snapshot_free(snapshot);
	emu_close();
}

TEST(snapshot, holds_the_pages_that_were_written)
{
	const uint64_t page = SHIM_PHYSICAL_BASE + SHIM_ENDPOINT_SIZE, other = page + SHIM_PAGE;
	struct world_snapshot *snapshot = world_snapshot_new();

	emu_open("inline", "bare-plain", NULL);
	*world_memory(&emu.world, page, 1, true) = 0x11;
	world_save(&emu.world, snapshot);
	*world_memory(&emu.world, page, 1, true) = 0x22;
	*world_memory(&emu.world, other, 1, true) = 0x33;
	world_load(&emu.world, snapshot);
	assert_eq_u64(*world_memory(&emu.world, page, 1, false), 0x11);
	assert_eq_u64(*world_memory(&emu.world, other, 1, false), 0);
	emu_boot_again(NULL);
	assert_eq_u64(*world_memory(&emu.world, page, 1, false), 0);
	world_snapshot_free(snapshot);
	emu_close();
}

TEST(memory, ends_where_it_ends)
{
	const uint64_t last = SHIM_PHYSICAL_BASE + SHIM_MEMORY_SIZE - 1;

	emu_open("inline", "bare-plain", NULL);
	assert_not_null(world_memory(&emu.world, last, 1, false));
	assert_null(world_memory(&emu.world, last + 1, 1, false));
	assert_null(world_memory(&emu.world, SHIM_PHYSICAL_BASE - 1, 1, false));
	assert_null(world_memory(&emu.world, UINT64_MAX, 1, false));
	assert_not_null(world_memory(&emu.world, SHIM_PHYSICAL_BASE + 4095, 1, false));
	assert_null(world_memory(&emu.world, SHIM_PHYSICAL_BASE + 4095, 2, false));
	emu_close();
}

/* Determinism: nothing of an earlier run, and nothing of the host, is in a later one. */

static char *whole_run(const struct world_config *config)
{
	emu_boot_again(config);
	emu_create_vms();
	stop_in_the_middle();
	return continuation((const uint32_t[]){1, 2, 3});
}

TEST_EACH(world, the_same_run_twice_is_identical, transports)
{
	struct world_config config = emu_machine();
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;
	g_autofree char *third = NULL;

	emu_open_machine(c->name, config);
	first = whole_run(&config);
	/* another machine in between leaves nothing */
	config.silent_injection = true;
	g_free(whole_run(&config));
	config.silent_injection = false;
	second = whole_run(&config);
	assert_str(second, first);
	emu_close();
	emu_open_machine(c->name, config);
	third = whole_run(&config);
	assert_str(third, first);
	emu_close();
}
