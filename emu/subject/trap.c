/* SPDX-License-Identifier: MIT */
/*
 * Signals on a fiber: a trapped SMC instruction is served in place; a crash or
 * a runaway ends the context as a finding and the brain goes on.
 *
 * SIGILL is handled on the fiber's own stack, so that the handler can switch
 * fibers and return later; every other signal on an alternate stack, because
 * the fiber's may be what overflowed. From there pc and sp are rewritten to
 * subject_escape() on the brain's stack, which a signal mask survives.
 */
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "emu/subject/internal.h"

/* A resume that has not come to its stop after this many ticks of CPU time has run away. */
#define WATCHDOG_TICK_MS 100
#define WATCHDOG_TICKS   10u
#define ALT_STACK_SIZE   (64u * 1024u)
/* The escape runs below the brain's saved registers and its red zone. */
#define ESCAPE_GAP 1024u

#define MAX_HANDLERS 8u

/* What was there before: a shared object that is closed leaves the process as it found it. */
static struct previous_handler {
	int number;
	struct sigaction action;
} previous_handlers[MAX_HANDLERS];
static unsigned handler_count;
static stack_t previous_stack;

static char alt_stack[ALT_STACK_SIZE] __attribute__((aligned(16)));
static uint64_t watched_resume;
static unsigned watched_ticks;

#if defined(__x86_64__)
static uint64_t get_pc(const ucontext_t *context)
{
	return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}

static void save_registers(const ucontext_t *context, struct shim_crash *crash)
{
	static const int saved[] = {REG_R15, REG_R14, REG_R13, REG_R12, REG_RBX, REG_RBP};

	crash->sp = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
	for (unsigned i = 0; i < sizeof saved / sizeof saved[0]; i++)
		crash->saved[i] = (uint64_t)context->uc_mcontext.gregs[saved[i]];
}

static void set_escape(ucontext_t *context)
{
	uint64_t sp = (subject_sdk.brain_sp - ESCAPE_GAP) & ~15ull;

	context->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)subject_escape;
	context->uc_mcontext.gregs[REG_RSP] = (greg_t)(sp - 8);
}
#elif defined(__aarch64__)
static uint64_t get_pc(const ucontext_t *context)
{
	return context->uc_mcontext.pc;
}

static void save_registers(const ucontext_t *context, struct shim_crash *crash)
{
	crash->sp = context->uc_mcontext.sp;
	for (unsigned i = 0; i < SHIM_SAVED_REGISTERS; i++)
		crash->saved[i] = context->uc_mcontext.regs[19 + i];
}

static void set_escape(ucontext_t *context)
{
	context->uc_mcontext.pc = (uint64_t)(uintptr_t)subject_escape;
	context->uc_mcontext.sp = (subject_sdk.brain_sp - ESCAPE_GAP) & ~15ull;
}
#endif

/* Sent by another process: nothing that the mediator did. */
static bool is_from_outside(const siginfo_t *info)
{
	return info->si_code <= 0 && info->si_pid != getpid();
}

/*
 * A signal that is not the mediator's goes to whoever handled it before; else it ends the process,
 * one from outside in a way that is nobody's crash.
 */
static void pass_on(int number, siginfo_t *info, void *data)
{
	for (unsigned i = 0; i < handler_count; i++) {
		const struct sigaction *action = &previous_handlers[i].action;

		if (previous_handlers[i].number != number || !(action->sa_flags & SA_SIGINFO))
			continue;
		action->sa_sigaction(number, info, data);
		return;
	}
	signal(number, SIG_DFL);
	if (is_from_outside(info))
		raise(SIGKILL);
}

/* The kernel reports no address for an access to one that no processor has. */
static uint64_t address_of(const siginfo_t *info)
{
	return info->si_code == SI_KERNEL ? SHIM_NO_ADDRESS : (uint64_t)(uintptr_t)info->si_addr;
}

/* The context crashes once the handler has returned. */
static void leave(ucontext_t *context, enum shim_fault fault, int number, const siginfo_t *info)
{
	struct shim_crash *crash = &subject_sdk.control->crash;
	struct shim_slot *slot = subject_slot();

	slot->fault = fault;
	slot->signal = number;
	slot->pc = crash->pc = get_pc(context);
	slot->address = address_of(info);
	crash->context = subject_sdk.current + 1;
	save_registers(context, crash);
	set_escape(context);
}

#if defined(__aarch64__)
/* smc #imm16 and hvc #imm16: bits 31:21 fixed, 4:0 tell them apart (Arm ARM, C6.2 encodings). */
#define EXCEPTION_CALL_MASK 0xffe0001fu
#define SMC_PATTERN         0xd4000003u
#define HVC_PATTERN         0xd4000002u

static bool is_exception_call(uint32_t instruction)
{
	return (instruction & EXCEPTION_CALL_MASK) == SMC_PATTERN ||
	       (instruction & EXCEPTION_CALL_MASK) == HVC_PATTERN;
}

static uint32_t immediate_of(uint32_t instruction)
{
	return instruction >> 5 & 0xffffu;
}

static void serve_smc(ucontext_t *context)
{
	struct ffa_regs regs;

	subject_sdk.control->traps++;
	for (unsigned i = 0; i < FFA_REG_COUNT; i++)
		regs.x[i] = context->uc_mcontext.regs[i];
	subject_smc(&regs);
	for (unsigned i = 0; i < FFA_REG_COUNT; i++)
		context->uc_mcontext.regs[i] = regs.x[i];
	context->uc_mcontext.pc += 4;
}

static void handle_illegal(int number, siginfo_t *info, void *data)
{
	ucontext_t *context = data;
	uint32_t instruction;

	if (subject_sdk.current == SUBJECT_NO_CONTEXT || is_from_outside(info)) {
		pass_on(number, info, data);
		return;
	}
	memcpy(&instruction, (const void *)(uintptr_t)get_pc(context), sizeof instruction);
	if ((instruction & EXCEPTION_CALL_MASK) == SMC_PATTERN && !immediate_of(instruction))
		serve_smc(context);
	else
		leave(context,
		      is_exception_call(instruction) ? SHIM_FAULT_INSTRUCTION : SHIM_FAULT_SIGNAL,
		      number, info);
}
#endif

static void handle_crash(int number, siginfo_t *info, void *data)
{
	if (subject_sdk.current == SUBJECT_NO_CONTEXT || is_from_outside(info)) {
		pass_on(number, info, data);
		return;
	}
	leave(data, SHIM_FAULT_SIGNAL, number, info);
}

static void handle_tick(int number, siginfo_t *info, void *data)
{
	if (watched_resume != subject_sdk.resumes) {
		watched_resume = subject_sdk.resumes;
		watched_ticks = 0;
		return;
	}
	/* the brain may be reading a full ring in the middle of the resume */
	if (subject_sdk.current == SUBJECT_NO_CONTEXT || ++watched_ticks < WATCHDOG_TICKS)
		return;
	watched_ticks = 0;
	leave(data, SHIM_FAULT_RUNAWAY, number, info);
}

static int install(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
	struct previous_handler *previous = &previous_handlers[handler_count];

	sigemptyset(&action.sa_mask);
	if (handler_count == MAX_HANDLERS || sigaction(number, &action, &previous->action))
		return -1;
	previous->number = number;
	handler_count++;
	return 0;
}

__attribute__((destructor)) static void restore_handlers(void)
{
	const struct itimerval off = {.it_value = {0}};

	if (!handler_count)
		return;
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	while (handler_count--)
		sigaction(previous_handlers[handler_count].number,
		          &previous_handlers[handler_count].action, NULL);
	sigaltstack(&previous_stack, NULL);
}

static int start_watchdog(void)
{
	struct itimerval interval = {.it_interval = {.tv_usec = WATCHDOG_TICK_MS * 1000},
	                             .it_value = {.tv_usec = WATCHDOG_TICK_MS * 1000}};

	return setitimer(ITIMER_VIRTUAL, &interval, NULL);
}

int subject_trap_init(void)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGTRAP, SIGABRT};
	stack_t stack = {.ss_sp = alt_stack, .ss_size = sizeof alt_stack};

	if (sigaltstack(&stack, &previous_stack))
		return -1;
	for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
		if (install(crashes[i], handle_crash, SA_ONSTACK | SA_NODEFER))
			return -1;
#if defined(__aarch64__)
	if (install(SIGILL, handle_illegal, SA_NODEFER))
		return -1;
#else
	if (install(SIGILL, handle_crash, SA_ONSTACK | SA_NODEFER))
		return -1;
#endif
	if (install(SIGVTALRM, handle_tick, SA_ONSTACK | SA_RESTART))
		return -1;
	return start_watchdog();
}
