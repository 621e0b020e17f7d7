/* SPDX-License-Identifier: MIT */
/* The contract of sim/base/file.h. */
#include "sim/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char *folder;

static char *at(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

static void empty_and_remove(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *inside = g_build_filename(path, name, NULL);

		if (unlink(inside) != 0)
			empty_and_remove(inside);
	}
	rmdir(path);
}

static void remove_folder(void)
{
	empty_and_remove(folder);
}

static void set_up_folder(void)
{
	folder = g_dir_make_tmp("ffasim-file-XXXXXX", NULL);
	assert_not_null(folder);
	assert_eq_int(atexit(remove_folder), 0);
}

static void put(const char *name, const char *text)
{
	g_autofree char *path = at(name);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void assert_has(const char *name, const char *text)
{
	g_autofree char *path = at(name);
	g_autofree char *contents = NULL;

	assert_true(g_file_get_contents(path, &contents, NULL, NULL));
	assert_str(contents, text);
}

/* As many files in the folder, and nothing that is hidden. */
static void assert_files(unsigned count)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	unsigned found = 0;

	while ((name = g_dir_read_name(dir))) {
		assert_true(name[0] != '.');
		found++;
	}
	assert_eq_int(found, count);
}

static int replace(const char *name, const char *text)
{
	g_autofree char *path = at(name);

	return sim_file_replace(path, text, strlen(text), true);
}

TEST(file, is_made_and_replaced)
{
	set_up_folder();
	assert_eq_int(replace("a", "one"), 0);
	assert_has("a", "one");
	assert_eq_int(replace("a", "two\n"), 0);
	assert_has("a", "two\n");
	assert_files(1);
}

TEST(file, draft_shows_nothing_before_its_end)
{
	g_autofree char *path = NULL;
	struct sim_draft *draft;
	int error;

	set_up_folder();
	put("a", "old");
	path = at("a");
	draft = sim_draft_new(path, &error);
	assert_not_null(draft);
	assert_eq_int(sim_draft_write(draft, "new", 3), 0);
	assert_has("a", "old");
	sim_draft_discard(draft);
	assert_has("a", "old");
	assert_files(1);
	draft = sim_draft_new(path, &error);
	sim_draft_write(draft, "ne", 2);
	sim_draft_write(draft, "w", 1);
	assert_eq_int(sim_draft_end(draft, true), 0);
	assert_has("a", "new");
	assert_files(1);
}

/* A limit of the size of files stands for a disk that is full. */
TEST(file, partial_write_leaves_the_old_one)
{
	const struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
	static char text[8192];

	set_up_folder();
	put("a", "old");
	signal(SIGXFSZ, SIG_IGN);
	assert_eq_int(setrlimit(RLIMIT_FSIZE, &limit), 0);
	memset(text, 'x', sizeof text - 1);
	assert_eq_int(replace("a", text), EFBIG);
	assert_has("a", "old");
	assert_eq_int(replace("b", text), EFBIG);
	assert_files(1);
}

TEST(file, link_stays_a_link)
{
	g_autofree char *link = NULL;
	struct stat status;

	set_up_folder();
	put("a", "old");
	link = at("link");
	assert_eq_int(symlink("a", link), 0);
	assert_eq_int(replace("link", "new"), 0);
	assert_has("a", "new");
	assert_eq_int(lstat(link, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_files(2);
}

TEST(file, link_to_nothing_makes_what_it_names)
{
	g_autofree char *link = NULL;

	set_up_folder();
	link = at("link");
	assert_eq_int(symlink("a", link), 0);
	assert_eq_int(replace("link", "new"), 0);
	assert_has("a", "new");
}

TEST(file, mode_is_kept)
{
	g_autofree char *path = NULL;
	struct stat status;

	set_up_folder();
	put("a", "old");
	path = at("a");
	assert_eq_int(chmod(path, 0640), 0);
	assert_eq_int(replace("a", "new"), 0);
	assert_eq_int(stat(path, &status), 0);
	assert_eq_int(status.st_mode & 0777, 0640);
}

TEST(file, pipe_is_written_to)
{
	g_autofree char *path = NULL;
	char got[8] = "";
	int ends[2];

	set_up_folder();
	assert_eq_int(pipe(ends), 0);
	path = g_strdup_printf("/dev/fd/%d", ends[1]);
	assert_eq_int(sim_file_replace(path, "new", 3, true), 0);
	assert_eq_int(read(ends[0], got, sizeof got), 3);
	assert_str(got, "new");
}

/* The name that /proc gives a file that is gone leads to nothing. */
TEST(file, file_without_a_name_is_written_to)
{
	g_autofree char *path = NULL;
	g_autofree char *link = NULL;
	char got[8] = "";
	int fd;

	set_up_folder();
	path = at("a");
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_eq_int(unlink(path), 0);
	link = g_strdup_printf("/dev/fd/%d", fd);
	assert_eq_int(sim_file_replace(link, "new", 3, true), 0);
	assert_eq_int(pread(fd, got, sizeof got, 0), 3);
	assert_str(got, "new");
	assert_files(0);
}

TEST(file, errors_are_known_before)
{
	g_autofree char *nowhere = NULL;

	set_up_folder();
	nowhere = at("no/where");
	assert_eq_int(sim_file_check(folder), EISDIR);
	assert_eq_int(sim_file_check(""), ENOENT);
	assert_eq_int(sim_file_check(nowhere), ENOENT);
	assert_eq_int(replace("no/where", "x"), ENOENT);
	assert_eq_int(replace(".", "x"), EISDIR);
	assert_files(0);
}

static void assert_same_key(const char *a, const char *b, bool same)
{
	g_autofree char *first = at(a);
	g_autofree char *second = at(b);
	g_autofree char *key = sim_file_key(first);
	g_autofree char *other = sim_file_key(second);

	assert_not_null(key);
	assert_not_null(other);
	assert_true((strcmp(key, other) == 0) == same);
}

TEST(file, key_is_of_the_file)
{
	g_autofree char *sub = NULL;
	g_autofree char *a = NULL;
	g_autofree char *hard = NULL;
	g_autofree char *soft = NULL;
	g_autofree char *dangling = NULL;

	set_up_folder();
	sub = at("sub");
	assert_eq_int(mkdir(sub, 0700), 0);
	put("a", "");
	put("b", "");
	a = at("a");
	hard = at("hard");
	soft = at("soft");
	dangling = at("dangling");
	assert_eq_int(link(a, hard), 0);
	assert_eq_int(symlink("a", soft), 0);
	assert_eq_int(symlink("sub/new", dangling), 0);
	assert_same_key("a", "a", true);
	assert_same_key("a", "sub/../a", true);
	assert_same_key("a", "hard", true);
	assert_same_key("a", "soft", true);
	assert_same_key("a", "b", false);
	assert_same_key("new", "sub/../new", true);
	assert_same_key("new", "sub/new", false);
	assert_same_key("dangling", "sub/new", true);
}

TEST(file, key_of_an_open_one)
{
	g_autofree char *path = NULL;
	g_autofree char *key = NULL;
	g_autofree char *open_key = NULL;
	int fd;

	set_up_folder();
	put("a", "");
	path = at("a");
	key = sim_file_key(path);
	fd = open(path, O_RDONLY);
	open_key = sim_file_key_of(fd);
	assert_str(open_key, key);
	assert_null(sim_file_key_of(open("/dev/null", O_RDONLY)));
}
