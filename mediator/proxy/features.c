/* SPDX-License-Identifier: MIT */
/* FFA_FEATURES: says of every function and feature what this proxy lets the host have. */
#include "mediator/proxy/proxy_internal.h"

#define QUERY_IS_FUNCTION 0x80000000u

/* w2 for RXTX_MAP: 4 KiB at least, and from 1.2 on the highest number of pages. */
#define MAP_MIN_SIZE_4K  0x0u
#define MAP_MAX_ONE_PAGE (UINT64_C(1) << 16)

static enum ffa_status own_function(struct proxy_call *call, uint32_t fid)
{
	call->out.x[0] = FFA_SUCCESS_32;
	if (fid == FFA_RXTX_MAP_64) {
		call->out.x[2] = MAP_MIN_SIZE_4K;
		if (call->version >= FFA_VERSION_1_2)
			call->out.x[2] |= MAP_MAX_ONE_PAGE;
	}
	return FFA_OK;
}

static enum ffa_status function(struct proxy_call *call, uint32_t fid)
{
	switch (proxy_function_offer(fid, call->version)) {
	case PROXY_OWN:
		return own_function(call, fid);
	case PROXY_SPMC:
		return proxy_forward(call);
	case PROXY_REFUSED:
		break;
	}
	return FFA_NOT_SUPPORTED;
}

/* The interrupts of notifications are the SPMC's; any other feature is nothing that a host has. */
static enum ffa_status feature(struct proxy_call *call, uint32_t id)
{
	if (id != FFA_FEATURE_NPI && id != FFA_FEATURE_SRI)
		return FFA_NOT_SUPPORTED;
	if (call->version < FFA_VERSION_1_1)
		return FFA_NOT_SUPPORTED;
	return proxy_forward(call);
}

enum ffa_status proxy_call_features(struct proxy_call *call)
{
	uint32_t query = (uint32_t)call->in.x[1];

	/* none of what is offered knows an input property */
	if (call->in.x[2] != 0)
		return FFA_NOT_SUPPORTED;
	if ((query & QUERY_IS_FUNCTION) != 0)
		return function(call, query);
	return feature(call, query);
}
