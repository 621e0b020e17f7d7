/* SPDX-License-Identifier: MIT */
#include "sim/trace/sink_tally.h"

void sim_tally_add(struct sim_tally *tally, const struct sim_report *report)
{
	tally->verdicts[report->verdict]++;
	tally->scenarios++;
	tally->schedules += report->schedules->len;
	tally->calls += report->calls;
	tally->smcs += report->smcs;
	tally->traps += report->traps;
	for (guint i = 0; i < report->findings->len; i++) {
		const struct sim_finding *finding = g_ptr_array_index(report->findings, i);

		tally->warnings += finding->warning;
	}
}

bool sim_verdict_is_failure(enum sim_verdict verdict)
{
	return sim_verdict_rank(verdict) > sim_verdict_rank(SIM_VERDICT_SKIPPED);
}

unsigned sim_tally_failures(const struct sim_tally *tally)
{
	unsigned failures = 0;

	for (unsigned i = 0; i < SIM_VERDICT_COUNT; i++)
		if (sim_verdict_is_failure((enum sim_verdict)i))
			failures += tally->verdicts[i];
	return failures;
}

int sim_tally_exit_code(const struct sim_tally *tally)
{
	enum sim_verdict worst = SIM_VERDICT_PASS;

	if (tally->scenarios == 0)
		return SIM_EXIT_EMPTY;
	if (tally->verdicts[SIM_VERDICT_SKIPPED] == tally->scenarios)
		return sim_verdict_exit_code(SIM_VERDICT_SKIPPED);
	for (unsigned i = 0; i < SIM_VERDICT_COUNT; i++) {
		enum sim_verdict verdict = (enum sim_verdict)i;

		if (tally->verdicts[i] && verdict != SIM_VERDICT_SKIPPED)
			worst = sim_verdict_worse(worst, verdict);
	}
	return sim_verdict_exit_code(worst);
}

/* " (1 diverged, 2 crash)", unless plain failures are all there is. */
static void append_failures(const struct sim_tally *tally, unsigned failures, GString *out)
{
	const char *separator = " (";

	if (!failures)
		return;
	g_string_append_printf(out, ", %u failed", failures);
	if (tally->verdicts[SIM_VERDICT_FAIL] == failures)
		return;
	for (unsigned i = 0; i < SIM_VERDICT_COUNT; i++) {
		enum sim_verdict verdict = (enum sim_verdict)i;

		if (!tally->verdicts[i] || !sim_verdict_is_failure(verdict) ||
		    sim_verdict_is_open(verdict))
			continue;
		g_string_append_printf(out, "%s%u %s", separator, tally->verdicts[i],
		                       sim_verdict_text(verdict));
		separator = ", ";
	}
	g_string_append_c(out, ')');
}

void sim_tally_append(const struct sim_tally *tally, GString *out)
{
	static const enum sim_verdict mild[] = {SIM_VERDICT_KNOWN_FAILING, SIM_VERDICT_SKIPPED,
	                                        SIM_VERDICT_INCOMPLETE, SIM_VERDICT_ENVIRONMENT};
	unsigned failures = sim_tally_failures(tally) - tally->verdicts[SIM_VERDICT_INCOMPLETE] -
	                    tally->verdicts[SIM_VERDICT_ENVIRONMENT];

	g_string_append_printf(out, "%u scenario%s: %u passed", tally->scenarios,
	                       tally->scenarios == 1 ? "" : "s", tally->verdicts[SIM_VERDICT_PASS]);
	for (unsigned i = 0; i < G_N_ELEMENTS(mild); i++)
		if (tally->verdicts[mild[i]])
			g_string_append_printf(out, ", %u %s", tally->verdicts[mild[i]],
			                       sim_verdict_text(mild[i]));
	append_failures(tally, failures, out);
	if (tally->warnings)
		g_string_append_printf(out, ", %u warning%s", tally->warnings,
		                       tally->warnings == 1 ? "" : "s");
}
