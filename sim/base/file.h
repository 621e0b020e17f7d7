/* SPDX-License-Identifier: MIT */
/*
 * Files that are written as a whole or not at all. A draft is a new file beside
 * the one that it replaces, by a rename once all of it is written: until then, and
 * if anything fails, what was there stays. A symbolic link stays one, and the
 * file that it leads to is replaced; the mode of that file is kept. What is no
 * regular file, a device or a pipe, is written to as it is.
 *
 * Functions that fail return an errno, 0 is success.
 */
#ifndef SIM_BASE_FILE_H
#define SIM_BASE_FILE_H

#include <glib.h>
#include <stdbool.h>

struct sim_draft;

/* NULL, with *ret_errno, if it cannot be begun. */
struct sim_draft *sim_draft_new(const char *path, int *ret_errno);

/* Appends. After an error nothing more is written, and sim_draft_end() returns that error. */
int sim_draft_write(struct sim_draft *draft, const void *bytes, size_t size);

/* Puts the draft in its place, and frees it. durable: it is on the disk when this returns. */
int sim_draft_end(struct sim_draft *draft, bool durable);

/* Leaves what was there, and frees the draft. Accepts NULL. */
void sim_draft_discard(struct sim_draft *draft);

/* All of it at once. */
int sim_file_replace(const char *path, const void *bytes, size_t size, bool durable);

/* Whether a file could be replaced, or made; nothing is changed. */
int sim_file_check(const char *path);

/*
 * The same text for every path that leads to the same file, there or not: over links of both
 * kinds and other spellings. NULL if even its folder is not there. Caller frees.
 */
char *sim_file_key(const char *path);

/* The same for an open file; NULL if it is no regular one. */
char *sim_file_key_of(int fd);

#endif
