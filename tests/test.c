/* SPDX-License-Identifier: MIT */
#include "tests/test.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
/* libdw leaves something of the frames of a crash behind, in the processes that look at them */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libdw\n";
}
#endif

#ifdef NDEBUG
#error "tests are built with assertions"
#endif

#define MAX_MESSAGE 2048
#define MAX_FILTERS 16

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOTHING_RAN = 3, EXIT_BUG = 99 };

/* One line of the plan. */
struct item {
	const struct test *test;
	const void *element;
	char *name;
	bool selected;
};

struct plan {
	struct item *items;
	size_t count;
	size_t selected_count;
};

/* From the linker; absent in a program without a test. */
extern const struct test *const __start_test_registry[] __attribute__((weak));
extern const struct test *const __stop_test_registry[] __attribute__((weak));

/* Read by the forked test. */
static const struct item *running;

/* Written by the forked test; cheaper than Check's own marks. */
struct progress {
	const char *file;
	int line;
	bool returned; /* the body came to its end */
};

static struct progress *shared;

void test_mark(const char *file, int line)
{
	shared->file = file;
	shared->line = line;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	char message[MAX_MESSAGE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	_ck_assert_failed(file, line, "failed", "%s", message);
	abort();
}

void test_eq_int(const char *file, int line, const char *got_text, int64_t got,
                 const char *want_text, int64_t want)
{
	if (got != want)
		test_fail(file, line, "%s is %lld, not %s (%lld)", got_text, (long long)got,
		          want_text, (long long)want);
	test_mark(file, line);
}

void test_eq_u64(const char *file, int line, const char *got_text, uint64_t got,
                 const char *want_text, uint64_t want)
{
	if (got != want)
		test_fail(file, line, "%s is 0x%llx, not %s (0x%llx)", got_text,
		          (unsigned long long)got, want_text, (unsigned long long)want);
	test_mark(file, line);
}

static const char *status_name(int status)
{
	static const char *const names[] = {"OK",        "NOT_SUPPORTED", "INVALID_PARAMETERS",
	                                    "NO_MEMORY", "BUSY",          "INTERRUPTED",
	                                    "DENIED",    "RETRY",         "ABORTED",
	                                    "NO_DATA",   "NOT_READY"};
	const int count = (int)(sizeof names / sizeof names[0]);

	return status <= 0 && -status < count ? names[-status] : "no FF-A status";
}

void test_status(const char *file, int line, const char *text, int got, int want)
{
	if (got != want)
		test_fail(file, line, "%s is %s (%d), not %s (%d)", text, status_name(got), got,
		          status_name(want), want);
	test_mark(file, line);
}

void test_str(const char *file, int line, const char *text, const char *got, const char *want)
{
	bool equal = got == want || (got && want && strcmp(got, want) == 0);

	test_mark(file, line);
	if (!equal)
		test_fail(file, line, "%s is %s%s%s, not %s%s%s", text, got ? "'" : "",
		          got ? got : "NULL", got ? "'" : "", want ? "'" : "", want ? want : "NULL",
		          want ? "'" : "");
}

void test_contains(const char *file, int line, const char *text, const char *got, const char *part)
{
	if (!got)
		test_fail(file, line, "%s is NULL, without '%s'", text, part);
	if (!strstr(got, part))
		test_fail(file, line, "%s is '%s', without '%s'", text, got, part);
	test_mark(file, line);
}

void test_mem(const char *file, int line, const char *text, const void *got, const void *want,
              size_t size)
{
	const unsigned char *a = got;
	const unsigned char *b = want;

	test_mark(file, line);
	for (size_t i = 0; i < size; i++)
		if (a[i] != b[i])
			test_fail(file, line, "%s: byte %zu of %zu is 0x%02x, not 0x%02x", text, i,
			          size, a[i], b[i]);
}

static void bug(const char *what, const char *name)
{
	fprintf(stderr, "test program is wrong: %s '%s'\n", what, name);
	exit(EXIT_BUG);
}

static int by_place(const void *a, const void *b)
{
	const struct test *x = *(const struct test *const *)a;
	const struct test *y = *(const struct test *const *)b;
	int order = strcmp(x->file, y->file);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* A compiler may emit a file's tests in any order; the source decides. */
static const struct test **sorted_tests(size_t *ret_count)
{
	size_t count = (size_t)(__stop_test_registry - __start_test_registry);
	const struct test **tests = calloc(count + 1, sizeof *tests);

	if (!tests)
		bug("no memory for", "the registry");
	for (size_t i = 0; i < count; i++)
		tests[i] = __start_test_registry[i];
	qsort(tests, count, sizeof *tests, by_place);
	*ret_count = count;
	return tests;
}

static bool fit_for_tap(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '#')
			return false;
	return true;
}

static struct item make_item(const struct test *test, size_t i)
{
	struct item item = {.test = test};
	const char *own = NULL;
	int length;

	if (test->cases) {
		item.element = (const char *)test->cases + i * test->case_size;
		memcpy(&own, (const char *)item.element + test->name_offset, sizeof own);
		if (!own || !*own || !fit_for_tap(own))
			bug("a case without a usable name in", test->name);
	}
	length = asprintf(&item.name, "%s.%s%s%s", test->suite, test->name, own ? "/" : "",
	                  own ? own : "");
	if (length < 0)
		bug("no memory for", test->name);
	return item;
}

static void refuse_duplicates(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		for (size_t j = i + 1; j < plan->count; j++)
			if (strcmp(plan->items[i].name, plan->items[j].name) == 0)
				bug("two tests called", plan->items[i].name);
}

static struct plan make_plan(void)
{
	struct plan plan = {0};
	size_t test_count;
	size_t total = 0;
	const struct test **tests = sorted_tests(&test_count);

	for (size_t t = 0; t < test_count; t++)
		total += tests[t]->case_count;
	plan.items = calloc(total + 1, sizeof *plan.items);
	if (!plan.items)
		bug("no memory for", "the plan");
	for (size_t t = 0; t < test_count; t++)
		for (size_t i = 0; i < tests[t]->case_count; i++)
			plan.items[plan.count++] = make_item(tests[t], i);
	free(tests);
	refuse_duplicates(&plan);
	return plan;
}

static bool matches(const char *name, char *const *filters, size_t filter_count)
{
	for (size_t i = 0; i < filter_count; i++)
		if (fnmatch(filters[i], name, 0) == 0)
			return true;
	return filter_count == 0;
}

static void select_items(struct plan *plan, char *const *filters, size_t filter_count)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct item *item = &plan->items[i];

		item->selected = matches(item->name, filters, filter_count);
		plan->selected_count += item->selected;
	}
}

static void free_plan(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->items[i].name);
	free(plan->items);
}

static void run_body(int unused)
{
	(void)unused;
	running->test->run(running->element);
	shared->returned = true;
}

/* A message of several lines must not look like results. */
static void print_message(FILE *tap, const char *message)
{
	for (; *message; message++) {
		fputc(*message, tap);
		if (*message == '\n')
			fputs("# ", tap);
	}
	fputc('\n', tap);
}

static void print_diagnostic(FILE *tap, TestResult *result)
{
	const char *message = tr_msg(result);

	if (tr_rtype(result) == CK_PASS)
		message = "the test ended the process";
	if (tr_rtype(result) == CK_FAILURE)
		fprintf(tap, "# %s:%d: ", tr_lfile(result), tr_lno(result));
	else
		fprintf(tap, "# %s:%d: last place known before: ", shared->file, shared->line);
	print_message(tap, message);
}

static bool report(FILE *tap, SRunner *runner, size_t number, const char *name)
{
	TestResult **results = srunner_results(runner);
	bool passed = srunner_ntests_run(runner) == 1 && srunner_ntests_failed(runner) == 0 &&
	              shared->returned;

	fprintf(tap, "%sok %zu - %s\n", passed ? "" : "not ", number, name);
	if (!passed && srunner_ntests_run(runner) == 1)
		print_diagnostic(tap, results[0]);
	fflush(tap);
	free(results);
	return passed;
}

/* A runner for each test: results appear in order, as they come. */
static bool run_item(FILE *tap, const struct item *item, size_t number)
{
	const TTest entry = {item->name, run_body, item->test->file, item->test->line};
	Suite *suite = suite_create(item->test->suite);
	TCase *tcase = tcase_create(item->test->name);
	SRunner *runner;
	bool passed;

	running = item;
	*shared = (struct progress){.file = item->test->file, .line = item->test->line};
	tcase_set_timeout(tcase, TEST_SECONDS);
	tcase_add_test(tcase, &entry);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_SILENT);
	passed = report(tap, runner, number, item->name);
	srunner_free(runner);
	return passed;
}

static int run_plan(FILE *tap, const struct plan *plan)
{
	size_t failed = 0;
	size_t number = 0;

	fprintf(tap, "TAP version 13\n1..%zu\n", plan->selected_count);
	fflush(tap);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].selected)
			failed += !run_item(tap, &plan->items[i], ++number);
	return failed ? EXIT_FAILED : EXIT_SUCCESS;
}

/* Results go to a stdout of their own, so that no test can forge one by printing. */
static FILE *take_stdout(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	FILE *tap = fd < 0 ? NULL : fdopen(fd, "w");

	if (!tap || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		fprintf(stderr, "cannot use stdout: %s\n", strerror(errno));
		exit(EXIT_BUG);
	}
	return tap;
}

static void map_shared(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	if (shared == MAP_FAILED) {
		fprintf(stderr, "cannot map memory: %s\n", strerror(errno));
		exit(EXIT_BUG);
	}
}

struct selection {
	bool list;
	char *filters[MAX_FILTERS];
	size_t filter_count;
};

static bool parse_options(int argc, char **argv, struct selection *selection)
{
	static const struct option options[] = {
	        {"list", no_argument, NULL, 'l'}, {"filter", required_argument, NULL, 'f'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'l')
			selection->list = true;
		else if (option == 'f' && selection->filter_count < MAX_FILTERS)
			selection->filters[selection->filter_count++] = optarg;
		else
			return false;
	}
	return optind == argc;
}

static void print_list(FILE *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].selected)
			fprintf(out, "%s\n", plan->items[i].name);
}

int main(int argc, char **argv)
{
	struct selection selection = {0};
	struct plan plan;
	int exit_status = EXIT_SUCCESS;
	FILE *out;

	if (!parse_options(argc, argv, &selection)) {
		fprintf(stderr, "usage: %s [--list] [--filter GLOB]...\n", argv[0]);
		return EXIT_USAGE;
	}
	map_shared();
	out = take_stdout();
	plan = make_plan();
	select_items(&plan, selection.filters, selection.filter_count);
	if (!plan.selected_count) {
		fprintf(stderr, "no test selected\n");
		exit_status = EXIT_NOTHING_RAN;
	} else if (selection.list) {
		print_list(out, &plan);
	} else {
		exit_status = run_plan(out, &plan);
	}
	free_plan(&plan);
	fclose(out);
	return exit_status;
}
