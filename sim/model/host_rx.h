/* SPDX-License-Identifier: MIT */
/*
 * What the host's RX holds. The SPMC fills the mediator's RX; what the answer of
 * a call tells the host of must be in the host's RX
 *  - when the call returns, and before that if RX is given back earlier
 *  - from then on, until RX is given back.
 * What the host writes into its own RX is its own affair: nothing is said of the
 * content any more. Kept as a size, 0 for none, and a hash of the bytes.
 *
 * Source: facts host-proxy.md sections 1.3, 1.7 and 3.1 (K17).
 */
#ifndef SIM_MODEL_HOST_RX_H
#define SIM_MODEL_HOST_RX_H

#include "sim/model/host.h"

/*
 * The SPMC says that so many bytes, a page at most, are in RX, and the call's
 * answer will tell the host. A part of a word at the end does not count. lapses:
 * not owed any more if somebody gives RX back before.
 */
void sim_host_owe_rx(struct sim_run *run, struct sim_host_call *call, uint64_t size, bool lapses);

/* The call returns; late is what is wrong if something is still owed. */
void sim_host_expect_rx(struct sim_run *run, struct sim_host_call *call, const char *late);

/* RX goes back to the SPMC; the host's pair is still the one that it was. */
void sim_host_rx_given_back(struct sim_run *run);

void sim_host_rx_written(struct sim_run *run, uint64_t physical);

#endif
