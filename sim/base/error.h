/* SPDX-License-Identifier: MIT */
/* The errors of the simulator, as GErrors. */
#ifndef SIM_BASE_ERROR_H
#define SIM_BASE_ERROR_H

#include <glib.h>

enum sim_error {
	SIM_ERROR_FILE,    /* cannot be read, or too large */
	SIM_ERROR_SYNTAX,  /* not strict JSON */
	SIM_ERROR_SCHEMA,  /* JSON, but not a scenario */
	SIM_ERROR_EMPTY,   /* nothing to run */
	SIM_ERROR_SUBJECT, /* missing, refused, died, hangs */
};

#define SIM_ERROR (sim_error_quark())
GQuark sim_error_quark(void);

#endif
