/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_hyp_spmc.h"

#include <stdio.h>
#include <string.h>

#define CALLS_SIZE 4096

struct spmc spmc;

static char calls_text[CALLS_SIZE];

static const uint32_t functions[] = {
        FFA_RX_RELEASE_32,
        FFA_RXTX_MAP_64,
        FFA_RXTX_UNMAP_32,
        FFA_PARTITION_INFO_GET_32,
        FFA_RUN_32,
        FFA_MSG_SEND_DIRECT_REQ_32,
        FFA_NOTIFICATION_BITMAP_CREATE_32,
        FFA_NOTIFICATION_BITMAP_DESTROY_32,
        FFA_NOTIFICATION_BIND_32,
        FFA_NOTIFICATION_UNBIND_32,
        FFA_NOTIFICATION_SET_32,
        FFA_NOTIFICATION_GET_32,
        FFA_NOTIFICATION_INFO_GET_64,
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static uint32_t offered[FUNCTIONS + 1];

static struct spmc_sp *find_sp(uint16_t id)
{
	for (size_t i = 0; i < spmc.sp_count; i++) {
		if (spmc.sps[i].id == id)
			return &spmc.sps[i];
	}
	fail_test("an SMC for SP %x, which is not there", id);
}

static struct spmc_step next_step(struct spmc_sp *sp)
{
	const struct spmc_step accept = {.says = SPMC_STATUS};
	struct spmc_step step;

	if (sp->steps == 0)
		return accept;
	step = sp->script[sp->at];
	if (++sp->used >= (step.times ? step.times : 1) && sp->at + 1 < sp->steps) {
		sp->at++;
		sp->used = 0;
	}
	return step;
}

static void sp_answers(struct spmc_sp *sp, struct ffa_regs *regs)
{
	struct spmc_step step = next_step(sp);

	*regs = (struct ffa_regs){{0}};
	switch (step.says) {
	case SPMC_STATUS:
		regs->x[0] = FFA_MSG_SEND_DIRECT_RESP_32;
		regs->x[1] = ffa_pair(sp->id, 0);
		regs->x[2] = 0x80000000u | (sp->event + 1);
		regs->x[3] = (uint32_t)step.status;
		break;
	case SPMC_INTERRUPT:
	case SPMC_YIELD:
		regs->x[0] = step.says == SPMC_YIELD ? FFA_YIELD_32 : FFA_INTERRUPT_32;
		regs->x[1] = ffa_pair(sp->id, SPMC_VCPU);
		break;
	case SPMC_RAW:
		*regs = step.raw;
		break;
	}
}

static void put(uint8_t *at, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* The platform gave out its first page for TX and the second for RX. */
static void list_partitions(struct ffa_regs *regs)
{
	uint32_t stride = spmc.list_stride ? spmc.list_stride : 24;

	for (size_t i = 0; i < spmc.sp_count && (i + 1) * stride <= 4096; i++) {
		put(fake.pages[1] + i * stride, spmc.sps[i].id, 2);
		put(fake.pages[1] + i * stride + 2, 1, 2);
		put(fake.pages[1] + i * stride + 4, spmc.sps[i].properties, 4);
	}
	regs->x[2] = spmc.list_count ? spmc.list_count : spmc.sp_count;
	regs->x[3] = stride;
}

static void list_in_registers(struct ffa_regs *regs)
{
	uint32_t words = spmc.regs_size / 8, next = (uint16_t)regs->x[3], at = next;

	*regs = (struct ffa_regs){{FFA_SUCCESS_64}};
	for (; at < spmc.sp_count && (at - next + 1) * words <= 15; at++)
		regs->x[3 + (at - next) * words] =
		        (uint64_t)spmc.sps[at].properties << 32 | 1u << 16 | spmc.sps[at].id;
	regs->x[2] = (spmc.sp_count - 1) | (uint64_t)(at - 1) << 16 |
	             (uint64_t)spmc.regs_tag << 32 | (uint64_t)spmc.regs_size << 48;
}

static void serve(struct ffa_regs *regs)
{
	uint32_t fid = (uint32_t)regs->x[0];
	struct spmc_sp *sp;

	if (spmc.hook && spmc.hook_on == fid) {
		void (*hook)(void) = spmc.hook;

		spmc.hook = NULL;
		hook();
	}
	if (spmc.answer_to == fid) {
		*regs = spmc.answer;
	} else if (fid == FFA_MSG_SEND_DIRECT_REQ_32) {
		sp = find_sp(ffa_low_half(regs->x[1]));
		sp->event = (uint32_t)regs->x[2] & 0xff;
		sp_answers(sp, regs);
	} else if (fid == FFA_RUN_32) {
		sp_answers(find_sp(ffa_high_half(regs->x[1])), regs);
	} else if (fid == FFA_PARTITION_INFO_GET_REGS_64) {
		list_in_registers(regs);
	} else if (fid == FFA_NOTIFICATION_INFO_GET_64) {
		*regs = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_NO_DATA}};
	} else {
		*regs = (struct ffa_regs){{FFA_SUCCESS_32}};
		if (fid == FFA_PARTITION_INFO_GET_32)
			list_partitions(regs);
	}
}

void spmc_reset(void)
{
	fake_reset();
	spmc = (struct spmc){0};
	fake.smc = serve;
	fake.smc_sri = SPMC_SRI;
}

static bool is_excepted(uint32_t fid)
{
	for (size_t i = 0; i < spmc.except_count; i++) {
		if (spmc.except[i] == fid)
			return true;
	}
	return false;
}

enum ffa_status spmc_try_boot(bool vm_to_vm)
{
	struct hyp_config config = {.vm_to_vm = vm_to_vm};
	size_t count = 0;

	for (size_t i = 0; i < FUNCTIONS; i++) {
		if (!is_excepted(functions[i]))
			offered[count++] = functions[i];
	}
	if (spmc.regs_size)
		offered[count++] = FFA_PARTITION_INFO_GET_REGS_64;
	fake.smc_functions = offered;
	fake.smc_function_count = count;
	return hyp_boot(&config);
}

void spmc_boot(bool vm_to_vm)
{
	assert_status(spmc_try_boot(vm_to_vm), FFA_OK);
	spmc_forget_calls();
}

void spmc_add(uint16_t id, uint32_t properties)
{
	assert_true(spmc.sp_count < SPMC_SPS);
	spmc.sps[spmc.sp_count++] = (struct spmc_sp){.id = id, .properties = properties};
}

void spmc_says(enum spmc_says says, int status, unsigned int times)
{
	struct spmc_sp *sp = &spmc.sps[spmc.sp_count - 1];

	assert_true(sp->steps < SPMC_STEPS);
	sp->script[sp->steps++] =
	        (struct spmc_step){.says = says, .status = status, .times = times};
}

void spmc_answer(uint32_t fid, uint64_t x0, uint64_t x2, uint64_t x3)
{
	spmc.answer_to = fid;
	spmc.answer = (struct ffa_regs){{x0, 0, x2, x3}};
}

void spmc_fail(uint32_t fid, enum ffa_status status)
{
	spmc_answer(fid, FFA_ERROR_32, (uint32_t)status, 0);
}

void spmc_forget_calls(void)
{
	fake.smc_count = 0;
}

static void name_call(const struct ffa_regs *regs, char *ret_name, size_t size)
{
	uint32_t fid = (uint32_t)regs->x[0];

	if (fid == FFA_MSG_SEND_DIRECT_REQ_32)
		snprintf(ret_name, size, "%c%04x", (uint32_t)regs->x[2] == 0x80000004 ? 'C' : 'D',
		         ffa_low_half(regs->x[1]));
	else if (fid == FFA_RUN_32)
		snprintf(ret_name, size, "R%04x", ffa_high_half(regs->x[1]));
	else if (fid == FFA_NOTIFICATION_BITMAP_CREATE_32)
		snprintf(ret_name, size, "+");
	else if (fid == FFA_NOTIFICATION_BITMAP_DESTROY_32)
		snprintf(ret_name, size, "-");
	else if (fid == FFA_NOTIFICATION_GET_32)
		snprintf(ret_name, size, "G");
	else if (fid == FFA_NOTIFICATION_INFO_GET_64)
		snprintf(ret_name, size, "I");
	else
		snprintf(ret_name, size, "%x", FFA_FID_NUMBER(fid));
}

const char *spmc_calls(void)
{
	char name[16] = "";
	char last[16] = "";
	unsigned int times = 0;
	size_t used = 0;

	calls_text[0] = '\0';
	for (size_t i = 0; i <= fake.smc_count; i++) {
		if (i < fake.smc_count)
			name_call(&fake.smc_log[i], name, sizeof(name));
		if (i < fake.smc_count && strcmp(name, last) == 0) {
			times++;
			continue;
		}
		if (times > 1)
			used += (size_t)snprintf(calls_text + used, CALLS_SIZE - used, "*%u",
			                         times);
		if (i == fake.smc_count)
			break;
		used += (size_t)snprintf(calls_text + used, CALLS_SIZE - used, "%s%s",
		                         used ? " " : "", name);
		memcpy(last, name, sizeof(last));
		times = 1;
	}
	return calls_text;
}

void spmc_expect_call(size_t n, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4,
                      uint64_t x5)
{
	const uint64_t want[FFA_REG_COUNT] = {x0, x1, x2, x3, x4, x5};

	assert_true(n < fake.smc_count);
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		assert_eq_u64(fake.smc_log[n].x[i], want[i]);
}
