/* SPDX-License-Identifier: MIT */
/*
 * A run without a subject, for oracles by themselves: events are played to them
 * by hand. Three VMs, vm1 to vm3, and an actor for each.
 */
#ifndef TESTS_UNIT_TEST_ORACLE_H
#define TESTS_UNIT_TEST_ORACLE_H

#include "sim/oracle/oracle.h"
#include "sim/run.h"

extern struct sim_run run;
extern struct sim_scenario scenario;
extern struct world machine;
extern struct sim_oracle_levels levels;

/* Everything from the start: no finding, no memory of anything. */
void begin(void);

/* The message of a finding, "" if there are not so many. */
const char *finding(guint number);

/* That this limit, and no other, was reached so often. */
void assert_unjudged(enum sim_limit limit, uint64_t times);

/* An access of the mediator to memory, with a place in the code that differs by context. */
void touch(const struct sim_oracle *oracle, unsigned context, uint64_t address, uint64_t size,
           bool writes);

#endif
