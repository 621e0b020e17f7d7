/* SPDX-License-Identifier: MIT */
/* Calls and answers as text: abi/ffa_text.h. */
#include <stdio.h>
#include <string.h>

#include "abi/ffa_decode.h"
#include "abi/ffa_text.h"
#include "tests/test.h"

#define OK_32    UINT64_C(0x84000061)
#define OK_64    UINT64_C(0xC4000061)
#define ERROR_32 UINT64_C(0x84000060)

static const char *vm_name(void *data, struct ffa_id id)
{
	static const char *const names[] = {NULL, "vm1", "vm2"};

	assert_not_null(data);
	return id.v < 3 ? names[id.v] : NULL;
}

static char namer_data;
static const struct ffa_namer namer = {vm_name, &namer_data};

static const struct {
	const char *name;
	struct ffa_regs regs;
	bool named;
	const char *text;
} calls[] = {
        {"bind",
         {.x = {0x8400007F, 0x00020001, 0, 1, 0}},
         false,
         "FFA_NOTIFICATION_BIND sender=0x2 receiver=0x1 flags=0x0 bitmap=0x1"},
        {"bind-named",
         {.x = {0x8400007F, 0x00020001, 0, 1, 0x80000000}},
         true,
         "FFA_NOTIFICATION_BIND sender=vm2 receiver=vm1 flags=0x0 bitmap=0x8000000000000001"},
        {"name-unknown",
         {.x = {0x8400007F, 0x80010001, 0, 1, 0}},
         true,
         "FFA_NOTIFICATION_BIND sender=0x8001 receiver=vm1 flags=0x0 bitmap=0x1"},
        {"set-vcpu",
         {.x = {0x84000081, 0x00010002, 0x000B0001, 4, 0}},
         true,
         "FFA_NOTIFICATION_SET sender=vm1 receiver=vm2 flags=0x1 vcpu=11 bitmap=0x4"},
        {"version", {.x = {0x84000063, 0x00010001}}, false, "FFA_VERSION version=1.1"},
        {"version-bit-31",
         {.x = {0x84000063, 0x80010001}},
         false,
         "FFA_VERSION version=0x80010001"},
        {"features-call",
         {.x = {0x84000064, 0xC4000066}},
         false,
         "FFA_FEATURES feature=FFA_RXTX_MAP_64 property=0x0"},
        {"features-id", {.x = {0x84000064, 2}}, false, "FFA_FEATURES feature=0x2 property=0x0"},
        {"unused-register",
         {.x = {0x84000069, [1] = 5, [9] = 0x1F}},
         false,
         "FFA_ID_GET x1=0x5 x9=0x1f"},
        {"upper-half",
         {.x = {0x84000082, 0x1, 0x100000002}},
         false,
         "FFA_NOTIFICATION_GET vcpu=0 receiver=0x1 flags=0x2 x2=0x100000002"},
        {"wide",
         {.x = {0xC4000066, 0x123456789000, 0x2000, 1}},
         false,
         "FFA_RXTX_MAP_64 tx=0x123456789000 rx=0x2000 pages=1"},
        {"undefined", {.x = {0x84000091, 1}}, false, "0x84000091 x1=0x1"},
        {"wrong-width", {.x = {0xC4000081}}, false, "0xc4000081"},
        {"wide-id", {.x = {0x100000063 + 0x84000000}}, false, "0x184000063"},
};

TEST_EACH(abi_text, call, calls)
{
	char text[FFA_TEXT_SIZE];
	size_t length = ffa_describe_call(&c->regs, c->named ? &namer : NULL, text, sizeof text);

	assert_str(text, c->text);
	assert_eq_int((int64_t)length, (int64_t)strlen(c->text));
}

static const struct {
	const char *name;
	uint32_t call;
	struct ffa_regs answer;
	const char *text;
} answers[] = {
        {"plain", 0x84000081, {.x = {OK_32}}, "SUCCESS"},
        {"denied", 0x84000081, {.x = {ERROR_32, 0, 0xFFFFFFFA}}, "DENIED"},
        {"unknown-code", 0x84000081, {.x = {ERROR_32, 0, 0xFFFFFFF5}}, "ERROR status=-11"},
        {"positive-code", 0x84000081, {.x = {ERROR_32, 0, 3}}, "ERROR status=3"},
        {"sign-extended",
         0x84000081,
         {.x = {ERROR_32, 0, 0xFFFFFFFFFFFFFFFA}},
         "DENIED x2=0xfffffffffffffffa"},
        {"relayed",
         0x8400006F,
         {.x = {ERROR_32, 0x80010003, 0xFFFFFFF8}},
         "ABORTED target=0x80010003"},
        {"error-rest",
         0x84000081,
         {.x = {ERROR_32, 0, 0xFFFFFFFF, [17] = 7}},
         "NOT_SUPPORTED x17=0x7"},
        {"vm-bitmap", 0x84000082, {.x = {OK_32, [4] = 1}}, "SUCCESS vm_bitmap=0x1"},
        {"bitmaps",
         0x84000082,
         {.x = {OK_32, 0, 1, 2, 0, 0, 4, 8}},
         "SUCCESS sp_bitmap=0x200000001 spm_bitmap=0x4 hyp_bitmap=0x8"},
        {"info-get-64",
         0xC4000083,
         {.x = {OK_64, 0, 0x81, 0x1}},
         "SUCCESS more=0x1 lists=1 ids3=0x1"},
        {"info-get-width", 0x84000083, {.x = {OK_64, 0, 0x80, 1}}, "SUCCESS_64 lists=1 ids3=0x1"},
        {"info-get-width-64",
         0xC4000083,
         {.x = {OK_32, 0, 0x80, 1}},
         "SUCCESS_32 lists=1 ids3=0x1"},
        {"id", 0x84000069, {.x = {OK_32, 0, 2}}, "SUCCESS id=vm2"},
        {"id-of-hypervisor", 0x84000069, {.x = {OK_32}}, "SUCCESS id=0x0"},
        {"rest", 0x84000069, {.x = {OK_32, 0, 2, 0, 9}}, "SUCCESS id=vm2 x4=0x9"},
        {"version", 0x84000063, {.x = {0x10002}}, "version=1.2"},
        {"version-refused", 0x84000063, {.x = {0xFFFFFFFF}}, "NOT_SUPPORTED"},
        {"version-refused-wide",
         0x84000063,
         {.x = {0xFFFFFFFFFFFFFFFF}},
         "version=0xffffffffffffffff"},
        {"version-as-error",
         0x84000063,
         {.x = {ERROR_32, 0, 0xFFFFFFFF}},
         "version=0x84000060 x2=0xffffffff"},
        {"other-id",
         0x8400006F,
         {.x = {0x84000062, 0x80010003, 30}},
         "FFA_INTERRUPT target=0x8001 vcpu=3 interrupt=30"},
        {"smccc-unknown", 0x84000081, {.x = {0xFFFFFFFFFFFFFFFF}}, "0xffffffffffffffff"},
        {"undefined-call", 0x84000091, {.x = {OK_32, 0, 3}}, "SUCCESS x2=0x3"},
};

TEST_EACH(abi_text, answer, answers)
{
	char text[FFA_TEXT_SIZE];
	size_t length = ffa_describe_answer(c->call, &c->answer, &namer, text, sizeof text);

	assert_str(text, c->text);
	assert_eq_int((int64_t)length, (int64_t)strlen(c->text));
}

/* As snprintf(): the whole length, and never a byte behind the end. */
TEST(abi_text, any_buffer_size)
{
	const struct ffa_regs regs = {.x = {0x8400007F, 0x00020001, 0, 1, 0}};
	const char *whole = "FFA_NOTIFICATION_BIND sender=0x2 receiver=0x1 flags=0x0 bitmap=0x1";
	size_t length = strlen(whole);

	assert_eq_int((int64_t)ffa_describe_call(&regs, NULL, NULL, 0), (int64_t)length);
	for (size_t size = 1; size <= length + 2; size++) {
		char text[128];

		memset(text, '#', sizeof text);
		assert_eq_int((int64_t)ffa_describe_call(&regs, NULL, text, size), (int64_t)length);
		assert_mem(text, whole, size <= length ? size - 1 : length);
		assert_eq_int(text[size <= length ? size - 1 : length], '\0');
		assert_eq_int(text[size], '#');
	}
}

static size_t describe(uint32_t call, bool answer, const struct ffa_regs *regs, char *text)
{
	return answer ? ffa_describe_answer(call, regs, NULL, text, FFA_TEXT_SIZE)
	              : ffa_describe_call(regs, NULL, text, FFA_TEXT_SIZE);
}

/* No bit of x1..x17 is silent, and the longest text fits. */
static void check_nothing_hidden(uint32_t call, bool answer, uint64_t x0)
{
	struct ffa_regs regs = {.x = {x0}};
	char base[FFA_TEXT_SIZE];
	char text[FFA_TEXT_SIZE];

	describe(call, answer, &regs, base);
	for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
		for (unsigned bit = 0; bit < 64; bit++) {
			regs.x[reg] = UINT64_C(1) << bit;
			describe(call, answer, &regs, text);
			if (strcmp(text, base) == 0)
				fail_test("0x%x: x%u bit %u is not in '%s'", call, reg, bit, text);
		}
		regs.x[reg] = 0;
	}
	for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++)
		regs.x[reg] = UINT64_MAX;
	assert_true(describe(call, answer, &regs, text) < FFA_TEXT_SIZE - 4 * 24);
}

TEST(abi_text, nothing_is_hidden)
{
	for (size_t i = 0; i < ffa_call_count(); i++) {
		const struct ffa_call *call = ffa_call_at(i);

		for (unsigned width = 0; width < FFA_WIDTHS; width++) {
			uint32_t fid = call->fid[width];

			if (fid == 0)
				continue;
			check_nothing_hidden(fid, false, fid);
			check_nothing_hidden(fid, true, OK_32);
			check_nothing_hidden(fid, true, OK_64);
			check_nothing_hidden(fid, true, ERROR_32);
		}
	}
	check_nothing_hidden(0x84000091, false, 0x84000091);
	check_nothing_hidden(0x84000091, true, OK_32);
}

TEST(abi_text, every_kind_has_a_name)
{
	for (unsigned kind = 0; kind < FFA_KIND_COUNT_OF; kind++)
		assert_not_null(ffa_kind_name(kind));
	assert_null(ffa_kind_name(FFA_KIND_COUNT_OF));
	assert_null(ffa_kind_name(UINT32_MAX));
	assert_str(ffa_kind_name(FFA_KIND_ENDPOINT), "endpoint");
}

TEST(abi_text, one_value)
{
	char text[FFA_TEXT_SIZE];

	ffa_describe_value(FFA_KIND_STATUS, 0xFFFFFFFE, NULL, text, sizeof text);
	assert_str(text, "INVALID_PARAMETERS");
	ffa_describe_value(FFA_KIND_VERSION, 0x10003, NULL, text, sizeof text);
	assert_str(text, "1.3");
	ffa_describe_value(FFA_KIND_ENDPOINT, 2, &namer, text, sizeof text);
	assert_str(text, "vm2");
}
