/* SPDX-License-Identifier: MIT */
/* Files that are not strict JSON, too large, or no files at all. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/scenario/json.h"
#include "tests/test.h"
#include "tests/unit/test_scenario.h"

/* Not strict JSON. A value that is missing has the pointer that it would have. */

static const struct {
	const char *name;
	const char *text;
	const char *pointer;
	const char *message;
} syntax[] = {
        {"duplicate-key", "{\"a\": 1, @\"a\": 2}", "", "duplicate key 'a'"},
        {"duplicate-key-escaped", "{\"b\": {\"a\": 1,\n @\"\\u0061\": 2}}", "/b",
         "duplicate key 'a'"},
        {"nan", "{\"a\": @NaN}", "/a", "unquoted word 'NaN'"},
        {"infinity", "{\"a\": @Infinity}", "/a", "unquoted word 'Infinity'"},
        {"minus-infinity", "{\"a\": -@Infinity}", "/a", "unquoted word 'Infinity'"},
        {"capital-true", "[@True]", "/0", "unquoted word 'True'"},
        {"cut-word", "[@tru]", "/0", "unquoted word 'tru'"},
        {"glued-word", "[@truefalse]", "/0", "unquoted word"},
        {"single-quoted-key", "{@'a': 1}", "", "single quotes"},
        {"single-quoted-value", "{\"a\": @'b'}", "/a", "single quotes"},
        {"unquoted-key", "{@a: 1}", "", "unquoted word 'a'"},
        {"comment-slashes", "{@// no\n}", "", "comments"},
        {"comment-stars", "{\"a\": 1 @/* no */}", "", "comments"},
        {"comment-hash", "@# no\n{}", "", "comments"},
        {"comment-at-end", "{}\n@// no", "", "comments"},
        {"trailing-comma-object", "{\"a\": 1@, }", "", "trailing comma"},
        {"trailing-comma-array", "{\"a\": [1, 2@,\n]}", "/a", "trailing comma"},
        {"leading-comma", "[@, 1]", "/0", "unexpected ','"},
        {"two-commas", "[1,@, 2]", "/1", "unexpected ','"},
        {"missing-comma", "{\"a\": 1 @\"b\": 2}", "", "',' or '}'"},
        {"missing-colon", "{\"a\" @1}", "", "':'"},
        {"wrong-bracket", "{\"a\": [1@}}", "/a", "',' or ']'"},
        {"leading-zero", "[@01]", "/0", "leading zero"},
        {"leading-zero-minus", "[@-01]", "/0", "leading zero"},
        {"hexadecimal", "[@0x10]", "/0", "hexadecimal"},
        {"plus", "[@+1]", "/0", "unexpected '+'"},
        {"bare-minus", "[-@]", "/0", "a digit"},
        {"bare-point", "[@.5]", "/0", "unexpected '.'"},
        {"point-without-digits", "[1.@]", "/0", "a digit"},
        {"exponent-without-digits", "[1e+@]", "/0", "a digit"},
        {"too-big-unsigned", "[@18446744073709551616]", "/0",
         "18446744073709551616 does not fit in 64 bits"},
        {"too-big-signed", "[@-9223372036854775809]", "/0", "does not fit in 64 bits"},
        {"huge", "[@1000000000000000000000000000000000000000000]", "/0", "... does not fit"},
        {"lone-high-surrogate", "[\"a@\\ud800\"]", "/0", "lone surrogate '\\ud800'"},
        {"high-surrogate-and-letter", "[\"@\\ud800\\u0041\"]", "/0", "lone surrogate"},
        {"lone-low-surrogate", "[\"@\\uDC00\"]", "/0", "lone surrogate '\\udc00'"},
        {"escaped-nul", "[\"@\\u0000\"]", "/0", "'\\u0000'"},
        {"short-unicode", "[\"\\u12@\"]", "/0", "four hexadecimal digits"},
        {"unknown-escape", "[\"@\\x41\"]", "/0", "unknown escape"},
        {"overlong-utf8", "[\"@\xc0\xaf\"]", "/0", "invalid UTF-8"},
        {"cut-utf8", "[\"@\xe2\x82\"]", "/0", "invalid UTF-8"},
        {"utf8-surrogate", "[\"@\xed\xa0\x80\"]", "/0", "invalid UTF-8"},
        {"utf8-stray", "[\"@\x80\"]", "/0", "invalid UTF-8"},
        {"invalid-utf8-in-key", "{\"a@\xff\": 1}", "", "invalid UTF-8"},
        {"utf8-outside-string", "[@\xc3\xa9]", "/0", "unexpected byte 0xc3"},
        {"tab-in-string", "[\"a@\tb\"]", "/0", "control character 0x09"},
        {"newline-in-string", "[\"a@\nb\"]", "/0", "control character 0x0a"},
        {"column-counts-characters", "{\"\xc3\xa9\xe2\x82\xac\": @x}", "/\xc3\xa9\xe2\x82\xac",
         "unquoted word 'x'"},
        {"byte-order-mark", "@\xef\xbb\xbf{}", "", "byte order mark"},
        {"trailing-junk", "{} @{}", "", "the end of the file"},
        {"trailing-bracket", "{}@]", "", "the end of the file"},
        {"cut-object", "{\"a\": 1@", "", "the file ends"},
        {"cut-after-colon", "{\"a\":@", "/a", "the file ends"},
        {"cut-array", "{\"a\": [1,@", "/a/1", "the file ends"},
        {"cut-string", "{\"a\": @\"bcd", "/a", "not closed"},
        {"only-a-bracket", "{@", "", "the file ends"},
        {"pointer-is-escaped", "{\"a/b\": {\"c~d\": @x}}", "/a~1b/c~0d", "unquoted word"},
        {"escape-sequence-in-key", "{\"\\u001b[31m\": @x}", "/?[31m", "unquoted word"},
};

TEST_EACH(syntax, refused, syntax)
{
	g_autoptr(GString) text = g_string_new(c->text);

	expect_error(text, SIM_ERROR_SYNTAX, c->pointer, c->message);
}

static const struct {
	const char *name;
	const char *text;
	size_t length;
	const char *message;
} nuls[] = {
        {"alone", "\0", 1, FILE_NAME ":1:1: unexpected byte 0x00"},
        {"in-string", "[\"a\0b\"]", 7, FILE_NAME ":1:4: /0: NUL byte"},
        {"between", "[1\0]", 4, FILE_NAME ":1:3: unexpected byte 0x00"},
        {"after", "{}\0", 3, FILE_NAME ":1:3: unexpected byte 0x00"},
};

TEST_EACH(syntax, nul, nuls)
{
	g_autoptr(GError) error = NULL;

	assert_null(sim_json_parse(c->text, c->length, FILE_NAME, &error));
	assert_true(g_error_matches(error, SIM_ERROR, SIM_ERROR_SYNTAX));
	assert_contains(error->message, c->message);
}

static const struct {
	const char *name;
	const char *text;
} accepted[] = {
        {"spaces", " \t\r\n[ 1 , 2 ] \n"},
        {"escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"]"},
        {"numbers", "[0, -0, 1.5e+3, 1E9, -12, 0.0]"},
        {"limits", "[18446744073709551615, -9223372036854775808]"},
        {"root-number", "17"},
        {"root-string", "\"x\""},
        {"null", "[null, {}, []]"},
        {"delete-character", "[\"\x7f\"]"},
};

TEST_EACH(syntax, accepted, accepted)
{
	GError *error = NULL;
	g_autoptr(SimJson) json = sim_json_parse(c->text, strlen(c->text), FILE_NAME, &error);

	assert_no_error(error);
	assert_not_null(json);
}

TEST(syntax, values_survive)
{
	static const char text[] = "{\"b\": 18446744073709551615, \"a\": [-5, \"\\ud83d\\ude00\"]}";
	GError *error = NULL;
	g_autoptr(SimJson) json = sim_json_parse(text, strlen(text), FILE_NAME, &error);
	const struct sim_json_value *root = sim_json_root(json);
	const struct sim_json_value *b = sim_json_first(json, root);
	const struct sim_json_value *a = sim_json_next(json, b);
	const struct sim_json_value *last = sim_json_next(json, sim_json_first(json, a));
	g_autofree char *pointer = sim_json_pointer(json, last);

	assert_str(b->key, "b");
	assert_eq_u64(json_object_get_uint64(b->object), UINT64_MAX);
	assert_ptr(sim_json_member(json, root, "a"), a);
	assert_null(sim_json_member(json, root, "c"));
	assert_str(json_object_get_string(last->object), "\xf0\x9f\x98\x80");
	assert_str(pointer, "/a/1");
	assert_null(sim_json_next(json, last));
	assert_null(sim_json_next(json, a));
}

/* Limits: the last value that is allowed, and the first that is not. */

static GString *repeated(const char *first, const char *one, unsigned count, const char *last)
{
	GString *text = g_string_new(first);

	for (unsigned i = 0; i < count; i++)
		g_string_append(text, one);
	return g_string_append(text, last);
}

static void expect_json(GString *text, const char *message)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SimJson) json = sim_json_parse(text->str, text->len, FILE_NAME, &error);

	if (!message) {
		assert_no_error(error);
		return;
	}
	assert_null(json);
	assert_contains(error->message, message);
}

TEST(limit, depth)
{
	g_autoptr(GString) most = repeated("", "[", SIM_MAX_DEPTH, "");
	g_autoptr(GString) over = repeated("", "[", 1000000, "");

	for (unsigned i = 0; i < SIM_MAX_DEPTH; i++)
		g_string_append_c(most, ']');
	expect_json(most, NULL);
	expect_json(over, FILE_NAME ":1:33: /0/0/0");
	expect_json(over, "nested deeper than 32 levels");
}

TEST(limit, values)
{
	g_autoptr(GString) most = repeated("[0", ",0", SIM_JSON_MAX_VALUES - 2, "]");
	g_autoptr(GString) over = repeated("[0", ",0", SIM_JSON_MAX_VALUES - 1, "]");

	expect_json(most, NULL);
	expect_json(over, "more than 262144 values");
}

TEST(limit, members)
{
	g_autoptr(GString) text = g_string_new("{");

	for (unsigned i = 0; i < SIM_JSON_MAX_MEMBERS; i++)
		g_string_append_printf(text, "%s\"%u\": 0", i ? "," : "", i);
	g_string_append_c(text, '}');
	expect_json(text, NULL);
	g_string_truncate(text, text->len - 1);
	g_string_append(text, ", \"x\": 0}");
	expect_json(text, "more than 1024 keys");
}

TEST(limit, key)
{
	g_autoptr(GString) most = repeated("{\"", "k", SIM_JSON_MAX_KEY, "\": 1}");
	g_autoptr(GString) over = repeated("{\"", "k", SIM_JSON_MAX_KEY + 1, "\": 1}");

	expect_json(most, NULL);
	expect_json(over, FILE_NAME ":1:2: key is longer than 128 bytes");
}

TEST(limit, size)
{
	g_autoptr(GString) text = repeated("[]", " ", SIM_MAX_FILE_SIZE - 2, "");

	expect_json(text, NULL);
	g_string_append_c(text, ' ');
	expect_json(text, "more than 4194304 bytes");
}

/* Files that are not there, or not files */

struct place {
	char *folder;
	char *path;
};

static struct place temporary(void)
{
	struct place place = {.folder = g_dir_make_tmp("ffasim-XXXXXX", NULL)};

	assert_not_null(place.folder);
	place.path = g_build_filename(place.folder, "x.json", NULL);
	return place;
}

static void expect_file_error(struct place place, const char *path, enum sim_error code,
                              const char *message)
{
	g_autoptr(GError) error = NULL;
	struct sim_scenario *scenario = sim_scenario_load(path, &error);

	unlink(place.path);
	rmdir(place.folder);
	assert_null(scenario);
	assert_true(g_error_matches(error, SIM_ERROR, (int)code));
	assert_true(g_str_has_prefix(error->message, path));
	assert_contains(error->message, message);
	g_free(place.folder);
	g_free(place.path);
}

TEST(file, missing)
{
	struct place place = temporary();

	expect_file_error(place, place.path, SIM_ERROR_FILE, "No such file");
}

TEST(file, folder)
{
	struct place place = temporary();

	expect_file_error(place, place.folder, SIM_ERROR_FILE, "directory");
}

TEST(file, fifo_does_not_hang)
{
	struct place place = temporary();

	assert_eq_int(mkfifo(place.path, 0600), 0);
	expect_file_error(place, place.path, SIM_ERROR_FILE, "not a regular file");
}

TEST(file, device)
{
	expect_file_error(temporary(), "/dev/zero", SIM_ERROR_FILE, "not a regular file");
}

TEST(file, hundred_megabytes_are_not_read)
{
	struct place place = temporary();
	int fd = open(place.path, O_CREAT | O_WRONLY, 0600);

	assert_eq_int(ftruncate(fd, 100000000), 0);
	close(fd);
	expect_file_error(place, place.path, SIM_ERROR_FILE,
	                  "100000000 bytes, the limit is 4194304");
}

TEST(file, empty)
{
	struct place place = temporary();

	assert_true(g_file_set_contents(place.path, "", 0, NULL));
	expect_file_error(place, place.path, SIM_ERROR_EMPTY, ":1:1: the file is empty");
}

TEST(file, only_spaces)
{
	struct place place = temporary();

	assert_true(g_file_set_contents(place.path, " \n\n ", -1, NULL));
	expect_file_error(place, place.path, SIM_ERROR_EMPTY, ":1:1: the file is empty");
}
