/* SPDX-License-Identifier: MIT */
/* FFA_FEATURES: says of every function and interrupt what this mediator will really do. */
#include "mediator/hypervisor/hyp_internal.h"

#define QUERY_IS_FUNCTION 0x80000000u

/* w2 of a feature; 0 if the VM does not have it. A feature id with reserved bits set is no id. */
static uint32_t feature_property(uint32_t feature, uint32_t version)
{
	/* The schedule receiver interrupt is the mediator's: no VM schedules a receiver. */
	if (feature == FFA_FEATURE_NPI && hyp_notifications_offered(version))
		return HYP_NPI_INTID;
	return 0;
}

/* Input properties (w2) mean nothing for what is offered here: should-be-zero, ignored. */
enum ffa_status hyp_call_features(struct hyp_call *call)
{
	uint32_t query = (uint32_t)call->arg[1];
	uint32_t property;

	if ((query & QUERY_IS_FUNCTION) != 0)
		return hyp_function_offered(call, query) ? FFA_OK : FFA_NOT_SUPPORTED;

	property = feature_property(query, call->version);
	if (property == 0)
		return FFA_NOT_SUPPORTED;
	call->out[2] = property;
	return FFA_OK;
}
