/* SPDX-License-Identifier: MIT */
/* Searches that are killed or interrupted, and go on from their checkpoint. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/explore/drive.h"
#include "tests/test.h"
#include "tests/unit/test_explore_triangle.h"

enum { MOST_LIVES = 12, STEPS = 150 };

static char *folder, *checkpoint, *states, *states2;
static struct triangle_host triangle;
static struct sim_host host;
static struct sim_parallel result;
static struct json_object *identity;

static void begin(enum triangle variant)
{
	folder = g_dir_make_tmp("kept-XXXXXX", NULL);
	checkpoint = g_build_filename(folder, "checkpoint", NULL);
	states = g_strconcat(checkpoint, ".states", NULL);
	states2 = g_strconcat(checkpoint, ".states2", NULL);
	triangle = (struct triangle_host){.variant = variant, .mask = SIM_BARE_SYNC};
	triangle_host(&triangle, &host);
	identity = json_object_new_object();
	json_object_object_add(identity, "build", json_object_new_string("this one"));
}

static void end(void)
{
	g_unlink(checkpoint);
	g_unlink(states);
	g_unlink(states2);
	g_rmdir(folder);
	g_free(checkpoint);
	g_free(states);
	g_free(states2);
	g_free(folder);
	json_object_put(identity);
}

/* What does not count how often a path was taken again. */
static char *text_of(struct sim_part *whole)
{
	struct json_object *object;
	char *text;

	whole->steps = 0;
	object = sim_part_to_json(whole);
	text = g_strdup(json_object_to_json_string(object));
	json_object_put(object);
	return text;
}

static void set_options(struct sim_parallel_options *options, enum sim_strategy strategy,
                        unsigned workers)
{
	*options = (struct sim_parallel_options){.workers = workers, .identity = identity};
	sim_explore_defaults(&options->search, strategy);
	options->search.max_executions = sim_strategy_samples(strategy) ? 3000 : 0;
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

struct kept_case {
	const char *name;
	enum triangle variant;
	enum sim_strategy strategy;
	unsigned workers;
};

static const struct kept_case kept_cases[] = {
        {"exhaustive", TRIANGLE_EARLY_1, SIM_STRATEGY_EXHAUSTIVE, 1},
        {"exhaustive-2", TRIANGLE_EARLY_1, SIM_STRATEGY_EXHAUSTIVE, 2},
        {"bounded", TRIANGLE_EARLY_1, SIM_STRATEGY_BOUNDED, 1},
        {"dpor", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, 1},
        {"dpor-2", TRIANGLE_RAW_2, SIM_STRATEGY_DPOR, 2},
        {"stateful", TRIANGLE_RAW_3, SIM_STRATEGY_STATEFUL, 1},
        {"stateful-2", TRIANGLE_RAW_3, SIM_STRATEGY_STATEFUL, 2},
        {"random", TRIANGLE_EARLY_1, SIM_STRATEGY_RANDOM, 1},
        {"pct", TRIANGLE_EARLY_1, SIM_STRATEGY_PCT, 1},
        {"pos-2", TRIANGLE_EARLY_1, SIM_STRATEGY_POS, 2},
        {"urw", TRIANGLE_EARLY_1, SIM_STRATEGY_URW, 1},
        {"portfolio", TRIANGLE_EARLY_1, SIM_STRATEGY_PORTFOLIO, 1},
        {"portfolio-2", TRIANGLE_RAW_1, SIM_STRATEGY_PORTFOLIO, 2},
};

/*
 * Killed at its first checkpoint, then gone on with until its second, its third... and in the end
 * to the end: all that counts is what one that was left alone has.
 */
TEST_EACH(explore_kept, killed_and_resumed, kept_cases)
{
	struct sim_parallel_options options;
	g_autofree char *alone = NULL;
	g_autofree char *pieces = NULL;
	unsigned lives = 0;

#ifdef __SANITIZE_ADDRESS__
	return; /* there are no instrumented subjects */
#endif
	begin(c->variant);
	set_options(&options, c->strategy, c->workers);
	alone = run_through(&options);
	options.checkpoint = checkpoint;
	options.checkpoint_steps = STEPS;
	while (lives < MOST_LIVES && live(&options, ++lives))
		options.resume = checkpoint;
	assert_true(lives > 2);
	options.checkpoint = NULL;
	options.resume = checkpoint;
	pieces = run_through(&options);
	assert_str(pieces, alone);
	end();
}

static volatile sig_atomic_t stopped;

static void stop(void *user)
{
	(void)user;
	stopped = SIGINT;
}

/* A signal ends it with a report that says so, and a checkpoint. */
TEST_EACH(explore_kept, interrupted_and_resumed, kept_cases)
{
	struct sim_parallel_options options;
	g_autofree char *alone = NULL;
	g_autofree char *pieces = NULL;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	begin(c->variant);
	set_options(&options, c->strategy, c->workers);
	alone = run_through(&options);
	options.checkpoint = checkpoint;
	options.checkpoint_steps = STEPS;
	options.stop = &stopped;
	options.on_checkpoint = stop;
	assert_true(sim_parallel_run(&host, &options, &result, NULL));
	assert_eq_int(result.whole->end, SIM_EXPLORE_INTERRUPTED);
	assert_true(result.whole->numbers > 0 || c->strategy == SIM_STRATEGY_STATEFUL);
	sim_parallel_clear(&result);
	options.stop = NULL;
	options.on_checkpoint = NULL;
	options.checkpoint = NULL;
	options.resume = checkpoint;
	pieces = run_through(&options);
	assert_str(pieces, alone);
	end();
}

/* What the host learned on the way is there again, before anybody opens the subject. */
TEST(explore_kept, memo)
{
	struct sim_parallel_options options;
	char memo[] = "learned";

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	begin(TRIANGLE_RAW_1);
	host.memo = memo;
	host.memo_size = sizeof memo;
	set_options(&options, SIM_STRATEGY_STATEFUL, 1);
	options.checkpoint = checkpoint;
	g_free(run_through(&options));
	memset(memo, 0, sizeof memo);
	options.checkpoint = NULL;
	options.resume = checkpoint;
	g_free(run_through(&options));
	assert_str(memo, "learned");
	end();
}

struct refused_case {
	const char *name;
	const char *build;
	unsigned shards;
	enum sim_strategy strategy;
	const char *message;
};

static const struct refused_case refused_cases[] = {
        {"build", "another", 0, SIM_STRATEGY_EXHAUSTIVE,
         "is of another search: its build is 'this one', here it is 'another'"},
        {"shard", "this one", 2, SIM_STRATEGY_EXHAUSTIVE, "it is of another shard"},
        {"plan", "this one", 0, SIM_STRATEGY_RANDOM, "it has another plan"},
};

TEST_EACH(explore_kept, others_are_refused, refused_cases)
{
	struct sim_parallel_options options;
	g_autoptr(GError) error = NULL;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	begin(TRIANGLE_RAW_1);
	set_options(&options, SIM_STRATEGY_EXHAUSTIVE, 1);
	options.checkpoint = checkpoint;
	g_free(run_through(&options));
	set_options(&options, c->strategy, 1);
	options.resume = checkpoint;
	options.shards = c->shards;
	options.shard = c->shards;
	json_object_object_add(identity, "build", json_object_new_string(c->build));
	assert_false(sim_parallel_run(&host, &options, &result, &error));
	assert_contains(error->message, c->message);
	assert_contains(error->message, checkpoint);
	end();
}

/* A checkpoint whose states were cut off is no checkpoint. */
TEST(explore_kept, states_cut_off)
{
	struct sim_parallel_options options;
	g_autoptr(GError) error = NULL;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	begin(TRIANGLE_RAW_1);
	set_options(&options, SIM_STRATEGY_STATEFUL, 1);
	options.checkpoint = checkpoint;
	g_free(run_through(&options));
	g_file_set_contents(states, "", 0, &error);
	assert_no_error(error);
	options.resume = checkpoint;
	assert_false(sim_parallel_run(&host, &options, &result, &error));
	assert_contains(error->message, "the states beside it are missing or cut off");
	end();
}

/* Puts one bit of a file in another way, that many bytes before its end. */
static void damage(const char *path, gsize before_end)
{
	g_autofree char *bytes = NULL;
	gsize size;

	assert_true(g_file_get_contents(path, &bytes, &size, NULL));
	assert_true(before_end <= size);
	bytes[size - before_end] ^= 1;
	assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
}

static const struct {
	const char *name;
	bool states;
	gsize before_end;
	const char *message;
} damaged_cases[] = {
        {"digest", false, 20, "it is damaged: it is not as it was written"},
        {"a number", false, 120, "it is damaged: it is not as it was written"},
        {"the end", false, 1, "it is damaged: it is not as it was written"},
        {"the last state", true, 1, "the states beside it are damaged"},
        {"a state", true, 100, "the states beside it are damaged"},
};

TEST_EACH(explore_kept, damaged_is_refused, damaged_cases)
{
	struct sim_parallel_options options;
	g_autoptr(GError) error = NULL;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	begin(TRIANGLE_RAW_1);
	set_options(&options, SIM_STRATEGY_STATEFUL, 1);
	options.checkpoint = checkpoint;
	g_free(run_through(&options));
	damage(c->states ? states : checkpoint, c->before_end);
	options.checkpoint = NULL;
	options.resume = checkpoint;
	assert_false(sim_parallel_run(&host, &options, &result, &error));
	assert_contains(error->message, c->message);
	assert_contains(error->message, checkpoint);
	end();
}

/* Until a search has a checkpoint of its own, that of an earlier one stays good. */
TEST(explore_kept, states_of_an_earlier_search)
{
	struct sim_parallel_options options;
	g_autofree char *alone = NULL;
	g_autofree char *again = NULL;
	g_autoptr(GError) error = NULL;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	begin(TRIANGLE_RAW_1);
	set_options(&options, SIM_STRATEGY_STATEFUL, 1);
	options.checkpoint = checkpoint;
	alone = run_through(&options);
	g_mkdir(states2, 0777);
	assert_false(sim_parallel_run(&host, &options, &result, &error));
	assert_contains(error->message, states2);
	g_rmdir(states2);
	options.checkpoint = NULL;
	options.resume = checkpoint;
	again = run_through(&options);
	assert_str(again, alone);
	end();
}

/* Each takes the file that the other does not name, and then there is one. */
TEST(explore_kept, states_take_turns)
{
	struct sim_parallel_options options;

#ifdef __SANITIZE_ADDRESS__
	return;
#endif
	begin(TRIANGLE_RAW_1);
	set_options(&options, SIM_STRATEGY_STATEFUL, 1);
	options.checkpoint = checkpoint;
	for (unsigned i = 0; i < 4; i++) {
		g_free(run_through(&options));
		assert_true(g_file_test(states, G_FILE_TEST_EXISTS) == (i % 2 == 0));
		assert_true(g_file_test(states2, G_FILE_TEST_EXISTS) == (i % 2 != 0));
	}
	end();
}

/* A job that is begun anew leaves nothing behind, whether it was done or stopped. */
TEST(explore_kept, forgotten)
{
	static const enum sim_task_state ended[] = {SIM_TASK_DONE, SIM_TASK_STOPPED};
	struct sim_drive *drive = g_new0(struct sim_drive, 1);
	const struct sim_explore_job job = {0};
	struct sim_task *task;

	drive->tasks = g_ptr_array_new_with_free_func(g_free);
	drive->parts = g_ptr_array_new_with_free_func((GDestroyNotify)sim_part_free);
	for (unsigned i = 0; i < G_N_ELEMENTS(ended); i++) {
		task = sim_drive_add_task(drive, &job, NULL);
		task->state = ended[i];
		task->part = sim_part_new();
		g_ptr_array_add(drive->parts, task->part);
		sim_drive_forget(drive, i);
		assert_eq_int(task->state, SIM_TASK_UNWANTED);
		assert_eq_int(drive->parts->len, 0);
	}
	g_ptr_array_unref(drive->tasks);
	g_ptr_array_unref(drive->parts);
	g_free(drive);
}
