/* SPDX-License-Identifier: MIT */
/*
 * Files of an exploration that are read again: JSON objects on one line, whose
 * first members are the kind and the version and whose last one, "sha256", is the
 * digest of all bytes before it. Whoever reads one knows whether it is as it was
 * written.
 */
#ifndef SIM_EXPLORE_SEAL_H
#define SIM_EXPLORE_SEAL_H

#include <glib.h>
#include <json-c/json.h>

/* An object that begins with this kind and version; one reference, the caller's. */
struct json_object *sim_seal_new(const char *kind, int version);

/* The text of such an object, with the digest. Caller frees. */
char *sim_seal_text(struct json_object *object);

/*
 * The object in the text; NULL, with what is wrong with it in a few words: "is no KIND
 * of an exploration", "is a KIND of another version of ffasim", or "is damaged...".
 */
struct json_object *sim_seal_open(const char *text, gsize size, const char *kind, int version,
                                  char **ret_why);

#endif
