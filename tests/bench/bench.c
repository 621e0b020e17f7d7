/* SPDX-License-Identifier: MIT */
/*
 * What driving a mediator costs: usage: bench [--smoke] [SCENARIOS]. See
 * docs/bench.md for what each line means.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "emu/world/world.h"
#include "sim/session.h"
#include "tests/bench/machine.h"
#include "tests/bench/measure.h"
#include "tests/bench/plain.h"

#define AIM_SHIM      100.0
#define AIM_SNAPSHOT  200.0
#define AIM_SCENARIOS 300e6

enum { EXIT_USAGE = 2, COUNTS_SIZE = 96 };

static void (*call)(unsigned vm, struct ffa_regs *regs);
static uint64_t refused; /* answers that were no success: then the figures mean nothing */

static void do_call(unsigned vm, uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	struct ffa_regs regs = {{fid, x1, x2, x3}};

	call(vm, &regs);
	refused += (uint32_t)regs.x[0] != FFA_SUCCESS_32;
}

static void id_get(unsigned turns)
{
	while (turns--)
		do_call(0, FFA_ID_GET_32, 0, 0, 0);
}

static void bind(void)
{
	do_call(0, FFA_NOTIFICATION_BIND_32, 2 << 16 | 1, 0, 1);
}

/* vm2 sets a bit, with its interrupt, vm1 gets it: each SET is news. */
static void set_and_get(unsigned turns)
{
	while (turns--) {
		do_call(1, FFA_NOTIFICATION_SET_32, 2 << 16 | 1, 0, 1);
		do_call(0, FFA_NOTIFICATION_GET_32, 1, FFA_NOTIFICATION_GET_VM, 0);
	}
}

static struct world_snapshot *snapshot;

static void save_and_load(unsigned turns)
{
	while (turns--) {
		world_save(&machine_world, snapshot);
		world_load(&machine_world, snapshot);
	}
}

/* Events that one turn puts into the ring. */
static uint32_t count_events(void (*run)(unsigned turns))
{
	uint32_t before;

	run(1); /* the first call of a VM fixes its version */
	before = machine_link.map.control->head;
	run(1);
	return machine_link.map.control->head - before;
}

static struct measure plain_id_get, plain_set_get;

static bool measure_plain(void)
{
	if (!plain_boot())
		return false;
	call = plain_call;
	bind();
	plain_id_get = measure(id_get, 200000);
	measure_print("FFA_ID_GET, plain call of C", &plain_id_get, plain_id_get.median, "");
	plain_set_get = measure(set_and_get, 50000);
	measure_print("SET and GET, plain calls of C", &plain_set_get, plain_set_get.median,
	              "2 calls");
	return true;
}

static void measure_calls(const char *transport, unsigned turns)
{
	g_autofree char *id_name = g_strconcat("FFA_ID_GET, ", transport, NULL);
	g_autofree char *set_name = g_strconcat("SET and GET, ", transport, NULL);
	const char *why = machine_open(transport);
	char counts[COUNTS_SIZE];
	struct measure result;

	if (why) {
		measure_missing(id_name, why);
		machine_close();
		return;
	}
	call = machine_call;
	bind();
	snprintf(counts, sizeof counts, "%u events", count_events(id_get));
	result = measure(id_get, turns);
	measure_print(id_name, &result, plain_id_get.median, counts);
	snprintf(counts, sizeof counts, "2 calls, %u events", count_events(set_and_get));
	result = measure(set_and_get, turns);
	measure_print(set_name, &result, plain_set_get.median, counts);
	machine_close();
}

static double measure_shim(void)
{
	const char *why = machine_open("inline");
	char counts[COUNTS_SIZE];
	struct measure result;

	if (why) {
		measure_missing("FFA_ID_GET, inline, the shim alone", why);
		return 0;
	}
	call = machine_call_shim;
	snprintf(counts, sizeof counts, "%u events", count_events(id_get));
	result = measure(id_get, 50000);
	measure_print("FFA_ID_GET, inline, the shim alone", &result, plain_id_get.median, counts);
	machine_close();
	return result.median - plain_id_get.median;
}

static double measure_snapshot(void)
{
	const char *why = machine_open("inline");
	char counts[COUNTS_SIZE];
	struct measure result, inside;

	if (why) {
		measure_missing("snapshot and restore", why);
		return 0;
	}
	snapshot = world_snapshot_new();
	world_save(&machine_world, snapshot);
	snprintf(counts, sizeof counts, "2 VMs at rest, %zu bytes", world_snapshot_size(snapshot));
	result = measure(save_and_load, 20000);
	measure_print("snapshot and restore", &result, 0, counts);
	machine_stop_inside();
	world_save(&machine_world, snapshot);
	snprintf(counts, sizeof counts, "one call inside, %zu bytes",
	         world_snapshot_size(snapshot));
	inside = measure(save_and_load, 20000);
	measure_print("snapshot and restore, inside a call", &inside, 0, counts);
	world_snapshot_free(snapshot);
	machine_close();
	return result.median;
}

static char **files;
static unsigned reports, failures, schedules;

static bool on_report(void *user, const struct sim_report *report)
{
	(void)user;
	reports++;
	schedules += report->schedules->len;
	failures += sim_verdict_exit_code(report->verdict) != 0;
	return true;
}

static void run_scenarios(unsigned turns)
{
	struct sim_session_options options = {.subject = "inline"};
	g_autofree char *subjects = machine_path("subjects");

	options.subject_dir = subjects;
	sim_oracle_default_levels(&options.oracles);
	while (turns--) {
		reports = failures = schedules = 0;
		sim_session_run(&options, (const char *const *)files, on_report, NULL);
	}
}

static double measure_scenarios(const char *folder)
{
	const char *const arguments[] = {folder, NULL};
	g_autoptr(GError) error = NULL;
	char counts[COUNTS_SIZE];
	struct measure result;

	files = sim_session_collect(arguments, &error);
	if (!files) {
		measure_missing("all scenarios, inline", error->message);
		return 0;
	}
	result = measure(run_scenarios, 1);
	snprintf(counts, sizeof counts, "%u scenarios, %u schedules, %u failed; %.0f scenarios/s",
	         reports, schedules, failures, reports / (result.median / 1e9));
	measure_print("all scenarios, inline", &result, 0, counts);
	g_strfreev(files);
	return result.median;
}

static void judge(double shim, double snapshots, double scenarios)
{
	printf("\n");
	if (shim)
		measure_aim("the inline shim adds to a call", shim, AIM_SHIM);
	if (snapshots)
		measure_aim("snapshot and restore of a small machine", snapshots, AIM_SNAPSHOT);
	if (scenarios)
		measure_aim("all scenarios", scenarios, AIM_SCENARIOS);
}

int main(int argc, char **argv)
{
	double shim, snapshots, scenarios = 0;

	measure_smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
	if (argc > 2 || (argc > 1 && argv[1][0] == '-' && !measure_smoke)) {
		fprintf(stderr, "usage: bench [--smoke | SCENARIOS]\n");
		return EXIT_USAGE;
	}
	measure_heading();
	if (!measure_plain()) {
		fprintf(stderr, "the mediator does not start\n");
		return 1;
	}
	shim = measure_shim();
	measure_calls("inline", 20000);
	measure_calls("process", 1000);
	measure_calls("aarch64", 1000);
	snapshots = measure_snapshot();
	if (argc > 1 && !measure_smoke)
		scenarios = measure_scenarios(argv[1]);
	judge(shim, snapshots, scenarios);
	if (refused)
		fprintf(stderr, "%u calls were refused: these figures mean nothing\n",
		        (unsigned)refused);
	return refused != 0;
}
