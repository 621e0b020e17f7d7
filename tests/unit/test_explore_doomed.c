/* SPDX-License-Identifier: MIT */
/*
 * Searches whose workers die at some steps, killed in the middle and gone on with: each death is
 * counted as often as by a search that was left alone.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/explore/drive.h"
#include "tests/test.h"
#include "tests/unit/test_explore_toy.h"

enum { PROGRAMS = 25, MOST_LIVES = 6, STEPS = 20, MOST_NUMBERS = 400 };

static struct toy toy;
static struct toy_outcomes outcomes;
static struct sim_explore_class doomed;
static const struct sim_explore_class *plain;
static char *folder, *checkpoint, *states;
static struct json_object *identity;
static struct sim_parallel result;

static bool at_every_place; /* else in two ways, by what the context has read */

/* As code of a subject that exits. */
static _Noreturn void die_with(int status)
{
	++*sim_process_entries();
	_exit(status);
}

/* The last context dies wherever the others stand, each time in another way. */
static void die_there(unsigned c)
{
	const uint8_t *at = toy.state.at;

	if (c == TOY_CONTEXTS - 1)
		die_with((at[0] * (TOY_LENGTH + 1) + at[1]) * (TOY_LENGTH + 1) + at[2] + 1);
}

static void doomed_step(struct sim_explore_system *system, unsigned c)
{
	plain->step(system, c);
	if (at_every_place) {
		die_there(c);
		return;
	}
	if (toy.state.registers[c] % 11 == 3)
		die_with(3);
	if (toy.state.registers[c] % 11 == 5)
		die_with(5);
	if (toy.state.registers[c] % 11 == 7)
		sim_explore_note(system, 0);
}

/* Whether the execution has failed is part of the state. */
static size_t doomed_save(struct sim_explore_system *system, uint8_t *bytes)
{
	size_t size = plain->save(system, bytes);

	bytes[size] = system->failed;
	return size + 1;
}

static void doomed_load(struct sim_explore_system *system, const uint8_t *bytes)
{
	plain->load(system, bytes);
	system->failed = bytes[sizeof(struct toy_state)];
	if (system->failed)
		system->enabled = 0;
}

static struct sim_explore_system *open_doomed(void *user, GBytes **ret_report)
{
	(void)user;
	(void)ret_report;
	toy_start(&toy, &outcomes);
	plain = toy.system.class;
	doomed = *plain;
	doomed.step = doomed_step;
	doomed.save = doomed_save;
	doomed.load = doomed_load;
	toy.system.snapshot_max = sizeof(struct toy_state) + 1;
	toy.system.class = &doomed;
	return &toy.system;
}

static void name_finding(void *user, uint32_t number, struct sim_part_finding *ret_finding)
{
	static char message[] = "wrong";

	(void)user;
	(void)number;
	ret_finding->verdict = SIM_VERDICT_FAIL;
	ret_finding->source = message;
	ret_finding->message = message;
}

static const char *name_outcome(void *user, uint32_t number)
{
	static char text[32];

	(void)user;
	g_snprintf(text, sizeof text, "%" G_GINT64_MODIFIER "x", toy.outcomes->keys[number]);
	return text;
}

static const struct sim_host host = {.open = open_doomed,
                                     .names = {.finding = name_finding, .outcome = name_outcome}};

static void begin(void)
{
	folder = g_dir_make_tmp("doomed-XXXXXX", NULL);
	checkpoint = g_build_filename(folder, "checkpoint", NULL);
	states = g_strconcat(checkpoint, ".states", NULL);
	identity = json_object_new_object();
}

static void end(void)
{
	g_unlink(checkpoint);
	g_unlink(states);
	g_rmdir(folder);
	g_free(checkpoint);
	g_free(states);
	g_free(folder);
	json_object_put(identity);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What does not depend on who came first: counts of executions, outcomes and findings. */
static char *text_of(const struct sim_part *whole)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < whole->findings->len; i++) {
		const struct sim_part_finding *finding = g_ptr_array_index(whole->findings, i);

		g_ptr_array_add(lines, g_strdup_printf("%s %" G_GUINT64_FORMAT, finding->message,
		                                       finding->count));
	}
	for (guint i = 0; i < whole->outcomes->len; i++) {
		const struct sim_part_outcome *outcome = g_ptr_array_index(whole->outcomes, i);

		g_ptr_array_add(lines, g_strdup_printf("%s %" G_GUINT64_FORMAT, outcome->text,
		                                       outcome->count));
	}
	g_ptr_array_add(lines,
	                g_strdup_printf("%s %" G_GUINT64_FORMAT " executions",
	                                sim_explore_end_name(whole->end), whole->executions));
	g_ptr_array_sort(lines, by_text);
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (char **)lines->pdata);
}

static char *run_through(const struct sim_parallel_options *options)
{
	g_autoptr(GError) error = NULL;
	char *text;

	sim_parallel_run(&host, options, &result, &error);
	assert_no_error(error);
	text = text_of(result.whole);
	sim_parallel_clear(&result);
	return text;
}

static void die(void *user)
{
	unsigned *left = user;

	if (--*left == 0)
		raise(SIGKILL);
}

/* A life of the search: until its n-th checkpoint, or to the end. True: it was killed. */
static bool live(const struct sim_parallel_options *options, unsigned checkpoints)
{
	struct sim_parallel_options mine = *options;
	unsigned left = checkpoints;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		mine.on_checkpoint = die;
		mine.user = &left;
		_exit(sim_parallel_run(&host, &mine, &result, NULL) ? 0 : 1);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	if (WIFSIGNALED(status))
		return true;
	assert_eq_int(WEXITSTATUS(status), 0);
	return false;
}

struct doomed_case {
	const char *name;
	enum sim_strategy strategy;
	unsigned workers;
};

static const struct doomed_case doomed_cases[] = {
        {"exhaustive", SIM_STRATEGY_EXHAUSTIVE, 1}, {"exhaustive-2", SIM_STRATEGY_EXHAUSTIVE, 2},
        {"bounded", SIM_STRATEGY_BOUNDED, 1},       {"dpor", SIM_STRATEGY_DPOR, 1},
        {"dpor-2", SIM_STRATEGY_DPOR, 2},           {"stateful", SIM_STRATEGY_STATEFUL, 1},
        {"random", SIM_STRATEGY_RANDOM, 1},         {"portfolio-2", SIM_STRATEGY_PORTFOLIO, 2},
};

static void kill_and_resume(const struct doomed_case *c, uint64_t seed, unsigned *died)
{
	struct sim_parallel_options options = {.workers = c->workers, .identity = identity};
	g_autofree char *alone = NULL;
	g_autofree char *pieces = NULL;
	unsigned lives = 0;

	toy_draw(&toy, seed);
	sim_explore_defaults(&options.search, c->strategy);
	options.search.max_executions = sim_strategy_samples(c->strategy) ? MOST_NUMBERS : 0;
	options.search.max_depth = 12;
	alone = run_through(&options);
	if (!strstr(alone, "status"))
		return;
	++*died;
	options.checkpoint = checkpoint;
	options.checkpoint_steps = STEPS;
	while (lives < MOST_LIVES && live(&options, ++lives))
		options.resume = checkpoint;
	options.checkpoint = NULL;
	options.resume = checkpoint;
	pieces = run_through(&options);
	assert_str(pieces, alone);
	g_unlink(checkpoint);
}

TEST_EACH(explore_doomed, deaths_are_counted_once, doomed_cases)
{
	unsigned died = 0;

	begin();
	for (uint64_t seed = 0; seed < PROGRAMS; seed++)
		kill_and_resume(c, seed, &died);
	assert_true(died > 3);
	end();
}

/* Three contexts count to `length`, each for itself; the last one has one step. */
static void count_apart(unsigned length)
{
	memset(&toy, 0, sizeof toy);
	toy.system.count = TOY_CONTEXTS;
	for (unsigned c = 0; c < TOY_CONTEXTS; c++) {
		toy.length[c] = c == TOY_CONTEXTS - 1 ? 1 : length;
		for (unsigned i = 0; i < toy.length[c]; i++)
			toy.program[c][i] = (struct toy_op){TOY_ADD, (uint8_t)c};
	}
	at_every_place = true;
}

/* 27 ways: those beyond the limit are not told in the words of another. */
TEST(explore_doomed, more_ways_than_room)
{
	struct sim_parallel_options options = {.workers = 1};
	uint64_t deaths = 0;
	unsigned others = 0;

	begin();
	count_apart(2);
	sim_explore_defaults(&options.search, SIM_STRATEGY_EXHAUSTIVE);
	assert_true(sim_parallel_run(&host, &options, &result, NULL));
	assert_eq_u64(result.whole->findings->len, SIM_EXPLORE_CRASHES);
	for (guint i = 0; i < result.whole->findings->len; i++) {
		const struct sim_part_finding *finding =
		        g_ptr_array_index(result.whole->findings, i);

		deaths += finding->count;
		others += strstr(finding->message, "more than SIM_EXPLORE_CRASHES") != NULL;
	}
	assert_eq_int(others, 1);
	assert_eq_u64(deaths, result.whole->executions);
	sim_parallel_clear(&result);
	end();
}

/* 343 steps that end a process. */
TEST(explore_doomed, more_deaths_than_room)
{
	struct sim_parallel_options options = {.workers = 1};

	begin();
	count_apart(TOY_LENGTH);
	sim_explore_defaults(&options.search, SIM_STRATEGY_STATEFUL);
	assert_true(sim_parallel_run(&host, &options, &result, NULL));
	assert_eq_int(result.whole->end, SIM_EXPLORE_LOST);
	assert_eq_u64(result.whole->unjudged.times[SIM_LIMIT_TRAPS], 1);
	sim_parallel_clear(&result);
	end();
}
