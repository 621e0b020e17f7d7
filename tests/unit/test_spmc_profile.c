/* SPDX-License-Identifier: MIT */
/*
 * Where implementations differ: the same calls on every profile, the results
 * typed from the tables of facts host-proxy.md section 2.4 and spmc.md sections
 * 1.2, 1.3, 1.4.2 and 1.8.1.
 */
#include "tests/unit/test_spmc.h"

#include <string.h>

#include "abi/ffa_check.h"
#include "abi/ffa_decode.h"
#include "tests/test.h"

#define OK     FFA_OK
#define NS     FFA_NOT_SUPPORTED
#define IP     FFA_INVALID_PARAMETERS
#define DEN    FFA_DENIED
#define NM     FFA_NO_MEMORY
#define NODATA FFA_NO_DATA
#define OTHER  FFA_STATUS_NONE /* another function ends the call */
#define LIE    (-99)           /* the hostile one's only error */

enum { PROFILES = 5, MAX_STEPS = 3 };
static const char *const profiles[PROFILES] = {"hafnium", "optee-virt", "el3", "minimal",
                                               "hostile"};

#define SP1_TO_1 ((uint64_t)SP1 << 16 | 1)
#define SP2_TO_1 ((uint64_t)SP2 << 16 | 1)
#define CREATE_1 FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 2
#define BIND_1   FFA_NOTIFICATION_BIND_32, SP1_TO_1, 0, 1
#define DIRECT   FFA_MSG_SEND_DIRECT_REQ_32

/* The last step is the one that is judged. */
static const struct {
	const char *name;
	uint64_t steps[MAX_STEPS][7]; /* x0 and on */
	int32_t want[PROFILES];
} rows[] = {
        /* host-proxy 2.4 */
        {"create-twice", {{CREATE_1}, {CREATE_1}}, {DEN, DEN, NS, NS, LIE}},
        {"create-high-half",
         {{FFA_NOTIFICATION_BITMAP_CREATE_32, 0x10001, 2}},
         {OK, IP, NS, NS, OK}},
        {"create-extra",
         {{FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 2, 0, 0, 1}},
         {OK, IP, NS, NS, OK}},
        {"destroy-unknown", {{FFA_NOTIFICATION_BITMAP_DESTROY_32, 1}}, {DEN, OK, NS, NS, LIE}},
        {"destroy-bound",
         {{CREATE_1}, {BIND_1}, {FFA_NOTIFICATION_BITMAP_DESTROY_32, 1}},
         {OK, DEN, NS, NS, OK}},
        {"bind-flags",
         {{CREATE_1}, {FFA_NOTIFICATION_BIND_32, SP1_TO_1, 1, 1}},
         {IP, DEN, NS, NS, OK}},
        {"bind-empty",
         {{CREATE_1}, {FFA_NOTIFICATION_BIND_32, SP1_TO_1, 0, 0}},
         {IP, OK, NS, NS, LIE}},
        {"bind-before-create", {{BIND_1}}, {IP, OK, NS, NS, LIE}},
        {"bind-host-before-create",
         {{FFA_NOTIFICATION_BIND_32, (uint64_t)SP1 << 16, 0, 1}},
         {NS, IP, NS, NS, LIE}},
        {"bind-again", {{CREATE_1}, {BIND_1}, {BIND_1}}, {DEN, DEN, NS, NS, LIE}},
        {"bind-extra",
         {{CREATE_1}, {FFA_NOTIFICATION_BIND_32, SP1_TO_1, 0, 1, 0, 1}},
         {OK, IP, NS, NS, OK}},
        {"unbind-other",
         {{CREATE_1}, {BIND_1}, {FFA_NOTIFICATION_UNBIND_32, SP2_TO_1, 0, 1}},
         {DEN, OK, NS, NS, LIE}},
        {"unbind-w2",
         {{CREATE_1}, {BIND_1}, {FFA_NOTIFICATION_UNBIND_32, SP1_TO_1, 1, 1}},
         {OK, IP, NS, NS, LIE}},
        {"set-unbound", {{FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0, 1}}, {DEN, NS, NS, NS, LIE}},
        {"get-vm-bits", {{CREATE_1}, {FFA_NOTIFICATION_GET_32, 1, 3}}, {IP, OK, NS, NS, LIE}},
        {"get-vcpu",
         {{CREATE_1}, {FFA_NOTIFICATION_GET_32, 2 << 16 | 1, 1}},
         {IP, OK, NS, NS, LIE}},
        {"info-get-nothing", {{FFA_NOTIFICATION_INFO_GET_64}}, {NODATA, NODATA, NS, NS, OK}},
        {"info-get-32", {{FFA_NOTIFICATION_INFO_GET_32}}, {NS, NODATA, NS, NS, OK}},
        {"info-get-extra",
         {{FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0, 0, 1}},
         {NODATA, IP, NS, NS, OK}},
        /* spmc 1.2 */
        {"spm-id-get", {{FFA_SPM_ID_GET_32}}, {OK, OK, OK, NS, OK}},
        {"rxtx-map-32",
         {{FFA_RXTX_MAP_32, SHIM_PHYSICAL_BASE, SHIM_PHYSICAL_BASE + SHIM_PAGE, 1}},
         {NS, OK, OK, NS, LIE}},
        {"partition-info-get-regs", {{FFA_PARTITION_INFO_GET_REGS_64}}, {OK, NS, NS, NS, OK}},
        {"req2", {{FFA_MSG_SEND_DIRECT_REQ2_64, 1 << 16 | SP1}}, {OTHER, OTHER, OTHER, NS, LIE}},
        /* spmc 1.3.2, 1.3.4 */
        {"features-sri", {{FFA_FEATURES_32, FFA_FEATURE_SRI}}, {OK, OK, NS, NS, OK}},
        {"features-npi", {{FFA_FEATURES_32, FFA_FEATURE_NPI}}, {NS, NS, NS, NS, LIE}},
        {"features-mei", {{FFA_FEATURES_32, FFA_FEATURE_MEI}}, {NS, OK, NS, NS, LIE}},
        {"features-set", {{FFA_FEATURES_32, FFA_NOTIFICATION_SET_32}}, {OK, OK, NS, NS, OK}},
        {"features-property", {{FFA_FEATURES_32, FFA_FEATURES_32, 1}}, {OK, OK, NS, OK, OK}},
        {"rxtx-map-overlap",
         {{FFA_RXTX_MAP_64, SHIM_PHYSICAL_BASE, SHIM_PHYSICAL_BASE + SHIM_PAGE, 2}},
         {IP, OK, IP, IP, LIE}},
        {"rxtx-map-same",
         {{FFA_RXTX_MAP_64, SHIM_PHYSICAL_BASE, SHIM_PHYSICAL_BASE, 1}},
         {IP, OK, IP, IP, LIE}},
        {"rxtx-map-no-memory",
         {{FFA_RXTX_MAP_64, SHIM_PHYSICAL_BASE, 0x1000, 1}},
         {DEN, NM, IP, IP, LIE}},
        {"rxtx-map-two-pages",
         {{FFA_RXTX_MAP_64, SHIM_PHYSICAL_BASE, SHIM_PHYSICAL_BASE + 2 * SHIM_PAGE, 2}},
         {IP, OK, OK, IP, LIE}},
        {"rxtx-map-reserved-bit",
         {{FFA_RXTX_MAP_64, SHIM_PHYSICAL_BASE, SHIM_PHYSICAL_BASE + SHIM_PAGE, 0x41}},
         {IP, IP, OK, IP, LIE}},
        /* spmc 1.4.2 */
        {"direct-method", {{DIRECT, 1 << 16 | SP2}}, {DEN, NS, DEN, DEN, LIE}},
        {"framework-unknown", {{DIRECT, SP1, 0x8000000a}}, {IP, NS, OTHER, NS, LIE}},
        {"vm-created-by-a-vm",
         {{DIRECT, 1 << 16 | SP1, 0x80000004}},
         {OTHER, OTHER, OTHER, OTHER, OTHER}},
        {"run-waiting", {{FFA_RUN_32, (uint64_t)SP1 << 16}}, {OTHER, IP, OTHER, NS, OTHER}},
};

static int32_t judge(unsigned profile, unsigned row)
{
	int32_t status = OK;

	set_up_negotiated(profiles[profile]);
	for (unsigned i = 0; i < MAX_STEPS && rows[row].steps[i][0]; i++) {
		struct ffa_regs regs = {{0}};

		memcpy(regs.x, rows[row].steps[i], sizeof rows[row].steps[i]);
		status = call_regs(&regs);
	}
	return status;
}

TEST_EACH(spmc_profile, answers, rows)
{
	for (unsigned i = 0; i < PROFILES; i++)
		if (judge(i, (unsigned)(c - rows)) != c->want[i])
			fail_test("%s: x0 %llx x2 %llx", profiles[i],
			          (unsigned long long)answer.x[0], (unsigned long long)answer.x[2]);
}

TEST(spmc_profile, every_pair_differs)
{
	for (unsigned a = 0; a < PROFILES; a++)
		for (unsigned b = a + 1; b < PROFILES; b++) {
			unsigned different = 0;

			for (unsigned row = 0; row < sizeof rows / sizeof rows[0]; row++)
				different += judge(a, row) != judge(b, row);
			if (!different)
				fail_test("%s and %s are the same", profiles[a], profiles[b]);
		}
}

/* spmc 1.3.1 */
static const struct {
	const char *name;
	uint32_t asked_1_2, asked_2_0, changed;
	int32_t before;
} versions[PROFILES] = {
        {"hafnium", FFA_VERSION_1_3, 0xffffffff, FFA_VERSION_1_3, OK},
        {"optee-virt", FFA_VERSION_1_2, FFA_VERSION_1_2, FFA_VERSION_1_2, OK},
        {"el3", FFA_VERSION_1_2, FFA_VERSION_1_2, FFA_VERSION_1_2, NS},
        {"minimal", FFA_VERSION_1_0, FFA_VERSION_1_0, FFA_VERSION_1_0, OK},
        {"hostile", FFA_VERSION_1_2, 0xffffffff, 0xffffffff, OK},
};

TEST_EACH(spmc_profile, version, versions)
{
	set_up(c->name);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), c->before);
	set_up(c->name);
	call(FFA_VERSION_32, FFA_VERSION_MBZ | FFA_VERSION_1_2, 0, 0, 0);
	assert_eq_u64(answer.x[0], 0xffffffff);
	call(FFA_VERSION_32, FFA_MAKE_VERSION(2, 0), 0, 0, 0);
	assert_eq_u64(answer.x[0], c->asked_2_0);
	call(FFA_VERSION_32, FFA_VERSION_1_2, 0, 0, 0);
	assert_eq_u64(answer.x[0], c->asked_1_2);
	call(FFA_ID_GET_32, 0, 0, 0, 0);
	call(FFA_VERSION_32, FFA_VERSION_1_1, 0, 0, 0);
	assert_eq_u64(answer.x[0], c->changed);
}

/* An SPMC of the EL3 kind that was asked something before is locked without a version. */
TEST(spmc_profile, el3_locks_without_a_version)
{
	set_up("el3");
	call(FFA_ID_GET_32, 0, 0, 0, 0);
	call(FFA_VERSION_32, FFA_VERSION_1_2, 0, 0, 0);
	assert_eq_u64(answer.x[0], 0xffffffff);
}

/* Hafnium alone tells a caller of 1.0 the size as well. */
TEST(spmc_profile, hafnium_tells_size_at_1_0)
{
	const uint64_t rx = SHIM_PHYSICAL_BASE, tx = rx + SHIM_PAGE;

	set_up("hafnium");
	call(FFA_VERSION_32, FFA_VERSION_1_0, 0, 0, 0);
	assert_status(call(FFA_RXTX_MAP_64, tx, rx, 1, 0), OK);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), OK);
	assert_eq_u64(answer.x[3], 8);
}

/* A size is nothing that it could lie about there, a count is. */
TEST(spmc_profile, hostile_lies_at_1_0)
{
	const uint64_t rx = SHIM_PHYSICAL_BASE, tx = rx + SHIM_PAGE;

	set_up("hostile");
	call(FFA_VERSION_32, FFA_VERSION_1_0, 0, 0, 0);
	assert_status(call(FFA_RXTX_MAP_64, tx, rx, 1, 0), OK);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), OK);
	assert_eq_u64((uint32_t)answer.x[2], 4096);
}

/* What it cannot speak it does not record either. */
TEST(spmc_profile, el3_records_what_fits)
{
	set_up("el3");
	call(FFA_VERSION_32, FFA_VERSION_1_3, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_VERSION_1_2);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), NS);
	set_up("el3");
	call(FFA_VERSION_32, FFA_VERSION_1_1, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_VERSION_1_2);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), OK);
	call(FFA_VERSION_32, FFA_VERSION_1_2, 0, 0, 0);
	assert_eq_u64(answer.x[0], FFA_VERSION_1_1);
}

/* spmc 1.3.8: w3 must be zero for a caller of 1.0 */
static const struct {
	const char *name;
	uint32_t size, told, count, properties, second_properties;
} sizes[PROFILES] = {
        {"hafnium", 48, 48, 2, 0x3cd, 0x100}, {"optee-virt", 24, 24, 2, 0x7cf, 0},
        {"el3", 24, 24, 2, 0x7cf, 0},         {"minimal", 8, 0, 2, 0x7, 0},
        {"hostile", 24, 24, 4096, 0x7cf, 0},
};

TEST_EACH(spmc_profile, partition_info, sizes)
{
	const uint64_t rx = SHIM_PHYSICAL_BASE, tx = rx + SHIM_PAGE;
	const uint8_t *page;

	set_up_negotiated(c->name);
	assert_true(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0) < 0);
	assert_status(call(FFA_RXTX_MAP_64, tx, rx, 1, 0), OK);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), OK);
	assert_eq_u64((uint32_t)answer.x[2], c->count);
	assert_eq_u64((uint32_t)answer.x[3], c->told);
	page = world_memory(&machine, rx, SHIM_PAGE, false);
	assert_mem(page, ((const uint8_t[]){0x01, 0x80, 1, 0}), 4);
	assert_eq_u64(page[4] | (uint64_t)page[5] << 8, c->properties);
	assert_mem(page + c->size, ((const uint8_t[]){0x02, 0x80, 4, 0, 0}), 5);
	assert_eq_int(page[c->size + 5], c->second_properties >> 8);
	assert_mem(page + c->size + 6, ((const uint8_t[]){0, 0}), 2);
	assert_true(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0) < 0);
	assert_status(call(FFA_RX_RELEASE_32, 0, 0, 0, 0), OK);
	assert_status(call(FFA_RXTX_UNMAP_32, 0, 0, 0, 0), OK);
}

/* One entry for each UUID of an SP, one for a query of any of them. */
TEST(spmc_profile, several_uuids)
{
	static const uint32_t second[4] = {0x5, 0x6, 0x7, 0x8};

	set_up_negotiated("full");
	memcpy(machine.config.sps[0].more_uuids[0], second, sizeof second);
	machine.config.sps[0].more_properties[0] = machine.config.sps[0].properties;
	machine.config.sps[0].more_uuid_count = 1;
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0, 0), OK);
	assert_eq_u64((uint16_t)answer.x[2], 2); /* the last of three */
	assert_eq_u64((uint16_t)answer.x[3], SP1);
	assert_eq_u64(answer.x[4], 0x2222222211111111);
	assert_eq_u64((uint16_t)answer.x[6], SP1);
	assert_eq_u64(answer.x[3], answer.x[6]);
	assert_eq_u64(answer.x[7], 0x0000000600000005);
	assert_eq_u64((uint16_t)answer.x[9], SP2);
	assert_status(
	        call(FFA_PARTITION_INFO_GET_REGS_64, 0x0000000600000005, 0x0000000800000007, 0, 0),
	        OK);
	assert_eq_u64((uint16_t)answer.x[2], 0);
	assert_eq_u64((uint16_t)answer.x[3], SP1);
}

/* SP1 has a second UUID, which takes REQ2 and notifications; the first takes neither. */
static void set_up_second_uuid(void)
{
	static const uint32_t second[4] = {0x5, 0x6, 0x7, 0x8};

	set_up_negotiated("full");
	memcpy(machine.config.sps[0].more_uuids[0], second, sizeof second);
	machine.config.sps[0].properties = WORLD_SP_RECEIVES;
	machine.config.sps[0].more_properties[0] = WORLD_SP_RECEIVES2 | WORLD_SP_NOTIFICATIONS;
	machine.config.sps[0].more_uuid_count = 1;
}

/* spmc 1.3.8: a descriptor has the properties of its UUID, in RX and in registers. */
TEST(spmc_profile, properties_of_each_uuid)
{
	const uint64_t rx = SHIM_PHYSICAL_BASE, tx = rx + SHIM_PAGE;
	const uint8_t *page;

	set_up_second_uuid();
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0, 0), OK);
	assert_eq_u64(answer.x[3] >> 32, 0x1);
	assert_eq_u64(answer.x[6] >> 32, 0x208);
	assert_status(call(FFA_RXTX_MAP_64, tx, rx, 1, 0), OK);
	assert_status(call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0), OK);
	page = world_memory(&machine, rx, SHIM_PAGE, false);
	assert_eq_u64(page[4] | (uint64_t)page[5] << 8, 0x1);
	assert_eq_u64(page[24 + 4] | (uint64_t)page[24 + 5] << 8, 0x208);
}

/* A REQ2 goes by its UUID, everything else by what any UUID has. */
TEST(spmc_profile, methods_of_each_uuid)
{
	const uint64_t first[2] = {0x2222222211111111, 0x4444444433333333};
	const uint64_t second[2] = {0x0000000600000005, 0x0000000800000007};

	set_up_second_uuid();
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ2_64, 1 << 16 | SP1, first[0], first[1], 0), DEN);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ2_64, 1 << 16 | SP1, second[0], second[1], 0),
	              OTHER);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ2_64, 1 << 16 | SP1, 9, 9, 0), IP);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ2_64, 1 << 16 | SP1, 0, 0, 0), OTHER);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, 1 << 16 | SP1, 0, 0, 0), OTHER);
	assert_status(sp_call(SP1, FFA_NOTIFICATION_BIND_32, 1 << 16 | SP1, 0, 1, 0), OK);
	assert_status(call(FFA_NOTIFICATION_SET_32, 1 << 16 | SP1, 0, 1, 0), OK);
}

/* The first partition alone looks like a VM. */
TEST(spmc_profile, lists_the_id_of_a_vm)
{
	set_up_negotiated("full");
	machine.config.spmc.knobs[WORLD_KNOB_LIE_PARTITION_INFO] = WORLD_LIE_PARTITION_INFO_VM_ID;
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0, 0), OK);
	assert_eq_u64((uint16_t)answer.x[3], SP1 & 0x7fff);
	assert_eq_u64((uint16_t)answer.x[6], SP2);
	assert_status(
	        call(FFA_PARTITION_INFO_GET_REGS_64, 0x2222222211111111, 0x4444444433333333, 0, 0),
	        OK);
	assert_eq_u64((uint16_t)answer.x[3], SP1 & 0x7fff);
}

/* spmc 1.3.9: up to five descriptors of 24 bytes in x3 to x17, two of 48. */
TEST(spmc_profile, partition_info_in_registers)
{
	set_up_negotiated("full");
	for (unsigned i = 2; i < 7; i++)
		machine.config.sps[i] =
		        (struct world_sp){.id = ffa_make_id(SP1 + i), .contexts = 1};
	machine.config.sp_count = 7;
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0, 0), OK);
	assert_eq_u64(answer.x[0], FFA_SUCCESS_64);
	assert_eq_u64(answer.x[2], 24ull << 48 | 4u << 16 | 6);
	assert_eq_u64(answer.x[3], 0x7cfull << 32 | 1u << 16 | SP1);
	assert_eq_u64(answer.x[4], 0x2222222211111111);
	assert_eq_u64(answer.x[6], 4u << 16 | SP2);
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 5, 0), OK);
	assert_eq_u64(answer.x[2], 24ull << 48 | 6u << 16 | 6);
	assert_eq_u64(answer.x[3] & 0xffff, SP1 + 5);
	assert_eq_u64(answer.x[9], 0);
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 7, 0), IP);
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 1 << 16, 0), FFA_RETRY);
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 1, 0, 0, 0), IP);
	set_up_negotiated("hafnium");
	assert_status(call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0, 0), OK);
	assert_eq_u64(answer.x[2], 48ull << 48 | 1u << 16 | 1);
	assert_eq_u64(answer.x[9] & 0xffff, SP2);
}

/* OP-TEE tells of what is pending in every call, the others once. */
TEST(spmc_profile, info_get_report)
{
	for (unsigned i = 0; i < 2; i++) {
		set_up_negotiated(profiles[i]);
		assert_status(create(1, 1), OK);
		assert_status(bind(SP1, 1, 0, 1), OK);
		assert_status(sp_set(SP1, 1, 0, 1), OK);
		assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), OK);
		assert_eq_u64(answer.x[2], 1u << 7);
		assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), i ? OK : NODATA);
		assert_eq_u64(get(1, 0), 1);
		assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), NODATA);
	}
}

/* Hafnium looks at the lower word alone; that is how a VM's end can lose what is pending. */
TEST(spmc_profile, destroy_with_pending)
{
	static const int32_t low[] = {DEN, DEN}, high[] = {OK, DEN};

	for (unsigned i = 0; i < 2; i++)
		for (unsigned upper = 0; upper < 2; upper++) {
			uint64_t bit = upper ? 1ull << 32 : 1;

			set_up_negotiated(profiles[i]);
			assert_status(create(1, 1), OK);
			assert_status(bind(SP1, 1, 0, bit), OK);
			assert_status(sp_set(SP1, 1, 0, bit), OK);
			assert_status(destroy(1), upper ? high[i] : low[i]);
		}
}

/* Breaches of contract: each is one that the checks of abi/ see. */
static const struct {
	const char *name;
	enum world_knob knob;
	uint8_t value;
	uint32_t fid;
	uint64_t w1;
} lies[] = {
        {"version-error", WORLD_KNOB_LIE_VERSION, WORLD_LIE_VERSION_ERROR, FFA_VERSION_32,
         FFA_VERSION_1_2},
        {"version-reserved", WORLD_KNOB_LIE_VERSION, WORLD_LIE_VERSION_RESERVED, FFA_VERSION_32,
         FFA_VERSION_1_2},
        {"success-64", WORLD_KNOB_LIE_ANSWER, WORLD_LIE_ANSWER_SUCCESS_64, FFA_ID_GET_32, 0},
        {"echo", WORLD_KNOB_LIE_ANSWER, WORLD_LIE_ANSWER_ECHO, FFA_ID_GET_32, 0},
        {"error-unknown", WORLD_KNOB_LIE_ERROR, WORLD_LIE_ERROR_UNKNOWN, FFA_RX_RELEASE_32, 0},
        {"error-zero", WORLD_KNOB_LIE_ERROR, WORLD_LIE_ERROR_ZERO, FFA_RX_RELEASE_32, 0},
        {"error-positive", WORLD_KNOB_LIE_ERROR, WORLD_LIE_ERROR_POSITIVE, FFA_RX_RELEASE_32, 0},
        {"upper", WORLD_KNOB_LIE_REGISTERS, WORLD_LIE_REGISTERS_UPPER, FFA_ID_GET_32, 0},
        {"unused", WORLD_KNOB_LIE_REGISTERS, WORLD_LIE_REGISTERS_UNUSED, FFA_ID_GET_32, 0},
        {"unused-of-error", WORLD_KNOB_LIE_REGISTERS, WORLD_LIE_REGISTERS_ALL, FFA_RX_RELEASE_32,
         0},
};

TEST_EACH(spmc_profile, lie, lies)
{
	struct ffa_violation violation;

	set_up_negotiated("full");
	call(c->fid, c->w1, 0, 0, 0);
	assert_true(ffa_check_result(c->fid, &answer, FFA_VERSION_1_2, &violation));
	set_up_negotiated("full");
	machine.config.spmc.knobs[c->knob] = c->value;
	call(c->fid, c->w1, 0, 0, 0);
	assert_false(ffa_check_result(c->fid, &answer, FFA_VERSION_1_2, &violation));
}

TEST(spmc_profile, lies_of_info_get)
{
	static const uint64_t x2[] = {[WORLD_LIE_INFO_GET_MORE] = 1 | 1u << 7,
	                              [WORLD_LIE_INFO_GET_LISTS] = 0xffffffffffffff80,
	                              [WORLD_LIE_INFO_GET_IDS] = 4u << 7,
	                              [WORLD_LIE_INFO_GET_EMPTY] = 1};

	for (unsigned lie = WORLD_LIE_INFO_GET_MORE; lie <= WORLD_LIE_INFO_GET_EMPTY; lie++) {
		set_up_negotiated("full");
		machine.config.spmc.knobs[WORLD_KNOB_LIE_INFO_GET] = (uint8_t)lie;
		for (unsigned i = 0; i < 100; i++) {
			assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), OK);
			assert_eq_u64(answer.x[2], x2[lie]);
		}
	}
}

TEST(spmc_profile, endless_retry)
{
	set_up_negotiated("hostile");
	for (unsigned i = 0; i < 100; i++) {
		call(DIRECT, SP1, 0x80000004, 0, 0);
		assert_eq_u64((uint32_t)answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
		assert_eq_u64((uint32_t)answer.x[3], (uint32_t)FFA_RETRY);
	}
	set_up_negotiated("full");
	machine.config.spmc.knobs[WORLD_KNOB_LIE_RETRY] = WORLD_LIE_RETRY_NOTIFICATIONS;
	assert_status(create(1, 1), FFA_RETRY);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_32, 0, 0, 0, 0), FFA_RETRY);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), OK);
}

/* Nothing is fetched by a GET that was not made. */
TEST(spmc_profile, retries_to_get)
{
	set_up_negotiated("full");
	assert_status(create(1, 1), OK);
	assert_status(call(FFA_NOTIFICATION_BIND_32, SP1_TO_1, 0, 1, 0), OK);
	assert_status(world_sp_set(&machine, 0, ffa_make_id(1), 1, false), OK);
	machine.config.spmc.knobs[WORLD_KNOB_LIE_RETRY] = WORLD_LIE_RETRY_GET;
	assert_status(call(FFA_NOTIFICATION_GET_32, 1, FFA_NOTIFICATION_GET_SP, 0, 0), FFA_RETRY);
	assert_status(call(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), OK);
	machine.config.spmc.knobs[WORLD_KNOB_LIE_RETRY] = WORLD_LIE_RETRY_NONE;
	assert_status(call(FFA_NOTIFICATION_GET_32, 1, FFA_NOTIFICATION_GET_SP, 0, 0), OK);
	assert_eq_u64(answer.x[2], 1);
}

TEST(spmc_profile, retries_to_map)
{
	const uint64_t rx = SHIM_PHYSICAL_BASE, tx = rx + SHIM_PAGE;

	set_up_negotiated("el3");
	machine.config.spmc.knobs[WORLD_KNOB_LIE_RETRY] = WORLD_LIE_RETRY_MAP;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(call(FFA_RXTX_MAP_64, tx, rx, 1, 0) == FFA_RETRY);
		assert_true(call(FFA_RXTX_MAP_32, tx, rx, 1, 0) == FFA_RETRY);
	}
	assert_true(call(FFA_RXTX_UNMAP_32, 0, 0, 0, 0) == FFA_INVALID_PARAMETERS);
	assert_status(call(FFA_FEATURES_32, FFA_RXTX_MAP_64, 0, 0, 0), OK);
}

/* Any registers are answered; what is honest keeps the contract, and the state its invariants. */

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 24;
}

static uint64_t random_register(uint64_t *seed)
{
	static const uint64_t words[] = {
	        0,         1,          2,          SP1_TO_1, SP2_TO_1,
	        SP1,       0xffffffff, 1u << 16,   3,        UINT64_MAX,
	        SP1 << 16, 0x80000004, 0x80000006, 0x7fff,   0x7fffull << 16 | SP1};
	uint64_t pick = next_random(seed) % (sizeof words / sizeof words[0] + 1);

	return pick < sizeof words / sizeof words[0] ? words[pick] : next_random(seed);
}

/* What is pending may be bound no more, or may never have been. */
static bool leaves_pending(void)
{
	return machine.config.spmc.knobs[WORLD_KNOB_DESTROY_CLEARS] ==
	       WORLD_DESTROY_CLEARS_BINDINGS;
}

static void check_invariants(void)
{
	for (unsigned i = 0; i <= WORLD_SPMC_SLOTS; i++) {
		const struct world_bitmap *bitmap = &machine.state.spmc.bitmaps[i];
		uint64_t owned = 0;

		for (unsigned bit = 0; bit < 64; bit++)
			if (bitmap->from_sp.owners[bit])
				owned |= 1ull << bit;
		assert_eq_u64(bitmap->from_sp.retrieved & ~bitmap->from_sp.pending, 0);
		if (!leaves_pending())
			assert_eq_u64(bitmap->from_sp.pending & ~owned, 0);
		for (unsigned j = 0; j < WORLD_SPMC_VCPUS; j++) {
			assert_eq_u64(bitmap->vcpu_retrieved[j] & ~bitmap->vcpu_pending[j], 0);
			assert_eq_u64(bitmap->vcpu_pending[j] & ~(owned & bitmap->per_vcpu), 0);
		}
	}
}

static const struct {
	const char *name;
	bool honest, stops;
} fuzzed[] = {{"hafnium", true, true},  {"optee-virt", true, false}, {"optee-host", true, false},
              {"el3", true, false},     {"minimal", true, false},    {"full", true, false},
              {"hostile", false, false}};

TEST_EACH(spmc_profile, any_registers, fuzzed)
{
	unsigned stops = 0;
	uint64_t seed = 1;

	set_up_negotiated(c->name);
	for (unsigned i = 0; i < 30000; i++) {
		uint64_t fid = next_random(&seed) % 64 + 0x84000060;
		struct ffa_regs regs = {{fid | (next_random(&seed) % 4 ? 0 : FFA_FID_64BIT)}};
		struct ffa_violation violation;
		uint32_t version = machine.state.spmc.version;

		for (unsigned j = 1; j < FFA_REG_COUNT; j++)
			regs.x[j] = random_register(&seed);
		if (next_random(&seed) % 4 == 0) {
			answer = regs;
			world_sp_call(&machine, (unsigned)(next_random(&seed) % 2), &answer);
		} else {
			call_regs(&regs);
			if (machine.state.spmc.stopped) {
				assert_mem(&answer, &regs, sizeof regs);
				machine.state.spmc.stopped = WORLD_SPMC_RUNS;
				stops++;
				continue;
			}
			if ((uint32_t)regs.x[0] == FFA_VERSION_32)
				version = machine.state.spmc.version;
			if (c->honest &&
			    !ffa_check_result((uint32_t)regs.x[0], &answer, version, &violation))
				fail_test("call %u %llx: x%u %s", i, (unsigned long long)regs.x[0],
				          violation.reg, violation.rule);
		}
		check_invariants();
	}
	assert_eq_int(stops != 0, c->stops);
}
