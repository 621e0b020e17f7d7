/* SPDX-License-Identifier: MIT */
/* Traces as tables. */
#include "tests/test.h"

#include <string.h>

#include "sim/trace/columns.h"
#include "sim/trace/narrative.h"

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

/* Narratives */

TEST(columns, steps_left_out_are_counted)
{
	g_autofree char *table = make_table("... 2 steps, in which the machine boots\na one\n"
	                                    "# a ^ here\n... 3 steps before these\nb two\n",
	                                    0);

	assert_str(table, "     a        | b\n"
	                  "     ... 2 steps, in which the machine boots\n"
	                  "   3 one      |\n"
	                  "     # ^ here |\n"
	                  "     ... 3 steps before these\n"
	                  "   7          | two\n");
}

TEST(columns, numbers_are_as_wide_as_the_last)
{
	g_autofree char *table = make_table("a one\n... 99998 steps before these\na two\n", 0);

	assert_str(table, "       a\n     1 one\n       ... 99998 steps before these\n"
	                  "100000 two\n");
}

struct story {
	struct sim_narrative narrative;
};

static struct story begin_story(const char *trace, const char *end)
{
	struct story story = {
	        .narrative = {.trace = trace, .end = (gsize)(strstr(trace, end) - trace)}};

	story.narrative.notes = g_array_new(FALSE, FALSE, sizeof(struct sim_narrative_note));
	story.narrative.marks = g_array_new(FALSE, FALSE, sizeof(struct sim_narrative_mark));
	return story;
}

/* Before the line that begins so. */
static void add_go(struct story *story, const char *line, const char *actor, char *place)
{
	const char *trace = story->narrative.trace;
	struct sim_narrative_note note = {.at = (gsize)(strstr(trace, line) - trace),
	                                  .actor = actor};

	note.place = place;
	g_array_append_val(story->narrative.notes, note);
}

/* Behind these bytes of the trace. */
static void add_mark(struct story *story, const char *before, const char *text)
{
	const char *trace = story->narrative.trace;
	struct sim_narrative_mark mark = {
	        .at = (gsize)(strstr(trace, before) - trace) + strlen(before), .text = text};

	g_array_append_val(story->narrative.marks, mark);
}

static char *end_story(struct story *story)
{
	char *text = sim_narrative_text(&story->narrative);

	g_array_unref(story->narrative.notes);
	g_array_unref(story->narrative.marks);
	return text;
}

#define STORY                                                                       \
	"machine enter boot\nmachine leave boot\n"                                  \
	"vm1.0 call FFA_ID_GET\nvm1.0 lock a\nvm2.0 wait a\nvm1.0 return SUCCESS\n" \
	"machine enter shutdown\nmachine leave shutdown\n"

#define BOOTS "... 2 steps, in which the machine boots\n"
#define ENDS  "... 2 steps, in which the machine is taken down\n"

/* Of a call the place is where it comes from, of a return where it had been: neither is shown. */
TEST(narrative, places_stand_behind_the_first_line_of_a_step)
{
	struct story story = begin_story(STORY, "machine enter shutdown");
	g_autofree char *text = NULL;

	add_go(&story, "vm1.0 call", "vm1.0", NULL);
	add_go(&story, "vm1.0 lock", "vm1.0", (char *)(uintptr_t) "x.c:1");
	add_go(&story, "vm2.0 wait", "vm2.0", (char *)(uintptr_t) "y.c:2");
	add_go(&story, "vm1.0 return", "vm1.0", (char *)(uintptr_t) "x.c:3");
	text = end_story(&story);
	assert_str(text, BOOTS "vm1.0 call FFA_ID_GET\nvm1.0 lock a (x.c:1)\n"
	                       "vm2.0 wait a (y.c:2)\nvm1.0 return SUCCESS\n" ENDS);
}

TEST(narrative, a_mark_is_of_who_went_on)
{
	struct story story = begin_story(STORY, "machine enter shutdown");
	g_autofree char *text = NULL;

	add_go(&story, "vm1.0 lock", "vm1.0", NULL);
	add_go(&story, "vm2.0 wait", "vm2.0", NULL);
	add_go(&story, "vm1.0 return", "vm1.0", NULL);
	add_mark(&story, "vm1.0 lock a\n", "here");
	add_mark(&story, "vm2.0 wait a\n", "there");
	add_mark(&story, "vm2.0 wait a\n", "there");
	text = end_story(&story);
	assert_str(text, BOOTS "vm1.0 call FFA_ID_GET\nvm1.0 lock a\n# vm2.0 ^ here\n"
	                       "vm2.0 wait a\n# vm1.0 ^ there\nvm1.0 return SUCCESS\n" ENDS);
}

TEST(narrative, the_end_is_shown_to_where_it_went_wrong)
{
	struct story story = begin_story(STORY, "machine enter shutdown");
	g_autofree char *text = NULL;

	add_mark(&story, "machine enter shutdown\n", "here");
	text = end_story(&story);
	assert_contains(text, "SUCCESS\nmachine enter shutdown\n# machine ^ here\n"
	                      "... 1 step, in which the machine is taken down\n");
}

TEST(narrative, the_end_is_left_out_if_all_was_over)
{
	struct story story = begin_story(STORY, "machine enter shutdown");
	g_autofree char *text = NULL;

	story.narrative.after = "then";
	text = end_story(&story);
	assert_true(g_str_has_suffix(text, "SUCCESS\n" ENDS "# machine ^ then\n"));
}

TEST(narrative, boot_is_shown_if_it_went_wrong_there)
{
	struct story story = begin_story(STORY, "machine enter shutdown");
	g_autofree char *text = NULL;

	add_mark(&story, "machine enter boot\n", "here");
	text = end_story(&story);
	assert_true(g_str_has_prefix(text, "machine enter boot\n# machine ^ here\n"));
}

/* So many that they are shown whole, and one more. */
static const struct {
	const char *name;
	unsigned steps;
	unsigned left_out;
} lengths[] = {{"most", SIM_NARRATIVE_MOST, 0},
               {"one more", SIM_NARRATIVE_MOST + 1, SIM_NARRATIVE_MOST + 1 - SIM_NARRATIVE_LAST}};

TEST_EACH(narrative, of_too_many_steps_the_last_are_shown, lengths)
{
	g_autoptr(GString) trace = g_string_new(NULL);
	g_autofree char *text = NULL, *cut = NULL, *first = NULL, *note = NULL;
	struct story story;

	for (unsigned i = 1; i <= c->steps; i++)
		g_string_append_printf(trace, "a %u\n", i);
	story = begin_story(trace->str, "");
	story.narrative.end = trace->len;
	text = end_story(&story);
	cut = sim_narrative_cut(g_strdup(trace->str));
	assert_str(cut, text);
	note = g_strdup_printf("... %u steps before these\n", c->left_out);
	first = g_strdup_printf("%sa %u\n", c->left_out ? note : "", c->left_out + 1);
	assert_true(g_str_has_prefix(text, first));
	assert_true(g_str_has_suffix(text, trace->str + trace->len - strlen("a 401\n")));
}
