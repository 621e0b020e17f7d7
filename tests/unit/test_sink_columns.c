/* SPDX-License-Identifier: MIT */
/* Traces as tables. */
#include "tests/test.h"

#include <string.h>

#include "sim/trace/columns.h"

static char *make_table(const char *trace, unsigned indent)
{
	GString *out = g_string_new(NULL);

	sim_columns_append(out, trace, indent);
	return g_string_free(out, FALSE);
}

TEST(columns, nothing_for_no_lines)
{
	g_autofree char *table = make_table("", 0);

	assert_str(table, "");
}

TEST(columns, actors_stand_in_the_order_of_their_first_line)
{
	g_autofree char *table = make_table("vm2.0 lock vms\nhost enter vm-create vm3\n"
	                                    "vm1.0 wait vms\nvm2.0 unlock vms\n",
	                                    0);

	assert_str(table, "     vm2.0      | host                | vm1.0\n"
	                  "   1 lock vms   |                     |\n"
	                  "   2            | enter vm-create vm3 |\n"
	                  "   3            |                     | wait vms\n"
	                  "   4 unlock vms |                     |\n");
}

TEST(columns, every_line_is_indented)
{
	g_autofree char *table = make_table("a b\n", 3);

	assert_str(table, "        a\n      1 b\n");
}

TEST(columns, diagnostics_keep_their_mark_and_have_no_number)
{
	g_autofree char *table = make_table("a one\n# a alloc\na two\n", 0);

	assert_str(table, "     a\n   1 one\n     # alloc\n   2 two\n");
}

TEST(columns, a_line_of_one_word_is_an_actor_with_nothing_to_say)
{
	g_autofree char *table = make_table("a\n", 0);

	assert_str(table, "     a\n   1\n");
}

/* The words of a table's cells are those of the trace, in order, whatever the width. */
TEST(columns, long_cells_wrap_between_words)
{
	GString *line = g_string_new("vm1.0");
	g_autofree char *table = NULL;
	g_auto(GStrv) rows = NULL;
	unsigned words = 0;

	for (unsigned i = 0; i < 40; i++)
		g_string_append(line, " register=0x1234");
	g_string_append_c(line, '\n');
	table = make_table(line->str, 0);
	rows = g_strsplit(table, "\n", -1);
	for (char **row = rows + 1; *row; row++) {
		assert_true(strlen(*row) <= 120);
		for (const char *word = *row; (word = strstr(word, "register=0x1234")); word++)
			words++;
	}
	assert_eq_int(words, 40);
	g_string_free(line, TRUE);
}

/* Three columns share 104, whatever they hold; the narrow one leaves its share to the others. */
TEST(columns, wide_columns_share_what_narrow_ones_leave)
{
	GString *trace = g_string_new("a thirty-bytes-without-a-space-now\n");
	g_autofree char *table = NULL;
	gsize longest = 0;

	for (unsigned i = 0; i < 2; i++) {
		g_string_append(trace, i ? "b" : "c");
		for (unsigned n = 0; n < 100; n++)
			g_string_append(trace, " w");
		g_string_append_c(trace, '\n');
	}
	table = make_table(trace->str, 0);
	for (const char *row = table; *row; row = strchr(row, '\n') + 1)
		longest = MAX(longest, strcspn(row, "\n"));
	assert_true(longest > 5 + 2 * 3 + 104 - 8);
	assert_true(longest <= 5 + 2 * 3 + 104);
	g_string_free(trace, TRUE);
}

TEST(columns, a_word_longer_than_a_line_is_broken_but_complete)
{
	g_autofree char *word = g_strnfill(500, 'w');
	g_autofree char *line = g_strconcat("a ", word, "\n", NULL);
	g_autofree char *table = make_table(line, 0);
	unsigned count = 0;

	for (const char *at = table; *at; at++)
		count += *at == 'w';
	assert_eq_int(count, 500);
}

TEST(columns, no_line_ends_in_spaces)
{
	g_autofree char *table = make_table("a one\nb two\na three\n", 2);

	assert_true(strstr(table, " \n") == NULL);
}

TEST(columns, more_actors_than_columns_share_the_last_one)
{
	GString *trace = g_string_new(NULL);
	g_autofree char *table = NULL;

	for (unsigned i = 1; i <= SIM_MAX_COLUMNS + 2; i++)
		g_string_append_printf(trace, "a%u act%u\n", i, i);
	table = make_table(trace->str, 0);
	assert_contains(table, "a18 act18");
	assert_contains(table, "| act16\n");
	g_string_free(trace, TRUE);
}
