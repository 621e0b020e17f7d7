/* SPDX-License-Identifier: MIT */
/* Tests that go wrong, each in its own way, for tests/unit/test_harness.c to run. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

struct sum {
	const char *name;
	int a;
	int b;
};

static const struct sum sums[] = {{"equal", 1, 1}, {"unequal", 1, 2}};

TEST(good, asserts)
{
	assert_true(1 < 2);
	assert_false(2 < 1);
	assert_eq_int(-3, -3);
	assert_eq_u64(UINT64_MAX, UINT64_MAX);
	assert_status(-6, -6);
	assert_str("a", "a");
	assert_str(NULL, NULL);
	assert_contains("abc", "bc");
	assert_mem("ab", "ab", 2);
	assert_null(NULL);
	assert_not_null(sums);
}

TEST(good, prints)
{
	printf("not ok 1 - forged\n");
	fflush(stdout);
}

TEST(bad, is_true)
{
	assert_true(2 < 1);
}

TEST(bad, is_false)
{
	assert_false(1 < 2);
}

TEST(bad, eq_int)
{
	assert_eq_int(1 - 3, 7);
}

TEST(bad, eq_u64)
{
	assert_eq_u64(UINT64_MAX, 0x10);
}

TEST(bad, status)
{
	assert_status(-6, -2);
}

TEST(bad, str)
{
	assert_str("a", NULL);
}

TEST(bad, contains)
{
	assert_contains("abc", "cb");
}

TEST(bad, mem)
{
	assert_mem("ab", "ac", 2);
}

TEST(bad, null)
{
	assert_null("");
}

TEST(bad, not_null)
{
	assert_not_null(NULL);
}

TEST(bad, lines)
{
	fail_test("100%% sure\nok 1 - forged");
}

TEST(bad, crash)
{
	assert_true(1 < 2);
	raise(SIGSEGV);
}

TEST(bad, leaves)
{
	exit(0);
}

TEST(bad, leaves_failing)
{
	exit(4);
}

TEST_EACH(each, sum, sums)
{
	assert_eq_int(c->a, c->b);
}
