/* SPDX-License-Identifier: MIT */
/*
 * Names and values: function ids, status codes and the fields of a call.
 *
 * Freestanding; pure functions of their arguments and abi/ffa_table.h, so
 * anybody may call them at any time. No argument is ever trusted: every
 * register and id value has an answer. Pointers must not be NULL unless a
 * function says so.
 */
#ifndef ABI_FFA_DECODE_H
#define ABI_FFA_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"
#include "abi/ffa_table.h"

/* Neither success nor a well-formed error; equal to no status code. */
#define FFA_STATUS_NONE INT32_MIN

enum ffa_fields { FFA_ARGUMENTS, FFA_RESULTS };

/* The calls with a name, in order of their numbers: i < ffa_call_count(), else NULL. */
size_t ffa_call_count(void);
const struct ffa_call *ffa_call_at(size_t i);

/* NULL for an id that the framework does not define, a wrong width included. */
const struct ffa_call *ffa_call_by_fid(uint32_t fid);

/*
 * "FFA_NOTIFICATION_SET" finds the 32-bit id where there is one, else the
 * 64-bit id; a suffix _32 or _64 asks for that width. NULL if there is no such
 * call or width; then *ret_fid is left alone. ret_fid may be NULL.
 */
const struct ffa_call *ffa_call_by_name(const char *name, uint32_t *ret_fid);

/* "FFA_NOTIFICATION_SET", "FFA_NOTIFICATION_INFO_GET_64": a suffix only where both widths exist. */
const char *ffa_fid_name(uint32_t fid);

/* "DENIED"; FFA_OK is "SUCCESS". NULL for a number that is no status code. */
const char *ffa_status_name(int32_t status);

/* The reverse; *ret_status is left alone if the name is unknown. */
bool ffa_status_by_name(const char *name, int32_t *ret_status);

/* How many registers the contract of an id speaks about: 8, or 18 for a 64-bit id from v1.2 on. */
unsigned ffa_register_count(uint32_t fid, uint32_t version);

/* The first register that carries no argument in that version; ffa_register_count() if none. */
unsigned ffa_first_unused(uint32_t fid, uint32_t version);

const struct ffa_field *ffa_field_find(const struct ffa_call *call, enum ffa_fields which,
                                       const char *name);

/* The highest value of a field; of a call by this id, if the width of the id matters. */
uint64_t ffa_field_max(const struct ffa_field *field);
uint64_t ffa_field_max_for(const struct ffa_field *field, uint32_t fid);

/* Whether the field can carry the value in its widest form; ffa_field_max_for() knows the width. */
bool ffa_field_fits(const struct ffa_field *field, uint64_t value);

/* Reads a field; x0 tells the width, so that upper halves do not count for a 32-bit id. */
uint64_t ffa_field_get(const struct ffa_field *field, const struct ffa_regs *regs);

/*
 * Writes a field and nothing else in the register; of a pair, both registers
 * whole. Bits of the value that the field cannot carry are dropped.
 */
void ffa_field_set(const struct ffa_field *field, struct ffa_regs *regs, uint64_t value);

/* Bits of a register that a layout names or leaves free, for this width of id and version. */
uint64_t ffa_layout_bits(const struct ffa_layout *layout, unsigned reg, bool is_64bit,
                         uint32_t version);

/*
 * What an answer says, x0 alone decides: FFA_OK for FFA_SUCCESS, the code for
 * FFA_ERROR (FFA_STATUS_NONE if it is not negative), else FFA_STATUS_NONE.
 */
int32_t ffa_result_status(const struct ffa_regs *answer);

/* The same for the answer to a known call: FFA_VERSION has neither, its x0 is the result. */
int32_t ffa_answer_status(uint32_t call_fid, const struct ffa_regs *answer);

/*
 * What ended a call, as one number: a status as above, else the number of the function that
 * answered (0x62 for FFA_INTERRUPT; of both widths the same). FFA_FN_ERROR is an error whose code
 * is not negative, FFA_STATUS_NONE an id that the framework does not define.
 */
int32_t ffa_answer_code(uint32_t call_fid, const struct ffa_regs *answer);

/*
 * "DENIED", "INTERRUPT", "DIRECT_RESP2": a status by its name, a function without "FFA_" and
 * without the "MSG_SEND_" of direct messages; "BAD_ERROR" for FFA_FN_ERROR, "UNKNOWN" for
 * FFA_STATUS_NONE. NULL for a number that is no such code, an unknown error code included.
 */
const char *ffa_code_name(int32_t code);

/* The reverse; *ret_code is left alone if the name is unknown. */
bool ffa_code_by_name(const char *name, int32_t *ret_code);

/* The names of all codes: i < ffa_code_count(), else NULL. Statuses come first. */
size_t ffa_code_count(void);
const char *ffa_code_name_at(size_t i);

/* Whether the answer is FFA_SUCCESS or FFA_ERROR, and not another call's id or something else. */
bool ffa_result_is_plain(const struct ffa_regs *answer);

#endif
