/* SPDX-License-Identifier: MIT */
/* The parts of shrinking: switches of a path, what can be taken out of a file, when two reasons are
 * the same. What they come to together: tests/shrink_test.py. */
#include <glib.h>
#include <string.h>

#include "sim/cause.h"

#include "sim/explore/apart.h"
#include "sim/explore/commute.h"
#include "sim/explore/random.h"
#include "sim/explore/shrink_edit.h"
#include "sim/explore/shrink_judge.h"
#include "tests/test.h"
#include "tests/unit/test_explore_toy.h"

static struct toy toy;
static struct toy_outcomes outcomes;
static struct sim_explore_path path;

static void start(void)
{
	memset(&outcomes, 0, sizeof outcomes);
	toy_start(&toy, &outcomes);
}

static void take(const char *contexts)
{
	path.length = 0;
	for (const char *at = contexts; *at; at++)
		path.step[path.length++] = (uint8_t)(*at - 'a');
}

/* What the path comes to is the finding; the state is the first again. */
static void make_finding(void)
{
	toy.failing = 0;
	for (uint32_t i = 0; i < path.length; i++)
		toy.system.class->step(&toy.system, path.step[i]);
	assert_eq_u64(toy.system.enabled, 0);
	toy.failing = toy_key(&toy);
	start();
}

static void assert_path(const char *contexts)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (uint32_t i = 0; i < path.length; i++)
		g_string_append_c(text, (char)('a' + path.step[i]));
	assert_str(text->str, contexts);
}

/* Two programs of three steps each. */
static void two_programs(struct toy_op a, struct toy_op b)
{
	memset(&toy, 0, sizeof toy);
	toy.system.count = 2;
	for (unsigned i = 0; i < 3; i++) {
		toy.program[0][i] = a;
		toy.program[1][i] = b;
	}
	toy.length[0] = toy.length[1] = 3;
	start();
}

TEST(explore_commute, independent_steps_come_together)
{
	two_programs((struct toy_op){TOY_ADD, 0}, (struct toy_op){TOY_ADD, 1});
	take("ababab");
	make_finding();
	sim_commute(&toy.system, 0, &path);
	assert_path("aaabbb");
}

/* Each load of a sees another store of b: no switch can go. */
TEST(explore_commute, dependent_steps_stay)
{
	two_programs((struct toy_op){TOY_LOAD, 0}, (struct toy_op){TOY_ADD, 0});
	take("bababa");
	make_finding();
	sim_commute(&toy.system, 0, &path);
	assert_path("bababa");
}

TEST(explore_commute, counts_preemptions)
{
	struct sim_switches switches;

	two_programs((struct toy_op){TOY_ADD, 0}, (struct toy_op){TOY_ADD, 1});
	take("aabbba");
	make_finding();
	assert_true(sim_commute_try(&toy.system, 0, &path, &switches));
	assert_eq_int(switches.switches, 2);
	assert_eq_int(switches.preemptions, 1); /* b was at its end */
	take("aabb");
	assert_false(sim_commute_try(&toy.system, 0, &path, &switches));
	take("aaaab");
	assert_false(sim_commute_try(&toy.system, 0, &path, &switches));
}

static void draw_path(struct sim_random *random)
{
	path.length = 0;
	while (toy.system.enabled) {
		unsigned c;

		do
			c = sim_random_below(random, toy.system.count);
		while (!(toy.system.enabled >> c & 1));
		path.step[path.length++] = (uint8_t)c;
		toy.system.class->step(&toy.system, c);
	}
	start();
}

/* Whatever the programs: the finding still comes, and nothing got worse. */
TEST(explore_commute, drawn_programs)
{
	unsigned fewer = 0;

	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct sim_switches before, after;
		struct sim_random random;

		toy_draw(&toy, seed);
		start();
		sim_random_seed(&random, seed, 1);
		draw_path(&random);
		make_finding();
		assert_true(sim_commute_try(&toy.system, 0, &path, &before));
		sim_commute(&toy.system, 0, &path);
		assert_true(sim_commute_try(&toy.system, 0, &path, &after));
		assert_true(after.switches <= before.switches);
		assert_true(after.preemptions <= before.preemptions);
		fewer += after.switches < before.switches;
	}
	assert_true(fewer > 100); /* most drawn paths have needless switches */
}

#define FILE_TEXT                                                                     \
	"{\"about\": \"x\", \"setup\": [{\"bitmap\": \"0x6\"}, {\"n\": 1}],"          \
	"\"schedules\": {\"found\": [{\"run\": \"vm1.0\", \"times\": 3}, \"rest\"]}," \
	"\"threads\": {\"vm1.0\": [{\"expect\": {\"w2\": 6}, \"n\": \"0x100\", \"a/b\": 0}]}}"

static char *list_edits(bool schedule)
{
	struct json_object *file = json_tokener_parse(FILE_TEXT);
	g_autoptr(GPtrArray) edits = sim_edits_new(file, schedule);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < edits->len; i++) {
		const struct sim_edit *edit = g_ptr_array_index(edits, i);

		g_string_append_printf(text, "%s%s%s\n", edit->pointer, edit->value ? " " : "",
		                       edit->value ? edit->value : "");
	}
	json_object_put(file);
	return g_string_free(text, FALSE);
}

/* Large before small, the end of a list before its begin; one bit of several, a lower one of one.
 */
TEST(explore_edit, of_a_file)
{
	g_autofree char *edits = list_edits(false);

	assert_str(edits, "/setup\n/threads\n/setup/1\n/setup/0\n/threads/vm1.0\n/setup/1/n\n"
	                  "/setup/0/bitmap\n/threads/vm1.0/0\n/threads/vm1.0/0/expect\n"
	                  "/threads/vm1.0/0/n\n/threads/vm1.0/0/a~1b\n"
	                  "/threads/vm1.0/0/expect/w2\n"
	                  "/setup/0/bitmap \"0x2\"\n/setup/0/bitmap \"0x4\"\n"
	                  "/threads/vm1.0/0/n \"0x1\"\n/threads/vm1.0/0/n \"0x2\"\n");
}

/* "rest" and the schedule itself stay. */
TEST(explore_edit, of_a_schedule)
{
	g_autofree char *edits = list_edits(true);

	assert_str(edits, "/schedules/found/0\n/schedules/found/0/run\n/schedules/found/0/times\n"
	                  "/schedules/found/0/times 1\n/schedules/found/0/times 2\n");
}

struct apply_case {
	const char *name;
	const char *pointer;
	const char *value;
	const char *text; /* of what is at `parent` then */
	const char *parent;
};

static const struct apply_case apply_cases[] = {
        {"member", "/threads/vm1.0/0/a~1b", NULL, "{\"expect\":{\"w2\":6},\"n\":\"0x100\"}",
         "/threads/vm1.0/0"},
        {"element", "/setup/0", NULL, "[{\"n\":1}]", "/setup"},
        {"value", "/setup/0/bitmap", "\"0x2\"", "[{\"bitmap\":\"0x2\"},{\"n\":1}]", "/setup"},
};

TEST_EACH(explore_edit, applied, apply_cases)
{
	struct sim_edit edit = {(char *)(uintptr_t)c->pointer, (char *)(uintptr_t)c->value};
	struct json_object *file = json_tokener_parse(FILE_TEXT);
	struct json_object *after = sim_edit_apply(file, &edit);
	struct json_object *again = json_tokener_parse(FILE_TEXT);

	assert_str(json_object_to_json_string_ext(sim_edit_find(after, c->parent),
	                                          JSON_C_TO_STRING_PLAIN |
	                                                  JSON_C_TO_STRING_NOSLASHESCAPE),
	           c->text);
	assert_str(json_object_to_json_string(file), json_object_to_json_string(again));
	json_object_put(again);
	json_object_put(after);
	json_object_put(file);
}

struct pointer_case {
	const char *name;
	const char *edit;
	const char *value;
	const char *before;
	const char *after; /* NULL: gone */
};

static const struct pointer_case pointer_cases[] = {
        {"elsewhere", "/setup/0", NULL, "/threads/vm1.0/1", "/threads/vm1.0/1"},
        {"an element before it", "/setup/0", NULL, "/setup/2/expect", "/setup/1/expect"},
        {"an element behind it", "/setup/2", NULL, "/setup/1/expect", "/setup/1/expect"},
        {"the element before ten", "/setup/9", NULL, "/setup/10", "/setup/9"},
        {"itself", "/setup/2", NULL, "/setup/2", NULL},
        {"what it is in", "/setup/2", NULL, "/setup/2/expect/w1", NULL},
        {"what begins alike", "/setup/1", NULL, "/setup/10/n", "/setup/9/n"},
        {"a sibling", "/threads/vm1.0/0/as", NULL, "/threads/vm1.0/0/expect",
         "/threads/vm1.0/0/expect"},
        {"its own value", "/setup/2/n", "1", "/setup/2/n", "/setup/2/n"},
};

TEST_EACH(explore_edit, pointer, pointer_cases)
{
	struct sim_edit edit = {(char *)(uintptr_t)c->edit, (char *)(uintptr_t)c->value};
	g_autofree char *after = sim_edit_pointer(&edit, c->before);

	assert_str(after, c->after);
}

#define SCENARIO                                                                        \
	"{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {}, " \
	"\"guest\": {}}, \"sps\": {\"sp1\": {}}}, \"outcomes\": {\"always\": [\"1 == 1\"]}}"

struct message_case {
	const char *name;
	const char *message;
	const char *same;
};

static const struct message_case message_cases[] = {
        {"numbers", "vm1 has 0xff00 pending, 12 times", "@ has # pending, # times"},
        {"actors", "vm1.0 waits for notif[guest], held by guest.12",
         "@.# waits for notif[@], held by @.#"},
        {"of the system", "sri and work.1 and host and sp1", "@ and @.# and @ and @"},
        {"no name", "vm2 and guests and x4=0x1", "vm2 and guests and x4=#"},
};

TEST_EACH(explore_reason, message, message_cases)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SimScenario) scenario =
	        sim_scenario_parse(SCENARIO, strlen(SCENARIO), "s.json", &error);
	g_autofree char *text = NULL;

	assert_no_error(error);
	text = sim_cause_normalise(scenario, c->message);
	assert_str(text, c->same);
}

static GBytes *answer_late(void *user)
{
	sim_apart_answer(g_bytes_new(user, strlen(user)));
	return NULL; /* never */
}

static GBytes *die(void *user)
{
	(void)user;
	_Exit(7);
}

static GBytes *sleep_on(void *user)
{
	g_usleep(G_MAXULONG);
	return user;
}

TEST(explore_apart, answers)
{
	char text[] = "yes";
	struct sim_watch watch = {.timeout = 5};
	struct sim_apart apart;

	assert_true(sim_apart_run(answer_late, text, &watch, &apart, NULL));
	assert_eq_int(apart.end, SIM_APART_DONE);
	assert_mem(g_bytes_get_data(apart.bytes, NULL), "yes", 3);
	sim_apart_clear(&apart);
}

TEST(explore_apart, dies)
{
	struct sim_watch watch = {.timeout = 5};
	struct sim_apart apart;

	assert_true(sim_apart_run(die, NULL, &watch, &apart, NULL));
	assert_eq_int(apart.end, SIM_APART_DIED);
	assert_null(apart.bytes);
	assert_eq_int(apart.death.blame, SIM_BLAME_FFASIM);
	assert_str(apart.death.text, "code of ffasim ended its process with status 7");
	sim_apart_clear(&apart);
}

TEST(explore_apart, sleeps)
{
	struct sim_watch watch = {.timeout = 1};
	struct sim_apart apart;

	assert_true(sim_apart_run(sleep_on, NULL, &watch, &apart, NULL));
	assert_eq_int(apart.end, SIM_APART_DIED);
	assert_eq_int(apart.death.blame, SIM_BLAME_FFASIM);
	assert_str(apart.death.text, "a process of ffasim did nothing for 1 second");
	sim_apart_clear(&apart);
}
