/* SPDX-License-Identifier: MIT */
/*
 * The unit test harness: a thin layer over Check, which nobody else includes.
 *
 *   TEST(suite, name) { ... }                 one test, called suite.name
 *   TEST_EACH(suite, name, array) { ... }     one test per element of an array,
 *                                             called suite.name/CASE
 *
 * Tests register themselves when their file is linked with tests/test.c, which
 * has main(). Each runs in a process of its own, so a crash or a leak is that
 * test's alone (CK_FORK=no: all in one process, for a debugger; a test must
 * therefore not rely on another's leftovers nor leave any). Results are TAP 13 on
 * the program's stdout, in the order of the source; what a test prints goes to
 * stderr. `PROGRAM --list` and `--filter GLOB` select.
 *
 * TEST_EACH: the elements are structs with a member `const char *name`, unique
 * in the array and free of '#' and control characters; the body sees the
 * element as `c`, a pointer to const. The array is static, its size known.
 *
 * Exit status: 0 all passed, 1 some failed, 2 usage, 3 no test selected, 99 the
 * program itself is wrong (two tests of one name).
 *
 * Assertions end the test. Each argument is evaluated once; the value under
 * test comes first, the expected one second.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the macros below register; nobody else fills one. */
struct test {
	const char *suite;
	const char *name;
	const char *file;
	int line;
	void (*run)(const void *element);
	const void *cases; /* NULL: a single test without an element */
	size_t case_count;
	size_t case_size;
	size_t name_offset;
};

/* Longest run of one test; reaching it is a failure. */
#define TEST_SECONDS 120

#define TEST(suite_, name_)                                                             \
	static void test_##suite_##_##name_(const void *element);                       \
	TEST_REGISTER_(suite_, name_, .run = test_##suite_##_##name_, .case_count = 1); \
	static void test_##suite_##_##name_(__attribute__((unused)) const void *element)

#define TEST_EACH(suite_, name_, array_)                                                         \
	static void test_##suite_##_##name_(const __typeof__((array_)[0]) *c);                   \
	static void test_##suite_##_##name_##_each(const void *element)                          \
	{                                                                                        \
		test_##suite_##_##name_(element);                                                \
	}                                                                                        \
	_Static_assert(__builtin_types_compatible_p(__typeof__((array_)[0].name), const char *), \
	               "a case has a member 'const char *name'");                                \
	TEST_REGISTER_(suite_, name_, .run = test_##suite_##_##name_##_each, .cases = (array_),  \
	               .case_count = sizeof(array_) / sizeof((array_)[0]),                       \
	               .case_size = sizeof((array_)[0]),                                         \
	               .name_offset = offsetof(__typeof__((array_)[0]), name));                  \
	static void test_##suite_##_##name_(__attribute__((unused))                              \
	                                    const __typeof__((array_)[0]) *c)

#define assert_true(condition) \
	((condition) ? test_mark(__FILE__, __LINE__) : fail_test("%s is false", #condition))

#define assert_false(condition) \
	((condition) ? fail_test("%s is true", #condition) : test_mark(__FILE__, __LINE__))

/* Signed numbers: counts, codes, comparisons. */
#define assert_eq_int(got, want) test_eq_int(__FILE__, __LINE__, #got, (got), #want, (want))

/* Unsigned numbers: registers, masks, addresses; shown in hexadecimal. */
#define assert_eq_u64(got, want) test_eq_u64(__FILE__, __LINE__, #got, (got), #want, (want))

/* An FF-A status (enum ffa_status, or the signed code it stands for), shown by name. */
#define assert_status(got, want) test_status(__FILE__, __LINE__, #got, (int)(got), (int)(want))

/* Strings; NULL equals only NULL. */
#define assert_str(got, want) test_str(__FILE__, __LINE__, #got, (got), (want))

/* The string `got` contains `part`. */
#define assert_contains(got, part) test_contains(__FILE__, __LINE__, #got, (got), (part))

/* `size` bytes; the first difference is shown. */
#define assert_mem(got, want, size) test_mem(__FILE__, __LINE__, #got, (got), (want), (size))

#define assert_ptr(got, want)                                                        \
	((const void *)(got) == (const void *)(want) ? test_mark(__FILE__, __LINE__) \
	                                             : fail_test("%s is not %s", #got, #want))

#define assert_null(pointer) assert_ptr(pointer, NULL)
#define assert_not_null(pointer) \
	((pointer) != NULL ? test_mark(__FILE__, __LINE__) : fail_test("%s is NULL", #pointer))

/* A GError * that must be NULL; its message is shown. For programs that have GLib. */
#define assert_no_error(error) \
	((error) ? fail_test("%s: %s", #error, (error)->message) : test_mark(__FILE__, __LINE__))

/* Fails the test with a message of its own. */
#define fail_test(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)

/* What the assertions call. A crash is reported with the last place marked. */
void test_mark(const char *file, int line);
__attribute__((noreturn, format(printf, 3, 4))) void test_fail(const char *file, int line,
                                                               const char *format, ...);
void test_eq_int(const char *file, int line, const char *got_text, int64_t got,
                 const char *want_text, int64_t want);
void test_eq_u64(const char *file, int line, const char *got_text, uint64_t got,
                 const char *want_text, uint64_t want);
void test_status(const char *file, int line, const char *text, int got, int want);
void test_str(const char *file, int line, const char *text, const char *got, const char *want);
void test_contains(const char *file, int line, const char *text, const char *got, const char *part);
void test_mem(const char *file, int line, const char *text, const void *got, const void *want,
              size_t size);

/* The section holds pointers, so that no padding between its elements matters. */
#define TEST_REGISTER_(suite_, name_, ...)                                       \
	static const struct test test_##suite_##_##name_##_entry = {             \
	        .suite = #suite_,                                                \
	        .name = #name_,                                                  \
	        .file = __FILE__,                                                \
	        .line = __LINE__,                                                \
	        __VA_ARGS__,                                                     \
	};                                                                       \
	__attribute__((used, section("test_registry"))) static const struct test \
	        *const test_##suite_##_##name_##_pointer = &test_##suite_##_##name_##_entry

#endif
