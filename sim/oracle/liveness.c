/* SPDX-License-Identifier: MIT */
/* The findings are made where the schedule sees that nobody can go on: sim/schedule. */
#include "sim/oracle/registry.h"

const struct sim_oracle sim_oracle_liveness = {
        .name = "liveness",
        .says = "every call ends: no deadlock, no endless retry, nobody waits for ever",
        .source = "facts hypervisor-mediator.md section 4.2; docs/guide",
        .explanation =
                "Reported are: contexts that wait for each other, as one circle (who waits for what,\n"
                "held by whom); one that waits for a lock whose holder cannot run on; a vCPU that waits\n"
                "for an interrupt nobody raises; actors that go on, each that can go in its turn, without\n"
                "an end: they come back to a state in which they were, or no step ends within\n"
                "SIM_MAX_STOPS scheduling points. A loop that another actor ends is none of these. A loop\n"
                "without any scheduling point is found by a watchdog on CPU time.\n",
        .level = SIM_ORACLE_ERROR,
};
