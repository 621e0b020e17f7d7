/* SPDX-License-Identifier: MIT */
#include "tests/subjects/broken.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/subjects/broken_code.h"

static struct subject_lock lock;
static uint32_t calls;
static volatile uintptr_t zero; /* never anything else, but no compiler knows */

void broken_boot(void)
{
	subject_lock_init(&lock, "lock", ffa_make_id(0));
}

void broken_shutdown(void)
{
	subject_lock_fini(&lock);
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

static void send_for_ever(void)
{
	for (;;) {
		struct ffa_regs regs = {{FFA_ID_GET_32}};

		subject_smc(&regs);
	}
}

static void try_for_ever(void)
{
	subject_lock_take(&lock);
	while (!subject_lock_try(&lock))
		;
}

__attribute__((no_sanitize("address", "undefined"))) static void write_null(void)
{
	*(volatile uint32_t *)zero = 1;
}

static void go_wrong(uint32_t how)
{
	static const char line[] = "not ok 1 - forged\n";

	switch (how) {
	case BROKEN_KILL:
		raise(SIGKILL);
		break;
	case BROKEN_EXIT:
		_exit(7);
	case BROKEN_SLEEP:
		sleep_for_ever();
		break;
	case BROKEN_SPIN:
		for (;;)
			__asm__ volatile("");
	case BROKEN_WRITE:
		write_null();
		break;
	case BROKEN_ABORT:
		abort();
	case BROKEN_SMC:
		send_for_ever();
		break;
	case BROKEN_TRY:
		try_for_ever();
		break;
	case BROKEN_PRINT:
		if (write(STDOUT_FILENO, line, sizeof line - 1) < 0)
			abort();
		break;
	default:
		break;
	}
}

void broken_call(struct ffa_id vm, struct ffa_regs *regs)
{
	calls++;
	switch ((uint32_t)regs->x[0]) {
	case FFA_ID_GET_32:
		*regs = (struct ffa_regs){{FFA_SUCCESS_32, 0, vm.v}};
		break;
	case FFA_NOTIFICATION_GET_32:
		*regs = (struct ffa_regs){{FFA_SUCCESS_32}};
		break;
	case FFA_FEATURES_32:
		go_wrong((uint32_t)regs->x[1]);
		*regs = (struct ffa_regs){{FFA_SUCCESS_32}};
		break;
	default:
		*regs = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED}};
	}
}
