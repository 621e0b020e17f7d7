/* SPDX-License-Identifier: MIT */
/* Scripted schedules in which a call goes round, for a while or for ever. */
#include "tests/subjects/calls.h"
#include "tests/test.h"
#include "tests/unit/test_schedule.h"

/*
 * A call that goes round under a lock. Whether that ends is up to the other actors: while they have
 * steps to take, going round alone shows nothing.
 */

#define CALL(number)  "{'call': 'FFA_FEATURES', 'x1': " G_STRINGIFY(number) ", 'expect': 'SUCCESS'}"
#define TRIED(number) "{'call': 'FFA_FEATURES', 'x1': " G_STRINGIFY(number) ", 'expect': 'DENIED'}"
#define CALLS(first, second)                                                           \
	"'machine': {'mediator': 'calls', 'vms': {'vm1': {}, 'vm2': {}}},\n'threads':" \
	"{'vm1.0': [" first "], 'vm2.0': [" second "]}"
#define FROM_VM1 ", 'schedule': [{'run': 'vm1.0'}, 'rest']"
#define NO_END   "no end after 20000 scheduling points: something is retried without a bound, by "

/* The numbers of tests/subjects/calls.h, as text. */
#define NAMED     1
#define POLL      11
#define POST      12
#define GLANCE    13
#define TALLY     14
#define BACK_OFF  15
#define BACK_AWAY 16

G_STATIC_ASSERT(NAMED == CALLS_NAMED && POLL == CALLS_POLL && POST == CALLS_POST &&
                GLANCE == CALLS_GLANCE && TALLY == CALLS_TALLY && BACK_OFF == CALLS_BACK_OFF &&
                BACK_AWAY == CALLS_BACK_AWAY);

static const struct {
	const char *name;
	const char *members;
	enum sim_verdict verdict;
	const char *message;
} goers[] = {
        {"ended by another", CALLS(CALL(POLL), CALL(POST)), SIM_VERDICT_PASS, NULL},
        {"ended by another, counted", CALLS(CALL(TALLY), CALL(POST)), SIM_VERDICT_PASS, NULL},
        {"ended by the last of many steps",
         CALLS(CALL(POLL), CALL(NAMED) "," CALL(NAMED) "," CALL(NAMED) "," CALL(POST)),
         SIM_VERDICT_PASS, NULL},
        {"with a bound", CALLS(TRIED(GLANCE), CALL(NAMED)), SIM_VERDICT_PASS, NULL},
        {"ended by nothing", CALLS(CALL(POLL), CALL(NAMED)), SIM_VERDICT_LIVENESS, NO_END "vm1.0"},
        {"ended by nothing, counted", CALLS(CALL(TALLY), CALL(NAMED)), SIM_VERDICT_LIVENESS,
         NO_END "vm1.0"},
        {"both", CALLS(CALL(POLL), CALL(POLL)), SIM_VERDICT_LIVENESS, NO_END "vm1.0 and vm2.0"},
        {"each has what the other needs", CALLS(CALL(BACK_OFF), CALL(BACK_AWAY)), SIM_VERDICT_PASS,
         NULL},
        {"a move, ended by another", CALLS(CALL(POLL), CALL(POST)) FROM_VM1, SIM_VERDICT_DIVERGED,
         "move 1 'vm1.0 until done' was not reached: vm1.0 goes round until another actor goes"},
        {"a move, ended by nothing", CALLS(CALL(POLL), CALL(NAMED)) FROM_VM1, SIM_VERDICT_LIVENESS,
         NO_END "vm1.0"},
};

TEST_EACH(schedule_liveness, goes_round, goers)
{
	lab_open(c->members);
	lab.levels.level[SIM_ORACLE_MODEL] = SIM_ORACLE_OFF;
	lab_run();
	assert_eq_int(lab.report->verdict, c->verdict);
	assert_eq_int(lab.report->findings->len, c->message != NULL);
	if (c->message)
		assert_str(lab_finding(0)->message, c->message);
	lab_close();
}
