/* SPDX-License-Identifier: MIT */
/*
 * What the tests of schedules and of runs share: a scenario given as text, on
 * an inline subject, and its report. One at a time in a test.
 *
 * Texts have ' for "; their name is "s.json".
 */
#ifndef TESTS_UNIT_TEST_SCHEDULE_H
#define TESTS_UNIT_TEST_SCHEDULE_H

#include "sim/oracle/oracle.h"
#include "sim/run.h"
#include "tests/unit/test_emu.h"

struct lab {
	const char *transport; /* set before lab_open(); NULL: "inline" */
	SimScenario *scenario;
	struct shim_link link;
	struct world world;
	struct sim_oracle_levels levels;
	struct sim_run run;
	struct sim_report *report;
};

extern struct lab lab;

/* Two VMs, the first with two vCPUs, and one that does not exist; nothing behind them matters. */
#define LAB_MACHINE                                                                       \
	"'machine': {'mediator': 'hypervisor', 'vms': {'vm1': {'vcpus': 2}, 'vm2': {}, "  \
	"'vm3': {'absent': true}}},\n"                                                    \
	"'setup': [{'vm1.0': 'FFA_VERSION', 'version': '1.2'}, {'vm2.0': 'FFA_VERSION', " \
	"'version': '1.2'}, {'vm1.0': 'FFA_NOTIFICATION_BIND', 'sender': 'vm2', "         \
	"'receiver': 'vm1', 'bitmap': 7, 'expect': 'SUCCESS'}, {'vm2.0': 'FFA_ID_GET'}],\n"

/* The same with an SP, which wants to hear of the end of VMs and is slow to answer it. */
#define LAB_SECURE_MACHINE                                                                \
	"'machine': {'mediator': 'hypervisor', 'spmc': 'full', 'vms': {'vm1': {'vcpus': " \
	"2}, 'vm2': {}}, 'sps': {'sp1': {'properties': '0x89', 'answers': [{'to': "       \
	"'VM_DESTROYED', 'answer': 'RETRY', 'times': 11}]}}},\n"                          \
	"'setup': [{'vm1.0': 'FFA_VERSION', 'version': '1.2'}, {'vm2.0': 'FFA_VERSION', " \
	"'version': '1.2'}, {'vm1.0': 'FFA_NOTIFICATION_BIND', 'sender': 'sp1', "         \
	"'receiver': 'vm1', 'bitmap': 1, 'expect': 'SUCCESS'}, {'vm2.0': 'FFA_ID_GET'}],\n"

#define SET(bitmap)                                                                               \
	"{'call': 'FFA_NOTIFICATION_SET', 'sender': 'vm2', 'receiver': 'vm1', 'bitmap': " #bitmap \
	"}"
#define SET_AS(bitmap, label)                                                                     \
	"{'call': 'FFA_NOTIFICATION_SET', 'sender': 'vm2', 'receiver': 'vm1', 'bitmap': " #bitmap \
	", 'as': '" label "'}"
#define GET_AS(flags, label)                                                                     \
	"{'call': 'FFA_NOTIFICATION_GET', 'receiver': 'vm1', 'flags': " #flags ", 'as': '" label \
	"'}"
#define UNBIND_AS(label)                                                                     \
	"{'call': 'FFA_NOTIFICATION_UNBIND', 'sender': 'vm2', 'receiver': 'vm1', 'bitmap': " \
	"1, 'as': '" label "'}"
#define SP_SET "{'do': 'sp-set', 'sp': 'sp1', 'vm': 'vm1', 'bitmap': 1}"

/* A host step that leaves a line of its own in the trace, and changes nothing else. */
#define MARK      "'host.1': [{'do': 'advance', 'by': '1ns'}]"
#define MARK_LINE "host.1 time 1ns\n"
#define RUN_MARK  "{'run': 'host.1'}"

/*
 * Loads a file of these members, 'about' is added, and opens its subject, which is one of the
 * mediators or of tests/subjects; every oracle has its default level. lab_run() does what
 * sim_run_scenario() does, then settles the report as a session would.
 */
void lab_open(const char *members);
/* The same with a file. */
void lab_open_file(const char *path);
void lab_run(void);
void lab_close(void);

/* Both, of a text. */
void lab_do(const char *members);

/* Boots and sets up, for tests that decide themselves who runs. */
void lab_begin(void);

const struct sim_finding *lab_finding(unsigned index);

/* That there is just this finding; place may be NULL: it has none. */
void lab_expect_finding(enum sim_verdict verdict, enum sim_source source, const char *message,
                        const char *place);

/* That everything passed; the first finding is shown. */
void lab_expect_pass(void);

const struct sim_schedule_report *lab_schedule(const char *name);

/* Who appears in a trace, each run of lines once: "host vm2.0 sri work". Caller frees. */
char *lab_order(const char *trace);

#endif
