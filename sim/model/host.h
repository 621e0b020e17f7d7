/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the specification of a mediator in front of one host share:
 * calls from their entry to their return, what may be the answer, and how a
 * refutation reads. The parts
 *
 *   host-calls      what is refused, answered here or forwarded as it is
 *   host-buffers    RX and TX: mapping, who owns RX, what the host is given of it
 *   host-firmware   boot, and the one version for host, mediator and SPMC
 *
 * Each follows the calls of its own concern (host_rules.h), and forgets them
 * when they have returned. Two rules hold in all of them.
 *  - A version comes into force at one moment. A call that entered before
 *    anybody has seen it may still be answered as if there was none; once
 *    somebody has, who enters must see it.
 *  - The SPMC is asked one thing at a time, so what it is asked has an order; what
 *    changes with its answer (the version, the pair, who owns RX) changes at that
 *    moment for everybody.
 *
 * Nothing here allocates, but for a refutation.
 */
#ifndef SIM_MODEL_HOST_H
#define SIM_MODEL_HOST_H

#include "emu/world/world.h"
#include "sim/model/host_rules.h"
#include "sim/model/host_state.h"
#include "sim/model/model.h"

struct sim_model_host *sim_host_state(struct sim_run *run);

/*
 * The call that the event is part of, if that concern follows it; NULL if there
 * is none. At ENTER it is new, at LEAVE the caller forgets it.
 */
struct sim_host_call *sim_host_follow(struct sim_run *run, const struct world_event *event,
                                      enum sim_host_concern concern);
void sim_host_forget(struct sim_host_call *call);

/* The entry of the machine itself that the event is part of; NONE within a call of the host. */
enum shim_entry sim_host_entry(const struct sim_run *run, const struct world_event *event);

/* The call's CPU, from 0. */
unsigned sim_host_cpu(struct sim_run *run, const struct sim_host_call *call);

/*
 * The SPMC is asked something for a call that has to do with it only if a
 * version is in force: false if there is none, which is refuted. ret_rule is the
 * rule for the call in that version. What the call may have met before does not
 * count any more.
 */
bool sim_host_in_force(struct sim_run *run, const struct world_event *event,
                       struct sim_host_call *call, struct sim_host_rule *ret_rule);

/* The SPMC is asked something: what may be asked is this, or nothing. False: refuted. */
bool sim_host_expect_question(struct sim_run *run, const struct world_event *event,
                              const struct sim_host_call *call, const struct ffa_regs *allowed,
                              const char *why);

/* The same for a call that is forwarded, once. */
bool sim_host_expect_forward(struct sim_run *run, const struct world_event *event,
                             struct sim_host_call *call);

/* The call returns: what may be its answer is this, or, for NULL, none yet. */
void sim_host_expect_answer(struct sim_run *run, const struct world_event *event,
                            const struct sim_host_call *call, const struct ffa_regs *allowed,
                            const char *why);

/*
 * The call returns, and the SPMC was not asked. What has a rule is answered by
 * it; else only by one of these errors, SIM_HOST_ERROR() each, for that reason.
 */
#define SIM_HOST_ERROR(status) (1u << -(int)(status))

void sim_host_expect_unasked(struct sim_run *run, const struct world_event *event,
                             const struct sim_host_call *call, unsigned errors, const char *why);

/* Anything else. call may be NULL: then it is about the machine's own entries. */
void sim_host_refute(struct sim_run *run, const struct sim_host_call *call, const char *what);

extern const struct sim_model_part sim_model_host_calls;
extern const struct sim_model_part sim_model_host_buffers;
extern const struct sim_model_part sim_model_host_firmware;

#endif
