/* SPDX-License-Identifier: MIT */
/*
 * What a VM has negotiated, as far as it can be told from the order in which
 * its calls began and ended: enough to know whether it has notifications of SPs.
 * What FFA_VERSION may answer is not judged here.
 *
 * Source: docs/design/notifications.md "Version".
 */
#ifndef SIM_MODEL_SP_VERSION_H
#define SIM_MODEL_SP_VERSION_H

#include "sim/model/conduit.h"

enum sim_model_answer { SIM_MODEL_NO, SIM_MODEL_MAYBE, SIM_MODEL_YES };

/* Whether a call that the VM makes now is one of a VM with notifications. */
enum sim_model_answer sim_model_caller_notified(const struct sim_run *run,
                                                const struct sim_model_vm *vm);

/* Whether others see the VM as one with notifications. */
enum sim_model_answer sim_model_seen_notified(const struct sim_run *run,
                                              const struct sim_model_vm *vm);

/* The beginning or the end of any entry; before the talk of it begins, before it is forgotten. */
void sim_model_follow_version(struct sim_model_scene *scene, const struct world_event *event);

#endif
