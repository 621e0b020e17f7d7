/* SPDX-License-Identifier: MIT */
/* What SPs answer, and what they ask: see sp.h. */
#include "emu/world/sp.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "emu/world/internal.h"
#include "emu/world/spmc_internal.h"

#define RX_FULL         1u  /* framework notification */
#define HEADER_SIZE_1_1 20u /* of an indirect message (facts spmc.md section 1.5) */
#define HEADER_SIZE_1_2 40u

static bool is_framework(const struct ffa_regs *in)
{
	return (uint32_t)in->x[0] != FFA_MSG_SEND_DIRECT_REQ2_64 && in->x[2] & WORLD_FRAMEWORK;
}

static enum world_sp_to message_of(const struct ffa_regs *in)
{
	if (is_framework(in) && (in->x[2] & WORLD_FUNCTION) == WORLD_FN_VM_CREATED)
		return WORLD_TO_VM_CREATED;
	if (is_framework(in) && (in->x[2] & WORLD_FUNCTION) == WORLD_FN_VM_DESTROYED)
		return WORLD_TO_VM_DESTROYED;
	return WORLD_TO_REQUEST;
}

/* The first answer of the script that is for this message and not used up; uses it. */
static struct world_sp_answer next_answer(struct world *world, unsigned sp,
                                          const struct ffa_regs *in)
{
	const struct world_sp *config = &world->config.sps[sp];
	uint8_t *used = world->state.spmc.sps[sp].used;
	enum world_sp_to message = message_of(in);

	for (unsigned i = 0; i < config->answer_count; i++) {
		const struct world_sp_answer *answer = &config->answers[i];

		if (answer->to != WORLD_TO_ANY && answer->to != message)
			continue;
		if (!answer->times)
			return *answer;
		if (used[i] < answer->times) {
			used[i]++;
			return *answer;
		}
	}
	return (struct world_sp_answer){.reply = WORLD_REPLY_ACCEPT};
}

static uint32_t response_id(uint32_t request)
{
	switch (request) {
	case FFA_MSG_SEND_DIRECT_REQ_64:
		return FFA_MSG_SEND_DIRECT_RESP_64;
	case FFA_MSG_SEND_DIRECT_REQ2_64:
		return FFA_MSG_SEND_DIRECT_RESP2_64;
	default:
		return FFA_MSG_SEND_DIRECT_RESP_32;
	}
}

/* The payload comes back as it came; x8 and up only where the request carries them. */
static void echo(const struct ffa_regs *in, struct ffa_regs *out)
{
	bool is_req2 = (uint32_t)in->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64;
	uint64_t mask = ffa_fid_is_64bit((uint32_t)in->x[0]) ? UINT64_MAX : UINT32_MAX;

	for (unsigned i = is_req2 ? 4 : 3; i < (is_req2 ? FFA_REG_COUNT : 8); i++)
		out->x[i] = in->x[i] & mask;
}

static void respond(const struct ffa_regs *in, uint32_t status, struct ffa_regs *out)
{
	memset(out, 0, sizeof *out);
	out->x[0] = response_id((uint32_t)in->x[0]);
	out->x[1] = ffa_pair(ffa_low_half(in->x[1]), ffa_high_half(in->x[1]));
	if (is_framework(in)) {
		out->x[2] = WORLD_FRAMEWORK | ((in->x[2] & WORLD_FUNCTION) + 1);
		out->x[3] = status;
	} else if (status) {
		*out = (struct ffa_regs){{FFA_ERROR_32, 0, status}};
	} else {
		echo(in, out);
	}
}

struct world_request *world_sp_open(struct world *world, struct world_sp_context context)
{
	for (unsigned i = 0; i < WORLD_MAX_OPEN; i++) {
		struct world_request *open = &world->state.spmc.open[i];

		if (open->sp == context.sp + 1 && open->context == context.number)
			return open;
	}
	return NULL;
}

/* OP-TEE takes each request in a thread, which belongs to no CPU. */
static bool has_threads(const struct world *world, unsigned sp)
{
	return world_is_own_partition(world, sp) && world->config.sps[sp].contexts > 1;
}

struct world_sp_context world_sp_context(struct world *world, unsigned sp)
{
	struct world_sp_context context = {.sp = sp};
	bool one = world->config.sps[sp].contexts == 1 ||
	           world_knob(world, WORLD_KNOB_SP_CONTEXTS) == WORLD_SP_CONTEXTS_ONE;

	if (has_threads(world, sp))
		while (world_sp_open(world, context))
			context.number++;
	else if (!one)
		context.number = world->cpu;
	return context;
}

bool world_sp_may_run(struct world *world, struct world_sp_context context)
{
	return has_threads(world, context.sp) ||
	       context.number == world_sp_context(world, context.sp).number;
}

static void park(struct world *world, struct world_sp_context context, uint32_t fid,
                 const struct ffa_regs *in, struct ffa_regs *out)
{
	uint16_t id = world->config.sps[context.sp].id.v;

	for (unsigned i = 0; i < WORLD_MAX_OPEN; i++) {
		struct world_request *open = &world->state.spmc.open[i];

		if (open->sp)
			continue;
		memcpy(open->payload, &in->x[3], sizeof open->payload);
		open->fid = (uint32_t)in->x[0];
		open->flags = (uint32_t)in->x[2];
		open->sender = ffa_high_half(in->x[1]);
		open->sp = (uint8_t)(context.sp + 1);
		open->context = (uint8_t)context.number;
		*out = (struct ffa_regs){{fid, ffa_pair(id, (uint16_t)context.number)}};
		return;
	}
	*out = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)FFA_BUSY}};
}

void world_sp_request(struct world *world, struct world_sp_context context,
                      const struct ffa_regs *in, struct ffa_regs *out)
{
	struct world_sp_answer answer = next_answer(world, context.sp, in);
	uint32_t status = FFA_OK;

	if (world_knob(world, WORLD_KNOB_LIE_RETRY) == WORLD_LIE_RETRY_DIRECT) {
		world_note_lie(world, WORLD_KNOB_LIE_RETRY);
		answer = (struct world_sp_answer){.reply = WORLD_REPLY_REFUSE,
		                                  .value = (uint32_t)FFA_RETRY};
	}
	if (answer.reply == WORLD_REPLY_REFUSE)
		status = answer.value;
	else if (answer.reply == WORLD_REPLY_ACCEPT && is_framework(in))
		status = (uint32_t)world_guest_event(world, context.sp, in);
	respond(in, status, out);
	switch ((enum world_sp_reply)answer.reply) {
	case WORLD_REPLY_WRONG_ID:
		out->x[0] = answer.value;
		break;
	case WORLD_REPLY_WRONG_FLAGS:
		out->x[2] = answer.value;
		break;
	case WORLD_REPLY_WRONG_SP:
		out->x[1] ^= 1u << 16;
		break;
	case WORLD_REPLY_INTERRUPT:
		park(world, context, FFA_INTERRUPT_32, in, out);
		break;
	case WORLD_REPLY_YIELD:
		park(world, context, FFA_YIELD_32, in, out);
		break;
	case WORLD_REPLY_ACCEPT:
	case WORLD_REPLY_REFUSE:
	case WORLD_REPLY_COUNT:
		break;
	}
}

/* Calls of an SP */

static void put_word(uint8_t *at, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

enum ffa_status world_sp_send(struct world *world, unsigned sp, struct ffa_id receiver,
                              const void *payload, size_t size)
{
	struct world_spmc *spmc = &world->state.spmc;
	uint32_t header = spmc->version >= FFA_VERSION_1_2 ? HEADER_SIZE_1_2 : HEADER_SIZE_1_1;
	uint8_t message[HEADER_SIZE_1_2] = {0};

	if (ffa_id_is_secure(receiver) || size > SHIM_PAGE - HEADER_SIZE_1_2)
		return FFA_INVALID_PARAMETERS;
	if (receiver.v != FFA_ID_HYPERVISOR || spmc->rx != WORLD_RX_EMPTY)
		return FFA_BUSY;
	put_word(message + 8, header);
	put_word(message + 12, ffa_pair(world->config.sps[sp].id.v, receiver.v));
	put_word(message + 16, (uint32_t)size);
	world_rx_clear(world, 0);
	world_rx_write(world, 0, message, header);
	world_rx_write(world, header, payload, size);
	spmc->rx = WORLD_RX_FULL;
	spmc->bitmaps[0].framework_pending |= RX_FULL;
	world_raise_sri(world);
	return FFA_OK;
}

/* The message of the call lies in registers, since no SP has a TX buffer here. */
static enum ffa_status serve_send(struct world *world, unsigned sp, const struct ffa_regs *in)
{
	uint8_t payload[8];

	put_word(payload, (uint32_t)in->x[3]);
	put_word(payload + 4, (uint32_t)in->x[4]);
	return world_sp_send(world, sp, ffa_make_id(ffa_low_half(in->x[1])), payload,
	                     sizeof payload);
}

static enum ffa_status serve_sp(struct world *world, unsigned sp, const struct ffa_regs *in,
                                struct ffa_regs *out)
{
	switch ((uint32_t)in->x[0]) {
	case FFA_ID_GET_32:
		out->x[2] = world->config.sps[sp].id.v;
		return FFA_OK;
	case FFA_SPM_ID_GET_32:
		out->x[2] = FFA_ID_SPMC;
		return FFA_OK;
	case FFA_NOTIFICATION_BIND_32:
		return world_sp_notification_bind(world, sp, in);
	case FFA_NOTIFICATION_UNBIND_32:
		return world_sp_notification_unbind(world, sp, in);
	case FFA_NOTIFICATION_SET_32:
		return world_sp_notification_set(world, sp, in);
	case FFA_NOTIFICATION_GET_32:
		return world_sp_notification_get(world, sp, in, out);
	case FFA_MSG_SEND2_32:
		return serve_send(world, sp, in);
	case FFA_INTERRUPT_32: /* it could keep the SPMC busy with them */
		return FFA_DENIED;
	default:
		return FFA_NOT_SUPPORTED;
	}
}

static void emit_call(struct world *world, enum world_event_kind kind, unsigned sp, uint64_t fid,
                      const struct ffa_regs *regs)
{
	struct world_event event = {
	        .kind = kind, .vm = WORLD_NO_VM, .arg = {sp, (uint32_t)fid}, .regs = regs};

	world_emit(world, &event);
}

void world_sp_call(struct world *world, unsigned sp, struct ffa_regs *regs)
{
	const struct ffa_regs in = *regs;
	enum ffa_status status;

	emit_call(world, WORLD_EVENT_SP_CALL, sp, in.x[0], regs);
	*regs = (struct ffa_regs){{FFA_SUCCESS_32}};
	status = serve_sp(world, sp, &in, regs);
	if (status != FFA_OK)
		*regs = (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)status}};
	emit_call(world, WORLD_EVENT_SP_RETURN, sp, in.x[0], regs);
}

enum ffa_status world_sp_set(struct world *world, unsigned sp, struct ffa_id receiver,
                             uint64_t bitmap, bool delay)
{
	struct ffa_regs regs = {
	        {FFA_NOTIFICATION_SET_32, ffa_pair(world->config.sps[sp].id.v, receiver.v),
	         delay ? FFA_NOTIFICATION_FLAG_DELAY_SRI : 0, (uint32_t)bitmap, bitmap >> 32}};

	world_sp_call(world, sp, &regs);
	return (enum ffa_status)ffa_result_status(&regs);
}
