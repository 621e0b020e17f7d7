/* SPDX-License-Identifier: MIT */
#include "tools/signals.h"

#include <stddef.h>

volatile sig_atomic_t tool_signalled;

static void note_signal(int number)
{
	tool_signalled = number;
}

void tool_signals_watch(sigset_t *ret_wait_mask)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
	struct sigaction action = {.sa_handler = note_signal};
	sigset_t blocked;

	sigemptyset(&blocked);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		sigaddset(&blocked, numbers[i]);
		sigaction(numbers[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, ret_wait_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigdelset(ret_wait_mask, numbers[i]);
}
