/* SPDX-License-Identifier: MIT */
/*
 * Finding and opening subjects. "inline", "process" and "aarch64" name the
 * three ways to run the mediator that a scenario asks for, under the folder of
 * subjects; anything else is the path of a subject, ours or anybody's:
 *
 *   NAME.so          a shared object, inline
 *   an aarch64 ELF   under qemu-aarch64
 *   anything else    a program of this machine
 */
#ifndef SIM_SUBJECT_H
#define SIM_SUBJECT_H

#include <glib.h>

#include "emu/shim/link.h"
#include "sim/base/process.h"

struct sim_subject_request {
	const char *subject;   /* NULL: "inline" */
	const char *build;     /* NULL: "plain" */
	const char *mediator;  /* base name; unused for a path */
	const char *directory; /* NULL: sim_folder_subjects() */
	unsigned timeout;
};

/* The file that a request stands for, whether there is one or not. Caller frees. */
char *sim_subject_path(const struct sim_subject_request *request);

/* Opens the link; on failure it is closed again and the error is SIM_ERROR_SUBJECT, or
 * SIM_ERROR_ENVIRONMENT. */
bool sim_subject_open(struct shim_link *link, const struct sim_subject_request *request,
                      GError **error);

/* Whether another program executes the code of an open subject, so that a fault is what it says. */
bool sim_subject_is_emulated(const struct shim_link *link);

/*
 * A few digits that differ between builds of a subject, made of its file: enough to notice that
 * something was found on another one. Empty if the file cannot be read.
 */
#define SIM_SUBJECT_ID_SIZE 7u
void sim_subject_id(const struct sim_subject_request *request,
                    char ret_id[static SIM_SUBJECT_ID_SIZE]);

/* Who is to blame for the error of a link: the subject, or the environment. */
enum sim_blame sim_subject_blame(const struct shim_link *link);

/* Seconds that a subject has for an answer, if so many are asked for; 0: the default. */
unsigned sim_subject_timeout(unsigned asked);

/* Whether `subject` is one of the three names and not a path. */
bool sim_subject_is_name(const char *subject);

#endif
