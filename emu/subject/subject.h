/* SPDX-License-Identifier: MIT */
/*
 * The subject SDK: what hosts a mediator under ffasim.
 *
 * A port defines `subject_entries`, the table of its mediator's entry points,
 * and implements the mediator's platform services with the functions below.
 * Linked with the SDK this is a subject: as a shared object ffasim loads it,
 * as a program it runs as a process, natively or as aarch64 under qemu-user.
 *
 * Rules
 *  - Entry points run on fibers, one context at a time; nothing here needs
 *    atomics or thread safety.
 *  - Everything the mediator and its port may write during a run lies in the
 *    heap (subject_alloc), on the stack, or in their own .data and .bss, which
 *    the SDK's linker script gathers. No libc state: no stdio, no malloc.
 *  - Primitives are called from entry points only.
 *
 * libc only; no GLib, so that the aarch64 build needs nothing but a compiler.
 */
#ifndef EMU_SUBJECT_SUBJECT_H
#define EMU_SUBJECT_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "emu/shim/shim.h"

/*
 * A bare context: a plain function on shared state, no FF-A involved. One with
 * `ask` instead of `run` answers a question: its value is the entry's result.
 */
struct subject_bare {
	const char *name;
	void (*run)(void);
	uint64_t (*ask)(void);
};

/* A NULL entry means that the mediator has no such entry point: it returns at once. */
struct subject_entries {
	const char *name; /* printable, at most 31 characters */
	enum ffa_status (*boot)(
	        const char *options); /* "key=value\n" lines; see subject_option() */
	void (*shutdown)(void);
	enum ffa_status (*vm_create)(struct ffa_id vm, uint16_t vcpus);
	bool (*vm_destroy)(struct ffa_id vm); /* false: put off, subject_vm_release() will follow */
	void (*guest_call)(struct ffa_id vm, uint16_t vcpu, struct ffa_regs *regs);
	void (*vcpu_on)(struct ffa_id vm, uint16_t vcpu);
	void (*vcpu_off)(struct ffa_id vm, uint16_t vcpu);
	void (*interrupt)(uint32_t intid);
	void (*work)(uint32_t id);
	void (*timer)(uint32_t id);
	const struct subject_bare *bare;
	uint32_t bare_count;
};

extern const struct subject_entries subject_entries;

/*
 * Locks. The first word holds the object's index and a tag, so a lock that was
 * never initialised, or is finished, is a finding and not a crash. Taking a
 * lock this context holds, and releasing one it does not hold, are findings.
 */
struct subject_lock {
	uint64_t object;
};

void subject_lock_init(struct subject_lock *lock, const char *class_name, struct ffa_id owner);
void subject_lock_fini(struct subject_lock *lock);
void subject_lock_take(struct subject_lock *lock);
bool subject_lock_try(struct subject_lock *lock);
void subject_lock_release(struct subject_lock *lock);

/* The heap of the state area: zeroed, 16-byte aligned; NULL when full or when the world says so. */
void *subject_alloc(size_t size);
void subject_free(void *memory);

/* Services of the world. */
void subject_smc(struct ffa_regs *regs);
enum shim_inject subject_inject(struct ffa_id vm, uint16_t vcpu, uint32_t intid);
bool subject_vcpu_online(struct ffa_id vm, uint16_t vcpu);

/* A page of the hypervisor's own memory; NULL if there is none. Zeroed. */
void *subject_page_alloc(uint64_t *ret_physical);
void subject_page_free(uint64_t physical);

/* A guest's page by its guest physical address; NULL if it has no memory there. */
void *subject_map_page(struct ffa_id vm, uint64_t address, uint64_t *ret_physical);
void subject_unmap_page(const void *page);

/*
 * Deferred work; one-shot timers, which run on the CPU that set them; a place to take interrupts;
 * the end of a destruction put off.
 */
void subject_defer(uint32_t work);
void subject_timer_set(uint32_t timer, uint64_t nanoseconds);
void subject_interrupt_window(void);
void subject_vm_release(struct ffa_id vm);

/* A diagnostic line, never part of a contract trace; level: 0 debug, 1 information, 2 warning, 3
 * error. */
void subject_log(uint32_t level, const char *text, uint64_t value);

/*
 * Looks a key up in the option lines of boot. Copies its value, cut to size,
 * and answers true; false if it is not there. subject_options_known() refuses
 * a key outside the NULL-terminated list and says so to the user.
 */
bool subject_option(const char *options, const char *key, char *ret_value, size_t size);
bool subject_options_known(const char *options, const char *const *keys);

/*
 * Announces what this mediator follows, as words with spaces between them: the
 * name of an executable specification (docs/design/model.md lists them), then
 * what the specification leaves open and how it is decided here. Called while
 * the mediator boots. A name or a word that ffasim does not know, or more than
 * SHIM_PROFILE_SIZE - 2 bytes, makes the subject unusable. Without it the oracle "model"
 * is silent.
 */
void subject_profile(const char *words);

/*
 * The mediator gives up: for its panic, its BUG, its own assertions. The entry ends here, as a
 * finding with this text, cut to SHIM_ERROR_SIZE. assert() of the C library does it by itself.
 */
_Noreturn void subject_panic(const char *text);

/* The physical CPU and the context that run now. */
uint32_t subject_cpu(void);
uint32_t subject_context(void);

#endif
