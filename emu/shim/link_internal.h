/* SPDX-License-Identifier: MIT */
/* Shared by the two transports. */
#ifndef EMU_SHIM_LINK_INTERNAL_H
#define EMU_SHIM_LINK_INTERNAL_H

#include "emu/shim/link.h"

/* Formats link->error; answers -1. */
int shim_link_fail(struct shim_link *link, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* "cannot create a pipe: Too many open files"; `what` is "create a pipe". */
int shim_link_fail_errno(struct shim_link *link, int number, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The file that holds the subject, for whoever reads its symbols. */
void shim_link_note_path(struct shim_link *link, const char *path);

/* Creates and maps the memfds, at their fixed addresses or anywhere; fills in the handshake. */
int shim_link_make_memory(struct shim_link *link, bool fixed);

/* Judges what the subject left in the control memory at attach. */
int shim_link_check_hello(struct shim_link *link);

/* Process transport. */
int shim_link_hand_over(struct shim_link *link, uint32_t context);
void shim_link_end_process(struct shim_link *link);

#endif
