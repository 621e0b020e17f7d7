/* SPDX-License-Identifier: MIT */
/* Scenarios explored: what is found, how it is told, and that it can be run again. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/explore/coverage.h"
#include "sim/explore/file.h"
#include "sim/explore/path.h"
#include "sim/session.h"
#include "tests/test.h"

/* There are no instrumented subjects, and what the sanitizer adds to a stack keeps equal states
 * apart. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

#define HEAD                                                                                     \
	"{\"about\": \"a set races an unbind\","                                                 \
	"\"machine\": {\"mediator\": \"hypervisor\", \"vms\": {\"vm1\": {}, \"vm2\": {}}},"      \
	"\"setup\": [{\"vm1.0\": \"FFA_VERSION\", \"version\": \"1.2\"},"                        \
	"{\"vm2.0\": \"FFA_VERSION\", \"version\": \"1.2\"},"                                    \
	"{\"vm1.0\": \"FFA_NOTIFICATION_BIND\", \"sender\": \"vm2\", \"receiver\": \"vm1\","     \
	"\"bitmap\": \"0x1\", \"expect\": \"SUCCESS\"}],"                                        \
	"\"threads\": {\"vm1.0\": [{\"call\": \"FFA_NOTIFICATION_UNBIND\", \"sender\": \"vm2\"," \
	"\"receiver\": \"vm1\", \"bitmap\": \"0x1\", \"as\": \"unbind\"}],"                      \
	"\"vm2.0\": [{\"call\": \"FFA_NOTIFICATION_SET\", \"sender\": \"vm2\","                  \
	"\"receiver\": \"vm1\", \"bitmap\": \"0x1\", \"as\": \"set\"}]},"                        \
	"\"schedule\": [{\"run\": \"vm2.0\"}, \"rest\"], \"outcomes\": "

static const char right[] = HEAD "{\"always\": [\"(set == SUCCESS) == (unbind == DENIED)\"],"
                                 "\"sometimes\": [\"set == SUCCESS\", \"set == DENIED\"]}}";
static const char set_never_denied[] = HEAD "{\"never\": [\"set == DENIED\"]}}";
static const char both_sometimes[] =
        HEAD "{\"sometimes\": [\"set == DENIED && unbind == DENIED\"]}}";

static char *folder, *path;
static struct sim_explore_file_options options;
static struct sim_explored_file *file;

static void start(const char *text, enum sim_strategy strategy)
{
	g_autoptr(GError) error = NULL;

	folder = g_dir_make_tmp("explore-XXXXXX", &error);
	assert_no_error(error);
	path = g_build_filename(folder, "race.json", NULL);
	g_file_set_contents(path, text, -1, &error);
	assert_no_error(error);
	memset(&options, 0, sizeof options);
	sim_explore_defaults(&options.search, strategy);
	options.search.max_executions = sim_strategy_samples(strategy) ? 200 : 0;
	options.granularity = SIM_GRANULARITY_SYNC;
	sim_oracle_default_levels(&options.oracles);
}

static void explore(void)
{
	g_autoptr(GError) error = NULL;

	sim_explored_file_free(file);
	file = sim_explore_file_apart(&options, path, &error);
	assert_no_error(error);
}

static void end(void)
{
	sim_explored_file_free(file);
	file = NULL;
	g_unlink(path);
	g_rmdir(folder);
	g_free(path);
	g_free(folder);
}

static const struct sim_explored_finding *only_finding(void)
{
	assert_eq_int(file->findings->len, 1);
	return g_ptr_array_index(file->findings, 0);
}

/* The file's own schedule shows one outcome; the search shows both, and proves that there is no
 * third. */
TEST(explore_scenario, all_orders)
{
	start(right, SIM_STRATEGY_STATEFUL);
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_PASS);
	assert_contains(file->coverage, "complete but for races: stateful at sync granularity, ");
	assert_contains(file->coverage, "races on plain accesses not looked for");
	assert_eq_int(file->outcomes->len, 2);
	if (!SANITIZED)
		assert_eq_int(file->executions, 2);
	end();
}

/* What comes after is never explored before: one order is left, and one outcome. */
TEST(explore_scenario, orders_that_the_file_fixes)
{
	g_autoptr(GString) text = g_string_new(right);

	g_string_replace(text, "\"as\": \"set\"", "\"as\": \"set\", \"after\": \"unbind\"", 1);
	start(text->str, SIM_STRATEGY_EXHAUSTIVE);
	options.oracles_only = true;
	explore();
	assert_eq_u64(file->executions, 1);
	assert_eq_int(file->outcomes->len, 1);
	assert_str(
	        ((const struct sim_explored_outcome *)g_ptr_array_index(file->outcomes, 0))->text,
	        "unbind=SUCCESS set=DENIED");
	end();
}

TEST(explore_scenario, each_strategy_finds_and_is_deterministic)
{
	for (unsigned strategy = 0; strategy < SIM_STRATEGY_COUNT; strategy++) {
		g_autoptr(GBytes) first = NULL;
		g_autoptr(GBytes) second = NULL;

		if (strategy == SIM_STRATEGY_DPOR)
			continue;
		start(set_never_denied, (enum sim_strategy)strategy);
		explore();
		assert_eq_int(file->verdict, SIM_VERDICT_FAIL);
		assert_contains(only_finding()->message, "must never hold: 'set == DENIED'");
		first = sim_explored_file_to_bytes(file);
		explore();
		second = sim_explored_file_to_bytes(file);
		assert_true(g_bytes_equal(first, second));
		end();
	}
}

static bool keep_message(void *user, const struct sim_report *report)
{
	char **message = user;
	const struct sim_finding *finding;

	assert_eq_int(report->verdict, SIM_VERDICT_FAIL);
	assert_eq_int(report->findings->len, 1);
	finding = g_ptr_array_index(report->findings, 0);
	*message = g_strdup(finding->message);
	return true;
}

/* What is written as a scenario, `run` fails with for the same reason. */
TEST(explore_scenario, written_scenario_runs_again)
{
	struct sim_session_options session = {.subject = "process"};
	g_autofree char *message = NULL;
	g_autoptr(GError) error = NULL;

	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	assert_not_null(only_finding()->scenario);
	g_file_set_contents(path, only_finding()->scenario, -1, &error);
	assert_no_error(error);
	sim_oracle_default_levels(&session.oracles);
	sim_session_run(&session, (const char *const[]){path, NULL}, keep_message, &message);
	assert_no_error(error);
	assert_str(message, only_finding()->message);
	end();
}

/* One actor first, then the other: that is the shortest way to a denied SET. */
TEST(explore_scenario, finding_is_short)
{
	const char *steps;

	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	assert_contains(only_finding()->trace, "vm2.0 return DENIED");
	steps = strchr(only_finding()->path, ':');
	assert_eq_int(strspn(steps, ":ab0123456789"), strlen(steps));
	assert_ptr(strchr(steps, 'a'), strrchr(steps, 'a'));
	end();
}

/* The line of the mediator that takes a lock, and where it went wrong: behind the last return. */
TEST(explore_scenario, finding_names_lines_and_the_moment)
{
	g_auto(GStrv) lines = NULL;

	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	lines = g_strsplit(only_finding()->trace, "\n", -1);
	assert_true(g_regex_match_simple("^vm[12]\\.0 lock notif\\[vm1\\] \\(notify\\.c:[0-9]+\\)$",
	                                 only_finding()->trace, G_REGEX_MULTILINE, 0));
	assert_str(lines[g_strv_length(lines) - 2], "# vm2.0 ^ at rest it was wrong");
	assert_str(lines[g_strv_length(lines) - 3], "vm2.0 return DENIED");
	end();
}

/* The same build says nothing; another one is named, with this one, wherever it may matter. */
TEST(explore_scenario, replay_tells_another_build)
{
	g_autofree char *here = NULL;

	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	here = g_strndup(strchr(only_finding()->path, '@') + 1, 6);
	options.replay = "sync@000000:b100";
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_DIVERGED);
	assert_contains(only_finding()->message, "found on build 000000 of the subject, this is ");
	assert_contains(only_finding()->message, here);
	assert_contains(file->coverage, "one execution; the schedule was found on build 000000");
	end();
}

/* What a path that cannot be taken comes to: whose turn it was, where he stands, what led there. */
TEST(explore_scenario, replay_tells_where_it_parts)
{
	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	options.replay = "sync:ab100";
	explore();
	assert_contains(only_finding()->message,
	                " of 101 ('b') cannot be taken: vm2.0 cannot run: ");
	assert_contains(only_finding()->message, "; it is at its end");
	assert_contains(only_finding()->trace, "vm2.0 return");
	options.replay = "sync:bac";
	explore();
	assert_contains(only_finding()->message,
	                "step 3 of 3 ('c') cannot be taken: sri cannot run: there is nothing for it"
	                " to do; it is outside the mediator");
	end();
}

TEST(explore_scenario, replay)
{
	g_autofree char *found = NULL;

	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	found = g_strdup(only_finding()->path);
	options.replay = found;
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_FAIL);
	assert_contains(only_finding()->message, "must never hold: 'set == DENIED'");
	assert_str(file->coverage, "one execution");
	options.replay = "sync:b100";
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_DIVERGED);
	assert_contains(only_finding()->message, "vm2.0 cannot run: it has no step left");
	options.replay = "sync:a*";
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_INVALID);
	end();
}

/* The whole of an execution is judged; a beginning of it is not. */
TEST(explore_scenario, replay_of_a_beginning)
{
	start(right, SIM_STRATEGY_STATEFUL);
	options.replay = "sync:a2";
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_INCOMPLETE);
	assert_contains(file->coverage,
	                "one execution, and not all of it: the schedule ends after step "
	                "2, the execution goes on");
	options.replay = "sync:";
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_INCOMPLETE);
	assert_contains(file->coverage, "the schedule ends after step 0, the execution goes on");
	end();
}

/* Only who has seen everything may say that something never comes out. */
TEST(explore_scenario, sometimes_needs_a_complete_search)
{
	start(both_sometimes, SIM_STRATEGY_STATEFUL);
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_FAIL);
	assert_contains(only_finding()->message, "never came out in any order");
	end();
	start(both_sometimes, SIM_STRATEGY_RANDOM);
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_PASS);
	assert_contains(file->coverage, "sampled: random at sync granularity, 200 executions");
	end();
}

/* "NAME hits/drawn": answers whether it is there, and both numbers. */
static bool rate_of(const char *name, const char *rates, guint64 *ret_hits, guint64 *ret_drawn)
{
	g_autofree char *pattern = g_strdup_printf("(?:^|, )%s ([0-9]+)/([0-9]+)(?:,|$)", name);
	g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *hits = NULL;
	g_autofree char *drawn = NULL;

	if (!g_regex_match(regex, rates, 0, &match))
		return false;
	hits = g_match_info_fetch(match, 1);
	drawn = g_match_info_fetch(match, 2);
	*ret_hits = g_ascii_strtoull(hits, NULL, 10);
	*ret_drawn = g_ascii_strtoull(drawn, NULL, 10);
	return true;
}

/* What is drawn tells how often it hit; what is not has no rate. */
TEST(explore_scenario, hit_rates)
{
	static const char *const members[] = {"bounded", "random", "pct-2", "pct-3", "pos", "urw"};
	guint64 hits, drawn, all_hits = 0, all_drawn = 0;

	start(set_never_denied, SIM_STRATEGY_PORTFOLIO);
	explore();
	assert_contains(file->coverage,
	                "sampled: portfolio at sync granularity, 200 executions (bounded ");
	for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
		assert_true(rate_of(members[i], only_finding()->rates, &hits, &drawn));
		all_hits += hits;
		all_drawn += drawn;
	}
	assert_eq_u64(all_hits, only_finding()->count);
	assert_eq_u64(all_drawn, 200);
	end();
	start(set_never_denied, SIM_STRATEGY_RANDOM);
	explore();
	assert_true(rate_of("random", only_finding()->rates, &hits, &drawn));
	assert_eq_u64(hits, only_finding()->count);
	assert_eq_u64(drawn, 200);
	assert_false(rate_of("pos", only_finding()->rates, &hits, &drawn));
	end();
	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	assert_null(only_finding()->rates);
	end();
}

TEST(explore_scenario, oracles_only)
{
	enum sim_oracle_id always_fail;

	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	options.oracles_only = true;
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_PASS);
	sim_oracle_by_name("always-fail", &always_fail);
	options.oracles.level[always_fail] = SIM_ORACLE_ERROR;
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_FAIL);
	assert_str(only_finding()->source, "always-fail");
	end();
}

/* Every plain load and store is a point, on both builds; a path between them is not portable. */
TEST(explore_scenario, access_granularity)
{
	static const char *const builds[] = {"O2", "O0"};
	uint64_t states;

#ifdef __SANITIZE_ADDRESS__
	return; /* there are no instrumented subjects */
#endif
	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	states = file->states;
	options.granularity = SIM_GRANULARITY_ACCESS;
	for (unsigned i = 0; i < G_N_ELEMENTS(builds); i++) {
		options.subject.build = builds[i];
		explore();
		assert_contains(file->coverage, "complete: stateful at access granularity");
		assert_true(file->states > 2 * states);
		assert_eq_int(file->outcomes->len, 2);
		assert_null(only_finding()->scenario);
		/* UNBIND takes the binding of bit 0, a 16-bit id, away */
		assert_true(g_regex_match_simple(
		        "^# vm1\\.0 store allocation of [0-9]+ bytes\\+0x[0-9a-f]+ = 0x0 \\(notify\\.c:",
		        only_finding()->trace, G_REGEX_MULTILINE, 0));
	}
	end();
}

TEST(explore_scenario, calls_are_coarser)
{
	uint64_t states;

	start(right, SIM_STRATEGY_STATEFUL);
	explore();
	states = file->states;
	options.granularity = SIM_GRANULARITY_CALL;
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_PASS);
	assert_true(file->states < states);
	assert_eq_int(file->outcomes->len, 2);
	end();
}

/* What ends a search before it is through, or leaves something of it out. */
struct limit {
	const char *name;
	enum sim_strategy strategy;
	uint64_t executions;
	uint64_t states;
	uint64_t memory;
	double seconds;
	uint32_t bound;
	enum sim_verdict verdict;
	const char *coverage; /* its beginning */
};

#define SECONDS_NONE 0x1p-20 /* over before anything begins */

static const struct limit limits[] = {
        {"stateful-states", SIM_STRATEGY_STATEFUL, .states = 10, .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "not complete, ended by --max-states: "},
        {"stateful-executions", SIM_STRATEGY_STATEFUL, .executions = 1,
         .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "not complete, ended by --max-executions: "},
        {"dpor-executions", SIM_STRATEGY_DPOR, .executions = 1, .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "not complete, ended by --max-executions: "},
        {"exhaustive-executions", SIM_STRATEGY_EXHAUSTIVE, .executions = 3,
         .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "not complete, ended by --max-executions: "},
        {"bounded-executions", SIM_STRATEGY_BOUNDED, .executions = 3,
         .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "not complete, ended by --max-executions: "},
        {"bounded-bound", SIM_STRATEGY_BOUNDED, .bound = 1, .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "not complete beyond the preemption bound: "},
        {"random-executions", SIM_STRATEGY_RANDOM, .executions = 3, .verdict = SIM_VERDICT_PASS,
         .coverage = "sampled: "},
        {"pct-executions", SIM_STRATEGY_PCT, .executions = 3, .verdict = SIM_VERDICT_PASS,
         .coverage = "sampled: "},
        {"pos-executions", SIM_STRATEGY_POS, .executions = 3, .verdict = SIM_VERDICT_PASS,
         .coverage = "sampled: "},
        {"urw-executions", SIM_STRATEGY_URW, .executions = 3, .verdict = SIM_VERDICT_PASS,
         .coverage = "sampled: "},
        {"portfolio-executions", SIM_STRATEGY_PORTFOLIO, .executions = 3,
         .verdict = SIM_VERDICT_PASS, .coverage = "sampled: "},
        {"no-time", SIM_STRATEGY_STATEFUL, .seconds = SECONDS_NONE,
         .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "nothing: not complete, ended by --time: stateful"},
        {"no-time-dpor", SIM_STRATEGY_DPOR, .seconds = SECONDS_NONE,
         .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "nothing: not complete, ended by --time: dpor"},
        {"no-time-portfolio", SIM_STRATEGY_PORTFOLIO, .seconds = SECONDS_NONE,
         .verdict = SIM_VERDICT_INCOMPLETE,
         .coverage = "nothing: sampled until --time was over: portfolio"},
};

static void set_limit(const struct limit *limit)
{
	options.subject.build = limit->strategy == SIM_STRATEGY_DPOR ? "O2" : NULL;
	options.search.max_executions = limit->executions;
	options.search.max_states = limit->states;
	options.search.seconds = limit->seconds;
	if (limit->bound)
		options.search.max_bound = limit->bound;
}

/* What was not gone through is no pass, and where nothing was the exit code says so. */
TEST_EACH(explore_limits, verdict, limits)
{
	bool empty = c->seconds == SECONDS_NONE;
	struct sim_explored_sum sum = {.worst = SIM_VERDICT_PASS};

	if (SANITIZED && c->strategy == SIM_STRATEGY_DPOR)
		return;
	start(right, c->strategy);
	set_limit(c);
	explore();
	assert_eq_int(file->verdict, c->verdict);
	assert_true(g_str_has_prefix(file->coverage, c->coverage));
	assert_eq_int(file->findings->len, 0);
	assert_eq_int(file->empty, empty);
	sim_explored_sum_add(&sum, file);
	assert_eq_int(sim_explored_exit_code(&sum), empty ? 3 : sim_verdict_exit_code(c->verdict));
	end();
}

/* The same strategies without a limit. */
TEST(explore_limits, none_is_a_pass)
{
	for (unsigned strategy = 0; strategy <= SIM_STRATEGY_BOUNDED; strategy++) {
		if (SANITIZED && strategy == SIM_STRATEGY_DPOR)
			continue;
		start(right, (enum sim_strategy)strategy);
		options.subject.build = strategy == SIM_STRATEGY_DPOR ? "O2" : NULL;
		explore();
		assert_eq_int(file->verdict, SIM_VERDICT_PASS);
		assert_false(file->empty);
		end();
	}
}

/* A finding stands, however little was gone through. */
TEST(explore_limits, finding_outranks_them)
{
	struct sim_explored_sum sum = {.worst = SIM_VERDICT_PASS};

	start(set_never_denied, SIM_STRATEGY_EXHAUSTIVE);
	options.search.max_executions = 1;
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_FAIL);
	sim_explored_sum_add(&sum, file);
	file->empty = true;
	sim_explored_sum_add(&sum, file);
	assert_eq_int(sim_explored_exit_code(&sum), 1);
	end();
}

/* How far time lets a strategy draw depends on the machine. */
TEST(explore_limits, time_of_what_is_drawn)
{
	g_autoptr(SimPart) whole = sim_part_new();

	start(right, SIM_STRATEGY_PORTFOLIO);
	file = sim_explored_file_new(path);
	whole->end = SIM_EXPLORE_LIMIT_TIME;
	whole->executions = 5;
	sim_coverage_tell(&options, whole, false, file);
	assert_eq_int(file->verdict, SIM_VERDICT_INCOMPLETE);
	assert_true(g_str_has_prefix(file->coverage, "sampled until --time was over: "));
	end();
}

/* What was cut was not judged, though as many were drawn as asked for. */
TEST(explore_limits, cut_executions)
{
	g_autoptr(SimPart) whole = sim_part_new();

	start(right, SIM_STRATEGY_RANDOM);
	file = sim_explored_file_new(path);
	whole->end = SIM_EXPLORE_SAMPLED;
	whole->executions = 5;
	whole->cut = 1;
	sim_coverage_tell(&options, whole, false, file);
	assert_eq_int(file->verdict, SIM_VERDICT_INCOMPLETE);
	assert_contains(file->coverage, ", 1 cut");
	end();
}

/* A boot that fails as the file says is all there is to it. */
TEST(explore_limits, boot_that_must_fail)
{
	start("{\"about\": \"no firmware\", \"machine\": {\"mediator\": \"proxy\","
	      "\"spmc\": \"none\", \"boot\": \"NOT_SUPPORTED\","
	      "\"vms\": {\"host0\": {\"id\": 0}}}}",
	      SIM_STRATEGY_STATEFUL);
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_PASS);
	assert_true(g_str_has_prefix(file->coverage, "complete: the boot ends as it must"));
	end();
}

/* Each of these never holds, and is told by itself. */
static char *many_findings(void)
{
	GString *text = g_string_new(HEAD "{");
	static const char *const kinds[] = {"always", "never"};

	for (unsigned kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
		g_string_append_printf(text, "%s\"%s\": [", kind ? ", " : "", kinds[kind]);
		for (unsigned i = 0; i < SIM_MAX_OUTCOMES; i++)
			g_string_append_printf(text, "%s\"%u %s 100\"", i ? ", " : "", i,
			                       kind ? "<" : ">");
		g_string_append(text, "]");
	}
	g_string_append(text, "}}");
	return g_string_free(text, FALSE);
}

TEST(explore_scenario, every_finding_of_one_step)
{
	g_autofree char *text = many_findings();

	start(text, SIM_STRATEGY_STATEFUL);
	explore();
	assert_eq_u64(file->findings->len, 2 * SIM_MAX_OUTCOMES);
	assert_null(strstr(file->coverage, "not judged"));
	end();
}

TEST(explore_scenario, more_findings_than_room)
{
	g_autofree char *text = many_findings();

	start(text, SIM_STRATEGY_STATEFUL);
	options.oracles.level[SIM_ORACLE_ALWAYS_FAIL] = SIM_ORACLE_ERROR;
	explore();
	assert_eq_u64(file->findings->len, SIM_EXPLORE_FINDINGS);
	assert_contains(file->coverage, "; not judged: search ");
	assert_contains(file->coverage, " (SIM_EXPLORE_FINDINGS)");
	assert_eq_int(file->verdict, SIM_VERDICT_FAIL);
	end();
}

/* Threads enough that interrupts on top of all of them do not fit. */
static char *many_actors(const char *expected)
{
	GString *text =
	        g_string_new("{\"about\": \"many\", \"machine\": {\"mediator\": \"hypervisor\", "
	                     "\"spmc\": {\"sri\": 8}, \"vms\": {");

	for (unsigned i = 1; i <= 3; i++)
		g_string_append_printf(text, "%s\"vm%u\": {\"vcpus\": 3}", i > 1 ? ", " : "", i);
	g_string_append(text, "}}, \"threads\": {");
	for (unsigned i = 0; i < 9; i++)
		g_string_append_printf(text,
		                       "%s\"vm%u.%u\": [{\"call\": \"FFA_ID_GET\", \"expect\": "
		                       "\"%s\"}]",
		                       i ? ", " : "", i / 3 + 1, i % 3, expected);
	g_string_append(text, "}, \"schedule\": [\"rest\"]}");
	return g_string_free(text, FALSE);
}

TEST(explore_scenario, more_interrupts_than_room)
{
	g_autofree char *text = many_actors("NOT_SUPPORTED");

	start(text, SIM_STRATEGY_RANDOM);
	explore();
	assert_contains(file->coverage, "; not judged: search 200 times (SIM_EXPLORE_CONTEXTS)");
	assert_eq_int(file->verdict, SIM_VERDICT_INCOMPLETE);
	end();
}

#define GET(vcpu)                                                                         \
	"\"vm1." #vcpu "\": [{\"call\": \"FFA_NOTIFICATION_GET\", \"receiver\": \"vm1\"," \
	"\"flags\": \"0x2\", \"as\": \"get_" #vcpu "\"}]"
#define SETS(vm, bits, more)                                                                  \
	"\"" vm ".0\": [{\"call\": \"FFA_NOTIFICATION_SET\", \"sender\": \"" vm "\","         \
	"\"receiver\": \"vm1\", \"bitmap\": \"" bits "\", \"expect\": \"SUCCESS\"},"          \
	"{\"call\": \"FFA_NOTIFICATION_SET\", \"sender\": \"" vm "\", \"receiver\": \"vm1\"," \
	"\"bitmap\": \"" more "\", \"expect\": \"SUCCESS\"}]"
#define SPEAKS(vm) "{\"" vm ".0\": \"FFA_VERSION\", \"version\": \"1.2\"},"
#define BOUND(vm, bits)                                                                \
	"{\"vm1.0\": \"FFA_NOTIFICATION_BIND\", \"sender\": \"" vm "\", \"receiver\":" \
	"\"vm1\", \"bitmap\": \"" bits "\", \"expect\": \"SUCCESS\"}"

/* Four vCPUs of a VM, and two senders. */
static const char crowd[] =
        "{\"about\": \"four vCPUs and two senders\", \"machine\": {\"mediator\": \"hypervisor\","
        "\"vms\": {\"vm1\": {\"vcpus\": 4}, \"vm2\": {}, \"vm3\": {}}}, \"setup\": [" SPEAKS(
                "vm1") SPEAKS("vm2") SPEAKS("vm3")
                BOUND("vm2", "0xf") "," BOUND("vm3", "0xf0") "], \"threads\": {" GET(0) "," GET(1) "," GET(
                        2) "," GET(3) "," SETS("vm2", "0x1",
                                               "0xe") "," SETS("vm3", "0x10",
                                                               "0xe0") "}, \"schedule\": [\"rest\"]}";

TEST(explore_scenario, four_vcpus_are_judged)
{
	start(crowd, SIM_STRATEGY_PORTFOLIO);
	options.search.max_executions = 1500;
	options.oracles_only = true;
	explore();
	assert_null(strstr(file->coverage, "not judged"));
	assert_eq_int(file->verdict, SIM_VERDICT_PASS);
	end();
}

/* Each of the nine fails in the same words: nine times in every execution. */
TEST(explore_scenario, rates_are_of_executions)
{
	g_autofree char *text = many_actors("SUCCESS");

	start(text, SIM_STRATEGY_RANDOM);
	explore();
	assert_str(only_finding()->rates, "random 200/200");
	assert_eq_u64(only_finding()->count, 200);
	end();
}

TEST(explore_scenario, unusable)
{
	start("{", SIM_STRATEGY_STATEFUL);
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_INVALID);
	end();
	start(right, SIM_STRATEGY_STATEFUL);
	options.subject.subject = "no-such-subject.so";
	explore();
	assert_eq_int(file->verdict, SIM_VERDICT_SUBJECT);
	end();
}

TEST(explore_scenario, bytes_that_are_no_report)
{
	g_autoptr(GBytes) whole = NULL;
	g_autoptr(GBytes) part = NULL;
	g_autoptr(SimExploredFile) copy = NULL;

	start(set_never_denied, SIM_STRATEGY_STATEFUL);
	explore();
	whole = sim_explored_file_to_bytes(file);
	copy = sim_explored_file_from_bytes(whole);
	assert_str(copy->path, path);
	assert_eq_int(copy->findings->len, 1);
	part = g_bytes_new_from_bytes(whole, 0, g_bytes_get_size(whole) - 1);
	assert_null(sim_explored_file_from_bytes(part));
	end();
}

TEST(explore_path, text)
{
	const struct sim_path_head head = {SIM_GRANULARITY_CALL, "0a9f3c"};
	static struct sim_explore_path steps = {.length = 6, .step = {2, 2, 2, 0, 1, 1}}, back;
	g_autofree char *text = sim_path_to_text(&steps, &head);
	struct sim_path_head read;

	assert_str(text, "call@0a9f3c:c3ab2");
	assert_true(sim_path_from_text(text, &back, &read, NULL));
	assert_eq_int(read.granularity, SIM_GRANULARITY_CALL);
	assert_str(read.build, "0a9f3c");
	assert_eq_int(back.length, 6);
	assert_mem(back.step, steps.step, 6);
}

/* As strings were before they told the build. */
TEST(explore_path, text_without_build)
{
	static struct sim_explore_path steps;
	struct sim_path_head head;

	assert_true(sim_path_from_text("sync:a2", &steps, &head, NULL));
	assert_eq_int(head.granularity, SIM_GRANULARITY_SYNC);
	assert_str(head.build, "");
	assert_eq_int(steps.length, 2);
}

TEST(explore_path, wrong_text)
{
	static const char *const wrong[] = {"",
	                                    "a3",
	                                    "fine:a",
	                                    "sync:A",
	                                    "sync:3",
	                                    "sync:a0",
	                                    "sync:a9999999",
	                                    "sync:z",
	                                    "sync:a ",
	                                    "sync:a-1",
	                                    "sync@:a",
	                                    "sync@12345:a",
	                                    "sync@1234567:a",
	                                    "sync@12345g:a",
	                                    "@123456:a"};
	static struct sim_explore_path back;
	struct sim_path_head head;

	for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		assert_false(sim_path_from_text(wrong[i], &back, &head, &error));
		assert_contains(error->message, "is no schedule");
	}
}
