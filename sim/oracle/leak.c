/* SPDX-License-Identifier: MIT */
/* Once every VM is gone and the mediator has stopped, nothing is left. */
#include <stddef.h>
#include <string.h>

#include "sim/oracle/registry.h"
#include "sim/run.h"

static void check_event(struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_PAGE_FREE && !event->result)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "the page at 0x%" G_GINT64_MODIFIER
		               "x is freed, and it is not allocated",
		               event->arg[0]);
	if (event->kind == WORLD_EVENT_UNMAP && !event->result)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "the page at 0x%" G_GINT64_MODIFIER
		               "x is unmapped, and no guest page is mapped",
		               event->arg[0]);
}

/* What can be left, and how it is told behind its number. */
static const struct {
	size_t offset;
	const char *text;
} countables[] = {
        {offsetof(struct world_holdings, allocations),
         "allocations are left after every VM is gone"},
        {offsetof(struct world_holdings, objects), "locks are left after every VM is gone"},
        {offsetof(struct world_holdings, pages), "pages of the hypervisor's own are left"},
        {offsetof(struct world_holdings, mapped), "guest pages are still mapped"},
        {offsetof(struct world_holdings, bitmaps), "notification bitmaps are left at the SPMC"},
};

static void check_end(struct sim_run *run)
{
	struct world_holdings left;

	world_holdings(run->world, &left);
	for (size_t i = 0; i < G_N_ELEMENTS(countables); i++) {
		uint32_t count;

		memcpy(&count, (const char *)&left + countables[i].offset, sizeof count);
		if (count)
			sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL, "%u %s", count,
			               countables[i].text);
	}
	if (left.rx_owned)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "the RX buffer was not given back to the SPMC");
}

const struct sim_oracle sim_oracle_leak = {
        .name = "leak",
        .says = "after every VM is gone, the mediator holds what it held before boot: nothing",
        .source = "facts hypervisor-mediator.md section 3.1, F7 and F11",
        .explanation =
                "At the end of every schedule the VMs that still live are destroyed and the mediator\n"
                "is shut down. Allocations, locks, pages, mappings and the ownership of the SPMC's RX\n"
                "buffer must then be back to what they were before boot. A page is given back once.\n"
                "What the SPMC refuses to give back, by a fault of the scenario, does not count: it\n"
                "may still use the pages.\n",
        .level = SIM_ORACLE_ERROR,
        .event = check_event,
        .end = check_end,
};
