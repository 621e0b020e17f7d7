/* SPDX-License-Identifier: MIT */
/*
 * Pages of the machine: the mediator touches its own pages while it has them,
 * a guest's while it has them mapped, and the RX buffer while it owns it; the SPMC
 * is told of pages that are the mediator's, and they stay so as long as it has them.
 */
#include "abi/ffa_decode.h"
#include "sim/oracle/race.h"
#include "sim/oracle/registry.h"
#include "sim/run.h"

enum { NO_PAGE = WORLD_PAGES };

/* A page of the machine by its physical address. */
static unsigned page_of(uint64_t physical)
{
	uint64_t page = (physical - SHIM_PHYSICAL_BASE) / SHIM_PAGE;

	return physical >= SHIM_PHYSICAL_BASE && page < WORLD_PAGES ? (unsigned)page : NO_PAGE;
}

static bool is_own(unsigned page)
{
	return page < SHIM_ENDPOINT_PAGES;
}

/* Whether the mediator has the page: allocated, or mapped from a guest. */
/* From SIM_MAX_MAPPINGS on it counts as mapped for good. */
static bool has(const struct sim_run *run, unsigned page)
{
	if (page == NO_PAGE)
		return false;
	return is_own(page) ? run->world->state.own_pages >> page & 1
	                    : run->state.oracles.isolation.mapped[page] != 0;
}

static void on_map(struct sim_run *run, const struct world_event *event)
{
	unsigned page = page_of((uint64_t)event->result);
	uint8_t *mapped = run->state.oracles.isolation.mapped;

	if (page == NO_PAGE || mapped[page] == SIM_MAX_MAPPINGS)
		return;
	if (++mapped[page] == SIM_MAX_MAPPINGS)
		sim_run_unjudged(run, SIM_LIMIT_MAX_MAPPINGS);
}

static uint64_t address_of(unsigned page)
{
	return SHIM_PHYSICAL_BASE + (uint64_t)page * SHIM_PAGE;
}

static void check_given_up(struct sim_run *run, unsigned page, const char *how)
{
	if (page != NO_PAGE && world_is_lent(run->world, address_of(page)))
		sim_run_oracle(run, SIM_ORACLE_ISOLATION, SIM_VERDICT_FAIL,
		               "the page at 0x%" G_GINT64_MODIFIER
		               "x is %s, and the SPMC still has it as a buffer",
		               address_of(page), how);
}

static void on_unmap(struct sim_run *run, const struct world_event *event)
{
	unsigned page = page_of(event->arg[0]);
	uint8_t *mapped = run->state.oracles.isolation.mapped;

	if (page == NO_PAGE || !mapped[page]) {
		sim_run_oracle(run, SIM_ORACLE_ISOLATION, SIM_VERDICT_FAIL,
		               "the page at 0x%" G_GINT64_MODIFIER
		               "x is unmapped, and it is not mapped",
		               event->arg[0]);
		return;
	}
	if (mapped[page] == SIM_MAX_MAPPINGS)
		return;
	if (--mapped[page] == 0)
		check_given_up(run, page, "unmapped");
}

static void on_page_free(struct sim_run *run, const struct world_event *event)
{
	unsigned page = page_of(event->arg[0]);

	if (event->result && page != NO_PAGE)
		check_given_up(run, page, "freed");
}

/* Right after the SPMC has taken the buffers. */
static void on_smc_done(struct sim_run *run, const struct world_event *event)
{
	const struct world_spmc *spmc = &run->world->state.spmc;
	uint32_t fid = run->world->state.contexts[event->context].smc;
	const uint64_t pages[] = {spmc->rx_page, spmc->tx_page};

	if ((fid != FFA_RXTX_MAP_32 && fid != FFA_RXTX_MAP_64) ||
	    (uint32_t)event->regs->x[0] != FFA_SUCCESS_32)
		return;
	for (unsigned i = 0; i < G_N_ELEMENTS(pages); i++)
		if (!has(run, page_of(pages[i])))
			sim_run_oracle(run, SIM_ORACLE_ISOLATION, SIM_VERDICT_FAIL,
			               "the SPMC is given the page at 0x%" G_GINT64_MODIFIER
			               "x as %s buffer, and the mediator does not have it",
			               pages[i], i ? "TX" : "RX");
}

/* What is wrong with touching the page, in words; NULL: nothing. */
static const char *judge(const struct sim_run *run, unsigned page)
{
	const struct world_spmc *spmc = &run->world->state.spmc;

	if (!has(run, page))
		return is_own(page) ? "is not allocated" : "is not mapped";
	if (spmc->rx == WORLD_RX_EMPTY && page == page_of(spmc->rx_page))
		return "is the RX buffer, which the SPMC owns";
	return NULL;
}

static void complain(struct sim_run *run, const struct world_event *event, unsigned page,
                     const char *wrong)
{
	g_autofree char *name = sim_page_name(run->scenario, page);

	sim_run_oracle(run, SIM_ORACLE_ISOLATION, SIM_VERDICT_FAIL, "%s %s %s, which %s, at %s",
	               sim_actor_name(run, event->context), event->result ? "writes to" : "reads",
	               name, wrong, sim_race_place(run, event->access.pc));
}

static void on_access(struct sim_run *run, const struct world_event *event)
{
	uint64_t offset = event->arg[0] - SHIM_MEMORY_BASE;
	unsigned page = (unsigned)(offset / SHIM_PAGE);
	const char *wrong;

	if (offset >= SHIM_MEMORY_SIZE || event->access.kind == SHIM_ACCESS_FENCE ||
	    run->state.oracles.isolation.told)
		return;
	wrong = judge(run, page);
	if (!wrong)
		return;
	run->state.oracles.isolation.told = true;
	complain(run, event, page, wrong);
}

static void check_event(struct sim_run *run, const struct world_event *event)
{
	switch (event->kind) {
	case WORLD_EVENT_ACCESS:
		on_access(run, event);
		break;
	case WORLD_EVENT_MAP:
		on_map(run, event);
		break;
	case WORLD_EVENT_UNMAP:
		on_unmap(run, event);
		break;
	case WORLD_EVENT_PAGE_FREE:
		on_page_free(run, event);
		break;
	case WORLD_EVENT_SMC_DONE:
		on_smc_done(run, event);
		break;
	default:
		break;
	}
}

const struct sim_oracle sim_oracle_isolation = {
        .name = "isolation",
        .says = "no page is read or written that is not the mediator's own, mapped, or its to look at, "
                "and the SPMC has only pages that are",
        .needs =
                "an instrumented build (O2, O0) for accesses; what is mapped, freed and shared is seen "
                "on every build",
        .source = "architecture section 5; facts spmc.md sections 1.3.4 to 1.3.6",
        .explanation =
                "A page of the hypervisor's own is its own from allocation to free, a guest's page from\n"
                "the map to the unmap. What is shared with the SPMC as RX or TX stays until the SPMC has\n"
                "given it back. The RX buffer is the mediator's to look at while it is full: from the\n"
                "call that fills it to FFA_RX_RELEASE. The first wrong access of a schedule is told.\n",
        .level = SIM_ORACLE_ERROR,
        .accesses = true,
        .event = check_event,
};
