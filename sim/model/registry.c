/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "sim/model/conduit.h"
#include "sim/model/guest.h"
#include "sim/model/host.h"
#include "sim/model/model.h"
#include "sim/run.h"
#include "sim/scenario/suggest.h"

/* The guests' come first: they ask the conduit what it knew when an entry ended. */
static const struct sim_model_part *const multi_vm_parts[] = {&sim_model_guests,
                                                              &sim_model_conduit_part, NULL};
static const struct sim_model_part *const single_host_parts[] = {
        &sim_model_host_calls, &sim_model_host_buffers, &sim_model_host_firmware, NULL};

static const char *const multi_vm_words[] = {"no-vm-to-vm", "info-get-always", NULL};
static const char *const no_words[] = {NULL};

static const struct sim_model models[] = {
        {"multi-vm-1.2", multi_vm_words, multi_vm_parts},
        {"single-host-1.0", no_words, single_host_parts},
        {"single-host-1.1", no_words, single_host_parts},
        {"single-host-1.2", no_words, single_host_parts},
};

/* The length of the first word of the text. */
static size_t word_length(const char *text)
{
	return strcspn(text, " ");
}

static bool is_word(const char *text, const char *word)
{
	return strlen(word) == word_length(text) && strncmp(text, word, strlen(word)) == 0;
}

static const char *announced(const struct sim_run *run)
{
	return run->world->link->map.control->profile;
}

static void begin(struct sim_run *run, const struct sim_model *model)
{
	for (size_t i = 0; model->parts[i]; i++)
		if (model->parts[i]->begin)
			model->parts[i]->begin(run);
}

const struct sim_model *sim_model_of(const struct sim_run *run)
{
	uint8_t number = run->state.oracles.model.number;

	return number ? &models[number - 1] : NULL;
}

static const struct sim_model *model_by_name(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(models); i++)
		if (strcmp(models[i].profile, name) == 0)
			return &models[i];
	return NULL;
}

static char *complain_of_name(const char *name)
{
	const char *names[G_N_ELEMENTS(models) + 1] = {NULL};
	g_autofree char *hint = NULL;
	g_autofree char *list = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(models); i++)
		names[i] = models[i].profile;
	hint = sim_suggest_from(name, names);
	list = g_strjoinv(", ", (char **)(uintptr_t)names);
	return g_strdup_printf(
	        "the subject announces the specification '%s', which is not known%s; "
	        "there are %s",
	        name, hint, list);
}

static char *complain_of_word(const struct sim_model *model, const char *word)
{
	g_autofree char *hint = sim_suggest_from(word, model->words);
	g_autofree char *list = g_strjoinv(", ", (char **)(uintptr_t)model->words);

	return g_strdup_printf(
	        "the subject announces '%s' behind '%s', a word that is not known%s; "
	        "there %s %s",
	        word, model->profile, hint, model->words[0] ? "are" : "is",
	        model->words[0] ? list : "none");
}

char *sim_model_complaint(const struct sim_run *run)
{
	g_auto(GStrv) words = g_strsplit(announced(run), " ", -1);
	const struct sim_model *model;

	if (!words[0] || !words[0][0])
		return NULL;
	if (strlen(announced(run)) == SHIM_PROFILE_SIZE - 1)
		return g_strdup_printf("what the subject announces to follow is longer than "
		                       "SHIM_PROFILE_SIZE: '%s...'",
		                       announced(run));
	model = model_by_name(words[0]);
	if (!model)
		return complain_of_name(words[0]);
	for (char **word = &words[1]; *word; word++)
		if (**word && !g_strv_contains(model->words, *word))
			return complain_of_word(model, *word);
	return NULL;
}

const struct sim_model *sim_model_follow(struct sim_run *run)
{
	uint8_t *number = &run->state.oracles.model.number;

	for (uint8_t i = 0; !*number && announced(run)[0] && i < G_N_ELEMENTS(models); i++) {
		g_autofree char *complaint = NULL;

		if (!is_word(announced(run), models[i].profile))
			continue;
		/* half of a specification would judge unfairly */
		complaint = sim_model_complaint(run);
		if (complaint)
			break;
		*number = i + 1;
		begin(run, &models[i]);
	}
	return sim_model_of(run);
}

bool sim_model_word(const struct sim_run *run, const char *word)
{
	const char *at = announced(run);

	for (at += word_length(at); *at == ' '; at += word_length(at))
		if (is_word(++at, word))
			return true;
	return false;
}

static struct sim_finding *refute(struct sim_run *run, const char *format, va_list arguments)
{
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	guint before = run->report->findings->len;

	sim_run_oracle(run, SIM_ORACLE_MODEL, SIM_VERDICT_FAIL, "%s", message);
	return run->report->findings->len == before
	               ? NULL
	               : g_ptr_array_index(run->report->findings, before);
}

void sim_model_refute(struct sim_run *run, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	refute(run, format, arguments);
	va_end(arguments);
}

void sim_model_refute_detailed(struct sim_run *run, const char *detail, const char *format, ...)
{
	struct sim_finding *finding;
	va_list arguments;

	va_start(arguments, format);
	finding = refute(run, format, arguments);
	va_end(arguments);
	if (finding)
		finding->detail = g_strdup(detail);
}
