/* SPDX-License-Identifier: MIT */
#include "sim/model/sp_news.h"

#include "sim/model/firmware.h"
#include "sim/run.h"

static struct sim_model_vm *vm_of(struct sim_model_scene *scene, unsigned vm)
{
	return &scene->conduit->vms[vm];
}

static bool report_always(const struct sim_run *run)
{
	return sim_model_word(run, "info-get-always");
}

/* Whether the talk is such a call of the VM. */
static bool is_call(const struct sim_model_talk *talk, unsigned vm, uint32_t fid)
{
	return talk->entry == SHIM_ENTRY_GUEST_CALL && talk->vm == vm && talk->arg[0] == fid;
}

static bool is_info_get(const struct sim_model_talk *talk, unsigned vm)
{
	return is_call(talk, vm, FFA_NOTIFICATION_INFO_GET_32) ||
	       is_call(talk, vm, FFA_NOTIFICATION_INFO_GET_64);
}

static bool is_get(const struct sim_model_talk *talk, unsigned vm)
{
	return is_call(talk, vm, FFA_NOTIFICATION_GET_32) &&
	       (talk->arg[2] & SIM_MODEL_SECURE_MAPS) != 0;
}

/* What was said of the VM and is not told yet may be reported, or fetched, as soon as it is. */
static void shake(struct sim_model_conduit *conduit, unsigned vm, bool fetched)
{
	sim_model_vm_set bit = (sim_model_vm_set)(1u << vm);

	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		struct sim_model_talk *talk = &conduit->talks[i];

		talk->shaky_news |= talk->saying & bit;
		if (fetched)
			talk->shaky |= talk->saying & bit;
	}
}

/* The work may be about to tell the VM, or the next one of its id. */
static bool is_saying(const struct sim_model_conduit *conduit, unsigned vm)
{
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++)
		if ((conduit->talks[i].saying | conduit->talks[i].listed) >> vm & 1)
			return true;
	return false;
}

void sim_model_news_may_come(struct sim_model_scene *scene, unsigned vm)
{
	vm_of(scene, vm)->maybe = SIM_MODEL_SECURE_MAPS;
	vm_of(scene, vm)->maybe_news = true;
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		struct sim_model_talk *talk = &scene->conduit->talks[i];

		if (is_info_get(talk, vm))
			talk->maybe = talk->overtaken = true;
		else if (is_get(talk, vm))
			talk->overtaken = true;
	}
}

/* A GET that the SPMC has answered surely leaves alone what is said from then on. */
void sim_model_news_said(struct sim_model_scene *scene, unsigned vm)
{
	sim_model_vm_set bit = (sim_model_vm_set)(1u << vm);

	scene->talk->saying |= bit;
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		struct sim_model_talk *talk = &scene->conduit->talks[i];

		if (is_info_get(talk, vm))
			scene->talk->shaky_news |= bit;
	}
}

void sim_model_news_done(struct sim_model_scene *scene, unsigned vm)
{
	sim_model_vm_set bit = (sim_model_vm_set)(1u << vm);
	struct sim_model_talk *talk = scene->talk;

	if (!(talk->saying & bit))
		return;
	if (!(talk->shaky & bit))
		vm_of(scene, vm)->due = SIM_MODEL_SECURE_MAPS;
	if (!((talk->shaky | talk->shaky_news) & bit))
		vm_of(scene, vm)->news = true;
	talk->saying &= (sim_model_vm_set)~bit;
	talk->shaky &= (sim_model_vm_set)~bit;
	talk->shaky_news &= (sim_model_vm_set)~bit;
}

void sim_model_info_get_begins(struct sim_model_scene *scene)
{
	struct sim_model_talk *talk = scene->talk;
	struct sim_model_vm *vm = vm_of(scene, talk->vm);
	bool always = report_always(scene->run);

	talk->due = always ? vm->due != 0 : vm->news;
	talk->maybe =
	        (always ? vm->maybe != 0 : vm->maybe_news) || is_saying(scene->conduit, talk->vm);
	if (!always)
		vm->news = false;
	shake(scene->conduit, talk->vm, false);
}

enum sim_model_answer sim_model_info_of_spmc(const struct sim_run *run, uint32_t context)
{
	const struct sim_model_talk *talk = &run->state.oracles.model.conduit.talks[context];

	if (talk->due)
		return SIM_MODEL_YES;
	return talk->maybe ? SIM_MODEL_MAYBE : SIM_MODEL_NO;
}

void sim_model_info_get_ends(struct sim_model_scene *scene, bool reported)
{
	struct sim_model_talk *talk = scene->talk;
	struct sim_model_vm *vm = vm_of(scene, talk->vm);

	if (talk->due && !reported) {
		sim_model_object(scene,
		                 "answers NO_DATA; allowed: SUCCESS (the SPMC has said that there "
		                 "is something for the VM, and no GET has fetched it since)");
		return;
	}
	if (!talk->overtaken && !is_saying(scene->conduit, talk->vm) && !vm->news)
		vm->maybe_news = false;
}

/* What the call or the vCPU was surely to be told may be fetched by now. */
static void release(struct sim_model_talk *talk, unsigned vm)
{
	bool is_vcpu = talk->entry == SHIM_ENTRY_VCPU_ON || talk->entry == SHIM_ENTRY_VCPU_OFF;

	if (talk->vm != vm || (!is_vcpu && !is_info_get(talk, vm)))
		return;
	talk->due = false;
	if (is_vcpu)
		talk->online[vm] = 0;
}

/* From now on what was said before may be forgotten at any moment, and nothing else. */
void sim_model_get_granted(struct sim_model_scene *scene, uint8_t maps)
{
	unsigned index = scene->talk->vm;
	struct sim_model_vm *vm = vm_of(scene, index);

	shake(scene->conduit, index, true);
	vm->due &= (uint8_t)~maps;
	if (vm->due)
		return;
	vm->news = false;
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++)
		release(&scene->conduit->talks[i], index);
}

void sim_model_get_ends(struct sim_model_scene *scene, uint8_t maps)
{
	struct sim_model_vm *vm = vm_of(scene, scene->talk->vm);

	if (scene->talk->overtaken || is_saying(scene->conduit, scene->talk->vm))
		return;
	vm->maybe &= (uint8_t)~maps | vm->due;
	if (!vm->maybe)
		vm->maybe_news = false;
}

/* What the work has yet to tell may reach the next VM of the id: it is none that surely has it. */
void sim_model_news_forget(struct sim_model_conduit *conduit, unsigned vm)
{
	conduit->vms[vm].due = conduit->vms[vm].maybe = 0;
	conduit->vms[vm].news = conduit->vms[vm].maybe_news = false;
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		struct sim_model_talk *talk = &conduit->talks[i];

		talk->shaky |= talk->saying & (sim_model_vm_set)(1u << vm);
		talk->shaky_news |= talk->saying & (sim_model_vm_set)(1u << vm);
		talk->owes &= (sim_model_vm_set) ~(1u << vm);
		talk->online[vm] = 0;
	}
}

void sim_model_vcpu_went_off(struct sim_model_scene *scene, const struct world_event *event)
{
	unsigned vm = sim_model_vm_of_index(scene->run, event->vm);

	if (vm == SIM_MODEL_NO_VM)
		return;
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++)
		scene->conduit->talks[i].online[vm] &= (uint8_t) ~(1u << event->vcpu);
}

uint8_t sim_model_online(const struct sim_run *run, unsigned vm)
{
	uint8_t online = 0;

	for (unsigned i = 0; i < run->world->config.vm_count; i++)
		for (unsigned j = 0; sim_model_vm_of_index(run, i) == vm && j < WORLD_MAX_VCPUS;
		     j++)
			if (run->world->state.vms[i].vcpus[j].online)
				online |= (uint8_t)(1u << j);
	return online;
}
