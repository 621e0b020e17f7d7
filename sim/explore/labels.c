/* SPDX-License-Identifier: MIT */
#include "sim/explore/labels.h"

#include "abi/ffa_decode.h"
#include "sim/explore/hash.h"

uint64_t sim_labels_key(const struct sim_run *run)
{
	uint64_t hash = SIM_HASH_SEED;

	for (unsigned i = 0; i < run->scenario->label_count; i++) {
		const struct sim_result *result = &run->state.results[i];

		hash = sim_hash_word(hash, result->done ? (uint64_t)(int64_t)result->status
		                                        : UINT64_C(1) << 40);
	}
	return hash;
}

static void append_result(GString *text, const struct sim_step *step,
                          const struct sim_result *result)
{
	const char *name = step->action == SIM_ACTION_CALL ? ffa_code_name(result->status)
	                                                   : ffa_status_name(result->status);

	if (!result->done)
		g_string_append_c(text, '-');
	else if (name)
		g_string_append(text, name);
	else
		g_string_append_printf(text, "%d", result->status);
}

char *sim_labels_text(const struct sim_run *run)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < run->scenario->label_count; i++) {
		const struct sim_result *result = &run->state.results[i];

		g_string_append_printf(text, "%s%s=", i ? " " : "", run->scenario->labels[i].name);
		append_result(text, run->scenario->labels[i].step, result);
	}
	return g_string_free(text, FALSE);
}
