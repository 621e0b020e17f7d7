/* SPDX-License-Identifier: MIT */
/*
 * host-firmware: boot, and the one version for host, mediator and SPMC.
 *
 *  - Boot offers the SPMC the mediator's newest version, and asks nothing else.
 *    An answer of another major version is no SPMC: NOT_SUPPORTED. What both
 *    have is the lower of the two.
 *  - FFA_VERSION answers in w0 alone; -1 is the refusal. Other major versions,
 *    bit 31 and unused registers that are not 0 are refused.
 *  - Negotiated once, by one CPU at a time: the lower of what the host asks for
 *    and what both have. It is offered to the SPMC, unless it has accepted it
 *    already; it accepts by answering no lower one. Then the host's id must be 0
 *    there. A failure is a refusal, and nothing is negotiated. Whether 4 KiB
 *    buffers are possible is asked last; without them FFA_RXTX_MAP is not listed.
 *    BUSY and RETRY are asked again, eleven times in all; then it is a failure.
 *  - From then on that version answers for itself and later minor ones; an older
 *    one is refused. The SPMC is not asked again.
 *
 * Source: facts host-proxy.md sections 1.5 and 3.1 (K1, K11), spmc.md section 1.3.1.
 */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/model/host.h"
#include "sim/run.h"

#define REFUSED       ((uint32_t)FFA_NOT_SUPPORTED)
#define MIN_SIZE_MASK 3u /* w2 of FFA_FEATURES of FFA_RXTX_MAP */
#define MIN_SIZE_4K   0u
#define BUSY_CALLS    11u

/* How far a negotiation is; the SPMC is asked in this order. */
enum stage {
	NOTHING,
	OFFERING,
	ASKING_ID,
	ASKING_BUFFERS,
	AGREED,
	FAILED,
};

static const struct ffa_regs ask_id = {{FFA_ID_GET_32}};
static const struct ffa_regs ask_buffers = {{FFA_FEATURES_32, FFA_RXTX_MAP_64}};

static uint32_t newest_of(const struct sim_run *run)
{
	static const struct {
		const char *profile;
		uint32_t newest;
	} versions[] = {
	        {"single-host-1.0", FFA_VERSION_1_0},
	        {"single-host-1.1", FFA_VERSION_1_1},
	        {"single-host-1.2", FFA_VERSION_1_2},
	};
	const char *profile = sim_model_of(run)->profile;

	for (unsigned i = 0; i < G_N_ELEMENTS(versions); i++)
		if (strcmp(versions[i].profile, profile) == 0)
			return versions[i].newest;
	return 0;
}

/* Boot */

static void boot_question(struct sim_run *run, const struct world_event *event)
{
	struct sim_model_host *host = sim_host_state(run);
	const struct ffa_regs offer = {{FFA_VERSION_32, newest_of(run)}};

	sim_host_expect_question(run, event, NULL, host->stage == NOTHING ? &offer : NULL,
	                         "boot offers the newest version, and that is all");
	host->stage = OFFERING;
}

static void boot_answer(struct sim_run *run, const struct world_event *event)
{
	struct sim_host_version *version = &sim_host_state(run)->version;
	uint32_t theirs = (uint32_t)event->regs->x[0], own = newest_of(run);

	if (!sim_host_is_major_1(theirs))
		return;
	version->newest = MIN(theirs, own);
	if (theirs >= own)
		version->accepted = own;
}

static void refute_boot(struct sim_run *run, int64_t got, enum ffa_status right, const char *why)
{
	const char *name = ffa_status_name((int32_t)got);
	g_autofree char *what =
	        g_strdup_printf("the answer of boot is %s; allowed: %s (%s)",
	                        name ? name : "no status", ffa_status_name(right), why);

	sim_host_refute(run, NULL, what);
}

static void boot_leave(struct sim_run *run, const struct world_event *event)
{
	struct sim_model_host *host = sim_host_state(run);
	enum ffa_status right = FFA_OK;
	const char *why = "the SPMC is one to talk to";

	if (host->version.newest == 0) {
		right = FFA_NOT_SUPPORTED;
		why = "there is no SPMC of major version 1";
	} else if (host->refused_page) {
		right = FFA_NO_MEMORY;
		why = "there were no pages for RX and TX";
	}
	if (host->stage == NOTHING)
		sim_host_refute(run, NULL, "boot returns and has not offered the SPMC a version");
	else if (event->result != (int64_t)right)
		refute_boot(run, event->result, right, why);
	host->stage = NOTHING;
	host->refused_page = false;
}

static void on_boot(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_SMC)
		boot_question(run, event);
	else if (event->kind == WORLD_EVENT_SMC_DONE)
		boot_answer(run, event);
	else if (event->kind == WORLD_EVENT_PAGE_ALLOC && event->result == 0)
		sim_host_state(run)->refused_page = true;
	else if (event->kind == WORLD_EVENT_LEAVE)
		boot_leave(run, event);
}

/* FFA_VERSION */

static uint32_t common_version(struct sim_run *run, const struct sim_host_call *call)
{
	return MIN((uint32_t)call->in.x[1], sim_host_state(run)->version.newest);
}

/* Why this call may not negotiate; NULL if it may. */
static const char *obstacle(struct sim_run *run, const struct sim_host_call *call)
{
	const struct sim_host_version *version = &sim_host_state(run)->version;
	const char *refusal = sim_host_version_refusal(&call->in);

	if (refusal)
		return refusal;
	if (version->agreed)
		return "a version has been negotiated";
	if (version->negotiator && version->negotiator != sim_host_cpu(run, call) + 1)
		return "another CPU negotiates";
	return call->stage == FAILED ? "it has failed" : NULL;
}

static enum stage next_stage(struct sim_run *run, const struct sim_host_call *call)
{
	if (call->stage == NOTHING &&
	    sim_host_state(run)->version.accepted != common_version(run, call))
		return OFFERING;
	return call->stage < ASKING_ID ? ASKING_ID : ASKING_BUFFERS;
}

static void question(struct sim_run *run, const struct world_event *event,
                     struct sim_host_call *call)
{
	const struct ffa_regs offer = {{FFA_VERSION_32, common_version(run, call)}};
	enum stage next = next_stage(run, call);
	const struct ffa_regs *right = next == OFFERING    ? &offer
	                               : next == ASKING_ID ? &ask_id
	                                                   : &ask_buffers;
	const char *why = obstacle(run, call);

	if (!sim_host_expect_question(run, event, call, why ? NULL : right,
	                              why ? why : "the next question of a negotiation"))
		return;
	call->stage = (uint8_t)next;
	sim_host_state(run)->version.negotiator = (uint8_t)(sim_host_cpu(run, call) + 1);
}

/* FFA_VERSION has no such code. */
static bool is_busy(const struct sim_host_call *call, const struct ffa_regs *answer)
{
	int32_t code = (int32_t)(uint32_t)answer->x[2];

	return call->stage != OFFERING && (uint32_t)answer->x[0] == FFA_ERROR_32 &&
	       (code == FFA_BUSY || code == FFA_RETRY);
}

static bool is_good(struct sim_run *run, const struct world_event *event,
                    const struct sim_host_call *call)
{
	uint32_t w0 = (uint32_t)event->regs->x[0], w2 = (uint32_t)event->regs->x[2];

	switch (call->stage) {
	case OFFERING:
		return sim_host_is_major_1(w0) && w0 >= common_version(run, call);
	case ASKING_ID:
		return sim_host_succeeded(event->regs) && w2 == FFA_ID_HYPERVISOR;
	default:
		return true;
	}
}

static bool takes_buffers(const struct ffa_regs *answer)
{
	return sim_host_succeeded(answer) &&
	       ((uint32_t)answer->x[2] & MIN_SIZE_MASK) == MIN_SIZE_4K;
}

static void answer(struct sim_run *run, const struct world_event *event, struct sim_host_call *call)
{
	struct sim_host_version *version = &sim_host_state(run)->version;

	bool busy = is_busy(call, event->regs);

	/* the same question is due again */
	if (busy && ++call->busy < BUSY_CALLS) {
		call->stage--;
		return;
	}
	call->busy = 0;
	if (busy || !is_good(run, event, call)) {
		call->stage = FAILED;
		version->negotiator = 0;
	} else if (call->stage == OFFERING) {
		version->accepted = common_version(run, call);
	} else if (call->stage == ASKING_BUFFERS) {
		call->stage = AGREED;
		version->buffers = takes_buffers(event->regs);
		version->agreed = common_version(run, call);
		version->negotiator = 0;
	}
}

/* What a call that has not asked the SPMC answers; NULL: it had to. */
static const char *settled(struct sim_run *run, const struct sim_host_call *call, uint32_t *ret_w0)
{
	const struct sim_host_version *version = &sim_host_state(run)->version;
	const char *refusal = sim_host_version_refusal(&call->in);

	*ret_w0 = REFUSED;
	if (refusal)
		return refusal;
	if (!version->agreed)
		return NULL;
	if ((uint32_t)call->in.x[1] < version->agreed)
		return "it is older than what has been negotiated";
	*ret_w0 = version->agreed;
	return "that version has been negotiated";
}

static void leave(struct sim_run *run, const struct world_event *event, struct sim_host_call *call)
{
	struct sim_host_version *version = &sim_host_state(run)->version;
	const char *why = "the SPMC has been found fit";
	struct ffa_regs right = {{version->agreed}};
	uint32_t w0;

	if (call->stage == NOTHING) {
		why = settled(run, call, &w0);
		right.x[0] = w0;
	} else if (call->stage == FAILED) {
		why = "the SPMC has been found unfit";
		right.x[0] = REFUSED;
	} else if (call->stage != AGREED) {
		why = NULL;
	}
	sim_host_expect_answer(run, event, call, why ? &right : NULL,
	                       why ? why : "the SPMC has not been asked everything");
	if (version->agreed && !sim_host_version_refusal(&call->in) && call->stage != FAILED)
		version->known = true;
}

static void on_event(struct sim_run *run, const struct world_event *event)
{
	struct sim_host_call *call = sim_host_follow(run, event, SIM_HOST_FIRMWARE);

	if (sim_host_state(run)->refuted)
		return;
	if (!call) {
		if (sim_host_entry(run, event) == SHIM_ENTRY_BOOT)
			on_boot(run, event);
	} else if (event->kind == WORLD_EVENT_SMC) {
		question(run, event, call);
	} else if (event->kind == WORLD_EVENT_SMC_DONE) {
		answer(run, event, call);
	} else if (event->kind == WORLD_EVENT_LEAVE) {
		leave(run, event, call);
		sim_host_forget(call);
	}
}

const struct sim_model_part sim_model_host_firmware = {.name = "host-firmware", .event = on_event};
