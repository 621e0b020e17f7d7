/* SPDX-License-Identifier: MIT */
/*
 * Where the files lie that belong to ffasim and are no part of the program: in folders of the
 * installation, if the program runs from one, else in the build tree and the source tree around it.
 * An installation is known by the program's own path, so that it can be moved as a whole.
 *
 *                      installation                    build tree
 *   native subjects    LIBEXECDIR/ffasim/native        ../subjects beside the program
 *   aarch64 subjects   LIBEXECDIR/ffasim/aarch64       ../../aarch64/subjects beside the program
 *   SPMC profiles      DATADIR/ffasim/fixtures         fixtures beside each folder above the
 * program
 *
 * The environment comes first: FFASIM_SUBJECT_DIR, FFASIM_AARCH64_SUBJECT_DIR, FFASIM_FIXTURES.
 */
#ifndef SIM_FOLDERS_H
#define SIM_FOLDERS_H

#include <glib.h>
#include <stdbool.h>

#define SIM_FOLDERS_ABOVE 32u /* most folders above a path that are looked at */

/* Exactly one folder, whether there is one or not. Caller frees. */
char *sim_folder_subjects(bool aarch64);

/* The folders that hold profiles for every scenario, the first first. Elements are char *. */
GPtrArray *sim_folders_fixtures(void);

/* Adds a folder `name` beside the file and beside each folder above it, the nearest first. */
void sim_folders_add_above(GPtrArray *folders, const char *path, const char *name);

#endif
