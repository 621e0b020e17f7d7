/* SPDX-License-Identifier: MIT */
/*
 * SPMC profiles: descriptions of an SPMC in JSON, fixtures/spmc/NAME.json. A
 * profile has a version, the calls that it implements and a value for each of
 * the behaviours of emu/world/spmc_knobs.def, by default the first of the list.
 *
 * In a scenario "spmc" is the name of a profile, or an object with the same keys
 * that changes one ("profile", the default one if it is missing). Built in are
 * "default", which knows discovery and buffers and nothing else, and "none". A file is looked for
 * in
 *
 *   1. $FFASIM_FIXTURES/spmc, if that is set
 *   2. fixtures/spmc beside the scenario, and beside each folder above it
 *   3. spmc in the fixtures that come with ffasim; see sim/folders.h
 *
 * and the first found is taken. Errors are those of sim/scenario/scenario.h and name
 * the place in the file that is wrong, the profile's own where it is that.
 *
 * Scripts of SPs are here as well: the answers of emu/world/sp.h.
 */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

#include "emu/world/spmc.h"
#include "sim/scenario/load.h"

/* "spmc" of a machine: into struct world_spmc_config. */
extern const struct sim_shape sim_shape_spmc;
sim_handler sim_load_spmc;

/* "1.2" */
extern const struct sim_shape sim_shape_version;

/* "faults" of an SPMC: into struct world_spmc_config. sim_object_behaviour has every knob: into
 * the same. */
extern const struct sim_shape sim_shape_faults;
extern const struct sim_object sim_object_behaviour;
sim_handler sim_load_faults;

/* "features" of an SPMC: into struct world_spmc_config, beside those that are there. */
extern const struct sim_shape sim_shape_features;
sim_handler sim_load_features;

/* "answers" of an SP: into struct sim_sp. */
extern const struct sim_shape sim_shape_answers;
sim_handler sim_load_answers;

/* Loads a profile from its file. */
bool sim_profile_load(const char *path, struct world_spmc_config *ret_config, GError **error);

/* The path of a profile for a scenario of that path; NULL if there is none. Caller frees. */
char *sim_profile_find(const char *name, const char *scenario);

/* The names of the profiles that a scenario of that path can use: the built-in ones, then the
 * files, sorted; NULL-terminated. Caller frees with g_strfreev(). */
char **sim_profile_names(const char *scenario);

#endif
