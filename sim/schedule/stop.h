/* SPDX-License-Identifier: MIT */
/*
 * Where an actor has stopped, in the terms of a schedule: as the condition of
 * an "until" that would have stopped it there, and conditions and moves as
 * text. Stops at accesses have no such form.
 */
#ifndef SIM_SCHEDULE_STOP_H
#define SIM_SCHEDULE_STOP_H

#include "sim/run.h"
#include "sim/schedule/actor.h"

/* Where the actor has stopped, stop being what sim_actor_go() answered; false if it has no name. */
bool sim_stop_to_until(const struct sim_run *run, unsigned actor, enum sim_stop stop,
                       struct sim_until *ret_until);

/* The call that a stop is about; 0: none. A schedule that says no more than "smc" has none. */
uint32_t sim_stop_fid(const struct sim_run *run, unsigned actor, enum sim_until_kind kind);

/* Whether both stand for the same point, however often it comes. */
bool sim_until_same(const struct sim_until *a, const struct sim_until *b);

/* The key of a condition in a file: "lock". */
const char *sim_until_key(enum sim_until_kind kind);

/* "lock notif[vm1]", "smc *", "return". Caller frees. */
char *sim_until_text(const struct sim_scenario *scenario, const struct sim_until *until);

/* What stands behind the key: "notif[vm1]", "*"; NULL if nothing does. Caller frees. */
char *sim_until_argument(const struct sim_scenario *scenario, const struct sim_until *until);

/* "vm1.0 until lock notif[vm1], 2 times". Caller frees. */
char *sim_move_text(const struct sim_run *run, const struct sim_move *move);

/*
 * Where an actor is: "about to lock notif[vm1] in step 1, FFA_X", "before step 2, FFA_Y", "at its
 * end", "outside the mediator". Caller frees.
 */
char *sim_stop_where(const struct sim_run *run, unsigned actor);

/* "FFA_NOTIFICATION_SET", "vcpu-on": what a step does. */
const char *sim_step_name(const struct sim_step *step);

/*
 * "step 2, FFA_NOTIFICATION_SET": an actor's step with this number, from 1; "what it does" where
 * there is none, as in all that the system does. Caller frees.
 */
char *sim_step_text(const struct sim_run *run, unsigned actor, unsigned number);

#endif
