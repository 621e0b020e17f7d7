/* SPDX-License-Identifier: MIT */
/*
 * A machine on one of the subjects of tests/subjects, over any transport, and
 * what it did as text. One at a time in a test; a test's process ends it.
 */
#ifndef TESTS_UNIT_TEST_EMU_H
#define TESTS_UNIT_TEST_EMU_H

#include <glib.h>

#include "emu/shim/link.h"
#include "emu/world/world.h"
#include "tests/test.h"

struct emu_transport {
	const char *name;
};

/* Cases for TEST_EACH. Where no aarch64 subjects were built, a test of them has nothing to do. */
#define EMU_TRANSPORTS                   \
	{                                \
		{"inline"}, {"process"}, \
		{                        \
			"aarch64"        \
		}                        \
	}

enum { EMU_MAX_VALUES = 8192 };

struct emu {
	struct shim_link link;
	struct world world;
	GString *trace;                  /* an event a line, of the contract or not */
	uint64_t values[EMU_MAX_VALUES]; /* of LOG events, in order */
	unsigned value_count;
	unsigned counts[WORLD_EVENT_COUNT];
};

extern struct emu emu;

/* Path of a built subject: folder "subjects" of this build or of the mediators; caller frees. */
char *emu_path(const char *transport, const char *folder, const char *name);

/* Opens a link on it; what cannot be opened, an aarch64 subject that was not built included, fails
 * the test. */
void emu_open_link(struct shim_link *link, const char *transport, const char *folder,
                   const char *name);

/* The same, and a world on it, with its machine (NULL: an empty one) booted by context 0. The
 * subject is one of tests/subjects, or a mediator. */
void emu_open(const char *transport, const char *name, const struct world_config *config);
void emu_open_mediator(const char *transport, const char *name, const struct world_config *config);
void emu_close(void);

/* Starts a bare context, runs it to its next stop; runs one that must come to its end. */
void emu_bare(uint32_t context, uint32_t index);
enum world_stop emu_run(uint32_t context, uint64_t mask);
void emu_finish(uint32_t context);

/* Everything from the start once more, on the same link. */
void emu_boot_again(const struct world_config *config);

/* A whole bare context in context 0. */
void emu_do(uint32_t index);

/* The last value that was logged. */
uint64_t emu_last(void);

/* Forgets what was recorded. */
void emu_clear(void);

static inline const struct shim_slot *emu_slot(uint32_t context)
{
	return shim_slot(&emu.link.map, context);
}

#endif
