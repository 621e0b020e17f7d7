/* SPDX-License-Identifier: MIT */
/*
 * The words of the Firmware Framework for Arm A-profile: endpoint ids,
 * registers, status codes and the packing of the words that carry them.
 *
 * Freestanding: usable by a mediator, by the simulator and by the aarch64
 * build alike. Function ids live in abi/ffa_ids.h; what each call carries, in
 * abi/ffa_table.h.
 *
 * Source of the numbers: FF-A v1.2 as implemented by Hafnium, TF-A, OP-TEE and
 * Linux (facts spmc.md section 1, host-proxy.md section 0).
 */
#ifndef ABI_FFA_H
#define ABI_FFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa_ids.h"

/* A partition (endpoint) id. A struct, so that it is never swapped with a flag or a vCPU. */
struct ffa_id {
	uint16_t v;
};

/* The SMCCC v1.2 register file of one call: x0..x17 going in, x0..x17 coming out. */
#define FFA_REG_COUNT 18
struct ffa_regs {
	uint64_t x[FFA_REG_COUNT];
};

/* Status codes; a 32-bit signed number in w2 of FFA_ERROR, zero-extended into x2. */
enum ffa_status {
	FFA_OK = 0,
	FFA_NOT_SUPPORTED = -1,
	FFA_INVALID_PARAMETERS = -2,
	FFA_NO_MEMORY = -3,
	FFA_BUSY = -4,
	FFA_INTERRUPTED = -5,
	FFA_DENIED = -6,
	FFA_RETRY = -7,
	FFA_ABORTED = -8,
	FFA_NO_DATA = -9,
	FFA_NOT_READY = -10,
};

#define FFA_ID_HYPERVISOR 0x0000u /* also "the other world" seen from the SPMC */
#define FFA_ID_SPMC       0x8000u
#define FFA_ID_SECURE_BIT 0x8000u /* a secure endpoint has bit 15 set */

#define FFA_MAKE_VERSION(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))
#define FFA_VERSION_1_0                FFA_MAKE_VERSION(1, 0)
#define FFA_VERSION_1_1                FFA_MAKE_VERSION(1, 1)
#define FFA_VERSION_1_2                FFA_MAKE_VERSION(1, 2)
#define FFA_VERSION_1_3                FFA_MAKE_VERSION(1, 3)
#define FFA_VERSION_MBZ                0x80000000u /* bit 31 of a version word */

/* Feature ids of FFA_FEATURES (bit 31 clear). */
#define FFA_FEATURE_NPI 1u /* notification pending interrupt */
#define FFA_FEATURE_SRI 2u /* schedule receiver interrupt */
#define FFA_FEATURE_MEI 3u /* managed exit interrupt */

/* Flags of FFA_NOTIFICATION_BIND, _SET and _GET. */
#define FFA_NOTIFICATION_FLAG_PER_VCPU  0x1u
#define FFA_NOTIFICATION_FLAG_DELAY_SRI 0x2u
#define FFA_NOTIFICATION_GET_SP         0x1u
#define FFA_NOTIFICATION_GET_VM         0x2u
#define FFA_NOTIFICATION_GET_SPM        0x4u
#define FFA_NOTIFICATION_GET_HYP        0x8u

#define FFA_NOTIFICATION_COUNT 64u

#define FFA_FID_64BIT       0x40000000u /* SMC64 calling convention */
#define FFA_FID_HINT        0x00010000u /* SMCCC: no live SVE state; not part of the number */
#define FFA_FID_NUMBER(fid) ((fid)&0xffffu)

/* FF-A owns the numbers from FFA_FN_FIRST to this one; not all of them have a meaning. */
#define FFA_FN_RESERVED_LAST 0xffu

/* x0 for a function id that is not implemented (SMCCC): -1, at any width that is read. */
#define SMCCC_UNKNOWN_FUNCTION UINT64_MAX

static inline struct ffa_id ffa_make_id(uint32_t v)
{
	return (struct ffa_id){.v = (uint16_t)v};
}

static inline bool ffa_id_equal(struct ffa_id a, struct ffa_id b)
{
	return a.v == b.v;
}

static inline bool ffa_id_is_secure(struct ffa_id id)
{
	return (id.v & FFA_ID_SECURE_BIT) != 0;
}

/* Most calls carry two 16-bit numbers in w1; the sender (or the vCPU of GET) in the upper half. */
static inline uint32_t ffa_pair(uint16_t high, uint16_t low)
{
	return (uint32_t)high << 16 | low;
}

static inline uint16_t ffa_high_half(uint64_t word)
{
	return (uint16_t)(word >> 16);
}

static inline uint16_t ffa_low_half(uint64_t word)
{
	return (uint16_t)word;
}

/* A 64-bit value carried as two 32-bit registers, low word first. Upper halves are ignored. */
static inline uint64_t ffa_join(uint64_t low, uint64_t high)
{
	return (low & 0xffffffffu) | high << 32;
}

static inline bool ffa_fid_is_64bit(uint32_t fid)
{
	return (fid & FFA_FID_64BIT) != 0;
}

/*
 * Whether a function id is FF-A's: a fast call of standard secure services, of either width, with
 * a number that FF-A owns. The same conduit carries others: SMCCC itself, PSCI, vendors' calls.
 */
static inline bool ffa_fid_is_ffa(uint32_t fid)
{
	uint32_t base = fid & ~(FFA_FID_64BIT | FFA_FID_HINT | UINT32_C(0xffff));
	uint32_t number = FFA_FID_NUMBER(fid);

	return base == FFA_FID_BASE_32 && number >= FFA_FN_FIRST && number <= FFA_FN_RESERVED_LAST;
}

#endif
