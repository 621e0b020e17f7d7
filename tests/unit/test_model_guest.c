/* SPDX-License-Identifier: MIT */
/* Calls of VMs by themselves, and the version that they need. */
#include <string.h>

#include "tests/unit/test_model_guest_lab.h"

/* Calls by themselves: each has one answer here, and each other one is refuted. */

struct call_case {
	const char *name;
	uint8_t vm;
	struct ffa_regs regs;
	struct ffa_regs answer;
};

#define FIELD(...)                  \
	{                           \
		{                   \
			__VA_ARGS__ \
		}                   \
	}
#define NO                         FIELD(FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED)
#define INVALID                    FIELD(FFA_ERROR_32, 0, (uint32_t)FFA_INVALID_PARAMETERS)
#define DENIED                     FIELD(FFA_ERROR_32, 0, (uint32_t)FFA_DENIED)
#define NO_DATA                    FIELD(FFA_ERROR_32, 0, (uint32_t)FFA_NO_DATA)
#define OK                         FIELD(FFA_SUCCESS_32)
#define HAS(id)                    FIELD(FFA_FEATURES_32, id)
#define WORDS(fid, w1, w2, w3, w4) FIELD(fid, w1, w2, w3, w4)

static const struct call_case call_cases[] = {
        {"features of a call", VM1, HAS(FFA_NOTIFICATION_SET_32), OK},
        {"features of an answer", VM1, HAS(FFA_SUCCESS_64), OK},
        {"features of a width that is not there", VM1, HAS(FFA_ID_GET_32 | FFA_FID_64BIT), NO},
        {"features of a physical call", VM1, HAS(FFA_RX_ACQUIRE_32), NO},
        {"features of a bitmap call", VM1, HAS(FFA_NOTIFICATION_BITMAP_CREATE_32), NO},
        {"features of the SRI", VM1, HAS(FFA_FEATURE_SRI), NO},
        {"features with reserved bits", VM1, HAS(0x100 | FFA_FEATURE_NPI), NO},
        {"features ignores w2", VM1, WORDS(FFA_FEATURES_32, FFA_ID_GET_32, 9, 9, 9), OK},
        {"id", VM3, WORDS(FFA_ID_GET_32, 7, 0, 0, 0), FIELD(FFA_SUCCESS_32, 0, 3)},
        {"an answer is no call", VM1, WORDS(FFA_SUCCESS_32, 0, 0, 0, 0), NO},
        {"an unknown call", VM1, WORDS(0x840000f0, 0, 0, 0, 0), NO},
        {"a call of the SPMC's", VM1, WORDS(FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 1, 0, 0), NO},
        {"version again", VM1, WORDS(FFA_VERSION_32, FFA_VERSION_1_2, 0, 0, 0),
         FIELD(FFA_VERSION_1_2)},
        {"newer version is the same", VM1, WORDS(FFA_VERSION_32, FFA_VERSION_1_3, 0, 0, 0),
         FIELD(FFA_VERSION_1_2)},
        {"another version", VM1, WORDS(FFA_VERSION_32, FFA_VERSION_1_1, 0, 0, 0),
         FIELD(0xffffffff)},
        {"version with bit 31", VM1, WORDS(FFA_VERSION_32, 0x80010002, 0, 0, 0), FIELD(0xffffffff)},
        {"bind", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(2, 1), 0, 0, 1), OK},
        {"bind again", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(2, 1), 0, 3, 0), OK},
        {"bind what another has", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(2, 1), 0, 0x18, 0),
         DENIED},
        {"bind to nobody yet", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(77, 1), 0, 0x100, 0), OK},
        {"bind with flags", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(2, 1), 1, 1, 0), INVALID},
        {"bind for another", VM2, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(2, 1), 0, 1, 0), INVALID},
        {"bind to itself", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(1, 1), 0, 1, 0), INVALID},
        {"bind to 0", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(0, 1), 0, 1, 0), INVALID},
        {"bind nothing", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(2, 1), 0, 0, 0), INVALID},
        {"bind to an SP", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(0x8001, 1), 0, 1, 0), NO},
        {"bind to an SP with flags", VM1, WORDS(FFA_NOTIFICATION_BIND_32, PAIR(0x8001, 1), 1, 1, 0),
         INVALID},
        {"unbind", VM1, WORDS(FFA_NOTIFICATION_UNBIND_32, PAIR(2, 1), 0, 3, 0), OK},
        {"unbind with w2", VM1, WORDS(FFA_NOTIFICATION_UNBIND_32, PAIR(2, 1), 1, 3, 0), INVALID},
        {"unbind another's", VM1, WORDS(FFA_NOTIFICATION_UNBIND_32, PAIR(2, 1), 0, 0x18, 0),
         DENIED},
        {"unbind what is free", VM1, WORDS(FFA_NOTIFICATION_UNBIND_32, PAIR(2, 1), 0, 0x100, 0),
         DENIED},
        {"set another's", VM2, WORDS(FFA_NOTIFICATION_SET_32, PAIR(2, 1), 0, 0x18, 0), DENIED},
        {"set with flags", VM2, WORDS(FFA_NOTIFICATION_SET_32, PAIR(2, 1), 2, 1, 0), INVALID},
        {"set as another", VM2, WORDS(FFA_NOTIFICATION_SET_32, PAIR(3, 1), 0, 0x10, 0), INVALID},
        {"set for itself", VM1, WORDS(FFA_NOTIFICATION_SET_32, PAIR(1, 1), 0, 1, 0), INVALID},
        {"set nothing", VM2, WORDS(FFA_NOTIFICATION_SET_32, PAIR(2, 1), 0, 0, 0), INVALID},
        {"set for nobody", VM2, WORDS(FFA_NOTIFICATION_SET_32, PAIR(2, 9), 0, 1, 0), INVALID},
        {"set for an SP", VM2, WORDS(FFA_NOTIFICATION_SET_32, PAIR(2, 0x8001), 0, 1, 0), NO},
        {"get nothing", VM1, WORDS(FFA_NOTIFICATION_GET_32, 1, 0, 0, 0), OK},
        {"get all four maps", VM1, WORDS(FFA_NOTIFICATION_GET_32, PAIR(1, 1), 0xf, 0, 0), OK},
        {"get for a vCPU it lacks", VM1, WORDS(FFA_NOTIFICATION_GET_32, PAIR(2, 1), 2, 0, 0),
         INVALID},
        {"get for another", VM1, WORDS(FFA_NOTIFICATION_GET_32, 2, 2, 0, 0), INVALID},
        {"get with bit 4", VM1, WORDS(FFA_NOTIFICATION_GET_32, 1, 0x12, 0, 0), INVALID},
        {"info with nothing", VM1, WORDS(FFA_NOTIFICATION_INFO_GET_32, 5, 0, 0, 0), NO_DATA},
        {"info of 64 bits", VM1, WORDS(FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0), NO_DATA},
};

TEST_EACH(call, is_answered, call_cases)
{
	guest_bound(PROFILE);
	guest_does(c->vm, c->regs, c->answer);
	guest_was_right();
}

TEST_EACH(call, has_no_other_answer, call_cases)
{
	static const struct ffa_regs others[] = {NO,
	                                         INVALID,
	                                         DENIED,
	                                         NO_DATA,
	                                         OK,
	                                         NEWS(1),
	                                         FIELD(0xffffffff),
	                                         FIELD(UINT64_MAX),
	                                         GOT(1ull)};

	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
		if (memcmp(&others[i], &c->answer, sizeof c->answer) == 0)
			continue;
		guest_bound(PROFILE);
		guest_does(c->vm, c->regs, others[i]);
		guest_was_wrong("allowed: ");
	}
}

/* Bits of the answer that carry nothing are zero: x1, x3, x7, and x8 on for a caller of 1.2. */
TEST_EACH(call, leaves_nothing_behind, call_cases)
{
	static const unsigned registers[] = {1, 3, 7, 8, 17};

	for (unsigned i = 0; i < G_N_ELEMENTS(registers); i++) {
		struct ffa_regs answer = c->answer;

		answer.x[registers[i]] ^= 0x100000000;
		guest_bound(PROFILE);
		guest_does(c->vm, c->regs, answer);
		guest_was_wrong("allowed: ");
	}
}

TEST(call, keeps_the_upper_registers_of_an_older_caller)
{
	struct ffa_regs regs = REGS(FFA_ID_GET_32), answer = REGS(FFA_SUCCESS_32, 0, 1);

	regs.x[12] = answer.x[12] = 5;
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_speaks(VM1, FFA_VERSION_1_1);
	guest_does(VM1, regs, answer);
	guest_was_right();

	answer.x[12] = 0;
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_speaks(VM1, FFA_VERSION_1_1);
	guest_does(VM1, regs, answer);
	guest_was_wrong("FFA_ID_GET of vm1.0");
}

TEST(call, npi_is_any_sgi)
{
	guest_bound(PROFILE);
	guest_does(VM1, REGS(FFA_FEATURES_32, FFA_FEATURE_NPI), REGS(FFA_SUCCESS_32, 0, 15));
	guest_was_right();
	guest_bound(PROFILE);
	guest_does(VM1, REGS(FFA_FEATURES_32, FFA_FEATURE_NPI), REGS(FFA_SUCCESS_32, 0, 16));
	guest_was_wrong("FFA_FEATURES");
}

/* Versions */

struct version_case {
	const char *name;
	uint32_t asked[3]; /* one after the other, 0 for the end; before any other call */
	bool accepted[3];
	bool notifies; /* then notifications are offered */
	bool calls;    /* and anything at all */
};

static const struct version_case version_cases[] = {
        {"1.2", {FFA_VERSION_1_2}, {true}, true, true},
        {"1.3 is 1.2", {FFA_VERSION_1_3}, {true}, true, true},
        {"1.0", {FFA_VERSION_1_0}, {true}, false, true},
        {"the last one counts", {FFA_VERSION_1_2, FFA_VERSION_1_0}, {true, true}, false, true},
        {"a refused one does not", {FFA_VERSION_1_1, 0x20000}, {true, false}, true, true},
        {"another major", {0x20000}, {false}, false, false},
        {"bit 31", {0x80010001}, {false}, false, false},
        {"none", {0}, {false}, false, false},
};

TEST_EACH(version, decides_what_there_is, version_cases)
{
	guest_opened(PROFILE);
	guest_is_created(VM1);
	for (unsigned i = 0; i < 3 && c->asked[i]; i++)
		guest_does(VM1, VERSION(c->asked[i]),
		           REGS(c->accepted[i] ? FFA_VERSION_1_2 : 0xffffffff));
	guest_does(VM1, REGS(FFA_ID_GET_32),
	           c->calls ? REGS(FFA_SUCCESS_32, 0, 1) : ERROR(FFA_NOT_SUPPORTED));
	guest_does(VM1, GET(1, 2), c->notifies ? GOOD : ERROR(FFA_NOT_SUPPORTED));
	guest_was_right();

	guest_opened(PROFILE);
	guest_is_created(VM1);
	for (unsigned i = 0; i < 3 && c->asked[i]; i++)
		guest_does(VM1, VERSION(c->asked[i]),
		           REGS(c->accepted[i] ? FFA_VERSION_1_2 : 0xffffffff));
	guest_does(VM1, GET(1, 2), c->notifies ? ERROR(FFA_NOT_SUPPORTED) : GOOD);
	guest_was_wrong("FFA_NOTIFICATION_GET");
}

/* A call that is refused before there is a version leaves the negotiation open. */
TEST(version, is_frozen_by_the_first_call_that_has_one)
{
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_does(VM1, REGS(FFA_ID_GET_32), ERROR(FFA_NOT_SUPPORTED));
	guest_does(VM1, VERSION(FFA_VERSION_1_0), REGS(FFA_VERSION_1_2));
	guest_does(VM1, VERSION(FFA_VERSION_1_1), REGS(FFA_VERSION_1_2));
	guest_does(VM1, REGS(0x840000f0), ERROR(FFA_NOT_SUPPORTED));
	guest_does(VM1, VERSION(FFA_VERSION_1_0), REGS(0xffffffff));
	guest_was_right();
}

/* What is no FF-A call is SMCCC's unknown function: it freezes nothing, and x1 to x3 are free. */
TEST(foreign, freezes_no_version)
{
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_does(VM1, REGS(0x80000000), REGS(UINT64_MAX));
	guest_does(VM1, VERSION(FFA_VERSION_1_0), REGS(FFA_VERSION_1_2));
	guest_does(VM1, REGS(0xc4000003, 1, 2, 3, 4), REGS(UINT64_MAX, 9, 9, 9, 4));
	guest_does(VM1, VERSION(FFA_VERSION_1_1), REGS(0xffffffff));
	guest_was_wrong("FFA_VERSION");
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_does(VM1, VERSION(FFA_VERSION_1_0), REGS(FFA_VERSION_1_2));
	guest_does(VM1, REGS(0x84000000), REGS(0xffffffff));
	guest_does(VM1, VERSION(FFA_VERSION_1_1), REGS(FFA_VERSION_1_2));
	guest_was_right();
}

struct foreign_case {
	const char *name;
	struct ffa_regs regs;
	struct ffa_regs answer;
	const char *part;
};

static const struct foreign_case foreign_cases[] = {
        {"an error of FF-A", FIELD(0x80000000), NO, "0x80000000 of vm1.0 is 0x84000060"},
        {"SMCCC's version", FIELD(0x80000000), FIELD(0x10001), "0x80000000 of vm1.0 is 0x10001"},
        {"half of -1 to 64 bits", FIELD(0xc4000003), FIELD(0xffffffff), "changes registers"},
        {"x4", FIELD(0x80000000), FIELD(UINT64_MAX, 0, 0, 0, 1), "changes registers"},
        {"x17", FIELD(0x80000000), {.x = {[0] = UINT64_MAX, [17] = 1}}, "changes registers"},
};

TEST_EACH(foreign, has_no_other_answer, foreign_cases)
{
	guest_bound(PROFILE);
	guest_does(VM1, c->regs, c->answer);
	guest_was_wrong(c->part);
}

/* FFA_VERSION beside the first other call: before it or behind it, but not both. */
TEST(version, is_before_or_behind_the_call_that_freezes_it)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		guest_opened(PROFILE);
		guest_is_created(VM1);
		guest_does(VM1, VERSION(FFA_VERSION_1_0), REGS(FFA_VERSION_1_2));
		guest_calls(0, VM1, VERSION(FFA_VERSION_1_1));
		guest_calls(1, VM1, GET(1, 2));
		guest_returns(1, VM1, GOOD); /* so it is 1.1 */
		guest_returns(0, VM1, REGS(wrong ? 0xffffffff : FFA_VERSION_1_2));
		if (wrong)
			guest_was_wrong("FFA_VERSION");
		else
			guest_was_right();
	}
}

/* A first call freezes the version before it does what it is for: others may see one without the
 * other. */
TEST(version, is_frozen_before_the_call_takes_effect)
{
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_is_created(VM2);
	guest_speaks(VM2, FFA_VERSION_1_2);
	guest_does(VM1, VERSION(FFA_VERSION_1_2), REGS(FFA_VERSION_1_2));
	guest_calls(VM1, VM1, BIND(2, 1, 1ull));
	guest_does(VM2, SET(2, 1, 1ull), ERROR(FFA_DENIED));
	guest_returns(VM1, VM1, GOOD);
	guest_was_right();
}

/* Each VM has its own. */
TEST(version, of_a_receiver_counts_for_set)
{
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_is_created(VM2);
	guest_speaks(VM2, FFA_VERSION_1_2);
	guest_does(VM2, SET(2, 1, 1ull), ERROR(FFA_INVALID_PARAMETERS));
	guest_speaks(VM1, FFA_VERSION_1_0);
	guest_does(VM2, SET(2, 1, 1ull), ERROR(FFA_INVALID_PARAMETERS));
	guest_was_right();
	guest_opened(PROFILE);
	guest_is_created(VM1);
	guest_is_created(VM2);
	guest_speaks(VM2, FFA_VERSION_1_2);
	guest_does(VM2, SET(2, 1, 1ull), ERROR(FFA_DENIED));
	guest_was_wrong("allowed: INVALID_PARAMETERS");
}
