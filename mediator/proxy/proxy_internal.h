/* SPDX-License-Identifier: MIT */
/*
 * What the files of this mediator share; proxy.h is the outside.
 *
 * Who may touch what
 *  - proxy_version (version.c): `newest` is constant after boot, `told` is
 *    under the lock version, `published` is written once under it, with
 *    release, and read anywhere with acquire; `buffers` is constant from then on.
 *  - proxy_buffers (buffers.c): the proxy's own pages are constant after boot,
 *    what is in them and everything else is under the lock buffers.
 *  - struct proxy_call lives on the stack of one proxy_host_call().
 *
 * Freestanding; included by the files of this folder and by their unit test.
 */
#ifndef MEDIATOR_PROXY_PROXY_INTERNAL_H
#define MEDIATOR_PROXY_PROXY_INTERNAL_H

#include "mediator/proxy/proxy.h"

/* SMCs at most for one question of a negotiation to an SPMC that is busy. */
#define PROXY_BUSY_CALLS 11u

/* The only size of a buffer, and the alignment of its address. */
#define PROXY_PAGE_SIZE 4096u

/* One FF-A call. The host's registers are read once, into `in`. */
struct proxy_call {
	uint32_t fid;
	uint32_t version;    /* negotiated, 0 if nothing is */
	struct ffa_regs in;  /* without what is not part of the call: fit to be sent on */
	struct ffa_regs out; /* all 0 when a handler is entered */
};

/* What becomes of a function; the dispatch and FFA_FEATURES ask the same question. */
enum proxy_offer {
	PROXY_REFUSED,
	PROXY_OWN,  /* the proxy's own doing */
	PROXY_SPMC, /* only as good as the SPMC's implementation */
};

/* proxy.c */
enum proxy_offer proxy_function_offer(uint32_t fid, uint32_t version);

/*
 * firmware.c: SMCs and whole register files. proxy_ask() sends these arguments
 * and zeroes; proxy_insist() does it again while the SPMC is busy, and answers its
 * code then; proxy_forward() sends the call as it is and makes the answer its
 * `out`.
 */
void proxy_copy_regs(struct ffa_regs *to, const struct ffa_regs *from);
void proxy_set_regs(struct ffa_regs *regs, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
void proxy_ask(struct ffa_regs *ret_answer, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3);
enum ffa_status proxy_insist(struct ffa_regs *ret_answer, uint32_t fid, uint64_t x1);
bool proxy_succeeded(const struct ffa_regs *answer);

/*
 * Calls. Each answers FFA_OK with `out` filled, x0 included, or a status; then
 * `out` is of no account. FFA_OK says nothing about what an SPMC's answer says.
 */
enum ffa_status proxy_forward(struct proxy_call *call);
enum ffa_status proxy_call_version(struct proxy_call *call);
enum ffa_status proxy_call_features(struct proxy_call *call);
enum ffa_status proxy_call_rxtx_map(struct proxy_call *call);
enum ffa_status proxy_call_rxtx_unmap(struct proxy_call *call);
enum ffa_status proxy_call_rx_release(struct proxy_call *call);
enum ffa_status proxy_call_partition_info_get(struct proxy_call *call);
enum ffa_status proxy_call_notification_get(struct proxy_call *call);

/*
 * version.c. Probing asks the SPMC, at boot, for at most this version; false
 * if there is nobody to talk to. Only what it leaves is negotiable.
 */
bool proxy_version_init(uint32_t newest);
void proxy_version_fini(void);
uint32_t proxy_version_published(void);
/* Whether the SPMC takes the proxy's pair; false while nothing is negotiated. */
bool proxy_version_buffers(void);

/* buffers.c: the proxy's own pair; FFA_NO_MEMORY leaves nothing behind. */
enum ffa_status proxy_buffers_init(void);
void proxy_buffers_fini(void);

_Static_assert(FFA_ID_HYPERVISOR == 0, "a zero where the caller's id stands is the caller's id");
_Static_assert(sizeof(struct ffa_regs) == 144, "smc.S stores x0..x17 as 18 doublewords");

#endif
