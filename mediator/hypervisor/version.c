/* SPDX-License-Identifier: MIT */
/* FFA_VERSION: each VM negotiates its own version, until its first other call freezes it. */
#include "mediator/hypervisor/hyp_internal.h"

#define VERSION_REFUSED ((uint32_t)FFA_NOT_SUPPORTED)

void hyp_version_init(struct hyp_vm *vm)
{
	platform_lock_init(&vm->version.lock, "version", vm->id);
}

void hyp_version_fini(struct hyp_vm *vm)
{
	platform_lock_fini(&vm->version.lock);
}

uint32_t hyp_version_published(const struct hyp_vm *vm)
{
	return __atomic_load_n(&vm->version.published, __ATOMIC_ACQUIRE);
}

uint32_t hyp_version_freeze(struct hyp_vm *vm)
{
	struct hyp_version *version = &vm->version;
	uint32_t published = hyp_version_published(vm);

	if (published != 0)
		return published;

	platform_lock(&version->lock);
	published = version->offered;
	if (published != 0)
		__atomic_store_n(&version->published, published, __ATOMIC_RELEASE);
	platform_unlock(&version->lock);
	return published;
}

/* What both sides speak; 0 if that is nothing. Bit 31, which must be 0, makes it another major. */
static uint32_t common_version(uint32_t wanted)
{
	if (wanted >> 16 != HYP_VERSION >> 16)
		return 0;
	return wanted < HYP_VERSION ? wanted : HYP_VERSION;
}

/*
 * A version that is not ours to speak is refused with NOT_SUPPORTED and changes
 * nothing, and so is another one than the frozen one (since FF-A 1.2). The
 * answer otherwise is the version of the mediator, not the negotiated one.
 */
enum ffa_status hyp_call_version(struct hyp_call *call)
{
	struct hyp_version *version = &call->vm->version;
	uint32_t common = common_version((uint32_t)call->arg[1]);
	bool accepted = false;

	if (common != 0) {
		platform_lock(&version->lock);
		accepted = version->published == 0 || version->published == common;
		if (accepted)
			version->offered = common;
		platform_unlock(&version->lock);
	}
	call->out[0] = accepted ? HYP_VERSION : VERSION_REFUSED;
	return FFA_OK;
}
