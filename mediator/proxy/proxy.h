/* SPDX-License-Identifier: MIT */
/*
 * A strict FF-A proxy: one host (FF-A id 0, several CPUs) in front of one SPMC.
 * Every FF-A call of the host comes here; only what is on the list goes on.
 *
 * Policy
 *  - Refused unless listed, by whole function id: a 64-bit twin of a refused
 *    call, or a call of a later FF-A version, is refused like the call itself.
 *      answered here        FFA_VERSION, FFA_FEATURES, FFA_ID_GET
 *      checked, rewritten   FFA_RXTX_MAP_64, FFA_RXTX_UNMAP
 *      checked, forwarded   FFA_RX_RELEASE, FFA_PARTITION_INFO_GET; from 1.1 on
 *                           FFA_NOTIFICATION_BITMAP_CREATE, _BITMAP_DESTROY, _BIND,
 *                           _UNBIND, _SET, _GET, _INFO_GET (both widths); from 1.2
 *                           on FFA_PARTITION_INFO_GET_REGS, without buffers alone
 *  - FFA_FEATURES says the same, and asks the SPMC about what it would be
 *    forwarded.
 *  - The order of checks, first match wins:
 *      FFA_VERSION                                   its own rules, below
 *      no version negotiated yet                     INVALID_PARAMETERS
 *      not listed, or not in the negotiated version  NOT_SUPPORTED
 *      a reserved bit or unused register not 0       INVALID_PARAMETERS
 *      an id of the caller that is not 0             INVALID_PARAMETERS
 *      what the call itself demands
 *  - Unused registers are x1..x7, and x8..x17 for 64-bit ids from 1.2 on. Upper
 *    halves under a 32-bit id are not the caller's to use: ignored, sent as 0.
 *  - Whatever the SPMC answers to a forwarded call is the answer, x0..x17; of a
 *    rewritten one only a refusal is. All 18 registers are always written.
 *  - What is no FF-A call is answered with SMCCC_UNKNOWN_FUNCTION in x0, version
 *    or not; x1..x17 are left, nothing changes, the SPMC is not asked.
 *
 * Version (FFA_VERSION never answers with FFA_ERROR: -1 in w0 is the refusal)
 *  - Another major version, bit 31, and unused registers that are not 0: refused.
 *  - Negotiated once, as the highest that host, proxy and SPMC have in common.
 *    One that the SPMC has not accepted yet is offered to it first. Then
 *    FFA_ID_GET must answer 0. A failure is a refusal that leaves nothing
 *    negotiated; the host may try again. Where FFA_FEATURES does not offer
 *    FFA_RXTX_MAP_64 with 4 KiB buffers, that call is not listed for the host
 *    either, and FFA_PARTITION_INFO_GET_REGS is; all else is used. Either
 *    question is put again while the SPMC answers BUSY or RETRY, up to
 *    PROXY_BUSY_CALLS times in all; busy to the end is a failure.
 *  - Afterwards the same version answers for itself and any later minor one;
 *    an older one is refused.
 *
 * RX and TX
 *  - The SPMC knows only the proxy's own pair. The host's pair is shared with
 *    the proxy and copied from there: one page each, different ones.
 *  - What the SPMC puts into RX is copied when FFA_PARTITION_INFO_GET, or the
 *    RX-buffer-full notification in FFA_NOTIFICATION_GET, tells the host of it;
 *    the host sends FFA_RX_RELEASE. What the host is not told of is released here.
 *  - FFA_RXTX_MAP: the host's pages are mapped before the SPMC is asked, so that
 *    a failure is undone without asking it again.
 *  - FFA_RXTX_UNMAP that the SPMC refuses changes nothing, so that the pair the
 *    host sees and the one that the SPMC sees never disagree.
 *
 * Locks, never two together
 *  - version             the negotiation; FFA_VERSION only.
 *  - buffers             both pairs, and who owns RX: RXTX_MAP, RXTX_UNMAP,
 *                        RX_RELEASE, PARTITION_INFO_GET, and the copy behind
 *                        NOTIFICATION_GET.
 *  Both are **held across SMCs**, and `buffers` across platform_map_page() and
 *  platform_unmap_page(): these calls are one transaction each with the SPMC,
 *  which has one RX buffer for us. The platform must not need either lock, nor
 *  a call of the host, to complete an SMC. All other SMCs are made with no lock held.
 *
 * What the platform does before it calls: an SMC with an immediate other than 0
 * is refused, and proxy_is_ffa_call() picks the calls that belong here.
 *
 * Specification profile: FF-A v1.2, NS physical instance towards the SPMC.
 * Source: facts host-proxy.md sections 1, 2 and 3.1, spmc.md section 1.
 */
#ifndef MEDIATOR_PROXY_PROXY_H
#define MEDIATOR_PROXY_PROXY_H

#include "abi/ffa.h"
#include "mediator/platform.h"

#define PROXY_VERSION FFA_VERSION_1_2

struct proxy_config {
	uint32_t newest_version; /* the highest to speak: FFA_VERSION_1_0 .. PROXY_VERSION */
};

/*
 * Starts the proxy: asks the SPMC for its version and sets up the proxy's own
 * buffers. FFA_INVALID_PARAMETERS for a newest_version out of range,
 * FFA_NOT_SUPPORTED if there is no SPMC of major version 1 (FF-A is then none
 * of the host's business: nothing else here may be called), FFA_NO_MEMORY.
 * Called once, before anything else; no lock held across its SMCs.
 */
enum ffa_status proxy_boot(const struct proxy_config *config);

/*
 * The reverse of proxy_boot; no call of the host may be in progress. Buffers
 * that are still mapped are taken back. Pages that the SPMC does not give up
 * are never freed.
 */
void proxy_shutdown(void);

/*
 * Whether an SMC of the host with this w0 is proxy_host_call()'s to answer: a
 * fast call of the standard service owner, of either width, with a number from
 * 0x60 to 0xff. The hint in bit 16 does not take a call out of that range.
 */
bool proxy_is_ffa_call(uint32_t fid);

/*
 * One FF-A call of one CPU of the host: registers in, registers out. May run on
 * several CPUs at once, interrupts enabled. Every function id gets an answer.
 */
void proxy_host_call(uint16_t cpu, struct ffa_regs *regs);

#endif
