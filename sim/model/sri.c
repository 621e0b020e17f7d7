/* SPDX-License-Identifier: MIT */
/*
 * The schedule receiver interrupt. The interrupt itself only asks for work. The
 * work asks the SPMC who is meant, until it has no more; whom an answer names, and
 * nobody else, is told with an NPI if it can be.
 *
 * Source: docs/design/notifications.md "The SRI"; facts hypervisor-mediator.md
 * sections 1.15 and 4.2, R14 and R15.
 */
#include "sim/model/conduit.h"

#include "sim/model/firmware.h"
#include "sim/model/sp_news.h"
#include "sim/run.h"

#define MAX_CALLS 16u /* of one run of the work */
#define MAX_RUNS  32u /* one behind the other */

/* FFA_NOTIFICATION_INFO_GET, its answer (facts spmc 1.8) */
#define MORE               UINT64_C(1)
#define LISTS(shape)       ((unsigned)((shape) >> 7 & 0x1f))
#define VCPUS(shape, list) ((unsigned)((shape) >> (12 + 2 * (list)) & 3))
#define FIRST_REG          3u
#define ID_REGS            5u

enum stage { ASKING, AGAIN, DONE };

/* The interrupt */

static void enter_interrupt(struct sim_model_scene *scene, const struct world_event *event)
{
	scene->talk->stage = sim_model_sp_notifications(scene->run) &&
	                     event->arg[0] == scene->conduit->firmware.sri;
}

/* It may have interrupted a section under any lock. */
static void act_interrupt(struct sim_model_scene *scene, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_DEFER && scene->talk->stage)
		return;
	sim_model_object(scene, "%s; allowed: %s",
	                 event->kind == WORLD_EVENT_LOCK     ? "takes a lock"
	                 : event->kind == WORLD_EVENT_INJECT ? "injects an interrupt"
	                 : event->kind == WORLD_EVENT_DEFER  ? "asks for work"
	                                                     : "uses a service",
	                 scene->talk->stage ? "to ask for work" : "nothing, it is not the SRI");
}

/* Whether work has begun that has not asked yet, or is to begin. */
static bool will_ask(const struct sim_model_scene *scene)
{
	bool found = scene->run->world->state.work != 0;

	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		const struct sim_model_talk *talk = &scene->conduit->talks[i];

		found |= talk->entry == SHIM_ENTRY_WORK && !talk->calls;
	}
	return found;
}

static void leave_interrupt(struct sim_model_scene *scene, const struct world_event *event)
{
	(void)event;
	if (scene->talk->stage && !will_ask(scene))
		scene->conduit->sri_owed = true;
}

const struct sim_model_rules sim_model_interrupt_rules = {
        .enter = enter_interrupt, .act = act_interrupt, .leave = leave_interrupt};

/* What runs when the SRI comes may still ask; at rest nothing does. */
void sim_model_sri_rest(struct sim_run *run)
{
	struct sim_model_conduit *conduit = &run->state.oracles.model.conduit;

	if (!conduit->sri_owed)
		return;
	conduit->sri_owed = false;
	sim_model_refute(run, "an SRI was taken, and the SPMC was not asked since; allowed: "
	                      "FFA_NOTIFICATION_INFO_GET_64 behind every SRI");
}

/* The work: what an answer says */

struct lists {
	bool more;
	sim_model_vm_set vms; /* that are named */
};

static uint16_t id_at(const struct ffa_regs *answer, unsigned place, unsigned per_reg)
{
	return (uint16_t)(answer->x[FIRST_REG + place / per_reg] >> 16 * (place % per_reg));
}

/* An answer with no list, or with more than its registers hold, is none. Of a list the endpoint
 * counts. */
static bool read_lists(const struct sim_run *run, const struct ffa_regs *answer,
                       struct lists *ret_lists)
{
	unsigned per_reg = ffa_fid_is_64bit((uint32_t)answer->x[0]) ? 4 : 2;
	unsigned room = ID_REGS * per_reg, count = LISTS(answer->x[2]), place = 0;

	*ret_lists = (struct lists){.more = (answer->x[2] & MORE) != 0};
	for (unsigned i = 0; i < count; i++) {
		unsigned vm;

		if (place >= room)
			return false;
		vm = sim_model_vm_of_id(run, id_at(answer, place, per_reg));
		if (vm != SIM_MODEL_NO_VM)
			ret_lists->vms |= (sim_model_vm_set)(1u << vm);
		place += 1 + VCPUS(answer->x[2], i);
	}
	return count != 0 && place <= room;
}

/* The work: whom it tells */

/* A VM that is being destroyed may still be told by somebody who found it before. */
static bool may_be_told(const struct sim_model_scene *scene, unsigned vm)
{
	const struct sim_model_vm *record = &scene->conduit->vms[vm];

	return (record->life == SIM_MODEL_LIVE || record->life == SIM_MODEL_ENDING) &&
	       sim_model_seen_notified(scene->run, record) != SIM_MODEL_NO;
}

static bool must_be_told(const struct sim_model_scene *scene, unsigned vm)
{
	const struct sim_model_vm *record = &scene->conduit->vms[vm];

	return record->life == SIM_MODEL_LIVE &&
	       sim_model_seen_notified(scene->run, record) == SIM_MODEL_YES;
}

static void name_vms(struct sim_model_scene *scene, sim_model_vm_set vms)
{
	for (unsigned i = 0; i < WORLD_MAX_VMS; i++) {
		if (vms >> i & 1)
			sim_model_news_may_come(scene, i);
		if (!(vms >> i & 1) || !must_be_told(scene, i))
			continue;
		scene->talk->owes |= (sim_model_vm_set)(1u << i);
		scene->talk->online[i] = sim_model_online(scene->run, i);
		sim_model_news_said(scene, i);
	}
}

/* The work goes on: everybody whom the last answer names has been told by now. */
static void close_answer(struct sim_model_scene *scene)
{
	struct sim_model_talk *talk = scene->talk;
	unsigned missed = SIM_MODEL_NO_VM;

	for (unsigned i = 0; i < WORLD_MAX_VMS; i++) {
		if (talk->listed >> i & 1)
			sim_model_news_may_come(scene, i);
		sim_model_news_done(scene, i);
		if (talk->owes >> i & 1 && talk->online[i] && missed == SIM_MODEL_NO_VM)
			missed = i;
		talk->online[i] = 0;
	}
	talk->owes = talk->listed = 0;
	if (missed != SIM_MODEL_NO_VM)
		sim_model_object(scene,
		                 "gives %s no NPI; allowed: one for every answer that names it "
		                 "(a vCPU is on line)",
		                 sim_model_vm_name(scene->run, missed));
}

/* Two conversations about "more to come" do not mix. */
static bool asks_alone(struct sim_model_scene *scene)
{
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		const struct sim_model_talk *talk = &scene->conduit->talks[i];

		if (i != scene->context && talk->entry == SHIM_ENTRY_WORK && talk->calls)
			return false;
	}
	return true;
}

static void turn_work(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	if (!sim_model_sp_notifications(scene->run) || scene->talk->stage == DONE)
		turn->end = true;
	else if (scene->talk->stage == ASKING)
		sim_model_say(turn, 0, (struct ffa_regs){{FFA_NOTIFICATION_INFO_GET_64}});
	else
		turn->act = "to ask for another run";
}

static void end_run(struct sim_model_scene *scene, bool more)
{
	uint8_t *runs = &scene->conduit->runs;

	if (!more || *runs + 1u == MAX_RUNS) {
		*runs = 0;
		scene->talk->stage = DONE;
	} else {
		++*runs;
		scene->talk->stage = AGAIN;
	}
}

static void hear_work(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_talk *talk = scene->talk;
	struct lists lists;

	close_answer(scene);
	if (talk->entry == SHIM_ENTRY_NONE)
		return;
	scene->conduit->sri_owed = false;
	if (!asks_alone(scene)) {
		sim_model_object(scene, "asks the SPMC while other work does; allowed: one "
		                        "conversation at a time");
		return;
	}
	talk->calls++;
	if (sim_model_status(answer) != FFA_OK || !read_lists(scene->run, answer, &lists)) {
		end_run(scene, false);
		return;
	}
	talk->listed = lists.vms;
	name_vms(scene, lists.vms);
	if (!lists.more || talk->calls == MAX_CALLS)
		end_run(scene, lists.more);
}

static void note_injection(struct sim_model_scene *scene, const struct world_event *event)
{
	unsigned vm = sim_model_vm_of_index(scene->run, event->vm);
	sim_model_vm_set bit;

	if (vm == SIM_MODEL_NO_VM)
		return;
	bit = (sim_model_vm_set)(1u << vm);
	if (!(scene->talk->listed & bit) || !may_be_told(scene, vm)) {
		sim_model_object(scene, "injects an interrupt into %s; allowed: none (%s)",
		                 sim_model_vm_name(scene->run, vm),
		                 scene->talk->listed & bit ? "it has no notifications"
		                                           : "the SPMC's answer does not name it");
		return;
	}
	sim_model_news_done(scene, vm);
	if (event->result == SHIM_INJECT_DROPPED)
		return;
	scene->talk->owes &= (sim_model_vm_set)~bit;
	scene->talk->online[vm] = 0;
}

static void act_work(struct sim_model_scene *scene, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_INJECT) {
		note_injection(scene, event);
	} else if (event->kind == WORLD_EVENT_DEFER && scene->talk->stage == AGAIN) {
		scene->talk->stage = DONE;
	} else if (event->kind == WORLD_EVENT_DEFER) {
		sim_model_object(scene, "asks for another run; allowed: only with more to come, "
		                        "and not for ever");
	}
}

static void leave_work(struct sim_model_scene *scene, const struct world_event *event)
{
	(void)event;
	close_answer(scene);
}

const struct sim_model_rules sim_model_work_rules = {
        .turn = turn_work, .hear = hear_work, .act = act_work, .leave = leave_work};

/* A vCPU comes on line or goes */

/* What there is to fetch is told to the vCPU that comes, or to others when one goes. */
static void enter_vcpu(struct sim_model_scene *scene, const struct world_event *event)
{
	unsigned vm = sim_model_vm_of_id(scene->run, (uint32_t)event->arg[0]);
	struct sim_model_talk *talk = scene->talk;
	uint8_t online;

	talk->vm = (uint8_t)vm;
	if (vm == SIM_MODEL_NO_VM || scene->conduit->vms[vm].life != SIM_MODEL_LIVE)
		return;
	online = sim_model_online(scene->run, vm);
	if (talk->entry == SHIM_ENTRY_VCPU_ON)
		online &= (uint8_t)(1u << event->arg[1]);
	talk->due = scene->conduit->vms[vm].due != 0;
	talk->online[vm] = talk->due ? online : 0;
}

static void act_vcpu(struct sim_model_scene *scene, const struct world_event *event)
{
	if (event->kind != WORLD_EVENT_INJECT || event->result == SHIM_INJECT_DROPPED ||
	    scene->talk->vm == SIM_MODEL_NO_VM)
		return;
	scene->talk->due = false;
	scene->talk->online[scene->talk->vm] = 0;
}

static void leave_vcpu(struct sim_model_scene *scene, const struct world_event *event)
{
	const struct sim_model_talk *talk = scene->talk;

	(void)event;
	if (talk->due && talk->vm != SIM_MODEL_NO_VM && talk->online[talk->vm])
		sim_model_object(scene, "raises no NPI; allowed: one (the SPMC has said that there "
		                        "is something for the VM, and no GET has fetched it "
		                        "since)");
}

const struct sim_model_rules sim_model_vcpu_rules = {
        .enter = enter_vcpu, .act = act_vcpu, .leave = leave_vcpu};
