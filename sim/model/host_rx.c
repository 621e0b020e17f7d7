/* SPDX-License-Identifier: MIT */
#include "sim/model/host_rx.h"

#include "sim/explore/hash.h"
#include "sim/run.h"

#define WORD 8u /* no descriptor has a part of one */

static uint64_t hash_page(struct sim_run *run, uint64_t physical, uint64_t size)
{
	return sim_hash_bytes(SIM_HASH_SEED, world_memory(run->world, physical, size, false), size);
}

/* Whether the host's RX has it; nothing always is there. */
static bool is_there(struct sim_run *run, const struct sim_host_content *content)
{
	return content->size == 0 ||
	       hash_page(run, sim_host_state(run)->pair.rx, content->size) == content->hash;
}

static void forget(struct sim_host_call *call)
{
	call->owed = (struct sim_host_content){0};
	call->lapses = false;
}

void sim_host_owe_rx(struct sim_run *run, struct sim_host_call *call, uint64_t size, bool lapses)
{
	size -= size % WORD;
	if (!size)
		return;
	call->owed.size = size;
	call->owed.hash = hash_page(run, sim_host_state(run)->pair.own_rx, size);
	call->lapses = lapses;
}

void sim_host_expect_rx(struct sim_run *run, struct sim_host_call *call, const char *late)
{
	struct sim_model_host *host = sim_host_state(run);

	if (!is_there(run, &call->owed))
		sim_host_refute(run, call, late);
	if (call->owed.size)
		host->pair.told = call->owed;
	forget(call);
}

void sim_host_rx_given_back(struct sim_run *run)
{
	struct sim_model_host *host = sim_host_state(run);

	if (!is_there(run, &host->pair.told))
		sim_host_refute(run, NULL,
		                "the host's RX has changed since the host was told what is in it");
	host->pair.told = (struct sim_host_content){0};
	for (unsigned i = 0; i < SIM_HOST_CPUS; i++) {
		struct sim_host_call *call = &host->calls[i];

		if (!host->refuted && !call->lapses && !is_there(run, &call->owed))
			sim_host_refute(run, call,
			                "RX is given back before the host's RX has what is in it");
		forget(call);
	}
}

void sim_host_rx_written(struct sim_run *run, uint64_t physical)
{
	struct sim_model_host *host = sim_host_state(run);

	if (physical / SHIM_PAGE != host->pair.rx / SHIM_PAGE)
		return;
	host->pair.told = (struct sim_host_content){0};
	for (unsigned i = 0; i < SIM_HOST_CPUS; i++)
		forget(&host->calls[i]);
}
