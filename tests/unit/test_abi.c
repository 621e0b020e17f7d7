/* SPDX-License-Identifier: MIT */
/*
 * The table of calls and the lookups on it, against values typed from facts
 * spmc.md sections 1.2 to 1.8 and host-proxy.md sections 0 and 2.
 */
#include <string.h>

#include "abi/ffa_decode.h"
#include "abi/ffa_table.h"
#include "tests/test.h"

/* facts spmc.md section 1.2 (MEM_OP_*: host-proxy.md section 0); 0: no such id. */
static const struct known {
	const char *name;
	uint32_t fid32;
	uint32_t fid64;
	unsigned minor; /* of the version that introduces it */
} known_calls[] = {
        {"FFA_ERROR", 0x84000060, 0, 0},
        {"FFA_SUCCESS", 0x84000061, 0xC4000061, 0},
        {"FFA_INTERRUPT", 0x84000062, 0, 0},
        {"FFA_VERSION", 0x84000063, 0, 0},
        {"FFA_FEATURES", 0x84000064, 0, 0},
        {"FFA_RX_RELEASE", 0x84000065, 0, 0},
        {"FFA_RXTX_MAP", 0x84000066, 0xC4000066, 0},
        {"FFA_RXTX_UNMAP", 0x84000067, 0, 0},
        {"FFA_PARTITION_INFO_GET", 0x84000068, 0, 0},
        {"FFA_ID_GET", 0x84000069, 0, 0},
        {"FFA_MSG_POLL", 0x8400006A, 0, 0},
        {"FFA_MSG_WAIT", 0x8400006B, 0, 0},
        {"FFA_YIELD", 0x8400006C, 0, 0},
        {"FFA_RUN", 0x8400006D, 0, 0},
        {"FFA_MSG_SEND", 0x8400006E, 0, 0},
        {"FFA_MSG_SEND_DIRECT_REQ", 0x8400006F, 0xC400006F, 0},
        {"FFA_MSG_SEND_DIRECT_RESP", 0x84000070, 0xC4000070, 0},
        {"FFA_MEM_DONATE", 0x84000071, 0xC4000071, 0},
        {"FFA_MEM_LEND", 0x84000072, 0xC4000072, 0},
        {"FFA_MEM_SHARE", 0x84000073, 0xC4000073, 0},
        {"FFA_MEM_RETRIEVE_REQ", 0x84000074, 0xC4000074, 0},
        {"FFA_MEM_RETRIEVE_RESP", 0x84000075, 0, 0},
        {"FFA_MEM_RELINQUISH", 0x84000076, 0, 0},
        {"FFA_MEM_RECLAIM", 0x84000077, 0, 0},
        {"FFA_MEM_OP_PAUSE", 0x84000078, 0, 0},
        {"FFA_MEM_OP_RESUME", 0x84000079, 0, 0},
        {"FFA_MEM_FRAG_RX", 0x8400007A, 0, 0},
        {"FFA_MEM_FRAG_TX", 0x8400007B, 0, 0},
        {"FFA_NORMAL_WORLD_RESUME", 0x8400007C, 0, 0},
        {"FFA_NOTIFICATION_BITMAP_CREATE", 0x8400007D, 0, 1},
        {"FFA_NOTIFICATION_BITMAP_DESTROY", 0x8400007E, 0, 1},
        {"FFA_NOTIFICATION_BIND", 0x8400007F, 0, 1},
        {"FFA_NOTIFICATION_UNBIND", 0x84000080, 0, 1},
        {"FFA_NOTIFICATION_SET", 0x84000081, 0, 1},
        {"FFA_NOTIFICATION_GET", 0x84000082, 0, 1},
        {"FFA_NOTIFICATION_INFO_GET", 0x84000083, 0xC4000083, 1},
        {"FFA_RX_ACQUIRE", 0x84000084, 0, 1},
        {"FFA_SPM_ID_GET", 0x84000085, 0, 1},
        {"FFA_MSG_SEND2", 0x84000086, 0, 1},
        {"FFA_SECONDARY_EP_REGISTER", 0, 0xC4000087, 1},
        {"FFA_MEM_PERM_GET", 0x84000088, 0xC4000088, 1},
        {"FFA_MEM_PERM_SET", 0x84000089, 0xC4000089, 1},
        {"FFA_CONSOLE_LOG", 0x8400008A, 0xC400008A, 2},
        {"FFA_PARTITION_INFO_GET_REGS", 0, 0xC400008B, 2},
        {"FFA_EL3_INTR_HANDLE", 0x8400008C, 0, 2},
        {"FFA_MSG_SEND_DIRECT_REQ2", 0, 0xC400008D, 2},
        {"FFA_MSG_SEND_DIRECT_RESP2", 0, 0xC400008E, 2},
        {"FFA_NS_RES_INFO_GET", 0, 0xC400008F, 3},
        {"FFA_ABORT", 0x84000090, 0xC4000090, 3},
        {"FFA_NOTIFICATION_BIND2", 0, 0xC4000094, 3},
        {"FFA_NOTIFICATION_UNBIND2", 0, 0xC4000095, 3},
        {"FFA_NOTIFICATION_SET2", 0, 0xC4000096, 3},
        {"FFA_NOTIFICATION_GET2", 0, 0xC4000097, 3},
};

#define KNOWN_COUNT (sizeof known_calls / sizeof known_calls[0])

static bool is_known(uint32_t fid)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		if (fid == known_calls[i].fid32 || fid == known_calls[i].fid64)
			return fid != 0;
	}
	return false;
}

/* The constants that code uses, a few of each shape. */
TEST(abi, constants)
{
	assert_eq_u64(FFA_FN_FIRST, 0x60);
	assert_eq_u64(FFA_FN_LAST, 0x97);
	assert_eq_u64(FFA_ERROR_32, 0x84000060);
	assert_eq_u64(FFA_SUCCESS_64, 0xC4000061);
	assert_eq_u64(FFA_NOTIFICATION_SET_32, 0x84000081);
	assert_eq_u64(FFA_NOTIFICATION_INFO_GET_64, 0xC4000083);
	assert_eq_u64(FFA_PARTITION_INFO_GET_REGS_64, 0xC400008B);
	assert_eq_u64(FFA_NOTIFICATION_GET2_64, 0xC4000097);
	assert_eq_u64(FFA_FN_NOTIFICATION_BIND, 0x7F);
}

/* Numbers of the conduit: SMCCC (DEN0028), the owner in bits 29 to 24; facts host-proxy.md 1.2. */
TEST(abi, which_ids_are_ffa)
{
	static const uint32_t ffa[] = {0x84000060, 0x84000063, 0x84000097, 0x840000ff, 0xc4000060,
	                               0xc40000ff, 0xc4000073, 0x84010063, 0xc4010066};
	static const uint32_t others[] = {0x8400005f, 0x84000100, 0xc400005f, 0xc4000100,
	                                  0x04000063, 0x44000063, 0x83000063, 0x85000063,
	                                  0x86000063, 0xc5000063, 0x84020063, 0x84800063,
	                                  0x80000000, 0x84000000, 0x84001063, 0};

	for (size_t i = 0; i < sizeof(ffa) / sizeof(ffa[0]); i++)
		assert_true(ffa_fid_is_ffa(ffa[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(ffa_fid_is_ffa(others[i]));
}

TEST_EACH(abi, row, known_calls)
{
	const struct ffa_call *call = ffa_call_by_fid(c->fid32 != 0 ? c->fid32 : c->fid64);

	assert_not_null(call);
	assert_str(call->name, c->name);
	assert_eq_u64(call->fid[FFA_WIDTH_32], c->fid32);
	assert_eq_u64(call->fid[FFA_WIDTH_64], c->fid64);
	assert_eq_u64(call->since, FFA_MAKE_VERSION(1, c->minor));
}

TEST(abi, every_number_has_a_row)
{
	size_t named = 0;

	for (uint32_t number = 0x60; number <= 0x97; number++) {
		const struct ffa_call *row = &ffa_calls[number - 0x60];
		bool unassigned = number >= 0x91 && number <= 0x93;

		assert_eq_u64(row->number, number);
		assert_eq_int(row->name[0] == '\0', unassigned);
		named += !unassigned;
	}
	assert_eq_int((int64_t)named, 53);
	assert_eq_int((int64_t)ffa_call_count(), 53);
	assert_eq_int((int64_t)KNOWN_COUNT, 53);
}

TEST(abi, call_at_walks_the_numbers_in_order)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++)
		assert_str(ffa_call_at(i)->name, known_calls[i].name);
	assert_null(ffa_call_at(KNOWN_COUNT));
	assert_null(ffa_call_at(SIZE_MAX));
}

TEST(abi, no_other_id_is_known)
{
	static const uint32_t bases[] = {0x84000000, 0xC4000000, 0x04000000, 0x80000000,
	                                 0x86000000, 0xB2000000, 0x00000000, 0xFFFF0000};

	for (size_t b = 0; b < sizeof bases / sizeof bases[0]; b++) {
		for (uint32_t low = 0; low <= 0xffff; low++) {
			uint32_t fid = bases[b] | low;

			if ((ffa_call_by_fid(fid) != NULL) != is_known(fid))
				fail_test("id 0x%x", fid);
		}
	}
	assert_null(ffa_call_by_fid(0x84010063));
}

static const struct {
	const char *name;
	unsigned instances;
} known_instances[] = {
        {"FFA_VERSION", 1 | 2 | 4 | 8},
        {"FFA_RX_RELEASE", 1 | 2 | 4},
        {"FFA_RXTX_MAP", 1 | 2 | 4},
        {"FFA_PARTITION_INFO_GET", 1 | 2 | 4 | 8},
        {"FFA_MSG_WAIT", 4 | 8},
        {"FFA_RUN", 1 | 2 | 4},
        {"FFA_MEM_RELINQUISH", 2 | 4},
        {"FFA_NORMAL_WORLD_RESUME", 8},
        {"FFA_NOTIFICATION_BITMAP_CREATE", 1},
        {"FFA_NOTIFICATION_BITMAP_DESTROY", 1},
        {"FFA_NOTIFICATION_BIND", 1 | 2 | 4},
        {"FFA_NOTIFICATION_INFO_GET", 1 | 2},
        {"FFA_RX_ACQUIRE", 1},
        {"FFA_SECONDARY_EP_REGISTER", 4 | 8},
        {"FFA_CONSOLE_LOG", 2 | 4},
        {"FFA_NS_RES_INFO_GET", 1},
        {"FFA_ABORT", 4},
};

TEST_EACH(abi, instances, known_instances)
{
	assert_eq_u64(ffa_call_by_name(c->name, NULL)->instances, c->instances);
}

TEST(abi, legacy_calls_end_with_1_1)
{
	for (size_t i = 0; i < ffa_call_count(); i++) {
		const struct ffa_call *call = ffa_call_at(i);
		bool legacy = strcmp(call->name, "FFA_MSG_POLL") == 0 ||
		              strcmp(call->name, "FFA_MSG_SEND") == 0;

		assert_eq_u64(call->until, legacy ? FFA_VERSION_1_1 : 0);
	}
}

/* Register and bits of fields; high 63 reads "as wide as the id". */
static const struct {
	const char *name;
	const char *call;
	const char *field;
	enum ffa_fields which;
	unsigned reg, high, low, reg_high;
	enum ffa_kind kind;
} known_fields[] = {
        {"version", "FFA_VERSION", "version", FFA_ARGUMENTS, 1, 31, 0, 0, FFA_KIND_VERSION},
        {"version-answer", "FFA_VERSION", "version", FFA_RESULTS, 0, 31, 0, 0, FFA_KIND_VERSION},
        {"feature", "FFA_FEATURES", "feature", FFA_ARGUMENTS, 1, 31, 0, 0, FFA_KIND_FUNCTION},
        {"property-in", "FFA_FEATURES", "property", FFA_ARGUMENTS, 2, 31, 0, 0, FFA_KIND_NUMBER},
        {"property", "FFA_FEATURES", "property", FFA_RESULTS, 2, 31, 0, 0, FFA_KIND_NUMBER},
        {"property2", "FFA_FEATURES", "property2", FFA_RESULTS, 3, 31, 0, 0, FFA_KIND_NUMBER},
        {"error-target", "FFA_ERROR", "target", FFA_ARGUMENTS, 1, 31, 0, 0, FFA_KIND_NUMBER},
        {"error-status", "FFA_ERROR", "status", FFA_ARGUMENTS, 2, 31, 0, 0, FFA_KIND_STATUS},
        {"id", "FFA_ID_GET", "id", FFA_RESULTS, 2, 15, 0, 0, FFA_KIND_ENDPOINT},
        {"spm-id", "FFA_SPM_ID_GET", "id", FFA_RESULTS, 2, 15, 0, 0, FFA_KIND_ENDPOINT},
        {"tx", "FFA_RXTX_MAP", "tx", FFA_ARGUMENTS, 1, 63, 0, 0, FFA_KIND_ADDRESS},
        {"rx", "FFA_RXTX_MAP", "rx", FFA_ARGUMENTS, 2, 63, 0, 0, FFA_KIND_ADDRESS},
        {"unmap-vm", "FFA_RXTX_UNMAP", "vm", FFA_ARGUMENTS, 1, 31, 16, 0, FFA_KIND_ENDPOINT},
        {"release-vm", "FFA_RX_RELEASE", "vm", FFA_ARGUMENTS, 1, 15, 0, 0, FFA_KIND_ENDPOINT},
        {"create-vm", "FFA_NOTIFICATION_BITMAP_CREATE", "vm", FFA_ARGUMENTS, 1, 15, 0, 0,
         FFA_KIND_ENDPOINT},
        {"create-vcpus", "FFA_NOTIFICATION_BITMAP_CREATE", "vcpus", FFA_ARGUMENTS, 2, 31, 0, 0,
         FFA_KIND_COUNT},
        {"bind-sender", "FFA_NOTIFICATION_BIND", "sender", FFA_ARGUMENTS, 1, 31, 16, 0,
         FFA_KIND_ENDPOINT},
        {"bind-receiver", "FFA_NOTIFICATION_BIND", "receiver", FFA_ARGUMENTS, 1, 15, 0, 0,
         FFA_KIND_ENDPOINT},
        {"bind-flags", "FFA_NOTIFICATION_BIND", "flags", FFA_ARGUMENTS, 2, 31, 0, 0,
         FFA_KIND_FLAGS},
        {"bind-bitmap", "FFA_NOTIFICATION_BIND", "bitmap", FFA_ARGUMENTS, 3, 31, 0, 4,
         FFA_KIND_BITMAP},
        {"unbind-sender", "FFA_NOTIFICATION_UNBIND", "sender", FFA_ARGUMENTS, 1, 31, 16, 0,
         FFA_KIND_ENDPOINT},
        {"unbind-bitmap", "FFA_NOTIFICATION_UNBIND", "bitmap", FFA_ARGUMENTS, 3, 31, 0, 4,
         FFA_KIND_BITMAP},
        {"set-sender", "FFA_NOTIFICATION_SET", "sender", FFA_ARGUMENTS, 1, 31, 16, 0,
         FFA_KIND_ENDPOINT},
        {"set-receiver", "FFA_NOTIFICATION_SET", "receiver", FFA_ARGUMENTS, 1, 15, 0, 0,
         FFA_KIND_ENDPOINT},
        {"set-flags", "FFA_NOTIFICATION_SET", "flags", FFA_ARGUMENTS, 2, 15, 0, 0, FFA_KIND_FLAGS},
        {"set-vcpu", "FFA_NOTIFICATION_SET", "vcpu", FFA_ARGUMENTS, 2, 31, 16, 0, FFA_KIND_VCPU},
        {"set-bitmap", "FFA_NOTIFICATION_SET", "bitmap", FFA_ARGUMENTS, 3, 31, 0, 4,
         FFA_KIND_BITMAP},
        {"get-vcpu", "FFA_NOTIFICATION_GET", "vcpu", FFA_ARGUMENTS, 1, 31, 16, 0, FFA_KIND_VCPU},
        {"get-receiver", "FFA_NOTIFICATION_GET", "receiver", FFA_ARGUMENTS, 1, 15, 0, 0,
         FFA_KIND_ENDPOINT},
        {"get-flags", "FFA_NOTIFICATION_GET", "flags", FFA_ARGUMENTS, 2, 31, 0, 0, FFA_KIND_FLAGS},
        {"sp-bitmap", "FFA_NOTIFICATION_GET", "sp_bitmap", FFA_RESULTS, 2, 31, 0, 3,
         FFA_KIND_BITMAP},
        {"vm-bitmap", "FFA_NOTIFICATION_GET", "vm_bitmap", FFA_RESULTS, 4, 31, 0, 5,
         FFA_KIND_BITMAP},
        {"spm-bitmap", "FFA_NOTIFICATION_GET", "spm_bitmap", FFA_RESULTS, 6, 31, 0, 0,
         FFA_KIND_BITMAP},
        {"hyp-bitmap", "FFA_NOTIFICATION_GET", "hyp_bitmap", FFA_RESULTS, 7, 31, 0, 0,
         FFA_KIND_BITMAP},
        {"more", "FFA_NOTIFICATION_INFO_GET", "more", FFA_RESULTS, 2, 0, 0, 0, FFA_KIND_FLAGS},
        {"lists", "FFA_NOTIFICATION_INFO_GET", "lists", FFA_RESULTS, 2, 11, 7, 0, FFA_KIND_COUNT},
        {"counts", "FFA_NOTIFICATION_INFO_GET", "counts", FFA_RESULTS, 2, 63, 12, 0,
         FFA_KIND_BITMAP},
        {"ids3", "FFA_NOTIFICATION_INFO_GET", "ids3", FFA_RESULTS, 3, 63, 0, 0, FFA_KIND_IDS},
        {"ids7", "FFA_NOTIFICATION_INFO_GET", "ids7", FFA_RESULTS, 7, 63, 0, 0, FFA_KIND_IDS},
        {"partinfo-flags", "FFA_PARTITION_INFO_GET", "flags", FFA_ARGUMENTS, 5, 31, 0, 0,
         FFA_KIND_FLAGS},
        {"partinfo-count", "FFA_PARTITION_INFO_GET", "count", FFA_RESULTS, 2, 31, 0, 0,
         FFA_KIND_COUNT},
        {"regs-start", "FFA_PARTITION_INFO_GET_REGS", "start", FFA_ARGUMENTS, 3, 15, 0, 0,
         FFA_KIND_COUNT},
        {"regs-size", "FFA_PARTITION_INFO_GET_REGS", "size", FFA_RESULTS, 2, 63, 48, 0,
         FFA_KIND_COUNT},
        {"share-handle", "FFA_MEM_SHARE", "handle", FFA_RESULTS, 2, 31, 0, 3, FFA_KIND_HANDLE},
        {"reclaim-handle", "FFA_MEM_RECLAIM", "handle", FFA_ARGUMENTS, 1, 31, 0, 2,
         FFA_KIND_HANDLE},
        {"run-vcpu", "FFA_RUN", "vcpu", FFA_ARGUMENTS, 1, 15, 0, 0, FFA_KIND_VCPU},
        {"interrupt", "FFA_INTERRUPT", "interrupt", FFA_ARGUMENTS, 2, 31, 0, 0, FFA_KIND_INTERRUPT},
        {"send2-sender", "FFA_MSG_SEND2", "sender", FFA_ARGUMENTS, 1, 31, 16, 0, FFA_KIND_ENDPOINT},
};

TEST_EACH(abi, field, known_fields)
{
	const struct ffa_call *call = ffa_call_by_name(c->call, NULL);
	const struct ffa_field *field = ffa_field_find(call, c->which, c->field);

	assert_not_null(field);
	assert_eq_u64(field->reg, c->reg);
	assert_eq_u64(field->high, c->high);
	assert_eq_u64(field->low, c->low);
	assert_eq_u64(field->reg_high, c->reg_high);
	assert_eq_u64(field->kind, c->kind);
}

/* facts host-proxy.md sections 2.1 and 2.2. */
static const struct {
	const char *name;
	unsigned first_unused;
} known_unused[] = {
        {"FFA_VERSION", 2},
        {"FFA_FEATURES", 3},
        {"FFA_RXTX_MAP_32", 4},
        {"FFA_RXTX_MAP_64", 4},
        {"FFA_RXTX_UNMAP", 2},
        {"FFA_PARTITION_INFO_GET", 6},
        {"FFA_ID_GET", 1},
        {"FFA_RX_RELEASE", 2},
        {"FFA_MEM_SHARE_32", 5},
        {"FFA_MEM_SHARE_64", 5},
        {"FFA_MEM_LEND_64", 5},
        {"FFA_MEM_FRAG_TX", 5},
        {"FFA_MEM_RECLAIM", 4},
        {"FFA_NOTIFICATION_BITMAP_CREATE", 3},
        {"FFA_NOTIFICATION_BITMAP_DESTROY", 2},
        {"FFA_NOTIFICATION_BIND", 5},
        {"FFA_NOTIFICATION_UNBIND", 5},
        {"FFA_NOTIFICATION_SET", 5},
        {"FFA_NOTIFICATION_GET", 3},
        {"FFA_NOTIFICATION_INFO_GET_32", 1},
        {"FFA_NOTIFICATION_INFO_GET_64", 1},
        /* messages use every register that their version has */
        {"FFA_MSG_SEND_DIRECT_REQ_32", 8},
        {"FFA_MSG_SEND_DIRECT_REQ_64", 8},
        {"FFA_MSG_SEND_DIRECT_REQ2", 18},
};

TEST_EACH(abi, first_unused, known_unused)
{
	uint32_t fid = 0;

	assert_not_null(ffa_call_by_name(c->name, &fid));
	assert_eq_u64(ffa_first_unused(fid, FFA_VERSION_1_2), c->first_unused);
}

TEST(abi, registers_by_width_and_version)
{
	assert_eq_u64(ffa_register_count(FFA_RXTX_MAP_64, FFA_VERSION_1_2), 18);
	assert_eq_u64(ffa_register_count(FFA_RXTX_MAP_64, FFA_VERSION_1_1), 8);
	assert_eq_u64(ffa_register_count(FFA_RXTX_MAP_32, FFA_VERSION_1_2), 8);
	assert_eq_u64(ffa_register_count(FFA_RXTX_MAP_64, 0), 8);
}

static void check_field_name(const char *name)
{
	assert_true(strlen(name) < FFA_FIELD_NAME_SIZE);
	for (; *name != '\0'; name++) {
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *name) == NULL)
			fail_test("field name with '%c'", *name);
	}
}

/* Fields of one list stand in bits of their own and have names of their own. */
static void check_layout(const struct ffa_call *call, enum ffa_fields which)
{
	const struct ffa_layout *layout =
	        which == FFA_ARGUMENTS ? &call->arguments : &call->results;
	uint64_t taken[FFA_REG_COUNT] = {0};
	size_t i;

	for (i = 0; i < FFA_MAX_FIELDS && layout->fields[i].name[0] != '\0'; i++) {
		const struct ffa_field *field = &layout->fields[i];
		struct ffa_regs regs = {.x = {FFA_FID_BASE_64}};

		check_field_name(field->name);
		assert_ptr(ffa_field_find(call, which, field->name), field);
		assert_true(field->low <= field->high && field->high < 64);
		assert_true(field->reg < FFA_REG_COUNT && field->kind < FFA_KIND_COUNT_OF);
		if (field->reg == 0)
			continue;
		ffa_field_set(field, &regs, UINT64_MAX);
		for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
			assert_eq_u64(taken[reg] & regs.x[reg], 0);
			taken[reg] |= regs.x[reg];
		}
	}
	assert_true(i < FFA_MAX_FIELDS);
}

TEST_EACH(abi, row_is_sound, known_calls)
{
	const struct ffa_call *call = ffa_call_by_name(c->name, NULL);

	assert_true(call->source[0] != '\0' && memchr(call->source, '\0', FFA_SOURCE_SIZE));
	assert_true(call->class >= FFA_CLASS_CALL && call->class <= FFA_CLASS_BOTH);
	assert_true(call->instances != 0 || call->until != 0);
	assert_eq_u64(call->zero[FFA_MAX_ZEROS - 1].first, 0);
	check_layout(call, FFA_ARGUMENTS);
	check_layout(call, FFA_RESULTS);
}

/* Set and get agree, and set leaves every other bit alone. */
static void check_round_trip(const struct ffa_field *field, uint32_t fid, uint64_t background)
{
	uint64_t max = ffa_field_max_for(field, fid);
	uint64_t values[] = {0, 1, max, max - 1, 0x5555555555555555u & max, max & ~(max >> 1)};

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct ffa_regs regs = {.x = {fid}};
		struct ffa_regs again;

		for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++)
			regs.x[reg] = background;
		ffa_field_set(field, &regs, values[i]);
		assert_eq_u64(ffa_field_get(field, &regs), values[i]);
		assert_true(ffa_field_fits(field, values[i]));
		again = regs;
		ffa_field_set(field, &again, max);
		ffa_field_set(field, &again, values[i]);
		assert_mem(&again, &regs, sizeof regs);
		for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
			if (reg != field->reg && reg != field->reg_high)
				assert_eq_u64(regs.x[reg], background);
		}
	}
}

TEST_EACH(abi, fields_round_trip, known_calls)
{
	const struct ffa_call *call = ffa_call_by_name(c->name, NULL);

	for (unsigned width = 0; width < FFA_WIDTHS; width++) {
		const struct ffa_field *lists[] = {call->arguments.fields, call->results.fields};

		if (call->fid[width] == 0)
			continue;
		for (size_t i = 0; i < 2; i++) {
			for (const struct ffa_field *f = lists[i]; f->name[0] != '\0'; f++) {
				if (f->reg == 0)
					continue; /* x0 tells the width itself */
				if (f->low > 31 && width == FFA_WIDTH_32)
					continue;
				check_round_trip(f, call->fid[width], 0);
				check_round_trip(f, call->fid[width], 0xFFFFFFFF);
			}
		}
	}
}

TEST(abi, a_field_stands_where_the_facts_put_it)
{
	const struct ffa_call *bind = ffa_call_by_fid(FFA_NOTIFICATION_BIND_32);
	struct ffa_regs regs = {.x = {FFA_NOTIFICATION_BIND_32}};

	ffa_field_set(ffa_field_find(bind, FFA_ARGUMENTS, "sender"), &regs, 0x8001);
	ffa_field_set(ffa_field_find(bind, FFA_ARGUMENTS, "receiver"), &regs, 0x2);
	ffa_field_set(ffa_field_find(bind, FFA_ARGUMENTS, "bitmap"), &regs, 0x1122334455667788);
	assert_eq_u64(regs.x[1], 0x80010002);
	assert_eq_u64(regs.x[2], 0);
	assert_eq_u64(regs.x[3], 0x55667788);
	assert_eq_u64(regs.x[4], 0x11223344);
}

TEST(abi, width_of_the_id_limits_wide_fields)
{
	const struct ffa_call *map = ffa_call_by_fid(FFA_RXTX_MAP_64);
	const struct ffa_field *tx = ffa_field_find(map, FFA_ARGUMENTS, "tx");
	struct ffa_regs regs = {.x = {FFA_RXTX_MAP_64, 0x123456789000}};

	assert_eq_u64(ffa_field_get(tx, &regs), 0x123456789000);
	regs.x[0] = FFA_RXTX_MAP_32;
	assert_eq_u64(ffa_field_get(tx, &regs), 0x56789000);
	assert_eq_u64(ffa_field_max_for(tx, FFA_RXTX_MAP_32), 0xFFFFFFFF);
	assert_eq_u64(ffa_field_max_for(tx, FFA_RXTX_MAP_64), UINT64_MAX);
	assert_true(ffa_field_fits(tx, UINT64_MAX));
}

TEST(abi, what_does_not_fit)
{
	const struct ffa_call *set = ffa_call_by_fid(FFA_NOTIFICATION_SET_32);
	const struct ffa_field *sender = ffa_field_find(set, FFA_ARGUMENTS, "sender");
	struct ffa_regs regs = {.x = {FFA_NOTIFICATION_SET_32, 0x00000007}};

	assert_true(ffa_field_fits(sender, 0xFFFF));
	assert_false(ffa_field_fits(sender, 0x10000));
	assert_true(ffa_field_fits(ffa_field_find(set, FFA_ARGUMENTS, "bitmap"), UINT64_MAX));
	ffa_field_set(sender, &regs, 0x1230001);
	assert_eq_u64(regs.x[1], 0x00010007);
}

TEST(abi, no_such_field)
{
	const struct ffa_call *set = ffa_call_by_fid(FFA_NOTIFICATION_SET_32);

	assert_null(ffa_field_find(set, FFA_ARGUMENTS, "vm_bitmap"));
	assert_null(ffa_field_find(set, FFA_RESULTS, "bitmap"));
	assert_null(ffa_field_find(set, FFA_ARGUMENTS, ""));
	assert_null(ffa_field_find(set, FFA_ARGUMENTS, "send"));
	assert_null(ffa_field_find(set, FFA_ARGUMENTS, "senders"));
	assert_null(ffa_field_find(set, FFA_ARGUMENTS, "Sender"));
}

TEST(abi, names_of_ids)
{
	assert_str(ffa_fid_name(0x84000081), "FFA_NOTIFICATION_SET");
	assert_str(ffa_fid_name(0xC4000083), "FFA_NOTIFICATION_INFO_GET_64");
	assert_str(ffa_fid_name(0x84000083), "FFA_NOTIFICATION_INFO_GET_32");
	assert_str(ffa_fid_name(0xC400008B), "FFA_PARTITION_INFO_GET_REGS");
	assert_null(ffa_fid_name(0xC4000081));
	assert_null(ffa_fid_name(0x84000091));
	assert_null(ffa_fid_name(0x8400005F));
	assert_null(ffa_fid_name(0x84000098));
	assert_null(ffa_fid_name(0));
	assert_null(ffa_fid_name(UINT32_MAX));
}

TEST_EACH(abi, name_finds_its_id, known_calls)
{
	uint32_t want[] = {c->fid32, c->fid64};
	uint32_t fid = 0;

	assert_not_null(ffa_call_by_name(c->name, &fid));
	assert_eq_u64(fid, c->fid32 != 0 ? c->fid32 : c->fid64);
	for (size_t i = 0; i < 2; i++) {
		fid = 0;
		if (want[i] == 0)
			continue;
		assert_str(ffa_call_by_name(ffa_fid_name(want[i]), &fid)->name, c->name);
		assert_eq_u64(fid, want[i]);
	}
}

static const struct {
	const char *name;
	const char *text;
	uint32_t fid; /* 0: unknown */
} names[] = {
        {"explicit-32", "FFA_NOTIFICATION_SET_32", 0x84000081},
        {"explicit-64", "FFA_NOTIFICATION_INFO_GET_64", 0xC4000083},
        {"explicit-32-of-two", "FFA_NOTIFICATION_INFO_GET_32", 0x84000083},
        {"explicit-64-only", "FFA_PARTITION_INFO_GET_REGS_64", 0xC400008B},
        {"longer-of-two", "FFA_MSG_SEND2", 0x84000086},
        {"shorter-of-two", "FFA_MSG_SEND", 0x8400006E},
        {"digit-and-width", "FFA_MSG_SEND_DIRECT_REQ2_64", 0xC400008D},
        {"no-64", "FFA_NOTIFICATION_SET_64", 0},
        {"no-32", "FFA_PARTITION_INFO_GET_REGS_32", 0},
        {"half-a-suffix", "FFA_VERSION_", 0},
        {"two-suffixes", "FFA_VERSION_32_32", 0},
        {"other-suffix", "FFA_VERSION_16", 0},
        {"lower-case", "ffa_version", 0},
        {"no-prefix", "VERSION", 0},
        {"prefix-alone", "FFA_", 0},
        {"short", "FFA_VERSIO", 0},
        {"empty", "", 0},
        {"suffix-alone", "_32", 0},
        {"space", "FFA_VERSION ", 0},
};

TEST_EACH(abi, name_lookup, names)
{
	uint32_t fid = 0xABCD;

	assert_eq_int(ffa_call_by_name(c->text, &fid) != NULL, c->fid != 0);
	assert_eq_u64(fid, c->fid != 0 ? c->fid : 0xABCD);
	assert_ptr(ffa_call_by_name(c->text, NULL), ffa_call_by_name(c->text, &fid));
}

static const struct {
	const char *name;
	int32_t status;
} statuses[] = {
        {"SUCCESS", 0},    {"NOT_SUPPORTED", -1}, {"INVALID_PARAMETERS", -2},
        {"NO_MEMORY", -3}, {"BUSY", -4},          {"INTERRUPTED", -5},
        {"DENIED", -6},    {"RETRY", -7},         {"ABORTED", -8},
        {"NO_DATA", -9},   {"NOT_READY", -10},
};

TEST_EACH(abi, status, statuses)
{
	int32_t status = 77;

	assert_str(ffa_status_name(c->status), c->name);
	assert_true(ffa_status_by_name(c->name, &status));
	assert_eq_int(status, c->status);
}

/* What ends a call, by the name that people compare it with. */
static const struct {
	const char *name;
	const char *code_name;
	uint32_t call;
	struct ffa_regs answer;
	int32_t code;
} codes[] = {
        {"success", "SUCCESS", FFA_RUN_32, {{0x84000061}}, 0},
        {"success-64", "SUCCESS", FFA_RUN_32, {{0xc4000061}}, 0},
        {"busy", "BUSY", FFA_RUN_32, {{0x84000060, 0, 0xfffffffc}}, -4},
        {"error-positive", "BAD_ERROR", FFA_RUN_32, {{0x84000060, 0, 7}}, 0x60},
        {"error-zero", "BAD_ERROR", FFA_RUN_32, {{0x84000060, 0, 0}}, 0x60},
        {"interrupt", "INTERRUPT", FFA_RUN_32, {{0x84000062}}, 0x62},
        {"msg-wait", "MSG_WAIT", FFA_RUN_32, {{0x8400006b}}, 0x6b},
        {"yield", "YIELD", FFA_RUN_32, {{0x8400006c}}, 0x6c},
        {"run", "RUN", FFA_RUN_32, {{0x8400006d}}, 0x6d},
        {"request", "DIRECT_REQ", FFA_RUN_32, {{0x8400006f}}, 0x6f},
        {"response", "DIRECT_RESP", FFA_RUN_32, {{0x84000070}}, 0x70},
        {"response-64", "DIRECT_RESP", FFA_RUN_32, {{0xc4000070}}, 0x70},
        {"response2", "DIRECT_RESP2", FFA_RUN_32, {{0xc400008e}}, 0x8e},
        {"echo", "NOTIFICATION_GET", FFA_NOTIFICATION_GET_32, {{0x84000082}}, 0x82},
        {"zero", "UNKNOWN", FFA_RUN_32, {{0}}, INT32_MIN},
        {"no-such-width", "UNKNOWN", FFA_RUN_32, {{0xc400006d}}, INT32_MIN},
        {"smccc-unknown", "UNKNOWN", FFA_RUN_32, {{0xffffffff}}, INT32_MIN},
        {"version", "SUCCESS", FFA_VERSION_32, {{0x10002}}, 0},
        {"no-version", "NOT_SUPPORTED", FFA_VERSION_32, {{0xffffffff}}, -1},
        {"version-garbage", "UNKNOWN", FFA_VERSION_32, {{0x84000062}}, INT32_MIN},
};

TEST_EACH(abi, code, codes)
{
	int32_t code = 77;

	assert_eq_int(ffa_answer_code(c->call, &c->answer), c->code);
	assert_str(ffa_code_name(c->code), c->code_name);
	assert_true(ffa_code_by_name(c->code_name, &code));
	assert_eq_int(code, c->code);
}

/* No two codes have one name, so that a name means one thing. */
TEST(abi, every_code_has_its_name)
{
	for (size_t i = 0; i < ffa_code_count(); i++) {
		int32_t code = 77;

		assert_true(ffa_code_by_name(ffa_code_name_at(i), &code));
		assert_str(ffa_code_name(code), ffa_code_name_at(i));
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(ffa_code_name_at(i), ffa_code_name_at(j)) != 0);
	}
	assert_null(ffa_code_name_at(ffa_code_count()));
}

TEST(abi, no_such_code)
{
	static const char *const wrong[] = {"", "FFA_YIELD", "yield", "ERROR",
	                                    "MSG_SEND_DIRECT_RESP"};
	int32_t code = 77;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(ffa_code_by_name(wrong[i], &code));
	assert_eq_int(code, 77);
	assert_null(ffa_code_name(-11));
	assert_null(ffa_code_name(1));
	assert_null(ffa_code_name(0x5f));
	assert_null(ffa_code_name(0x100));
	assert_null(ffa_code_name(INT32_MAX));
}

TEST(abi, no_such_status)
{
	int32_t status = 77;

	assert_null(ffa_status_name(0x62));
	assert_null(ffa_status_name(1));
	assert_null(ffa_status_name(-11));
	assert_null(ffa_status_name(INT32_MIN));
	assert_null(ffa_status_name(INT32_MAX));
	assert_false(ffa_status_by_name("OK", &status));
	assert_false(ffa_status_by_name("denied", &status));
	assert_false(ffa_status_by_name("", &status));
	assert_eq_int(status, 77);
}

static const struct {
	const char *name;
	uint32_t call;
	uint64_t x0, x2;
	int32_t result_status;
	int32_t answer_status;
	bool plain;
} answers[] = {
        {"success-32", 0x84000081, 0x84000061, 0, 0, 0, true},
        {"success-64", 0xC4000083, 0xC4000061, 0x81, 0, 0, true},
        {"denied", 0x84000081, 0x84000060, 0xFFFFFFFA, -6, -6, true},
        {"sign-extended", 0x84000081, 0x84000060, 0xFFFFFFFFFFFFFFFA, -6, -6, true},
        {"unknown-code", 0x84000081, 0x84000060, 0xFFFFFF00, -256, -256, true},
        {"error-without-code", 0x84000081, 0x84000060, 0, INT32_MIN, INT32_MIN, true},
        {"error-positive", 0x84000081, 0x84000060, 2, INT32_MIN, INT32_MIN, true},
        {"other-id", 0x8400006F, 0x84000070, 0, INT32_MIN, INT32_MIN, false},
        {"unknown-to-smccc", 0x84000081, 0xFFFFFFFFFFFFFFFF, 0, INT32_MIN, INT32_MIN, false},
        {"version", 0x84000063, 0x00010002, 0, INT32_MIN, 0, false},
        {"version-refused", 0x84000063, 0xFFFFFFFF, 0, INT32_MIN, -1, false},
        {"version-bit-31", 0x84000063, 0x80010002, 0, INT32_MIN, INT32_MIN, false},
};

TEST_EACH(abi, answer, answers)
{
	struct ffa_regs regs = {.x = {[0] = c->x0, [2] = c->x2}};

	assert_eq_int(ffa_result_status(&regs), c->result_status);
	assert_eq_int(ffa_answer_status(c->call, &regs), c->answer_status);
	assert_eq_int(ffa_result_is_plain(&regs), c->plain);
}
