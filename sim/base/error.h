/* SPDX-License-Identifier: MIT */
/* The errors of the simulator, as GErrors. */
#ifndef SIM_BASE_ERROR_H
#define SIM_BASE_ERROR_H

#include <glib.h>
#include <stdbool.h>

enum sim_error {
	SIM_ERROR_FILE,        /* cannot be read, or too large */
	SIM_ERROR_SYNTAX,      /* not strict JSON */
	SIM_ERROR_SCHEMA,      /* JSON, but not a scenario */
	SIM_ERROR_EMPTY,       /* nothing to run */
	SIM_ERROR_SUBJECT,     /* missing, refused, died, hangs */
	SIM_ERROR_USAGE,       /* what was asked for does not go together */
	SIM_ERROR_ENVIRONMENT, /* no memory, process or descriptor left; killed from outside */
	SIM_ERROR_BUG,         /* code of ffasim went wrong */
	SIM_ERROR_STOPPED,     /* by a signal or a limit of time, before there was a result */
};

#define SIM_ERROR (sim_error_quark())
GQuark sim_error_quark(void);

/* Whether an errno means that a resource is used up, and not that something is wrong with a file.
 */
bool sim_errno_is_resource(int number);

/* ENVIRONMENT if that is so; `otherwise` if not. */
enum sim_error sim_error_of(int number, enum sim_error otherwise);

/* The same of an error of GLib about a file. */
enum sim_error sim_error_of_file(const GError *error, enum sim_error otherwise);

#endif
