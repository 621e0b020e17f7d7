/* SPDX-License-Identifier: MIT */
/* What a scenario itself expects: of the answer to a step, and of the machine at rest. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "abi/ffa_text.h"
#include "sim/run.h"

static char *describe_answer(const struct sim_step *step, const struct ffa_regs *answer,
                             int32_t status)
{
	char text[FFA_TEXT_SIZE];

	if (step->action != SIM_ACTION_CALL) {
		const char *name = ffa_status_name(status);

		return g_strdup(name ? name : "an unknown status");
	}
	ffa_describe_answer(step->fid, answer, NULL, text, sizeof text);
	return g_strdup(text);
}

static uint64_t read_check(const struct sim_check *check, const struct ffa_regs *answer)
{
	if (check->field)
		return ffa_field_get(check->field, answer);
	return check->word ? answer->x[check->reg] & 0xffffffffu : answer->x[check->reg];
}

void sim_check_expect(struct sim_run *run, const struct sim_step *step,
                      const struct ffa_regs *answer, int32_t status)
{
	const struct sim_expect *expect = &step->expect;
	g_autofree char *got = NULL;

	if (!expect->given || run->oracles_only)
		return;
	got = describe_answer(step, answer, status);
	if (expect->has_status && status != expect->status) {
		sim_run_add(run, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, &expect->place,
		            "expected %s, got %s", ffa_code_name(expect->status), got);
		return;
	}
	for (unsigned i = 0; i < expect->check_count; i++) {
		const struct sim_check *check = &expect->checks[i];
		uint64_t value = read_check(check, answer);

		if (value != check->value)
			sim_run_add(run, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, &expect->place,
			            "expected %s 0x%" G_GINT64_MODIFIER
			            "x, got 0x%" G_GINT64_MODIFIER "x in '%s'",
			            check->name, check->value, value, got);
	}
}

/* A result stands behind FFA_SUCCESS; the answer to FFA_VERSION is itself one. */
static bool is_defined(const struct sim_result *result)
{
	const struct ffa_call *call = ffa_call_by_fid(result->fid);

	return result->status == FFA_OK || (call && call->success == FFA_SUCCESS_NEVER);
}

static enum sim_expr_known resolve_label(const struct sim_run *run,
                                         const struct sim_expr_term *term, uint64_t *ret_value)
{
	const struct sim_result *result = &run->state.results[term->label];

	if (term->query == SIM_QUERY_DONE) {
		*ret_value = result->done;
		return SIM_EXPR_KNOWN;
	}
	if (!result->done)
		return SIM_EXPR_NOT_RUN;
	if (term->query == SIM_QUERY_FIELD && !is_defined(result))
		return SIM_EXPR_UNDEFINED;
	if (term->query == SIM_QUERY_STATUS)
		*ret_value = (uint64_t)(int64_t)result->status;
	else if (term->query == SIM_QUERY_FIELD)
		*ret_value = ffa_field_get(term->field, &result->regs);
	else
		*ret_value = term->word ? result->regs.x[term->reg] & 0xffffffffu
		                        : result->regs.x[term->reg];
	return SIM_EXPR_KNOWN;
}

static uint64_t count_online(const struct world *world, unsigned vm)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < world->config.vms[vm].vcpus; i++)
		count += world->state.vms[vm].vcpus[i].online;
	return count;
}

static enum sim_expr_known resolve(void *user, const struct sim_expr_term *term,
                                   uint64_t *ret_value)
{
	const struct sim_run *run = user;
	struct world *world = run->world;

	switch (term->query) {
	case SIM_QUERY_PENDING:
		return world_probe_pending(world, term->vm, ret_value) ? SIM_EXPR_KNOWN
		                                                       : SIM_EXPR_NO_ANSWER;
	case SIM_QUERY_NPI:
		*ret_value = world->state.vms[term->vm].npi_count - run->state.npi_base[term->vm];
		return SIM_EXPR_KNOWN;
	case SIM_QUERY_ONLINE:
		*ret_value = count_online(world, term->vm);
		return SIM_EXPR_KNOWN;
	case SIM_QUERY_COUNT:
		*ret_value = run->state.counts[term->counter];
		return SIM_EXPR_KNOWN;
	default:
		return resolve_label(run, term, ret_value);
	}
}

static void fail_outcome(struct sim_run *run, const struct sim_outcome *outcome, const char *what)
{
	g_autofree char *values = sim_expr_explain(outcome->expr, run->scenario, resolve, run);

	sim_run_add(run, SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME, &outcome->place, "%s: '%s' (%s)",
	            what, outcome->text, values);
}

static void judge(struct sim_run *run, const struct sim_outcome *outcome, bool *seen)
{
	static const char *const lacks[] = {
	        [SIM_EXPR_NOT_RUN] = "a value is missing",
	        [SIM_EXPR_UNDEFINED] = "a result of a call that did not succeed is undefined",
	        [SIM_EXPR_NO_ANSWER] = "the mediator does not answer for a VM",
	};
	enum sim_expr_known known;
	bool holds = sim_expr_eval(outcome->expr, resolve, run, &known);

	if (known != SIM_EXPR_KNOWN)
		fail_outcome(run, outcome, lacks[known]);
	else if (outcome->kind == SIM_OUTCOME_ALWAYS && !holds)
		fail_outcome(run, outcome, "must always hold");
	else if (outcome->kind == SIM_OUTCOME_NEVER && holds)
		fail_outcome(run, outcome, "must never hold");
	else if (outcome->kind == SIM_OUTCOME_SCHEDULED && !holds)
		fail_outcome(run, outcome, "must hold after this schedule");
	else if (outcome->kind == SIM_OUTCOME_SOMETIMES && holds)
		*seen = true;
}

/* Without a schedule of the file, its orders are not what was run. */
void sim_outcomes_at_rest(struct sim_run *run, bool *seen)
{
	for (unsigned i = 0; i < run->scenario->outcome_count; i++) {
		const struct sim_outcome *outcome = &run->scenario->outcomes[i];

		if (outcome->kind != SIM_OUTCOME_SCHEDULED || run->schedule)
			judge(run, outcome, &seen[i]);
	}
}

void sim_outcomes_at_end(struct sim_run *run, const bool *seen)
{
	for (unsigned i = 0; i < run->scenario->outcome_count; i++) {
		const struct sim_outcome *outcome = &run->scenario->outcomes[i];

		if (outcome->kind == SIM_OUTCOME_SOMETIMES && !seen[i])
			sim_run_add(run, SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME, &outcome->place,
			            "never came out in %u schedules: '%s'",
			            run->scenario->schedule_count, outcome->text);
	}
}
