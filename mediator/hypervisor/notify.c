/* SPDX-License-Identifier: MIT */
/*
 * Notifications that VMs receive: those of other VMs entirely, those of SPs as
 * far as they are the mediator's. All state of a receiver is under its notif
 * lock, and each call changes it in one section of that lock: between VMs it is
 * either entirely before or entirely after any other call on the same receiver.
 */
#include "mediator/hypervisor/hyp_internal.h"

#define GET_FLAGS                                                                       \
	(FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_VM | FFA_NOTIFICATION_GET_SPM | \
	 FFA_NOTIFICATION_GET_HYP)

/* INFO_GET: one list (bits 11:7) of no vCPUs, so of one id, that of the VM; no more to come. */
#define INFO_ONE_ENDPOINT (UINT64_C(1) << 7)

static const struct ffa_id unbound = {.v = FFA_ID_HYPERVISOR};

/* w1 of a call, and w3/w4 as one set. */
struct request {
	struct ffa_id sender;
	struct ffa_id receiver;
	uint64_t bits;
};

static struct request read_request(const struct hyp_call *call)
{
	return (struct request){
	        .sender = ffa_make_id(ffa_high_half(call->arg[1])),
	        .receiver = ffa_make_id(ffa_low_half(call->arg[1])),
	        .bits = ffa_join(call->arg[3], call->arg[4]),
	};
}

void hyp_notif_init(struct hyp_vm *vm)
{
	platform_lock_init(&vm->notif.lock, "notif", vm->id);
}

void hyp_notif_fini(struct hyp_vm *vm)
{
	platform_lock_fini(&vm->notif.lock);
}

/* Those of the bits that are bound to the sender, gone or not; to `unbound`: those that are free.
 */
static uint64_t bound_to(const struct hyp_notif *notif, struct ffa_id sender, uint64_t bits)
{
	uint64_t found = 0;

	for (uint64_t rest = bits; rest != 0; rest &= rest - 1) {
		unsigned int bit = hyp_lowest_bit(rest);

		if (ffa_id_equal(notif->sender[bit], sender))
			found |= UINT64_C(1) << bit;
	}
	return found;
}

static uint64_t bound_alive(const struct hyp_notif *notif, struct ffa_id sender, uint64_t bits)
{
	return bound_to(notif, sender, bits) & ~notif->gone;
}

static void bind_to(struct hyp_notif *notif, struct ffa_id sender, uint64_t bits)
{
	for (uint64_t rest = bits; rest != 0; rest &= rest - 1)
		notif->sender[hyp_lowest_bit(rest)] = sender;
}

void hyp_notif_close(struct hyp_vm *vm)
{
	struct hyp_notif *notif = &vm->notif;

	platform_lock(&notif->lock);
	notif->dead = true;
	notif->armed = false;
	notif->news = false;
	notif->pending = 0;
	notif->gone = 0;
	notif->secure = 0;
	notif->secure_news = false;
	bind_to(notif, unbound, UINT64_MAX);
	platform_unlock(&notif->lock);
}

void hyp_notif_sender_gone(struct hyp_vm *vm, struct ffa_id sender)
{
	struct hyp_notif *notif = &vm->notif;

	platform_lock(&notif->lock);
	notif->gone |= bound_to(notif, sender, UINT64_MAX);
	platform_unlock(&notif->lock);
}

/* Here, or at the SPMC as far as it has told. */
static bool has_pending(const struct hyp_notif *notif)
{
	return notif->pending != 0 || notif->secure != 0;
}

/*
 * Delivery of the NPI, with notif held and something pending.
 *
 * A vCPU may go off line between the question and the injection. A service
 * that reports the loss makes the loop go on; one that cannot tell is believed,
 * because the vcpu_off entry of that vCPU is still to come and raises again.
 */
static void raise_npi(struct hyp_vm *vm)
{
	vm->notif.armed = false;
	for (uint16_t vcpu = 0; vcpu < vm->vcpu_count; vcpu++) {
		if (!platform_vcpu_online(vm->handle, vcpu))
			continue;
		if (platform_inject(vm->handle, vcpu, HYP_NPI_INTID) != PLATFORM_INJECT_DROPPED) {
			vm->notif.armed = true;
			return;
		}
	}
}

/* An earlier NPI may have met every vCPU off line, or one whose loss nobody reported. */
void hyp_vcpu_on(struct hyp_vm *vm, uint16_t vcpu)
{
	struct hyp_notif *notif = &vm->notif;

	platform_lock(&notif->lock);
	if (has_pending(notif) && vcpu < vm->vcpu_count &&
	    platform_inject(vm->handle, vcpu, HYP_NPI_INTID) != PLATFORM_INJECT_DROPPED)
		notif->armed = true;
	platform_unlock(&notif->lock);
}

/* An NPI that this vCPU had not taken is lost; another vCPU must be told, if there is one. */
void hyp_vcpu_off(struct hyp_vm *vm, uint16_t vcpu)
{
	struct hyp_notif *notif = &vm->notif;

	(void)vcpu;
	platform_lock(&notif->lock);
	if (has_pending(notif))
		raise_npi(vm);
	platform_unlock(&notif->lock);
}

/*
 * Always a new NPI: the GET that the last one led to may have been at the SPMC
 * already, and does not bring what arrived behind it.
 */
void hyp_notif_secure_arrived(struct hyp_vm *vm)
{
	struct hyp_notif *notif = &vm->notif;

	platform_lock(&notif->lock);
	if (!notif->dead) {
		notif->secure = HYP_SECURE_GET_FLAGS;
		notif->secure_news = true;
		notif->arrivals++;
		raise_npi(vm);
	}
	platform_unlock(&notif->lock);
}

/* Whether notifications with this partition, an SP or a VM, are offered. */
static bool is_served(struct ffa_id peer)
{
	return ffa_id_is_secure(peer) ? hyp_settings.sp_notifications
	                              : hyp_settings.config.vm_to_vm;
}

/* What BIND and UNBIND have in common; what cannot be checked without the lock is not in here. */
static enum ffa_status check_receiver_request(const struct hyp_call *call,
                                              const struct request *request)
{
	struct ffa_id self = call->vm->id;

	if (call->arg[2] != 0) /* BIND: only global notifications; UNBIND: must be zero */
		return FFA_INVALID_PARAMETERS;
	if (!ffa_id_equal(request->receiver, self) || ffa_id_equal(request->sender, self))
		return FFA_INVALID_PARAMETERS;
	if (ffa_id_equal(request->sender, unbound) || request->bits == 0)
		return FFA_INVALID_PARAMETERS;
	if (!is_served(request->sender))
		return FFA_NOT_SUPPORTED;
	return FFA_OK;
}

/* The sender need not exist yet. Bits that it has already are no obstacle, unless it is gone. */
static enum ffa_status bind(struct hyp_notif *notif, const struct request *request)
{
	uint64_t available = bound_to(notif, unbound, request->bits) |
	                     bound_alive(notif, request->sender, request->bits);

	if ((notif->pending & request->bits) != 0 || available != request->bits)
		return FFA_DENIED;
	bind_to(notif, request->sender, request->bits);
	return FFA_OK;
}

enum ffa_status hyp_call_notification_bind(struct hyp_call *call)
{
	struct hyp_notif *notif = &call->vm->notif;
	struct request request = read_request(call);
	enum ffa_status status = check_receiver_request(call, &request);

	if (status != FFA_OK)
		return status;
	if (ffa_id_is_secure(request.sender))
		return hyp_sp_forward(call);
	platform_lock(&notif->lock);
	status = bind(notif, &request);
	platform_unlock(&notif->lock);
	return status;
}

static enum ffa_status unbind(struct hyp_notif *notif, const struct request *request)
{
	if ((notif->pending & request->bits) != 0)
		return FFA_DENIED;
	if (bound_to(notif, request->sender, request->bits) != request->bits)
		return FFA_DENIED;
	bind_to(notif, unbound, request->bits);
	notif->gone &= ~request->bits;
	return FFA_OK;
}

enum ffa_status hyp_call_notification_unbind(struct hyp_call *call)
{
	struct hyp_notif *notif = &call->vm->notif;
	struct request request = read_request(call);
	enum ffa_status status = check_receiver_request(call, &request);

	if (status != FFA_OK)
		return status;
	if (ffa_id_is_secure(request.sender))
		return hyp_sp_forward(call);
	platform_lock(&notif->lock);
	status = unbind(notif, &request);
	platform_unlock(&notif->lock);
	return status;
}

static enum ffa_status check_set(const struct hyp_call *call, const struct request *request)
{
	struct ffa_id self = call->vm->id;

	if (!ffa_id_equal(request->sender, self) || ffa_id_equal(request->receiver, self))
		return FFA_INVALID_PARAMETERS;
	if (request->receiver.v == FFA_ID_HYPERVISOR || request->bits == 0)
		return FFA_INVALID_PARAMETERS;
	if (call->arg[2] != 0) /* no per-vCPU notifications, and no delayed SRI between VMs */
		return FFA_INVALID_PARAMETERS;
	if (!is_served(request->receiver))
		return FFA_NOT_SUPPORTED;
	return FFA_OK;
}

/*
 * An NPI that was accepted after the last GET will make the VM look, and it will
 * find these bits as well. Whatever happens to the NPI, the bits stay pending.
 */
static enum ffa_status set_pending(struct hyp_vm *receiver, const struct request *request)
{
	struct hyp_notif *notif = &receiver->notif;

	if (notif->dead)
		return FFA_INVALID_PARAMETERS;
	if (bound_alive(notif, request->sender, request->bits) != request->bits)
		return FFA_DENIED;
	notif->pending |= request->bits;
	notif->news = true;
	if (!notif->armed)
		raise_npi(receiver);
	return FFA_OK;
}

/* A VM whose version has no notifications could never have bound anything: not a receiver. */
static enum ffa_status set_for(struct hyp_vm *receiver, const struct request *request)
{
	enum ffa_status status;

	if (!hyp_notifications_offered(hyp_version_published(receiver)))
		return FFA_INVALID_PARAMETERS;
	platform_lock(&receiver->notif.lock);
	status = set_pending(receiver, request);
	platform_unlock(&receiver->notif.lock);
	return status;
}

enum ffa_status hyp_call_notification_set(struct hyp_call *call)
{
	struct request request = read_request(call);
	enum ffa_status status = check_set(call, &request);
	struct hyp_vm *receiver;

	if (status != FFA_OK)
		return status;
	if (ffa_id_is_secure(request.receiver))
		return hyp_sp_forward(call);
	receiver = hyp_vm_get(request.receiver);
	if (!receiver)
		return FFA_INVALID_PARAMETERS;
	status = set_for(receiver, &request);
	hyp_vm_put(receiver);
	return status;
}

/*
 * Any GET ends what the last NPI stands for. One that leaves something pending,
 * because it did not ask for it, gets no new NPI by itself: a VM that answers
 * each NPI with such a GET would never leave its handler. The next SET raises.
 */
static uint64_t take_pending(struct hyp_notif *notif, uint32_t flags)
{
	uint64_t taken = 0;

	notif->armed = false;
	if ((flags & FFA_NOTIFICATION_GET_VM) != 0) {
		taken = notif->pending;
		notif->pending = 0;
		notif->news = false;
	}
	return taken;
}

static uint32_t count_arrivals(struct hyp_notif *notif)
{
	uint32_t arrivals;

	platform_lock(&notif->lock);
	arrivals = notif->arrivals;
	platform_unlock(&notif->lock);
	return arrivals;
}

/* What arrived since the SPMC was asked may not be in its answer: then it is still to be fetched.
 */
static void secure_taken(struct hyp_notif *notif, uint32_t flags, uint32_t arrivals)
{
	if (notif->arrivals != arrivals)
		return;
	notif->secure &= ~flags;
	if (notif->secure == 0)
		notif->secure_news = false;
}

/*
 * The SPMC's part and ours are two operations, in this order: where the SPMC
 * refuses, nothing of ours has changed. The mediator itself has nothing to
 * notify a VM of; a map that nobody serves reads as 0.
 */
enum ffa_status hyp_call_notification_get(struct hyp_call *call)
{
	struct hyp_notif *notif = &call->vm->notif;
	uint16_t vcpu = ffa_high_half(call->arg[1]);
	struct ffa_id receiver = ffa_make_id(ffa_low_half(call->arg[1]));
	uint32_t flags = (uint32_t)call->arg[2];
	uint32_t secure = hyp_settings.sp_notifications ? flags & HYP_SECURE_GET_FLAGS : 0;
	uint32_t arrivals = 0;
	uint64_t taken;

	if (!ffa_id_equal(receiver, call->vm->id))
		return FFA_INVALID_PARAMETERS;
	/* all notifications are global, so any vCPU of the VM gets them */
	if (vcpu >= call->vm->vcpu_count || (flags & ~GET_FLAGS) != 0)
		return FFA_INVALID_PARAMETERS;

	if (secure != 0) {
		enum ffa_status status;

		arrivals = count_arrivals(notif);
		status = hyp_sp_get(call, secure);
		if (status != FFA_OK)
			return status;
	}
	platform_lock(&notif->lock);
	if (secure != 0)
		secure_taken(notif, secure, arrivals);
	taken = take_pending(notif, flags);
	platform_unlock(&notif->lock);

	call->out[4] = (uint32_t)taken;
	call->out[5] = taken >> 32;
	return FFA_OK;
}

/* All bits share one entry in the answer, so one flag for each side tells of something new. */
static bool take_news(struct hyp_notif *notif)
{
	bool news = notif->news || notif->secure_news;

	notif->news = false;
	notif->secure_news = false;
	if (hyp_settings.config.info_report_always)
		return has_pending(notif);
	return news;
}

/* The registers of the answer are the same in both widths: a single id fills the low 16 bits. */
enum ffa_status hyp_call_notification_info_get(struct hyp_call *call)
{
	struct hyp_notif *notif = &call->vm->notif;
	bool news;

	platform_lock(&notif->lock);
	news = take_news(notif);
	platform_unlock(&notif->lock);

	if (!news)
		return FFA_NO_DATA;
	call->out[2] = INFO_ONE_ENDPOINT;
	call->out[3] = call->vm->id.v;
	return FFA_OK;
}
