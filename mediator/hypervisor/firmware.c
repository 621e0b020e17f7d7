/* SPDX-License-Identifier: MIT */
/* The SPMC: which version it speaks, which calls it implements, and how it is called. */
#include "mediator/hypervisor/hyp_internal.h"

#define OLDEST_FIRMWARE \
	FFA_VERSION_1_1 /* notifications came with 1.1 (facts hypervisor-mediator 0) */

#define LAST_INTID 1019u /* the numbers behind it are no interrupts */

#define WIDTHS 2u /* 32-bit and 64-bit forms of a function number are separate functions */

static uint64_t implemented[WIDTHS];

_Static_assert(FFA_FN_LAST - FFA_FN_FIRST < 64, "one bit for each function number");

/* The calls that stand between a VM and the SPMC, or between the mediator and the SPMC. */
static const uint32_t forwardable[] = {
        FFA_RX_RELEASE_32,
        FFA_RXTX_MAP_64,
        FFA_RXTX_UNMAP_32,
        FFA_PARTITION_INFO_GET_32,
        FFA_PARTITION_INFO_GET_REGS_64,
        FFA_RUN_32,
        FFA_MSG_SEND_DIRECT_REQ_32,
        FFA_MSG_SEND_DIRECT_REQ_64,
        FFA_MSG_SEND_DIRECT_REQ2_64,
        FFA_MSG_SEND2_32,
        FFA_RX_ACQUIRE_32,
        FFA_MEM_SHARE_32,
        FFA_MEM_SHARE_64,
        FFA_MEM_RECLAIM_32,
        FFA_NOTIFICATION_BITMAP_CREATE_32,
        FFA_NOTIFICATION_BITMAP_DESTROY_32,
        FFA_NOTIFICATION_BIND_32,
        FFA_NOTIFICATION_UNBIND_32,
        FFA_NOTIFICATION_SET_32,
        FFA_NOTIFICATION_GET_32,
        FFA_NOTIFICATION_INFO_GET_64,
};

/* The call without arguments; an answer is looked at as 32 bits, all that these calls return. */
static void prepare(struct ffa_regs *regs, uint32_t fid)
{
	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		regs->x[i] = 0;
	regs->x[0] = fid;
}

static bool is_success(const struct ffa_regs *answer)
{
	uint32_t fid = (uint32_t)answer->x[0];

	return fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64;
}

/* A code is a negative number of 32 bits; an error that says something else says nothing. */
enum ffa_status hyp_firmware_status(const struct ffa_regs *answer)
{
	int32_t code = (int32_t)(uint32_t)answer->x[2];

	if (is_success(answer))
		return FFA_OK;
	if ((uint32_t)answer->x[0] != FFA_ERROR_32 || code >= 0)
		return FFA_NOT_SUPPORTED;
	return (enum ffa_status)code;
}

enum ffa_status hyp_firmware_call(struct ffa_regs *regs)
{
	platform_smc(regs);
	return hyp_firmware_status(regs);
}

static bool is_busy(enum ffa_status status)
{
	return status == FFA_BUSY || status == FFA_RETRY;
}

enum ffa_status hyp_firmware_insist(struct ffa_regs *regs)
{
	enum ffa_status status = FFA_BUSY;
	struct ffa_regs call;

	for (size_t i = 0; i < FFA_REG_COUNT; i++)
		call.x[i] = regs->x[i];
	for (unsigned int n = 0; n < HYP_BUSY_CALLS && is_busy(status); n++) {
		for (size_t i = 0; i < FFA_REG_COUNT; i++)
			regs->x[i] = call.x[i];
		status = hyp_firmware_call(regs);
	}
	return status;
}

/* Where nobody is there, -1 may come back as 32 or 64 bits; it is just another major version. */
static uint32_t negotiate_version(void)
{
	struct ffa_regs regs;
	uint32_t theirs;

	prepare(&regs, FFA_VERSION_32);
	regs.x[1] = HYP_VERSION;
	platform_smc(&regs);
	theirs = (uint32_t)regs.x[0];
	if (theirs >> 16 != HYP_VERSION >> 16 || theirs < OLDEST_FIRMWARE)
		return 0;
	return theirs < HYP_VERSION ? theirs : HYP_VERSION;
}

/* The SPMC must take us for the hypervisor: with any other id, VM ids would mean something else. */
static bool knows_hypervisor(void)
{
	struct ffa_regs regs;

	prepare(&regs, FFA_ID_GET_32);
	return hyp_firmware_insist(&regs) == FFA_OK && ffa_low_half(regs.x[2]) == FFA_ID_HYPERVISOR;
}

static bool implements(uint32_t fid)
{
	struct ffa_regs regs;

	prepare(&regs, FFA_FEATURES_32);
	regs.x[1] = fid;
	return hyp_firmware_insist(&regs) == FFA_OK;
}

static uint64_t function_bit(uint32_t fid)
{
	return UINT64_C(1) << (FFA_FID_NUMBER(fid) - FFA_FN_FIRST);
}

static size_t function_width(uint32_t fid)
{
	return ffa_fid_is_64bit(fid) ? 1 : 0;
}

bool hyp_firmware_sri(uint32_t *ret_intid)
{
	struct ffa_regs regs;

	prepare(&regs, FFA_FEATURES_32);
	regs.x[1] = FFA_FEATURE_SRI;
	if (hyp_firmware_insist(&regs) != FFA_OK || (uint32_t)regs.x[2] > LAST_INTID)
		return false;
	*ret_intid = (uint32_t)regs.x[2];
	return true;
}

uint32_t hyp_firmware_probe(void)
{
	uint32_t version = negotiate_version();

	hyp_firmware_forget();
	if (version == 0 || !knows_hypervisor())
		return 0;

	for (size_t i = 0; i < sizeof(forwardable) / sizeof(forwardable[0]); i++) {
		if (implements(forwardable[i]))
			implemented[function_width(forwardable[i])] |= function_bit(forwardable[i]);
	}
	return version;
}

void hyp_firmware_forget(void)
{
	for (size_t i = 0; i < WIDTHS; i++)
		implemented[i] = 0;
}

bool hyp_firmware_has(uint32_t fid)
{
	uint32_t number = FFA_FID_NUMBER(fid);

	if (number < FFA_FN_FIRST || number > FFA_FN_LAST)
		return false;
	return (implemented[function_width(fid)] & function_bit(fid)) != 0;
}
