/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the SPMC. A handler gets the registers of the call and
 * an answer that is FFA_SUCCESS_32 without results; what it returns other than
 * FFA_OK becomes FFA_ERROR in its place.
 */
#ifndef EMU_WORLD_SPMC_INTERNAL_H
#define EMU_WORLD_SPMC_INTERNAL_H

#include "emu/world/internal.h"

/* w2 of a framework message, and its functions (facts spmc.md section 1.4.1). */
#define WORLD_FRAMEWORK       0x80000000u
#define WORLD_FUNCTION        0xffu
#define WORLD_FN_VM_CREATED   4u
#define WORLD_FN_VM_DESTROYED 6u

/* x0 of SMCCC where nobody has the call; of VERSION, where it is refused. */
#define WORLD_SMCCC_UNKNOWN 0xffffffffull

typedef enum ffa_status world_spmc_handler(struct world *world, const struct ffa_regs *in,
                                           struct ffa_regs *out);

static inline unsigned world_knob(const struct world *world, enum world_knob knob)
{
	return world->knobs ? world->knobs[knob] : world->config.spmc.knobs[knob];
}

/* The index of the SP with this id, or -1. */
int world_find_sp(const struct world *world, uint16_t id);
/* Whether the UUID is one of the SP's, listed with all of these properties; nil: any of them. */
bool world_sp_speaks(const struct world_sp *sp, const uint32_t *uuid, uint32_t properties);
/* Whether it is listed with all of these properties at any of its UUIDs. */
bool world_sp_has(const struct world_sp *sp, uint32_t properties);

/* Raises the schedule receiver interrupt, if the SPMC has one. */
void world_raise_sri(struct world *world);

/* spmc.c: whether the SPMC has the call, or can end one with it. */
bool world_spmc_has(const struct world *world, uint32_t fid);
/* The same at a version that is high enough; whether the call was left out. */
bool world_spmc_implements(const struct world *world, uint32_t fid);
bool world_spmc_lacks(const struct world *world, uint32_t fid);

/* spmc_discovery.c */
world_spmc_handler world_version, world_features, world_id_get, world_spm_id_get;
/* Whether the call ends the negotiation of the version. */
bool world_locks_version(const struct world *world, const struct ffa_regs *in);

/* spmc_rxtx.c */
world_spmc_handler world_rxtx_map, world_rxtx_unmap, world_rx_release;
/* Into RX, which is mapped and large enough; zeros from the offset to its end. */
void world_rx_write(struct world *world, size_t offset, const void *bytes, size_t size);
void world_rx_clear(struct world *world, size_t offset);

/* spmc_partition.c */
world_spmc_handler world_partition_info_get, world_partition_info_get_regs;

/* Whether the SP is the SPMC itself. */
static inline bool world_is_own_partition(const struct world *world, unsigned sp)
{
	return sp == 0 && world_knob(world, WORLD_KNOB_OWN_PARTITION) == WORLD_OWN_PARTITION_FIRST;
}

/* spmc_bitmap.c */
world_spmc_handler world_bitmap_create, world_bitmap_destroy;
/* The id that stands for a free slot, where one does. */
#define WORLD_FREE_SLOT_ID 0x7fffu
bool world_is_free_slot_id(const struct world *world, uint16_t id);
/* The bitmap of a VM, created or not; NULL if it has none. */
struct world_bitmap *world_find_bitmap(struct world *world, uint16_t id);
/* The same, with a free slot for a VM that has none; NULL and why with a status other than FFA_OK.
 */
enum ffa_status world_need_bitmap(struct world *world, uint16_t id,
                                  struct world_bitmap **ret_bitmap);
/* The bitmap that FFA_NOTIFICATION_INFO_GET looks at as the n-th, from 0 to WORLD_SPMC_SLOTS; NULL
 * if there is none. */
struct world_bitmap *world_bitmap_in_order(struct world *world, unsigned n);
uint64_t world_pending_anywhere(const struct world_bitmap *bitmap);
/* What the SPMC makes of VM_CREATED or VM_DESTROYED to this SP: the status of the response. */
enum ffa_status world_guest_event(struct world *world, unsigned sp, const struct ffa_regs *in);

#define WORLD_GET_RESERVED 0xfffffff0u /* flags of FFA_NOTIFICATION_GET */

/*
 * spmc_owner.c: the notifications that are bound at all, to one owner (0: to nobody), and those
 * that an owner may set, which are its own and those of nobody in particular.
 */
uint64_t world_bound(const struct world_notifications *map);
uint64_t world_owned_by(const struct world_notifications *map, unsigned owner);
uint64_t world_settable_by(const struct world_notifications *map, unsigned owner);
void world_give(struct world_notifications *map, uint64_t bitmap, unsigned owner);
/* Takes what is pending. */
uint64_t world_fetch(struct world_notifications *map);
/* Owners. 0: the VM is neither in the machine nor a stranger; need makes it one, 0 if there are
 * WORLD_STRANGERS already. */
unsigned world_sp_owner(unsigned sp);
unsigned world_vm_owner(const struct world *world, uint16_t id);
unsigned world_need_vm_owner(struct world *world, uint16_t id);

/* spmc_notify.c: calls of the normal world. */
world_spmc_handler world_notification_bind, world_notification_unbind;
world_spmc_handler world_notification_set, world_notification_get;

/* spmc_notify_sp.c: calls of an SP. */
enum ffa_status world_sp_notification_bind(struct world *world, unsigned sp,
                                           const struct ffa_regs *in);
enum ffa_status world_sp_notification_unbind(struct world *world, unsigned sp,
                                             const struct ffa_regs *in);
enum ffa_status world_sp_notification_set(struct world *world, unsigned sp,
                                          const struct ffa_regs *in);
enum ffa_status world_sp_notification_get(struct world *world, unsigned sp,
                                          const struct ffa_regs *in, struct ffa_regs *out);
/* Whether one of the registers from first to last has a bit in its lower half. */
bool world_any_register(const struct ffa_regs *in, unsigned first, unsigned last);
/* Nothing is pending for the SP any more. */
void world_sp_fetch(struct world *world, unsigned sp);

/* spmc_info_get.c */
world_spmc_handler world_notification_info_get;

/* spmc_direct.c */
world_spmc_handler world_direct_request, world_run;
/* Whether the call is an FFA_RUN that the SPMC does not take for one. */
bool world_run_is_refused(const struct world *world, const struct ffa_regs *in);

/* An execution context of an SP. */
struct world_sp_context {
	unsigned sp;
	unsigned number;
};

/* sp.c: the context that serves a request on this CPU; whether it may be resumed here. */
struct world_sp_context world_sp_context(struct world *world, unsigned sp);
bool world_sp_may_run(struct world *world, struct world_sp_context context);
/* Its answer to a request that has passed all checks, and its next one once it is resumed. */
void world_sp_request(struct world *world, struct world_sp_context context,
                      const struct ffa_regs *in, struct ffa_regs *out);
/* The request that the context has parked, or NULL. */
struct world_request *world_sp_open(struct world *world, struct world_sp_context context);

/* spmc_fault.c: the fault that takes the call, counted; NULL if none does. */
const struct world_fault *world_spmc_fault(struct world *world, const struct ffa_regs *in);
/* The answer of WORLD_FAULT_ANSWER to a call. */
void world_fault_answer(const struct world *world, const struct world_fault *fault, uint32_t fid,
                        struct ffa_regs *ret_answer);
/* What WORLD_FAULT_CHANGE makes of the honest answer; nothing for other kinds. */
void world_fault_change(const struct world_fault *fault, struct ffa_regs *answer);
/* All knobs as they are for a call that WORLD_FAULT_BEHAVIOUR takes. */
void world_fault_knobs(const struct world *world, const struct world_fault *fault,
                       uint8_t *ret_knobs);

/* spmc_ledger.c: before and after each call of the normal world; faulty: a fault took it. */
struct world_spmc_before {
	uint8_t rx;       /* enum world_rx */
	uint32_t bitmaps; /* slots that are created, a bit each */
};

void world_ledger_begin(const struct world *world, struct world_spmc_before *ret_before);
void world_ledger_end(struct world *world, const struct world_spmc_before *before,
                      const struct ffa_regs *in, bool faulty, const struct ffa_regs *answer);

/* spmc_lie.c: breaks the answer to a call as the knobs say. */
void world_spmc_lie(struct world *world, uint32_t fid, struct ffa_regs *answer);
/* The knob's lie has changed an answer. */
void world_note_lie(struct world *world, enum world_knob which);
/* Whether the call is one that is answered RETRY for ever. */
bool world_spmc_retries(const struct world *world, uint32_t fid);

#endif
