/* SPDX-License-Identifier: MIT */
/*
 * The specification of a mediator in front of one host, without a mediator: a
 * test says what such a one does, event by event, and then whether that was
 * allowed. The host is 'host0' and has four CPUs, each in a context of its own.
 */
#ifndef TESTS_UNIT_TEST_MODEL_HOST_LAB_H
#define TESTS_UNIT_TEST_MODEL_HOST_LAB_H

#include "abi/ffa.h"

#define REGS(...) ((struct ffa_regs){{__VA_ARGS__}})

/* The newest profile, and calls and answers that many tests use. */
#define PROFILE "single-host-1.2"
#define V1_2    FFA_VERSION_1_2

#define CALL_MAP(tx, rx)   REGS(FFA_RXTX_MAP_64, tx, rx, 1)
#define OWN_MAP            REGS(FFA_RXTX_MAP_64, OWN_TX, OWN_RX, 1)
#define CALL_UNMAP         REGS(FFA_RXTX_UNMAP_32)
#define CALL_RELEASE       REGS(FFA_RX_RELEASE_32)
#define CALL_INFO          REGS(FFA_PARTITION_INFO_GET_32)
#define CALL_GET           REGS(FFA_NOTIFICATION_GET_32, 0, 5)
#define CALL_ID_GET        REGS(FFA_ID_GET_32)
#define CALL_FEATURES_MAP  REGS(FFA_FEATURES_32, FFA_RXTX_MAP_64)
#define CALL_VERSION(word) REGS(FFA_VERSION_32, word)

#define GOOD        REGS(FFA_SUCCESS_32)
#define FOUND(n, s) REGS(FFA_SUCCESS_32, 0, n, s)
#define RX_IS_FULL  REGS(FFA_SUCCESS_32, 0, 0, 0, 0, 0, 1)
#define ERROR(code) REGS(FFA_ERROR_32, 0, (uint32_t)(code))
#define REFUSED     REGS(0xffffffffu)

/* The host's pages, and two that the mediator has allocated. */
#define HOST_PAGE(n) (0x80010000ull + 0x1000ull * (n))
#define OWN_TX       0x80000000ull
#define OWN_RX       0x80001000ull

/* Begins anew, with a mediator of this profile that has not booted. */
void host_lab_open(const char *profile);
void host_lab_close(void);

/* The machine's own entries, in a context of their own. */
void host_boots(void);
void host_shuts_down(void);
void host_machine_asks(struct ffa_regs regs);
void host_machine_is_told(struct ffa_regs regs);
void host_machine_unmaps(uint64_t physical);
void host_machine_gets_no_page(void);
void host_machine_frees(uint64_t physical);
void host_machine_returns(int64_t result);

/* One CPU of the host: it calls, the mediator asks the SPMC and is told, the call returns. */
void host_calls(unsigned cpu, struct ffa_regs regs);
void host_asks(unsigned cpu, struct ffa_regs regs);
void host_is_told(unsigned cpu, struct ffa_regs regs);
void host_maps(unsigned cpu, uint64_t address, uint64_t physical);
void host_unmaps(unsigned cpu, uint64_t physical);
void host_writes(uint64_t physical);
void host_returns(unsigned cpu, struct ffa_regs regs);

/* The first bytes of a page become this. */
void host_page_becomes(uint64_t physical, const char *content);

/* Booted with an SPMC of that version; then a version negotiated; then HOST_PAGE(0) and (1) mapped.
 */
void host_has_booted(const char *profile, uint32_t spmc);
void host_has_negotiated(const char *profile, uint32_t spmc, uint32_t version);
void host_has_mapped(void);

/* Nothing was refuted; or something was, with this in the text. Both close. */
void host_was_right(void);
void host_was_wrong(const char *part);

#endif
