/* SPDX-License-Identifier: MIT */
#include "sim/cause.h"

#include <string.h>

static bool is_name(const struct sim_scenario *scenario, const char *word)
{
	static const char *const names[] = {"host", "sri", "work", "timer", "machine", NULL};

	for (unsigned i = 0; i < scenario->machine.vm_count; i++)
		if (strcmp(scenario->machine.vms[i].name, word) == 0)
			return true;
	for (unsigned i = 0; i < scenario->machine.sp_count; i++)
		if (strcmp(scenario->machine.sps[i].name, word) == 0)
			return true;
	return g_strv_contains(names, word);
}

static size_t word_length(const char *at)
{
	size_t length = 0;

	while (g_ascii_isalnum(at[length]) || at[length] == '_')
		length++;
	return length;
}

char *sim_cause_normalise(const struct sim_scenario *scenario, const char *message)
{
	GString *text = g_string_new(NULL);

	while (*message) {
		size_t length = word_length(message);
		g_autofree char *word = g_strndup(message, length);

		if (length == 0)
			g_string_append_c(text, *message++);
		else if (g_ascii_isdigit(word[0]))
			g_string_append_c(text, '#');
		else
			g_string_append(text, is_name(scenario, word) ? "@" : word);
		message += length;
	}
	return g_string_free(text, FALSE);
}

char *sim_variant_text(const char *message, const char *place)
{
	return place ? g_strdup_printf("%s, at %s", message, place) : g_strdup(message);
}

void sim_variants_init(struct sim_variants *variants)
{
	*variants = (struct sim_variants){.texts = g_ptr_array_new_with_free_func(g_free)};
}

void sim_variants_clear(struct sim_variants *variants)
{
	g_clear_pointer(&variants->texts, g_ptr_array_unref);
	variants->more = false;
}

void sim_variants_add(struct sim_variants *variants, const char *text)
{
	GPtrArray *texts = variants->texts;
	guint at = 0;

	while (at < texts->len && strcmp(g_ptr_array_index(texts, at), text) < 0)
		at++;
	if (at < texts->len && strcmp(g_ptr_array_index(texts, at), text) == 0)
		return;
	if (at < SIM_CAUSE_VARIANTS)
		g_ptr_array_insert(texts, (gint)at, g_strdup(text));
	variants->more |= at == SIM_CAUSE_VARIANTS || texts->len > SIM_CAUSE_VARIANTS;
	if (texts->len > SIM_CAUSE_VARIANTS)
		g_ptr_array_set_size(texts, SIM_CAUSE_VARIANTS);
}

void sim_variants_join(struct sim_variants *into, const struct sim_variants *from)
{
	for (guint i = 0; i < from->texts->len; i++)
		sim_variants_add(into, g_ptr_array_index(from->texts, i));
	into->more |= from->more;
}
