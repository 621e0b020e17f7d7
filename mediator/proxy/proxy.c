/* SPDX-License-Identifier: MIT */
/* The way in: start-up, and the one table that says what the host may call. */
#include "abi/ffa_check.h"
#include "mediator/proxy/proxy_internal.h"

/* In place of a version: works before one is negotiated. */
#define BEFORE_VERSION 0u

/* Where in w1 the id of the caller stands. */
#define ID_NONE  0x00000000u
#define ID_LOW   0x0000ffffu /* the receiver */
#define ID_HIGH  0xffff0000u /* the sender */
#define ID_WHOLE 0xffffffffu

/*
 * One row for each function that FFA_FEATURES reports. A row without a handler
 * is one that goes to the host only, an answer. `reserved` are bits of w2 that
 * only a caller at another instance may use, so that no table of the ABI tells.
 */
struct call_row {
	uint32_t fid;
	uint32_t since;
	uint32_t own_id;
	uint32_t reserved;
	enum proxy_offer offer;
	enum ffa_status (*handle)(struct proxy_call *call);
};

static enum ffa_status call_id_get(struct proxy_call *call)
{
	call->out.x[0] = FFA_SUCCESS_32;
	call->out.x[2] = FFA_ID_HYPERVISOR;
	return FFA_OK;
}

static const struct call_row call_table[] = {
        {FFA_ERROR_32, FFA_VERSION_1_0, ID_NONE, 0, PROXY_OWN, NULL},
        {FFA_SUCCESS_32, FFA_VERSION_1_0, ID_NONE, 0, PROXY_OWN, NULL},
        {FFA_SUCCESS_64, FFA_VERSION_1_0, ID_NONE, 0, PROXY_OWN, NULL},
        {FFA_VERSION_32, BEFORE_VERSION, ID_NONE, 0, PROXY_OWN, proxy_call_version},
        {FFA_FEATURES_32, FFA_VERSION_1_0, ID_NONE, 0, PROXY_OWN, proxy_call_features},
        {FFA_ID_GET_32, FFA_VERSION_1_0, ID_NONE, 0, PROXY_OWN, call_id_get},
        {FFA_RXTX_MAP_64, FFA_VERSION_1_0, ID_NONE, 0, PROXY_OWN, proxy_call_rxtx_map},
        {FFA_RXTX_UNMAP_32, FFA_VERSION_1_0, ID_WHOLE, 0, PROXY_SPMC, proxy_call_rxtx_unmap},
        {FFA_RX_RELEASE_32, FFA_VERSION_1_0, ID_WHOLE, 0, PROXY_SPMC, proxy_call_rx_release},
        {FFA_PARTITION_INFO_GET_32, FFA_VERSION_1_0, ID_NONE, 0, PROXY_SPMC,
         proxy_call_partition_info_get},
        {FFA_PARTITION_INFO_GET_REGS_64, FFA_VERSION_1_2, ID_NONE, 0, PROXY_SPMC, proxy_forward},
        {FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_VERSION_1_1, ID_WHOLE, 0, PROXY_SPMC,
         proxy_forward},
        {FFA_NOTIFICATION_BITMAP_DESTROY_32, FFA_VERSION_1_1, ID_WHOLE, 0, PROXY_SPMC,
         proxy_forward},
        {FFA_NOTIFICATION_BIND_32, FFA_VERSION_1_1, ID_LOW, 0, PROXY_SPMC, proxy_forward},
        {FFA_NOTIFICATION_UNBIND_32, FFA_VERSION_1_1, ID_LOW, 0, PROXY_SPMC, proxy_forward},
        {FFA_NOTIFICATION_SET_32, FFA_VERSION_1_1, ID_HIGH, FFA_NOTIFICATION_FLAG_DELAY_SRI,
         PROXY_SPMC, proxy_forward},
        {FFA_NOTIFICATION_GET_32, FFA_VERSION_1_1, ID_LOW, 0, PROXY_SPMC,
         proxy_call_notification_get},
        {FFA_NOTIFICATION_INFO_GET_32, FFA_VERSION_1_1, ID_NONE, 0, PROXY_SPMC, proxy_forward},
        {FFA_NOTIFICATION_INFO_GET_64, FFA_VERSION_1_1, ID_NONE, 0, PROXY_SPMC, proxy_forward},
};

#define CALL_ROWS (sizeof(call_table) / sizeof(call_table[0]))

enum ffa_status proxy_boot(const struct proxy_config *config)
{
	enum ffa_status status;

	if (config->newest_version < FFA_VERSION_1_0 || config->newest_version > PROXY_VERSION)
		return FFA_INVALID_PARAMETERS;
	if (!proxy_version_init(config->newest_version)) {
		platform_log(PLATFORM_LOG_WARNING, "ff-a: no usable firmware", 0);
		return FFA_NOT_SUPPORTED;
	}
	status = proxy_buffers_init();
	if (status != FFA_OK)
		proxy_version_fini();
	return status;
}

void proxy_shutdown(void)
{
	proxy_buffers_fini();
	proxy_version_fini();
}

bool proxy_is_ffa_call(uint32_t fid)
{
	return ffa_fid_is_ffa(fid);
}

static const struct call_row *find_row(uint32_t fid)
{
	for (size_t i = 0; i < CALL_ROWS; i++) {
		if (call_table[i].fid == fid)
			return &call_table[i];
	}
	return NULL;
}

/* Buffers are there if the SPMC takes ours; partitions come in registers if it does not. */
static bool is_offered(const struct call_row *row, uint32_t version)
{
	if (version < row->since)
		return false;
	if (row->fid == FFA_RXTX_MAP_64)
		return proxy_version_buffers();
	return row->fid != FFA_PARTITION_INFO_GET_REGS_64 || !proxy_version_buffers();
}

enum proxy_offer proxy_function_offer(uint32_t fid, uint32_t version)
{
	const struct call_row *row = find_row(fid);

	return row && is_offered(row, version) ? row->offer : PROXY_REFUSED;
}

/* What is not part of the call is not looked at and goes nowhere: it is 0 in call->in. */
static void read_call(struct proxy_call *call, const struct ffa_regs *regs)
{
	size_t count = 8;
	uint64_t mask = UINT32_MAX;

	call->fid = (uint32_t)regs->x[0];
	call->version = proxy_version_published();
	if (ffa_fid_is_64bit(call->fid)) {
		mask = UINT64_MAX;
		if (call->version >= FFA_VERSION_1_2)
			count = FFA_REG_COUNT;
	}
	proxy_set_regs(&call->in, call->fid, 0, 0, 0);
	for (size_t i = 1; i < count; i++)
		call->in.x[i] = regs->x[i] & mask;
	proxy_set_regs(&call->out, 0, 0, 0, 0);
}

/* A feature id with reserved bits set is no feature; everything else reserved is a mistake. */
static enum ffa_status check_zeroes(const struct proxy_call *call)
{
	struct ffa_violation violation;

	if (ffa_check_call_strict(call->fid, &call->in, call->version, &violation))
		return FFA_OK;
	if (call->fid == FFA_FEATURES_32 && violation.reg == 1)
		return FFA_NOT_SUPPORTED;
	return FFA_INVALID_PARAMETERS;
}

static enum ffa_status check_call(const struct proxy_call *call, const struct call_row *row)
{
	enum ffa_status status = check_zeroes(call);

	if (status != FFA_OK)
		return status;
	if ((call->in.x[2] & row->reserved) != 0 || (call->in.x[1] & row->own_id) != 0)
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

static enum ffa_status dispatch(struct proxy_call *call)
{
	const struct call_row *row = find_row(call->fid);
	enum ffa_status status;

	if (call->version == 0 && call->fid != FFA_VERSION_32)
		return FFA_INVALID_PARAMETERS;
	if (!row || !row->handle || !is_offered(row, call->version))
		return FFA_NOT_SUPPORTED;
	status = check_call(call, row);
	return status == FFA_OK ? row->handle(call) : status;
}

static void answer_error(struct proxy_call *call, enum ffa_status status)
{
	if (call->fid == FFA_VERSION_32)
		proxy_set_regs(&call->out, (uint32_t)FFA_NOT_SUPPORTED, 0, 0, 0);
	else
		proxy_set_regs(&call->out, FFA_ERROR_32, 0, (uint32_t)status, 0);
}

void proxy_host_call(uint16_t cpu, struct ffa_regs *regs)
{
	struct proxy_call call;
	enum ffa_status status;

	(void)cpu; /* no call is answered differently on another CPU of the host */
	if (!proxy_is_ffa_call((uint32_t)regs->x[0])) {
		regs->x[0] = SMCCC_UNKNOWN_FUNCTION;
		return;
	}
	read_call(&call, regs);
	status = dispatch(&call);
	if (status != FFA_OK)
		answer_error(&call, status);
	proxy_copy_regs(regs, &call.out);
}
