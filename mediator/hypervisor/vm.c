/* SPDX-License-Identifier: MIT */
/*
 * The table of VMs.
 *
 * A slot's id is taken before its VM exists and given back after everything
 * that knew the VM has been told of its end, so two VMs of one id never
 * overlap: not in the table, not in the bindings of others, and not in what SPs
 * have been told.
 */
#include "mediator/hypervisor/hyp_internal.h"

struct hyp_vm_slot {
	struct ffa_id id;      /* 0: free */
	struct hyp_vm *vm;     /* NULL: being created or destroyed, nobody can find it */
	struct hyp_vm *ending; /* waits for its timer, to tell SPs once more of its end */
};

static struct platform_lock vms_lock;
static struct hyp_vm_slot slots[HYP_MAX_VMS];

static const struct ffa_id no_id = {.v = FFA_ID_HYPERVISOR};

void hyp_vms_init(void)
{
	platform_lock_init(&vms_lock, "vms", no_id);
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
	if (id.v == HYP_UNUSABLE_ID && hyp_settings.sp_notifications)
		return false;
	return id.v != 0 && !ffa_id_is_secure(id) && vcpu_count >= 1 && vcpu_count <= HYP_MAX_VCPUS;
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

/* From here on the VM may be ended by its timer at any moment. */
static void wait_for_timer(struct hyp_vm *vm)
{
	struct hyp_vm_slot *slot = vm->slot;

	vm->rounds++;
	platform_lock(&vms_lock);
	slot->ending = vm;
	platform_unlock(&vms_lock);
	platform_timer_set((uint32_t)(slot - slots), HYP_DESTROY_DELAY_NS);
}

/* A VM that waits in the slot, which is the caller's to end now; NULL if there is none. */
static struct hyp_vm *take_ending(struct hyp_vm_slot *slot)
{
	struct hyp_vm *vm;

	platform_lock(&vms_lock);
	vm = slot->ending;
	slot->ending = NULL;
	platform_unlock(&vms_lock);
	return vm;
}

static void forget(struct hyp_vm *vm)
{
	release_slot(vm->slot);
	hyp_vm_put(vm);
}

/* One round of telling SPs that a VM is no more; whether that was the end of it. */
static bool end_vm(struct hyp_vm *vm)
{
	if (!hyp_events_destroyed(vm)) {
		if (vm->rounds < HYP_DESTROY_ROUNDS) {
			wait_for_timer(vm);
			return false;
		}
		platform_log(PLATFORM_LOG_WARNING, "ff-a: gave up telling sps of a vm's end",
		             vm->id.v);
	}
	forget(vm);
	return true;
}

/* A VM whose creation failed has no handle, and nobody waits for it. */
static void release_handle(struct platform_vm *handle)
{
	if (handle)
		platform_vm_release(handle);
}

void hyp_timer(uint32_t timer)
{
	struct platform_vm *handle;
	struct hyp_vm *vm;

	if (timer >= HYP_MAX_VMS)
		return;
	vm = take_ending(&slots[timer]);
	if (!vm)
		return;
	handle = vm->handle;
	if (end_vm(vm))
		release_handle(handle);
}

static void give_up(struct hyp_vm_slot *slot)
{
	struct hyp_vm *vm = take_ending(slot);
	struct platform_vm *handle;

	if (!vm)
		return;
	platform_log(PLATFORM_LOG_WARNING, "ff-a: shut down before sps knew of a vm's end",
	             vm->id.v);
	handle = vm->handle;
	forget(vm);
	release_handle(handle);
}

void hyp_vms_fini(void)
{
	for (size_t i = 0; i < HYP_MAX_VMS; i++) {
		give_up(&slots[i]);
		if (slots[i].id.v != 0)
			platform_log(PLATFORM_LOG_ERROR, "ff-a: shut down with a VM",
			             slots[i].id.v);
	}
	platform_lock_fini(&vms_lock);
}

/* Not in the table yet: nobody but the caller knows of the VM. */
static struct hyp_vm *new_vm(struct hyp_vm_slot *slot, struct platform_vm *handle, struct ffa_id id,
                             uint16_t vcpu_count)
{
	size_t words = hyp_partition_count();
	struct hyp_vm *vm = platform_alloc(sizeof(*vm) + words * sizeof(vm->preempted[0]));

	if (!vm)
		return NULL;
	vm->slot = slot;
	vm->handle = handle;
	vm->id = id;
	vm->vcpu_count = vcpu_count;
	vm->refs = 1;
	hyp_version_init(vm);
	hyp_notif_init(vm);
	return vm;
}

/* Makes the VM known to the secure side; what the SPs that accepted it are owed is in vm->untold.
 */
static enum ffa_status announce(struct hyp_vm *vm)
{
	enum ffa_status status = hyp_events_created(vm);

	return status == FFA_OK ? hyp_sp_bitmap_create(vm) : status;
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
	vm = new_vm(slot, handle, id, vcpu_count);
	if (!vm) {
		release_slot(slot);
		return FFA_NO_MEMORY;
	}

	status = announce(vm);
	if (status != FFA_OK) {
		vm->handle = NULL;
		end_vm(vm);
		return status;
	}
	fill_slot(slot, vm);
	*ret_vm = vm;
	return FFA_OK;
}

/*
 * A binding that another VM makes while the others are being told may miss its
 * tombstone. That is a binding for the next VM of this id: the one that ends
 * here makes no calls any more, and the next cannot exist before the slot is
 * released.
 */
bool hyp_vm_destroy(struct hyp_vm *vm)
{
	struct hyp_vm_slot *slot = vm->slot;

	hyp_notif_close(vm);
	fill_slot(slot, NULL);
	tell_others(vm->id);
	hyp_sp_bitmap_destroy(vm);
	vm->untold = hyp_events_destroyed_subscribers();
	return end_vm(vm);
}
