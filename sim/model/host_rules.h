/* SPDX-License-Identifier: MIT */
/*
 * What a strict mediator makes of one call of its host, by the call's registers
 * and the version that is in force: the part of the specification that needs
 * nothing else. What also depends on the buffers, and FFA_VERSION, have rules of
 * their own (host_buffers.c, host_firmware.c).
 *
 * The checks, of which the first that is not passed decides:
 *   no FF-A call                                      SMCCC's unknown function
 *   no version is in force                            INVALID_PARAMETERS
 *   not listed, or of a later version                 NOT_SUPPORTED
 *   FFA_RXTX_MAP, and the SPMC takes no buffers       NOT_SUPPORTED
 *   FFA_PARTITION_INFO_GET_REGS, and it takes them    NOT_SUPPORTED
 *   a reserved bit or an unused register is not 0     INVALID_PARAMETERS
 *   an id that is the caller's to give is not 0       INVALID_PARAMETERS
 *   what the call itself demands
 * Unused registers are x1..x7, and x8..x17 for 64-bit ids from 1.2 on. Upper
 * halves under a 32-bit id are nobody's: not looked at, sent on as 0.
 *
 * Pure functions. Source: facts host-proxy.md sections 1.2, 1.3, 2.1 and 2.2,
 * spmc.md sections 1.1 and 1.3.2.
 */
#ifndef SIM_MODEL_HOST_RULES_H
#define SIM_MODEL_HOST_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/ffa.h"

enum sim_host_action {
	SIM_HOST_REFUSES,  /* the answer is FFA_ERROR; the SPMC is not asked */
	SIM_HOST_ANSWERS,  /* the answer is regs; the SPMC is not asked */
	SIM_HOST_FORWARDS, /* the SPMC is asked regs, and its answer is the answer, x0..x17 */
	SIM_HOST_DECIDES,  /* nothing is wrong with the registers; other rules go on */
};

/* Which of the parts of the specification follows a call. */
enum sim_host_concern {
	SIM_HOST_CALLS,
	SIM_HOST_BUFFERS,
	SIM_HOST_FIRMWARE,
};

struct sim_host_rule {
	enum sim_host_action action;
	enum ffa_status status; /* REFUSES */
	enum ffa_status other;  /* REFUSES: FFA_OK, or what is as good: two checks fail at once */
	struct ffa_regs regs;   /* ANSWERS and FORWARDS, and what REFUSES answers by status */
	const char *why;        /* in a few words, a string constant */
};

/* What has been negotiated. */
struct sim_host_terms {
	uint32_t version; /* FFA_VERSION_1_x, 0 for none in force */
	bool buffers;     /* the SPMC takes the mediator's pair */
};

enum sim_host_concern sim_host_concern(uint32_t fid);

/* Every call but FFA_VERSION. */
void sim_host_rule(const struct ffa_regs *call, struct sim_host_terms terms,
                   struct sim_host_rule *ret_rule);

/* Why the registers of an FFA_VERSION are refused, whatever has been negotiated; NULL: they are
 * not. */
const char *sim_host_version_refusal(const struct ffa_regs *call);

/* FFA_ERROR with this code. */
struct ffa_regs sim_host_error(enum ffa_status status);

/* FFA_SUCCESS of either width in w0: how the mediator takes what the SPMC answers. */
bool sim_host_succeeded(const struct ffa_regs *answer);

/* A version of major 1 without bit 31. */
bool sim_host_is_major_1(uint32_t version);

#endif
