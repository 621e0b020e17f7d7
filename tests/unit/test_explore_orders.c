/* SPDX-License-Identifier: MIT */
/* Orders of locks that no single execution has, found by whoever has all of them. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/explore/file.h"
#include "sim/explore/orders.h"
#include "sim/explore/result.h"
#include "tests/subjects/broken.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"

/* Parts by hand */

static struct sim_part *part;

static void begin(void)
{
	part = sim_part_new();
}

static void met(enum sim_lock_order_kind kind, const char *held, const char *taken, uint64_t first)
{
	struct sim_explore_path path = {.length = 1, .step = {(uint8_t)first}};
	const struct sim_part_order order = {.kind = kind,
	                                     .held = (char *)(uintptr_t)held,
	                                     .taken = (char *)(uintptr_t)taken,
	                                     .first = first,
	                                     .path = first ? &path : NULL};

	sim_part_add_order(part, &order);
}

static const struct sim_part_finding *finding(guint number)
{
	assert_true(number < part->findings->len);
	return g_ptr_array_index(part->findings, number);
}

static void judged(guint count)
{
	sim_orders_judge(part);
	assert_eq_u64(part->findings->len, count);
}

static void end(void)
{
	sim_part_free(part);
}

TEST(explore_orders, one_order_is_fine)
{
	begin();
	met(SIM_LOCK_HELD, "a", "b", 1);
	met(SIM_LOCK_HELD, "b", "c", 2);
	met(SIM_LOCK_HELD, "a", "c", 3);
	met(SIM_LOCK_ELSEWHERE, NULL, "a", 1);
	judged(0);
	end();
}

/* Told by the execution that completes it, whichever that is. */
TEST(explore_orders, an_inversion)
{
	for (unsigned swap = 0; swap < 2; swap++) {
		const struct sim_path_head head = {.granularity = SIM_GRANULARITY_SYNC};
		g_autofree char *detail = NULL;

		begin();
		met(SIM_LOCK_HELD, "notif[vm1]", "buffers[vm2]", swap ? 7 : 3);
		met(SIM_LOCK_HELD, "buffers[vm2]", "notif[vm1]", swap ? 3 : 7);
		judged(1);
		assert_str(finding(0)->message, "notif[vm1] is taken with buffers[vm2] held, and "
		                                "elsewhere the other way round");
		assert_str(finding(0)->cause,
		           "notif[@] is taken with buffers[@] held, and elsewhere "
		           "the other way round");
		assert_str(finding(0)->source, "lock");
		assert_eq_int(finding(0)->verdict, SIM_VERDICT_FAIL);
		assert_eq_u64(finding(0)->first, 7);
		assert_eq_u64(finding(0)->count, 1);
		assert_eq_u64(finding(0)->path->length, 1);
		assert_eq_u64(finding(0)->path->step[0], 7);
		detail = sim_orders_detail(finding(0), &head);
		assert_contains(detail, swap ? "buffers[vm2] taken with notif[vm1] held, first in "
		                               "execution 7: --replay sync:h\n"
		                             : "buffers[vm2] taken with notif[vm1] held, first in "
		                               "execution 3: --replay sync:d\n");
		end();
	}
}

TEST(explore_orders, with_the_set_up)
{
	const struct sim_path_head head = {.granularity = SIM_GRANULARITY_SYNC};
	g_autofree char *detail = NULL;

	begin();
	met(SIM_LOCK_HELD, "b", "a", 0);
	met(SIM_LOCK_HELD, "a", "b", 2);
	judged(1);
	detail = sim_orders_detail(finding(0), &head);
	assert_contains(detail, "a taken with b held, in the set-up\n");
	assert_eq_u64(finding(0)->first, 2);
	end();
}

/* Three that are pairwise fine; of two, no longer circle is told for their sake. */
TEST(explore_orders, a_circle)
{
	begin();
	met(SIM_LOCK_HELD, "c", "a", 1);
	met(SIM_LOCK_HELD, "b", "c", 2);
	met(SIM_LOCK_HELD, "a", "b", 3);
	judged(1);
	assert_str(finding(0)->message,
	           "locks are taken in a circle: b with a held, c with b held, a with c held");
	end();
	begin();
	met(SIM_LOCK_HELD, "a", "b", 1);
	met(SIM_LOCK_HELD, "b", "a", 2);
	met(SIM_LOCK_HELD, "b", "c", 3);
	met(SIM_LOCK_HELD, "c", "a", 4);
	judged(1);
	assert_contains(finding(0)->message, "b is taken with a held");
	end();
}

TEST(explore_orders, two_of_one_name)
{
	begin();
	met(SIM_LOCK_HELD, "a", "a", 4);
	judged(1);
	assert_str(finding(0)->message,
	           "two locks that are both called a are held together, in no order");
	end();
}

TEST(explore_orders, in_an_interrupt)
{
	begin();
	met(SIM_LOCK_INTERRUPT, NULL, "a", 4);
	met(SIM_LOCK_ELSEWHERE, NULL, "b", 5);
	judged(0);
	met(SIM_LOCK_ELSEWHERE, NULL, "a", 5);
	judged(1);
	assert_str(finding(0)->message,
	           "a is taken by an interrupt, and elsewhere with interrupts enabled");
	end();
}

/* Of four VMs, twice the same. */
TEST(explore_orders, one_cause)
{
	begin();
	met(SIM_LOCK_HELD, "x[vm1]", "y[vm2]", 1);
	met(SIM_LOCK_HELD, "y[vm2]", "x[vm1]", 2);
	met(SIM_LOCK_HELD, "x[vm3]", "y[vm4]", 3);
	met(SIM_LOCK_HELD, "y[vm4]", "x[vm3]", 4);
	judged(1);
	assert_eq_u64(finding(0)->variants.texts->len, 2);
	end();
}

TEST(explore_orders, survive_json)
{
	struct json_object *object;
	struct sim_part *copy;

	begin();
	met(SIM_LOCK_HELD, "a", "b", 0);
	met(SIM_LOCK_HELD, "b", "a", 9);
	met(SIM_LOCK_INTERRUPT, NULL, "a", 3);
	object = sim_part_to_json(part);
	copy = sim_part_from_json(object, NULL);
	assert_not_null(copy);
	json_object_put(object);
	sim_part_free(part);
	part = copy;
	assert_eq_u64(part->orders->len, 3);
	judged(1);
	assert_eq_u64(finding(0)->first, 9);
	end();
}

/* Searches: whoever comes first takes two locks, so each execution has one order alone. */

#define SCENARIO                                                                                 \
	"{\"about\": \"orders\", \"machine\": {\"mediator\": \"broken\", \"vms\": {\"vm1\": {}," \
	"\"vm2\": {}, \"vm3\": {}}}, \"threads\": {\"vm1.0\": [{\"call\": \"FFA_FEATURES\","     \
	"\"w1\": %d}], \"vm2.0\": [{\"call\": \"FFA_FEATURES\", \"w1\": %d}], \"vm3.0\": [{"     \
	"\"call\": \"FFA_FEATURES\", \"w1\": %d}]}, \"schedule\": [\"rest\"]}"

static char *folder, *path, *subject;

static void write_scenario(enum broken_how first, enum broken_how second, enum broken_how third)
{
	g_autofree char *text = g_strdup_printf(SCENARIO, (int)first, (int)second, (int)third);

	folder = g_dir_make_tmp("orders-XXXXXX", NULL);
	path = g_build_filename(folder, "orders.json", NULL);
	subject = emu_path("process", "tests/subjects", "broken-plain.so");
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void remove_scenario(void)
{
	g_unlink(path);
	g_rmdir(folder);
	g_free(folder);
	g_free(path);
	g_free(subject);
}

static struct sim_explored_file *explore(enum sim_strategy strategy, unsigned workers)
{
	struct sim_explore_file_options options = {.granularity = SIM_GRANULARITY_SYNC,
	                                           .sharing.workers = workers};
	struct sim_explored_file *file;
	g_autoptr(GError) error = NULL;

	options.subject.subject = subject;
	sim_oracle_default_levels(&options.oracles);
	sim_explore_defaults(&options.search, strategy);
	options.search.max_executions = sim_strategy_samples(strategy) ? 2000 : 0;
	file = sim_explore_file_apart(&options, path, &error);
	assert_no_error(error);
	return file;
}

struct strategy_case {
	const char *name;
	enum sim_strategy strategy;
};

static const struct strategy_case strategy_cases[] = {
        {"stateful", SIM_STRATEGY_STATEFUL},   {"exhaustive", SIM_STRATEGY_EXHAUSTIVE},
        {"bounded", SIM_STRATEGY_BOUNDED},     {"random", SIM_STRATEGY_RANDOM},
        {"portfolio", SIM_STRATEGY_PORTFOLIO},
};

/* The same finding in the same words, however many processes met its orders. */
TEST_EACH(explore_orders, over_a_search, strategy_cases)
{
	write_scenario(BROKEN_AB, BROKEN_BA, 0);
	for (unsigned workers = 1; workers <= 3; workers++) {
		g_autoptr(SimExploredFile) file = explore(c->strategy, workers);
		const struct sim_explored_finding *only;

		assert_eq_u64(file->findings->len, 1);
		only = g_ptr_array_index(file->findings, 0);
		assert_eq_int(file->verdict, SIM_VERDICT_FAIL);
		assert_str(only->source, "lock");
		assert_str(only->message,
		           "b is taken with a held, and elsewhere the other way round");
		assert_eq_u64(only->count, 1);
		assert_not_null(only->path);
		assert_contains(only->detail, "b taken with a held");
		assert_contains(only->detail, "a taken with b held");
	}
	remove_scenario();
}

TEST_EACH(explore_orders, a_circle_over_a_search, strategy_cases)
{
	g_autoptr(SimExploredFile) file = NULL;
	const struct sim_explored_finding *only;

	write_scenario(BROKEN_AB, BROKEN_BC, BROKEN_CA);
	file = explore(c->strategy, 2);
	assert_eq_u64(file->findings->len, 1);
	only = g_ptr_array_index(file->findings, 0);
	assert_str(only->message,
	           "locks are taken in a circle: b with a held, c with b held, a with c held");
	remove_scenario();
}
