/* SPDX-License-Identifier: MIT */
/* The memory of the executable specifications during a run: flat; one member for each part. */
#ifndef SIM_MODEL_STATE_H
#define SIM_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/conduit_state.h"
#include "sim/model/guest.h"
#include "sim/model/host_state.h"

struct sim_model_state {
	uint8_t number; /* of the specification that is followed, from 1; 0: not known yet */
	uint8_t reserved[7];
	union { /* of one specification or the other */
		struct {
			struct sim_guest_state guests;
			struct sim_model_conduit conduit;
		};
		struct sim_model_host host;
	};
};

#endif
