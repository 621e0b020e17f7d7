/* SPDX-License-Identifier: MIT */
/* What is told of a mediator that crashes: how, at which address, in which function and line. */
#include <string.h>
#include <unistd.h>

#include "tests/subjects/broken.h"
#include "tests/unit/test_schedule.h"

/* The line of tests/subjects/broken.c with this text. */
static unsigned line_of(const char *text)
{
	g_autofree char *path = emu_path("process", "../../tests/subjects", "broken.c");
	g_autofree char *source = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned line = 0;

	if (!g_file_get_contents(path, &source, NULL, NULL))
		fail_test("cannot read %s", path);
	lines = g_strsplit(source, "\n", -1);
	while (lines[line] && !strstr(lines[line], text))
		line++;
	if (!lines[line])
		fail_test("no line with '%s'", text);
	return line + 1;
}

struct crash_case {
	const char *name;
	enum broken_how how;
	enum sim_verdict verdict;
	const char *message;
	const char *function;
	const char *line; /* what stands in it */
};

#define CRASH_CASES                                                                                  \
	{"null",                                                                                     \
	 BROKEN_WRITE,                                                                               \
	 SIM_VERDICT_CRASH,                                                                          \
	 "vm1.0 crashed with Segmentation fault at address 0x0 in write_null",                       \
	 "write_null",                                                                               \
	 "(volatile uint32_t *)zero = 1"},                                                           \
	        {"abort",           BROKEN_ABORT,                                                    \
	         SIM_VERDICT_CRASH, "vm1.0 crashed with Aborted in go_wrong",                        \
	         "go_wrong",        "		abort();"},                                          \
	        {"assertion",                                                                        \
	         BROKEN_ASSERT,                                                                      \
	         SIM_VERDICT_CRASH,                                                                  \
	         "vm1.0 gave up in fail_assertion: assertion 'calls == 0' failed",                   \
	         "fail_assertion",                                                                   \
	         "assert(calls == 0)"},                                                              \
	        {"panic",           BROKEN_PANIC,                                                    \
	         SIM_VERDICT_CRASH, "vm1.0 gave up in go_wrong: the test asks for it",               \
	         "go_wrong",        "subject_panic("},                                               \
	        {"stack",                                                                            \
	         BROKEN_STACK,                                                                       \
	         SIM_VERDICT_CRASH,                                                                  \
	         "vm1.0 crashed with Segmentation fault at the end of its stack of 61440 bytes "     \
	         "in call_itself",                                                                   \
	         "call_itself",                                                                      \
	         NULL},                                                                              \
	        {"release",           BROKEN_RELEASE,                                                \
	         SIM_VERDICT_CRASH,   "vm1.0 releases lock without holding it in release_free_lock", \
	         "release_free_lock", "subject_lock_release(&lock)"},                                \
	        {"retake",                                                                           \
	         BROKEN_RETAKE,                                                                      \
	         SIM_VERDICT_LIVENESS,                                                               \
	         "vm1.0 takes lock while holding it in take_twice",                                  \
	         "take_twice",                                                                       \
	         NULL},                                                                              \
	        {"free",                                                                             \
	         BROKEN_FREE,                                                                        \
	         SIM_VERDICT_CRASH,                                                                  \
	         "vm1.0 frees what is not a live allocation in free_nothing",                        \
	         "free_nothing",                                                                     \
	         "subject_free(&calls)"},                                                            \
	        {"jump",                                                                             \
	         BROKEN_JUMP,                                                                        \
	         SIM_VERDICT_CRASH,                                                                  \
	         "vm1.0 crashed with Segmentation fault at address 0x0 in jump_to_null",             \
	         "jump_to_null",                                                                     \
	         "zero)()"},                                                                         \
	        {"wild",                                                                             \
	         BROKEN_WILD,                                                                        \
	         SIM_VERDICT_CRASH,                                                                  \
	         "vm1.0 crashed with Segmentation fault at an address that no processor has in "     \
	         "write_wild",                                                                       \
	         "write_wild",                                                                       \
	         "zero + "},                                                                         \
	{                                                                                            \
		"constant", BROKEN_STATIC, SIM_VERDICT_CRASH,                                        \
		        "vm1.0 crashed with Segmentation fault at constant in write_constant",       \
		        "write_constant", "&constant = 1"                                            \
	}

static const struct crash_case crash_cases[] = {CRASH_CASES};

static void crash(const char *transport, const struct crash_case *c)
{
	g_autofree char *members = g_strdup_printf(
	        "'machine': {'mediator': 'broken', 'vms': {'vm1': {}}}, 'threads': {'vm1.0': "
	        "[{'call': 'FFA_ID_GET', 'expect': 'SUCCESS'}, {'call': 'FFA_FEATURES', 'w1': %u}]}",
	        (unsigned)c->how);

	lab.transport = transport;
	lab_do(members);
}

/* Under the emulator an address that no processor has cannot be told from 0. */
static char *message_on(const char *transport, const struct crash_case *c)
{
	static const char *const alike[] = {"at address 0x0",
	                                    "at an address that no processor has"};
	const char *at = NULL;
	unsigned i;

	for (i = 0; i < G_N_ELEMENTS(alike) && !at; i++)
		at = strstr(c->message, alike[i]);
	if (!at || strcmp(transport, "aarch64") != 0)
		return g_strdup(c->message);
	return g_strdup_printf("%.*sat address 0x0, or at one that no processor has,%s",
	                       (int)(at - c->message), c->message, at + strlen(alike[i - 1]));
}

static void check(const char *transport, const struct crash_case *c)
{
	g_autofree char *message = message_on(transport, c);
	g_autofree char *place = NULL;
	g_autofree char *frame = NULL;

	crash(transport, c);
	assert_eq_int(lab.report->findings->len, 1);
	assert_str(lab_finding(0)->message, message);
	assert_eq_int(lab_finding(0)->verdict, c->verdict);
	place = c->line ? g_strdup_printf("tests/subjects/broken.c:%u", line_of(c->line))
	                : g_strdup(lab_finding(0)->place);
	assert_str(lab_finding(0)->place, place);
	frame = g_strdup_printf("#0 %s at %s", c->function, place);
	assert_contains(lab_finding(0)->detail, frame);
	assert_contains(lab_finding(0)->detail, " broken_call at tests/subjects/broken.c:");
	assert_null(strstr(lab_finding(0)->detail, "subject_"));
	lab_close();
}

TEST_EACH(schedule_crash, inline_subject, crash_cases)
{
	check("inline", c);
}

TEST_EACH(schedule_crash, process_subject, crash_cases)
{
	check("process", c);
}

TEST_EACH(schedule_crash, aarch64_subject, crash_cases)
{
	check("aarch64", c);
}

/* Where the watchdog meets a loop depends on time, which no report may. */
TEST(schedule_crash, a_runaway_has_no_place)
{
	static const struct crash_case spin = {.how = BROKEN_SPIN};

	crash("inline", &spin);
	assert_str(lab_finding(0)->message, "vm1.0 runs on without coming to a stop");
	assert_null(lab_finding(0)->place);
	assert_null(lab_finding(0)->detail);
	lab_close();
}
