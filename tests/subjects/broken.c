/* SPDX-License-Identifier: MIT */
#include "tests/subjects/broken.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/subjects/broken_code.h"

static struct subject_lock lock;
static struct subject_lock ordered[3];
static bool is_slow;
static bool is_ordered; /* somebody has taken two of them */
static uint32_t calls;
static const uint32_t constant = 7;
static volatile uintptr_t zero; /* never anything else, but no compiler knows */

void broken_boot(void)
{
	static const char *const names[] = {"a", "b", "c"};

	subject_lock_init(&lock, "lock", ffa_make_id(0));
	for (unsigned i = 0; i < 3; i++)
		subject_lock_init(&ordered[i], names[i], ffa_make_id(0));
	is_ordered = is_slow = false;
}

void broken_shutdown(void)
{
	subject_lock_fini(&lock);
	for (unsigned i = 0; i < 3; i++)
		subject_lock_fini(&ordered[i]);
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

static void fail_assertion(void)
{
	assert(calls == 0);
}

/* Its frames are large, so that they are few. */
__attribute__((noinline, no_sanitize("address"))) static uint32_t call_itself(uint32_t depth)
{
	volatile uint8_t frame[1024];

	frame[depth % sizeof frame] = (uint8_t)depth;
	if (zero)
		return depth;
	return call_itself(depth + 1) + frame[depth % sizeof frame];
}

static void release_free_lock(void)
{
	subject_lock_release(&lock);
	calls++;
}

static void take_twice(void)
{
	subject_lock_take(&lock);
	subject_lock_take(&lock);
	calls++;
}

static void free_nothing(void)
{
	subject_free(&calls);
	calls++;
}

static void jump_to_null(void)
{
	((void (*)(void))zero)();
	calls++;
}

/* Neither half of the addresses that have 48 bits. */
__attribute__((no_sanitize("address", "undefined"))) static void write_wild(void)
{
	*(volatile uint32_t *)(zero + (UINT64_C(1) << 62)) = 1;
}

__attribute__((no_sanitize("address", "undefined"))) static void write_constant(void)
{
	*(volatile uint32_t *)(uintptr_t)&constant = 1;
}

static void become_slow(void)
{
	is_slow = true;
}

static void answer_get(struct ffa_regs *regs)
{
	for (unsigned i = 0; is_slow && i < 2000; i++) {
		*regs = (struct ffa_regs){{FFA_ID_GET_32}};
		subject_smc(regs);
	}
	*regs = (struct ffa_regs){{FFA_SUCCESS_32}};
}

static void take_two(unsigned first, unsigned second)
{
	if (is_ordered)
		return;
	is_ordered = true;
	subject_lock_take(&ordered[first]);
	subject_lock_take(&ordered[second]);
	subject_lock_release(&ordered[second]);
	subject_lock_release(&ordered[first]);
}

static void take_a_b(void)
{
	take_two(0, 1);
}

static void take_b_a(void)
{
	take_two(1, 0);
}

static void take_b_c(void)
{
	take_two(1, 2);
}

static void take_c_a(void)
{
	take_two(2, 0);
}

static void die_once(void)
{
	const char *path = getenv("BROKEN_ONCE");

	if (path && open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0)
		raise(SIGKILL);
}

static void die_of_time(void)
{
	signal(SIGXCPU, SIG_DFL);
	raise(SIGXCPU);
}

/* Spawned and not forked: a copy of this process would run on the same stack. */
static void die_of_others(void)
{
	static const char *const arguments[] = {"sh", "-c", "kill -SEGV $PPID", NULL};
	pid_t pid;

	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, (char *const *)(uintptr_t)arguments, NULL) ==
	    0)
		sleep_for_ever();
}

static void be_stopped(void)
{
	raise(SIGSTOP);
}

static void leave(void)
{
	exit(3);
}

/* How a call goes wrong that comes back if nothing notices. */
static void (*const ways[])(void) = {
        [BROKEN_ASSERT] = fail_assertion, [BROKEN_RELEASE] = release_free_lock,
        [BROKEN_RETAKE] = take_twice,     [BROKEN_FREE] = free_nothing,
        [BROKEN_JUMP] = jump_to_null,     [BROKEN_WILD] = write_wild,
        [BROKEN_STATIC] = write_constant, [BROKEN_AB] = take_a_b,
        [BROKEN_BA] = take_b_a,           [BROKEN_BC] = take_b_c,
        [BROKEN_CA] = take_c_a,           [BROKEN_ONCE] = die_once,
        [BROKEN_CPU] = die_of_time,       [BROKEN_OUTSIDE] = die_of_others,
        [BROKEN_STOP] = be_stopped,       [BROKEN_LEAVE] = leave,
        [BROKEN_SLOW] = become_slow,
};

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
			_exit(1);
		break;
	case BROKEN_PANIC:
		subject_panic("the test asks for it");
	case BROKEN_STACK:
		calls += call_itself(0);
		break;
	default:
		if (how < sizeof ways / sizeof ways[0] && ways[how])
			ways[how]();
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
		answer_get(regs);
		break;
	case FFA_FEATURES_32:
		go_wrong((uint32_t)regs->x[1]);
		*regs = (struct ffa_regs){{FFA_SUCCESS_32}};
		break;
	default:
		*regs = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED}};
	}
}
