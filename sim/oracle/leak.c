/* SPDX-License-Identifier: MIT */
/* Once every VM is gone and the mediator has stopped, nothing is left. */
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

static void check_end(struct sim_run *run)
{
	struct world_holdings left;

	world_holdings(run->world, &left);
	if (left.allocations)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "%u allocations are left after every VM is gone", left.allocations);
	if (left.objects)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "%u locks are left after every VM is gone", left.objects);
	if (left.pages)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "%u pages of the hypervisor's own are left", left.pages);
	if (left.mapped)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "%u guest pages are still mapped", left.mapped);
	if (left.bitmaps)
		sim_run_oracle(run, SIM_ORACLE_LEAK, SIM_VERDICT_FAIL,
		               "%u notification bitmaps are left at the SPMC", left.bitmaps);
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
                "buffer must then be back to what they were before boot. A page is given back once.\n",
        .level = SIM_ORACLE_ERROR,
        .event = check_event,
        .end = check_end,
};
