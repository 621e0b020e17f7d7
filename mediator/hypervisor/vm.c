/* SPDX-License-Identifier: MIT */
/*
 * The table of VMs.
 *
 * A slot's id is taken before its VM exists and given back after everything
 * that knew the VM has been told of its end, so two VMs of one id never
 * overlap: not in the table, and not in the bindings of others.
 */
#include "mediator/hypervisor/hyp_internal.h"

struct hyp_vm_slot {
	struct ffa_id id;  /* 0: free */
	struct hyp_vm *vm; /* NULL: being created or destroyed, nobody can find it */
};

static struct platform_lock vms_lock;
static struct hyp_vm_slot slots[HYP_MAX_VMS];

static const struct ffa_id no_id = {.v = FFA_ID_HYPERVISOR};

void hyp_vms_init(void)
{
	platform_lock_init(&vms_lock, "vms", no_id);
}

void hyp_vms_fini(void)
{
	for (size_t i = 0; i < HYP_MAX_VMS; i++) {
		if (slots[i].id.v != 0)
			platform_log(PLATFORM_LOG_ERROR, "ff-a: shut down with a VM",
			             slots[i].id.v);
	}
	platform_lock_fini(&vms_lock);
}

/* Called with vms held; a free slot is found as the one of id 0. */
static struct hyp_vm_slot *find_slot(struct ffa_id id)
{
	for (size_t i = 0; i < HYP_MAX_VMS; i++) {
		if (ffa_id_equal(slots[i].id, id))
			return &slots[i];
	}
	return NULL;
}

static enum ffa_status reserve_slot(struct ffa_id id, struct hyp_vm_slot **ret_slot)
{
	enum ffa_status status = FFA_OK;
	struct hyp_vm_slot *slot;

	platform_lock(&vms_lock);
	slot = find_slot(no_id);
	if (find_slot(id))
		status = FFA_INVALID_PARAMETERS;
	else if (!slot)
		status = FFA_NO_MEMORY;
	else
		slot->id = id;
	platform_unlock(&vms_lock);

	*ret_slot = slot;
	return status;
}

/* What can be found under the slot's id from now on; NULL for nothing. */
static void fill_slot(struct hyp_vm_slot *slot, struct hyp_vm *vm)
{
	platform_lock(&vms_lock);
	slot->vm = vm;
	platform_unlock(&vms_lock);
}

static void release_slot(struct hyp_vm_slot *slot)
{
	platform_lock(&vms_lock);
	slot->id = no_id;
	platform_unlock(&vms_lock);
}

/* The first VM at or behind slot *next, with a reference; *next moves behind it. NULL at the end.
 */
static struct hyp_vm *get_next_vm(size_t *next)
{
	struct hyp_vm *vm = NULL;

	platform_lock(&vms_lock);
	while (!vm && *next < HYP_MAX_VMS)
		vm = slots[(*next)++].vm;
	if (vm)
		vm->refs++;
	platform_unlock(&vms_lock);
	return vm;
}

struct hyp_vm *hyp_vm_get(struct ffa_id id)
{
	struct hyp_vm *vm = NULL;
	struct hyp_vm_slot *slot;

	platform_lock(&vms_lock);
	slot = find_slot(id);
	if (slot)
		vm = slot->vm;
	if (vm)
		vm->refs++;
	platform_unlock(&vms_lock);
	return vm;
}

void hyp_vm_put(struct hyp_vm *vm)
{
	bool last;

	platform_lock(&vms_lock);
	last = --vm->refs == 0;
	platform_unlock(&vms_lock);
	if (!last)
		return;

	hyp_notif_fini(vm);
	hyp_version_fini(vm);
	platform_free(vm);
}

static bool is_valid(struct ffa_id id, uint16_t vcpu_count)
{
	return id.v != 0 && !ffa_id_is_secure(id) && vcpu_count >= 1 && vcpu_count <= HYP_MAX_VCPUS;
}

enum ffa_status hyp_vm_create(struct platform_vm *handle, struct ffa_id id, uint16_t vcpu_count,
                              struct hyp_vm **ret_vm)
{
	enum ffa_status status;
	struct hyp_vm_slot *slot;
	struct hyp_vm *vm;

	if (!is_valid(id, vcpu_count))
		return FFA_INVALID_PARAMETERS;
	status = reserve_slot(id, &slot);
	if (status != FFA_OK)
		return status;
	vm = platform_alloc(sizeof(*vm));
	if (!vm) {
		release_slot(slot);
		return FFA_NO_MEMORY;
	}

	vm->slot = slot;
	vm->handle = handle;
	vm->id = id;
	vm->vcpu_count = vcpu_count;
	vm->refs = 1;
	hyp_version_init(vm);
	hyp_notif_init(vm);
	fill_slot(slot, vm);
	*ret_vm = vm;
	return FFA_OK;
}

/* One VM at a time, each held by a reference and not by the table's lock. */
static void tell_others(struct ffa_id gone)
{
	struct hyp_vm *other;
	size_t next = 0;

	while ((other = get_next_vm(&next))) {
		hyp_notif_sender_gone(other, gone);
		hyp_vm_put(other);
	}
}

/*
 * A binding that another VM makes while the others are being told may miss its
 * tombstone. That is a binding for the next VM of this id: the one that ends
 * here makes no calls any more, and the next cannot exist before the slot is
 * released.
 */
void hyp_vm_destroy(struct hyp_vm *vm)
{
	struct hyp_vm_slot *slot = vm->slot;

	hyp_notif_close(vm);
	fill_slot(slot, NULL);
	tell_others(vm->id);
	release_slot(slot);
	hyp_vm_put(vm);
}
