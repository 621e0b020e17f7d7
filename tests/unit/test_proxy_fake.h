/* SPDX-License-Identifier: MIT */
/*
 * A platform and an SPMC of a few lines for the proxy's unit tests: one thread,
 * and everything recorded. It fails the test on two locks held together, on an
 * SMC under another lock than proxy.h names for it, or without it, on a lock used
 * before its init or after its fini, on pages of the host that are not given
 * back in reverse, and on locks, pages or mappings left over at fake_finish().
 *
 * The SPMC keeps what a real one keeps: the version that it was told, locked by
 * the first other call; whether it has buffers, and whether RX is full.
 *
 * Interleavings: a hook runs once, in the place of another CPU, just before the
 * named lock is taken, or while an SMC with that function id is on its way.
 */
#ifndef TESTS_UNIT_TEST_PROXY_FAKE_H
#define TESTS_UNIT_TEST_PROXY_FAKE_H

#include "mediator/proxy/proxy_internal.h"
#include "tests/test.h"

#define FAKE_LOG    32u
#define FAKE_PAGES  4u
#define FAKE_POISON 0xdead0000beef0000ull /* in every register that a call does not use */

/* The host's memory: FAKE_PAGES pages from here on. The next address is page 0 once more. */
#define FAKE_HOST       0x40000000ull
#define FAKE_HOST_ALIAS (FAKE_HOST + FAKE_PAGES * PROXY_PAGE_SIZE)
#define FAKE_TX         (FAKE_HOST + 0x1000)
#define FAKE_RX         (FAKE_HOST + 0x2000)

/* Own pages of the proxy, in the order of their allocation. */
#define FAKE_OWN    0x80000000ull
#define FAKE_OWN_TX (FAKE_OWN + 0x1000)
#define FAKE_OWN_RX (FAKE_OWN + 0x2000)

struct fake {
	/* the SPMC */
	uint64_t smc_version;    /* its own; what it answers if it accepts */
	bool smc_strict_version; /* refuses a newer version than its own */
	uint32_t smc_told;
	bool smc_locked;
	bool smc_mapped;
	bool smc_rx_full;
	uint32_t smc_lacks; /* FFA_FEATURES of this is NOT_SUPPORTED */
	uint64_t smc_map_features;
	uint64_t smc_tx;
	uint64_t smc_rx;

	/* one function answers with these registers, whatever it is asked */
	uint32_t override_fid;
	struct ffa_regs override;

	struct ffa_regs smc_log[FAKE_LOG];
	size_t smc_count;

	/* memory and locks */
	unsigned fail_page; /* the n-th allocation of a page fails; 0: none */
	unsigned pages_asked;
	unsigned pages; /* alive */
	unsigned locks; /* alive */
	bool outside;   /* of any call: boot or shutdown, which make the same SMCs without locks */
	int mapped[FAKE_PAGES];
	const void *mapping[FAKE_PAGES]; /* in the order in which they were mapped */
	unsigned mappings;
	uint64_t own[2][PROXY_PAGE_SIZE / 8];
	uint64_t host[FAKE_PAGES][PROXY_PAGE_SIZE / 8];

	/* another CPU */
	const char *hook_class; /* NULL: hook_fid */
	uint32_t hook_fid;
	void (*hook)(void);
};

extern struct fake fake;

/* Fresh platform with an SPMC of 1.2. */
void fake_reset(void);
/* The same and a booted proxy, with an empty log of SMCs. */
void fake_start(void);
/* The same, and the host has negotiated that version. */
void fake_start_at(uint32_t version);
void fake_map(void); /* FAKE_TX and FAKE_RX */
/* Shuts down and demands that nothing is left. */
void fake_finish(void);

/* Answer of one function from now on; and by FFA_ERROR. */
void fake_answer(uint32_t fid, const struct ffa_regs *answer);
void fake_refuse(uint32_t fid, enum ffa_status status);
void fake_obey(void); /* no more override */

void fake_hook_lock(const char *lock_class, void (*hook)(void));
void fake_hook_smc(uint32_t fid, void (*hook)(void));

/* A call with poison above the 32-bit registers and in what no contract covers. */
struct ffa_regs fake_call(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4,
                          uint64_t x5);
/* x0 of a call of FFA_VERSION; that the rest is 0 is asserted. */
uint64_t fake_version(uint32_t wanted);
/* The status of an answer; the shape of errors is asserted on the way. */
enum ffa_status fake_status(const struct ffa_regs *answer);
enum ffa_status fake_map_at(uint64_t tx, uint64_t rx, uint64_t pages);
enum ffa_status fake_unmap(void);
/* SMCs since the log was emptied with this function id. */
unsigned fake_smcs(uint32_t fid);
/* The only SMC, with these first registers and nothing else. */
void fake_expect_smc(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5);
void fake_expect_nothing_mapped(void);

#endif
