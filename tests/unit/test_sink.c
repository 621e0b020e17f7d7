/* SPDX-License-Identifier: MIT */
/* The output formats, on reports made by hand. */
#include "tests/test.h"

#include <json-c/json.h>
#include <string.h>

#include "sim/trace/sink.h"
#include "sim/trace/sink_escape.h"

#define PASSING "vm1.0 call FFA_ID_GET\nvm1.0 return SUCCESS id=0x1\n"
#define FAILING "vm2.0 lock vms\nvm1.0 wait vms\nmachine enter shutdown\nmachine leave shutdown\n"

static const char *const paths[] = {"s/good.json", "s/bad.json", "s/skip.json", "s/known.json",
                                    NULL};

static void add_schedule(struct sim_report *report, const char *name, enum sim_verdict verdict,
                         const char *trace)
{
	struct sim_schedule_report *schedule = g_new0(struct sim_schedule_report, 1);

	schedule->name = g_strdup(name);
	schedule->verdict = verdict;
	schedule->trace = g_strdup(trace);
	schedule->diagnostics = g_strconcat("# machine alloc 8 bytes\n", trace, NULL);
	schedule->steps = 4;
	g_ptr_array_add(report->schedules, schedule);
}

static struct sim_report *new_report(const char *path)
{
	struct sim_report *report = sim_report_new(path, "process");

	report->about = g_strdup("what it shows");
	report->build = g_strdup("O2");
	report->setup_trace = g_strdup("machine enter boot\n");
	report->setup_diagnostics = g_strdup("machine enter boot\n# machine free\n");
	report->calls = 7;
	return report;
}

static struct sim_report *make_good(void)
{
	struct sim_report *report = new_report(paths[0]);

	add_schedule(report, "1", SIM_VERDICT_PASS, PASSING);
	return report;
}

static struct sim_report *make_bad(void)
{
	static const struct sim_place place = {"s/bad.json", 12, 5, "/outcomes/never/0"};
	struct sim_report *report = new_report(paths[1]);
	struct sim_finding *finding;

	add_schedule(report, "first", SIM_VERDICT_PASS, PASSING);
	add_schedule(report, "second", SIM_VERDICT_DIVERGED, FAILING);
	finding = sim_report_add(report, SIM_VERDICT_PASS, SIM_SOURCE_ORACLE, "first", NULL,
	                         "only a warning");
	finding->warning = true;
	finding->oracle = g_strdup("lock");
	sim_report_add(report, SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME, "second", &place,
	               "must never hold: 'a < b'");
	finding = sim_report_add(report, SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, "second", NULL,
	                         "not \"reached\" \033[31m");
	finding->detail = g_strdup("who\nholds what");
	return report;
}

static struct sim_report *make_skipped(void)
{
	struct sim_report *report = sim_report_new(paths[2], "process");

	report->verdict = SIM_VERDICT_SKIPPED;
	report->reason = g_strdup("no SPs # yet");
	return report;
}

static struct sim_report *make_known(void)
{
	struct sim_report *report = new_report(paths[3]);

	add_schedule(report, "1", SIM_VERDICT_FAIL, FAILING);
	sim_report_add(report, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "1", NULL, "as ever");
	report->verdict = SIM_VERDICT_KNOWN_FAILING;
	report->reason = g_strdup("being repaired");
	return report;
}

static struct sim_report *(*const makers[])(void) = {make_good, make_bad, make_skipped, make_known};

/* A failure that an oracle found in a schedule, without a narrative. */
static struct sim_report *make_judged(const char *oracle)
{
	struct sim_report *report = new_report(paths[1]);
	struct sim_finding *finding;

	add_schedule(report, "1", SIM_VERDICT_FAIL, FAILING);
	finding = sim_report_add(report, SIM_VERDICT_FAIL, SIM_SOURCE_ORACLE, "1", NULL, "wrong");
	finding->oracle = g_strdup(oracle);
	return report;
}

/* What was left open, and what could not be followed, before what was found. */
static struct sim_report *make_mixed(void)
{
	struct sim_report *report = new_report(paths[1]);

	add_schedule(report, "open", SIM_VERDICT_INCOMPLETE, PASSING);
	add_schedule(report, "lost", SIM_VERDICT_DIVERGED, PASSING);
	add_schedule(report, "wrong", SIM_VERDICT_FAIL, FAILING);
	sim_report_add(report, SIM_VERDICT_INCOMPLETE, SIM_SOURCE_ORACLE, "open", NULL,
	               "not judged");
	sim_report_add(report, SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, "lost", NULL,
	               "not reached");
	sim_report_add(report, SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME, "wrong", NULL, "found");
	return report;
}

/* A finding that belongs to no schedule; with schedules that ran, or before any did. */
static struct sim_report *make_global(enum sim_verdict verdict, enum sim_source source, bool ran)
{
	struct sim_report *report = new_report(paths[1]);

	if (ran)
		add_schedule(report, "1", SIM_VERDICT_PASS, PASSING);
	sim_report_add(report, verdict, source, NULL, NULL, "wrong");
	return report;
}

/* The text of a format about one report, which is taken over. */
static char *write_one(const char *format, struct sim_report *report)
{
	const struct sim_sink_start start = {.paths = paths, .subject = "./x.so"};
	const struct sim_sink_options options = {.traces = SIM_TRACES_FIRST};
	struct sim_sink *sink = sim_sink_new(sim_sink_format_by_name(format), &options, &start);
	GString *out = g_string_new(NULL);

	sim_sink_begin(sink, out);
	sim_sink_report(sink, report, out);
	sim_sink_end(sink, 0, out);
	sim_sink_free(sink);
	sim_report_free(report);
	return g_string_free(out, FALSE);
}

/* The text of a format about the first `count` of the reports. */
static char *write_reports(const char *format, const struct sim_sink_options *options,
                           unsigned count, int interrupted)
{
	const struct sim_sink_start start = {.paths = paths, .subject = "process", .build = "O2"};
	struct sim_sink *sink = sim_sink_new(sim_sink_format_by_name(format), options, &start);
	GString *out = g_string_new(NULL);

	sim_sink_begin(sink, out);
	for (unsigned i = 0; i < count; i++) {
		g_autoptr(SimReport) report = makers[i]();

		sim_sink_report(sink, report, out);
	}
	sim_sink_end(sink, interrupted, out);
	sim_sink_free(sink);
	return g_string_free(out, FALSE);
}

static char *write_all(const char *format)
{
	const struct sim_sink_options options = {.traces = SIM_TRACES_FIRST};

	return write_reports(format, &options, G_N_ELEMENTS(makers), 0);
}

static void check_absent(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_test("'%s' is in:\n%s", part, text);
}

TEST(sink, formats_are_found_by_name)
{
	unsigned count = 0;

	for (; sim_sink_format_at(count); count++)
		assert_true(sim_sink_format_by_name(sim_sink_format_at(count)->name) ==
		            sim_sink_format_at(count));
	assert_eq_int(count, 6);
	assert_true(sim_sink_format_by_name("xml") == NULL);
}

TEST(sink, text_has_an_aligned_line_for_each_scenario)
{
	g_autofree char *text = write_all("text");

	assert_contains(text, "\nfail             s/bad     2 schedules\n");
	assert_contains(text, "\nskipped          s/skip   no SPs # yet\n");
	assert_contains(text, "\nknown-failing    s/known  being repaired\n");
	assert_true(g_str_has_prefix(text, "pass             s/good    1 schedule\n"));
}

TEST(sink, text_tells_findings_with_their_schedule_and_place)
{
	g_autofree char *text = write_all("text");

	assert_contains(text, "\nfail: s/bad.json\n  what it shows\n");
	assert_contains(text, "\n  warning: schedule first: only a warning [oracle lock]\n");
	assert_contains(text, "\n  schedule second: must never hold: 'a < b'\n"
	                      "      at s/bad.json:12:5: /outcomes/never/0\n");
	assert_contains(text, "\n      who\n      holds what\n");
}

TEST(sink, text_shows_what_the_failure_happened_in)
{
	g_autofree char *text = write_all("text");

	assert_contains(text, "\n  schedule second\n"
	                      "         vm2.0    | vm1.0    | machine\n"
	                      "       1 lock vms |          |\n"
	                      "       2          | wait vms |\n"
	                      "       3          |          | enter shutdown\n");
	check_absent(text, "FFA_ID_GET");
}

/* What a report has as a narrative is what is shown, and nothing else of the trace. */
TEST(sink, text_shows_the_narrative_of_a_failure)
{
	struct sim_report *report = make_judged("leak");
	struct sim_schedule_report *schedule = g_ptr_array_index(report->schedules, 0);
	g_autofree char *text = NULL;

	schedule->narrative = g_strdup("... 7 steps before these\nvm2.0 lock vms (a.c:1)\n"
	                               "# vm2.0 ^ here it went wrong\n");
	text = write_one("text", report);
	assert_contains(text, "\n  schedule 1\n"
	                      "         vm2.0\n"
	                      "         ... 7 steps before these\n"
	                      "       8 lock vms (a.c:1)\n"
	                      "         # ^ here it went wrong\n");
	check_absent(text, "leave shutdown");
}

TEST(sink, text_shows_the_narrative_of_a_set_up)
{
	struct sim_report *report = make_global(SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, false);
	g_autofree char *text = NULL;

	report->setup_narrative = g_strdup("host call FFA_VERSION (b.c:2)\n");
	text = write_one("text", report);
	assert_contains(text, "\n  set-up\n         host\n       1 call FFA_VERSION (b.c:2)\n");
	check_absent(text, "enter boot");
}

static const struct {
	const char *name;
	enum sim_source source;
	bool ran;
	const char *line;
	bool setup; /* its trace is shown */
} moments[] = {
        {"set-up", SIM_SOURCE_EXPECT, false, "\n  set-up: wrong\n", true},
        {"all schedules", SIM_SOURCE_OUTCOME, true, "\n  all schedules: wrong\n", false},
        {"loader", SIM_SOURCE_LOADER, false, "\n  wrong\n", false},
};

TEST_EACH(sink, text_says_when_a_finding_was_made, moments)
{
	g_autofree char *text = write_one("text", make_global(SIM_VERDICT_FAIL, c->source, c->ran));

	assert_contains(text, c->line);
	if (c->setup)
		assert_contains(text, "1 enter boot");
	else
		check_absent(text, "enter boot");
}

TEST(sink, text_tells_once_why_a_subject_cannot_be_used)
{
	const struct sim_sink_start start = {.paths = paths, .subject = "./x.so"};
	const struct sim_sink_options options = {.traces = SIM_TRACES_NONE};
	struct sim_sink *sink = sim_sink_new(sim_sink_format_by_name("text"), &options, &start);
	g_autoptr(GString) out = g_string_new(NULL);

	for (unsigned i = 0; i < 3; i++) {
		g_autoptr(SimReport) report = sim_report_new(paths[i], "./x.so");

		sim_report_add(report, SIM_VERDICT_SUBJECT, SIM_SOURCE_SUBJECT, NULL, NULL, "%s",
		               i < 2 ? "it is not there" : "it has left");
		sim_sink_report(sink, report, out);
	}
	sim_sink_end(sink, 0, out);
	sim_sink_free(sink);
	assert_contains(out->str, "subject unusable: s/good.json\n  it is not there\n"
	                          "  so is s/bad.json\n\n"
	                          "subject unusable: s/skip.json\n  it has left\n");
	assert_contains(out->str, " on ./x.so; stopped, 1 not run\n");
}

TEST(sink, text_ends_with_a_summary)
{
	g_autofree char *text = write_all("text");

	assert_true(g_str_has_suffix(text, "\n4 scenarios: 1 passed, 1 known-failing, 1 skipped, "
	                                   "1 failed, 1 warning on process/O2\n"));
}

TEST(sink, text_says_what_an_interruption_left_out)
{
	const struct sim_sink_options options = {.traces = SIM_TRACES_NONE};
	g_autofree char *text = write_reports("text", &options, 1, 15);

	assert_true(g_str_has_suffix(
	        text, "\n1 scenario: 1 passed on process/O2; interrupted, 3 not run\n"));
}

TEST(sink, text_is_quiet_about_what_does_not_fail)
{
	const struct sim_sink_options options = {.traces = SIM_TRACES_NONE, .quiet = true};
	g_autofree char *text = write_reports("text", &options, G_N_ELEMENTS(makers), 0);

	assert_contains(text, "fail             s/bad     2 schedules\n");
	check_absent(text, "s/good");
	check_absent(text, "s/skip");
	check_absent(text, "lock vms");
}

TEST(sink, text_shows_every_step_when_asked)
{
	const struct sim_sink_options options = {.traces = SIM_TRACES_ALL, .diagnostics = true};
	g_autofree char *text = write_reports("text", &options, 1, 0);

	assert_contains(text, "\n  set-up\n         machine\n       1 enter boot\n"
	                      "         # free\n");
	assert_contains(text, "# alloc 8 bytes");
	assert_contains(text, "return SUCCESS id=0x1\n");
}

TEST(sink, text_has_colours_only_when_asked)
{
	struct sim_sink_options options = {.traces = SIM_TRACES_FIRST};
	g_autofree char *plain = write_reports("text", &options, 1, 0);
	g_autofree char *colored = NULL;

	options.color = true;
	colored = write_reports("text", &options, 1, 0);
	check_absent(plain, "\033");
	assert_contains(colored, "\033[32mpass");
}

TEST(sink, tap_has_its_plan_first_and_a_directive_for_the_rest)
{
	g_autofree char *text = write_all("tap");

	assert_true(g_str_has_prefix(text, "TAP version 13\n1..4\n# ffasim on process/O2\n"
	                                   "ok 1 - s/good\nnot ok 2 - s/bad\n"
	                                   "  ---\n  verdict: \"fail\"\n"));
	assert_contains(text, "\n  ...\nok 3 - s/skip # SKIP no SPs \\# yet\n"
	                      "not ok 4 - s/known # TODO being repaired\n");
	assert_contains(text, "\n    - message: \"must never hold: 'a < b'\"\n"
	                      "      severity: \"fail\"\n");
	assert_contains(text, "      schedule: \"second\"\n"
	                      "      place: \"s/bad.json:12:5: /outcomes/never/0\"\n");
	assert_contains(text, "    - message: \"only a warning\"\n      severity: \"warning\"\n");
	assert_contains(text, "\\u001b[31m");
}

TEST(sink, tap_bails_out_when_interrupted)
{
	const struct sim_sink_options options = {.traces = SIM_TRACES_NONE};
	g_autofree char *text = write_reports("tap", &options, 1, 2);

	assert_str(text, "TAP version 13\n1..4\n# ffasim on process/O2\nok 1 - s/good\n"
	                 "Bail out! interrupted by signal 2\n");
}

static const char *get_text(struct json_object *event, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(event, key, &value))
		fail_test("no key '%s' in %s", key, json_object_to_json_string(event));
	return json_object_get_string(value);
}

/* The n-th line with this event, parsed; the caller puts it. */
static struct json_object *find_event(const char *text, const char *name, unsigned n)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; **line; line++) {
		struct json_object *event = json_tokener_parse(*line);

		if (!event)
			fail_test("not JSON: %s", *line);
		assert_str(get_text(event, "v"), "1");
		if (strcmp(get_text(event, "ev"), name) == 0 && n-- == 0)
			return event;
		json_object_put(event);
	}
	fail_test("no event '%s' in:\n%s", name, text);
}

static void check_event(const char *text, const char *name, unsigned n, const char *const *pairs)
{
	struct json_object *event = find_event(text, name, n);

	for (; *pairs; pairs += 2)
		assert_str(get_text(event, pairs[0]), pairs[1]);
	json_object_put(event);
}

TEST(sink, jsonl_counts_scenarios_at_its_start_and_end)
{
	g_autofree char *text = write_all("jsonl");

	check_event(
	        text, "start", 0,
	        (const char *const[]){"scenarios", "4", "subject", "process", "build", "O2", NULL});
	check_event(text, "end", 0,
	            (const char *const[]){"scenarios", "4", "schedules", "4", "calls", "21",
	                                  "warnings", "1", "interrupted", "0", NULL});
	assert_contains(text, "\"verdicts\":{\"pass\":1,\"known-failing\":1,\"skipped\":1,"
	                      "\"incomplete\":0,\"environment\":0,\"diverged\":0,\"fail\":1,");
}

TEST(sink, jsonl_has_a_line_for_each_scenario_schedule_and_finding)
{
	g_autofree char *text = write_all("jsonl");

	check_event(text, "scenario", 1,
	            (const char *const[]){"n", "2", "id", "s/bad", "file", "s/bad.json", "verdict",
	                                  "fail", "schedules", "2", "findings", "3", NULL});
	check_event(text, "schedule", 2,
	            (const char *const[]){"id", "s/bad", "schedule", "second", "verdict",
	                                  "diverged", "steps", "4", NULL});
	check_event(text, "finding", 0,
	            (const char *const[]){"warning", "true", "oracle", "lock", "source", "oracle",
	                                  NULL});
	check_event(text, "finding", 1,
	            (const char *const[]){"id", "s/bad", "verdict", "fail", "warning", "false",
	                                  "source", "outcome", "schedule", "second", "message",
	                                  "must never hold: 'a < b'", "place",
	                                  "s/bad.json:12:5: /outcomes/never/0", NULL});
	check_event(text, "finding", 2,
	            (const char *const[]){"source", "schedule", "message",
	                                  "not \"reached\" \033[31m", "detail", "who\nholds what",
	                                  NULL});
}

TEST(sink, jsonl_carries_traces_when_asked)
{
	const struct sim_sink_options options = {.traces = SIM_TRACES_FAILING};
	g_autofree char *text = write_reports("jsonl", &options, 2, 0);
	struct json_object *good = find_event(text, "schedule", 0);
	struct json_object *bad = find_event(text, "schedule", 2);

	assert_false(json_object_object_get_ex(good, "trace", NULL));
	assert_contains(get_text(bad, "trace"), "\"vm1.0 wait vms\"");
	json_object_put(good);
	json_object_put(bad);
}

TEST(sink, junit_counts_failures_errors_and_skips)
{
	g_autofree char *text = write_all("junit");

	assert_contains(text, "<testsuites name=\"ffasim\" tests=\"4\" failures=\"1\" errors=\"0\""
	                      " skipped=\"2\" time=\"0\">");
	assert_contains(text, "<skipped message=\"no SPs # yet\"/>");
	assert_contains(text, "<skipped message=\"known to fail: being repaired\"/>");
}

TEST(sink, junit_says_why_a_case_failed)
{
	g_autofree char *text = write_all("junit");

	assert_contains(text,
	                "<testcase name=\"bad\" classname=\"s\" file=\"s/bad.json\" time=\"0\">");
	assert_contains(text, "<failure type=\"fail\" message=\"must never hold: "
	                      "&apos;a &lt; b&apos;\">");
	assert_contains(text, "<system-out>schedule second\nvm2.0 lock vms\n");
	assert_contains(text, "not &quot;reached&quot; \\x1b[31m");
	check_absent(text, "\033");
}

TEST(sink, junit_tells_errors_from_failures)
{
	g_autofree char *text =
	        write_one("junit", make_global(SIM_VERDICT_CRASH, SIM_SOURCE_SUBJECT, true));

	assert_contains(text, " tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"");
	assert_contains(text, "<error type=\"crash\" message=\"wrong\">wrong\n</error>");
	assert_contains(text, "<system-err>stopped, 3 not run</system-err>");
}

TEST(sink, junit_is_read_by_an_xml_parser)
{
	static const GMarkupParser parser;
	g_autofree char *text = write_all("junit");
	GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, NULL, NULL);
	g_autoptr(GError) error = NULL;

	assert_true(g_markup_parse_context_parse(context, text, (gssize)strlen(text), &error));
	assert_true(g_markup_parse_context_end_parse(context, &error));
	g_markup_parse_context_free(context);
}

TEST(sink, trace_holds_contract_traces_and_no_subject)
{
	g_autofree char *text = write_all("trace");

	assert_str(text, "ffasim trace 1\n"
	                 "scenario s/good\nsetup\nmachine enter boot\nschedule 1\n" PASSING
	                 "scenario s/bad\nsetup\nmachine enter boot\nschedule first\n" PASSING
	                 "schedule second\n" FAILING "scenario s/skip\n"
	                 "scenario s/known\nsetup\nmachine enter boot\nschedule 1\n" FAILING);
}

TEST(sink, diagnostics_are_kept_apart_from_traces)
{
	const struct sim_sink_options options = {.traces = SIM_TRACES_NONE};
	g_autofree char *text = write_reports("diagnostics", &options, 1, 0);

	assert_str(text, "ffasim diagnostics 1\nscenario s/good\nsetup\nmachine enter boot\n"
	                 "# machine free\nschedule 1\n# machine alloc 8 bytes\n" PASSING);
}

static const struct {
	const char *name;
	const char *format;
} every_format[] = {{"text", "text"},   {"tap", "tap"},     {"jsonl", "jsonl"},
                    {"junit", "junit"}, {"trace", "trace"}, {"diagnostics", "diagnostics"}};

TEST_EACH(sink, same_reports_give_same_bytes, every_format)
{
	g_autofree char *once = write_all(c->format);
	g_autofree char *twice = write_all(c->format);

	assert_str(once, twice);
}

static const struct {
	const char *name;
	enum sim_verdict verdicts[4];
	unsigned count;
	int code;
} exit_codes[] = {
        {"nothing", {0}, 0, 3},
        {"passed", {SIM_VERDICT_PASS}, 1, 0},
        {"known-failing", {SIM_VERDICT_KNOWN_FAILING}, 1, 0},
        {"all skipped", {SIM_VERDICT_SKIPPED, SIM_VERDICT_SKIPPED}, 2, 77},
        {"some skipped", {SIM_VERDICT_SKIPPED, SIM_VERDICT_PASS}, 2, 0},
        {"skipped and known", {SIM_VERDICT_SKIPPED, SIM_VERDICT_KNOWN_FAILING}, 2, 0},
        {"failed", {SIM_VERDICT_SKIPPED, SIM_VERDICT_FAIL, SIM_VERDICT_PASS}, 3, 1},
        {"incomplete", {SIM_VERDICT_INCOMPLETE, SIM_VERDICT_PASS, SIM_VERDICT_SKIPPED}, 3, 6},
        {"environment beats incomplete", {SIM_VERDICT_ENVIRONMENT, SIM_VERDICT_INCOMPLETE}, 2, 7},
        {"failed beats environment", {SIM_VERDICT_FAIL, SIM_VERDICT_ENVIRONMENT}, 2, 1},
        {"diverged", {SIM_VERDICT_DIVERGED, SIM_VERDICT_PASS}, 2, 1},
        {"liveness beats failed", {SIM_VERDICT_FAIL, SIM_VERDICT_LIVENESS}, 2, 4},
        {"crash beats liveness", {SIM_VERDICT_CRASH, SIM_VERDICT_LIVENESS}, 2, 5},
        {"unusable", {SIM_VERDICT_SUBJECT, SIM_VERDICT_PASS}, 2, 5},
        {"invalid beats crash", {SIM_VERDICT_INVALID, SIM_VERDICT_CRASH}, 2, 3},
        {"bug beats all", {SIM_VERDICT_BUG, SIM_VERDICT_INVALID, SIM_VERDICT_CRASH}, 3, 99},
};

TEST_EACH(sink, exit_code_of_several_verdicts, exit_codes)
{
	struct sim_tally tally = {0};

	for (unsigned i = 0; i < c->count; i++) {
		g_autoptr(SimReport) report = sim_report_new("x.json", "inline");

		report->verdict = c->verdicts[i];
		sim_tally_add(&tally, report);
	}
	assert_eq_int(sim_tally_exit_code(&tally), c->code);
}

static const struct {
	const char *name;
	enum sim_verdict verdicts[4];
	unsigned count;
	const char *text;
} summaries[] = {
        {"a divergence is a failure",
         {SIM_VERDICT_DIVERGED, SIM_VERDICT_FAIL},
         2,
         "2 scenarios: 0 passed, 2 failed (1 diverged, 1 fail)"},
        {"what is open did not fail",
         {SIM_VERDICT_PASS, SIM_VERDICT_INCOMPLETE, SIM_VERDICT_ENVIRONMENT},
         3,
         "3 scenarios: 1 passed, 1 incomplete, 1 environment"},
        {"nor does it hide what did",
         {SIM_VERDICT_INCOMPLETE, SIM_VERDICT_CRASH},
         2,
         "2 scenarios: 0 passed, 1 incomplete, 1 failed (1 crash)"},
};

TEST_EACH(sink, summary_of_several_verdicts, summaries)
{
	struct sim_tally tally = {0};
	g_autoptr(GString) text = g_string_new(NULL);

	for (unsigned i = 0; i < c->count; i++) {
		g_autoptr(SimReport) report = sim_report_new("x.json", "inline");

		report->verdict = c->verdicts[i];
		sim_tally_add(&tally, report);
	}
	sim_tally_append(&tally, text);
	assert_str(text->str, c->text);
}

static const struct {
	const char *name;
	const char *text;
	const char *json;
	const char *xml;
	const char *tap;
	const char *plain;
} escapes[] = {
        {"plain", "a b", "\"a b\"", "a b", "a b", "a b"},
        {"nothing", NULL, "null", "", "", ""},
        {"quotes", "\"'\\", "\"\\\"'\\\\\"", "&quot;&apos;\\", "\"'\\\\", "\"'\\"},
        {"markup", "<&>#", "\"<&>#\"", "&lt;&amp;&gt;#", "<&>\\#", "<&>#"},
        {"breaks", "a\n\t\r", "\"a\\n\\t\\r\"", "a&#10;&#9;\\x0d", "a   ", "a\\x0a\\x09\\x0d"},
        {"control", "\033\177", "\"\\u001b\\u007f\"", "\\x1b\\x7f", "  ", "\\x1b\\x7f"},
        {"utf-8", "\xc3\xa9", "\"\xc3\xa9\"", "\xc3\xa9", "\xc3\xa9", "\xc3\xa9"},
        {"not utf-8", "\xff", "\"\xef\xbf\xbd\"", "\xef\xbf\xbd", "\xef\xbf\xbd", "\xef\xbf\xbd"},
        {"noncharacter", "\xef\xbf\xbf", "\"\xef\xbf\xbf\"", "\\xffff", "\xef\xbf\xbf",
         "\xef\xbf\xbf"},
};

TEST_EACH(sink, escapes, escapes)
{
	g_autoptr(GString) out = g_string_new(NULL);

	sim_append_json(out, c->text);
	assert_str(out->str, c->json);
	g_string_truncate(out, 0);
	sim_append_xml(out, c->text);
	assert_str(out->str, c->xml);
	g_string_truncate(out, 0);
	sim_append_tap(out, c->text);
	assert_str(out->str, c->tap);
	g_string_truncate(out, 0);
	sim_append_plain(out, c->text);
	assert_str(out->str, c->plain);
}

/* A failure outranks what diverged, and both what was left open: in every format. */
TEST(sink, tells_the_worst)
{
	g_autofree char *text = write_one("text", make_mixed());
	g_autofree char *tap = write_one("tap", make_mixed());
	g_autofree char *jsonl = write_one("jsonl", make_mixed());
	g_autofree char *junit = write_one("junit", make_mixed());

	assert_contains(text, "fail             s/bad");
	assert_contains(text, "\n  schedule wrong\n");
	assert_null(strstr(text, "\n  schedule lost\n"));
	assert_contains(tap, "not ok 1 - s/bad\n  ---\n  verdict: \"fail\"\n");
	assert_contains(tap, "- message: \"not judged\"\n      severity: \"incomplete\"\n");
	assert_contains(tap, "- message: \"not reached\"\n      severity: \"fail\"\n");
	assert_contains(jsonl, "\"about\":\"what it shows\",\"verdict\":\"fail\"");
	assert_contains(junit, "<failure type=\"fail\" message=\"found\">");
	assert_contains(junit, "<system-out>schedule wrong\n");
	assert_contains(junit, " failures=\"1\" errors=\"0\"");
}

/* What was only left open is no failure of the mediator: no trace, an error in JUnit. */
TEST(sink, tells_what_is_open)
{
	struct sim_report *report = new_report(paths[1]);
	g_autofree char *text = NULL;

	add_schedule(report, "open", SIM_VERDICT_INCOMPLETE, FAILING);
	sim_report_add(report, SIM_VERDICT_INCOMPLETE, SIM_SOURCE_ORACLE, "open", NULL,
	               "not judged");
	text = write_one("text", report);
	assert_contains(text, "incomplete       s/bad");
	assert_contains(text, "  schedule open: not judged\n");
	assert_null(strstr(text, "\n  schedule open\n"));
	assert_contains(text, "1 scenario: 0 passed, 1 incomplete on ");
}

/* A report that would not go through a pipe goes without its traces, and nothing else. */
TEST(report, leaves_out_traces)
{
	g_autoptr(SimReport) report = make_bad();
	g_autoptr(GBytes) whole = sim_report_to_bytes_within(report, 1u << 20);
	g_autoptr(SimReport) copy = sim_report_from_bytes(whole);
	g_autoptr(GBytes) cut = NULL;
	const struct sim_finding *last;
	const struct sim_schedule_report *schedule;

	assert_eq_u64(copy->findings->len, 3);
	g_clear_pointer(&copy, sim_report_free);
	cut = sim_report_to_bytes_within(report, g_bytes_get_size(whole) - 1);
	assert_true(g_bytes_get_size(cut) < g_bytes_get_size(whole) + 100);
	copy = sim_report_from_bytes(cut);
	assert_eq_int(copy->verdict, SIM_VERDICT_FAIL);
	assert_eq_u64(copy->findings->len, 4);
	last = g_ptr_array_index(copy->findings, 3);
	assert_true(last->warning);
	assert_contains(last->message,
	                "the traces are left out: with them the report has more than ");
	schedule = g_ptr_array_index(copy->schedules, 1);
	assert_str(schedule->trace, "");
	assert_str(schedule->name, "second");
}
