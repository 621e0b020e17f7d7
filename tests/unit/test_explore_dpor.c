/* SPDX-License-Identifier: MIT */
/*
 * dpor on scenarios: what it misses would be a footprint that says too little. Small scenarios
 * drawn at random, and those of the notification folder, must come to the same outcomes and
 * findings by traces, by states and, where there are few enough, by interleavings.
 */
#include <glib.h>
#include <string.h>

#include "sim/explore/random.h"
#include "tests/test.h"
#include "tests/unit/test_explore_lab.h"

#ifndef __SANITIZE_ADDRESS__ /* there are no instrumented subjects */

#define MAX_STATES     4000u
#define MAX_TRACES     2000u
#define MAX_EXECUTIONS 1000u

/* What one search tells; NULL if it did not come to its end. */
static char *explore(struct explore_lab *lab, enum sim_strategy strategy)
{
	struct sim_explore_options options;

	sim_explore_defaults(&options, strategy);
	options.max_states = MAX_STATES;
	if (strategy != SIM_STRATEGY_STATEFUL)
		options.max_executions =
		        strategy == SIM_STRATEGY_DPOR ? MAX_TRACES : MAX_EXECUTIONS;
	return explore_lab_search(lab, &options) ? explore_lab_told(lab) : NULL;
}

/* Searches that came to their end agree; answers whether dpor and the states were among them. */
static bool searches_agree(const char *text, enum sim_granularity granularity, bool model)
{
	static const enum sim_strategy strategies[] = {SIM_STRATEGY_STATEFUL, SIM_STRATEGY_DPOR,
	                                               SIM_STRATEGY_EXHAUSTIVE};
	struct sim_oracle_levels levels;
	struct explore_lab *lab;
	g_autofree char *first = NULL;
	unsigned complete = 0;

	sim_oracle_default_levels(&levels);
	if (!model)
		levels.level[SIM_ORACLE_MODEL] = SIM_ORACLE_OFF;
	lab = explore_lab_open(text, NULL, "O2", granularity, &levels);
	for (unsigned i = 0; i < G_N_ELEMENTS(strategies); i++) {
		g_autofree char *told = explore(lab, strategies[i]);

		if (!told)
			continue;
		complete |= 1u << i;
		if (first && strcmp(first, told) != 0)
			fail_test("%s: %s at %s granularity comes to\n%s\nbut before it was\n%s",
			          text, sim_strategy_name(strategies[i]),
			          sim_granularity_name(granularity), told, first);
		if (!first)
			first = g_steal_pointer(&told);
	}
	explore_lab_close(lab);
	return (complete & 3) == 3;
}

/* Drawing scenarios */

struct draw {
	struct sim_random random;
	GString *text;
	unsigned labels;
};

static unsigned below(struct draw *draw, unsigned limit)
{
	return sim_random_below(&draw->random, limit);
}

static void draw_guest_step(struct draw *draw, unsigned vm, unsigned vcpu)
{
	GString *text = draw->text;
	unsigned bitmap = 1 + below(draw, 3);

	switch (below(draw, vm == 1 ? 6 : 4)) {
	case 0:
		g_string_append_printf(text, "{\"call\": \"FFA_VERSION\", \"version\": \"1.%u\"",
		                       below(draw, 3));
		break;
	case 1:
	case 2:
	case 3:
		if (vm == 2) {
			g_string_append_printf(
			        text,
			        "{\"call\": \"FFA_NOTIFICATION_SET\", \"sender\": \"vm2\", "
			        "\"receiver\": \"vm1\", \"bitmap\": \"0x%x\"",
			        bitmap);
			break;
		}
		g_string_append_printf(
		        text,
		        "{\"call\": \"FFA_NOTIFICATION_GET\", \"receiver\": \"vm1\", "
		        "\"vcpu\": %u, \"flags\": \"0x2\"",
		        vcpu);
		break;
	default:
		g_string_append_printf(text,
		                       "{\"call\": \"FFA_NOTIFICATION_%s\", \"sender\": \"vm2\", "
		                       "\"receiver\": \"vm1\", \"bitmap\": \"0x%x\"",
		                       below(draw, 2) ? "BIND" : "UNBIND", bitmap);
	}
	g_string_append_printf(text, ", \"as\": \"l%u\"}", draw->labels++);
}

static void draw_host_step(struct draw *draw)
{
	static const char *const steps[] = {
	        "{\"do\": \"vcpu-off\", \"vcpu\": \"vm1.0\"}",
	        "{\"do\": \"vcpu-on\", \"vcpu\": \"vm1.0\"}",
	        "{\"do\": \"vcpu-off\", \"vcpu\": \"vm1.1\"}",
	        "{\"do\": \"vcpu-on\", \"vcpu\": \"vm1.1\"}",
	        "{\"do\": \"destroy-vm\", \"vm\": \"vm2\"}",
	        "{\"do\": \"destroy-vm\", \"vm\": \"vm1\"}",
	        "{\"do\": \"create-vm\", \"vm\": \"vm2\"}",
	};

	g_string_append(draw->text, steps[below(draw, G_N_ELEMENTS(steps))]);
}

static void draw_thread(struct draw *draw, unsigned thread, unsigned steps)
{
	static const char *const names[] = {"vm1.0", "vm2.0", "vm1.1", "host"};

	g_string_append_printf(draw->text, "\"%s\": [", names[thread]);
	for (unsigned i = 0; i < steps; i++) {
		g_string_append(draw->text, i ? ", " : "");
		if (thread == 3)
			draw_host_step(draw);
		else
			draw_guest_step(draw, thread == 1 ? 2 : 1, thread == 2);
	}
	g_string_append(draw->text, "]");
}

static void draw_setup(struct draw *draw)
{
	if (below(draw, 4))
		g_string_append(draw->text, "{\"vm1.0\": \"FFA_VERSION\", \"version\": \"1.2\"},"
		                            "{\"vm2.0\": \"FFA_VERSION\", \"version\": \"1.2\"},");
	if (below(draw, 4))
		g_string_append(draw->text,
		                "{\"vm1.0\": \"FFA_NOTIFICATION_BIND\", \"sender\": \"vm2\","
		                "\"receiver\": \"vm1\", \"bitmap\": \"0x1\"},");
	if (below(draw, 2))
		g_string_append(draw->text,
		                "{\"vm2.0\": \"FFA_NOTIFICATION_SET\", \"sender\": \"vm2\","
		                "\"receiver\": \"vm1\", \"bitmap\": \"0x1\"},");
	g_string_append(draw->text, "{\"vm1.0\": \"FFA_ID_GET\"}");
}

/* Two or three threads of one or two steps. */
static char *draw_scenario(uint64_t seed, unsigned threads, unsigned steps)
{
	struct draw draw = {.text = g_string_new(NULL)};
	unsigned left_out;

	sim_random_seed(&draw.random, seed, 0);
	left_out = threads == 2 ? 2 + below(&draw, 2) : below(&draw, 4);
	g_string_append(draw.text,
	                "{\"about\": \"drawn\", \"machine\": {\"mediator\": \"hypervisor\","
	                "\"vms\": {\"vm1\": {\"vcpus\": 2}, \"vm2\": {}}}, \"setup\": [");
	draw_setup(&draw);
	g_string_append(draw.text, "], \"threads\": {");
	for (unsigned i = 0, done = 0; done < threads; i++) {
		if (i == left_out || (threads == 2 && i == 2 && left_out == 3 && done == 1))
			continue;
		g_string_append(draw.text, done++ ? ", " : "");
		draw_thread(&draw, i, 1 + below(&draw, steps));
	}
	g_string_append(
	        draw.text,
	        "}, \"schedule\": [\"rest\"], \"outcomes\": {\"always\": [\"npi(vm1) < 99\"]}}");
	return g_string_free(draw.text, FALSE);
}

struct drawn_case {
	const char *name;
	enum sim_granularity granularity;
	unsigned threads;
	unsigned steps;
	unsigned count;
	unsigned least; /* that must have come to their end */
};

static const struct drawn_case drawn_cases[] = {
        {"call", SIM_GRANULARITY_CALL, 3, 2, 100, 90},
        {"call-2", SIM_GRANULARITY_CALL, 3, 2, 100, 90},
        {"sync-two", SIM_GRANULARITY_SYNC, 2, 2, 40, 25},
        {"sync-two-2", SIM_GRANULARITY_SYNC, 2, 2, 40, 25},
        {"sync-two-3", SIM_GRANULARITY_SYNC, 2, 2, 40, 25},
        {"sync-three", SIM_GRANULARITY_SYNC, 3, 1, 30, 15},
        {"sync-three-2", SIM_GRANULARITY_SYNC, 3, 1, 30, 15},
        {"access", SIM_GRANULARITY_ACCESS, 2, 1, 30, 10},
};

/* Oracles of real time make more traces different: every other scenario goes without. */
TEST_EACH(explore_dpor, drawn, drawn_cases)
{
	uint64_t first = 1000 * (uint64_t)(c - drawn_cases);
	unsigned compared = 0;

	for (uint64_t seed = first; seed < first + c->count; seed++) {
		g_autofree char *text = draw_scenario(seed, c->threads, c->steps);

		compared += searches_agree(text, c->granularity, seed % 2);
	}
	assert_true(compared >= c->least);
}

#endif
