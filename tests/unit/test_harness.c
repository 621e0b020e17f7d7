/* SPDX-License-Identifier: MIT */
/*
 * The harness itself: what it prints, how it selects, and that every way in
 * which a test can go wrong is seen. Its victims live in tests/victim.c, a
 * program beside this one.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

#define MAX_OUTPUT 8192

struct run {
	int exit_status;
	char output[MAX_OUTPUT];
};

/* Runs the victim with the arguments given; what its tests print is dropped. */
static void run_victim(const char *arguments, struct run *run)
{
	char command[PATH_MAX + 256];
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	size_t size;
	FILE *pipe;

	assert_true(length > 0);
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof command, "'%s/victim' %s 2>/dev/null", self, arguments);
	pipe = popen(command, "r"); /* NOLINT(cert-env33-c): our own program */
	assert_not_null(pipe);
	size = fread(run->output, 1, sizeof run->output - 1, pipe);
	run->output[size] = '\0';
	run->exit_status = WEXITSTATUS(pclose(pipe));
}

TEST(harness, passing_tests_are_a_plan_and_ok_lines)
{
	struct run run;

	run_victim("--filter 'good.*'", &run);
	assert_str(run.output, "TAP version 13\n"
	                       "1..2\n"
	                       "ok 1 - good.asserts\n"
	                       "ok 2 - good.prints\n");
	assert_eq_int(run.exit_status, 0);
}

TEST(harness, passes_without_fork)
{
	struct run run;

	setenv("CK_FORK", "no", 1);
	run_victim("--filter 'good.*' --filter each.sum/unequal", &run);
	assert_contains(run.output, "\nok 1 - good.asserts\n");
	assert_contains(run.output, "\nnot ok 3 - each.sum/unequal\n");
	assert_eq_int(run.exit_status, 1);
}

TEST(harness, cases_are_named_and_selected_one_by_one)
{
	struct run run;

	run_victim("--list --filter 'each.*'", &run);
	assert_str(run.output, "each.sum/equal\neach.sum/unequal\n");
	run_victim("--filter each.sum/equal", &run);
	assert_contains(run.output, "1..1\nok 1 - each.sum/equal\n");
	assert_eq_int(run.exit_status, 0);
}

TEST(harness, order_is_that_of_the_source)
{
	struct run run;

	run_victim("--list", &run);
	assert_contains(run.output, "good.asserts\ngood.prints\nbad.is_true\n");
	assert_contains(run.output, "bad.leaves_failing\neach.sum/equal\n");
	assert_eq_int(run.exit_status, 0);
}

struct refusal {
	const char *name;
	const char *arguments;
	int exit_status;
};

static const struct refusal refusals[] = {
        {"nothing selected", "--filter 'none.*'", 3},
        {"nothing to list", "--list --filter 'none.*'", 3},
        {"unknown option", "--colour", 2},
        {"stray argument", "good.asserts", 2},
};

TEST_EACH(harness, refuses, refusals)
{
	struct run run;

	run_victim(c->arguments, &run);
	assert_str(run.output, "");
	assert_eq_int(run.exit_status, c->exit_status);
}

struct failure {
	const char *name;
	const char *message;
};

/* Each test of the victim's suite 'bad', with what its diagnostic says after the place. */
static const struct failure failures[] = {
        {"is_true", "2 < 1 is false\n"},
        {"is_false", "1 < 2 is true\n"},
        {"eq_int", "1 - 3 is -2, not 7 (7)\n"},
        {"eq_u64", "is 0xffffffffffffffff, not 0x10 (0x10)\n"},
        {"status", "-6 is DENIED (-6), not INVALID_PARAMETERS (-2)\n"},
        {"str", "\"a\" is 'a', not NULL\n"},
        {"contains", "\"abc\" is 'abc', without 'cb'\n"},
        {"mem", "\"ab\": byte 1 of 2 is 0x62, not 0x63\n"},
        {"null", "\"\" is not NULL\n"},
        {"not_null", "NULL is NULL\n"},
        {"lines", "100% sure\n# ok 1 - forged\n"},
        {"crash", "Received signal 11 (Segmentation fault)\n"},
        {"leaves", "the test ended the process\n"},
        {"leaves_failing", "Early exit with return value 4\n"},
};

TEST_EACH(harness, reports, failures)
{
	char arguments[64];
	char first_line[64];
	struct run run;

	snprintf(arguments, sizeof arguments, "--filter bad.%s", c->name);
	setenv("ASAN_OPTIONS", "handle_segv=0", 1);
	snprintf(first_line, sizeof first_line, "1..1\nnot ok 1 - bad.%s\n# ", c->name);
	run_victim(arguments, &run);
	assert_contains(run.output, first_line);
	assert_contains(run.output, "tests/victim.c:");
	assert_contains(run.output, c->message);
	assert_eq_int(run.exit_status, 1);
}
