/* SPDX-License-Identifier: MIT */
/*
 * Calls and answers as text for people: one line, no end of line, the same for
 * the same registers.
 *
 *   FFA_NOTIFICATION_BIND sender=vm2 receiver=vm1 flags=0x0 bitmap=0x1
 *   SUCCESS vm_bitmap=0x1
 *   DENIED
 *   version=1.2
 *
 * A call shows all its fields. An answer leaves out fields that are zero,
 * except counts and endpoint and vCPU ids. Whatever stands in bits that no
 * field names follows as x9=0x..., the whole register; so two different
 * register files never look alike as long as x0 is a defined id.
 *
 * Both functions work like snprintf(): at most size bytes are written, always
 * with a NUL if size is not 0; the result is the length of the whole text. The
 * buffer may be NULL if size is 0.
 *
 * Hosted: uses the C library's stdio. No state, no allocation.
 */
#ifndef ABI_FFA_TEXT_H
#define ABI_FFA_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "abi/ffa_table.h"

/* Enough for every call and answer as long as endpoint names have at most 24 bytes. */
#define FFA_TEXT_SIZE 768u

/* Names for endpoint ids, such as "vm2"; NULL for an id without one. */
struct ffa_namer {
	const char *(*endpoint)(void *data, struct ffa_id id);
	void *data;
};

/* namer may be NULL: ids are shown as numbers. */
size_t ffa_describe_call(const struct ffa_regs *regs, const struct ffa_namer *namer, char *buffer,
                         size_t size);

/* The answer to a call by call_fid, which decides what the results mean. */
size_t ffa_describe_answer(uint32_t call_fid, const struct ffa_regs *answer,
                           const struct ffa_namer *namer, char *buffer, size_t size);

/* "endpoint", "bitmap"...: the kind of a field; NULL for no kind. */
const char *ffa_kind_name(unsigned kind);

/* One value of a field, as the descriptions show it. */
size_t ffa_describe_value(unsigned kind, uint64_t value, const struct ffa_namer *namer,
                          char *buffer, size_t size);

#endif
