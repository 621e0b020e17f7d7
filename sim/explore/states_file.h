/* SPDX-License-Identifier: MIT */
/*
 * The hashes of the states that a stateful search has seen, beside its
 * checkpoint, in FILE.states or FILE.states2: behind a head of 16 bytes 8 bytes
 * each, as the machine has them. The file grows at its end; the checkpoint names
 * it and says how many hashes count, and their digest.
 *
 * A search that begins anew writes into the file that the checkpoint on disk does
 * not name: until it is replaced, that checkpoint stays one to go on from.
 *
 * Functions return an errno, 0 is success.
 */
#ifndef SIM_EXPLORE_STATES_FILE_H
#define SIM_EXPLORE_STATES_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Zero: nothing is written. */
struct sim_states_file {
	unsigned number; /* 1 or 2; 0: not chosen */
	guint count;     /* hashes that are in it */
	GChecksum *digest;
	bool hurried; /* not on the disk before it goes on */
};

/* The path of one of the two. Caller frees. */
char *sim_states_path(const char *checkpoint, unsigned number);

/* Forgets what was written; the next hashes begin a file. */
void sim_states_reset(struct sim_states_file *file);

/* Appends what the log has more. *ret_path, on an error: the file; caller frees. */
int sim_states_append(struct sim_states_file *file, const char *checkpoint, const GArray *log,
                      char **ret_path);

/* "sha256" of the hashes that are written. Caller frees. */
char *sim_states_digest(const struct sim_states_file *file);

/* Removes the other file, which no checkpoint names any more. */
void sim_states_drop_other(const struct sim_states_file *file, const char *checkpoint);

/*
 * The first `count` hashes of a file; NULL, with a few words on what is wrong. It goes on behind
 * them if `file` is given. Caller unrefs.
 */
GArray *sim_states_read(const char *checkpoint, unsigned number, guint64 count, const char *digest,
                        const char **ret_why, struct sim_states_file *file);

#endif
