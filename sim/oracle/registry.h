/* SPDX-License-Identifier: MIT */
/* The oracles, one symbol each; see SIM_ORACLES. */
#ifndef SIM_ORACLE_REGISTRY_H
#define SIM_ORACLE_REGISTRY_H

#include "sim/oracle/oracle.h"

#define X(name, symbol) extern const struct sim_oracle sim_oracle_##symbol;
SIM_ORACLES(X)
#undef X

#endif
