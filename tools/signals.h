/* SPDX-License-Identifier: MIT */
/* Signals that ask the program to end: they set a flag, and come in only while it waits. */
#ifndef TOOLS_SIGNALS_H
#define TOOLS_SIGNALS_H

#include <signal.h>

extern volatile sig_atomic_t tool_signalled; /* number of the signal; 0: none */

/* Leaves the signals blocked; *ret_wait_mask is the mask that lets them in. */
void tool_signals_watch(sigset_t *ret_wait_mask);

#endif
