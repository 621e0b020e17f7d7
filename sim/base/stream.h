/* SPDX-License-Identifier: MIT */
/* Bytes between a process and those it forks. */
#ifndef SIM_BASE_STREAM_H
#define SIM_BASE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

/* All of them, over interruptions; false: the other end is closed, or broken. */
bool sim_write_all(int fd, const void *data, size_t size);
bool sim_read_all(int fd, void *data, size_t size);

#endif
