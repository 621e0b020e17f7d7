/* SPDX-License-Identifier: MIT */
/*
 * The schedule receiver interrupt: the SPMC has something for somebody. The
 * interrupt entry interrupts whatever its CPU was doing, so it only asks for
 * the work; the work asks the SPMC who is meant. Work never overlaps itself
 * (platform.h), so neither do two conversations about "more to come".
 */
#include "mediator/hypervisor/hyp_internal.h"

#define WORK_SRI 0u

/* FFA_NOTIFICATION_INFO_GET, its answer (facts spmc 1.8) */
#define INFO_MORE        UINT64_C(1)
#define INFO_LISTS_SHIFT 7
#define INFO_LISTS_MASK  0x1fu
#define INFO_EXTRA_SHIFT 12 /* two bits for each list: how many vCPU ids follow the endpoint's */
#define INFO_EXTRA_MASK  3u
#define INFO_FIRST_REG   3u
#define INFO_REGS        5u
#define INFO_MAX_IDS     20u

struct info {
	uint16_t ids[INFO_MAX_IDS];
	uint8_t extra[INFO_MAX_IDS]; /* by list */
	size_t capacity;
	size_t lists;
	bool more;
};

/* Runs of the work, one behind the other, that all ended with more to come. Of the work only. */
static unsigned int runs;

void hyp_sri_forget(void)
{
	runs = 0;
}

void hyp_interrupt(uint32_t intid)
{
	if (hyp_settings.sp_notifications && intid == hyp_settings.sri)
		platform_defer(WORK_SRI);
}

bool hyp_sri(uint32_t *ret_intid)
{
	*ret_intid = hyp_settings.sri;
	return hyp_settings.sp_notifications;
}

/* Four ids in a 64-bit register, two in a 32-bit one. */
static void read_ids(struct info *info, const struct ffa_regs *answer)
{
	size_t per_reg = ffa_fid_is_64bit((uint32_t)answer->x[0]) ? 4 : 2;

	info->capacity = INFO_REGS * per_reg;
	for (size_t i = 0; i < info->capacity; i++) {
		uint64_t reg = answer->x[INFO_FIRST_REG + i / per_reg];

		info->ids[i] = (uint16_t)(reg >> (16 * (i % per_reg)));
	}
}

/* Whether the lists that the answer announces are there; an answer without any is none. */
static bool read_info(struct info *info, const struct ffa_regs *answer)
{
	uint64_t shape = answer->x[2];
	size_t used = 0;

	read_ids(info, answer);
	info->more = (shape & INFO_MORE) != 0;
	info->lists = (shape >> INFO_LISTS_SHIFT) & INFO_LISTS_MASK;
	if (info->lists == 0 || info->lists > info->capacity)
		return false;
	for (size_t i = 0; i < info->lists; i++) {
		info->extra[i] = (shape >> (INFO_EXTRA_SHIFT + 2 * i)) & INFO_EXTRA_MASK;
		used += 1u + info->extra[i];
	}
	return used <= info->capacity;
}

/* SPs are listed too, for a scheduler of theirs; a VM may have gone since. */
static void tell_vm(struct ffa_id id)
{
	struct hyp_vm *vm;

	if (id.v == FFA_ID_HYPERVISOR || ffa_id_is_secure(id))
		return;
	vm = hyp_vm_get(id);
	if (!vm)
		return;
	if (hyp_notifications_offered(hyp_version_published(vm)))
		hyp_notif_secure_arrived(vm);
	hyp_vm_put(vm);
}

/* Only the endpoint of a list: notifications of VMs are global here, any vCPU gets them. */
static void tell_all(const struct info *info)
{
	size_t next = 0;

	for (size_t i = 0; i < info->lists; i++) {
		tell_vm(ffa_make_id(info->ids[next]));
		next += 1u + info->extra[i];
	}
}

/* One question to the SPMC; whether it says that there is more. */
static bool ask(void)
{
	struct ffa_regs regs = {{FFA_NOTIFICATION_INFO_GET_64}};
	enum ffa_status status = hyp_firmware_call(&regs);
	struct info info;

	if (status != FFA_OK) {
		if (status != FFA_NO_DATA)
			platform_log(PLATFORM_LOG_WARNING,
			             "ff-a: firmware does not say who is notified",
			             (uint32_t)status);
		return false;
	}
	if (!read_info(&info, &regs)) {
		platform_log(PLATFORM_LOG_WARNING, "ff-a: firmware notifies nobody knows whom",
		             regs.x[2]);
		return false;
	}
	tell_all(&info);
	return info.more;
}

void hyp_work(uint32_t work)
{
	if (work != WORK_SRI || !hyp_settings.sp_notifications)
		return;
	for (unsigned int n = 0; n < HYP_INFO_CALLS; n++) {
		if (!ask()) {
			runs = 0;
			return;
		}
	}
	if (++runs < HYP_INFO_RUNS) {
		platform_defer(WORK_SRI);
		return;
	}
	runs = 0;
	platform_log(PLATFORM_LOG_WARNING, "ff-a: firmware has more to tell for ever", 0);
}
