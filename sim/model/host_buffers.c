/* SPDX-License-Identifier: MIT */
/*
 * host-buffers: RX and TX.
 *
 * There are two pairs: the mediator's own, which the SPMC knows, and the host's,
 * which only the mediator knows. Either both are mapped or none is; that changes
 * with the SPMC's answer.
 *  - FFA_RXTX_MAP: DENIED if a pair is mapped. Else both pages of the host are
 *    mapped, which must be two, then the SPMC is given two pages of the
 *    mediator's own. A failure is undone and is the answer.
 *  - FFA_RXTX_UNMAP: INVALID_PARAMETERS if none is mapped. Else the SPMC gives the
 *    pair up, and only then the host's pages go. A refusal changes nothing.
 *  - FFA_PARTITION_INFO_GET: BUSY if none is mapped. Else forwarded; what the
 *    SPMC says it has put into RX is in the host's RX at the return, and before
 *    RX is given back. More than a page is not believed: RX is given back here,
 *    ABORTED. Otherwise the host gives it back, by FFA_RX_RELEASE.
 *  - FFA_NOTIFICATION_GET: with the answer that RX is full the host's RX has
 *    what is in it, unless somebody gives RX back meanwhile.
 *  - What the host has been told of stays in its RX until RX is given back.
 *  - Shutdown takes the pair back. What the SPMC does not give up is never freed.
 *
 * Source: facts host-proxy.md sections 1.3, 1.6, 1.7, 3.1 (K13, K17) and 3.3.
 */
#include "sim/model/host.h"
#include "sim/model/host_rx.h"
#include "sim/run.h"

#define PAGE_SIZE      SHIM_PAGE
#define COUNT_ONLY     1u
#define SIZE_AT_1_0    8u /* of a descriptor; there the answer does not tell */
#define RX_BUFFER_FULL 1u /* w6 of the answer to FFA_NOTIFICATION_GET */

enum { TX, RX };

/* How far a call is with the SPMC. */
enum stage { NOTHING, ASKED, ANSWERED, TO_RELEASE, RELEASING, RELEASED };

typedef void on_call(struct sim_run *run, const struct world_event *event,
                     struct sim_host_call *call);

struct rules {
	uint32_t fid;
	on_call *question; /* the SPMC is about to be asked */
	on_call *answer;   /* it has answered */
	on_call *leave;
};

static bool is_mapped(const struct sim_model_host *host)
{
	return host->pair.own_rx != 0;
}

/* Every call that may still end without asking the SPMC meets the pair as it is now. */
static void pair_changed(struct sim_model_host *host)
{
	for (unsigned i = 0; i < SIM_HOST_CPUS; i++)
		if (host->calls[i].saw)
			host->calls[i].saw |=
			        is_mapped(host) ? SIM_HOST_SAW_MAPPED : SIM_HOST_SAW_UNMAPPED;
}

static bool is_own_page(const struct world *world, uint64_t physical)
{
	uint64_t page = (physical - SHIM_PHYSICAL_BASE) / PAGE_SIZE;

	return physical % PAGE_SIZE == 0 && physical >= SHIM_PHYSICAL_BASE &&
	       page < SHIM_ENDPOINT_PAGES && world->state.own_pages >> page & 1;
}

/* FFA_RXTX_MAP */

/* Why the SPMC may not be asked now; NULL if it may. */
static const char *map_obstacle(struct sim_run *run, const struct sim_host_call *call)
{
	if (call->stage != NOTHING)
		return "it has been asked";
	if (is_mapped(sim_host_state(run)))
		return "a pair is mapped";
	if (!call->pages[TX] || !call->pages[RX])
		return "the pages of the host are mapped first";
	return call->pages[TX] == call->pages[RX] ? "TX and RX are one page" : NULL;
}

static void question_map(struct sim_run *run, const struct world_event *event,
                         struct sim_host_call *call)
{
	uint64_t tx = event->regs->x[1], rx = event->regs->x[2];
	const struct ffa_regs right = {{FFA_RXTX_MAP_64, tx, rx, 1}};
	struct sim_host_rule rule;
	const char *obstacle;

	if (!sim_host_in_force(run, event, call, &rule))
		return;
	obstacle = rule.action == SIM_HOST_REFUSES ? rule.why : map_obstacle(run, call);
	if (!obstacle && (!is_own_page(run->world, tx) || !is_own_page(run->world, rx) || tx == rx))
		obstacle = "the SPMC is given two pages of the mediator's own";
	sim_host_expect_question(run, event, call, obstacle ? NULL : &right,
	                         obstacle ? obstacle : "one page each");
	call->stage = ASKED;
	call->spmc = *event->regs;
}

static void answer_map(struct sim_run *run, const struct world_event *event,
                       struct sim_host_call *call)
{
	struct sim_model_host *host = sim_host_state(run);

	if (sim_host_succeeded(event->regs)) {
		host->pair = (struct sim_host_pair){.tx = call->pages[TX],
		                                    .rx = call->pages[RX],
		                                    .own_tx = call->spmc.x[1],
		                                    .own_rx = call->spmc.x[2]};
		call->pages[TX] = call->pages[RX] = 0;
		pair_changed(host);
	}
	call->stage = ANSWERED;
	call->spmc = *event->regs;
}

/* Of a call that the mediator makes for itself the host is told a refusal alone. */
static void expect_own_answer(struct sim_run *run, const struct world_event *event,
                              const struct sim_host_call *call)
{
	static const struct ffa_regs success = {{FFA_SUCCESS_32}};

	if (sim_host_succeeded(&call->spmc))
		sim_host_expect_answer(run, event, call, &success, "the SPMC has agreed");
	else
		sim_host_expect_answer(run, event, call, &call->spmc, "the SPMC has refused");
}

static void leave_map(struct sim_run *run, const struct world_event *event,
                      struct sim_host_call *call)
{
	bool one_page = call->in.x[1] == call->in.x[2];
	unsigned errors = 0;

	if (call->pages[TX] || call->pages[RX]) {
		sim_host_refute(run, call, "it returns and leaves pages of the host mapped");
		return;
	}
	if (call->stage == ANSWERED) {
		expect_own_answer(run, event, call);
		return;
	}
	if (call->saw & SIM_HOST_SAW_MAPPED)
		errors |= SIM_HOST_ERROR(FFA_DENIED);
	if (call->saw & SIM_HOST_SAW_UNMAPPED && (call->refused_page || one_page))
		errors |= SIM_HOST_ERROR(FFA_INVALID_PARAMETERS);
	sim_host_expect_unasked(run, event, call, errors,
	                        call->saw & SIM_HOST_SAW_MAPPED ? "a pair is mapped"
	                        : errors ? "the pages of the host are not two that can be mapped"
	                                 : "no pair is mapped");
}

/* FFA_RXTX_UNMAP */

static const struct ffa_regs unmap = {{FFA_RXTX_UNMAP_32, FFA_ID_HYPERVISOR}};

static void question_unmap(struct sim_run *run, const struct world_event *event,
                           struct sim_host_call *call)
{
	struct sim_host_rule rule;
	const char *obstacle = NULL;

	if (!sim_host_in_force(run, event, call, &rule))
		return;
	if (rule.action == SIM_HOST_REFUSES)
		obstacle = rule.why;
	else if (call->stage != NOTHING)
		obstacle = "it has been asked";
	else if (!is_mapped(sim_host_state(run)))
		obstacle = "no pair is mapped";
	sim_host_expect_question(run, event, call, obstacle ? NULL : &unmap,
	                         obstacle ? obstacle : "it gives up the mediator's pair");
	call->stage = ASKED;
}

static void answer_unmap(struct sim_run *run, const struct world_event *event,
                         struct sim_host_call *call)
{
	struct sim_model_host *host = sim_host_state(run);

	call->stage = ANSWERED;
	call->spmc = *event->regs;
	if (!sim_host_succeeded(event->regs))
		return;
	sim_host_rx_given_back(run);
	call->pages[TX] = host->pair.tx;
	call->pages[RX] = host->pair.rx;
	host->pair = (struct sim_host_pair){0};
	pair_changed(host);
}

static void leave_unmap(struct sim_run *run, const struct world_event *event,
                        struct sim_host_call *call)
{
	if (call->pages[TX] || call->pages[RX])
		sim_host_refute(run, call, "it returns and leaves pages of the host mapped");
	else if (call->stage == ANSWERED)
		expect_own_answer(run, event, call);
	else
		sim_host_expect_unasked(run, event, call,
		                        call->saw & SIM_HOST_SAW_UNMAPPED
		                                ? SIM_HOST_ERROR(FFA_INVALID_PARAMETERS)
		                                : 0,
		                        call->saw & SIM_HOST_SAW_UNMAPPED ? "no pair is mapped"
		                                                          : "a pair is mapped");
}

/* FFA_RX_RELEASE */

static void question_forward(struct sim_run *run, const struct world_event *event,
                             struct sim_host_call *call)
{
	if (sim_host_expect_forward(run, event, call))
		call->stage = ASKED;
}

static void answer_release(struct sim_run *run, const struct world_event *event,
                           struct sim_host_call *call)
{
	call->stage = ANSWERED;
	call->spmc = *event->regs;
	if (sim_host_succeeded(event->regs))
		sim_host_rx_given_back(run);
}

static void leave_forward(struct sim_run *run, const struct world_event *event,
                          struct sim_host_call *call)
{
	if (call->stage == NOTHING)
		sim_host_expect_unasked(run, event, call, 0, "it is asked first");
	else
		sim_host_expect_answer(run, event, call, &call->spmc,
		                       "what the SPMC answers is the answer");
}

/* FFA_PARTITION_INFO_GET */

static const struct ffa_regs release = {{FFA_RX_RELEASE_32, FFA_ID_HYPERVISOR}};

static void question_info(struct sim_run *run, const struct world_event *event,
                          struct sim_host_call *call)
{
	if (call->stage == TO_RELEASE) {
		sim_host_expect_question(run, event, call, &release,
		                         "RX is given back, its content is not believed");
		call->stage = RELEASING;
	} else if (!is_mapped(sim_host_state(run))) {
		sim_host_expect_question(run, event, call, NULL, "no pair is mapped");
	} else {
		question_forward(run, event, call);
	}
}

/* Bytes that the SPMC says are in RX. */
static uint64_t described(const struct sim_host_call *call, uint32_t version)
{
	uint64_t count = (uint32_t)call->spmc.x[2], size = (uint32_t)call->spmc.x[3];

	if ((uint32_t)call->in.x[5] & COUNT_ONLY)
		return 0;
	return count * (version < FFA_VERSION_1_1 ? SIZE_AT_1_0 : size);
}

static void answer_info(struct sim_run *run, const struct world_event *event,
                        struct sim_host_call *call)
{
	uint64_t size;

	if (call->stage == RELEASING) {
		call->stage = RELEASED;
		if (sim_host_succeeded(event->regs))
			sim_host_rx_given_back(run);
		return;
	}
	call->stage = ANSWERED;
	call->spmc = *event->regs;
	if (!sim_host_succeeded(event->regs))
		return;
	size = described(call, sim_host_state(run)->version.agreed);
	if (size > PAGE_SIZE)
		call->stage = TO_RELEASE;
	else
		sim_host_owe_rx(run, call, size, false);
}

static void leave_info(struct sim_run *run, const struct world_event *event,
                       struct sim_host_call *call)
{
	const struct ffa_regs aborted = sim_host_error(FFA_ABORTED);
	bool unmapped = call->saw & SIM_HOST_SAW_UNMAPPED;

	if (call->stage == NOTHING) {
		sim_host_expect_unasked(run, event, call, unmapped ? SIM_HOST_ERROR(FFA_BUSY) : 0,
		                        unmapped ? "no pair is mapped" : "a pair is mapped");
	} else if (call->stage == ANSWERED) {
		sim_host_expect_rx(run, call, "it returns before the host's RX has what is in RX");
		leave_forward(run, event, call);
	} else {
		sim_host_expect_answer(run, event, call, call->stage == RELEASED ? &aborted : NULL,
		                       "RX is given back, its content is not believed");
	}
}

/* FFA_NOTIFICATION_GET */

static void answer_get(struct sim_run *run, const struct world_event *event,
                       struct sim_host_call *call)
{
	call->stage = ANSWERED;
	call->spmc = *event->regs;
	if (sim_host_succeeded(event->regs) && event->regs->x[6] & RX_BUFFER_FULL &&
	    is_mapped(sim_host_state(run)))
		sim_host_owe_rx(run, call, PAGE_SIZE, true);
}

static void leave_get(struct sim_run *run, const struct world_event *event,
                      struct sim_host_call *call)
{
	sim_host_expect_rx(run, call, "it tells of a message that the host's RX does not have");
	if (!sim_host_state(run)->refuted)
		leave_forward(run, event, call);
}

/* Pages: those of the host come and go with its pair, those that the SPMC has are not freed. */

static void on_map(struct sim_run *run, const struct world_event *event, struct sim_host_call *call)
{
	if (!event->result) {
		if (call)
			call->refused_page = true;
	} else if (!call || (uint32_t)call->in.x[0] != FFA_RXTX_MAP_64 || call->stage != NOTHING) {
		sim_host_refute(run, call, "a page of the host is mapped beside FFA_RXTX_MAP");
	} else if (event->arg[0] == call->in.x[1] && !call->pages[TX]) {
		call->pages[TX] = (uint64_t)event->result;
	} else if (event->arg[0] == call->in.x[2] && !call->pages[RX]) {
		call->pages[RX] = (uint64_t)event->result;
	} else {
		sim_host_refute(run, call, "a page is mapped that the host has not offered");
	}
}

static bool take_out(uint64_t *page, uint64_t physical)
{
	if (*page != physical)
		return false;
	*page = 0;
	return true;
}

static void on_unmap(struct sim_run *run, const struct world_event *event,
                     struct sim_host_call *call)
{
	struct sim_model_host *host = sim_host_state(run);
	uint64_t physical = event->arg[0];

	if (call && (take_out(&call->pages[RX], physical) || take_out(&call->pages[TX], physical)))
		return;
	if (!call && sim_host_entry(run, event) == SHIM_ENTRY_SHUTDOWN &&
	    (take_out(&host->pair.rx, physical) || take_out(&host->pair.tx, physical)))
		return;
	sim_host_refute(run, call,
	                physical == host->pair.tx || physical == host->pair.rx
	                        ? "a page of the host's pair is unmapped while the pair is mapped"
	                        : "a page is unmapped that is not mapped");
}

static void on_page_free(struct sim_run *run, const struct world_event *event,
                         struct sim_host_call *call)
{
	const struct sim_host_pair *pair = &sim_host_state(run)->pair;

	if (event->arg[0] == pair->own_tx || event->arg[0] == pair->own_rx)
		sim_host_refute(run, call, "a page is freed that the SPMC has not given up");
}

/* Shutdown */

static void on_shutdown(struct sim_run *run, const struct world_event *event)
{
	struct sim_model_host *host = sim_host_state(run);

	switch (event->kind) {
	case WORLD_EVENT_SMC:
		sim_host_expect_question(run, event, NULL,
		                         is_mapped(host) && host->stage == NOTHING ? &unmap : NULL,
		                         "shutdown takes back a pair that is mapped, once");
		host->stage = ASKED;
		break;
	case WORLD_EVENT_SMC_DONE:
		if (sim_host_succeeded(event->regs))
			host->pair.own_tx = host->pair.own_rx = 0;
		break;
	case WORLD_EVENT_LEAVE:
		if (host->pair.tx || host->pair.rx || (is_mapped(host) && host->stage != ASKED))
			sim_host_refute(run, NULL, "shutdown returns and leaves a pair mapped");
		host->pair = (struct sim_host_pair){0};
		host->stage = NOTHING;
		break;
	default:
		break;
	}
}

static const struct rules rules[] = {
        {FFA_RXTX_MAP_64, question_map, answer_map, leave_map},
        {FFA_RXTX_UNMAP_32, question_unmap, answer_unmap, leave_unmap},
        {FFA_RX_RELEASE_32, question_forward, answer_release, leave_forward},
        {FFA_PARTITION_INFO_GET_32, question_info, answer_info, leave_info},
        {FFA_NOTIFICATION_GET_32, question_forward, answer_get, leave_get},
};

static void on_call_event(struct sim_run *run, const struct world_event *event,
                          struct sim_host_call *call)
{
	const struct rules *rule = rules;

	while (rule->fid != (uint32_t)call->in.x[0])
		rule++;
	if (event->kind == WORLD_EVENT_SMC) {
		rule->question(run, event, call);
	} else if (event->kind == WORLD_EVENT_SMC_DONE) {
		rule->answer(run, event, call);
	} else if (event->kind == WORLD_EVENT_LEAVE) {
		rule->leave(run, event, call);
		sim_host_forget(call);
	}
}

static void on_event(struct sim_run *run, const struct world_event *event)
{
	struct sim_host_call *call = sim_host_follow(run, event, SIM_HOST_BUFFERS);

	if (sim_host_state(run)->refuted)
		return;
	switch (event->kind) {
	case WORLD_EVENT_MAP:
		on_map(run, event, call);
		break;
	case WORLD_EVENT_UNMAP:
		on_unmap(run, event, call);
		break;
	case WORLD_EVENT_PAGE_FREE:
		on_page_free(run, event, call);
		break;
	case WORLD_EVENT_WRITE:
		sim_host_rx_written(run, event->arg[0]);
		break;
	default:
		if (call)
			on_call_event(run, event, call);
		else if (sim_host_entry(run, event) == SHIM_ENTRY_SHUTDOWN)
			on_shutdown(run, event);
	}
}

const struct sim_model_part sim_model_host_buffers = {.name = "host-buffers", .event = on_event};
