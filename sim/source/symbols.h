/* SPDX-License-Identifier: MIT */
/*
 * Where in its sources a subject is, by the debug info of its file: code
 * addresses as "FILE:LINE (FUNCTION)", data as "SYMBOL+0xOFFSET". Native and
 * aarch64 files alike. Paths are relative to the root of the sources, so that
 * two builds of the same sources name the same places.
 *
 * Without debug info places are told as what is known: a function, or nothing.
 */
#ifndef SIM_SOURCE_SYMBOLS_H
#define SIM_SOURCE_SYMBOLS_H

#include <glib.h>

#include "emu/shim/link.h"

struct sim_symbols;

/* Of the subject behind an open link. Never NULL. Nothing is read before the first question. */
struct sim_symbols *sim_symbols_new(const struct shim_link *link);
void sim_symbols_free(struct sim_symbols *symbols); /* accepts NULL */

/* pc: behind the instruction meant, as in slot.pc. Never NULL; lives as long as the source. */
const char *sim_symbols_place(struct sim_symbols *symbols, uint64_t pc);

/*
 * A source file as the compiler was given it, relative to the root of the sources. A build folder
 * lies in the tree, or beside it: of "../../mediator/x.c" the root is behind the last "..". folder:
 * where the compiler ran, or NULL. Part of path.
 */
const char *sim_source_path(const char *path, const char *folder);

/* The variable that holds the address, static in the mediator; NULL if none does. Caller frees. */
char *sim_symbols_variable(struct sim_symbols *symbols, uint64_t address);

#endif
