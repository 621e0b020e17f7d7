/* SPDX-License-Identifier: MIT */
/* Shared by the files of the world. */
#ifndef EMU_WORLD_INTERNAL_H
#define EMU_WORLD_INTERNAL_H

#include "emu/world/world.h"

/* Passes an event on unless the world is quiet. */
void world_emit(struct world *world, const struct world_event *event);

/* Index of the VM with this endpoint id among those that exist, or WORLD_NO_VM; of several the one
 * that is most alive. */
uint32_t world_find_vm(const struct world *world, uint64_t id);

/* Performs the service at which the context stopped and fills in the answer. */
void world_serve(struct world *world, uint32_t context);

/* Memory (memory.c): the services, and what an event of the subject means. */
void world_serve_page_alloc(struct world *world, uint32_t context);
void world_serve_map(struct world *world, uint32_t context);
/* False if the page is not allocated. */
bool world_note_page_free(struct world *world, uint64_t physical);
/* Whether it is an allocated page of the hypervisor's own. */
bool world_is_own_page(const struct world *world, uint64_t physical);
/* Counts an allocation of the context; true if it is the one that fails. */
bool world_fail_alloc(struct world *world, uint32_t context);

/* Interrupts (interrupt.c). */
void world_serve_inject(struct world *world, uint32_t context);
void world_serve_online(struct world *world, uint32_t context);
void world_vcpu_went_off(struct world *world, uint32_t vm, uint32_t vcpu);
/* A GET of the VM has ended: its NPIs are spent if it left nothing pending. */
void world_note_get(struct world *world, uint32_t vm);

#endif
