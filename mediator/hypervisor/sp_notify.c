/* SPDX-License-Identifier: MIT */
/*
 * Notifications of SPs. What SPs send a VM is kept by the SPMC, in a bitmap of
 * its own: bit n there and bit n between VMs have nothing to do with each
 * other. What is kept here is in struct hyp_notif: whether there may be
 * something to fetch.
 */
#include "mediator/hypervisor/hyp_internal.h"

bool hyp_sp_notifications_supported(void)
{
	static const uint32_t needed[] = {
	        FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_NOTIFICATION_BITMAP_DESTROY_32,
	        FFA_NOTIFICATION_BIND_32,          FFA_NOTIFICATION_UNBIND_32,
	        FFA_NOTIFICATION_SET_32,           FFA_NOTIFICATION_GET_32,
	        FFA_NOTIFICATION_INFO_GET_64,
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!hyp_firmware_has(needed[i]))
			return false;
	}
	return true;
}

/* What is pending for the VM is fetched and dropped. Only while the SPMC has its bitmap. */
static enum ffa_status fetch_for_nobody(const struct hyp_vm *vm)
{
	struct ffa_regs regs = {
	        {FFA_NOTIFICATION_GET_32, ffa_pair(0, vm->id.v), HYP_SECURE_GET_FLAGS}};

	return hyp_firmware_insist(&regs);
}

/*
 * An SPMC may give a bitmap to the next VM with what was left in it, since it looked at
 * half of it when the last one ended (facts spmc-differences D30). Nobody has
 * bound anything to the new VM yet, so nothing comes behind what is dropped here.
 */
enum ffa_status hyp_sp_bitmap_create(const struct hyp_vm *vm)
{
	struct ffa_regs regs = {{FFA_NOTIFICATION_BITMAP_CREATE_32, vm->id.v, vm->vcpu_count}};
	enum ffa_status status;

	if (!hyp_settings.sp_notifications)
		return FFA_OK;
	status = hyp_firmware_insist(&regs);
	if (status != FFA_OK)
		return status;
	if (fetch_for_nobody(vm) != FFA_OK)
		platform_log(PLATFORM_LOG_WARNING, "ff-a: firmware may keep notifications for a vm",
		             vm->id.v);
	return FFA_OK;
}

static enum ffa_status bitmap_destroy(const struct hyp_vm *vm)
{
	struct ffa_regs regs = {{FFA_NOTIFICATION_BITMAP_DESTROY_32, vm->id.v}};

	return hyp_firmware_insist(&regs);
}

/*
 * An SPMC keeps a bitmap in which something is pending (facts spmc 1.8.1), and
 * would then refuse one to the next VM of this id: what nobody can fetch any
 * more is fetched, once.
 */
void hyp_sp_bitmap_destroy(const struct hyp_vm *vm)
{
	enum ffa_status status;

	if (!hyp_settings.sp_notifications)
		return;
	status = bitmap_destroy(vm);
	if (status == FFA_DENIED) {
		(void)fetch_for_nobody(vm);
		status = bitmap_destroy(vm);
	}
	if (status != FFA_OK)
		platform_log(PLATFORM_LOG_WARNING, "ff-a: firmware keeps the bitmap of a vm",
		             vm->id.v);
}

enum ffa_status hyp_sp_forward(const struct hyp_call *call)
{
	struct ffa_regs regs = {
	        {call->arg[0], call->arg[1], call->arg[2], call->arg[3], call->arg[4]}};

	return hyp_firmware_call(&regs);
}

/* What the SPMC says beyond the maps that were asked for, or beyond 32 bits, is dropped. */
enum ffa_status hyp_sp_get(struct hyp_call *call, uint32_t flags)
{
	struct ffa_regs regs = {{call->arg[0], call->arg[1], flags}};
	enum ffa_status status = hyp_firmware_call(&regs);

	if (status != FFA_OK)
		return status;
	if ((flags & FFA_NOTIFICATION_GET_SP) != 0) {
		call->out[2] = (uint32_t)regs.x[2];
		call->out[3] = (uint32_t)regs.x[3];
	}
	if ((flags & FFA_NOTIFICATION_GET_SPM) != 0)
		call->out[6] = (uint32_t)regs.x[6];
	return FFA_OK;
}
