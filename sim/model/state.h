/* SPDX-License-Identifier: MIT */
/* The memory of the executable specifications during a run: flat; one member for each part. */
#ifndef SIM_MODEL_STATE_H
#define SIM_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/conduit_state.h"
#include "sim/model/host_state.h"

struct sim_model_state {
	bool begun; /* the mediator has booted, and what it follows is known */
	struct sim_model_host host;
	struct sim_model_conduit conduit;
};

#endif
