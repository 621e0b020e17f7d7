/* SPDX-License-Identifier: MIT */
/*
 * The calls of FF-A v1.0 to v1.2, and the known ones of v1.3, as data: what
 * each is called, where it may be used, what every register carries, what must
 * be zero and what may end it. The rows are in abi/ffa_calls.def; names and
 * decoding in abi/ffa_decode.h; the register checks in abi/ffa_check.h.
 *
 * Freestanding, constant, without a pointer in it: no relocations, no state.
 * Anybody may read it at any time.
 *
 * Registers
 *  - x0 carries the function id, as a call and as an answer.
 *  - A field stands in the bits low..high of register reg. A high above 31
 *    means "as wide as the function id": with a 32-bit id it ends at bit 31.
 *  - A field with a reg_high carries its low word in reg, the high word there.
 *  - Payload registers are free data without a name: direct messages, console
 *    text, partition descriptors. Also where a layout is not known.
 *  - Reserved bits that the callee must check may lie inside a field (flags):
 *    the field can carry any value, the zero rule says which is legal.
 *
 * Versions are FFA_VERSION_1_x words. Source: facts spmc.md section 1,
 * host-proxy.md sections 0, 2 and 5; each row names its section.
 */
#ifndef ABI_FFA_TABLE_H
#define ABI_FFA_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ffa.h"

#define FFA_NAME_SIZE       40u /* a function id's name with its NUL */
#define FFA_FIELD_NAME_SIZE 20u
#define FFA_SOURCE_SIZE     32u
#define FFA_MAX_FIELDS      9u /* of one list, its end included */
#define FFA_MAX_ZEROS       4u /* the same */

enum ffa_kind {
	FFA_KIND_NUMBER, /* anything else */
	FFA_KIND_ENDPOINT,
	FFA_KIND_VCPU,
	FFA_KIND_VERSION,
	FFA_KIND_BITMAP,
	FFA_KIND_FLAGS,
	FFA_KIND_STATUS,
	FFA_KIND_COUNT, /* a count, length, size, index or offset */
	FFA_KIND_ADDRESS,
	FFA_KIND_HANDLE,
	FFA_KIND_UUID,     /* a part of one, as registers carry it */
	FFA_KIND_FUNCTION, /* a function id, or a feature id */
	FFA_KIND_INTERRUPT,
	FFA_KIND_IDS, /* packed 16-bit endpoint and vCPU ids */
	FFA_KIND_COUNT_OF,
};

struct ffa_field {
	char name[FFA_FIELD_NAME_SIZE]; /* empty: end of the list */
	uint8_t reg;
	uint8_t high; /* highest bit, inclusive */
	uint8_t low;
	uint8_t reg_high; /* register of the high word; 0: one register */
	uint8_t kind;     /* enum ffa_kind */
	uint32_t since;   /* version from which the bits are used */
};

/* What an id carries: as the arguments of a call, or behind FFA_SUCCESS. */
struct ffa_layout {
	struct ffa_field fields[FFA_MAX_FIELDS];
	uint8_t payload_first; /* 0: no payload */
	uint8_t payload_last;
	uint32_t payload_wide; /* version from which x8 and up are part of it */
	bool unknown;          /* no source tells it; everything is payload */
};

#define FFA_ZERO_ALWAYS 0xffu

/* Bits that a caller must leave zero; a violation is the caller's error. */
struct ffa_zero {
	uint8_t first; /* registers first..last; 0: end of the list */
	uint8_t last;
	uint8_t high;
	uint8_t low;
	uint8_t unless; /* does not apply if this bit of the register is set, or FFA_ZERO_ALWAYS */
	uint32_t below; /* applies to versions below this one; 0: to all */
};

enum ffa_class {
	FFA_CLASS_CALL = 1,
	FFA_CLASS_RETURN = 2,
	FFA_CLASS_BOTH = FFA_CLASS_CALL | FFA_CLASS_RETURN,
};

/* Where a call may be made. */
enum ffa_instance {
	FFA_INSTANCE_NS_PHYSICAL = 1, /* hypervisor or kernel to the secure world */
	FFA_INSTANCE_NS_VIRTUAL = 2,  /* VM to hypervisor */
	FFA_INSTANCE_S_VIRTUAL = 4,   /* SP to SPMC */
	FFA_INSTANCE_S_PHYSICAL = 8,  /* SPMC to SPMD */
};

/* How FFA_SUCCESS may end a call. */
enum ffa_success {
	FFA_SUCCESS_NEVER,
	FFA_SUCCESS_AS_32,   /* by the 32-bit id, whatever the width of the call */
	FFA_SUCCESS_AS_CALL, /* by the id of the call's own width */
};

/* Bits of ffa_call.completions: a function number, or an error with target information. */
#define FFA_COMPLETION(number) (UINT64_C(1) << ((number)-FFA_FN_FIRST))
#define FFA_COMPLETION_RELAYS  (UINT64_C(1) << 63)
#define FFA_COMPLETION_ANY     (FFA_COMPLETION(FFA_FN_LAST + 1u) - 1u)

enum ffa_width { FFA_WIDTH_32, FFA_WIDTH_64, FFA_WIDTHS };

struct ffa_call {
	char name[FFA_NAME_SIZE];                /* "FFA_NOTIFICATION_SET"; empty: unassigned */
	char id_name[FFA_WIDTHS][FFA_NAME_SIZE]; /* of each id; empty: no such id */
	uint32_t fid[FFA_WIDTHS];                /* 0: no such id */
	uint32_t since;
	uint32_t until; /* first version without the call; 0: still there */
	uint8_t number;
	uint8_t instances; /* enum ffa_instance; 0: not known */
	uint8_t class;     /* enum ffa_class */
	uint8_t success;   /* enum ffa_success */
	uint64_t completions;
	struct ffa_layout arguments;
	struct ffa_layout results; /* of FFA_SUCCESS; for FFA_VERSION, of its answer */
	struct ffa_zero zero[FFA_MAX_ZEROS];
	char source[FFA_SOURCE_SIZE]; /* facts file and section */
};

/* Indexed by function number - FFA_FN_FIRST; an unassigned number has an empty name. */
extern const struct ffa_call ffa_calls[FFA_FN_COUNT];

/* The number of rows that have a name. */
extern const uint32_t ffa_calls_assigned;

#endif
