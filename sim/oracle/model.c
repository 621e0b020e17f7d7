/* SPDX-License-Identifier: MIT */
/* Runs the executable specification that the subject announces; the rules are in sim/model. */
#include "sim/model/model.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

static void on_event(struct sim_run *run, const struct world_event *event)
{
	const struct sim_model *model = sim_model_follow(run);

	if (!model)
		return;
	for (size_t i = 0; model->parts[i]; i++)
		if (model->parts[i]->event)
			model->parts[i]->event(run, event);
}

static void on_rest(struct sim_run *run)
{
	const struct sim_model *model = sim_model_of(run);

	for (size_t i = 0; model && model->parts[i]; i++)
		if (model->parts[i]->rest)
			model->parts[i]->rest(run);
}

static void on_end(struct sim_run *run)
{
	const struct sim_model *model = sim_model_of(run);

	for (size_t i = 0; model && model->parts[i]; i++)
		if (model->parts[i]->end)
			model->parts[i]->end(run);
}

const struct sim_oracle sim_oracle_model = {
        .name = "model",
        .says = "what the mediator answers and says to the SPMC is what the specification that it "
                "announces allows, for some order of the calls that overlap",
        .needs = "a profile that the subject announces",
        .source = "docs/design/model.md; facts concurrency.md section 5, target 7",
        .explanation =
                "The subject announces a profile (subject_profile()); its executable specification runs\n"
                "beside the mediator. A call takes effect at one moment between its entry and its\n"
                "return, so of calls that overlap several orders may explain the answers; a finding says\n"
                "that none does, and shows how far the longest explanation gets.\n",
        .level = SIM_ORACLE_ERROR,
        .event = on_event,
        .rest = on_rest,
        .end = on_end,
};
