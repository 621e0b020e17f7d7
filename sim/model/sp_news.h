/* SPDX-License-Identifier: MIT */
/*
 * What the SPMC has said of a VM is remembered until a GET of the same maps has
 * succeeded that began after it was said. INFO_GET reports it once; a vCPU that
 * comes on line, or that is on line when another one goes, gets an NPI for it.
 *
 * When exactly it is remembered, reported and forgotten happens inside of the
 * mediator, so there are two bounds: what there surely is, and what there may
 * be. Both only look at when entries begin and end, and at SMCs, which are
 * atomic. What is surely there must be reported; what may be can be.
 *
 * Source: docs/design/notifications.md "SPs"; facts hypervisor-mediator.md
 * section 4.2, R5 and R13.
 */
#ifndef SIM_MODEL_SP_NEWS_H
#define SIM_MODEL_SP_NEWS_H

#include "sim/model/conduit.h"
#include "sim/model/sp_version.h"

#define SIM_MODEL_SECURE_MAPS (FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM)

/*
 * Of the INFO_GET that ends in this context, for whoever judges what VMs have set:
 * whether it reports something of the SPMC's, whatever else there is. To be asked before the
 * part "conduit" sees the end.
 */
enum sim_model_answer sim_model_info_of_spmc(const struct sim_run *run, uint32_t context);

/*
 * The SPMC's answer to the work names the VM: it may be told until the work goes on, and GETs that
 * began before that leave it alone. The work will have told it at the latest by done().
 */
void sim_model_news_may_come(struct sim_model_scene *scene, unsigned vm);
void sim_model_news_said(struct sim_model_scene *scene, unsigned vm);
void sim_model_news_done(struct sim_model_scene *scene, unsigned vm);

/*
 * Calls of the VM: the beginning and end of INFO_GET; the SPMC's yes to a GET of its maps, and the
 * end of that GET.
 */
void sim_model_info_get_begins(struct sim_model_scene *scene);
void sim_model_info_get_ends(struct sim_model_scene *scene, bool reported);
void sim_model_get_granted(struct sim_model_scene *scene, uint8_t maps);
void sim_model_get_ends(struct sim_model_scene *scene, uint8_t maps);

/* The end of a VM: nothing is remembered of it, and nobody waits for its NPI. */
void sim_model_news_forget(struct sim_model_conduit *conduit, unsigned vm);

/* A vCPU has gone off line: no NPI is due at it any more. */
void sim_model_vcpu_went_off(struct sim_model_scene *scene, const struct world_event *event);
/* The vCPUs of a VM that are on line now, a bit each. */
uint8_t sim_model_online(const struct sim_run *run, unsigned vm);

#endif
