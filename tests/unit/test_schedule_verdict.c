/* SPDX-License-Identifier: MIT */
/*
 * What a run of schedules comes to: expectations, outcomes, the verdict when
 * something never ends, and that no schedule sees what an earlier one did.
 * Expectations: docs/guide.md; sim/run.h, sim/report.h, sim/scenario/expr.h.
 */
#include <string.h>

#include "sim/schedule/actor.h"
#include "tests/unit/test_schedule.h"

/* One finding and where it is; the line of the text that is at fault begins with the fault */

struct fault_case {
	const char *name;
	const char *members;
	enum sim_verdict verdict;
	enum sim_source source;
	const char *message;
	const char *place;
};

#define BARE_MACHINE "'machine': {'mediator': 'hypervisor', 'vms': {'vm1': {}, 'vm2': {}}},\n"
#define IN_SETUP(step)      \
	BARE_MACHINE        \
	"'setup': [\n" step \
	"], 'threads': {'vm1.0': [{'call': 'FFA_ID_GET', 'expect': 'NOT_SUPPORTED'}]}"
#define IN_THREAD(step) LAB_MACHINE "'threads': {'vm2.0': [\n" step "]}"
/* A GET of another VM's notifications */
#define FAILING_GET_AS(label) \
	"{'call': 'FFA_NOTIFICATION_GET', 'receiver': 'vm1', 'flags': 2, 'as': '" label "'}"
#define NEVER_RAN "the step never ran, so its expectation was not checked: "

static const struct fault_case fault_cases[] = {
        {"status in the set-up", IN_SETUP("{'vm1.0': 'FFA_ID_GET', 'expect':\n'SUCCESS'}"),
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected SUCCESS, got NOT_SUPPORTED",
         "s.json:5:1: /setup/0/expect"},
        {"status in a thread",
         LAB_MACHINE "'threads': {'vm2.0': [{'call': 'FFA_NOTIFICATION_SET', 'sender': 'vm2', "
                     "'receiver': 'vm1', 'bitmap': 8, 'expect':\n'SUCCESS'}]}",
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected SUCCESS, got DENIED",
         "s.json:5:1: /threads/vm2.0/0/expect"},
        {"field in a thread", IN_THREAD("{'call': 'FFA_ID_GET', 'expect':\n{'id': 'vm1'}}"),
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected id 0x1, got 0x2 in 'SUCCESS id=0x2'",
         "s.json:6:1: /threads/vm2.0/0/expect"},
        {"register in a thread", IN_THREAD("{'call': 'FFA_ID_GET', 'expect':\n{'w2': 7}}"),
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected w2 0x7, got 0x2 in 'SUCCESS id=0x2'",
         "s.json:6:1: /threads/vm2.0/0/expect"},
        {"creation in the set-up",
         "'machine': {'mediator': 'hypervisor', 'vms': {'vm1': {}, 'vm3': {'absent': true}}},\n"
         "'setup': [{'host': 'create-vm', 'vm': 'vm3', 'expect':\n'DENIED'}]",
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected DENIED, got SUCCESS",
         "s.json:4:1: /setup/0/expect"},
        {"call of an SP",
         LAB_SECURE_MACHINE "'threads': {'host': [{'do': 'sp-set', 'sp': 'sp1', 'vm': 'vm2', "
                            "'bitmap': 1, 'expect':\n'SUCCESS'}]}",
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected SUCCESS, got DENIED",
         "s.json:5:1: /threads/host/0/expect"},
        {"boot that should fail",
         "'machine': {'mediator': 'hypervisor', 'boot': 'NOT_SUPPORTED', 'vms': {'vm1': {}}},\n"
         "'threads': {'vm1.0': [{'call': 'FFA_ID_GET'}]}",
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected boot to answer NOT_SUPPORTED, got SUCCESS",
         NULL},
        {"VM that cannot be created",
         "'machine': {'mediator': 'hypervisor', 'spmc': {'profile': 'full', 'slots': 1}, 'vms': "
         "{'vm1': {}, 'vm2': {}}},\n'threads': {'vm1.0': [{'call': 'FFA_ID_GET', 'expect': 'SUCCESS'}]}",
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "the mediator refuses to create 'vm2'", NULL},
        {"allocation that fails at boot",
         "'machine': {'mediator': 'proxy', 'spmc': 'hafnium', 'boot-fail-alloc': 2, 'vms': {'host0': "
         "{'id': 0}}}",
         SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "expected boot to answer SUCCESS, got NO_MEMORY",
         NULL},
        {"step of the set-up that cannot be done",
         IN_SETUP("{'vm1.0': 'take', 'interrupt': 'NPI'}"), SIM_VERDICT_DIVERGED,
         SIM_SOURCE_SCHEDULE, "the step cannot be done: no interrupt is pending",
         "s.json:4:1: /setup/0"},
        {"creation of what exists in the set-up", IN_SETUP("{'host': 'create-vm', 'vm': 'vm2'}"),
         SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, "the step cannot be done: the VM exists",
         "s.json:4:1: /setup/0"},
        {"call of a vCPU off line",
         LAB_MACHINE "'threads': {'host': [{'do': 'vcpu-off', 'vcpu': 'vm2.0'}], 'vm2.0': [\n"
                     "{'call': 'FFA_ID_GET', 'expect': 'SUCCESS'}]}",
         SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, NEVER_RAN "its vCPU is not on line",
         "s.json:5:1: /threads/vm2.0/0"},
        {"creation of what exists",
         LAB_MACHINE "'threads': {'host': [\n{'do': 'create-vm', 'vm': 'vm2', 'expect': "
                     "'SUCCESS'}]}",
         SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, NEVER_RAN "the VM exists",
         "s.json:5:1: /threads/host/0"},
        {"interrupt that never comes", IN_THREAD("{'take': 'NPI'}"), SIM_VERDICT_LIVENESS,
         SIM_SOURCE_ORACLE, "vm2.0 waits for ever: no interrupt is pending", NULL},
        {"always", IN_THREAD(SET_AS(1, "set")) ",\n'outcomes': {'always': [\n'set == DENIED']}",
         SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME, "must always hold: 'set == DENIED' (set=SUCCESS)",
         "s.json:7:1: /outcomes/always/0"},
        {"never",
         IN_THREAD(SET_AS(1, "set")) ",\n'outcomes': {'never': ['npi(vm1) == 0',\n'npi(vm1) "
                                     "== 1']}",
         SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME, "must never hold: 'npi(vm1) == 1' (npi(vm1)=1)",
         "s.json:7:1: /outcomes/never/1"},
        {"field of a call that failed",
         IN_THREAD(FAILING_GET_AS("get")) ",\n'outcomes': {'always': [\n'get.vm_bitmap == 0']}",
         SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME,
         "a result of a call that did not succeed is undefined: 'get.vm_bitmap == 0' "
         "(get.vm_bitmap=undefined (get=INVALID_PARAMETERS))",
         "s.json:7:1: /outcomes/always/0"},
        {"field of a call that failed, never",
         IN_THREAD(FAILING_GET_AS("get")) ",\n'outcomes': {'never': [\n'get.vm_bitmap == 1']}",
         SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME,
         "a result of a call that did not succeed is undefined: 'get.vm_bitmap == 1' "
         "(get.vm_bitmap=undefined (get=INVALID_PARAMETERS))",
         "s.json:7:1: /outcomes/never/0"},
        {"VM that is not there",
         IN_THREAD(SET_AS(1, "set")) ",\n'outcomes': {'always': [\n'pending(vm3) == 0']}",
         SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME,
         "the mediator does not answer for a VM: 'pending(vm3) == 0' (pending(vm3)=(no answer))",
         "s.json:7:1: /outcomes/always/0"},
        {"sometimes",
         IN_THREAD(SET_AS(1, "set")) ",\n'outcomes': {'sometimes': [\n'pending(vm1) == 2']}",
         SIM_VERDICT_FAIL, SIM_SOURCE_OUTCOME, "never came out in 1 schedules: 'pending(vm1) == 2'",
         "s.json:7:1: /outcomes/sometimes/0"},
};

TEST_EACH(schedule_verdict, fault, fault_cases)
{
	lab_do(c->members);
	lab_expect_finding(c->verdict, c->source, c->message, c->place);
	lab_close();
}

/* Twelve VMs and eight SPs have something pending: one answer names as many as it holds. */
TEST(schedule_verdict, twenty_endpoints_in_one_answer)
{
	g_autoptr(GString) text = g_string_new(
	        "'machine': {'mediator': 'hypervisor', 'spmc': 'full', 'vms': {'vm1': {}");

	for (unsigned i = 2; i <= SIM_MAX_VMS; i++)
		g_string_append_printf(text, ", 'vm%u': {}", i);
	g_string_append(text, "}, 'sps': {'sp1': {'properties': 9}");
	for (unsigned i = 2; i <= SIM_MAX_SPS; i++)
		g_string_append_printf(text, ", 'sp%u': {'properties': 9}", i);
	g_string_append(text, "}},\n'setup': [");
	for (unsigned i = 1; i <= SIM_MAX_VMS; i++)
		g_string_append_printf(
		        text,
		        "{'vm%u.0': 'FFA_VERSION', 'version': '1.2'}, {'vm%u.0': "
		        "'FFA_NOTIFICATION_BIND', 'sender': 'sp1', 'receiver': 'vm%u', 'bitmap': 1, "
		        "'expect': 'SUCCESS'}, {'host': 'sp-set', 'sp': 'sp1', 'vm': 'vm%u', 'bitmap': "
		        "1},\n",
		        i, i, i, i);
	for (unsigned i = 1; i <= SIM_MAX_SPS; i++)
		g_string_append_printf(
		        text,
		        "{'host': 'sp-bind', 'sp': 'sp%u', 'vm': 'vm1', 'bitmap': 1}, {'vm1.0': "
		        "'FFA_NOTIFICATION_SET', 'sender': 'vm1', 'receiver': 'sp%u', 'bitmap': 1, "
		        "'expect': 'SUCCESS'}%s\n",
		        i, i, i < SIM_MAX_SPS ? "," : "");
	g_string_append(text,
	                "],\n'threads': {'host': [{'do': 'advance', 'by': '1ns'}]}, 'outcomes': "
	                "{'always': ['smcs(FFA_NOTIFICATION_INFO_GET) == 1'");
	for (unsigned i = 1; i <= SIM_MAX_VMS; i++)
		g_string_append_printf(text, ", 'npi(vm%u) == 1'", i);
	g_string_append(text, "]}");
	lab_do(text->str);
	lab_expect_pass();
	assert_contains(lab_schedule("1")->trace, "SUCCESS lists=20 ");
	lab_close();
}

/* What is no fault */

static const struct {
	const char *name;
	const char *members;
} fine_cases[] = {
        {"a call that cannot be made and expects nothing",
         LAB_MACHINE "'threads': {'host': [{'do': 'vcpu-off', 'vcpu': 'vm2.0'}], 'vm2.0': [" SET_AS(
                 1, "set") "]}, 'outcomes': {'never': ['done(set)']}"},
        {"a boot that fails as it should",
         "'machine': {'mediator': 'hypervisor', 'spmc': 'none', 'options': {'vm-to-vm': false}, "
         "'boot': 'NOT_SUPPORTED', 'vms': {'vm1': {}}}, 'threads': {'vm1.0': [{'call': 'FFA_ID_GET', 'expect': 'SUCCESS'}]}"},
        {"nothing expected: the oracles judge", LAB_MACHINE "'threads': {'vm2.0': [" SET(1) "]}"},
        {"a machine alone", "'machine': {'mediator': 'hypervisor', 'vms': {'vm1': {}}}"},
        {"results of calls that failed, asked for where they succeed",
         LAB_MACHINE "'threads': {'vm2.0': [" FAILING_GET_AS(
                 "get") "]}, 'outcomes': {'always': ['get == SUCCESS && get.vm_bitmap == 1 || "
                        "get == INVALID_PARAMETERS || get.vm_bitmap == 2', 'get.w2 == "
                        "0xfffffffe']}"},
        {"always in every schedule, sometimes in one",
         LAB_MACHINE "'threads': {'vm1.0': [" UNBIND_AS("unbind") "], 'vm2.0': [" SET_AS(
                 1, "set") "]}, 'schedules': {'a': ['rest'], 'b': [{'run': 'vm2.0'}, 'rest']}, "
                           "'outcomes': {'always': ['done(set) && done(unbind)'], 'sometimes': "
                           "['set == SUCCESS', 'set == DENIED', 'unbind == SUCCESS']}"},
        {"an allocation that fails, in its step only",
         LAB_MACHINE "'threads': {'host': [{'do': 'create-vm', 'vm': 'vm3', 'fail-alloc': 1, "
                     "'expect': 'NO_MEMORY'}, {'do': 'create-vm', 'vm': 'vm3', 'expect': "
                     "'SUCCESS', 'as': 'make'}]}, 'outcomes': {'always': ['online(vm3) == 1']}"},
        {"an allocation that is never made",
         LAB_MACHINE "'threads': {'host': [{'do': 'create-vm', 'vm': 'vm3', 'fail-alloc': 2, "
                     "'expect': 'SUCCESS'}]}"},
        {"a failing allocation of another actor",
         "'machine': {'mediator': 'hypervisor', 'vms': {'vm1': {'absent': true}, 'vm2': {'absent': "
         "true}}}, 'threads': {'host': [{'do': 'create-vm', 'vm': 'vm1', 'fail-alloc': 1, "
         "'expect': 'NO_MEMORY'}], 'host.1': [{'do': 'create-vm', 'vm': 'vm2', 'expect': "
         "'SUCCESS'}]}, 'schedule': [{'run': 'host', 'until': {'alloc': '*'}}, {'run': 'host.1'}]"},
        {"an interrupt is taken once",
         LAB_MACHINE "'threads': {'vm2.0': [" SET(
                 1) "], 'vm1.0': [{'take': 8, 'as': 'first'}], "
                    "'vm1.1': [" GET_AS(2, "get") "]}, 'outcomes': {'always': ['done(first) && "
                                                  "npi(vm1) == 1 && get.vm_bitmap == 1']}"},
        {"the NPIs of the set-up are not counted", BARE_MACHINE
         "'setup': [{'vm1.0': 'FFA_VERSION', 'version': '1.2'}, {'vm2.0': "
         "'FFA_VERSION', 'version': '1.2'}, {'vm1.0': 'FFA_NOTIFICATION_BIND', "
         "'sender': 'vm2', 'receiver': 'vm1', 'bitmap': 1}, {'vm2.0': "
         "'FFA_NOTIFICATION_SET', 'sender': 'vm2', 'receiver': 'vm1', 'bitmap': 1}, "
         "{'vm1.0': 'take', 'interrupt': 'NPI'}], 'threads': {'vm1.0': [" GET_AS(
                 2, "get") "]}, 'outcomes': {'always': ['npi(vm1) == 0 && get.vm_bitmap == 1']}"},
        {"the SMCs of boot and set-up are not counted",
         LAB_SECURE_MACHINE "'threads': {'vm1.0': [" GET_AS(
                 1,
                 "get") "]}, 'outcomes': {'always': ['smcs(FFA_NOTIFICATION_BIND) == 0 && smcs(FFA_FEATURES) == 0 && smcs(FFA_NOTIFICATION_GET) == 1']}"},
        {"time makes a timer due",
         LAB_SECURE_MACHINE "'threads': {'host': [{'do': 'destroy-vm', 'vm': 'vm2'}, {'do': "
                            "'advance', 'by': '1s'}]}, 'schedule': [{'run': 'host'}, {'run': "
                            "'timer'}], 'outcomes': {'always': ['vm_destroyed(sp1) == 12']}"},
        {"too little time does not",
         LAB_SECURE_MACHINE "'threads': {'host': [{'do': 'destroy-vm', 'vm': 'vm2'}, {'do': "
                            "'advance', 'by': '999ms'}, {'do': 'advance', 'by': '1ms'}]}, "
                            "'schedule': [{'run': 'host', 'until': 'return', 'times': 2}, 'rest'], "
                            "'outcomes': {'always': ['vm_destroyed(sp1) == 12']}"},
};

TEST_EACH(schedule_verdict, no_fault, fine_cases)
{
	lab_do(c->members);
	lab_expect_pass();
	lab_close();
}

/* Several schedules */

#define RACE                                                                                 \
	LAB_MACHINE "'threads': {'vm1.0': [" UNBIND_AS("unbind") "], 'vm2.0': [" SET_AS(     \
	        1,                                                                           \
	        "set") "]}, 'schedules': {'first': ['rest'], 'second': [{'run': 'vm2.0'}], " \
	               "'third': [{'run': 'vm2.0', 'until': {'lock': 'notif[vm1]'}}]}, "     \
	               "'outcomes': {'never': ['set == SUCCESS'], 'sometimes': ['unbind == SUCCESS', 'set == NO_DATA']}"

/* Each verdict is about its schedule; "sometimes" is about all of them and belongs to none. */
TEST(schedule_verdict, of_each_schedule)
{
	lab_do(RACE);
	assert_eq_int(lab.report->schedules->len, 3);
	assert_eq_int(lab_schedule("first")->verdict, SIM_VERDICT_PASS);
	assert_eq_int(lab_schedule("second")->verdict, SIM_VERDICT_FAIL);
	assert_eq_int(lab_schedule("third")->verdict, SIM_VERDICT_PASS);
	assert_eq_int(lab.report->findings->len, 2);
	assert_str(lab_finding(0)->schedule, "second");
	assert_str(lab_finding(0)->message, "must never hold: 'set == SUCCESS' (set=SUCCESS)");
	assert_null(lab_finding(1)->schedule);
	assert_str(lab_finding(1)->message, "never came out in 3 schedules: 'set == NO_DATA'");
	assert_eq_int(lab.report->calls, 4 + 3 * 2);
	lab_close();
}

/* One alone: the others do not run, and what should come out sometimes is not missed. */
TEST(schedule_verdict, of_one_schedule)
{
	lab_open(RACE);
	lab.run.only_schedule = "third";
	lab_run();
	lab_expect_pass();
	assert_eq_int(lab.report->schedules->len, 1);
	assert_str(lab_schedule("third")->name, "third");
	lab_close();
}

TEST(schedule_verdict, of_no_schedule)
{
	lab_open(RACE);
	lab.run.only_schedule = "fourth";
	lab_run();
	lab_expect_finding(SIM_VERDICT_INVALID, SIM_SOURCE_LOADER, "there is no schedule 'fourth'",
	                   NULL);
	lab_close();
}

static const struct {
	const char *name;
	const char *outcomes;
	const char *message; /* of the second schedule, where "get" did not run; NULL: none */
} missing[] = {
        {"always", "'always': ['get == SUCCESS']",
         "a value is missing: 'get == SUCCESS' (get=(did not run))"},
        {"never", "'never': ['get == DENIED']",
         "a value is missing: 'get == DENIED' (get=(did not run))"},
        {"sometimes", "'sometimes': ['get == SUCCESS']",
         "a value is missing: 'get == SUCCESS' (get=(did not run))"},
        {"field", "'always': ['get.vm_bitmap == 0']",
         "a value is missing: 'get.vm_bitmap == 0' (get.vm_bitmap=(did not run))"},
        {"register", "'always': ['get.w2 == 0']",
         "a value is missing: 'get.w2 == 0' (get.w2=(did not run))"},
        {"asked for before", "'always': ['!done(get) || get == SUCCESS']", NULL},
        {"known to be missing", "'sometimes': ['done(get)', '!done(get)']", NULL},
};

/* "done" also shows that a schedule knows nothing of the answers in an earlier one. */
TEST_EACH(schedule_verdict, missing_value, missing)
{
	g_autofree char *text = g_strconcat(
	        LAB_MACHINE
	        "'threads': {'host': [{'do': 'vcpu-off', 'vcpu': 'vm1.0'}], 'vm1.0': [" GET_AS(
	                2, "get") "]}, 'schedules': {'one': [{'run': 'vm1.0'}], 'two': ['rest']}, "
	                          "'outcomes': {",
	        c->outcomes, "}", NULL);

	lab_do(text);
	assert_eq_int(lab_schedule("one")->verdict, SIM_VERDICT_PASS);
	if (!c->message) {
		lab_expect_pass();
	} else {
		assert_str(lab_finding(0)->message, c->message);
		assert_str(lab_finding(0)->schedule, "two");
		assert_eq_int(lab.report->findings->len, 1);
		assert_eq_int(lab.report->verdict, SIM_VERDICT_FAIL);
	}
	lab_close();
}

/* The same schedule before and after others that leave the machine in every other state. */
TEST(schedule_isolation, same_trace_behind_any_other)
{
	static const char *const others[] = {"whole", "midway", "astray", "early"};

	lab_do(LAB_SECURE_MACHINE
	       "'threads': {'host': [{'do': 'advance', 'by': '1s'}, " SP_SET
	       ", {'do': 'destroy-vm', 'vm': 'vm2'}, {'do': 'advance', 'by': '1s'}], 'vm1.0': [{'take': "
	       "'NPI'}, " GET_AS(3, "get") "], 'vm2.0': [" SET_AS(
	               1,
	               "set") "], 'vm1.1': [{'call': "
	                      "'FFA_NOTIFICATION_BIND', 'sender': 'vm2', 'receiver': 'vm1', 'bitmap': 8, 'as': "
	                      "'bind'}]}, 'schedules': {'a': ['rest'], "
	                      "'whole': [{'run': 'host'}], "
	                      "'midway': [{'run': 'vm1.1', 'until': {'unlock': 'notif[vm1]'}}, {'run': 'vm1.0', "
	                      "'until': {'lock': 'version[vm1]'}}], 'b': ['rest'], "
	                      "'astray': [{'run': 'vm1.1', 'until': {'unlock': 'notif[vm1]'}}, {'run': 'sri'}], "
	                      "'c': ['rest'], 'early': [{'run': 'host', 'until': 'return', 'times': 2}, {'run': "
	                      "'sri'}, {'run': 'work', 'until': {'unlock': 'notif[vm1]'}}], 'd': ['rest']}, "
	                      "'outcomes': {'sometimes': ['npi(vm1) == 1 && smcs(FFA_NOTIFICATION_INFO_GET) == 1']}");
	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
		assert_false(strcmp(lab_schedule(others[i])->trace, lab_schedule("a")->trace) ==
		                     0 &&
		             strcmp(others[i], "whole") != 0);
	assert_eq_int(lab_schedule("a")->verdict, SIM_VERDICT_PASS);
	for (const char *name = "b"; *name; name = *name == 'b' ? "c" : *name == 'c' ? "d" : "") {
		assert_str(lab_schedule(name)->trace, lab_schedule("a")->trace);
		assert_str(lab_schedule(name)->diagnostics, lab_schedule("a")->diagnostics);
		assert_eq_int(lab_schedule(name)->steps, lab_schedule("a")->steps);
		assert_eq_int(lab_schedule(name)->verdict, SIM_VERDICT_PASS);
	}
	assert_eq_int(lab_schedule("astray")->verdict, SIM_VERDICT_DIVERGED);
	lab_close();
}

/* Nor how long the set-up took: it has all its stops. */
TEST(schedule_isolation, stops_count_from_the_set_up_on)
{
	static const char *const setups[] = {
	        "", "{'vm1.0': 'FFA_VERSION', 'version': '1.2'}, {'vm1.0': 'FFA_VERSION', "
	            "'version': '1.2'}, "};
	uint32_t steps[2];

	for (unsigned i = 0; i < 2; i++) {
		g_autofree char *text = g_strconcat(
		        BARE_MACHINE "'setup': [", setups[i],
		        "{'vm1.0': 'FFA_VERSION', 'version': '1.2'}], 'threads': {'vm1.0': [{'call': "
		        "'FFA_ID_GET', 'expect': 'SUCCESS'}]}",
		        NULL);

		lab_do(text);
		lab_expect_pass();
		steps[i] = lab_schedule("1")->steps;
		lab_close();
	}
	assert_eq_int(steps[1], steps[0]);
}

/* What never ends, and whoever has switched off the oracle that says so */

#define BROKEN(step)                                                                                     \
	"'machine': {'mediator': 'broken', 'vms': {'vm1': {}, 'vm2': {}}},\n'threads': {'vm1.0': [" step \
	"], 'vm2.0': [{'call': 'FFA_ID_GET', 'expect': 'SUCCESS'}]}"
#define ENDLESS_CALL "{'call': 'FFA_FEATURES', 'w1': 7}" /* BROKEN_SMC */
#define ENDLESS \
	"no end after 20000 scheduling points: something is retried without a bound, by vm1.0"
#define NOT_AT_REST "the schedule never came to rest, and the oracle that says why is off"
#define NEVER_UP    "the machine never came up, and the oracle that says why is off"
#define NEVER_DOWN  "the machine could not be taken down, and the oracle that says why is off"
#define ENDLESS_SETUP                                                                 \
	"'machine': {'mediator': 'broken', 'vms': {'vm1': {}}}, 'setup': [{'vm1.0': " \
	"'FFA_FEATURES', 'w1': 7}], 'threads': {'vm1.0': [{'call': 'FFA_ID_GET', 'expect': 'SUCCESS'}]}"
#define SLEEPER LAB_MACHINE "'threads': {'vm1.0': [{'take': 'NPI'}]}"

static const struct {
	const char *name;
	const char *members;
	enum sim_oracle_level level;
	enum sim_verdict verdict;
	const char *messages[3];
} restless[] = {
        {"error", BROKEN(ENDLESS_CALL), SIM_ORACLE_ERROR, SIM_VERDICT_LIVENESS, {ENDLESS}},
        {"warning",
         BROKEN(ENDLESS_CALL),
         SIM_ORACLE_WARN,
         SIM_VERDICT_DIVERGED,
         {ENDLESS, NOT_AT_REST}},
        {"off", BROKEN(ENDLESS_CALL), SIM_ORACLE_OFF, SIM_VERDICT_DIVERGED, {NOT_AT_REST}},
        {"in a move",
         BROKEN(ENDLESS_CALL) ", 'schedule': [{'run': 'vm1.0', 'until': {'smc': 'FFA_RUN'}}]",
         SIM_ORACLE_OFF,
         SIM_VERDICT_DIVERGED,
         {NOT_AT_REST}},
        {"sleeps, error",
         SLEEPER,
         SIM_ORACLE_ERROR,
         SIM_VERDICT_LIVENESS,
         {"vm1.0 waits for ever: no interrupt is pending"}},
        {"sleeps, warning",
         SLEEPER,
         SIM_ORACLE_WARN,
         SIM_VERDICT_DIVERGED,
         {"vm1.0 waits for ever: no interrupt is pending", NOT_AT_REST}},
        {"sleeps, off", SLEEPER, SIM_ORACLE_OFF, SIM_VERDICT_DIVERGED, {NOT_AT_REST}},
        {"in the set-up, error", ENDLESS_SETUP, SIM_ORACLE_ERROR, SIM_VERDICT_LIVENESS, {ENDLESS}},
        {"in the set-up, warning",
         ENDLESS_SETUP,
         SIM_ORACLE_WARN,
         SIM_VERDICT_DIVERGED,
         {ENDLESS, NEVER_UP}},
        {"in the set-up, off", ENDLESS_SETUP, SIM_ORACLE_OFF, SIM_VERDICT_DIVERGED, {NEVER_UP}},
};

TEST_EACH(schedule_liveness, never_a_pass, restless)
{
	unsigned count = 0;

	lab_open(c->members);
	lab.levels.level[SIM_ORACLE_LIVENESS] = c->level;
	lab_run();
	for (; c->messages[count]; count++)
		assert_str(lab_finding(count)->message, c->messages[count]);
	assert_eq_int(lab.report->findings->len, count);
	assert_eq_int(lab.report->verdict, c->verdict);
	assert_eq_int(lab_finding(0)->warning, c->level == SIM_ORACLE_WARN);
	lab_close();
}

/* At rest as far as anybody asked, but a lock that the end of the machine needs is held. */
static const struct {
	const char *name;
	enum sim_oracle_level level;
	enum sim_verdict verdict;
	const char *messages[3];
} ends[] = {
        {"error",
         SIM_ORACLE_ERROR,
         SIM_VERDICT_LIVENESS,
         {"machine waits for ever for notif[vm1], held by host"}},
        {"warning",
         SIM_ORACLE_WARN,
         SIM_VERDICT_DIVERGED,
         {"machine waits for ever for notif[vm1], held by host", NEVER_DOWN}},
        {"off", SIM_ORACLE_OFF, SIM_VERDICT_DIVERGED, {NEVER_DOWN}},
};

TEST_EACH(schedule_liveness, no_end_of_the_machine, ends)
{
	const struct shim_slot *slot;
	unsigned count = 0;

	lab_open(LAB_MACHINE "'threads': {'host': [{'do': 'vcpu-off', 'vcpu': 'vm1.1'}]}");
	lab.levels.level[SIM_ORACLE_LIVENESS] = c->level;
	lab_begin();
	slot = shim_slot(&lab.link.map, 0);
	do
		assert_eq_int(sim_actor_go(&lab.run, 0, -1, SIM_SCRIPT_MASK), SIM_STOP_POINT);
	while (slot->state != SHIM_SLOT_STOPPED || slot->point != SHIM_POINT_UNLOCK);
	sim_run_judge(&lab.run, NULL);
	for (; c->messages[count]; count++)
		assert_str(lab_finding(count)->message, c->messages[count]);
	assert_eq_int(lab.report->findings->len, count);
	assert_eq_int(lab.report->verdict, c->verdict);
	lab_close();
}

/* A crash ends its schedule; the next one finds the subject as it was. */
TEST(schedule_verdict, crash_in_one_schedule)
{
	lab.transport = "inline";
	lab_do(BROKEN(
	        "{'call': 'FFA_FEATURES', 'w1': 5}") ", 'schedules': {'a': [{'run': 'vm2.0'}], "
	                                             "'b': ['rest']}");
	assert_eq_int(lab.report->schedules->len, 2);
	assert_eq_int(lab.report->findings->len, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_str(lab_finding(i)->message,
		           "vm1.0 crashed with Segmentation fault at address 0x0 in write_null");
		assert_eq_int(lab_finding(i)->verdict, SIM_VERDICT_CRASH);
	}
	assert_contains(lab_schedule("a")->trace, "vm2.0 return SUCCESS");
	assert_null(strstr(lab_schedule("b")->trace, "vm2.0"));
	lab_close();
}

/* What a file says of itself */

#define KNOWN ", 'known-failing': 'a reason'"

static const struct {
	const char *name;
	const char *members;
	enum sim_verdict verdict;
	const char *message; /* of the last finding, NULL: none */
} known[] = {
        {"fails", IN_THREAD("{'call': 'FFA_ID_GET', 'expect': 'DENIED'}") KNOWN,
         SIM_VERDICT_KNOWN_FAILING, "expected DENIED, got SUCCESS id=0x2"},
        {"diverges", IN_THREAD("{'call': 'FFA_ID_GET'}") ", 'schedule': [{'run': 'sri'}]" KNOWN,
         SIM_VERDICT_KNOWN_FAILING,
         "move 1 'sri until done' was not reached: sri cannot run: there is nothing for it to do"},
        {"never ends", SLEEPER KNOWN, SIM_VERDICT_KNOWN_FAILING,
         "vm1.0 waits for ever: no interrupt is pending"},
        {"crashes", BROKEN("{'call': 'FFA_FEATURES', 'w1': 5}") KNOWN, SIM_VERDICT_KNOWN_FAILING,
         "vm1.0 crashed with Segmentation fault at address 0x0 in write_null"},
        {"passes", IN_THREAD("{'call': 'FFA_ID_GET'}") KNOWN, SIM_VERDICT_FAIL,
         "passes, although it is declared known-failing: a reason"},
};

TEST_EACH(schedule_verdict, known_failing, known)
{
	lab_do(c->members);
	assert_str(lab_finding(0)->message, c->message);
	assert_eq_int(lab.report->verdict, c->verdict);
	assert_str(lab.report->reason, "a reason");
	lab_close();
}

/* A schedule that does not exist is a mistake in the question, whatever the file knows. */
TEST(schedule_verdict, known_failing_needs_a_schedule)
{
	lab_open(SLEEPER KNOWN);
	lab.run.only_schedule = "2";
	lab_run();
	assert_eq_int(lab.report->verdict, SIM_VERDICT_INVALID);
	lab_close();
}

/* Reports to bytes and back */

static void expect_same_findings(const struct sim_report *got, const struct sim_report *want)
{
	assert_eq_int(got->findings->len, want->findings->len);
	for (guint i = 0; i < want->findings->len; i++) {
		const struct sim_finding *a = g_ptr_array_index(got->findings, i);
		const struct sim_finding *b = g_ptr_array_index(want->findings, i);

		assert_eq_int(a->verdict, b->verdict);
		assert_eq_int(a->source, b->source);
		assert_eq_int(a->warning, b->warning);
		assert_str(a->oracle, b->oracle);
		assert_str(a->schedule, b->schedule);
		assert_str(a->message, b->message);
		assert_str(a->place, b->place);
		assert_str(a->detail, b->detail);
	}
}

static void expect_same_schedules(const struct sim_report *got, const struct sim_report *want)
{
	assert_eq_int(got->schedules->len, want->schedules->len);
	for (guint i = 0; i < want->schedules->len; i++) {
		const struct sim_schedule_report *a = g_ptr_array_index(got->schedules, i);
		const struct sim_schedule_report *b = g_ptr_array_index(want->schedules, i);

		assert_str(a->name, b->name);
		assert_eq_int(a->verdict, b->verdict);
		assert_str(a->trace, b->trace);
		assert_str(a->diagnostics, b->diagnostics);
		assert_eq_int(a->steps, b->steps);
	}
}

static void expect_same(const struct sim_report *got, const struct sim_report *want)
{
	assert_not_null(got);
	assert_str(got->path, want->path);
	assert_str(got->id, want->id);
	assert_str(got->about, want->about);
	assert_str(got->subject, want->subject);
	assert_str(got->build, want->build);
	assert_str(got->reason, want->reason);
	assert_eq_int(got->verdict, want->verdict);
	assert_str(got->setup_trace, want->setup_trace);
	assert_str(got->setup_diagnostics, want->setup_diagnostics);
	assert_eq_int(got->calls, want->calls);
	assert_eq_int(got->smcs, want->smcs);
	assert_eq_int(got->traps, want->traps);
	expect_same_findings(got, want);
	expect_same_schedules(got, want);
}

TEST(schedule_report, to_bytes_and_back)
{
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(SimReport) back = NULL;

	lab_do(RACE);
	lab.report->about = g_strdup("what it shows");
	lab.report->build = g_strdup("plain");
	lab.report->reason = g_strdup("a reason");
	lab.report->traps = UINT64_MAX;
	((struct sim_finding *)g_ptr_array_index(lab.report->findings, 0))->detail =
	        g_strdup("line\nline");
	((struct sim_finding *)g_ptr_array_index(lab.report->findings, 1))->warning = true;
	((struct sim_finding *)g_ptr_array_index(lab.report->findings, 1))->oracle =
	        g_strdup("liveness");
	bytes = sim_report_to_bytes(lab.report);
	back = sim_report_from_bytes(bytes);
	expect_same(back, lab.report);
	lab_close();
}

/* All that may be missing is. */
TEST(schedule_report, empty_to_bytes_and_back)
{
	g_autoptr(SimReport) report = sim_report_new("folder/name.json", "inline");
	g_autoptr(GBytes) bytes = sim_report_to_bytes(report);
	g_autoptr(SimReport) back = sim_report_from_bytes(bytes);

	assert_str(report->id, "folder/name");
	expect_same(back, report);
}

TEST(schedule_report, part_of_the_bytes_is_none)
{
	g_autoptr(SimReport) report = sim_report_new("s.json", "inline");
	g_autoptr(GBytes) bytes = NULL;

	sim_report_add(report, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, "1", NULL, "a finding");
	bytes = sim_report_to_bytes(report);
	for (gsize size = 0; size < g_bytes_get_size(bytes); size++) {
		g_autoptr(GBytes) part = g_bytes_new_from_bytes(bytes, 0, size);

		if (sim_report_from_bytes(part))
			fail_test("%zu of %zu bytes are a report", size, g_bytes_get_size(bytes));
	}
}

TEST(schedule_report, unknown_verdicts_are_none)
{
	for (unsigned where = 0; where < 3; where++) {
		g_autoptr(SimReport) report = sim_report_new("s.json", "inline");
		struct sim_schedule_report *schedule = g_new0(struct sim_schedule_report, 1);
		g_autoptr(GBytes) bytes = NULL;
		struct sim_finding *finding = sim_report_add(
		        report, SIM_VERDICT_FAIL, SIM_SOURCE_EXPECT, NULL, NULL, "a finding");

		schedule->name = g_strdup("1");
		schedule->trace = g_strdup("");
		schedule->diagnostics = g_strdup("");
		g_ptr_array_add(report->schedules, schedule);
		if (where == 0)
			report->verdict = SIM_VERDICT_COUNT;
		else if (where == 1)
			finding->verdict = SIM_VERDICT_COUNT;
		else
			schedule->verdict = SIM_VERDICT_COUNT;
		bytes = sim_report_to_bytes(report);
		assert_null(sim_report_from_bytes(bytes));
	}
}
