/* SPDX-License-Identifier: MIT */
/* The findings are made where the schedule sees that nobody can go on: sim/schedule. */
#include "sim/oracle/registry.h"

const struct sim_oracle sim_oracle_liveness = {
        .name = "liveness",
        .says = "every call ends: no deadlock, no endless retry, nobody waits for ever",
        .source = "facts hypervisor-mediator.md section 4.2; docs/guide",
        .explanation =
                "Reported are: a context that waits for a lock whose holder cannot run on (who waits\n"
                "for what, held by whom), a vCPU that waits for an interrupt nobody raises, and a\n"
                "schedule that does not come to rest within SIM_MAX_STOPS scheduling points. A loop\n"
                "without any scheduling point is found by a watchdog on CPU time.\n",
        .level = SIM_ORACLE_ERROR,
};
