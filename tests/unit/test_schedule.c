/* SPDX-License-Identifier: MIT */
/*
 * Scripted schedules: each move stops exactly where its condition says, what
 * cannot be reached diverges, and the rest goes on in the order of rank.
 * Expectations: docs/guide.md, "Writing a schedule"; sim/scenario/scenario.h.
 */
#include <string.h>

#include "sim/schedule/actor.h"
#include "sim/schedule/crash.h"
#include "sim/schedule/endless.h"
#include "sim/schedule/script.h"
#include "tests/unit/test_schedule.h"

/* Where a move stops: between these two lines of the actor's trace */

struct stop_case {
	const char *name;
	const char *before_move; /* moves that come first, or NULL */
	const char *actor;
	const char *until;
	const char *last; /* the start of the actor's last line, NULL: it has none yet */
	const char *next; /* of its first one behind, NULL: there is none */
	const char *threads;
	bool secure; /* on LAB_SECURE_MACHINE */
};

#define TWO_SETS   "'vm2.0': [" SET(1) ", " SET(2) "]"
#define SETTER     .actor = "vm2.0", .threads = TWO_SETS
#define SECURE_GET .actor = "vm1.0", .threads = "'vm1.0': [" GET_AS(1, "get") "]", .secure = true
#define CREATE     .actor = "host", .threads = "'host': [{'do': 'create-vm', 'vm': 'vm3'}]"
#define SRI                                                                                  \
	.threads = "'host': [" SP_SET "]", .before_move = "{'run': 'host'}", .secure = true, \
	.actor = "sri"
#define WORK                                                                \
	.threads = "'host': [" SP_SET "]", .secure = true, .actor = "work", \
	.before_move = "{'run': 'host'}, {'run': 'sri'}"

static const struct stop_case stop_cases[] = {
        {"call", .until = "{'call': 'FFA_NOTIFICATION_SET'}", SETTER, .last = NULL,
         .next = "call FFA_NOTIFICATION_SET"},
        {"any call", .until = "{'call': '*'}", SETTER, .last = NULL,
         .next = "call FFA_NOTIFICATION_SET"},
        {"call, second time", .until = "{'call': '*'}, 'times': 2", SETTER,
         .last = "return SUCCESS", .next = "call FFA_NOTIFICATION_SET"},
        {"lock", .until = "{'lock': 'vms'}", SETTER, .last = "call FFA_NOTIFICATION_SET",
         .next = "lock vms"},
        {"lock, second time", .until = "{'lock': 'vms'}, 'times': 2", SETTER,
         .last = "unlock notif[vm1]", .next = "lock vms"},
        {"lock with an owner", .until = "{'lock': 'notif[vm1]'}", SETTER, .last = "unlock vms",
         .next = "lock notif[vm1]"},
        {"unlock", .until = "{'unlock': 'vms'}", SETTER, .last = "lock vms", .next = "unlock vms"},
        {"unlock with an owner", .until = "{'unlock': 'notif[vm1]'}", SETTER,
         .last = "inject vm1.0 intid=8 accepted", .next = "unlock notif[vm1]"},
        {"unlocked", .until = "{'unlocked': 'vms'}", SETTER, .last = "unlock vms",
         .next = "lock notif[vm1]"},
        {"unlocked, second time", .until = "{'unlocked': 'vms'}, 'times': 2", SETTER,
         .last = "unlock vms", .next = "return SUCCESS"},
        {"unlocked with an owner", .until = "{'unlocked': 'notif[vm1]'}", SETTER,
         .last = "unlock notif[vm1]", .next = "lock vms"},
        {"online", .until = "{'online': 'vm1'}", SETTER, .last = "lock notif[vm1]",
         .next = "online? vm1.0 yes"},
        {"online of any", .until = "{'online': '*'}", SETTER, .last = "lock notif[vm1]",
         .next = "online? vm1.0 yes"},
        {"inject", .until = "{'inject': 'vm1'}", SETTER, .last = "online? vm1.0 yes",
         .next = "inject vm1.0"},
        {"inject into any", .until = "{'inject': '*'}", SETTER, .last = "online? vm1.0 yes",
         .next = "inject vm1.0"},
        {"return", .until = "'return'", SETTER, .last = "return SUCCESS",
         .next = "call FFA_NOTIFICATION_SET"},
        {"return, second time", .until = "'return', 'times': 2", SETTER, .last = "return SUCCESS",
         .next = NULL},
        {"return of the step that is under way",
         .before_move = "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}", .until = "'return'",
         SETTER, .last = "return SUCCESS", .next = "call FFA_NOTIFICATION_SET"},
        {"done", .until = "'done'", SETTER, .last = "return SUCCESS", .next = NULL},
        {"done already", .before_move = "{'run': 'vm2.0'}", .until = "'done'", SETTER,
         .last = "return SUCCESS", .next = NULL},
        {"blocked by a lock", .before_move = "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}",
         .actor = "vm1.0", .until = "'blocked'", .last = "wait notif[vm1]",
         .next = "lock notif[vm1]",
         .threads = "'vm1.0': [" GET_AS(2, "get") "], 'vm2.0': [" SET(1) "]"},
        {"blocked by a lock, still",
         .before_move = "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}, "
                        "{'run': 'vm1.0', 'until': 'blocked'}",
         .actor = "vm1.0", .until = "'blocked'", .last = "wait notif[vm1]",
         .next = "lock notif[vm1]",
         .threads = "'vm1.0': [" GET_AS(2, "get") "], 'vm2.0': [" SET(1) "]"},
        {"lock that is held", .before_move = "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}",
         .actor = "vm1.0", .until = "{'lock': 'notif[vm1]'}", .last = "call FFA_NOTIFICATION_GET",
         .next = "wait notif[vm1]",
         .threads = "'vm1.0': [" GET_AS(2, "get") "], 'vm2.0': [" SET(1) "]"},
        {"blocked by an interrupt that is not there", .actor = "vm1.0", .until = "'blocked'",
         .last = NULL, .next = "take intid=8",
         .threads = "'vm1.0': [{'take': 'NPI'}], 'vm2.0': [" SET(1) "]"},
        {"smc", .until = "{'smc': 'FFA_NOTIFICATION_GET'}", SECURE_GET, .last = "unlock notif[vm1]",
         .next = "smc FFA_NOTIFICATION_GET"},
        {"any smc", .until = "{'smc': '*'}", SECURE_GET, .last = "unlock notif[vm1]",
         .next = "smc FFA_NOTIFICATION_GET"},
        {"smc-done", .until = "{'smc-done': 'FFA_NOTIFICATION_GET'}", SECURE_GET,
         .last = "smc-done SUCCESS", .next = "lock notif[vm1]"},
        {"any smc-done", .until = "{'smc-done': '*'}", SECURE_GET, .last = "smc-done SUCCESS",
         .next = "lock notif[vm1]"},
        {"alloc", .until = "{'alloc': '*'}", CREATE, .last = "unlock vms", .next = "lock vms"},
        {"creation is one step with its vCPUs", .until = "'return'", CREATE,
         .last = "leave vcpu-on vm3.0", .next = NULL},
        {"sri to its end", .until = "'done'", SRI, .last = "leave interrupt", .next = NULL},
        {"work to its end", .until = "'done'", WORK, .last = "leave work", .next = NULL},
        {"work before its smc", .until = "{'smc': 'FFA_NOTIFICATION_INFO_GET_64'}", WORK,
         .last = "enter work", .next = "smc FFA_NOTIFICATION_INFO_GET"},
        {"work before a lock", .until = "{'lock': 'notif[vm1]'}", WORK, .last = "unlock vms",
         .next = "lock notif[vm1]"},
        {"work returns", .until = "'return'", WORK, .last = "leave work", .next = NULL},
};

/* The actor's first or last line of a trace without its name; NULL if it has none. Caller frees. */
static char *line_of(const char *trace, const char *actor, bool want_last)
{
	g_auto(GStrv) lines = g_strsplit(trace, "\n", 0);
	g_autofree char *prefix = g_strconcat(actor, " ", NULL);
	const char *found = NULL;

	for (unsigned i = 0; lines[i]; i++)
		if (g_str_has_prefix(lines[i], prefix) && (want_last || !found))
			found = lines[i] + strlen(prefix);
	return g_strdup(found);
}

static void expect_start(const char *line, const char *start)
{
	if (!start)
		assert_null(line);
	else if (!line || !g_str_has_prefix(line, start))
		fail_test("'%s' and not '%s'", line ? line : "(none)", start);
}

TEST_EACH(schedule_until, stops_at, stop_cases)
{
	g_autofree char *text = g_strdup_printf(
	        "%s'threads': {%s, " MARK
	        "},\n'schedule': [%s%s{'run': '%s', 'until': %s}, " RUN_MARK ", 'rest']",
	        c->secure ? LAB_SECURE_MACHINE : LAB_MACHINE, c->threads,
	        c->before_move ? c->before_move : "", c->before_move ? ", " : "", c->actor,
	        c->until);
	g_auto(GStrv) parts = NULL;
	g_autofree char *last = NULL;
	g_autofree char *next = NULL;

	lab_do(text);
	lab_expect_pass();
	parts = g_strsplit(lab_schedule("1")->trace, MARK_LINE, 0);
	assert_eq_int(g_strv_length(parts), 2);
	last = line_of(parts[0], c->actor, true);
	next = line_of(parts[1], c->actor, false);
	expect_start(last, c->last);
	expect_start(next, c->next);
	lab_close();
}

/* What whoever runs in the window can do: it comes before the point */

struct window_case {
	const char *name;
	const char *threads;
	const char *schedule;
	const char *always;
	bool secure;
};

#define SET_AND_GET    "'vm2.0': [" SET_AS(1, "set") "], 'vm1.0': [" GET_AS(2, "get") "]"
#define SET_AND_TAKE   "'vm2.0': [" SET_AS(1, "set") "], 'vm1.0': [{'take': 'NPI', 'as': 'took'}]"
#define SET_AND_OFF    "'vm2.0': [" SET_AS(1, "set") "], 'host': [{'do': 'vcpu-off', 'vcpu': 'vm1.0'}]"
#define SET_AND_UNBIND "'vm2.0': [" SET_AS(1, "set") "], 'vm1.0': [" UNBIND_AS("unbind") "]"
#define TWICE_AND_GET \
	"'vm2.0': [" SET_AS(1, "set") ", " SET_AS(2, "more") "], 'vm1.0': [" GET_AS(2, "get") "]"
#define SP_SET_AND_GET "'vm1.0': [" GET_AS(1, "get") "], 'host': [" SP_SET "]"

static const struct window_case window_cases[] = {
        {"call: nothing has happened", SET_AND_UNBIND,
         "{'run': 'vm2.0', 'until': {'call': 'FFA_NOTIFICATION_SET'}}, {'run': 'vm1.0'}",
         "unbind == SUCCESS && set == DENIED"},
        {"lock: the bit is not set", SET_AND_GET,
         "{'run': 'vm2.0', 'until': {'lock': 'notif[vm1]'}}, {'run': 'vm1.0'}",
         "get.vm_bitmap == 0 && pending(vm1) == 1"},
        {"unlock: the lock is held", SET_AND_GET,
         "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}, {'run': 'vm1.0', 'until': "
         "'blocked'}",
         "get.vm_bitmap == 1 && pending(vm1) == 0"},
        {"unlocked: the lock is free, the bit set", SET_AND_GET,
         "{'run': 'vm2.0', 'until': {'unlocked': 'notif[vm1]'}}, {'run': 'vm1.0'}",
         "get.vm_bitmap == 1 && pending(vm1) == 0"},
        {"return: one call and not the next", TWICE_AND_GET,
         "{'run': 'vm2.0', 'until': 'return'}, {'run': 'vm1.0'}",
         "get.vm_bitmap == 1 && pending(vm1) == 2"},
        {"done: all calls", TWICE_AND_GET, "{'run': 'vm2.0', 'until': 'done'}, {'run': 'vm1.0'}",
         "get.vm_bitmap == 3 && pending(vm1) == 0"},
        {"no condition: all calls", TWICE_AND_GET, "{'run': 'vm2.0'}, {'run': 'vm1.0'}",
         "get.vm_bitmap == 3 && pending(vm1) == 0"},
        {"online: the vCPU can still go, and is seen to be gone", SET_AND_OFF,
         "{'run': 'vm2.0', 'until': {'online': 'vm1'}}, {'run': 'host', 'until': 'blocked'}, "
         "{'run': 'vm2.0', 'until': {'online': 'vm1'}}",
         "npi(vm1) == 2"},
        {"inject: the vCPU can still go, and the interrupt is lost", SET_AND_OFF,
         "{'run': 'vm2.0', 'until': {'inject': 'vm1'}}, {'run': 'host', 'until': 'blocked'}, "
         "{'run': 'vm2.0', 'until': {'inject': 'vm1'}}",
         "npi(vm1) == 2"},
        {"inject: it is not there to take", SET_AND_TAKE,
         "{'run': 'vm2.0', 'until': {'inject': 'vm1'}}, {'run': 'vm1.0', 'until': 'blocked'}",
         "done(took) && npi(vm1) == 1"},
        {"behind the injection it is", SET_AND_TAKE,
         "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}, {'run': 'vm1.0', 'until': 'return'}",
         "done(took) && npi(vm1) == 1"},
        {"smc: the SPMC has not been asked", SP_SET_AND_GET,
         "{'run': 'vm1.0', 'until': {'smc': 'FFA_NOTIFICATION_GET'}}, {'run': 'host'}",
         "get.sp_bitmap == 1", true},
        {"smc-done: the SPMC has answered", SP_SET_AND_GET,
         "{'run': 'vm1.0', 'until': {'smc-done': 'FFA_NOTIFICATION_GET'}}, {'run': 'host'}",
         "get.sp_bitmap == 0", true},
        {"sri: on top of whoever holds a lock",
         "'vm1.0': [" GET_AS(3, "get") "], 'host': [" SP_SET "]",
         "{'run': 'vm1.0', 'until': {'unlock': 'notif[vm1]'}}, {'run': 'host'}, {'run': 'sri', "
         "'on': 'vm1.0'}, {'run': 'work', 'until': 'blocked'}, {'run': 'vm1.0'}",
         "get.sp_bitmap == 1 && npi(vm1) == 1", true},
        {"alloc: the id is taken, the VM not there",
         "'host': [{'do': 'create-vm', 'vm': 'vm3', 'as': 'make'}], 'vm2.0': [{'call': "
         "'FFA_NOTIFICATION_SET', 'sender': 'vm2', 'receiver': 'vm3', 'bitmap': 1, 'as': 'set'}]",
         "{'run': 'host', 'until': {'alloc': '*'}}, {'run': 'vm2.0'}",
         "make == SUCCESS && set == INVALID_PARAMETERS && online(vm3) == 1"},
};

TEST_EACH(schedule_until, window, window_cases)
{
	g_autofree char *text = g_strdup_printf(
	        "%s'threads': {%s},\n'schedule': [%s, 'rest'],\n'outcomes': {'always': ['%s']}",
	        c->secure ? LAB_SECURE_MACHINE : LAB_MACHINE, c->threads, c->schedule, c->always);

	lab_do(text);
	lab_expect_pass();
	lab_close();
}

/* Every way not to get there; the move at fault is the last one */

struct diverge_case {
	const char *name;
	const char *threads;
	const char *before_move;
	const char *move;
	const char *message;
	bool secure;
};

#define ONE_SET "'vm2.0': [" SET(1) "]"
#define HELD    "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}"
/* What follows the number of the move. */
#define NOT_REACHED(move, actor, why) "'" move "' was not reached: " actor " " why
#define NO_RETURN(until)              NOT_REACHED("vm2.0 until " until, "vm2.0", "returned before")
#define CANNOT(until, actor, why)     NOT_REACHED(actor " until " until, actor, "cannot run: " why)

static const struct diverge_case diverge_cases[] = {
        {"another lock", ONE_SET, NULL, "'vm2.0', 'until': {'lock': 'version[vm1]'}",
         NO_RETURN("lock version[vm1]")},
        {"lock of another VM", ONE_SET, NULL, "'vm2.0', 'until': {'lock': 'notif[vm2]'}",
         NO_RETURN("lock notif[vm2]")},
        {"lock with an owner it does not have", ONE_SET, NULL,
         "'vm2.0', 'until': {'lock': 'vms[vm1]'}", NO_RETURN("lock vms[vm1]")},
        {"lock without the owner it has", ONE_SET, NULL, "'vm2.0', 'until': {'lock': 'notif'}",
         NO_RETURN("lock notif")},
        {"lock too often", ONE_SET, NULL, "'vm2.0', 'until': {'lock': 'vms'}, 'times': 3",
         NO_RETURN("lock vms, 3 times")},
        {"unlock", ONE_SET, NULL, "'vm2.0', 'until': {'unlock': 'notif[vm2]'}",
         NO_RETURN("unlock notif[vm2]")},
        {"unlocked", ONE_SET, NULL, "'vm2.0', 'until': {'unlocked': 'notif[vm2]'}",
         NO_RETURN("unlocked notif[vm2]")},
        {"online of another VM", ONE_SET, NULL, "'vm2.0', 'until': {'online': 'vm2'}",
         NO_RETURN("online vm2")},
        {"inject into another VM", ONE_SET, NULL, "'vm2.0', 'until': {'inject': 'vm2'}",
         NO_RETURN("inject vm2")},
        {"smc", ONE_SET, NULL, "'vm2.0', 'until': {'smc': '*'}", NO_RETURN("smc *")},
        {"smc-done", ONE_SET, NULL, "'vm2.0', 'until': {'smc-done': '*'}", NO_RETURN("smc-done *")},
        {"another smc", "'vm1.0': [" GET_AS(1, "get") "]", NULL,
         "'vm1.0', 'until': {'smc': 'FFA_RUN'}",
         NOT_REACHED("vm1.0 until smc FFA_RUN", "vm1.0", "returned before"), true},
        {"alloc", ONE_SET, NULL, "'vm2.0', 'until': {'alloc': '*'}", NO_RETURN("alloc *")},
        {"blocked by nothing", ONE_SET, NULL, "'vm2.0', 'until': 'blocked'", NO_RETURN("blocked")},
        {"a later call is no later point", TWO_SETS, NULL,
         "'vm2.0', 'until': {'inject': 'vm1'}, 'times': 2", NO_RETURN("inject vm1, 2 times")},
        {"another call", TWO_SETS, NULL, "'vm2.0', 'until': {'call': 'FFA_ID_GET'}",
         CANNOT("call FFA_ID_GET", "vm2.0", "it has no step left")},
        {"call too often", TWO_SETS, NULL, "'vm2.0', 'until': {'call': '*'}, 'times': 3",
         CANNOT("call *, 3 times", "vm2.0", "it has no step left")},
        {"return too often", TWO_SETS, NULL, "'vm2.0', 'until': 'return', 'times': 3",
         CANNOT("return, 3 times", "vm2.0", "it has no step left")},
        {"return of nothing", ONE_SET, "{'run': 'vm2.0'}, ", "'vm2.0', 'until': 'return'",
         CANNOT("return", "vm2.0", "it has no step left")},
        {"blocked when it is done", ONE_SET, "{'run': 'vm2.0'}, ", "'vm2.0', 'until': 'blocked'",
         CANNOT("blocked", "vm2.0", "it has no step left")},
        {"waits before the point", SET_AND_GET, HELD ", ",
         "'vm1.0', 'until': {'unlock': 'notif[vm1]'}",
         CANNOT("unlock notif[vm1]", "vm1.0", "it waits for notif[vm1], held by vm2.0")},
        {"waits before it returns", SET_AND_GET, HELD ", ", "'vm1.0', 'until': 'return'",
         CANNOT("return", "vm1.0", "it waits for notif[vm1], held by vm2.0")},
        {"waits before it is done", SET_AND_GET, HELD ", ", "'vm1.0'",
         CANNOT("done", "vm1.0", "it waits for notif[vm1], held by vm2.0")},
        {"no interrupt to take", SET_AND_TAKE, "", "'vm1.0', 'until': 'return'",
         CANNOT("return", "vm1.0", "no interrupt is pending")},
        {"another interrupt to take", "'vm2.0': [" SET(1) "], 'vm1.0': [{'take': 9}]",
         "{'run': 'vm2.0'}, ", "'vm1.0'", CANNOT("done", "vm1.0", "no interrupt is pending")},
        {"off line", SET_AND_OFF ", 'vm1.0': [" GET_AS(2, "get") "]", "{'run': 'host'}, ",
         "'vm1.0'", CANNOT("done", "vm1.0", "its vCPU is not on line")},
        {"off line is no wait", SET_AND_OFF ", 'vm1.0': [" GET_AS(2, "get") "]",
         "{'run': 'host'}, ", "'vm1.0', 'until': 'blocked'",
         CANNOT("blocked", "vm1.0", "its vCPU is not on line")},
        {"after another",
         "'vm1.0': [" GET_AS(2, "get") "], 'vm2.0': [{'call': 'FFA_ID_GET', 'after': 'get'}]", "",
         "'vm2.0'", CANNOT("done", "vm2.0", "it comes after 'get', which has not ended")},
        {"after idle", "'host': [" SP_SET "], 'vm1.0': [{'call': 'FFA_ID_GET', 'after': 'idle'}]",
         "{'run': 'host'}, ", "'vm1.0'",
         CANNOT("done", "vm1.0", "an interrupt, work or a timer is still to run"), true},
        {"after idle, with work under way",
         "'host': [" SP_SET "], 'vm1.0': [{'call': 'FFA_ID_GET', 'after': 'idle'}]",
         "{'run': 'host'}, {'run': 'sri'}, {'run': 'work', 'until': {'lock': 'vms'}}, ", "'vm1.0'",
         CANNOT("done", "vm1.0", "an interrupt, work or a timer is still to run"), true},
        {"after another that is under way",
         "'vm1.0': [" GET_AS(2, "get") "], 'vm2.0': [{'call': 'FFA_ID_GET', 'after': 'get'}]",
         "{'run': 'vm1.0', 'until': {'unlock': 'notif[vm1]'}}, ", "'vm2.0', 'until': 'blocked'",
         CANNOT("blocked", "vm2.0", "it comes after 'get', which has not ended")},
        {"VM to create exists", "'host': [{'do': 'create-vm', 'vm': 'vm2'}]", NULL, "'host'",
         CANNOT("done", "host", "the VM exists")},
        {"VM of the vCPU does not exist", "'host': [{'do': 'vcpu-on', 'vcpu': 'vm3.0'}]", NULL,
         "'host'", CANNOT("done", "host", "the VM does not exist")},
        {"VM to destroy does not exist", "'host': [{'do': 'destroy-vm', 'vm': 'vm3'}]", NULL,
         "'host'",
         CANNOT("done", "host", "the VM does not exist, or a vCPU of it is inside the mediator")},
        {"VM to destroy is inside", ONE_SET ", 'host': [{'do': 'destroy-vm', 'vm': 'vm2'}]",
         HELD ", ", "'host'",
         CANNOT("done", "host", "the VM does not exist, or a vCPU of it is inside the mediator")},
        {"VM to destroy is inside, which is no wait",
         ONE_SET ", 'host': [{'do': 'destroy-vm', 'vm': 'vm2'}]", HELD ", ",
         "'host', 'until': 'blocked'",
         CANNOT("blocked", "host",
                "the VM does not exist, or a vCPU of it is inside the mediator")},
        {"no sri", ONE_SET, NULL, "'sri'", CANNOT("done", "sri", "there is nothing for it to do")},
        {"no work", ONE_SET, NULL, "'work'",
         CANNOT("done", "work", "there is nothing for it to do")},
        {"no second work", ONE_SET, NULL, "'work.1'",
         CANNOT("done", "work.1", "there is nothing for it to do")},
        {"no timer", ONE_SET, NULL, "'timer'",
         CANNOT("done", "timer", "there is nothing for it to do")},
        {"no sri to block", ONE_SET, NULL, "'sri', 'until': 'blocked'",
         CANNOT("blocked", "sri", "there is nothing for it to do")},
        {"sri takes no lock", "'host': [" SP_SET "]", "{'run': 'host'}, ",
         "'sri', 'until': {'lock': 'notif[vm1]'}",
         NOT_REACHED("sri until lock notif[vm1]", "sri", "returned before"), true},
        {"timer is not due", "'host': [{'do': 'destroy-vm', 'vm': 'vm2'}]", "{'run': 'host'}, ",
         "'timer'", CANNOT("done", "timer", "there is nothing for it to do"), true},
};

TEST_EACH(schedule_until, diverges, diverge_cases)
{
	const char *before = c->before_move ? c->before_move : "";
	g_autofree char *text = g_strdup_printf(
	        "%s'threads': {%s},\n'schedule': [%s\n  {'run': %s}, "
	        "'rest'], 'outcomes': {'never': ['npi(vm2) == 0']}",
	        c->secure ? LAB_SECURE_MACHINE : LAB_MACHINE, c->threads, before, c->move);
	unsigned index = 0;
	g_autofree char *place = NULL;
	g_autofree char *message = NULL;

	for (const char *at = before; (at = strstr(at, "'run'")); at++)
		index++;
	/* the lines before: about, machine, set-up, threads, schedule; the outcome is not judged */
	place = g_strdup_printf("s.json:6:3: /schedule/%u", index);
	message = g_strdup_printf("move %u %s", index + 1, c->message);
	lab_do(text);
	lab_expect_finding(SIM_VERDICT_DIVERGED, SIM_SOURCE_SCHEDULE, message, place);
	assert_str(lab_finding(0)->schedule, "1");
	assert_eq_int(lab_schedule("1")->verdict, SIM_VERDICT_DIVERGED);
	lab_close();
}

/* How far the actor came, and what it did instead */

struct way_case {
	const char *name;
	const char *threads;
	const char *move;
	const char *detail;
};

#define MARK_STEP  "{'do': 'advance', 'by': '1ns'}"
#define MARKS      MARK_STEP ", " MARK_STEP ", " MARK_STEP
#define NINE_MARKS MARKS ", " MARKS ", " MARKS

static const struct way_case way_cases[] = {
        {"returned before", "'vm2.0': [{'call': 'FFA_ID_GET'}]", "'vm2.0', 'until': {'smc': '*'}",
         "expected: smc *\ncame to: in step 1, FFA_ID_GET: call FFA_ID_GET, return"},
        {"too few times", "'vm2.0': [{'call': 'FFA_ID_GET'}, {'call': 'FFA_ID_GET'}]",
         "'vm2.0', 'until': 'return', 'times': 3",
         "expected: return, 3 times; it came 2 times\ncame to: in step 1, FFA_ID_GET: call "
         "FFA_ID_GET, return; in step 2, FFA_ID_GET: call FFA_ID_GET, return"},
        {"nothing at all", "'vm1.0': [{'take': 'NPI'}]", "'vm1.0', 'until': 'return'",
         "expected: return\ncame to: it did nothing"},
        {"only the last ones", "'host': [" NINE_MARKS "]", "'host', 'until': 'return', 'times': 10",
         "expected: return, 10 times; it came 9 times\ncame to: ... in step 2, advance: return; in "
         "step 3, advance: return; in step 4, advance: return; in step 5, advance: return; in "
         "step 6, advance: return; in step 7, advance: return; in step 8, advance: return; in "
         "step 9, advance: return"},
};

TEST_EACH(schedule_until, tells_how_far_it_came, way_cases)
{
	g_autofree char *text = g_strdup_printf("%s'threads': {%s},\n'schedule': [{'run': %s}],\n"
	                                        "'outcomes': {'always': ['1 == 1']}",
	                                        LAB_MACHINE, c->threads, c->move);

	lab_do(text);
	assert_str(lab_finding(0)->detail, c->detail);
	lab_close();
}

/* Rest: the lowest first, each until it is done or waits, those of the system last */

struct rest_case {
	const char *name;
	const char *threads;
	const char *moves; /* before it */
	const char *order; /* lab_order() of the whole schedule, without the end of the machine */
	bool secure;
};

#define ID_GET "{'call': 'FFA_ID_GET'}"

static const struct rest_case rest_cases[] = {
        {"as the file ranks them",
         "'vm2.0': [" ID_GET "], 'host': [{'do': 'advance', 'by': '1s'}], "
         "'vm1.1': [" ID_GET "], 'vm1.0': [" ID_GET "]",
         "", "vm2.0 host vm1.1 vm1.0"},
        {"those who began too",
         "'vm1.0': [" ID_GET "], 'vm2.0': [" SET(1) "], 'vm1.1': [" ID_GET "]",
         "{'run': 'vm2.0', 'until': {'unlock': 'vms'}}, ", "vm2.0 vm1.0 vm2.0 vm1.1"},
        {"each to its end, though a lower one could go again",
         "'vm1.0': [{'take': 'NPI'}], 'vm2.0': [" SET(1) ", " SET(2) "], 'vm1.1': [" ID_GET "]", "",
         "vm2.0 vm1.0 vm1.1"},
        {"until it waits for a lock, then the next lower",
         "'vm1.0': [" GET_AS(2, "get") "], 'vm2.0': [" SET(1) "], 'vm1.1': [" ID_GET "]",
         "{'run': 'vm2.0', 'until': {'unlock': 'notif[vm1]'}}, ", "vm2.0 vm1.0 vm2.0 vm1.0 vm1.1"},
        {"the system last", "'host': [" SP_SET "], 'vm2.0': [" ID_GET "], 'vm1.0': [" ID_GET "]",
         "", "host vm2.0 vm1.0 sri work", true},
        {"an interrupt, what it leaves to do, a timer",
         "'host': [{'do': 'destroy-vm', 'vm': 'vm2'}, {'do': 'advance', 'by': '1s'}, " SP_SET
         "], 'vm1.0': [" ID_GET "]",
         "", "host vm1.0 sri work timer", true},
        {"actors that wait before the system",
         "'vm1.0': [{'take': 'NPI'}], 'host': [" SP_SET "], 'vm1.1': [" ID_GET "]", "",
         "host vm1.1 sri work vm1.0", true},
        {"a VM ends when its vCPU is out",
         "'host': [{'do': 'destroy-vm', 'vm': 'vm2'}], 'vm2.0': [" SET(1) "]",
         "{'run': 'vm2.0', 'until': {'unlock': 'vms'}}, ", "vm2.0 host"},
        {"a VM ends between two calls of its vCPU",
         "'host': [{'do': 'destroy-vm', 'vm': 'vm2'}], 'vm2.0': [" SET(1) ", " SET(2) "]",
         "{'run': 'vm2.0', 'until': 'return'}, ", "vm2.0 host"},
        {"a step after the machine is idle",
         "'host': [" SP_SET
         "], 'vm1.0': [{'call': 'FFA_ID_GET', 'after': 'idle'}], 'vm2.0': [" ID_GET "]",
         "{'run': 'host'}, ", "host vm2.0 sri work vm1.0", true},
        {"a step after another, whatever their ranks",
         "'vm1.0': [{'call': 'FFA_ID_GET', 'after': ['late', 'later']}, " ID_GET
         "], 'vm2.0': [{'call': 'FFA_ID_GET', 'as': 'late'}, " ID_GET
         "], 'host': [{'do': 'advance', 'by': '1s', 'as': 'later'}]",
         "", "vm2.0 host vm1.0"},
        {"a VM is created when it is gone",
         "'host.1': [{'do': 'create-vm', 'vm': 'vm2'}], 'host': [{'do': 'destroy-vm', 'vm': "
         "'vm2'}]",
         "", "host host.1"},
        {"a VM is not created while it goes",
         "'host.1': [{'do': 'create-vm', 'vm': 'vm2'}], 'host': [{'do': 'destroy-vm', 'vm': "
         "'vm2'}], 'vm1.0': [" ID_GET "]",
         "{'run': 'host', 'until': {'unlock': 'vms'}}, {'run': 'vm1.0'}, ",
         "host vm1.0 host host.1"},
};

TEST_EACH(schedule_rest, order, rest_cases)
{
	g_autofree char *text =
	        g_strdup_printf("%s'threads': {%s},\n'schedule': [%s'rest']",
	                        c->secure ? LAB_SECURE_MACHINE : LAB_MACHINE, c->threads, c->moves);
	g_autofree char *want = g_strconcat(c->order, " machine", NULL);
	g_autofree char *order = NULL;

	lab_do(text);
	lab_expect_pass();
	order = lab_order(lab_schedule("1")->trace);
	assert_str(order, want);
	lab_close();
}

/* "rest" is implied, by a schedule without it and by a file without schedules. */
static const struct {
	const char *name;
	const char *schedule;
} implied[] = {{"no schedule", ""}, {"no rest", ", 'schedule': [{'run': 'vm2.0'}]"}};

TEST_EACH(schedule_rest, is_implied, implied)
{
	g_autofree char *text =
	        g_strconcat(LAB_MACHINE "'threads': {'vm2.0': [" SET(1) "], 'vm1.0': [" GET_AS(
	                            2, "get") "]}, 'outcomes': {'always': ['get.vm_bitmap == 1']}",
	                    c->schedule, NULL);

	lab_do(text);
	lab_expect_pass();
	lab_close();
}

/* With the steps of sim/schedule/actor.h: whose turn it is, this test decides */

TEST(schedule_actor, under_an_interrupt_nobody_goes_on)
{
	g_autofree char *why = NULL;

	lab_open(LAB_SECURE_MACHINE "'threads': {'vm1.0': [" GET_AS(2, "get") "], 'host': [" SP_SET
	                                                                      "]}");
	lab_begin();
	assert_eq_int(sim_actor_go(&lab.run, 0, -1, SIM_SCRIPT_MASK), SIM_STOP_POINT);
	assert_eq_int(sim_actor_go(&lab.run, 1, -1, SIM_SCRIPT_MASK), SIM_STOP_STEP);
	assert_true(sim_actor_enabled(&lab.run, 0, NULL));
	assert_true(sim_actor_enabled(&lab.run, SIM_SYSTEM_SRI, NULL));
	assert_eq_int(sim_actor_go(&lab.run, SIM_SYSTEM_SRI, 0, SIM_SCRIPT_MASK), SIM_STOP_POINT);
	assert_false(sim_actor_enabled(&lab.run, 0, &why));
	assert_str(why, "an interrupt runs on top of it");
	assert_eq_int(sim_actor_go(&lab.run, SIM_SYSTEM_SRI, 0, SIM_SCRIPT_MASK), SIM_STOP_STEP);
	assert_true(sim_actor_enabled(&lab.run, 0, NULL));
	lab_close();
}

/* A VM is destroyed between its vCPUs' calls, not in the middle of one. */
TEST(schedule_actor, destruction_waits_for_calls)
{
	lab_open(LAB_MACHINE
	         "'threads': {'vm2.0': [" SET(1) "], 'host': [{'do': 'destroy-vm', 'vm': "
	                                         "'vm2'}]}");
	lab_begin();
	assert_true(sim_actor_enabled(&lab.run, 1, NULL));
	while (!sim_actor_finished(&lab.run, 0)) {
		sim_actor_go(&lab.run, 0, -1, SIM_SCRIPT_MASK);
		assert_eq_int(sim_actor_enabled(&lab.run, 1, NULL),
		              sim_actor_finished(&lab.run, 0));
	}
	lab_close();
}

/* The machine's own context takes notif[vm1] and stays inside: a holder that will not run on. */
static void hold_lock(void)
{
	uint32_t machine = sim_machine_context(&lab.run);

	world_start_vcpu_off(&lab.world, machine, 0, 1);
	do
		assert_eq_int(world_resume(&lab.world, machine, SIM_SCRIPT_MASK), WORLD_STOP_POINT);
	while (shim_slot(&lab.link.map, machine)->point != SHIM_POINT_UNLOCK);
}

static const struct {
	const char *name;
	const char *members;
	const char *messages[3];
} deadlocks[] = {
        {"one actor",
         LAB_MACHINE "'threads': {'vm2.0': [" SET(1) "]}",
         {"vm2.0 waits for ever: it waits for notif[vm1], held by machine"}},
        {"every actor, in the order of rank",
         LAB_MACHINE
         "'threads': {'vm1.0': [" GET_AS(2, "get") "], 'host': [{'do': 'advance', "
                                                   "'by': '1s'}], 'vm2.0': [" SET(1) "]}",
         {"vm1.0 waits for ever: it waits for notif[vm1], held by machine",
          "vm2.0 waits for ever: it waits for notif[vm1], held by machine"}},
        {"those of the system, and who sleeps",
         LAB_SECURE_MACHINE "'threads': {'host': [" SP_SET "], 'vm1.0': [{'take': 'NPI'}]}",
         {"work waits for ever for notif[vm1], held by machine",
          "vm1.0 waits for ever: no interrupt is pending"}},
};

TEST_EACH(schedule_liveness, deadlock, deadlocks)
{
	unsigned count = 0;

	lab_open(c->members);
	lab_begin();
	hold_lock();
	sim_script_play(&lab.run, &lab.scenario->schedules[0]);
	assert_true(lab.run.failed);
	for (; c->messages[count]; count++) {
		assert_str(lab_finding(count)->message, c->messages[count]);
		assert_eq_int(lab_finding(count)->verdict, SIM_VERDICT_LIVENESS);
		assert_str(lab_finding(count)->oracle, "liveness");
	}
	assert_eq_int(lab.report->findings->len, count);
	lab_close();
}

/* One step, while somebody else keeps what it needs. */
TEST(schedule_liveness, stuck_step)
{
	const struct sim_step *step;

	lab_open(LAB_MACHINE "'threads': {'vm2.0': [" SET(1) "]}");
	lab_begin();
	hold_lock();
	step = &lab.scenario->threads[0].steps[0];
	assert_false(sim_actor_do_step(&lab.run, 0, step));
	lab_expect_finding(SIM_VERDICT_LIVENESS, SIM_SOURCE_ORACLE,
	                   "vm2.0 waits for ever for notif[vm1], held by machine", NULL);
	lab_close();
}

static const struct {
	const char *name;
	uint32_t stops;
	bool endless;
} stop_limits[] = {
        {"none", 0, false},
        {"all of them", SIM_MAX_STOPS, false},
        {"one more", SIM_MAX_STOPS + 1, true},
};

TEST_EACH(schedule_liveness, limit_of_stops, stop_limits)
{
	lab_open(LAB_MACHINE "'threads': {'vm2.0': [" SET(1) "]}");
	lab_begin();
	lab.run.state.stops = c->stops;
	lab.run.state.ended_at = 0;
	assert_eq_int(sim_report_endless(&lab.run, 0), c->endless);
	assert_eq_int(lab.run.failed, c->endless);
	assert_eq_int(lab.report->findings->len, c->endless);
	lab_close();
}
