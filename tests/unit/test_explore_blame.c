/* SPDX-License-Identifier: MIT */
/*
 * Searches whose workers end for reasons that are none of the subject's: what is
 * found is what was there, and nothing that was not gone through is complete.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "sim/explore/file.h"
#include "sim/explore/parallel.h"
#include "tests/subjects/broken.h"
#include "tests/test.h"
#include "tests/unit/test_emu.h"
#include "tests/unit/test_explore_toy.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* Shared by all processes. */
static struct {
	unsigned deaths_left;
} * shared;

static void die_killed(void)
{
	raise(SIGKILL);
}

static void die_aborted(void)
{
	abort();
}

static void die_of_memory(void)
{
	const struct rlimit limit = {.rlim_cur = 1u << 30, .rlim_max = 1u << 30};

	setrlimit(RLIMIT_AS, &limit);
	g_free(g_malloc((gsize)1 << 40));
}

static void (*die)(void);
static bool armed; /* in a worker: planning is over */
static struct toy toy;
static struct toy_outcomes outcomes;
static const struct sim_explore_class *toy_class;

/* The second context is through before the first has begun: in the middle of the last jobs. */
static bool is_fatal(const struct toy *now)
{
	return now->state.at[1] == now->length[1] && now->state.at[0] == 0;
}

static void step_and_die(struct sim_explore_system *system, unsigned c)
{
	const struct toy *now = (const struct toy *)system;

	toy_class->step(system, c);
	if (now->state.at[0] == 1 && now->state.at[1] == 0)
		sim_explore_note(system, 0);
	if (!armed || !is_fatal(now) || !shared->deaths_left)
		return;
	__atomic_fetch_sub(&shared->deaths_left, 1, __ATOMIC_RELAXED);
	die();
}

static struct sim_explore_system *open_toy(void *user, GBytes **ret_report)
{
	static struct sim_explore_class class;

	(void)user;
	(void)ret_report;
	armed = false;
	toy_start(&toy, &outcomes);
	toy_class = toy.system.class;
	class = *toy_class;
	class.step = step_and_die;
	toy.system.class = &class;
	return &toy.system;
}

static void arm(void *user)
{
	(void)user;
	armed = true;
	outcomes.count = 0;
}

static void name_finding(void *user, uint32_t number, struct sim_part_finding *ret_finding)
{
	static char text[] = "found";

	(void)user;
	(void)number;
	*ret_finding = (struct sim_part_finding){
	        .verdict = SIM_VERDICT_FAIL, .source = text, .message = text};
}

static const char *name_outcome(void *user, uint32_t number)
{
	static char text[32];

	(void)user;
	g_snprintf(text, sizeof text, "%" G_GINT64_MODIFIER "x", outcomes.keys[number]);
	return text;
}

static const struct sim_host host = {.open = open_toy,
                                     .reset = arm,
                                     .names = {.finding = name_finding, .outcome = name_outcome}};

static void make_toy(void)
{
	static const struct toy_op ops[] = {{TOY_LOAD, 0}, {TOY_STORE, 1}, {TOY_ADD, 0},
	                                    {TOY_LOAD, 1}, {TOY_ADD, 1},   {TOY_STORE, 0}};

	memset(&toy, 0, sizeof toy);
	toy.system.count = 2;
	for (unsigned c = 0; c < 2; c++) {
		toy.length[c] = 6;
		memcpy(toy.program[c], ops, sizeof ops);
	}
	if (!shared)
		shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* What does not count how often a path was taken again; of shared states, how many there are. */
static char *text_of(struct sim_parallel *result, enum sim_strategy strategy)
{
	struct sim_part *whole = result->whole;
	struct json_object *object;
	char *text;

	if (strategy == SIM_STRATEGY_STATEFUL)
		return g_strdup_printf("%s: %" G_GUINT64_FORMAT " states, %" G_GUINT64_FORMAT
		                       " terminal, %u outcomes",
		                       sim_explore_end_name(whole->end), whole->states,
		                       whole->executions, whole->outcomes->len);
	whole->steps = whole->memory = 0;
	object = sim_part_to_json(whole);
	text = g_strdup(json_object_to_json_string(object));
	json_object_put(object);
	return text;
}

static void search(enum sim_strategy strategy, unsigned workers, unsigned deaths,
                   struct sim_parallel *ret_result)
{
	struct sim_parallel_options options = {.workers = workers, .timeout = 20};
	GError *error = NULL;

	sim_explore_defaults(&options.search, strategy);
	options.search.max_executions = sim_strategy_samples(strategy) ? 2000 : 0;
	shared->deaths_left = deaths;
	assert_true(sim_parallel_run(&host, &options, ret_result, &error));
	assert_no_error(error);
}

struct strategy_case {
	const char *name;
	enum sim_strategy strategy;
};

static const struct strategy_case strategies[] = {
#define X(name, text) {text, SIM_STRATEGY_##name},
        SIM_STRATEGIES(X)
#undef X
};

/* As often as is tried: the result is that of a search that nobody disturbed. */
TEST_EACH(explore_blame, what_is_killed_is_done_again, strategies)
{
	make_toy();
	die = die_killed;
	for (unsigned workers = 1; workers <= 3; workers += 2) {
		struct sim_parallel result;
		g_autofree char *undisturbed = NULL;
		g_autofree char *disturbed = NULL;

		search(c->strategy, workers, 0, &result);
		undisturbed = text_of(&result, c->strategy);
		sim_parallel_clear(&result);
		search(c->strategy, workers, SIM_PROCESS_TRIES - 1, &result);
		assert_eq_u64(shared->deaths_left, 0);
		disturbed = text_of(&result, c->strategy);
		sim_parallel_clear(&result);
		assert_str(disturbed, undisturbed);
	}
}

static const struct sim_part_finding *find(const struct sim_part *whole, enum sim_verdict verdict)
{
	for (guint i = 0; i < whole->findings->len; i++) {
		const struct sim_part_finding *finding = g_ptr_array_index(whole->findings, i);

		if (finding->verdict == verdict)
			return finding;
	}
	return NULL;
}

struct ended_case {
	const char *name;
	void (*die)(void);
	enum sim_explore_end end;
	enum sim_verdict verdict;
	const char *source;
	const char *message;
};

static const struct ended_case ended_cases[] = {
        {"killed", die_killed, SIM_EXPLORE_ENVIRONMENT, SIM_VERDICT_ENVIRONMENT, "environment",
         "ended from outside with signal 9"},
        {"out of memory", die_of_memory, SIM_EXPLORE_ENVIRONMENT, SIM_VERDICT_ENVIRONMENT,
         "environment", "out of memory"},
        {"aborted", die_aborted, SIM_EXPLORE_BUG, SIM_VERDICT_BUG, "ffasim",
         "code of ffasim ended its process with signal 6"},
};

/* Never a crash, never complete; what was found before is kept. */
TEST_EACH(explore_blame, whoever_goes_on_dying_ends_the_search, ended_cases)
{
	if (SANITIZED && c->die != die_killed)
		return;
	make_toy();
	die = c->die;
	for (unsigned i = 0; i < G_N_ELEMENTS(strategies); i++) {
		enum sim_strategy strategy = strategies[i].strategy;

		for (unsigned workers = 1; workers <= 3; workers += 2) {
			const struct sim_part_finding *trouble;
			struct sim_parallel result;

			search(strategy, workers, G_MAXUINT, &result);
			assert_not_null(result.whole);
			assert_eq_int(result.whole->end, c->end);
			trouble = find(result.whole, c->verdict);
			assert_not_null(trouble);
			assert_str(trouble->source, c->source);
			assert_contains(trouble->message, c->message);
			assert_null(find(result.whole, SIM_VERDICT_CRASH));
			if (strategy == SIM_STRATEGY_EXHAUSTIVE && workers == 1)
				assert_not_null(find(result.whole, SIM_VERDICT_FAIL));
			sim_parallel_clear(&result);
		}
	}
}

/* Each exits by itself, so a search can go on from where the environment ended it. */
TEST_EACH(explore_blame, goes_on_from_a_checkpoint, strategies)
{
	g_autofree char *folder = g_dir_make_tmp("blame-XXXXXX", NULL);
	g_autofree char *kept = g_build_filename(folder, "kept", NULL);
	g_autofree char *states = g_strconcat(kept, ".states", NULL);
	struct sim_parallel_options options = {.identity = json_object_new_object(),
	                                       .checkpoint = kept};
	struct sim_parallel result;
	g_autofree char *undisturbed = NULL;
	g_autofree char *resumed = NULL;
	GError *error = NULL;

	make_toy();
	die = die_killed;
	search(c->strategy, 1, 0, &result);
	undisturbed = text_of(&result, c->strategy);
	sim_parallel_clear(&result);
	sim_explore_defaults(&options.search, c->strategy);
	options.search.max_executions = sim_strategy_samples(c->strategy) ? 2000 : 0;
	shared->deaths_left = G_MAXUINT;
	assert_true(sim_parallel_run(&host, &options, &result, &error));
	assert_eq_int(result.whole->end, SIM_EXPLORE_ENVIRONMENT);
	sim_parallel_clear(&result);
	shared->deaths_left = 0;
	options.resume = kept;
	assert_true(sim_parallel_run(&host, &options, &result, &error));
	assert_no_error(error);
	resumed = text_of(&result, c->strategy);
	sim_parallel_clear(&result);
	assert_str(resumed, undisturbed);
	json_object_put(options.identity);
	g_unlink(kept);
	g_unlink(states);
	g_rmdir(folder);
}

struct subject_case {
	const char *name;
	const char *subject;
	enum broken_how how;
	bool in_setup;
	const char *replay;
	enum sim_verdict verdict;
	const char *message; /* NULL: nothing is found */
};

#define INLINE  "broken-plain.so"
#define PROCESS "broken-plain"

static const struct subject_case subject_cases[] = {
        {"inline killed", INLINE, BROKEN_KILL, false, NULL, SIM_VERDICT_ENVIRONMENT,
         "ended from outside with signal 9 (Killed)"},
        {"inline killed in the set-up", INLINE, BROKEN_KILL, true, NULL, SIM_VERDICT_ENVIRONMENT,
         "ended from outside with signal 9 (Killed)"},
        {"inline killed in a replay", INLINE, BROKEN_KILL, false, "sync:a", SIM_VERDICT_ENVIRONMENT,
         "ended from outside with signal 9 (Killed)"},
        {"process killed", PROCESS, BROKEN_KILL, false, NULL, SIM_VERDICT_ENVIRONMENT,
         "the subject died of signal 9"},
        {"process killed in the set-up", PROCESS, BROKEN_KILL, true, NULL, SIM_VERDICT_ENVIRONMENT,
         "the subject died of signal 9"},
        {"process killed in a replay", PROCESS, BROKEN_KILL, false, "sync:a",
         SIM_VERDICT_ENVIRONMENT, "the subject died of signal 9"},
        {"inline killed once", INLINE, BROKEN_ONCE, false, NULL, SIM_VERDICT_PASS, NULL},
        {"inline killed once in the set-up", INLINE, BROKEN_ONCE, true, NULL, SIM_VERDICT_PASS,
         NULL},
        {"inline killed once in a replay", INLINE, BROKEN_ONCE, false, "sync:a", SIM_VERDICT_PASS,
         NULL},
        {"process killed once", PROCESS, BROKEN_ONCE, false, NULL, SIM_VERDICT_PASS, NULL},
        {"process killed once in the set-up", PROCESS, BROKEN_ONCE, true, NULL, SIM_VERDICT_PASS,
         NULL},
        {"process killed once in a replay", PROCESS, BROKEN_ONCE, false, "sync:a", SIM_VERDICT_PASS,
         NULL},
        {"inline out of CPU time", INLINE, BROKEN_CPU, false, NULL, SIM_VERDICT_ENVIRONMENT,
         "its limit of CPU time is used up"},
        {"inline exits", INLINE, BROKEN_EXIT, false, NULL, SIM_VERDICT_CRASH,
         "the subject ended its process with status 7"},
        {"inline leaves", INLINE, BROKEN_LEAVE, false, NULL, SIM_VERDICT_CRASH,
         "the subject ended its process with status 3"},
        {"inline exits in the set-up", INLINE, BROKEN_EXIT, true, NULL, SIM_VERDICT_CRASH,
         "the subject ended its process with status 7"},
        {"inline aborts", INLINE, BROKEN_ABORT, false, NULL, SIM_VERDICT_CRASH,
         "vm1.0 crashed with Aborted"},
};

#define TROUBLE                                                                                     \
	"{\"about\": \"trouble\", \"machine\": {\"mediator\": \"broken\", \"vms\": {\"vm1\": {}}}," \
	"\"setup\": [{\"vm1.0\": \"FFA_FEATURES\", \"w1\": %u}],"                                   \
	"\"threads\": {\"vm1.0\": [{\"call\": \"FFA_FEATURES\", \"w1\": %u}]},"                     \
	"\"schedule\": [\"rest\"], \"outcomes\": {\"always\": [\"1 == 1\"]}}"

static void explore_trouble(const struct subject_case *c, const char *path, unsigned workers,
                            enum sim_strategy strategy)
{
	g_autofree char *subject = emu_path("process", "tests/subjects", c->subject);
	struct sim_explore_file_options options = {.granularity = SIM_GRANULARITY_SYNC,
	                                           .replay = c->replay,
	                                           .sharing.workers = workers};
	g_autoptr(SimExploredFile) file = NULL;
	const struct sim_explored_finding *first;

	options.subject.subject = subject;
	sim_oracle_default_levels(&options.oracles);
	sim_explore_defaults(&options.search, strategy);
	file = sim_explore_file_apart(&options, path, NULL);
	assert_eq_int(file->verdict, c->verdict);
	assert_eq_int(file->findings->len, c->message != NULL);
	if (!c->message)
		return;
	first = g_ptr_array_index(file->findings, 0);
	assert_contains(first->message, c->message);
}

TEST_EACH(explore_blame, of_a_subject, subject_cases)
{
	g_autofree char *folder = g_dir_make_tmp("blame-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "trouble.json", NULL);
	g_autofree char *once = g_build_filename(folder, "once", NULL);
	g_autofree char *text =
	        g_strdup_printf(TROUBLE, c->in_setup ? c->how : 0, c->in_setup ? 0 : c->how);
	static const enum sim_strategy two[] = {SIM_STRATEGY_EXHAUSTIVE, SIM_STRATEGY_STATEFUL};

	assert_true(g_file_set_contents(path, text, -1, NULL));
	g_setenv("BROKEN_ONCE", once, TRUE);
	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(two); i++) {
		explore_trouble(c, path, 1 + i % 2, two[i / 2]);
		assert_true(g_file_test(once, G_FILE_TEST_EXISTS) == (c->how == BROKEN_ONCE));
		g_unlink(once);
	}
	g_unlink(path);
	g_rmdir(folder);
}
