/* SPDX-License-Identifier: MIT */
#include "sim/oracle/registry.h"
#include "sim/run.h"

static void check_rest(struct sim_run *run)
{
	sim_run_oracle(run, SIM_ORACLE_ALWAYS_FAIL, SIM_VERDICT_FAIL, "this oracle always fails");
}

const struct sim_oracle sim_oracle_always_fail = {
        .name = "always-fail",
        .says = "nothing ever holds; it proves that a failing oracle is heard",
        .source = "dtc's check of the same name",
        .explanation = "Off unless asked for with '-E always-fail'. A run with it must fail.\n",
        .level = SIM_ORACLE_OFF,
        .rest = check_rest,
};
