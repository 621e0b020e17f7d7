/* SPDX-License-Identifier: MIT */
/* Bytes between a process and those it forks. */
#ifndef SIM_STREAM_H
#define SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>

/* All of them, over interruptions; false: the other end is closed, or broken. */
bool sim_write_all(int fd, const void *data, size_t size);
bool sim_read_all(int fd, void *data, size_t size);

/*
 * Of a process that runs a subject: whatever a subject prints is no output of ours, and our input
 * is not for it.
 */
void sim_separate_streams(void);

#endif
