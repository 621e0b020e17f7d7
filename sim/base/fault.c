/* SPDX-License-Identifier: MIT */
#include "sim/base/fault.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The least that the allocator asks the kernel for. */
#define PROBE_SIZE (1u << 20)
#define ALT_STACK  (64u * 1024u)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static const int own_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};

static struct sim_fault fault;
static sim_fault_fn *fault_fn;
static char alt_stack[ALT_STACK] __attribute__((aligned(16)));

bool sim_fault_is_own(int number)
{
	for (size_t i = 0; i < G_N_ELEMENTS(own_signals); i++)
		if (number == own_signals[i])
			return true;
	return false;
}

static bool is_memory_used_up(void)
{
	void *probe =
	        mmap(NULL, PROBE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (probe == MAP_FAILED)
		return true;
	munmap(probe, PROBE_SIZE);
	return false;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	fault.number = number;
	if (info->si_code <= 0 && info->si_pid != getpid())
		fault.sender = info->si_pid;
	fault.no_memory = fault.no_memory || is_memory_used_up();
	fault_fn(&fault);
	signal(number, SIG_DFL);
	raise(number);
}

/* GLib says what could not be allocated, then traps. */
static void on_fatal(const char *domain, GLogLevelFlags level, const char *message, void *user)
{
	const char *what = message ? strstr(message, "failed to allocate") : NULL;

	if (what) {
		fault.no_memory = true;
		g_strlcpy(fault.text, what, sizeof fault.text);
		return;
	}
	g_log_default_handler(domain, level, message, user);
}

void sim_fault_watch(sim_fault_fn *fn)
{
	struct sigaction action = {.sa_sigaction = on_signal,
	                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
	stack_t stack = {.ss_sp = alt_stack, .ss_size = sizeof alt_stack};

	if (!fault_fn)
		g_log_set_handler("GLib",
		                  G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION,
		                  on_fatal, NULL);
	fault_fn = fn;
	memset(&fault, 0, sizeof fault);
	if (SANITIZED || sigaltstack(&stack, NULL))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(own_signals); i++)
		sigaction(own_signals[i], &action, NULL);
}
