/* SPDX-License-Identifier: MIT */
/*
 * An SPMC with SPs, for the unit tests of the mediator's secure side. It does
 * what a test tells it to and keeps no rules of its own: each function succeeds
 * unless its answer is given, each SP accepts unless its script says otherwise.
 *
 * spmc_calls() tells the SMCs since spmc_forget_calls() in short: C8001 and
 * D8001 for the events to SP 8001, R8001 for FFA_RUN of it, + and - for the
 * bitmap calls, G for GET, I for INFO_GET, otherwise the function's number; *N
 * behind what came N times in a row.
 */
#ifndef TESTS_UNIT_TEST_HYP_SPMC_H
#define TESTS_UNIT_TEST_HYP_SPMC_H

#include "tests/unit/test_hyp_fake.h"

#define SPMC_SPS     (HYP_MAX_PARTITIONS + 1u)
#define SPMC_STEPS   4u
#define SPMC_SRI     8u
#define SPMC_CREATED 0x40u /* partition properties */
#define SPMC_ENDED   0x80u
#define SPMC_BOTH    0xc0u
#define SPMC_VCPU    3u /* of the SP in the w1 of FFA_INTERRUPT and FFA_YIELD */

enum spmc_says { SPMC_STATUS, SPMC_INTERRUPT, SPMC_YIELD, SPMC_RAW };

/* How an SP answers an event, or FFA_RUN after one. The last step of a script is for ever. */
struct spmc_step {
	enum spmc_says says;
	int status;         /* of SPMC_STATUS */
	unsigned int times; /* 0 counts as 1 */
	struct ffa_regs raw;
};

struct spmc_sp {
	uint16_t id;
	uint32_t properties;
	struct spmc_step script[SPMC_STEPS];
	size_t steps; /* 0: it accepts */
	/* kept by the SPMC */
	size_t at;
	unsigned int used;
	uint32_t event;
};

struct spmc {
	struct spmc_sp sps[SPMC_SPS];
	size_t sp_count;

	/* the list of partitions; 0 stands for what is right */
	uint32_t list_count;
	uint32_t list_stride;

	/* FFA_PARTITION_INFO_GET_REGS: bytes of a descriptor, 0: it is not there; the tag */
	uint32_t regs_size;
	uint16_t regs_tag;

	/* another answer of one function, and what another CPU does just before it is made */
	uint32_t answer_to;
	struct ffa_regs answer;
	uint32_t hook_on;
	void (*hook)(void);     /* once */
	const uint32_t *except; /* functions that are not there */
	size_t except_count;
};

extern struct spmc spmc;

/* Resets the platform and the SPMC; the test changes either and boots. */
void spmc_reset(void);
void spmc_boot(bool vm_to_vm); /* which succeeds; its SMCs are forgotten */
enum ffa_status spmc_try_boot(bool vm_to_vm);
void spmc_add(uint16_t id, uint32_t properties);
/* The last SP added says this next, so many times; 0 counts as 1. */
void spmc_says(enum spmc_says says, int status, unsigned int times);

void spmc_answer(uint32_t fid, uint64_t x0, uint64_t x2, uint64_t x3);
void spmc_fail(uint32_t fid, enum ffa_status status);

void spmc_forget_calls(void);
const char *spmc_calls(void);
/* The n-th SMC since then has these registers and 0 in all others. */
void spmc_expect_call(size_t n, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4,
                      uint64_t x5);

#endif
