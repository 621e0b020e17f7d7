/* SPDX-License-Identifier: MIT */
/*
 * The brain's end of the shim: opens a subject over one of the two transports
 * and resumes its contexts. Knows nothing of FF-A.
 *
 *   inline    a shared object in this process; a resume is a fiber switch
 *   process   a program of its own (native, or aarch64 under qemu-user); a
 *             resume is a futex hand-over, both ends pinned to one CPU
 *
 * Only one inline subject can be open in a process at a time, because its
 * state lies at a fixed address. Functions answer 0, or -1 with the cause in
 * link->error; after an error of shim_link_resume() the link can only be closed.
 */
#ifndef EMU_SHIM_LINK_H
#define EMU_SHIM_LINK_H

#include <stdbool.h>
#include <sys/types.h>

#include "emu/shim/shim.h"

/* How long a process subject may take for one answer before it is given up, in seconds. */
#define SHIM_ANSWER_TIMEOUT 20u

struct shim_link {
	struct shim_map map;
	uint8_t *sections; /* the mediator's writable sections, as the brain sees them */
	uint64_t sections_size;
	uint64_t state_base;                /* address of map.state in the subject */
	const struct shim_subject *subject; /* inline only */
	void *library;
	pid_t pid;        /* process only; 0 otherwise */
	unsigned timeout; /* seconds */
	int fds[SHIM_FD_COUNT];
	/* Called for every event in order, before shim_link_resume() returns. */
	void (*on_event)(void *user, const struct shim_event *event);
	void *user;
	/* Counted up before and after code of an inline subject runs: odd meanwhile. NULL: not. */
	uint64_t *entries;
	char error[512];
	/* What is behind the error, if the subject is not: */
	int error_number; /* errno of what could not be had, or 0 */
	int death;        /* the signal that ended the process of a subject, or 0 */
	bool stopped;     /* that process does not answer because a signal has stopped it */
	char path[1024];  /* the subject's file; "" if that is too long */
};

/* Prepares a closed link; timeout 0 means SHIM_ANSWER_TIMEOUT. */
void shim_link_init(struct shim_link *link, unsigned timeout);

/* path: a shared object. Not found, not a subject, another shim version: -1. */
int shim_link_open_inline(struct shim_link *link, const char *path);

/* argv: NULL-terminated; argv[0] is looked up in PATH unless it has a '/'. The child dies with the
 * caller. */
int shim_link_open_process(struct shim_link *link, const char *const *argv);

/* Runs one context to its next stop. mask: points of enum shim_point at which it stops. */
int shim_link_resume(struct shim_link *link, uint32_t context, uint64_t mask);

/* Accepts a link that is not open. A process that does not exit by itself is killed. */
void shim_link_close(struct shim_link *link);

/* The live part of a stopped context's stack: address as the brain sees it, and length. */
static inline uint8_t *shim_link_stack(const struct shim_link *link, uint32_t context,
                                       uint64_t *ret_size)
{
	uint64_t top = SHIM_STACK_OFFSET + (uint64_t)(context + 1) * SHIM_STACK_SIZE;
	uint64_t offset = shim_slot(&link->map, context)->sp - link->state_base;

	if (offset > top || top - offset > SHIM_STACK_SIZE) {
		*ret_size = 0;
		return link->map.state + top;
	}
	*ret_size = top - offset;
	return link->map.state + offset;
}

/*
 * Where the brain sees size bytes of the subject, in its sections, its state or the machine's
 * memory; NULL if they are elsewhere.
 */
static inline const uint8_t *shim_link_at(const struct shim_link *link, uint64_t address,
                                          uint64_t size)
{
	const struct shim_sections *sections = &link->map.control->sections;

	if (address - sections->address < sections->size &&
	    size <= sections->size - (address - sections->address))
		return link->sections + (address - sections->address);
	if (address - SHIM_STATE_BASE < SHIM_STATE_SIZE &&
	    size <= SHIM_STATE_SIZE - (address - SHIM_STATE_BASE))
		return link->map.state + (address - SHIM_STATE_BASE);
	if (address - SHIM_MEMORY_BASE < SHIM_MEMORY_SIZE &&
	    size <= SHIM_MEMORY_SIZE - (address - SHIM_MEMORY_BASE))
		return link->map.memory + (address - SHIM_MEMORY_BASE);
	return NULL;
}

#endif
