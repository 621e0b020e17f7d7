/* SPDX-License-Identifier: MIT */
/*
 * Function numbers and function ids of FF-A, generated from ffa_calls.def:
 *
 *   FFA_FN_<CALL>    the number alone, 0x60..0x97
 *   FFA_<CALL>_32    the id under the 32-bit calling convention, 0x840000nn
 *   FFA_<CALL>_64    the id under the 64-bit calling convention, 0xC40000nn
 *
 * An id exists here exactly when the framework defines it. Ids are unsigned
 * 32-bit values; x0 carries one zero-extended.
 */
#ifndef ABI_FFA_IDS_H
#define ABI_FFA_IDS_H

#define FFA_FN_FIRST 0x60u
#define FFA_FN_LAST  0x97u
#define FFA_FN_COUNT (FFA_FN_LAST - FFA_FN_FIRST + 1u)

#define FFA_FID_BASE_32 0x84000000u /* fast call, standard secure service, 32-bit */
#define FFA_FID_BASE_64 0xc4000000u

enum ffa_fn {
#define FFA_CALL(number, name, widths, ...) FFA_FN_##name = (number),
#define FFA_UNASSIGNED(number)
#include "abi/ffa_calls.def"
#undef FFA_CALL
#undef FFA_UNASSIGNED
};

#define FFA_FID_LIST_32(number, name)    FFA_##name##_32 = FFA_FID_BASE_32 + (number),
#define FFA_FID_LIST_64(number, name)    FFA_##name##_64 = FFA_FID_BASE_64 + (number),
#define FFA_FID_LIST_32_64(number, name) FFA_FID_LIST_32(number, name) FFA_FID_LIST_64(number, name)

/* Above INT_MAX, which ISO C leaves to the compiler; GCC and Clang make them unsigned int. */
__extension__ enum ffa_fid {
#define FFA_CALL(number, name, widths, ...) FFA_FID_LIST_##widths(number, name)
#define FFA_UNASSIGNED(number)
#include "abi/ffa_calls.def"
#undef FFA_CALL
#undef FFA_UNASSIGNED
};

#undef FFA_FID_LIST_32
#undef FFA_FID_LIST_64
#undef FFA_FID_LIST_32_64

#endif
