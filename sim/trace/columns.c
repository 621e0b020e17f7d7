/* SPDX-License-Identifier: MIT */
#include "sim/trace/columns.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "sim/trace/narrative.h"

#define TABLE_WIDTH  104u /* what all columns share, unless a word is too long for it */
#define MAX_WORD     64u  /* longer ones are broken */
#define LEAST_NUMBER 4u   /* digits */
#define CONTINUATION 4u   /* indentation of the second line of a cell */
#define SEPARATOR    " | "
#define NO_COLUMN    UINT_MAX

struct cell {
	unsigned column; /* NO_COLUMN: steps that are left out */
	unsigned steps;  /* that it stands for */
	char *text;
};

struct table {
	GPtrArray *names; /* char */
	GArray *cells;    /* struct cell */
	unsigned widths[SIM_MAX_COLUMNS];
	unsigned number_width; /* of the steps' numbers */
};

static unsigned find_column(struct table *table, const char *actor)
{
	for (guint i = 0; i < table->names->len; i++)
		if (strcmp(g_ptr_array_index(table->names, i), actor) == 0)
			return i;
	if (table->names->len == SIM_MAX_COLUMNS)
		return SIM_MAX_COLUMNS - 1;
	g_ptr_array_add(table->names, g_strdup(actor));
	return table->names->len - 1;
}

static void add_omitted(struct table *table, const char *line)
{
	const char *count = line + strlen(SIM_NARRATIVE_OMITTED);
	const struct cell cell = {.column = NO_COLUMN,
	                          .steps = (unsigned)g_ascii_strtoull(count, NULL, 10),
	                          .text = g_strdup(line)};

	g_array_append_val(table->cells, cell);
}

static void add_line(struct table *table, const char *line)
{
	bool diagnostic = g_str_has_prefix(line, "# ");
	struct cell cell = {.steps = !diagnostic};
	g_autofree char *actor = NULL;
	const char *rest;

	if (diagnostic)
		line += 2;
	rest = strchr(line, ' ');
	actor = rest ? g_strndup(line, (gsize)(rest - line)) : g_strdup(line);
	cell.column = find_column(table, actor);
	if (strcmp(g_ptr_array_index(table->names, cell.column), actor) != 0)
		cell.text = g_strdup(line); /* a guest in the last column */
	else
		cell.text = g_strconcat(diagnostic ? "# " : "", rest ? rest + 1 : "", NULL);
	g_array_append_val(table->cells, cell);
}

static void free_cell(gpointer data)
{
	struct cell *cell = data;

	g_free(cell->text);
}

static void read_trace(struct table *table, const char *trace)
{
	g_auto(GStrv) lines = g_strsplit(trace, "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, SIM_NARRATIVE_OMITTED))
			add_omitted(table, *line);
		else if (**line)
			add_line(table, *line);
}

/* The widest cell, and the least that takes its words whole. */
static void measure_column(const struct table *table, unsigned column, unsigned *ret_need,
                           unsigned *ret_least)
{
	unsigned need = (unsigned)strlen(g_ptr_array_index(table->names, column)), least = need;

	for (guint i = 0; i < table->cells->len; i++) {
		const struct cell *cell = &g_array_index(table->cells, struct cell, i);

		if (cell->column != column)
			continue;
		need = MAX(need, (unsigned)strlen(cell->text));
		for (const char *word = cell->text; *word; word += strspn(word, " ")) {
			unsigned length = (unsigned)strcspn(word, " ");

			least = MAX(least, MIN(length, MAX_WORD) + CONTINUATION);
			word += length;
		}
	}
	*ret_need = need;
	*ret_least = MIN(least, need);
}

/* Columns that need less than their share get what they need; the others share what is left. */
static void measure(struct table *table)
{
	unsigned need[SIM_MAX_COLUMNS], least[SIM_MAX_COLUMNS];
	unsigned open = table->names->len, left = TABLE_WIDTH;
	bool changed = true;

	for (guint i = 0; i < table->names->len; i++)
		measure_column(table, i, &need[i], &least[i]);
	while (changed) {
		changed = false;
		for (guint i = 0; i < table->names->len; i++) {
			if (table->widths[i] || need[i] > left / open)
				continue;
			table->widths[i] = need[i];
			left -= need[i];
			open--;
			changed = true;
			if (!open)
				return;
		}
	}
	for (guint i = 0; i < table->names->len; i++)
		if (!table->widths[i])
			table->widths[i] = MAX(least[i], left / open);
}

static void append_spaces(GString *out, unsigned count)
{
	while (count--)
		g_string_append_c(out, ' ');
}

static void end_line(GString *out)
{
	while (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	g_string_append_c(out, '\n');
}

/* One line of the table with text in one column. */
static void append_row(const struct table *table, unsigned column, const char *text,
                       unsigned length, GString *out)
{
	for (unsigned i = 0; i < table->names->len; i++) {
		if (i > 0)
			g_string_append(out, SEPARATOR);
		if (i == column)
			g_string_append_len(out, text, length);
		append_spaces(out, table->widths[i] - (i == column ? length : 0));
	}
	end_line(out);
}

/* How much of the text goes into a line: whole words, unless one is longer than the line. */
static unsigned fit(const char *text, unsigned width)
{
	unsigned length = (unsigned)strlen(text), at;

	if (length <= width)
		return length;
	for (at = width; at > 0 && text[at] != ' '; at--)
		;
	return at ? at : width;
}

static void append_cell(const struct table *table, const struct cell *cell, GString *out)
{
	unsigned width = table->widths[cell->column], length = fit(cell->text, width);
	const char *rest = cell->text + length;
	GString *line;

	append_row(table, cell->column, cell->text, length, out);
	line = g_string_new(NULL);
	while (*(rest += strspn(rest, " "))) {
		length = fit(rest, width - CONTINUATION);
		g_string_printf(line, "%*s%.*s", (int)CONTINUATION, "", (int)length, rest);
		append_spaces(out, table->number_width + 1);
		append_row(table, cell->column, line->str, (unsigned)line->len, out);
		rest += length;
	}
	g_string_free(line, TRUE);
}

static void measure_numbers(struct table *table)
{
	unsigned steps = 0;

	for (guint i = 0; i < table->cells->len; i++)
		steps += g_array_index(table->cells, struct cell, i).steps;
	table->number_width = LEAST_NUMBER;
	for (unsigned limit = 10000; steps >= limit && limit < UINT_MAX / 10; limit *= 10)
		table->number_width++;
}

static void append_heading(const struct table *table, GString *out)
{
	append_spaces(out, table->number_width + 1);
	for (guint i = 0; i < table->names->len; i++)
		g_string_append_printf(out, "%s%-*s", i ? SEPARATOR : "", (int)table->widths[i],
		                       (const char *)g_ptr_array_index(table->names, i));
	end_line(out);
}

static void append_cells(const struct table *table, GString *out)
{
	unsigned number = 0;

	for (guint i = 0; i < table->cells->len; i++) {
		const struct cell *cell = &g_array_index(table->cells, struct cell, i);

		number += cell->steps;
		if (cell->steps == 1 && cell->column != NO_COLUMN)
			g_string_append_printf(out, "%*u ", (int)table->number_width, number);
		else
			append_spaces(out, table->number_width + 1);
		if (cell->column == NO_COLUMN)
			g_string_append_printf(out, "%s\n", cell->text);
		else
			append_cell(table, cell, out);
	}
}

static void append_indented(GString *out, const char *text, unsigned indent)
{
	const char *end;

	for (; (end = strchr(text, '\n')); text = end + 1) {
		append_spaces(out, indent);
		g_string_append_len(out, text, end - text + 1);
	}
}

void sim_columns_append(GString *out, const char *trace, unsigned indent)
{
	struct table table = {.names = g_ptr_array_new_with_free_func(g_free),
	                      .cells = g_array_new(FALSE, FALSE, sizeof(struct cell))};
	GString *text = g_string_new(NULL);

	g_array_set_clear_func(table.cells, free_cell);
	read_trace(&table, trace);
	if (table.cells->len) {
		measure(&table);
		measure_numbers(&table);
		append_heading(&table, text);
		append_cells(&table, text);
		append_indented(out, text->str, indent);
	}
	g_string_free(text, TRUE);
	g_array_unref(table.cells);
	g_ptr_array_unref(table.names);
}
