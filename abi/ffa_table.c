/* SPDX-License-Identifier: MIT */
#include "abi/ffa_table.h"

/* The place of a row must be that of its number: no gap, no duplicate, none out of order. */
enum row_order {
#define FFA_CALL(number, name, ...)    ROW_##name,
#define FFA_UNASSIGNED(number_literal) ROW_##number_literal,
#include "abi/ffa_calls.def"
#undef FFA_CALL
#undef FFA_UNASSIGNED
	ROW_COUNT,
};

#define IN_PLACE(row, number)                                      \
	_Static_assert((unsigned)(row) + FFA_FN_FIRST == (number), \
	               "ffa_calls.def: row out of place");
#define FFA_CALL(number, name, ...)    IN_PLACE(ROW_##name, number)
#define FFA_UNASSIGNED(number_literal) IN_PLACE(ROW_##number_literal, number_literal)
#include "abi/ffa_calls.def"
#undef FFA_CALL
#undef FFA_UNASSIGNED
_Static_assert((unsigned)ROW_COUNT == FFA_FN_COUNT, "ffa_calls.def: the range is not covered");
_Static_assert(FFA_FN_COUNT < 63, "a completion needs a bit for every number, and one more");

enum assigned_count {
#define FFA_CALL(number, name, ...) ASSIGNED_##name,
#define FFA_UNASSIGNED(number)
#include "abi/ffa_calls.def"
#undef FFA_CALL
#undef FFA_UNASSIGNED
	ASSIGNED_COUNT,
};

const uint32_t ffa_calls_assigned = ASSIGNED_COUNT;

/* The columns of ffa_calls.def. */
#define IDS_32(call) \
	.id_name = {[FFA_WIDTH_32] = "FFA_" #call}, .fid = {[FFA_WIDTH_32] = FFA_##call##_32}
#define IDS_64(call) \
	.id_name = {[FFA_WIDTH_64] = "FFA_" #call}, .fid = {[FFA_WIDTH_64] = FFA_##call##_64}
#define IDS_32_64(call)                                      \
	.id_name = {"FFA_" #call "_32", "FFA_" #call "_64"}, \
	.fid = {FFA_##call##_32, FFA_##call##_64}

#define UNTIL_FOREVER 0
#define UNTIL_1_1     FFA_VERSION_1_1

#define NSP FFA_INSTANCE_NS_PHYSICAL
#define NSV FFA_INSTANCE_NS_VIRTUAL
#define SV  FFA_INSTANCE_S_VIRTUAL
#define SP  FFA_INSTANCE_S_PHYSICAL
#define ALL (NSP | NSV | SV | SP)

#define FIELD(version, in, high_bit, low_bit, in_high, field, is) \
	{.name = #field,                                          \
	 .reg = (in),                                             \
	 .high = (high_bit),                                      \
	 .low = (low_bit),                                        \
	 .reg_high = (in_high),                                   \
	 .kind = FFA_KIND_##is,                                   \
	 .since = FFA_VERSION_##version},
#define W(reg, high, low, field, kind)                FIELD(1_0, reg, high, low, 0, field, kind)
#define W_SINCE(version, reg, high, low, field, kind) FIELD(version, reg, high, low, 0, field, kind)
#define PAIR(reg, field, kind)                        FIELD(1_0, reg, 31, 0, (reg) + 1, field, kind)

/* The lists may be empty: an end marker keeps the initializer standard. */
#define FIELD_END        \
	{                \
		.reg = 0 \
	}
#define FIELDS(...)                                 \
	{                                           \
		.fields = { __VA_ARGS__ FIELD_END } \
	}
#define PAYLOAD(first, last, wide, ...)                                      \
	{                                                                    \
		.fields = {__VA_ARGS__ FIELD_END}, .payload_first = (first), \
		.payload_last = (last), .payload_wide = FFA_VERSION_##wide   \
	}
#define LAYOUT_UNKNOWN                                                 \
	{                                                              \
		.payload_first = 1, .payload_last = FFA_REG_COUNT - 1, \
		.payload_wide = FFA_VERSION_1_0, .unknown = true       \
	}

#define RULE(from, to, high_bit, low_bit, unless_bit, below_version) \
	{.first = (from),                                            \
	 .last = (to),                                               \
	 .high = (high_bit),                                         \
	 .low = (low_bit),                                           \
	 .unless = (unless_bit),                                     \
	 .below = (below_version)},
#define MUST(reg, high, low)             RULE(reg, reg, high, low, FFA_ZERO_ALWAYS, 0)
#define MUST_UNLESS(bit, reg, high, low) RULE(reg, reg, high, low, bit, 0)
#define MUST_BELOW(version, reg, high, low) \
	RULE(reg, reg, high, low, FFA_ZERO_ALWAYS, FFA_VERSION_##version)
#define MUST_REGS(first, last) RULE(first, last, 63, 0, FFA_ZERO_ALWAYS, 0)
#define ZERO(...)                  \
	{                          \
		__VA_ARGS__        \
		{                  \
			.first = 0 \
		}                  \
	}

#define COMPLETES(how, others) .success = (how), .completions = (others)
#define NO_SUCCESS             FFA_SUCCESS_NEVER
#define SUCCESS_32             FFA_SUCCESS_AS_32
#define SUCCESS_AS_CALL        FFA_SUCCESS_AS_CALL
#define NOTHING                0
#define ANYTHING               FFA_COMPLETION_ANY
#define BY(call)               FFA_COMPLETION(FFA_FN_##call)
#define RELAYS                 FFA_COMPLETION_RELAYS

#define FFA_CALL(num, call, widths, from, removed, where, kind, args, must, ends, answer, facts) \
	[(num)-FFA_FN_FIRST] = {.name = "FFA_" #call,                                            \
	                        IDS_##widths(call),                                              \
	                        .since = FFA_VERSION_##from,                                     \
	                        .until = UNTIL_##removed,                                        \
	                        .number = (num),                                                 \
	                        .instances = (where),                                            \
	                        .class = FFA_CLASS_##kind,                                       \
	                        ends,                                                            \
	                        .arguments = args,                                               \
	                        .results = answer,                                               \
	                        .zero = must,                                                    \
	                        .source = facts},
#define FFA_UNASSIGNED(num) [(num)-FFA_FN_FIRST] = {.number = (num)},

const struct ffa_call ffa_calls[FFA_FN_COUNT] = {
#include "abi/ffa_calls.def"
};
