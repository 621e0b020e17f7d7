/* SPDX-License-Identifier: MIT */
/* FFA_VERSION: one version for the host and for what the proxy itself says to the SPMC. */
#include "mediator/proxy/proxy_internal.h"

#define VERSION_REFUSED ((uint32_t)FFA_NOT_SUPPORTED)

/* Result of FFA_FEATURES for RXTX_MAP: the smallest buffer. */
#define MIN_SIZE_MASK 0x3u
#define MIN_SIZE_4K   0x0u

/* 0 is "nothing yet" in each word. */
struct proxy_version {
	struct platform_lock lock;
	uint32_t newest;    /* highest that proxy and SPMC have in common */
	uint32_t told;      /* what it has accepted last, or was offered at boot */
	uint32_t published; /* negotiated with the host */
	bool buffers;       /* the SPMC takes our pair; written before `published` */
};

static struct proxy_version version;

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A word with bit 31, and so each form of -1, is just another major version. */
static bool is_major_1(uint32_t word)
{
	return word >> 16 == PROXY_VERSION >> 16;
}

/* The SPMC's answer to this version, which it has accepted if the answer is not lower; 0: refused.
 */
static uint32_t offer_to_spmc(uint32_t offered)
{
	struct ffa_regs answer;
	uint32_t theirs;

	proxy_ask(&answer, FFA_VERSION_32, offered, 0, 0);
	theirs = (uint32_t)answer.x[0];
	return is_major_1(theirs) ? theirs : 0;
}

bool proxy_version_init(uint32_t newest)
{
	uint32_t theirs = offer_to_spmc(newest);

	if (theirs == 0)
		return false;
	/* one that answers with an older version may have recorded nothing: it is never this one */
	version.told = newest;
	version.newest = lower(theirs, newest);
	platform_lock_init(&version.lock, "version", ffa_make_id(FFA_ID_HYPERVISOR));
	platform_log(PLATFORM_LOG_INFO, "ff-a: highest common version", version.newest);
	return true;
}

void proxy_version_fini(void)
{
	platform_lock_fini(&version.lock);
	version = (struct proxy_version){.newest = 0};
}

uint32_t proxy_version_published(void)
{
	return __atomic_load_n(&version.published, __ATOMIC_ACQUIRE);
}

bool proxy_version_buffers(void)
{
	return proxy_version_published() != 0 && version.buffers;
}

static bool agree_with_spmc(uint32_t common)
{
	if (version.told == common)
		return true;
	if (offer_to_spmc(common) < common)
		return false;
	version.told = common;
	return true;
}

/* The proxy shares the host's id, so the SPMC must take whoever calls from here for id 0. */
static bool spmc_knows_host(void)
{
	struct ffa_regs answer;

	(void)proxy_insist(&answer, FFA_ID_GET_32, 0);
	return proxy_succeeded(&answer) && (uint32_t)answer.x[2] == FFA_ID_HYPERVISOR;
}

/* An SPMC that takes no pair of ours is used for what it has; one that is busy cannot say. */
static bool ask_for_buffers(void)
{
	struct ffa_regs answer;

	if (proxy_insist(&answer, FFA_FEATURES_32, FFA_RXTX_MAP_64) != FFA_OK)
		return false;
	version.buffers = proxy_succeeded(&answer) && (answer.x[2] & MIN_SIZE_MASK) == MIN_SIZE_4K;
	return true;
}

/* With version held, and nothing negotiated; the version, 0 if there is none. */
static uint32_t negotiate(uint32_t wanted)
{
	uint32_t common = lower(wanted, version.newest);

	if (!agree_with_spmc(common) || !spmc_knows_host() || !ask_for_buffers())
		return 0;
	if (!version.buffers)
		platform_log(PLATFORM_LOG_WARNING, "ff-a: the SPMC takes no buffers", 0);
	__atomic_store_n(&version.published, common, __ATOMIC_RELEASE);
	return common;
}

/* A host that is older than what was negotiated cannot cope with it; a newer one must. */
enum ffa_status proxy_call_version(struct proxy_call *call)
{
	uint32_t wanted = (uint32_t)call->in.x[1];
	uint32_t common = 0;

	if (is_major_1(wanted)) {
		platform_lock(&version.lock);
		common = version.published;
		if (common == 0)
			common = negotiate(wanted);
		platform_unlock(&version.lock);
	}
	call->out.x[0] = common != 0 && wanted >= common ? common : VERSION_REFUSED;
	return FFA_OK;
}
