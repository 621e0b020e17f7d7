/* SPDX-License-Identifier: MIT */
/*
 * RX and TX: the proxy's own pair, which the SPMC knows, and the host's, which
 * only the proxy knows. One lock for both pairs and for the ownership of RX.
 *
 * Either both pages of the host are mapped and the SPMC has the proxy's pair,
 * or neither, whenever the lock is free.
 */
#include "mediator/proxy/proxy_internal.h"

#define ONE_PAGE 1u

#define PARTITION_INFO_COUNT_ONLY 0x1u
#define PARTITION_INFO_SIZE_1_0   8u /* bytes of a descriptor at 1.0, which does not tell */

#define SPM_RX_FULL 0x1u /* w6 of NOTIFICATION_GET: a message is in RX */

/* The host's pages as the proxy's memory; NULL while nothing is mapped. */
struct host_pair {
	void *tx;
	void *rx;
};

struct proxy_buffers {
	struct platform_lock lock;
	struct platform_page tx;
	struct platform_page rx;
	struct host_pair host;
};

static struct proxy_buffers buffers;

enum ffa_status proxy_buffers_init(void)
{
	if (!platform_page_alloc(&buffers.tx))
		return FFA_NO_MEMORY;
	if (!platform_page_alloc(&buffers.rx)) {
		platform_page_free(&buffers.tx);
		return FFA_NO_MEMORY;
	}
	platform_lock_init(&buffers.lock, "buffers", ffa_make_id(FFA_ID_HYPERVISOR));
	return FFA_OK;
}

static bool is_mapped(void)
{
	return buffers.host.rx != NULL;
}

static void release_host_pair(struct host_pair *pair)
{
	platform_unmap_page(pair->rx);
	platform_unmap_page(pair->tx);
	*pair = (struct host_pair){.tx = NULL};
}

/* The SMC was not the host's call: what else the SPMC's success carries is not for the host. */
static void answer_success(struct proxy_call *call)
{
	proxy_set_regs(&call->out, FFA_SUCCESS_32, 0, 0, 0);
}

/* Without a pair from the host the SPMC has none of ours. */
static bool take_back_from_spmc(struct ffa_regs *ret_answer)
{
	proxy_ask(ret_answer, FFA_RXTX_UNMAP_32, FFA_ID_HYPERVISOR, 0, 0);
	return proxy_succeeded(ret_answer);
}

void proxy_buffers_fini(void)
{
	struct ffa_regs answer;
	bool ours = true;

	if (is_mapped()) {
		ours = take_back_from_spmc(&answer);
		release_host_pair(&buffers.host);
	}
	if (ours) {
		platform_page_free(&buffers.rx);
		platform_page_free(&buffers.tx);
	} else {
		platform_log(PLATFORM_LOG_ERROR, "ff-a: the SPMC keeps the buffers", answer.x[2]);
	}
	platform_lock_fini(&buffers.lock);
	buffers = (struct proxy_buffers){.host = {.tx = NULL}};
}

/* Two addresses may still be one page: of the second kind a host has only one. */
static bool map_rx(struct host_pair *pair, uint64_t rx, uint64_t tx_physical)
{
	uint64_t rx_physical;

	pair->rx = platform_map_page(NULL, rx, &rx_physical);
	if (!pair->rx)
		return false;
	if (rx_physical != tx_physical)
		return true;
	platform_unmap_page(pair->rx);
	return false;
}

static bool map_host_pair(struct host_pair *pair, uint64_t tx, uint64_t rx)
{
	uint64_t tx_physical;

	pair->tx = platform_map_page(NULL, tx, &tx_physical);
	if (!pair->tx)
		return false;
	if (map_rx(pair, rx, tx_physical))
		return true;
	platform_unmap_page(pair->tx);
	return false;
}

/* The SPMC comes last: everything before it can be undone without asking anybody. */
static enum ffa_status map_both_pairs(struct proxy_call *call, uint64_t tx, uint64_t rx)
{
	struct host_pair pair;

	if (is_mapped())
		return FFA_DENIED;
	if (!map_host_pair(&pair, tx, rx))
		return FFA_INVALID_PARAMETERS;
	proxy_ask(&call->out, FFA_RXTX_MAP_64, buffers.tx.physical, buffers.rx.physical, ONE_PAGE);
	if (!proxy_succeeded(&call->out)) {
		release_host_pair(&pair);
		return FFA_OK;
	}
	buffers.host = pair;
	answer_success(call);
	return FFA_OK;
}

static bool is_page_address(uint64_t address)
{
	return address % PROXY_PAGE_SIZE == 0;
}

enum ffa_status proxy_call_rxtx_map(struct proxy_call *call)
{
	uint64_t tx = call->in.x[1];
	uint64_t rx = call->in.x[2];
	enum ffa_status status;

	if ((uint32_t)call->in.x[3] != ONE_PAGE || !is_page_address(tx) || !is_page_address(rx))
		return FFA_INVALID_PARAMETERS;

	platform_lock(&buffers.lock);
	status = map_both_pairs(call, tx, rx);
	platform_unlock(&buffers.lock);
	return status;
}

static enum ffa_status unmap_both_pairs(struct proxy_call *call)
{
	if (!is_mapped())
		return FFA_INVALID_PARAMETERS;
	if (!take_back_from_spmc(&call->out))
		return FFA_OK;
	release_host_pair(&buffers.host);
	answer_success(call);
	return FFA_OK;
}

enum ffa_status proxy_call_rxtx_unmap(struct proxy_call *call)
{
	enum ffa_status status;

	platform_lock(&buffers.lock);
	status = unmap_both_pairs(call);
	platform_unlock(&buffers.lock);
	return status;
}

/* Not without the lock: another CPU may be in the middle of copying what this gives away. */
enum ffa_status proxy_call_rx_release(struct proxy_call *call)
{
	enum ffa_status status;

	platform_lock(&buffers.lock);
	status = proxy_forward(call);
	platform_unlock(&buffers.lock);
	return status;
}

/*
 * From RX to the host's RX. Volatile: the host may look at its page at any
 * time, and no compiler is to make a call of a C library out of the loop.
 */
static void copy_to_host(size_t size)
{
	const volatile uint64_t *from = buffers.rx.address;
	volatile uint64_t *to = buffers.host.rx;

	for (size_t i = 0; i < size / sizeof(*from); i++)
		to[i] = from[i];
}

/* Bytes that the SPMC says it has put into RX. */
static uint64_t described_bytes(const struct proxy_call *call, const struct ffa_regs *answer)
{
	uint64_t count = (uint32_t)answer->x[2];
	uint64_t size = (uint32_t)answer->x[3];

	if ((call->in.x[5] & PARTITION_INFO_COUNT_ONLY) != 0)
		return 0;
	if (call->version < FFA_VERSION_1_1)
		size = PARTITION_INFO_SIZE_1_0;
	return count * size;
}

/* What cannot have been in one page is nothing to believe, but RX may be ours for it. */
static enum ffa_status get_partition_info(struct proxy_call *call)
{
	struct ffa_regs release;
	uint64_t bytes;

	if (!is_mapped())
		return FFA_BUSY;
	proxy_forward(call);
	if (!proxy_succeeded(&call->out))
		return FFA_OK;
	bytes = described_bytes(call, &call->out);
	if (bytes > PROXY_PAGE_SIZE) {
		proxy_ask(&release, FFA_RX_RELEASE_32, FFA_ID_HYPERVISOR, 0, 0);
		return FFA_ABORTED;
	}
	copy_to_host((size_t)bytes);
	return FFA_OK;
}

enum ffa_status proxy_call_partition_info_get(struct proxy_call *call)
{
	enum ffa_status status;

	/* flags came with 1.1; an SPMC that took one would leave nothing in RX to copy */
	if (call->version < FFA_VERSION_1_1 && call->in.x[5] != 0)
		return FFA_INVALID_PARAMETERS;

	platform_lock(&buffers.lock);
	status = get_partition_info(call);
	platform_unlock(&buffers.lock);
	return status;
}

/*
 * The message stays in RX until FFA_RX_RELEASE, which the host has no reason to
 * send before it knows of the message; so the lock need not cover the SMC.
 */
static void deliver_message(void)
{
	platform_lock(&buffers.lock);
	if (is_mapped())
		copy_to_host(PROXY_PAGE_SIZE);
	platform_unlock(&buffers.lock);
}

enum ffa_status proxy_call_notification_get(struct proxy_call *call)
{
	proxy_forward(call);
	if (proxy_succeeded(&call->out) && (call->out.x[6] & SPM_RX_FULL) != 0)
		deliver_message();
	return FFA_OK;
}
