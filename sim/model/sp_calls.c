/* SPDX-License-Identifier: MIT */
/*
 * Calls of guests that have to do with SPs: what is checked here, what goes on
 * to the SPMC with which registers, what its answer becomes. Everything else
 * says nothing to it.
 */
#include "sim/model/conduit.h"

#include "abi/ffa_decode.h"
#include "sim/model/firmware.h"
#include "sim/model/sp_news.h"
#include "sim/run.h"

#define GET_FLAGS (SIM_MODEL_SECURE_MAPS | FFA_NOTIFICATION_GET_VM | FFA_NOTIFICATION_GET_HYP)

/* What comes of a call, as far as its own parameters tell. */
enum fate {
	NONE_OF_OURS, /* no SP has to do with it */
	INVALID,
	FORWARDED, /* if notifications of SPs are there */
};

static struct sim_model_vm *caller(const struct sim_model_scene *scene)
{
	return &scene->conduit->vms[scene->talk->vm];
}

static uint16_t own_id(const struct sim_model_scene *scene)
{
	return scene->run->world->config.vms[scene->talk->vm].id.v;
}

static bool has_bits(const struct sim_model_talk *talk)
{
	return talk->arg[3] != 0 || talk->arg[4] != 0;
}

/* BIND and UNBIND: the VM receives what an SP sends; flags are never allowed. */
static enum fate fate_of_binding(const struct sim_model_scene *scene)
{
	const struct sim_model_talk *talk = scene->talk;

	if (!ffa_id_is_secure(ffa_make_id(ffa_high_half(talk->arg[1]))))
		return NONE_OF_OURS;
	return ffa_low_half(talk->arg[1]) == own_id(scene) && talk->arg[2] == 0 && has_bits(talk)
	               ? FORWARDED
	               : INVALID;
}

static enum fate fate_of_set(const struct sim_model_scene *scene)
{
	const struct sim_model_talk *talk = scene->talk;

	if (!ffa_id_is_secure(ffa_make_id(ffa_low_half(talk->arg[1]))))
		return NONE_OF_OURS;
	return ffa_high_half(talk->arg[1]) == own_id(scene) && talk->arg[2] == 0 && has_bits(talk)
	               ? FORWARDED
	               : INVALID;
}

/* A GET that is wrong is wrong for everybody; one of VMs' maps only is for nobody here. */
static enum fate fate_of_get(const struct sim_model_scene *scene)
{
	const struct sim_model_talk *talk = scene->talk;
	const struct world_vm_config *vm = &scene->run->world->config.vms[talk->vm];

	if (ffa_low_half(talk->arg[1]) != vm->id.v || ffa_high_half(talk->arg[1]) >= vm->vcpus ||
	    (talk->arg[2] & ~GET_FLAGS) != 0)
		return NONE_OF_OURS;
	return talk->arg[2] & SIM_MODEL_SECURE_MAPS && sim_model_sp_notifications(scene->run)
	               ? FORWARDED
	               : NONE_OF_OURS;
}

static enum fate fate_of(const struct sim_model_scene *scene)
{
	switch (scene->talk->arg[0]) {
	case FFA_NOTIFICATION_BIND_32:
	case FFA_NOTIFICATION_UNBIND_32:
		return fate_of_binding(scene);
	case FFA_NOTIFICATION_SET_32:
		return fate_of_set(scene);
	case FFA_NOTIFICATION_GET_32:
		return fate_of_get(scene);
	default:
		return NONE_OF_OURS;
	}
}

/* What it says: its own arguments, or of a GET only the maps that are the SPMC's. */
static struct ffa_regs forwarded(const struct sim_model_talk *talk)
{
	if (talk->arg[0] == FFA_NOTIFICATION_GET_32)
		return (struct ffa_regs){
		        {talk->arg[0], talk->arg[1], talk->arg[2] & SIM_MODEL_SECURE_MAPS}};
	return (struct ffa_regs){
	        {talk->arg[0], talk->arg[1], talk->arg[2], talk->arg[3], talk->arg[4]}};
}

static void enter_call(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_talk *talk = scene->talk;
	unsigned vm = sim_model_vm_of_index(scene->run, event->vm);

	talk->vm = (uint8_t)vm;
	for (unsigned i = 0; i < G_N_ELEMENTS(talk->arg); i++)
		talk->arg[i] = (uint32_t)event->regs->x[i];
	if (talk->arg[0] == FFA_NOTIFICATION_INFO_GET_32 ||
	    talk->arg[0] == FFA_NOTIFICATION_INFO_GET_64)
		sim_model_info_get_begins(scene);
}

static void turn_call(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	enum sim_model_answer offered = sim_model_caller_notified(scene->run, caller(scene));
	bool forwards = !scene->talk->calls && sim_model_sp_notifications(scene->run) &&
	                offered != SIM_MODEL_NO && fate_of(scene) == FORWARDED;

	if (forwards)
		sim_model_say(turn, 0, forwarded(scene->talk));
	turn->end = !forwards || offered == SIM_MODEL_MAYBE;
}

static void hear_call(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_talk *talk = scene->talk;
	uint8_t maps = (uint8_t)(talk->arg[2] & SIM_MODEL_SECURE_MAPS);

	talk->calls = 1;
	talk->status = sim_model_status(answer);
	if (talk->arg[0] != FFA_NOTIFICATION_GET_32 || talk->status != FFA_OK)
		return;
	if (maps & FFA_NOTIFICATION_GET_SP) {
		talk->maps[0] = (uint32_t)answer->x[2];
		talk->maps[1] = (uint32_t)answer->x[3];
	}
	if (maps & FFA_NOTIFICATION_GET_SPM)
		talk->maps[2] = (uint32_t)answer->x[6];
	sim_model_get_granted(scene, maps);
}

/* The one answer to a call that names an SP. */
static int32_t due_status(const struct sim_model_scene *scene)
{
	if (scene->talk->calls)
		return scene->talk->status;
	if (sim_model_caller_notified(scene->run, caller(scene)) == SIM_MODEL_NO)
		return FFA_NOT_SUPPORTED;
	return fate_of(scene) == INVALID ? FFA_INVALID_PARAMETERS : FFA_NOT_SUPPORTED;
}

static void check_status(struct sim_model_scene *scene, int32_t got)
{
	int32_t status = due_status(scene);
	char text[16], allowed[16];

	if (got == status ||
	    (got == FFA_NOT_SUPPORTED && !scene->talk->calls &&
	     sim_model_caller_notified(scene->run, caller(scene)) == SIM_MODEL_MAYBE))
		return;
	sim_model_object(scene, "is answered %s; allowed: %s (%s)",
	                 sim_model_status_text(got, text, sizeof text),
	                 sim_model_status_text(status, allowed, sizeof allowed),
	                 scene->talk->calls ? "the SPMC's" : "without asking the SPMC");
}

/* Where the maps of SPs, of the SPM and of the mediator itself are in an answer. */
static void check_maps(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	static const unsigned places[] = {2, 3, 6, 7};

	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
		uint64_t due = i < G_N_ELEMENTS(scene->talk->maps) ? scene->talk->maps[i] : 0;

		if (answer->x[places[i]] == due)
			continue;
		sim_model_object(scene,
		                 "is answered 0x%" G_GINT64_MODIFIER
		                 "x in x%u; allowed: 0x%" G_GINT64_MODIFIER "x (%s)",
		                 answer->x[places[i]], places[i], due,
		                 scene->talk->calls ? "as far as the SPMC was asked"
		                                    : "the SPMC was not asked");
		return;
	}
}

static void leave_get(struct sim_model_scene *scene, const struct ffa_regs *answer, int32_t status)
{
	uint8_t maps = (uint8_t)(scene->talk->arg[2] & SIM_MODEL_SECURE_MAPS);

	if (scene->talk->calls && (status != FFA_OK || scene->talk->status != FFA_OK)) {
		check_status(scene, status);
	} else if (status == FFA_OK) {
		sim_model_get_ends(scene, scene->talk->calls ? maps : 0);
		check_maps(scene, answer);
	}
}

static void leave_call(struct sim_model_scene *scene, const struct world_event *event)
{
	uint32_t fid = scene->talk->arg[0];
	int32_t status = ffa_answer_status(fid, event->regs);

	if (fid == FFA_NOTIFICATION_INFO_GET_32 || fid == FFA_NOTIFICATION_INFO_GET_64)
		sim_model_info_get_ends(scene, status == FFA_OK);
	else if (fid == FFA_NOTIFICATION_GET_32)
		leave_get(scene, event->regs, status);
	else if (fate_of(scene) != NONE_OF_OURS)
		check_status(scene, status);
}

const struct sim_model_rules sim_model_call_rules = {
        .enter = enter_call, .turn = turn_call, .hear = hear_call, .leave = leave_call};
