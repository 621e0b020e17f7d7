/* SPDX-License-Identifier: MIT */
/* The way in: start-up, and the one table that says what is called and what is offered. */
#include "mediator/hypervisor/hyp_internal.h"

enum call_condition {
	ALWAYS,
	WITH_NOTIFICATIONS, /* only where somebody can send the VM a notification */
};

/* In place of a version: works before one is negotiated, and leaves the negotiation open. */
#define BEFORE_VERSION 0u

/*
 * One row for each function that FFA_FEATURES reports. A row without a handler
 * is one that goes to guests only, an answer. A handler that succeeds is
 * answered with `success` in x0; with 0 there it has filled x0 itself.
 */
struct call_row {
	uint32_t fid;
	uint32_t since;
	uint32_t success;
	enum call_condition condition;
	enum ffa_status (*handle)(struct hyp_call *call);
};

struct hyp_settings hyp_settings;

static enum ffa_status call_id_get(struct hyp_call *call)
{
	call->out[2] = call->vm->id.v;
	return FFA_OK;
}

static const struct call_row call_table[] = {
        {FFA_ERROR_32, FFA_VERSION_1_0, 0, ALWAYS, NULL},
        {FFA_SUCCESS_32, FFA_VERSION_1_0, 0, ALWAYS, NULL},
        {FFA_SUCCESS_64, FFA_VERSION_1_0, 0, ALWAYS, NULL},
        {FFA_VERSION_32, BEFORE_VERSION, 0, ALWAYS, hyp_call_version},
        {FFA_FEATURES_32, FFA_VERSION_1_0, FFA_SUCCESS_32, ALWAYS, hyp_call_features},
        {FFA_ID_GET_32, FFA_VERSION_1_0, FFA_SUCCESS_32, ALWAYS, call_id_get},
        {FFA_NOTIFICATION_BIND_32, FFA_VERSION_1_1, FFA_SUCCESS_32, WITH_NOTIFICATIONS,
         hyp_call_notification_bind},
        {FFA_NOTIFICATION_UNBIND_32, FFA_VERSION_1_1, FFA_SUCCESS_32, WITH_NOTIFICATIONS,
         hyp_call_notification_unbind},
        {FFA_NOTIFICATION_SET_32, FFA_VERSION_1_1, FFA_SUCCESS_32, WITH_NOTIFICATIONS,
         hyp_call_notification_set},
        {FFA_NOTIFICATION_GET_32, FFA_VERSION_1_1, FFA_SUCCESS_32, WITH_NOTIFICATIONS,
         hyp_call_notification_get},
        {FFA_NOTIFICATION_INFO_GET_32, FFA_VERSION_1_1, FFA_SUCCESS_32, WITH_NOTIFICATIONS,
         hyp_call_notification_info_get},
        {FFA_NOTIFICATION_INFO_GET_64, FFA_VERSION_1_1, FFA_SUCCESS_64, WITH_NOTIFICATIONS,
         hyp_call_notification_info_get},
};

#define CALL_ROWS (sizeof(call_table) / sizeof(call_table[0]))

enum ffa_status hyp_boot(const struct hyp_config *config)
{
	uint32_t firmware = hyp_firmware_probe();

	if (firmware != 0 && !hyp_partitions_read()) {
		hyp_firmware_forget();
		firmware = 0;
	}
	if (firmware == 0 && !config->vm_to_vm) {
		platform_log(PLATFORM_LOG_ERROR, "ff-a: no usable firmware, nothing to do", 0);
		return FFA_NOT_SUPPORTED;
	}
	if (firmware == 0)
		platform_log(PLATFORM_LOG_WARNING, "ff-a: no usable firmware, between VMs only", 0);
	else
		platform_log(PLATFORM_LOG_INFO, "ff-a: firmware negotiated version", firmware);

	hyp_settings.config = *config;
	hyp_settings.sp_notifications =
	        hyp_sp_notifications_supported() && hyp_firmware_sri(&hyp_settings.sri);
	hyp_vms_init();
	return FFA_OK;
}

void hyp_shutdown(void)
{
	hyp_vms_fini();
	hyp_partitions_forget();
	hyp_sri_forget();
	hyp_firmware_forget();
	hyp_settings = (struct hyp_settings){0};
}

bool hyp_notifications_offered(uint32_t version)
{
	return version >= FFA_VERSION_1_1 &&
	       (hyp_settings.config.vm_to_vm || hyp_settings.sp_notifications);
}

static bool row_offered(const struct call_row *row, uint32_t version)
{
	if (version < row->since)
		return false;
	return row->condition == ALWAYS || hyp_notifications_offered(version);
}

static const struct call_row *find_row(uint32_t fid)
{
	for (size_t i = 0; i < CALL_ROWS; i++) {
		if (call_table[i].fid == fid)
			return &call_table[i];
	}
	return NULL;
}

bool hyp_function_offered(const struct hyp_call *call, uint32_t fid)
{
	const struct call_row *row = find_row(fid);

	return row && row_offered(row, call->version);
}

/* A 32-bit call carries 32-bit arguments; what is above them is not the guest's to use. */
static void read_arguments(struct hyp_call *call, uint32_t fid, const struct ffa_regs *regs)
{
	uint64_t mask = ffa_fid_is_64bit(fid) ? UINT64_MAX : UINT32_MAX;

	call->arg[0] = fid;
	for (size_t i = 1; i < HYP_PLAIN_REGS; i++)
		call->arg[i] = regs->x[i] & mask;
	for (size_t i = 0; i < HYP_PLAIN_REGS; i++)
		call->out[i] = 0;
}

static enum ffa_status dispatch(struct hyp_call *call, const struct call_row *row)
{
	enum ffa_status status;

	if (!row || !row->handle || !row_offered(row, call->version))
		return FFA_NOT_SUPPORTED;
	status = row->handle(call);
	if (status == FFA_OK && row->success != 0)
		call->out[0] = row->success;
	return status;
}

static void write_answer(const struct hyp_call *call, struct ffa_regs *regs)
{
	for (size_t i = 0; i < HYP_PLAIN_REGS; i++)
		regs->x[i] = call->out[i];

	/* A caller before 1.2 may count on x8..x17 being preserved, a later one on their being 0.
	 */
	if (call->version < FFA_VERSION_1_2)
		return;
	for (size_t i = HYP_PLAIN_REGS; i < FFA_REG_COUNT; i++)
		regs->x[i] = 0;
}

void hyp_guest_call(struct hyp_vm *vm, uint16_t vcpu, struct ffa_regs *regs)
{
	uint32_t fid = (uint32_t)regs->x[0];
	const struct call_row *row = find_row(fid);
	struct hyp_call call;
	enum ffa_status status;

	if (!ffa_fid_is_ffa(fid)) {
		regs->x[0] = SMCCC_UNKNOWN_FUNCTION;
		return;
	}
	(void)vcpu; /* no call answers differently on another vCPU of the VM */
	call.vm = vm;
	read_arguments(&call, fid, regs);
	if (row && row->since == BEFORE_VERSION)
		call.version = hyp_version_published(vm);
	else
		call.version = hyp_version_freeze(vm);

	status = dispatch(&call, row);
	if (status != FFA_OK) {
		call.out[0] = FFA_ERROR_32;
		call.out[2] = (uint32_t)status;
	}
	write_answer(&call, regs);
}
