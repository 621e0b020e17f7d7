/* SPDX-License-Identifier: MIT */
/*
 * What the mediator has learned of the firmware when it booted, told from the
 * SMCs that it made then and their answers: what it must offer to VMs follows
 * from that.
 *
 * Source: docs/design/notifications.md "Firmware", docs/design/vm-events.md
 * "Which SPs there are"; facts hypervisor-mediator.md sections 1.18 and 3.1.
 */
#ifndef SIM_MODEL_FIRMWARE_H
#define SIM_MODEL_FIRMWARE_H

#include "sim/model/conduit.h"

/* Whether VMs and SPs can notify each other; false until the boot has ended. */
bool sim_model_sp_notifications(const struct sim_run *run);

/* Whether a VM of FF-A 1.1 or later has notifications at all. */
bool sim_model_notifications(const struct sim_run *run);

/* For the other rules: an SPMC that is not used has nothing. */
bool sim_model_has(const struct sim_model_firmware *firmware, uint32_t fid);
/* The SPs with all of these properties, a bit each. */
uint8_t sim_model_sps_with(const struct sim_model_firmware *firmware, uint32_t properties);

bool sim_model_firmware_begun(const struct sim_model_firmware *firmware);
void sim_model_firmware_begin(struct sim_model_firmware *firmware);

/* A page is given back: not one that the SPMC has. */
void sim_model_page_freed(struct sim_model_scene *scene, const struct world_event *event);

#endif
