/* SPDX-License-Identifier: MIT */
#include "sim/model/host.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "abi/ffa_text.h"
#include "sim/model/smccc.h"
#include "sim/run.h"

_Static_assert(SIM_HOST_CPUS == WORLD_MAX_VCPUS, "every CPU of a host has a place");

struct sim_model_host *sim_host_state(struct sim_run *run)
{
	return &run->state.oracles.model.host;
}

static struct sim_host_call *enter(struct sim_run *run, const struct world_event *event,
                                   enum sim_host_concern concern)
{
	struct sim_model_host *host = sim_host_state(run);
	struct sim_host_call *call = &host->calls[event->vcpu % SIM_HOST_CPUS];

	if (sim_host_concern((uint32_t)event->regs->x[0]) != concern)
		return NULL;
	call->inside = true;
	call->may_be_early = concern != SIM_HOST_FIRMWARE && !host->version.known;
	if (concern == SIM_HOST_BUFFERS)
		call->saw = host->pair.own_rx ? SIM_HOST_SAW_MAPPED : SIM_HOST_SAW_UNMAPPED;
	call->in = *event->regs;
	return call;
}

struct sim_host_call *sim_host_follow(struct sim_run *run, const struct world_event *event,
                                      enum sim_host_concern concern)
{
	const struct world_context *context = &run->world->state.contexts[event->context];
	struct sim_model_host *host = sim_host_state(run);
	struct sim_host_call *call;

	if (host->refuted || context->vm == WORLD_NO_VM)
		return NULL;
	if (event->kind == WORLD_EVENT_ENTER)
		return enter(run, event, concern);
	call = &host->calls[context->vcpu % SIM_HOST_CPUS];
	if (!call->inside || sim_host_concern((uint32_t)call->in.x[0]) != concern)
		return NULL;
	return call;
}

enum shim_entry sim_host_entry(const struct sim_run *run, const struct world_event *event)
{
	if (run->world->state.contexts[event->context].vm != WORLD_NO_VM)
		return SHIM_ENTRY_NONE;
	return (enum shim_entry)shim_slot(&run->world->link->map, event->context)->entry;
}

void sim_host_forget(struct sim_host_call *call)
{
	memset(call, 0, sizeof *call);
}

unsigned sim_host_cpu(struct sim_run *run, const struct sim_host_call *call)
{
	return (unsigned)(call - sim_host_state(run)->calls);
}

static bool equal(const struct ffa_regs *a, const struct ffa_regs *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* "FFA_RXTX_MAP_64 of host0.1" */
static char *name_of(struct sim_run *run, const struct sim_host_call *call)
{
	const char *fid = ffa_fid_name((uint32_t)call->in.x[0]);
	g_autofree char *number = g_strdup_printf("0x%x", (unsigned)call->in.x[0]);
	char buffer[SIM_NAME_SIZE];

	return g_strdup_printf("%s of %s.%u", fid ? fid : number,
	                       sim_endpoint_name(run->scenario, ffa_make_id(FFA_ID_HYPERVISOR),
	                                         buffer, sizeof buffer),
	                       sim_host_cpu(run, call));
}

void sim_host_refute(struct sim_run *run, const struct sim_host_call *call, const char *what)
{
	g_autofree char *name = call ? name_of(run, call) : NULL;

	sim_host_state(run)->refuted = true;
	sim_model_refute(run, "%s%s%s", name ? name : "", name ? ": " : "", what);
}

static void refute_answer(struct sim_run *run, const struct world_event *event,
                          const struct sim_host_call *call, const char *allowed, const char *why)
{
	g_autofree char *name = name_of(run, call);
	char got[FFA_TEXT_SIZE];

	ffa_describe_answer((uint32_t)call->in.x[0], event->regs, NULL, got, sizeof got);
	sim_host_state(run)->refuted = true;
	sim_model_refute(run, "the answer to %s is %s; allowed: %s (%s)", name, got, allowed, why);
}

bool sim_host_expect_question(struct sim_run *run, const struct world_event *event,
                              const struct sim_host_call *call, const struct ffa_regs *allowed,
                              const char *why)
{
	g_autofree char *name = NULL;
	char got[FFA_TEXT_SIZE], right[FFA_TEXT_SIZE] = "nothing";

	if (allowed && equal(event->regs, allowed))
		return true;
	name = call ? name_of(run, call) : g_strdup("the mediator itself");
	ffa_describe_call(event->regs, NULL, got, sizeof got);
	if (allowed)
		ffa_describe_call(allowed, NULL, right, sizeof right);
	sim_host_state(run)->refuted = true;
	sim_model_refute(run, "the SPMC is asked %s for %s; allowed: %s (%s)", got, name, right,
	                 why);
	return false;
}

static struct sim_host_terms terms_of(const struct sim_host_version *version)
{
	return (struct sim_host_terms){version->agreed, version->buffers};
}

bool sim_host_in_force(struct sim_run *run, const struct world_event *event,
                       struct sim_host_call *call, struct sim_host_rule *ret_rule)
{
	struct sim_host_version *version = &sim_host_state(run)->version;

	sim_host_rule(&call->in, terms_of(version), ret_rule);
	if (version->agreed == 0)
		return sim_host_expect_question(run, event, call, NULL, ret_rule->why);
	version->known = true;
	call->may_be_early = false;
	call->saw = 0;
	return true;
}

bool sim_host_expect_forward(struct sim_run *run, const struct world_event *event,
                             struct sim_host_call *call)
{
	struct sim_host_rule rule;

	if (!sim_host_in_force(run, event, call, &rule))
		return false;
	if (call->stage)
		return sim_host_expect_question(run, event, call, NULL, "it has been asked");
	return sim_host_expect_question(
	        run, event, call, rule.action == SIM_HOST_FORWARDS ? &rule.regs : NULL, rule.why);
}

void sim_host_expect_answer(struct sim_run *run, const struct world_event *event,
                            const struct sim_host_call *call, const struct ffa_regs *allowed,
                            const char *why)
{
	char right[FFA_TEXT_SIZE] = "none yet";

	if (allowed && equal(event->regs, allowed))
		return;
	if (allowed)
		ffa_describe_answer((uint32_t)call->in.x[0], allowed, NULL, right, sizeof right);
	refute_answer(run, event, call, right, why);
}

/* The answer depends on no version, and shows none. */
static void expect_unknown(struct sim_run *run, const struct world_event *event,
                           const struct sim_host_call *call)
{
	struct sim_host_rule rule;

	if (sim_smccc_is_unknown((uint32_t)call->in.x[0], sim_smccc_kept(&call->in), event->regs))
		return;
	sim_host_rule(&call->in, (struct sim_host_terms){0}, &rule);
	sim_host_expect_answer(run, event, call, &rule.regs, rule.why);
}

static bool is_error(const struct ffa_regs *answer, enum ffa_status status)
{
	const struct ffa_regs error = sim_host_error(status);

	return equal(answer, &error);
}

/* Whether the answer is one of these errors; the last one, or "none" where there is none, as text.
 */
static bool is_among(const struct ffa_regs *answer, unsigned errors, GString *text)
{
	bool found = false;

	for (int status = FFA_NOT_SUPPORTED; errors >> -status; status--) {
		if (!(errors & SIM_HOST_ERROR(status)))
			continue;
		found |= is_error(answer, (enum ffa_status)status);
		if (text)
			g_string_append_printf(text, "%s%s", text->len ? " or " : "",
			                       ffa_status_name(status));
	}
	return found;
}

/* What the rules in this version say of the call's registers alone. */
static bool rule_allows(const struct sim_host_rule *rule, const struct ffa_regs *answer,
                        unsigned errors)
{
	switch (rule->action) {
	case SIM_HOST_REFUSES:
	case SIM_HOST_ANSWERS:
		return equal(answer, &rule->regs) ||
		       (rule->other != FFA_OK && is_error(answer, rule->other));
	default:
		return is_among(answer, errors, NULL);
	}
}

static void refute_unasked(struct sim_run *run, const struct world_event *event,
                           const struct sim_host_call *call, const struct sim_host_rule *rule,
                           unsigned errors, const char *why)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (rule->action == SIM_HOST_REFUSES || rule->action == SIM_HOST_ANSWERS) {
		sim_host_expect_answer(run, event, call, &rule->regs, rule->why);
		return;
	}
	is_among(event->regs, errors, text);
	if (!text->len)
		g_string_assign(text, "what the SPMC answers");
	refute_answer(run, event, call, text->str, why);
}

void sim_host_expect_unasked(struct sim_run *run, const struct world_event *event,
                             const struct sim_host_call *call, unsigned errors, const char *why)
{
	struct sim_host_version *version = &sim_host_state(run)->version;
	struct sim_host_rule rule;
	bool early;

	if (!ffa_fid_is_ffa((uint32_t)call->in.x[0])) {
		expect_unknown(run, event, call);
		return;
	}
	sim_host_rule(&call->in, (struct sim_host_terms){0}, &rule);
	early = call->may_be_early && equal(event->regs, &rule.regs);
	if (early)
		return;
	sim_host_rule(&call->in, terms_of(version), &rule);
	if (!rule_allows(&rule, event->regs, errors))
		refute_unasked(run, event, call, &rule, errors, why);
	else if (version->agreed)
		version->known = true;
}
