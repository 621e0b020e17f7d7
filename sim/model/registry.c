/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "sim/model/conduit.h"
#include "sim/model/host.h"
#include "sim/model/model.h"
#include "sim/run.h"

static const struct sim_model_part *const multi_vm_parts[] = {&sim_model_conduit_part, NULL};
static const struct sim_model_part *const single_host_parts[] = {
        &sim_model_host_calls, &sim_model_host_buffers, &sim_model_host_firmware, NULL};

static const struct sim_model models[] = {
        {"multi-vm-1.2", multi_vm_parts},
        {"single-host-1.0", single_host_parts},
        {"single-host-1.1", single_host_parts},
        {"single-host-1.2", single_host_parts},
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

const struct sim_model *sim_model_of(const struct sim_run *run)
{
	for (size_t i = 0; i < G_N_ELEMENTS(models); i++)
		if (is_word(announced(run), models[i].profile))
			return &models[i];
	return NULL;
}

bool sim_model_word(const struct sim_run *run, const char *word)
{
	const char *at = announced(run);

	for (at += word_length(at); *at == ' '; at += word_length(at))
		if (is_word(++at, word))
			return true;
	return false;
}

void sim_model_refute(struct sim_run *run, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	sim_run_oracle(run, SIM_ORACLE_MODEL, SIM_VERDICT_FAIL, "%s", message);
}
