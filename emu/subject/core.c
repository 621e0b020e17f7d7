/* SPDX-License-Identifier: MIT */
/* Contexts: how one is started, announces its points, stops and is resumed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emu/subject/internal.h"
#include "emu/subject/sanitize.h"

#ifndef SUBJECT_SHIM_VERSION
#define SUBJECT_SHIM_VERSION SHIM_VERSION
#endif

/* The gathered writable sections, alone on their pages; see state.ld. */
extern char subject_sections_start[], subject_sections_stop[];
/* The whole module, by names of the linker's own. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

/* There if the hooks of an instrumented build are linked. */
extern void __tsan_init(void) __attribute__((weak));

struct subject_sdk subject_sdk = {.current = SUBJECT_NO_CONTEXT};

void subject_write_event(enum shim_point point, uint32_t object, uint32_t flags, uint64_t a,
                         uint64_t b, uint64_t c)
{
	struct shim_control *control = subject_sdk.control;

	while (control->head - control->tail == SHIM_RING_EVENTS)
		subject_stop(SHIM_SLOT_DRAIN);
	control->ring[control->head % SHIM_RING_EVENTS] = (struct shim_event){
	        .context = (uint8_t)subject_sdk.current,
	        .point = (uint8_t)point,
	        .object = (uint16_t)object,
	        .flags = flags,
	        .arg = {a, b, c},
	};
	control->head++;
}

_Noreturn void subject_fault(enum shim_fault fault, const char *text)
{
	subject_slot()->fault = fault;
	subject_sdk.control->crash.context = 0;
	if (text)
		snprintf(subject_sdk.control->error, SHIM_ERROR_SIZE, "%s", text);
	for (;;)
		subject_stop(SHIM_SLOT_CRASHED);
}

_Noreturn void subject_panic(const char *text)
{
	subject_fault(SHIM_FAULT_PANIC, text);
}

/* What assert() of the C library calls: the text is kept, where the library would only print it. */
_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned int line,
                             const char *function)
{
	char text[SHIM_ERROR_SIZE];

	if (subject_sdk.current == SUBJECT_NO_CONTEXT) {
		fprintf(stderr, "%s:%u: %s: assertion '%s' failed\n", file, line, function,
		        assertion);
		abort();
	}
	snprintf(text, sizeof text, "assertion '%s' failed", assertion);
	subject_panic(text);
}

/* Never returns, so nobody would take the red zones of an instrumented frame off the brain's stack.
 */
__attribute__((no_sanitize_address)) _Noreturn void subject_escape(void)
{
	struct sanitize_fiber fiber;
	uint64_t nowhere;

	shim_slot(&subject_sdk.map, subject_sdk.current)->state = SHIM_SLOT_CRASHED;
	sanitize_leave(&fiber, true);
	subject_sdk.current = SUBJECT_NO_CONTEXT;
	subject_fiber_switch(&nowhere, subject_sdk.brain_sp);
	__builtin_unreachable();
}

uint32_t subject_cpu(void)
{
	return subject_slot()->cpu;
}

uint32_t subject_context(void)
{
	return subject_sdk.current;
}

/* Not inlined: its registers would lie on the stack of every other kind of entry too. */
__attribute__((noinline)) static void run_guest_call(struct shim_slot *slot)
{
	struct ffa_regs regs = slot->regs;

	if (subject_entries.guest_call)
		subject_entries.guest_call(ffa_make_id((uint32_t)slot->entry_arg[0]),
		                           (uint16_t)slot->entry_arg[1], &regs);
	slot->regs = regs;
}

static void run_vm_entry(struct shim_slot *slot)
{
	const struct subject_entries *entries = &subject_entries;
	struct ffa_id vm = ffa_make_id((uint32_t)slot->entry_arg[0]);
	uint16_t number = (uint16_t)slot->entry_arg[1];

	if (slot->entry == SHIM_ENTRY_VM_CREATE && entries->vm_create)
		slot->entry_result = (uint64_t)(int64_t)entries->vm_create(vm, number);
	else if (slot->entry == SHIM_ENTRY_VM_DESTROY && entries->vm_destroy)
		slot->entry_result = !entries->vm_destroy(vm);
	else if (slot->entry == SHIM_ENTRY_VCPU_ON && entries->vcpu_on)
		entries->vcpu_on(vm, number);
	else if (slot->entry == SHIM_ENTRY_VCPU_OFF && entries->vcpu_off)
		entries->vcpu_off(vm, number);
}

static void run_bare(struct shim_slot *slot)
{
	const struct subject_bare *bare = &subject_entries.bare[slot->entry_arg[0]];

	if (slot->entry_arg[0] >= subject_entries.bare_count)
		return;
	if (bare->ask)
		slot->entry_result = bare->ask();
	else
		bare->run();
}

static void run_entry(struct shim_slot *slot)
{
	const struct subject_entries *entries = &subject_entries;
	uint32_t number = (uint32_t)slot->entry_arg[0];

	slot->entry_result = 0;
	switch (slot->entry) {
	case SHIM_ENTRY_BOOT:
		if (entries->boot)
			slot->entry_result =
			        (uint64_t)(int64_t)entries->boot(subject_sdk.control->options);
		break;
	case SHIM_ENTRY_SHUTDOWN:
		if (entries->shutdown)
			entries->shutdown();
		break;
	case SHIM_ENTRY_GUEST_CALL:
		run_guest_call(slot);
		break;
	case SHIM_ENTRY_INTERRUPT:
		if (entries->interrupt)
			entries->interrupt(number);
		break;
	case SHIM_ENTRY_WORK:
		if (entries->work)
			entries->work(number);
		break;
	case SHIM_ENTRY_TIMER:
		if (entries->timer)
			entries->timer(number);
		break;
	case SHIM_ENTRY_BARE:
		run_bare(slot);
		break;
	default:
		run_vm_entry(slot);
	}
}

static void context_main(void)
{
	struct shim_slot *slot = subject_slot();

	sanitize_enter(NULL);
	subject_point(SHIM_POINT_CALL, 0, slot->entry, slot->entry_arg[0], slot->entry_arg[1]);
	run_entry(slot);
	slot->point = SHIM_POINT_RETURN;
	subject_event(SHIM_POINT_RETURN, 0, 0, slot->entry, slot->entry_result, 0);
	for (;;)
		subject_stop(SHIM_SLOT_DONE);
}

/* Its last call is the switch, so that the way back from a fiber leads to the caller at once. */
static inline void resume(uint32_t context)
{
	struct shim_slot *slot = shim_slot(&subject_sdk.map, context);
	uintptr_t bottom = subject_stack_bottom(context);
	struct sanitize_fiber fiber;

	if (slot->state == SHIM_SLOT_READY)
		slot->sp = subject_fiber_prepare(bottom + SHIM_STACK_SIZE, context_main);
	if (slot->state != SHIM_SLOT_DRAIN)
		subject_sdk.resumes++;
	slot->state = SHIM_SLOT_RUNNING;
	subject_sdk.current = context;
	sanitize_start(&fiber, (void *)bottom, SHIM_STACK_SIZE);
	subject_fiber_switch(&subject_sdk.brain_sp, slot->sp);
	sanitize_finish(&fiber);
}

static void subject_resume(uint32_t context)
{
	resume(context);
}

uint64_t subject_next_stack(enum shim_slot_state state)
{
	uint32_t me = subject_sdk.current, next = SUBJECT_NO_CONTEXT;

	if (state == SHIM_SLOT_STOPPED || state == SHIM_SLOT_DONE)
		next = subject_sdk.next(subject_sdk.user, me);
	subject_sdk.current = next;
	if (next == SUBJECT_NO_CONTEXT)
		return subject_sdk.brain_sp;
	subject_sdk.resumes++;
	return next == me ? 0 : shim_slot(&subject_sdk.map, next)->sp;
}

#ifdef __SANITIZE_ADDRESS__
#define subject_run NULL
#else
static void subject_run(uint32_t context, shim_next *next, void *user)
{
	subject_sdk.next = next;
	subject_sdk.user = user;
	resume(context);
	subject_sdk.next = NULL;
}
#endif

static int refuse(struct shim_control *control, const char *text)
{
	snprintf(control->error, SHIM_ERROR_SIZE, "%s", text);
	control->hello = SHIM_HELLO_REFUSED;
	return -1;
}

/* A stack that runs over its end hits a page without access, not the next context. */
static int guard_stacks(void)
{
	for (uint32_t i = 0; i < SHIM_MAX_CONTEXTS; i++)
		if (mprotect((void *)subject_stack_bottom(i), SHIM_PAGE, PROT_NONE))
			return -1;
	return 0;
}

static int subject_attach(const struct shim_map *map)
{
	struct shim_control *control = map->control;

	control->peer_version = SUBJECT_SHIM_VERSION;
	if (control->magic != SHIM_MAGIC)
		return refuse(control, "the control memory has another magic number");
	if (control->version != SUBJECT_SHIM_VERSION)
		return refuse(control, "the subject was built for another version of the shim");
	if (control->size != sizeof *control || control->slot_size != sizeof(struct shim_slot) ||
	    control->core_size != sizeof(struct shim_core))
		return refuse(control, "the subject was built with another layout of the shim");
	if ((uintptr_t)map->state != SHIM_STATE_BASE)
		return refuse(control, "the state is not mapped at its fixed address");
	subject_sdk.map = *map;
	subject_sdk.control = control;
	subject_sdk.core = shim_core(map);
	control->sections.address = (uint64_t)(uintptr_t)subject_sections_start;
	control->sections.size = (uint64_t)(subject_sections_stop - subject_sections_start);
	control->image.address = (uint64_t)(uintptr_t)__ehdr_start;
	control->image.size = (uint64_t)(_end - __ehdr_start);
	if (control->sections.size > SHIM_SECTION_MAX)
		return refuse(control, "the mediator's writable sections exceed SHIM_SECTION_MAX");
	if (guard_stacks() || subject_trap_init())
		return refuse(control, "cannot set up stacks and signal handlers");
	snprintf(control->subject, sizeof control->subject, "%s", subject_entries.name);
	snprintf(control->build, sizeof control->build, "%s", subject_build);
	control->instrumented = __tsan_init != NULL;
	control->hello = SHIM_HELLO_READY;
	return 0;
}

__attribute__((visibility("default"))) const struct shim_subject shim_subject = {
        .version = SUBJECT_SHIM_VERSION,
        .size = sizeof(struct shim_subject),
        .attach = subject_attach,
        .resume = subject_resume,
        .run = subject_run,
};
